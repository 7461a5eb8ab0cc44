"""Damaged files, full and read-only disks, copies: a correct result or one clear sentence."""

import copy
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edits import put
from killing import CONFIGURATION, CORES, Run
from ministudy import ROOT, Study, listed_jobs
from sdposim.analysis.files import read_summary, write_summary
from sdposim.analysis.logs import SCHEMA, Log, read_log, write_log
from sdposim.model.kernel import kernel_digest
from sdposim.model.metrics import METRICS
from sdposim.model.numerics.fingerprint import processor
from sdposim.storage.errors import UserError
from sdposim.storage.files import one_at_a_time, write_text
from sdposim.storage.parquet import sealed_writer
from sdposim.storage.seal import Unusable, read_identity, setting_aside

NAMESPACE = ["unshare", "--map-root-user", "--mount", "bash", "-c"]
LOGS = "results/logs/paper/"


def told(done: subprocess.CompletedProcess | tuple, *expected: str) -> str:
    """The output of a run that failed as it should: no traceback, and these texts."""
    output = done.stdout + (done.stderr or "")
    assert done.returncode not in (0, None), output
    assert "Traceback" not in output, output
    for text in expected:
        assert text in output, f"{text!r} is not in:\n{output}"
    return output


def stamps(study) -> dict[str, tuple]:
    """Inode and time of every log: the same if it was not trained again."""
    return {
        name: (path.stat().st_ino, path.stat().st_mtime_ns) for name, path in study.logs().items()
    }


# --- damaged bytes --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """A log and a summary, and how they are read."""
    folder = tmp_path_factory.mktemp("sealed") / "results"
    rng = np.random.default_rng(0)
    steps = np.arange(1, 8)
    log = Log(np.arange(3), steps, rng.random((3, steps.size, len(METRICS))))
    write_log(folder / "log.parquet", [log], {"condition": {"method": "sdpo"}}, "0" * 16)
    frame = pd.DataFrame({"method": ["sdpo"] * 4, "reward": rng.random(4)})
    write_summary(folder / "cells.parquet", frame, '{"analysis":{}}')
    return {
        folder / "log.parquet": lambda path: list(read_log(path)),
        folder / "cells.parquet": read_summary,
    }


@st.composite
def damages(draw, size):
    """A function from a file's bytes to damaged ones, and never to the same ones."""
    kind = draw(st.sampled_from(["bit", "cut", "zeros", "more", "hole", "swap", "foreign"]))
    at = draw(st.integers(0, size - 1))
    width = draw(st.integers(1, 64))
    noise = draw(st.binary(min_size=1, max_size=200))

    def damage(content: bytes) -> bytes:
        if kind == "bit":
            return content[:at] + bytes([content[at] ^ (1 << width % 8)]) + content[at + 1 :]
        if kind == "cut":
            return content[:at]
        if kind == "zeros":
            return content[:at] + bytes(len(content[at : at + width])) + content[at + width :]
        if kind == "more":
            return content + noise
        if kind == "hole":
            return content[:at] + content[at + width :]
        if kind == "swap":
            return content[at:] + content[:at]
        return b"PAR1" + noise + b"PAR1"

    return damage


def check_damage(path: Path, read, content: bytes, copy: Path) -> None:
    """The reader refuses the damaged bytes in one sentence that names the file."""
    copy.write_bytes(content)
    with pytest.raises(Unusable) as caught:
        read(copy)
    assert str(copy) in str(caught.value) and "\n" not in str(caught.value)


def damage_at_random(path, read, folder, cases):
    """Damage a file in `cases` ways; how many of them changed it."""
    whole, changed = path.read_bytes(), 0

    def one(damage):
        nonlocal changed
        content = damage(whole)
        if content != whole:
            changed += 1
            check_damage(path, read, content, folder / path.name)

    options = settings(max_examples=cases, suppress_health_check=list(HealthCheck))
    options(given(damages(len(whole)))(one))()
    return changed


def test_a_damaged_file_is_never_read(sealed, tmp_path):
    for path, read in sealed.items():
        assert read(path) is not None
        damage_at_random(path, read, tmp_path, 200)


@pytest.mark.long
def test_no_flipped_bit_and_no_cut_is_read(sealed, tmp_path, count):
    for path, read in sealed.items():
        whole = path.read_bytes()
        for at in range(len(whole)):
            for bit in range(8):
                changed = whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]
                check_damage(path, read, changed, tmp_path / path.name)
            check_damage(path, read, whole[:at], tmp_path / path.name)
        count("single bits flipped in a log and a summary, each refused", 8 * len(whole))
        count("lengths a log and a summary were cut to, each refused", len(whole))
        changed = damage_at_random(path, read, tmp_path, 10_000)
        count("random damages of a log and a summary, each refused", changed)


