"""Posteriors of the settings, on any landscape and on given ones."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from sdposim.analysis.published import from_rows
from sdposim.calibration import files, propose
from sdposim.calibration.distance import any_landscapes, simulated
from sdposim.calibration.facts import EVERY, Fact, facts
from sdposim.calibration.propose import Averages, Weighted
from sdposim.calibration.simulate import Simulator
from sdposim.calibration.streams import Numbered, numbered
from sdposim.storage.arrays import columns, read_arrays

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
        size: papers of a whole step, see `propose.Step`.
        report: told of the progress.
    """

    def __init__(self, simulator: Simulator, facts: Sequence[Fact], sample: Sample, report=print):
        self.simulator, self.facts, self.sample = simulator, tuple(facts), sample
        self.size = len(sample.points) // files.PRIOR_STEPS
        self.report = report

    def on_any(self, paper: Paper) -> Weighted:
        """On landscapes of which only the population is known."""
        averages, rng = Averages(paper.facts), numbered(Numbered.ON_ANY, paper.number)
        columns = [self.facts.index(fact) for fact in paper.facts]
        begin = propose.begun(
            self.sample.points, self.sample.numbers[:, columns], averages, paper.values, rng
        )

        def simulate(settings, place):
            first = _ANY + _ROOM * paper.number + place
            simulators = [
                any_landscapes(self.simulator, first + row) for row in range(len(settings))
            ]
            return simulated(simulators, paper.facts, settings, first)

        return propose.infer(
            simulate, averages, paper.values, propose.ANY, self.size, rng, begin, True,
            self.report,
        )  # fmt: skip

    def on_given(self, paper: Paper, simulator: Simulator, begin: Weighted) -> Weighted:
        """On the landscapes of a simulator, beginning with the posterior on any."""
        rng = numbered(Numbered.ON_GIVEN, paper.number)

        def simulate(settings, place):
            first = _GIVEN + _ROOM * paper.number + place
            return simulated([simulator] * len(settings), paper.facts, settings, first)

        return propose.infer(
            simulate, Averages(paper.facts), paper.values, propose.GIVEN, self.size, rng, begin,
            False, self.report,
        )  # fmt: skip


def chosen(facts: Sequence[Fact], name: str) -> tuple[Fact, ...]:
    """The numbers of one of `files.POSTERIORS`."""
    if name == "tables":
        return tuple(fact for fact in facts if fact.source.startswith("table"))
    if name == "landscape":
        return tuple(fact for fact in facts if fact.condition.place != EVERY)
    return tuple(facts)


def read_sample(options: Mapping) -> Sample:
    """The papers at draws of the prior."""
    return Sample(**read_arrays(files.papers(options)))


def inference(published: list, base: dict, window: int, options: Mapping) -> Inference:
    """Of a spec: with single runs, all numbers of the paper, and the papers of the first step."""
    simulator = Simulator(base, window, runs=1, slope_runs=1)
    return Inference(simulator, facts(from_rows(published)), read_sample(options))


def posterior(
    published: list,
    base: dict,
    window: int,
    options: dict,
    numbers: Literal["tables", "landscape", "all"],
) -> dict[str, np.ndarray]:
    """The step `posterior`: on any landscape and on the identified ones, given some numbers."""
    method = inference(published, base, window, options)
    own = chosen(method.facts, numbers)
    paper = Paper(PUBLISHED, own, np.array([fact.value for fact in own]))
    unknown = method.on_any(paper)
    return columns([unknown, method.on_given(paper, method.simulator, unknown)])


def read_posteriors() -> dict[str, tuple[Weighted, Weighted]]:
    """Name -> the posteriors on any landscape and on the identified ones."""
    result = {}
    for name in files.POSTERIORS:
        rows = read_arrays([files.posterior(name)])
        unknown, known = (
            Weighted(*(rows[field][place] for field in Weighted._fields)) for place in (0, 1)
        )
        result[name] = (unknown, known)
    return result
