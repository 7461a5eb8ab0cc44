"""Methods at equal expected reward: where the ways of kept policies cross a share of the gain."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from sdposim.analysis.matched import MEASURES, SEEN, crossed
from sdposim.report.labels import method_label, ordered_methods
from sdposim.report.mechanisms.tools import Mean, axis, mean, part
from sdposim.report.testbed.tools import BASELINE, split
from sdposim.storage.errors import UserError

RESAMPLES = 2000


class Place(NamedTuple):
    """A method where it gets a share of the possible gain, at the best of the rates that do.

    Attributes:
        method: its name.
        level: the share.
        rates: the learning rates that count there, in increasing order.
        rate: the one with most good sequences on the landscapes that choose.
        found: `MEASURES` of the landscapes that judge, by seed; NaN where they are not seen.
    """

    method: str
    level: float
    rates: list[float]
    rate: float
    found: pd.DataFrame

    @property
    def label(self) -> str:
        """How a reader knows the method."""
        return method_label(self.method)

    def mean(self, column: str) -> Mean:
        """Over the landscapes that are seen."""
        return mean(self.found.dropna(), column)


def rates_of(data) -> dict[str, float]:
    """The learning rate of each setting.

    Raises:
        UserError: two settings have the same.
    """
    rates = axis(data.settings, "training", "learning_rate")
    if len(set(rates.values())) < len(rates):
        raise UserError(
            f"settings of the study have the learning rates {sorted(rates.values())}; allowed: "
            "another one in each setting"
        )
    return rates


def crossings(data, levels: Sequence[float]) -> pd.DataFrame:
    """What policies have where they first get a share of the possible gain.

    Returns:
        `method`, `rate`, and the columns of `analysis.matched.crossed`.

    Raises:
        UserError: the study keeps no policies, or has several feedbacks, noises or equal rates.
    """
    if data.exact is None:
        raise UserError("this page needs a study with `policies`, of few enough sequences")
    for column in ("feedback", "noise"):
        if (count := data.exact[column].nunique()) > 1:
            raise UserError(f"the study has {count} values of {column}; allowed: one")
    rates = rates_of(data)
    return pd.concat(
        [
            crossed(own, levels).assign(method=method, rate=rates[setting])
            for (method, setting), own in data.exact.groupby(["method", "setting"], sort=False)
        ],
        ignore_index=True,
    )


def places(crossed: pd.DataFrame, level: float) -> list[Place]:
    """Methods at a level, the one with most good sequences first; without those not seen there."""
    made = []
    for method in ordered_methods(crossed["method"]):
        own = part(crossed, method=method, level=level)
        rates = counting(own)
        if rates:
            chosen, judged = split(own)
            means = chosen.groupby("rate")[MEASURES[0]].mean()
            best = max(rates, key=means.get)
            found = part(judged, rate=best).set_index("seed").sort_index()[list(MEASURES)]
            made.append(Place(method, level, rates, best, found))
    return sorted(made, key=lambda place: -place.mean(MEASURES[0]).value)


def counting(own: pd.DataFrame) -> list[float]:
    """The learning rates that cross a level on enough landscapes, of one method's crossings."""
    seen = own.groupby("rate")[MEASURES[0]].agg(lambda values: values.notna().mean())
    return sorted(seen.index[seen >= SEEN].tolist())


def baseline(made: Sequence[Place]) -> Place:
    """What others are compared with: `tools.BASELINE`, or the first where it is not seen."""
    return next((place for place in made if place.method == BASELINE), made[0])


def gap(one: Place, other: Place, column: str) -> Mean:
    """How much more one has than another, on the landscapes that are seen of both."""
    gaps = (one.found[column] - other.found[column]).dropna()
    return mean(gaps.to_frame("gap"), "gap")


def gap_at_equal_rates(
    crossed: pd.DataFrame, methods: tuple[str, str], level: float, column: str
) -> tuple[Mean, list[float]] | None:
    """How much more one method has than another, mean over the rates that count for both.

    Returns:
        that on the landscapes that judge, as the others, and the rates; None if there are none.
    """
    _, judged = split(crossed)
    owns = [part(crossed, method=method, level=level) for method in methods]
    rates = sorted(set(counting(owns[0])) & set(counting(owns[1])))
    if not rates:
        return None
    one, other = (
        part(judged, method=method, level=level).pivot(index="seed", columns="rate", values=column)[
            rates
        ]
        for method in methods
    )
    return mean((one - other).mean(axis=1, skipna=True).dropna().to_frame("gap"), "gap"), rates


def rank_correlation(made: Sequence[Place], first: str, second: str) -> tuple[float, float, float]:
    """Spearman's, over methods, of two measures; and its 95% bootstrap interval over landscapes.

    Methods are ordered by their mean difference from the baseline, which is paired.
    """
    base = baseline(made).found
    gaps = np.array(
        [[(place.found[name] - base[name]) for name in (first, second)] for place in made]
    )
    draws = np.random.default_rng(0).integers(0, gaps.shape[2], (RESAMPLES, gaps.shape[2]))
    taken = np.concatenate([np.arange(gaps.shape[2])[None], draws])
    ranks = rankdata(np.nanmean(gaps[:, :, taken], axis=-1), axis=0)
    ranks -= ranks.mean(axis=0)
    one, other = ranks[:, 0], ranks[:, 1]
    found = (one * other).sum(axis=0) / np.sqrt((one**2).sum(axis=0) * (other**2).sum(axis=0))
    return float(found[0]), *map(float, np.quantile(found[1:], (0.025, 0.975)))
