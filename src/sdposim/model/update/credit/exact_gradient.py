"""The policy gradient by enumeration: what every unbiased credit estimates, without its noise."""

from sdposim.model.coalitions import action_values
from sdposim.numerics.jit import jit

SEES = ("coalitions",)
FACTORED = True  # the table of coalitions takes positions for independent
COST = 600.0


@jit
def exact_gradient(landscape, run, key, step, advantages, work, out):
    """out = pi_t (Q_t - E R) for all tokens, Q_t(v) = E[R | s_t = v]: the gradient of E R.

    It knows the reward function, as an exact critic does. Neither the rollouts nor their
    `advantages` change it: an upper bound for what credit can do, whatever a judge says.
    """
    action_values(work.coalitions, out)
    for t in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[t, v] *= work.probabilities[t, v]
