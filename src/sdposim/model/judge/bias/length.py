"""A judge who likes long answers (length bias, arXiv 2310.03716)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import inline, jit


class Settings(parts.Settings):
    """What `length` reads."""

    strength: float = parts.field(
        0.3,
        "c, in units of reward: nearly what the longest rollout gets more than the shortest. Not "
        "in the paper.",
        ge=-1000,
        le=1000,
    )


@jit
def length(settings, landscape, key, step, work, rewards, observed):
    """Adds c (T_eff / T - 1/2).

    T_eff is the place, counted from 1, of the first end token, the last one of the vocabulary, and
    T without one. The true reward reads on behind it.
    """
    positions, vocabulary = landscape.quality.shape
    for i in range(observed.size):
        share = effective_length(work.tokens, vocabulary, i) / positions
        observed[i] += settings.strength * (share - 0.5)


@inline
def effective_length(tokens, vocabulary, i):
    """T_eff of rollout i."""
    for t in range(tokens.shape[0]):
        if np.int64(tokens[t, i]) == vocabulary - 1:
            return t + 1
    return tokens.shape[0]
