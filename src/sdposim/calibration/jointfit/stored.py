"""What the steps of a joint fit leave for each other."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.identification.evidence import Fit
from sdposim.calibration.jointfit import plan
from sdposim.calibration.jointfit.simulate import Linear, Simulator


def simulator(job: Mapping) -> Simulator:
    """The simulator that a spec asks for."""
    return Simulator(job["base"], job["window"], job["runs"], job["slope_runs"])


def columns(rows: Iterable) -> dict[str, np.ndarray]:
    """Rows as arrays by name; of a named tuple, its fields."""
    found = [row if isinstance(row, Mapping) else row._asdict() for row in rows]
    return {name: np.array([row[name] for row in found]) for name in found[0]}


class Tried(NamedTuple):
    """Readings with their fits, one a row, in the order of `readings.READINGS`.

    Attributes:
        coordinates, covariance, squared, prior, log_evidence: as in `Fit`.
        predicted: (readings, facts), at the fit.
        z: (readings, facts), published less predicted, in units of all errors.
        parts: (readings, parts), log evidence of parts of a baseline's numbers, given all others'.
    """

    coordinates: np.ndarray
    covariance: np.ndarray
    squared: np.ndarray
    prior: np.ndarray
    log_evidence: np.ndarray
    predicted: np.ndarray
    z: np.ndarray
    parts: np.ndarray

    def fit(self, row: int) -> Fit:
        """The fit of a reading."""
        return Fit(*(getattr(self, name)[row] for name in Fit._fields))


def read_fitted() -> tuple[Fit, Linear]:
    """The fit of the first reading, and what runs give near it."""
    found = read_blocks([plan.FITTED])
    return (
        Fit(*(found[name][0] for name in Fit._fields)),
        Linear(*(found[name][0] for name in Linear._fields[:-1]), int(found["runs"][0])),
    )


def read_tried(count: int) -> Tried:
    """All readings, the fitted one first."""
    found = read_blocks([plan.FITTED, *plan.readings(count)], Tried._fields)
    return Tried(**found)