def test_a_file_of_another_version_or_kind_is_refused(tmp_path):
    path = tmp_path / "log.parquet"
    for version, schema, expected in (
        ("1", SCHEMA, "has schema version 1; needed is a log of version 2"),
        ("2", SCHEMA.remove(6), "has schema version 2; needed is a log"),
        (None, SCHEMA, "is not a training log"),
    ):
        write_as_version(path, version, schema, "0" * 16)
        with pytest.raises(Unusable, match=expected):
            list(read_log(path))
    pq.write_table(pa.table({"seed": [1]}), path)
    with pytest.raises(Unusable, match="was not written by this version of sdposim"):
        list(read_log(path))


def write_as_version(path, version, schema, identity):
    """A sealed file that says it is a log of a schema version, with no rows."""
    text = json.dumps({"schema_version": version} if version else {})
    schema = schema.with_metadata({b"sdposim": text.encode()})
    with sealed_writer(path, schema, identity) as writer:
        writer.write_table(schema.empty_table())


def test_files_outside_results_are_not_renamed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("results/a.parquet", "mine.parquet"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"x")
        with pytest.raises(UserError, match="run again"), setting_aside():
            list(read_log(name))
    assert Path("results/a.parquet.set-aside").exists() and Path("mine.parquet").exists()


# --- damaged results ------------------------------------------------------------------------


def flip(path: Path, at: int) -> None:
    """Flip one bit; the file keeps its time, as with a bad disk."""
    before, content = path.stat(), bytearray(path.read_bytes())
    content[at] ^= 4
    replace(path, bytes(content))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def replace(path: Path, content: bytes) -> None:
    before = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture
def small(clean, tmp_path):
    """A copy of the finished small study, to be damaged."""
    return clean[0].copy(tmp_path / "study")


def test_damaged_logs_are_named_and_trained_again(small, clean):
    names = list(small.logs())[:5]
    cut, flipped, empty, foreign, older = map(small.path, names)
    replace(cut, cut.read_bytes()[:-500])
    flip(flipped, 700)
    replace(empty, b"")
    pq.write_table(pa.table({"reward": [1.0]}), foreign)
    write_as_version(older, "1", SCHEMA, read_identity(older))
    shutil.rmtree(small.path("results/summaries"))
    kept = {name: stamp for name, stamp in stamps(small).items() if name not in names}

    done = small.snakemake("--cores", "2")
    told(done, *names, "results/joblogs/summarise/mine.log", "run again to make them anew")
    small.run()
    assert small.values() == clean[0].values()
    assert kept.items() <= stamps(small).items() and kept


def test_a_damaged_summary_is_named_and_made_again(small, clean):
    flip(small.path("results/summaries/mine/cells.parquet"), 1000)
    small.path("reports/tables/my_table.csv").unlink()
    told(
        small.snakemake("--cores", "2"),
        "results/summaries/mine/cells.parquet is damaged",
        "results/joblogs/tables/my_table.log",
    )
    kept = stamps(small)
    small.run()
    assert small.values() == clean[0].values() and stamps(small) == kept


def test_a_file_that_snakemake_has_no_record_of_is_not_trusted(small, clean):
    name = next(iter(small.logs()))
    write_as_version(small.path(name), "1", SCHEMA, "f" * 16)
    small.snakemake("--cleanup-metadata", name)
    assert f"or are damaged, such as {name}" in small.run()
    assert small.values() == clean[0].values()


def test_results_copied_from_another_machine(small, clean, tmp_path):
    """Its files have no Snakemake records; some were made with other settings, one is cut."""
    configuration = small.configuration()
    changed = copy.deepcopy(configuration)
    changed["settings"]["paper"]["update"] = {"gate": {"threshold": 0.3}}
    small.write_configuration(changed)
    small.run()
    assert small.values() != clean[0].values()
    other = type(small)(tmp_path / "other", configuration)
    for name in ("results", "reports"):
        shutil.copytree(small.path(name), other.path(name))
    logs = stamps(other)
    same = {name: logs[name] for name in logs if "/sdpo/" in name}
    cut, _ = same.popitem()
    other.path(cut).write_bytes(other.path(cut).read_bytes()[:-700])
    assert "6 files in results/ were made from other settings or code" in other.run()
    assert other.values() == clean[0].values()
    assert same.items() <= stamps(other).items()
    assert other.jobs() == set()


