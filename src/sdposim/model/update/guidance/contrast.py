"""A correct against wrong peers (RLCSD, arXiv 2606.11709, read as an abstract only)."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.shown import average_over_taught, copying, logarithm, mark_successes
from sdposim.model.style import styled
from sdposim.numerics.arithmetic import exp
from sdposim.numerics.jit import inline, jit

SEES = ("feedback",)
COST = 35.0


class Settings(parts.Settings):
    """What `contrast` reads."""

    cut: float = parts.field(
        0.5, "A rollout is correct when its feedback exceeds this.", ge=-1000, le=1000
    )
    trust: float = parts.field(
        0.5,
        "eta of (1 - eta) base + eta copy, what a teacher says that is shown a peer.",
        ge=0,
        le=1,
    )
    wrong: Literal["all", "first"] = parts.field(
        "all", "Against which wrong peers: the mean of what teachers say of each, or the first."
    )
    style: float = parts.field(
        0.0,
        "c, in logits: each teacher that is shown a peer prefers the upper half of the vocabulary "
        "(v >= V / 2) by this, as if the hint's style told it to.",
        ge=-1000,
        le=1000,
    )
    bound: float = parts.field(
        2.0, "The contrast is limited to [-bound, bound]. Theirs is not known here.", ge=0, le=1000
    )
    average: Literal["taught", "all"] = parts.field(
        "taught", "As of `peer`: over which rollouts a divergence's step is a mean."
    )


OVER_ALL = Settings.code("average", "all")
FIRST = Settings.code("wrong", "first")


@jit
def begin(settings, landscape, keys, step, work):
    """Find who is correct; a rollout has a teacher if it has a correct and a wrong peer."""
    count = work.said.size
    correct = mark_successes(work.said, settings.cut, work.succeeded)
    for i in range(count):
        others, failures = correct - work.succeeded[i], count - correct - (1.0 - work.succeeded[i])
        work.taught[i] = 1.0 if others > 0.0 and failures > 0.0 else 0.0
        work.peers[i] = np.uint64(other(work.succeeded, 1.0, i))
    if settings.average != OVER_ALL:
        average_over_taught(work.taught)


@inline
def other(succeeded, outcome, me):
    """The first rollout with an outcome that is not `me`; n if there is none."""
    for j in range(succeeded.size):
        if succeeded[j] == outcome and j != me:
            return j
    return succeeded.size


@jit
def contrast(settings, landscape, c, t, count, work, out):
    """u = log p(v | correct peer) - log mean_k p(v | wrong peer k), without terms that all v share.

    p(v | peer) is proportional to exp(style) ((1 - eta) base + eta copy of the peer): the style
    itself is in both terms and cancels; it is left in the normalisers of the wrong peers, which
    weigh them in the mean, so that one wrong peer leaves nothing. Where neither peer has a token u
    is 0: what is limited does not depend on constants. The teacher is base exp(u) / Z: its ratio to
    the base, which `teacher_ratio` takes, is theirs but for log Z.

    Of an autoregressive policy only peers in this context say something; a side without any is the
    base.
    """
    contexts, tokens, vocabulary = work.contexts[t], work.tokens[t], out.shape[0]
    log_kept = logarithm(1.0 - settings.trust)
    against = work.mixed_copies
    preferred = 0.0  # what the style makes of the base's mass of 1
    for v in range(vocabulary):
        own = settings.style if styled(v, vocabulary) else 0.0
        preferred += exp(work.log_base[v] + own)
    kept = (1.0 - settings.trust) * preferred
    weight_of_plain = 1.0 / (kept + settings.trust)
    weight_of_styled = 1.0 / (kept + settings.trust * exp(settings.style))
    for i in range(count):
        me = work.members[i]
        against[:] = 0.0
        chosen = np.uint64(work.said.size)
        mass = 0.0
        if work.taught[me] > 0.0:
            chosen = work.peers[me]
            first = np.uint64(other(work.succeeded, 0.0, np.int64(me)))
            for j in range(work.said.size):
                k = np.uint64(j)
                asked = k == first or (settings.wrong != FIRST and work.succeeded[j] == 0.0)
                if asked and k != me and contexts[j] == np.uint64(c):
                    liked = styled(tokens[j], vocabulary)
                    weight = weight_of_styled if liked else weight_of_plain
                    against[tokens[j]] += weight
                    mass += weight
        for v in range(vocabulary):
            rise = 0.0
            if chosen < np.uint64(work.said.size) and contexts[chosen] == np.uint64(c):
                shown = settings.trust if tokens[chosen] == np.uint64(v) else 0.0
                rise = copying(log_kept, shown, work.log_base[v])
            if mass > 0.0:
                shown = settings.trust * (against[v] / mass)
                rise -= copying(log_kept, shown, work.log_base[v])
            out[v, i] = min(max(rise, -settings.bound), settings.bound)
