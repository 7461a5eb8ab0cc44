"""Reverse KL by the rollouts' own tokens alone: the teacher's log-ratio as credit.

As the code of SDPO (arXiv 2601.20802) and TRL's have it.
"""

from sdposim.model import parts
from sdposim.model.numerics.jit import jit

COST = 1.2


class Settings(parts.Settings):
    """What `sampled_reverse_kl` reads."""

    baseline: bool = parts.field(
        False,
        "Add KL(student || teacher) to each token's credit, which makes its mean 0: a control "
        "variate as vOPD's (arXiv 2605.07865, of which only the abstract was read).",
    )


@jit
def sampled_reverse_kl(
    settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out
):
    """sum_i w_i A_i (e_s - pi), where A_i = log teacher_i(s) - log pi(s) [+ KL(pi || teacher_i)].

    The descent direction of sum_i w_i (-A_i log pi(s)) with A_i held fixed. Its mean over the token
    s is that of `reverse_kl` if the teacher does not depend on s.
    """
    divergences = work.moment
    for i in range(lanes):
        divergences[i] = 0.0
    if settings.baseline:
        for v in range(out.size):
            row, log_policy, policy = log_teacher[v], log_own[v], own[v]
            for i in range(lanes):
                divergences[i] += policy * (log_policy - row[i])
    out[:] = 0.0
    total = 0.0
    for i in range(lanes):
        token = chosen[i]
        credit = weights[i] * (log_teacher[token, i] - log_own[token] + divergences[i])
        out[token] += credit
        total += credit
    for v in range(out.size):
        out[v] -= total * own[v]
