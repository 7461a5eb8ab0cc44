"""What the calibrated settings predict for each published number."""

import numpy as np
import pandas as pd

from sdposim.presentation.calibration.names import STATISTIC_LABELS
from sdposim.presentation.files import number
from sdposim.presentation.labels import FEEDBACK_LABELS, METHOD_LABELS

KEYS = ["source", "statistic", "method", "feedback", "noise"]
ORDER = {
    "source": ["tables", "noise", "hybrid", "multi_seed"],
    "statistic": list(STATISTIC_LABELS),
    "method": list(METHOD_LABELS),
    "feedback": list(FEEDBACK_LABELS),
}
LEVELS = (0.05, 0.5, 0.95)
FIGURE_PRECISION, WEIGHT_PRECISION, PRINTED_PRECISION = 0.002, 0.005, 0.0005
"""Half the last digit of what is printed, and how well values could be read off a figure."""


def intervals(predictions: pd.DataFrame, accepted: pd.DataFrame) -> pd.DataFrame:
    """Return the predictive interval of each number beside the published value.

    Every accepted draw counts with its weight; a published number is one run, so the
    interval is that of one run: it holds the uncertainty of the settings and the run-to-run
    scatter.

    Args:
      predictions: see the package.
      accepted: see the package.

    Returns:
      One row per number in the paper's order: `KEYS`, `published`, `low, median, high` (5%, 50%
      and 95% of single runs), `mean_low, mean_high` (the least and greatest mean over runs of an
      admissible draw, NaN if there is none), `inside` (of the 90% interval, up to the precision
      of the published value; NA where nothing is published).
    """
    about = accepted[["rank", "weight", "admissible"]]
    joined = predictions.merge(about, on="rank", validate="many_to_one")
    rows = []
    for key, group in joined.groupby([*KEYS, "published"], dropna=False, sort=False):
        known = group.dropna(subset="run")
        runs, weights = known["run"].to_numpy(), known["weight"].to_numpy()
        low, median, high = np.quantile(runs, LEVELS, weights=weights, method="inverted_cdf")
        means = group.loc[group["admissible"], "mean"]
        rows.append((*key, low, median, high, means.min(), means.max()))
    names = [*KEYS, "published", "low", "median", "high", "mean_low", "mean_high"]
    frame = pd.DataFrame(rows, columns=names)
    frame["inside"] = _inside(frame)
    ranks = [frame[name].map(order.index) for name, order in ORDER.items()]
    return frame.iloc[np.lexsort([frame["published"], frame["noise"], *reversed(ranks)])]


def counts(frame: pd.DataFrame) -> tuple[int, int]:
    """Return how many published numbers lie inside their interval, and how many there are."""
    known = frame["inside"].dropna()
    return int(known.sum()), len(known)


def to_csv(frame: pd.DataFrame) -> str:
    """Return the intervals as csv, 4 decimals; undefined values are empty."""
    text = frame.copy()
    for name in ("published", "low", "median", "high", "mean_low", "mean_high"):
        text[name] = [number(value, 4) for value in text[name]]
    return text.to_csv(index=False, lineterminator="\n")


def _inside(frame: pd.DataFrame) -> pd.Series:
    precision = np.select(
        [frame["source"] == "noise", frame["statistic"].str.startswith("weight_")],
        [FIGURE_PRECISION, WEIGHT_PRECISION],
        PRINTED_PRECISION,
    )
    published = frame["published"]
    inside = published.between(frame["low"] - precision, frame["high"] + precision)
    return inside.astype("boolean").mask(published.isna())
