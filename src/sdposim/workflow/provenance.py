"""Where a result comes from: versions, commit, interpreter; kept beside the numbers."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

RECORDED = ("sdposim", "numpy", "numba", "llvmlite", "pandas", "pyarrow", "snakemake")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results can depend on."""
    result = {"python": platform.python_version()}
    for name in RECORDED:
        try:
            result[name] = version(name)
        except PackageNotFoundError:
            result[name] = "not installed"
    return result


def git_commit() -> str:
    """The commit of these sources, with '-dirty' if tracked files differ from it.

    Sources unpacked inside another repository, or installed into an environment in it, are not of
    that repository's commit: this file must be tracked where it is.
    """
    try:
        _git("ls-files", "--error-unmatch", Path(__file__).name)
        if Path(_git("rev-parse", "--show-toplevel")) != Path(__file__).resolve().parents[3]:
            return _NO_CHECKOUT
        return _git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    except (OSError, subprocess.CalledProcessError):
        return _NO_CHECKOUT


_NO_CHECKOUT = "not a git checkout"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).resolve().parent), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
