"""Pieces that several figures share: grids, curves with bands, published marks, legends."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import AbstractPathEffect, Normal, Stroke
from matplotlib.ticker import MaxNLocator

from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.style import SHARP, Look, look
from sdposim.storage.errors import UserError

WIDTHS = {"double": 7.0, "single": 3.35}  # inches: a page of two columns, and one column
BENEATH = 1.8
"""Order of drawing above bars and bands, below lines, marks and error bars."""
PITCH = 0.11
"""Inches from mark to mark in a strip."""
WORD, GAP = 0.36, 0.12
"""Inches of the word under a strip, and from a panel to its strip."""


def is_single(options: Mapping) -> bool:
    """Return whether a figure is to fit one column: `options["width"]` is single, not double.

    Raises:
      UserError: if it is neither.
    """
    width = options.get("width", "double")
    if width not in WIDTHS:
        raise UserError(f"width: {width!r} is not one of {', '.join(WIDTHS)}")
    return width == "single"


def panel_inches(options: Mapping, columns: int) -> float:
    """Return the rough width of a panel without its labels, when so many stand side by side."""
    return WIDTHS["single" if is_single(options) else "double"] / columns - 0.5


def grid(
    options: Mapping, panels: int, columns: int, height: float, **shared
) -> tuple[Figure, list[Axes]]:
    """Return a figure of the wanted width with a grid of panels.

    Args:
      options: see `is_single`.
      panels: how many; places of the grid that are left over stay empty.
      columns: panels side by side.
      height: of a row, in inches.
      **shared: `sharex`, `sharey`.
    """
    width = WIDTHS["single" if is_single(options) else "double"]
    columns = min(columns, panels)
    rows = -(-panels // columns)
    fig = Figure(figsize=(width, rows * height + 0.45), **SHARP)
    axes = fig.subplots(rows, columns, squeeze=False, **shared)
    for place in axes.flat[panels:]:
        place.remove()
    for column in range(columns):
        # The lowest panel of each column carries the axis, also above an empty place.
        lowest = axes[rows - 1 if (rows - 1) * columns + column < panels else rows - 2, column]
        lowest.tick_params(labelbottom=True)
    for ax in axes.flat[:panels]:
        sns.despine(ax=ax)
    return fig, list(axes.flat[:panels])


def draw_curve(ax: Axes, curve: pd.DataFrame, metric: str, method: str, place: int) -> None:
    """Draw the mean of a metric over training with a band of one SD on either side.

    Args:
      ax: the panel.
      curve: rows of `curves.parquet` in which the metric is defined.
      metric: the name before `_mean` and `_sd`.
      method: gives the look.
      place: of the method among the others; shifts its markers so that they do not coincide.
    """
    style = look(method)
    curve = curve.sort_values("step")
    steps, mean = curve["step"].to_numpy(), curve[f"{metric}_mean"].to_numpy()
    sd = curve[f"{metric}_sd"].fillna(0).to_numpy()
    every = max(1, len(steps) // 6)
    ax.fill_between(steps, mean - sd, mean + sd, color=style.colour, alpha=0.2, linewidth=0)
    ax.plot(
        steps,
        mean,
        color=style.colour,
        linestyle=style.linestyle,
        marker=style.marker,
        markevery=(min(place * every // 4, len(steps) - 1), every),
        label=f"_{method}",
    )


def mark_published(
    ax: Axes,
    x: float,
    y: float,
    style: Look,
    sd: float = 0.0,
    zorder: float = BENEATH,
) -> None:
    """Mark a published value by an open mark of the method's shape.

    It is larger than the reproduced mark and by default beneath it: neither hides the other.

    Args:
      ax: the panel.
      x: where it stands.
      y: the value.
      style: the look of its method.
      sd: its published SD, or half the range of several values: drawn as a bar if above 0.
      zorder: order of drawing.
    """
    if sd > 0:
        ax.errorbar(x, y, yerr=sd, color=style.colour, fmt="none", linewidth=1, zorder=zorder)
    ax.plot(x, y, label="_published", zorder=zorder, clip_on=False, **_published_look(style))


def training_axis(ax: Axes, steps: tuple[int, int], inches: float) -> None:
    """Set the limits and ticks of the training steps.

    Args:
      ax: the panel.
      steps: the first and the last step.
      inches: the rough width of the panel.
    """
    first, last = steps
    span = max(last - first, 1)
    ticks = MaxNLocator(nbins=3 if inches < 2.4 else 6, integer=True).tick_values(first, last)
    ax.set_xticks([tick for tick in ticks if first - 1 <= tick <= last])
    ax.set_xlim(first - 0.02 * span, last + 0.02 * span)


def published_strip(ax: Axes, inches: float, finals: pd.Series) -> Axes | None:
    """Mark published final values in a narrow panel right of a panel over training.

    They are means over the last steps, so that they have no place among the steps.

    Args:
      ax: the panel over training.
      inches: the rough width of the panel.
      finals: values with the method as index. Of several of one method, the middle of their range
        is marked, and the range is a bar.

    Returns:
      The narrow panel, None if there are no values.
    """
    methods = ordered_methods(finals.index)
    if not methods:
        return None
    strip = strip_beside(ax, inches, len(methods))
    for place, method in enumerate(methods):
        low, high = finals[[method]].min(), finals[[method]].max()
        mark_published(strip, place, (low + high) / 2, look(method), (high - low) / 2)
    return strip


def strip_beside(ax: Axes, inches: float, places: int) -> Axes:
    """A narrow panel right of another and with its vertical axis, with room for so many marks."""
    share = max(PITCH * places + 0.08, WORD) / inches
    strip = ax.inset_axes([1 + GAP / inches, 0, share, 1], sharey=ax)
    sns.despine(ax=strip, left=True)
    strip.tick_params(left=False, labelleft=False, bottom=False)
    strip.set_xticks([(places - 1) / 2], ["paper"])
    half = max(places, WORD / PITCH) / 2
    strip.set_xlim((places - 1) / 2 - half, (places - 1) / 2 + half)
    return strip


def add_legend(
    fig: Figure,
    options: Mapping,
    handles: Sequence[Line2D | Patch],
    published: Sequence[Look],
    place: Axes | None = None,
) -> None:
    """Put one legend above all panels: the handles, and open marks for published values.

    Args:
      fig: the figure.
      options: see `is_single`.
      handles: of what is reproduced.
      published: looks of the published marks; the entry shows three of them.
      place: an empty panel that takes the legend, instead of the room above.
    """
    shown: list = list(handles)
    labels = [handle.get_label() for handle in shown]
    if published:
        shown.append(tuple(Line2D([], [], **_published_look(style)) for style in published[:3]))
        labels.append("published (open)")
    looks = {"handler_map": {tuple: HandlerTuple(ndivide=None, pad=0.3)}}
    if is_single(options):
        looks |= {"handlelength": 2.4, "columnspacing": 1.0, "handletextpad": 0.5}
    if place:
        place.legend(shown, labels, loc="center", **looks)
        return
    columns = min(len(shown), 6)
    if is_single(options):
        columns = 2 if len(shown) == 4 else min(len(shown), 3)
    fig.legend(shown, labels, loc="outside upper center", ncols=columns, **looks)


def published_looks(data: pd.DataFrame) -> list[Look]:
    """Looks of the published values in a figure's data, by method."""
    marked = set(data.loc[data["source"] == "published", "method"]) - {""}
    return [look(method) for method in ordered_methods(marked)]


def cased(width: float) -> list[AbstractPathEffect]:
    """A white edge, with which a line of this width shows on a dark bar."""
    return [Stroke(linewidth=width + 1.4, foreground="white"), Normal()]


def bar_look(method: str) -> dict:
    """Return the arguments that give a bar the look of its method."""
    style = look(method)
    return {
        "facecolor": style.colour,
        "edgecolor": "white",
        "hatch": style.hatch,
        "linewidth": 0.5,
    }


def line_handle(method: str) -> Line2D:
    """Return the entry of a legend for a method that is drawn as a line."""
    style = look(method)
    return Line2D(
        [],
        [],
        color=style.colour,
        linestyle=style.linestyle,
        marker=style.marker,
        label=method_label(method),
    )


def bar_handle(method: str) -> Patch:
    """Return the entry of a legend for a method that is drawn as bars."""
    return Patch(label=method_label(method), **bar_look(method))


def _published_look(style: Look) -> dict:
    return {
        "linestyle": "none",
        "marker": style.marker,
        "markersize": 6.0,
        "markerfacecolor": "white",
        "markeredgecolor": style.colour,
        "markeredgewidth": 1.0,
    }
