"""Runs of the conditions behind the published numbers, and what follows where they are linear."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from sdposim.calibration.facts import Condition
from sdposim.calibration.landscapes import LEAD_LIST, PLAIN, Family
from sdposim.calibration.space import PARAMETERS, at, changed
from sdposim.calibration.streams import Runs, Stream, generator
from sdposim.model.compositions import composed
from sdposim.model.paper import compositions, train_block

STATISTICS = ("reward", "entropy", "correlation", "initial_entropy", "whole_correlation")
"""Of a run: the first three over the final window, the last over all steps."""
_ROOM = 1000
"""Seeds of the runs on a landscape."""


def statistics(logs: np.ndarray, ends: Sequence[int], window: int) -> np.ndarray:
    """Of logs of runs, float64 (runs, statistics).

    Args:
        logs: (runs, rows, metrics), each row the mean over its steps.
        ends: last steps of the rows, see `row_ends`.
        window: steps that a final value averages.
    """
    final, every = _shares(tuple(ends), window)
    over_window = np.einsum("r,krm->km", final, logs[:, :, :3])
    return np.column_stack([over_window, logs[:, 0, 1], logs[:, :, 2] @ every])


@cache
def _shares(ends: tuple[int, ...], window: int) -> tuple[np.ndarray, np.ndarray]:
    """What share of the final window each row is, and of all steps."""
    widths = np.diff([0, *ends])
    final = np.where(np.array(ends) > ends[-1] - window, widths, 0)
    return final / final.sum(), widths / ends[-1]


def row_ends(steps: int, window: int) -> list[int]:
    """The rows that `statistics` needs."""
    return sorted({1, max(steps - window, 1), steps})


class Linear(NamedTuple):
    """What runs give near some coordinates.

    Attributes:
        point: (parameters,), the coordinates.
        means: (conditions, statistics), there.
        scatter: (conditions, statistics, statistics), the covariance of single runs there.
        slopes: (parameters, conditions, statistics), derivatives of the means.
        runs: how many the means are over.
    """

    point: np.ndarray
    means: np.ndarray
    scatter: np.ndarray
    slopes: np.ndarray
    runs: int


class Simulator(NamedTuple):
    """Runs on the landscapes of a list of seeds.

    Attributes:
        base: the setting of all keys but those of `PARAMETERS`.
        window: steps that a final value averages.
        runs, slope_runs: runs of a condition behind means, and behind derivatives.
        seeds: of the landscapes, by place.
        family: the way to draw them.
    """

    base: dict
    window: int
    runs: int
    slope_runs: int
    seeds: tuple[int, ...] = LEAD_LIST
    family: Family = PLAIN

    def setting(self, coordinates: np.ndarray, changes: dict) -> dict:
        """The setting of runs at coordinates.

        Args:
            coordinates: (parameters,), see `space.at`.
            changes: what a reading changes, see `space.Reading`.
        """
        return changed(at(coordinates, self.base), changes)

    def logs(self, setting: dict, condition: Condition, seeds, ends) -> np.ndarray:
        """Logs of runs, (runs, rows, metrics).

        Args:
            setting: as of `setting`.
            condition: what is run.
            seeds: one run each.
            ends: last steps of the rows.
        """
        method = setting.get("methods", {}).get(condition.method, condition.method)
        placed, landscape = self.family.placed(self.seeds[condition.place], setting)
        cell = (method, condition.feedback, condition.noise)
        blocks = train_block(placed, *cell, seeds, ends, landscape=landscape)
        return np.concatenate(list(blocks))

    def runs_of(self, setting: dict, condition: Condition, runs) -> np.ndarray:
        """Runs of a setting, (runs, statistics).

        Args:
            setting, condition: as in `logs`.
            runs: how many, or the seeds of the runs.
        """
        number = self.seeds[condition.place]
        seeds = run_seeds(number, runs) if isinstance(runs, int) else runs
        ends = row_ends(setting["training"]["steps"], self.window)
        return statistics(self.logs(setting, condition, seeds, ends), ends, self.window)

    def sample(self, coordinates, condition: Condition, changes: dict, runs) -> np.ndarray:
        """Runs at coordinates, (runs, statistics); arguments as in `setting` and `runs_of`."""
        return self.runs_of(self.setting(coordinates, changes), condition, runs)

    def linear(
        self,
        point: np.ndarray,
        conditions: Sequence[Condition],
        changes: dict,
        known: Linear | None = None,
        methods: Sequence[str] = (),
        slopes: bool = True,
    ) -> Linear:
        """Means, scatter and derivatives at coordinates.

        Args:
            point: (parameters,).
            conditions: what is run.
            changes: as in `sample`.
            known: of the same point, without the changes; only conditions with one of `methods` are
                run again.
            methods: see `known`.
            slopes: whether derivatives are needed; without, they are zero.
        """
        places = [
            place
            for place, condition in enumerate(conditions)
            if known is None or condition.method in methods
        ]
        count, width = len(conditions), len(STATISTICS)
        means, scatter = np.zeros((count, width)), np.zeros((count, width, width))
        change = np.zeros((len(point), count, width))
        if known is not None:
            means, scatter, change = known.means.copy(), known.scatter.copy(), known.slopes.copy()
        for place in places:
            result = self.sample(point, conditions[place], changes, self.runs)
            means[place], scatter[place] = result.mean(axis=0), np.cov(result.T)
            if slopes:
                change[:, place] = self.slopes(point, conditions[place], changes)
        return Linear(np.asarray(point), means, scatter, change, self.runs)

    def slopes(self, point, condition: Condition, changes: dict) -> np.ndarray:
        """Derivatives of means over `slope_runs` runs, (parameters, statistics).

        Central differences with the same random numbers on both sides, so that a few runs give
        them: most of what a run ends at is a function of its landscape and settings.
        """
        result = np.zeros((len(point), len(STATISTICS)))
        read = composed(self.base, *compositions(condition.method, condition.feedback))
        parts = {name for composition in read for choice in composition.values() for name in choice}
        for place, parameter in enumerate(PARAMETERS[: len(point)]):
            group, *keys = parameter.path
            # What is no parameter of a part, every condition reads.
            if group in ("update", "judge") and keys[0] not in parts:
                continue
            shift = np.zeros(len(point))
            shift[place] = parameter.step
            above, below = (
                self.sample(point + side * shift, condition, changes, self.slope_runs).mean(axis=0)
                for side in (1, -1)
            )
            result[place] = (above - below) / (2 * parameter.step)
        return result


def run_seeds(number: int, runs: int) -> list[int]:
    """Seeds of the runs on landscape `number`, the same for all conditions and settings."""
    return [Runs.SEARCH + _ROOM * number + run for run in range(runs)]


class Fit(NamedTuple):
    """The settings that explain published numbers best.

    Attributes:
        coordinates: (parameters,), of the largest posterior density.
        covariance: (parameters, parameters), of the posterior of the coordinates.
        squared: squared distance of the published numbers there, in units of their scatter.
        prior: squared distance from the centre of the prior, in units of its spread.
        log_evidence: of the numbers, by Laplace's approximation.
    """

    coordinates: np.ndarray
    covariance: np.ndarray
    squared: float
    prior: float
    log_evidence: float

    def draws(self, count: int) -> np.ndarray:
        """Draws of the posterior, (count, parameters), the first of them its centre."""
        drawn = generator(Stream.SETTINGS).multivariate_normal(
            self.coordinates, self.covariance, count - 1, method="cholesky"
        )
        return np.round(np.vstack([self.coordinates, drawn]), 6)


def solve(coordinates, offset, slopes, covariance, centre, spread) -> Fit:
    """The posterior of normal coordinates of which normal numbers are linear functions.

    Args:
        coordinates: (parameters,), where the numbers were predicted.
        offset: (numbers,), published less predicted.
        slopes: (parameters, numbers).
        covariance: (numbers, numbers), of the offset at given coordinates.
        centre, spread: (parameters,), mean and SD of the prior.
    """
    precision = np.linalg.inv(covariance)
    weighted = slopes @ precision
    curvature = weighted @ slopes.T + np.diag(spread**-2)
    pull = weighted @ offset + (centre - coordinates) / spread**2
    moved = coordinates + np.linalg.solve(curvature, pull)
    left = offset - slopes.T @ (moved - coordinates)
    squared = float(left @ precision @ left)
    prior = float(np.sum(((moved - centre) / spread) ** 2))
    constants = np.linalg.slogdet(2 * np.pi * covariance)[1]
    constants += np.linalg.slogdet(curvature)[1] + 2 * np.log(spread).sum()
    log_evidence = -0.5 * (squared + prior + float(constants))
    return Fit(moved, np.linalg.inv(curvature), squared, prior, log_evidence)
