"""The preset: the best-fitting setting, rounded to what a person would write."""

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
DIGITS = (1, 2, 3)
HARMLESS = 2.0
"""Rounding may raise the squared distance by so much."""
_GENERATION = 3 * 10**5
"""Stands for the preset in the seeds of its runs."""
_RUNS = 64


def choose_preset(
    table: pd.DataFrame, base: dict, tables: Tables, scatter: Scatter
) -> tuple[dict, np.ndarray]:
    """The nearest accepted draw, with the fewest digits that do no harm.

    Args:
        table: accepted draws, the nearest first.
        base: the other keys of the setting.
        tables: what is explained.
        scatter: the run-to-run scatter.

    Returns:
        Landscape, parameters and readings by name, with the squared `distance`; and the runs
        (conditions, runs, statistics) that it was measured with.
    """
    best = table.iloc[0]
    exact, runs = _evaluated(best, best, base, tables, scatter)
    for digits in DIGITS:
        rounded = {p.key: rounded_to(float(best[p.key]), digits) for p in PARAMETERS}
        found, runs = _evaluated(best, rounded, base, tables, scatter)
        if found["distance"] <= exact["distance"] + HARMLESS:
            return found, runs
    return found, runs


def rounded_to(value: float, digits: int) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def _evaluated(best, parameters, base, tables, scatter) -> tuple[dict, np.ndarray]:
    chosen = np.array([float(parameters[p.key]) for p in PARAMETERS])
    landscape = int(best["landscape"])
    runs = simulate_draw(base, chosen, landscape, first_seed(_GENERATION, 0), _RUNS)
    reading = Reading(*(plain(best[name]) for name in READINGS))
    squared, _ = distances(
        runs.mean(axis=1)[None], _RUNS, scatter.covariance(z_of(chosen)[None]), tables
    )
    found = {
        "landscape": landscape,
        **dict(zip((p.key for p in PARAMETERS), chosen.tolist(), strict=True)),
        **{name: getattr(reading, name) for name in READINGS},
        "distance": float(squared[0, ALL_READINGS.index(reading)]),
    }
    return found, runs


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
