"""A grid of sizes, factored and autoregressive: who leads at the paper's step and at the best."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sdposim.report.files import number, signed
from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms.tools import Mean, axis, listed, mean, part
from sdposim.report.panels import WIDTHS
from sdposim.report.style import SHARP, applied
from sdposim.report.testbed.tools import (
    BASELINE,
    check_condition,
    choice,
    how_measured,
    split,
    standings,
    with_settings,
)
from sdposim.storage.errors import UserError

LEADER = "sdpo"
"""The method that others are compared with."""
PAPER_RATE = 0.02
"""Section 2.7."""
FACTORED, CHAINED = "position", "previous_token"
POLICIES = {FACTORED: "Factored", CHAINED: "Autoregressive"}
PAPER, BEST = "paper", "best"
STEPS = {PAPER: f"at a learning rate of {PAPER_RATE:g}", BEST: "at the best rates"}
SIZE = ["vocabulary_size", "sequence_length"]
SYMBOLS = dict(zip(SIZE, "VT", strict=True))
RESAMPLES = 2000
"""Of the seeds that choose, for the interval of an exponent."""


class Gap(NamedTuple):
    """Paired differences between two columns of shares.

    Attributes:
        values: a row per judging seed, a column per size.
    """

    values: pd.DataFrame

    def at(self, size: tuple[int, int]) -> Mean:
        """The mean over landscapes of one size."""
        return _mean(self.values[size])

    @property
    def overall(self) -> Mean:
        """The mean over sizes, of which a unit is a seed: its landscapes are not independent."""
        return _mean(self.values.mean(axis=1))

    def slopes(self) -> list[Mean]:
        """By how much the gap grows with a doubling of V, and with one of T."""
        sizes = np.log2(np.array(self.values.columns.tolist(), float))
        design = np.column_stack([np.ones(len(sizes)), sizes])
        fitted = np.linalg.lstsq(design, self.values.to_numpy().T, rcond=None)[0]
        return [_mean(own) for own in fitted[1:]]

    def counts(self) -> str:
        """In how many sizes it is above 0, below it, and not told from it."""
        means = [self.at(size) for size in self.values.columns]
        more = sum(own.low > 0 for own in means)
        less = sum(own.high < 0 for own in means)
        return (
            f"more in {more}, less in {less} and no different in {len(means) - more - less} of "
            f"{len(means)} sizes ({_signed(self.overall)} on average)"
        )

    def reach(self) -> str:
        """Where it is smallest and where largest."""
        means = self.values.mean()
        ends = (
            f"{signed(means[size], 3)} (V {size[0]}, T {size[1]})"
            for size in (means.idxmin(), means.idxmax())
        )
        return "from {} to {}".format(*ends)


class Power(NamedTuple):
    """An exponent, and its 95% interval."""

    value: float
    low: float
    high: float

    def said(self) -> str:
        """The interval, such as `0.12 to 0.34`."""
        return f"{number(self.low, 2)} to {number(self.high, 2)}"


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Heat maps over V and T: SDPO's gap by policy, and each method's by autoregression."""
    shares = _shares(data)
    panels = {
        (title, step): gap(shares, step)
        for (title, gap), step in product(_rows(shares).items(), STEPS)
    }
    limit = max(np.abs(gap.values.mean()).max() for gap in panels.values())
    rows = []
    with applied():
        height = 0.5 + 0.4 * len(panels) / 2 * (1 + len(_axis_of(shares, SIZE[0])) / 1.6)
        fig = Figure(figsize=(WIDTHS["double"], height), **SHARP)
        axes = fig.subplots(len(panels) // 2, 2, sharex=True, sharey=True, squeeze=False)
        for ax, ((title, step), gap) in zip(axes.flat, panels.items(), strict=True):
            shown = _heat_map(ax, gap, limit)
            rows += [
                {"panel": title, "step": step, **dict(zip(SIZE, size, strict=True))}
                | {"gap": gap.at(size).value, "gap_half": gap.at(size).half}
                for size in gap.values.columns
            ]
        for ax, title in zip(axes[:, 0], _rows(shares), strict=True):
            ax.set_ylabel("V")
            ax.set_title(title, loc="left")
        for ax, text in zip(axes[0], STEPS.values(), strict=True):
            # The line below it is the title of the row.
            ax.set_title(f"{text[0].upper()}{text[1:]}\n", weight="bold")
        for ax in axes[-1]:
            ax.set_xlabel("T")
        bar = fig.colorbar(shown, ax=axes, fraction=0.03, pad=0.02, aspect=40)
        bar.set_label("Difference in share of the possible gain; bold: told from 0")
    return fig, pd.DataFrame(rows)


def words(data) -> Iterator[str]:
    """Leads, how they change with the size, what autoregression costs, and the best rates."""
    shares = _shares(data)
    for context, other in product(POLICIES, _others(shares)):
        yield _lead(shares, context, other)
    for method in _methods(shares):
        said = (f"{STEPS[step]} {_autoregression(shares, method, step).counts()}" for step in STEPS)
        yield (
            f"With an autoregressive policy instead of a factored one {method_label(method)} gets, "
            f"on the same landscapes, {'; '.join(said)}."
        )
    yield _scaling(shares, _powers(data, shares))
    ends = part(shares, step=BEST).drop_duplicates([*SIZE, "context", "method"])
    yield (
        f"{choice(data)}; in {int(ends['at_the_edge'].sum())} of {len(ends)} choices it is at the "
        "edge of those tried. What is said of one learning rate is of the seeds that judge, too."
    )
    yield how_measured(data)
    yield (
        "A mean over sizes and a slope, which is of a plane over log V and log T, have the seed as "
        "their unit: landscapes of one seed share random numbers whatever their size."
    )


def table(data) -> str:
    """Shares of the possible gain at both steps, a row per policy and size, in markdown."""
    shares = _shares(data)
    methods = _methods(shares)
    heads = [
        f"{method_label(own)}, {step}" for step in (f"{PAPER_RATE:g}", "best") for own in methods
    ]
    lines = [f"| policy | V | T | {' | '.join(heads)} |", "|---|---:|---:|" + "---:|" * len(heads)]
    for context, size in product(POLICIES, _sizes(shares)):
        cells = [POLICIES[context], *map(str, size)]
        for step, method in product(STEPS, methods):
            where = dict(zip(SIZE, size, strict=True))
            own = part(shares, context=context, step=step, method=method, **where)
            first = own.iloc[0]
            rate = f" ({first['rate']:g}{'*' * bool(first['at_the_edge'])})"
            cells.append(mean(own, "share").said() + (rate if step == BEST else ""))
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "Shares of the possible gain; in brackets the best rate, * at the edge.", ""]
    lines += ["| policy | method | the best rate's power of V | of T |", "|---|---|---:|---:|"]
    for (context, method), powers in _powers(data, shares).items():
        cells = (f"{signed(own.value, 2)} ({own.said()})" for own in powers)
        lines.append(f"| {POLICIES[context]} | {method_label(method)} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", f"In brackets 95% intervals, by {RESAMPLES:,} resamples."])


