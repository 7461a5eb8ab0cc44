"""What the record of a study (results/provenance) says about its tables and figures."""

import json
from pathlib import Path

from sdposim.files import sha256


def unrecorded(record: str | Path, paths: list[str], spec: dict) -> list[str]:
    """Existing files that a record does not vouch for.

    Args:
        record: the study's record; it may be missing or damaged.
        paths: tables or figures.
        spec: what they are to be made from.

    Returns:
        Those of `paths` that exist, but not with the recorded content made from `spec`.
    """
    try:
        entries = dict(json.loads(Path(record).read_text(encoding="utf-8"))["artefacts"])
    except (OSError, ValueError, KeyError, TypeError):
        entries = {}
    return [
        path
        for path in paths
        if Path(path).is_file() and not _vouched(entries.get(path), path, spec)
    ]


def _vouched(entry: object, path: str, spec: dict) -> bool:
    found = entry if isinstance(entry, dict) else {}
    return found.get("spec") == spec and found.get("sha256") == sha256(path)
