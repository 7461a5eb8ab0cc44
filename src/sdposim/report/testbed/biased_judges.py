"""Judges with ever more of a bias: what methods lose, which order turns, and what nobody sees."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sdposim.report.labels import feedback_label, method_label, ordered_methods
from sdposim.report.markdown import bullets
from sdposim.report.mechanisms.tools import Mean, axis, handle, listed, mean
from sdposim.report.panels import WIDTHS
from sdposim.report.style import LINES, NEUTRAL, SHARP, applied
from sdposim.report.testbed.strengths import Bias, Ranked, biases, ranked
from sdposim.report.testbed.tools import Standing, gap, how_chosen, how_measured, with_shares

FAMILIES = {
    "teachers that know q": ("sdpo", "opsd", "sdft"),
    "teachers from feedback": ("sdpo_peer", "sdpo_rich", "success_teacher", "sdpo_trl"),
    "teachers and credit": ("srpo", "sdpo_grpo", "rlcsd", "rlrt", "rlsd", "sdpg"),
    "credit of sequences": ("reinforce_judged", "rloo", "grpo", "ppo", "dapo", "dpo", "ipo"),
}
"""Methods with one line style; any other is a family of its own."""
COLOURS = ("#004488", "#BB4455", "#117733", "#996600", "#882255", "#555555")
DASHES = ("solid", "dashed", "dashdot", "dotted")
MARKERS = ("o", "s", "^", "v", "P", "X", "<", ">", "D", "*")
COLUMNS = 3


class Step(NamedTuple):
    """Where a judge sees progress and the truth is none: judged reward rises, the true one falls.

    Attributes:
        method, feedback: where; of two strengths the stronger.
        start, end: two learning rates that follow each other, or two strengths in percent.
        judged: how much the judged reward rises, above 0.
        share: how much the share of the possible gain falls, below 0.
    """

    method: str
    feedback: str
    start: float
    end: float
    judged: Mean
    share: Mean


# --- the figure ----------------------------------------------------------------------------------


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Shares of the possible gain by strength, a panel per bias."""
    own, made = biases(data), ranked(data)
    methods = ordered_methods(data.cells["method"])
    looks, rows = _looks(methods), -(-len(own) // COLUMNS)
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 0.7 + 1.75 * rows), **SHARP)
        axes = fig.subplots(rows, COLUMNS, sharey=True, squeeze=False)
        for ax in axes.flat[len(own) :]:
            ax.remove()
        for ax, bias in zip(axes.flat, own, strict=False):
            _draw_strengths(ax, bias, made, looks)
        for ax in axes[:, 0]:
            ax.set_ylabel("Share of the possible gain")
        fig.legend(
            handles=[handle(method_label(name), **look) for name, look in looks.items()],
            loc="outside upper center",
            ncols=min(4, len(methods)),
        )
    return fig, _rows(own, made)


def _looks(methods: Sequence[str]) -> dict[str, dict]:
    """Line and colour by family, marker by method, so that grey tells both."""
    families = _families(methods)
    looks = {}
    for place, members in enumerate(families.values()):
        for name in members:
            looks[name] = {
                "colour": COLOURS[place % len(COLOURS)],
                "linestyle": LINES[DASHES[place % len(DASHES)]],
            }
    for place, name in enumerate(methods):
        looks[name]["marker"] = MARKERS[place % len(MARKERS)]
    return {name: looks[name] for name in methods}


def _draw_strengths(ax: Axes, bias: Bias, made: Mapping[str, Ranked], looks: Mapping) -> None:
    for method, look in looks.items():
        shares = [made[name].best[method].share for name in bias.feedbacks.values()]
        ax.errorbar(
            list(bias.feedbacks), [one.value for one in shares], [one.half for one in shares],
            color=look["colour"], linestyle=look["linestyle"], marker=look["marker"], capsize=1.5,
            lw=1, markersize=3.2,
        )  # fmt: skip
    ax.set_title(bias.label)
    ax.set_xticks(list(bias.feedbacks))
    ax.set_xlabel("Strength of the bias, %")
    ax.grid(axis="y", lw=0.3)
    ax.axhline(0, color=NEUTRAL, lw=0.6, zorder=0)
    ax.spines[["top", "right"]].set_visible(False)


