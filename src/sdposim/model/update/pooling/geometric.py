"""The geometric mean of the batch's teachers, which keeps what all of them may say."""

from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit
from sdposim.model.policy import log_softmax

COST = 1.0


@jit
def geometric(count, work):
    """p(v) proportional to prod_i p_i(v)^(w_i / sum_i w_i)."""
    total = 0.0
    for i in range(count):
        total += work.taught[work.members[i]]
    if total == 0.0:
        return
    means, pooled = work.tried, work.won
    for v in range(means.size):
        row, own = work.guidance[v], 0.0
        for i in range(count):
            own += work.taught[work.members[i]] * row[i]
        means[v] = own / total
    log_softmax(means, pooled)
    for v in range(means.size):
        row, out, share = work.guidance[v], work.teacher[v], exp(pooled[v])
        for i in range(count):
            row[i], out[i] = pooled[v], share
