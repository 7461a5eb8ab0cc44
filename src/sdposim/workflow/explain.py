"""What the next run would make again, and which change is why.

Logs hold the spec that they were made from, and records those of tables and figures. So each change
is found by its key, old beside new, and so is everything that follows from it.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sdposim.analysis.logs import read_metadata
from sdposim.storage.errors import UserError
from sdposim.storage.receipts import changed, made_from
from sdposim.storage.seal import identity, read_identity
from sdposim.workflow import study as plan
from sdposim.workflow.artefacts import Artefact, Artefacts
from sdposim.workflow.configuration.models import Config

KINDS = (
    "log",
    "policies",
    "summary",
    "exact",
    "table",
    "figure",
    "mechanism",
    "finding",
    "comparison",
    "record",
)
MISSING = "not made yet"
EDITED = "edited since it was made"
UNKNOWN = "made from something else (nothing says from what)"
QUOTED = "the configuration that a record quotes"
_CODE = "code or package versions"
_FOLLOWS = ("logs", "summary", "summaries")
"""Keys of specs that hold identities of what an artefact is made from."""


@dataclass(frozen=True)
class Due:
    """A file, or the files of one job, that the next run makes again.

    Attributes:
        kind: one of `KINDS`.
        name: what tells it from others of its kind.
        causes: the changes that reach it, such as `update.guidance.oracle.strength: 2.0 -> 1.0`.
    """

    kind: str
    name: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """What is due and what is not.

    Attributes:
        due: what the next run makes again.
        current: number of those that it does not, by kind.
        configured: the keys of the configuration that differ from those in the records.
    """

    due: tuple[Due, ...]
    current: dict[str, int]
    configured: tuple[str, ...]

    @cached_property
    def by_cause(self) -> dict[str, list[Due]]:
        """What each change reaches; what several reach stands under each."""
        found: dict[str, list[Due]] = {}
        for own in self.due:
            for cause in own.causes:
                found.setdefault(cause, []).append(own)
        return found


def explain(config: Config, artefacts: Artefacts) -> Explanation:
    """Compare the files of the working directory with what a configuration wants of them."""
    jobs = {
        job.path: job
        for study in config.run
        for job in plan.study_jobs(config, study, artefacts.jobs)
    }
    due = {path: causes for path, job in jobs.items() if (causes := _log(config, job))}
    found = {("log", _short(path)): due.get(path, ()) for path in jobs}
    for kind, name, causes in _made(config, artefacts, due):
        found[kind, name] = causes  # the comparison's, of each of its studies, are the same
    current = Counter(kind for (kind, _), causes in found.items() if not causes)
    configured = _union(
        _configured(artefacts.records[study], _record(study)) for study in config.run
    )
    seen = tuple(Due(*own, causes) for own, causes in found.items() if causes)
    return Explanation(seen, dict(current), configured)


def _short(path: str) -> str:
    return path.removeprefix(f"{plan.LOGS}/").removesuffix(".parquet")


def _log(config: Config, job: plan.Job) -> tuple[str, ...]:
    if not Path(job.path).exists():
        return (MISSING,)
    if read_identity(job.path) == plan.log_identity(config, job):
        return ()
    return _against(job.path, plan.training_spec(config, job))


def _against(path: str, wanted: str) -> tuple[str, ...]:
    """How what a sealed file was made from differs from what is wanted."""
    try:
        return tuple(differences(read_metadata(path)["spec"], json.loads(wanted))) or (UNKNOWN,)
    except (UserError, KeyError):
        return (UNKNOWN,)


def _made(config: Config, artefacts: Artefacts, due: dict) -> Iterator[tuple[str, str, tuple]]:
    """Policies, and what is made of logs: kind, name and causes, none where it is up to date."""
    summaries: dict[str, tuple[str, ...]] = {}
    for study in config.run:
        logs = [job.path for job in plan.study_jobs(config, study, artefacts.jobs)]
        summaries[study] = _union(due.get(path, ()) for path in logs)
    for study in config.run:
        record = _record(study)
        reached: list[tuple[str, ...]] = [summaries[study]]
        for path, (owner, job) in artefacts.policies.items():
            if owner == study:
                wanted = plan.policies_identity(config, study, job)
                spec = plan.policies_spec(config, study, job)
                causes = _sealed(path, wanted, spec)
                reached.append(causes)
                yield "policies", f"{study} {_short(job.path)}", causes
        for name, own in artefacts.of_study(study).items():
            kind, _, named = name.partition(" ")
            above = _union(summaries.values()) if kind == "comparison" else _union(reached)
            causes = _artefact(own, record, above)
            if not named and kind != "comparison":
                reached.append(causes)
                summaries[study] = _union(reached)
            yield kind, named or ("" if kind == "comparison" else study), causes
            reached.append(causes)
        yield "record", study, _of_record(artefacts.records[study], record, _union(reached))


def _sealed(path: str, wanted: str, spec: str) -> tuple[str, ...]:
    if not Path(path).exists():
        return (MISSING,)
    return () if read_identity(path) == wanted else _against(path, spec)


def _artefact(own: Artefact, record: dict, above: tuple[str, ...]) -> tuple[str, ...]:
    if not all(Path(file).exists() for file in own.files):
        return _union([above, (MISSING,)])
    if own.receipt and Path(own.receipt).exists() and changed(own.receipt, own.files):
        return _union([above, (EDITED,)])
    same = (
        made_from(own.receipt, own.spec)
        if own.receipt
        else all(read_identity(file) == identity(own.spec) for file in own.files)
    )
    if same:
        return ()
    before = record.get("artefacts", {}).get(own.files[0], {}).get("spec", {})
    own_causes = tuple(differences(before, json.loads(own.spec))) if before else ()
    return _union([own_causes, above]) or (UNKNOWN,)


def _record(study: str) -> dict:
    try:
        return json.loads(Path(f"results/provenance/{study}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _of_record(own: Artefact, record: dict, above: tuple[str, ...]) -> tuple[str, ...]:
    if not record:
        return _union([above, (MISSING,)])
    return above or ((QUOTED,) if _configured(own, record) else ())


def _configured(own: Artefact, record: dict) -> tuple[str, ...]:
    """How the configuration of a record differs from what it is to quote."""
    if not record:
        return ()
    return tuple(differences(record["configuration"], json.loads(own.spec)["configuration"]))


def _union(causes) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cause for own in causes for cause in own))


def differences(before, after, key: str = "") -> Iterator[str]:
    """How two specs differ, a line each: `key.of.it: old -> new`; identities are left out."""
    listed, (before, after) = (before, after), (_named(before), _named(after))
    if before == after and listed[0] != listed[1]:
        yield f"{key}: listed in another order"
    elif isinstance(before, dict) and isinstance(after, dict):
        for name in sorted({*before, *after}):
            if name in _FOLLOWS and not key:
                continue
            if name not in before or name not in after or before[name] != after[name]:
                below = f"{key}.{name}" if key else name
                missing = object()
                yield from differences(before.get(name, missing), after.get(name, missing), below)
    elif key == "digest":
        yield _CODE
    elif before != after:
        yield f"{key}: {_text(before)} -> {_text(after)}"


def _named(value):
    """A list of methods or feedbacks by their names."""
    if isinstance(value, list) and value and all(isinstance(own, dict) for own in value):
        names = [own.get("name") for own in value]
        if None not in names and len(set(names)) == len(names):
            return {own["name"]: own for own in value}
    return value


def _text(value) -> str:
    if type(value) is object:
        return "nothing"
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 60 else f"{text[:57]}..."
