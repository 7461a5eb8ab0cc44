"""What must happen before Snakemake reads a Snakefile; the default profile asks for it."""

import os
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from sdposim.storage.errors import UserError
from sdposim.storage.garbage import spare
from sdposim.workflow.configuration.load import read_yaml

_TEMPORARY = []
"""Folders that are removed when the process ends."""


def prepare(arguments: list[str], cache: str) -> None:
    """Answer what Snakemake would answer by a traceback of its own, and let it end sooner.

    Args:
        arguments: Snakemake's, as typed.
        cache: the folder in which Snakemake keeps copies of sources, usually below the home folder.
            Where it cannot be written, a temporary one takes its place.

    Raises:
        SystemExit: a file of `--configfile` cannot be used; the message is one sentence.
    """
    spare()
    # No abbreviations: `--config` would be one.
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--configfile", "--configfiles", nargs="+", default=[])
    known, _ = parser.parse_known_args(arguments)
    try:
        for path in known.configfile:
            read_yaml(path)
    except UserError as error:
        raise SystemExit(f"error: {error}") from None
    if not _writable(Path(cache)):
        _TEMPORARY.append(tempfile.TemporaryDirectory(prefix="snakemake-"))
        os.environ["XDG_CACHE_HOME"] = _TEMPORARY[-1].name


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
