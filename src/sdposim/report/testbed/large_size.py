"""One size, perhaps a large one: each method's share of the possible gain by learning rate."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms.tools import (
    along,
    axis,
    draw_line,
    figure,
    handle,
    legend,
    mean,
    part,
)
from sdposim.report.style import NEUTRAL, applied, look
from sdposim.report.testbed.tools import (
    baseline,
    check_condition,
    how_chosen,
    how_measured,
    split,
    standings,
    told_apart,
    with_shares,
)


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """The share of the possible gain and the entropy against the learning rate."""
    rates, judged = _rates(data), _judged(data)
    panels = {"share": "Share of the possible gain", "entropy": "Policy entropy (nats)"}
    rows, handles = [], []
    with applied():
        fig, axes = figure(len(panels), 2.6)
        for method in ordered_methods(judged["method"]):
            style, own = look(method), part(judged, method=method)
            looks = {"marker": style.marker, "linestyle": style.linestyle}
            handles.append(handle(method_label(method), style.colour, **looks))
            for ax, column in zip(axes, panels, strict=True):
                line = along(own, rates, column)
                draw_line(ax, line, style.colour, **looks)
                rows.append(line.assign(method=method, quantity=column))
        for ax, label in zip(axes, panels.values(), strict=True):
            ax.set_xscale("log")
            ax.set_xlabel("Learning rate")
            ax.set_ylabel(label)
        axes[0].axhline(0, color=NEUTRAL, lw=0.6, zorder=0)
        legend(fig, handles)
    plotted = pd.concat(rows, ignore_index=True).rename(columns={"place": "learning_rate"})
    return fig, plotted[["method", "quantity", "learning_rate", "mean", "half"]]


def words(data) -> Iterator[str]:
    """Shares at the smallest rate and at the best, and who is told from the baseline there."""
    judged, rates = _judged(data), _rates(data)
    landscape = next(iter(data.settings.values()))["landscape"]
    smallest = min(rates, key=rates.get)
    first = [
        f"{method_label(method)} "
        + mean(part(judged, method=method, setting=smallest), "share").said()
        for method in ordered_methods(judged["method"])
    ]
    yield (
        f"With {landscape['vocabulary_size']:,} tokens and {landscape['sequence_length']:,} "
        f"positions, shares of the possible gain at a learning rate of {rates[smallest]:g} are: "
        f"{', '.join(first)}."
    )
    made = standings(data)
    best = ", ".join(f"{own.label} {own.share.said()} ({own.rate:g})" for own in made)
    yield f"At the best learning rates they are: {best}."
    base = baseline(made)
    yield f"Against {base.label} {told_apart(made, base)}."
    yield how_chosen(data, made)
    yield how_measured(data)


def _rates(data) -> dict[str, float]:
    return axis(data.settings, "training", "learning_rate")


def _judged(data) -> pd.DataFrame:
    check_condition(data)
    return split(with_shares(data.cells, data.settings))[1]
