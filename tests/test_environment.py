"""The lock file, the conda environment and what is installed agree."""

import importlib.util
import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "envs/requirements.lock").read_text(encoding="utf-8")


def test_conda_environment_has_the_versions_of_the_lock():
    spec = importlib.util.spec_from_file_location("conda", ROOT / "envs/conda.py")
    conda = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(conda)
    assert (ROOT / "envs/environment.yaml").read_text(encoding="utf-8") == conda.environment()


def test_lock_has_hashes_and_no_addresses():
    requirements = re.split(r"\n(?=[a-z])", LOCK.strip())
    assert len(requirements) > 20
    assert all("--hash=sha256:" in requirement for requirement in requirements)
    assert "://" not in LOCK


@pytest.mark.parametrize("name", ["numpy", "numba", "llvmlite", "pandas", "pyarrow", "snakemake"])
def test_installed_version_is_the_locked_one(name):
    assert f"\n{name}=={version(name)} " in LOCK, "run `make setup`"
