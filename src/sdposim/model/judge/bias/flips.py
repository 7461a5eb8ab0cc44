"""A judge who is wrong about some rollouts, and about which kind more often (arXiv 2510.00915)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import uniforms


class Settings(parts.Settings):
    """What `flips` reads."""

    false_pass: float = parts.field(
        0.2,
        "Probability that a failed rollout is said to pass, 1 - TNR. Not in the paper.",
        ge=0,
        le=1,
    )
    false_fail: float = parts.field(
        0.05,
        "Probability that a passed rollout is said to fail, 1 - TPR. Not in the paper.",
        ge=0,
        le=1,
    )
    cut: float = parts.field(
        0.5,
        "A rollout has passed when its observed reward exceeds this: the cut of binary feedback.",
        ge=-1000,
        le=1000,
    )


@jit
def flips(settings, landscape, key, step, work, rewards, observed):
    """What is observed, with its noise, x, is reflected about the cut, to 2 cut - x.

    So binary feedback of the same cut is the other one, and finer feedback as far on the other
    side. Rollout i of step k is flipped if uniform number k n + i is below the probability of its
    kind; with both 1/2 binary feedback says nothing.
    """
    chance = work.noise
    uniforms(key, step * observed.size, chance)
    for i in range(observed.size):
        passed = observed[i] > settings.cut
        if chance[i] < (settings.false_fail if passed else settings.false_pass):
            observed[i] = 2.0 * settings.cut - observed[i]
