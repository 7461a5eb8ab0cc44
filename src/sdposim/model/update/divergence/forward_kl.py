"""Cross-entropy with the teacher's whole distribution, section 2.3."""

from sdposim.model.numerics.jit import inline, jit
from sdposim.model.teacher import weighted_sum

COST = 1.23


@jit
def forward_kl(teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i (teacher_i - pi), the descent direction of sum_i w_i KL(teacher_i || pi)."""
    total = weighted_sum(work.ones, weights, lanes, work.partial)
    for v in range(out.size):
        out[v] = weighted_sum(teacher[v], weights, lanes, work.partial) - total * own[v]


@inline
def mean_pull(teacher, share, count, lanes, partial, probabilities, out):
    """Equation 3: out = (1/n) sum_i (teacher_i - pi), the descent direction of KL(teacher || pi).

    Args:
        teacher: (V, L), the teachers, unnormalised.
        share: (L,), what makes of a column of `teacher` the teacher's probabilities times the
            number of rollouts that have it.
        count: the number of rollouts that came by.
        lanes: L as far as it is used, a multiple of 8.
        partial: (8,), overwritten.
        probabilities: (V,), the student's.
        out: (V,), written: the mean direction over these rollouts.
    """
    for v in range(out.size):
        out[v] = weighted_sum(teacher[v], share, lanes, partial)
    for v in range(out.size):
        out[v] = out[v] / count - probabilities[v]


QUICK = mean_pull
