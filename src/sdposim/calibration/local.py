"""The posterior near a draw: what it would be if the statistics were linear in the settings.

One Gauss-Newton step from a draw then leads to the mode, and the inverse of the curvature there is
the covariance (Laplace's approximation).
"""

from typing import NamedTuple

import numpy as np
from scipy.special import expit

from sdposim.calibration.distance import ROUNDING, Reading
from sdposim.calibration.draws import Draws
from sdposim.calibration.prior import PARAMETERS, values
from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import Tables
from sdposim.simulation.landscape import make_landscape

LONGEST = 1.0
"""Longest step, in the coordinates z: beyond it the statistics are not linear."""
_NAMES = list(CONDITIONS)
_KEYS = [parameter.key for parameter in PARAMETERS]


class Step(NamedTuple):
    """A Gauss-Newton step for each of some draws.

    Attributes:
        z: (draws, parameters), where it leads.
        gain: (draws,), by how much the log posterior should grow.
        precision: (draws, parameters, parameters), minus the log posterior's second derivatives.
    """

    z: np.ndarray
    gain: np.ndarray
    precision: np.ndarray

    @property
    def log_evidence(self) -> np.ndarray:
        """Log of the posterior's mass around its mode over its density there, less a constant."""
        return -0.5 * np.linalg.slogdet(self.precision)[1]


class Terms:
    """What each published column adds to the log posterior's slope and curvature at draws.

    Args:
        z: (draws, parameters).
        means: (draws, conditions, statistics), over runs.
        count: how many runs.
        slopes: (draws or 1, conditions, statistics, parameters), d means / dz.
        covariance: (draws, conditions, statistics, statistics), of one run.
        tables: what is to be explained.
    """

    def __init__(self, z, means, count, slopes, covariance, tables: Tables) -> None:
        self.z, self.means, self.count, self.slopes = z, means, count, slopes
        self.covariance, self.tables = covariance, tables
        self._done: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}

    def step(self, reading: Reading) -> Step:
        """The step of each draw under a reading, at most `LONGEST`."""
        precision = np.tile(np.eye(self.z.shape[1]), (len(self.z), 1, 1))
        force = -self.z.copy()
        for condition, columns in reading.groups.items():
            key = (condition, tuple(columns), reading.correlation_steps)
            if key not in self._done:
                self._done[key] = self._column(condition, columns, reading.statistics)
            precision += self._done[key][0]
            force += self._done[key][1]
        move = np.linalg.solve(precision, force[..., None])[..., 0]
        length = np.linalg.norm(move, axis=1)
        move *= np.minimum(1.0, LONGEST / np.maximum(length, 1e-12))[:, None]
        gain = np.sum(force * move, axis=1)
        gain -= 0.5 * np.einsum("dp,dpq,dq->d", move, precision, move)
        return Step(self.z + move, gain, precision)

    def _column(self, condition, columns, statistics):
        c = _NAMES.index(condition)
        published = np.mean([self.tables[column] for column in columns], axis=0)
        covariance = self.covariance[:, c][:, statistics][:, :, statistics]
        covariance = covariance * (1 / len(columns) + 1 / self.count)
        covariance = covariance + ROUNDING / len(columns) * np.eye(len(statistics))
        slopes = self.slopes[:, c][:, statistics]
        weighted = np.linalg.solve(covariance, slopes)
        missing = published - self.means[:, c][:, statistics]
        return (
            np.einsum("dsp,dsq->dpq", slopes, weighted),
            np.einsum("dsp,ds->dp", weighted, missing),
        )


def fitted_slopes(draws: Draws, weights: np.ndarray, landscape: dict) -> np.ndarray:
    """How the statistics change with z, (draws, conditions, statistics, parameters).

    A weighted linear regression with an intercept for each landscape. The level of the reward has
    slopes that differ even in sign between landscapes; the reward of a uniform policy, which is
    known, carries these, and the regression what is left.

    Args:
        draws: settings and their runs.
        weights: (draws,), of the regression.
        landscape: the `landscape` group of the base setting, for its V and T.
    """
    means = draws.runs.mean(axis=2)
    level, level_slopes = uniform_reward(draws.z, draws.landscape, landscape)
    rest = means.copy()
    rest[:, :, 0] -= level[:, None]
    order, place = np.unique(draws.landscape, return_inverse=True)
    total = np.maximum(np.bincount(place, weights, len(order)), 1e-300)

    def centred(columns):
        sums = np.zeros((len(order), columns.shape[1]))
        np.add.at(sums, place, weights[:, None] * columns)
        return columns - (sums / total[:, None])[place]

    root = np.sqrt(weights)[:, None]
    flat = rest.reshape(len(rest), -1)
    found = np.linalg.lstsq(root * centred(draws.z), root * centred(flat), rcond=None)[0]
    slopes = np.tile(found.T.reshape(*means.shape[1:], -1), (len(means), 1, 1, 1))
    slopes[:, :, 0] += level_slopes[:, None]
    return slopes


def uniform_reward(
    z: np.ndarray, landscapes: np.ndarray, landscape: dict
) -> tuple[np.ndarray, np.ndarray]:
    """The reward at the mean bracket of equation 1 under a uniform policy.

    Returns:
        The reward (draws,) and its slopes (draws, parameters).
    """
    order, place = np.unique(landscapes, return_inverse=True)
    standard = landscape | {"quality_sd": 1.0, "bigram_sd": 1.0, "pattern_weight": 0.0}
    tables = [make_landscape(standard, int(seed)) for seed in order]
    quality = np.array([table.quality.mean() for table in tables])[place]
    bigram = np.array([table.bigram.mean() for table in tables])[place]
    vocabulary, length = landscape["vocabulary_size"], landscape["sequence_length"]

    def reward(z):
        chosen = dict(zip(_KEYS, np.moveaxis(values(z), -1, 0), strict=True))
        bracket = chosen["quality_sd"] * quality + chosen["pattern_weight"] / vocabulary
        return expit(bracket + chosen["bigram_sd"] * bigram * (length - 1) / length)

    level, width = reward(z), 1e-3
    slopes = [(reward(z + width * unit) - level) / width for unit in np.eye(z.shape[1])]
    return level, np.stack(slopes, axis=1)
