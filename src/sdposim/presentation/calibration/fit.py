"""Fitted against published, for all 36 numbers of tables 1 to 3."""

from itertools import product

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.presentation.calibration.drawing import PRESET, patch, published_handle
from sdposim.presentation.calibration.names import STATISTIC_LABELS
from sdposim.presentation.calibration.reach import NUMBER
from sdposim.presentation.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)
from sdposim.presentation.panels import WIDTHS, mark_published
from sdposim.presentation.style import NEUTRAL, applied, look

STATISTICS = ("reward", "entropy", "correlation")
TOLERANCE = "0.88"
BESIDE = 0.16  # of the published mark from the interval, in feedbacks


def draw(intervals: pd.DataFrame, preset_table: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a row per statistic and a panel per method, each with an axis of its own.

    Args:
      intervals: from `predictive.intervals`.
      preset_table: see the package.

    Returns:
      The figure, and what it shows: `NUMBER`, `published, tolerance, preset, low, high, mean_low,
      mean_high, inside`.
    """
    preset = preset_table[[*NUMBER, "published", "tolerance", "mean"]]
    fitted = intervals.loc[intervals["source"] == "tables"].drop(columns="published")
    data = preset.rename(columns={"mean": "preset"}).merge(fitted, on=NUMBER, how="left")
    shown = ["published", "tolerance", "preset", "low", "high", "mean_low", "mean_high", "inside"]
    data = data[[*NUMBER, *shown]]
    with applied():
        fig = _figure(data)
    return fig, data


def _figure(data) -> Figure:
    methods, feedbacks = ordered_methods(data["method"]), ordered_feedbacks(data["feedback"])
    fig = Figure(figsize=(WIDTHS["double"], 5.6), layout="constrained")
    axes = fig.subplots(len(STATISTICS), len(methods), squeeze=False)
    for (i, statistic), (j, method) in product(enumerate(STATISTICS), enumerate(methods)):
        ax = axes[i, j]
        shown = data[(data["statistic"] == statistic) & (data["method"] == method)]
        for row in shown.itertuples():
            _number(ax, feedbacks.index(row.feedback), row)
        names = [feedback_label(name) for name in feedbacks]
        ax.set_xticks(range(len(feedbacks)), names, fontsize=6)
        ax.tick_params(axis="x", length=0, labelbottom=i == len(STATISTICS) - 1)
        ax.set_xlim(-0.5, len(feedbacks) - 0.5)
        inside = f"{int(shown['inside'].sum())} of {len(shown)} inside"
        magnitude = ", magnitude" * (statistic == "correlation" and method == "reinforce")
        ax.set_title(f"{method_label(method)}{magnitude}: {inside}", fontsize=7)
        sns.despine(ax=ax)
    for ax, statistic in zip(axes[:, 0], STATISTICS, strict=True):
        ax.set_ylabel(STATISTIC_LABELS[statistic].capitalize())
    fig.align_ylabels(axes[:, 0])
    handles = [
        published_handle(),
        patch("tolerance", TOLERANCE),
        Line2D([], [], label="preset, mean", **PRESET),
        Line2D([], [], color=NEUTRAL, linewidth=4, alpha=0.6, label="admissible settings, means"),
        Line2D([], [], color=NEUTRAL, linewidth=1, marker="_", label="90% of single runs"),
    ]
    fig.legend(handles=handles, loc="outside upper center", ncols=5, fontsize=7)
    return fig


def _number(ax, place: int, row) -> None:
    """Draw one published number at the left, and what the settings predict at the right."""
    left, right, colour = place - BESIDE, place + BESIDE, look(row.method).colour
    ends = [row.published - row.tolerance, row.published + row.tolerance]
    ax.fill_between([left - 0.15, left + 0.15], *ends, color=TOLERANCE, linewidth=0, zorder=0)
    mark_published(ax, left, row.published, colour)
    ax.vlines(right, row.mean_low, row.mean_high, color=colour, linewidth=4, alpha=0.6, zorder=2)
    ax.plot(
        [right, right], [row.low, row.high], color=colour, linewidth=1, marker="_", markersize=5,
        label="_interval", zorder=3,
    )  # fmt: skip
    ax.plot(right, row.preset, label="_preset", zorder=4, **PRESET)
