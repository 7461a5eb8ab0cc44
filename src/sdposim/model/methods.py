"""Sections 2.3 to 2.5: descent directions of the methods, equations 2 to 6.

Each function fills a negative gradient of its loss with respect to the logits, shape (T, V): the
direction in which the method moves the policy. To add a method: name it here, write its direction
and give it a branch in `training.direction`. See docs/extending.md.
"""

from enum import IntEnum
from typing import NamedTuple

from sdposim.numerics.arithmetic import exp, exp2, log, sigmoid
from sdposim.numerics.jit import inline, jit


class Method(IntEnum):
    """The methods by their names in the configuration."""

    sdpo = 0
    reinforce = 1
    adv_weighted = 2
    hybrid = 3


SDPO, REINFORCE = int(Method.sdpo), int(Method.reinforce)
ADV_WEIGHTED, HYBRID = int(Method.adv_weighted), int(Method.hybrid)


class CreditMean(IntEnum):
    """Readings of equation 5's qbar by their names in the configuration, see `credit_values`."""

    policy = 0
    tokens = 1
    all = 2
    batch = 3
    rollout = 4


class CreditShare(IntEnum):
    """Readings of equation 5's fraction by their names in the configuration, see `shares`."""

    signed = 0
    undivided = 1
    absolute = 2
    softmax = 3


OF_POLICY, OF_TOKENS, OF_ALL = map(int, (CreditMean.policy, CreditMean.tokens, CreditMean.all))
OF_BATCH, OF_ROLLOUT = int(CreditMean.batch), int(CreditMean.rollout)
UNDIVIDED = int(CreditShare.undivided)
ABSOLUTE, SOFTMAX = int(CreditShare.absolute), int(CreditShare.softmax)


class MethodSettings(NamedTuple):
    """The `methods` group of a setting, as numbers."""

    feedback_strength: float
    hybrid_threshold: float
    hybrid_sparse_reversed: bool
    reinforce_reversed: bool
    adv_weighted_reversed: bool
    credit_mean: int
    credit_share: int
    credit_epsilon: float
    credit_estimate_sd: float
    kl_weight: float
    kl_on_baselines: bool


REVERSED = "reversed"
"""The direction of a baseline whose gradient is added to the logits instead of subtracted."""


def method_settings(settings: dict) -> MethodSettings:
    """The `methods` group of a setting in the kernel's form."""
    return MethodSettings(
        feedback_strength=float(settings["feedback_strength"]),
        hybrid_threshold=float(settings["hybrid_threshold"]),
        hybrid_sparse_reversed=settings["hybrid_sparse_direction"] == REVERSED,
        reinforce_reversed=settings["reinforce_direction"] == REVERSED,
        adv_weighted_reversed=settings["adv_weighted_direction"] == REVERSED,
        credit_mean=int(CreditMean[settings["credit_mean"]]),
        credit_share=int(CreditShare[settings["credit_share"]]),
        credit_epsilon=float(settings["credit_epsilon"]),
        credit_estimate_sd=float(settings["credit_estimate_sd"]),
        kl_weight=float(settings["kl_weight"]),
        kl_on_baselines=bool(settings["kl_on_baselines"]),
    )


# exp of a teacher's shift neither overflows nor vanishes up to here.
LARGEST_SHIFT = 300.0


@inline
def raised_student(probabilities, exponent, guidance, lanes, teacher, total, guided):
    """Equation 2 at one position: pi 2**(exponent g), unnormalised; every rollout has its own g.

    For shifts |beta f g| up to `LARGEST_SHIFT`; it needs neither the largest logit nor a second
    pass. Arguments as in `teacher_position`, and:

    Args:
        probabilities: (V,), the student's.
        exponent: (L,), beta f / ln 2.
    """
    for i in range(lanes):
        total[i] = 0.0
        guided[i] = 0.0
    for v in range(probabilities.size):
        row, guide, student = teacher[v], guidance[v], probabilities[v]
        for i in range(lanes):
            raised = student * exp2(exponent[i] * guide[i])
            row[i] = raised
            total[i] += raised
            guided[i] += raised * guide[i]


