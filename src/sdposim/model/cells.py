"""Section 2.7: training cells, each a pure function of its settings and its seed.

The Python side: it makes keys, tables and arrays, and calls the kernel, `loop.train_cells`, as
machine code or as it stands.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from sdposim.model.compositions import (
    factored_only,
    levels,
    of_the_paper,
    packed_judge,
    packed_method,
    sees,
)
from sdposim.model.kept import clear, workspace
from sdposim.model.kernel import Kernel, load_kernel
from sdposim.model.landscape import (
    KEYED,
    Landscape,
    empty_landscape,
    landscape_seeds,
    make_landscape,
)
from sdposim.model.loop import train_cells
from sdposim.model.metrics import METRICS
from sdposim.model.numerics.randomness import Purpose, keys
from sdposim.model.policy import FACTORED, contexts
from sdposim.model.workspace import LARGEST_TABLE, Run


def every_step(steps: int) -> np.ndarray:
    """The log that keeps each step: last steps of the rows are 1, 2, ..., steps."""
    return np.arange(1, steps + 1)


def common(settings: dict) -> dict:
    """What every method reads of a setting: landscape, policy and training."""
    kept = {group: dict(settings[group]) for group in ("landscape", "policy", "training")}
    if kept["landscape"]["generator"] == KEYED:
        kept["landscape"].pop("order", None)
    return kept


def train_block(
    settings: dict,
    method: dict,
    feedback: dict,
    noise: float,
    seeds: Sequence[int],
    row_ends=None,
    chunk: int = 256,
    landscape: Landscape | None = None,
    kernel: Kernel | None = None,
) -> Iterator[np.ndarray]:
    """Train cells that differ only in their seed; yield logs of `chunk` cells at a time.

    Args:
        settings: the groups of `common` of a resolved setting (see config/README.md).
        method: a composition, see `compositions`; parameters that it does not say are defaults.
        feedback: likewise; empty, if the method does not see it.
        noise: sigma, the standard deviation of the feedback noise, in units of reward.
        seeds: of the cells.
        row_ends: increasing int array of steps, the last one being the number of steps; row r of
            the log is the mean over the steps after row_ends[r - 1] up to row_ends[r]. Default:
            every step has its row.
        chunk: how many cells' logs are in memory at once.
        landscape: tables of one's own, from `landscape.from_arrays`, instead of those of
            `settings`; its shapes are those that `settings` gives.
        kernel: `loop.train_cells` for plain Python, the same bits, far slower; its machine code
            from `load_kernel` without it.

    Yields:
        float64 arrays of shape (cells, rows, M), columns as the M `METRICS`; one that the method
        does not have is NaN.

    Raises:
        FloatingPointError: training produced a NaN or an infinity; the message names cell and step.
        ValueError: `landscape` has other shapes than the setting, or see `check_cells`.
    """
    if row_ends is None:
        row_ends = every_step(settings["training"]["steps"])
    cell = settings, method, feedback, noise
    for logs, _ in _train(*cell, seeds, row_ends, (), chunk, landscape, kernel):
        yield logs


def train_policies(
    settings: dict,
    method: dict,
    feedback: dict,
    noise: float,
    seeds: Sequence[int],
    taken: Sequence[int],
    chunk: int = 256,
    landscape: Landscape | None = None,
    kernel: Kernel | None = None,
) -> Iterator[np.ndarray]:
    """Train cells as `train_block` does; yield their policies at chosen steps.

    Args:
        settings, method, feedback, noise, seeds, chunk, landscape, kernel: as there.
        taken: increasing numbers of steps after which the policy is kept, from 0, the initial one,
            to the number of steps, the last one.

    Yields:
        Logits, float64 of shape (cells, len(taken), C, V), see `policy.contexts`.

    Raises:
        FloatingPointError, ValueError: as there.
    """
    ends = taken[-1:]  # what comes after need not be trained
    cell = settings, method, feedback, noise
    for _, snapshots in _train(*cell, seeds, ends, taken, chunk, landscape, kernel):
        yield snapshots


def _train(settings, method, feedback, noise, seeds, row_ends, taken, chunk, landscape, kernel):
    """Logs and policies of `chunk` cells at a time."""
    row_ends, taken = np.asarray(row_ends, np.int64), np.asarray(taken, np.int64)
    check_cells(settings, method)
    whole = not of_the_paper(method, feedback)
    kernel = kernel or load_kernel(whole)
    # As plain Python it has all parts.
    inputs = kernel_inputs(settings, method, feedback, noise, whole or kernel is train_cells)
    shape = taken.size, *inputs[-1].logits.shape
    for start in range(0, len(seeds), chunk):
        part = np.asarray(seeds[start : start + chunk], dtype=np.int64)
        logs = np.zeros((part.size, row_ends.size, len(METRICS)))
        snapshots = np.zeros((part.size, *shape))
        for cells, tables in _by_landscape(settings["landscape"], part, landscape):
            own = logs, snapshots
            if cells.size < part.size:
                own = np.zeros((cells.size, *logs.shape[1:])), np.zeros((cells.size, *shape))
            keys = cell_keys(settings, part[cells])
            stopped = _call(kernel, keys, tables, inputs, row_ends, taken, *own)
            if stopped:
                cell, step = stopped
                raise FloatingPointError(
                    f"training became NaN or infinite at step {step} of the cell of "
                    f"noise {noise!r} and seed {part[cells[cell]]}"
                )
            if own[0] is not logs:
                logs[cells], snapshots[cells] = own
        yield logs, snapshots


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


def _call(kernel, keys, tables, inputs, row_ends, taken, logs, snapshots):
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
    clear(options[-1])
    with np.errstate(all="ignore"):  # plain Python's numbers overflow aloud
        kernel(
            keys, landscape, deviates, scales, run, *options, row_ends, taken, logs, snapshots,
            stopped,
        )  # fmt: skip
    cell, step = stopped.tolist()
    return (cell, step) if step else None


def large_tables(settings: dict, method: dict) -> dict[str, tuple[int, int]]:
    """The tables of a `Workspace` that only some methods need: (base, power) of their sizes.

    A size itself may have more digits than can be printed.
    """
    landscape = settings["landscape"]
    sizes = {
        "coalitions": (landscape["vocabulary_size"] + 1, landscape["sequence_length"]),
        "gram": (settings["training"]["rollouts"], 2),
    }
    return {name: size for name, size in sizes.items() if sees(method, name)}


def check_cells(settings: dict, method: dict) -> None:
    """Refuse a method that a setting's policies cannot have, or whose tables are too large.

    Raises:
        ValueError: says what is wrong and what is allowed.
    """
    context = settings["policy"]["context"]
    if context != FACTORED and (factored := factored_only(method)):
        raise ValueError(
            f"{' and '.join(factored)} takes positions for independent, which is not so with "
            f"policy.context {context}; allowed: {FACTORED}"
        )
    for name, (base, power) in large_tables(settings, method).items():
        if base**power > LARGEST_TABLE:
            formula, smaller = _FORMULAS[name]
            raise ValueError(
                f"it needs a table of {base}^{power} numbers, {formula}; allowed: at most "
                f"{LARGEST_TABLE:,}, so lower {smaller}"
            )


_FORMULAS = {
    "coalitions": ("(V + 1)^T", "landscape.vocabulary_size or landscape.sequence_length"),
    "gram": ("training.rollouts squared", "training.rollouts"),
}
"""What the size of each table is, and what makes it smaller."""


def kernel_inputs(
    settings: dict, method: dict, feedback: dict, noise: float, whole: bool = True
) -> tuple:
    """What all cells of a block share of `train_cells`; arguments as in `train_block`.

    `whole` says whether they are for a kernel of all parts.
    """
    landscape, count = settings["landscape"], int(settings["training"]["rollouts"])
    run = Run(
        noise=float(noise),
        rollouts=count,
        learning_rate=float(settings["training"]["learning_rate"]),
        initial_logit_sd=float(settings["policy"]["initial_logit_sd"]),
        draws_landscape=True,
    )
    length, vocabulary = landscape["sequence_length"], landscape["vocabulary_size"]
    sizes = length, vocabulary, contexts(settings), count, levels(feedback, {}) or count
    work = workspace(*sizes, asked=tuple(large_tables(settings, method)))
    packed = packed_method(method, {}, whole), packed_judge(feedback, {}, whole)
    return *empty_landscape(landscape), run, *packed, work


def cell_keys(settings: dict, seeds: np.ndarray) -> np.ndarray:
    """The random keys of cells, uint64 (cells, 13, 2), by `Purpose`; those of 0 are not used.

    They are read-only, because calls with the same seeds share them, unless these are many.
    """
    own = np.asarray(seeds, np.int64)
    make = _cell_keys if own.size <= _FEW else _cell_keys.__wrapped__
    return make(landscape_seeds(settings["landscape"], own).tobytes(), own.tobytes())


_FEW = 1024
"""Cells whose keys, 208 bytes each, are kept."""


@lru_cache(64)
def _cell_keys(landscapes: bytes, seeds: bytes) -> np.ndarray:
    table = np.repeat(np.frombuffer(seeds, np.int64)[:, None], len(Purpose) + 1, axis=1)
    of_landscape = [Purpose.QUALITY, Purpose.BIGRAM, Purpose.TARGET]
    table[:, of_landscape] = np.frombuffer(landscapes, np.int64)[:, None]
    made = keys(np.arange(len(Purpose) + 1), table)
    made.flags.writeable = False
    return made
