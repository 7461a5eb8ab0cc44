"""Continuous feedback, section 2.2: the observed reward itself."""

from sdposim.model import parts
from sdposim.model.judge.clipping import clipped
from sdposim.model.numerics.jit import jit


class Settings(parts.Settings):
    """What `interval` reads."""

    clip: bool = parts.field(
        True,
        "Limit noisy continuous and critique feedback to [0, 1]. Not in the paper; the joint fit "
        "leaves it open.",
    )


@jit
def interval(settings, observed, values, weights, places):
    """f is the observed reward, limited to [0, 1] if so set."""
    for i in range(observed.size):
        values[i] = clipped(observed[i]) if settings.clip else observed[i]
        weights[i] = 1.0
    return observed.size
