"""Record where the files of a study come from, for `inspect` and for the RO-Crate."""

import json
from datetime import UTC, datetime

from sdposim.files import sha256, write_text
from sdposim.logs import read_metadata
from sdposim.provenance import git_commit, versions
from sdposim.seal import setting_aside
from sdposim.specs import STANDARD_INPUT, parse


def run(spec: str, output: str) -> None:
    """Write the record of a study.

    Args:
        spec: canonical JSON with `study`, `configuration` (resolved), `logs`, `summary`
            (`inputs`, `files`, `spec`), `artefacts` (name to `inputs`, `files`, `spec`) and the
            digest of this step.
        output: JSON file to write.

    Raises:
        UserError: a log is damaged, or the file cannot be written.
    """
    asked = parse(spec, STANDARD_INPUT, study=str, configuration=dict, logs=list, artefacts=dict)
    with setting_aside():
        logs = {path: _log(path) for path in asked["logs"]}
    record = {
        "study": asked["study"],
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "git_commit": git_commit(),
        "versions": versions(),
        "configuration": asked["configuration"],
        "logs": logs,
        "artefacts": {
            path: {"name": name, "sha256": sha256(path), "inputs": made["inputs"]}
            | {"spec": made["spec"]}
            for name, made in asked["artefacts"].items()
            for path in made["files"]
        },
    }
    write_text(output, json.dumps(record, indent=1, sort_keys=True) + "\n")
    print(f"{output}: {len(record['logs'])} logs, {len(record['artefacts'])} artefacts", flush=True)


def _log(path: str) -> dict:
    metadata = read_metadata(path)
    spec = metadata["spec"]
    return {
        "sha256": sha256(path),
        "condition": metadata["condition"],
        "seeds": spec["seeds"],
        "digest": spec["digest"],
        "git_commit": metadata["git_commit"],
        "versions": metadata["versions"],
    }
