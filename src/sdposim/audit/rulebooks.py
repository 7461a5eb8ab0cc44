"""The audits that there are: a file of rules each, a target and a report of the same name."""

from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
"""This checkout, whichever the working directory is."""


class Rulebook(NamedTuple):
    """An audit: what is judged by which rules, and where that is written.

    Attributes:
        name: as `snakemake` takes it, and the stem of its report.
        rules: the file of scopes and claims, relative to the checkout.
        reasons: that of the reasons, which are written after the results.
    """

    name: str
    rules: str
    reasons: str

    @property
    def path(self) -> Path:
        """The file of rules."""
        return ROOT / self.rules

    @property
    def reasons_path(self) -> Path:
        """The file of reasons."""
        return ROOT / self.reasons

    @property
    def files(self) -> tuple[str, ...]:
        """Its report."""
        texts = (f"reports/{self.name}.{ending}" for ending in ("md", "csv", "json"))
        shown = (f"reports/figures/{self.name}.{ending}" for ending in ("png", "pdf", "svg", "csv"))
        return (*texts, *shown)

    def evidence(self, claim: str) -> str:
        """Where the evidence on a claim is."""
        return f"results/{self.name}/{claim}.parquet"

    def log(self, job: str) -> str:
        """The log of the job that measures a claim, or of `report`."""
        return f"results/joblogs/{self.name}/{job}.log"


PAPER = Rulebook("claims", "config/paper/claims.yaml", "config/paper/reasons.yaml")
HYPOTHESES = Rulebook("hypotheses", "config/testbed/hypotheses.yaml", "config/testbed/reasons.yaml")
RULEBOOKS = {own.name: own for own in (PAPER, HYPOTHESES)}
"""By name."""
