"""A fixed share of each term."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline


class Settings(parts.Settings):
    """What `convex` reads."""

    weight: float = parts.field(
        0.5, "w of w teacher + (1 - w) credit: 1 is the teacher's term alone.", ge=0, le=1
    )


@inline
def convex(settings, divergence, routed, second, out):
    """w out + (1 - w) second."""
    for c in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[c, v] = settings.weight * out[c, v] + (1.0 - settings.weight) * second[c, v]
    return settings.weight
