"""A configuration from files, without Snakemake: for commands and notebooks."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from sdposim.configuration.models import Config
from sdposim.configuration.validate import validate
from sdposim.errors import UserError

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
    except _Refused as error:
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
        return yaml.load(text, _Strict)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict:
    """Leave a repeated key, and with it the line, to the YAML reader."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError
    return values


def _short(text: str) -> str:
    """A reason without its middle, if it quotes something long; the line stands near its end."""
    return text if len(text) <= 500 else f"{text[:250]} ... {text[-250:]}"


class _Refused(Exception):
    """What YAML allows and a configuration does not; the message starts with the line."""

    def __init__(self, node_or_event, reason: str) -> None:
        super().__init__(f"line {node_or_event.start_mark.line + 1}: {reason}")


_DEEPEST = 100
"""Levels of nesting; the configuration has 7, and Python's own limit is reached at some hundred."""
_LONGEST = 1000
"""Characters of a whole number; Python writes none of more than 4300 digits."""


class _Strict(yaml.SafeLoader):
    """PyYAML without what it takes in silence or fails on only later."""

    def __init__(self, stream):
        super().__init__(stream)
        self.within = []

    def compose_node(self, parent, index):
        event = self.peek_event()
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            if anchor in self.within:
                raise _Refused(event, f"the anchor {_quoted(anchor)} contains itself")
            return super().compose_node(parent, index)
        if len(self.within) == _DEEPEST:
            reason = f"a value nested more than {_DEEPEST} levels deep is not allowed"
            raise _Refused(event, reason)
        self.within.append(anchor)
        node = super().compose_node(parent, index)
        self.within.pop()
        return node

    def construct_mapping(self, node, deep=False):
        # PyYAML keeps the last of two equal keys.
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen and name:
                raise yaml.YAMLError(
                    f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice"
                )
            seen.add(name)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node):
        text = self.construct_scalar(node)
        if len(text) > _LONGEST:
            raise _Refused(
                node,
                f"{_quoted(text)} is a number of {len(text):,} characters; allowed: at most "
                f"{_LONGEST:,}",
            )
        value = super().construct_yaml_int(node)
        if re.fullmatch(r"[-+]?0[0-7_]+", text):
            meant = dict.fromkeys([int(text.replace("_", "")), value])
            raise _Refused(
                node,
                f"{text} would be read as the octal number {value}; write "
                f"{' or '.join(map(str, meant))}, or '{text}' for text",
            )
        _refuse_sexagesimal(node, text, value)
        return value

    def construct_yaml_float(self, node):
        text = self.construct_scalar(node)
        value = super().construct_yaml_float(node)
        _refuse_sexagesimal(node, text, value)
        return value


_Strict.add_constructor("tag:yaml.org,2002:int", _Strict.construct_yaml_int)
_Strict.add_constructor("tag:yaml.org,2002:float", _Strict.construct_yaml_float)


def _refuse_sexagesimal(node, text: str, value: float) -> None:
    if ":" in text:
        raise _Refused(
            node,
            f"{_quoted(text)} would be read to the base of 60, as {value}; write {value}, or "
            f"{_quoted(repr(text))} for text",
        )


def _quoted(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
