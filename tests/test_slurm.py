"""The Slurm profile as shipped, on a real Slurm of two nodes: faults in the middle, the same bits.

One study goes through the cluster. While its training jobs run, a node goes down and another job is
cancelled; the same command is then given again, while the other node is drained. `make test-slurm`
runs it; `tests/slurm/cluster.py` is the cluster.
"""

import re
import shutil
import subprocess
import time
from dataclasses import dataclass

import pytest

import ministudy
from slurm.cluster import Cluster, ClusterError

pytestmark = pytest.mark.slurm
# 2 conditions, 3 blocks of seeds each: 6 training jobs, an array of 6 tasks.
TRAINING_JOBS = 6
CONFIGURATION = {
    "run": ["mine"],
    "seeds_per_job": 16,
    "settings": {"paper": {"training": {"steps": 60, "rollouts": 8}}},
    "studies": {
        "mine": {
            "methods": ["sdpo", "reinforce"],
            "feedbacks": ["critique"],
            "seeds": 48,
            "tables": {"my_table": {"kind": "final_reward"}},
        }
    },
}
PROFILE = ("--profile", "profiles/slurm")
# A status is asked for sooner than on a real cluster; all else is as shipped.
SOONER = ("--slurm-init-seconds-before-status-checks", "3")
PATIENCE = 900
"""Seconds for anything to happen: many times what it takes on a machine that does nothing else."""


@dataclass
class Job:
    """What Slurm says of a job: `id` is <array>_<task> for the task of an array."""

    id: str
    state: str
    node: str
    restarts: int


class Study(ministudy.Study):
    """A study with the whole workflow in its folder, run on a cluster."""

    def __init__(self, folder, cluster):
        super().__init__(folder, CONFIGURATION)
        self.copy_sources()
        self.cache = self.path(".cache/numba")
        self.cluster = cluster

    def environment(self):
        return super().environment() | self.cluster.environment

    def start(self, name):
        """Start the command that a user would give; its output goes to the file `name`."""
        self.output = self.path(name)
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                self.command(*PROFILE, *SOONER),
                cwd=self.folder,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait(self, happened, what):
        """Wait until `happened()` is true; if it never is, fail and say why."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            ended = self.process.poll() is not None
            if ended or time.monotonic() > deadline:
                if ended and happened():
                    return
                reason = "Snakemake ended" if ended else f"{PATIENCE} s passed"
                self.stop()
                pytest.fail(f"{reason} before {what}\n{self.report()}", pytrace=False)
            time.sleep(0.2)

    def finish(self):
        """Wait for Snakemake to end; return its exit status."""
        self.wait(lambda: self.process.poll() is not None, "the run was complete")
        return self.process.returncode

    def stop(self):
        """Kill Snakemake if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def both_nodes_train(self):
        """Whether a training job has begun and each node runs one."""
        nodes = {node for job, node in self.cluster.running_jobs().items() if "_" in job}
        return len(nodes) == 2 and any(self.path("results/joblogs/train").rglob("*.log"))

    def jobs_of_slurm(self):
        """All jobs that Slurm remembers."""
        found = []
        for line in self.cluster.run("scontrol", "show", "job", "--oneliner").splitlines():
            said = dict(re.findall(r"(\w+)=(\S*)", line))
            array = said.get("ArrayJobId")
            name = f"{array}_{said['ArrayTaskId']}" if array else said["JobId"]
            found.append(Job(name, said["JobState"], said["NodeList"], int(said["Restarts"])))
        return found

    def report(self):
        """The ends of Snakemake's output, of the first jobs' logs, and of the daemons' logs."""
        logs = sorted(self.path(".snakemake/slurm_logs").rglob("*.log"))
        parts = [
            f"--- {file.relative_to(self.folder)}\n"
            + "\n".join(file.read_text(errors="replace").splitlines()[-12:])
            for file in [self.output, *logs[:2]]
        ]
        try:
            jobs = self.cluster.run("squeue", "--states=all", "--array")
        except ClusterError as error:
            jobs = str(error)
        return "\n".join([*parts, f"--- squeue\n{jobs}", self.cluster.logs()])


@dataclass
class History:
    """What happened on the cluster: of each run its status, output and Slurm's jobs after it."""

    cancelled: str
    status: list[int]
    output: list[str]
    jobs: list[list[Job]]
    values: dict
    local: dict


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    try:
        with Cluster() as cluster:
            study = Study(tmp_path_factory.mktemp("slurm") / "study", cluster)
            try:
                made = run_with_faults(study)
            finally:
                study.stop()
    except ClusterError as error:
        pytest.fail(str(error), pytrace=False)
    assert not cluster.processes(), "the cluster left processes behind"
    return made


def run_with_faults(study):
    cluster = study.cluster
    status, output, jobs = [], [], []

    def finish():
        status.append(study.finish())
        output.append(study.output.read_text())
        jobs.append(study.jobs_of_slurm())

    study.start("first.txt")
    study.wait(study.both_nodes_train, "both nodes trained")
    running = cluster.running_jobs()
    cancelled = min(job for job, node in running.items() if node == "node1")
    cluster.set_node("node2", "DOWN")
    cluster.run("scancel", cancelled)
    finish()

    cluster.set_node("node2", "RESUME")
    cluster.set_node("node1", "DRAIN")
    study.start("second.txt")
    finish()
    values = study.values()

    shutil.rmtree(study.path("results"))
    shutil.rmtree(study.path("reports"))
    study.run()
    return History(cancelled, status, output, jobs, values, study.values())


def test_training_jobs_are_the_tasks_of_one_array(history):
    tasks = [job.id.split("_") for job in history.jobs[0] if "_" in job.id]
    assert len({array for array, _ in tasks}) == 1
    assert sorted(int(task) for _, task in tasks) == list(range(1, TRAINING_JOBS + 1))


def test_slurm_starts_the_jobs_of_a_failed_node_again(history):
    restarted = [job for job in history.jobs[0] if job.restarts]
    assert restarted
    assert {(job.state, job.node) for job in restarted} == {("COMPLETED", "node1")}


def test_a_cancelled_job_takes_no_other_with_it_and_is_named(history):
    assert history.status[0] != 0
    lost = [job.id for job in history.jobs[0] if job.state != "COMPLETED"]
    assert lost == [history.cancelled]
    assert f"SLURM-job '{history.cancelled}' failed" in history.output[0]
    assert "'CANCELLED'" in history.output[0]


def test_the_same_command_completes_the_study_beside_a_drained_node(history):
    assert history.status[1] == 0, history.output[1]
    known = {job.id for job in history.jobs[0]}
    added = [(job.state, job.node) for job in history.jobs[1] if job.id not in known]
    # The training job that was lost, then summarise, table and provenance.
    assert added == [("COMPLETED", "node2")] * 4


def test_results_are_those_of_a_local_run_bit_for_bit(history):
    assert sum(name.startswith("results/logs/") for name in history.local) == TRAINING_JOBS
    assert history.values == history.local
