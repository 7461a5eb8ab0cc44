"""The published values, config/published.yaml."""

import math
import re
from pathlib import Path
from typing import Any

from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.load import read_yaml

PATH = Path(__file__).parents[3] / "config" / "published.yaml"
"""This checkout's published values, whichever the working directory is."""
_NAME, _NUMBER = r"[a-z0-9_]+", r"[0-9.]+"


class _All(dict):
    """A shape whose keys must all be there."""


_SHAPES = {
    rf"table[0-9]+_{_NAME}": {_NAME: {_NAME: float}},
    "figure3_initial_entropy": float,
    rf"figure4_{_NAME}": {rf"{_NAME}_text_at_{_NUMBER}": float, _NAME: {_NUMBER: float}},
    "figure6_multi_seed": {_NAME: _All(mean=float, sd=float)},
    rf"hybrid_at_noise_{_NUMBER}": {
        "alpha_text": {_NAME: float},
        "alpha_figure": {"range": [float, float], "trend": str, _NAME: float},
        _NAME: {_NAME: {"reward": float, "entropy": float}},
    },
    ".*": object,
}
"""What stands under each key, the first pattern that fits it: a type, two numbers, or more keys."""


def read_published(path: str | Path = PATH) -> dict[str, Any]:
    """Read the published values.

    Raises:
        UserError: the file is missing, no YAML mapping, holds a key twice, or what stands under a
            key cannot be compared with a result.
    """
    values = read_yaml(path)
    _check(str(path), "", values, _SHAPES)
    return values


def _check(file: str, where: str, value: Any, shape: Any) -> None:
    def refuse(found: Any, allowed: str) -> None:
        raise UserError(f"{file}, key {where}: {found!r} is not allowed; allowed: {allowed}")

    if isinstance(shape, dict):
        if not isinstance(value, dict):
            refuse(value, "keys with values")
        for key in sorted(set(shape) - set(value)) if isinstance(shape, _All) else []:
            refuse(value, f"keys with values, {key} among them")
        for key, inner in value.items():
            fitting = [pattern for pattern in shape if re.fullmatch(pattern, str(key))]
            if not fitting:
                refuse(key, f"keys like {' or '.join(shape)}")
            _check(file, f"{where}.{key}".lstrip("."), inner, shape[fitting[0]])
    elif isinstance(shape, list):
        if not isinstance(value, list) or len(value) != len(shape):
            refuse(value, f"a list of {len(shape)} numbers")
        for inner, inner_shape in zip(value, shape, strict=True):
            _check(file, where, inner, inner_shape)
    elif shape is float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            refuse(value, "a finite number")
    elif not isinstance(value, shape):
        refuse(value, "text")


def entries(published: dict[str, Any], names: list[str], owner: str) -> dict[str, Any]:
    """The entries that a table or figure shows.

    Args:
        published: all published values.
        names: the entries wanted.
        owner: the configuration key that wants them, for the message.

    Raises:
        UserError: an entry does not exist.
    """
    for name in names:
        if name not in published:
            raise UserError(
                f"configuration key {owner}.published: {name!r} is not an entry of "
                f"config/published.yaml; allowed: {', '.join(published)}"
            )
    return {name: published[name] for name in names}
