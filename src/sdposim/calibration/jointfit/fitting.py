"""The joint fit: settings that explain published numbers best, and the evidence of a reading."""

import numpy as np

from sdposim.calibration.identification.evidence import Fit, solve
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import PARTS
from sdposim.calibration.jointfit.reading import Reading
from sdposim.calibration.jointfit.simulate import CENTRE, SPREAD, Linear, Simulator

_GRID = 1e-6
"""Coordinates are rounded to it, so that the last bits of a linear algebra library change none."""
NEAR = 0.3
"""A fit stands where it moved by less than this, in SDs of the posterior."""
_LIMIT = 6
_REACH = 1.5
"""The longest step, in SDs of the prior: derivatives hold no further."""


def posterior(linear: Linear, comparison: Comparison, kept: np.ndarray) -> Fit:
    """The posterior of the settings under the linearisation, and the evidence of the numbers.

    Args:
        linear: what runs give near some coordinates.
        comparison: with the published numbers.
        kept: bool (facts,), the numbers that are fitted.
    """
    predicted = comparison.predicted(linear.means, linear.scatter)
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    slopes = np.einsum("pcs,fcs->pf", linear.slopes, derivatives)
    offset = comparison.values - predicted
    return solve(
        linear.point,
        offset[kept],
        slopes[:, kept],
        covariance[np.ix_(kept, kept)],
        CENTRE,
        SPREAD,
    )


def settled(
    simulator: Simulator,
    reading: Reading,
    comparison: Comparison,
    kept: np.ndarray,
    start: Linear | None = None,
    near: float = NEAR,
    limit: int = _LIMIT,
    report=print,
) -> tuple[Fit, Linear]:
    """Gauss-Newton steps until they hardly move; the fit, and the linearisation that it is of.

    Args:
        simulator: runs the conditions.
        reading: the setting's and the comparison's.
        comparison: with the published numbers.
        kept: bool (facts,), the numbers that are fitted.
        start: a linearisation to start from; at the centre of the prior if it is None.
        near: see `NEAR`.
        limit: of linearisations.
        report: told of each step.
    """
    linear = start
    if linear is None:
        linear = simulator.linear(CENTRE, comparison.conditions, reading.changes)
    for left in reversed(range(limit)):
        fit = posterior(linear, comparison, kept)
        moved = np.abs(fit.coordinates - linear.point) / np.sqrt(np.diag(fit.covariance))
        report(
            f"{reading.name}: squared distance {fit.squared:.1f}, moved {moved.max():.2f} SD of "
            "the posterior"
        )
        if moved.max() < near or not left:
            break
        reach = _REACH * SPREAD
        point = np.clip(fit.coordinates, linear.point - reach, linear.point + reach)
        point = np.round(point / _GRID) * _GRID
        linear = simulator.linear(point, comparison.conditions, reading.changes)
    return fit, linear


def described(fit: Fit, linear: Linear, comparison: Comparison) -> tuple[np.ndarray, np.ndarray]:
    """What the fit predicts, and the offsets of the published numbers in units of all errors."""
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    slopes = np.einsum("pcs,fcs->pf", linear.slopes, derivatives)
    predicted = comparison.predicted(linear.means, linear.scatter)
    predicted = predicted + (fit.coordinates - linear.point) @ slopes
    return predicted, (comparison.values - predicted) / np.sqrt(np.diag(covariance))


def parts_evidence(linear: Linear, comparison: Comparison, method: str) -> np.ndarray:
    """Log evidence of parts of a baseline's numbers, given those of all other methods, (parts,).

    The parts are those of `facts.PARTS`; the last is all of them together.
    """
    own = np.array([fact.method == method for fact in comparison.facts])
    given = posterior(linear, comparison, ~own).log_evidence
    found = []
    for part in PARTS.values():
        chosen = np.array([part(fact) for fact in comparison.facts])
        found.append(posterior(linear, comparison, ~own | (own & chosen)).log_evidence - given)
    return np.array(found)