def _rows(own: Sequence[Bias], made: Mapping[str, Ranked]) -> pd.DataFrame:
    rows = []
    for bias in own:
        for percent, feedback in bias.feedbacks.items():
            for method, standing in made[feedback].best.items():
                lost = gap(made[bias.feedbacks[0]].best[method], standing)
                picked = made[feedback].picked[method]
                missed, judged = gap(standing, picked), mean(standing.cells, "judged")
                rows.append(
                    {"bias": bias.name, "strength_percent": percent, "method": method}
                    | {"learning_rate": standing.rate}
                    | {"share": standing.share.value, "share_half": standing.share.half}
                    | {"lost": lost.value, "lost_half": lost.half}
                    | {"judged": judged.value, "judged_half": judged.half}
                    | {"rate_by_judged": picked.rate}
                    | {"lost_by_judged": missed.value, "lost_by_judged_half": missed.half}
                )
    return pd.DataFrame(rows)


# --- what it shows -------------------------------------------------------------------------------


def words(data) -> Iterator[str]:
    """Costs of biases, who keeps most, rates chosen by the judge, and over-optimisation."""
    own, made = biases(data), ranked(data)
    methods = ordered_methods(data.cells["method"])
    yield _overall(own, made, methods)
    yield _by_method(own, made, methods)
    yield _turning(own, made, methods)
    yield _blindly(own, made, methods)
    yield _over_optimised(own, _over_rates(data))
    yield _over_strengths_said(own, _over_strengths(own, made), methods)
    yield (
        "A strength of x% is chosen to leave 1 - x/100 of the R² between the true reward and "
        "what the judge observes, noise included, of the uniform policy's rollouts: where a bias "
        "has nothing to do with the reward, x% is its share of the observed variance."
    )
    every = [one for under in made.values() for one in under.best.values()]
    yield how_chosen(data, every)
    yield how_measured(data)


