"""Runs of the conditions behind the published numbers, on the identified landscapes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from sdposim.calibration.identification import space
from sdposim.calibration.identification.hypotheses import LEAD_LIST, PLAIN, Family
from sdposim.calibration.identification.simulate import run_seeds
from sdposim.calibration.jointfit.facts import Condition
from sdposim.calibration.readings import changed
from sdposim.model.compositions import composed
from sdposim.model.paper import compositions, train_block

STATISTICS = ("reward", "entropy", "correlation", "initial_entropy", "whole_correlation")
"""Of a run: the first three over the final window, the last over all steps."""
PARAMETERS = (*space.PARAMETERS, space.THRESHOLD)
CENTRE = np.array([parameter.centre for parameter in PARAMETERS])
SPREAD = np.array([parameter.spread for parameter in PARAMETERS])
STEP = np.array([parameter.step for parameter in PARAMETERS])


def statistics(logs: np.ndarray, ends: Sequence[int], window: int) -> np.ndarray:
    """Of logs of runs, float64 (runs, statistics).

    Args:
        logs: (runs, rows, metrics), each row the mean over its steps.
        ends: last steps of the rows, see `row_ends`.
        window: steps that a final value averages.
    """
    widths = np.diff([0, *ends])
    final = np.where(np.array(ends) > ends[-1] - window, widths, 0)
    over_window = np.einsum("r,krm->km", final / final.sum(), logs[:, :, :3])
    over_all = logs[:, :, 2] @ (widths / ends[-1])
    return np.column_stack([over_window, logs[:, 0, 1], over_all])


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

    def logs(self, coordinates, condition: Condition, changes: dict, seeds, rows) -> np.ndarray:
        """Logs of runs at coordinates, (runs, rows, metrics).

        Args:
            coordinates: (parameters,).
            condition: what is run.
            changes: what a reading changes, see `reading.Reading`.
            seeds: one run each.
            rows: from the number of steps to the last steps of the rows.
        """
        setting = space.at(coordinates, self.base, PARAMETERS)
        setting = changed(setting, changes)
        method = setting.pop("methods", {}).get(condition.method, condition.method)
        setting, landscape = self.family.placed(self.seeds[condition.place], setting)
        cell = (method, condition.feedback, condition.noise)
        ends = rows(setting["training"]["steps"])
        blocks = train_block(setting, *cell, seeds, ends, landscape=landscape)
        return np.concatenate(list(blocks))

    def sample(self, coordinates, condition: Condition, changes: dict, runs) -> np.ndarray:
        """Runs at coordinates, (runs, statistics).

        Args:
            coordinates, condition, changes: as in `logs`.
            runs: how many, or the seeds of the runs.
        """
        number = self.seeds[condition.place]
        seeds = run_seeds(number, runs) if isinstance(runs, int) else runs
        ends = row_ends(self.base["training"]["steps"], self.window)
        logs = self.logs(coordinates, condition, changes, seeds, lambda steps: ends)
        return statistics(logs, ends, self.window)

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
        change = np.zeros((len(PARAMETERS), count, width))
        if known is not None:
            means, scatter, change = known.means.copy(), known.scatter.copy(), known.slopes.copy()
        for place in places:
            found = self.sample(point, conditions[place], changes, self.runs)
            means[place], scatter[place] = found.mean(axis=0), np.cov(found.T)
            if slopes:
                change[:, place] = self._slopes(point, conditions[place], changes)
        return Linear(np.asarray(point), means, scatter, change, self.runs)

    def _slopes(self, point, condition: Condition, changes: dict) -> np.ndarray:
        """Central differences with the same random numbers on both sides, (parameters, stats)."""
        found = np.zeros((len(PARAMETERS), len(STATISTICS)))
        read = composed(self.base, *compositions(condition.method, condition.feedback))
        parts = {name for composition in read for choice in composition.values() for name in choice}
        for place, parameter in enumerate(PARAMETERS):
            group, *keys = parameter.path
            # What is no parameter of a part, every condition reads.
            if group in ("update", "judge") and keys[0] not in parts:
                continue
            shift = np.zeros(len(PARAMETERS))
            shift[place] = parameter.step
            above, below = (
                self.sample(point + side * shift, condition, changes, self.slope_runs).mean(axis=0)
                for side in (1, -1)
            )
            found[place] = (above - below) / (2 * parameter.step)
        return found
