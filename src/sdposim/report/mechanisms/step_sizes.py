"""Reward at each learning rate, at the best of them, and at the entropy that was spent for it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.interpolate import PchipInterpolator

from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms import Data
from sdposim.report.mechanisms.tools import (
    Mean,
    along,
    axis,
    difference,
    draw_line,
    figure,
    handle,
    label_points,
    legend,
    mean,
    part,
    varied,
)
from sdposim.report.style import NEUTRAL, applied, look

BEST, OTHER = "sdpo", "reinforce"
PAPER = 0.02
"""The paper's learning rate, section 2.7."""
CHOOSING = 3
"""One in so many seeds, the first ones, choose a method's best rate; the others judge it."""
NUDGE = 1e-7
"""Of a mean, to see how a lead changes with it."""


def draw(data: Data) -> tuple[Figure, pd.DataFrame]:
    """Final reward against the learning rate, and against the final entropy."""
    rates, rows = _rates(data), []
    methods = ordered_methods(_cells(data)["method"])
    with applied():
        fig, (left, right) = figure(2, 2.9)
        for method in methods:
            cells, style = part(_cells(data), method=method), look(method)
            reward, entropy = (along(cells, rates, column) for column in ("reward", "entropy"))
            looks = {"marker": style.marker, "linestyle": style.linestyle}
            draw_line(left, reward, style.colour, **looks)
            right.errorbar(
                entropy["mean"], reward["mean"], yerr=reward["half"], xerr=entropy["half"],
                color=style.colour, **looks,
            )  # fmt: skip
            rows.append(
                reward.rename(columns={"place": "learning_rate", "mean": "reward"}).assign(
                    method=method,
                    reward_half=reward["half"],
                    entropy=entropy["mean"],
                    entropy_half=entropy["half"],
                )
            )
        table = pd.concat(rows, ignore_index=True)
        left.set_xscale("log")
        left.axvline(rates[_paper(data)], color=NEUTRAL, lw=0.6, linestyle=":", zorder=0)
        left.set_xlabel("Learning rate")
        left.set_ylabel("Final reward")
        right.set_xlabel("Final entropy (nats); labels: learning rate")
        right.set_ylabel("Final reward")
        right.margins(0.27, 0.12)
        for method, offset in ((BEST, (-4, -4)), (OTHER, (5, 2))):
            own = part(table, method=method)
            points = [
                (row.entropy, row.reward, f"{row.learning_rate:g}") for row in own.itertuples()
            ]
            label_points(right, points, look(method).colour, offset)
        handles = [
            handle(method_label(method), look(method).colour, marker=look(method).marker,
                   linestyle=look(method).linestyle)
            for method in methods
        ]  # fmt: skip
        legend(fig, handles)
    columns = ["method", "learning_rate", "reward", "reward_half", "entropy", "entropy_half"]
    return fig, table[columns]


def words(data: Data) -> Iterator[str]:
    """SDPO's lead at the paper's rate, at the best of each method, and at matched entropy."""
    rates, paper = _rates(data), _paper(data)
    cells = _cells(data)
    chosen, judged = _split(cells)
    best = {method: _best(chosen, rates, method) for method in ordered_methods(cells["method"])}
    said = []
    for method, setting in best.items():
        own = part(judged, method=method)
        reward = mean(part(own, setting=setting), "reward")
        said.append(
            f"{method_label(method)} {rates[setting]:g} (reward {reward.said()}"
            f"{_ties(own, rates, setting)})"
        )
    yield f"Of {len(rates)} learning rates the best is: {'; '.join(said)}."
    lead = _lead(cells, paper, paper)
    tuned = _lead(judged, best.get(BEST, paper), best.get(OTHER, paper))
    names = f"{method_label(BEST)} is {{}} {method_label(OTHER)}"
    about = "the paper's rate" if rates[paper] == PAPER else "the rate nearest to the paper's"
    yield (
        f"At {about}, {rates[paper]:g}, {names.format(_how(lead))} ({lead.said()}); with the "
        f"best rate of each it is {_how(tuned)} it ({tuned.said()}){_kept(lead, tuned)}."
    )
    matched = _matched(cells, rates)
    yield from _equal_entropy(matched, lead)
    yield _reach(cells, rates)
    yield (
        f"{varied(data)}, and methods share their random numbers; ± is the 95% interval "
        "of the mean, of paired differences for leads. The first "
        f"{chosen['seed'].nunique():,} seeds choose the best rates and the other "
        f"{judged['seed'].nunique():,} judge them"
        + (
            "; at matched entropy it is by the delta method, without the error of interpolating."
            if matched
            else "."
        )
    )


