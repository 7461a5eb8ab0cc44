"""What the evidence on each claim, and the report on all, are made from."""

import subprocess
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import takewhile
from typing import Any, NamedTuple

import yaml

from sdposim.analysis.published import Value
from sdposim.audit.claims import Claims, Scope, read_claims, read_reasons
from sdposim.audit.rulebooks import Rulebook
from sdposim.audit.samples import AT, EXACT, Asked, asked
from sdposim.storage.errors import UserError
from sdposim.storage.seal import identity
from sdposim.storage.sources import digest
from sdposim.storage.strict import Refused, StrictLoader
from sdposim.workflow import study as plan
from sdposim.workflow.artefacts import FIGURE_PACKAGES, Artefacts
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.targets import Target

DESIGN = {
    "vocabulary_size": ("landscape", "vocabulary_size"),
    "sequence_length": ("landscape", "sequence_length"),
    "steps": ("training", "steps"),
    "rollouts_per_step": ("training", "rollouts"),
    "learning_rate": ("training", "learning_rate"),
    "kl_weight": ("update", "pull", "weight"),
}
"""The numbers of a setting that a claim may name, and where they stand."""


class Read(NamedTuple):
    """What a job reads of a term: cells of a condition in a study.

    And its logs, if `at`, or what its policies are worth, if `exact`.
    """

    study: str
    condition: plan.Condition
    at: bool
    exact: bool


class Audit:
    """The jobs of `snakemake claims`, or of another rulebook.

    Attributes:
        rulebook: whose rules these are.
        claims: what is judged, and in which scopes.
    """

    def __init__(
        self,
        config: Config,
        artefacts: Artefacts,
        values: Sequence[Value],
        rulebook: Rulebook,
        claims: Claims | None = None,
    ) -> None:
        """`values` are all of the paper; `claims` by default those of the rulebook's file.

        Raises:
            UserError: that file is not what it must be.
        """
        self.config, self.rulebook = config, rulebook
        self.claims = read_claims(rulebook.path) if claims is None else claims
        self._artefacts = artefacts
        self._stated = {value.id: value.value for value in values}

    def of(self, name: str) -> "Evidence":
        """What the evidence on a claim is made from.

        Raises:
            UserError: there is no such claim, or it asks for what the configuration lacks.
        """
        if name not in self.judged:
            raise UserError(
                f"{name!r} is not a claim that is measured; allowed: {', '.join(self.judged)}"
            )
        return Evidence(self, name)

    @cached_property
    def judged(self) -> list[str]:
        """The claims that numbers decide."""
        return [name for name, claim in self.claims.claims.items() if claim.tests]

    def report_spec(self) -> str:
        """What the report depends on, as canonical JSON."""
        return plan.canonical(
            {
                "audit": self.rulebook.name,
                "head": self.claims.head.model_dump(),
                "claims": _dumped(self.claims.claims),
                "scopes": _dumped(self.claims.scopes),
                "evidence": {name: identity(self.of(name).spec()) for name in self.judged},
                "rules": rules_commit(self.rulebook),
                "reasons": read_reasons(self.claims, self.rulebook.reasons_path),
                "rates": {
                    name: self.config.settings[name].training.learning_rate
                    for scope in self.claims.scopes.values()
                    for name in scope.every_setting
                    if name in self.config.settings
                },
                "digest": digest("sdposim.commands.claims", packages=FIGURE_PACKAGES),
            }
            | plan.shown_names(self.config, self._studies, drawn=False)
        )

    @cached_property
    def _studies(self) -> list[str]:
        named = [study for scope in self.claims.scopes.values() for study in scope.studies]
        return [study for study in dict.fromkeys(named) if study in self.config.studies]

    def target(self) -> Target:
        """The target as records, and the checks of what is outdated, read it."""
        sealed = {
            self.rulebook.evidence(name): lambda name=name: self.of(name).spec()
            for name in self.judged
        }
        return Target(
            name=self.rulebook.name,
            configuration={
                "claims": self.rulebook.path.name,
                "analysis": self.config.analysis.model_dump(),
            },
            sealed=sealed,
            shown=self.report_spec,
            inputs=list(sealed),
            files=self.rulebook.files,
            reporter="audit_report",
        )

    def trained(self) -> list[str]:
        """The logs and the summaries of the studies that are read, and what policies are worth."""
        jobs = (
            job.path
            for study in self._studies
            for job in plan.study_jobs(self.config, study, self._artefacts.jobs)
        )
        made = (path for study in self._studies for path in self._artefacts.summaries[study].files)
        exact = (own for study, own in self._artefacts.exact.items() if study in self._studies)
        return list(dict.fromkeys([*jobs, *made, *(path for own in exact for path in own.files)]))

    # --- what terms read -----------------------------------------------------------------------

    def reads(self, scope: str, term: Asked) -> Iterator[Read]:
        """The cells that a term needs, in each of the settings that it may choose among."""
        if term.condition is None:
            return
        own = self.claims.scopes[scope]
        for setting in own.named(term.setting):
            condition = plan.Condition(setting, *term.condition)
            exact = term.quantity in EXACT
            study = self._study_of(scope, own, condition, exact)
            yield Read(study, condition, term.quantity in AT, exact)

    def _study_of(self, name: str, scope: Scope, wanted: plan.Condition, exact: bool) -> str:
        for study in scope.studies:
            if study not in self.config.studies:
                raise UserError(
                    f"{self.rulebook.rules}: scopes.{name}.studies: {study!r} is not a study; "
                    f"allowed: {', '.join(self.config.studies)}"
                )
            kept = not exact or study in self._artefacts.exact
            if kept and wanted in self._conditions[study]:
                return study
        raise UserError(
            f"{self.rulebook.rules}: scopes.{name}: no study of {', '.join(scope.studies)} has "
            f"method {wanted.method!r} with feedback {wanted.feedback!r}, noise {wanted.noise:g} "
            f"and setting {wanted.setting!r}{', and policies' if exact else ''}; allowed: what a "
            "study has"
        )

    @cached_property
    def _conditions(self) -> dict[str, set[plan.Condition]]:
        return {study: set(plan.conditions(self.config, study)) for study in self._studies}


