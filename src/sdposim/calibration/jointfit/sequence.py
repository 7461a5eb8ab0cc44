"""The posterior of the settings by simulating whole papers, ever nearer to it.

Papers are simulated at settings that the prior, and then the posterior of the step before it,
allows; their numbers are regressed on the settings (`surface`), which gives the next posterior.
Early ones are tempered: the surface is rough. At the end each setting is summarised by one number,
a weighted sum of a paper's whose weights come from the step before (a score; Fearnhead and Prangle
2012), and the posterior is that given the summaries: how these scatter is seen in papers that the
weights do not know, so that its intervals hold even where the numbers are not normal.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sdposim.calibration.jointfit import plan
from sdposim.calibration.jointfit.averages import Averages
from sdposim.calibration.jointfit.importance import Weighted, sample
from sdposim.calibration.jointfit.papers import rounded
from sdposim.calibration.jointfit.surface import Surface, coordinates, standardised

_REACH = 3.0
"""Settings farther from the prior's centre, in its SDs, are not simulated."""


class Step(NamedTuple):
    """One step of the sequence.

    Attributes:
        share: of the papers of a whole step.
        power: the likelihood's.
        wider: SDs of its settings, in those of the posterior before it.
    """

    share: float
    power: float
    wider: float


FIRST = Step(plan.PRIOR_STEPS, 0.1, 1.0)
"""From the prior; on any landscape."""
ANY = (Step(1.0, 0.3, 1.3), Step(1.5, 1.0, 1.3), Step(1.5, 1.0, 2.0))
"""The steps after it, on any landscape."""
GIVEN = (Step(0.75, 0.3, 1.3), Step(0.75, 1.0, 1.3), Step(1.0, 1.0, 1.5), Step(1.0, 1.0, 1.5))
"""On given landscapes, beginning with the posterior on any."""


def infer(
    simulate: Callable[[np.ndarray, int], np.ndarray],
    averages: Averages,
    values: np.ndarray,
    steps: tuple[Step, ...],
    size: int,
    rng: np.random.Generator,
    begin: Weighted,
    together: bool,
    report=print,
) -> Weighted:
    """Draws of the standardised settings; their `log_evidence` is that of all numbers.

    Args:
        simulate: papers at coordinates (papers, parameters), the first of which has a number:
            (papers, facts).
        averages: of the numbers of a paper.
        values: (facts,), as published.
        steps: `ANY` or `GIVEN`.
        size: papers of a step whose share is 1.
        rng: of all draws.
        begin: the posterior before the first of the steps.
        together: whether all numbers of a paper scatter together, as they do on any landscape.
        report: told of each step.
    """
    shown = averages.of(values)
    errors = averages.errors(values)
    blocks = None if together else averages.together
    drawn, weights, number = begin, None, 0
    for place, step in enumerate(steps):
        count = round(step.share * size)
        root = np.linalg.cholesky(drawn.covariance * step.wider**2)
        points = drawn.mean + rng.normal(size=(count, len(root))) @ root.T
        settings = rounded(coordinates(_folded(points)))
        points = standardised(settings)
        numbers = averages.of(simulate(settings, number))
        number += count
        surface = Surface(points, numbers, errors, blocks)
        start = points.mean(axis=0), np.cov(points.T)
        drawn = sample(_powered(surface, shown, step.power), *start, rng)
        report(
            f"step {place + 1} of {len(steps)}: {count} papers, weights worth {drawn.worth:.0f} "
            f"of {len(drawn.weights)} draws, log evidence {drawn.log_evidence:.1f}"
        )
        if place == len(steps) - 1:
            break
        weights = surface.score(drawn.mean)
    evidence = drawn.log_evidence
    reduced = Surface(points, numbers @ weights.T, weights @ errors @ weights.T)
    drawn = sample(_powered(reduced, weights @ shown, 1.0), *start, rng)
    return drawn._replace(log_evidence=evidence)


def begun(points, numbers, averages: Averages, values, rng) -> Weighted:
    """The posterior after `FIRST`, from papers at draws of the prior.

    Args:
        points: (papers, parameters), coordinates.
        numbers: (papers, facts).
        averages, values, rng: as in `infer`.
    """
    own = standardised(points)
    surface = Surface(own, averages.of(numbers), averages.errors(values))
    shown = averages.of(values)
    start = np.zeros(own.shape[1]), np.eye(own.shape[1])
    return sample(_powered(surface, shown, FIRST.power), *start, rng)


def _powered(surface: Surface, values: np.ndarray, power: float):
    return lambda points: power * surface.log_density(points, values)


def _folded(points: np.ndarray) -> np.ndarray:
    """Points within `_REACH`: those beyond are mirrored at it."""
    over = np.maximum(np.abs(points) - _REACH, 0.0)
    return np.clip(points - 2 * np.sign(points) * over, -_REACH, _REACH)
