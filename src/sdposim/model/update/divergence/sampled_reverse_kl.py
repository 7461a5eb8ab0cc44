"""Reverse KL of sampled tokens, in score form (TRL's default of SDPO)."""

from sdposim.model import parts
from sdposim.numerics.jit import jit

COST = 0.9


class Settings(parts.Settings):
    """What `sampled_reverse_kl` reads."""

    baseline: bool = parts.field(
        False,
        "Add the constant KL(student || teacher) to what a token gets, which leaves the mean and "
        "lowers the variance (vOPD, arXiv 2605.07865).",
    )


@jit
def sampled_reverse_kl(
    settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out
):  # fmt: skip
    """sum_i w_i A_i (e_{s_i} - pi) with A_i = log(teacher_i / pi) of the token that was sampled.

    Its mean is that of `reverse_kl` only for teachers that do not depend on that token.
    """
    out[:] = 0.0
    total = 0.0
    for i in range(lanes):
        if weights[i] == 0.0:
            continue
        token = chosen[i]
        advantage = log_teacher[token, i] - log_own[token]
        if settings.baseline:
            for v in range(out.size):
                advantage += own[v] * (log_own[v] - log_teacher[v, i])
        out[token] += weights[i] * advantage
        total += weights[i] * advantage
    for v in range(out.size):
        out[v] -= total * own[v]
