"""The whole configuration, and what its parts must agree on.

These models (here, and in `settings`, `studies`, `compositions`, `calibrations`) are the one source
of every key: its type, its limits, its default and its documentation. `documents` writes
config/config.yaml, config/README.md and the JSON schema from them; a test fails when one of those
is stale.
"""

from __future__ import annotations

from itertools import product
from typing import Literal

from pydantic import Field, field_validator, model_validator

from sdposim.audit.rulebooks import RULEBOOKS
from sdposim.report.calibration.outputs import FIGURES
from sdposim.workflow.configuration import audit, mechanisms, paper, testbed
from sdposim.workflow.configuration.base import Model, Name, all_distinct
from sdposim.workflow.configuration.calibrations import Identification, JointFit
from sdposim.workflow.configuration.compositions import Feedback, Method
from sdposim.workflow.configuration.sentences import some
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.studies import LogSteps, Study

TAKEN = (*RULEBOOKS, *(name for names in FIGURES.values() for name in names))
"""Names of the files of another part of the workflow."""


class Analysis(Model):
    """Section 2.6: how logs become numbers. A change here trains nothing."""

    final_window: int = Field(
        20, ge=1, description="Steps at the end of training that a final value averages."
    )
    correlation_steps: Literal["final", "all"] = Field(
        "final",
        description="Average the credit correlation over the final window or over all steps. "
        "Not in the paper.",
    )
    smoothing_window: int = Field(
        15, ge=1, description="Steps of the moving average of the learning curves."
    )


