"""Figure 1: smoothed reward over training, one panel per feedback, band of one SD over seeds."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import Value, final
from sdposim.report.aggregate import only_value
from sdposim.report.labels import feedback_label, ordered_feedbacks, ordered_methods
from sdposim.report.panels import (
    add_legend,
    draw_curve,
    grid,
    is_single,
    line_handle,
    panel_inches,
    training_axis,
)
from sdposim.report.style import applied
from sdposim.storage.errors import UserError


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 1; the published final rewards stand right of the last step.

    Raises:
      UserError: if the study has several settings or noise levels, or no smoothed reward.
    """
    only_value(curves, "setting", "learning_curves")
    noise = only_value(curves, "noise", "learning_curves")
    shown = curves.dropna(subset="reward_smoothed_mean")
    if shown.empty:
        raise UserError(
            "log_steps is not all, or analysis.smoothing_window is longer than the training, so "
            "there is no smoothed reward for figure kind learning_curves"
        )
    methods, feedbacks = ordered_methods(curves["method"]), ordered_feedbacks(curves["feedback"])
    last = shown["step"].max()
    data = _data(shown, published, methods, feedbacks, noise, last)
    with applied():
        fig = _figure(shown, data, methods, feedbacks, (curves["step"].min(), last), options)
    return fig, data


def _data(shown, published, methods, feedbacks, noise, last) -> pd.DataFrame:
    rows = []
    for feedback in feedbacks:
        for method in methods:
            curve = shown[(shown["feedback"] == feedback) & (shown["method"] == method)]
            for row in curve.sort_values("step").itertuples():
                reward = (row.reward_smoothed_mean, row.reward_smoothed_sd)
                rows.append((feedback, method, "reproduced", row.step, *reward, row.n))
            value = final(published, "reward", method, feedback, noise)
            if value is not None:
                rows.append((feedback, method, "published", last, value, None, None))
    columns = ["feedback", "method", "source", "step", "reward", "sd", "n"]
    return pd.DataFrame(rows, columns=columns).astype({"sd": float, "n": "Int64"})


def _figure(shown, data, methods, feedbacks, steps, options) -> Figure:
    single = is_single(options)
    columns = 2 if single or len(feedbacks) in (2, 4) else 3
    height = 1.35 if single else 1.7
    fig, axes = grid(options, len(feedbacks), columns, height, sharex=True, sharey=True)
    marks = data[data["source"] == "published"]
    most = marks.groupby("feedback").size().max() if len(marks) else 0
    for ax, feedback in zip(axes, feedbacks, strict=True):
        at = shown[shown["feedback"] == feedback]
        for place, method in enumerate(methods):
            curve = at[at["method"] == method]
            if len(curve):
                draw_curve(ax, curve, "reward_smoothed", method, place)
        finals = marks[marks["feedback"] == feedback].set_index("method")["reward"].to_dict()
        training_axis(ax, steps, finals, most, panel_inches(options, columns))
        ax.set_title(feedback_label(feedback))
    fig.supxlabel("Training step", fontsize=8)
    fig.supylabel("Smoothed reward", fontsize=8)
    add_legend(fig, options, map(line_handle, methods), published=len(marks) > 0)
    return fig