def test_tables_and_figures_without_records_are_made_again_where_they_do_not_fit(
    finished, tmp_path
):
    """Two were made with other settings, one was changed by hand; the logs and summaries fit."""
    change = put(
        {
            "studies.comparison.tables.table1": {"kind": "final_entropy"},
            "studies.comparison.figures.figure1.kind": "credit_bars",
        }
    )
    expected = finished.copy(tmp_path / "expected")
    change(expected)
    expected.run()
    study = finished.copy(tmp_path / "study")
    change(study)
    shutil.rmtree(study.path(".snakemake"))
    with study.path("reports/figures/figure4.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    kept = stamps(study)
    study.run()
    assert study.values() == expected.values() != finished.values()
    for name in ("tables/table1.csv", "figures/figure1.csv", "figures/figure4.csv"):
        made, wanted = (s.path(f"reports/{name}").read_bytes() for s in (study, expected))
        assert made == wanted, name
    assert stamps(study) == kept


# --- disks ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mounts(tmp_path_factory):
    """Skip where a process cannot mount file systems of its own."""
    folder = tmp_path_factory.mktemp("mount")
    script = f"mount -t tmpfs -o size=8k tmpfs {shlex.quote(str(folder))}"
    try:
        done = subprocess.run([*NAMESPACE, script], capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"no unshare: {error}")
    if done.returncode:
        pytest.skip(f"mounting in a namespace of one's own fails: {done.stderr.strip()}")


def in_namespace(study, script: str) -> subprocess.CompletedProcess:
    """Run a script in the study's folder with mounts of its own; SNAKEMAKE runs the study."""
    command = shlex.join(study.command("--cores", str(CORES)))
    return subprocess.run(
        [*NAMESPACE, script.replace("SNAKEMAKE", command)],
        cwd=study.folder,
        env=study.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


STAMPS = "find results/logs -name '[a-z]*.parquet' -printf '%p %i %T@\\n'"
FULL = f"""
cp -r config NOTES && mkdir -p WHERE && mount -t tmpfs -o size=SIZE tmpfs WHERE
cd "$PWD" && mkdir -p config && cp NOTES/config/config.yaml config
SNAKEMAKE
echo "status $?"
{STAMPS} >NOTES/before.txt 2>/dev/null
mount -o remount,size=64m WHERE
SNAKEMAKE >NOTES/second.txt 2>&1 || exit 9
{STAMPS} >NOTES/after.txt
cp -a . NOTES/saved
"""


def in_pages(path) -> int:
    """Bytes that a file takes on a tmpfs."""
    page = os.sysconf("SC_PAGE_SIZE")
    return -(-path.stat().st_size // page) * page


def disk_size(clean, where, share):
    """Bytes for what there is before the first log, and for a share of all that comes after it.

    By what the clean study takes: the kernel's size depends on the CPU and on the methods.
    """
    first = {*clean.files("results/kernels/**/*"), *clean.files("config/**/*")}
    sizes = {True: 0, False: 0}
    for name, path in clean.files(f"{where}/**/*").items():
        sizes[name in first] += in_pages(path)
    return sizes[True] + int(share * sizes[False])


def fill_disk(folder, clean, where, share):
    """A run whose results may not fit, then one with room.

    Args:
        folder: an empty folder.
        clean: the study without a fault.
        where: the folder of the study that is a disk of its own; "." for the whole study.
        share: the size of that disk, see `disk_size`.

    Returns: whether the first run failed, how many logs it left, and how many of them were trained
    again.
    """
    study, notes = Study(folder / "study", CONFIGURATION), folder / "notes"
    notes.mkdir()
    script = FULL.replace("SIZE", str(disk_size(clean, where, share))).replace("WHERE", where)
    done = in_namespace(study, script.replace("NOTES", shlex.quote(str(notes))))
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    # Snakemake cannot write its own log either, and says so with a traceback of its own.
    assert "src/sdposim" not in output and (where == "." or "Traceback" not in output), output
    failed = "status 0" not in output
    if failed:
        assert "No space left on device" in output or " is full (" in output, output
    saved = Study(notes / "saved", None)
    assert saved.values() == clean.values()
    assert saved.jobs() == set()
    before = set((notes / "before.txt").read_text().splitlines())
    after = set((notes / "after.txt").read_text().splitlines())
    return failed, len(before), len(before - after)


@pytest.mark.parametrize("where", ["results", "."])
def test_a_full_disk(mounts, clean, tmp_path, where):
    # Two jobs at a time have room for all they write, so that one of them ends well; all have not.
    failed, logs, lost = fill_disk(tmp_path, clean[0], where, 0.4)
    assert failed and logs and lost <= CORES  # those that were being recorded


SHARES = [("results", share) for share in (0.05, 0.2, 0.35, 0.5, 0.65, 0.8)]
SHARES += [(".", share) for share in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)]


@pytest.mark.long
@pytest.mark.parametrize("where, share", SHARES)
def test_disks_of_many_sizes(mounts, clean, tmp_path, count, where, share):
    failed, _, lost = fill_disk(tmp_path, clean[0], where, share)
    assert lost <= CORES
    name = "the whole study" if where == "." else where
    count(f"disks that were too small for {name}, each run finished once there was room", failed)


READ_ONLY = """
mount --bind FOLDER FOLDER && mount -o remount,ro,bind FOLDER && cd . && cd "$PWD"
SNAKEMAKE
"""


@pytest.mark.parametrize("name", ["results", "reports", "."])
def test_a_read_only_folder(mounts, small, clean, name):
    done = in_namespace(small, READ_ONLY.replace("FOLDER", name))
    output = told(done, "error: cannot ", str(small.path(name)))
    assert output.count("rror") == 1
    assert small.values() == clean[0].values()


def test_a_dry_run_in_a_read_only_folder(mounts, small):
    # All files of two jobs: Snakemake refuses to plan a job over files that are write-protected.
    shutil.rmtree(small.path("reports"))
    for name in ("receipts", "provenance"):
        shutil.rmtree(small.path(f"results/{name}"))
    script = READ_ONLY.replace("FOLDER", ".").replace("SNAKEMAKE", "SNAKEMAKE --dry-run")
    done = in_namespace(small, script)
    output = done.stdout + done.stderr
    assert done.returncode == 0 and "Traceback" not in output, output
    assert listed_jobs(output) == {"table my_table", "provenance mine", "all"}


# --- two runs -------------------------------------------------------------------------------


def test_of_two_runs_in_one_folder_one_is_refused(clean, tmp_path):
    """The first is at work for as long as we hold the kernel that its first job asks for."""
    study = Study(tmp_path / "study", CONFIGURATION)
    study.cache = tmp_path / "cache"
    kernel, every = (f"{kernel_digest(whole)}/{processor()}/kernel.json" for whole in (False, True))
    if (clean[0].cache / every).exists():  # a method beyond the paper's needs it, too
        (study.cache / every).parent.mkdir(parents=True)
        shutil.copy(clean[0].cache / every, study.cache / every)
    with one_at_a_time(study.cache / kernel):
        first = Run(study)
        while "compile" not in first.job_processes().values():
            assert first.process.poll() is None, first.output.read_text()
            time.sleep(0.05)
        second = Study(study.folder, None)  # which has a kernel, and would not wait
        told(second.snakemake("--cores", "2"), "error: another run is active in this folder")
        assert first.process.poll() is None
        shutil.copy(clean[0].cache / kernel, study.cache / kernel)
    assert first.process.wait() == 0, first.output.read_text()
    assert study.values() == clean[0].values()


def test_a_job_that_outlives_its_killed_run_writes_nothing(tmp_path, monkeypatch):
    path, here = tmp_path / "table.csv", socket.gethostname()
    ended = subprocess.Popen(["true"])
    ended.wait()
    for run in (f"{here}:{os.getpid()}", f"not-{here}:{ended.pid}", ""):
        monkeypatch.setenv("SDPOSIM_RUN", run)
        write_text(path, "of the next run")
    monkeypatch.setenv("SDPOSIM_RUN", f"{here}:{ended.pid}")
    with pytest.raises(UserError, match=r"table\.csv is not written: the run .* was killed"):
        write_text(path, "of the killed run")
    assert path.read_text() == "of the next run" and list(tmp_path.iterdir()) == [path]
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    write_text(path, "of a job that Slurm keeps")


def test_a_job_whose_work_is_done_does_not_fail_at_its_exit(small, tmp_path):
    """As Arrow's threads do at times: `terminate called without an active exception`."""
    (tmp_path / "sitecustomize.py").write_text("import atexit, os\natexit.register(os.abort)\n")
    code = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    for file, status in ((next(iter(small.logs())), 0), ("absent.parquet", 1)):
        done = subprocess.run(
            [sys.executable, "-m", "sdposim", "inspect", file],
            cwd=small.folder,
            env=small.environment() | {"PYTHONPATH": code},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert ("training log" in done.stdout) == (status == 0)


# --- compiled kernels -----------------------------------------------------------------------


def test_the_kernel_of_edited_sources_is_another_kernel(tmp_path):
    """Of any module that it is made of: Numba's own cache does not see a helper's (issue 1833)."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    helper = tmp_path / "src/sdposim/model/numerics/arithmetic.py"
    code = (
        "from sdposim.model import kernel; from sdposim.model.numerics import ready; "
        "print(ready.place(kernel.kernel_digest()))"
    )

    def kernel():
        return subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONPATH": str(tmp_path / "src")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    before, text = kernel(), helper.read_text(encoding="utf-8")
    assert text.count("return k * -1.3862943611198906") == 1
    helper.write_text(text.replace("return k * -1.3862943611198906", "return k * -1.0"))
    assert kernel() != before
    helper.write_text(
        text.replace("return k * -1.38", "# A comment is no code.\n    return k * -1.38")
    )
    assert kernel() == before
