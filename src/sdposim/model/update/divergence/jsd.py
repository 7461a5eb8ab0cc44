"""The generalised Jensen-Shannon divergence (as in SDPO, arXiv 2601.20802; OPSD, 2601.18734)."""

from sdposim.model import parts
from sdposim.model.teacher import weighted_sum
from sdposim.numerics.arithmetic import log
from sdposim.numerics.jit import jit

COST = 4.0
_LEAST = 1e-300  # of a probability whose logarithm is taken


class Settings(parts.Settings):
    """What `jsd` reads."""

    mix: float = parts.field(
        0.5,
        "a of a KL(teacher || M) + (1 - a) KL(student || M), M = (1 - a) student + a teacher. 0 is "
        "forward KL and 1 is reverse KL, as in the systems' codes, although the divergence itself "
        "vanishes there: it jumps at its ends.",
        ge=0,
        le=1,
    )


@jit
def jsd(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i (1 - a) pi (KL(pi || M_i) - log(pi / M_i)), the descent direction."""
    mix = settings.mix
    if mix == 0.0:
        total = weighted_sum(work.ones, weights, lanes, work.partial)
        for v in range(out.size):
            out[v] = weighted_sum(teacher[v], weights, lanes, work.partial) - total * own[v]
        return
    expected = 0.0
    for v in range(out.size):
        if mix == 1.0:
            for i in range(lanes):
                work.highest[i] = log_own[v] - log_teacher[v, i]
        else:
            for i in range(lanes):
                middle = (1.0 - mix) * own[v] + mix * teacher[v, i]
                work.highest[i] = log_own[v] - log(max(middle, _LEAST))
        out[v] = weighted_sum(work.highest, weights, lanes, work.partial)
        expected += own[v] * out[v]
    scale = 1.0 if mix == 1.0 else 1.0 - mix
    for v in range(out.size):
        out[v] = scale * own[v] * (expected - out[v])
