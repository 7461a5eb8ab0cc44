"""The published values as figures and the comparison read them."""

from collections.abc import Mapping
from typing import Any

from sdposim.storage.errors import UserError


def check_keys(kind: str, published: Mapping | None, allowed: tuple[str, ...]) -> Mapping:
    """Return the published entries of a figure, `{}` for None.

    Raises:
      UserError: if there is an entry that this kind of figure cannot show; `allowed` may end in
        `*`.
    """
    published = published or {}
    for key in published:
        if not any(key == name or _starts(key, name) for name in allowed):
            raise UserError(
                f"published: figure kind {kind} cannot show {key!r}, only {', '.join(allowed)}"
            )
    return published


def without_noise(entry: Mapping | None, method: str, feedback: str, noise: float) -> float | None:
    """Return `entry[method][feedback]`, or None where the paper has no value or there is noise.

    The paper's tables are without noise, so a noisy cell has no counterpart in them.
    """
    if not entry or noise != 0:
        return None
    return entry.get(method, {}).get(feedback)


def from_json(value: Any) -> Any:
    """Undo what JSON does to keys that are numbers (noise levels): make them numbers again."""
    if isinstance(value, dict):
        return {_key(key): from_json(item) for key, item in value.items()}
    return value


def _starts(key: str, name: str) -> bool:
    return name.endswith("*") and key.startswith(name[:-1])


def _key(key: str) -> str | float:
    try:
        return float(key)
    except ValueError:
        return key
