"""What terms of effects stand for: values of units, from the cells and the logs of studies."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, reduce
from typing import NamedTuple

import numpy as np
import pandas as pd

from sdposim.analysis.matched import MEASURES, SEEN, crossed
from sdposim.audit.claims import Scope
from sdposim.audit.effects import Term
from sdposim.storage.errors import UserError

COLUMNS = {
    "reward": "reward",
    "entropy": "entropy",
    "correlation": "credit_correlation",
    "weight": "hybrid_weight",
    "divergence": "teacher_kl",
    "judged": "judged",
}
"""Quantity -> the column of cells and logs."""
AT = tuple(f"{name}_at" for name in COLUMNS)
LEVELS = {f"{name}_at_share": name for name in MEASURES}
"""Quantity at equal expected reward -> the measure of `analysis.matched`."""
EXACT = ("expected_at", "setbacks", *LEVELS)
"""Quantities of kept policies, evaluated by all sequences."""
_NUMBERS = dict.fromkeys((*AT, "expected_at", *LEVELS), 1) | {"setbacks": 2}
"""How many numbers stand before the method."""
_SAID = {"expected_at": "step, ", "setbacks": "first step, last step, "}
_SAID |= dict.fromkeys(AT, "step, ") | dict.fromkeys(LEVELS, "share, ")
FALL = 1e-12
"""By how much a step must lower the expected reward; the sums over sequences are exact to less."""
OVER_LANDSCAPES = ("spread", "steepness")
"""Quantities of the reward on all of the landscapes that a setting lists."""
QUANTITIES = (*COLUMNS, *AT, *EXACT, *OVER_LANDSCAPES, "possible_gain", "setting")
OPTIONS = ("setting", "ddof")


class Condition(NamedTuple):
    """Which cells, but for their setting."""

    method: str
    feedback: str
    noise: float


class Asked(NamedTuple):
    """A term that was understood.

    Attributes:
        quantity: one of `QUANTITIES`.
        condition: of the cells; None of a setting's number.
        step: of an `AT` quantity, and of `expected_at`; the first of `setbacks`.
        last: the last step of `setbacks`.
        level: the share of the possible gain, of a quantity in `LEVELS`.
        setting: the one or the scope's variant that is named, or "".
        ddof: of a `spread`.
        key: of a setting's number.
    """

    quantity: str
    condition: Condition | None
    step: int = 0
    last: int = 0
    level: float = 0.0
    setting: str = ""
    ddof: int = 1
    key: str = ""


def asked(term: Term) -> Asked:
    """Understand a term.

    Raises:
        ValueError: its quantity, its arguments or its options are none; says what is allowed.
    """
    if term.quantity not in QUANTITIES:
        raise ValueError(f"{term.quantity!r} is not a quantity; allowed: {', '.join(QUANTITIES)}")
    options = dict(term.options)
    for name in options:
        if name not in OPTIONS:
            raise ValueError(f"{name!r} is not an option of a term; allowed: {', '.join(OPTIONS)}")
    arguments = list(term.arguments)
    if term.quantity == "setting":
        if len(arguments) != 1:
            raise ValueError(f"{arguments!r} is not allowed in setting(...); allowed: one key")
        return Asked(term.quantity, None, key=arguments[0])
    try:
        count = _NUMBERS.get(term.quantity, 0)
        kind = float if term.quantity in LEVELS else int
        numbers, arguments = list(map(kind, arguments[:count])), arguments[count:]
        method, feedback = arguments[:2]
        noise = float(arguments[2]) if arguments[2:] else 0.0
        if arguments[3:]:
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError(
            f"{', '.join(term.arguments)!r} is not allowed in {term.quantity}(...); allowed: "
            f"{_SAID.get(term.quantity, '')}method, feedback and perhaps noise"
        ) from None
    known = ("level",) if term.quantity in LEVELS else ("step", "last")
    return Asked(
        term.quantity,
        Condition(method, feedback, noise),
        **dict(zip(known, numbers, strict=False)),
        setting=options.get("setting", ""),
        ddof=int(options.get("ddof", "1")),
    )


class Values(NamedTuple):
    """Values of units, float64 (n,), and the numbers of these, int64 (n,), increasing."""

    units: np.ndarray
    values: np.ndarray


class Sources(NamedTuple):
    """Where values come from.

    Attributes:
        final: (setting, condition, column) -> the values of its cells, by seed.
        at: (setting, condition, column, step) -> the same at a step.
        kept: (setting, condition) -> the rows of `commands.exact` of its cells.
        landscapes: (setting, seeds) -> what there is to gain on the landscape of each.
        listed: setting -> how many landscapes it lists; 1 where it lists none.
        numbers: setting -> its numbers by key.
    """

    final: Callable[[str, Condition, str], Values]
    at: Callable[[str, Condition, str, int], Values]
    kept: Callable[[str, Condition], pd.DataFrame]
    landscapes: Callable[[str, np.ndarray], np.ndarray]
    listed: Mapping[str, int]
    numbers: Mapping[str, Mapping[str, float]]


class Samples:
    """Values of the terms of a test in a scope, of the units that all of them have.

    A unit is a seed; where a setting lists L landscapes, it is a replicate of them, L seeds in
    turn, whose values are means over landscapes.

    Attributes:
        units: the units' numbers.
        chosen: what was chosen among several settings, by condition; of a quantity at equal reward
            by its level, too, 0 of the others, and by the scope's variant, "" of its own settings.
    """

    def __init__(self, scope: Scope, terms: Sequence[Term], sources: Sources) -> None:
        """Read what terms stand for.

        Raises:
            UserError: there are no units that all terms have.
        """
        self._scope, self._sources = scope, sources
        self.chosen: dict[tuple[Condition, float, str], str] = {}
        self._crossed = cache(
            lambda setting, condition, level: crossed(
                sources.kept(setting, condition), [level]
            ).sort_values("seed")
        )
        found = {term: self._values(asked(term)) for term in terms}
        known = [one.units for one in found.values() if one.units.size]
        self.units = reduce(np.intersect1d, known) if known else np.zeros(1, np.int64)
        if not self.units.size:
            raise UserError(f"no unit has all of {', '.join(map(str, terms))}")
        self._found = {term: self._common(one) for term, one in found.items()}

    def read(self, term: Term) -> np.ndarray:
        """The values of a term, float64 (units,)."""
        return self._found[term]

    def __iter__(self) -> Iterator[Term]:
        """The terms."""
        return iter(self._found)

    def _common(self, one: Values) -> np.ndarray:
        if not one.units.size:
            return np.full(self.units.size, one.values[0])
        return one.values[np.isin(one.units, self.units)]

    def _values(self, term: Asked) -> Values:
        sources = self._sources
        if term.condition is None:
            number = sources.numbers[self._scope.settings[0]][term.key]
            return Values(np.zeros(0, np.int64), np.array([number]))
        setting = self._setting(term)
        if term.quantity in LEVELS:
            rows = self._crossed(setting, term.condition, term.level)
            found = _column(rows.dropna(), LEVELS[term.quantity])
        elif term.quantity in EXACT:
            found = _of_policies(sources.kept(setting, term.condition), term)
        elif term.quantity in AT:
            column = COLUMNS[term.quantity.removesuffix("_at")]
            found = sources.at(setting, term.condition, column, term.step)
        else:
            column = COLUMNS.get(term.quantity, COLUMNS["reward"])
            found = sources.final(setting, term.condition, column)
        found = self._judged(found)
        gains = np.zeros(0)
        if term.quantity in ("possible_gain", "steepness"):
            gains = sources.landscapes(setting, found.units)
        if term.quantity == "possible_gain":
            found = Values(found.units, gains)
        return _replicates(found, sources.listed.get(setting, 1), term, gains)

    def _judged(self, found: Values) -> Values:
        """Those that had no part in choosing a setting."""
        keep = found.units >= self._scope.chosen_on
        return Values(found.units[keep], found.values[keep])

    def _setting(self, term: Asked) -> str:
        """The setting of a term, or the best of several for it, on the seeds that choose."""
        among = self._scope.named(term.setting)
        condition = term.condition
        if len(among) == 1 or condition is None:
            return among[0]
        known = (condition, term.level, term.setting)
        if known not in self.chosen:
            counting = {name: self._worth(name, condition, term.level) for name in among}
            best = max(counting, key=counting.__getitem__)
            if np.isneginf(counting[best]):
                raise UserError(
                    f"no setting brings {condition.method} to {term.level:g} of the possible gain "
                    f"on {SEEN:.0%} of the landscapes; allowed: shares that one does"
                )
            self.chosen[known] = best
        return self.chosen[known]

    def _worth(self, setting: str, condition: Condition, level: float) -> float:
        """The mean that chooses a setting: of the reward; at equal reward, of the first measure."""
        if level:
            rows = self._crossed(setting, condition, level)
            if rows[MEASURES[0]].notna().mean() < SEEN:
                return -np.inf
            return float(rows.loc[rows["seed"] < self._scope.chosen_on, MEASURES[0]].mean())
        found = self._sources.final(setting, condition, COLUMNS["reward"])
        return float(found.values[found.units < self._scope.chosen_on].mean())


def _column(rows: pd.DataFrame, name: str) -> Values:
    return Values(rows["seed"].to_numpy(), rows[name].to_numpy(float))


def _of_policies(kept: pd.DataFrame, term: Asked) -> Values:
    """An expected reward, or the share of the single steps between two that lower it.

    Raises:
        UserError: no policies are kept there.
    """
    steps = np.sort(kept["step"].unique())
    if term.quantity == "expected_at":
        if term.step not in steps:
            raise UserError(
                f"no policy is kept after step {term.step}; allowed: {', '.join(map(str, steps))}"
            )
        return _column(kept[kept["step"] == term.step].sort_values("seed"), "reward")
    within = steps[(steps >= term.step) & (steps <= term.last)]
    single = within[:-1][np.diff(within) == 1]
    if not single.size:
        raise UserError(
            f"no policies are kept before and after a step from {term.step} to {term.last}; "
            f"allowed: steps among {', '.join(map(str, steps))}"
        )
    rewards = kept.pivot(index="seed", columns="step", values="reward").sort_index()
    fell = [rewards[step + 1] < rewards[step] - FALL for step in single]
    return Values(rewards.index.to_numpy(), np.mean(fell, axis=0))


def _replicates(found: Values, landscapes: int, term: Asked, gains: np.ndarray) -> Values:
    """Means, SDs or slopes on the gains over the landscapes of each replicate that has them all."""
    if landscapes == 1:
        if term.quantity in OVER_LANDSCAPES:
            raise UserError(
                f"{term.quantity}(...) is of a setting that lists landscapes; sd(...) and "
                "slope(...) are of units"
            )
        return found
    numbers, counts = np.unique(found.units // landscapes, return_counts=True)
    whole = numbers[counts == landscapes]
    keep = np.isin(found.units // landscapes, whole)
    table = found.values[keep].reshape(-1, landscapes)
    if term.quantity == "spread":
        return Values(whole, table.std(axis=1, ddof=term.ddof))
    if term.quantity == "steepness":
        apart = gains[keep].reshape(table.shape)
        apart = apart - apart.mean(axis=1, keepdims=True)
        return Values(whole, (table * apart).sum(axis=1) / (apart**2).sum(axis=1))
    return Values(whole, table.mean(axis=1))


def gains(landscape: Mapping, seeds: Sequence[int]) -> np.ndarray:
    """What there is to gain on the landscapes of cells, see `analysis.exact.possible_gain`.

    Args:
        landscape: the `landscape` group of a setting.
        seeds: of the cells.
    """
    from sdposim.analysis.exact import possible_gain
    from sdposim.model.landscape import landscape_seeds, make_landscape

    @cache
    def of(seed: int) -> float:
        return possible_gain(make_landscape(dict(landscape), seed))

    return np.array([of(int(seed)) for seed in landscape_seeds(dict(landscape), seeds)])
