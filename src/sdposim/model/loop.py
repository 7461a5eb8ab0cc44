"""Section 2.7: the training loop of a cell, machine code once `numerics.jit` compiled it."""

import numpy as np

from sdposim.model import parts
from sdposim.model.coalitions import tabulate
from sdposim.model.judge.hints.normal import PER_ROLLOUT, draw_fixed
from sdposim.model.landscape import QUALITY, draw_landscape, rewards, token_values
from sdposim.model.metrics import credit_correlation, mean, true_advantages
from sdposim.model.numerics.jit import inline, jit, unlikely
from sdposim.model.numerics.randomness import LARGEST_NORMAL, Purpose, normals, uniforms
from sdposim.model.policy import draw_logits, entropy, occupy, sample, sample_chains, softmax
from sdposim.model.teacher import largest
from sdposim.model.terms import direction
from sdposim.model.workspace import Keys

INITIAL_LOGITS = int(Purpose.INITIAL_LOGITS)
ROLLOUTS, NOISE, HINTS = int(Purpose.ROLLOUTS), int(Purpose.NOISE), int(Purpose.HINTS)
ESTIMATES, KNOWLEDGE, BIAS = int(Purpose.ESTIMATES), int(Purpose.KNOWLEDGE), int(Purpose.BIAS)
TAILS, DEMONSTRATIONS = int(Purpose.TAILS), int(Purpose.DEMONSTRATIONS)

observe = inline(parts.switch("noise", "rewards", "sigma", "deviates", "key", "step", "out"))
lean = parts.switch("bias", "landscape", "key", "step", "work", "rewards", "observed")
scaled = parts.switch("scale", "observed", "values", "weights", "places")


@jit
def train_cells(
    keys, landscape, deviates, scales, run, update, judge, work, row_ends, taken, logs, snapshots,
    stopped,
):  # fmt: skip
    """Train cells one after the other.

    Args:
        keys: uint64 (cells, 13, 2), the keys of each cell, from `cell_keys`.
        landscape, deviates: overwritten, unless the run does not draw its landscape.
        scales, run, update, judge: what all cells share.
        work: overwritten.
        row_ends: int64 (rows,), see `cells.train`.
        taken: int64 (S,), increasing: the numbers of steps after which the policy is kept.
        logs: (cells, rows, M), zeros; written.
        snapshots: (cells, S, C, V), written: the logits that were kept.
        stopped: int64 (2,), written: the last cell trained, and 0 or the step (counted from 1) at
            which one of its numbers stopped being finite. Cells after it are not trained.
    """
    for cell in range(logs.shape[0]):
        own = keys[cell]
        fresh = cell == 0 or own[QUALITY, 0] != keys[cell - 1, QUALITY, 0]
        if run.draws_landscape and fresh:
            draw_landscape(own, scales, deviates, landscape)
        draw_logits(own[INITIAL_LOGITS], run.initial_logit_sd, work.deviates, work.logits)
        cell_keys = Keys(
            own[ROLLOUTS], own[NOISE], own[HINTS], own[ESTIMATES], own[KNOWLEDGE], own[BIAS],
            own[TAILS], own[DEMONSTRATIONS],
        )  # fmt: skip
        guidance_size = prepare(landscape, cell_keys, update, judge, work)
        stopped[0] = cell
        done = 0
        for kept in range(taken.size + 1):
            until = row_ends[-1] if kept == taken.size else taken[kept]
            stopped[1] = run_cell(
                landscape, work.logits, cell_keys, run, update, judge, guidance_size, done, until,
                row_ends, work, logs[cell],
            )  # fmt: skip
            if stopped[1]:
                return
            if kept < taken.size:
                keep(work.logits, snapshots[cell, kept])
            done = until


@jit
def prepare(landscape, keys, update, judge, work):
    """Fill what lasts for all steps of a cell, from its initial logits.

    Args:
        keys: of the cell.
        update: of which it reads whether it sees coalitions.
        work: its values, reference, teachers' bases, hints, the rewards among its coalitions, and
            what only an autoregressive policy changes.

    Returns:
        The largest |q - h| that can come.
    """
    token_values(landscape.quality, landscape.target, landscape.pattern_weight, work.values)
    if unlikely(update.sees_coalitions):
        tabulate(work.values, landscape.bigram, work.coalitions)
    softmax(work.logits, work.reference, work.log_normalisers)
    keep(work.logits, work.averaged)
    for c in range(work.initial.shape[0]):
        for v in range(work.initial.shape[1]):
            work.initial[c, v] = work.logits[c, v] - work.log_normalisers[c]
    for t in range(work.contexts.shape[0]):
        work.contexts[t] = np.uint64(t)
    work.occupancy[:] = 1.0
    work.visits[:] = 1.0
    work.hints[:] = 0.0
    if not judge.hinted:
        return largest(landscape.quality)
    if judge.settings.normal.draw != PER_ROLLOUT:
        draw_fixed(judge.settings.normal, keys.hints, work.deviates, work.hints)
    return LARGEST_NORMAL * judge.settings.normal.sd + largest(landscape.quality)


