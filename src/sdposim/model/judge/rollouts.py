"""What judges see of a rollout besides its reward."""

from sdposim.model.numerics.jit import inline
from sdposim.model.style import styled


@inline
def style_share(tokens, vocabulary, i):
    """The share of rollout i's tokens (T, L) that are of style."""
    found = 0.0
    for t in range(tokens.shape[0]):
        found += 1.0 if styled(tokens[t, i], vocabulary) else 0.0
    return found / tokens.shape[0]


@inline
def mean_log_probability(work, i, initial):
    """(log pi(s)) / T of rollout i, of the current policy, or of the initial one.

    From logits, which say it also where a probability underflows.
    """
    total = 0.0
    for t in range(work.tokens.shape[0]):
        c, v = work.contexts[t, i], work.tokens[t, i]
        if initial:
            total += work.initial[c, v]
        else:
            total += work.logits[c, v] - work.log_normalisers[c]
    return total / work.tokens.shape[0]
