"""Figure 2: credit-assignment correlation as grouped bars with their values."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value, final
from sdposim.report.aggregate import only_value, over_seeds
from sdposim.report.files import number
from sdposim.report.labels import feedback_label, ordered_feedbacks, ordered_methods
from sdposim.report.panels import (
    add_legend,
    bar_handle,
    bar_look,
    cased,
    grid,
    mark_published,
    panel_inches,
    published_looks,
)
from sdposim.report.style import SMALLEST, applied, look

GROUP = 0.84  # of the distance between two groups is filled with bars


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 2, from the cells; the axis holds every bar, negative ones too.

    Raises:
      UserError: if the study has several settings or noise levels.
    """
    only_value(cells, "setting", "credit_bars")
    noise = only_value(cells, "noise", "credit_bars")
    data = over_seeds(cells, "credit_correlation", ["feedback", "method"])
    data = data.rename(columns={"mean": "credit_correlation"})
    values = [
        final(published, "credit_correlation", row.method, row.feedback, noise)
        for row in data.itertuples()
    ]
    data["published"] = pd.Series(values, dtype=float)
    with applied():
        fig = _figure(data, options)
    return fig, data


def _figure(data: pd.DataFrame, options: Mapping) -> Figure:
    methods, feedbacks = ordered_methods(data["method"]), ordered_feedbacks(data["feedback"])
    fig, (ax,) = grid(options, 1, 1, 2.7)
    width = GROUP / max(len(methods), 2)
    ends = data[["credit_correlation", "published"]].assign(
        high=data["credit_correlation"] + data["sd"].fillna(0),
        low=data["credit_correlation"] - data["sd"].fillna(0),
        zero=0.0,
    )
    low, high = ends.min(axis=None), ends.max(axis=None)
    room = 0.24 * (high - low or 1)
    ax.set_ylim(low - room if low < 0 else 0, high + room if high > 0 else 0)
    upright = panel_inches(options, 1) * 72 * width / len(feedbacks) < 4.2 * SMALLEST
    for row in data.itertuples():
        aside = width * (methods.index(row.method) - (len(methods) - 1) / 2)
        x = feedbacks.index(row.feedback) + aside
        ax.bar(x, row.credit_correlation, width, label=f"_{row.method}", **bar_look(row.method))
        if row.sd == row.sd:
            _error(ax, x, row)
        if row.published == row.published:
            # Beside the error bar, which it would hide.
            mark_published(ax, x + 0.3 * width, row.published, look(row.method))
        _label(ax, x, row, room, upright)
    ax.axhline(0, color="black", linewidth=0.7)
    ax.set_xticks(range(len(feedbacks)), [feedback_label(name) for name in feedbacks])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.55, len(feedbacks) - 0.45)
    ax.set_ylabel("Credit-assignment correlation")
    shown = data.assign(source=data["published"].notna().map({True: "published", False: ""}))
    add_legend(fig, options, [bar_handle(name) for name in methods], published_looks(shown))
    return fig


def _error(ax, x: float, row) -> None:
    """Draw an error bar that shows on a dark bar and on the published mark."""
    look = {"color": "black", "fmt": "none", "linewidth": 0.8, "capsize": 3, "zorder": 5}
    box = ax.errorbar(x, row.credit_correlation, yerr=row.sd, **look)
    for part in (*box.lines[1], *box.lines[2]):
        part.set_path_effects(cased(0.8))


def _label(ax, x: float, row, room: float, upright: bool) -> None:
    """Write the value of a bar beyond its end, and beyond a published mark that is in the way."""
    value = row.credit_correlation
    if value != value:
        return
    sign = -1 if value < 0 else 1
    end = abs(value) + (row.sd if row.sd == row.sd else 0)
    reach = (0.35 if upright else 0.18) * room + 0.6 * room * upright
    published = row.published * sign if row.published == row.published else -1.0
    if end - 0.3 * room < published < end + reach + 0.3 * room:
        end = max(end, published + 0.13 * room)
    text = number(value, 2 if upright else 3).replace("-", "\N{MINUS SIGN}")
    if not upright and row.sd == row.sd:
        text += f"\n±{number(row.sd, 3)}"
    ax.annotate(
        text,
        (x, sign * end),
        (0, sign * 3),
        textcoords="offset points",
        ha="center",
        va="top" if sign < 0 else "bottom",
        rotation=90 if upright else 0,
        fontsize=SMALLEST,
    )
