"""The preset: which round settings, by runs, and what the paper would print under them."""

from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.identification.evidence import Fit
from sdposim.calibration.jointfit import plan
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.left_out import predict_weights
from sdposim.calibration.jointfit.reading import FITTED, PRINTED, Reading
from sdposim.calibration.jointfit.rounding import WITHIN, Round, coordinates, log_likelihood, rounds
from sdposim.calibration.jointfit.simulate import PARAMETERS, Linear, Simulator
from sdposim.calibration.readings import changed

TRIED = 12
"""Combinations of round numbers that are simulated."""
WEIGHT_RUNS = 64
_PRINTED = {
    "update": {
        "sequence": {"direction": PRINTED},
        "quality_share": {"direction": PRINTED, "mean": "policy"},
    }
}
AS_PRINTED = Reading(
    "", "as printed", changed(FITTED.changes, _PRINTED), ("reinforce", "adv_weighted")
)  # fmt: skip
"""Equations 4 and 5 as printed; q-bar of equation 5 has the index t, so it is the policy's mean."""
SHOWN = (FITTED, AS_PRINTED)


class Candidates(NamedTuple):
    """Settings that were simulated, a row each; the first is the fit itself, not rounded.

    Attributes:
        values: (rows, parameters), of the settings.
        cost: int64 (rows,), see `rounding.Round`.
        log_likelihood: (rows,), of the published numbers.
        squared: (rows,), their squared distance.
    """

    values: np.ndarray
    cost: np.ndarray
    log_likelihood: np.ndarray
    squared: np.ndarray

    @property
    def chosen(self) -> int:
        """The row of the preset: the round settings with the largest posterior probability."""
        total = self.log_likelihood - self.cost
        return 1 + int(np.argmax(total[1:]))


class Shown(NamedTuple):
    """What the paper would print under the preset, a row per reading of `SHOWN`.

    Attributes:
        predicted: (readings, facts), the mean of what would be printed.
        sd: (readings, facts), its SD, of single runs.
        z: (readings, facts), published less predicted, in units of all errors together.
        squared: (readings,), squared distance of all published numbers.
        weights: (readings, runs, weights), of figure 5, single runs.
    """

    predicted: np.ndarray
    sd: np.ndarray
    z: np.ndarray
    squared: np.ndarray
    weights: np.ndarray


def tried(fit: Fit) -> list[Round]:
    """The likeliest combinations, and the likeliest of those that lose no more than `WITHIN`."""
    found = rounds(fit, TRIED)
    near = [one for one in found[TRIED:] if one.loss <= WITHIN]
    return found[:TRIED] + near[: not any(one.loss <= WITHIN for one in found[:TRIED])]


def candidates(simulator: Simulator, comparison: Comparison, fit: Fit, report=print) -> Candidates:
    """Simulate the fit and the combinations of round numbers near it."""
    chosen = tried(fit)
    exact = tuple(
        round(parameter.setting(value), 6)
        for parameter, value in zip(PARAMETERS, fit.coordinates, strict=True)
    )
    rows = []
    for cost, values in [(0, exact), *((one.cost, one.values) for one in chosen)]:
        linear = _at(simulator, coordinates(values), comparison, FITTED)
        squared = _judged(linear, comparison)[2]
        rows.append((values, cost, log_likelihood(linear, comparison), squared))
        report(f"{len(rows)} of {len(chosen) + 1} settings simulated")
    columns = zip(*rows, strict=True)
    return Candidates(*(np.array(column) for column in columns))


def shown(simulator: Simulator, facts, values) -> Shown:
    """Simulate the preset under each reading of `SHOWN`."""
    point = coordinates(values)
    # The hybrid's, whose reading is the same in all.
    weights = predict_weights(simulator, point[None], WEIGHT_RUNS)
    rows = []
    for reading in SHOWN:
        comparison = Comparison(facts, reading.rule)
        linear = _at(simulator, point, comparison, reading)
        rows.append((*_judged(linear, comparison), weights))
    predicted, variances, squared, weights = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    sd, error = np.moveaxis(np.sqrt(variances), 1, 0)
    values = np.array([fact.value for fact in facts])
    return Shown(predicted, sd, (values - predicted) / error, squared, weights)


def _at(simulator: Simulator, point, comparison: Comparison, reading: Reading) -> Linear:
    """A linearisation without derivatives, of which only the means and the scatter are used."""
    return simulator.linear(point, comparison.conditions, reading.changes, slopes=False)


def _judged(linear: Linear, comparison: Comparison) -> tuple[np.ndarray, np.ndarray, float]:
    """Predicted numbers, variances of single runs and of all errors (2, facts), the distance."""
    predicted = comparison.predicted(linear.means, linear.scatter)
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    single = np.einsum("fcs,cst,fct->f", derivatives, linear.scatter, derivatives)
    offset = comparison.values - predicted
    squared = float(offset @ np.linalg.solve(covariance, offset))
    return predicted, np.array([single, np.diag(covariance)]), squared


def read_candidates() -> Candidates:
    """Round settings."""
    return Candidates(**read_blocks([plan.CANDIDATES]))


def read_shown() -> Shown:
    """What the preset gives."""
    return Shown(**read_blocks([plan.PRESET]))
