"""Sections 2.3 to 2.5: a method's step, put together of its parts."""

from typing import NamedTuple

import numpy as np

from sdposim.model import parts, teaching
from sdposim.model.coalitions import marginalise
from sdposim.model.judge.hints.normal import PER_ROLLOUT
from sdposim.model.metrics import mean
from sdposim.model.numerics.arithmetic import LOG2_E
from sdposim.model.numerics.jit import inline, jit, unlikely
from sdposim.model.teacher import (
    LARGEST_SHIFT,
    commonly_tilted,
    largest,
    normalise,
    padded,
    select,
    spread,
    those_in,
    tilted,
    tilted_logits,
)
from sdposim.model.teaching import hints_of


class Update(NamedTuple):
    """A method in the kernel's form: codes of parts, see `parts.code`."""

    teaches: bool  # has a teacher
    distils: bool  # and is pulled to it
    quick: bool  # the paper's own teacher
    gives_credit: bool
    signalled: bool  # for something else than the reward
    pools: bool
    looks_ahead: bool
    routes: bool
    regularised: bool
    preconditioned: bool
    sees_feedback: bool
    guided_by_quality: bool
    sees_coalitions: bool
    by_rollout: bool  # must know what was said of each rollout
    signal: int
    advantage: int
    credit: int
    base: int
    guidance: int
    pooling: int
    divergence: int
    horizon: int
    routing: int
    blend: int
    regulariser: int
    preconditioner: int
    settings: tuple  # of all parts, see `parts.packed`


class Judge(NamedTuple):
    """A judge in the kernel's form."""

    biased: bool
    hinted: bool
    quantised: bool
    bias: int
    noise: int
    scale: int
    hints: int
    settings: tuple  # of all parts


tilts = inline(parts.switch("guidance", "feedback", "lanes", "tilt", form="quick"))
pull = inline(
    parts.switch(
        "divergence", "teacher", "share", "count", "lanes", "partial", "probabilities", "out",
        form="quick",
    )
)  # fmt: skip
advantage = inline(parts.switch("advantage", "rewards", "mean", "out"))
signal_of = inline(parts.switch("signal", "rewards", "said", "out"))
credit = inline(
    parts.switch("credit", "landscape", "run", "key", "step", "advantages", "work", "out")
)
blend = inline(parts.switch("blend", "divergence", "routed", "second", "out"))
regulariser = inline(
    parts.switch("regulariser", "probabilities", "reference", "visits", "direction")
)
preconditioner = parts.switch("preconditioner", "probabilities", "visits", "direction")


@jit
def _nothing(landscape, keys, run, update, judge, step, work):
    return 0.0


# No method of the paper has such teachers, whose code takes as long to compile as all the rest.
taught = teaching.taught if parts.WHOLE else _nothing


@inline
def direction(landscape, keys, run, update, judge, step, width, guidance_size, mean_reward, work):
    """Fill work.direction (C, V) with the method's step.

    Args:
        width: how many entries of work.feedback and work.weights there are.
        guidance_size: the largest |q - h| that can come.
        mean_reward: that of the step's rollouts.

    Returns:
        The weight of the teacher's term, NaN if that is the only one, and the mean divergence of
        the teacher from the student, NaN if there is none.
    """
    weight = np.nan
    divergence = np.nan
    routed = 1.0
    if unlikely(update.teaches and not update.quick):
        divergence = taught(landscape, keys, run, update, judge, step, work)
        routed = mean(work.routed[: run.rollouts])
    elif update.distils:
        if not unlikely(work.direction.shape[0] > landscape.target.size):
            divergence = distilled(
                landscape, keys, run, update, judge, step, width, guidance_size, work
            )
        else:
            divergence = distilled_by_context(
                landscape, keys, run, update, judge, step, width, work
            )
    if update.gives_credit:
        out = work.second if update.distils else work.direction
        if unlikely(update.signalled):
            signal_of(update.signal, update.settings, work.rewards, work.said, work.signal)
            average = mean(work.signal)
            advantage(update.advantage, update.settings, work.signal, average, work.centred)
        else:
            advantage(update.advantage, update.settings, work.rewards, mean_reward, work.centred)
        if unlikely(update.routes):
            for i in range(run.rollouts):
                work.centred[i] *= 1.0 - work.routed[i]
        if unlikely(update.sees_coalitions):
            marginalise(work.probabilities, landscape.target.size, work.coalitions)
        credit(
            update.credit, update.settings, landscape, run, keys.estimates, step, work.centred,
            work, out,
        )  # fmt: skip
        if update.distils:
            weight = blend(
                update.blend, update.settings, divergence, routed, work.second, work.direction
            )
    if update.regularised:
        regulariser(
            update.regulariser, update.settings, work.probabilities, work.reference, work.visits,
            work.direction,
        )  # fmt: skip
    if unlikely(update.preconditioned):
        preconditioner(
            update.preconditioner, update.settings, work.probabilities, work.visits, work.direction
        )
    return weight, divergence


