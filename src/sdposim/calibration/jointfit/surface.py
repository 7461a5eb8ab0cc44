"""Numbers as polynomials of the settings, by least squares, and how they scatter about them."""

from math import log

import numpy as np

from sdposim.calibration.jointfit.importance import student
from sdposim.calibration.jointfit.simulate import CENTRE, PARAMETERS, SPREAD

_LINEAR = [place for place, own in enumerate(PARAMETERS) if own.key in ("bigram_sd", "hint_sd")]
"""What these do vanishes with them, so that nothing is linear in their logarithm."""
_STEP = 0.05
_REACH = 1.0
"""Largest leverage of a point at which a surface is believed, that is, where its own error has the
variance of what it is of; inside the sample, a point's is a tenth or so."""


def standardised(coordinates: np.ndarray) -> np.ndarray:
    """Coordinates in SDs of the prior from its centre."""
    return (coordinates - CENTRE) / SPREAD


def coordinates(points: np.ndarray) -> np.ndarray:
    """The reverse of `standardised`."""
    return CENTRE + SPREAD * points


class Surface:
    """Numbers near some points: a polynomial of the third degree, without mixed cubic terms.

    What a number scatters about it is normal, with the same covariance at all points. Coefficients
    and covariance are those of a sample, so that a new vector of numbers is Student's t.
    """

    def __init__(self, points, numbers, errors, together=None):
        """Fit.

        Args:
            points: (papers, parameters), standardised.
            numbers: (papers, numbers).
            errors: (numbers, numbers), covariance of what is added to numbers when published.
            together: bool (numbers, numbers), which of them scatter together; all, if it is None.
        """
        moved = _transformed(points)
        self._centre, self._scale = moved.mean(axis=0), moved.std(axis=0)
        terms = self._terms(points)
        self._gram = np.linalg.inv(terms.T @ terms)
        self._weights = self._gram @ (terms.T @ numbers)
        left = numbers - terms @ self._weights
        self._degrees = len(points) - terms.shape[1]
        covariance = left.T @ left / self._degrees
        self._sampled = together is None
        if together is not None:
            covariance = np.where(together, covariance, 0.0)
        self._covariance = covariance + errors

    def log_density(self, points: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Of values (numbers,) at points (points, parameters), (points,).

        It is -inf where no papers were: a polynomial says nothing there.
        """
        terms = self._terms(points)
        leverage = np.einsum("ki,ij,kj->k", terms, self._gram, terms)
        return np.where(leverage > _REACH, -np.inf, self._density(terms, leverage, values))

    def _density(self, terms, leverage, values) -> np.ndarray:
        wider = 1 + leverage
        root = np.linalg.cholesky(self._covariance)
        offset = values - terms @ self._weights
        squared = np.sum(np.linalg.solve(root, offset.T) ** 2, axis=0) / wider
        size = len(values)
        log_root = np.log(np.diag(root)).sum() + size / 2 * np.log(wider)
        if not self._sampled:
            # Few numbers scatter together: what their covariance is off hardly matters.
            return -0.5 * (squared + size * log(2 * np.pi)) - log_root
        degrees = self._degrees - size + 1
        stretch = self._degrees / degrees
        return student(squared / stretch, log_root + size / 2 * log(stretch), size, degrees)

    def slopes(self, point: np.ndarray) -> np.ndarray:
        """Derivatives at a point, (parameters, numbers)."""
        shifts = _STEP * np.eye(len(point))
        above, below = (self._terms(point + side * shifts) @ self._weights for side in (1, -1))
        return (above - below) / (2 * _STEP)

    def score(self, point: np.ndarray) -> np.ndarray:
        """Weights of the numbers in one summary a setting, (parameters, numbers).

        Were the numbers linear and normal, and the prior too, the summaries would move as the
        posterior's mean does, and nothing else in the numbers would tell of the settings.
        """
        weighted = self.slopes(point) @ np.linalg.inv(self._covariance)
        return np.linalg.solve(weighted @ self.slopes(point).T + np.eye(len(point)), weighted)

    def _terms(self, points: np.ndarray) -> np.ndarray:
        moved = (_transformed(points) - self._centre) / self._scale
        places = np.tril_indices(moved.shape[1])
        products = moved[:, places[0]] * moved[:, places[1]]
        return np.column_stack([np.ones(len(moved)), moved, products, moved**3])


def _transformed(points: np.ndarray) -> np.ndarray:
    moved = points.copy()
    moved[:, _LINEAR] = np.exp(SPREAD[_LINEAR] * points[:, _LINEAR])
    return moved
