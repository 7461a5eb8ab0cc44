"""Effects with intervals: what varies is the unit, a rollout seed or a landscape."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sdposim.audit.effects import Effect, Read

RESAMPLES = 9999
_BATCH = 500
"""Resamples that are in memory at once."""


class Measured(NamedTuple):
    """An effect, and what resampling the units says of it.

    Attributes:
        effect: of all units.
        low, high: its 95% BCa interval (Efron 1987).
        resampled: (resamples,), sorted.
        bias, acceleration: BCa's corrections, z0 and a.
        units: how many there were.
    """

    effect: float
    low: float
    high: float
    resampled: np.ndarray
    bias: float
    acceleration: float
    units: int

    def below(self, bound: float) -> float:
        """One-sided p-value of the effect being at most a bound: the error of the BCa interval that
        begins there; beyond all resamples, that of a normal distribution."""
        from scipy import stats  # takes a second, and the workflow reads this module at each start

        if not np.ptp(self.resampled):
            return float(self.effect <= bound)
        if bound < self.resampled[0]:
            return self._beyond(bound)
        if bound > self.resampled[-1]:
            return 1 - self._beyond(bound)
        left, right = (np.searchsorted(self.resampled, bound, side) for side in ("left", "right"))
        least = 1 / (len(self.resampled) + 1)
        share = np.clip((left + right) / 2 / len(self.resampled), least, 1 - least)
        moved = stats.norm.ppf(share) - self.bias
        return float(stats.norm.cdf(moved / (1 + self.acceleration * moved) - self.bias))

    def above(self, bound: float) -> float:
        """That of the effect being at least a bound."""
        if not np.ptp(self.resampled):
            return float(self.effect >= bound)
        return self._beyond(bound) if bound > self.resampled[-1] else 1 - self.below(bound)

    def _beyond(self, bound: float) -> float:
        """The probability of an effect as far as a bound that no resample reaches.

        Resamples alone would give one in their number, which no family of some hundred tests can
        call significant.
        """
        from scipy import stats

        tail = stats.norm.sf(abs(self.effect - bound) / self.resampled.std())
        return float(min(tail, 1 / (len(self.resampled) + 1)))

    @property
    def sd_of_units(self) -> float:
        """SD of the effect of single units, where it is a mean over them."""
        return float(self.resampled.std() * np.sqrt(self.units))


def measured(
    effects: Sequence[Effect], read: Read, stated: Mapping[str, float], units: int, seed: int
) -> list[Measured]:
    """Effects of all units and their scatter, from the same resamples.

    Args:
        effects: what is measured.
        read, stated: see `Effect.of`.
        units: how many there are, at least one.
        seed: of the resamples.

    Where all units agree, or there are fewer than three, the interval is the effect itself.
    """
    whole = [effect.of(read, stated, np.ones((1, units))) for effect in effects]
    left = _left_out(effects, read, stated, units) if units > 2 else np.zeros((len(effects), 1))
    vary = [place for place in range(len(effects)) if np.ptp(left[place])]
    result = [
        Measured(float(value[0]), float(value[0]), float(value[0]), value, 0.0, 0.0, units)
        for value in whole
    ]
    if vary:
        chosen = [effects[place] for place in vary]
        made = _bootstrapped(chosen, read, stated, units, seed)
        for row, place in enumerate(vary):
            resampled = np.sort(made.bootstrap_distribution[row])
            value = result[place].effect
            below = (resampled < value).mean() / 2 + (resampled <= value).mean() / 2
            low, high = (float(ends[row]) for ends in made.confidence_interval)
            result[place] = Measured(
                value, low, high, resampled, _deviate(below), _acceleration(left[place]), units
            )
    return result


def _bootstrapped(effects, read, stated, units, seed):
    from scipy import stats

    def of(sample, axis):
        rows = np.moveaxis(sample, axis, -1)
        counts = _counts(rows.reshape(-1, rows.shape[-1]), units)
        found = np.array([effect.of(read, stated, counts) for effect in effects])
        return found.reshape(len(effects), *rows.shape[:-1])

    return stats.bootstrap(
        (np.arange(units),),
        of,
        n_resamples=RESAMPLES,
        batch=_BATCH,
        method="BCa",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )


def _counts(rows: np.ndarray, units: int) -> np.ndarray:
    """How often each unit is in each row, float64 (rows, units)."""
    places = rows + units * np.arange(len(rows))[:, None]
    counts = np.bincount(places.ravel(), minlength=len(rows) * units)
    return counts.reshape(len(rows), units).astype(float)


def _left_out(effects, read, stated, units: int) -> np.ndarray:
    """The effects without each of the units, (effects, units)."""
    counts = np.ones((units, units)) - np.eye(units)
    return np.array([effect.of(read, stated, counts) for effect in effects])


def _deviate(share: float) -> float:
    from scipy import stats

    return float(stats.norm.ppf(share))


def _acceleration(left_out: np.ndarray) -> float:
    offset = left_out.mean() - left_out
    return float((offset**3).sum() / (6 * (offset**2).sum() ** 1.5))


class Units(NamedTuple):
    """What single units say of an effect; NaN where it is of all of them, such as an SD.

    Attributes:
        iqm: their interquartile mean (Agarwal et al., 2021).
        share: of those in which the effect is above a bound, half of those at it: the probability
            of improvement where the effect is a difference of methods and the bound 0.
    """

    iqm: float
    share: float


def of_units(
    effect: Effect, read: Read, stated: Mapping[str, float], units: int, bound: float
) -> Units:
    """See `Units`; arguments as of `measured`."""
    if not effect.singly:
        return Units(float("nan"), float("nan"))
    each = effect.of_each(read, stated, units)
    from scipy import stats

    above = (each > bound).mean() + (each == bound).mean() / 2
    return Units(float(stats.trim_mean(each, 0.25)), float(above))


class Power(NamedTuple):
    """Of a one-sided test at 5%, were the effect that was measured the true one.

    Attributes:
        power: the probability of its being decided by as many new units.
        needed: the units that decide it with probability 0.8, not rounded; inf where none do.
    """

    power: float
    needed: float


def achieved_power(measured: Measured, bound: float) -> Power:
    """The power of telling an effect from a bound, by the normal distribution."""
    from scipy import stats

    error = float(measured.resampled.std())
    apart = abs(measured.effect - bound)
    if not error or not apart:
        return Power(float(apart > 0), float("inf") if not apart else 1.0)
    level, wanted = stats.norm.ppf(0.95), stats.norm.ppf(0.8)
    needed = measured.units * ((level + wanted) * error / apart) ** 2
    return Power(float(stats.norm.sf(level - apart / error)), float(needed))


def holm(values: Sequence[float], error: float = 0.05) -> np.ndarray:
    """Which of a family's null hypotheses are rejected (Holm 1979), bool (values,).

    Args:
        values: p-values.
        error: the probability of rejecting any that is true.
    """
    values = np.asarray(values, float)
    order = np.argsort(values, kind="stable")
    passes = values[order] <= error / np.arange(len(values), 0, -1)
    result = np.zeros(len(values), bool)
    result[order] = np.logical_and.accumulate(passes)
    return result
