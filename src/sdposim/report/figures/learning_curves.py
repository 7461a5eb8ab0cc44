"""Figure 1: smoothed reward over training, a panel per feedback, band of one SD over seeds."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
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
    published_looks,
    published_strip,
    training_axis,
)
from sdposim.report.style import applied
from sdposim.storage.errors import UserError


def draw(
    cells: pd.DataFrame, curves: pd.DataFrame, published: Sequence[Value], options: Mapping
) -> tuple[Figure, pd.DataFrame]:
    """Draw figure 1; the published final rewards stand in strips beside the panels.

    A method that never sees feedback has one curve, and a panel of its own.

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
    panels = list(_panels(shown, methods, feedbacks))
    columns = min(2 if is_single(options) or len(panels) in (2, 4) else 3, len(panels))
    spare = -len(panels) % columns > 0
    height = 1.35 if is_single(options) else 1.7
    size = len(panels) + spare
    fig, axes = grid(options, size, columns, height, sharex=True, sharey=True)
    marks = data[data["source"] == "published"]
    inches = panel_inches(options, columns)
    for ax, (title, own, under) in zip(axes, panels, strict=False):
        for place, method in enumerate(own):
            curve = shown[(shown["feedback"] == under[0]) & (shown["method"] == method)]
            if len(curve):
                draw_curve(ax, curve, "reward_smoothed", method, place)
        training_axis(ax, steps, inches)
        values = marks[marks["feedback"].isin(under)]
        values = values[values["method"].isin(own)].set_index("method")["reward"]
        published_strip(ax, inches, values)
        ax.set_title(title)
    fig.supxlabel("Training step", fontsize=8)
    fig.supylabel("Smoothed reward", fontsize=8)
    if spare:
        axes[-1].set_axis_off()
        axes[-1 - columns].tick_params(labelbottom=True)
    place = axes[-1] if spare else None
    add_legend(fig, options, [line_handle(name) for name in methods], published_looks(data), place)
    return fig


def _panels(shown, methods, feedbacks) -> Iterator[tuple[str, list[str], list[str]]]:
    """Title, methods and feedbacks of each panel.

    Methods whose curve is the same under every feedback are drawn once, in the last panel.
    """
    blind = [name for name in methods if _is_blind(shown[shown["method"] == name])]
    seeing = [name for name in methods if name not in blind]
    if seeing:
        for feedback in feedbacks:
            yield feedback_label(feedback), seeing, [feedback]
    if blind:
        yield "Without feedback", blind, feedbacks


def _is_blind(curves: pd.DataFrame) -> bool:
    own = [
        curve.sort_values("step")[["reward_smoothed_mean", "reward_smoothed_sd"]].to_numpy()
        for _, curve in curves.groupby("feedback")
    ]
    return len(own) > 1 and all(np.array_equal(own[0], each, equal_nan=True) for each in own[1:])
