"""The documents that describe the configuration, generated from the models.

`sdposim config` writes them; `tests/test_configuration.py` fails when one is stale.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sdposim.model import parts
from sdposim.model.metrics import DECLARED
from sdposim.workflow.configuration.calibrations import Identification, JointFit
from sdposim.workflow.configuration.compositions import (
    PARAMETERS,
    Feedback,
    Look,
    Method,
    title,
)
from sdposim.workflow.configuration.models import Analysis, Config
from sdposim.workflow.configuration.settings import (
    LandscapeSettings,
    PolicySettings,
    TrainingSettings,
)
from sdposim.workflow.configuration.studies import Figure, Study, Table

WIDTH = 100
LONG = 180
"""Of a setting that stands on one line, so that those of a grid read as a table."""
_PLAIN = re.compile(r"[A-Za-z_][\w -]*\w|\w")
"""Texts that YAML reads as they stand; no label or name is one of its other words."""


def documents() -> dict[Path, str]:
    """The generated files, by path relative to the repository's root."""
    return {
        Path("config/config.yaml"): default_yaml(),
        Path("config/README.md"): readme(),
        Path("workflow/schemas/config.schema.json"): schema(),
        Path("docs/parts.md"): parts_page(),
    }


def schema() -> str:
    """The JSON schema, for editors; every key has its documentation."""
    described = Config.model_json_schema()
    # A setting other than `paper` may be partial, which is what the defaults of all keys express.
    return json.dumps(described, indent=2) + "\n"


def default_yaml() -> str:
    """config/config.yaml: the paper's study, every key with its documentation."""
    head = [
        "# yaml-language-server: $schema=../workflow/schemas/config.schema.json",
        "# The paper's study. Every key is documented here and in config/README.md; both are",
        "# generated from src/sdposim/workflow/configuration by `sdposim config`.",
        "# To change a few keys, write them into a file of your own and pass it:",
        "#   snakemake --cores all --configfile my.yaml",
        "",
    ]
    return "\n".join(head + list(_yaml(Config(), 0))) + "\n"


def _yaml(model: BaseModel, indent: int) -> Iterator[str]:
    pad = " " * indent
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.description:
            yield from _comment(field.description, pad)
        elif isinstance(value, BaseModel) and type(value).__doc__:
            yield from _comment(type(value).__doc__.strip(), pad)
        if isinstance(value, BaseModel):
            yield f"{pad}{name}:"
            yield from _yaml(value, indent + 2)
        elif indent == 0 and isinstance(value, dict):
            yield f"{pad}{name}:"
            for key, item in value.items():
                if not (changes := _changes(item)) and key != "paper":
                    yield f"{pad}  {key}: {{}}"
                    continue
                line = f"{pad}  {key}: {_scalar(changes)}"
                if name == "settings" and key != "paper" and len(line) <= LONG:
                    yield line
                    continue
                yield f"{pad}  {key}:"
                if key == "paper":
                    yield from _yaml(item, indent + 4)
                else:
                    yield from _brief(changes, indent + 4)
        else:
            yield f"{pad}{name}: {_scalar(value)}"
        if indent == 0:
            yield ""


def _changes(model: BaseModel) -> dict:
    """What a model sets, without defaults; a study keeps its grid even where it is the default."""
    keep = {"settings", "noise", "seeds"} if isinstance(model, Study) else set()
    full = model.model_dump()
    short = model.model_dump(exclude_defaults=True)
    return {key: short.get(key, full[key]) for key in full if key in short or key in keep}


def _brief(value: dict, indent: int) -> Iterator[str]:
    for key, item in value.items():
        line = f"{' ' * indent}{key}: {_scalar(item)}"
        if isinstance(item, dict) and (
            len(line) > WIDTH or key in ("tables", "figures", "mechanisms", "testbed")
        ):
            yield f"{' ' * indent}{key}:"
            yield from _brief(item, indent + 2)
        else:
            yield line


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_scalar(item)}' for key, item in value.items())}}}"
    return str(value)


def _comment(text: str, pad: str) -> Iterator[str]:
    line = f"{pad}#"
    for word in text.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = f"{pad}#"
        line += f" {word}"
    yield line


