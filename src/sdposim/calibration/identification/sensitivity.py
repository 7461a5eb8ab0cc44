"""How what is published depends on the open settings: derivatives, and the scatter of runs.

Derivatives are central differences with the same random numbers on both sides, so that a few runs
give them: most of what a run ends at is a function of its landscape and settings.
"""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification import space
from sdposim.calibration.identification.simulate import simulate


class Sensitivity(NamedTuple):
    """Of landscapes, one a row.

    Attributes:
        runs: (landscapes, conditions, runs, statistics), at the centre of the prior.
        slopes: (landscapes, parameters, conditions, statistics), per unit of the coordinate.
    """

    runs: np.ndarray
    slopes: np.ndarray

    def scatter(self) -> np.ndarray:
        """The covariance of a single run, (conditions, statistics, statistics)."""
        residuals = self.runs - self.runs.mean(axis=2, keepdims=True)
        freedom = self.runs.shape[0] * (self.runs.shape[2] - 1)
        return np.einsum("kcrs,kcrt->cst", residuals, residuals) / freedom


def slopes(family, number, coordinates, base, seeds, window, conditions) -> np.ndarray:
    """Derivatives of means over runs, (parameters, conditions, statistics), at coordinates.

    Args:
        family: a `hypotheses.Family`.
        number: the landscape's seed.
        coordinates: (parameters,), see `space`.
        base: the setting of all other keys.
        seeds, window, conditions: as in `simulate.simulate`.
    """

    def means(moved):
        placed = family.placed(number, space.at(moved, base))
        return simulate(*placed, seeds, window, conditions).mean(axis=1)

    found = []
    for place, step in enumerate(space.STEP):
        shift = np.zeros(len(space.STEP))
        shift[place] = step
        found.append((means(coordinates + shift) - means(coordinates - shift)) / (2 * step))
    return np.array(found)
