"""Credit by a token's share of the local quality: the advantage-weighted baseline, section 2.4."""

from typing import Literal

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import inline, jit, unlikely
from sdposim.model.numerics.randomness import normals
from sdposim.model.policy import rows_of
from sdposim.model.score import reverse, weighted

SEES = ("quality",)
COST = 0.19


class Settings(parts.Settings):
    """What `quality_share` reads."""

    direction: Literal["printed", "reversed"] = parts.field(
        "reversed",
        "As of `sequence`, for the advantage-weighted method's gradient. The sign of table 2 says "
        "so; the rewards do not.",
    )
    mean: Literal["policy", "tokens", "all", "batch", "rollout"] = parts.field(
        "rollout",
        "qbar_t of equation 5, not in the paper: `policy` is E_pi[q(t, .)]; `tokens` the mean of "
        "q(t, v) over all v, `all` over all t and v; `batch` the mean of q(t, s_t) over a step's "
        "rollouts, `rollout` over the positions of the rollout itself. With the weights as "
        "printed, `rollout` is likely by the joint fit.",
    )
    share: Literal["signed", "undivided", "absolute", "softmax"] = parts.field(
        "signed",
        "Equation 5's weight of an advantage, of d_t = q(t, s_t) - qbar_t: `signed` is d_t / (sum "
        "|d| + epsilon), as printed; `undivided` d_t, which fits as well; `absolute` |d_t| / (sum "
        "|d| + epsilon); `softmax` exp(d_t) / sum exp(d).",
    )
    epsilon: float = parts.field(1e-8, "epsilon of equation 5. Not in the paper.", gt=0, le=1000)
    estimate_sd: float = parts.field(
        0.0,
        "SD of the error of equation 5's 'local quality estimates', drawn anew for each token of "
        "each rollout. Not in the paper; 0 takes q itself.",
        ge=0,
        le=1000,
    )


REVERSED = Settings.code("direction", "reversed")
OF_POLICY, OF_TOKENS = Settings.code("mean", "policy"), Settings.code("mean", "tokens")
OF_ALL, OF_BATCH = Settings.code("mean", "all"), Settings.code("mean", "batch")
OF_ROLLOUT = Settings.code("mean", "rollout")
UNDIVIDED, ABSOLUTE = Settings.code("share", "undivided"), Settings.code("share", "absolute")
SOFTMAX = Settings.code("share", "softmax")


@inline
def quality_share(settings, landscape, run, key, step, advantages, work, out):
    """Equation 5: the score weighted by (q(t, s_it) - qbar_t) / (sum_t' |.| + epsilon)."""
    values, local, divisors = work.credit_values, work.local, work.mass
    credit_values(landscape.quality, work.advantages, settings.mean, values)
    estimated(
        key, settings.estimate_sd, step, advantages.size, values, work.tokens, work.contexts,
        work.noise, local,
    )  # fmt: skip
    centre(local, advantages.size, settings.mean, divisors)
    shares(local, advantages.size, settings.share, settings.epsilon, divisors)
    weighted(
        work.tokens, work.contexts, advantages, local, divisors, work.probabilities, work.sums, out
    )
    if settings.direction == REVERSED:
        reverse(out)


@jit
def credit_values(quality, advantages, mean, values):
    """q(t, v) - qbar_t, as far as it is the same for all rollouts, to values (C, V).

    The `batch` and the `rollout` mean are of what was sampled: `centre` subtracts them.

    Args:
        quality: q, (T, V).
        advantages: A*, (C, V).
        mean: a code of the setting `mean`.
        values: (C, V), written.
    """
    if mean == OF_POLICY:
        for c in range(values.shape[0]):
            for v in range(values.shape[1]):
                values[c, v] = advantages[c, v]
        return
    length, vocabulary = quality.shape
    rows = rows_of(values, length)
    total = 0.0
    for t in range(length):
        row = 0.0
        for v in range(vocabulary):
            row += quality[t, v]
        total += row
        for c in range(t * rows, (t + 1) * rows):
            for v in range(vocabulary):
                values[c, v] = quality[t, v] - (row / vocabulary if mean == OF_TOKENS else 0.0)
    if mean == OF_ALL:
        for c in range(values.shape[0]):
            for v in range(vocabulary):
                values[c, v] -= total / (length * vocabulary)


@jit
def estimated(key, sd, step, count, values, tokens, contexts, deviates, local):
    """Fill local (T, L) with what the rollouts' tokens are worth.

    With estimates, q(t, s_it) carries N(0, sd^2), anew for each token of each rollout: the deviates
    of one (step, t) are an array as `normals` fills it.
    """
    half = (count + 1) // 2
    length = local.shape[0]
    for t in range(length):
        row, worth, own, where = local[t], values[t], tokens[t], contexts[t]
        if not unlikely(values.shape[0] > length):
            for i in range(count):
                row[i] = worth[own[i]]
        else:
            for i in range(count):
                row[i] = values[where[i], own[i]]
        if sd > 0.0:
            normals(key, (step * length + t) * half, deviates)
            for i in range(count):
                row[i] += sd * deviates[i]


@jit
def centre(local, count, mean, means):
    """Subtract the `batch` or the `rollout` mean of `credit_values` from local (T, L) in place.

    `means` (L,) are overwritten.
    """
    length = local.shape[0]
    if mean == OF_BATCH:
        for t in range(length):
            row = local[t]
            total = 0.0
            for i in range(count):
                total += row[i]
            for i in range(count):
                row[i] -= total / count
    if mean == OF_ROLLOUT:  # rollouts inside, so that it vectorises
        for i in range(count):
            means[i] = 0.0
        for t in range(length):
            row = local[t]
            for i in range(count):
                means[i] += row[i]
        for i in range(count):
            means[i] /= length
        for t in range(length):
            row = local[t]
            for i in range(count):
                row[i] -= means[i]


@jit
def shares(local, count, share, epsilon, divisors):
    """Turn d_t = q(t, s_t) - qbar_t, local (T, L), into weights of the rollouts' advantages.

    Args:
        local: the numerators when it is done, in place.
        count: n, the number of rollouts.
        share: a code of the setting `share`.
        epsilon: keeps the fractions finite.
        divisors: (L,), written: the denominators.
    """
    length = local.shape[0]
    if share == SOFTMAX:
        for i in range(count):
            highest = local[0, i]
            for t in range(1, length):
                highest = max(highest, local[t, i])
            for t in range(length):
                local[t, i] = exp(local[t, i] - highest)
    for i in range(count):
        divisors[i] = 1.0 if share == UNDIVIDED else 0.0
    if share == UNDIVIDED:
        return
    for t in range(length):
        row = local[t]
        for i in range(count):
            divisors[i] += abs(row[i])
        if share == ABSOLUTE:
            for i in range(count):
                row[i] = abs(row[i])
    if share != SOFTMAX:
        for i in range(count):
            divisors[i] += epsilon
