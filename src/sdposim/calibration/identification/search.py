"""The search over generators, orders, distributions and seeds."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sdposim.analysis.published import Value
from sdposim.calibration.identification import plan, space
from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.identification.evidence import (
    READINGS,
    Fit,
    average_evidence,
    noise,
    observed,
    step,
)
from sdposim.calibration.identification.hypotheses import (
    CONTROL,
    FAMILIES,
    GROUPS,
    PLAIN,
    WRITTEN,
    Family,
)
from sdposim.calibration.identification.sensitivity import Sensitivity, slopes
from sdposim.calibration.identification.simulate import CONDITIONS, run_seeds, simulate

SAMPLE_RUNS = 12
"""Runs behind a derivative of the sample."""
_STEPS = 2
"""Gauss-Newton steps of a refined landscape; the second moves it little."""
_GRID = 1e-6
"""Coordinates are rounded to it, so that the last bits of a linear algebra library change none."""


def simulate_landscapes(family: Family, numbers, base: dict, runs: int, window: int) -> np.ndarray:
    """Runs at the centre of the prior, (landscapes, conditions, runs, statistics)."""
    return np.stack(
        [
            simulate(*family.placed(number, base), run_seeds(number, runs), window)
            for number in numbers
        ]
    )


def simulate_sensitivity(numbers, base: dict, window: int) -> Sensitivity:
    """A sample of derivatives, on landscapes that no other program draws."""
    rows = []
    for number in numbers:
        seeds = run_seeds(number, SAMPLE_RUNS)
        at_centre = simulate(*CONTROL.placed(number, base), seeds, window)
        moved = slopes(CONTROL, number, space.CENTRE, base, seeds, window, tuple(CONDITIONS))
        rows.append((at_centre, moved))
    return Sensitivity(*map(np.stack, zip(*rows, strict=True)))


def read_sensitivity(options: dict) -> Sensitivity:
    """The whole sample."""
    return Sensitivity(**read_blocks(plan.sensitivity(options)))


class Scores(NamedTuple):
    """Rough evidence of every landscape, one a row.

    Attributes:
        family: int64 (landscapes,), its place in `FAMILIES`.
        seed: int64 (landscapes,).
        log_evidence: (landscapes, readings), in the order of `READINGS`.
    """

    family: np.ndarray
    seed: np.ndarray
    log_evidence: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """Log evidence over both readings, which are equally likely, (landscapes,)."""
        return np.logaddexp.reduce(self.log_evidence, axis=1) - np.log(len(READINGS))


def score(options: dict, published: Sequence[Value]) -> Scores:
    """The scores of all landscapes of all families."""
    sample = read_sensitivity(options)
    found = read_blocks([path for group in GROUPS for path in plan.landscapes(options, group)])
    evidence = []
    for reading in READINGS:
        target = observed(published, reading)
        chosen = [list(CONDITIONS).index(name) for name in target.conditions]
        covariance = noise(
            sample.scatter()[chosen], target.columns, target.rounding, options["runs"]
        )
        means = found["runs"][:, chosen].mean(axis=2)
        evidence.append(average_evidence(means, target, covariance, sample.slopes[:, :, chosen]))
    return Scores(found["family"], found["seed"], np.stack(evidence, axis=1))


def read_scores() -> Scores:
    """What `score` found."""
    return Scores(**read_blocks([plan.SCORES]))


def chosen_for_refinement(scores: Scores, count: int) -> list[tuple[Family, int]]:
    """The landscapes to refine: the best of all, and the written seeds of `PLAIN`, best first."""
    order = np.argsort(-scores.total, kind="stable")
    plain = FAMILIES.index(PLAIN)
    written = (scores.family[order] == plain) & np.isin(scores.seed[order], WRITTEN)
    kept = np.flatnonzero(~written)[: max(0, count - written.sum())]
    places = order[np.sort(np.concatenate([np.flatnonzero(written), kept]))][:count]
    return [
        (FAMILIES[place], seed)
        for place, seed in zip(scores.family[places], scores.seed[places].tolist(), strict=True)
    ]


def refine(
    family: Family,
    number: int,
    reading: str,
    scatter: np.ndarray,
    published: Sequence[Value],
    base: dict,
    runs: int,
    window: int,
) -> Fit:
    """The best settings of one landscape under a reading, and its evidence.

    Args:
        family, number: the landscape.
        reading: one of `READINGS`.
        scatter: (all conditions, statistics, statistics), see `Sensitivity.scatter`.
        published: the numbers of `plan.tables`.
        base: the setting of all other keys.
        runs: runs of each condition.
        window: steps that a final value averages.
    """
    target = observed(published, reading)
    chosen = [list(CONDITIONS).index(name) for name in target.conditions]
    covariance = noise(scatter[chosen], target.columns, target.rounding, runs)
    seeds = run_seeds(number, runs)
    coordinates = space.CENTRE
    for _ in range(_STEPS):
        coordinates = np.round(coordinates / _GRID) * _GRID
        placed = family.placed(number, space.at(coordinates, base))
        means = simulate(*placed, seeds, window, target.conditions).mean(axis=1)
        slope = slopes(family, number, coordinates, base, seeds, window, target.conditions)
        found = step(coordinates, means, slope, target, covariance)
        # A first step may leave the region where derivatives hold.
        reach = 1.5 * space.SPREAD
        coordinates = np.clip(found.coordinates, coordinates - reach, coordinates + reach)
    return found


class Refined(NamedTuple):
    """Fits of landscapes, one row per landscape and reading; fields as in `Fit` and `Scores`."""

    family: np.ndarray
    seed: np.ndarray
    reading: np.ndarray
    coordinates: np.ndarray
    covariance: np.ndarray
    squared: np.ndarray
    prior: np.ndarray
    log_evidence: np.ndarray

    def fit(self, family: Family, seed: int, reading: str) -> Fit:
        """The fit of a landscape under a reading.

        Raises:
            KeyError: it was not refined.
        """
        here = (self.family == FAMILIES.index(family)) & (self.seed == seed)
        rows = np.flatnonzero(here & (self.reading == READINGS.index(reading)))
        if not rows.size:
            raise KeyError(f"{family.name} {seed}")
        return Fit(*(getattr(self, name)[rows[0]] for name in Fit._fields))


def read_refined(options: dict) -> Refined:
    """What `refine` found, of all landscapes that it was asked for."""
    return Refined(**read_blocks(plan.refined(options)))


def best_settings(refined: Refined, seed: int) -> Fit:
    """The fit of a seed of `PLAIN` under the reading that has more evidence."""
    fits = [refined.fit(PLAIN, seed, reading) for reading in READINGS]
    return max(fits, key=lambda fit: fit.log_evidence)
