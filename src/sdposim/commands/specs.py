"""The specs that rules give to commands: JSON, checked at the top level."""

import json
from collections.abc import Collection
from types import NoneType, UnionType
from typing import Any, get_args

from sdposim.storage.errors import UserError

STANDARD_INPUT = "standard input"
_WORDS = {
    int: "a whole number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "keys with values",
    NoneType: "null",
}


def parse(
    text: str, source: str = "--spec", **needed: type | UnionType | Collection[str]
) -> dict[str, Any]:
    """A spec as a dictionary; keys that are not needed are allowed.

    Args:
        text: the spec.
        source: where it came from, for the message.
        needed: what each key must hold: a type, a union of types, or the allowed texts.

    Raises:
        UserError: the text is no JSON object, or a key is missing or holds something else.
    """
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{source} is not JSON: {error}") from None
    if not isinstance(spec, dict):
        raise UserError(f"{source}: {_short(spec)} is not allowed; allowed: keys with values")
    for key, kind in needed.items():
        if key not in spec:
            raise UserError(f"{source} lacks the key {key!r}; allowed: {_allowed(kind)}")
        if not _fits(spec[key], kind):
            raise UserError(
                f"{source}, key {key!r}: {_short(spec[key])} is not allowed; allowed: "
                f"{_allowed(kind)}"
            )
    return spec


def _fits(value: Any, kind: type | UnionType | Collection[str]) -> bool:
    if not isinstance(kind, type | UnionType):
        return isinstance(value, str) and value in kind
    # 1 is a number too, and Python takes true for 1.
    kind = int | float if kind is float else kind
    return isinstance(value, kind) and not isinstance(value, bool)


def _allowed(kind: type | UnionType | Collection[str]) -> str:
    if isinstance(kind, type | UnionType):
        return " or ".join(_WORDS[option] for option in get_args(kind) or [kind])
    return ", ".join(kind)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
