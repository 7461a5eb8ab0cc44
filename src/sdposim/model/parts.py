"""Parts: what methods and judges are composed of.

A slot is a folder of this package, and a part of it is a file: a function of the file's name in the
subset of Python that `numerics.jit` compiles, with its equation and source in the docstring, and
what it reads. From that follow the kernel's codes and numbers, the keys of a setting, and what a
training job depends on. The file defines

- the function, which takes its settings first where it has any, and then what its slot gives, see
  the slot's `__init__`;
- `Settings`, a subclass of `Settings`, where it has any;
- `begin`, a function that is called once a step before the slot's own, see the slot's `__init__`;
- `SEES`, if it needs more than the policy and the rewards: `feedback`, `quality`, the true q,
  `teacher`, what a teacher says of the rollouts' tokens, or the tables `coalitions` and `gram` of
  a `Workspace`;
- `QUICK`, of a teacher's parts, if teachers can be computed by feedback, not by rollout: what
  `terms.distilled` calls in the place of the function, or True;
- `FACTORED`, if it is for factored policies only;
- `COST`, nanoseconds for each step, rollout, position and token, on the machine of
  `workflow.costs`; a divergence's are per teacher instead of per rollout;
- `LEVELS`, a scale's number of values, or the name of the parameter that is this number; each
  rollout has a value of its own without it.
"""

import os
from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from inspect import get_annotations
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from sdposim.model.numerics.jit import jit

UPDATE = (
    "signal", "advantage", "credit", "base", "guidance", "pooling", "divergence", "horizon",
    "routing", "blend", "regulariser", "preconditioner",
)  # fmt: skip
"""The slots of a method, in `model/update`."""
JUDGE = ("bias", "noise", "scale", "hints")
"""The slots of a judge, in `model/judge`."""
SLOTS = (*UPDATE, *JUDGE)
PAPER = frozenset(
    ("batch_mean", "sequence", "quality_share", "live", "oracle", "forward_kl", "gate", "pull",
     "gaussian", "threshold", "likert", "interval", "normal")
)  # fmt: skip
"""The paper's parts, of which there is a kernel of its own, see `kernel`."""
ALL = "all"
WHOLE = os.environ.get("SDPOSIM_PARTS", ALL) == ALL
"""Whether this process has all parts; the one that compiles the paper's kernel says `paper`."""
_FOLDERS = dict.fromkeys(UPDATE, "update") | dict.fromkeys(JUDGE, "judge")


class Field(NamedTuple):
    """A parameter of a part: its default, its documentation, and limits such as `ge`."""

    default: Any
    description: str
    limits: dict[str, float]


def field(default: Any, description: str, **limits: float) -> Any:
    """Declare a parameter of a part.

    Args:
        default: its value where a setting does not say another.
        description: for the documentation of the configuration.
        limits: as Pydantic names them: `ge`, `gt`, `le`, `lt`.
    """
    return Field(default, description, limits)


class Settings:
    """Base of the parameters of a part: annotated names with a `field` each.

    A parameter is a `float`, an `int`, a `bool` or a `Literal` of texts, which the kernel gets as
    the place among them.
    """

    @classmethod
    @cache
    def kinds(cls) -> dict[str, Any]:
        """The type of each parameter."""
        return get_annotations(cls)

    @classmethod
    def fields(cls) -> list[tuple[str, Any, Field]]:
        """The name, the type and the declaration of each parameter."""
        return [(name, kind, getattr(cls, name)) for name, kind in cls.kinds().items()]

    @classmethod
    @cache
    def defaults(cls) -> dict[str, Any]:
        """The default of each parameter."""
        return {name: declared.default for name, _, declared in cls.fields()}

    @classmethod
    def code(cls, name: str, option: str) -> int:
        """The number that the kernel gets for an option of a parameter."""
        return get_args(cls.kinds()[name]).index(option)

    @classmethod
    def packed(cls, values: dict[str, Any]) -> tuple:
        """Values of all parameters as a named tuple of numbers."""
        numbers = (_number(kind, values[name]) for name, kind in cls.kinds().items())
        return _tuple(cls.__module__.rpartition(".")[2], *cls.kinds())(*numbers)

    @classmethod
    @cache
    def packed_defaults(cls) -> tuple:
        """The defaults of all parameters, likewise."""
        return cls.packed(cls.defaults())


