"""Credit by what a token is worth on average: an exact critic of actions."""

from sdposim.model.coalitions import action_values
from sdposim.model.numerics.jit import jit
from sdposim.model.score import credited

SEES = ("coalitions",)
COST = 600.0


@jit
def action_value(landscape, run, key, step, advantages, work, out):
    """The score with A_it = Q_c(s_it) - V_c, Q_c(v) = E[R | c, s_t = v] in its context c.

    Unbiased, and of the unbiased credits of a rollout's own tokens that with the least variance. It
    knows the reward function, as an exact critic does, and does not read `advantages`.
    """
    action_values(
        work.probabilities, work.occupancy, landscape.target.size, work.coalitions, work.chances,
        work.credit_values,
    )  # fmt: skip
    for t in range(landscape.target.size):
        for i in range(run.rollouts):
            work.local[t, i] = work.credit_values[work.contexts[t, i], work.tokens[t, i]]
    credited(run.rollouts, work, out)
