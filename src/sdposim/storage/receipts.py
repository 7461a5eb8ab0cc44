"""Receipts: what a table, a figure or the comparison was made from, and the checksums of its files.

The job that makes the files writes their receipt, so that an edit by hand is never taken for a
result, whatever Snakemake's records say.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from sdposim.storage.files import sha256, write_text
from sdposim.storage.seal import identity


def write_receipt(path: str | Path, files: Iterable[str | Path], spec: str) -> None:
    """Write the receipt of files that were just made.

    Args:
        path: JSON file to write.
        files: the files, relative to the working directory.
        spec: canonical JSON of what they were made from.

    Raises:
        UserError: the receipt cannot be written.
    """
    content = {
        "identity": identity(spec),
        "sha256": {str(file): sha256(file) for file in files},
    }
    write_text(path, json.dumps(content, sort_keys=True, indent=1) + "\n")


def made_from(path: str | Path, spec: str) -> bool:
    """Whether a receipt says that its files were made from `spec`; not if it is missing."""
    return _read(path)["identity"] == identity(spec)


def changed(path: str | Path, files: Iterable[str]) -> list[str]:
    """Those of the existing files that do not have the checksum in their receipt.

    A file that the receipt does not name counts as changed, and so do all where it is missing or
    damaged.
    """
    known = _read(path)["sha256"]
    return [file for file in files if Path(file).is_file() and known.get(file) != sha256(file)]


def _read(path: str | Path) -> dict:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        return {"identity": content["identity"], "sha256": dict(content["sha256"])}
    except (OSError, ValueError, KeyError, TypeError):
        return {"identity": None, "sha256": {}}
