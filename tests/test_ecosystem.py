"""Files that other tools, catalogs and forges read say what is true of this checkout."""

import os
import re
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


def planned(folder, *arguments):
    """Which rules a dry run in `folder` wants, with the number of their jobs, and what it says."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", "--dry-run", *arguments],
        cwd=folder,
        env=kept | {"SDPOSIM_CACHE": str(ROOT / ".cache" / "numba")},
        capture_output=True,
        text=True,
        check=False,
    )
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
