"""Targets that are no study: calibrations, audits and the paper, as the rules declare them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sdposim.storage.errors import UserError
from sdposim.storage.seal import identity
from sdposim.workflow.artefacts import record_digest
from sdposim.workflow.study import canonical


@dataclass(frozen=True)
class Target:
    """What is known of a target.

    Attributes:
        name: as `snakemake` takes it.
        configuration: the keys that it reads.
        sealed: path of each Parquet file -> what gives the spec of its job.
        shown: gives the spec of its report.
        inputs: those of its files that the report is made from.
        files: of the report.
        reporter: the rule that makes it.
    """

    name: str
    configuration: Mapping
    sealed: Mapping[str, Callable[[], str]]
    shown: Callable[[], str]
    inputs: Sequence[str]
    files: Sequence[str]
    reporter: str

    @property
    def receipt(self) -> str:
        """The receipt of the report."""
        return f"results/receipts/targets/{self.name}.json"

    @property
    def record(self) -> str:
        """Where its files come from."""
        return f"results/provenance/targets/{self.name}.json"

    def sealed_spec(self, path: str) -> str:
        """The spec of the job that makes a Parquet file.

        Raises:
            UserError: it is no file of the target.
        """
        if path not in self.sealed:
            raise UserError(f"{path} is no file of `snakemake {self.name}` in this configuration")
        return self.sealed[path]()

    def spec(self) -> str:
        """What the record depends on, as canonical JSON."""
        made = {
            "inputs": self.inputs,
            "files": self.files,
            "receipt": self.receipt,
            "spec": json.loads(self.shown()),
        }
        return canonical(
            {
                "target": self.name,
                "configuration": self.configuration,
                "logs": {},
                # Their specs are in the files; all of them would not fit on a command line.
                "sealed": {path: identity(spec()) for path, spec in self.sealed.items()},
                "artefacts": {"report": made},
                "digest": record_digest(),
            }
        )
