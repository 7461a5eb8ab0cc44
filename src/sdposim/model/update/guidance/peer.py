"""Another rollout that succeeded (SDPO without rich feedback, arXiv 2601.20802, section 3)."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.shown import (
    average_over_taught,
    copying,
    logarithm,
    mark_successes,
    repeated,
    show_peers,
)

SEES = ("feedback",)
COST = 2.5


class Settings(parts.Settings):
    """What `peer` reads."""

    cut: float = parts.field(
        0.5, "A rollout is a success when its feedback exceeds this.", ge=-1000, le=1000
    )
    trust: float = parts.field(
        0.5,
        "eta of the teacher (1 - eta) base + eta copy of the peer: how much of what it was shown a "
        "teacher repeats.",
        ge=0,
        le=1,
    )
    choice: Literal["first", "all"] = parts.field(
        "first",
        "`first` shows the first success of the batch, as their code does, `all` the mixture of "
        "all of them; a rollout is never its own peer.",
    )
    average: Literal["taught", "all"] = parts.field(
        "taught",
        "Over which rollouts the step is a mean: those that have a peer, as lasgroup/SDPO, or all, "
        "of which those without one dilute it, as TRL.",
    )


ALL_PEERS = Settings.code("choice", "all")
OVER_ALL = Settings.code("average", "all")


@jit
def begin(settings, landscape, keys, step, work):
    """Find the successes, and weigh the rollouts that have another one."""
    successes = mark_successes(work.said, settings.cut, work.succeeded)
    for i in range(work.said.size):
        work.taught[i] = 1.0 if successes > work.succeeded[i] else 0.0
    if settings.average != OVER_ALL:
        average_over_taught(work.taught)


@jit
def peer(settings, landscape, c, t, count, work, out):
    """log(1 - eta + eta copy / base), where copy is what the peers have in this context.

    A peer that was not in this context, of an autoregressive policy, has nothing to say here;
    without any the teacher is its base.
    """
    if settings.choice == ALL_PEERS:
        mixture(settings.trust, c, t, count, work, out)
    else:
        show_peers(work.succeeded, 1.0, c, t, count, work)
        repeated(settings.trust, work.shown, count, work.log_base, out)


@jit
def mixture(trust, c, t, count, work, out):
    """As `peer`, of the mixture of all of them.

    There are three cases: a rollout that failed has all successes as peers, one that succeeded one
    less, which is of its own token or of another.
    """
    vocabulary = out.shape[0]
    counts, failed, other, same = work.tried, work.copies[0], work.copies[1], work.copies[2]
    found = 0.0
    counts[:] = 0.0
    for i in range(count):
        me = work.members[i]
        counts[work.tokens[t, me]] += work.succeeded[me]
        found += work.succeeded[me]
    log_kept = logarithm(1.0 - trust)
    for v in range(vocabulary):
        failed[v] = other[v] = same[v] = 0.0
        if found > 0.0:
            failed[v] = copying(log_kept, trust * (counts[v] / found), work.log_base[v])
        if found > 1.0:
            other[v] = copying(log_kept, trust * (counts[v] / (found - 1.0)), work.log_base[v])
        if found > 1.0 and counts[v] > 0.0:
            less = (counts[v] - 1.0) / (found - 1.0)
            same[v] = copying(log_kept, trust * less, work.log_base[v])
    for v in range(vocabulary):
        for i in range(count):
            me = work.members[i]
            if work.succeeded[me] == 0.0:
                out[v, i] = failed[v]
            else:
                out[v, i] = same[v] if work.tokens[t, me] == np.uint64(v) else other[v]
