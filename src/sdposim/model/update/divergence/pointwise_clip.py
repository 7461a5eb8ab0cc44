"""Forward KL whose terms are clipped (an option of OPSD's code, arXiv 2601.18734)."""

from sdposim.model import parts
from sdposim.numerics.jit import jit

COST = 1.5


class Settings(parts.Settings):
    """What `pointwise_clip` reads."""

    bound: float = parts.field(
        0.05,
        "tau of sum_v min(p_v log(p_v / pi_v), tau), in nats. The value is of vocabularies of 10^5 "
        "tokens; with eight it clips ordinary guidance.",
        gt=0,
        le=1000,
    )


@jit
def pointwise_clip(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i (m_v p_v - pi_v sum_u m_u p_u), m the terms below the bound.

    The token that a teacher wants most is clipped first, and is then pushed down.
    """
    out[:] = 0.0
    for i in range(lanes):
        kept = 0.0
        for v in range(out.size):
            term = teacher[v, i] * (log_teacher[v, i] - log_own[v])
            if term < settings.bound:
                kept += teacher[v, i]
                out[v] += weights[i] * teacher[v, i]
        for v in range(out.size):
            out[v] -= weights[i] * kept * own[v]