@inline
def commonly_raised_student(probabilities, exponent, guidance, lanes, teacher, total, guided):
    """As `raised_student`, when all rollouts share the guidance (V,)."""
    for i in range(lanes):
        total[i] = 0.0
        guided[i] = 0.0
    for v in range(probabilities.size):
        row, guide, student = teacher[v], guidance[v], probabilities[v]
        for i in range(lanes):
            raised = student * exp2(exponent[i] * guide)
            row[i] = raised
            total[i] += raised
            guided[i] += raised * guide


@jit
def teacher_position(logits, strength, guidance, lanes, teacher, top, total, guided):
    """Equation 2 at one position, for all rollouts: softmax(l + beta f (q - h)), unnormalised.

    The loops run over tokens outside and rollouts ("lanes") inside, so that everything vectorises
    in strict arithmetic without changing any order of summation. Safe for logits of any size.

    Args:
        logits: (V,), the student's.
        strength: (L,), beta f.
        guidance: (V, L), q - h.
        lanes: how many columns to compute.
        teacher: (V, L), written: exp(teacher logit - top).
        top: (L,), written: the largest teacher logit.
        total: (L,), written: sum over tokens of `teacher`.
        guided: (L,), written: sum over tokens of `teacher` * guidance.
    """
    for i in range(lanes):
        top[i] = logits[0] + strength[i] * guidance[0, i]
        total[i] = 0.0
        guided[i] = 0.0
    for v in range(logits.size):
        row, guide, logit = teacher[v], guidance[v], logits[v]
        for i in range(lanes):
            raised = logit + strength[i] * guide[i]
            row[i] = raised
            top[i] = raised if raised > top[i] else top[i]
    for v in range(logits.size):
        row, guide = teacher[v], guidance[v]
        for i in range(lanes):
            row[i] = exp(row[i] - top[i])
        for i in range(lanes):
            total[i] += row[i]
            guided[i] += row[i] * guide[i]


@inline
def normalise(weights, strength, top, total, guided, log_normaliser, lanes, divergence):
    """Turn `total` into each rollout's share of the sum of teachers, and add up divergences.

    KL(teacher || student) at one position, in nats, for teacher logits l + beta f g is
    beta f E_teacher[g] - (log Z_teacher - log Z).

    Args:
        weights: (L,), how many rollouts have this teacher.
        strength, top, total, guided: as in `teacher_position`; `total` is overwritten by
            weight / total.
        log_normaliser: log Z, or 0 if the teacher was built from probabilities.
        lanes: how many columns there are.
        divergence: (L,), increased.
    """
    for i in range(lanes):
        share = 1.0 / total[i]
        divergence[i] += strength[i] * (guided[i] * share) - (
            top[i] + log(total[i]) - log_normaliser
        )
        total[i] = weights[i] * share


@inline
def weighted_sums(teacher, share, lanes, partial, out):
    """out[v] = sum_i share[i] teacher[v, i]; `lanes` is a multiple of 8.

    Eight partial sums, kept in `partial` (8,) and added in a fixed order: the same bits whatever
    the width of the CPU's vectors.
    """
    for v in range(out.size):
        row = teacher[v]
        for j in range(8):
            partial[j] = 0.0
        for i in range(0, lanes, 8):
            for j in range(8):
                partial[j] += share[i + j] * row[i + j]
        even = (partial[0] + partial[4]) + (partial[2] + partial[6])
        out[v] = even + ((partial[1] + partial[5]) + (partial[3] + partial[7]))


@inline
def complete_scores(probabilities, totals, count, out):
    """out = (out - total_t pi_t) / n: the mean score, where out (T, V) holds sum_i A_i e_{s_it}."""
    for t in range(out.shape[0]):
        row, policy, total = out[t], probabilities[t], totals[t]
        for v in range(row.size):
            row[v] = (row[v] - total * policy[v]) / count


@jit
def reinforce_direction(tokens, advantages, probabilities, totals, out):
    """Equation 4: out = (1/n) sum_i (R_i - Rbar)(e_{s_it} - pi_t).

    Positions are the inner loop: a peaked policy would make neighbouring rollouts add to one
    number, each waiting for the last.

    Args:
        tokens: uint64 (T, L).
        advantages: (n,), R_i - Rbar.
        probabilities: (T, V).
        totals: (T,), overwritten.
        out: (T, V), written.
    """
    out[:] = 0.0
    total = 0.0
    for i in range(advantages.size):
        total += advantages[i]
        for t in range(out.shape[0]):
            out[t, tokens[t, i]] += advantages[i]
    totals[:] = total
    complete_scores(probabilities, totals, advantages.size, out)


