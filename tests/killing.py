"""A small study whose runs are killed, and what must be true after each kill."""

import os
import random
import shutil
import signal
import subprocess
import time
from base64 import urlsafe_b64decode
from collections import Counter
from pathlib import Path

from ministudy import Study
from sdposim.storage.files import sha256

CONFIGURATION = {
    "run": ["mine"],
    "seeds_per_job": 2,
    "analysis": {"final_window": 2, "smoothing_window": 2},
    "settings": {
        "paper": {
            "landscape": {"vocabulary_size": 3, "sequence_length": 2},
            "training": {"steps": 5, "rollouts": 3},
        }
    },
    "studies": {
        "mine": {
            "methods": ["sdpo", "hybrid"],
            "feedbacks": ["binary"],
            "noise": [0.2],
            "seeds": 6,
            "tables": {"my_table": {"kind": "final_reward"}},
        }
    },
}
CORES = 2
JOBS = ("compile", "train", "summarise", "table", "provenance")
WHOLE = "Snakemake and its jobs"
ALONE = "Snakemake alone"  # its jobs live on, beside those of the next run
ATTEMPTS = 10


class Run:
    """Snakemake at work in a session of its own."""

    def __init__(self, study: Study) -> None:
        self.output = study.path("output.txt")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                study.command("--cores", str(CORES)),
                cwd=study.folder,
                env=study.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def job_processes(self) -> dict[int, str]:
        """The jobs at work: process number and name, one of `JOBS`."""
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            pid = int(entry.name)
            try:
                if os.getsid(pid) == self.process.pid and (name := _job(entry)):
                    found[pid] = name
            except OSError:
                continue  # it has ended
        return found

    def kill_job(self, name: str, delay: float) -> bool:
        """Kill a job some seconds after it was first seen; False if none lived long enough.

        After each job that ended before its kill, the next one comes sooner.
        """
        while self.process.poll() is None:
            for pid in [pid for pid, job in self.job_processes().items() if job == name]:
                time.sleep(delay)
                if pid in self.job_processes():
                    os.kill(pid, signal.SIGKILL)
                    self.process.wait()
                    return True
                delay /= 2
            time.sleep(0.02)
        return False

    def kill(self, target: str, delay: float) -> bool:
        """Kill Snakemake some seconds after its start; False if it had ended by itself."""
        try:
            self.process.wait(delay)
            return False
        except subprocess.TimeoutExpired:
            pass
        if target == WHOLE:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()
        return True

    def wait_for_jobs(self) -> None:
        """Wait until no job is left."""
        while self.job_processes():
            time.sleep(0.05)


def _job(entry: Path) -> str | None:
    program, *arguments = (entry / "cmdline").read_bytes().decode().split("\0")[:-1] or [""]
    if not Path(program).name.startswith("python"):
        return None
    if arguments[:2] == ["-m", "sdposim"]:
        return arguments[2]
    script = Path(arguments[-1]).name if arguments else ""
    return next((name for name in JOBS if script.endswith(f"{name}.py")), None)


class Victim:
    """A study whose runs are killed.

    Attributes:
        study: the study.
        clean: the same study, computed without a fault.
        kills: how many there were, by target.
    """

    def __init__(
        self, folder: Path, clean: Study, seconds: float, cache: Path | None = None
    ) -> None:
        """A study in a folder of its own.

        Args:
            folder: the folder.
            clean: the same study, computed without a fault.
            seconds: what a whole run takes without being killed, roughly.
            cache: a folder of compiled kernels of its own; without one nothing is compiled.
        """
        self.study = Study(folder, CONFIGURATION)
        self.clean = clean
        self.own_cache = cache
        self.study.cache = cache or self.study.cache
        self.seconds = seconds
        self.kills: Counter[str] = Counter()
        self.left: Run | None = None

    def finished_logs(self) -> dict[str, tuple]:
        """The logs that Snakemake knows to be finished: inode and time."""
        markers = self.study.files(".snakemake/incomplete/*").values()
        marked = {urlsafe_b64decode(path.name).decode() for path in markers}
        return {
            name: (path.stat().st_ino, path.stat().st_mtime_ns)
            for name, path in self.study.logs().items()
            if name not in marked
        }

    def kill(self, target: str, rng: random.Random) -> None:
        """Run until a kill, and check what the kill left.

        Where a run was faster than its kill, it is checked as any finished run, its results are
        deleted and the next kill comes sooner.

        Raises:
            AssertionError: what the kill left is wrong, or every run was faster.
        """
        latest = self._latest(target)
        for _ in range(ATTEMPTS):
            if self._try(target, rng.uniform(0, latest)):
                self.kills[target] += 1
                return
            self.check()
            self._delete_results()
            latest /= 2
        raise AssertionError(f"{ATTEMPTS} runs ended before {target} was killed")

    def _latest(self, target: str) -> float:
        """The latest moment for a kill: seconds after the target started."""
        if target not in JOBS:
            return self.seconds
        return self.seconds / (2 if target == "compile" and self.own_cache else 15)

    def _try(self, target: str, delay: float) -> bool:
        """One run with a kill in it; False if the run was faster."""
        before = self.finished_logs()
        run = Run(self.study)
        kill = run.kill_job if target in JOBS else run.kill
        killed = kill(target, delay)
        output = run.output.read_text()
        assert "Traceback" not in output, output
        expected = 0 if not killed else 1 if target in JOBS else -signal.SIGKILL
        assert run.process.returncode == expected, output
        self._kept(before)
        self._wait_for_jobs()
        self.left = run
        return killed

    def finish(self) -> None:
        """The next plain run ends well and equals a clean one, and there is nothing left to do."""
        before = self.finished_logs()
        self.study.run()
        self._kept(before)
        self.check()

    def check(self) -> None:
        """A run ended well: its results equal the clean ones, and there is nothing left to do."""
        self._wait_for_jobs()
        assert self.study.values() == self.clean.values()
        for record in self.study.records().values():
            for path, entry in (record["logs"] | record["artefacts"]).items():
                assert entry["sha256"] == sha256(self.study.path(path)), path
        assert self.study.jobs() == set()

    def _wait_for_jobs(self) -> None:
        """Wait for the jobs that a killed Snakemake left."""
        if self.left:
            self.left.wait_for_jobs()

    def _delete_results(self) -> None:
        """Give the next run everything to do; Snakemake keeps its records."""
        folders = [self.study.path("results"), self.study.path("reports")]
        for folder in folders + ([self.own_cache] if self.own_cache else []):
            shutil.rmtree(folder)

    def _kept(self, before: dict[str, tuple]) -> None:
        after = {
            name: (path.stat().st_ino, path.stat().st_mtime_ns)
            for name, path in self.study.logs().items()
        }
        assert before.items() <= after.items(), "a finished log was trained again"
