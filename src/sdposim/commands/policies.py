"""Train the cells of one job again and write their policies at chosen steps.

A cell is a pure function of its settings and seed, so these are the policies that its log is of.
The log does not depend on them, and need not be made anew.
"""

import numpy as np

from sdposim.analysis.policies import blocks, write_policies
from sdposim.commands import jobs
from sdposim.model.cells import train_policies
from sdposim.model.compositions import of_the_paper
from sdposim.model.kernel import load_kernel
from sdposim.model.policy import contexts
from sdposim.storage.seal import identity

_NUMBERS_AT_ONCE = 2_000_000
"""Logits of a row group, unless one cell has more."""


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
    job = jobs.cells_of(spec, steps=list)
    seeds, steps = jobs.seeds_of(job), np.array(job["steps"])
    landscape = job["settings"]["landscape"]
    each = steps.size * contexts(job["settings"]) * landscape["vocabulary_size"]
    chunk = min(256, max(1, _NUMBERS_AT_ONCE // each))
    code = load_kernel(not of_the_paper(*jobs.cell(job)[1:3]))
    logits = train_policies(*jobs.cell(job), seeds.tolist(), steps, chunk=chunk, kernel=code)
    with jobs.trained(job, setting, "no policies were written"):
        write_policies(
            output,
            blocks(seeds, steps, logits),
            landscape["sequence_length"],
            jobs.metadata(job, setting),
            identity(setting, spec),
        )
    print(f"{seeds.size} cells, policies after {steps.size} numbers of steps", flush=True)
