"""One sentence about the first thing that is wrong, out of what Pydantic says."""

import math
import re
from collections.abc import Iterable
from typing import Any


def sentence(errors: list[dict], raw: dict, schema: dict) -> str:
    """What is wrong: the key, its value and what is allowed.

    Args:
        errors: from Pydantic's `ValidationError`.
        raw: the configuration as it was written.
        schema: the JSON schema of what is allowed.
    """
    location, label = _locate(errors[0], raw)
    if label is not None:
        # A key that takes one of several types has an error for each of them.
        prefix = errors[0]["loc"][:label]
        errors = [error for error in errors if error["loc"][:label] == prefix]
        fitting = [error for error in errors if not _is_other_type(error, label)]
        if not fitting:
            options = " or ".join(dict.fromkeys(map(allowed, errors)))
            return _refused(location, errors[0]["input"], options)
        errors = fitting
        location, _ = _locate(errors[0], raw)
    error = errors[0]
    kind = error["type"]
    if kind == "value_error":
        reason = _printable(str(error["ctx"]["error"]))
        return "configuration key " + (f"{dotted(location)}: {reason}" if location else reason)
    if kind == "extra_forbidden":
        known = _siblings(location, schema)
        return f"configuration key {dotted(location)} is unknown; allowed here: {known}"
    if kind == "missing":
        return f"configuration key {dotted(location)} is missing"
    return _refused(location, error["input"], allowed(error))


def _printable(text: str) -> str:
    """A reason may quote a key as it was typed."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _refused(location: list, value: Any, allowed: str) -> str:
    hint = ""
    if isinstance(value, str) and _looks_like_number(value) and "number" in allowed:
        hint = f" (this is text, because it is quoted or has no dot; write {_number(value)})"
    return (
        f"configuration key {dotted(location)}: {short(value)} is not allowed; "
        f"allowed: {allowed}{hint}"
    )


def allowed(error: dict) -> str:
    """What a key may hold, by one of Pydantic's errors."""
    text = _ALLOWED.get(error["type"], error["msg"][0].lower() + error["msg"][1:])
    return text.format(**error.get("ctx", {})) if error["type"] in _ALLOWED else text


def _is_other_type(error: dict, label: int) -> bool:
    return len(error["loc"]) == label + 1 and error["type"] in (
        "int_type",
        "int_from_float",
        "list_type",
        "literal_error",
    )


_ALLOWED = {
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "list_type": "a list",
    "literal_error": "{expected}",
    "too_short": "a list of at least {min_length} entry",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "string_pattern_mismatch": "a name of lower-case letters, digits, '_' and '-', the first of "
    "them not '-'",
    "string_too_long": "a name of at most {max_length} characters",
}


def _locate(error: dict, raw: Any) -> tuple[list, int | None]:
    """The keys that the user wrote, out of Pydantic's location.

    Pydantic's location also holds labels of union members, such as 'int', and '[key]'.

    Returns:
        The keys, and the position in Pydantic's location of the first label of a union.
    """
    result, label, current = [], None, raw
    for position, step in enumerate(error["loc"]):
        last = position == len(error["loc"]) - 1
        inside = (isinstance(current, dict) and step in current) or (
            isinstance(current, list) and isinstance(step, int) and step < len(current)
        )
        if inside:
            result.append(step)
            current = current[step]
        elif last and error["type"] == "missing":
            result.append(step)
        elif step != "[key]" and label is None:
            label = position
    return result, label


def dotted(location: list) -> str:
    """The keys joined by dots; a key that could be misread is quoted."""
    return ".".join(
        str(part) if re.fullmatch(r"[\w-]{1,64}", str(part), re.ASCII) else short(part)
        for part in location
    )


def _siblings(location: list, schema: dict) -> str:
    node = schema
    for part in location[:-1]:
        node = _resolve(schema, node)
        named = next(iter(node.get("patternProperties", {}).values()), {})
        node = node.get("properties", {}).get(part) or named
    return ", ".join(_resolve(schema, node).get("properties", {}))


def _resolve(schema: dict, node: dict) -> dict:
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].split("/")[-1]]
    return node


def _looks_like_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _number(text: str) -> str:
    value = float(text)
    return repr(int(value)) if text.strip().isdigit() else repr(value)


def short(value: Any) -> str:
    """A value as Python writes it, cut to 60 characters."""
    try:
        text = repr(value)
    except ValueError:
        # Python writes no number of more than some thousand digits.
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."


def some(names: Iterable[str]) -> str:
    """Names with commas; of so many that no sentence holds them, the first ones."""
    names = list(names)
    kept = len(names)
    while len(", ".join(names[:kept])) > LONGEST:
        kept -= 1
    more = len(names) - kept
    return ", ".join(names[:kept]) + (f" and {more} more" if more else "")


LONGEST = 700
"""Characters of a list of names."""
