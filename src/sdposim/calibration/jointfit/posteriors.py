"""Posteriors of the settings, on any landscape and on given ones, and what is stored of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.jointfit import papers, plan, sequence
from sdposim.calibration.jointfit.averages import Averages
from sdposim.calibration.jointfit.facts import EVERY, Fact
from sdposim.calibration.jointfit.importance import Weighted
from sdposim.calibration.jointfit.simulate import Simulator

PUBLISHED = 0
"""Number of the real paper; synthetic ones are 1, 2, ..."""
_ROOM = 10**4
"""Numbers of the papers that are simulated for one."""
_ANY, _GIVEN = 10**7, 2 * 10**7


class Paper(NamedTuple):
    """Numbers whose settings are sought.

    Attributes:
        number: of the paper, so that each has random numbers of its own.
        facts: what its numbers are.
        values: (facts,).
    """

    number: int
    facts: tuple[Fact, ...]
    values: np.ndarray


class Sample(NamedTuple):
    """Papers at draws of the prior, each on landscapes of its own.

    Attributes:
        points: (papers, parameters), coordinates.
        numbers: (papers, facts), of all facts.
    """

    points: np.ndarray
    numbers: np.ndarray


class Inference:
    """How a paper's settings are found.

    Attributes:
        simulator: of runs.
        facts: all numbers of a paper.
        sample: papers at draws of the prior, for the first step.
        size: papers of a whole step, see `sequence.Step`.
        report: told of the progress.
    """

    def __init__(self, simulator: Simulator, facts: Sequence[Fact], sample: Sample, report=print):
        self.simulator, self.facts, self.sample = simulator, tuple(facts), sample
        self.size = len(sample.points) // plan.PRIOR_STEPS
        self.report = report

    def on_any(self, paper: Paper) -> Weighted:
        """On landscapes of which only the population is known."""
        averages, rng = Averages(paper.facts), np.random.default_rng([9, paper.number])
        columns = [self.facts.index(fact) for fact in paper.facts]
        begin = sequence.begun(
            self.sample.points, self.sample.numbers[:, columns], averages, paper.values, rng
        )

        def simulate(settings, place):
            first = _ANY + _ROOM * paper.number + place
            simulators = [
                papers.any_landscapes(self.simulator, first + row) for row in range(len(settings))
            ]
            return papers.simulate(simulators, paper.facts, settings, first)

        return sequence.infer(
            simulate, averages, paper.values, sequence.ANY, self.size, rng, begin, True,
            self.report,
        )  # fmt: skip

    def on_given(self, paper: Paper, simulator: Simulator, begin: Weighted) -> Weighted:
        """On the landscapes of a simulator, beginning with the posterior on any."""
        rng = np.random.default_rng([10, paper.number])

        def simulate(settings, place):
            first = _GIVEN + _ROOM * paper.number + place
            return papers.simulate([simulator] * len(settings), paper.facts, settings, first)

        return sequence.infer(
            simulate, Averages(paper.facts), paper.values, sequence.GIVEN, self.size, rng, begin,
            False, self.report,
        )  # fmt: skip


def chosen(facts: Sequence[Fact], name: str) -> tuple[Fact, ...]:
    """The numbers of one of `plan.POSTERIORS`."""
    if name == "tables":
        return tuple(fact for fact in facts if fact.source.startswith("table"))
    if name == "landscape":
        return tuple(fact for fact in facts if fact.condition.place != EVERY)
    return tuple(facts)


def read_sample(options: Mapping) -> Sample:
    """The papers at draws of the prior."""
    return Sample(**read_blocks(plan.papers(options)))


def stored(found: Sequence[Weighted]) -> dict[str, np.ndarray]:
    """Posteriors as arrays by name, one a row."""
    return {name: np.array([getattr(own, name) for own in found]) for name in Weighted._fields}


def read_posteriors() -> dict[str, tuple[Weighted, Weighted]]:
    """Name -> the posteriors on any landscape and on the identified ones."""
    found = {}
    for name in plan.POSTERIORS:
        rows = read_blocks([plan.posterior(name)])
        unknown, known = (
            Weighted(*(rows[field][place] for field in Weighted._fields)) for place in (0, 1)
        )
        found[name] = (unknown, known)
    return found
