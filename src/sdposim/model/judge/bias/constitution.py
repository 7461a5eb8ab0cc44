"""A judge with principles of its own (after Constitutional AI, arXiv 2212.08073)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import normals

COST = 0.35


class Settings(parts.Settings):
    """What `constitution` reads."""

    strength: float = parts.field(
        0.5,
        "c of q + c p, the SD of what the principles add to a token's quality q(t, v). Not in the "
        "paper.",
        ge=-1000,
        le=1000,
    )


@jit
def constitution(settings, landscape, key, step, work, rewards, observed):
    """R is taken for what eq. 1 gives with the quality q + c p in the place of q.

    The principles p(t, v) ~ N(0, 1) are a table of the cell, the same in every step: an array
    (T V,), v fastest, as `normals` fills it from word 0. No other number is drawn.
    """
    length, vocabulary = landscape.quality.shape
    principles = work.deviates[: length * vocabulary]
    normals(key, 0, principles)
    tokens, values = work.tokens, work.values
    for i in range(observed.size):
        # In the order of `landscape.rewards`, so that c = 0 gives the same bits.
        total = values[0, tokens[0, i]]
        for t in range(1, length):
            total += values[t, tokens[t, i]] + landscape.bigram[tokens[t - 1, i], tokens[t, i]]
        agreed = 0.0
        for t in range(length):
            agreed += principles[np.uint64(t * vocabulary) + tokens[t, i]]
        judged = sigmoid((total + settings.strength * agreed) / length)
        observed[i] += judged - rewards[i]
