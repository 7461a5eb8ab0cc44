"""The paper's numbers as rows, and the run that each of them is of: pure data."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sdposim.storage.errors import UserError

FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
BASELINES = ("reinforce", "adv_weighted")
METHODS = ("sdpo", *BASELINES)
TABLES = {
    "table 1": ("table1_final_reward", "reward"),
    "table 2": ("table2_credit_correlation", "correlation"),
    "table 3": ("table3_final_entropy", "entropy"),
}
INITIAL, REWARDS, CREDIT = (
    "figure3_initial_entropy",
    "figure4_reward_vs_noise",
    "figure4_credit_vs_noise",
)
HYBRID, FIGURE6 = "hybrid_at_noise_0.2", "figure6_multi_seed"
NOISE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
HYBRID_NOISE = 0.2
SOURCES = (*TABLES, "figure 3", "figure 4", "section 3.5", "figure 6")

_ROUNDED = 0.001**2 / 12
"""Variance of rounding to three decimals."""
_READ = 0.002**2
"""Variance of a value that was read off a figure."""
_READ_COARSELY = _READ + 0.01**2 / 12
"""The same, of a value that was noted with two decimals."""
LANDSCAPES = 5
"""Of figure 6."""
EVERY = -1
"""The place of a number that is of all landscapes of figure 6."""


class Condition(NamedTuple):
    """What runs have in common but their seed.

    Attributes:
        method, feedback, noise: of the cells; a baseline's are those of `of_baseline`.
        place: of the landscape in figure 6's list, or `EVERY`. The tables' is the first.
    """

    method: str
    feedback: str
    noise: float
    place: int


class Fact(NamedTuple):
    """A published number.

    Attributes:
        source: one of `SOURCES`.
        method, feedback, noise: as the paper labels it.
        statistic: `reward`, `entropy`, `correlation`, `initial_entropy`; of figure 6 `mean`, `sd`.
        value: as published.
        error: variance of its rounding, or of reading it off a figure.
        condition: that of its run.
        run: numbers of one run have the same.
    """

    source: str
    method: str
    feedback: str
    noise: float
    statistic: str
    value: float
    error: float
    condition: Condition
    run: int


PARTS: dict[str, Callable[[Fact], bool]] = {
    "rewards of tables": lambda fact: fact.source == "table 1",
    "correlations of tables": lambda fact: fact.source == "table 2",
    "entropies": lambda fact: fact.statistic == "entropy",
    "rewards of figure 4 and section 3.5": lambda fact: (
        fact.source in ("figure 4", "section 3.5") and fact.statistic == "reward"
    ),
    "figure 6": lambda fact: fact.source == "figure 6",
    "all": lambda fact: True,
}
"""Of a baseline's numbers."""


def condition(method: str, feedback: str, noise: float, place: int = 0) -> Condition:
    """The condition of a cell; a baseline sees the reward itself, whatever the feedback."""
    if method in BASELINES:
        feedback, noise = FEEDBACKS[0], 0.0
    return Condition(method, feedback, noise, place)


def needed(published: dict) -> dict:
    """The published numbers that a joint fit reads, and no others: nothing else reruns it.

    Raises:
        UserError: names an entry that is missing.
    """

    def taken(keys: tuple) -> object:
        value: object = published
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                raise UserError(
                    f"config/published.yaml lacks {'.'.join(map(str, keys))}, which a joint fit "
                    "reads"
                )
            value = value[key]
        return value

    return {"/".join(map(str, keys)): taken(keys) for keys in _entries()}


def _entries() -> Iterator[tuple]:
    for name, _ in TABLES.values():
        yield from ((name, method, feedback) for method in METHODS for feedback in FEEDBACKS)
    yield (INITIAL,)
    yield from ((REWARDS, method, noise) for method in METHODS for noise in NOISE)
    yield (CREDIT, "sdpo", NOISE[-1])
    for feedback in ("continuous", "critique"):
        for method in ("hybrid", "sdpo", "reinforce"):
            yield from ((HYBRID, feedback, method, key) for key in ("reward", "entropy"))
    yield from ((FIGURE6, method, key) for method in METHODS for key in ("mean", "sd"))


def facts(numbers: dict) -> tuple[Fact, ...]:
    """Every published number that is fitted, from `needed`; those of one run follow each other.

    Figure 4's SDPO without noise is table 1's run, and so is left out. A baseline's columns and
    points are different runs of one condition: their values differ.
    """
    rows: list[Fact] = []

    def add(source, cell, statistic, keys, error, new=True, place=0):
        run = rows[-1].run + new if rows else 0
        value = float(numbers["/".join(map(str, keys))])
        rows.append(
            Fact(source, *cell, statistic, value, error, condition(*cell, place=place), run)
        )

    for method in METHODS:
        for feedback in FEEDBACKS:
            cell = (method, feedback, 0.0)
            for place, (source, (name, statistic)) in enumerate(TABLES.items()):
                keys = (name, method, feedback)
                add(source, cell, statistic, keys, _ROUNDED, new=place == 0)
            if (method, feedback) == ("sdpo", "continuous"):
                add("figure 3", cell, "initial_entropy", (INITIAL,), _READ, new=False)
        for noise in NOISE[method == "sdpo" :]:
            cell = (method, "continuous", noise)
            add("figure 4", cell, "reward", (REWARDS, method, noise), _READ)
        if method == "sdpo":
            keys = (CREDIT, "sdpo", NOISE[-1])
            add("figure 4", cell, "correlation", keys, _READ_COARSELY, new=False)
    for feedback in ("continuous", "critique"):
        for method in ("hybrid", "sdpo", "reinforce"):
            cell = (method, feedback, HYBRID_NOISE)
            for key in ("reward", "entropy"):
                keys = (HYBRID, feedback, method, key)
                add("section 3.5", cell, key, keys, _ROUNDED, new=key == "reward")
    for method in METHODS:
        cell = (method, "continuous", 0.0)
        for key in ("mean", "sd"):
            add("figure 6", cell, key, (FIGURE6, method, key), _ROUNDED, place=EVERY)
    return tuple(rows)


def conditions(rows: tuple[Fact, ...]) -> tuple[Condition, ...]:
    """The conditions of which the facts are runs, each once."""
    found: dict[Condition, None] = {}
    for fact in rows:
        own = fact.condition
        places = range(LANDSCAPES) if own.place == EVERY else (own.place,)
        found |= {own._replace(place=place): None for place in places}
    return tuple(found)
