"""Credit by exact Shapley values of tokens, after SCAR (arXiv 2505.20417, its abstract)."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.coalitions import coalition_value
from sdposim.model.numerics.jit import jit
from sdposim.model.score import credited

SEES = ("coalitions",)
FACTORED = True  # the table of coalitions takes positions for independent
COST = 640.0


class Settings(parts.Settings):
    """What `shapley` reads."""

    absent: Literal["policy", "fixed"] = parts.field(
        "policy",
        "What stands in the place of tokens outside a coalition: `policy` draws them, exactly; "
        "`fixed` puts token 0, a blank, which biases the gradient.",
    )
    terminal: float = parts.field(
        0.0, "alpha, the share of the rollout's advantage in the credit.", ge=0, le=1
    )


DRAWN = Settings.code("absent", "policy")


@jit
def shapley(settings, landscape, run, key, step, advantages, work, out):
    """The score with (1 - alpha) phi_it + alpha A_i.

    phi_t = sum over S without t of |S|! (T - |S| - 1)! / T! (v(S + t) - v(S)), where v(S) is the
    reward of the coalition S: E[R | s_S], or that with blanks. The phi of a rollout sum to R - E R,
    or R - R(blanks). With `policy` it is unbiased. It knows the reward function, as an exact critic
    does: only the terminal share reads `advantages`, and so a signal.
    """
    length, vocabulary = out.shape
    blank = vocabulary if settings.absent == DRAWN else 0
    for i in range(run.rollouts):
        for t in range(length):
            work.local[t, i] = settings.terminal * advantages[i]
        for members in range(1 << length):
            value = coalition_value(work.tokens, i, members, blank, vocabulary, work.coalitions)
            value *= 1.0 - settings.terminal
            size = 0
            for t in range(length):
                size += (members >> t) & 1
            gained = value * share_of_orders(size - 1, length)
            lost = value * share_of_orders(size, length)
            for t in range(length):
                work.local[t, i] += gained if (members >> t) & 1 else -lost
    credited(run.rollouts, work, out)


@jit
def share_of_orders(size, length):
    """size! (length - size - 1)! / length!: how often a token comes after just these, of all
    orders. Of no use, and 1 / length, outside 0..length - 1."""
    share = 1.0 / length
    for k in range(1, min(size, length - 1) + 1):
        share *= k / (length - k)
    return share
