"""Where a result comes from: versions, commit, interpreter; kept beside the numbers."""

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version

RECORDED = ("sdposim", "numpy", "numba", "llvmlite", "pandas", "pyarrow", "snakemake")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results can depend on."""
    found = {"python": platform.python_version()}
    for name in RECORDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def git_commit() -> str:
    """The commit of the working directory, with '-dirty' if tracked files differ from it."""
    try:
        return subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "not a git checkout"
