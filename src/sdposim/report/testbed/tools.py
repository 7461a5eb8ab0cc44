"""What the testbed's pages share: methods at their best step size, and how they compare."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.exact import possible_gain, uniform_reward
from sdposim.model.landscape import make_landscape
from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms.tools import Mean, axis, mean, part, varied
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
    """

    method: str
    rate: float
    at_the_edge: bool
    cells: pd.DataFrame
    share: Mean

    @property
    def label(self) -> str:
        """How a reader knows the method."""
        return method_label(self.method)


def standings(data, **where: object) -> list[Standing]:
    """Every method at its best learning rate, the one with the largest share first.

    Args:
        data: of a study whose settings are learning rates on landscapes drawn anew.
        where: values of columns of the cells that are meant, all without.

    Raises:
        UserError: the study is of another shape.
    """
    rates = axis(data.settings, "training", "learning_rate")
    cells = _with_shares(part(data.cells, **where), data.settings)
    chosen, judged = split(cells)
    made = []
    for method in ordered_methods(cells["method"]):
        own = part(chosen, method=method)
        best = max(rates, key=lambda name, own=own: mean(part(own, setting=name), "reward").value)
        kept = part(judged, method=method, setting=best).sort_values("seed")
        edge = rates[best] in (min(rates.values()), max(rates.values()))
        made.append(Standing(method, rates[best], edge, kept, mean(kept, "share")))
    return sorted(made, key=lambda own: -own.share.value)


def split(cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cells of the seeds that choose, and of those that judge."""
    seeds = np.sort(cells["seed"].unique())
    if len(seeds) < CHOOSING:
        raise UserError(f"the study has {len(seeds)} seeds; allowed: {CHOOSING} or more")
    first = cells["seed"] < seeds[len(seeds) // CHOOSING]
    return cells[first], cells[~first]


def _with_shares(cells: pd.DataFrame, settings: Mapping[str, dict]) -> pd.DataFrame:
    """Cells, each with the share of its landscape's possible gain that its reward is."""
    groups = [own["landscape"] for own in settings.values()]
    if any(group != groups[0] for group in groups) or groups[0]["seed"] != "each":
        raise UserError(
            "the settings of the study have several landscapes, or chosen ones; allowed: one group "
            "`landscape` for all, with `seed: each`"
        )
    bounds = {}
    for seed in cells["seed"].unique().tolist():
        landscape = make_landscape(groups[0], seed)
        bounds[seed] = uniform_reward(landscape), possible_gain(landscape)
    lowest, gain = np.array([bounds[seed] for seed in cells["seed"]]).T
    return cells.assign(share=(cells["reward"] - lowest) / gain)


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
    rates = axis(data.settings, "training", "learning_rate")
    chosen, judged = split(data.cells)
    edge = list(dict.fromkeys(own.label for own in made if own.at_the_edge))
    return (
        f"Each method has the best of {len(rates)} learning rates, from {min(rates.values()):g} to "
        f"{max(rates.values()):g}, chosen by the mean reward on the first "
        f"{chosen['seed'].nunique()} seeds and judged on the other {judged['seed'].nunique()}"
        + (f"; at the edge of those tried is that of {', '.join(edge)}." if edge else ".")
    )


def how_measured(data) -> str:
    """What a share is, and what an interval."""
    return (
        "The possible gain is from the uniform policy's reward to the largest one, on each "
        f"landscape by all its sequences. {varied(data)}, and methods share their random numbers; "
        "± is the 95% interval of the mean, of paired differences where methods are compared, "
        "not corrected for their number."
    )
