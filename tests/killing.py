"""A small study whose runs are killed, and what must be true after each kill."""

import os
import random
import signal
import subprocess
import time
from base64 import urlsafe_b64decode
from pathlib import Path

from ministudy import Study
from sdposim.files import sha256

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
        """Kill a job some seconds after it was first seen; False if none lived long enough."""
        while self.process.poll() is None:
            for pid in [pid for pid, job in self.job_processes().items() if job == name]:
                time.sleep(delay)
                if pid in self.job_processes():
                    os.kill(pid, signal.SIGKILL)
                    self.process.wait()
                    return True
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
        seconds: what a whole run takes without being killed, roughly.
        kills: how many there were, by target.
    """

    def __init__(self, folder: Path, seconds: float, cache: Path | None = None) -> None:
        self.study = Study(folder, CONFIGURATION)
        self.study.cache = cache or self.study.cache
        self.seconds = seconds
        self.kills: dict[str, int] = {}
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

    def kill(self, target: str, rng: random.Random) -> bool:
        """Run until a kill, and check what the kill left; False if the run was faster."""
        before = self.finished_logs()
        run = Run(self.study)
        if target in JOBS:
            killed = run.kill_job(target, rng.uniform(0, self.seconds / 15))
        else:
            killed = run.kill(target, rng.uniform(0, self.seconds))
        output = run.output.read_text()
        assert "Traceback" not in output, output
        if target in JOBS and killed:
            assert run.process.returncode == 1, output
        self._kept(before)
        if self.left:
            self.left.wait_for_jobs()
        self.left = run
        self.kills[target] = self.kills.get(target, 0) + killed
        return killed

    def finish(self, clean: Study) -> None:
        """The next plain run ends well and equals a clean one, and there is nothing left to do."""
        before = self.finished_logs()
        self.study.run()
        self._kept(before)
        if self.left:
            self.left.wait_for_jobs()
        assert self.study.values() == clean.values()
        for record in self.study.records().values():
            for path, entry in (record["logs"] | record["artefacts"]).items():
                assert entry["sha256"] == sha256(self.study.path(path)), path
        assert self.study.jobs() == set()

    def _kept(self, before: dict[str, tuple]) -> None:
        after = {
            name: (path.stat().st_ino, path.stat().st_mtime_ns)
            for name, path in self.study.logs().items()
        }
        assert before.items() <= after.items(), "a finished log was trained again"
