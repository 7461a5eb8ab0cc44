"""Means over seeds of the cells of a study."""

from collections.abc import Sequence

import pandas as pd

from sdposim.report.labels import ordered_feedbacks, ordered_methods
from sdposim.storage.errors import UserError


def over_seeds(cells: pd.DataFrame, column: str, by: Sequence[str]) -> pd.DataFrame:
    """Average a metric of the cells over their seeds.

    Args:
      cells: one row per cell, as in `cells.parquet`.
      column: the metric.
      by: the columns that stay, such as `["method", "feedback"]`.

    Returns:
      One row per group in the paper's order of methods and feedbacks, with the columns of `by`,
      `mean`, `sd` (ddof 1, NaN when n is 1) and `n` (cells in which the metric is defined).

    Raises:
      UserError: if there are no cells.
    """
    if cells.empty:
        raise UserError(f"the study has no cells, so there is no {column} to average")
    frame = cells.copy()
    # A sum depends on its order in the last bit, so the order is fixed here.
    frame = frame.sort_values(["setting", "method", "feedback", "noise", "seed"])
    frame["method"] = _categories(frame["method"], ordered_methods(frame["method"]))
    frame["feedback"] = _categories(frame["feedback"], ordered_feedbacks(frame["feedback"]))
    groups = frame.groupby(list(by), observed=True, sort=True)[column]
    means = groups.agg(mean="mean", sd="std", n="count").reset_index()
    for name in ("method", "feedback"):
        if name in means:
            means[name] = means[name].astype(str)
    return means


def over_landscapes(
    cells: pd.DataFrame, column: str, by: Sequence[str], landscapes: Sequence[int] | None, ddof: int
) -> pd.DataFrame:
    """Average a metric over the landscapes of cells, replicate by replicate.

    Args:
      cells, column, by: as in `over_seeds`.
      landscapes: the seeds of the landscapes that a setting lists, of which cell s has entry s
        modulo their number; replicate r then is the cells r L to r L + L - 1. One that lacks
        landscapes that others have does not count. None where every cell has a landscape of its
        own: they are one replicate.
      ddof: the SD divides by the number of landscapes less this.

    Returns:
      Per group `mean` and `sd` over landscapes, the mean over replicates of each; their SDs over
      replicates, `mean_sd` and `sd_sd`, NaN for one; `n`, the landscapes of each, and `replicates`.
    """
    frame = cells.copy()
    frame["replicate"] = 0 if landscapes is None else frame["seed"] // len(landscapes)
    single = over_seeds(frame, column, [*by, "replicate"])
    fullest = single.groupby(list(by), observed=True)["n"].transform("max")
    single = single[single["n"] == fullest].copy()
    single["sd"] *= ((single["n"] - 1) / (single["n"] - ddof).where(single["n"] > 1)) ** 0.5
    groups = single.groupby(list(by), observed=True, sort=False)
    return groups.agg(
        mean=("mean", "mean"),
        sd=("sd", "mean"),
        mean_sd=("mean", "std"),
        sd_sd=("sd", "std"),
        n=("n", "max"),
        replicates=("n", "count"),
    ).reset_index()


def only_value(frame: pd.DataFrame, column: str, kind: str):
    """Return the one value of a column that a figure can show only one of.

    Raises:
      UserError: if the study has several values, or none.
    """
    values = sorted(frame[column].unique())
    if not values:
        raise UserError(
            f"the study has no cells, so there is nothing for figure kind {kind} to show"
        )
    if len(values) > 1:
        listed = ", ".join(str(value) for value in values)
        raise UserError(
            f"figure kind {kind} shows one {column}, but its study has {len(values)} ({listed}); "
            f"give each {column} a study of its own"
        )
    return values[0]


def _categories(values: pd.Series, order: list[str]) -> pd.Series:
    return values.astype(pd.CategoricalDtype(order, ordered=True))