class Config(Model):
    """The whole configuration."""

    name: Name | None = Field(
        None,
        description="The run's name. Its results and reports go to runs/<name>/, so that trying "
        "something overwrites nothing; null: to results/ and reports/. `sdposim compare` sets runs "
        "side by side.",
    )
    run: list[Name] = Field(
        ["comparison", "noise", "hybrid", "multi_seed", "as_printed"],
        min_length=1,
        description="The studies that `snakemake` without a target computes.",
    )
    seeds_per_job: int = Field(
        64,
        ge=1,
        le=10**6,
        description="Width of the block of seeds that one job trains. Any width gives the same "
        "numbers.",
    )
    log_steps: LogSteps = Field(
        "all",
        description="Rows of a cell's log: every step; about 40 rows, each the mean over its "
        "steps, ever wider, with single rows for the final window; or two rows, before and in "
        "the final window. Learning curves need `all`.",
    )
    analysis: Analysis = Field(Analysis(), description="How logs become numbers.")
    identification: Identification = Field(
        Identification(), description="The identification, which no study needs."
    )
    joint_fit: JointFit = Field(JointFit(), description="The joint fit, which no study needs.")
    methods: dict[Name, Method] = Field(
        default_factory=lambda: (
            paper.methods() | audit.methods() | mechanisms.methods() | testbed.methods()
        ),
        description="Sections 2.3 to 2.5: methods by name. A teacher takes `guidance`, `base` and "
        "`divergence`; credit takes `advantage` and `credit`; a method with both takes a `blend`; "
        "`regulariser` and `preconditioner` are for any. The paper states the lambda term (`pull`) "
        "for SDPO, and prints the hybrid's REINFORCE part as subtracted from the logits; the joint "
        "fit leaves open whether the baselines have that term, and that sign.",
    )
    feedbacks: dict[Name, Feedback] = Field(
        default_factory=lambda: (
            paper.feedbacks() | audit.feedbacks() | mechanisms.feedbacks() | testbed.feedbacks()
        ),
        description="Section 2.2: feedbacks by name. The baselines never see feedback.",
    )
    settings: dict[Name, Setting] = Field(
        default_factory=lambda: (
            paper.settings() | audit.settings() | mechanisms.settings() | testbed.settings()
        ),
        description="Named sets of hyperparameters. `paper` is complete; every other one starts "
        "from it and changes the keys it names.",
    )
    studies: dict[Name, Study] = Field(
        default_factory=lambda: (
            paper.studies() | audit.studies() | mechanisms.studies() | testbed.studies()
        ),
        description="The grids of cells, by name. Those from `claims` on are read by "
        "`snakemake claims`, those from `sign` on by `snakemake mechanisms`, see docs/claims.md, "
        "those with `testbed` by `snakemake testbed`, and those that begin with `h_` by "
        "`snakemake hypotheses`, see docs/testbed.md.",
    )

    @field_validator("run")
    @classmethod
    def _distinct(cls, values):
        return all_distinct(values)

    @model_validator(mode="after")
    def _references(self):
        for study in self.run:
            if study not in self.studies:
                raise ValueError(
                    f"run: {study!r} is not a study; allowed: {', '.join(self.studies)}"
                )
        for kind in ("tables", "figures", "mechanisms", "testbed"):
            owner: dict[str, str] = {}
            for name, study in self.studies.items():
                for artefact in getattr(study, kind):
                    if artefact in TAKEN:
                        raise ValueError(
                            f"studies.{name}.{kind}: {artefact!r} is the name of a figure of a "
                            "target that is no study; allowed: names other than "
                            f"{', '.join(TAKEN)}"
                        )
                    if artefact in owner:
                        raise ValueError(
                            f"studies.{name}.{kind}: {artefact!r} is already the name of a file "
                            f"of study {owner[artefact]!r}; choose another name"
                        )
                    owner[artefact] = name
        self._check_shared_logs()
        reproduced: dict[str, str] = {}
        for name, study in self.studies.items():
            for place in study.reproduces:
                if place in reproduced:
                    raise ValueError(
                        f"studies.{name}.reproduces: {place!r} is reproduced by study "
                        f"{reproduced[place]!r}; allowed: one study for each"
                    )
                reproduced[place] = name
        for name, study in self.studies.items():
            for group in ("settings", "methods", "feedbacks"):
                known = getattr(self, group)
                for chosen in getattr(study, group):
                    if chosen not in known:
                        raise ValueError(
                            f"studies.{name}.{group}: {chosen!r} is not a {group[:-1]}; allowed: "
                            f"{some(known)}"
                        )
            for setting in study.settings:
                landscape = self.settings[setting].landscape
                if landscape.seed == "each":
                    last = study.seeds - 1 if isinstance(study.seeds, int) else max(study.seeds)
                    try:
                        landscape.check_seeds([last])
                    except ValueError as error:
                        raise ValueError(f"studies.{name}.seeds: {error}") from None
                steps = self.settings[setting].training.steps
                if self.analysis.final_window > steps:
                    raise ValueError(
                        f"analysis.final_window: {self.analysis.final_window} is more than the "
                        f"{steps} training steps of setting {setting!r}; allowed: 1 to {steps}"
                    )
        return self

    def job_options(self, study: str) -> dict[str, str | int]:
        """How the jobs of a study train: what it says itself, or the run does."""
        own = self.studies[study]
        return {
            "log_steps": own.log_steps or self.log_steps,
            "seeds_per_job": own.seeds_per_job or self.seeds_per_job,
        }

    def _check_shared_logs(self) -> None:
        """Studies that share cells share their logs, so they must agree on these."""
        known: dict[tuple, tuple[str, dict]] = {}
        if not any(own.log_steps or own.seeds_per_job for own in self.studies.values()):
            return
        for name, own in self.studies.items():
            options = self.job_options(name)
            for cells in product(own.settings, own.methods, own.feedbacks, own.noise):
                other, theirs = known.setdefault(cells, (name, options))
                for key, value in options.items():
                    if value != theirs[key]:
                        raise ValueError(
                            f"studies.{name}.{key}: {value!r} is not allowed, as study {other!r} "
                            f"shares cells with it (setting {cells[0]!r}); allowed: "
                            f"{theirs[key]!r}, or a setting of its own"
                        )
