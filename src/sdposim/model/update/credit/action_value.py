"""Credit by what a token is worth on average: an exact critic of actions."""

from sdposim.model.coalitions import action_values
from sdposim.model.score import credited
from sdposim.numerics.jit import jit

SEES = ("coalitions",)
FACTORED = True  # the table of coalitions takes positions for independent
COST = 600.0


@jit
def action_value(landscape, run, key, step, advantages, work, out):
    """The score with A_it = Q_t(s_it) - E R, Q_t(v) = E[R | s_t = v].

    Unbiased, and of the unbiased credits of a rollout's own tokens that with the least variance. It
    knows the reward function, as an exact critic does, and does not read `advantages`.
    """
    action_values(work.coalitions, work.credit_values)
    for t in range(out.shape[0]):
        for i in range(run.rollouts):
            work.local[t, i] = work.credit_values[t, work.tokens[t, i]]
    credited(run.rollouts, work, out)
