"""Section 2.7: the training loop of a cell, machine code once `numerics.jit` compiled it."""

from typing import NamedTuple

import numpy as np

from sdposim.model.feedback import (
    CRITIQUE,
    strengths,
)
from sdposim.model.landscape import (
    draw_landscape,
    rewards,
    token_values,
)
from sdposim.model.methods import (
    ADV_WEIGHTED,
    HYBRID,
    LARGEST_SHIFT,
    REINFORCE,
    SDPO,
    adv_weighted_direction,
    commonly_raised_student,
    credit_values,
    hybrid_weight,
    normalise,
    raised_student,
    reinforce_direction,
    reverse,
    teacher_position,
    weighted_sums,
)
from sdposim.model.metrics import credit_correlation, mean, true_advantages
from sdposim.model.policy import draw_logits, entropy, sample, softmax
from sdposim.numerics.arithmetic import LOG2_E
from sdposim.numerics.jit import inline, jit
from sdposim.numerics.randomness import (
    LARGEST_NORMAL,
    Purpose,
    normal_pairs,
    normals,
    uniforms,
)

METRICS = ("reward", "entropy", "credit_correlation", "hybrid_weight", "teacher_kl")
"""What is logged, in the order of the log's last axis."""

QUALITY, INITIAL_LOGITS = int(Purpose.QUALITY), int(Purpose.INITIAL_LOGITS)
ROLLOUTS, NOISE, HINTS = int(Purpose.ROLLOUTS), int(Purpose.NOISE), int(Purpose.HINTS)
ESTIMATES = int(Purpose.ESTIMATES)

LANES = 8  # rollouts are padded to a multiple of this, see methods.weighted_sums


class Keys(NamedTuple):
    """The random keys of a cell, each uint64 of shape (2,)."""

    rollouts: np.ndarray
    noise: np.ndarray
    hints: np.ndarray
    estimates: np.ndarray


class Run(NamedTuple):
    """What a cell is besides its landscape and its keys."""

    method: int
    feedback: int
    noise: float
    rollouts: int
    learning_rate: float
    initial_logit_sd: float
    draws_landscape: bool  # from its keys, rather than take the tables as they are


class Workspace(NamedTuple):
    """Arrays the kernel overwrites at every step; L is the padded number of rollouts."""

    logits: np.ndarray  # (T, V), the policy's parameters
    deviates: np.ndarray  # (T V,), standard deviates as they are drawn
    probabilities: np.ndarray  # (T, V)
    reference: np.ndarray  # (T, V)
    log_normalisers: np.ndarray  # (T,)
    advantages: np.ndarray  # (T, V), A*
    direction: np.ndarray  # (T, V)
    sparse: np.ndarray  # (T, V), the REINFORCE part of the hybrid
    credit_values: np.ndarray  # (T, V), what tokens are worth in equation 5
    local: np.ndarray  # (T, L), that of the rollouts' tokens
    values: np.ndarray  # (T, V), what a token adds to the reward's bracket
    cumulative: np.ndarray  # (V + 7,)
    tokens: np.ndarray  # (T, L); unsigned, so that an index needs no check of its sign
    uniform: np.ndarray  # (T, L)
    rewards: np.ndarray  # (n,)
    centred: np.ndarray  # (n,), R - mean R
    noise: np.ndarray  # (n,)
    strength: np.ndarray  # (L,), beta f
    exponent: np.ndarray  # (L,), beta f / ln 2
    weights: np.ndarray  # (L,)
    shared: np.ndarray  # (V,), guidance that all rollouts share
    guidance: np.ndarray  # (V, L)
    teacher: np.ndarray  # (V, L)
    top: np.ndarray  # (L,)
    total: np.ndarray  # (L,)
    guided: np.ndarray  # (L,)
    divergence: np.ndarray  # (L,)
    hints: np.ndarray  # (T, V), fixed hints, zero if there are none
    cosines: np.ndarray  # (V ceil(n / 2),), hints as they are drawn
    sines: np.ndarray  # likewise
    partial: np.ndarray  # (8,)
    totals: np.ndarray  # (T,), sums of advantages