@inline
def distilled(landscape, keys, run, update, judge, step, width, guidance_size, work):
    """The mean direction of a divergence from each rollout's teacher, to work.direction (C, V).

    Of a factored policy, all of whose rollouts come by every context.

    Returns:
        KL(teacher || student) in nats, averaged over rollouts and positions.
    """
    # Taken out of the workspace once, not in each of the loops.
    tilt, exponent, weights = work.tilt, work.exponent, work.weights
    shared, guidance, teacher = work.shared, work.guidance, work.teacher
    highest, mass, moment = work.highest, work.mass, work.moment
    divergences, partial, out = work.divergence, work.partial, work.direction
    cosines, sines = work.cosines, work.sines
    length, vocabulary = out.shape
    lanes = padded(width)
    tilts(update.guidance, update.settings, work.feedback, lanes, tilt)
    for i in range(lanes):
        exponent[i] = LOG2_E * tilt[i]
        divergences[i] = 0.0
        highest[i] = 0.0
    own = judge.hinted and judge.settings.normal.draw == PER_ROLLOUT
    hint_sd = judge.settings.normal.sd
    small = largest(tilt[:lanes]) * guidance_size <= LARGEST_SHIFT
    for t in range(length):
        quality = landscape.quality[t]
        probabilities = work.probabilities[t]
        if own:
            hints_of(
                judge.hints, judge.settings, keys.hints, step * length + t, run.rollouts,
                cosines, sines, quality, lanes, guidance,
            )  # fmt: skip
        else:
            for v in range(vocabulary):
                shared[v] = quality[v] - hint_sd * work.hints[t, v]
        normaliser = 0.0
        if small and own:
            tilted(probabilities, exponent, guidance, lanes, teacher, mass, moment)
        elif small:
            commonly_tilted(probabilities, exponent, shared, lanes, teacher, mass, moment)
        else:
            if not own:
                spread(shared, lanes, guidance)
            tilted_logits(work.logits[t], tilt, guidance, lanes, teacher, highest, mass, moment)
            normaliser = work.log_normalisers[t]
        normalise(weights, tilt, highest, mass, moment, normaliser, lanes, divergences)
        pull(
            update.divergence, update.settings, teacher, mass, run.rollouts, lanes, partial,
            probabilities, out[t],
        )  # fmt: skip
    divergence = 0.0
    for i in range(lanes):
        divergence += weights[i] * divergences[i]
    return divergence / (run.rollouts * length)


@jit
def distilled_by_context(landscape, keys, run, update, judge, step, width, work):
    """As `distilled`, of an autoregressive policy: in each context the rollouts that came by.

    Apart from it, since a branch in its loops costs the factored policy some percent, and without
    its short cuts, each of which takes as long to compile as the rest.
    """
    tilt, weights, shared, guidance = work.lane_tilt, work.lane_weights, work.shared, work.guidance
    length, vocabulary = landscape.quality.shape
    own = judge.hinted and judge.settings.normal.draw == PER_ROLLOUT
    tilts(update.guidance, update.settings, work.feedback, padded(width), work.tilt)
    divergence = 0.0
    for c in range(work.direction.shape[0]):
        t, out = c // vocabulary, work.direction[c]
        quality = landscape.quality[t]
        if own and c % vocabulary == 0:
            hints_of(
                judge.hints, judge.settings, keys.hints, step * length + t, run.rollouts,
                work.cosines, work.sines, quality, padded(run.rollouts), work.drawn,
            )  # fmt: skip
        count, lanes = those_in(
            c, work.contexts[t], work.places, run.rollouts, width, work.tilt, work.lane_sources,
            weights, tilt,
        )  # fmt: skip
        if own:
            select(work.drawn, work.lane_sources, lanes, guidance)
        else:
            for v in range(vocabulary):
                shared[v] = quality[v] - judge.settings.normal.sd * work.hints[t, v]
            spread(shared, lanes, guidance)
        tilted_logits(
            work.logits[c], tilt, guidance, lanes, work.teacher, work.highest, work.mass,
            work.moment,
        )  # fmt: skip
        work.divergence[:] = 0.0
        normalise(
            weights, tilt, work.highest, work.mass, work.moment, work.log_normalisers[c], lanes,
            work.divergence,
        )  # fmt: skip
        pull(
            update.divergence, update.settings, work.teacher, work.mass, max(count, 1), lanes,
            work.partial, work.probabilities[c], out,
        )  # fmt: skip
        for i in range(lanes):
            divergence += weights[i] * work.divergence[i]
        for v in range(vocabulary):
            out[v] *= work.visits[c]
    return divergence / (run.rollouts * length)