def readme() -> str:
    """config/README.md: a table of every key."""
    lines = [
        "# Configuration keys",
        "",
        "Generated from `src/sdposim/workflow/configuration` by `sdposim config`.",
        "`config.yaml` is the paper's study. Pass changes in a file of your own with",
        "`snakemake --configfile my.yaml`; keys that it does not name keep their values.",
        "Wrong values end the run before anything is computed, with a sentence that names the key.",
        "",
    ]
    sections = [
        ("Top level", Config),
        ("`analysis`", Analysis),
        ("`identification`", Identification),
        ("`joint_fit`", JointFit),
        ("`settings.<name>.landscape`", LandscapeSettings),
        ("`settings.<name>.policy`", PolicySettings),
        *(
            (f"`settings.<name>.{group}.{part}`", model)
            for group, slots in (("judge", parts.JUDGE), ("update", parts.UPDATE))
            for part, model in PARAMETERS[slots].items()
        ),
        ("`settings.<name>.training`", TrainingSettings),
        ("`methods.<name>`", Method),
        ("`methods.<name>.look`", Look),
        ("`feedbacks.<name>`", Feedback),
        ("`studies.<name>`", Study),
        ("`studies.<name>.tables.<file name>`", Table),
        ("`studies.<name>.figures.<file name>`", Figure),
    ]
    for heading, model in sections:
        lines += [f"## {heading}", "", model.__doc__.split("\n")[0], ""]
        lines += ["| key | default | allowed | meaning |", "|---|---|---|---|"]
        properties = model.model_json_schema()["properties"]
        for name, field in model.model_fields.items():
            cells = f"`{name}`", _default(field), _allowed(properties[name]), field.description
            lines.append(_row(cells))
        lines.append("")
    lines += ["## Columns of a log", "", "A row is a seed's step, or the mean over several.", ""]
    lines += ["| column | unit | meaning |", "|---|---|---|"]
    needs = {slot: f"a `{slot}`" for slot in parts.UPDATE} | {"feedback": "seeing feedback"}
    for metric in DECLARED:
        undefined = f"; undefined without {needs[metric.needs]}" if metric.needs else ""
        lines.append(_row((f"`{metric.name}`", metric.unit, metric.meaning + undefined)))
    return "\n".join(lines) + "\n"


def parts_page() -> str:
    """docs/parts.md: every part, and every method and feedback that is made of them."""
    lines = [
        "# Parts, methods, judges",
        "",
        "Generated from `src/sdposim/model` and the configuration by `sdposim config`. A method or",
        "a feedback is a part for some slots; a part's parameters are in `config/README.md`, its",
        "equation is in its file. How to combine them, and to add one: [extending](extending.md).",
        "",
    ]
    for slots, folder, what in (
        (parts.UPDATE, "update", "methods"),
        (parts.JUDGE, "judge", "judges"),
    ):
        lines += [f"## Parts of {what}", "", "| slot | part | what it is |", "|---|---|---|"]
        for slot in slots:
            for name, part in parts.parts(slot).items():
                link = f"[`{name}`](../src/sdposim/model/{folder}/{slot}/{name}.py)"
                only = " Of factored policies only." if part.factored else ""
                lines.append(_row((f"`{slot}`", link, title(part.module) + only)))
        lines.append("")
    config = Config()
    lines += ["## Methods", "", "| name | label | parts | note |", "|---|---|---|---|"]
    for name, method in config.methods.items():
        label = method.label or name
        made = _composed(method.composition)
        lines.append(_row((f"`{name}`", label, made, method.note or "")))
    lines += ["", "## Feedbacks", "", "| name | label | parts |", "|---|---|---|"]
    for name, feedback in config.feedbacks.items():
        label = feedback.label or name
        lines.append(_row((f"`{name}`", label, _composed(feedback.composition))))
    return "\n".join(lines) + "\n"


def _composed(composition: dict) -> str:
    return ", ".join(f"{slot}: `{_scalar(choice)}`" for slot, choice in composition.items())


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(field) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (isinstance(value, dict) and value):
        return "see `config.yaml`"
    return f"`{_scalar(value)}`"


def _allowed(node: dict) -> str:
    if "anyOf" in node:
        return " or ".join(_allowed(option) for option in node["anyOf"])
    if "enum" in node:
        return ", ".join(f"`{_scalar(value)}`" for value in node["enum"])
    if "const" in node:
        return f"`{node['const']}`"
    kind = node.get("type")
    if kind == "array":
        return f"list: {_allowed(node['items'])}"
    if kind in ("integer", "number"):
        words = {"integer": "whole number", "number": "number"}[kind]
        limits = [
            f"{sign} {_limit(node[key])}"
            for key, sign in (
                ("minimum", ">="),
                ("exclusiveMinimum", ">"),
                ("maximum", "<="),
                ("exclusiveMaximum", "<"),
            )
            if key in node
        ]
        return " ".join([words, " and ".join(limits)]).strip()
    if kind == "string":
        return f"name (`{node['pattern'].strip('^$')}`)" if "pattern" in node else "text"
    if kind == "null":
        return "`null`"
    return "`true`, `false`" if kind == "boolean" else "keys"


def _limit(value: float) -> str:
    return "2^63" if value == 2**63 else f"{value:,.10g}"
