"""Train the cells of one job and write their log."""

import time
from collections.abc import Iterator

from sdposim.analysis.logs import Log, row_ends, write_log
from sdposim.commands import jobs
from sdposim.model.cells import train_block
from sdposim.model.compositions import of_the_paper
from sdposim.model.kernel import load_kernel
from sdposim.storage.seal import identity

_CELLS_AT_ONCE = {"all": 256, "log_spaced": 1024, "summary": 2048}
"""Cells of a row group: some seconds of training, and no more than 256 whole logs in memory."""


def run(spec: str, setting: str, output: str) -> None:
    """Train a job's cells.

    Args:
        spec: canonical JSON from `study.training_spec`.
        setting: the name of the setting, a label.
        output: the log to write.

    Raises:
        UserError: training left the finite numbers, the kernel cannot be compiled, or the log
            cannot be written; there is no log file then.
    """
    job = jobs.cells_of(spec, log_steps=tuple(_CELLS_AT_ONCE))
    with jobs.trained(job, setting, "no log was written"):
        write_log(output, _train(job), jobs.metadata(job, setting), identity(setting, spec))
    print(f"{time.process_time():.3f} s of processor time in all", flush=True)


def _train(job: dict) -> Iterator[Log]:
    steps, seeds = job["settings"]["training"]["steps"], jobs.seeds_of(job)
    ends = row_ends(steps, job["log_steps"], job.get("final_window", 0))
    done, spent, reported = 0, 0.0, time.perf_counter()  # `spent` is processor time
    chunk = _CELLS_AT_ONCE[job["log_steps"]]
    code = load_kernel(not of_the_paper(*jobs.cell(job)[1:3]))
    blocks = train_block(*jobs.cell(job), seeds.tolist(), ends, chunk, kernel=code)
    while True:
        start = time.process_time()
        values = next(blocks, None)
        spent += time.process_time() - start
        if values is None:
            break
        yield Log(seeds[done : done + len(values)], ends, values)
        done += len(values)
        if time.perf_counter() - reported > 5:
            reported = time.perf_counter()
            print(f"{done} of {seeds.size} cells trained", flush=True)
    print(f"{done} cells, {spent:.3f} s in the kernel", flush=True)