def _equal_entropy(matched: list[tuple], lead: Mean) -> Iterator[str]:
    """What is left of a lead between policies of one entropy."""
    if not matched:
        yield "No entropy is reached by both methods, so none can be matched."
        return
    # Which side a lead is on must not hang on how the other's reward is interpolated.
    leads = [Mean(own.value, own.half + abs(line - own.value)) for *_, own, line in matched]
    kinds = {_how(one) for one in leads}
    overall = kinds.pop() if len(kinds) == 1 else "not always on the same side of"
    yield (
        f"At matched entropy {method_label(BEST)} is {overall} {method_label(OTHER)}: "
        + "; ".join(
            f"{own.said(4)} at {entropy:.2f} nats, where {method_label(method)} ends with rate "
            f"{rate:g} ({line:.4f} with straight lines)"
            for method, rate, entropy, own, line in matched
        )
        + ". The other method's reward there is interpolated between its learning rates, by a "
        "monotone cubic or by straight lines."
    )
    if lead.low > 0 and all(one.high < 0 for one in leads):
        yield (
            "So its lead at one rate is a longer way, not a better one: for the entropy that it "
            "spends it gets less reward."
        )
    elif lead.low > 0 and all(one.low > 0 for one in leads):
        yield "So a lead is left that no step size explains."
    elif lead.low > 0:
        yield "So its lead at one rate is not one at every entropy."


def _reach(cells: pd.DataFrame, rates: dict[str, float]) -> str:
    """The lowest entropy of each method, and its reward there."""
    said = []
    for method in (BEST, OTHER):
        own = part(cells, method=method)
        setting = min(rates, key=lambda name: mean(part(own, setting=name), "entropy").value)
        entropy, reward = (mean(part(own, setting=setting), name) for name in ("entropy", "reward"))
        said.append(f"{method_label(method)}'s is {entropy.said()} nats (reward {reward.said()})")
    return f"Of the lowest entropies at any rate {' and '.join(said)}."


def _kept(lead: Mean, tuned: Mean) -> str:
    """What tuning does to a lead."""
    if lead.low <= 0:
        return ""
    if tuned.low <= 0:
        return ", so none of the lead is left"
    share = tuned.value / lead.value
    return f", so {share:.0%} of the lead is left" if share <= 1 else f", {share:.0%} of that"


def _matched(
    cells: pd.DataFrame, rates: dict[str, float]
) -> list[tuple[str, float, float, Mean, float]]:
    """SDPO's lead at entropies at which one method ends and which the other's learning rates span.

    Of these the largest, the smallest, and the one nearest to the middle.

    Returns:
        the method that ends there, its rate, the entropy, the lead, and the lead with straight
        lines between learning rates.
    """
    seeds = np.sort(cells["seed"].unique())
    settings = list(rates)
    values = {
        method: np.stack([
            part(cells, method=method, setting=setting).set_index("seed").loc[
                seeds, ["reward", "entropy"]
            ].to_numpy(float)
            for setting in settings
        ])
        for method in (BEST, OTHER)
    }  # fmt: skip
    means = {method: own.mean(axis=1) for method, own in values.items()}
    ends = [
        (method, place)
        for method, partner in ((BEST, OTHER), (OTHER, BEST))
        for place, entropy in enumerate(means[method][:, 1])
        if means[partner][:, 1].min() <= entropy <= means[partner][:, 1].max()
    ]
    ends.sort(key=lambda end: -means[end[0]][end[1], 1])
    if len(ends) > 3:
        level = [means[method][place, 1] for method, place in ends]
        middle = 1 + int(np.argmin(np.abs(np.array(level[1:-1]) - (level[0] + level[-1]) / 2)))
        ends = [ends[0], ends[middle], ends[-1]]
    result = []
    for method, place in ends:
        lead = Mean(_lead_at(means, method, place), _half(values, means, method, place))
        straight = _lead_at(means, method, place, straight=True)
        entropy = float(means[method][place, 1])
        result.append((method, rates[settings[place]], entropy, lead, straight))
    return result


