"""Record where the files of a study or target come from, for `inspect` and the RO-Crate."""

import json
from datetime import UTC, datetime

from sdposim.analysis.logs import read_metadata
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.storage.errors import UserError
from sdposim.storage.files import sha256, write_text
from sdposim.storage.parquet import open_sealed
from sdposim.storage.receipts import changed
from sdposim.storage.seal import Unusable, identity, setting_aside
from sdposim.workflow.provenance import git_commit, versions
from sdposim.workflow.study import canonical

KINDS = ("study", "target")


def run(spec: str, output: str) -> None:
    """Write the record of a study, or of a target that is no study, such as the joint fit.

    Args:
        spec: canonical JSON with `study` or `target` (its name), `configuration` (resolved), `logs`
            (path to identity), `sealed` (likewise, of other Parquet files), `artefacts` (name to
            `inputs`, `files`, `receipt`, `spec`) and the digest of this step. What has no receipt
            is sealed.
        output: JSON file to write.

    Raises:
        UserError: a log or a summary is damaged or was made from something else, a table or figure
            was changed since it was made, or the file cannot be written.
    """
    asked = parse(spec, STANDARD_INPUT, configuration=dict, logs=dict, sealed=dict, artefacts=dict)
    with setting_aside():
        logs = _logs(asked["logs"])
        for path, made_from in asked["sealed"].items():
            open_sealed(path, made_from)
        for made in asked["artefacts"].values():
            _check(made)
    record = {key: asked[key] for key in KINDS if key in asked} | {
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_commit": git_commit(),
        "versions": versions(),
        "configuration": asked["configuration"],
        "logs": logs,
        "sealed": {
            path: {"identity": made_from, "sha256": sha256(path)}
            for path, made_from in asked["sealed"].items()
        },
        "artefacts": {
            path: {"name": name, "sha256": sha256(path), "inputs": made["inputs"]}
            | {"spec": made["spec"]}
            for name, made in asked["artefacts"].items()
            for path in made["files"]
        },
    }
    write_text(output, json.dumps(record, indent=1, sort_keys=True) + "\n")
    numbers = len(logs) + len(record["sealed"])
    print(f"{output}: {numbers} logs, {len(record['artefacts'])} artefacts", flush=True)


def _logs(wanted: dict[str, str]) -> dict[str, dict]:
    """What a record says about logs, given what they must have been made from.

    Raises:
        Unusable: logs are damaged or were made from something else; all of them are named.
    """
    result: dict[str, dict] = {}
    unusable: dict[str, str] = {}
    for path, made_from in wanted.items():
        try:
            result[path] = _log(path, made_from)
        except Unusable as error:
            unusable |= error.reasons
    if unusable:
        raise Unusable(unusable)
    return result


def _check(made: dict) -> None:
    """Check that the files of an artefact are what its job wrote."""
    if not made["receipt"]:
        for path in made["files"]:
            open_sealed(path, identity(canonical(made["spec"])))
    elif edited := changed(made["receipt"], made["files"]):
        raise UserError(f"{edited[0]} was changed since it was made; run again to make it anew")


def _log(path: str, made_from: str) -> dict:
    metadata = read_metadata(path, made_from)
    spec = metadata["spec"]
    return {
        "sha256": sha256(path),
        "condition": metadata["condition"],
        "seeds": spec["seeds"],
        "digest": spec["digest"],
        "git_commit": metadata["git_commit"],
        "versions": metadata["versions"],
    }
