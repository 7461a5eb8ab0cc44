"""Divergences over the student's most likely tokens (SDPO, arXiv 2601.20802, appendix A.3)."""

from typing import Literal

from sdposim.model import parts
from sdposim.numerics.arithmetic import log
from sdposim.numerics.jit import jit

COST = 5.0
_LEAST = 1e-300  # of a probability whose logarithm is taken


class Settings(parts.Settings):
    """What `top_k` reads."""

    k: int = parts.field(
        4, "K, how many of the student's most likely tokens count; ties by number.", ge=1, le=4096
    )
    divergence: Literal["forward_kl", "reverse_kl", "jsd"] = parts.field(
        "reverse_kl", "Which divergence, over these tokens; `jsd` with a = 1/2."
    )
    tail: Literal["bucket", "renormalised", "none"] = parts.field(
        "bucket",
        "What becomes of the other tokens: one `bucket` that both fill, as lasgroup/SDPO; left out "
        "and the rest `renormalised`, as TRL; or left out with nothing in return, `none`, whose "
        "reverse KL leaks mass to the tail (arXiv 2605.11182).",
    )


FORWARD = Settings.code("divergence", "forward_kl")
REVERSE = Settings.code("divergence", "reverse_kl")
BUCKET = Settings.code("tail", "bucket")
RENORMALISED = Settings.code("tail", "renormalised")


@jit
def top_k(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out):
    """The descent direction of sum_i w_i D(student, teacher_i) over K tokens and perhaps a bucket.

    With x and y the student's and the teacher's masses of a token or of the bucket, each divergence
    is a sum of d(x, y); with d' its derivative by x, the direction of a token is pi times the mean
    of d' over what the student has, less d' of where the token is.
    """
    out[:] = 0.0
    inside, mass = work.mixed, most_likely(own, settings.k, work.mixed)
    for i in range(lanes):
        if weights[i] == 0.0:
            continue
        taught = 0.0
        for v in range(own.size):
            taught += inside[v] * teacher[v, i]
        mine, theirs = (mass, taught) if settings.tail == RENORMALISED else (1.0, 1.0)
        rest = slope(settings.divergence, max(1.0 - mass, 0.0), max(1.0 - taught, 0.0))
        tailed = settings.tail == BUCKET and settings.k < own.size
        expected = max(1.0 - mass, 0.0) * rest if tailed else 0.0
        for v in range(own.size):
            if inside[v] == 1.0:
                expected += (
                    own[v]
                    / mine
                    * slope(settings.divergence, own[v] / mine, teacher[v, i] / theirs)
                )
        for v in range(own.size):
            if inside[v] == 1.0:
                x, y = own[v] / mine, teacher[v, i] / theirs
                out[v] += weights[i] * x * (expected - slope(settings.divergence, x, y))
            elif tailed:
                out[v] += weights[i] * own[v] * (expected - rest)
            elif settings.tail != RENORMALISED:
                out[v] += weights[i] * own[v] * expected


@jit
def slope(divergence, mine, theirs):
    """d'(x, y) of a divergence that is a sum of d(x, y), the derivative by the student's mass x.

    -y / x of forward KL, y log(y / x); log(x / y) + 1 of reverse KL, x log(x / y); and half of
    log(x / m), m = (x + y) / 2, of the Jensen-Shannon divergence.
    """
    x, y = max(mine, _LEAST), max(theirs, _LEAST)
    if divergence == FORWARD:
        return -y / x
    if divergence == REVERSE:
        return log(x) - log(y) + 1.0
    return 0.5 * (log(x) - log(0.5 * x + 0.5 * y))


@jit
def most_likely(probabilities, count, out):
    """Mark the `count` largest with 1 in out (V,), the others with 0; ties by number.

    Returns:
        Their sum.
    """
    out[:] = 0.0
    total = 0.0
    for _ in range(min(count, probabilities.size)):
        best = -1
        for v in range(probabilities.size):
            if out[v] == 0.0 and (best < 0 or probabilities[v] > probabilities[best]):
                best = v
        out[best] = 1.0
        total += probabilities[best]
    return total
