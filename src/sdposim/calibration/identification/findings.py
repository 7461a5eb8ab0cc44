"""What a search found, as tables of numbers: ranks, and how surprising they are."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.published import Value
from sdposim.calibration.identification import figure6, sets, space
from sdposim.calibration.identification.evidence import READINGS
from sdposim.calibration.identification.hypotheses import (
    FAMILIES,
    LEAD_LIST,
    LEAD_SEED,
    PLAIN,
    WRITTEN,
    lists,
)
from sdposim.calibration.identification.search import Refined, Scores

RANDOM_SETS = 200_000


def families(scores: Scores) -> pd.DataFrame:
    """A row per family: how many seeds, their evidence, and the rank of the suspected seed.

    Log evidence is relative to the best landscape of all.
    """
    top, rows = scores.total.max(), []
    for place, family in enumerate(FAMILIES):
        here = scores.family == place
        total, seeds = scores.total[here] - top, scores.seed[here]
        order = np.argsort(-total, kind="stable")
        lead = np.flatnonzero(seeds[order] == LEAD_SEED)
        rows.append(
            {
                "family": family.name,
                "seeds": len(seeds),
                "median": float(np.median(total)),
                "best": float(total[order[0]]),
                "best_seed": int(seeds[order[0]]),
                "lead": float(total[order][lead[0]]) if lead.size else np.nan,
                "lead_rank": int(lead[0]) + 1 if lead.size else 0,
            }
        )
    return pd.DataFrame(rows)


def refined_table(refined: Refined) -> pd.DataFrame:
    """A row per refined landscape, best first: evidence, distances and best settings.

    The readings of REINFORCE's direction are equally likely; the settings are those of the better.
    """
    rows = []
    keys = sorted(set(zip(refined.family.tolist(), refined.seed.tolist(), strict=True)))
    for place, seed in keys:
        here = np.flatnonzero((refined.family == place) & (refined.seed == seed))
        best = here[np.argmax(refined.log_evidence[here])]
        settings = {
            parameter.key: parameter.setting(value)
            for parameter, value in zip(space.PARAMETERS, refined.coordinates[best], strict=True)
        }
        total = np.logaddexp.reduce(refined.log_evidence[here]) - np.log(len(READINGS))
        rows.append(
            {
                "family": FAMILIES[place].name,
                "seed": seed,
                "log_evidence": float(total),
                "reading": READINGS[refined.reading[best]],
                "squared": float(refined.squared[best]),
                "prior": float(refined.prior[best]),
            }
            | settings
        )
    table = pd.DataFrame(rows).sort_values("log_evidence", ascending=False, kind="stable")
    table["log_evidence"] -= table["log_evidence"].max()
    return table.reset_index(drop=True)


class Lists(NamedTuple):
    """What figure 6 says about lists of seeds, for one ddof of its SD.

    Attributes:
        ddof: the divisor of the SD is the number of seeds less this.
        values: (methods, 2), mean and SD of the suspected list, under the best settings.
        squared: their squared distance from the published ones, in units of their scatter.
        log_likelihood: of the suspected list.
        as_good: how many of all sets of written seeds have at least its likelihood.
        sets: how many sets of written seeds there are.
        random: share of random sets of other seeds that have at least its likelihood.
        best: the best set of written seeds.
        probability: of the suspected list among all sets of written seeds, equally likely before.
    """

    ddof: int
    values: np.ndarray
    squared: float
    log_likelihood: float
    as_good: int
    sets: int
    random: float
    best: tuple[int, ...]
    probability: float


def judged_lists(rewards: figure6.Rewards, published: Sequence[Value]) -> list[Lists]:
    """Compare the suspected list with all sets of written seeds and with random sets.

    Args:
        rewards: what `figure6.simulate_rewards` found.
        published: the numbers of `plan.figure6`.
    """
    target = np.array([value.value for value in published]).reshape(-1, 2)
    rounding = np.array([value.variance for value in published]).reshape(-1, 2)
    of = (rounding, rewards.run_variance)
    known = rewards.seed[rewards.draw == 0].tolist()
    others = [seed for seed in known if seed not in WRITTEN]
    listed = lists(sets.SIZE)
    written, pool = rewards.table(WRITTEN), rewards.table(others)
    random = sets.random_sets(len(others), RANDOM_SETS)
    lead = np.array([[WRITTEN.index(seed) for seed in LEAD_LIST]])
    found = []
    for ddof in sets.DDOF:
        own, among, by_chance = (
            sets.log_likelihood(table, chosen, target, *of, ddof)
            for table, chosen in ((written, lead), (written, listed), (pool, random))
        )
        values = sets.predicted(written[:1], lead, ddof)[0, 0]
        best = sets.log_likelihood(written[:1], lead, target, *of, ddof)
        exact = sets.log_likelihood(written[:1], lead, values, *of, ddof)
        found.append(
            Lists(
                ddof=ddof,
                values=values,
                squared=float(2 * (exact[0] - best[0])),
                log_likelihood=float(own[0]),
                as_good=int((among >= own[0] - 1e-9).sum()),
                sets=len(listed),
                random=float((by_chance >= own[0]).mean()),
                best=tuple(WRITTEN[place] for place in listed[np.argmax(among)]),
                probability=float(np.exp(own[0] - np.logaddexp.reduce(among))),
            )
        )
    return found


def lead_rank(scores: Scores) -> tuple[int, int]:
    """The rank of the suspected seed in `PLAIN`, and of how many."""
    row = families(scores).set_index("family").loc[PLAIN.name]
    return int(row["lead_rank"]), int(row["seeds"])
