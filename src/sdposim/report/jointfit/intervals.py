"""What is known of each setting: before, now without the landscapes, and now with them."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.calibration.jointfit.simulate import PARAMETERS
from sdposim.report.jointfit.found import Found
from sdposim.report.jointfit.wording import SHARP
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, applied

TICKS, COARSE = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0), (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Of logarithmic axes, and of those that span more than a factor of ten."""
SOURCES = {
    "prior": ("prior", "0.7"),
    "earlier": ("earlier calibration (tables 1 to 3)", "#DDAA33"),
    "tables": ("any landscape, tables 1 to 3", "#BB4455"),
    "unidentified": ("any landscape, all numbers", "#44AA99"),
    "identified": ("the identified landscapes, all numbers", "#004488"),
}


def draw(found: Found) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per setting: medians, 90% intervals, and the preset.

    Returns:
      The figure, and what it shows: the table of settings.
    """
    data = found.settings
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 3.4), **SHARP)
        axes = fig.subplots(2, 4).ravel()
        for ax, parameter in zip(axes, PARAMETERS, strict=False):
            _panel(ax, data[data["setting"] == parameter.key].set_index("source"), parameter)
        for ax in axes[len(PARAMETERS) :]:
            ax.set_visible(False)
        handles = [
            Line2D([], [], color=colour, marker="o", label=text)
            for text, colour in SOURCES.values()
        ]
        handles.append(Line2D([], [], color="black", linestyle="--", label="the preset"))
        fig.legend(handles=handles, loc="outside upper center", ncols=3, labelcolor=NEUTRAL)
    return fig, data


def _panel(ax, rows: pd.DataFrame, parameter) -> None:
    for place, (source, (_, colour)) in enumerate(SOURCES.items()):
        row = rows.loc[source]
        ax.plot([row["low"], row["high"]], [place] * 2, color=colour, label=f"_{source}")
        ax.plot(row["median"], place, marker="o", color=colour, label=f"_{source}")
    ax.axvline(rows.loc["preset", "median"], color="black", linestyle="--", linewidth=0.8)
    if parameter.logarithmic:
        ax.set_xscale("log")
        low, high = ax.get_xlim()
        ticks = [tick for tick in (COARSE if high > 10 * low else TICKS) if low <= tick <= high]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
    ax.set_yticks([])
    ax.set_ylim(len(SOURCES) - 0.5, -0.5)
    ax.set_title(parameter.symbol)
    sns.despine(ax=ax, left=True)
