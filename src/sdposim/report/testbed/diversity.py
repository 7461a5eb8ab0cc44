"""Entropy and distinct good sequences, of methods at equal expected reward."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sdposim.analysis.exact import DRAWS, WORTH
from sdposim.analysis.matched import SEEN, WIDEST
from sdposim.report.files import number, signed
from sdposim.report.labels import method_label
from sdposim.report.mechanisms.tools import Mean, handle, listed, mean
from sdposim.report.style import NEUTRAL, SHARP, applied, look
from sdposim.report.testbed.matched import (
    Place,
    baseline,
    crossings,
    gap,
    gap_at_equal_rates,
    places,
    rank_correlation,
    rates_of,
)
from sdposim.report.testbed.tools import BASELINE, how_measured, split
from sdposim.storage.errors import UserError

LEVELS = (0.5, 0.7, 0.9)
"""Shares of the possible gain at which methods are compared."""
WAY = tuple(round(0.3 + 0.05 * place, 2) for place in range(14))
"""Those at which the figure's lines are drawn."""
RAISING = {"rlrt": "grpo", "dapo": "ppo", "kl_cov": "ppo"}
"""What is said to raise the number of good sequences -> what it is without that."""
BONUS = {f"entropy_{weight}": BASELINE for weight in ("0_003", "0_01")}
"""What is said to raise entropy alone."""
OTHERS = {
    "clip_cov": "ppo",
    "forward_kl_to_start": BASELINE,
    "reverse_kl_to_start": BASELINE,
}
PAIRS = RAISING | BONUS | OTHERS
DECIMALS = {"good": 1, "excellent": 1, "entropy": 3}


