"""What the commands that train have in common: a job's cells, as their specs say them."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from types import UnionType

import numpy as np

from sdposim.commands.specs import parse
from sdposim.storage.errors import UserError
from sdposim.workflow.provenance import git_commit, versions


def cells_of(spec: str, **more: type | UnionType | Collection[str]) -> dict:
    """A job from its spec.

    Args:
        spec: canonical JSON, see `study.training_spec`.
        more: keys that it must hold besides those of its cells, as `specs.parse` takes them.
    """
    groups = {"settings": dict, "update": dict, "judge": dict}
    return parse(spec, **groups, method=str, feedback=str, noise=float, seeds=list, **more)


def cell(job: dict) -> tuple[dict, dict, dict, float]:
    """What `cells.train_block` takes before the seeds."""
    return job["settings"], job["update"], job["judge"], job["noise"]


def seeds_of(job: dict) -> np.ndarray:
    """The seeds of a job, int64, in increasing order."""
    return np.concatenate([np.arange(first, last + 1) for first, last in job["seeds"]])


def metadata(job: dict, setting: str) -> dict:
    """What a job's file says of itself; `setting` is the name of the setting, a label."""
    names = {key: job[key] for key in ("method", "feedback", "noise")}
    return {
        "condition": {"setting": setting} | names,
        "spec": job,
        "versions": versions(),
        "git_commit": git_commit(),
    }


@contextmanager
def trained(job: dict, setting: str, nothing: str) -> Iterator[None]:
    """Training that leaves the finite numbers as a `UserError`, which says that `nothing`."""
    try:
        yield
    except FloatingPointError as error:
        about = f"setting {setting}, method {job['method']}, feedback {job['feedback']}"
        raise UserError(f"{about}: {error}; {nothing}") from None
