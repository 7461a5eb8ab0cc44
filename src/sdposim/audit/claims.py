"""Claims of a paper as data: config/paper/claims.yaml, its one schema and its one reader."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sdposim.audit.effects import Effect, written
from sdposim.audit.relations import RELATIONS
from sdposim.audit.verdicts import CONFLICT, INCONCLUSIVE, NOT_HERE, PARTLY, SUPPORTED
from sdposim.storage.errors import UserError

PATH = Path(__file__).parents[3] / "config" / "paper" / "claims.yaml"
Scope = Literal["paper", "as_printed", "population", "best_step"]
SCOPES: tuple[str, ...] = get_args(Scope)
Kind = Literal[
    "value", "ordering", "trend", "threshold", "equivalence", "mechanism", "definition", "text"
]
Verdict = Literal[SUPPORTED, PARTLY, CONFLICT, INCONCLUSIVE, NOT_HERE]  # type: ignore[valid-type]
Text = Annotated[str, Field(min_length=1)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Trial(NamedTuple):
    """One test of a claim with its names filled in.

    Attributes:
        names: of the placeholders.
        effect: what is measured.
        relation: a name of `RELATIONS`.
        bounds: what the relation needs.
        study: the study whose cells are read; "" for those of the scope.
    """

    names: dict[str, str]
    effect: Effect
    relation: str
    bounds: dict[str, float]
    study: str


class Test(_Model):
    """An effect, a relation, and its bounds."""

    names: dict[str, list[str | list[str]]] = Field({}, alias="for")
    effect: Text
    relation: Literal[tuple(RELATIONS)]  # type: ignore[valid-type]
    than: float | None = None
    start: float | None = Field(None, alias="from")
    to: float | None = None
    margin: float | None = Field(None, ge=0)
    scopes: list[Scope] = Field(list(SCOPES), min_length=1)
    study: str = ""

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
            Trial(
                names, Effect(written(self.effect, names)), self.relation, self.bounds, self.study
            )
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
    """A claim of the paper, in our own words."""

    section: Text
    claim: Text
    kind: Kind
    tests: list[Test] = []
    verdict: Verdict | None = None
    why: str = ""
    contradicts: Contradiction | None = None

    @model_validator(mode="after")
    def _decided_once(self):
        if (self.kind == "text") != (self.verdict is not None and bool(self.why)):
            raise ValueError("a claim of kind text, and no other, has a verdict and says why")
        if (self.kind == "text") == bool(self.tests):
            raise ValueError("a claim has tests, unless it is of kind text")
        return self

    def trials(self, scope: str) -> list[Trial]:
        """Its tests in a scope."""
        return [trial for test in self.tests if scope in test.scopes for trial in test.trials]


def read_claims(path: Path = PATH) -> dict[str, Claim]:
    """The claims by id, in the order of the file.

    Raises:
        UserError: it says which claim, which key, and what is allowed.
    """
    try:
        rows: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"cannot read {path}: {' '.join(str(error).split())}") from None
    if not isinstance(rows, dict):
        raise UserError(f"{path}: {rows!r} is not allowed; allowed: claims by id")
    return {str(name): _claim(path, name, row) for name, row in rows.items()}


def _claim(path: Path, name: str, row: object) -> Claim:
    try:
        return Claim.model_validate(row)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in (name, *first["loc"]))
        raise UserError(f"{path}: {place}: {first['msg']}") from None
