"""What a configuration costs: core time of the kernel and of jobs, and disk, before a run.

The kernel's time is linear in steps, and in T * V * rollouts where those are large. What parts
add was measured at the paper's size; `measure` times the sizes of a configuration on the machine at
hand.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sdposim.analysis.logs import row_ends
from sdposim.model.compositions import chosen, levels, quick, sees
from sdposim.model.metrics import DECLARED
from sdposim.model.policy import contexts
from sdposim.model.workspace import LANES
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.study import Condition

BASE = 0.41
"""Nanoseconds per step, rollout, position and token of what every method does.

What parts add is their `COST`, a divergence's for each teacher. Measured by the training jobs of
config/large.yaml (V 8, T 6, 32 rollouts, noise 0 and 0.2) on a quiet 2-core x86-64 cloud machine
with AVX-512. The time of REINFORCE and the advantage-weighted method grows less than V, so it is
overestimated for larger ones. `sdposim plan --measure` measures the sizes that are planned instead.
"""

ENTRY, TEACHER_ENTRY = 14.0, 50.0
"""Nanoseconds per step and logit of what an autoregressive policy adds, and more with a teacher.

Measured as the others: 11 to 17, and 47 to 60 more. Its rollouts are in V contexts at each
position, a few in each, whose teachers fill no vector.
"""
JOB_SECONDS = 0.25
"""Core seconds of a training job outside the kernel: Python, NumPy, Arrow, Snakemake's share."""
NUMBER_BYTES = 7.4
"""Disk of a number in a log: 7.1 to 7.4 measured with 64 cells, for every method and log_steps."""
FILE_BYTES = 5000
"""Disk of a log's footer and metadata."""
CELL_BYTES = 50
"""Disk of a cell in the summary of its study: 35 to 61 measured, with two rows in its log."""
JOB_BYTES = 4200
"""Disk of a job's messages, benchmark and Snakemake's record of it."""
PLAN_SECONDS, PLAN_JOB_SECONDS = 2.9, 0.0012
"""Core seconds in which Snakemake starts, and more for each job that it plans."""
PLAN_BYTES, PLAN_JOB_BYTES = 180e6, 23e3
"""Memory of Snakemake's process, and more for each job that it plans."""
LOGIT_BYTES = 9.4
"""Disk of a logit that is kept, with its other columns: 8.8 to 9.5 measured, of 10 and 64 cells."""


@dataclass(frozen=True)
class Cost:
    """Cost of a set of training jobs: seconds on one core, `disk` in bytes."""

    cells: int = 0
    jobs: int = 0
    kernel_seconds: float = 0.0
    longest_seconds: float = 0.0
    disk: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.cells + other.cells,
            self.jobs + other.jobs,
            self.kernel_seconds + other.kernel_seconds,
            max(self.longest_seconds, other.longest_seconds),
            self.disk + other.disk,
        )

    @property
    def seconds(self) -> float:
        """Core seconds in the kernel and in the jobs around it."""
        return self.kernel_seconds + self.jobs * JOB_SECONDS

    @property
    def plan_seconds(self) -> float:
        """Core seconds before Snakemake starts the first job."""
        return PLAN_SECONDS + self.jobs * PLAN_JOB_SECONDS

    @property
    def plan_memory(self) -> float:
        """Bytes of Snakemake's process."""
        return PLAN_BYTES + self.jobs * PLAN_JOB_BYTES


def cell_seconds(config: Config, condition: Condition) -> float:
    """Core seconds to train one cell, from `BASE` and the costs of its parts."""
    setting = config.settings[condition.setting]
    update, judge = plan.parts_of(config, condition)
    rollouts = setting.training.rollouts
    # Rollouts of the same feedback have one teacher of the paper's kind, unless each has hints of
    # its own.
    apart = not quick(update) or "hints" in judge or levels(judge, {}) is None
    teachers = -(-(rollouts if apart else levels(judge, {})) // LANES) * LANES
    each = BASE
    for part in chosen(update) + chosen(judge):
        each += part.cost * (teachers / rollouts if part.slot == "divergence" else 1)
    size = setting.landscape.sequence_length * setting.landscape.vocabulary_size
    spent = each * rollouts * size
    if (rows := contexts(setting.model_dump())) > setting.landscape.sequence_length:
        entry = ENTRY + (TEACHER_ENTRY if "divergence" in update else 0.0)
        spent += entry * rows * setting.landscape.vocabulary_size
    return setting.training.steps * spent * 1e-9


def measure(config: Config, condition: Condition, budget: float = 0.1) -> float:
    """Core seconds to train one cell, by training shorter ones here for about `budget` seconds."""
    from sdposim.model.cells import train_block

    settings = config.settings[condition.setting].model_dump()
    parts, full = plan.parts_of(config, condition), settings["training"]["steps"]

    def spent(steps):
        settings["training"]["steps"] = steps
        start = time.perf_counter()
        next(train_block(settings, *parts, condition.noise, [0]))
        return time.perf_counter() - start

    spent(1)  # loads or compiles the kernel
    steps = 1
    while steps < full and spent(steps) < budget:
        steps = min(full, 4 * steps)
    return min(spent(steps), spent(steps)) * full / steps


def cost(
    config: Config, jobs: list[plan.Job], seconds: Callable[[Config, Condition], float]
) -> Cost:
    """The cost of training jobs.

    Args:
        config: the configuration.
        jobs: from `study.all_jobs`.
        seconds: `cell_seconds`, or a measured counterpart.
    """
    total = Cost()
    for job in jobs:
        setting = config.settings[job.condition.setting]
        rows = row_ends(setting.training.steps, job.log_steps, config.analysis.final_window).size
        numbers = rows * NUMBER_BYTES * _numbers(config, job)
        total += _job(job, seconds(config, job.condition), numbers + CELL_BYTES)
    return total


def policies_cost(
    config: Config, study: str, jobs: list[plan.Job], seconds: Callable[[Config, Condition], float]
) -> Cost:
    """The cost of keeping a study's policies: its cells are trained again, to the last of them."""
    kept, total = config.studies[study].policies, Cost()
    for job in jobs if kept else ():
        setting = config.settings[job.condition.setting]
        share = kept[-1] / setting.training.steps
        logits = contexts(setting.model_dump()) * setting.landscape.vocabulary_size
        total += _job(job, seconds(config, job.condition) * share, len(kept) * logits * LOGIT_BYTES)
    return total


def _job(job: plan.Job, seconds: float, disk: float) -> Cost:
    """A job whose cells take `seconds` and `disk` bytes each."""
    spent = job.cells * seconds
    size = job.cells * disk + FILE_BYTES + JOB_BYTES
    return Cost(job.cells, 1, spent, spent + JOB_SECONDS, size)


def _numbers(config: Config, job: plan.Job) -> int:
    """How many metrics a method defines: Arrow stores nothing for the others."""
    method = config.methods[job.condition.method].composition
    needed = [metric.needs for metric in DECLARED]
    return sum(not need or need in method or sees(method, need) for need in needed)
