"""Synthetic papers: are the settings that made them inside their intervals?"""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sdposim.presentation.calibration.drawing import POSTERIOR
from sdposim.presentation.calibration.names import FITTED, LANDSCAPE, PARAMETERS, READINGS
from sdposim.presentation.calibration.verdicts import EXCLUDED_PROBABILITY
from sdposim.presentation.panels import WIDTHS
from sdposim.presentation.style import applied

OUTSIDE = "#BB4455"
COLUMNS = ["paper", "setting", "u_truth", "u_low", "u_high", "inside", "probability"]


def draw(check: pd.DataFrame, check_readings: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per continuous setting, and one of the readings.

    Returns:
      The figure, and what it shows: a row per paper and setting, `u_...` in quantiles of the
      prior; `probability` is that of the true value of a reading.
    """
    data = pd.concat(
        [
            check.rename(columns={"parameter": "setting"}),
            check_readings.rename(columns={"reading": "setting"}),
        ],
        ignore_index=True,
    )
    data = data.reindex(columns=COLUMNS)
    with applied():
        fig = _figure(data)
    return fig, data


def _figure(data) -> Figure:
    fig = Figure(figsize=(WIDTHS["double"], 5.6), layout="constrained")
    upper, lower = fig.subfigures(2, 1, height_ratios=[2, 1])
    axes = upper.subplots(2, 3, sharey=True)
    for ax, name in zip(axes.flat, FITTED, strict=True):
        shown = data[data["setting"] == name].sort_values("paper")
        _intervals(ax, shown)
        inside = f"{int(shown['inside'].sum())} of {len(shown)} inside"
        ax.set_title(f"{PARAMETERS[name].short}: {inside}", fontsize=7)
        sns.despine(ax=ax)
    for ax in axes[:, 0]:
        ax.set_ylabel("quantile of the prior")
    for ax in axes[-1]:
        ax.set_xlabel("synthetic paper")
    _readings(lower.subplots(), data[data["probability"].notna()])
    handles = [_handle(True), _handle(False), _interval_handle()]
    upper.legend(handles=handles, loc="outside upper center", ncols=3)
    return fig


def _intervals(ax, shown) -> None:
    for row in shown.itertuples():
        colour = POSTERIOR if row.inside else OUTSIDE
        ax.plot(
            [row.paper] * 2, [row.u_low, row.u_high], color=colour, linewidth=1.4, marker="_",
            markersize=4, label="_interval",
        )  # fmt: skip
        ax.plot(row.paper, row.u_truth, label="_truth", clip_on=False, **_truth(row.inside))
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1])
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_xlim(shown["paper"].min() - 0.6, shown["paper"].max() + 0.6)


def _readings(ax, data) -> None:
    names = [name for name in (*READINGS, "landscape") if (data["setting"] == name).any()]
    for place, name in enumerate(names):
        shown = data[data["setting"] == name].sort_values("paper")
        # Papers stand side by side in their order, so that equal probabilities do not coincide.
        x = place + np.linspace(-0.3, 0.3, len(shown))
        found = shown["probability"].to_numpy() >= EXCLUDED_PROBABILITY
        for kept in (True, False):
            ax.plot(
                x[found == kept], shown["probability"][found == kept], label="_probability",
                clip_on=False, **_truth(kept),
            )  # fmt: skip
    ax.axhline(EXCLUDED_PROBABILITY, color="0.5", linewidth=0.8, linestyle=":")
    labels = [LANDSCAPE.short if name == "landscape" else READINGS[name].short for name in names]
    ax.set_xticks(range(len(names)), labels)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(0, 1.03)
    ax.set_ylabel("probability of the truth")
    ax.set_title(
        "Readings and landscape: probability of the true value, a mark per paper (dotted: 5%)",
        fontsize=7,
    )
    sns.despine(ax=ax)


def _truth(inside: bool) -> dict:
    colour = POSTERIOR if inside else OUTSIDE
    return {
        "linestyle": "none",
        "marker": "o" if inside else "X",
        "markersize": 4 if inside else 5.5,
        "markerfacecolor": "white" if inside else colour,
        "markeredgecolor": colour if inside else "black",
        "markeredgewidth": 1.0 if inside else 0.5,
    }


def _handle(inside: bool) -> Line2D:
    return Line2D([], [], label=f"truth, {'inside' if inside else 'outside'}", **_truth(inside))


def _interval_handle() -> Line2D:
    return Line2D([], [], color=POSTERIOR, marker="_", label="90% interval")
