"""A correct against wrong peers (RLCSD, arXiv 2606.11709, read as an abstract only)."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import exp
from sdposim.model.numerics.jit import jit
from sdposim.model.shown import (
    average_over_taught,
    copying,
    logarithm,
    mark_successes,
    repeated,
    show_peers,
)
from sdposim.model.style import styled

SEES = ("feedback",)
COST = 9.0


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
ALL_WRONG, SAME, OTHER_PLAIN, OTHER_STYLED = range(4)


@jit
def begin(settings, landscape, keys, step, work):
    """Find who is correct; a rollout has a teacher if it has a correct and a wrong peer."""
    count = work.said.size
    correct = mark_successes(work.said, settings.cut, work.succeeded)
    for i in range(count):
        others, failures = correct - work.succeeded[i], count - correct - (1.0 - work.succeeded[i])
        work.taught[i] = 1.0 if others > 0.0 and failures > 0.0 else 0.0
    if settings.average != OVER_ALL:
        average_over_taught(work.taught)


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
    against = work.drawn
    if settings.wrong == FIRST:
        show_peers(work.succeeded, 0.0, c, t, count, work)
        repeated(settings.trust, work.shown, count, work.log_base, against)
    else:
        mean_of_wrong(settings, t, count, work, against)
    show_peers(work.succeeded, 1.0, c, t, count, work)
    repeated(settings.trust, work.shown, count, work.log_base, out)
    for v in range(out.shape[0]):
        for i in range(count):
            rise = out[v, i] - against[v, i]
            out[v, i] = min(max(rise, -settings.bound), settings.bound)


@jit
def mean_of_wrong(settings, t, count, work, out):
    """log mean_k p(v | wrong peer k), without terms that all v share, to out (V, L).

    There are four cases: a rollout that is correct has all that are wrong as peers; one that is
    wrong one less, which is of v itself, or another token, of style or not.
    """
    vocabulary = out.shape[0]
    wrong = work.tried
    wrong[:] = 0.0
    plain, stylish = 0.0, 0.0
    for i in range(count):
        me = work.members[i]
        token, failed = work.tokens[t, me], 1.0 - work.succeeded[me]
        wrong[token] += failed
        if styled(token, vocabulary):
            stylish += failed
        else:
            plain += failed
    preferred = 0.0  # what the style makes of the base's mass of 1
    for v in range(vocabulary):
        own = settings.style if styled(v, vocabulary) else 0.0
        preferred += exp(work.log_base[v] + own)
    kept = (1.0 - settings.trust) * preferred
    of_plain = 1.0 / (kept + settings.trust)
    of_stylish = 1.0 / (kept + settings.trust * exp(settings.style))
    for v in range(vocabulary):
        liked = styled(v, vocabulary)
        weight = of_stylish if liked else of_plain
        for case in range(4):
            own = 1.0 if case == SAME else 0.0
            p = plain - (1.0 if case == OTHER_PLAIN or (case == SAME and not liked) else 0.0)
            s = stylish - (1.0 if case == OTHER_STYLED or (case == SAME and liked) else 0.0)
            mass = p * of_plain + s * of_stylish
            rise = 0.0
            if p >= 0.0 and s >= 0.0 and p + s > 0.0 and wrong[v] >= own:
                share = (wrong[v] - own) * weight / mass
                rise = copying(logarithm(1.0 - settings.trust), settings.trust * share,
                               work.log_base[v])  # fmt: skip
            work.copies[case, v] = rise
    for v in range(vocabulary):
        for i in range(count):
            me = work.members[i]
            if work.taught[me] == 0.0:
                out[v, i] = 0.0
            elif work.succeeded[me] == 1.0:
                out[v, i] = work.copies[ALL_WRONG, v]
            elif work.tokens[t, me] == np.uint64(v):
                out[v, i] = work.copies[SAME, v]
            elif styled(work.tokens[t, me], vocabulary):
                out[v, i] = work.copies[OTHER_STYLED, v]
            else:
                out[v, i] = work.copies[OTHER_PLAIN, v]
