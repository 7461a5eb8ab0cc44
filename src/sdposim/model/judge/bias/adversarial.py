"""A judge who says the opposite of some rollouts."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import uniforms


class Settings(parts.Settings):
    """What `adversarial` reads."""

    share: float = parts.field(
        0.1, "The probability that a rollout's reward is turned. Not in the paper.", ge=0, le=1
    )


@jit
def adversarial(settings, landscape, key, step, work, rewards, observed):
    """R is taken for 1 - R where uniform number k n + i of rollout i in step k is below the share.

    The mean of what is judged is R + share (1 - 2 R): rewards' differences shrink by 1 - 2 share.
    """
    chance = work.noise
    uniforms(key, step * observed.size, chance)
    for i in range(observed.size):
        if chance[i] < settings.share:
            observed[i] += 1.0 - 2.0 * rewards[i]
