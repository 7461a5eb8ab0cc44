"""Where to look next: candidates for a mode near likely draws, and what is made of them.

Exploring generations are drawn around candidates. The best candidates are the starts of `climb`.
"""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.distance import ALL_READINGS, Scatter
from sdposim.calibration.draws import Draws
from sdposim.calibration.files import arrays, plain, read_json, write_json
from sdposim.calibration.local import Terms, fitted_slopes
from sdposim.calibration.posterior import Posterior, flattened
from sdposim.calibration.proposal import Proposal, mixture
from sdposim.calibration.target import Tables

PRIOR_SHARE, ANYWHERE_SHARE = 0.1, 0.5
"""Of an exploring generation: draws from the prior, and of the others those on any landscape."""
_LIKELIEST = 4096
"""Draws from which candidates are made."""
_SLOPES_FROM = 512.0
"""Effective number of draws that the slopes are fitted to."""
_KERNELS, _KERNELS_WORTH = 512, 64.0
"""Kernels of an exploring proposal, drawn with weights worth so many candidates."""
_FLOOR = 1e-3
"""Least variance of a kernel, in the coordinates z."""


class Candidates(NamedTuple):
    """Where the posterior may have a mode, as far as a Gauss-Newton step can tell.

    Attributes:
        z: (draws, readings, parameters).
        landscape: int64 (draws,).
        precision: (draws, readings, parameters, parameters).
        log_evidence: (draws, readings), of the posterior around the mode.
    """

    z: np.ndarray
    landscape: np.ndarray
    precision: np.ndarray
    log_evidence: np.ndarray


def candidates(draws: Draws, posterior: Posterior, tables: Tables, landscape: dict) -> Candidates:
    """Steps from the likeliest draws under every reading.

    Args:
        draws: of all generations so far.
        posterior: from `evaluate`.
        tables: what is to be explained.
        landscape: the `landscape` group of the base setting.
    """
    chosen = np.argsort(-posterior.marginal, kind="stable")[:_LIKELIEST]
    near = Draws(*(column[chosen] for column in draws))
    _, weights = flattened(posterior.marginal[chosen], _SLOPES_FROM)
    terms = Terms(
        near.z,
        near.runs.mean(axis=2),
        near.runs.shape[2],
        fitted_slopes(near, weights, landscape),
        posterior.scatter.covariance(near.z),
        tables,
    )
    steps = [terms.step(reading) for reading in ALL_READINGS]
    before = posterior.log_likelihood[chosen] - 0.5 * np.sum(near.z**2, axis=1)[:, None]
    gained = np.stack([step.gain + step.log_evidence for step in steps], axis=1)
    return Candidates(
        np.stack([step.z for step in steps], axis=1),
        near.landscape,
        np.stack([step.precision for step in steps], axis=1),
        before + gained,
    )


def explore(found: Candidates, size: int, seed: list[int]) -> Proposal:
    """The next exploring generation's proposal.

    Args:
        found: candidates.
        size: how many landscapes there are.
        seed: for the choice of kernels.
    """
    readings = found.log_evidence.argmax(axis=1)
    rows = np.arange(len(readings))
    _, weights = flattened(found.log_evidence[rows, readings], _KERNELS_WORTH)
    picked = np.random.default_rng(seed).choice(rows, size=_KERNELS, p=weights)
    chosen, counts = np.unique(picked, return_counts=True)
    precision = found.precision[chosen, readings[chosen]]
    return mixture(
        PRIOR_SHARE,
        ANYWHERE_SHARE,
        counts / _KERNELS,
        found.z[chosen, readings[chosen]],
        found.landscape[chosen],
        kernel_scales(precision),
        size,
    )


def kernel_scales(precision: np.ndarray) -> np.ndarray:
    """Scale matrices (kernels, parameters, parameters): the posterior's, with a floor."""
    return np.linalg.inv(precision) + _FLOOR * np.eye(precision.shape[-1])


def starts(found: Candidates, count: int) -> list[dict]:
    """The best candidates: one for each landscape and reading of the hint, the likeliest first.

    Readings of the hint have starts of their own, since they leave the hints' SD free or fix it.
    """
    best = []
    taken = set()
    for place in np.argsort(-found.log_evidence.ravel(), kind="stable"):
        row, reading = np.unravel_index(place, found.log_evidence.shape)
        key = (int(found.landscape[row]), ALL_READINGS[reading].hint)
        if key in taken:
            continue
        taken.add(key)
        best.append(
            {"z": found.z[row, reading].tolist(), "landscape": key[0], "reading": int(reading)}
        )
        if len(best) == count:
            break
    return best


def write_starts(path: str, starts: list[dict], scatter: Scatter) -> None:
    """Write where climbs start, and the run-to-run scatter by which they measure distances."""
    write_json(path, {"starts": starts, "scatter": plain(scatter)})


def read_starts(path: str) -> tuple[list[dict], Scatter]:
    """Read what `write_starts` wrote."""
    content = read_json(path)
    return content["starts"], Scatter(**arrays(content["scatter"]))
