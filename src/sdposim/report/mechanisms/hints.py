"""Critiques with other hints, against continuous feedback on the same landscapes."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import final
from sdposim.report.files import signed
from sdposim.report.labels import feedback_label
from sdposim.report.mechanisms.tools import (
    Mean,
    axis,
    difference,
    figure,
    handle,
    legend,
    listed,
    mean,
    part,
    varied,
)
from sdposim.report.style import NEUTRAL, PUBLISHED_MARKER, applied, feedback_look

BASE, POSITION, FIXED = "continuous", "critique_position", "critique_fixed"
LOUDER = ("critique", "critique_loud", "critique_louder")
"""From quiet to loud."""
HINTED = (POSITION, *LOUDER, FIXED)
METRICS = {
    "reward": ("Final reward", "reward"),
    "entropy": ("Policy entropy (nats)", "entropy"),
    "credit_correlation": ("Credit correlation", "correlation"),
}
SAME = 1e-6
"""Values that differ by less are printed alike."""


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Paired differences to continuous feedback, a panel for each metric."""
    rows = []
    with applied():
        fig, axes = figure(len(METRICS), 2.3, sharey=True)
        for ax, (column, (label, _)) in zip(axes, METRICS.items(), strict=True):
            for place, feedback in enumerate(HINTED):
                gap, style = _gap(data, feedback, column), feedback_look(feedback)
                ax.errorbar(gap.value, place, xerr=gap.half, color=style.colour,
                            marker=style.marker, markersize=5, capsize=0)  # fmt: skip
                published = _published(data, column, feedback)
                if published is not None:
                    ax.plot(published, place, PUBLISHED_MARKER, color=style.colour,
                            markerfacecolor="white", zorder=8)  # fmt: skip
                level = mean(_cells(data, feedback), column)
                rows.append((column, feedback, *gap, published, *level))
            ax.axvline(0, color=NEUTRAL, lw=0.6)
            ax.margins(x=0.12)
            ax.locator_params(axis="x", nbins=4)
            ax.set_xlabel(f"{label}\nless {feedback_label(BASE)}'s")
        axes[0].set_yticks(range(len(HINTED)), [_label(data, name) for name in HINTED])
        axes[0].invert_yaxis()
        axes[0].set_ylim(len(HINTED) - 0.5, -0.5)
        legend(fig, [
            handle("ours, with the 95% interval of the mean", NEUTRAL, linestyle="none"),
            handle("published, of one run each", NEUTRAL, marker=PUBLISHED_MARKER,
                   linestyle="none", markerfacecolor="white"),
        ])  # fmt: skip
    columns = ["quantity", "feedback", "difference", "half", "published", "mean", "mean_half"]
    return fig, pd.DataFrame(rows, columns=columns).astype({"published": float})


def words(data) -> list[str]:
    """What hints do, by their shape, their SD and how often they are drawn."""
    base = feedback_label(BASE)
    apart = _apart(data, POSITION)
    same = int((apart < SAME).sum())
    yield (
        f"With a hint for each position, {same:,} of {apart.size:,} runs end within {SAME:.6f} of "
        f"{base} feedback in reward, entropy and correlation, and the largest difference is "
        f"{_digits(apart.max())}: such hints "
        f"{'do nothing (D1)' if same == apart.size else 'do something, against D1'}."
    )
    quiet = LOUDER[0]
    yield f"{_label(data, quiet)} against {base}: {_told(data, quiet)}."
    published = {column: _published(data, column, quiet) for column in METRICS}
    if None not in published.values():
        yield (
            "The published differences, of one run each, are "
            + listed([f"{signed(published[column], 3)} in {METRICS[column][1]}"
                      for column in METRICS])
            + "."
        )  # fmt: skip
    for column, (_, name) in METRICS.items():
        gaps = [_gap(data, feedback, column) for feedback in LOUDER]
        labels = [_label(data, feedback) for feedback in LOUDER]
        yield (
            f"With louder hints the difference in {name} {_trend(data, column)}: "
            + listed([f"{label} {gap.said(4)}" for gap, label in zip(gaps, labels, strict=True)])
            + "."
        )
    once = {
        column: difference(_cells(data, FIXED), _cells(data, quiet), column) for column in METRICS
    }
    yield (
        f"{feedback_label(FIXED)} a run, against {base}: {_told(data, FIXED)}; against "
        f"{_label(data, quiet)}: {_compared(once)}."
    )
    yield (
        f"{varied(data)}, and feedbacks share their random numbers; ± is the 95% interval of the "
        "mean of paired differences."
    )


def _cells(data, feedback: str) -> pd.DataFrame:
    return part(data.cells, feedback=feedback)


def _gap(data, feedback: str, column: str) -> Mean:
    """Less continuous feedback's, paired."""
    return difference(_cells(data, feedback), _cells(data, BASE), column)


def _paired(data, feedback: str, column: str) -> np.ndarray:
    own, base = (
        _cells(data, name).set_index("seed")[column].sort_index() for name in (feedback, BASE)
    )
    return (own - base).dropna().to_numpy()


def _apart(data, feedback: str) -> np.ndarray:
    """How far each run ends from continuous feedback's, in the metric that is furthest."""
    return np.max([np.abs(_paired(data, feedback, column)) for column in METRICS], axis=0)


def _trend(data, column: str) -> str:
    """Whether each louder feedback is further on in one direction, by paired intervals."""
    steps = [
        difference(_cells(data, loud), _cells(data, quiet), column)
        for quiet, loud in pairwise(LOUDER)
    ]
    if all(step.low > 0 for step in steps):
        return "rises"
    return "falls" if all(step.high < 0 for step in steps) else "neither rises nor falls throughout"


def _told(data, feedback: str) -> str:
    """The three metrics against continuous feedback's."""
    return _compared({column: _gap(data, feedback, column) for column in METRICS})


def _compared(gaps: dict[str, Mean]) -> str:
    lines = []
    for column, gap in gaps.items():
        way = "higher" if gap.low > 0 else "lower" if gap.high < 0 else "no different"
        lines.append(f"{METRICS[column][1]} is {way} ({gap.said(4)})")
    return listed(lines)


def _published(data, column: str, feedback: str) -> float | None:
    """The paper's difference to continuous feedback, if it states one."""
    method = data.cells["method"].iloc[0]
    own, base = (final(data.published, column, method, name, 0.0) for name in (feedback, BASE))
    return None if own is None or base is None else own - base


def _label(data, feedback: str) -> str:
    """With the SD of the setting, where that is the feedback's."""
    if feedback != LOUDER[0]:
        return feedback_label(feedback)
    sd = next(iter(axis(data.settings, "judge", "normal", "sd").values()))
    return f"{feedback_label(feedback)} (SD {sd:g})"


def _digits(value: float) -> str:
    return f"{value:.1g}" if value else "0"