class Evidence:
    """What the evidence on one claim is made from."""

    def __init__(self, audit: Audit, name: str) -> None:
        self._audit, self._name = audit, name
        self._claim = audit.claims.claims[name]
        self._scopes = {
            scope: own for scope, own in audit.claims.scopes.items() if self._claim.trials(scope)
        }

    @property
    def inputs(self) -> list[str]:
        """The files that the job reads."""
        summaries = [self._artefacts.summaries[study].files[0] for study in self._studies]
        exact = [path for study in self._exact for path in self._artefacts.exact[study].files]
        return [*summaries, *exact, *self._logs]

    def spec(self) -> str:
        """What the evidence depends on, as canonical JSON."""
        config = self._audit.config
        settings = {read.condition.setting for read in self._reads}
        settings |= {setting for scope in self._scopes.values() for setting in scope.every_setting}
        dumped = {name: config.settings[name].model_dump() for name in sorted(settings)}
        return plan.canonical(
            {
                "claim": self._claim.model_dump(by_alias=True, include={"tests"}),
                "scopes": [
                    (name, scope.model_dump(include={"settings", "variants", "chosen_on"}))
                    for name, scope in self._scopes.items()
                ],
                "published": self._published(),
                "summaries": {
                    study: identity(self._artefacts.summaries[study].spec)
                    for study in self._studies
                },
                "exact": {
                    study: identity(self._artefacts.exact[study].spec) for study in self._exact
                },
                "logs": {
                    path: plan.log_identity(config, self._artefacts.training[path])
                    for path in self._logs
                },
                "landscapes": {name: one["landscape"] for name, one in dumped.items()},
                "numbers": {name: _numbers(one) for name, one in dumped.items()},
                "digest": digest(
                    "sdposim.commands.claim", packages=("numpy", "pandas", "pyarrow", "scipy")
                ),
            }
        )

    @property
    def _place(self) -> str:
        """Where a mistake in the claim is."""
        return f"{self._audit.rulebook.rules}: claims.{self._name}"

    @property
    def _artefacts(self) -> Artefacts:
        return self._audit._artefacts

    @cached_property
    def _reads(self) -> list[Read]:
        found: dict[Read, None] = {}
        for scope in self._scopes:
            for trial in self._claim.trials(scope):
                for term in trial.effect.terms:
                    try:
                        known = asked(term)
                    except ValueError as error:
                        raise UserError(f"{self._place}: {error}") from None
                    if term.quantity == "setting" and known.key not in DESIGN:
                        raise UserError(
                            f"{self._place}: setting({known.key}) is not allowed; allowed: "
                            f"{', '.join(DESIGN)}"
                        )
                    found |= dict.fromkeys(self._audit.reads(scope, known))
        return list(found)

    @cached_property
    def _studies(self) -> list[str]:
        """Each once, in the order in which scopes list them."""
        read = {own.study for own in self._reads}
        return [study for study in self._audit._studies if study in read]

    @cached_property
    def _exact(self) -> list[str]:
        """Those whose policies are read, likewise."""
        read = {own.study for own in self._reads if own.exact}
        return [study for study in self._studies if study in read]

    @cached_property
    def _logs(self) -> list[str]:
        wanted = {(own.study, own.condition) for own in self._reads if own.at}
        return [
            job.path
            for study, condition in sorted(wanted)
            for job in plan.study_jobs(self._audit.config, study, self._artefacts.jobs)
            if job.condition == condition
        ]

    def _published(self) -> dict[str, float]:
        known, result = self._audit._stated, {}
        for scope in self._scopes:
            for trial in self._claim.trials(scope):
                for name in trial.effect.stated:
                    if name not in known:
                        raise UserError(
                            f"{self._place}: paper({name!r}) is not allowed; allowed: an id of "
                            "config/paper/values.csv"
                        )
                    result[name] = known[name]
        return result