# --- shares --------------------------------------------------------------------------------------


def _shares(data) -> pd.DataFrame:
    """Every judging seed's share at both steps, of every size, policy and method.

    Returns:
        `vocabulary_size`, `sequence_length`, `context`, `step`, `method`, `rate`, `at_the_edge`,
        `seed` and `share`.

    Raises:
        UserError: the study is of another shape.
    """
    made = []
    for (vocabulary, length, context), names in _cases(data).items():
        whole = with_settings(data, names)
        at_paper = [name for name, rate in _rates(whole).items() if rate == PAPER_RATE]
        for step, own in ((PAPER, with_settings(data, at_paper)), (BEST, whole)):
            for standing in standings(own):
                about = {"vocabulary_size": vocabulary, "sequence_length": length}
                about |= {"context": context, "step": step, "rate": standing.rate}
                kept = standing.cells[["method", "seed", "share"]]
                made.append(kept.assign(**about, at_the_edge=standing.at_the_edge))
    return pd.concat(made, ignore_index=True)


def _cases(data) -> dict[tuple[int, int, str], list[str]]:
    """The settings of each size and policy.

    Raises:
        UserError: they are no grid, or SDPO or another method is missing.
    """
    check_condition(data)
    found: dict[tuple[int, int, str], list[str]] = {}
    for name, own in data.settings.items():
        size = (own["landscape"][key] for key in SIZE)
        found.setdefault((*size, own["policy"]["context"]), []).append(name)
    places = [sorted(set(values)) for values in zip(*found, strict=True)]
    rates = {tuple(sorted(_rates(with_settings(data, names)).values())) for names in found.values()}
    whole = found.keys() == set(product(*places)) and {len(own) > 1 for own in places} == {True}
    if not whole or len(rates) > 1 or PAPER_RATE not in next(iter(rates)):
        raise UserError(
            "the settings of the study are no grid of sizes; allowed: several vocabulary sizes, "
            "each with the same several sequence lengths, both contexts, and the same learning "
            f"rates, {PAPER_RATE:g} among them"
        )
    methods = set(data.cells["method"])
    if LEADER not in methods or len(methods) < 2:
        raise UserError(
            f"the study's methods are {', '.join(sorted(methods))}; allowed: {LEADER} and others"
        )
    return dict(sorted(found.items()))


