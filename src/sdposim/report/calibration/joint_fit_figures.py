"""The figures of a joint fit: every number, reading and setting; and how these are called."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.calibration.space import PARAMETERS
from sdposim.report.labels import feedback_label, method_label, ordered_methods
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, SHARP, SMALLEST, applied, look

STATISTICS = {
    "reward": "final reward",
    "entropy": "final entropy",
    "correlation": "credit correlation",
    "initial_entropy": "initial entropy",
    "mean": "mean over landscapes",
    "sd": "SD over landscapes",
}
DECIMALS = 4
"""Of the tables that are drawn and written."""
NEAR, WIDE = 2.0, 3.0
"""SDs within which numbers are counted, and the grey areas."""
EDGE = 6.0
"""What is farther off is drawn here, with its number where all of a row are."""
FAR = -30.0
"""Less evidence is drawn here, with its number."""
TICKS, COARSE = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0), (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Of logarithmic axes, and of those that span more than a factor of ten."""
SOURCES = {
    "prior": ("prior", "0.7", "o"),
    "earlier": ("earlier calibration (tables 1 to 3)", "#AA4499", "s"),
    "tables": ("any landscape, tables 1 to 3", "#999933", "^"),
    "unidentified": ("any landscape, all numbers", "#117733", "v"),
    "identified": ("the identified landscapes, all numbers", "black", "D"),
}
"""What a source is called, its colour, which is no method's, and its marker."""


def statistic(name: str) -> str:
    """What a number is."""
    return STATISTICS.get(name, name)


def about(row) -> tuple[str, str, str]:
    """Method, feedback and noise of a row, as a reader sees them."""
    return method_label(row.method), feedback_label(row.feedback), f"{row.noise:g}"


def within(data: pd.DataFrame, limit: float, name: str = "paper") -> int:
    """Count the numbers of a table that are at most so many SDs off, as the table is written."""
    return int((data[f"{name}_z"].round(DECIMALS).abs() <= limit).sum())


def numbers(data: pd.DataFrame) -> Figure:
    """Draw a row per source, statistic and method, a dot per number, of `Fitted.numbers`."""
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
            _numbers_panel(ax, data, groups, name)
            count = within(data, NEAR, name)
            ax.set_title(f"{title}\n{count} of {len(data)} within {NEAR:g} SDs")
        labels = [f"{source}, {statistic(name)}" for source, name, _ in groups]
        axes[0].set_yticks(range(len(groups)), labels, fontsize=SMALLEST)
        axes[0].set_ylim(len(groups) - 0.5, -0.5)
        _methods_legend(fig, order)
    return fig


def _place(source: str) -> tuple[int, str]:
    kinds = ("table", "figure 3", "figure 4", "section", "figure 6")
    return next(place for place, kind in enumerate(kinds) if source.startswith(kind)), source


def _numbers_panel(ax, data: pd.DataFrame, groups: list, name: str) -> None:
    for low, shade in ((WIDE, "0.95"), (NEAR, "0.88")):
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
                        ha="right" if side > 0 else "left", va="center", fontsize=SMALLEST,
                        color=colour)  # fmt: skip
    ax.set_xlim(-EDGE - 0.4, EDGE + 0.4)
    ax.set_xlabel("published less reproduced, in SDs")
    ax.tick_params(axis="y", length=0)
    sns.despine(ax=ax, left=True)


def _methods_legend(fig: Figure, methods: list[str]) -> None:
    handles = [
        Line2D([], [], linestyle="none", marker=look(name).marker, color=look(name).colour,
               label=method_label(name))
        for name in methods
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside upper center", ncols=len(methods), labelcolor=NEUTRAL)


def readings(data: pd.DataFrame) -> Figure:
    """Draw a row per reading, by question, of `Fitted.readings`."""
    shown = data.iloc[1:]
    with applied():
        rows = len(shown) + shown["question"].nunique()
        fig = Figure(figsize=(WIDTHS["double"], 0.145 * rows + 0.5), **SHARP)
        ax = fig.subplots()
        place, ticks = 0, []
        for question, part in shown.groupby("question", sort=False):
            ax.text(FAR, place, question, fontsize=SMALLEST, fontweight="bold", va="center")
            place += 1
            for row in part.sort_values("log_evidence", ascending=False).itertuples():
                _reading_mark(ax, place, row.log_evidence)
                ticks.append((place, row.reading))
                place += 1
        ax.axvline(0, color="0.6", linewidth=0.7, zorder=0)
        ax.axvspan(-1, 1, color="0.9", zorder=0, linewidth=0)
        ax.set_yticks(*zip(*ticks, strict=True), fontsize=SMALLEST)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(place - 0.5, -0.7)
        ax.set_xlim(FAR - 1, 4)
        ax.set_xlabel("log evidence of all published numbers, less that of the fitted reading")
        sns.despine(ax=ax, left=True)
    return fig


def _reading_mark(ax, place: int, value: float) -> None:
    if value >= FAR:
        ax.plot([value, 0], [place, place], color="0.75", linewidth=0.8, label="_line", zorder=1)
        ax.plot(value, place, marker="o", color=NEUTRAL, markersize=3.6, label="_reading")
        return
    ax.plot(FAR, place, marker="<", color=NEUTRAL, markersize=3.6, label="_far")
    ax.annotate(f"{value:,.0f}", (FAR, place), (6, 0), textcoords="offset points",
                fontsize=SMALLEST, va="center", color=NEUTRAL)  # fmt: skip


def intervals(data: pd.DataFrame) -> Figure:
    """Draw a panel per setting: medians, 90% intervals, and the preset, of `Fitted.settings`."""
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 3.4), **SHARP)
        axes = fig.subplots(2, 4).ravel()
        for ax, parameter in zip(axes, PARAMETERS, strict=False):
            _interval_panel(
                ax, data[data["setting"] == parameter.key].set_index("source"), parameter
            )
        for ax in axes[len(PARAMETERS) :]:
            ax.set_visible(False)
        handles = [
            Line2D([], [], color=colour, marker=marker, label=text)
            for text, colour, marker in SOURCES.values()
        ]
        handles.append(Line2D([], [], color="black", linestyle="--", label="the preset"))
        fig.legend(handles=handles, loc="outside upper center", ncols=3, labelcolor=NEUTRAL)
    return fig


def _interval_panel(ax, rows: pd.DataFrame, parameter) -> None:
    for place, (source, (_, colour, marker)) in enumerate(SOURCES.items()):
        row = rows.loc[source]
        ax.plot([row["low"], row["high"]], [place] * 2, color=colour, label=f"_{source}")
        ax.plot(row["median"], place, marker=marker, color=colour, label=f"_{source}")
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