def _numbers(setting: dict) -> dict[str, float]:
    result = {}
    for key, path in DESIGN.items():
        value = setting
        for part in path:
            value = value[part]
        result[key] = float(value)
    return result


def _dumped(named: dict) -> list:
    """As pairs, since canonical JSON sorts keys, and these have an order."""
    return [(name, one.model_dump(by_alias=True)) for name, one in named.items()]


def rules_commit(rulebook: Rulebook) -> dict[str, str]:
    """The commit that gave the rules of an audit their present form.

    Titles, reasons and the like are no rules: a slip in a sentence can be put right without making
    rules look younger than the results that they judge.

    Returns:
        `commit`, "" where there is no history, such as in an archive; `state`, `committed`, or
        `changed` where the rules are not those of the last commit, which is then the one named.
    """

    def git(*command: str) -> str:
        try:
            done = subprocess.run(
                ["git", *command],
                cwd=rulebook.path.parent, capture_output=True, text=True, timeout=60, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            return ""
        return done.stdout

    name = rulebook.path.name
    present = _rules(rulebook.path.read_text(encoding="utf-8"))
    commits = git("log", "--format=%H", "--", name).split()
    same = list(takewhile(lambda own: _rules(git("show", f"{own}:./{name}")) == present, commits))
    return {
        "commit": (same or commits[:1] or [""])[-1],
        "state": "committed" if same or not commits else "changed",
    }


_RULES = {
    "scopes": ("settings", "variants", "studies", "chosen_on"),
    "claims": ("claim", "kind", "tests", "verdict"),
}
"""What decides, of all that stands in a file of rules."""


def _rules(text: str) -> dict[str, Any] | None:
    """Those of a file, also of one that the schema of today refuses; None of an unreadable one."""
    try:
        rows = yaml.load(text, StrictLoader)
        return {
            group: {
                name: {key: own[key] for key in keys if key in own}
                for name, own in rows[group].items()
            }
            for group, keys in _RULES.items()
        }
    except (Refused, yaml.YAMLError, ValueError, TypeError, KeyError, AttributeError):
        return None
