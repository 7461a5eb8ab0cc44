"""A configuration from files, without Snakemake: for commands and notebooks."""

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
    """Read keys with values from a YAML file.

    Raises:
        UserError: the file is missing, not valid YAML, holds a key twice, or holds no keys.
    """
    try:
        values = yaml.load(Path(path).read_text(encoding="utf-8"), _UniqueKeys)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = _short(" ".join(str(error).split()))
        raise UserError(f"{path} is not valid YAML: {reason}") from None
    except (AttributeError, KeyError, TypeError):
        # PyYAML's own answers to a tag before a value of another kind, such as `!!bool 3`.
        reason = "a value does not fit the tag (!!...) before it"
        raise UserError(f"{path} is not valid YAML: {reason}") from None
    if not isinstance(values, dict):
        raise UserError(f"{path} must hold keys with values")
    return values


def _short(text: str) -> str:
    """A reason without its middle, if it quotes something long; the line stands near its end."""
    return text if len(text) <= 500 else f"{text[:250]} ... {text[-250:]}"


class _UniqueKeys(yaml.SafeLoader):
    """PyYAML keeps the last of two equal keys without a word."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen and name:
                raise yaml.YAMLError(
                    f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice"
                )
            seen.add(name)
        return super().construct_mapping(node, deep)
