"""The hybrid's weight over training and against its threshold, and what it gains by it."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.labels import feedback_label
from sdposim.report.mechanisms.tools import (
    Mean,
    along,
    axis,
    difference,
    draw_line,
    figure,
    handle,
    legend,
    mean,
    part,
    varied,
)
from sdposim.report.style import NEUTRAL, applied

HYBRID, SDPO = "hybrid", "sdpo"
COLOURS = ("#004488", "#BB4455", "#44AA99", "#DDAA33")
MARKERS = ("o", "s", "^", "v")
PAPER = 0.15
"""The preset's tau, in nats."""


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """The weight over training for the preset's tau; reward and weight less SDPO's, against tau."""
    rows, taus = [], axis(data.settings, "update", "gate", "threshold")
    feedbacks = list(dict.fromkeys(data.cells["feedback"]))
    looks = dict(zip(feedbacks, zip(COLOURS, MARKERS, strict=True), strict=False))
    with applied():
        fig, (left, middle, right) = figure(3, 2.7)
        for feedback, (colour, marker) in looks.items():
            curve = part(data.curves, setting=_preset(data), method=HYBRID, feedback=feedback)
            curve = curve.sort_values("step")
            left.plot(curve["step"], curve["hybrid_weight_mean"], color=colour, marker=marker,
                      markevery=_every(curve["step"], len(rows)))  # fmt: skip
            own = part(data.cells, method=HYBRID, feedback=feedback)
            weight = along(own, taus, "hybrid_weight")
            draw_line(middle, weight, colour, marker=marker)
            gains = pd.DataFrame(
                [(tau, *_gain(data, setting, feedback, "reward")) for setting, tau in taus.items()],
                columns=["place", "mean", "half"],
            ).sort_values("place")
            draw_line(right, gains, colour, marker=marker)
            path = curve.rename(columns={"step": "place", "hybrid_weight_mean": "mean"})
            rows += [
                path[["place", "mean"]].assign(panel="weight by step", feedback=feedback),
                weight.assign(panel="final weight by tau", feedback=feedback),
                gains.assign(panel="reward less SDPO's by tau", feedback=feedback),
            ]
        left.set_xlabel("Training step")
        left.set_ylabel(f"Weight of the teacher's term\n(tau {taus[_preset(data)]:g})")
        middle.set_ylabel("Final weight")
        right.set_ylabel("Hybrid's final reward\nless SDPO's")
        right.axhline(0, color=NEUTRAL, lw=0.6)
        for ax in (middle, right):
            ax.set_xlabel("tau (nats)")
        legend(fig, [handle(feedback_label(name), *look_of[:1], marker=look_of[1])
                     for name, look_of in looks.items()])  # fmt: skip
    table = pd.concat(rows, ignore_index=True)
    return fig, table[["panel", "feedback", "place", "mean", "half"]]


def _every(steps: pd.Series, place: int) -> list[int]:
    """Marks about evenly along the steps, which are not; others' stand elsewhere."""
    span = steps.max() - steps.min()
    wanted = steps.min() + span * (np.arange(4) + 0.1 * (1 + place)) / 4
    return [int((steps - step).abs().to_numpy().argmin()) for step in wanted]


def words(data) -> list[str]:
    """Whether the weight rises, and whether the hybrid is ever ahead."""
    preset, taus = _preset(data), axis(data.settings, "update", "gate", "threshold")
    feedbacks = list(dict.fromkeys(data.cells["feedback"]))
    for feedback in feedbacks:
        curve = part(data.curves, setting=preset, method=HYBRID, feedback=feedback)
        weights = curve.sort_values("step").set_index("step")["hybrid_weight_mean"]
        top = weights.idxmax()
        yield (
            f"{feedback_label(feedback)}: the weight is {weights.iloc[0]:.2f} at first, at most "
            f"{weights.max():.2f} (step {top}), and {weights.iloc[-1]:.2f} at the end."
        )
    lines = []
    for feedback in feedbacks:
        gain = _gain(data, preset, feedback, "reward")
        ahead = "ahead of" if gain.low > 0 else "behind" if gain.high < 0 else "level with"
        lines.append(f"{ahead} SDPO under {feedback_label(feedback)} ({gain.said(4)})")
    yield f"With the preset's tau of {taus[preset]:g} the hybrid is {'; '.join(lines)}."
    every = [
        (tau, feedback, _gain(data, setting, feedback, "reward"))
        for setting, tau in taus.items()
        for feedback in feedbacks
    ]
    ahead = [one for one in every if one[2].low > 0]
    best = max(every, key=lambda one: one[2].value)
    yield (
        f"Of {len(every)} combinations of tau and feedback it is ahead in {len(ahead)}; the best "
        f"is {best[2].said(4)}, at tau {best[0]:g} under {feedback_label(best[1])}."
    )
    spent = _gain(data, preset, feedbacks[0], "entropy")
    yield f"Its entropy is {spent.said()} nats from SDPO's under {feedback_label(feedbacks[0])}."
    units = _needed(data, preset, feedbacks)
    yield (
        f"A paired test at 5% tells the differences under the preset's tau with probability 0.8 "
        f"from {units:,} landscapes on; there are {_units(data, preset):,}."
    )
    yield (
        f"Feedback noise is sigma {mean(data.cells, 'noise').value:g}. {varied(data)}, and methods "
        "share their random numbers; ± is the 95% interval of the mean of paired differences."
    )


def _gain(data, setting: str, feedback: str, column: str) -> Mean:
    """The hybrid's less SDPO's, paired."""
    own, theirs = (
        part(data.cells, setting=setting, method=method, feedback=feedback)
        for method in (HYBRID, SDPO)
    )
    return difference(own, theirs, column)


def _preset(data) -> str:
    """The setting whose tau is nearest to the preset's."""
    taus = axis(data.settings, "update", "gate", "threshold")
    return min(taus, key=lambda name: abs(taus[name] - PAPER))


def _units(data, setting: str) -> int:
    return int(part(data.cells, setting=setting, method=HYBRID)["seed"].nunique())


def _needed(data, setting: str, feedbacks: list[str]) -> int:
    """Landscapes with which the smallest of the differences is told, by the normal distribution."""
    wanted, units = 1.645 + 0.842, _units(data, setting)
    result = 0.0
    for feedback in feedbacks:
        gain = _gain(data, setting, feedback, "reward")
        sd = gain.half / 1.96 * np.sqrt(units)
        result = max(result, (wanted * sd / gain.value) ** 2 if gain.value else np.inf)
    return int(np.ceil(max(result, 2)))
