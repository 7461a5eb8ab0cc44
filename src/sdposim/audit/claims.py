"""Claims as data: the one schema and the one reader of the files in `rulebooks`."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from sdposim.audit.effects import Effect, written
from sdposim.audit.relations import RELATIONS
from sdposim.audit.rulebooks import PAPER
from sdposim.audit.verdicts import VERDICTS
from sdposim.storage.errors import UserError
from sdposim.storage.strict import Refused, StrictLoader

Kind = Literal[
    "value", "ordering", "trend", "threshold", "equivalence", "mechanism", "definition", "text"
]
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
"""A claim's name is that of a file, too."""
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Head(_Model):
    """What a page says of its claims as a whole."""

    title: Text = Field("Which claims hold", description="The title of the page.")
    one: Text = Field("claim", description="What readers call one of them.")
    several: Text = Field("claims", description="And several.")
    count: Text = Field(
        "There are {count} {several}.", description="How many there are, a sentence."
    )
    known: Text = Field(
        "those of {names} are younger",
        description="What is said of those that have `known`, after: rules that were written "
        "before the results.",
    )
    units: Text = Field("as each scope says", description="What units are, in which scope.")
    everywhere: bool = Field(
        False,
        description="Whether each is asked in every scope, or says in `untested` why it is not.",
    )

    @field_validator("count", "known")
    @classmethod
    def _fillable(cls, text, info):
        allowed = {"count": ("count", "several"), "known": ("names",)}[info.field_name]
        names = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if not names <= set(allowed):
            raise ValueError(f"{text!r} is not allowed; allowed in braces: {' and '.join(allowed)}")
        return text


class Scope(_Model):
    """Where claims are judged."""

    label: Text = Field(description="Its name for readers.")
    about: Text = Field(description="What it is, and what varies between units.")
    settings: list[Text] = Field(
        min_length=1,
        description="Its setting; or several, of which each condition has the one with the "
        "highest mean reward.",
    )
    studies: list[Text] = Field(
        min_length=1, description="Whose cells are read: of several that have them, the first."
    )
    variants: dict[Text, Annotated[list[Text], Field(min_length=1)]] = Field(
        {},
        description="By the name that a term gives as `setting=`: another setting, or several of "
        "which each condition has the best, too.",
    )
    chosen_on: int = Field(
        0, ge=0, description="How many seeds, 0, 1, ..., choose among settings; the others judge."
    )

    def named(self, setting: str) -> list[str]:
        """The settings that a term reads: the scope's own, a variant's, or that of this name."""
        return self.variants.get(setting, [setting]) if setting else self.settings

    @property
    def every_setting(self) -> list[str]:
        """Its own and those of its variants."""
        return [*self.settings, *(name for own in self.variants.values() for name in own)]

    @model_validator(mode="after")
    def _choosing(self):
        for own in (self.settings, *self.variants.values()):
            if (len(own) > 1) != (self.chosen_on > 0):
                raise ValueError(
                    f"chosen_on: {self.chosen_on} is not allowed with {len(own)} settings; "
                    "allowed: 0 for one setting, more for several"
                )
        return self


class Trial(NamedTuple):
    """One test of a claim with its names filled in.

    Attributes:
        effect: what is measured.
        relation: a name of `RELATIONS`.
        bounds: what the relation needs.
    """

    effect: Effect
    relation: str
    bounds: dict[str, float]


class Test(_Model):
    """An effect, a relation, and its bounds."""

    names: dict[str, list[str | list[str]]] = Field(
        {},
        alias="for",
        description="Names and the values that each takes in turn; `a, b` takes pairs.",
    )
    effect: Text = Field(description="What is measured, see below.")
    relation: Literal[tuple(RELATIONS)] = Field(description="What is said of it.")  # type: ignore[valid-type]
    than: float | None = None
    start: float | None = Field(None, alias="from")
    to: float | None = None
    margin: float | None = Field(None, ge=0)
    scopes: list[Text] = Field([], description="Where the test makes sense; by default, in all.")

    @property
    def bounds(self) -> dict[str, float]:
        """The bounds that are said, by name."""
        known = {"than": self.than, "from": self.start, "to": self.to, "margin": self.margin}
        return {name: value for name, value in known.items() if value is not None}

    @model_validator(mode="after")
    def _whole(self):
        needed = RELATIONS[self.relation][1]
        if set(self.bounds) != set(needed):
            raise ValueError(
                f"relation {self.relation} has {', '.join(self.bounds) or 'no bounds'}; allowed: "
                f"{' and '.join(needed) or 'none'}"
            )
        list(self.trials)
        return self

    @cached_property
    def trials(self) -> tuple[Trial, ...]:
        """The tests that it stands for, in the order of the names."""
        return tuple(
            Trial(Effect(written(self.effect, names)), self.relation, self.bounds)
            for names in _filled(self.names)
        )


def _filled(names: Mapping[str, list]) -> Iterator[dict[str, str]]:
    """Every combination; `a, b` takes pairs."""
    axes = []
    for key, values in names.items():
        own = key.split(", ")
        rows = [value if isinstance(value, list) else [value] for value in values]
        for row in rows:
            if len(row) != len(own):
                raise ValueError(f"for: {key}: {row!r} is not allowed; allowed: {len(own)} values")
        axes.append([dict(zip(own, row, strict=True)) for row in rows])
    for chosen in product(*axes):
        yield {name: value for part in chosen for name, value in part.items()}


