"""What a claim says of an effect: one evaluator per relation.

Each gives two p-values: that of the claim being false, and that of its being true. The first one
small supports the claim, the second one small is in conflict with it; where neither is, the data
do not tell.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sdposim.audit.statistics import Measured

Bounds = Mapping[str, float]


class Evidence(NamedTuple):
    """The p-values of a claim being false, and of its being true."""

    false: float
    true: float


def greater(measured: Measured, bounds: Bounds) -> Evidence:
    """The effect is above `than`."""
    return Evidence(measured.below(bounds["than"]), measured.above(bounds["than"]))


def less(measured: Measured, bounds: Bounds) -> Evidence:
    """The effect is below `than`."""
    return Evidence(measured.above(bounds["than"]), measured.below(bounds["than"]))


def between(measured: Measured, bounds: Bounds) -> Evidence:
    """The effect lies from `from` to `to`: two one-sided tests (Schuirmann 1987)."""
    low, high = bounds["from"], bounds["to"]
    false = max(measured.below(low), measured.above(high))
    return Evidence(false, min(1.0, 2 * min(measured.above(low), measured.below(high))))


def equal(measured: Measured, bounds: Bounds) -> Evidence:
    """The effect is `to`, or nearer than `margin`."""
    low, high = (bounds["to"] + side * bounds["margin"] for side in (-1, 1))
    return between(measured, {"from": low, "to": high})


def same(measured: Measured, bounds: Bounds) -> Evidence:
    """The effect is `to` exactly: of settings, which do not vary."""
    agrees = measured.effect == bounds["to"]
    return Evidence(float(not agrees), float(agrees))


def reproduces(measured: Measured, bounds: Bounds) -> Evidence:
    """What was published is one more unit: the effect is ours less that.

    Its p-value is that of a new unit of a normal population lying so far from the mean of ours;
    being within the 95% prediction interval supports the claim.
    """
    from scipy import stats  # takes a second, and the workflow reads this module at each start

    if measured.units < 3:
        return Evidence(1.0, 1.0)
    if not measured.sd_of_units:
        return same(measured, {"to": 0.0})
    sd = measured.sd_of_units * (1 + 1 / measured.units) ** 0.5
    true = 2 * stats.t.sf(abs(measured.effect) / sd, measured.units - 1)
    return Evidence(0.0 if true >= 0.05 else 1.0, float(true))


def nearest(relation: str, measured: Measured, bounds: Bounds) -> float:
    """The bound of a relation that an effect is nearest to."""
    known = {
        "equal": lambda: [bounds["to"] + side * bounds["margin"] for side in (-1, 1)],
        "between": lambda: [bounds["from"], bounds["to"]],
        "reproduces": lambda: [0.0],
    }
    ends = known.get(relation, lambda: list(bounds.values()))()
    return min(ends, key=lambda end: abs(measured.effect - end))


RELATIONS: dict[str, tuple[Callable[[Measured, Bounds], Evidence], tuple[str, ...]]] = {
    "greater": (greater, ("than",)),
    "less": (less, ("than",)),
    "between": (between, ("from", "to")),
    "equal": (equal, ("to", "margin")),
    "same": (same, ("to",)),
    "reproduces": (reproduces, ()),
}
"""Name -> the evaluator, and the bounds that it needs."""
