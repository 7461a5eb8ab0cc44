"""The mixture of the batch's teachers, which keeps what any of them may say."""

import numpy as np

from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import jit

COST = 1.5


@jit
def arithmetic(count, work):
    """p(v) = sum_i w_i p_i(v) / sum_i w_i."""
    total = 0.0
    for i in range(count):
        total += work.taught[work.members[i]]
    if total == 0.0:
        return
    for v in range(work.tried.size):
        row, out = work.guidance[v], work.teacher[v]
        highest = -np.inf
        for i in range(count):
            if work.taught[work.members[i]] > 0.0:
                highest = max(highest, row[i])
        mass = 0.0
        for i in range(count):
            weight = work.taught[work.members[i]]
            if weight > 0.0:
                mass += weight * exp(row[i] - highest)
        pooled = highest + log(mass / total)
        share = exp(pooled)
        for i in range(count):
            row[i], out[i] = pooled, share
