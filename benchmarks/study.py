"""Run a study in a folder of its own and say where its processor time, memory and disk went.

    python benchmarks/study.py config/large.yaml                     # plans, runs, runs again
    python benchmarks/study.py config/large.yaml --plan-only --config seeds_per_job=63

Times are processor time of a whole tree of processes, Snakemake's own included, so that other work
on the machine does not count; the kernel is compiled beforehand and its time stated apart. Seconds
inside the kernel are those that the training jobs measured. Everything after the configuration goes
to Snakemake.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "workflow", "src", "profiles", "envs", "config")
_KERNEL = re.compile(r"^(\d+) cells, ([0-9.]+) s in the kernel$", re.MULTILINE)
_JOB = re.compile(r"^([0-9.]+) s of processor time in all$", re.MULTILINE)


@dataclass(frozen=True)
class Usage:
    """What a command and the processes it started used; `rss` is the largest of one process."""

    wall: float  # s
    cpu: float  # s
    rss: int  # bytes
    output: str


def used(command: list[str], folder: Path) -> Usage:
    """Run a command to its end.

    Raises:
        SystemExit: it failed; its output is shown.
    """
    start = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        output.seek(0)
        text = output.read()
    if status:
        sys.exit(f"{' '.join(command)} failed:\n{text[-3000:]}")
    wall = time.perf_counter() - start
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, text)


def disk(folder: Path) -> dict[str, int]:
    """Bytes of the files below each of the folders that a run writes."""
    return {
        name: sum(path.stat().st_size for path in (folder / name).rglob("*") if path.is_file())
        for name in ("results/logs", "results", "reports", ".snakemake")
    }


def logged(folder: Path) -> tuple[int, float, float, int]:
    """Cells, seconds in the kernel, processor seconds of the training jobs, and their number."""
    texts = [path.read_text() for path in (folder / "results/joblogs/train").rglob("*.log")]
    kernel = [_KERNEL.search(text).groups() for text in texts]
    cells, inside = (sum(map(float, column)) for column in zip(*kernel, strict=True))
    return int(cells), inside, sum(float(_JOB.search(text)[1]) for text in texts), len(texts)


def by_condition(folder: Path) -> str:
    """A markdown table of milliseconds in the kernel per cell, over all noise levels."""
    spent: dict[tuple[str, str], list[float]] = {}
    for path in sorted((folder / "results/joblogs/train").rglob("*.log")):
        method, feedback = path.parts[-4:-2]
        cells, inside = map(float, _KERNEL.search(path.read_text()).groups())
        total = spent.setdefault((method, feedback), [0.0, 0.0])
        total[0] += cells
        total[1] += inside
    text = "| method | feedback | ms per cell |\n|---|---|---:|\n"
    for (method, feedback), (cells, inside) in spent.items():
        text += f"| {method} | {feedback} | {1e3 * inside / cells:.3f} |\n"
    return text


def show(name: str, usage: Usage) -> None:
    """A row: processor seconds, wall seconds, memory of the largest process."""
    print(f"| {name} | {usage.cpu:.1f} | {usage.wall:.1f} | {usage.rss / 2**20:.0f} |", flush=True)


def measure(snakemake: list[str], folder: Path, plan_only: bool) -> None:
    """Print what planning, running and running again cost."""
    print("| | processor s | wall s | largest process, MiB |\n|---|---:|---:|---:|", flush=True)
    if not plan_only:
        # A target stands before the options, which take all that follows for theirs.
        show("compile the kernel", used([*snakemake[:3], "compile_kernel", *snakemake[3:]], folder))
    show("plan (`-n`)", used([*snakemake, "-n"], folder))
    if plan_only:
        return
    run = used(snakemake, folder)
    show("run", run)
    cells, inside, training, jobs = logged(folder)
    written = disk(folder)
    again = used(snakemake, folder)
    if "Nothing to be done" not in again.output:
        sys.exit("a second run found something to do")
    show("run again, nothing to do", again)
    print(
        f"\n{cells:,} cells in {jobs} jobs; {inside:.1f} s in the kernel: "
        f"{inside / training:.1%} of the training jobs' processor time, {inside / run.cpu:.1%} of "
        f"the whole run's.\nBytes a cell: "
        + ", ".join(f"{name} {size / cells:.1f}" for name, size in written.items())
    )
    print(f"\n{by_condition(folder)}")


def main() -> None:
    """Set up the folder, measure, remove it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configfile", type=Path)
    parser.add_argument("--cores", default="2")
    parser.add_argument("--plan-only", action="store_true", help="only build the plan of jobs")
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in PARTS:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        shutil.copy(options.configfile, folder / "study.yaml")
        snakemake = [sys.executable, "-m", "snakemake", "--cores", options.cores]
        measure([*snakemake, "--configfile", "study.yaml", *rest], folder, options.plan_only)


if __name__ == "__main__":
    main()
