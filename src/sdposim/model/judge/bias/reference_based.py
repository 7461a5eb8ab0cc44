"""A judge with a reference answer (RLVRR, arXiv 2601.18533, in toy form)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.rollouts import style_share
from sdposim.model.numerics.jit import inline, jit

COST = 0.9


class Settings(parts.Settings):
    """What `reference_based` reads."""

    share: float = parts.field(
        1.0,
        "The part of the judgement that compares with the reference; the rest is R. Not in the "
        "paper.",
        ge=0,
        le=1,
    )


@jit
def reference_based(settings, landscape, key, step, work, rewards, observed):
    """R is taken for (1 - share) R + share (content + style) / 2.

    The reference is s*, and every second token of it, from the first, is a key point. Content is
    the share of key points that the rollout has in order, wherever they stand: the longest common
    subsequence. Style is the share of tokens of style, the upper half of the vocabulary.
    """
    vocabulary = landscape.quality.shape[1]
    points = (landscape.target.size + 1) // 2
    row = work.deviates[: points + 1]
    for i in range(observed.size):
        content = in_order(work.tokens, i, landscape.target, row) / points
        judged = 0.5 * (content + style_share(work.tokens, vocabulary, i))
        observed[i] += settings.share * (judged - rewards[i])


@inline
def in_order(tokens, i, target, row):
    """How many key points of the target rollout i has in order.

    Args:
        row: overwritten; entry k becomes that of the first k key points.
    """
    row[:] = 0.0
    for t in range(tokens.shape[0]):
        before = 0.0  # entry k - 1 as it was before this token
        for k in range(1, row.size):
            known = row[k]
            if np.int64(tokens[t, i]) == target[2 * (k - 1)]:
                row[k] = before + 1.0
            elif row[k - 1] > known:
                row[k] = row[k - 1]
            before = known
    return row[row.size - 1]
