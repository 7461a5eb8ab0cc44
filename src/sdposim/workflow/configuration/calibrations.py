"""The keys of the searches for the paper's own settings, which no study needs."""

from pydantic import Field, model_validator

from sdposim.workflow.configuration.base import Model


class Identification(Model):
    """`snakemake identification`: which program's landscapes the published numbers come from."""

    seeds: int = Field(
        20000,
        ge=66,
        le=10**6,
        description="Seeds 0, 1, ... of NumPy's default_rng whose landscapes are tried, drawn in "
        "the order of equation 1.",
    )
    other_seeds: int = Field(
        500,
        ge=1,
        le=10**6,
        description="Seeds of each of the 24 other ways to draw a landscape.",
    )
    landscapes_per_job: int = Field(
        500, ge=1, le=10**6, description="Landscapes that one job simulates, about."
    )
    runs: int = Field(
        2, ge=1, le=900, description="Runs of each condition on every landscape that is tried."
    )
    sample: int = Field(
        64,
        ge=8,
        le=10**4,
        description="Landscapes on which it is measured how the published numbers depend on the "
        "open settings.",
    )
    refined: int = Field(
        160,
        ge=66,
        le=10**4,
        description="The best landscapes, and those of seeds that people write, whose own best "
        "settings are found. At most `seeds`.",
    )
    refined_runs: int = Field(8, ge=2, le=900, description="Runs of each condition for that.")
    draws: int = Field(
        8, ge=1, le=1000, description="Draws of the settings under which figure 6 is predicted."
    )
    pool: int = Field(
        1000,
        ge=100,
        le=10**5,
        description="Landscapes that random lists of five seeds are taken from, beside the seeds "
        "that people write.",
    )

    @model_validator(mode="after")
    def _enough(self):
        if self.refined > self.seeds:
            raise ValueError(
                f"refined: {self.refined} is more than seeds ({self.seeds}); allowed: 66 to "
                f"{self.seeds}"
            )
        return self


class JointFit(Model):
    """`snakemake joint_fit`: the paper's open settings from all of its numbers."""

    runs: int = Field(
        256, ge=8, le=900, description="Runs of each condition where its mean is taken."
    )
    slope_runs: int = Field(
        32,
        ge=1,
        le=900,
        description="Runs of each condition on both sides of a derivative, the same on both.",
    )
    draws: int = Field(
        64,
        ge=8,
        le=200,
        description="Draws of the settings under which numbers that are left out are predicted.",
    )
    papers: int = Field(
        400,
        ge=100,
        le=2000,
        description="Papers that are simulated in a step towards the posterior of the settings; "
        "some steps have up to twice as many.",
    )
    synthetic: int = Field(
        32,
        ge=2,
        le=999,
        description="Synthetic papers of `snakemake joint_fit_check`, whose settings are known; "
        "every second one is on a landscape that is searched.",
    )
