"""Figure 6: final reward over landscapes: bars with SD, a dot for each, joined by lines."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.analysis.published import Value, number
from sdposim.report.aggregate import only_value, over_landscapes, over_seeds
from sdposim.report.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)
from sdposim.report.panels import (
    add_legend,
    bar_look,
    cased,
    grid,
    is_single,
    mark_published,
    panel_inches,
    published_looks,
)
from sdposim.report.style import applied, look

COLUMNS = ["feedback", "method", "source", "seed", "reward", "sd", "n"]
BAR = 0.5
# Where landscapes, the error bar and the published mark stand, from the middle of a bar.
SEEDS, MEAN, MARK = -0.13, 0.13, 0.36
SEED_LOOK = {
    "color": "black",
    "linewidth": 0.7,
    "marker": "o",
    "markersize": 3,
    "markerfacecolor": "white",
    "markeredgecolor": "black",
    "markeredgewidth": 0.7,
}


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 6, from the cells: a panel per feedback.

    `options["landscapes"]` are the seeds of the landscapes that the setting lists, None if it lists
    none, and `options["ddof"]` is what the SD over them divides by less than their number, 1 by
    default. A dot is a landscape, its mean over replicates; `seed` in the data is that of the
    landscape where they are listed, and the cell's otherwise.

    Raises:
      UserError: if the study has several settings or noise levels.
    """
    only_value(cells, "setting", "landscapes")
    noise = only_value(cells, "noise", "landscapes")
    data = pd.DataFrame(_rows(cells, published, noise, options), columns=COLUMNS)
    data = data.astype({"seed": "Int64", "reward": float, "sd": float, "n": "Int64"})
    with applied():
        fig = _figure(data, options)
    return fig, data


def _rows(cells, published, noise, options: Mapping):
    landscapes, ddof = options.get("landscapes"), options.get("ddof", 1)
    by = ["feedback", "method"]
    dots = cells
    if landscapes:
        dots = cells.assign(seed=[landscapes[seed % len(landscapes)] for seed in cells["seed"]])
    dots = over_seeds(dots, "reward", [*by, "seed"])
    for row in over_landscapes(cells, "reward", by, landscapes, ddof).itertuples():
        about = (row.feedback, row.method)
        yield (*about, "reproduced", None, row.mean, row.sd, row.n)
        for dot in dots[
            (dots["feedback"] == row.feedback) & (dots["method"] == row.method)
        ].itertuples():
            yield (*about, "seed", dot.seed, dot.mean, None, None)
        cell = dict(zip(by, about, strict=True)) | {"quantity": "reward", "noise": noise}
        mean, sd = (number(published, statistic=name, **cell) for name in ("mean", "sd"))
        if mean is not None:
            yield (*about, "published", None, mean, sd, None)


def _figure(data: pd.DataFrame, options: Mapping) -> Figure:
    single = is_single(options)
    methods, feedbacks = ordered_methods(data["method"]), ordered_feedbacks(data["feedback"])
    columns = 1 if single else min(3, len(feedbacks))
    fig, axes = grid(options, len(feedbacks), columns, 2.3, sharey=True)
    for ax, feedback in zip(axes, feedbacks, strict=True):
        shown = data[data["feedback"] == feedback]
        _panel(ax, shown, methods, panel_inches(options, columns))
        ax.set_title(feedback_label(feedback) if len(feedbacks) > 1 else "")
    for ax in axes[::columns]:
        ax.set_ylabel("Final mean reward")
    text = "one landscape" if options.get("landscapes") else "one seed"
    seed = Line2D([], [], label=text, **SEED_LOOK)
    add_legend(fig, options, [seed], published_looks(data))
    return fig


def _panel(ax, shown: pd.DataFrame, methods: list[str], inches: float) -> None:
    for row in shown.itertuples():
        x = methods.index(row.method)
        if row.source == "reproduced":
            ax.bar(x, row.reward, BAR, label=f"_{row.method}", **bar_look(row.method))
            if row.sd == row.sd:
                _error(ax, x + MEAN, row)
        elif row.source == "published":
            mark_published(ax, x + MARK, row.reward, look(row.method), row.sd, zorder=6)
    for _, seed in shown[shown["source"] == "seed"].groupby("seed"):
        ax.plot(
            [methods.index(method) + SEEDS for method in seed["method"]],
            seed["reward"],
            label="_seed",
            **SEED_LOOK,
            zorder=4,
            path_effects=cased(SEED_LOOK["linewidth"]),
        )
    ax.set_xticks(range(len(methods)), [method_label(method) for method in methods])
    ax.tick_params(axis="x", length=0)
    half = max(len(methods), 3) / 2 + 0.05  # so that a lone bar does not fill the panel
    centre = (len(methods) - 1) / 2
    ax.set_xlim(centre - half, centre + half)
    if inches / len(methods) < 0.75:
        ax.tick_params(axis="x", labelrotation=30)


def _error(ax, x: float, row) -> None:
    """Draw an error bar that shows on a dark bar."""
    box = ax.errorbar(x, row.reward, yerr=row.sd, color="black", fmt="none", capsize=3, zorder=5)
    for part in (*box.lines[1], *box.lines[2]):
        part.set_path_effects(cased(1.3))
