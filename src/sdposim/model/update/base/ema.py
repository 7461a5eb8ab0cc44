"""An exponential moving average of the student (SDPO, arXiv 2601.20802, section 3)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline, jit


class Settings(parts.Settings):
    """What `ema` reads."""

    rate: float = parts.field(
        0.05,
        "r of a teacher's base (1 - r) base + r student, formed after each step: 1 is the student, "
        "0 the initial policy.",
        ge=0,
        le=1,
    )


@jit
def begin(settings, step, work):
    """Move the average to the student's logits, before the first step its own."""
    for c in range(work.averaged.shape[0]):
        for v in range(work.averaged.shape[1]):
            work.averaged[c, v] += settings.rate * (work.logits[c, v] - work.averaged[c, v])


@inline
def ema(settings, c, work, out):
    """The average of the student's logits."""
    for v in range(out.size):
        out[v] = work.averaged[c, v]
