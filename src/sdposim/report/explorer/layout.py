"""How the kernel is called: its arguments one by one, as a page must lay them out in memory.

Everything is read off the arguments that `model.cells` makes: an array's shape is told by the names
of its axes, which are found by making arguments of several sizes.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from sdposim.model import cells, parts
from sdposim.model.landscape import KEYED
from sdposim.model.metrics import METRICS
from sdposim.model.numerics.randomness import Purpose
from sdposim.model.policy import AUTOREGRESSIVE, FACTORED
from sdposim.model.workspace import LANES

ARGUMENTS = (
    "keys", "landscape", "deviates", "scales", "run", "update", "judge", "work", "row_ends",
    "taken", "logs", "snapshots", "stopped",
)  # fmt: skip
"""Those of `loop.train_cells`, in its order."""
_GIVEN = {
    "keys": ("cells", len(Purpose) + 1, 2),
    "row_ends": ("rows",),
    "taken": ("kept",),
    "logs": ("cells", "rows", len(METRICS)),
    "snapshots": ("cells", "kept", "C", "V"),
    "stopped": (2,),
}
AXES: dict[str, Callable[[dict], int]] = {
    "T": lambda own: own["T"],
    "V": lambda own: own["V"],
    "C": lambda own: own["C"],
    "n": lambda own: own["n"],
    "lanes": lambda own: _lanes(own),
    "CV": lambda own: own["C"] * own["V"],
    "TV": lambda own: own["T"] * own["V"],
    "VV": lambda own: own["V"] ** 2,
    "V+7": lambda own: own["V"] + 7,
    "pairs": lambda own: own["V"] * ((own["n"] + 1) // 2),
    "table": lambda own: _table(own),
    "chances": lambda own: (
        _table(own) // (own["V"] + 1) if own["coalitions"] and own["C"] > own["T"] else 1
    ),
    "gram": lambda own: own["n"] if own["gram"] else 1,
}
"""Sizes that an axis can have, of T, V, C, n, the levels of a feedback, and which tables a method
asks for. page/memory.js has the same."""


def _lanes(own):
    return -(-max(own["n"], own["levels"]) // LANES) * LANES


def _table(own):
    return (own["V"] + 1) ** own["T"] if own["coalitions"] else 1


def example() -> tuple:
    """Arguments of `train_cells` with all parts, for their types."""
    return _arguments(_PROBES[0])


def layout() -> list[dict[str, Any]]:
    """The kernel's arguments, each `path`, `type` and, of an array, `axes`: names, or numbers.

    Types are those of NumPy, or `bool`, `int` and `float`.

    Raises:
        ValueError: an array has an axis that is none of `AXES`.
    """
    probes = [list(_leaves(_arguments(own))) for own in _PROBES]
    made = []
    for same in zip(*probes, strict=True):
        path, first = same[0]
        if not isinstance(first, np.ndarray):
            made.append({"path": path, "type": type(first).__name__})
            continue
        shapes = [leaf.shape for _, leaf in same]
        axes = _GIVEN.get(path) or tuple(_axis(path, own) for own in zip(*shapes, strict=True))
        made.append({"path": path, "type": first.dtype.name, "axes": list(axes)})
    return made


def _axis(path: str, sizes: tuple[int, ...]) -> str | int:
    """What an axis is that has these sizes in the probes."""
    if len(set(sizes)) == 1:
        return sizes[0]
    for name, size in AXES.items():
        if all(size(own) == known for own, known in zip(_PROBES, sizes, strict=True)):
            return name
    raise ValueError(f"{path} has an axis of {sizes} in {_PROBES}; allowed: {', '.join(AXES)}")


def _leaves(arguments: tuple) -> Iterator[tuple[str, Any]]:
    """The arguments one by one, with their paths."""
    for name, value in zip(ARGUMENTS, arguments, strict=True):
        yield from _within(name, value)


def _within(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, tuple):
        for name in value._fields:
            yield from _within(f"{path}.{name}", getattr(value, name))
    else:
        yield path, value


def _asking(what: str) -> dict:
    """A composition with a part that asks for a table."""
    return next(
        {part.slot: part.name}
        for slot in parts.UPDATE
        for part in parts.parts(slot).values()
        if what in part.sees
    )


def _arguments(own: dict) -> tuple:
    settings = {
        "landscape": {
            "vocabulary_size": own["V"],
            "sequence_length": own["T"],
            "seed": 0,
            "generator": KEYED,
            "quality_sd": 1.0,
            "bigram_sd": 1.0,
            "pattern_weight": 1.0,
        },
        "policy": {
            "initial_logit_sd": 1.0,
            "context": FACTORED if own["C"] == own["T"] else AUTOREGRESSIVE,
        },
        "training": {"steps": 1, "rollouts": own["n"], "learning_rate": 1.0},
    }
    method = {}
    for table in ("coalitions", "gram"):
        method |= _asking(table) if own[table] else {}
    feedback = {"noise": "gaussian", "scale": {"likert": {"levels": own["levels"]}}}
    keys = cells.cell_keys(settings, np.zeros(1, np.int64))
    inputs = cells.kernel_inputs(settings, method, feedback, 1.0)
    steps = cells.every_step(1)
    logs, snapshots = np.zeros((1, 1, len(METRICS))), np.zeros((1, 1, own["C"], own["V"]))
    return keys, *inputs, steps, steps, logs, snapshots, np.zeros(2, np.int64)


def _probe(length, vocabulary, rows, count, levels, asked=""):
    return {
        "T": length,
        "V": vocabulary,
        "C": length * rows,
        "n": count,
        "levels": levels,
        "coalitions": asked == "coalitions",
        "gram": asked == "gram",
    }


_PROBES = (
    _probe(3, 5, 1, 9, 4),
    _probe(2, 7, 7, 4, 19, "coalitions"),
    _probe(4, 3, 1, 35, 2, "gram"),
    _probe(3, 4, 1, 21, 5, "coalitions"),
)
