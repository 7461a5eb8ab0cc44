"""Whole papers at given settings: every published number from runs of its own."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby

import numpy as np

from sdposim.calibration.identification.hypotheses import CONTROL
from sdposim.calibration.jointfit.comparison import Comparison
from sdposim.calibration.jointfit.facts import LANDSCAPES, Condition, Fact
from sdposim.calibration.jointfit.reading import FITTED
from sdposim.calibration.jointfit.simulate import CENTRE, PARAMETERS, SPREAD, Simulator

_ROOM = 1000
"""Seeds of the runs of a paper."""
_FIRST_SEED = 4 * 10**15
_GRID = 1e-6
"""Coordinates are rounded to it, so that the last bits of a linear algebra library change none."""


def run_numbers(
    simulator: Simulator, facts: tuple[Fact, ...], point: np.ndarray, seeds: Sequence[int]
) -> np.ndarray:
    """Numbers of one run, or of one run on each landscape, (seeds, facts).

    Args:
        simulator: runs the conditions.
        facts: with the same `run`.
        point: (parameters,), coordinates of the settings.
        seeds: of the runs.
    """
    comparison = Comparison(facts)
    runs = [simulator.sample(point, own, FITTED.changes, seeds) for own in comparison.conditions]
    return np.array([_printed(comparison, run) for run in np.stack(runs, axis=1)])


def paper(
    simulator: Simulator, facts: tuple[Fact, ...], point: np.ndarray, number: int
) -> np.ndarray:
    """The numbers of one paper, not rounded, (facts,); `number` is that of its runs' seeds."""
    first = _FIRST_SEED + _ROOM * number
    comparisons = _by_run(facts)
    runs: dict[Condition, list[int]] = {}
    for run, comparison in comparisons.items():
        for own in comparison.conditions:
            runs.setdefault(own, []).append(run)
    # One call for all runs of a condition: a call costs as much as a run.
    found = {}
    for own, places in runs.items():
        seeds = [first + place for place in places]
        rows = simulator.sample(point, own, FITTED.changes, seeds)
        found |= {(own, place): row for place, row in zip(places, rows, strict=True)}
    return np.hstack(
        [
            _printed(comparison, np.array([found[own, run] for own in comparison.conditions]))
            for run, comparison in comparisons.items()
        ]
    )


@cache
def _by_run(facts: tuple[Fact, ...]) -> dict[int, Comparison]:
    groups = groupby(facts, key=lambda fact: fact.run)
    return {run: Comparison(tuple(own)) for run, own in groups}


def _printed(comparison: Comparison, run: np.ndarray) -> np.ndarray:
    """What is printed of a run of each condition (conditions, statistics): it is its own mean."""
    return comparison.predicted(run, np.zeros((*run.shape, run.shape[1])))


def any_landscapes(simulator: Simulator, number: int) -> Simulator:
    """The same on landscapes of this project's own, other ones for every number below 10^8."""
    first = 10**8 + LANDSCAPES * number
    return simulator._replace(seeds=tuple(range(first, first + LANDSCAPES)), family=CONTROL)


def prior_points(numbers: Sequence[int]) -> np.ndarray:
    """Draws of the prior, (numbers, parameters), each a function of its number."""
    rows = [np.random.default_rng([7, number]).normal(size=len(PARAMETERS)) for number in numbers]
    return rounded(CENTRE + SPREAD * np.array(rows))


def rounded(points: np.ndarray) -> np.ndarray:
    """Coordinates as they are simulated."""
    return np.round(points / _GRID) * _GRID


def simulate(simulators, facts: tuple[Fact, ...], points: np.ndarray, first: int, report=print):
    """A paper at each point, (points, facts).

    Args:
        simulators: one a point.
        facts: the numbers of a paper.
        points: (points, parameters).
        first: number of the first paper, see `paper`.
        report: told of the progress.
    """
    found = []
    for place, (simulator, point) in enumerate(zip(simulators, points, strict=True)):
        found.append(paper(simulator, facts, point, first + place))
        if (place + 1) % 100 == 0:
            report(f"{place + 1} of {len(points)} papers simulated")
    return np.array(found)
