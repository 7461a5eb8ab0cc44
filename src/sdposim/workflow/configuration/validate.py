"""From a dictionary to a `Config`, or to one sentence about the first thing that is wrong."""

import copy
from functools import cache
from typing import Any

from pydantic import ValidationError

from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.sentences import dotted, sentence, short
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
        raise UserError(f"the configuration is {short(raw)}; allowed: keys with values")
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
                f"configuration key settings: {short(sorted(settings))} lacks the setting "
                f"'{BASE_SETTING}', from which all others start"
            )
        config = Config.model_validate(merged)
    except ValidationError as error:
        raise UserError(sentence(error.errors(include_url=False), merged, _schema())) from None
    except (RecursionError, OverflowError):
        raise UserError(
            "the configuration is nested too deeply or holds too large a number"
        ) from None
    check_size(config)
    return config


@cache
def _schema() -> dict[str, Any]:
    return Config.model_json_schema()


def _check_keys(value: Any, location: list) -> None:
    """Keys must be text, as YAML also reads numbers, dates and null as keys; and not too deep."""
    if len(location) > _DEEPEST:
        raise UserError(
            f"configuration key {dotted(location[:4])}: a value nested more than {_DEEPEST} "
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
                f"configuration key {dotted([*location, key])}: the key {short(key)} is not "
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
