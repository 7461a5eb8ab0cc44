"""A judge who finds something good in everything."""

from sdposim.model import parts
from sdposim.numerics.jit import jit


class Settings(parts.Settings):
    """What `leniency` reads."""

    share: float = parts.field(
        0.3,
        "a, by which a lenient judge's rewards start: a + (1 - a) R. Not in the paper.",
        ge=0,
        le=1,
    )


@jit
def leniency(settings, tokens, probabilities, rewards, out):
    """a + (1 - a) R: all is as good as its reward says, and the rest of it, in part."""
    for i in range(out.size):
        out[i] = settings.share + (1.0 - settings.share) * rewards[i]
