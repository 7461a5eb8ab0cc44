"""What guidance by shown tokens shares: who succeeded, and what a teacher makes of a copy."""

import numpy as np

from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import inline, jit

_LEAST = 1e-300  # the logarithm of what is not there


@jit
def mark_successes(said, cut, succeeded):
    """Which rollouts' feedback (n,) exceeds `cut`: 1 or 0, to succeeded (n,).

    Returns:
        How many.
    """
    successes = 0.0
    for i in range(said.size):
        succeeded[i] = 1.0 if said[i] > cut else 0.0
        successes += succeeded[i]
    return successes


@jit
def average_over_taught(taught):
    """Raise the weights of teachers (n,), 1 or 0, to a mean of 1, if there is one at all."""
    total = 0.0
    for i in range(taught.size):
        total += taught[i]
    if total > 0.0:
        for i in range(taught.size):
            taught[i] *= taught.size / total


@inline
def logarithm(x):
    """log x of a probability, finite at 0."""
    return log(max(x, _LEAST))


@inline
def copying(log_kept, shown, log_base):
    """log(1 - eta + eta copy / base), by which (1 - eta) base + eta copy is above the base.

    Args:
        log_kept: log(1 - eta), by `logarithm`.
        shown: eta times the copy's probability of a token.
        log_base: the logarithm of the base's.
    """
    if shown == 0.0:
        return log_kept
    above = logarithm(shown) - log_base
    highest = max(log_kept, above)
    return highest + log(exp(log_kept - highest) + exp(above - highest))


@jit
def repeated(trust, shown, count, log_base, out):
    """log(1 - eta + eta e_s / base), of teachers that repeat the token s they are shown.

    Args:
        trust: eta.
        shown: uint64 (L,), by lane: s, or V where nothing is shown.
        count: how many lanes.
        log_base: (V,).
        out: (V, L), written; 0 where nothing is shown.
    """
    nothing = np.uint64(out.shape[0])
    unlike = logarithm(1.0 - trust)
    for v in range(out.shape[0]):
        row, token, alike = out[v], np.uint64(v), copying(unlike, trust, log_base[v])
        for i in range(count):
            row[i] = alike if shown[i] == token else unlike if shown[i] < nothing else 0.0


@jit
def show_peers(outcomes, outcome, c, t, count, work):
    """Each rollout's first peer of an outcome in this context: its token, or V, to work.shown (L,).

    Args:
        outcomes: (n,), 1 or 0; a rollout is not its own peer.
        outcome: which is asked for.
        c, t: the context and its position.
        count: how many rollouts came by, `work.members`.
        work: the `Workspace`; rollouts whose weight `taught` is 0 are shown nothing.
    """
    first = first_of(outcomes, outcome, outcomes.size)
    second = first_of(outcomes, outcome, first)
    nothing = np.uint64(work.probabilities.shape[1])
    for i in range(count):
        me = np.int64(work.members[i])
        peer = second if me == first else first
        here = peer < outcomes.size and work.taught[me] > 0.0
        if here and work.contexts[t, peer] == np.uint64(c):
            work.shown[i] = work.tokens[t, peer]
        else:
            work.shown[i] = nothing


@jit
def first_of(outcomes, outcome, without):
    """The first rollout with an outcome, but for one; n if there is none."""
    for j in range(outcomes.size):
        if outcomes[j] == outcome and j != without:
            return j
    return outcomes.size
