"""Draws of a posterior by adaptive importance sampling (Cappe et al. 2004, population Monte Carlo).

Coordinates are standardised: the prior is normal with mean 0 and covariance 1.
"""

from collections.abc import Callable
from math import lgamma, log, pi
from typing import NamedTuple

import numpy as np

DRAWS = 4096
_DEGREES, _WIDER, _FROM_PRIOR = 6, 1.2, 0.15
"""A proposal is Student's t of so many degrees, a little wider than the draws before it, mixed with
the prior."""
_ROUNDS, _WORTH = 15, 0.25
"""At most so many, until the weights are worth that share of the draws."""


class Weighted(NamedTuple):
    """Weighted draws.

    Attributes:
        draws: (draws, parameters).
        weights: (draws,), their sum is 1.
        log_evidence: the likelihood averaged over the prior.
        worth: of how many equal draws the weights are worth (effective sample size).
    """

    draws: np.ndarray
    weights: np.ndarray
    log_evidence: float
    worth: float

    @property
    def mean(self) -> np.ndarray:
        """(parameters,)."""
        return self.weights @ self.draws

    @property
    def covariance(self) -> np.ndarray:
        """(parameters, parameters)."""
        offset = self.draws - self.mean
        return (self.weights[:, None] * offset).T @ offset

    def quantiles(self, levels) -> np.ndarray:
        """Of every coordinate, (levels, parameters)."""
        found = []
        for column in self.draws.T:
            order = np.argsort(column, kind="stable")
            below = np.cumsum(self.weights[order]) - 0.5 * self.weights[order]
            found.append(np.interp(levels, below, column[order]))
        return np.array(found).T

    def ranks(self, point: np.ndarray) -> np.ndarray:
        """The probability below each coordinate of a point, (parameters,)."""
        return self.weights @ (self.draws < point)


def sample(
    log_likelihood: Callable[[np.ndarray], np.ndarray],
    mean: np.ndarray,
    covariance: np.ndarray,
    rng: np.random.Generator,
    draws: int = DRAWS,
) -> Weighted:
    """Draws of the posterior.

    Args:
        log_likelihood: of points (draws, parameters), (draws,).
        mean, covariance: where to begin.
        rng: of all draws.
        draws: how many in each round; the last are returned.
    """
    for _ in range(_ROUNDS):
        points, log_proposal = _proposed(mean, covariance * _WIDER, rng, draws)
        log_prior = -0.5 * np.sum(points**2, axis=1) - 0.5 * points.shape[1] * log(2 * pi)
        log_weights = log_likelihood(points) + log_prior - log_proposal
        top = log_weights.max()
        power = 1.0
        # Weights of a proposal that is far off rest on few draws; flattened, they show the way.
        while power > 1e-3 and _worth(power * (log_weights - top)) < _WORTH / 2 * draws:
            power *= 0.8
        weights = np.exp(power * (log_weights - top))
        evidence = top + log(np.exp(log_weights - top).mean())
        found = Weighted(points, weights / weights.sum(), evidence, _worth(log_weights - top))
        if found.worth > _WORTH * draws:
            break
        mean, covariance = found.mean, found.covariance + 1e-9 * np.eye(len(mean))
    return found


def _worth(log_weights: np.ndarray) -> float:
    weights = np.exp(log_weights)
    return float(weights.sum() ** 2 / (weights**2).sum())


def _proposed(mean, covariance, rng, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points, and the log density of the proposal there."""
    size = len(mean)
    root = np.linalg.cholesky(covariance)
    scale = np.sqrt(rng.chisquare(_DEGREES, count) / _DEGREES)
    wide = mean + (rng.normal(size=(count, size)) / scale[:, None]) @ root.T
    plain = rng.normal(size=(count, size))
    points = np.where(rng.random(count)[:, None] < _FROM_PRIOR, plain, wide)
    squared = np.sum(np.linalg.solve(root, (points - mean).T) ** 2, axis=0)
    log_wide = student(squared, np.log(np.diag(root)).sum(), size, _DEGREES)
    log_prior = -0.5 * np.sum(points**2, axis=1) - 0.5 * size * log(2 * pi)
    return points, np.logaddexp(log(1 - _FROM_PRIOR) + log_wide, log(_FROM_PRIOR) + log_prior)


def student(squared: np.ndarray, log_root, size: int, degrees: float) -> np.ndarray:
    """Log density of a multivariate Student's t.

    Args:
        squared: squared distances from its centre, in units of its scale.
        log_root: half the log determinant of its scale matrix.
        size: of the vector.
        degrees: of freedom.
    """
    constant = lgamma((degrees + size) / 2) - lgamma(degrees / 2) - size / 2 * log(degrees * pi)
    return constant - log_root - (degrees + size) / 2 * np.log1p(squared / degrees)
