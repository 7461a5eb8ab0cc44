"""The preset: round settings that explain the paper's numbers, and what they would give."""

from collections.abc import Iterator
from math import floor, log10
from typing import NamedTuple

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration import files
from sdposim.calibration.distance import Comparison
from sdposim.calibration.facts import facts
from sdposim.calibration.fit import predict_weights, read_fitted
from sdposim.calibration.simulate import Fit, Linear, Simulator
from sdposim.calibration.space import (
    FITTED,
    PARAMETERS,
    PRINTED,
    SPREAD,
    Parameter,
    Reading,
    changed,
)
from sdposim.storage.arrays import read_arrays

WITHIN = 2.0
"""Units of log likelihood within which a setting is as good as the best."""
_ALLOWED = 12
"""Of what round values may cost, in the quadratic form, to be looked at."""
_WIDE = 5.0
"""Numbers are sought within so many SDs of the posterior."""
_PLAIN = (1, 2, 5)
_FLAT = 1e-6
"""Share of the prior's curvature that is left in the likelihood's, so that a setting on which no
number depends has some."""
TRIED = 12
"""Combinations of round numbers that are simulated."""
WEIGHT_RUNS = 64
_AS_PRINTED = {
    "update": {
        "sequence": {"direction": PRINTED},
        "quality_share": {"direction": PRINTED, "mean": "policy"},
    }
}
AS_PRINTED = Reading(
    "", "as printed", changed(FITTED.changes, _AS_PRINTED), ("reinforce", "adv_weighted")
)  # fmt: skip
"""Equations 4 and 5 as printed; q-bar of equation 5 has the index t, so it is the policy's mean."""
SHOWN = (FITTED, AS_PRINTED)


class Round(NamedTuple):
    """A combination of round numbers.

    Attributes:
        values: (parameters,), of the settings.
        cost: log prior odds against a person typing them, see `typed`.
        loss: units of log likelihood less than the best settings have, by the quadratic form.
    """

    values: tuple[float, ...]
    cost: int
    loss: float

    @property
    def total(self) -> float:
        """What speaks against them, in units of log posterior."""
        return self.cost + self.loss


def typed(low: float, high: float) -> Iterator[tuple[float, int]]:
    """Numbers between two that a person may type, with their cost.

    1, 2, 5, 10, 0.1, ... cost nothing, other numbers of one digit 1, and so do those of two digits
    that end in 5; other numbers of two digits cost 3. A unit is one of log prior probability: of
    twenty people who type a number near 0.1, one types 0.11.
    """
    for power in range(floor(log10(low)) - 1, floor(log10(high)) + 1):
        for digits in range(10, 100):
            value = round(digits * 10.0**power, 12)
            if low <= value <= high:
                first, second = divmod(digits, 10)
                yield value, 0 if not second and first in _PLAIN else 3 if second % 5 else 1


def choices(parameter: Parameter, coordinate: float, sd: float) -> list[tuple[float, int]]:
    """Round numbers near a coordinate."""
    near = (parameter.setting(coordinate + side * _WIDE * sd) for side in (-1, 1))
    low, high = (max(value, 1e-3) for value in near)
    return list(typed(low, high)) if high > low else [(low, 3)]


def rounds(fit: Fit, least: int) -> list[Round]:
    """The likeliest combinations of round numbers, likeliest first.

    At least so many, with one among them that loses no more than `WITHIN`; fewer, where the others
    cost more than `_ALLOWED`. The likelihood's curvature is the posterior's less the prior's.
    """
    curvature = np.linalg.inv(fit.covariance) - (1 - _FLAT) * np.diag(SPREAD**-2)
    # Upper triangular, so that the last square holds the last setting alone.
    root = np.linalg.cholesky(curvature).T
    sds = np.sqrt(np.diag(fit.covariance))
    columns = [
        [(value, cost, coordinate(parameter, value) - centre) for value, cost in near]
        for parameter, centre, near in zip(
            PARAMETERS,
            fit.coordinates,
            map(choices, PARAMETERS, fit.coordinates, sds),
            strict=True,
        )
    ]
    result: list[Round] = []
    for bound in range(1, _ALLOWED + 1):
        result = sorted(_extended(columns, root, bound), key=lambda one: (one.total, one.values))
        if len(result) >= least and any(one.loss <= WITHIN for one in result):
            break
    return result


