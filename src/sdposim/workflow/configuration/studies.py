"""A study: a grid of cells, and the tables and figures that are made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from sdposim.report.demands import MECHANISMS, TESTBED
from sdposim.workflow.configuration.base import Model, Name, Seed, all_distinct

LogSteps = Literal["all", "log_spaced", "summary"]
TableKind = Literal["final_reward", "credit_correlation", "final_entropy"]
FigureKind = Literal[
    "learning_curves", "credit_bars", "entropy", "noise_robustness", "hybrid", "landscapes"
]

MechanismKind = Literal[tuple(MECHANISMS)]  # type: ignore[valid-type]
TestbedKind = Literal[tuple(TESTBED)]  # type: ignore[valid-type]


class Artefact(Model):
    """A table or a figure of a study."""

    kind: str
    published: list[str] = Field(
        [],
        description="Tables, figures and sections of the paper whose numbers stand beside the "
        "results, by the column `where` of config/paper/values.csv; of two numbers of one cell, "
        "that of the place that is listed first.",
    )


class Table(Artefact):
    """A table: one csv, one markdown and one LaTeX file in reports/tables/."""

    kind: TableKind = Field(description="What the table shows.")


class Figure(Artefact):
    """A figure: png, pdf, svg and the plotted data as csv in reports/figures/."""

    kind: FigureKind = Field(description="What the figure shows.")
    width: Literal["double", "single"] = Field(
        "double", description="As wide as a page of two columns, or as one column."
    )
    ddof: Literal[0, 1] = Field(
        1,
        description="Of kind `landscapes`: the SD over n landscapes divides by n less this. Not in "
        "the paper.",
    )


class Mechanism(Model):
    """A figure and a paragraph that say why: one csv, one page and the figure in
    reports/mechanisms/."""

    kind: MechanismKind = Field(description="The question that it answers.")


class Finding(Model):
    """A page of findings of the testbed: one csv, one page and the figure in reports/testbed/."""

    kind: TestbedKind = Field(description="The question that it answers.")


class Study(Model):
    """A grid of cells and what is made of them."""

    settings: list[Name] = Field(["paper"], min_length=1, description="Names from `settings`.")
    methods: list[Name] = Field(
        min_length=1, description="Names from `methods`, in the order of tables."
    )
    feedbacks: list[Name] = Field(min_length=1, description="Names from `feedbacks`, likewise.")
    noise: list[Annotated[float, Field(ge=0, le=1000)]] = Field(
        [0.0], min_length=1, description="sigma, SDs of the Gaussian feedback noise."
    )
    seeds: Annotated[int, Field(ge=1, le=10**7)] | Annotated[list[Seed], Field(min_length=1)] = (
        Field(10, description="How many seeds, counted from 0, or the list of them.")
    )
    reproduces: list[str] = Field(
        [],
        description="Tables, figures and sections of the paper whose numbers the comparison takes "
        "from this study; each from one study.",
    )
    policies: list[Annotated[int, Field(ge=0)]] = Field(
        [],
        description="After which numbers of steps the policies of the cells are kept, in "
        "results/policies/<study>/; 0 is the initial one. Logs do not depend on it.",
    )
    log_steps: LogSteps | None = Field(
        None, description="As `log_steps` above, for the cells of this study; null: as that says."
    )
    seeds_per_job: Annotated[int, Field(ge=1, le=10**6)] | None = Field(
        None, description="As `seeds_per_job` above, likewise."
    )
    tables: dict[Name, Table] = Field({}, description="Tables by file name.")
    figures: dict[Name, Figure] = Field({}, description="Figures by file name.")
    mechanisms: dict[Name, Mechanism] = Field({}, description="Mechanisms by file name.")
    testbed: dict[Name, Finding] = Field({}, description="Findings of the testbed by file name.")

    @field_validator("settings", "methods", "feedbacks", "noise", "seeds", "reproduces", "policies")
    @classmethod
    def _distinct(cls, values):
        return all_distinct(values)

    @field_validator("policies")
    @classmethod
    def _increasing(cls, values):
        return sorted(values)

    @field_validator("noise")
    @classmethod
    def _positive_zero(cls, values):
        return [abs(value) for value in values]  # -0.0 would be another file name than 0.0
