"""All methods on one page, each at the best of the learning rates that were tried."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.files import number
from sdposim.report.mechanisms.tools import mean
from sdposim.report.style import NEUTRAL, SHARP, applied, look
from sdposim.report.testbed.tools import (
    Standing,
    baseline,
    chance,
    how_chosen,
    how_measured,
    standings,
    told_apart,
)


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Shares of the possible gain, and how likely each method does better than each other."""
    made = standings(data)
    labels = [own.label for own in made]
    chances = np.array([[chance(one, other) for other in made] for one in made])
    places = np.arange(len(made))
    with applied():
        fig = Figure(figsize=(7.2, 1.6 + 0.17 * len(made)), **SHARP)
        left, right = fig.subplots(1, 2, sharey=True, width_ratios=[1, 1.15])
        for place, own in enumerate(made):
            style = look(own.method)
            left.errorbar(
                own.share.value, place, xerr=own.share.half, color=style.colour,
                marker=style.marker, linestyle="",
            )  # fmt: skip
        left.set_yticks(places, labels)
        left.axvline(0, color=NEUTRAL, lw=0.6, zorder=0)
        left.set_ylim(len(made) - 0.5, -0.5)
        left.set_xlabel("Share of the possible gain")
        left.grid(axis="y", lw=0.3)
        left.spines[["top", "right"]].set_visible(False)
        shown = right.imshow(chances, cmap="RdBu_r", vmin=0, vmax=1, aspect="auto")
        right.set_xticks(places, labels, rotation=90)
        right.tick_params(axis="y", length=0)
        bar = fig.colorbar(shown, ax=right, fraction=0.05, pad=0.02)
        bar.set_label("Row better than column")
    return fig, _rows(made, chances)


def words(data) -> Iterator[str]:
    """Who is ahead, what is told from the baseline, and how that was measured."""
    made = standings(data)
    first, last, base = made[0], made[-1], baseline(made)
    yield (
        f"Of {len(made)} methods {first.label} gets most of the possible gain, "
        f"{first.share.said()}, and {last.label} least, {last.share.said()}."
    )
    yield f"Against {base.label} ({base.share.said()}) {told_apart(made, base)}."
    yield how_chosen(data, made)
    yield how_measured(data)


def table(data) -> str:
    """The numbers of every method, in markdown."""
    made = standings(data)
    base = baseline(made)
    lines = [
        "| method | learning rate | share of the possible gain | reward | entropy, nats | credit "
        f"correlation | better than {base.label} | ms a cell |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for own in made:
        columns = (mean(own.cells, name) for name in ("reward", "entropy", "credit_correlation"))
        better = "" if own.method == base.method else number(chance(own, base), 2)
        rate = f"{own.rate:g}{'*' if own.at_the_edge else ''}"
        numbers = (own.share.said(), *(column.said() for column in columns))
        cost = number(1e3 * data.costs[own.method], 1) if own.method in data.costs else ""
        cells = own.label, rate, *numbers, better, cost
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(
        [
            *lines,
            "",
            f"* is the edge of the rates; better than {base.label} on this share of landscapes; "
            "time by the constants of `sdposim plan`, of one core of the machine they are of.",
        ]
    )


def _rows(made: Sequence[Standing], chances: np.ndarray) -> pd.DataFrame:
    names = [own.method for own in made]
    return pd.DataFrame(
        {
            "method": own.method,
            "learning_rate": own.rate,
            "share": own.share.value,
            "share_half": own.share.half,
        }
        | {f"better_than_{name}": value for name, value in zip(names, line, strict=True)}
        for own, line in zip(made, chances, strict=True)
    )
