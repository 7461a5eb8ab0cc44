"""What tables say about draws: distances, likelihoods and posterior weights."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chi2

from sdposim.calibration.distance import (
    ALL_READINGS,
    READINGS,
    Scatter,
    distances,
    fit_scatter,
)
from sdposim.calibration.draws import Draws
from sdposim.calibration.target import Tables

NUMBERS = 36
THRESHOLD = float(chi2.ppf(0.95, NUMBERS))
"""Squared distance that the tables of the true settings exceed in 5% of all papers."""
_FITTED = 512
"""Draws, the likeliest, that the run-to-run scatter is fitted to."""


class Posterior(NamedTuple):
    """What the tables say about the draws.

    Attributes:
        squared: (draws, readings), squared distances in the order of `ALL_READINGS`.
        log_likelihood: (draws, readings).
        log_weight: (draws,), log of prior over sampling density.
        scatter: the run-to-run scatter.
    """

    squared: np.ndarray
    log_likelihood: np.ndarray
    log_weight: np.ndarray
    scatter: Scatter

    @property
    def marginal(self) -> np.ndarray:
        """Log likelihood of each draw, averaged over the readings."""
        return logsumexp(self.log_likelihood, axis=1) - np.log(len(ALL_READINGS))

    @property
    def reading(self) -> np.ndarray:
        """Index of the likeliest reading of each draw."""
        return self.log_likelihood.argmax(axis=1)

    @property
    def distance(self) -> np.ndarray:
        """Squared distance of each draw under its likeliest reading."""
        return self.squared[np.arange(len(self.squared)), self.reading]

    @property
    def log_importance(self) -> np.ndarray:
        """Log posterior weight of each draw, less a constant."""
        return self.log_weight + self.marginal

    def weights(self, size: float) -> tuple[float, np.ndarray]:
        """Posterior weights (draws,), flattened until they are worth `size` draws.

        Returns:
            The power that they were raised to, at most 1, and the weights, sum 1.
        """
        return flattened(self.log_importance, size)


def flattened(logs: np.ndarray, size: float) -> tuple[float, np.ndarray]:
    """Weights exp(power logs) that sum to 1, with the greatest power for which they are worth so
    many draws, at most 1.

    Tempered importance weights, as in Koblents and Miguez, "A population Monte Carlo scheme with
    transformed weights", Statistics and Computing 25 (2015) 407-425.

    Returns:
        The power and the weights.
    """

    def weights(power):
        return np.exp(power * logs - logsumexp(power * logs))

    if effective_size(weights(1.0)) >= size:
        return 1.0, weights(1.0)
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        enough = effective_size(weights(middle)) >= size
        low, high = (middle, high) if enough else (low, middle)
    return low, weights(low)


def effective_size(weights: np.ndarray) -> float:
    """Kish's effective sample size of weights that sum to 1."""
    return float(1.0 / np.sum(weights**2))


def evaluate(draws: Draws, sampled: np.ndarray, tables: Tables) -> Posterior:
    """Weigh draws against tables.

    The scatter is fitted to the likeliest draws, which depend on it: a few rounds settle that.

    Args:
        draws: settings and their runs.
        sampled: log of the density (draws,) that they were drawn from over the prior's.
        tables: what is to be explained.
    """
    means, count = draws.runs.mean(axis=2), draws.runs.shape[2]
    chosen = np.arange(len(means))
    for _ in range(4):
        scatter = fit_scatter(draws.z[chosen], draws.runs[chosen])
        squared, logs = distances(means, count, scatter.covariance(draws.z), tables)
        chosen = np.argsort(-logs.max(axis=1), kind="stable")[:_FITTED]
    return Posterior(squared, logs, -sampled, scatter)


def reading_probabilities(posterior: Posterior, weights: np.ndarray) -> dict[str, dict[str, float]]:
    """Posterior probability of each value of each reading."""
    within = np.exp(
        posterior.log_likelihood - logsumexp(posterior.log_likelihood, axis=1, keepdims=True)
    )
    joint = weights @ within
    return {
        name: {
            str(value): float(
                sum(
                    p
                    for p, reading in zip(joint, ALL_READINGS, strict=True)
                    if getattr(reading, name) == value
                )
            )
            for value in values
        }
        for name, values in READINGS.items()
    }


def quantiles(values: np.ndarray, weights: np.ndarray, levels=(0.05, 0.5, 0.95)) -> list[float]:
    """Weighted quantiles: the smallest value with at least that much weight up to it."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    places = np.searchsorted(reached, np.array(levels) * reached[-1])
    return [float(values[order[min(place, len(values) - 1)]]) for place in places]
