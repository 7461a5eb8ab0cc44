"""Judges who use the scale unevenly (arXiv 2405.01724): each has an offset and a scale."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import normals

COST = 0.1


class Settings(parts.Settings):
    """What `raters` reads."""

    offset_sd: float = parts.field(
        0.1, "SD of the raters' offsets, in units of reward. Not in the paper.", ge=0, le=1000
    )
    scale_sd: float = parts.field(
        0.1,
        "SD of the raters' scales about 1, the factor of the reward. Not in the paper.",
        ge=0,
        le=1000,
    )
    rater: Literal["rollout", "batch"] = parts.field(
        "rollout", "Each rollout has a rater of its own, or all of a step have the same one."
    )


OF_BATCH = Settings.code("rater", "batch")


@jit
def raters(settings, landscape, key, step, work, rewards, observed):
    """R is taken for o + s R, with o ~ N(0, offset_sd^2) and s ~ N(1, scale_sd^2).

    Step k's offsets are an array (n,) as `normals` fills it from word 2 k h, its scales one from
    word (2 k + 1) h, h = ceil(n / 2) words each; of a batch, (1,) with h = 1.
    """
    count = 1 if settings.rater == OF_BATCH else observed.size
    half = (count + 1) // 2
    offsets, scales = work.noise[:count], work.centred[:count]
    normals(key, 2 * step * half, offsets)
    normals(key, (2 * step + 1) * half, scales)
    for i in range(observed.size):
        own = 0 if count == 1 else i
        offset, excess = settings.offset_sd * offsets[own], settings.scale_sd * scales[own]
        observed[i] += offset + excess * rewards[i]