def _rates(data) -> dict[str, float]:
    return axis(data.settings, "training", "learning_rate")


def _column(shares: pd.DataFrame, **where: object) -> pd.DataFrame:
    own = part(shares, **where)
    return own.pivot(index="seed", columns=SIZE, values="share")


def _lead_over(shares: pd.DataFrame, context: str, other: str, step: str) -> Gap:
    """What SDPO gets more than another method."""
    both = (_column(shares, context=context, step=step, method=own) for own in (LEADER, other))
    return Gap(next(both) - next(both))


def _autoregression(shares: pd.DataFrame, method: str, step: str) -> Gap:
    """What a method gets more with an autoregressive policy than with a factored one."""
    both = (_column(shares, context=own, step=step, method=method) for own in (CHAINED, FACTORED))
    return Gap(next(both) - next(both))


def _methods(shares: pd.DataFrame) -> list[str]:
    return ordered_methods(shares["method"])


def _others(shares: pd.DataFrame) -> list[str]:
    """The baseline comes first, if it is there."""
    others = [own for own in _methods(shares) if own != LEADER]
    return sorted(others, key=lambda own: own != BASELINE)


def _sizes(shares: pd.DataFrame) -> list[tuple[int, int]]:
    return list(product(*(_axis_of(shares, key) for key in SIZE)))


def _axis_of(shares: pd.DataFrame, key: str) -> list[int]:
    return sorted(set(shares[key].tolist()))


# --- the figure ----------------------------------------------------------------------------------


def _rows(shares: pd.DataFrame) -> dict:
    """The gap of each row of panels, by its title: a function of shares and step."""
    other = _others(shares)[0]
    leads = {
        f"{label}: {method_label(LEADER)} less {method_label(other)}": (
            lambda shares, step, context=context: _lead_over(shares, context, other, step)
        )
        for context, label in POLICIES.items()
    }
    return leads | {
        f"{method_label(method)}: autoregressive less factored": (
            lambda shares, step, method=method: _autoregression(shares, method, step)
        )
        for method in _methods(shares)
    }


