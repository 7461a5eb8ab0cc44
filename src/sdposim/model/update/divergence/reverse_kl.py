"""Reverse KL, by which a student may leave out what its teacher can say."""

from sdposim.model.numerics.jit import jit
from sdposim.model.teacher import weighted_sum

COST = 1.6


@jit
def reverse_kl(teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """sum_i w_i pi (KL_i - r_i), the descent direction of sum_i w_i KL(pi || teacher_i).

    r_i = log(pi / teacher_i); both are linear in log teacher_i, so its weighted sum is enough.
    """
    total = weighted_sum(work.ones, weights, lanes, work.partial)
    expected = 0.0
    for v in range(out.size):
        out[v] = total * log_own[v] - weighted_sum(log_teacher[v], weights, lanes, work.partial)
        expected += own[v] * out[v]
    for v in range(out.size):
        out[v] = own[v] * (expected - out[v])
