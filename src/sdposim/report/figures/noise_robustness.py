"""Figure 4: final reward and credit correlation against feedback noise, with SD over seeds."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value, final
from sdposim.report.aggregate import only_value, over_seeds
from sdposim.report.labels import feedback_label, ordered_feedbacks, ordered_methods
from sdposim.report.panels import (
    add_legend,
    grid,
    is_single,
    line_handle,
    mark_published,
    published_looks,
)
from sdposim.report.style import applied, look

METRICS = {"reward": "Final mean reward", "credit_correlation": "Credit correlation"}
GROUP = 0.75  # of the column of a noise level is filled with methods
COLUMNS = ["feedback", "method", "noise", "metric", "source", "value", "sd", "n"]


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 4, from the cells: a row of two panels per feedback.

    Raises:
      UserError: if the study has several settings.
    """
    only_value(cells, "setting", "noise_robustness")
    data = pd.DataFrame(_rows(cells, published), columns=COLUMNS)
    data = data.astype({"noise": float, "value": float, "sd": float, "n": "Int64"})
    with applied():
        fig = _figure(data, options)
    return fig, data


def _rows(cells, published):
    for metric in METRICS:
        means = over_seeds(cells, metric, ["feedback", "method", "noise"])
        for row in means.itertuples():
            about = (row.feedback, row.method, row.noise, metric)
            yield (*about, "reproduced", row.mean, row.sd, row.n)
            value = final(published, metric, row.method, row.feedback, row.noise)
            if value is not None:
                yield (*about, "published", value, None, None)


def _figure(data: pd.DataFrame, options: Mapping) -> Figure:
    single = is_single(options)
    methods, feedbacks = ordered_methods(data["method"]), ordered_feedbacks(data["feedback"])
    panels = [(feedback, metric) for feedback in feedbacks for metric in METRICS]
    fig, axes = grid(options, len(panels), 1 if single else 2, 1.7 if single else 2.5, sharex=True)
    levels = sorted(data["noise"].unique())
    for ax, (feedback, metric) in zip(axes, panels, strict=True):
        shown = data[(data["feedback"] == feedback) & (data["metric"] == metric)]
        for place, method in enumerate(methods):
            # Side by side in the column of a noise level: the baselines would hide each other.
            aside = GROUP / len(methods) * (place - (len(methods) - 1) / 2)
            _method(ax, shown[shown["method"] == method], method, levels, aside)
        _levels(ax, levels)
        ax.set_ylabel(METRICS[metric])
        if len(feedbacks) > 1:
            ax.set_title(feedback_label(feedback))
        if metric == "credit_correlation":
            ax.axhline(0, color="black", linewidth=0.5, zorder=0)
    for ax in axes if not single else axes[-1:]:
        ax.set_xlabel(r"Feedback noise $\sigma$")
        ax.tick_params(labelbottom=True)
    add_legend(fig, options, [line_handle(name) for name in methods], published_looks(data))
    return fig


def _levels(ax, levels: list[float]) -> None:
    """Give each noise level a column: methods beside a level on a line of numbers had others."""
    ax.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.5, len(levels) - 0.5)
    for place in range(0, len(levels), 2):
        ax.axvspan(place - 0.5, place + 0.5, color="0.96", linewidth=0, zorder=0)


def _method(ax, shown: pd.DataFrame, method: str, levels: list[float], aside: float) -> None:
    if shown.empty:
        return
    style = look(method)
    means = shown[shown["source"] == "reproduced"]
    ax.errorbar(
        [levels.index(noise) + aside for noise in means["noise"]],
        means["value"],
        yerr=means["sd"].fillna(0),
        color=style.colour,
        linestyle=style.linestyle,
        linewidth=0.9,
        marker=style.marker,
        label=f"_{method}",
    )
    for row in shown[shown["source"] == "published"].itertuples():
        mark_published(ax, levels.index(row.noise) + aside, row.value, style)
