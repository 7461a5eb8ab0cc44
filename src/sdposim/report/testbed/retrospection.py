"""Teachers that know q, and teachers that do not, against credit: each at its best step size."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.files import number
from sdposim.report.labels import feedback_label, ordered_feedbacks
from sdposim.report.mechanisms.tools import listed
from sdposim.report.style import NEUTRAL, SHARP, applied, look
from sdposim.report.testbed.tools import (
    Standing,
    baseline,
    gap,
    how_chosen,
    how_measured,
    standings,
    told_apart,
)


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Shares of the possible gain by feedback, methods in the order of the first one."""
    made = _by_feedback(data)
    order = [own.method for own in next(iter(made.values()))]
    places = np.arange(len(order))
    rows = []
    with applied():
        fig = Figure(figsize=(7.2, 1.0 + 0.2 * len(order)), **SHARP)
        axes = fig.subplots(1, len(made), sharex=True, sharey=True, squeeze=False)[0]
        for ax, (feedback, own) in zip(axes, made.items(), strict=True):
            by_method = {standing.method: standing for standing in own}
            for place, method in enumerate(order):
                standing, style = by_method[method], look(method)
                ax.errorbar(
                    standing.share.value, place, xerr=standing.share.half, color=style.colour,
                    marker=style.marker, linestyle="",
                )  # fmt: skip
                rows.append(
                    {
                        "feedback": feedback,
                        "method": method,
                        "learning_rate": standing.rate,
                        "share": standing.share.value,
                        "share_half": standing.share.half,
                    }
                )
            ax.axvline(0, color=NEUTRAL, lw=0.6, zorder=0)
            ax.set_title(feedback_label(feedback))
            ax.grid(axis="y", lw=0.3)
            ax.spines[["top", "right"]].set_visible(False)
        axes[0].set_yticks(places, [own.label for own in next(iter(made.values()))])
        axes[0].set_ylim(len(order) - 0.5, -0.5)
        fig.supxlabel("Share of the possible gain", fontsize="medium")
    return fig, pd.DataFrame(rows)


def words(data) -> Iterator[str]:
    """Against the baseline under each feedback, and what the paper's teacher owes to q."""
    made = _by_feedback(data)
    for feedback, own in made.items():
        base = baseline(own)
        yield (
            f"{feedback_label(feedback)} feedback: against {base.label} "
            f"({base.share.said()}) {told_apart(own, base)}."
        )
    yield from _oracle(made)
    yield how_chosen(data, [standing for own in made.values() for standing in own])
    yield how_measured(data)


def table(data) -> str:
    """Shares by method and feedback, in markdown, and the learning rates."""
    made = _by_feedback(data)
    heads = [feedback_label(feedback) for feedback in made]
    lines = [f"| method | {' | '.join(heads)} |", "|---|" + "---:|" * len(made)]
    for first in next(iter(made.values())):
        cells = [first.label]
        for own in made.values():
            standing = next(one for one in own if one.method == first.method)
            edge = "*" if standing.at_the_edge else ""
            cells.append(f"{standing.share.said()} ({standing.rate:g}{edge})")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", "In brackets the learning rate; * is the edge of those tried."])


def _by_feedback(data) -> dict[str, list[Standing]]:
    return {
        feedback: standings(data, feedback=feedback)
        for feedback in ordered_feedbacks(data.cells["feedback"])
    }


def _oracle(made: dict[str, list[Standing]]) -> Iterator[str]:
    """What SDPO, whose teacher knows q, is ahead of the best one whose teacher does not."""
    said = []
    for feedback, own in made.items():
        oracle = next((one for one in own if one.method == "sdpo"), None)
        others = [one for one in own if one.method in _FROM_FEEDBACK]
        if oracle and others:
            lead = gap(oracle, others[0])
            said.append(
                f"{number(lead.value, 3)} ± {number(lead.half, 3)} more than {others[0].label} "
                f"({feedback_label(feedback).lower()})"
            )
    if said:
        yield (
            "SDPO's teacher knows q; of the possible gain it gets, less that of the best method "
            f"whose teacher knows the batch and its feedback alone: {listed(said)}."
        )


_FROM_FEEDBACK = ("sdpo_peer", "sdpo_rich", "sdpo_trl", "sdpo_grpo", "srpo", "rlrt", "rlcsd",
                  "success_teacher")  # fmt: skip
"""Methods with a teacher that does not know q."""
