"""From runs to what the paper would print, and how it scatters; whole papers of runs."""

from collections.abc import Sequence
from functools import cache
from itertools import groupby

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration.facts import EVERY, LANDSCAPES, Condition, Fact, conditions, facts
from sdposim.calibration.landscapes import CONTROL
from sdposim.calibration.simulate import STATISTICS, Simulator
from sdposim.calibration.space import (
    CENTRE,
    FITTED,
    PARAMETERS,
    PLAIN_RULE,
    SPREAD,
    Rule,
    rounded,
)
from sdposim.calibration.streams import Numbered, Runs, numbered

REWARD = STATISTICS.index("reward")
_ROOM = 1000
"""Seeds of the runs of a paper."""


class Comparison:
    """Of published numbers with runs.

    Attributes:
        facts: the published numbers.
        conditions: those of their runs, in the order of every array with a row per condition.
        values: (facts,), the published values.
    """

    def __init__(self, facts: tuple[Fact, ...], rule: Rule = PLAIN_RULE):
        self.facts = facts
        self.conditions = conditions(facts)
        self.values = np.array([fact.value for fact in facts])
        self._rule = rule
        self._places = {own: place for place, own in enumerate(self.conditions)}

    def predicted(self, means: np.ndarray, scatter: np.ndarray) -> np.ndarray:
        """What the paper would print on average, (facts,).

        Args:
            means: (conditions, statistics), over runs.
            scatter: (conditions, statistics, statistics), of single runs.
        """
        return np.array([self._predicted(fact, means, scatter) for fact in self.facts])

    def derivatives(self, means: np.ndarray, scatter: np.ndarray) -> np.ndarray:
        """Of `predicted` in the means, (facts, conditions, statistics)."""
        result = np.zeros((len(self.facts), *means.shape))
        for row, fact in zip(result, self.facts, strict=True):
            if fact.condition.place != EVERY:
                row[self._places[fact.condition], self._column(fact)] = self._sign(fact)
                continue
            rewards = self._rewards(fact, means)
            if fact.statistic == "mean":
                change = np.full(LANDSCAPES, 1 / LANDSCAPES)
            else:
                divisor = LANDSCAPES - self._rule.ddof
                change = (rewards - rewards.mean()) / divisor
                change /= self._predicted(fact, means, scatter)
            row[self._listed(fact.condition), REWARD] = change
        return result

    def covariance(self, derivatives: np.ndarray, scatter: np.ndarray, runs: int) -> np.ndarray:
        """Of published less predicted numbers, (facts, facts).

        Numbers of one run scatter together; those of different runs do not. The error of the means,
        which are over `runs` runs, is common to all numbers of a condition.
        """
        count = len(self.facts)
        own = np.array([fact.run for fact in self.facts])
        single = np.einsum("acs,cst,bct->ab", derivatives, scatter, derivatives)
        errors = np.diag([fact.error for fact in self.facts])
        return np.where(own[:, None] == own, single, np.zeros((count, count))) + (
            single / runs + errors
        )

    def _predicted(self, fact: Fact, means, scatter) -> float:
        if fact.condition.place != EVERY:
            return self._sign(fact) * means[self._places[fact.condition], self._column(fact)]
        rewards = self._rewards(fact, means)
        if fact.statistic == "mean":
            return float(rewards.mean())
        # Single runs scatter about the means of their landscapes, which widens the SD a little.
        noise = scatter[self._listed(fact.condition), REWARD, REWARD].mean()
        squares = np.sum((rewards - rewards.mean()) ** 2) + (LANDSCAPES - 1) * noise
        return float(np.sqrt(squares / (LANDSCAPES - self._rule.ddof)))

    def _listed(self, own: Condition) -> list[int]:
        return [self._places[own._replace(place=place)] for place in range(LANDSCAPES)]

    def _rewards(self, fact: Fact, means) -> np.ndarray:
        return means[self._listed(fact.condition), REWARD]

    def _column(self, fact: Fact) -> int:
        name = fact.statistic
        return STATISTICS.index(self._rule.correlation if name == "correlation" else name)

    def _sign(self, fact: Fact) -> float:
        wrong = fact.statistic == "correlation" and fact.method in self._rule.negated
        return -1.0 if wrong else 1.0


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
    setting = simulator.setting(point, FITTED.changes)
    runs = [simulator.runs_of(setting, own, seeds) for own in comparison.conditions]
    return np.array([_printed(comparison, run) for run in np.stack(runs, axis=1)])


def paper(
    simulator: Simulator, facts: tuple[Fact, ...], point: np.ndarray, number: int
) -> np.ndarray:
    """The numbers of one paper, not rounded, (facts,); `number` is that of its runs' seeds."""
    first = Runs.PAPERS + _ROOM * number
    comparisons = _by_run(facts)
    runs: dict[Condition, list[int]] = {}
    for run, comparison in comparisons.items():
        for own in comparison.conditions:
            runs.setdefault(own, []).append(run)
    # One call for all runs of a condition: a call costs as much as a run.
    result, setting = {}, simulator.setting(point, FITTED.changes)
    for own, places in runs.items():
        rows = simulator.runs_of(setting, own, [first + place for place in places])
        result |= {(own, place): row for place, row in zip(places, rows, strict=True)}
    return np.hstack(
        [
            _printed(comparison, np.array([result[own, run] for own in comparison.conditions]))
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
    rows = [numbered(Numbered.PRIOR, number).normal(size=len(PARAMETERS)) for number in numbers]
    return rounded(CENTRE + SPREAD * np.array(rows))


def simulated(simulators, facts: tuple[Fact, ...], points: np.ndarray, first: int, report=print):
    """A paper at each point, (points, facts).

    Args:
        simulators: one a point.
        facts: the numbers of a paper.
        points: (points, parameters).
        first: number of the first paper, see `paper`.
        report: told of the progress.
    """
    result = []
    for place, (simulator, point) in enumerate(zip(simulators, points, strict=True)):
        result.append(paper(simulator, facts, point, first + place))
        if (place + 1) % 100 == 0:
            report(f"{place + 1} of {len(points)} papers simulated")
    return np.array(result)


def papers(
    published: list, base: dict, window: int, first: int, last: int
) -> dict[str, np.ndarray]:
    """The step `papers`: simulate some, at draws of the prior, each on landscapes of its own."""
    numbers = range(first, last + 1)
    simulator = Simulator(base, window, runs=1, slope_runs=1)
    points = prior_points(numbers)
    simulators = [any_landscapes(simulator, number) for number in numbers]
    rows = simulated(simulators, facts(from_rows(published)), points, first)
    return {"points": points, "numbers": rows}
