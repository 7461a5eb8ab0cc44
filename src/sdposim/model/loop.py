"""Section 2.7: the training loop of a cell, machine code once `numerics.jit` compiled it."""

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.hints.normal import PER_ROLLOUT, draw_fixed
from sdposim.model.landscape import QUALITY, draw_landscape, rewards, token_values
from sdposim.model.metrics import credit_correlation, mean, true_advantages
from sdposim.model.policy import draw_logits, entropy, sample, softmax
from sdposim.model.teacher import largest
from sdposim.model.terms import direction
from sdposim.model.workspace import Keys
from sdposim.numerics.jit import inline, jit
from sdposim.numerics.randomness import LARGEST_NORMAL, Purpose, normals, uniforms

INITIAL_LOGITS = int(Purpose.INITIAL_LOGITS)
ROLLOUTS, NOISE, HINTS = int(Purpose.ROLLOUTS), int(Purpose.NOISE), int(Purpose.HINTS)
ESTIMATES = int(Purpose.ESTIMATES)

observe = inline(parts.switch("noise", "rewards", "sigma", "deviates", "out"))
lean = parts.switch("bias", "tokens", "probabilities", "rewards", "observed")
scaled = parts.switch("scale", "observed", "values", "weights")


@jit
def train_cells(
    keys, landscape, deviates, scales, run, update, judge, work, row_ends, logs, stopped
):
    """Train cells one after the other.

    Args:
        keys: uint64 (cells, 9, 2), the keys of each cell, from `cell_keys`.
        landscape, deviates: overwritten, unless the run does not draw its landscape.
        scales, run, update, judge: what all cells share.
        work: overwritten.
        row_ends: int64 (rows,), see `cells.train`.
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
            landscape, work.logits, cell_keys, run, update, judge, row_ends, work, logs[cell]
        )
        if stopped[1]:
            break


@jit
def run_cell(landscape, logits, keys, run, update, judge, row_ends, work, log):
    """The training loop. `logits` (T, V) is trained in place; `log` (rows, 5) is written.

    Returns:
        0, or the step (counted from 1) at which a number stopped being finite.
    """
    length, vocabulary = logits.shape
    half = (run.rollouts + 1) // 2
    token_values(landscape.quality, landscape.target, landscape.pattern_weight, work.values)
    softmax(logits, work.reference, work.log_normalisers)
    guidance_size = largest(landscape.quality)
    work.hints[:] = 0.0
    if judge.hinted:
        guidance_size = LARGEST_NORMAL * judge.settings.normal.sd + guidance_size
        if judge.settings.normal.draw != PER_ROLLOUT:
            draw_fixed(judge.settings.normal, keys.hints, work.deviates, work.hints)
    width = 0
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
        mean_reward = mean(work.rewards)
        if update.sees_feedback:
            if run.noise > 0.0:
                normals(keys.noise, step * half, work.noise)
            observe(judge.noise, judge.settings, work.rewards, run.noise, work.noise, work.observed)
            work.feedback[:] = 0.0
            work.weights[:] = 0.0
            width = judged(
                judge,
                work.tokens,
                work.probabilities,
                work.rewards,
                work.observed,
                work.feedback,
                work.weights,
            )

        weight, divergence = direction(
            landscape, keys, run, update, judge, step, width, guidance_size, mean_reward, work
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


@jit
def judged(judge, tokens, probabilities, rewards, observed, values, weights):
    """What a judge says of a batch, from what it observes.

    Apart from the loop: a bias there, though it is not asked, costs all methods some percent.

    Args:
        tokens, probabilities, rewards: as a bias takes them.
        observed: (n,), rewards with noise; a bias is added.
        values, weights: (L,), zeros; written, as by a scale.

    Returns:
        How many entries of `values` can have weight.
    """
    if judge.biased:
        lean(judge.bias, judge.settings, tokens, probabilities, rewards, observed)
    return scaled(judge.scale, judge.settings, observed, values, weights)
