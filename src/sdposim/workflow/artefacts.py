"""Everything that a configuration's studies lead to: the one list of it.

Rules, targets, records, the checks of what is outdated, and orphans read it. A log is made by a
training job; of the logs of a study a summary is made, of that tables, figures and the comparison
with the paper, and of all a record.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sdposim.analysis.exact import is_cheap
from sdposim.analysis.published import Value, to_rows
from sdposim.report import captions, demands
from sdposim.storage.errors import UserError
from sdposim.storage.seal import identity
from sdposim.storage.sources import digest
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.size import check_method, check_policies
from sdposim.workflow.costs import cell_seconds

FIGURE_PACKAGES = ("matplotlib", "seaborn", "pandas")
_ENDINGS = {
    "tables": ("csv", "md", "tex"),
    "figures": ("png", "pdf", "svg", "csv"),
    "mechanisms": ("md", "png", "pdf", "svg", "csv"),
    "testbed": ("md", "png", "pdf", "svg", "csv"),
}


@dataclass(frozen=True)
class Artefact:
    """Files that one job makes.

    Attributes:
        rule: the rule that makes them.
        inputs: what they are made from.
        files: what a reader takes.
        log: the job's messages.
        depends: gives what they depend on besides, as canonical JSON.
        receipt: what says that they are as the job wrote them, see `storage.receipts`; None of
            files that carry a seal.
    """

    rule: str
    inputs: tuple[str, ...]
    files: tuple[str, ...]
    log: str
    depends: Callable[[], str]
    receipt: str | None = None

    @cached_property
    def spec(self) -> str:
        """What the files depend on, as canonical JSON."""
        return self.depends()

    @property
    def written(self) -> tuple[str, ...]:
        """All files that the job leaves."""
        return (*self.files, self.log, *([self.receipt] if self.receipt else []))

    def described(self) -> dict:
        """For a record."""
        return {
            "inputs": self.inputs,
            "files": self.files,
            "receipt": self.receipt,
            "spec": json.loads(self.spec),
        }


class Artefacts:
    """The artefacts of a configuration.

    Attributes:
        jobs: the training jobs of each condition.
        training: the job of each log, by path.
        policies: the study and the job of each file of policies, by path.
        summaries, records: by study.
        exact: what policies are worth, by study, where that is cheap to compute.
        tables, figures, mechanisms, testbed: by name.
        comparisons: the one of the studies to run that reproduce something of the paper, if any.
    """

    def __init__(self, config: Config, values: Sequence[Value]) -> None:
        """`values` are all of the paper."""
        self.config, self._values = config, values
        self.jobs = plan.all_jobs(config)
        self.training = {job.path: job for jobs in self.jobs.values() for job in jobs}
        self.policies = {
            plan.policies_path(study, job): (study, job)
            for study, chosen in config.studies.items()
            if chosen.policies
            for job in plan.study_jobs(config, study, self.jobs)
        }
        self._places = {
            place: name for name in config.run for place in config.studies[name].reproduces
        }
        # In an order that no order of keys changes.
        self._compared = sorted(name for name in config.run if config.studies[name].reproduces)
        self.summaries = {study: self._summary(study) for study in config.studies}
        self.exact = {
            study: self._exact(study)
            for study, chosen in config.studies.items()
            if chosen.policies and self._is_cheap(study)
        }
        self.tables = dict(self._shown("tables", "table", self._table_spec))
        self.figures = dict(self._shown("figures", "figure", self._figure_spec))
        self.mechanisms = dict(self._shown("mechanisms", "mechanism", self._mechanism_spec))
        self.testbed = dict(self._shown("testbed", "finding", self._finding_spec))
        self.comparisons = {"comparison": self._comparison()} if self._compared else {}
        self.records = {study: self._record(study) for study in config.studies}

    # --- what rules ask ------------------------------------------------------------------------

    def training_spec(self, path: str) -> str:
        """What a log depends on.

        Raises:
            UserError: it is the log of no study, or of a method that its setting cannot have.
        """
        if path not in self.training:
            raise UserError(f"{path} is not a log of any study in the configuration")
        condition = self.training[path].condition
        check_method(self.config, condition.setting, condition.method)
        return plan.training_spec(self.config, self.training[path])

    def policies_spec(self, path: str) -> str:
        """What policies depend on.

        Raises:
            UserError: they are those of no study, or of a step that no training comes to.
        """
        if path not in self.policies:
            raise UserError(f"{path} has the policies of no study in the configuration")
        check_policies(self.config, self.policies[path][0])
        return plan.policies_spec(self.config, *self.policies[path])

    def of(self, kind: str, name: str) -> Artefact:
        """An artefact by its kind, such as `tables`, and its name.

        Raises:
            UserError: the configuration has none of this name.
        """
        known = getattr(self, kind)
        if name not in known:
            if kind == "comparisons":
                raise UserError("no study to run reproduces anything of the paper")
            what = f"no study in the configuration has {kind} {name!r}"
            if kind in ("summaries", "records"):
                what = f"{name!r} is not a study in the configuration"
            raise UserError(f"{what}; allowed: {', '.join(known)}")
        return known[name]

    def of_study(self, study: str) -> dict[str, Artefact]:
        """What is made of a study's logs, by the names of its record."""
        chosen = self.config.studies[study]
        made = {"summary": self.summaries[study]}
        made |= {"exact": self.exact[study]} if study in self.exact else {}
        made |= {f"table {name}": self.tables[name] for name in chosen.tables}
        made |= {f"figure {name}": self.figures[name] for name in chosen.figures}
        made |= {f"mechanism {name}": self.mechanisms[name] for name in chosen.mechanisms}
        made |= {f"finding {name}": self.testbed[name] for name in chosen.testbed}
        return made | (self.comparisons if study in self._compared else {})

    def wanted(self, studies: Sequence[str] | None = None) -> list[str]:
        """The files of studies, by default those to run; logs and records too."""
        run = self.config.run if studies is None else studies
        jobs = {job for study in run for job in plan.study_jobs(self.config, study, self.jobs)}
        made = [own for study in run for own in self.of_study(study).values()]
        files = [*(job.path for job in sorted(jobs)), *(name for own in made for name in own.files)]
        files += [path for path, (study, _) in self.policies.items() if study in run]
        files += [name for study in run for name in self.records[study].files]
        return list(dict.fromkeys(files))

    def sealed(self) -> Iterator[tuple[str, Callable[[], str]]]:
        """Logs, policies and summaries, and what gives the identity of each."""
        for path, job in self.training.items():
            yield path, lambda job=job: plan.log_identity(self.config, job)
        for path, own in self.policies.items():
            yield path, lambda own=own: plan.policies_identity(self.config, *own)
        for own in (*self.summaries.values(), *self.exact.values()):
            for path in own.files:
                yield path, lambda own=own: identity(own.spec)

    def written(self) -> set[str]:
        """Every file that the jobs of all studies leave."""
        files = set()
        for path in self.training:
            stem = path.removeprefix(f"{plan.LOGS}/").removesuffix(".parquet")
            files |= {path, f"results/joblogs/train/{stem}.log"}
            files.add(f"results/benchmarks/train/{stem}.tsv")
        for path in self.policies:
            stem = path.removeprefix("results/").removesuffix(".parquet")
            files |= {path, f"results/joblogs/{stem}.log"}
        made = [*self.summaries.values(), *self.exact.values()]
        made += [*self.tables.values(), *self.figures.values()]
        made += [*self.records.values(), *self.comparisons.values(), *self.mechanisms.values()]
        made += [*self.testbed.values()]
        return files.union(*(own.written for own in made))

    # --- what they are -------------------------------------------------------------------------

    def _log_identities(self, study: str) -> dict[str, str]:
        jobs = plan.study_jobs(self.config, study, self.jobs)
        return {job.path: plan.log_identity(self.config, job) for job in jobs}

    def _summary(self, study: str) -> Artefact:
        def depends():
            code = digest("sdposim.commands.summarise", packages=("numpy", "pandas", "pyarrow"))
            logs = list(self._log_identities(study).values())
            return plan.summary_spec(self.config, study, code, logs)

        return Artefact(
            rule="summarise",
            inputs=tuple(job.path for job in plan.study_jobs(self.config, study, self.jobs)),
            files=_summary_files(study),
            log=f"results/joblogs/summarise/{study}.log",
            depends=depends,
        )

    def _is_cheap(self, study: str) -> bool:
        return all(
            is_cheap(own["landscape"], own["policy"]) for own in self._settings(study).values()
        )

    def _settings(self, study: str) -> dict[str, dict]:
        """The settings of a study, complete, by name."""
        names = self.config.studies[study].settings
        return {name: self.config.settings[name].model_dump() for name in names}

    def _exact(self, study: str) -> Artefact:
        jobs = [job for path, (owner, job) in self.policies.items() if owner == study]

        def depends():
            return plan.canonical(
                {
                    "files": [
                        (plan.policies_identity(self.config, study, job), vars(job.condition))
                        for job in jobs
                    ],
                    "landscapes": {
                        name: own["landscape"] for name, own in self._settings(study).items()
                    },
                    "seeds": plan.ranges(plan.seeds_of(self.config, study)),
                    "digest": digest(
                        "sdposim.commands.exact", packages=("numpy", "pandas", "pyarrow")
                    ),
                }
            )

        return Artefact(
            rule="exact",
            inputs=tuple(plan.policies_path(study, job) for job in jobs),
            files=(f"{plan.SUMMARIES}/{study}/exact.parquet",),
            log=f"results/joblogs/exact/{study}.log",
            depends=depends,
        )

    def _shown(self, kind: str, rule: str, spec) -> Iterator[tuple[str, Artefact]]:
        for study, chosen in self.config.studies.items():
            files = _summary_files(study)
            if kind in ("mechanisms", "testbed") and study in self.exact:
                files += self.exact[study].files
            for name in getattr(chosen, kind):
                yield (
                    name,
                    Artefact(
                        rule=rule,
                        inputs=files[:1] if kind == "tables" else files,
                        files=tuple(f"reports/{kind}/{name}.{ending}" for ending in _ENDINGS[kind]),
                        log=f"results/joblogs/{kind}/{name}.log",
                        depends=lambda study=study, name=name: spec(study, name),
                        receipt=f"results/receipts/{kind}/{name}.json",
                    ),
                )

    def _shown_spec(self, kinds: dict, artefact, study: str, code: str, drawn: bool, more) -> str:
        marked = demands.marked(kinds, artefact.kind, artefact.published, self._values)
        return plan.canonical(
            {
                "kind": artefact.kind,
                "published": to_rows(marked),
                "summary": identity(self.summaries[study].spec),
                "digest": code,
            }
            | plan.shown_names(self.config, [study], drawn=drawn)
            | more
        )

    def _table_spec(self, study: str, name: str) -> str:
        table = self.config.studies[study].tables[name]
        code = digest("sdposim.commands.table", packages=("pandas",))
        return self._shown_spec(demands.TABLES, table, study, code, False, {})

    def _figure_spec(self, study: str, name: str) -> str:
        chosen = self.config.studies[study]
        figure = chosen.figures[name]
        landscape = self.config.settings[chosen.settings[0]].landscape
        options = {"vocabulary_size": landscape.vocabulary_size, "width": figure.width}
        if figure.kind == "landscapes":
            options |= {"landscapes": plan.listed_landscapes(landscape), "ddof": figure.ddof}
        code = digest(
            "sdposim.commands.figure",
            f"sdposim.report.figures.{figure.kind}",
            packages=FIGURE_PACKAGES,
        )
        more = {"options": options, "caption": captions.FIGURES.get(figure.kind)}
        return self._shown_spec(demands.FIGURES, figure, study, code, True, more)

    def _mechanism_spec(self, study: str, name: str) -> str:
        kind = self.config.studies[study].mechanisms[name].kind
        return self._told_spec(study, "mechanisms", kind, demands.MECHANISMS)

    def _finding_spec(self, study: str, name: str) -> str:
        kind = self.config.studies[study].testbed[name].kind
        return self._told_spec(study, "testbed", kind, demands.TESTBED, costs=self._costs(study))

    def _costs(self, study: str) -> dict[str, float]:
        """Planned seconds of a cell by method, under the study's first conditions."""
        return {
            condition.method: cell_seconds(self.config, condition)
            for condition in reversed(plan.conditions(self.config, study))
        }

    def _told_spec(self, study: str, package: str, kind: str, questions: dict, **more) -> str:
        """Of a page that answers a question."""
        summary, exact = (
            self.summaries[study],
            [own for owner, own in self.exact.items() if owner == study],
        )
        code = digest(
            "sdposim.commands.mechanism",
            f"sdposim.report.{package}.{kind}",
            packages=(*FIGURE_PACKAGES, "scipy"),
        )
        return plan.canonical(
            {
                "page": [package, kind],
                "settings": self._settings(study),
                "published": to_rows(demands.showable(questions[kind], self._values)),
                # Cells and curves, and what policies are worth.
                "summaries": [identity(own.spec) for own in (summary, summary, *exact)],
                "digest": code,
            }
            | plan.shown_names(self.config, [study], drawn=True)
            | more
        )

    def _comparison(self) -> Artefact:
        return Artefact(
            rule="comparison",
            inputs=tuple(path for study in self._compared for path in _summary_files(study)),
            files=("reports/comparison.csv", "reports/comparison.md"),
            log="results/joblogs/comparison.log",
            depends=self._comparison_spec,
            receipt="results/receipts/comparison.json",
        )

    def _comparison_spec(self) -> str:
        shown = [value for value in self._values if value.where in self._places]
        several = {
            self._places[value.where] for value in shown if value.statistic in ("mean", "sd")
        }
        return plan.canonical(
            {
                "published": to_rows(shown),
                "places": self._places,
                "over_landscapes": {
                    study: plan.over_landscapes(self.config, study) for study in several
                },
                "summaries": {
                    study: identity(self.summaries[study].spec) for study in self._compared
                },
                "digest": digest("sdposim.commands.comparison", packages=("pandas",)),
            }
            | plan.shown_names(self.config, self._compared, drawn=False)
        )

    def _record(self, study: str) -> Artefact:
        made = self.of_study(study).values()
        return Artefact(
            rule="provenance",
            inputs=(
                *self.summaries[study].inputs,
                *(path for path, (owner, _) in self.policies.items() if owner == study),
                *(path for own in made for path in (*own.files, own.receipt) if path),
            ),
            files=(f"results/provenance/{study}.json",),
            log=f"results/joblogs/provenance/{study}.log",
            depends=lambda: self._record_spec(study),
        )

    def _policies_of(self, study: str) -> dict[str, str]:
        """The identities of a study's policies, by path."""
        return {
            path: plan.policies_identity(self.config, *own)
            for path, own in self.policies.items()
            if own[0] == study
        }

    def _record_spec(self, study: str) -> str:
        config, chosen = self.config, self.config.studies[study]
        named = {
            group: {name: getattr(config, group)[name].model_dump() for name in names}
            for group, names in (
                ("settings", chosen.settings),
                ("methods", chosen.methods),
                ("feedbacks", chosen.feedbacks),
            )
        }
        return plan.canonical(
            {
                "study": study,
                "configuration": named
                | {
                    "study": chosen.model_dump(),
                    "analysis": config.analysis.model_dump(),
                    "log_steps": config.job_options(study)["log_steps"],
                },
                "logs": self._log_identities(study),
                "sealed": self._policies_of(study),
                "artefacts": {name: own.described() for name, own in self.of_study(study).items()},
                "digest": record_digest(),
            }
        )


def record_digest() -> str:
    """Digest of the sources that write records."""
    return digest("sdposim.commands.provenance", packages=("pyarrow",))


def _summary_files(study: str) -> tuple[str, str]:
    folder = f"{plan.SUMMARIES}/{study}"
    return f"{folder}/cells.parquet", f"{folder}/curves.parquet"
