"""Pieces that several figures share: grids, curves with bands, published marks, legends."""

from collections.abc import Mapping, Sequence

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sdposim.report.labels import method_label
from sdposim.report.style import NEUTRAL, PUBLISHED_MARKER, look
from sdposim.storage.errors import UserError

WIDTHS = {"double": 7.0, "single": 3.35}  # inches: a page of two columns, and one column


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
    fig = Figure(figsize=(width, rows * height + 0.45), layout="constrained")
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


def mark_published(ax: Axes, x: float, y: float, colour: str, sd: float = 0.0) -> None:
    """Mark a published value, with its published SD if there is one, by an open diamond."""
    if sd > 0:
        ax.errorbar(x, y, yerr=sd, color=colour, fmt="none", linewidth=1, zorder=7)
    ax.plot(x, y, label="_published", zorder=8, clip_on=False, **_published_look(colour))


def training_axis(
    ax: Axes, steps: tuple[int, int], finals: Mapping[str, float], marks: int, inches: float
) -> None:
    """Set the limits of the training steps and mark the published final values beyond the last.

    Args:
      ax: the panel.
      steps: the first and the last step.
      finals: the published final value by method; they stand side by side.
      marks: for how many of them there is to be room, so that all panels have the same axis.
      inches: the rough width of the panel.
    """
    first, last = steps
    span = max(last - first, 1)
    pitch = 0.1 / inches * span  # of two marks, so that they do not overlap
    for place, (method, value) in enumerate(finals.items()):
        mark_published(ax, last + pitch * (place + 1.2), value, look(method).colour)
    ticks = MaxNLocator(nbins=3 if inches < 2 else 6, integer=True).tick_values(first, last)
    ax.set_xticks([tick for tick in ticks if first - 1 <= tick <= last])
    ax.set_xlim(first - 0.02 * span, last + (pitch * (marks + 0.9) if marks else 0.02 * span))


def add_legend(
    fig: Figure, options: Mapping, handles: Sequence[Line2D | Patch], published: bool
) -> None:
    """Put one legend above all panels: the handles, and the mark of published values if any."""
    handles = list(handles)
    if published:
        handles.append(Line2D([], [], label="published", **_published_look(NEUTRAL)))
    columns = min(len(handles), 6)
    spacing = {}
    if is_single(options):
        columns = 2 if len(handles) == 4 else min(len(handles), 3)
        spacing = {"fontsize": 7, "handlelength": 2.2, "columnspacing": 1.0, "handletextpad": 0.5}
    fig.legend(handles=handles, loc="outside upper center", ncols=columns, **spacing)


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


def _published_look(colour: str) -> dict:
    return {
        "linestyle": "none",
        "marker": PUBLISHED_MARKER,
        "markersize": 4.2,
        "markerfacecolor": "white",
        "markeredgecolor": colour,
        "markeredgewidth": 1.0,
    }
