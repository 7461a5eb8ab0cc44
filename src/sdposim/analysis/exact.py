"""Exact rewards of a landscape: what a policy can expect, and what the best sequence gets."""

from collections.abc import Mapping

import numpy as np

from sdposim.model.landscape import Landscape

LARGEST = 2**24
"""Sequences that are enumerated at most: 128 MB."""
ERROR = 1e-7
"""The largest error of an expected reward that is not a sum over all sequences."""


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


def expected_at_any_size(
    landscape: Landscape, probabilities: np.ndarray, error: float = ERROR
) -> float:
    """As `expected`, of a landscape with any number of sequences, in T V^2 for some 20 frequencies.

    With x the bracket over T, the logistic function is the integral

        sigmoid(x) = 1/2 + int_0^inf sin(w x) / sinh(pi w) dw,

    and E sin(w x) is the imaginary part of the characteristic function of x, which is exact: the
    bracket is a sum over neighbours, so it is a product of T matrices. The midpoint rule with step
    h gives sigmoid(x) but for the other terms of Poisson's sum, at most
    exp(|x|) / (exp(2 pi / h) - 1), and stopping after K steps leaves out at most
    (1/pi) ln coth(pi K h / 2); here each is at most half of `error`.

    Args:
        landscape: the rewards.
        probabilities: (T, V), rows sum to 1.
        error: bound on the error, apart from rounding.
    """
    values, length = _values(landscape), landscape.target.size
    widest = (np.abs(values).max(axis=1).sum() / length) + np.abs(landscape.bigram).max()
    step = 2 * np.pi / np.logaddexp(0.0, widest + np.log(2 / error))
    count = int(np.ceil(np.log(4 / error) / (np.pi * step)))
    total = 0.0
    for frequency in (np.arange(count) + 0.5) * step:
        sine = _characteristic(values, landscape.bigram, probabilities, frequency / length).imag
        total += sine / np.sinh(np.pi * frequency)
    return float(0.5 + step * total)


def _characteristic(values, bigram, probabilities, frequency: float) -> complex:
    """The characteristic function of the bracket under a policy that is by position."""
    neighbours = np.exp(1j * frequency * bigram)
    turned = probabilities * np.exp(1j * frequency * values)
    state = turned[0]
    for own in turned[1:]:
        state = (state @ neighbours) * own
    return state.sum()


def uniform_reward(landscape: Landscape) -> float:
    """The expected reward of the uniform policy: the mean over all sequences.

    Above `LARGEST` sequences it is within `ERROR`.
    """
    length, vocabulary = landscape.quality.shape
    if vocabulary**length <= LARGEST:
        return float(every_reward(landscape).mean())
    return expected_at_any_size(landscape, np.full((length, vocabulary), 1 / vocabulary))


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
