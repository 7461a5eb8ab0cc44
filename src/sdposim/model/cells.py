"""Section 2.7: training cells, each a pure function of its settings and its seed.

The Python side: it makes keys, tables and arrays, and calls the kernel, `loop.train_cells`, as
machine code or as it stands.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from math import prod
from pathlib import Path

import numpy as np

from sdposim.model.dependence import complete
from sdposim.model.feedback import Feedback, feedback_settings
from sdposim.model.landscape import (
    KEYED,
    Landscape,
    empty_landscape,
    landscape_seeds,
    make_landscape,
)
from sdposim.model.loop import LANES, METRICS, Run, Workspace, train_cells
from sdposim.model.methods import Method, method_settings
from sdposim.numerics import ready
from sdposim.numerics.fingerprint import kernel_digest
from sdposim.numerics.randomness import Purpose, keys
from sdposim.storage.errors import UserError
from sdposim.storage.files import one_at_a_time

Kernel = Callable[..., None]
"""What takes the arguments of `loop.train_cells`: its machine code, or that function itself."""


@cache
def load_kernel(sources: str | None = None) -> Kernel:
    """The machine code of `loop.train_cells`, from the cache, or else compiled into it.

    Args:
        sources: a `fingerprint.kernel_digest`; that of the present sources without it.

    Raises:
        UserError: it cannot be compiled into the cache.
    """
    sources = sources or kernel_digest()
    kernel = ready.load(sources)
    if kernel is None:
        # In a process of its own, so that this one needs no Numba, whatever Numba is told to do in
        # it, and keeps LLVM's options as they are.
        variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", "sdposim", "compile"]
        done = subprocess.run(command, env=os.environ | variables, check=False)
        kernel = None if done.returncode else ready.load(sources)
    if kernel is None:
        raise UserError(
            f"the kernel {sources} could not be compiled into the cache, or the sources changed "
            "while the run was starting; run again"
        )
    return kernel


def compile_kernel(sources: str) -> None:
    """Compile the machine code of `loop.train_cells` into the cache, if it is not there.

    Of several processes one compiles, the others wait for it.

    Args:
        sources: the `fingerprint.kernel_digest` of the present sources.

    Raises:
        UserError: the cache cannot be written.
    """
    with one_at_a_time(ready.place(sources)):
        if ready.load(sources) is None:
            start = time.perf_counter()
            ready.write(sources, train_cells, _example())
            print(f"compiled in {time.perf_counter() - start:.1f} s", flush=True)


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
        method: a name of `Method`.
        feedback: a name of `Feedback`.
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
    """The arguments of `train_cells` that all cells of a block share."""
    run = Run(
        method=int(Method[method]),
        feedback=int(Feedback[feedback]),
        noise=float(noise),
        rollouts=int(settings["training"]["rollouts"]),
        learning_rate=float(settings["training"]["learning_rate"]),
        initial_logit_sd=float(settings["policy"]["initial_logit_sd"]),
        draws_landscape=True,
    )
    options = method_settings(settings["methods"]), feedback_settings(settings["feedback"])
    return *empty_landscape(settings["landscape"]), run, *options, make_workspace(settings)


def _example() -> tuple:
    """Arguments of `train_cells`, for their types."""
    settings = complete(
        {
            "landscape": {
                "vocabulary_size": 2,
                "sequence_length": 1,
                "seed": 0,
                "generator": KEYED,
                "quality_sd": 1.0,
                "bigram_sd": 1.0,
                "pattern_weight": 1.0,
            },
            "policy": {"initial_logit_sd": 1.0},
            "feedback": {},
            "methods": {"kl_weight": 0.0},
            "training": {"steps": 1, "rollouts": 1, "learning_rate": 1.0},
        }
    )
    keys = cell_keys(settings, np.zeros(1, np.int64))
    inputs = kernel_inputs(settings, "sdpo", "critique", 1.0)
    return keys, *inputs, every_step(1), np.zeros((1, 1, len(METRICS))), np.zeros(2, np.int64)


def cell_keys(settings: dict, seeds: np.ndarray) -> np.ndarray:
    """The random keys of cells, uint64 (cells, 9, 2), by `Purpose`; those of 0 are not used."""
    table = np.repeat(np.asarray(seeds)[:, None], len(Purpose) + 1, axis=1)
    of_landscape = [Purpose.QUALITY, Purpose.BIGRAM, Purpose.TARGET]
    table[:, of_landscape] = landscape_seeds(settings["landscape"], seeds)[:, None]
    return keys(np.arange(len(Purpose) + 1), table)


def make_workspace(settings: dict) -> Workspace:
    """Allocate the kernel's arrays for a setting."""
    length = settings["landscape"]["sequence_length"]
    vocabulary = settings["landscape"]["vocabulary_size"]
    count = settings["training"]["rollouts"]
    widest = max(count, settings["feedback"]["ordinal_levels"], 2)
    lanes = -(-widest // LANES) * LANES
    shapes = {
        "deviates": (length * vocabulary,),
        "log_normalisers": (length,),
        "cumulative": (vocabulary + 7,),
        "shared": (vocabulary,),
        "tokens": (length, lanes),
        "uniform": (length, lanes),
        "local": (length, lanes),
        "guidance": (vocabulary, lanes),
        "teacher": (vocabulary, lanes),
        "totals": (length,),
        "partial": (LANES,),
    }
    shapes |= dict.fromkeys(("rewards", "centred", "noise"), (count,))
    shapes |= dict.fromkeys(("cosines", "sines"), (vocabulary * ((count + 1) // 2),))
    shapes |= dict.fromkeys(
        ("strength", "exponent", "weights", "top", "total", "guided", "divergence"), (lanes,)
    )
    sizes = {name: shapes.get(name, (length, vocabulary)) for name in Workspace._fields}
    arrays = _aligned(list(sizes.values()))
    made = Workspace(*arrays)
    return made._replace(tokens=made.tokens.view(np.uint64))


def _aligned(shapes):
    """Zero arrays that start at multiples of 64 bytes: no vector then straddles two cache lines."""
    sizes = [prod(shape) for shape in shapes]
    starts = list(accumulate((-(-size // 8) * 8 for size in sizes), initial=0))
    store = np.zeros(starts[-1] + 8)
    store = store[-(store.ctypes.data // 8) % 8 :]
    return [
        store[start : start + size].reshape(shape)
        for start, size, shape in zip(starts[:-1], sizes, shapes, strict=True)
    ]
