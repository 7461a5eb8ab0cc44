"""Teachers of any parts, one for each rollout, and how the student is pulled to them.

`terms.distilled` does the same for the paper's own teacher, quicker.
"""

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.hints.normal import PER_ROLLOUT
from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import jit
from sdposim.model.policy import log_softmax
from sdposim.model.score import credited
from sdposim.model.teacher import padded

begin_base = parts.switch("base", "step", "work", form="begin")
begin_guidance = parts.switch("guidance", "landscape", "keys", "step", "work", form="begin")
base = parts.switch("base", "c", "work", "out")
guidance = parts.switch("guidance", "landscape", "c", "t", "count", "work", "out")
divergence_of = parts.switch(
    "divergence", "teacher", "log_teacher", "weights", "lanes", "own", "log_own", "chosen", "work",
    "out",
)  # fmt: skip
pooling = parts.switch("pooling", "count", "work")
horizon = parts.switch("horizon", "forward", "reverse", "entropy")
routing = parts.switch("routing", "work")
hints_of = parts.switch(
    "hints", "key", "position", "count", "cosines", "sines", "quality", "lanes", "out"
)


@jit
def taught(landscape, keys, run, update, judge, step, work):
    """The mean direction of a divergence from each rollout's teacher, to work.direction (C, V).

    And what teachers say of the rollouts' tokens, to work.ratios (T, L): log(teacher / student).
    work.taught and work.routed (n,) are the weights of teachers, and the share of each that learns
    from it.

    Returns:
        KL(teacher || student) in nats, averaged over positions and over rollouts that have a
        teacher, each by its weight.
    """
    length, vocabulary = landscape.quality.shape
    rows = work.direction.shape[0] // length
    work.taught[:] = 1.0
    begin_base(update.base, update.settings, step, work)
    begin_guidance(update.guidance, update.settings, landscape, keys, step, work)
    work.routed[:] = 1.0
    damping = 0.0
    if update.routes:
        damping = routing(update.routing, update.settings, work)
    have = 0.0
    for i in range(run.rollouts):
        have += work.taught[i]
    divergence = 0.0
    for c in range(work.direction.shape[0]):
        t, own, out = c // rows, work.probabilities[c], work.direction[c]
        if c % rows == 0 and update.guided_by_quality:
            guides(landscape.quality[t], t, step * length + t, keys, run, judge, work)
        count = members(c, work.contexts[t], work.tokens[t], run.rollouts, work)
        lanes = padded(count)
        log_own = work.shared
        for v in range(vocabulary):
            log_own[v] = work.logits[c, v] - work.log_normalisers[c]
        base(update.base, update.settings, c, work, work.mixed)
        log_softmax(work.mixed, work.log_base)
        guidance(update.guidance, update.settings, landscape, c, t, count, work, work.guidance)
        raised(work.mixed, count, lanes, work)
        if update.pools:
            pooling(update.pooling, update.settings, count, work)
        for i in range(count):
            me, token = work.members[i], work.lane_sources[i]
            distance = 0.0
            entropy = 0.0
            for v in range(vocabulary):
                distance += work.teacher[v, i] * (work.guidance[v, i] - log_own[v])
                entropy -= work.teacher[v, i] * work.guidance[v, i]
            divergence += work.taught[me] * distance
            work.ratios[t, me] = work.guidance[token, i] - log_own[token]
            work.lane_weights[i] = work.taught[me] * work.routed[me]
            if damping > 0.0:
                work.lane_weights[i] *= exp(-damping * entropy)
            if update.looks_ahead:
                back = 0.0
                for v in range(vocabulary):
                    back += own[v] * (log_own[v] - work.guidance[v, i])
                later = horizon(update.horizon, update.settings, distance, back, entropy)
                work.local[t, me] = work.lane_weights[i] * later
        for i in range(count, lanes):
            work.lane_weights[i] = 0.0
        if update.distils:
            divergence_of(
                update.divergence, update.settings, work.teacher, work.guidance,
                work.lane_weights, lanes, own, log_own, work.lane_sources, work, out,
            )  # fmt: skip
            for v in range(vocabulary):
                out[v] /= run.rollouts
    if update.looks_ahead:
        ahead(run.rollouts, work)
    return divergence / (have * length) if have > 0.0 else 0.0


@jit
def ahead(rollouts, work):
    """Add the score form with A_it = -sum_{t' > t} d_it' to work.direction: d is work.local."""
    for i in range(rollouts):
        later = 0.0
        for t in range(work.local.shape[0] - 1, -1, -1):
            here = work.local[t, i]
            work.local[t, i] = -later
            later += here
    credited(rollouts, work, work.second)
    for c in range(work.direction.shape[0]):
        for v in range(work.direction.shape[1]):
            work.direction[c, v] += work.second[c, v]


@jit
def guides(quality, t, position, keys, run, judge, work):
    """q - h at a position for each rollout, to work.drawn (V, L)."""
    if judge.hinted and judge.settings.normal.draw == PER_ROLLOUT:
        hints_of(
            judge.hints, judge.settings, keys.hints, position, run.rollouts, work.cosines,
            work.sines, quality, padded(run.rollouts), work.drawn,
        )  # fmt: skip
        return
    for v in range(quality.size):
        shared = quality[v] - judge.settings.normal.sd * work.hints[t, v]
        for i in range(run.rollouts):
            work.drawn[v, i] = shared


@jit
def members(context, contexts, tokens, rollouts, work):
    """The rollouts that came by a context, to work.members, and their tokens there.

    Returns:
        How many.
    """
    count = 0
    for i in range(rollouts):
        if contexts[i] == np.uint64(context):
            work.members[count], work.lane_sources[count] = np.uint64(i), tokens[i]
            count += 1
    return count


@jit
def raised(logits, count, lanes, work):
    """Teachers whose base's logits (V,) rise by work.guidance (V, L).

    work.teacher (V, L) are their probabilities, work.guidance their logarithms when it is done, and
    of lanes that are padding those of the base.
    """
    teacher, rise, highest, mass = work.teacher, work.guidance, work.highest, work.mass
    for v in range(logits.size):
        for i in range(count, lanes):
            rise[v, i] = 0.0
    for i in range(lanes):
        highest[i] = logits[0] + rise[0, i]
        mass[i] = 0.0
    for v in range(logits.size):
        row, logit = rise[v], logits[v]
        for i in range(lanes):
            row[i] += logit
            highest[i] = row[i] if row[i] > highest[i] else highest[i]
    for v in range(logits.size):
        row, out = rise[v], teacher[v]
        for i in range(lanes):
            row[i] -= highest[i]
        for i in range(lanes):
            out[i] = exp(row[i])
        for i in range(lanes):
            mass[i] += out[i]
    for i in range(lanes):
        highest[i] = log(mass[i])
        mass[i] = 1.0 / mass[i]
    for v in range(logits.size):
        row, out = rise[v], teacher[v]
        for i in range(lanes):
            out[i] *= mass[i]
            row[i] -= highest[i]
