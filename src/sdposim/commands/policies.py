"""Train the cells of one job again and write their policies at chosen steps.

A cell is a pure function of its settings and seed, so these are the policies that its log is of.
The log does not depend on them, and need not be made anew.
"""

import numpy as np

from sdposim.analysis.policies import blocks, write_policies
from sdposim.commands.specs import parse
from sdposim.model.cells import train_policies
from sdposim.model.kernel import load_kernel, of_the_run
from sdposim.storage.errors import UserError
from sdposim.storage.seal import identity
from sdposim.workflow.provenance import git_commit, versions

_NUMBERS_AT_ONCE = 2_000_000


def run(spec: str, setting: str, output: str) -> None:
    """Train a job's cells up to the last of the steps.

    Args:
        spec: canonical JSON from `study.policies_spec`.
        setting: the name of the setting, a label.
        output: the file to write.

    Raises:
        UserError: training left the finite numbers, the kernel cannot be compiled, or the file
            cannot be written; there is no file then.
    """
    job = parse(
        spec,
        settings=dict,
        method=str,
        feedback=str,
        update=dict,
        judge=dict,
        noise=float,
        seeds=list,
        steps=list,
    )
    condition = {"setting": setting} | {key: job[key] for key in ("method", "feedback", "noise")}
    metadata = {
        "condition": condition,
        "spec": job,
        "versions": versions(),
        "git_commit": git_commit(),
    }
    settings, steps = job["settings"], np.array(job["steps"])
    landscape = settings["landscape"]
    length, vocabulary = landscape["sequence_length"], landscape["vocabulary_size"]
    seeds = np.concatenate([np.arange(first, last + 1) for first, last in job["seeds"]])
    chunk = max(1, _NUMBERS_AT_ONCE // (steps.size * length * vocabulary**2))
    cell = settings, job["update"], job["judge"], job["noise"]
    code = load_kernel(of_the_run())
    logits = train_policies(*cell, seeds.tolist(), steps, chunk=min(chunk, 256), kernel=code)
    try:
        write_policies(
            output, blocks(seeds, steps, logits), length, metadata, identity(setting, spec)
        )
    except FloatingPointError as error:
        about = f"setting {setting}, method {job['method']}, feedback {job['feedback']}"
        raise UserError(f"{about}: {error}; no policies were written") from None
    print(f"{seeds.size} cells, policies after {steps.size} numbers of steps", flush=True)