def _number(kind, value):
    if get_origin(kind) is Literal:
        return get_args(kind).index(value)
    return kind(value)


class Part(NamedTuple):
    """What a file of a slot declares."""

    slot: str
    name: str
    function: Callable
    begin: Callable | None
    settings: type[Settings] | None
    sees: tuple[str, ...]
    quick: Callable | bool
    factored: bool
    cost: float
    levels: int | str | None
    module: str


@cache
def parts(slot: str) -> dict[str, Part]:
    """The parts of a slot by name, in the order of the kernel's codes: the paper's first.

    So what else there is changes no code in the paper's kernel.
    """
    folder = f"sdposim.model.{_FOLDERS[slot]}.{slot}"
    files = Path(__file__).parent.joinpath(_FOLDERS[slot], slot).glob("[!_]*.py")
    return {
        name: _part(slot, name, import_module(f"{folder}.{name}"))
        for name in sorted(
            (file.stem for file in files), key=lambda name: (name not in PAPER, name)
        )
    }


def _part(slot: str, name: str, module: ModuleType) -> Part:
    return Part(
        slot=slot,
        name=name,
        function=getattr(module, name),
        begin=getattr(module, "begin", None),
        settings=getattr(module, "Settings", None),
        sees=getattr(module, "SEES", ()),
        quick=getattr(module, "QUICK", False),
        factored=getattr(module, "FACTORED", False),
        cost=getattr(module, "COST", 0.0),
        levels=getattr(module, "LEVELS", None),
        module=module.__name__,
    )


def modules(whole: bool = True) -> list[str]:
    """The modules of all parts, or of the paper's."""
    return [
        part.module
        for slot in _FOLDERS
        for name, part in parts(slot).items()
        if whole or name in PAPER
    ]


def code(slot: str, name: str) -> int:
    """The number of a part in the kernel."""
    return list(parts(slot)).index(name)


def packed(slots: Sequence[str], values: dict[str, dict], whole: bool = True) -> tuple:
    """The settings of all parts of slots as a named tuple of named tuples, by part.

    Args:
        slots: names of slots.
        values: the parameters of parts, by part; the others get their defaults.
        whole: of all parts; else of the paper's.
    """
    owners = _owners(tuple(slots), whole)
    made = [
        own.packed(own.defaults() | values[name]) if name in values else own.packed_defaults()
        for name, own in owners.items()
    ]
    return _tuple("Settings", *owners)(*made)


@cache
def _owners(slots: tuple[str, ...], whole: bool) -> dict[str, type[Settings]]:
    """The settings of all parts of slots that have any, or of the paper's, by part."""
    return {
        name: part.settings
        for slot in slots
        for name, part in parts(slot).items()
        if part.settings and (whole or name in PAPER)
    }


@cache  # making a class takes as long as training a cell
def _tuple(name: str, *fields: str):
    return namedtuple(name, fields)


def switch(slot: str, *arguments: str, form: str = "function") -> Callable:
    """A kernel function (code, settings, *arguments) that calls the part of a slot with a code.

    `settings` is what `packed` gives. Where only the paper's parts are compiled, it knows no other;
    without any it returns 0. Plain comparisons, which the compiler turns into jumps: an
    array of functions could not be compiled into the kernel.

    Args:
        slot: its name.
        arguments: their names.
        form: what to call, `begin` or `quick` of those parts that have it.
    """
    functions = {
        part.name: getattr(part, form)
        for part in parts(slot).values()
        if WHOLE or part.name in PAPER
    }
    lines = [f"def choose(code, settings, {', '.join(arguments)}):"]
    for number, part in enumerate(parts(slot).values()):
        if functions.get(part.name):
            own = [f"settings.{part.name}"] if part.settings else []
            call = f"return {part.name}({', '.join([*own, *arguments])})"
            lines += [f"    if code == {number}:", f"        {call}"]
    if len(lines) == 1:
        lines.append("    return 0.0")
    elif form != "begin":
        lines[-2:] = [lines[-1][4:]]  # the last one is what is left
    exec(compile("\n".join(lines), f"<switch of {slot}>", "exec"), functions)
    return jit(functions["choose"])
