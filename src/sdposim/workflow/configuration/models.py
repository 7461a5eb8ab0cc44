"""Every configuration key: its type, its limits, its default and its documentation.

These models are the one source. `documents` writes config/config.yaml, config/README.md and the
JSON schema from them; a test fails when one of those is stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from sdposim.model import paper
from sdposim.report import labels
from sdposim.report.calibration.outputs import FIGURES
from sdposim.workflow.configuration.base import Model, Name
from sdposim.workflow.configuration.calibrations import Identification, JointFit
from sdposim.workflow.configuration.compositions import (
    Feedback,
    JudgeSettings,
    Method,
    UpdateSettings,
)

TAKEN = tuple(name for names in FIGURES.values() for name in names)
"""Names of the files of another part of the workflow."""
Seed = Annotated[int, Field(ge=0, lt=2**63)]
TableName = Literal["quality", "bigram", "target"]
TABLE_NAMES = get_args(TableName)
LARGEST_SEED = {"numpy_random_state": 2**32 - 1}
"""Of the generators that do not take every seed, see `model.origin`."""
TableKind = Literal["final_reward", "credit_correlation", "final_entropy"]
FigureKind = Literal[
    "learning_curves", "credit_bars", "entropy", "noise_robustness", "hybrid", "landscapes"
]


def _all_distinct(values):
    seen = set()
    for value in values if isinstance(values, list) else []:
        if value in seen:
            raise ValueError(f"{value!r} is listed twice; list every value once")
        seen.add(value)
    return values


class LandscapeSettings(Model):
    """Section 2.1: the reward landscape of equation 1."""

    vocabulary_size: int = Field(8, ge=2, le=4096, description="V, tokens to choose from.")
    sequence_length: int = Field(6, ge=1, le=4096, description="T, tokens of a sequence.")
    seed: Seed | Literal["each"] | Annotated[list[Seed], Field(min_length=1)] = Field(
        42,
        description="Which landscape: a number fixes one for all seeds; `each` gives every seed "
        "the landscape of its own number; of a list, seed s has entry s modulo its length. 42 is "
        "what the identification finds: likely, not certain (reports/identification.md).",
    )
    generator: Literal["keyed", "numpy_default_rng", "numpy_random_state"] = Field(
        "numpy_default_rng",
        description="What draws the landscape of a seed: `keyed` is this project's own generator; "
        "the others draw the three tables one after the other from one NumPy generator of that "
        "seed, `default_rng` or `RandomState`, as a program of somebody else's would. By the "
        "identification.",
    )
    order: list[TableName] = Field(
        ["quality", "bigram", "target"],
        description="In which order a NumPy generator draws the tables q, b and s*. The default "
        "is the order of equation 1.",
    )
    quality_sd: float = Field(
        1.0,
        ge=0,
        le=1000,
        description="SD of the token qualities q(t, v). Not in the paper; a round number near the "
        "best joint fit of all its numbers, like all values that say so (reports/joint_fit.md).",
    )
    bigram_sd: float = Field(
        0.2,
        ge=0,
        le=1000,
        description="SD of the bigram bonuses b(v, v'). Not in the paper; by the joint fit, which "
        "trades it for alpha.",
    )
    pattern_weight: float = Field(
        0.1,
        ge=-1000,
        le=1000,
        description="alpha of equation 1, the weight of the target pattern. Not in the paper; by "
        "the joint fit.",
    )

    @field_validator("order")
    @classmethod
    def _whole_order(cls, values):
        if sorted(values) != sorted(TABLE_NAMES):
            raise ValueError(
                f"{values!r} is not allowed; allowed: each of {', '.join(TABLE_NAMES)} once"
            )
        return values

    @field_validator("seed")
    @classmethod
    def _some_seed(cls, value):
        return _all_distinct(value)

    @model_validator(mode="after")
    def _seeds_of_the_generator(self):
        if self.seed != "each":
            self.check_seeds(self.seed if isinstance(self.seed, list) else [self.seed])
        return self

    def check_seeds(self, seeds: Iterable[int]) -> None:
        """Refuse seeds that the generator does not take.

        Raises:
            ValueError: names the largest of them, and what is allowed.
        """
        largest, limit = max(seeds), LARGEST_SEED.get(self.generator)
        if limit is not None and largest > limit:
            raise ValueError(
                f"landscape seed {largest} is too large for the generator {self.generator}; "
                f"allowed: 0 to {limit}"
            )


class PolicySettings(Model):
    """Section 2.1: the softmax policy."""

    context: Literal["position", "previous_token"] = Field(
        "position",
        description="What a token's logits depend on: its position, as in the paper, or the token "
        "before it too, a first-order autoregressive policy. Not in the paper.",
    )
    initial_logit_sd: float = Field(
        0.1,
        ge=0,
        le=1000,
        description="SD of the initial logits. Not in the paper; by the joint fit.",
    )


class TrainingSettings(Model):
    """Section 2.7: the optimisation."""

    steps: int = Field(300, ge=1, le=10**7, description="Training steps.")
    rollouts: int = Field(32, ge=1, le=10**6, description="Sequences sampled at each step.")
    learning_rate: float = Field(
        0.02, gt=0, le=1000, description="Step size of the plain gradient step on the logits."
    )


class Setting(Model):
    """A complete set of hyperparameters."""

    landscape: LandscapeSettings = LandscapeSettings()
    policy: PolicySettings = PolicySettings()
    judge: JudgeSettings = JudgeSettings()
    update: UpdateSettings = UpdateSettings()
    training: TrainingSettings = TrainingSettings()


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
    tables: dict[Name, Table] = Field({}, description="Tables by file name.")
    figures: dict[Name, Figure] = Field({}, description="Figures by file name.")

    @field_validator("settings", "methods", "feedbacks", "noise", "seeds", "reproduces", "policies")
    @classmethod
    def _distinct(cls, values):
        return _all_distinct(values)

    @field_validator("policies")
    @classmethod
    def _increasing(cls, values):
        return sorted(values)

    @field_validator("noise")
    @classmethod
    def _positive_zero(cls, values):
        return [abs(value) for value in values]  # -0.0 would be another file name than 0.0


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


def _paper_studies() -> dict[str, Study]:
    baselines = ["sdpo", "reinforce", "adv_weighted"]
    tables = {
        "table1": Table(kind="final_reward", published=["table1"]),
        "table2": Table(kind="credit_correlation", published=["table2"]),
        "table3": Table(kind="final_entropy", published=["table3"]),
    }
    return {
        "comparison": Study(
            methods=baselines,
            feedbacks=["binary", "ordinal", "continuous", "critique"],
            reproduces=["table1", "table2", "table3", "figure3"],
            tables=tables,
            figures={
                "figure1": Figure(kind="learning_curves", published=["table1"]),
                "figure2": Figure(kind="credit_bars", published=["table2"]),
                "figure3": Figure(kind="entropy", published=["table3", "figure3"]),
            },
        ),
        "noise": Study(
            methods=baselines,
            feedbacks=["continuous"],
            noise=[0.0, 0.05, 0.1, 0.2, 0.3, 0.5],
            reproduces=["figure4", "section3.4"],
            figures={
                # The paper's figure 4 cuts off negative correlations; table 2 has them.
                "figure4": Figure(kind="noise_robustness", published=["figure4", "table2"])
            },
        ),
        "hybrid": Study(
            methods=["sdpo", "reinforce", "hybrid"],
            feedbacks=["continuous", "critique"],
            noise=[0.2],
            reproduces=["figure5", "section3.5"],
            figures={"figure5": Figure(kind="hybrid", published=["figure5", "section3.5"])},
        ),
        "multi_seed": Study(
            settings=["landscapes"],
            methods=baselines,
            feedbacks=["continuous"],
            seeds=50,
            reproduces=["figure6"],
            figures={"figure6": Figure(kind="landscapes", published=["figure6"], ddof=0)},
        ),
        "as_printed": Study(
            settings=["as_printed"],
            methods=["reinforce", "adv_weighted"],
            feedbacks=["binary", "ordinal", "continuous", "critique"],
            tables={
                f"{name}_as_printed": Table(kind=table.kind, published=table.published)
                for name, table in tables.items()
            },
        ),
    }


FIGURE6 = [42, 137, 256, 512, 1024]
"""The seeds of figure 6's landscapes: likely, not certain (reports/identification.md)."""
AS_PRINTED = {
    "sequence": {"direction": "printed"},
    "quality_share": {"direction": "printed", "mean": "policy"},
}
"""Equations 4 and 5 as the paper prints them."""


