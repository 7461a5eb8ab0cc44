"""Sections 2.3 to 2.5: descent directions of the methods, equations 2 to 6.

Each function fills a negative gradient of its loss with respect to the logits, shape (T, V): the
direction in which the method moves the policy. To add a method: name it here, write its direction
and give it a branch in `training.direction`. See docs/extending.md.
"""

from enum import IntEnum
from typing import NamedTuple

from sdposim.simulation.arithmetic import exp, exp2, log, sigmoid
from sdposim.simulation.jit import inline, jit


class Method(IntEnum):
    """The methods by their names in the configuration."""

    sdpo = 0
    reinforce = 1
    adv_weighted = 2
    hybrid = 3


SDPO, REINFORCE = int(Method.sdpo), int(Method.reinforce)
ADV_WEIGHTED, HYBRID = int(Method.adv_weighted), int(Method.hybrid)


class MethodSettings(NamedTuple):
    """The `methods` group of a setting, as numbers."""

    feedback_strength: float
    hybrid_threshold: float
    credit_epsilon: float
    kl_weight: float
    kl_on_baselines: bool


def method_settings(settings: dict) -> MethodSettings:
    """The `methods` group of a setting in the kernel's form."""
    return MethodSettings(
        feedback_strength=float(settings["feedback_strength"]),
        hybrid_threshold=float(settings["hybrid_threshold"]),
        credit_epsilon=float(settings["credit_epsilon"]),
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
def adv_weighted_direction(
    tokens, advantages, probabilities, true_advantages, epsilon, totals, out
):
    """Equation 5: the score of equation 4 weighted by each token's share of the local quality.

    Args:
        tokens: uint64 (T, L).
        advantages: (n,), R_i - Rbar.
        probabilities: (T, V).
        true_advantages: (T, V), q(t, v) - E_pi[q(t, .)].
        epsilon: keeps the share finite.
        totals: (T,), overwritten.
        out: (T, V), written.
    """
    out[:] = 0.0
    totals[:] = 0.0
    length = out.shape[0]
    for i in range(advantages.size):
        spread = 0.0
        for t in range(length):
            spread += abs(true_advantages[t, tokens[t, i]])
        scale = advantages[i] / (spread + epsilon)
        for t in range(length):
            credit = scale * true_advantages[t, tokens[t, i]]
            out[t, tokens[t, i]] += credit
            totals[t] += credit
    complete_scores(probabilities, totals, advantages.size, out)


@jit
def hybrid_weight(divergence, threshold):
    """Section 2.5: alpha = sigmoid((D - tau) / (tau / 3)), the weight of SDPO in equation 6."""
    return sigmoid((divergence - threshold) / (threshold / 3.0))
