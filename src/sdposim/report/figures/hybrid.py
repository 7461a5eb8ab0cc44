"""Figure 5: smoothed reward over training by feedback, and the hybrid weight alpha of eq. 6."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value, final, matching, number
from sdposim.report.aggregate import only_value
from sdposim.report.labels import (
    feedback_label,
    method_label,
    ordered_feedbacks,
    ordered_methods,
)
from sdposim.report.panels import (
    add_legend,
    draw_curve,
    grid,
    is_single,
    line_handle,
    mark_published,
    panel_inches,
    published_looks,
    published_strip,
    strip_beside,
    training_axis,
)
from sdposim.report.style import NEUTRAL, SMALLEST, applied, feedback_look, look
from sdposim.storage.errors import UserError

COLUMNS = ["metric", "feedback", "method", "source", "step", "value", "sd", "n"]


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 5: a reward panel per feedback, then the weight of every method that has one.

    Published values are marked where their noise is the study's: final rewards, the weight at the
    start, and the range of the weight as a bar beside its panel. There, colours are feedbacks'.

    Raises:
      UserError: if the study has several settings or noise levels, no smoothed reward, or no
        method with a hybrid weight.
    """
    only_value(curves, "setting", "hybrid")
    noise = only_value(curves, "noise", "hybrid")
    rewards = curves.dropna(subset="reward_smoothed_mean")
    weights = curves.dropna(subset="hybrid_weight_mean")
    if rewards.empty:
        raise UserError(
            "log_steps is not all, or analysis.smoothing_window is longer than the training, so "
            "there is no smoothed reward for figure kind hybrid"
        )
    if weights.empty:
        raise UserError("methods: figure kind hybrid needs a method with a weight, such as hybrid")
    data = pd.DataFrame(_rows(rewards, weights, published, noise), columns=COLUMNS)
    data = data.astype({"step": "Int64", "value": float, "sd": float, "n": "Int64"})
    with applied():
        fig = _figure(rewards, weights, data, options)
    return fig, data


def _rows(rewards, weights, published, noise):
    weight = {"quantity": "hybrid_weight", "noise": noise}
    first, last = weights["step"].min(), rewards["step"].max()
    for metric, column, frame in (
        ("reward", "reward_smoothed", rewards),
        ("hybrid_weight", "hybrid_weight", weights),
    ):
        for feedback, method, curve in _curves(frame):
            for row in curve.to_dict("records"):
                value = (row[f"{column}_mean"], row[f"{column}_sd"], row["n"])
                yield (metric, feedback, method, "reproduced", row["step"], *value)
            if metric == "reward":
                value = final(published, "reward", method, feedback, noise)
                step = last
            else:
                start = {"statistic": "initial", "method": method, "feedback": feedback}
                value = number(published, **weight, **start)
                step = first
            if value is not None:
                yield (metric, feedback, method, "published", step, value, None, None)
    for source, statistic in (("published low", "minimum"), ("published high", "maximum")):
        for bound in matching(published, **weight, statistic=statistic, feedback="")[:1]:
            yield ("hybrid_weight", "", bound.method, source, None, bound.value, None, None)


def _curves(frame: pd.DataFrame):
    for feedback in ordered_feedbacks(frame["feedback"]):
        for method in ordered_methods(frame["method"]):
            curve = frame[(frame["feedback"] == feedback) & (frame["method"] == method)]
            if len(curve):
                yield feedback, method, curve.sort_values("step")


def _figure(rewards, weights, data: pd.DataFrame, options: Mapping) -> Figure:
    methods, feedbacks = ordered_methods(rewards["method"]), ordered_feedbacks(rewards["feedback"])
    single = is_single(options)
    columns = 1 if single else 3
    fig, axes = grid(options, len(feedbacks) + 1, columns, 1.5 if single else 2.0)
    *panels, last_panel = axes
    finals = data[(data["source"] == "published") & (data["metric"] == "reward")]
    inches = panel_inches(options, columns)
    steps = (weights["step"].min(), rewards["step"].max())
    for ax, feedback in zip(panels, feedbacks, strict=True):
        if ax is not panels[0]:
            ax.sharey(panels[0])
        shown = rewards[rewards["feedback"] == feedback]
        for place, method in enumerate(methods):
            if (shown["method"] == method).any():
                draw_curve(ax, shown[shown["method"] == method], "reward_smoothed", method, place)
        values = finals[finals["feedback"] == feedback]
        training_axis(ax, steps, inches)
        published_strip(ax, inches, values.set_index("method")["value"])
        ax.set_title(feedback_label(feedback))
    for ax in panels[::columns]:
        ax.set_ylabel("Smoothed reward")
    _weight(last_panel, weights, data[data["metric"] == "hybrid_weight"], inches)
    training_axis(last_panel, steps, inches)
    for ax in axes[-columns:]:
        ax.set_xlabel("Training step")
    add_legend(fig, options, [line_handle(name) for name in methods], published_looks(data))
    return fig


def _weight(ax, weights, data: pd.DataFrame, inches: float) -> None:
    handles = []
    several = weights["method"].nunique() > 1
    for feedback, method, curve in _curves(weights):
        style = feedback_look(feedback)
        line = look(method).linestyle if several else style.linestyle
        mean, sd = curve["hybrid_weight_mean"], curve["hybrid_weight_sd"].fillna(0)
        colour = style.colour
        ax.fill_between(curve["step"], mean - sd, mean + sd, color=colour, alpha=0.2, linewidth=0)
        label = feedback_label(feedback)
        label = f"{method_label(method)}, {label.lower()}" if several else label
        every = max(1, len(curve) // 6)
        line = {"linestyle": line, "lw": 1, "marker": style.marker, "markevery": (every, every)}
        handles += ax.plot(curve["step"], mean, color=colour, label=label, **line)
    _range(ax, data, inches)
    for row in data[data["source"] == "published"].itertuples():
        mark_published(ax, row.step, row.value, feedback_look(row.feedback))
    low = (weights["hybrid_weight_mean"] - weights["hybrid_weight_sd"].fillna(0)).min()
    ax.set_ylim(max(0, data["value"].min().clip(max=low) - 0.2), 1.03)
    ax.set_title("Weight of SDPO")
    ax.set_ylabel(r"Hybrid weight $\alpha$")
    # Two columns leave a tall list room below the curves, which start near one.
    columns = 1 if len(handles) <= 3 else 2
    ax.legend(handles=handles, loc="best", fontsize=SMALLEST, handlelength=2, ncols=columns)


def _range(ax, data: pd.DataFrame, inches: float) -> None:
    """Draw the published range of the weight beside the panel: an area would hide bands."""
    bounds = data.set_index("source")["value"]
    if {"published low", "published high"} <= set(bounds.index):
        low, high = bounds["published low"], bounds["published high"]
        strip = strip_beside(ax, inches, 1)
        middle, half = (high + low) / 2, (high - low) / 2
        strip.errorbar(0, middle, half, fmt="none", color=NEUTRAL, capsize=3, label="_range")
