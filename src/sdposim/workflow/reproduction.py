"""What the reproduction paper is made from: its template and the results that this names.

The results are read as they lie in `reports`, and nothing that makes them is asked to run: a clone
has the reports of all targets and not what they are made from, which takes hours. So they are no
inputs of the rule. Their checksums are in its spec instead, by which an edit remakes the paper.
"""

from collections.abc import Mapping

from sdposim.audit.claims import read_claims
from sdposim.audit.rulebooks import RULEBOOKS
from sdposim.report.reproduction.places import STEM, TEMPLATE, located
from sdposim.storage.errors import UserError
from sdposim.storage.files import sha256
from sdposim.storage.sources import digest
from sdposim.workflow import costs
from sdposim.workflow import study as plan
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.targets import Target

NAME = "reproduction"
TITLE = "Replication and audit of a simulation study of Self-Distillation Policy Optimization"
FILES = tuple(f"{STEM}.{ending}" for ending in ("md", "csv", "pdf"))
_GOALS = {
    "tables": "",
    "figures": "",
    "comparisons": "",
    "mechanisms": "mechanisms",
    "testbed": "testbed",
}
"""Kind of artefact -> the target that makes it, besides the studies in `run`."""
_PACKAGES = ("jinja2", "markdown-it-py", "pyyaml", "typst")


class Reproduction:
    """The job of `snakemake -- reproduction`."""

    def __init__(self, artefacts: Artefacts, targets: Mapping[str, Target]) -> None:
        """`targets` make the reports that are of no study."""
        self._artefacts, self._targets = artefacts, targets

    def target(self) -> Target:
        """The target as records, and the checks of what is outdated, read it."""
        return Target(
            name=NAME,
            configuration={},
            sealed={},
            shown=self.spec,
            inputs=[],
            files=FILES,
            reporter="reproduction_paper",
        )

    def spec(self) -> str:
        """What the paper depends on, as canonical JSON.

        Raises:
            UserError: the template or a result that it names is missing.
        """
        # Only now: no other target needs a reader of templates.
        from sdposim.report.reproduction.page import wanted

        template = located(TEMPLATE).read_text(encoding="utf-8")
        return plan.canonical(
            {
                "template": TEMPLATE,
                "title": TITLE,
                "sources": {path: self._source(path) for path in [TEMPLATE, *wanted(template)]},
                "plan": self._plan(),
                "names": self._names(),
                "digest": digest("sdposim.commands.reproduction", packages=_PACKAGES),
            }
        )

    def _source(self, path: str) -> dict[str, str]:
        rule, goal = self._makers().get(path, ("", ""))
        try:
            return {"rule": rule, "sha256": sha256(located(path))}
        except OSError:
            how = f"`snakemake -- {goal}`" if goal else "`snakemake`" if rule else "the repository"
            raise UserError(
                f"{path} is missing, and the reproduction paper is filled in from it: {how} has it"
            ) from None

    def _makers(self) -> dict[str, tuple[str, str]]:
        """The rule and the target of each file of reports."""
        made = {
            path: (own.rule, goal)
            for kind, goal in _GOALS.items()
            for own in getattr(self._artefacts, kind).values()
            for path in own.files
        }
        return made | {
            path: (own.reporter, own.name)
            for own in self._targets.values()
            for path in own.files
            if own.name != NAME
        }

    def _names(self) -> dict[str, str]:
        """What the testbed's methods are called."""
        config = self._artefacts.config
        studies = [name for name, own in config.studies.items() if own.testbed]
        called = plan.shown_names(config, studies, drawn=False)["methods"]
        return {own["name"]: own["label"] for own in called}

    def _plan(self) -> list[dict]:
        """Studies, cells and planned core minutes of each part of the project."""
        config = self._artefacts.config
        audited = {
            name: {
                study for scope in read_claims(book.path).scopes.values() for study in scope.studies
            }
            for name, book in RULEBOOKS.items()
        }
        parts = {
            "paper": list(config.run),
            **{name: sorted(found & set(config.studies)) for name, found in audited.items()},
            "mechanisms": [name for name, own in config.studies.items() if own.mechanisms],
            "testbed": [name for name, own in config.studies.items() if own.testbed],
        }
        parts["all"] = list(dict.fromkeys(name for studies in parts.values() for name in studies))
        return [{"part": part} | self._cost(studies) for part, studies in parts.items()]

    def _cost(self, studies: list[str]) -> dict:
        config, jobs = self._artefacts.config, self._artefacts.jobs
        wanted = {job for study in studies for job in plan.study_jobs(config, study, jobs)}
        total = costs.cost(config, sorted(wanted), costs.cell_seconds)
        return {
            "studies": len(studies),
            "cells": total.cells,
            "core_minutes": round(total.kernel_seconds / 60, 2),
        }
