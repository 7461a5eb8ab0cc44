"""Guidance by the true token qualities, in proportion to the feedback, section 2.3."""

from sdposim.model import parts
from sdposim.numerics.jit import inline

SEES = ("feedback", "quality")
COST = 0.21


class Settings(parts.Settings):
    """What `oracle` reads."""

    strength: float = parts.field(
        2.0, "beta of equation 2. Not in the paper; by the joint fit.", ge=-1000, le=1000
    )


@inline
def oracle(settings, feedback, lanes, tilt):
    """The tilt beta f of a teacher that knows q and was told f."""
    for i in range(lanes):
        tilt[i] = feedback[i] * settings.strength
