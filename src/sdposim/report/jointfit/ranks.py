"""Ranks of the true settings in their posteriors, over synthetic papers."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.calibration.jointfit.check import uniform_band
from sdposim.calibration.jointfit.simulate import PARAMETERS
from sdposim.report.jointfit.wording import SHARP, WAYS
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, applied

COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#555555")


def draw(table: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per way: the distribution of the ranks of each setting, less the uniform one.

    Args:
        table: from `check.settings`.

    Returns:
      The figure, and what it shows: a row per way, setting and paper.
    """
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 2.8), **SHARP)
        axes = fig.subplots(1, len(WAYS), sharey=True)
        for ax, (way, text) in zip(axes, WAYS.items(), strict=True):
            _panel(ax, table[table["way"] == way])
            ax.set_title(text)
        axes[0].set_ylabel("share of papers below it,\nless the rank itself")
        axes[1].set_xlabel("rank of the true setting in the posterior")
        handles = [
            Line2D([], [], color=colour, label=parameter.symbol)
            for colour, parameter in zip(COLOURS, PARAMETERS, strict=True)
        ]
        fig.legend(handles=handles, loc="outside upper center", ncols=4, labelcolor=NEUTRAL)
    return fig, table[["way", "setting", "paper", "below"]]


def _panel(ax, rows: pd.DataFrame) -> None:
    count = rows["paper"].nunique()
    band = uniform_band(count)
    ax.fill_between([0, 1], [-band] * 2, [band] * 2, color="0.9", linewidth=0, label="_band")
    for colour, parameter in zip(COLOURS, PARAMETERS, strict=True):
        ranks = np.sort(rows.loc[rows["setting"] == parameter.key, "below"])
        share = np.arange(count + 1) / count
        places = np.concatenate([[0.0], np.repeat(ranks, 2), [1.0]])
        heights = np.repeat(share, 2) - places
        ax.plot(places, heights, color=colour, linewidth=1, label=f"_{parameter.key}")
    ax.axhline(0, color="black", linewidth=0.6)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    sns.despine(ax=ax)
