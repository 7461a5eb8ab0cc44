"""Say in one sentence why the Python that runs this cannot hold the project, where it cannot.

`make setup` asks; any Python from 3.6 on can read this.
"""

import os
import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

FIRST, LAST = (3, 11), (3, 14)
"""The first and the last version for which every package of requirements.lock can be had."""

WHEELS = (3, 13)
"""The last version for which none of them has to be compiled. Snakemake needs immutables."""


def problem(version: tuple, pip: bool, compiler: bool, headers: bool):
    """What is wrong with a Python, as a sentence, or None.

    Args:
        version: major and minor number.
        pip: whether it can make environments with pip.
        compiler: whether a C compiler is installed.
        headers: whether Python's C headers are installed.
    """
    name = "Python {}.{}".format(*version)
    if not FIRST <= version <= LAST:
        reason = "too old" if version < FIRST else "newer than the locked packages"
        return f"{name} is {reason}: sdposim needs Python 3.11 to 3.14 (make PYTHON=python3.11)"
    if not pip:
        return f"{name} cannot create environments: on Debian install python3-venv"
    needed = {"a C compiler": compiler, "Python's headers": headers}
    missing = " and ".join(what for what, there in needed.items() if not there)
    if version > WHEELS and missing:
        package = "python{}.{}-dev".format(*version)
        return (
            f"{name} must compile the package immutables, which needs {missing}: install gcc and"
            f" {package}, or take Python 3.11 to 3.13 (make PYTHON=python3.11)"
        )
    return None


def main() -> None:
    """Exit with the sentence, or without one."""
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    found = problem(
        sys.version_info[:2],
        find_spec("ensurepip") is not None,
        shutil.which(compiler.split()[0]) is not None,
        Path(sysconfig.get_path("include"), "Python.h").exists(),
    )
    sys.exit(f"error: {found}" if found else 0)


if __name__ == "__main__":
    main()
