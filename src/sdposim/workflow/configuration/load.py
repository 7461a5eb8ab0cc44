"""A configuration from files, without Snakemake: for commands and notebooks."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sdposim.storage.errors import UserError
from sdposim.storage.strict import Refused, StrictLoader
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate

DEFAULT = Path("config/config.yaml")


def load(overlays: Iterable[str | Path] = (), default: str | Path = DEFAULT) -> Config:
    """The configuration that `snakemake --configfile OVERLAYS` uses.

    Args:
        overlays: files with changes to the default one; the later ones win.
        default: the file that every run starts from.

    Raises:
        UserError: a file cannot be read, or the result is not allowed.
    """
    merged: dict[str, Any] = {}
    for path in (default, *overlays):
        merged = merge(merged, read_yaml(path))
    return validate(merged)


def merge(base: Any, changes: Mapping) -> Any:
    """Merge as Snakemake does: keys with values are merged, everything else is replaced.

    Empty `changes` change nothing, even where `base` is not keys with values.
    """
    if not changes:
        return base
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in changes.items():
        merged[key] = merge(merged.get(key, {}), value) if isinstance(value, Mapping) else value
    return merged


def read_yaml(path: str | Path) -> dict:
    """Read keys with values from a YAML or JSON file, as Snakemake does, but strictly.

    Raises:
        UserError: the file is missing, not valid YAML, holds a key twice, a number that YAML reads
            in another way than it looks, an anchor that contains itself, or no keys.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text: save it in that encoding") from None
    try:
        values = _parse(text)
    except Refused as error:
        raise UserError(f"{path}, {error}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = _short(" ".join(str(error).split()))
        raise UserError(f"{path} is not valid YAML: {reason}") from None
    except (AttributeError, IndexError, KeyError, TypeError):
        # PyYAML's own answers to a tag before a value of another kind, such as `!!bool 3`.
        reason = "a value does not fit the tag (!!...) before it"
        raise UserError(f"{path} is not valid YAML: {reason}") from None
    if values is None:
        raise UserError(
            f"{path} must hold keys with values, but is empty; write {{}} where it is to change "
            "nothing"
        )
    if not isinstance(values, dict):
        raise UserError(f"{path} must hold keys with values")
    return values


def _parse(text: str) -> Any:
    # JSON first, as Snakemake: 1e-1 is a number there, and text in YAML.
    try:
        return json.loads(text, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError):
        return yaml.load(text, StrictLoader)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict:
    """Leave a repeated key, and with it the line, to the YAML reader."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError
    return values


def _short(text: str) -> str:
    """A reason without its middle, if it quotes something long; the line stands near its end."""
    return text if len(text) <= 500 else f"{text[:250]} ... {text[-250:]}"
