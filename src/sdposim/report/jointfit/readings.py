"""The evidence of every reading that was tried."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from sdposim.report.jointfit.found import Found
from sdposim.report.jointfit.wording import SHARP
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, applied

EDGE = -30.0
"""Less evidence is drawn here, with its number."""


def draw(found: Found) -> tuple[Figure, pd.DataFrame]:
    """Draw a row per reading, by question.

    Returns:
      The figure, and what it shows: the table of readings.
    """
    data = found.readings
    shown = data.iloc[1:]
    with applied():
        rows = len(shown) + shown["question"].nunique()
        fig = Figure(figsize=(WIDTHS["double"], 0.145 * rows + 0.5), **SHARP)
        ax = fig.subplots()
        place, ticks = 0, []
        for question, part in shown.groupby("question", sort=False):
            ax.text(EDGE, place, question, fontsize=6.5, fontweight="bold", va="center")
            place += 1
            for row in part.sort_values("log_evidence", ascending=False).itertuples():
                _mark(ax, place, row.log_evidence)
                ticks.append((place, row.reading))
                place += 1
        ax.axvline(0, color="0.6", linewidth=0.7, zorder=0)
        ax.axvspan(-1, 1, color="0.9", zorder=0, linewidth=0)
        ax.set_yticks(*zip(*ticks, strict=True), fontsize=6)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(place - 0.5, -0.7)
        ax.set_xlim(EDGE - 1, 4)
        ax.set_xlabel("log evidence of all published numbers, less that of the fitted reading")
        sns.despine(ax=ax, left=True)
    return fig, data


def _mark(ax, place: int, value: float) -> None:
    if value >= EDGE:
        ax.plot([value, 0], [place, place], color="0.75", linewidth=0.8, label="_line", zorder=1)
        ax.plot(value, place, marker="o", color="#004488", markersize=3.6, label="_reading")
        return
    ax.plot(EDGE, place, marker="<", color="#BB4455", markersize=3.6, label="_far")
    ax.annotate(f"{value:,.0f}", (EDGE, place), (6, 0), textcoords="offset points", fontsize=6,
                va="center", color=NEUTRAL)  # fmt: skip