@jit
def credit_values(quality, advantages, mean, values):
    """q(t, v) - qbar_t of equation 5, as far as it is the same for all rollouts, to values (T, V).

    Readings of qbar_t, which the paper does not define:

    - `policy`: E_{v ~ pi_t}[q(t, v)], so that values are A*;
    - `tokens`: (1/V) sum_v q(t, v);
    - `all`: (1/TV) sum_tv q(t, v);
    - `batch`: (1/n) sum_i q(t, s_it), and `rollout`: (1/T) sum_t' q(t', s_it'), the mean over one
      rollout's own tokens. These are of what was sampled: `centre` subtracts them.

    Args:
        quality: q, (T, V).
        advantages: A*, (T, V).
        mean: a `CreditMean`.
        values: (T, V), written.
    """
    length, vocabulary = quality.shape
    if mean == OF_POLICY:
        for t in range(length):
            for v in range(vocabulary):
                values[t, v] = advantages[t, v]
        return
    total = 0.0
    for t in range(length):
        row = 0.0
        for v in range(vocabulary):
            row += quality[t, v]
        total += row
        for v in range(vocabulary):
            values[t, v] = quality[t, v] - (row / vocabulary if mean == OF_TOKENS else 0.0)
    if mean == OF_ALL:
        for t in range(length):
            for v in range(vocabulary):
                values[t, v] -= total / (length * vocabulary)


@jit
def centre(local, count, mean):
    """Subtract the `batch` or the `rollout` mean of `credit_values` from local (T, L) in place."""
    length = local.shape[0]
    if mean == OF_BATCH:
        for t in range(length):
            row = local[t]
            total = 0.0
            for i in range(count):
                total += row[i]
            for i in range(count):
                row[i] -= total / count
    if mean == OF_ROLLOUT:
        for i in range(count):
            total = 0.0
            for t in range(length):
                total += local[t, i]
            for t in range(length):
                local[t, i] -= total / length


@jit
def shares(local, count, share, epsilon, divisors):
    """Turn d_t = q(t, s_t) - qbar_t, local (T, L), into weights of the rollouts' advantages.

    Readings of equation 5's fraction:

    - `signed`, as printed: d_t / (sum_t' |d_t'| + epsilon);
    - `undivided`: d_t;
    - `absolute`: |d_t| / (sum_t' |d_t'| + epsilon);
    - `softmax`: exp(d_t) / sum_t' exp(d_t').

    Args:
        local: the numerators when it is done, in place.
        count: n, the number of rollouts.
        share: a `CreditShare`.
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


@jit
def adv_weighted_direction(
    tokens, advantages, probabilities, local, mean, share, epsilon, divisors, totals, out
):
    """Equation 5: the score of equation 4 weighted by each token's share of the local quality.

    Args:
        tokens: uint64 (T, L).
        advantages: (n,), R_i - Rbar.
        probabilities: (T, V).
        local: (T, L), q(t, s_it) less the part of qbar in `credit_values`; overwritten.
        mean, share: the readings, a `CreditMean` and a `CreditShare`.
        epsilon: keeps the share finite.
        divisors: (L,), overwritten.
        totals: (T,), overwritten.
        out: (T, V), written.
    """
    out[:] = 0.0
    totals[:] = 0.0
    length = out.shape[0]
    centre(local, advantages.size, mean)
    shares(local, advantages.size, share, epsilon, divisors)
    for i in range(advantages.size):
        scale = advantages[i] / divisors[i]
        for t in range(length):
            credit = scale * local[t, i]
            out[t, tokens[t, i]] += credit
            totals[t] += credit
    complete_scores(probabilities, totals, advantages.size, out)


@jit
def reverse(direction):
    """Turn a direction (T, V) round: a gradient that is added where it is to be subtracted."""
    for t in range(direction.shape[0]):
        for v in range(direction.shape[1]):
            direction[t, v] = -direction[t, v]


@jit
def hybrid_weight(divergence, threshold):
    """Section 2.5: alpha = sigmoid((D - tau) / (tau / 3)), the weight of SDPO in equation 6."""
    return sigmoid((divergence - threshold) / (threshold / 3.0))
