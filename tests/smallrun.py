"""Small identifications and joint fits, run from a folder by this checkout's rules and code."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ministudy import Study

ROOT = Path(__file__).parents[1]


def small_folder(folder: Path) -> Path:
    """A working folder with the default configuration."""
    (folder / "config").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "config.yaml", folder / "config")
    return folder


def run_snakemake(folder: Path, configuration: dict, *arguments: str) -> str:
    """Run Snakemake with an overlay, `small.yaml`; its output.

    Raises:
        AssertionError: the run fails.
    """
    (folder / "small.yaml").write_text(yaml.safe_dump(configuration))
    command = [
        *(sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile")),
        *("--workflow-profile", str(ROOT / "profiles" / "default")),
        *("--configfile", "small.yaml", *arguments),
    ]
    cache = os.environ.get("SDPOSIM_CACHE", str(ROOT / ".cache" / "numba"))
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"SDPOSIM_CACHE": cache},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def own_sources(finished: Path, folder: Path) -> Study:
    """A copy of a finished run with sources of its own, to be edited."""
    study = Study(finished, None).copy(folder)
    study.copy_sources()
    return study


def planned_jobs(study: Study, *targets: str) -> set[str]:
    """What a run of some targets would compute, without the targets."""
    return study.jobs("--configfile", "small.yaml", "--", *targets) - set(targets)


def rerun_rules(finished: Path, folder: Path, edit, *targets: str) -> set[str]:
    """The rules that a run of targets would run again after an edit of a copy."""
    study = own_sources(finished, folder)
    edit(study)
    return {job.split()[0] for job in planned_jobs(study, *targets)}
