"""Guidance by the true token qualities, in proportion to the feedback, section 2.3."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline

SEES = ("feedback", "quality")
COST = 0.21


class Settings(parts.Settings):
    """What `oracle` reads."""

    strength: float = parts.field(
        2.0, "beta of equation 2. Not in the paper; by the joint fit.", ge=-1000, le=1000
    )


@inline
def oracle(settings, landscape, c, t, count, work, out):
    """beta f (q - h), of a teacher that knows q and was told f."""
    for v in range(out.shape[0]):
        row, guide = out[v], work.drawn[v]
        for i in range(count):
            own = work.members[i]
            row[i] = settings.strength * work.said[own] * guide[own]


@inline
def tilts(settings, feedback, lanes, tilt):
    """beta f, by which this teacher's logits rise for each unit of q - h.

    Args:
        feedback: (L,), the distinct feedback values f of the batch.
        lanes: how many there are, padded.
        tilt: (L,), written.
    """
    for i in range(lanes):
        tilt[i] = feedback[i] * settings.strength


QUICK = tilts