@jit
def train_cells(
    keys, landscape, deviates, scales, run, methods, feedback, work, row_ends, logs, stopped
):
    """Train cells one after the other.

    Args:
        keys: uint64 (cells, 9, 2), the keys of each cell, from `cell_keys`.
        landscape, deviates: overwritten, unless the run does not draw its landscape.
        scales, run, methods, feedback: what all cells share.
        work: overwritten.
        row_ends: int64 (rows,), see `train`.
        logs: (cells, rows, 5), zeros; written.
        stopped: int64 (2,), written: the last cell trained, and 0 or the step (counted from 1) at
            which one of its numbers stopped being finite. Cells after it are not trained.
    """
    for cell in range(logs.shape[0]):
        own = keys[cell]
        fresh = cell == 0 or own[QUALITY, 0] != keys[cell - 1, QUALITY, 0]
        if run.draws_landscape and fresh:
            draw_landscape(own, scales, deviates, landscape)
        draw_logits(own[INITIAL_LOGITS], run.initial_logit_sd, work.deviates, work.logits)
        cell_keys = Keys(own[ROLLOUTS], own[NOISE], own[HINTS], own[ESTIMATES])
        stopped[0] = cell
        stopped[1] = run_cell(
            landscape, work.logits, cell_keys, run, methods, feedback, row_ends, work, logs[cell]
        )
        if stopped[1]:
            break


@jit
def run_cell(landscape, logits, keys, run, methods, feedback, row_ends, work, log):
    """The training loop. `logits` (T, V) is trained in place; `log` (rows, 5) is written.

    Returns:
        0, or the step (counted from 1) at which a number stopped being finite.
    """
    length, vocabulary = logits.shape
    half = (run.rollouts + 1) // 2
    token_values(landscape.quality, landscape.target, landscape.pattern_weight, work.values)
    softmax(logits, work.reference, work.log_normalisers)
    if run.feedback == CRITIQUE and not feedback.hint_per_rollout:
        draw_fixed_hints(keys.hints, feedback, work.deviates, work.hints)
    guidance_size = LARGEST_NORMAL * feedback.hint_sd if run.feedback == CRITIQUE else 0.0
    guidance_size += largest(landscape.quality)
    work.noise[:] = 0.0
    row = 0
    first = 0  # steps that earlier rows hold
    for step in range(row_ends[-1]):
        softmax(logits, work.probabilities, work.log_normalisers)
        true_advantages(landscape.quality, work.probabilities, work.advantages)
        for t in range(length):
            start = (step * length + t) * run.rollouts
            uniforms(keys.rollouts, start, work.uniform[t, : run.rollouts])
        sample(work.probabilities, work.uniform, run.rollouts, work.cumulative, work.tokens)
        rewards(work.values, landscape.bigram, work.tokens, run.rollouts, work.rewards)
        if run.noise > 0.0:
            normals(keys.noise, step * half, work.noise)
            for i in range(run.rollouts):
                work.noise[i] *= run.noise
        mean_reward = mean(work.rewards)
        for i in range(run.rollouts):
            work.centred[i] = work.rewards[i] - mean_reward

        weight, divergence = direction(
            landscape, logits, keys, run, methods, feedback, step, guidance_size, work
        )
        if methods.kl_weight > 0.0 and (
            methods.kl_on_baselines or run.method == SDPO or run.method == HYBRID
        ):
            for t in range(length):
                for v in range(vocabulary):
                    work.direction[t, v] -= methods.kl_weight * (
                        work.probabilities[t, v] - work.reference[t, v]
                    )

        log[row, 0] += mean_reward
        log[row, 1] += entropy(logits, work.probabilities, work.log_normalisers)
        log[row, 2] += credit_correlation(work.direction, work.advantages)
        log[row, 3] += weight
        log[row, 4] += divergence
        if step + 1 == row_ends[row]:
            for metric in range(log.shape[1]):
                log[row, metric] /= row_ends[row] - first
            first = row_ends[row]
            row += 1

        check = mean_reward  # stays finite if and only if all logits do
        for t in range(length):
            for v in range(vocabulary):
                logits[t, v] += run.learning_rate * work.direction[t, v]
                check += 0.0 * logits[t, v]
        if not np.isfinite(check):
            return step + 1
    return 0


