"""Files that other tools, catalogs and forges read say what is true of this checkout."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DOORS = ("Snakefile", "workflow/Snakefile")
TINY = {
    "run": ["tiny"],
    "studies": {
        "tiny": {
            "methods": ["sdpo"],
            "feedbacks": ["binary"],
            "seeds": 1,
            "tables": {"tiny": {"kind": "final_reward"}},
        }
    },
}
OUTER = """
module sdposim:
    snakefile:
        {snakefile!r}
    config:
        {config}


use rule * from sdposim as sdposim_*
"""

# --- the two Snakefiles -------------------------------------------------------------------------


def snakemake(folder, *arguments):
    """A dry run in a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--dry-run", *arguments],
        cwd=folder,
        env=kept | {"SDPOSIM_CACHE": str(ROOT / ".cache" / "numba")},
        capture_output=True,
        text=True,
        check=False,
    )


def planned(folder, *arguments):
    """Which rules a dry run in `folder` wants, with the number of their jobs, and what it says."""
    done = snakemake(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = re.findall(r"^(\w+) +(\d+)$", done.stdout, re.MULTILINE)
    return {name: int(number) for name, number in jobs}, done.stderr


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with a small study's configuration and no other file."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump(TINY))
    return folder


@pytest.mark.parametrize("door", DOORS)
def test_either_snakefile_runs_the_study_with_the_default_profile(study, door):
    jobs, said = planned(study, "--snakefile", str(ROOT / door))
    assert {"all": 1, "train": 1, "table": 1}.items() <= jobs.items()
    profile = (ROOT / door).parent / "profiles" / "default"
    assert f"workflow specific profile {profile} " in said


@pytest.mark.parametrize("door", DOORS)
def test_either_snakefile_is_a_module_with_a_default_target(study, tmp_path, door):
    (tmp_path / "Snakefile").write_text(OUTER.format(snakefile=str(ROOT / door), config=TINY))
    jobs, _ = planned(tmp_path)
    expected, _ = planned(study, "--snakefile", str(ROOT / door))
    assert jobs == {
        f"sdposim_{name}" if name != "total" else name: n for name, n in expected.items()
    }


def test_rules_without_the_checkout_around_them_are_refused_in_a_sentence(tmp_path):
    repository = tmp_path / "repository"
    shutil.copytree(ROOT / "workflow", repository / "workflow")
    identity = ("-c", "user.name=a", "-c", "user.email=a@b")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "a"]):
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    file = f'gitfile({str(repository)!r}, path="workflow/Snakefile", ref="HEAD")'
    (tmp_path / "Snakefile").write_text(
        OUTER.replace("{snakefile!r}", "{snakefile}").format(snakefile=file, config=TINY)
    )
    done = snakemake(tmp_path)
    assert done.returncode and "so clone sdposim and name path/to/sdposim/" in done.stderr
    assert "Traceback" not in done.stderr


# --- versions of Python -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def interpreter():
    spec = importlib.util.spec_from_file_location("interpreter", ROOT / "envs/interpreter.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("version", "has", "said"),
    [
        ((3, 10), (True, True, True), "Python 3.10 is too old: "),
        ((3, 15), (True, True, True), "Python 3.15 is newer than the locked packages: "),
        ((3, 11), (False, True, True), "Python 3.11 cannot create environments: "),
        ((3, 14), (True, False, True), "immutables, which needs a C compiler: install gcc"),
        ((3, 14), (True, False, False), "which needs a C compiler and Python's headers: "),
        ((3, 11), (True, False, False), None),
        ((3, 13), (True, False, False), None),
        ((3, 14), (True, True, True), None),
    ],
)
def test_a_python_that_cannot_work_is_told_in_a_sentence(interpreter, version, has, said):
    found = interpreter.problem(version, *has)
    assert (found is None) if said is None else (said in found and "\n" not in found)


def test_the_package_to_compile_is_the_one_that_was_looked_at():
    # Another version may come with a wheel for 3.14: then envs/interpreter.py asks for too much.
    lock = (ROOT / "envs/requirements.lock").read_text(encoding="utf-8")
    assert "\nimmutables==0.21 " in lock


def test_setup_asks_before_it_makes_an_environment():
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\n$(READY):")[2]
    assert recipe.index("$(PYTHON) envs/interpreter.py") < recipe.index("$(PYTHON) -m venv")
