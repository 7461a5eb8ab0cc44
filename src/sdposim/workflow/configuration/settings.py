"""A setting: all hyperparameters of a cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from sdposim.workflow.configuration.base import Model, Seed, all_distinct
from sdposim.workflow.configuration.compositions import JudgeSettings, UpdateSettings

TableName = Literal["quality", "bigram", "target"]
TABLE_NAMES = get_args(TableName)
LARGEST_SEED = {"numpy_random_state": 2**32 - 1}
"""Of the generators that do not take every seed, see `model.origin`."""


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
        return all_distinct(value)

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
