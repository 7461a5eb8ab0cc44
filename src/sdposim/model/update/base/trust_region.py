"""Between the initial policy and the student (SDPO, arXiv 2601.20802, equation 10)."""

from sdposim.model import parts
from sdposim.model.numerics.jit import inline


class Settings(parts.Settings):
    """What `trust_region` reads."""

    share: float = parts.field(
        0.5,
        "a of a teacher's base, proportional to initial^(1 - a) student^a: 1 is the student, 0 the "
        "initial policy. Their own value is not known here.",
        ge=0,
        le=1,
    )


@inline
def trust_region(settings, c, work, out):
    """Logits (1 - a) initial + a student: with the same guidance, the trust region's teacher."""
    initial, logits = work.initial[c], work.logits[c]
    for v in range(out.size):
        out[v] = (1.0 - settings.share) * initial[v] + settings.share * logits[v]
