"""Every published number beside the preset's, in units of what a single run and reading it err."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.report.jointfit.found import Found
from sdposim.report.jointfit.wording import SHARP, statistic
from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, applied, look

EDGE = 6.0
"""What is farther off is drawn here, with its number where all of a row are."""


def draw(found: Found) -> tuple[Figure, pd.DataFrame]:
    """Draw a row per source, statistic and method; a dot per number.

    Returns:
      The figure, and what it shows: the table of numbers.
    """
    data = found.numbers
    groups = [key for key, _ in data.groupby(["source", "statistic", "method"], sort=False) if key]
    order = ordered_methods(data["method"])
    groups.sort(key=lambda key: (_place(key[0]), list(data["statistic"].unique()).index(key[1]),
                                 order.index(key[2])))  # fmt: skip
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 0.2 * len(groups) + 0.9), **SHARP)
        axes = fig.subplots(1, 2, sharey=True)
        for ax, name, title in zip(
            axes, ("paper", "as_printed"), ("the preset", "equations 4 and 5 as printed"),
            strict=True,
        ):  # fmt: skip
            _panel(ax, data, groups, name)
            ax.set_title(title)
        labels = [f"{source}, {statistic(name)}" for source, name, _ in groups]
        axes[0].set_yticks(range(len(groups)), labels, fontsize=6)
        axes[0].set_ylim(len(groups) - 0.5, -0.5)
        _legend(fig, order)
    return fig, data


def _place(source: str) -> tuple[int, str]:
    kinds = ("table", "figure 3", "figure 4", "section", "figure 6")
    return next(place for place, kind in enumerate(kinds) if source.startswith(kind)), source


def _panel(ax, data: pd.DataFrame, groups: list, name: str) -> None:
    for low, shade in ((3, "0.95"), (2, "0.88")):
        ax.axvspan(-low, low, color=shade, zorder=0, linewidth=0)
    ax.axvline(0, color="0.6", linewidth=0.7, zorder=1)
    for place, key in enumerate(groups):
        here = (data[["source", "statistic", "method"]] == list(key)).all(axis=1)
        z = data.loc[here, f"{name}_z"].to_numpy()
        shown = np.clip(z, -EDGE, EDGE)
        colour, marker = look(key[2]).colour, look(key[2]).marker
        ax.plot(shown, [place] * len(z), linestyle="none", marker=marker, markersize=3.6,
                color=colour, alpha=0.8, zorder=3, label=f"_{key[2]}")  # fmt: skip
        far = z[np.abs(z) > EDGE]
        if far.size == len(z):
            side = np.sign(far[0])
            ax.annotate(f"{far.min():.0f}" if side < 0 else f"+{far.max():.0f}",
                        (side * EDGE, place), (-5 * side, 0), textcoords="offset points",
                        ha="right" if side > 0 else "left", va="center", fontsize=6,
                        color=colour)  # fmt: skip
    ax.set_xlim(-EDGE - 0.4, EDGE + 0.4)
    ax.set_xlabel("published less reproduced, in SDs")
    ax.tick_params(axis="y", length=0)
    sns.despine(ax=ax, left=True)


def _legend(fig: Figure, methods: list[str]) -> None:
    handles = [
        Line2D([], [], linestyle="none", marker=look(name).marker, color=look(name).colour,
               label=method_label(name))
        for name in methods
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside upper center", ncols=len(methods), labelcolor=NEUTRAL)