# --- the figure ----------------------------------------------------------------------------------


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Frontiers of share and entropy, and of good sequences and share; and both at equal share."""
    crossed = crossings(data, WAY)
    _at_levels(crossed)
    at = {level: places(crossed, level) for level in WAY}
    rows = pd.DataFrame(_rows(at))
    methods = list(dict.fromkeys(place.method for made in at.values() for place in made))
    levels = [level for level in LEVELS if at[level]]
    with applied():
        fig = Figure(figsize=(7.2, 6.4), **SHARP)
        upper, lower = fig.subfigures(2, 1, height_ratios=[1.15, 1])
        left, right = upper.subplots(1, 2)
        for method in methods:
            own, style = rows[rows["method"] == method], look(method)
            line = {"color": style.colour, "linestyle": style.linestyle, "lw": 0.9}
            line |= {"marker": style.marker, "markersize": 3}
            marked = [place for place, level in enumerate(own["level"]) if level in LEVELS]
            left.plot(own["entropy"], own["level"], markevery=marked, **line)
            right.plot(own["level"], own["good"], markevery=marked, **line)
        left.set_xlabel("Policy entropy (nats a position)")
        left.set_ylabel("Share of the possible gain")
        right.set_xlabel("Share of the possible gain")
        right.set_ylabel(f"Distinct good sequences in {DRAWS:,}")
        for ax, level in zip(_panels(lower, len(levels)), levels, strict=True):
            _draw_level(ax, rows[rows["level"] == level], at[level])
        for ax in (*upper.axes, *lower.axes):
            ax.spines[["top", "right"]].set_visible(False)
        lower.axes[0].set_ylabel("Good sequences, difference")
        lower.supxlabel("Entropy, difference (nats a position)", fontsize="medium")
        fig.legend(handles=[_entry(method) for method in methods], loc="outside upper center",
                   ncols=4, fontsize=7)  # fmt: skip
    return fig, rows


def _draw_level(ax, rows: pd.DataFrame, made: Sequence[Place]) -> None:
    """Differences from the baseline at one level."""
    for row in rows.itertuples():
        style = look(row.method)
        ax.errorbar(
            row.entropy_gap, row.good_gap, xerr=row.entropy_gap_half, yerr=row.good_gap_half,
            color=style.colour, marker=style.marker, lw=0.7, capsize=0,
        )  # fmt: skip
    ax.axhline(0, color=NEUTRAL, lw=0.6, zorder=0)
    ax.axvline(0, color=NEUTRAL, lw=0.6, zorder=0)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.yaxis.set_major_locator(MaxNLocator(6))
    base = baseline(made)
    ax.set_title(f"Share {base.level:g}, less {base.label}")


def _panels(fig, columns: int) -> list:
    return list(fig.subplots(1, columns, squeeze=False)[0])


def _entry(method: str):
    style = look(method)
    return handle(method_label(method), style.colour, marker=style.marker,
                  linestyle=style.linestyle, lw=0.9)  # fmt: skip


def _rows(at: Mapping[float, list[Place]]) -> Iterator[dict]:
    for level, made in at.items():
        for place in made:
            row = {"method": place.method, "level": level, "learning_rate": place.rate}
            row["landscapes"] = len(place.found.dropna())
            for column in DECIMALS:
                row[column], row[f"{column}_half"] = place.mean(column)
                less = gap(place, baseline(made), column)
                row[f"{column}_gap"], row[f"{column}_gap_half"] = less
            yield row


# --- the words -----------------------------------------------------------------------------------


def words(data) -> Iterator[str]:
    """Who has more of each at equal reward, whether one tells the other, and what raises which."""
    crossed = crossings(data, LEVELS)
    at = _at_levels(crossed)
    yield _defined(data)
    for made in at.values():
        yield _compared(made)
    yield from _most_entropy(at)
    yield from _unseen(crossed, at)
    yield from _ordered(at)
    yield from _supposed(crossed, at)
    yield from _rated(at)
    yield _stricter(at)
    yield _how(data, at)
    yield how_measured(data)


def _at_levels(crossed: pd.DataFrame) -> dict[float, list[Place]]:
    """Methods at each level that some method gets to."""
    at = {level: places(crossed, level) for level in LEVELS}
    if not any(at.values()):
        raise UserError(
            f"no method gets to {LEVELS[0]:g} of the possible gain on {SEEN:.0%} of the landscapes "
            f"by steps of at most {WIDEST:g} of it; allowed: a study in which one does, with "
            "policies kept at more steps or other learning rates"
        )
    return {level: made for level, made in at.items() if made}


def _defined(data) -> str:
    first = data.exact[data.exact["step"] == data.exact["step"].min()]
    first = first.drop_duplicates("seed")
    landscape = next(iter(data.settings.values()))["landscape"]
    sequences = landscape["vocabulary_size"] ** landscape["sequence_length"]
    said = (
        f"{name} if it gets at least {share:g} of the possible gain (on a landscape "
        f"{mean(first, f'{name}_sequences').said(0)} of {sequences:,})"
        for name, share in WORTH.items()
    )
    return (
        f"A sequence is called {listed(list(said))}. Counted are the distinct ones that {DRAWS:,} "
        f"samples of a policy hold on average, the sum of 1 - (1 - pi(s))^{DRAWS} over them, "
        f"exactly; the first policy kept holds {mean(first, 'good').said(1)} good ones."
    )


def _compared(made: Sequence[Place]) -> str:
    """At one level, against the baseline."""
    base = baseline(made)
    start = (
        f"At {base.level:g} of the possible gain {base.label} holds "
        f"{base.mean('good').said(1)} good sequences, with an entropy of "
        f"{base.mean('entropy').said()} nats a position"
    )
    others = [place for place in made if place != base]
    if not others:
        return f"{start}; no other method is seen there."
    groups = _sides({place.label: gap(place, base, "good") for place in others})
    told = [place for place in others if place.label not in groups["around"]]
    return (
        f"{start}; more good sequences: {_each(groups['above'])}; fewer: "
        f"{_each(groups['below'])}; not told apart: {_each(groups['around'])}."
        f"{_entropies(told, base)}"
    )


def _entropies(told: Sequence[Place], base: Place) -> str:
    """Whether those that differ in good sequences differ in entropy the same way."""
    if not told:
        return ""
    kinds: dict[str, list[str]] = {"same": [], "other": []}
    for place in told:
        sides = {side(gap(place, base, column)) for column in ("good", "entropy")}
        if "around" not in sides:
            kinds["same" if len(sides) == 1 else "other"].append(place.label)
    other = f" ({listed(kinds['other'])})" if kinds["other"] else ""
    return (
        f" Of the {len(told)} that are told apart, {len(kinds['same'])} differ from it in entropy "
        f"the same way, {len(kinds['other'])} the other way{other}."
    )


def _each(gaps: Mapping[str, Mean]) -> str:
    """Such as `A (+1.0) and B (+0.5)`; `none` of none."""
    said = [f"{name} ({signed(own.value, 1)})" for name, own in gaps.items()]
    return listed(said) if said else "none"


def _sides(gaps: Mapping[str, Mean]) -> dict[str, dict[str, Mean]]:
    """Those whose interval is above 0, below it, and around it."""
    groups: dict[str, dict[str, Mean]] = {"above": {}, "below": {}, "around": {}}
    for name, own in sorted(gaps.items(), key=lambda item: -item[1].value):
        groups[side(own)][name] = own
    return groups


def side(own: Mean) -> str:
    """Where the interval lies."""
    return "above" if own.low > 0 else "below" if own.high < 0 else "around"


def _unseen(crossed: pd.DataFrame, at: Mapping[float, list[Place]]) -> Iterator[str]:
    every = dict.fromkeys(crossed["method"])
    said = []
    for level in LEVELS:
        there = {place.method for place in at.get(level, [])}
        lost = [method_label(method) for method in every if method not in there]
        if lost:
            said.append(f"at {level:g} {listed(lost)}")
    if said:
        yield f"Not seen, as no rate brings {SEEN:.0%} of the landscapes there: {'; '.join(said)}."


def _most_entropy(at: Mapping[float, list[Place]]) -> Iterator[str]:
    """Who has most entropy at each level, and who least."""
    said = []
    for level, made in at.items():
        gaps = {place.label: gap(place, baseline(made), "entropy") for place in made}
        if len(gaps) > 1:
            most, least = (end(gaps, key=lambda name: gaps[name].value) for end in (max, min))
            said.append(
                f"at {level:g} {most} ({_with_sign(gaps[most], 3)} nats against "
                f"{baseline(made).label}) and {least} ({_with_sign(gaps[least], 3)})"
            )
    if said:
        yield f"Most entropy and least have {'; '.join(said)}."


def _ordered(at: Mapping[float, list[Place]]) -> Iterator[str]:
    """Whether the order by entropy is that by good sequences."""
    said = []
    for level, made in at.items():
        if len(made) > 2:
            value, low, high = rank_correlation(made, "entropy", "good")
            said.append(f"{value:.2f} ({low:.2f} to {high:.2f}) at {level:g}")
    if said:
        yield (
            "The rank correlation over methods of entropy and good sequences, in brackets its 95% "
            f"bootstrap interval over landscapes, is {listed(said)}; 1 would be the same order."
        )


def _supposed(crossed: pd.DataFrame, at: Mapping[float, list[Place]]) -> Iterator[str]:
    """The hypothesis, with each method's own best rate and with equal rates."""
    known = set(crossed["method"])
    ways = {
        "Each with its own best rate,": partial(_own_gap, at),
        "With equal rates, mean over those with which both are seen,": partial(_equal_gap, crossed),
    }
    claims = (
        (
            RAISING,
            _verdicts,
            "A hypothesis after arXiv 2605.10781 and 2505.22617 is that a teacher reversed on "
            "successes (RLRT, here against GRPO), clip-higher (DAPO against PPO) and KL-Cov "
            "(against PPO) raise the number of distinct good sequences at equal reward",
        ),
        (
            BONUS,
            _bonuses,
            f"It goes on that an entropy bonus (here for {method_label(BASELINE)}) raises entropy "
            "but not that number",
        ),
    )
    for group, told, claim in claims:
        pairs = [pair for pair in group.items() if known.issuperset(pair)]
        if pairs:
            yield f"{claim}."
            yield from (f"{way} {told(pairs, at, measured)}." for way, measured in ways.items())


