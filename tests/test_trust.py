"""What a run may believe and what it may do, beyond damaged files (those: test_faults.py).

Nothing but a run moves, locks or makes files; what lies in the working directory never becomes
code; an edited report and a foreign or swapped log never become results.
"""

import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import llvmlite.binding as llvm
import pytest
import yaml

from ministudy import ROOT, Study
from sdposim.model.kernel import kernel_digest
from sdposim.model.numerics import ready
from sdposim.model.numerics.fingerprint import machine

# Everything that Snakemake can be asked for without running a job.
ASKED = (
    "--dry-run",
    "--list-rules",
    "--lint",
    "--summary",
    "--dag",
    "--rulegraph",
    "--report report.html",
    "--unlock",
    "--delete-all-output --dry-run",
    "--touch --dry-run",
)


def state(study: Study) -> dict[str, tuple]:
    """Every file of the study but Snakemake's own notes: inode, time and size."""
    paths = [path for folder in ("results", "reports") for path in study.path(folder).rglob("*")]
    paths += [study.path(".snakemake/sdposim.lock")]
    return {
        path.relative_to(study.folder).as_posix(): (
            path.stat().st_ino,
            path.stat().st_mtime_ns,
            path.stat().st_size,
        )
        for path in paths
        if path.is_file()
    }


def overlay(study: Study, changes: dict) -> tuple[str, str]:
    """The arguments of Snakemake for a file with changes of the configuration."""
    study.path("mine.yaml").write_text(yaml.safe_dump(changes), encoding="utf-8")
    return "--configfile", "mine.yaml"


# --- nothing but a run changes anything ------------------------------------------------------


@pytest.fixture(scope="module")
def copied(finished, tmp_path_factory):
    """The finished study as it arrives from another machine: without Snakemake's records."""
    study = finished.copy(tmp_path_factory.mktemp("copied") / "study")
    shutil.rmtree(study.path(".snakemake"))
    return study


@pytest.mark.parametrize("asked", ASKED)
def test_asking_with_another_configuration_changes_no_file(copied, asked):
    before = state(copied)
    changes = overlay(copied, {"settings": {"paper": {"training": {"steps": 6}}}})
    done = copied.snakemake(*asked.split(), "--cores", "2", *changes)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode == 0 or asked == "--lint", done.stdout + done.stderr
    assert state(copied) == before


def test_a_dry_run_lists_what_was_made_from_other_settings(copied, finished):
    changes = overlay(copied, {"settings": {"paper": {"training": {"steps": 6}}}})
    assert copied.jobs(*changes) == finished.copy(copied.path("recorded")).jobs(
        "--configfile", str(copied.path("mine.yaml"))
    )
    assert copied.jobs() == set()


