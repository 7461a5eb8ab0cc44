"""Another rollout that succeeded (SDPO without rich feedback, arXiv 2601.20802, section 3)."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.shown import average_over_taught, copying, logarithm, mark_successes
from sdposim.numerics.jit import jit

SEES = ("feedback",)
COST = 6.4


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
    """Find the first two successes, and weigh the rollouts that have a peer."""
    count = work.said.size
    first, second = count, count
    mark_successes(work.said, settings.cut, work.succeeded)
    for i in range(count):
        if work.succeeded[i] == 1.0:
            if first == count:
                first = i
            elif second == count:
                second = i
    for i in range(count):
        chosen = second if i == first else first
        work.peers[i] = np.uint64(chosen)
        work.taught[i] = 1.0 if chosen < count else 0.0
    if settings.average != OVER_ALL:
        average_over_taught(work.taught)


@jit
def peer(settings, landscape, c, t, count, work, out):
    """log(1 - eta + eta copy / base), where copy is what the peers have in this context.

    A peer that was not in this context, of an autoregressive policy, has nothing to say here;
    without any the teacher is its base.
    """
    tokens, contexts = work.tokens[t], work.contexts[t]
    log_kept = logarithm(1.0 - settings.trust)
    for i in range(count):
        me = work.members[i]
        for v in range(out.shape[0]):
            out[v, i] = 0.0
        found = 0.0
        if settings.choice == ALL_PEERS:
            for j in range(work.said.size):
                if work.succeeded[j] == 1.0 and np.uint64(j) != me and contexts[j] == np.uint64(c):
                    out[tokens[j], i] += 1.0
                    found += 1.0
        elif work.taught[me] > 0.0 and contexts[work.peers[me]] == np.uint64(c):
            out[tokens[work.peers[me]], i] = 1.0
            found = 1.0
        if found > 0.0:
            for v in range(out.shape[0]):
                shown = settings.trust * out[v, i] / found
                out[v, i] = copying(log_kept, shown, work.log_base[v])
