"""Section 2.7: training cells, each a pure function of its settings and its seed.

The Python side: it makes keys, tables and arrays, and calls the kernel, `loop.train_cells`, as
machine code or as it stands.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from sdposim.model.compositions import levels, packed_judge, packed_method
from sdposim.model.dependence import composed_feedback, composed_method
from sdposim.model.kernel import Kernel, load_kernel
from sdposim.model.landscape import (
    KEYED,
    Landscape,
    empty_landscape,
    landscape_seeds,
    make_landscape,
)
from sdposim.model.loop import METRICS
from sdposim.model.workspace import Run, make_workspace
from sdposim.numerics.randomness import Purpose, keys


def every_step(steps: int) -> np.ndarray:
    """The log that keeps each step: last steps of the rows are 1, 2, ..., steps."""
    return np.arange(1, steps + 1)


def train(
    settings: dict,
    method: str,
    feedback: str,
    noise: float,
    seed: int,
    row_ends=None,
    landscape: Landscape | None = None,
    kernel: Kernel | None = None,
) -> np.ndarray:
    """Train one cell and return its log.

    Args:
        settings: a resolved setting (see config/README.md).
        method: a name of `compositions.METHODS`.
        feedback: a name of `compositions.FEEDBACKS`.
        noise: sigma, the standard deviation of the feedback noise, in units of reward.
        seed: the cell's seed.
        row_ends: increasing int array of steps, the last one being the number of steps; row r of
            the log is the mean over the steps after row_ends[r - 1] up to row_ends[r]. Default:
            every step has its row.
        landscape: tables of one's own, from `landscape.from_arrays`, instead of those of
            `settings`; its shapes are those that `settings` gives.
        kernel: `loop.train_cells` for plain Python, the same bits a thousand times slower; its
            machine code from `load_kernel` without it.

    Returns:
        float64 array of shape (rows, 5), columns as in `METRICS`; a metric that the method does not
        have is NaN.

    Raises:
        FloatingPointError: training produced a NaN or an infinity; the message names cell and step.
        ValueError: `landscape` has other shapes than the setting.
    """
    cell = settings, method, feedback, noise, [seed], row_ends
    return next(train_block(*cell, landscape=landscape, kernel=kernel))[0]


def train_block(
    settings: dict,
    method: str,
    feedback: str,
    noise: float,
    seeds: Sequence[int],
    row_ends=None,
    chunk: int = 256,
    landscape: Landscape | None = None,
    kernel: Kernel | None = None,
) -> Iterator[np.ndarray]:
    """Train cells that differ only in their seed; yield logs of `chunk` cells at a time.

    Arguments as in `train`, but for the seeds of all the cells.

    Yields:
        float64 arrays of shape (cells, rows, 5).
    """
    if row_ends is None:
        row_ends = every_step(settings["training"]["steps"])
    row_ends = np.asarray(row_ends, dtype=np.int64)
    inputs = kernel_inputs(settings, method, feedback, noise)
    kernel = kernel or load_kernel()
    for start in range(0, len(seeds), chunk):
        part = np.asarray(seeds[start : start + chunk], dtype=np.int64)
        logs = np.zeros((part.size, row_ends.size, len(METRICS)))
        for cells, tables in _by_landscape(settings["landscape"], part, landscape):
            own = logs if cells.size == part.size else np.zeros((cells.size, *logs.shape[1:]))
            stopped = _call(kernel, cell_keys(settings, part[cells]), tables, inputs, row_ends, own)
            if stopped:
                cell, step = stopped
                raise FloatingPointError(
                    f"training became NaN or infinite at step {step} of cell method={method}, "
                    f"feedback={feedback}, noise={noise!r}, seed={part[cells[cell]]}"
                )
            if own is not logs:
                logs[cells] = own
        yield logs


def _by_landscape(settings, seeds, given):
    """Cells that one call of the kernel trains, as positions in `seeds`, and their landscape.

    None where the kernel draws the landscapes itself.
    """
    if given is not None or settings["generator"] == KEYED:
        yield np.arange(seeds.size), given
        return
    chosen = landscape_seeds(settings, seeds)
    for seed in np.unique(chosen).tolist():
        yield np.flatnonzero(chosen == seed), make_landscape(settings, seed)


def _call(kernel, keys, tables, inputs, row_ends, logs):
    """Train cells into `logs`; the cell that left the finite numbers and the step, or None."""
    landscape, deviates, scales, run, *options = inputs
    if tables is not None:
        if tables.quality.shape != landscape.quality.shape:
            raise ValueError(
                f"the landscape has shape {tables.quality.shape}; allowed: that of the setting, "
                f"(T, V) = {landscape.quality.shape}"
            )
        landscape, run = tables, run._replace(draws_landscape=False)
    stopped = np.zeros(2, np.int64)
    with np.errstate(all="ignore"):  # plain Python's numbers overflow aloud
        kernel(keys, landscape, deviates, scales, run, *options, row_ends, logs, stopped)
    cell, step = stopped.tolist()
    return (cell, step) if step else None


def kernel_inputs(settings: dict, method: str, feedback: str, noise: float) -> tuple:
    """The arguments of `train_cells` that all cells of a block share; arguments as in `train`."""
    landscape, count = settings["landscape"], int(settings["training"]["rollouts"])
    update, of_parts = composed_method(settings, method)
    judge, of_judge = composed_feedback(settings, feedback)
    run = Run(
        noise=float(noise),
        rollouts=count,
        learning_rate=float(settings["training"]["learning_rate"]),
        initial_logit_sd=float(settings["policy"]["initial_logit_sd"]),
        draws_landscape=True,
    )
    length, vocabulary = landscape["sequence_length"], landscape["vocabulary_size"]
    work = make_workspace(length, vocabulary, count, levels(judge, of_judge) or count)
    packed = packed_method(update, of_parts), packed_judge(judge, of_judge)
    return *empty_landscape(landscape), run, *packed, work


def cell_keys(settings: dict, seeds: np.ndarray) -> np.ndarray:
    """The random keys of cells, uint64 (cells, 9, 2), by `Purpose`; those of 0 are not used."""
    table = np.repeat(np.asarray(seeds)[:, None], len(Purpose) + 1, axis=1)
    of_landscape = [Purpose.QUALITY, Purpose.BIGRAM, Purpose.TARGET]
    table[:, of_landscape] = landscape_seeds(settings["landscape"], seeds)[:, None]
    return keys(np.arange(len(Purpose) + 1), table)