def test_asking_is_allowed_during_a_run_and_locks_nothing(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    study.path("reports/tables/table1.csv").unlink()
    with study.path(".snakemake/sdposim.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "table table1" in study.jobs()
        refused = study.snakemake("--cores", "2")
        assert refused.returncode == 1
        assert "error: another run is active in this folder" in refused.stderr
        assert "Traceback" not in refused.stdout + refused.stderr
    assert not study.path("reports/tables/table1.csv").exists()
    study.run()


def test_what_a_run_sets_aside_is_what_it_makes_again(finished, tmp_path):
    """A target that needs few of the outdated files leaves the others where they are."""
    study = finished.copy(tmp_path / "study")
    shutil.rmtree(study.path(".snakemake"))
    logs = set(study.logs())
    changes = overlay(study, {"settings": {"paper": {"training": {"steps": 6}}}})
    target = "results/logs/paper/reinforce/binary/noise=0.1/seeds=0-1.parquet"
    study.run(target, *changes)
    assert set(study.files("results/**/*.set-aside")) == {f"{target}.set-aside"}
    assert set(study.logs()) == logs


# --- code comes from this checkout only ------------------------------------------------------


def test_python_files_in_the_working_directory_are_not_imported(finished, tmp_path):
    """Neither a package of our name nor one of the standard library's, in no job."""
    study = Study(tmp_path / "study")
    for name in ("sdposim/__init__.py", "sdposim/__main__.py", "platform.py", "json.py"):
        study.path(name).parent.mkdir(exist_ok=True)
        study.path(name).write_text(f"raise SystemExit('{name} was imported')\n")
    program = Path(sys.executable).parent / "snakemake"
    command = [str(program), *study.command("--cores", "2")[3:]]
    done = subprocess.run(
        command, cwd=study.folder, env=study.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert study.values() == finished.values()


def test_the_program_of_the_docs_does_not_import_from_the_working_directory(tmp_path):
    (tmp_path / "sdposim").mkdir()
    (tmp_path / "sdposim/__init__.py").write_text("raise SystemExit('imported')\n")
    program = Path(sys.executable).parent / "sdposim"
    done = subprocess.run([program, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "usage: sdposim" in done.stdout, done.stderr
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]
    documents += [*ROOT.glob("config/**/*.*"), ROOT / "Makefile"]
    for path in documents:
        assert "python -m sdposim" not in path.read_text(encoding="utf-8"), path


def test_results_hold_no_machine_code(finished):
    """So a results folder from a stranger is data: what it holds is read, never run."""
    said = finished.path(f"results/kernels/{kernel_digest()}.json").read_text(encoding="utf-8")
    assert json.loads(said) == {"sources": kernel_digest()}


NOTHING = """
define i32 @nothing(ptr %result, ptr %exception) {
  ret i32 0
}
"""


def test_a_kernel_among_the_results_is_not_run(finished, tmp_path):
    """Whole, and for this machine: whoever wrote the file would have his code run."""
    study = finished.copy(tmp_path / "study")
    code = ready._target(machine()).emit_object(llvm.parse_assembly(NOTHING))
    foreign = {
        "machine": machine(),
        "symbol": "nothing",
        "sha256": hashlib.sha256(code).hexdigest(),
        "code": base64.b64encode(code).decode(),
        "sources": kernel_digest(),
    }
    for path in study.files("results/kernels/*").values():
        path.write_text(json.dumps(foreign), encoding="utf-8")
    study.path("results/logs/other/hybrid/ordinal/noise=0.2/seeds=4-4.parquet").unlink()
    study.run()
    assert study.values() == finished.values()


# --- reports and records ---------------------------------------------------------------------


def damaged(path: Path, how: str) -> None:
    """Edit or truncate a file; "same times" keeps its time stamp."""
    before, content = path.stat(), path.read_bytes()
    path.write_bytes(content[: len(content) // 2] if "cut" in how else content + b"edited\n")
    if "times" in how:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


EDITS = {
    "reports/tables/table1.csv": "edited",
    "reports/tables/my_table.tex": "cut",
    "reports/figures/figure4.svg": "edited, same times",
    "reports/comparison.md": "cut, same times",
}


def test_an_edited_or_truncated_report_is_made_again(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    for name, how in EDITS.items():
        damaged(study.path(name), how)
    assert {"table table1", "table my_table", "figure figure4", "comparison"} <= study.jobs()
    output = study.run()
    for name in EDITS:
        assert f"{name} was changed since it was made: a run makes it again" in output
        assert study.path(name).read_bytes() == finished.path(name).read_bytes()
    for name, record in study.records().items():
        for path, entry in record["artefacts"].items():
            assert entry["sha256"] == finished.records()[name]["artefacts"][path]["sha256"], path
    assert study.jobs() == set()


def test_an_edited_report_is_made_again_where_its_record_is_lost(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    damaged(study.path("reports/tables/table1.csv"), "edited")
    shutil.rmtree(study.path("results/provenance"))
    study.run()
    assert study.values() == finished.values()


def test_a_record_does_not_vouch_for_a_report_that_was_edited_meanwhile(finished, tmp_path):
    """After the run looked at it: the job of the record itself refuses it."""
    study = finished.copy(tmp_path / "study")
    record = study.records()["mine"]
    spec = {"study": "mine", "configuration": {}, "logs": {}, "sealed": {}, "digest": ""}
    made = {
        "inputs": [],
        "files": ["reports/tables/my_table.csv"],
        "receipt": "results/receipts/tables/my_table.json",
        "spec": record["artefacts"]["reports/tables/my_table.csv"]["spec"],
    }
    command = [sys.executable, "-m", "sdposim", "provenance", "--output", "record.json"]
    for edited in (False, True):
        if edited:
            damaged(study.path("reports/tables/my_table.csv"), "edited")
        done = subprocess.run(
            command,
            cwd=study.folder,
            env=study.environment() | {"PYTHONPATH": str(ROOT / "src")},
            input=json.dumps(spec | {"artefacts": {"table my_table": made}}),
            capture_output=True,
            text=True,
        )
        assert done.returncode == edited, done.stderr
    assert "error: reports/tables/my_table.csv was changed since it was made" in done.stderr


def test_a_record_does_not_vouch_for_swapped_logs(finished, tmp_path):
    study = finished.copy(tmp_path / "study")
    first, second = (
        study.path(f"results/logs/paper/{method}/binary/noise=0.0/seeds=0-1.parquet")
        for method in ("sdpo", "reinforce")
    )
    stamps = [path.stat() for path in (first, second)]
    first.rename(study.path("third"))
    second.rename(first)
    study.path("third").rename(second)
    for path, stamp in zip((first, second), stamps, strict=True):
        os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    shutil.rmtree(study.path("results/provenance"))
    refused = 0
    # One of the logs is read by two studies, the other by one: whichever job comes first refuses.
    while (done := study.snakemake("--cores", "2")).returncode:
        refused += 1
        assert refused <= 2 and "Traceback" not in done.stdout + done.stderr
        assert "was made from other settings or by other code" in done.stdout + done.stderr
    assert refused and study.values() == finished.values()
    for record in study.records().values():
        for path, entry in record["logs"].items():
            assert f"/{entry['condition']['method']}/" in path


# --- the commit ------------------------------------------------------------------------------


def test_the_commit_of_another_repository_is_not_recorded(tmp_path):
    """Such as where a tarball of the sources was unpacked inside a repository."""

    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "commit.gpgsign=false"]
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)

    def recorded(folder):
        code = "from sdposim.workflow.provenance import git_commit; print(git_commit())"
        environment = os.environ | {"PYTHONPATH": str(folder / "src")}
        return subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    inside = tmp_path / "unpacked"
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "src", inside / "src", ignore=ignored)
    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "another project")
    assert recorded(inside) == "not a git checkout"
    git("add", ".")
    git("commit", "-q", "-m", "the sources as part of another project")
    assert recorded(inside) == "not a git checkout"
    # At the top of a repository that tracks them, they are of its commit.
    git("mv", "unpacked/src", "src")
    git("commit", "-q", "-m", "its own project")
    assert len(recorded(tmp_path)) == 40
