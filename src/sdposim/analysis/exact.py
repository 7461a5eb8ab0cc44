"""Exact rewards of a landscape: what a policy can expect, and what the best sequence gets."""

from collections.abc import Mapping

import numpy as np

from sdposim.model.landscape import Landscape

LARGEST = 2**24
"""Sequences that are enumerated at most: 128 MB."""


def optimum(landscape: Landscape) -> float:
    """The largest reward of equation 1, over all V^T sequences.

    The bracket is a sum over neighbours, so dynamic programming over positions finds it in T V^2
    (Bellman, 1957); the sigmoid keeps the order.
    """
    best = None
    for value in _values(landscape):
        best = value if best is None else (best[:, None] + landscape.bigram).max(axis=0) + value
    return float(_sigmoid(best.max() / landscape.target.size))


def every_reward(landscape: Landscape) -> np.ndarray:
    """Equation 1 of all sequences, float64 (V^T,), the last token changing first.

    Raises:
        ValueError: there are more than `LARGEST` sequences.
    """
    length, vocabulary = landscape.quality.shape
    if vocabulary**length > LARGEST:
        raise ValueError(
            f"{vocabulary}^{length} sequences are too many to enumerate; allowed: {LARGEST:,}"
        )
    first, *others = _values(landscape)
    sums = first
    for value in others:
        # The last axis of what came before is the token before.
        sums = (sums.reshape(-1, vocabulary, 1) + (landscape.bigram + value)).reshape(-1)
    return _sigmoid(sums / length)


def expected(rewards: np.ndarray, probabilities: np.ndarray) -> float:
    """The expected reward of a policy that chooses each position's token by itself.

    Args:
        rewards: of all sequences, from `every_reward`.
        probabilities: (T, V), rows sum to 1.
    """
    chances = np.ones(1)
    for own in probabilities:
        chances = np.multiply.outer(chances, own).reshape(-1)
    return float(chances @ rewards)


def uniform_reward(landscape: Landscape) -> float:
    """The expected reward of the uniform policy: the mean over all sequences."""
    return float(every_reward(landscape).mean())


def possible_gain(landscape: Landscape) -> float:
    """What there is to gain on a landscape: the optimum less the uniform policy's reward."""
    return optimum(landscape) - uniform_reward(landscape)


def is_cheap(landscape: Mapping, policy: Mapping) -> bool:
    """Whether a policy can be evaluated so: of a setting's `landscape` and `policy` groups."""
    sequences = landscape["vocabulary_size"] ** landscape["sequence_length"]
    return policy["context"] == "position" and sequences <= LARGEST


def _values(landscape: Landscape) -> np.ndarray:
    """What each token adds to the bracket, (T, V)."""
    values = landscape.quality.copy()
    values[np.arange(values.shape[0]), landscape.target] += landscape.pattern_weight
    return values


def _sigmoid(values):
    return 1 / (1 + np.exp(-values))
