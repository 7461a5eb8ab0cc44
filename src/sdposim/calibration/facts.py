"""The paper's numbers as rows, and the run that each of them is of: pure data."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sdposim.analysis.published import Value, needed

FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
BASELINES = ("reinforce", "adv_weighted")
METHODS = ("sdpo", *BASELINES)
TABLES = {"table1": "reward", "table2": "correlation", "table3": "entropy"}
SEARCHED = ("reward", "entropy", "correlation")
"""The statistics of tables 1 to 3, in the order of a log's metrics."""
NOISE = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
HYBRID_NOISE = 0.2
WEIGHTS = (
    ("first step, continuous", "initial", "continuous"),
    ("first step, critique", "initial", "critique"),
    ("lowest of both curves", "minimum", ""),
    ("highest of both curves", "maximum", ""),
)
"""What figure 5 shows of the hybrid's weight: text, and statistic and feedback of the value."""
_SEARCH, _FIT = "an identification", "a joint fit"
"""Who asks for numbers, in messages."""
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
        source: where it stands, such as `table 1`.
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
_COLUMNS = {
    "correlation": ("credit_correlation", "final"),
    "initial_entropy": ("entropy", "initial"),
    "mean": ("reward", "mean"),
    "sd": ("reward", "sd"),
}
"""Quantity and statistic of the paper's values, by the fact's statistic, where these differ."""


def condition(method: str, feedback: str, noise: float, place: int = 0) -> Condition:
    """The condition of a cell; a baseline sees the reward itself, whatever the feedback."""
    if method in BASELINES:
        feedback, noise = FEEDBACKS[0], 0.0
    return Condition(method, feedback, noise, place)


def table_values(values: Iterable[Value]) -> list[Value]:
    """The numbers of tables 1 to 3 that a search for landscapes fits: SDPO's, then REINFORCE's.

    A feedback after the other, `SEARCHED` in turn; nothing else reruns the search.

    Raises:
        UserError: one is missing.
    """
    places = {statistic: table for table, statistic in TABLES.items()}
    return [
        needed(values, _SEARCH, where=places[statistic], method=method, feedback=feedback)
        for method in ("sdpo", "reinforce")
        for feedback in FEEDBACKS
        for statistic in SEARCHED
    ]


def figure6_values(values: Iterable[Value]) -> list[Value]:
    """Mean and SD of each of `METHODS`.

    Raises:
        UserError: one is missing.
    """
    return [
        needed(values, _SEARCH, where="figure6", method=method, statistic=statistic)
        for method in METHODS
        for statistic in ("mean", "sd")
    ]


def weight_values(values: Iterable[Value]) -> list[Value]:
    """What figure 5 shows of the hybrid's weight, in the order of `WEIGHTS`: no fit uses it.

    Raises:
        UserError: one is missing.
    """
    cell = {"quantity": "hybrid_weight", "method": "hybrid", "noise": HYBRID_NOISE}
    return [
        needed(values, _FIT, where="figure5", statistic=statistic, feedback=feedback, **cell)
        for _, statistic, feedback in WEIGHTS
    ]


class _Wanted(NamedTuple):
    """A published number that is fitted: what tells it from the others, and which run it is of.

    Attributes:
        table: or figure, or section.
        method, feedback, noise, statistic: as in `Fact`.
        new: whether it is of another run than the number before it.
        place: as in `Condition`.
    """

    table: str
    method: str
    feedback: str
    noise: float
    statistic: str
    new: bool = True
    place: int = 0


def fitted_values(values: Iterable[Value]) -> list[Value]:
    """The numbers of the paper that are fitted, and no others: nothing else reruns a fit.

    Raises:
        UserError: one is missing.
    """
    return [_value(values, one) for one in _wanted()]


def _value(values: Iterable[Value], one: _Wanted) -> Value:
    quantity, statistic = _COLUMNS.get(one.statistic, (one.statistic, "final"))
    # Figure 3's curves start together: its number is of all methods.
    method = "" if statistic == "initial" else one.method
    cell = {"method": method, "feedback": one.feedback, "noise": one.noise}
    own = {"where": one.table, "quantity": quantity, "statistic": statistic}
    return needed(values, _FIT, **own, **cell)


def _wanted() -> Iterator[_Wanted]:
    """Those of one run follow each other, and all but its first one are not `new`.

    Figure 4's SDPO without noise is table 1's run, and so is left out. A baseline's columns and
    points are different runs of one condition: their values differ.
    """
    for method in METHODS:
        for feedback in FEEDBACKS:
            cell = (method, feedback, 0.0)
            for table, statistic in TABLES.items():
                yield _Wanted(table, *cell, statistic, new=table == "table1")
            if (method, feedback) == ("sdpo", "continuous"):
                yield _Wanted("figure3", *cell, "initial_entropy", new=False)
        for noise in NOISE[method == "sdpo" :]:
            yield _Wanted("figure4", method, "continuous", noise, "reward")
        if method == "sdpo":
            yield _Wanted("figure4", method, "continuous", noise, "correlation", new=False)
    for feedback in ("continuous", "critique"):
        for method in ("hybrid", "sdpo", "reinforce"):
            for statistic in ("reward", "entropy"):
                cell = (method, feedback, HYBRID_NOISE)
                yield _Wanted("section3.5", *cell, statistic, new=statistic == "reward")
    for method in METHODS:
        for statistic in ("mean", "sd"):
            yield _Wanted("figure6", method, "continuous", 0.0, statistic, place=EVERY)


def facts(values: Iterable[Value]) -> tuple[Fact, ...]:
    """Every published number that is fitted, from those of `fitted_values`, in their order."""
    rows, run = [], -1
    for value, one in zip(values, _wanted(), strict=True):
        run += one.new
        cell = (one.method, one.feedback, one.noise)
        own = condition(*cell, place=one.place)
        rows.append(Fact(value.label, *cell, one.statistic, value.value, value.variance, own, run))
    return tuple(rows)


def conditions(rows: tuple[Fact, ...]) -> tuple[Condition, ...]:
    """The conditions of which the facts are runs, each once."""
    result: dict[Condition, None] = {}
    for fact in rows:
        own = fact.condition
        places = range(LANDSCAPES) if own.place == EVERY else (own.place,)
        result |= {own._replace(place=place): None for place in places}
    return tuple(result)
