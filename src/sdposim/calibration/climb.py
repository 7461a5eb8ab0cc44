"""From a start to the mode of the posterior on its landscape: a few Gauss-Newton steps.

Slopes are finite differences of simulations that share their random numbers, so that the scatter of
runs cancels. Climbs are independent of each other.
"""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.distance import ALL_READINGS, Scatter, distances
from sdposim.calibration.files import arrays, plain, read_json, write_json
from sdposim.calibration.local import Terms
from sdposim.calibration.posterior import THRESHOLD
from sdposim.calibration.prior import on_grid, setting, values
from sdposim.calibration.simulator import CONDITIONS, STATISTICS, simulate
from sdposim.calibration.target import Tables

RUNS = (4, 8, 16, 16)
"""Runs of each condition at each point that a climb tries."""
HOPELESS = 1.5 * THRESHOLD
"""A climb ends where the next step should leave a squared distance above this."""
_WIDTH = 0.15
"""Width of the finite differences, in the coordinates z."""


class Mode(NamedTuple):
    """Where a climb ended.

    Attributes:
        z: (parameters,).
        landscape: the landscape's seed.
        reading: index into `ALL_READINGS`.
        precision: (parameters, parameters), of the posterior there.
        distance: the squared distance there.
        log_evidence: log of the posterior's mass around the mode, less a constant.
    """

    z: np.ndarray
    landscape: int
    reading: int
    precision: np.ndarray
    distance: float
    log_evidence: float


class _Point(NamedTuple):
    runs: int
    mode: Mode
    onward: np.ndarray  # (parameters,), where the next step leads
    left: float  # the squared distance that it should leave


def climb(base: dict, start: dict, first_seed: int, scatter: Scatter, tables: Tables) -> Mode:
    """Climb from a start.

    Args:
        base: a resolved setting, see `plan.base_setting`.
        start: one of `search.starts`.
        first_seed: from which the seeds of its runs are counted.
        scatter: the run-to-run scatter.
        tables: what is to be explained.
    """
    points, z = [], np.array(start["z"])
    for runs in RUNS:
        seeds = list(range(first_seed, first_seed + runs))
        points.append(_point(base, on_grid(z), start, seeds, scatter, tables))
        if points[-1].left > HOPELESS:
            break
        z = points[-1].onward
    # Fewer runs make a flatter likelihood, so only points with equally many compare.
    equally = [point.mode for point in points if point.runs == points[-1].runs]
    return max(equally, key=lambda mode: mode.log_evidence)


def _point(base, z, start, seeds, scatter, tables) -> _Point:
    index, landscape = start["reading"], start["landscape"]
    reading, runs = ALL_READINGS[index], len(seeds)
    means, slopes = _means_and_slopes(base, z, landscape, reading, seeds)
    covariance = scatter.covariance(z[None])
    squared, logs = distances(means[None], runs, covariance, tables)
    step = Terms(z[None], means[None], runs, slopes[None], covariance, tables).step(reading)
    distance, onward = float(squared[0, index]), step.z[0]
    log_posterior = float(logs[0, index]) - 0.5 * float(z @ z)
    log_evidence = log_posterior + float(step.log_evidence[0])
    mode = Mode(z, landscape, index, step.precision[0], distance, log_evidence)
    left = distance - 2 * float(step.gain[0]) + float(z @ z - onward @ onward)
    return _Point(runs, mode, onward, left)


def _means_and_slopes(base, z, landscape, reading, seeds):
    """Means over runs (conditions, statistics), and their slopes (..., parameters)."""

    def means(z):
        settings = setting(base, values(z), landscape)
        found = np.zeros((len(CONDITIONS), len(STATISTICS)))
        for c, condition in enumerate(CONDITIONS):
            if condition in reading.groups:
                found[c] = simulate(settings, condition, seeds).mean(axis=0)
        return found

    here = means(z)
    slopes = np.empty((*here.shape, z.size))
    for place in range(z.size):
        moved = z.copy()
        moved[place] -= np.copysign(_WIDTH, z[place])  # inwards, away from the prior's edge
        slopes[..., place] = (means(moved) - here) / (moved[place] - z[place])
    return here, slopes


def write_modes(path: str, modes: list[Mode]) -> None:
    """Write where climbs ended."""
    write_json(path, {"modes": [plain(mode) for mode in modes]})


def read_modes(paths: list[str]) -> list[Mode]:
    """Read what `write_modes` wrote, one file after the other."""
    return [Mode(**arrays(mode)) for path in paths for mode in read_json(path)["modes"]]
