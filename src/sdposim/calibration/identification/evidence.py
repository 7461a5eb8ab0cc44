"""The evidence of published tables for a landscape, whatever the open settings.

A published number is one run. Near the centre of the prior the mean of a run is linear in the
coordinates, whose prior is normal, so that the published numbers are normal too, and their density
is the evidence of the landscape: the likelihood averaged over the prior of the settings.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sdposim.analysis.published import Value
from sdposim.calibration.identification import space
from sdposim.calibration.identification.plan import FEEDBACKS
from sdposim.calibration.identification.simulate import PRINTED, REVERSED, SDPO, STATISTICS

READINGS = (REVERSED, PRINTED)
"""Of REINFORCE's direction, equally likely beforehand. As printed its correlation is positive, so
that reading takes the published sign for an error of the metric and compares its size."""


class Observed(NamedTuple):
    """The published tables under a reading.

    Attributes:
        conditions: the conditions that they are compared with.
        values: (conditions, statistics); a baseline's are means over the four columns, which are
            four runs of one condition.
        columns: (conditions,), how many runs each of them is a mean of.
        rounding: (conditions, statistics), variance of the values' rounding.
    """

    conditions: tuple[str, ...]
    values: np.ndarray
    columns: np.ndarray
    rounding: np.ndarray


def observed(published: Sequence[Value], reading: str) -> Observed:
    """SDPO's and REINFORCE's numbers of tables 1 to 3, from those of `plan.tables`."""
    shape = (2, len(FEEDBACKS), len(STATISTICS))
    sdpo, reinforce = np.array([value.value for value in published]).reshape(shape)
    exact, averaged = np.array([value.variance for value in published]).reshape(shape)
    mean = reinforce.mean(axis=0)
    if reading == PRINTED:
        mean[STATISTICS.index("correlation")] *= -1.0
    return Observed(
        conditions=(*SDPO, f"reinforce/{reading}"),
        values=np.vstack([sdpo, mean]),
        columns=np.array([1, 1, 1, 1, 4]),
        rounding=np.vstack([exact, averaged.mean(axis=0) / len(FEEDBACKS)]),
    )


def noise(scatter: np.ndarray, columns: np.ndarray, rounding: np.ndarray, runs: int) -> np.ndarray:
    """Covariance of published less simulated values, both flattened: (c s, c s).

    Args:
        scatter: (conditions, statistics, statistics), of single runs.
        columns: (conditions,), runs behind each published value.
        rounding: (conditions, statistics), variance of its rounding.
        runs: runs behind each simulated mean.
    """
    count, statistics = scatter.shape[:2]
    out = np.zeros((count * statistics, count * statistics))
    for c in range(count):
        block = slice(c * statistics, (c + 1) * statistics)
        out[block, block] = scatter[c] * (1 / columns[c] + 1 / runs)
        out[block, block] += np.diag(rounding[c])
    return out


def average_evidence(means, observed, covariance, slopes) -> np.ndarray:
    """Log evidence of many landscapes from runs at the centre, (landscapes,).

    The derivatives of a landscape are not known here: they are taken as normal among landscapes,
    with the mean and the covariance of a sample.

    Args:
        means: (landscapes, conditions, statistics), of runs at the centre of the prior.
        observed: an `Observed`.
        covariance: from `noise`.
        slopes: (sample, parameters, conditions, statistics), of a sample of landscapes.
    """
    flat = slopes.reshape(*slopes.shape[:2], -1)
    mean = flat.mean(axis=0)
    wide = covariance + (mean.T * space.SPREAD**2) @ mean
    for place, spread in enumerate(space.SPREAD):
        wide = wide + spread**2 * np.cov(flat[:, place].T)
    offsets = (means - observed.values).reshape(len(means), -1)
    squared = np.einsum("ki,ij,kj->k", offsets, np.linalg.inv(wide), offsets)
    return -0.5 * (squared + np.linalg.slogdet(2 * np.pi * wide)[1])


class Fit(NamedTuple):
    """The best settings of a landscape.

    Attributes:
        coordinates: (parameters,), of the largest posterior density.
        covariance: (parameters, parameters), of the posterior of the coordinates.
        squared: squared distance of the published numbers there, in units of their scatter.
        prior: squared distance from the centre of the prior, in units of its spread.
        log_evidence: of the landscape, by Laplace's approximation.
    """

    coordinates: np.ndarray
    covariance: np.ndarray
    squared: float
    prior: float
    log_evidence: float


def step(coordinates, means, slopes, observed, covariance) -> Fit:
    """A Gauss-Newton step towards the best settings of a landscape, and the evidence there.

    Args:
        coordinates: (parameters,), where the means and slopes are.
        means: (conditions, statistics).
        slopes: (parameters, conditions, statistics).
        observed: an `Observed`.
        covariance: from `noise`.
    """
    offset = (observed.values - means).ravel()
    flat = slopes.reshape(len(slopes), -1)
    return solve(coordinates, offset, flat, covariance, space.CENTRE, space.SPREAD)


def solve(coordinates, offset, slopes, covariance, centre, spread) -> Fit:
    """The posterior of normal coordinates of which normal numbers are linear functions.

    Args:
        coordinates: (parameters,), where the numbers were predicted.
        offset: (numbers,), published less predicted.
        slopes: (parameters, numbers).
        covariance: (numbers, numbers), of the offset at given coordinates.
        centre, spread: (parameters,), mean and SD of the prior.
    """
    precision = np.linalg.inv(covariance)
    weighted = slopes @ precision
    curvature = weighted @ slopes.T + np.diag(spread**-2)
    pull = weighted @ offset + (centre - coordinates) / spread**2
    moved = coordinates + np.linalg.solve(curvature, pull)
    left = offset - slopes.T @ (moved - coordinates)
    squared = float(left @ precision @ left)
    prior = float(np.sum(((moved - centre) / spread) ** 2))
    constants = np.linalg.slogdet(2 * np.pi * covariance)[1]
    constants += np.linalg.slogdet(curvature)[1] + 2 * np.log(spread).sum()
    log_evidence = -0.5 * (squared + prior + float(constants))
    return Fit(moved, np.linalg.inv(curvature), squared, prior, log_evidence)
