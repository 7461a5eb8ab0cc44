"""Effects: what a test of a claim measures, as an expression of what the units end at.

    reward(sdpo, binary) - reward(reinforce, binary)
    1 - entropy(sdpo, critique) / entropy(reinforce, critique)
    sd(reward(sdpo, continuous)) - paper("figure6.sdpo.sd")

A call whose name is a quantity stands for the mean of that quantity over units; within `sd` and
`slope` for its values unit by unit. Numbers, + - * / and log are as in Python.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import NamedTuple

import numpy as np

Read = Callable[["Term"], np.ndarray]
"""From a term to its values, float64 (units,)."""
OVER_UNITS = ("sd", "slope")


class Term(NamedTuple):
    """A quantity of a cell: `reward(sdpo, continuous, 0.2)`, or with `setting=one_rollout`.

    Attributes:
        quantity: its name.
        arguments: names and numbers as they are written.
        options: by name.
    """

    quantity: str
    arguments: tuple[str, ...]
    options: tuple[tuple[str, str], ...] = ()


class Effect:
    """An expression that was checked.

    Attributes:
        text: as it is written.
        terms: the quantities in it, in order, each once.
        stated: the ids of the numbers of the paper in it.
        singly: whether a single unit has it, which has no SD and no slope.
    """

    def __init__(self, text: str) -> None:
        """Read an expression.

        Raises:
            ValueError: it is none; the message says what is allowed.
        """
        self.text = " ".join(text.split())
        try:
            self._tree = ast.parse(self.text, mode="eval").body
        except SyntaxError:
            raise ValueError(
                f"{self.text!r} is not an expression; allowed: quantities such as "
                "reward(sdpo, binary), numbers, + - * / and brackets"
            ) from None
        found = list(_terms(self._tree))
        self.terms = tuple(dict.fromkeys(one for one in found if isinstance(one, Term)))
        calls = (node.func for node in ast.walk(self._tree) if isinstance(node, ast.Call))
        self.singly = not any(isinstance(own, ast.Name) and own.id in OVER_UNITS for own in calls)
        self.stated = tuple(dict.fromkeys(one for one in found if isinstance(one, str)))

    def of(self, read: Read, stated: Mapping[str, float], counts: np.ndarray) -> np.ndarray:
        """The effect of samples of units.

        Args:
            read: the values of a term.
            stated: numbers of the paper by id.
            counts: float64 (samples, units), how often each unit is in a sample.

        Returns:
            float64 (samples,).
        """
        total = counts.sum(axis=-1)

        def mean(values: np.ndarray) -> np.ndarray:
            # One product after the other: equal values have equal means, to the last bit.
            return counts @ values / total

        def moment(values: np.ndarray, others: np.ndarray) -> np.ndarray:
            apart, also = values - values.mean(), others - others.mean()
            return counts @ (apart * also) - total * mean(apart) * mean(also)

        def value(node: ast.expr):
            match node:
                case ast.Call(func=ast.Name(id="sd"), args=[one]):
                    spread = by_unit(one)
                    return np.sqrt(np.maximum(moment(spread, spread), 0) / (total - 1))
                case ast.Call(func=ast.Name(id="slope"), args=[one, other]):
                    on = by_unit(other)
                    return moment(by_unit(one), on) / moment(on, on)
            return _evaluated(node, value, lambda term: mean(read(term)), stated)

        def by_unit(node: ast.expr) -> np.ndarray:
            return _evaluated(node, by_unit, read, stated) + np.zeros(counts.shape[-1])

        return np.asarray(value(self._tree), float) + np.zeros(counts.shape[0])

    def of_each(self, read: Read, stated: Mapping[str, float], units: int) -> np.ndarray:
        """The effect of every unit alone, float64 (units,); only where it is had `singly`."""

        def value(node: ast.expr):
            return _evaluated(node, value, read, stated)

        return np.asarray(value(self._tree), float) + np.zeros(units)


def _name(node: ast.expr) -> str:
    """A name or a number as it is written."""
    return ast.unparse(node).replace(" ", "")


def _terms(node: ast.expr) -> Iterator[Term | str]:
    match node:
        case ast.Constant(value=int() | float()):
            return
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div(), right=right):
            yield from _terms(left)
            yield from _terms(right)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield from _terms(operand)
        case ast.Call(func=ast.Name(id="log" | "sd"), args=[one], keywords=[]):
            yield from _terms(one)
        case ast.Call(func=ast.Name(id="slope"), args=[one, other], keywords=[]):
            yield from _terms(one)
            yield from _terms(other)
        case ast.Call(func=ast.Name(id="paper"), args=[ast.Constant(value=str(id))], keywords=[]):
            yield id
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=options) if name not in (
            *OVER_UNITS,
            "log",
            "paper",
        ) and all(map(_is_plain, [*arguments, *(option.value for option in options)])):
            yield _term(node)
        case _:
            raise ValueError(
                f"{ast.unparse(node)!r} is not allowed in an effect; allowed: quantities such as "
                "reward(sdpo, binary), paper('id'), sd, slope, log, numbers, + - * / and brackets"
            )


def _is_plain(node: ast.expr) -> bool:
    """Whether it is a name or a number."""
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    )


def _term(node: ast.Call) -> Term:
    options = tuple((str(option.arg), _name(option.value)) for option in node.keywords)
    return Term(_name(node.func), tuple(map(_name, node.args)), options)


def _evaluated(node: ast.expr, inner: Callable, term: Callable, stated: Mapping[str, float]):
    """The value of a sub-expression but for `sd` and `slope`; `inner` gives those within it."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.BinOp(left=left, op=op, right=right):
            return _OPERATORS[type(op)](inner(left), inner(right))
        case ast.UnaryOp(operand=operand):
            return -inner(operand)
        case ast.Call(func=ast.Name(id="log"), args=[one]):
            return np.log(inner(one))
        case ast.Call(func=ast.Name(id="paper"), args=[ast.Constant(value=id)]):
            return stated[id]
        case _:
            return term(_term(node))


_OPERATORS: dict[type, Callable] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}


def written(text: str, names: Mapping[str, str]) -> str:
    """A text whose placeholders `{name}` are filled.

    Raises:
        ValueError: a placeholder has no name, or a name no placeholder.
    """
    unused = [name for name in names if f"{{{name}}}" not in text]
    made = reduce(lambda made, name: made.replace(f"{{{name}}}", names[name]), names, text)
    if "{" in made:
        left = made[made.index("{") :].partition("}")[0] + "}"
        raise ValueError(f"{left} has no values; allowed: {', '.join(names) or 'none'}")
    if unused:
        raise ValueError(f"{unused[0]!r} is not in {text!r}; allowed: names that are")
    return made
