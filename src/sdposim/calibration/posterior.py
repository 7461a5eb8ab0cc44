"""From draws of all generations to posterior weights and the next proposal."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import chi2

from sdposim.calibration.distance import (
    ALL_READINGS,
    READINGS,
    ROUNDING,
    Scatter,
    distances,
    fit_scatter,
)
from sdposim.calibration.draws import Draws
from sdposim.calibration.proposal import Proposal, log_density
from sdposim.calibration.simulator import CONDITIONS
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

    def weights(self, size: float) -> tuple[float, np.ndarray]:
        """Posterior weights (draws,), the likelihood flattened until they are worth `size` draws.

        Returns:
            The power of the likelihood, at most 1, and the weights, sum 1.
        """

        def weights(power):
            logs = self.log_weight + power * self.marginal
            return np.exp(logs - logsumexp(logs))

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


def pooled(draws: Draws, proposals: list[Proposal]) -> np.ndarray:
    """Log density over the prior's, (draws,), of draws of all generations taken together.

    Args:
        draws: of generations 0 .. len(proposals), in equal numbers.
        proposals: of generations 1, 2, ...; generation 0 is drawn from the prior.
    """
    sampled = [np.zeros(len(draws.z))]
    sampled += [log_density(proposal, draws.z, draws.landscape) for proposal in proposals]
    return logsumexp(sampled, axis=0) - np.log(len(sampled))


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


def propose(
    draws: Draws,
    posterior: Posterior,
    tables: Tables,
    size: int,
    shares: tuple[float, float, float],
    seed: list[int],
) -> Proposal:
    """The mixture from which the next generation is drawn.

    Each component is a likely draw, moved by a Gauss-Newton step towards the tables on its
    landscape. The kernel around it is the normal approximation of the posterior there.

    Args:
        draws: of all generations so far.
        posterior: from `evaluate`.
        tables: what is to be explained.
        size: how many landscapes there are.
        shares: of the mixture's parts, see `proposal`.
        seed: for the choice of components.
    """
    _, weights = posterior.weights(min(_COMPONENTS, len(draws.z)) / 16)
    rng = np.random.default_rng(seed)
    chosen, counts = np.unique(
        rng.choice(len(weights), size=_COMPONENTS, p=weights), return_counts=True
    )
    centre = weights @ draws.z
    spread = (draws.z - centre).T * weights @ (draws.z - centre)
    slopes = fit_slopes(draws, posterior.weights(min(_COMPONENTS, len(draws.z)) / 2)[1])
    moved, narrow = gauss_newton(draws, posterior, tables, slopes, chosen)
    return Proposal(
        moved,
        draws.landscape[chosen],
        counts / _COMPONENTS,
        narrow,
        0.5 * spread + _FLOOR * np.eye(len(spread)),
        size,
        np.array(shares),
    )


_COMPONENTS = 1024
"""Draws, with repetition, on which a proposal is built."""
_FLOOR = 1e-3
"""Least variance of a kernel, in the coordinates z."""
_LONGEST = 1.0
"""Longest Gauss-Newton step, in the coordinates z: beyond it the statistics are not linear."""


def fit_slopes(draws: Draws, weights: np.ndarray) -> np.ndarray:
    """How the statistics change with z on a landscape, (conditions, statistics, parameters).

    A weighted linear regression with an intercept for each landscape.
    """
    order, place = np.unique(draws.landscape, return_inverse=True)
    total = np.bincount(place, weights, len(order))
    means = draws.runs.mean(axis=2)
    y = means.reshape(len(means), -1)

    def centred(columns):
        sums = np.zeros((len(order), columns.shape[1]))
        np.add.at(sums, place, weights[:, None] * columns)
        return columns - (sums / np.maximum(total, 1e-300)[:, None])[place]

    root = np.sqrt(weights)[:, None]
    slopes = np.linalg.lstsq(root * centred(draws.z), root * centred(y), rcond=None)[0]
    return slopes.T.reshape(*means.shape[1:], -1)


def gauss_newton(
    draws: Draws, posterior: Posterior, tables: Tables, slopes: np.ndarray, chosen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Draws moved to the posterior's mode on their landscape, if statistics were linear in z.

    Args:
        slopes: from `fit_slopes`.
        chosen: int64 (components,), which draws.

    Returns:
        z (components, parameters), and the normal approximation's covariance, averaged over the
        components (parameters, parameters).
    """
    names = list(CONDITIONS)
    parameters = draws.z.shape[1]
    moved = np.empty((len(chosen), parameters))
    covariances = np.zeros((parameters, parameters))
    means, count = draws.runs.mean(axis=2), draws.runs.shape[2]
    scatter = posterior.scatter.covariance(draws.z[chosen])
    for k, index in enumerate(chosen):
        reading = ALL_READINGS[posterior.reading[index]]
        precision, force = np.eye(parameters), -draws.z[index]
        for condition, columns in reading.groups.items():
            c, of = names.index(condition), reading.statistics
            published = np.mean([tables[column] for column in columns], axis=0)
            covariance = scatter[k, c][np.ix_(of, of)] * (1 / len(columns) + 1 / count)
            covariance += ROUNDING * np.eye(len(of))
            pull = np.linalg.solve(covariance, slopes[c][of]).T
            precision = precision + pull @ slopes[c][of]
            force = force + pull @ (published - means[index, c][of])
        step = np.linalg.solve(precision, force)
        length = np.linalg.norm(step)
        moved[k] = draws.z[index] + step * min(1.0, _LONGEST / max(length, 1e-12))
        covariances += np.linalg.inv(precision)
    return moved, covariances / len(chosen) + _FLOOR * np.eye(parameters)


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
