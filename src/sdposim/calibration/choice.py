"""The preset: the best-fitting setting, rounded to what a person would write."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sdposim.calibration.distance import ALL_READINGS, READINGS, Reading, Scatter, distances
from sdposim.calibration.draws import first_seed, simulate_draw
from sdposim.calibration.prior import PARAMETERS, z_of
from sdposim.calibration.results import plain
from sdposim.calibration.simulator import CONDITIONS
from sdposim.calibration.target import STATISTICS, Tables

TOLERANCES = {"reward": 0.006, "entropy": 0.03, "correlation": 0.02}
"""How near the preset's mean is to come to each published number."""
DECIMALS = (1, 2, 3)
HARMLESS = 2.0
"""Rounding may raise the squared distance by so much."""
_CONTENDERS = 24
"""Accepted settings that are measured again: the nearest one is so partly by chance."""
_CHOOSING, _REPORTING = 3 * 10**5, 3 * 10**5 + 1
"""Stand for the runs that the preset is chosen by, and those that are reported, in their seeds."""
_RUNS = 64


def choose_preset(
    table: pd.DataFrame, base: dict, tables: Tables, scatter: Scatter
) -> tuple[dict, np.ndarray]:
    """The nearest accepted setting, with the fewest decimals that do no harm.

    Args:
        table: accepted settings, the nearest first.
        base: the other keys of the setting.
        tables: what is explained.
        scatter: the run-to-run scatter.

    Returns:
        Landscape, parameters and readings by name, with the squared `distance` and that of the
        `unrounded` setting; and the runs (conditions, runs, statistics) that these were measured
        with, which are not those that it was chosen by.
    """

    def distance(row, parameters, generation=_CHOOSING):
        return _measured(row, parameters, generation, base, tables, scatter)[0]

    contenders = [row for _, row in table.head(_CONTENDERS).iterrows()]
    best = min(contenders, key=lambda row: distance(row, _parameters(row)))
    exact = _parameters(best)
    rounded = fewest_decimals(exact, lambda parameters: distance(best, parameters))
    found, runs = _measured(best, rounded, _REPORTING, base, tables, scatter)
    preset = {
        "landscape": int(best["landscape"]),
        **rounded,
        **_reading(best)._asdict(),
        "distance": found,
        "unrounded": distance(best, exact, _REPORTING),
    }
    return preset, runs


def fewest_decimals(
    exact: dict[str, float], distance: Callable[[dict[str, float]], float]
) -> dict[str, float]:
    """Round each parameter to the fewest of `DECIMALS` for which the distance stays.

    Nothing is rounded to zero, which would take a part of the paper's model away.

    Args:
        exact: the parameters by name.
        distance: the squared distance of such parameters, which may grow by `HARMLESS`.
    """
    limit, chosen = distance(exact) + HARMLESS, dict(exact)
    for decimals in reversed(DECIMALS):
        for key, value in exact.items():
            tried = chosen | {key: round(value, decimals)}
            if tried[key] and distance(tried) <= limit:
                chosen = tried
    return chosen


def _parameters(row) -> dict[str, float]:
    return {p.key: float(row[p.key]) for p in PARAMETERS}


def _reading(row) -> Reading:
    return Reading(*(plain(row[name]) for name in READINGS))


def _measured(row, parameters, generation, base, tables, scatter) -> tuple[float, np.ndarray]:
    chosen = np.array([parameters[p.key] for p in PARAMETERS])
    seed = first_seed(generation, 0)
    runs = simulate_draw(base, chosen, int(row["landscape"]), seed, _RUNS)
    covariance = scatter.covariance(z_of(chosen)[None])
    squared, _ = distances(runs.mean(axis=1)[None], _RUNS, covariance, tables)
    return float(squared[0, ALL_READINGS.index(_reading(row))]), runs


def preset_table(
    preset: dict,
    runs: np.ndarray,
    tables: Tables,
    predictions: pd.DataFrame,
    admissible: pd.Series,
) -> pd.DataFrame:
    """The preset's 36 numbers beside the published ones.

    Args:
        preset, runs: from `choose_preset`.
        tables: the published numbers.
        predictions: of accepted draws, see `accepted.predictions`.
        admissible: ranks of the admissible draws.
    """
    reading = Reading(*(preset[name] for name in READINGS))
    fitted = predictions[(predictions["source"] == "tables") & predictions["rank"].isin(admissible)]
    rows = []
    for condition, columns in reading.groups.items():
        of_condition = runs[list(CONDITIONS).index(condition)][:, reading.statistics]
        for method, feedback in columns:
            for index, statistic in enumerate(STATISTICS):
                published, tolerance = tables[method, feedback][index], TOLERANCES[statistic]
                values = of_condition[:, index]
                of_number = fitted[
                    (fitted["statistic"] == statistic)
                    & (fitted["method"] == method)
                    & (fitted["feedback"] == feedback)
                ]
                misses = (of_number["mean"] - published).abs()
                rows.append(
                    {
                        "statistic": statistic,
                        "method": method,
                        "feedback": feedback,
                        "published": published,
                        "mean": values.mean(),
                        "sd": values.std(ddof=1),
                        "n": len(values),
                        "difference": values.mean() - published,
                        "tolerance": tolerance,
                        "within": bool(abs(values.mean() - published) <= tolerance),
                        "best_possible": misses.min(),
                        "share": (misses <= tolerance).mean(),
                    }
                )
    return pd.DataFrame(rows)
