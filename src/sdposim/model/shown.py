"""What guidance by shown tokens shares: who succeeded, and what a teacher makes of a copy."""

from sdposim.numerics.arithmetic import exp, log
from sdposim.numerics.jit import inline, jit

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
