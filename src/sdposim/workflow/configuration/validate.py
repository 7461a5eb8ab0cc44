"""From a dictionary to a `Config`, or to one sentence about the first thing that is wrong."""

import copy
import math
import re
from typing import Any

from pydantic import ValidationError

from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.size import check_size

BASE_SETTING = "paper"
_DEEPEST = 100
"""Levels of nesting; the models have 7, and Python's own limit is reached at some hundred."""


def validate(raw: dict[str, Any]) -> Config:
    """Check a configuration as YAML gives it.

    Args:
        raw: the dictionary; every setting but `paper` may be partial.

    Raises:
        UserError: names the key, its value and what is allowed.
    """
    if not isinstance(raw, dict):
        raise UserError(f"the configuration is {_short(raw)}; allowed: keys with values")
    try:
        _check_keys(raw, [])
        merged = copy.deepcopy(raw)
        settings = merged.get("settings")
        if isinstance(settings, dict) and BASE_SETTING in settings:
            base = settings[BASE_SETTING]
            merged["settings"] = {
                name: base if name == BASE_SETTING else _merge(base, override)
                for name, override in settings.items()
            }
        elif isinstance(settings, dict):
            raise UserError(
                f"configuration key settings: {_short(sorted(settings))} lacks the setting "
                f"'{BASE_SETTING}', from which all others start"
            )
        config = Config.model_validate(merged)
    except ValidationError as error:
        raise UserError(_sentence(error.errors(include_url=False), merged)) from None
    except (RecursionError, OverflowError):
        raise UserError(
            "the configuration is nested too deeply or holds too large a number"
        ) from None
    check_size(config)
    return config


def _check_keys(value: Any, location: list) -> None:
    """Keys must be text, as YAML also reads numbers, dates and null as keys; and not too deep."""
    if len(location) > _DEEPEST:
        raise UserError(
            f"configuration key {_dotted(location[:4])}: a value nested more than {_DEEPEST} "
            "levels deep is not allowed; allowed: the keys of config/README.md"
        )
    if isinstance(value, list):
        for position, item in enumerate(value):
            _check_keys(item, [*location, position])
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if not isinstance(key, str):
            raise UserError(
                f"configuration key {_dotted([*location, key])}: the key {_short(key)} is not "
                "allowed; allowed: text (put it in quotes)"
            )
        _check_keys(item, [*location, key])


def _merge(base: Any, override: Any) -> Any:
    if isinstance(base, dict) and isinstance(override, dict):
        merged = dict(base)
        for key, value in override.items():
            merged[key] = _merge(base[key], value) if key in base else value
        return merged
    return override


def _sentence(errors: list[dict], raw: dict) -> str:
    location, label = _locate(errors[0], raw)
    if label is not None:
        # A key that takes one of several types has an error for each of them.
        prefix = errors[0]["loc"][:label]
        errors = [error for error in errors if error["loc"][:label] == prefix]
        fitting = [error for error in errors if not _is_other_type(error, label)]
        if not fitting:
            allowed = " or ".join(dict.fromkeys(map(_allowed, errors)))
            return _not_allowed(location, errors[0]["input"], allowed)
        errors = fitting
        location, _ = _locate(errors[0], raw)
    error = errors[0]
    kind = error["type"]
    if kind == "value_error":
        reason = str(error["ctx"]["error"])
        return "configuration key " + (f"{_dotted(location)}: {reason}" if location else reason)
    if kind == "extra_forbidden":
        return (
            f"configuration key {_dotted(location)} is unknown; allowed here: {_siblings(location)}"
        )
    if kind == "missing":
        return f"configuration key {_dotted(location)} is missing"
    return _not_allowed(location, error["input"], _allowed(error))


def _not_allowed(location: list, value: Any, allowed: str) -> str:
    hint = ""
    if isinstance(value, str) and _looks_like_number(value) and "number" in allowed:
        hint = f" (this is text, because it is quoted or has no dot; write {_number(value)})"
    return (
        f"configuration key {_dotted(location)}: {_short(value)} is not allowed; "
        f"allowed: {allowed}{hint}"
    )


def _allowed(error: dict) -> str:
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
    found, label, current = [], None, raw
    for position, step in enumerate(error["loc"]):
        last = position == len(error["loc"]) - 1
        inside = (isinstance(current, dict) and step in current) or (
            isinstance(current, list) and isinstance(step, int) and step < len(current)
        )
        if inside:
            found.append(step)
            current = current[step]
        elif last and error["type"] == "missing":
            found.append(step)
        elif step != "[key]" and label is None:
            label = position
    return found, label


def _dotted(location: list) -> str:
    """The keys joined by dots; a key that could be misread is quoted."""
    return ".".join(
        str(part) if re.fullmatch(r"[\w-]{1,64}", str(part), re.ASCII) else _short(part)
        for part in location
    )


def _siblings(location: list) -> str:
    schema = Config.model_json_schema()
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


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except ValueError:
        # Python writes no number of more than some thousand digits.
        return "a number of thousands of digits"
    return text if len(text) <= 60 else text[:57] + "..."