def _half(
    values: dict[str, np.ndarray], means: dict[str, np.ndarray], method: str, place: int
) -> float:
    """Half the interval of `_lead_at`, by the delta method over seeds.

    Args:
        values: by method, (rates, seeds, 2).
        means: of these over seeds.
        method, place: as in `_lead_at`.
    """
    moved: np.ndarray = np.zeros(values[method].shape[1])
    for name, own in means.items():
        for at in np.ndindex(own.shape):
            ends = []
            for nudge in (NUDGE, -NUDGE):
                other = own.copy()
                other[at] += nudge
                ends.append(_lead_at({**means, name: other}, method, place))
            moved += (ends[0] - ends[1]) / (2 * NUDGE) * values[name][at[0], :, at[1]]
    return mean(pd.DataFrame({"moved": moved}), "moved").half


def _lead_at(
    means: dict[str, np.ndarray], method: str, place: int, straight: bool = False
) -> float:
    """SDPO's lead at the entropy at which a method ends; the other's reward is interpolated.

    Args:
        means: by method, reward and entropy in columns, a row per learning rate.
        method: that ends there.
        place: its row.
        straight: by lines, not by a monotone cubic.
    """
    reward, entropy = means[method][place]
    partner = means[OTHER if method == BEST else BEST]
    levels, first = np.unique(partner[:, 1], return_index=True)
    rewards = partner[first, 0]
    at = np.clip(entropy, levels[0], levels[-1])
    if straight or len(levels) < 2:
        other = np.interp(at, levels, rewards)
    else:
        other = PchipInterpolator(levels, rewards)(at)
    return float(reward - other if method == BEST else other - reward)


def _ties(own: pd.DataFrame, rates: dict[str, float], best: str) -> str:
    """The other learning rates of a method that end no differently, as the end of a bracket."""
    ordered = sorted(rates, key=rates.__getitem__)
    level = []
    for name in ordered:
        lead = difference(part(own, setting=best), part(own, setting=name), "reward")
        if name == best or lead.low <= 0:
            level.append(name)
    if len(level) == 1:
        edge = best in (ordered[0], ordered[-1])
        return ", at the edge of those tried" if edge else ""
    if len(level) == len(ordered):
        return ", no rate told from another"
    places = [ordered.index(name) for name in level]
    if all(later - earlier == 1 for earlier, later in pairwise(places)):
        return f", {rates[level[0]]:g} to {rates[level[-1]]:g} no different"
    return ", no different " + ", ".join(f"{rates[name]:g}" for name in level if name != best)


def _best(cells: pd.DataFrame, rates: dict[str, float], method: str) -> str:
    """The setting with the highest mean reward of a method."""
    own = part(cells, method=method)
    return max(rates, key=lambda name: mean(part(own, setting=name), "reward").value)


def _lead(cells: pd.DataFrame, setting: str, other: str) -> Mean:
    """SDPO's in one setting over REINFORCE's in another, paired."""
    return difference(
        part(cells, method=BEST, setting=setting),
        part(cells, method=OTHER, setting=other),
        "reward",
    )


def _how(lead: Mean) -> str:
    return "ahead of" if lead.low > 0 else "behind" if lead.high < 0 else "no different from"


def _split(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells that choose and the cells that judge."""
    seeds = np.sort(cells["seed"].unique())
    bound = seeds[max(len(seeds) // CHOOSING, 1)] if len(seeds) > 1 else seeds[0]
    first = cells["seed"] < bound
    return (cells[first], cells[~first]) if first.any() else (cells, cells)


def _rates(data: Data) -> dict[str, float]:
    return axis(data.settings, "training", "learning_rate")


def _paper(data: Data) -> str:
    """The setting whose learning rate is nearest to the paper's."""
    rates = _rates(data)
    return min(rates, key=lambda name: abs(np.log(rates[name] / PAPER)))


def _cells(data: Data) -> pd.DataFrame:
    """Of the first feedback and noise."""
    first = data.cells.iloc[0]
    return part(data.cells, feedback=first["feedback"], noise=first["noise"])
