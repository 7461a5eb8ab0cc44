"""Exact rewards of a landscape: what a policy can expect, and what the best sequence gets.

And what samples of a policy can be expected to hold: how many distinct sequences of those that are
worth finding.
"""

from collections.abc import Mapping

import numpy as np

from sdposim.model.landscape import Landscape

LARGEST = 2**24
"""Sequences that are enumerated at most: 128 MB."""
ERROR = 1e-7
"""The largest error of an expected reward that is not a sum over all sequences."""
DRAWS = 1000
"""Samples of a policy in which distinct sequences are counted."""
WORTH = {"good": 0.8, "excellent": 0.9}
"""Name -> share of the possible gain that such a sequence gets at least."""


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
    for own in probabilities:
        # The first token is summed out: each number left is what those after it can expect.
        rewards = own @ rewards.reshape(own.size, -1)
    return float(rewards.item())


def worth(rewards: np.ndarray, vocabulary: int, share: float) -> np.ndarray:
    """The sequences that get at least a share of the possible gain: tokens, int64 (T, count).

    Args:
        rewards: of all sequences, from `every_reward`.
        vocabulary: V.
        share: of the gain from the uniform policy's reward to the largest one; up to 1.
    """
    lowest = rewards.mean()
    found = np.flatnonzero(rewards >= lowest + share * (rewards.max() - lowest))
    length = round(np.log(rewards.size) / np.log(vocabulary))
    return np.stack(np.unravel_index(found, (vocabulary,) * length))


def distinct(logs: np.ndarray, tokens: np.ndarray, draws: int = DRAWS) -> float:
    """How many of some sequences samples of a policy hold on average, each counted once.

    Sequence s is among N samples with probability 1 - (1 - pi(s))^N, which is computed so that
    neither a small pi(s) is lost beside 1 nor a large one is rounded past it.

    Args:
        logs: log pi, (T, V).
        tokens: the sequences, (T, count), from `worth`.
        draws: N.
    """
    chances = np.exp(np.take_along_axis(logs, tokens, axis=1).sum(axis=0))
    with np.errstate(divide="ignore"):  # of a sequence that is certain: log1p(-1)
        missed = np.log1p(-np.minimum(chances, 1.0))
    return float(-np.expm1(draws * missed).sum())


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
