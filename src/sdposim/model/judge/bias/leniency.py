"""A judge who finds something good in everything."""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit


class Settings(parts.Settings):
    """What `leniency` reads."""

    share: float = parts.field(
        0.3,
        "a, by which a lenient judge's rewards start: a + (1 - a) R. Not in the paper.",
        ge=0,
        le=1,
    )


@jit
def leniency(settings, landscape, key, step, work, rewards, observed):
    """Adds a (1 - R), a share of what a rollout lacks: R is taken for a + (1 - a) R."""
    for i in range(observed.size):
        observed[i] += settings.share * (1.0 - rewards[i])