@inline
def direction(landscape, logits, keys, run, methods, feedback, step, guidance_size, work):
    """Fill work.direction (T, V) with the method's step; equations 3 to 6.

    Returns:
        The hybrid's weight alpha and the mean teacher-student divergence, NaN where undefined.
    """
    weight = np.nan
    divergence = np.nan
    if run.method == SDPO or run.method == HYBRID:
        divergence = sdpo_direction(
            landscape, logits, keys, run, methods, feedback, step, guidance_size, work
        )
    if run.method == REINFORCE:
        reinforce_direction(
            work.tokens, work.centred, work.probabilities, work.totals, work.direction
        )
        if methods.reinforce_reversed:
            reverse(work.direction)
    if run.method == ADV_WEIGHTED:
        credit_values(landscape.quality, work.advantages, methods.credit_mean, work.credit_values)
        local_qualities(keys.estimates, methods.credit_estimate_sd, step, run.rollouts, work)
        adv_weighted_direction(
            work.tokens,
            work.centred,
            work.probabilities,
            work.local,
            methods.credit_mean,
            methods.credit_share,
            methods.credit_epsilon,
            work.total,
            work.totals,
            work.direction,
        )
        if methods.adv_weighted_reversed:
            reverse(work.direction)
    if run.method == HYBRID:
        reinforce_direction(work.tokens, work.centred, work.probabilities, work.totals, work.sparse)
        if methods.hybrid_sparse_reversed:
            reverse(work.sparse)
        weight = hybrid_weight(divergence, methods.hybrid_threshold)
        for t in range(logits.shape[0]):
            for v in range(logits.shape[1]):
                work.direction[t, v] = (
                    weight * work.direction[t, v] + (1.0 - weight) * work.sparse[t, v]
                )
    return weight, divergence


@inline
def sdpo_direction(landscape, logits, keys, run, methods, feedback, step, guidance_size, work):
    """Equation 3: work.direction = (1/n) sum_i (teacher_i - pi).

    Returns:
        KL(teacher || student) in nats, averaged over rollouts and positions.
    """
    # Taken out of the tuple once: passing all of `work` to a function costs as much as its loops.
    strength, exponent, weights = work.strength, work.exponent, work.weights
    shared, guidance, teacher = work.shared, work.guidance, work.teacher
    top, total, guided, divergences = work.top, work.total, work.guided, work.divergence
    partial, out = work.partial, work.direction
    cosines, sines = work.cosines, work.sines
    length, vocabulary = logits.shape
    width = strengths(run.feedback, feedback, work.rewards, work.noise, strength, weights)
    lanes = (width + LANES - 1) // LANES * LANES
    for i in range(lanes):
        strength[i] *= methods.feedback_strength
        exponent[i] = LOG2_E * strength[i]
        divergences[i] = 0.0
        top[i] = 0.0
    own = run.feedback == CRITIQUE and feedback.hint_per_rollout
    small = largest(strength[:lanes]) * guidance_size <= LARGEST_SHIFT
    for t in range(length):
        quality, probabilities = landscape.quality[t], work.probabilities[t]
        if own:
            own_guidance(
                quality, keys.hints, feedback, step * length + t, run.rollouts, cosines, sines,
                lanes, guidance,
            )  # fmt: skip
        else:
            for v in range(vocabulary):
                shared[v] = quality[v] - feedback.hint_sd * work.hints[t, v]
        normaliser = 0.0
        if small and own:
            raised_student(probabilities, exponent, guidance, lanes, teacher, total, guided)
        elif small:
            commonly_raised_student(probabilities, exponent, shared, lanes, teacher, total, guided)
        else:
            if not own:
                spread(shared, lanes, guidance)
            teacher_position(logits[t], strength, guidance, lanes, teacher, top, total, guided)
            normaliser = work.log_normalisers[t]
        normalise(weights, strength, top, total, guided, normaliser, lanes, divergences)
        weighted_sums(teacher, total, lanes, partial, out[t])
        for v in range(vocabulary):
            out[t, v] = out[t, v] / run.rollouts - probabilities[v]
    divergence = 0.0
    for i in range(lanes):
        divergence += weights[i] * divergences[i]
    return divergence / (run.rollouts * length)