def _overall(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    """What the strongest of each bias costs, mean over methods."""
    costs = {
        bias.label: _mean_of(
            _shares(made[bias.feedbacks[0]].best[name]) - _shares(made[_last(bias)].best[name])
            for name in methods
        )
        for bias in own
    }
    said = [
        f"{label} {costs[label].said()}"
        for label in sorted(costs, key=lambda label: -costs[label].value)
    ]
    return (
        f"At its strongest ({_percents(own)}), and each of the {len(methods)} methods at its best "
        f"learning rate by the true reward, a bias costs of the possible gain, mean over methods: "
        f"{', '.join(said)}."
    )


def _by_method(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    """What is left to each method, and what it lost, mean over the strongest biases."""
    kept = {name: _mean_of(_shares(made[_last(bias)].best[name]) for bias in own)
            for name in methods}  # fmt: skip
    lost = {
        name: _mean_of(
            _shares(made[bias.feedbacks[0]].best[name]) - _shares(made[_last(bias)].best[name])
            for bias in own
        )
        for name in methods
    }
    said = [
        f"{method_label(name)} {kept[name].said()} (lost: {lost[name].said()})"
        for name in sorted(methods, key=lambda name: -kept[name].value)
    ]
    return f"Mean over the strongest biases, what is left is: {', '.join(said)}."


def _turning(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    """Under which biases the order of two families turns."""
    turning = [bias.label for bias in own if any(_turns(bias, made, methods))]
    families = "; ".join(
        f"{name}: {', '.join(map(method_label, members))}"
        for name, members in _families(methods).items()
    )
    return (
        f"Methods are of families ({families}), of which the seeds that choose rates choose the "
        f"best method. With its strength, the order of two families turns under "
        f"{listed(turning) if turning else 'no bias'}."
    )


def _blindly(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    """What is lost where the judged reward chooses the learning rate."""
    missed = {name: _mean_of(_missed(made[_last(bias)], name) for bias in own) for name in methods}
    said = [
        f"{method_label(name)} {missed[name].said()}"
        for name in sorted(methods, key=lambda name: -missed[name].value)
    ]
    cases = [
        (
            gap(under.best[name], under.picked[name]),
            bias.label,
            under.best[name],
            under.picked[name],
        )
        for bias in own
        for under in [made[_last(bias)]]
        for name in methods
    ]
    told = [one for one in cases if one[0].low > 0]
    example = "; in no single case is a loss told from 0"
    if told:
        most, label, best, picked = max(told, key=lambda one: one[0].value)
        example = (
            f"; a loss is told from 0 in {len(told)} of {len(cases)} cases, the largest one of "
            f"{best.label} under {label}, {most.said()}, at rate {picked.rate:g} instead of "
            f"{best.rate:g}"
        )
    return (
        "Nobody has the true reward to choose a rate by; where the judged reward chooses it, there "
        f"is lost besides, mean over the strongest biases: {', '.join(said)}{example}."
    )


def _over_optimised(own: Sequence[Bias], steps: Sequence[Step]) -> str:
    """Under which judges a larger rate looks better and is worse."""
    start = (
        "Over-optimisation by larger learning rates: from one rate to the next the judged reward "
        "rises and the true one falls, both told from 0,"
    )
    if not steps:
        return f"{start} for no method under any judge."
    said = []
    for bias in own:
        names = set(bias.feedbacks.values()) - {bias.feedbacks[0]}
        found = ordered_methods(one.method for one in steps if one.feedback in names)
        if found:
            said.append(f"{bias.label} ({', '.join(map(method_label, found))})")
    without = {bias.feedbacks[0] for bias in own}
    free = ordered_methods(one.method for one in steps if one.feedback in without)
    worst = min(steps, key=lambda one: one.share.value)
    return (
        f"{start} under {'; '.join(said) or 'no bias'}; without a bias for "
        f"{', '.join(map(method_label, free)) or 'none'}. The share falls most for "
        f"{method_label(worst.method)} under {_called(own, worst.feedback)}, from rate "
        f"{worst.start:g} to {worst.end:g}: by {_less(worst.share)}, while the judged reward "
        f"rises by {worst.judged.said()}."
    )


def _over_strengths_said(own: Sequence[Bias], steps: Sequence[Step], methods: Sequence[str]) -> str:
    said = []
    for bias in own:
        names = set(bias.feedbacks.values()) - {bias.feedbacks[0]}
        found = {one.method for one in steps if one.feedback in names}
        if found:
            said.append(f"{bias.label} ({len(found)} of {len(methods)} methods)")
    return (
        "From one strength to the next, each method at its best rate, the judged reward rises and "
        f"the true one falls under {listed(said) if said else 'no bias'}; a judge's own level "
        "moves with its strength, so that alone misleads nobody."
    )


def table(data) -> str:
    """Each bias by itself, and all numbers, in markdown."""
    own, made = biases(data), ranked(data)
    methods = ordered_methods(data.cells["method"])
    return "\n\n".join(
        [
            "## Each bias",
            bullets(_bias_said(bias, made, methods) for bias in own),
            "## Shares of the possible gain",
            _table(own, made, methods),
            "In brackets the learning rate; * is the edge of those tried.",
            "## Lost where the judged reward chooses the rate",
            _missed_table(own, made, methods),
            "At the strongest of each bias, of the possible gain; in brackets the rate that the "
            "judged reward chooses. 0 where it is the same one.",
        ]
    )


def _bias_said(bias: Bias, made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    """Who loses how much under a bias, what is left, and which order of families turns."""
    before, under = made[bias.feedbacks[0]].best, made[_last(bias)].best
    lost = {name: gap(before[name], under[name]) for name in methods}
    losing = [name for name in methods if lost[name].low > 0]
    gaining = [name for name in methods if lost[name].high < 0]
    most, least = (pick(methods, key=lambda name: lost[name].value) for pick in (max, min))
    order = sorted(methods, key=lambda name: -under[name].share.value)
    first, last = under[order[0]], under[order[-1]]
    return (
        f"**{bias.label}**, {bias.strongest}%: {len(losing)} of {len(methods)} methods lose"
        + (f" and {len(gaining)} gain ({', '.join(map(method_label, gaining))})" if gaining else "")
        + f", told from 0. The largest loss is {lost[most].said()} ({method_label(most)}), the "
        f"smallest {lost[least].said()} ({method_label(least)}). Most is left to {first.label}, "
        f"{first.share.said()}, least to {last.label}, {last.share.said()}. "
        + _turns_said(bias, made, methods)
    )


def _turns_said(bias: Bias, made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    turns = list(_turns(bias, made, methods))
    if len(_families(methods)) < 2:
        return "All methods are of one family."
    if not turns:
        return "No order of two families turns."
    return " ".join(turns)


def _turns(bias: Bias, made: Mapping[str, Ranked], methods: Sequence[str]) -> Iterator[str]:
    """For each two families: the first strength at which the order is told to be the other one."""
    families = _families(methods)
    for pair in combinations(families, 2):
        leads = {
            percent: [_champion(made[feedback].best, families[name]) for name in pair]
            for percent, feedback in bias.feedbacks.items()
        }
        start = gap(*leads[0])
        ahead = int(start.value < 0)  # which of the two leads without the bias
        if start.low <= 0 <= start.high:
            continue
        for percent in list(leads)[1:]:
            one, other = leads[percent][ahead], leads[percent][1 - ahead]
            now = gap(one, other)
            if now.high < 0:
                had = gap(leads[0][ahead], leads[0][1 - ahead])
                yield (
                    f"The order of {pair[ahead]} and {pair[1 - ahead]} turns at {percent}%: "
                    f"{leads[0][ahead].label} leads {leads[0][1 - ahead].label} by {had.said()} "
                    f"without the bias, {other.label} leads {one.label} by {_less(now)} there."
                )
                break


def _champion(under: Mapping[str, Standing], members: Sequence[str]) -> Standing:
    """A family's best method, by the seeds that choose rates."""
    return max((under[name] for name in members), key=lambda own: own.promised)


def _table(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    lines = _head("judge", methods)
    shown = dict.fromkeys(name for bias in own for name in bias.feedbacks.values())
    for feedback in shown:
        cells = [
            f"{one.share.said()} ({one.rate:g}{'*' if one.at_the_edge else ''})"
            for one in (made[feedback].best[name] for name in methods)
        ]
        lines.append(f"| {feedback_label(feedback)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _missed_table(own: Sequence[Bias], made: Mapping[str, Ranked], methods: Sequence[str]) -> str:
    lines = _head("bias", methods)
    for bias in own:
        under = made[_last(bias)]
        cells = []
        for name in methods:
            best, picked = under.best[name], under.picked[name]
            same = best.rate == picked.rate
            cells.append("0" if same else f"{gap(best, picked).said()} ({picked.rate:g})")
        lines.append(f"| {bias.label}, {bias.strongest}% | {' | '.join(cells)} |")
    return "\n".join(lines)


def _head(first: str, methods: Sequence[str]) -> list[str]:
    names = " | ".join(map(method_label, methods))
    return [f"| {first} | {names} |", "|---|" + "---:|" * len(methods)]


# --- judged and true reward ----------------------------------------------------------------------


def _over_rates(data) -> list[Step]:
    """Two learning rates that follow each other, under each judge, over all seeds."""
    rates = axis(data.settings, "training", "learning_rate")
    order, found = sorted(rates, key=rates.get), []
    cells = with_shares(data.cells, data.settings)
    for (method, feedback), own in cells.groupby(["method", "feedback"], sort=False):
        tables = [
            own.pivot(index="seed", columns="setting", values=name) for name in ("judged", "share")
        ]
        for start, end in pairwise(order):
            judged, share = (_mean_of([one[end] - one[start]]) for one in tables)
            if judged.low > 0 and share.high < 0:
                found.append(Step(method, feedback, rates[start], rates[end], judged, share))
    return found


def _over_strengths(own: Sequence[Bias], made: Mapping[str, Ranked]) -> list[Step]:
    """Two strengths that follow each other, of each method at its best rates."""
    found = []
    for bias in own:
        for start, end in pairwise(bias.feedbacks):
            name = bias.feedbacks[end]
            for method, after in made[name].best.items():
                before = made[bias.feedbacks[start]].best[method]
                judged = _mean_of(
                    [after.cells["judged"].to_numpy() - before.cells["judged"].to_numpy()]
                )
                share = gap(after, before)
                if judged.low > 0 and share.high < 0:
                    found.append(Step(method, name, start, end, judged, share))
    return found


def _families(methods: Sequence[str]) -> dict[str, list[str]]:
    """Methods by family, in the families' order; one of none is its own."""
    found = {name: [one for one in methods if one in own] for name, own in FAMILIES.items()}
    known = {one for own in FAMILIES.values() for one in own}
    alone = {method_label(one): [one] for one in methods if one not in known}
    return {name: own for name, own in (found | alone).items() if own}


def _shares(standing: Standing) -> np.ndarray:
    return standing.cells["share"].to_numpy()


def _missed(under: Ranked, method: str) -> np.ndarray:
    """What a landscape loses by the rate that the judged reward chooses."""
    return _shares(under.best[method]) - _shares(under.picked[method])


def _mean_of(values) -> Mean:
    """The mean over landscapes of a mean over several arrays (landscapes,)."""
    return mean(pd.DataFrame({"value": np.mean(list(values), axis=0)}), "value")


def _last(bias: Bias) -> str:
    return bias.feedbacks[bias.strongest]


def _called(own: Sequence[Bias], feedback: str) -> str:
    """Such as `Style at 70%`."""
    for bias in own:
        for percent, name in bias.feedbacks.items():
            if name == feedback and percent:
                return f"{bias.label} at {percent}%"
    return f"{feedback_label(feedback)}, without a bias"


def _percents(own: Sequence[Bias]) -> str:
    return listed([f"{percent}%" for percent in sorted({bias.strongest for bias in own})])


def _less(value: Mean) -> str:
    """A fall as a positive number."""
    return Mean(-value.value, value.half).said()
