"""What mechanisms share: parts of a study's cells, means with intervals, and how these are said."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.report.files import number
from sdposim.report.panels import WIDTHS
from sdposim.report.style import SHARP
from sdposim.storage.errors import UserError


class Mean(NamedTuple):
    """A mean over units, and half the width of its 95% interval, 1.96 standard errors."""

    value: float
    half: float

    def said(self, decimals: int = 3) -> str:
        """Such as `0.127 ± 0.001`."""
        return f"{number(self.value, decimals)} ± {number(self.half, decimals)}"

    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.value - self.half

    @property
    def high(self) -> float:
        """The upper end."""
        return self.value + self.half


def part(frame: pd.DataFrame, **where: object) -> pd.DataFrame:
    """The rows of cells or curves in which columns have these values.

    Raises:
        UserError: there are none; it says what was wanted.
    """
    at = np.ones(len(frame), bool)
    for column, value in where.items():
        at &= (frame[column] == value).to_numpy()
    if not at.any():
        wanted = ", ".join(f"{column} {value}" for column, value in where.items())
        raise UserError(f"the study has no cells with {wanted}, which this mechanism needs")
    return frame[at]


def mean(cells: pd.DataFrame, column: str) -> Mean:
    """Of a column over cells."""
    values = cells[column].to_numpy(float)
    return Mean(float(values.mean()), _half(values))


def difference(cells: pd.DataFrame, others: pd.DataFrame, column: str) -> Mean:
    """Of the paired differences of cells with the same seed."""
    both = cells[["seed", column]].merge(others[["seed", column]], on="seed")
    values = (both[f"{column}_x"] - both[f"{column}_y"]).to_numpy(float)
    return Mean(float(values.mean()), _half(values))


def _half(values: np.ndarray) -> float:
    return float(1.96 * values.std(ddof=1) / np.sqrt(values.size)) if values.size > 1 else 0.0


def axis(settings: Mapping[str, dict], *path: str) -> dict[str, float]:
    """A hyperparameter by setting, such as `axis(settings, "training", "rollouts")`."""
    result = {}
    for name, setting in settings.items():
        value = setting
        for key in path:
            value = value[key]
        result[name] = value
    return result


def along(
    cells: pd.DataFrame, places: Mapping[str, float], column: str, by: str = "setting"
) -> pd.DataFrame:
    """A column's mean at each of some places.

    Args:
        cells: of one condition but for `by`.
        places: value of `by` -> its place on an axis.
        column: what is averaged over seeds.

    Returns:
        `place`, `mean` and `half`, a row per place, in increasing order.
    """
    rows = [(place, *mean(part(cells, **{by: name}), column)) for name, place in places.items()]
    return pd.DataFrame(rows, columns=["place", "mean", "half"]).sort_values("place")


def figure(columns: int, height: float = 2.6, **shared) -> tuple[Figure, list[Axes]]:
    """A figure as wide as a page, with panels side by side."""
    fig = Figure(figsize=(WIDTHS["double"], height), **SHARP)
    axes = fig.subplots(1, columns, squeeze=False, **shared)
    for ax in axes.flat:
        ax.spines[["top", "right"]].set_visible(False)
    return fig, list(axes.flat)


def draw_line(ax: Axes, frame: pd.DataFrame, colour: str, **look) -> None:
    """A line through means with their intervals, from `along`."""
    style = {"marker": "o", "linestyle": "-"} | look
    ax.errorbar(frame["place"], frame["mean"], yerr=frame["half"], color=colour, **style)


def handle(label: str, colour: str, **look) -> Line2D:
    """An entry of a legend for such a line."""
    return Line2D([], [], color=colour, label=label, **({"marker": "o", "linestyle": "-"} | look))


def legend(fig: Figure, handles: list[Line2D], columns: int = 4) -> None:
    """One legend above all panels."""
    fig.legend(handles=handles, loc="outside upper center", ncols=min(columns, len(handles)))


def against(gap: Mean, what: str) -> str:
    """Whether a difference is told from 0: above `what`, below it, or no different from it."""
    return f"{'above' if gap.low > 0 else 'below' if gap.high < 0 else 'no different from'} {what}"


def listed(items: list[str]) -> str:
    """Such as `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def varied(data) -> str:
    """What varies in a study, and how often, as the beginning of a sentence."""
    units = f"{data.cells['seed'].nunique():,}"
    seeds = [setting["landscape"]["seed"] for setting in data.settings.values()]
    if all(seed == "each" for seed in seeds):
        return f"{units} landscapes vary, with a run each"
    if all(isinstance(seed, int) for seed in seeds):
        return f"{units} runs vary"
    return f"{units} landscapes and runs vary"


def label_points(
    ax: Axes, points: Sequence[tuple[float, float, str]], colour: str, offset: tuple[float, float]
) -> None:
    """Write a text beside each point, one for neighbours too close for two: `first to last`.

    Args:
        ax: with its final limits.
        points: x, y and text, in order.
        colour: of the text.
        offset: of the text from the point, in points of type.
    """
    groups: list[list[tuple[float, float, str]]] = []
    for point in points:
        if groups and np.hypot(*(_inches(ax, groups[-1][0]) - _inches(ax, point))) < _APART:
            groups[-1].append(point)
        else:
            groups.append([point])
    for group in groups:
        first, last = group[0], group[-1]
        text = first[2] if len(group) == 1 else f"{first[2]} to {last[2]}"
        middle = group[len(group) // 2][:2]
        ax.annotate(
            text, middle, offset, textcoords="offset points", color=colour, fontsize=6.5,
            ha=("center", "left", "right")[int(np.sign(offset[0]))],
            va=("center", "bottom", "top")[int(np.sign(offset[1]))],
        )  # fmt: skip


_APART = 0.24
"""Inches from point to point that leave room for a line of text."""


def _inches(ax: Axes, point: tuple[float, float, str]) -> np.ndarray:
    """Roughly, before the figure is laid out; axes are linear."""
    width, height = ax.figure.get_size_inches() / (len(ax.figure.axes), 1) - (0.6, 0.8)
    limits = np.array([ax.get_xlim(), ax.get_ylim()])
    return (np.array(point[:2]) - limits[:, 0]) / np.ptp(limits, axis=1) * (width, height)
