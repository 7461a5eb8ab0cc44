"""Predictions against the published numbers that were not fitted: figures 4 to 6, section 3.5."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.presentation.calibration.drawing import published_handle
from sdposim.presentation.calibration.predictive import counts
from sdposim.presentation.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)
from sdposim.presentation.panels import WIDTHS, mark_published
from sdposim.presentation.style import NEUTRAL, applied, look

WEIGHTS = {
    "weight_first": "first\n10 steps",
    "weight_mean": "mean",
    "weight_low": "5%\nquantile",
    "weight_high": "95%\nquantile",
}
PANELS = (
    ("noise", ("reward",), "Reward against noise", "Final reward"),
    ("noise", ("correlation",), "Correlation against noise", "Credit correlation"),
    ("hybrid", ("reward",), r"Reward at $\sigma = 0.2$", "Final reward"),
    ("hybrid", ("entropy",), r"Entropy at $\sigma = 0.2$", "Final entropy"),
    ("hybrid", tuple(WEIGHTS), "Hybrid weight", r"Weight $\alpha$ of SDPO"),
    ("multi_seed", ("mean",), "Mean of five landscapes", "Final reward"),
    ("multi_seed", ("sd",), "SD of five landscapes", "SD of final reward"),
)
"""source, statistics, title, label of the axis"""
FEEDBACK_LINES = {"continuous": "-", "critique": (0, (2, 1))}
BESIDE = 0.13  # of the mark from the interval
APART = 0.42  # of the feedbacks at one place


def draw(intervals: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per quantity; each title says how many published numbers lie inside.

    Args:
      intervals: from `predictive.intervals`.

    Returns:
      The figure, and what it shows: the rows of `intervals` that are not of the tables.
    """
    data = intervals[intervals["source"] != "tables"].drop(columns=["mean_low", "mean_high"])
    with applied():
        fig = _figure(data)
    return fig, data


def _figure(data) -> Figure:
    fig = Figure(figsize=(WIDTHS["double"], 6.4), layout="constrained")
    rows = fig.subfigures(3, 1)
    axes = [ax for row, size in zip(rows, (2, 3, 2), strict=True) for ax in row.subplots(1, size)]
    for ax, (source, statistics, title, label) in zip(axes, PANELS, strict=True):
        shown = data[(data["source"] == source) & data["statistic"].isin(statistics)]
        if source == "noise":
            _against_noise(ax, shown)
        elif statistics == tuple(WEIGHTS):
            _weights(ax, shown)
        else:
            _by_method(ax, shown)
        inside, published = counts(shown)
        ax.set_title(f"{title}: {inside} of {published} inside", fontsize=7)
        ax.set_ylabel(label)
        sns.despine(ax=ax)
    methods = ordered_methods(data["method"])
    handles = [
        *(Line2D([], [], label=method_label(name), **_line(name)) for name in methods),
        Line2D([], [], color=NEUTRAL, linewidth=1, marker="_", label="90% of single runs"),
        published_handle(),
    ]
    rows[0].legend(handles=handles, loc="outside upper center", ncols=6, fontsize=7)
    return fig


def _against_noise(ax, shown) -> None:
    methods = ordered_methods(shown["method"])
    for place, method in enumerate(methods):
        curve = shown[shown["method"] == method].sort_values("noise")
        colour = look(method).colour
        band = curve.drop_duplicates("noise")
        ends = [band["low"], band["high"]]
        ax.fill_between(band["noise"], *ends, color=colour, alpha=0.22, linewidth=0)
        for edge in ends:
            ax.plot(band["noise"], edge, color=colour, linewidth=0.5)
        ax.plot(band["noise"], band["median"], label=f"_{method}", **_line(method))
        aside = 0.006 * (place - (len(methods) - 1) / 2)
        for row in curve.dropna(subset="published").itertuples():
            mark_published(ax, row.noise + aside, row.published, colour)
    ax.set_xlabel(r"Feedback noise $\sigma$")


def _by_method(ax, shown) -> None:
    methods, feedbacks = ordered_methods(shown["method"]), ordered_feedbacks(shown["feedback"])
    for row in shown.itertuples():
        _interval(ax, methods.index(row.method) + _aside(row.feedback, feedbacks), row)
    _places(ax, [method_label(name) for name in methods])
    if len(feedbacks) > 1:
        _feedback_legend(ax, feedbacks)


def _weights(ax, shown) -> None:
    names = [name for name in WEIGHTS if (shown["statistic"] == name).any()]
    feedbacks = ordered_feedbacks(shown["feedback"])
    for row in shown.itertuples():
        _interval(ax, names.index(row.statistic) + _aside(row.feedback, feedbacks), row)
    _places(ax, [WEIGHTS[name] for name in names])
    ax.set_ylim(top=1.02)  # the panels beside it have the legend, for which this one has no room


def _aside(feedback: str, feedbacks: list[str]) -> float:
    return APART * (feedbacks.index(feedback) - (len(feedbacks) - 1) / 2)


def _places(ax, labels: list[str]) -> None:
    ax.set_xticks(range(len(labels)), labels)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(labels) - 0.4)


def _interval(ax, x: float, row) -> None:
    colour = look(row.method).colour
    line = FEEDBACK_LINES.get(row.feedback, "-")
    ax.plot(
        [x - BESIDE / 2] * 2, [row.low, row.high], color=colour, linestyle=line, linewidth=1.5,
        marker="_", markersize=6, label="_interval",
    )  # fmt: skip
    ax.plot(x - BESIDE / 2, row.median, "o", color=colour, markersize=3, label="_median")
    if row.published == row.published:
        mark_published(ax, x + BESIDE / 2, row.published, colour)


def _line(method: str) -> dict:
    return {"color": look(method).colour, "linestyle": look(method).linestyle}


def _feedback_legend(ax, feedbacks) -> None:
    lines = [
        Line2D(
            [], [], color=NEUTRAL, linestyle=FEEDBACK_LINES.get(name, "-"),
            label=feedback_label(name).lower(),
        )
        for name in feedbacks
    ]  # fmt: skip
    ax.legend(handles=lines, loc="best", fontsize=6.5, handlelength=2)