@jit
def run_cell(
    landscape, logits, keys, run, update, judge, guidance_size, done, until, row_ends, work, log
):
    """The training loop.

    Args:
        logits: (C, V), trained in place.
        guidance_size: from `prepare`.
        done, until: the numbers of steps before it and after it.
        log: (rows, M), of these steps; written, a row as soon as it is whole.

    Returns:
        0, or the step (counted from 1) at which a number stopped being finite.
    """
    length, (contexts, vocabulary) = landscape.target.size, logits.shape
    half = (run.rollouts + 1) // 2
    width, said = 0, np.nan
    row = 0
    first = 0  # steps that earlier rows hold
    while done < until and row_ends[row] <= done:
        first = row_ends[row]
        row += 1
    for step in range(done, until):
        softmax(logits, work.probabilities, work.log_normalisers)
        true_advantages(landscape.quality, work.probabilities, work.advantages)
        for t in range(length):
            start = (step * length + t) * run.rollouts
            uniforms(keys.rollouts, start, work.uniform[t, : run.rollouts])
        if not unlikely(contexts > length):
            sample(work.probabilities, work.uniform, run.rollouts, work.cumulative, work.tokens)
        else:
            sample_chains(
                work.probabilities, work.uniform, run.rollouts, work.bounds, work.contexts,
                work.tokens, work.visits,
            )  # fmt: skip
            occupy(work.probabilities, length, work.occupancy)
        rewards(work.values, landscape.bigram, work.tokens, run.rollouts, work.rewards)
        mean_reward = mean(work.rewards)
        if update.sees_feedback:
            if run.noise > 0.0:
                normals(keys.noise, step * half, work.noise)
            observe(
                judge.noise, judge.settings, work.rewards, run.noise, work.noise, keys.tails, step,
                work.observed,
            )  # fmt: skip
            if unlikely(judge.biased):
                leaning(landscape, keys.bias, step, judge, work)
            work.feedback[:] = 0.0
            work.weights[:] = 0.0
            width = judged(
                judge, contexts > length or update.by_rollout, work.observed, work.feedback,
                work.weights, work.places, work.lane_tilt,
            )  # fmt: skip
            said = mean_feedback(work.feedback, work.weights, width, run.rollouts)
            if unlikely(update.by_rollout):
                for i in range(run.rollouts):
                    work.said[i] = work.feedback[work.places[i]]

        weight, divergence = direction(
            landscape, keys, run, update, judge, step, width, guidance_size, mean_reward, work
        )

        log[row, 0] += mean_reward
        log[row, 1] += entropy(
            logits, work.probabilities, work.log_normalisers, work.occupancy, length
        )
        log[row, 2] += credit_correlation(work.direction, work.advantages, work.visits, length)
        log[row, 3] += weight
        log[row, 4] += divergence
        log[row, 5] += said
        if step + 1 == row_ends[row]:
            for metric in range(log.shape[1]):
                log[row, metric] /= row_ends[row] - first
            first = row_ends[row]
            row += 1

        check = mean_reward  # stays finite if and only if all logits do
        for c in range(contexts):
            for v in range(vocabulary):
                logits[c, v] += run.learning_rate * work.direction[c, v]
                check += 0.0 * logits[c, v]
        if not np.isfinite(check):
            return step + 1
    return 0


@jit
def keep(logits, out):
    """Copy logits (C, V) to out (C, V)."""
    for c in range(out.shape[0]):
        for v in range(out.shape[1]):
            out[c, v] = logits[c, v]


@jit
def leaning(landscape, key, step, judge, work):
    """What a biased judge observes, work.observed (n,).

    Apart from the loop: a bias there, though it is not asked, costs all methods some percent.
    """
    lean(judge.bias, judge.settings, landscape, key, step, work, work.rewards, work.observed)


@jit
def mean_feedback(values, weights, width, rollouts):
    """The mean of what a judge said, from `judged`."""
    total = 0.0
    for k in range(width):
        total += weights[k] * values[k]
    return total / rollouts


@jit
def judged(judge, placed, observed, values, weights, places, scratch):
    """What a judge says of a batch, from what it observes.

    Args:
        placed: whether it must be known which rollout has which value.
        observed: (n,), rewards with noise and bias.
        values, weights: (L,), as a scale writes them; a value for each rollout where it has hints
            of its own.
        places: (L,), written, if it must be known: which of the values each rollout has.
        scratch: (L,), overwritten.

    Returns:
        How many entries of `values` can have weight.
    """
    apart = judge.hinted and judge.quantised and judge.settings.normal.draw == PER_ROLLOUT
    asked = places[: observed.size if judge.quantised and (placed or apart) else 0]
    width = scaled(judge.scale, judge.settings, observed, values, weights, asked)
    if placed and not judge.quantised:
        for i in range(observed.size):
            places[i] = np.uint64(i)
    if not apart:
        return width
    for i in range(observed.size):
        scratch[i] = values[places[i]]
        places[i] = np.uint64(i)
    values[:] = 0.0
    weights[:] = 0.0
    for i in range(observed.size):
        values[i] = scratch[i]
        weights[i] = 1.0
    return observed.size