def _own_gap(at, pair: tuple[str, str], level: float, column: str) -> Mean | None:
    made = {place.method: place for place in at[level]}
    return gap(*(made[method] for method in pair), column) if made.keys() >= set(pair) else None


def _equal_gap(crossed, pair: tuple[str, str], level: float, column: str) -> Mean | None:
    found = gap_at_equal_rates(crossed, pair, level, column)
    return found[0] if found else None


def _verdicts(pairs, at: Mapping[float, list[Place]], measured) -> str:
    """For which of them, and where, the number is larger, smaller, equal or not told apart."""
    gaps = {
        f"{method_label(pair[0])} at {level:g}": own
        for pair in pairs
        for level in at
        if (own := measured(pair, level, "good")) is not None
    }
    identical = [name for name, own in gaps.items() if own == (0.0, 0.0)]
    groups = _sides({name: own for name, own in gaps.items() if name not in identical})
    texts = {"above": "it is larger for", "below": "smaller for", "around": "not told apart for"}
    said = [
        f"{text} "
        + (
            listed([f"{name} ({_with_sign(own, 1)})" for name, own in groups[kind].items()])
            or "none"
        )
        for kind, text in texts.items()
    ]
    said += [f"exactly the same for {listed(identical)}"] if identical else []
    return ", ".join(said)


def _bonuses(pairs, at: Mapping[float, list[Place]], measured) -> str:
    """Where a bonus raises entropy alone, both, or not entropy."""
    found: dict[str, list[str]] = {"alone": [], "both": [], "neither": []}
    for pair in pairs:
        for level in at:
            entropy, good = (measured(pair, level, column) for column in ("entropy", "good"))
            if entropy is None or good is None:
                continue
            kind = "both" if side(good) == "above" else "alone"
            found[kind if side(entropy) == "above" else "neither"].append(
                f"{method_label(pair[0])} at {level:g} ({_with_sign(entropy, 3)} nats, "
                f"{_with_sign(good, 1)} sequences)"
            )
    alone, both = (listed(found[kind]) or "none" for kind in ("alone", "both"))
    rest = f"; entropy does not for {listed(found['neither'])}" if found["neither"] else ""
    return f"entropy alone rises for {alone}; the number, too, for {both}{rest}"