def _heat_map(ax: Axes, gap: Gap, limit: float):
    """Means of a gap, V downwards and T to the right, with their numbers."""
    means = gap.values.mean().unstack()
    shown = ax.imshow(means, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_xticks(range(means.shape[1]), means.columns)
    ax.set_yticks(range(means.shape[0]), means.index)
    ax.tick_params(length=0)
    for (row, vocabulary), (column, length) in product(
        enumerate(means.index), enumerate(means.columns)
    ):
        own = gap.at((vocabulary, length))
        # Dark red and dark blue ask for white letters.
        colour = "white" if abs(own.value) > 0.65 * limit else "black"
        told = own.low > 0 or own.high < 0
        ax.text(
            column, row, f"{_short(own.value)} ± {number(own.half, 2)}", ha="center",
            va="center", fontsize=6, color=colour, weight="bold" if told else "normal",
        )  # fmt: skip
    return shown


def _short(value: float) -> str:
    """With two decimals; what rounds to 0 has no sign, which would be that of nothing."""
    return signed(value, 2) if number(abs(value), 2) != "0.00" else "0.00"


# --- sentences -----------------------------------------------------------------------------------


def _lead(shares: pd.DataFrame, context: str, other: str) -> str:
    """SDPO against another method with one kind of policy, at both steps."""
    said = []
    for step, text in STEPS.items():
        gap = _lead_over(shares, context, other, step)
        wide, long = gap.slopes()
        said.append(
            f"{text} {gap.counts()}, {gap.reach()}; a doubling of V changes that by {_told(wide)}, "
            f"one of T by {_told(long)}"
        )
    return (
        f"{POLICIES[context]} policies: of the possible gain {method_label(LEADER)} gets, against "
        f"{method_label(other)}, {'; '.join(said)}."
    )


def _told(slope: Mean) -> str:
    return _signed(slope) + (", not told from 0" if slope.low <= 0 <= slope.high else "")


def _scaling(shares: pd.DataFrame, powers: dict[tuple[str, str], list[Power]]) -> str:
    """Whose best rate is told to rise or fall with V, and whose with T."""
    said = []
    for place, symbol in enumerate(SYMBOLS.values()):
        groups: dict[str, list[str]] = {"rises": [], "falls": [], "is not told to change": []}
        for (context, method), own in powers.items():
            power = own[place]
            kind = "rises" if power.low > 0 else "falls" if power.high < 0 else ""
            about = [f"power {number(power.value, 2)}: {power.said()}"] if kind else []
            if place == 0:
                about += _at_the_edge(shares, context, method)
            text = f"{method_label(method)}, {POLICIES[context].lower()}"
            text += f" ({'; '.join(about)})" if about else ""
            groups[kind or "is not told to change"].append(text)
        said += [f"{kind} with {symbol} for {listed(own)}" for kind, own in groups.items() if own]
    return f"The best rate {'; it '.join(said)}."


def _at_the_edge(shares: pd.DataFrame, context: str, method: str) -> list[str]:
    """In how many sizes a power is of a best rate that may lie beyond those tried."""
    own = part(shares, context=context, step=BEST, method=method).drop_duplicates(SIZE)
    count = int(own["at_the_edge"].sum())
    return [f"at the edge of those tried in {count} of {len(own)} sizes"] if count else []


def _powers(data, shares: pd.DataFrame) -> dict[tuple[str, str], list[Power]]:
    """The best rate's powers of V and of T, by policy and method."""
    return {
        (context, method): [Power(*own) for own in _exponents(data, context, method).tolist()]
        for context, method in product(POLICIES, _methods(shares))
    }


def _exponents(data, context: str, method: str) -> np.ndarray:
    """Slopes of the best rate's logarithm on those of V and T, over sizes.

    Returns:
        a row for V and one for T: the slope, and its 95% interval by the bootstrap over the seeds
        that choose, each with all its sizes.
    """
    cases = {case[:2]: names for case, names in _cases(data).items() if case[2] == context}
    rates = np.sort(list(set(_rates(data).values())))
    chosen, _ = split(data.cells)
    own = part(chosen, method=method)
    own = own.assign(rate=own["setting"].map(_rates(data)))
    rewards = np.stack(
        [
            own[own["setting"].isin(names)].pivot(index="seed", columns="rate", values="reward")
            for names in cases.values()
        ]
    )  # sizes, seeds, rates
    count = rewards.shape[1]
    rng = np.random.default_rng(0)  # the same page gives the same numbers
    weights = np.vstack([np.ones(count), rng.multinomial(count, [1 / count] * count, RESAMPLES)])
    best = np.log(rates[np.einsum("rs,zsk->rzk", weights, rewards).argmax(axis=2)])
    sizes = np.log(np.array(list(cases), float))
    design = np.column_stack([np.ones(len(sizes)), sizes])
    # Rounded, or a best rate that never changes would have a power that is told from 0.
    slopes = np.linalg.lstsq(design, best.T, rcond=None)[0][1:].round(9)
    return np.column_stack([slopes[:, 0], *np.quantile(slopes[:, 1:], [0.025, 0.975], axis=1)])


def _mean(values) -> Mean:
    return mean(pd.DataFrame({"gap": np.asarray(values)}), "gap")


def _signed(own: Mean) -> str:
    return f"{signed(own.value, 3)} ± {number(own.half, 3)}"
