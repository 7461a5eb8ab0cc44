"""Round settings: numbers that a person would type and that explain the paper's nearly as well."""

from collections.abc import Iterator
from math import floor, log10
from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification.evidence import Fit
from sdposim.calibration.identification.space import Parameter
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.simulate import PARAMETERS, SPREAD, Linear

WITHIN = 2.0
"""Units of log likelihood within which a setting is as good as the best."""
_ALLOWED = 12
"""Of what round values may cost, in the quadratic form, to be looked at."""
_WIDE = 5.0
"""Numbers are sought within so many SDs of the posterior."""
_PLAIN = (1, 2, 5)


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


def candidates(parameter: Parameter, coordinate: float, sd: float) -> list[tuple[float, int]]:
    """Round numbers near a coordinate."""
    near = (parameter.setting(coordinate + side * _WIDE * sd) for side in (-1, 1))
    low, high = (max(value, 1e-3) for value in near)
    return list(typed(low, high)) if high > low else [(low, 3)]


def rounds(fit: Fit, least: int) -> list[Round]:
    """The likeliest combinations of round numbers, likeliest first.

    At least so many, with one among them that loses no more than `WITHIN`; fewer, where the others
    cost more than `_ALLOWED`. The likelihood's curvature is the posterior's less the prior's.
    """
    curvature = np.linalg.inv(fit.covariance) - np.diag(SPREAD**-2)
    # Upper triangular, so that the last square holds the last setting alone.
    root = np.linalg.cholesky(curvature + 1e-9 * np.diag(np.diag(curvature))).T
    sds = np.sqrt(np.diag(fit.covariance))
    columns = [
        [(value, cost, coordinate(parameter, value) - centre) for value, cost in near]
        for parameter, centre, near in zip(
            PARAMETERS,
            fit.coordinates,
            map(candidates, PARAMETERS, fit.coordinates, sds),
            strict=True,
        )
    ]
    found: list[Round] = []
    for bound in range(1, _ALLOWED + 1):
        found = sorted(_extended(columns, root, bound), key=lambda one: (one.total, one.values))
        if len(found) >= least and any(one.loss <= WITHIN for one in found):
            break
    return found


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


def coordinates(values) -> np.ndarray:
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
