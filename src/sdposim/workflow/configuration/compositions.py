"""Methods and feedbacks in the configuration, and the parameters of parts in a setting.

All of it follows from what the parts declare, see `sdposim.model.parts`.
"""

import re
from functools import cache
from importlib import import_module
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from sdposim.model import parts
from sdposim.model.compositions import check_choice, check_feedback, check_method, named
from sdposim.report.labels import DASHES, HATCHES, MARKERS
from sdposim.workflow.configuration.base import Model
from sdposim.workflow.configuration.sentences import allowed, short


def _parameters(part: parts.Part) -> type[Model]:
    """The parameters of a part as keys of a setting."""
    fields = {
        name: (kind, Field(declared.default, description=declared.description, **declared.limits))
        for name, kind, declared in part.settings.fields()
    }
    return create_model(part.name, __base__=Model, __doc__=title(part.module), **fields)


def title(module: str) -> str:
    """The first line of a module's docstring."""
    return import_module(module).__doc__.partition("\n")[0]


PARAMETERS = {
    slots: {
        part.name: _parameters(part)
        for slot in slots
        for part in parts.parts(slot).values()
        if part.settings
    }
    for slots in (parts.UPDATE, parts.JUDGE)
}
"""Models of the parameters of parts, by slots and part."""


class _NoParameters(Model):
    """No parameters."""


def _group(name: str, text: str, slots: tuple[str, ...]) -> type[Model]:
    fields = {part: (model, model()) for part, model in PARAMETERS[slots].items()}
    return create_model(name, __base__=Model, __doc__=text, **fields)


UpdateSettings = _group(
    "UpdateSettings", "Sections 2.3 to 2.5: parameters of the parts of methods.", parts.UPDATE
)
JudgeSettings = _group(
    "JudgeSettings", "Section 2.2: parameters of the parts of feedbacks.", parts.JUDGE
)


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9A-Fa-f]{6}", text):
        raise ValueError(f"{short(text)} is not a colour; allowed: '#RRGGBB'")
    return text


def _label(text: str) -> str:
    if not 1 <= len(text) <= 40 or not text.isprintable() or set(text) & set("\\$"):
        raise ValueError(
            f"{short(text)} is not a label; allowed: 1 to 40 printable characters, not \\ or $"
        )
    return text


class Look(Model):
    """How a method is drawn."""

    colour: Annotated[str, AfterValidator(_colour)] = Field(description="`#RRGGBB`.")
    dashes: Literal[DASHES] = Field("solid", description="Of its lines.")
    marker: Literal[MARKERS] = Field("o", description="On its lines, as Matplotlib names it.")
    hatch: Literal[HATCHES] = Field("", description="Of its bars, as Matplotlib names it.")


class _Composition(Model):
    """A choice of parts, a field per slot; see `_slots`."""

    label: Annotated[str, AfterValidator(_label)] | None = Field(
        None, description="How tables and figures call it; by default its name."
    )

    @property
    def composition(self) -> dict[str, Any]:
        """The parts by slot, as `sdposim.model.compositions` has them."""
        chosen = {name: getattr(self, name) for name in type(self).model_fields}
        slots = (*parts.UPDATE, *parts.JUDGE)
        return {name: part for name, part in chosen.items() if name in slots and part is not None}


def _slots(slots: tuple[str, ...]) -> dict[str, Any]:
    """Fields of a composition: the name of a part, `{part: {parameter: value}}`, or null."""
    fields = {}
    for slot in slots:
        folder = next(iter(parts.parts(slot).values())).module.rpartition(".")[0]
        meaning = title(folder).partition(":")[0]
        fields[slot] = (
            Annotated[Any, _Choice(slot, slots)],
            Field(None, description=f"{meaning}."),
        )
    return fields


@cache
def _schema(model: type[Model]) -> dict[str, Any]:
    """The JSON schema of a part's parameters; most parts share the one of none."""
    return model.model_json_schema()


class _Choice:
    """The JSON schema of a choice among the parts of a slot, made only where it is asked for."""

    def __init__(self, slot: str, slots: tuple[str, ...]) -> None:
        self._slot, self._slots = slot, slots

    def __get_pydantic_json_schema__(self, _schema_of_any: Any, _handler: Any) -> dict[str, Any]:
        known = parts.parts(self._slot)
        models = PARAMETERS[self._slots]
        objects = {
            "type": "object",
            "properties": {name: _schema(models.get(name, _NoParameters)) for name in known},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }
        return {"anyOf": [{"enum": list(known)}, objects, {"type": "null"}]}


def _checked(slot: str, choice: Any, slots: tuple[str, ...]) -> Any:
    """A part of a slot, its parameters as the kernel takes them."""
    if choice is None:
        return None
    check_choice(slot, choice)
    name, own = named(choice)
    if not own:
        return name
    try:
        complete = PARAMETERS[slots][name].model_validate(own).model_dump()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(
            f"{name}.{first['loc'][0]}: {short(first['input'])} is not allowed; allowed: "
            f"{allowed(first)}"
        ) from None
    return {name: {key: complete[key] for key in own}}


def _note(text: str) -> str:
    if not 1 <= len(text) <= 400 or not text.isprintable():
        raise ValueError(
            f"{short(text)} is not a note; allowed: 1 to 400 printable characters in one line"
        )
    return text


class _Method(_Composition):
    note: Annotated[str, AfterValidator(_note)] | None = Field(
        None, description="Where it is from, and what it leaves out; for readers alone."
    )
    look: Look | None = Field(
        None, description="How figures draw it; by default what follows from its name."
    )

    @field_validator(*parts.UPDATE, check_fields=False)
    @classmethod
    def _part(cls, choice, info):
        return _checked(info.field_name, choice, parts.UPDATE)

    @model_validator(mode="after")
    def _whole(self):
        check_method(self.composition)
        return self


class _Feedback(_Composition):
    @field_validator(*parts.JUDGE, check_fields=False)
    @classmethod
    def _part(cls, choice, info):
        return _checked(info.field_name, choice, parts.JUDGE)

    @model_validator(mode="after")
    def _whole(self):
        check_feedback(self.composition)
        return self


Method = create_model(
    "Method",
    __base__=_Method,
    __doc__="Parts by slot: a name, `{part: {parameter: value}}` where it differs from the "
    "setting's, or null.",
    **_slots(parts.UPDATE),
)
Feedback = create_model(
    "Feedback",
    __base__=_Feedback,
    __doc__="Parts by slot, as of a method.",
    **_slots(parts.JUDGE),
)
