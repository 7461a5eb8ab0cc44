"""The generalised Jensen-Shannon divergence, between forward and reverse KL.

As SDPO (arXiv 2601.20802), OPSD (2601.18734) and TRL have it in their code.
"""

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.teacher import weighted_sum
from sdposim.model.update.divergence.forward_kl import forward_kl
from sdposim.model.update.divergence.reverse_kl import reverse_kl

COST = 3.6


class Settings(parts.Settings):
    """What `jsd` reads."""

    mix: float = parts.field(
        0.5,
        "a of the mixture M = (1 - a) student + a teacher. 0 is exactly forward KL and 1 exactly "
        "reverse KL, as in their code, though the divergence itself vanishes towards both: the "
        "loss is discontinuous there. Near the teacher its step is a (1 - a) of that of either, "
        "a quarter at 0.5.",
        ge=0,
        le=1,
    )


@jit
def jsd(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i (1 - a) pi (KL(pi || M_i) - m_i), where m_i = log(pi / M_i).

    The descent direction of sum_i w_i (a KL(teacher_i || M_i) + (1 - a) KL(pi || M_i)), with
    M_i = (1 - a) pi + a teacher_i.
    """
    mix, ratios = settings.mix, work.moment
    if mix == 0.0:
        forward_kl(teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out)
    elif mix == 1.0:
        reverse_kl(teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out)
    else:
        expected = 0.0
        for v in range(out.size):
            row, log_policy = log_teacher[v], log_own[v]
            for i in range(lanes):
                ratios[i] = log_over_mixture(mix, row[i] - log_policy)
            out[v] = weighted_sum(ratios, weights, lanes, work.partial)
            expected += own[v] * out[v]
        for v in range(out.size):
            out[v] = (1.0 - mix) * own[v] * (expected - out[v])


@inline
def log_over_mixture(mix, difference):
    """log(pi / M) from log(teacher / pi), of any size."""
    shift = difference if difference > 0.0 else 0.0
    larger = mix if difference > 0.0 else 1.0 - mix
    return -(shift + log(larger + (1.0 - larger) * exp(-abs(difference))))