def _named(model: type, called: dict[str, dict], composed: dict[str, dict]) -> dict:
    return {name: model(**called[name], **chosen) for name, chosen in composed.items()}


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
    log_steps: Literal["all", "log_spaced", "summary"] = Field(
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
        default_factory=lambda: _named(Method, labels.METHODS, paper.METHODS),
        description="Sections 2.3 to 2.5: methods by name. A teacher takes `guidance`, `base` and "
        "`divergence`; credit takes `advantage` and `credit`; a method with both takes a `blend`; "
        "`regulariser` is for any. The paper states the lambda term (`pull`) for SDPO, and prints "
        "the hybrid's REINFORCE part as subtracted from the logits; the joint fit leaves open "
        "whether the baselines have that term, and that sign.",
    )
    feedbacks: dict[Name, Feedback] = Field(
        default_factory=lambda: _named(Feedback, labels.FEEDBACKS, paper.FEEDBACKS),
        description="Section 2.2: feedbacks by name. The baselines never see feedback.",
    )
    settings: dict[Name, Setting] = Field(
        default_factory=lambda: {
            "paper": Setting(),
            "landscapes": Setting(landscape=LandscapeSettings(seed=FIGURE6)),
            "as_printed": Setting(update=UpdateSettings.model_validate(AS_PRINTED)),
        },
        description="Named sets of hyperparameters. `paper` is complete; every other one starts "
        "from it and changes the keys it names.",
    )
    studies: dict[Name, Study] = Field(
        default_factory=_paper_studies, description="The grids of cells, by name."
    )

    @field_validator("run")
    @classmethod
    def _distinct(cls, values):
        return _all_distinct(values)

    @model_validator(mode="after")
    def _references(self):
        for study in self.run:
            if study not in self.studies:
                raise ValueError(
                    f"run: {study!r} is not a study; allowed: {', '.join(self.studies)}"
                )
        for kind in ("tables", "figures"):
            owner: dict[str, str] = {}
            for name, study in self.studies.items():
                for artefact in getattr(study, kind):
                    if artefact in TAKEN:
                        raise ValueError(
                            f"studies.{name}.{kind}: {artefact!r} is the name of a figure of the "
                            "identification or joint fit; allowed: names other than "
                            f"{', '.join(TAKEN)}"
                        )
                    if artefact in owner:
                        raise ValueError(
                            f"studies.{name}.{kind}: {artefact!r} is already the name of a file "
                            f"of study {owner[artefact]!r}; choose another name"
                        )
                    owner[artefact] = name
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
                            f"{', '.join(known)}"
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
                if study.policies and study.policies[-1] > steps:
                    raise ValueError(
                        f"studies.{name}.policies: {study.policies[-1]} is more than "
                        f"settings.{setting}.training.steps; allowed: 0 to {steps}"
                    )
                if self.analysis.final_window > steps:
                    raise ValueError(
                        f"analysis.final_window: {self.analysis.final_window} is more than the "
                        f"{steps} training steps of setting {setting!r}; allowed: 1 to {steps}"
                    )
        return self
