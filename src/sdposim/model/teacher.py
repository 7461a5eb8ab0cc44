"""Section 2.3: the self-teacher in a context, and its divergence from the student.

The loops run over tokens outside and rollouts ("lanes") inside, so that everything vectorises in
strict arithmetic without changing any order of summation.
"""

import numpy as np

from sdposim.model.numerics.arithmetic import exp, exp2, log
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.workspace import LANES

LARGEST_SHIFT = 300.0
"""exp of a teacher's shift neither overflows nor vanishes up to here."""


@jit
def tilted_logits(logits, tilt, guidance, lanes, teacher, highest, mass, moment):
    """Equation 2 in one context, for all its rollouts: softmax(l + beta f (q - h)), unnormalised.

    Safe for logits of any size.

    Args:
        logits: (V,), the teacher's base.
        tilt: (L,), beta f.
        guidance: (V, L), q - h.
        lanes: how many columns to compute.
        teacher: (V, L), written: exp(teacher logit - highest).
        highest: (L,), written: the largest teacher logit.
        mass: (L,), written: sum over tokens of `teacher`.
        moment: (L,), written: sum over tokens of `teacher` * guidance.
    """
    for i in range(lanes):
        highest[i] = logits[0] + tilt[i] * guidance[0, i]
        mass[i] = 0.0
        moment[i] = 0.0
    for v in range(logits.size):
        row, guide, logit = teacher[v], guidance[v], logits[v]
        for i in range(lanes):
            raised = logit + tilt[i] * guide[i]
            row[i] = raised
            highest[i] = raised if raised > highest[i] else highest[i]
    for v in range(logits.size):
        row, guide = teacher[v], guidance[v]
        for i in range(lanes):
            row[i] = exp(row[i] - highest[i])
        for i in range(lanes):
            mass[i] += row[i]
            moment[i] += row[i] * guide[i]


@inline
def tilted(probabilities, exponent, guidance, lanes, teacher, mass, moment):
    """The teacher of `tilted_logits` as pi 2**(exponent g), where every rollout has its own g.

    For shifts |beta f g| up to `LARGEST_SHIFT`; it needs neither the largest logit nor a second
    pass. Arguments as there, and:

    Args:
        probabilities: (V,), the base's.
        exponent: (L,), beta f / ln 2.
    """
    for i in range(lanes):
        mass[i] = 0.0
        moment[i] = 0.0
    for v in range(probabilities.size):
        row, guide, base = teacher[v], guidance[v], probabilities[v]
        for i in range(lanes):
            raised = base * exp2(exponent[i] * guide[i])
            row[i] = raised
            mass[i] += raised
            moment[i] += raised * guide[i]


@inline
def commonly_tilted(probabilities, exponent, guidance, lanes, teacher, mass, moment):
    """As `tilted`, when all rollouts share the guidance (V,)."""
    for i in range(lanes):
        mass[i] = 0.0
        moment[i] = 0.0
    for v in range(probabilities.size):
        row, guide, base = teacher[v], guidance[v], probabilities[v]
        for i in range(lanes):
            raised = base * exp2(exponent[i] * guide)
            row[i] = raised
            mass[i] += raised
            moment[i] += raised * guide


@inline
def normalise(weights, tilt, highest, mass, moment, log_normaliser, lanes, divergence):
    """Turn `mass` into each rollout's share of the sum of teachers, and add up divergences.

    KL(teacher || base) in one context, in nats, for teacher logits l + beta f g is
    beta f E_teacher[g] - (log Z_teacher - log Z).

    Args:
        weights: (L,), how many rollouts have this teacher.
        tilt, highest, mass, moment: as in `tilted_logits`; `mass` is overwritten by weight / mass.
        log_normaliser: log Z, or 0 if the teacher was built from probabilities.
        lanes: how many columns there are.
        divergence: (L,), increased.
    """
    for i in range(lanes):
        share = 1.0 / mass[i]
        divergence[i] += tilt[i] * (moment[i] * share) - (
            highest[i] + log(mass[i]) - log_normaliser
        )
        mass[i] = weights[i] * share


@inline
def weighted_sum(values, weights, lanes, partial):
    """sum_i values_i weights_i over lanes.

    Eight partial sums, added in a fixed order: the same bits whatever the width of the CPU's
    vectors.
    """
    for j in range(8):
        partial[j] = 0.0
    for i in range(0, lanes, 8):
        for j in range(8):
            partial[j] += weights[i + j] * values[i + j]
    even = (partial[0] + partial[4]) + (partial[2] + partial[6])
    return even + ((partial[1] + partial[5]) + (partial[3] + partial[7]))


@inline
def padded(count):
    """How many lanes `count` teachers take."""
    return (count + LANES - 1) // LANES * LANES


@jit
def those_in(context, contexts, places, rollouts, width, tilt, sources, own_weights, own_tilt):
    """The distinct teachers of the rollouts that came by a context.

    Args:
        context: its number.
        contexts: uint64 (L,), where each rollout was at this position.
        places: uint64 (L,), which feedback value each has.
        rollouts: n.
        width: how many values there are.
        tilt: (L,), of the values.
        sources: uint64 (L,), written: which values.
        own_weights: (L,), written: how many of these rollouts have each.
        own_tilt: (L,), written: the tilt of each.

    Returns:
        How many rollouts came by, and how many lanes are written: padding has no weight.
    """
    own_weights[:] = 0.0
    count = 0
    for i in range(rollouts):
        if contexts[i] == np.uint64(context):
            own_weights[places[i]] += 1.0
            count += 1
    result = 0
    for value in range(width):
        weight = own_weights[value]
        own_weights[value] = 0.0
        if weight > 0.0:
            sources[result], own_weights[result], own_tilt[result] = value, weight, tilt[value]
            result += 1
    lanes = padded(result)
    for i in range(result, lanes):
        sources[i], own_tilt[i] = 0, 0.0
    return count, lanes


@jit
def select(columns, sources, lanes, out):
    """Columns (V, L) by their numbers, the first `lanes` of `sources`, to out (V, L)."""
    for v in range(out.shape[0]):
        for i in range(lanes):
            out[v, i] = columns[v, sources[i]]


@jit
def spread(shared, lanes, guidance):
    """Fill guidance (V, L) with the guidance (V,) that all rollouts share."""
    for v in range(shared.size):
        row, value = guidance[v], shared[v]
        for i in range(lanes):
            row[i] = value


@jit
def largest(values):
    """The largest absolute value in an array."""
    size = 0.0
    for value in values.flat:
        size = max(size, abs(value))
    return size
