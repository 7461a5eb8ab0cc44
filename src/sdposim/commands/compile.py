"""Compile the kernel once, before jobs that would each compile it for themselves."""

import time
from pathlib import Path

import numpy as np

from sdposim.errors import UserError
from sdposim.files import write_text
from sdposim.simulation import ready
from sdposim.simulation.dependence import complete
from sdposim.simulation.fingerprint import cache_folder

_SMALLEST = {
    "landscape": {
        "vocabulary_size": 2,
        "sequence_length": 1,
        "seed": 0,
        "quality_sd": 1.0,
        "bigram_sd": 1.0,
        "pattern_weight": 1.0,
    },
    "policy": {"initial_logit_sd": 1.0},
    "feedback": {},
    "methods": {"kl_weight": 0.0},
    "training": {"steps": 1, "rollouts": 1, "learning_rate": 1.0},
}


def compile_kernel(output: str) -> None:
    """Write the kernel, compiled for this machine, to `output`, see `sdposim.simulation.ready`.

    It is compiled into the cache, which other working directories may share, unless it is there.

    Raises:
        UserError: the sources are not those that the folder of `output` is named by, or the file
            cannot be written.
    """
    if Path(output).absolute().parent.name != cache_folder().name:
        raise UserError(
            f"the sources of the kernel changed while the run was starting: {output} is not their "
            "place; run again"
        )
    start = time.perf_counter()
    stored = cache_folder() / "kernel.json"
    if not ready.fits(stored):
        _compile(stored)
        print(f"compiled in {time.perf_counter() - start:.1f} s", flush=True)
    write_text(output, stored.read_text(encoding="utf-8"))


def _compile(path: Path) -> None:
    # Here, because it loads Numba.
    from sdposim.simulation.training import (
        METRICS,
        cell_keys,
        every_step,
        kernel_inputs,
        train_cells,
    )

    settings = complete(_SMALLEST)
    keys = cell_keys(settings, np.zeros(1, np.int64))
    inputs = kernel_inputs(settings, "sdpo", "critique", 1.0)
    logs = np.zeros((1, 1, len(METRICS)))
    outcome = np.zeros(2, np.int64)
    ready.write(path, train_cells.py_func, (keys, *inputs, every_step(1), logs, outcome))