def _with_sign(own: Mean, decimals: int) -> str:
    return f"{signed(own.value, decimals)} ± {number(own.half, decimals)}"


def _rated(at: Mapping[float, list[Place]]) -> Iterator[str]:
    """How often the slowest of the learning rates that get there is the one taken."""
    every = [place for made in at.values() for place in made if len(place.rates) > 1]
    if every:
        slowest = sum(place.rate == place.rates[0] for place in every)
        yield (
            f"In {slowest} of the {len(every)} cases in which several rates get there, the "
            "smallest of them has most good sequences"
            + (
                ": best rates are also compared by how slowly each method gets there in the steps "
                "that it has."
                if 2 * slowest > len(every)
                else "."
            )
        )


def _stricter(at: Mapping[float, list[Place]]) -> str:
    """Whether the findings hang on what is called good."""
    both = [
        (side(gap(place, baseline(made), "good")), side(gap(place, baseline(made), "excellent")))
        for made in at.values()
        for place in made
        if place != baseline(made)
    ]
    told = [pair for pair in both if pair[0] != "around"]
    same = sum(one == other for one, other in told)
    turned = sum({one, other} == {"above", "below"} for one, other in told)
    return (
        f"Of the {len(told)} differences from the baseline in good sequences that are told from 0, "
        f"{same} are told from 0 the same way in excellent ones, and {turned} the other way."
    )


def _how(data, at: Mapping[float, list[Place]]) -> str:
    rates = rates_of(data).values()
    chosen, judged = split(data.exact)
    edge = sorted(
        {place.label for made in at.values() for place in made if place.rate == max(rates)}
    )
    return (
        f"At each share a method has, of {len(rates)} learning rates from {min(rates):g} to "
        f"{max(rates):g}, the one with most good sequences on the first "
        f"{chosen['seed'].nunique()} landscapes, judged on the other {judged['seed'].nunique()}; "
        "its entropy is that of the same policies"
        + (f" ({listed(edge)} at the largest rate)" if edge else "")
        + f". A rate counts if on {SEEN:.0%} of the landscapes the share is first reached between "
        f"two kept policies whose shares are no more than {WIDEST:g} apart, between which a "
        "straight line is drawn; other landscapes are left out."
    )


# --- the tables ----------------------------------------------------------------------------------


def table(data) -> str:
    """The numbers of every method at each share, and of each pair, in markdown."""
    crossed = crossings(data, LEVELS)
    at = _at_levels(crossed)
    lines = [
        "| share of the gain | method | learning rate | good sequences | less the baseline's "
        "| excellent ones | less the baseline's | entropy, nats | less the baseline's |",
        "|---:|---|---:|" + "---:|" * 6,
    ]
    for level, made in at.items():
        for place in made:
            cells = [f"{level:g}", place.label, f"{place.rate:g}"]
            for column, decimals in DECIMALS.items():
                less = gap(place, baseline(made), column)
                cells.append(place.mean(column).said(decimals))
                cells.append("" if place == baseline(made) else _with_sign(less, decimals))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, *_pairs(crossed, at)])


def _pairs(crossed: pd.DataFrame, at: Mapping[float, list[Place]]) -> list[str]:
    """What one change does, each at its own best rate and at equal rates."""
    rows = []
    for pair in PAIRS.items():
        if set(crossed["method"]).issuperset(pair):
            for level in at:
                own = [_own_gap(at, pair, level, column) for column in ("good", "entropy")]
                equal = [
                    gap_at_equal_rates(crossed, pair, level, column)
                    for column in ("good", "entropy")
                ]
                cells = [_with_sign(one, digits) if one else ""
                         for one, digits in zip(own, (1, 3), strict=True)]  # fmt: skip
                cells += [_with_sign(one[0], digits) if one else ""
                          for one, digits in zip(equal, (1, 3), strict=True)]  # fmt: skip
                rates = ", ".join(f"{rate:g}" for rate in equal[0][1]) if equal[0] else ""
                names = [method_label(method) for method in pair]
                rows.append(f"| {' | '.join([*names, f'{level:g}', *cells, rates])} |")
    if not rows:
        return []
    return [
        "",
        "What one change does:",
        "",
        "| method | less | share of the gain | good sequences, own best rates | entropy, nats "
        "| good sequences, equal rates | entropy, nats | these rates |",
        "|---|---|---:|---:|---:|---:|---:|---|",
        *rows,
    ]
