"""Write environment.yaml, the conda counterpart of requirements.lock (`make lock` runs this)."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
HEAD = """\
# The conda counterpart of requirements.lock: the same versions of the packages that
# requirements.in names. The lock is the one that is tested. Written by envs/conda.py.
name: sdposim
channels:
  - conda-forge
  - bioconda
dependencies:
  - python=3.11
"""


def environment() -> str:
    """The text of environment.yaml."""
    lock = (FOLDER / "requirements.lock").read_text(encoding="utf-8")
    versions = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", lock, re.MULTILINE))
    lines = (FOLDER / "requirements.in").read_text(encoding="utf-8").splitlines()
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return HEAD + "".join(f"  - {name}={versions[name]}\n" for name in names)


if __name__ == "__main__":
    (FOLDER / "environment.yaml").write_text(environment(), encoding="utf-8")
