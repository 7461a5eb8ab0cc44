"""Small identifications and joint fits, run from a folder by this checkout's rules and code."""

import os
import shutil
from pathlib import Path

import yaml

import forked
from ministudy import Study

ROOT = Path(__file__).parents[1]


def small_folder(folder: Path, whole: bool = False) -> Path:
    """A working folder with the default configuration.

    Unless it is asked for as a whole, without all that an identification and a fit do not read:
    to plan its studies takes a third of a dry run.
    """
    (folder / "config").mkdir(parents=True)
    default, path = ROOT / "config" / "config.yaml", folder / "config" / "config.yaml"
    if whole:
        shutil.copy(default, path)
        return folder
    values = yaml.safe_load(default.read_text(encoding="utf-8"))
    for group, kept in (("settings", ["paper"]), ("studies", ["noise"])):
        values[group] = {name: values[group][name] for name in kept}
    del values["methods"], values["feedbacks"]
    path.write_text(yaml.safe_dump(values | {"run": ["noise"]}, sort_keys=False), encoding="utf-8")
    return folder


def run_snakemake(folder: Path, configuration: dict, *arguments: str) -> str:
    """Run Snakemake with an overlay, `small.yaml`; its output.

    Raises:
        AssertionError: the run fails.
    """
    (folder / "small.yaml").write_text(yaml.safe_dump(configuration))
    own = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", "small.yaml", *arguments]
    profile = ["--workflow-profile", str(ROOT / "profiles" / "default")]
    cache = os.environ.get("SDPOSIM_CACHE", str(ROOT / ".cache" / "numba"))
    environment = os.environ | {"SDPOSIM_CACHE": cache}
    done = forked.snakemake([*profile, *own], folder, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def own_sources(finished: Path, folder: Path) -> Study:
    """A copy of a finished run with sources of its own, to be edited."""
    study = Study(finished, None).copy(folder)
    study.copy_sources()
    return study


def planned_jobs(study: Study, *targets: str) -> set[str]:
    """What a run of some targets would compute, without the targets."""
    return study.jobs("--configfile", "small.yaml", "--", *targets) - set(targets)


RECORD = {"provenance_target"}
"""The rule of a target's record, which is made again with anything else."""


def made_files(folder: Path, name: str) -> set[str]:
    """Every file of a target, and all figures."""
    results = folder / "results"
    places = [
        *(results / name).rglob("*.*"),
        *(results / "joblogs" / name).rglob("*.*"),
        *(results / "joblogs" / "provenance").rglob("*.*"),
        *(results / "receipts").rglob("*.*"),
        *(results / "provenance").rglob("*.*"),
        *(folder / "reports" / "figures").glob("*"),
    ]
    return {path.relative_to(folder).as_posix() for path in places if path.is_file()}


def rewritten(path: str):
    """An edit by hand of a report."""

    def edit(study: Study) -> None:
        file = study.path(path)
        file.write_text(file.read_text(encoding="utf-8") + "edited\n", encoding="utf-8")

    return edit


def without_records(edit):
    """An edit in a copied folder, where Snakemake has no records."""

    def both(study: Study) -> None:
        edit(study)
        shutil.rmtree(study.path(".snakemake/metadata"))

    return both


def rerun_rules(finished: Path, folder: Path, edit, *targets: str) -> set[str]:
    """The rules that a run of targets would run again after an edit of a copy."""
    study = own_sources(finished, folder)
    edit(study)
    return {job.split()[0] for job in planned_jobs(study, *targets)}