def _extended(columns, root, bound, values=(), offsets=(), cost=0, loss=0.0) -> Iterator[Round]:
    """Combinations whose total is at most `bound`, from the last setting to the first."""
    place = len(columns) - 1 - len(values)
    if place < 0:
        yield Round(values, cost, loss)
        return
    known = float(root[place, place + 1 :] @ np.array(offsets))
    for value, own, offset in columns[place]:
        more = loss + 0.5 * float(root[place, place] * offset + known) ** 2
        if cost + own + more <= bound:
            chosen = (value, *values), (offset, *offsets), cost + own, more
            yield from _extended(columns, root, bound, *chosen)


def coordinate(parameter: Parameter, value: float) -> float:
    """The coordinate of a setting."""
    return float(np.log(value)) if parameter.logarithmic else value


def coordinates_of(values) -> np.ndarray:
    """The coordinates of settings, (parameters,)."""
    return np.array([coordinate(*pair) for pair in zip(PARAMETERS, values, strict=True)])


def log_likelihood(linear: Linear, comparison: Comparison) -> float:
    """Of the published numbers at the point of a linearisation, whose runs are used as they are."""
    predicted = comparison.predicted(linear.means, linear.scatter)
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    offset = comparison.values - predicted
    constant = np.linalg.slogdet(2 * np.pi * covariance)[1]
    return float(-0.5 * (offset @ np.linalg.solve(covariance, offset) + constant))


class Candidates(NamedTuple):
    """Settings that were simulated, a row each; the first is the fit itself, not rounded.

    Attributes:
        values: (rows, parameters), of the settings.
        cost: int64 (rows,), see `Round`.
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
    result = rounds(fit, TRIED)
    near = [one for one in result[TRIED:] if one.loss <= WITHIN]
    return result[:TRIED] + near[: not any(one.loss <= WITHIN for one in result[:TRIED])]


def candidates(
    published: list, base: dict, window: int, runs: int, slope_runs: int
) -> dict[str, np.ndarray]:
    """The step `candidates`: simulate the fit and the combinations of round numbers near it."""
    fit, _ = read_fitted()
    comparison, chosen = Comparison(facts(from_rows(published))), tried(fit)
    simulator = Simulator(base, window, runs, slope_runs)
    exact = tuple(
        round(parameter.setting(value), 6)
        for parameter, value in zip(PARAMETERS, fit.coordinates, strict=True)
    )
    rows = []
    for cost, values in [(0, exact), *((one.cost, one.values) for one in chosen)]:
        linear = _at(simulator, coordinates_of(values), comparison, FITTED)
        squared = _judged(linear, comparison)[2]
        rows.append((values, cost, log_likelihood(linear, comparison), squared))
        print(f"{len(rows)} of {len(chosen) + 1} settings simulated")
    return Candidates(*map(np.array, zip(*rows, strict=True)))._asdict()


def preset(
    published: list, base: dict, window: int, runs: int, slope_runs: int
) -> dict[str, np.ndarray]:
    """The step `preset`: simulate it under each reading of `SHOWN`."""
    known, simulator = read_candidates(), Simulator(base, window, runs, slope_runs)
    point, numbers = coordinates_of(known.values[known.chosen]), facts(from_rows(published))
    # The hybrid's, whose reading is the same in all.
    weights = predict_weights(simulator, point[None], WEIGHT_RUNS)
    rows = []
    for reading in SHOWN:
        comparison = Comparison(numbers, reading.rule)
        rows.append((*_judged(_at(simulator, point, comparison, reading), comparison), weights))
    predicted, variances, squared, weights = map(np.array, zip(*rows, strict=True))
    sd, error = np.moveaxis(np.sqrt(variances), 1, 0)
    values = np.array([fact.value for fact in numbers])
    return Shown(predicted, sd, (values - predicted) / error, squared, weights)._asdict()


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
    return Candidates(**read_arrays([files.CANDIDATES]))


def read_shown() -> Shown:
    """What the preset gives."""
    return Shown(**read_arrays([files.PRESET]))