@inline
def local_qualities(estimate_key, estimate_sd, step, count, work):
    """Fill work.local (T, L) with what the rollouts' tokens are worth in equation 5.

    With estimates, q(t, s_it) carries N(0, estimate_sd^2), anew for each token of each rollout:
    the deviates of one (step, t) are an array as `normals` fills it.
    """
    half = (count + 1) // 2
    length = work.local.shape[0]
    for t in range(length):
        row, values, tokens = work.local[t], work.credit_values[t], work.tokens[t]
        for i in range(count):
            row[i] = values[tokens[i]]
        if estimate_sd > 0.0:
            normals(estimate_key, (step * length + t) * half, work.noise)
            for i in range(count):
                row[i] += estimate_sd * work.noise[i]


@jit
def spread(shared, lanes, guidance):
    """Fill guidance (V, L) with the guidance (V,) that all rollouts share."""
    for v in range(shared.size):
        row, value = guidance[v], shared[v]
        for i in range(lanes):
            row[i] = value


@jit
def own_guidance(quality, hint_key, feedback, position, count, cosines, sines, lanes, guidance):
    """Section 2.3: q - h with each rollout's own hints h, written to guidance (V, L).

    The hints of rollouts 0..n-1 for one (step, t, v), or one (step, t), are an array as `normals`
    fills it; those of a position are drawn in one go.

    Args:
        quality: (V,), q at this position.
        hint_key: the cell's key for hints.
        feedback: `FeedbackSettings`.
        position: step * T + t, which numbers the draws.
        count: n, the number of rollouts.
        cosines, sines: (V * ceil(n / 2),), overwritten.
        lanes: how many columns to fill; those beyond n get q.
        guidance: (V, L), written.
    """
    half = (count + 1) // 2
    rows = quality.size if feedback.hint_per_token else 1
    normal_pairs(hint_key, position * rows * half, cosines[: rows * half], sines[: rows * half])
    for v in range(quality.size):
        row, first = guidance[v], (v * half if feedback.hint_per_token else 0)
        for i in range(half):
            row[i] = quality[v] - feedback.hint_sd * cosines[first + i]
        for i in range(count - half):
            row[half + i] = quality[v] - feedback.hint_sd * sines[first + i]
        for i in range(count, lanes):
            row[i] = quality[v]


@jit
def draw_fixed_hints(hint_key, feedback, deviates, hints):
    """Standard normal hints (T, V) that last a whole run, alike within a position if scalar.

    `deviates` (T * V,) are overwritten.
    """
    length, vocabulary = hints.shape
    rows = vocabulary if feedback.hint_per_token else 1
    normals(hint_key, 0, deviates[: length * rows])
    for t in range(length):
        for v in range(vocabulary):
            hints[t, v] = deviates[t * rows + (v if feedback.hint_per_token else 0)]


@jit
def largest(values):
    """The largest absolute value in an array."""
    size = 0.0
    for value in values.flat:
        size = max(size, abs(value))
    return size
