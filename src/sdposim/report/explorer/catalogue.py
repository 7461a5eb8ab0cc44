"""What a page must know of methods, feedbacks and settings to train their cells, as plain data."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sdposim.model import compositions, origin, parts
from sdposim.model.landscape import QUALITY, TARGET
from sdposim.model.metrics import DECLARED
from sdposim.model.numerics.randomness import Purpose
from sdposim.report.explorer.layout import layout

LARGEST = {"T": 12, "V": 16}
"""Sizes up to which the page holds the landscapes that NumPy drew."""


def catalogue(
    methods: Mapping[str, dict], feedbacks: Mapping[str, dict], setting: dict, schema: dict
) -> dict[str, Any]:
    """All that the page knows but results and stories.

    Args:
        methods: by name: `label`, `group`, `note`, and `composition`.
        feedbacks: likewise.
        setting: the paper's, complete.
        schema: the JSON schema of a setting.
    """
    return {
        "layout": layout(),
        "metrics": [metric._asdict() for metric in DECLARED],
        "purposes": {"count": len(Purpose) + 1, "landscape": list(range(QUALITY, TARGET + 1))},
        "codes": {slot: list(parts.parts(slot)) for slot in parts.SLOTS},
        "parts": {
            part.name: {
                "slot": slot,
                "group": _group(slot),
                "levels": part.levels,
                "sees": list(part.sees),
                "quick": bool(part.quick),
                "factored": part.factored,
            }
            for slot in parts.SLOTS
            for part in parts.parts(slot).values()
        },
        "fields": fields(schema),
        "setting": setting,
        "methods": {name: _named(own) for name, own in methods.items()},
        "feedbacks": {name: _named(own) for name, own in feedbacks.items()},
    }


def _group(slot: str) -> str:
    return "update" if slot in parts.UPDATE else "judge"


def _named(own: dict) -> dict[str, Any]:
    chosen = {
        slot: dict([compositions.named(choice)]) for slot, choice in own["composition"].items()
    }
    return {key: own[key] for key in ("label", "group", "note")} | {"composition": chosen}


def fields(schema: dict) -> dict[str, dict]:
    """The fields of a setting by group; those of `update` and `judge` by part.

    Args:
        schema: the JSON schema of a setting.

    Returns:
        Of each field `kind` (`number`, `integer`, `boolean`, `choice` or, of what a page offers in
        a way of its own, `other`), `options`, `default`, `text`, and limits: `least`, `most`,
        `above`.
    """
    definitions = schema["$defs"]
    made = {}
    for group, own in schema["properties"].items():
        properties = _properties(own, definitions)
        nested = group in ("update", "judge")
        made[group] = {
            name: {key: _field(value) for key, value in _properties(field, definitions).items()}
            if nested
            else _field(field)
            for name, field in properties.items()
        }
    return made


def _properties(reference: dict, definitions: dict) -> dict:
    name = (reference.get("$ref") or reference["allOf"][0]["$ref"]).rpartition("/")[2]
    return definitions[name]["properties"]


def _field(own: dict) -> dict[str, Any]:
    options = own.get("enum") or ([own["const"]] if "const" in own else None)
    plain = own.get("type") in ("number", "integer", "boolean")
    made = {
        "kind": "choice" if options else own["type"] if plain else "other",
        "options": options,
        "default": own.get("default"),
        "text": own.get("description", ""),
        "least": own.get("minimum"),
        "most": own.get("maximum", own.get("exclusiveMaximum")),
        "above": own.get("exclusiveMinimum"),
    }
    return {key: value for key, value in made.items() if value is not None}


def landscapes(seeds: Sequence[int], generator: str, order: Sequence[str]) -> dict[str, Any]:
    """The unscaled tables of landscapes that NumPy draws, of all sizes up to `LARGEST`.

    Deviates are drawn one after the other, so that those of smaller tables are the first ones;
    targets come after them and are of each size.

    Args:
        seeds: of the landscapes.
        generator: one of `origin.GENERATORS`.
        order: must draw q, b and s* in this order.

    Raises:
        ValueError: the order is another one.
    """
    if tuple(order) != origin.TABLES:
        raise ValueError(f"landscapes drawn as {order}; allowed: {', '.join(origin.TABLES)}")
    length, vocabulary = LARGEST["T"], LARGEST["V"]
    made = {}
    for seed in seeds:
        largest = origin.tables(generator, order, seed, length, vocabulary)
        normals = np.concatenate([largest[name].ravel() for name in origin.TABLES[:2]])
        targets = {}
        for t in range(1, length + 1):
            for v in range(2, vocabulary + 1):
                own = origin.tables(generator, order, seed, t, v)
                drawn = np.concatenate([own[name].ravel() for name in origin.TABLES[:2]])
                assert (drawn == normals[: drawn.size]).all()
                targets[f"{t},{v}"] = own[origin.TARGET].tolist()
        made[str(seed)] = {
            "normals": base64.b64encode(normals.tobytes()).decode(),
            "targets": targets,
        }
    return {"largest": LARGEST, "seeds": made}
