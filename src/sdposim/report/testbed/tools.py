"""What the testbed's pages share: methods at their best step size, and how they compare."""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.exact import ERROR, LARGEST, optimum, uniform_reward
from sdposim.model.landscape import make_landscape
from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms.tools import Mean, axis, listed, mean, part, varied
from sdposim.storage.errors import UserError

BASELINE = "reinforce_judged"
"""Of comparisons with one method; the method that gets most where it is not in the study."""
CHOOSING = 3
"""One in so many seeds, the first ones, choose a method's best rate; the others judge it."""


class Standing(NamedTuple):
    """A method at its best learning rate.

    Attributes:
        method: its name.
        rate: the learning rate.
        at_the_edge: whether that is the smallest or the largest that was tried.
        cells: those of the seeds that judge, in their order, with `share`, of the possible gain.
        share: the mean of that.
        promised: what the rate was chosen by, its mean on the seeds that choose.
    """

    method: str
    rate: float
    at_the_edge: bool
    cells: pd.DataFrame
    share: Mean
    promised: float

    @property
    def label(self) -> str:
        """How a reader knows the method."""
        return method_label(self.method)


def standings(data, by: str = "reward", **where: object) -> list[Standing]:
    """Every method at its best learning rate, the one with the largest share first.

    Args:
        data: of a study whose settings are learning rates on landscapes drawn anew.
        by: the column whose mean, on the seeds that choose, is best at that rate.
        where: values of columns of the cells that are meant, all without.

    Raises:
        UserError: the study is of another shape.
    """
    rates = axis(data.settings, "training", "learning_rate")
    cells = with_shares(part(data.cells, **where), data.settings)
    chosen, judged = split(cells)
    made = []
    for method in ordered_methods(cells["method"]):
        own = part(chosen, method=method)
        promised = {name: mean(part(own, setting=name), by).value for name in rates}
        best = max(rates, key=promised.__getitem__)
        kept = part(judged, method=method, setting=best).sort_values("seed")
        edge = rates[best] in (min(rates.values()), max(rates.values()))
        made.append(Standing(method, rates[best], edge, kept, mean(kept, "share"), promised[best]))
    return sorted(made, key=lambda own: -own.share.value)


def with_settings(data, names: Iterable[str]):
    """The part of a study's data with these settings: one that has sizes has `standings` of each.

    Args:
        data: of the study.
        names: of some of its settings.
    """
    kept = {name: data.settings[name] for name in names}
    return data._replace(cells=data.cells[data.cells["setting"].isin(kept)], settings=kept)


def check_condition(data) -> None:
    """Refuse a study that has several conditions but for its settings and methods.

    Raises:
        UserError: it has several feedbacks or noise levels.
    """
    for column in ("feedback", "noise"):
        values = sorted(map(str, set(data.cells[column])))
        if len(values) > 1:
            raise UserError(f"the study has {column} {listed(values)}; allowed: one {column}")


def split(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells of the seeds that choose, and of those that judge."""
    seeds = np.sort(cells["seed"].unique())
    if len(seeds) < CHOOSING:
        raise UserError(f"the study has {len(seeds)} seeds; allowed: {CHOOSING} or more")
    first = cells["seed"] < seeds[len(seeds) // CHOOSING]
    return cells[first], cells[~first]


def with_shares(cells: pd.DataFrame, settings: Mapping[str, dict]) -> pd.DataFrame:
    """Cells, each with the share of its landscape's possible gain that its reward is.

    Raises:
        UserError: the settings have several groups `landscape`, or landscapes that somebody chose.
    """
    groups = [own["landscape"] for own in settings.values()]
    if any(group != groups[0] for group in groups) or groups[0]["seed"] != "each":
        raise UserError(
            "the settings of the study have several landscapes, or chosen ones; allowed: one group "
            "`landscape` for all, with `seed: each`"
        )
    group = json.dumps(groups[0])
    lowest, highest = np.array([_bounds(group, seed) for seed in cells["seed"].tolist()]).T
    return cells.assign(share=(cells["reward"] - lowest) / (highest - lowest))


@cache  # figure, words and table ask for the same ones, which may take seconds
def _bounds(group: str, seed: int) -> tuple[float, float]:
    """The uniform policy's reward and the largest one, on a landscape of a group, JSON."""
    landscape = make_landscape(json.loads(group), seed)
    return uniform_reward(landscape), optimum(landscape)


def baseline(made: Sequence[Standing]) -> Standing:
    """What others are compared with."""
    return next((own for own in made if own.method == BASELINE), made[0])


def gap(one: Standing, other: Standing) -> Mean:
    """How much more of the possible gain one gets than another, on the same landscapes."""
    gaps = one.cells["share"].to_numpy() - other.cells["share"].to_numpy()
    return mean(pd.DataFrame({"gap": gaps}), "gap")


def chance(one: Standing, other: Standing) -> float:
    """How often one does better than another on the same landscape; ties count half."""
    gaps = one.cells["reward"].to_numpy() - other.cells["reward"].to_numpy()
    return float(np.mean((gaps > 0) + 0.5 * (gaps == 0)))


def told_apart(made: Sequence[Standing], base: Standing) -> str:
    """Who gets more than the baseline, who less, and who is not told from it."""
    groups: dict[str, list[str]] = {"more": [], "less": [], "no different": []}
    for own in made:
        if own.method != base.method:
            lead = gap(own, base)
            kind = "more" if lead.low > 0 else "less" if lead.high < 0 else "no different"
            groups[kind].append(f"{own.label} ({lead.value:+.3f})")
    return "; ".join(
        f"{len(own)} {'gets' if len(own) == 1 else 'get'} {kind}: {', '.join(own)}"
        if own
        else f"none gets {kind}"
        for kind, own in groups.items()
    )


def how_chosen(data, made: Sequence[Standing]) -> str:
    """How learning rates were chosen, and what is at their edge."""
    edge = list(dict.fromkeys(own.label for own in made if own.at_the_edge))
    return choice(data) + (
        f"; at the edge of those tried is that of {', '.join(edge)}." if edge else "."
    )


def choice(data) -> str:
    """How learning rates were chosen, a sentence without its end."""
    rates = set(axis(data.settings, "training", "learning_rate").values())
    chosen, judged = (own["seed"].nunique() for own in split(data.cells))
    first = f"first {chosen} seeds" if chosen > 1 else "first seed"
    return (
        f"Each method has the best of {len(rates)} learning rates, from {min(rates):g} to "
        f"{max(rates):g}, chosen by the mean reward on the {first} and judged on the other {judged}"
    )


def how_measured(data) -> str:
    """What a share is, and what an interval."""
    return (
        "The possible gain is from the uniform policy's reward to the largest one, on each "
        f"landscape {_how_exact(data.settings)}. {varied(data)}, and methods share their random "
        "numbers; ± is the 95% interval of the mean, of paired differences where methods are "
        "compared, not corrected for their number."
    )


def _how_exact(settings: Mapping[str, dict]) -> str:
    groups = [own["landscape"] for own in settings.values()]
    counts = [own["vocabulary_size"] ** own["sequence_length"] for own in groups]
    if max(counts) <= LARGEST:
        return "by all its sequences"
    beyond = f"by an integral that is within {ERROR:g}"
    if min(counts) > LARGEST:
        return beyond
    return f"by all its sequences, or where these are more than {LARGEST:,} {beyond}"
