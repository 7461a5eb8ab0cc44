"""Figure 3: entropy over training for one feedback, and final entropy by feedback."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value, final, number
from sdposim.report.aggregate import only_value, over_seeds
from sdposim.report.labels import feedback_label, ordered_feedbacks, ordered_methods
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
    training_axis,
)
from sdposim.report.style import NEUTRAL, NO_METHOD, SMALLEST, applied, look

COLUMNS = ["panel", "feedback", "method", "source", "step", "entropy", "sd", "n"]


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 3: left the curves of continuous feedback, or of the first one there is.

    `options["vocabulary_size"]`, V, gives the line of the highest possible entropy, ln V.

    Raises:
      UserError: if the study has several settings or noise levels.
    """
    only_value(cells, "setting", "entropy")
    noise = only_value(cells, "noise", "entropy")
    feedbacks = ordered_feedbacks(cells["feedback"])
    feedback = "continuous" if "continuous" in feedbacks else feedbacks[0]
    curves = curves[curves["feedback"] == feedback]
    finals = over_seeds(cells, "entropy", ["feedback", "method"])
    data = pd.DataFrame(_rows(curves, finals, published, feedback, noise), columns=COLUMNS)
    data = data.astype({"step": "Int64", "entropy": float, "sd": float, "n": "Int64"})
    with applied():
        fig = _figure(curves, data, feedback, options)
    return fig, data


def _rows(curves, finals, published, feedback, noise):
    first, last = curves["step"].min(), curves["step"].max()
    of_all = {"quantity": "entropy", "statistic": "initial", "method": ""}
    initial = number(published, **of_all, feedback=feedback, noise=noise)
    if initial is not None:
        yield ("training", feedback, "", "published", first, initial, None, None)
    for method in ordered_methods(curves["method"]):
        for row in curves[curves["method"] == method].sort_values("step").itertuples():
            entropy = (row.entropy_mean, row.entropy_sd, row.n)
            yield ("training", feedback, method, "reproduced", row.step, *entropy)
        value = final(published, "entropy", method, feedback, noise)
        if value is not None:
            yield ("training", feedback, method, "published", last, value, None, None)
    for row in finals.itertuples():
        yield ("final", row.feedback, row.method, "reproduced", None, row.mean, row.sd, row.n)
        value = final(published, "entropy", row.method, row.feedback, noise)
        if value is not None:
            yield ("final", row.feedback, row.method, "published", None, value, None, None)


def _figure(curves, data: pd.DataFrame, feedback: str, options: Mapping) -> Figure:
    single = is_single(options)
    fig, (left, right) = grid(options, 2, 1 if single else 2, 1.7 if single else 2.2, sharey=True)
    methods = ordered_methods(data["method"][data["method"] != ""])
    inches = panel_inches(options, 1 if single else 2)
    _training(left, curves, data[data["panel"] == "training"], methods, inches)
    left.set_title(f"Over training, {feedback_label(feedback).lower()} feedback")
    _final(right, data[data["panel"] == "final"], methods)
    right.set_title("Final, by feedback")
    for ax in (left, right):
        ax.set_ylabel("Policy entropy (nats)" if single or ax is left else "")
        if "vocabulary_size" in options:
            _highest(ax, options["vocabulary_size"], label=ax is left)
    add_legend(fig, options, [line_handle(name) for name in methods], published_looks(data))
    return fig


def _training(ax, curves, data, methods, inches) -> None:
    for place, method in enumerate(methods):
        curve = curves[curves["method"] == method]
        if len(curve):
            draw_curve(ax, curve, "entropy", method, place)
    marks = data[data["source"] == "published"]
    finals = marks[marks["method"] != ""]
    training_axis(ax, (curves["step"].min(), curves["step"].max()), inches)
    published_strip(ax, inches, finals.set_index("method")["entropy"])
    for row in marks[marks["method"] == ""].itertuples():
        mark_published(ax, row.step, row.entropy, NO_METHOD)
        ax.annotate(
            "published,\nfirst step", (row.step, row.entropy), (-2, -7), va="top",
            textcoords="offset points", fontsize=SMALLEST, color=NEUTRAL,
        )  # fmt: skip
    ax.set_xlabel("Training step")


def _final(ax, data, methods) -> None:
    feedbacks = ordered_feedbacks(data["feedback"])
    slot = 0.8 / len(methods)
    for row in data.itertuples():
        x = feedbacks.index(row.feedback) + slot * (methods.index(row.method) + 0.3) - 0.4
        if row.source == "published":
            mark_published(ax, x + 0.45 * slot, row.entropy, look(row.method))
            continue
        style = look(row.method)
        error = row.sd if row.sd == row.sd else 0
        ax.errorbar(
            x,
            row.entropy,
            yerr=error,
            color=style.colour,
            marker=style.marker,
            label=f"_{row.method}",
            linestyle="none",
        )
    ax.set_xticks(range(len(feedbacks)), [feedback_label(name) for name in feedbacks])
    ax.set_xlim(-0.5, len(feedbacks) - 0.5)


def _highest(ax, vocabulary_size: int, label: bool) -> None:
    value = math.log(vocabulary_size)
    ax.axhline(value, color=NEUTRAL, linewidth=0.8, linestyle=(0, (1, 1.5)), label="_highest")
    ax.set_ylim(top=max(ax.get_ylim()[1], value + 0.09 * (value - ax.get_ylim()[0])))
    if label:
        ax.annotate(
            f"ln {vocabulary_size}",
            (0.99, value),
            (0, 2),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=SMALLEST,
            color=NEUTRAL,
        )