class Contradiction(_Model):
    """Where the paper disagrees with itself."""

    places: list[Text] = Field(min_length=2)
    why: Text


class Claim(_Model):
    """A claim, in our own words."""

    title: Annotated[str, Field(min_length=1, max_length=48)]
    section: Text
    claim: Text
    kind: Kind
    shown: str = Field("", description="The table or figure that shows it, below reports/.")
    equations: str = Field("", description="The section of docs/equations.md that says why.")
    tests: list[Test] = []
    verdict: Literal[VERDICTS] | None = None  # type: ignore[valid-type]
    why: str = ""
    untested: dict[str, Text] = Field({}, description="Why it has no test in a scope, by scope.")
    known: str = Field("", description="What results were known before its rules were written.")
    contradicts: Contradiction | None = None

    @model_validator(mode="after")
    def _decided_once(self):
        if (self.kind == "text") != (self.verdict is not None and bool(self.why)):
            raise ValueError("a claim of kind text, and no other, has a verdict and says why")
        if (self.kind == "text") == bool(self.tests):
            raise ValueError("a claim has tests, unless it is of kind text")
        if self.kind == "text" and self.untested:
            raise ValueError("untested is not allowed of a claim of kind text; allowed: why")
        return self

    def trials(self, scope: str) -> list[Trial]:
        """Its tests in a scope."""
        return [
            trial
            for test in self.tests
            if not test.scopes or scope in test.scopes
            for trial in test.trials
        ]


class Claims(NamedTuple):
    """Claims, and the scopes in which they are judged, by name in the file's order."""

    scopes: dict[str, Scope]
    claims: dict[str, Claim]
    head: Head = Head()


def read_claims(path: Path = PAPER.path) -> Claims:
    """Read such a file.

    Raises:
        UserError: it says which claim or scope, which key, and what is allowed.
    """
    return parsed(_loaded(path), str(path))


def read_reasons(claims: Claims, path: Path = PAPER.reasons_path) -> dict[str, str]:
    """Why claims fall where they do, by claim: a file apart, as the rules are older than results.

    Raises:
        UserError: it says which claim, and what is allowed.
    """
    rows = _loaded(path) or {}
    if not isinstance(rows, dict):
        raise UserError(f"{path}: {rows!r} is not allowed; allowed: sentences by claim")
    for name, text in rows.items():
        if name not in claims.claims:
            raise UserError(f"{path}: {name!r} is not a claim; allowed: {', '.join(claims.claims)}")
        if not isinstance(text, str):
            raise UserError(f"{path}: {name}: {text!r} is not allowed; allowed: a text")
    return dict(rows)


def _loaded(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), StrictLoader)
    except (OSError, Refused, ValueError, RecursionError, yaml.YAMLError) as error:
        raise UserError(f"cannot read {path}: {' '.join(str(error).split())}") from None


def parsed(rows: object, source: str) -> Claims:
    """Check what such a file holds; `source` names it. Raises as `read_claims`."""
    if not isinstance(rows, dict) or set(rows) - {"head"} != {"scopes", "claims"}:
        found = list(rows) if isinstance(rows, dict) else type(rows).__name__
        raise UserError(
            f"{source}: {found!r} is not allowed; allowed: scopes and claims, and perhaps a head"
        )
    made: dict[str, Any] = {"head": _checked(Head, source, "head", rows.get("head", {}))}
    for group, model in (("scopes", Scope), ("claims", Claim)):
        own = rows[group]
        if not isinstance(own, dict) or not own:
            raise UserError(f"{source}: {group}: {own!r} is not allowed; allowed: them by name")
        for name in own:
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise UserError(
                    f"{source}: {group}: {name!r} is not allowed as a name; allowed: letters, "
                    "digits, - and _, a letter first"
                )
        made[group] = {
            str(name): _checked(model, source, f"{group}.{name}", own[name]) for name in own
        }
    claims = Claims(**made)
    for name, claim in claims.claims.items():
        named = (scope for test in claim.tests for scope in test.scopes)
        for scope in (*named, *claim.untested):
            if scope not in claims.scopes:
                raise UserError(
                    f"{source}: claims.{name}: {scope!r} is not a scope; allowed: "
                    f"{', '.join(claims.scopes)}"
                )
        _check_untested(claims, name, f"{source}: claims.{name}.untested")
    return claims


def _check_untested(claims: Claims, name: str, place: str) -> None:
    """A reason stands where there is no test, and nowhere else."""
    claim = claims.claims[name]
    for scope in claims.scopes if claim.tests else ():
        if claim.trials(scope):
            if scope in claim.untested:
                raise UserError(
                    f"{place}: {scope!r} is not allowed, as tests ask there; allowed: scopes "
                    "without one"
                )
        elif claims.head.everywhere and scope not in claim.untested:
            raise UserError(
                f"{place}: {scope!r} is missing, and no test asks there; allowed: a test in every "
                "scope, or why there is none"
            )


def _checked(model: type[_Model], source: str, place: str, row: object):
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in (place, *first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        given = "" if isinstance(first["input"], dict | list) else f" ({first['input']!r})"
        raise UserError(f"{source}: {where}: {message}{given}") from None
