"""The policy gradient by enumeration: what every unbiased credit estimates, without its noise."""

from sdposim.model.coalitions import action_values
from sdposim.model.numerics.jit import jit

SEES = ("coalitions",)
COST = 600.0


@jit
def exact_gradient(landscape, run, key, step, advantages, work, out):
    """out = P(c) pi_c (Q_c - V_c) for all tokens, Q_c(v) = E[R | c, s_t = v]: the gradient of E R.

    In each context c, which a factored policy comes by with P = 1, and where V_c is E R then.

    It knows the reward function, as an exact critic does. Neither the rollouts nor their
    `advantages` change it: an upper bound for what credit can do, whatever a judge says.
    """
    action_values(
        work.probabilities,
        work.occupancy,
        landscape.target.size,
        work.coalitions,
        work.chances,
        out,
    )
    for c in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[c, v] *= work.occupancy[c] * work.probabilities[c, v]
