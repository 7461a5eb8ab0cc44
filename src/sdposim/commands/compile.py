"""Compile the kernel once, before jobs that would each compile it for themselves."""

import json
import time
from pathlib import Path

import numpy as np

from sdposim.model.dependence import complete
from sdposim.numerics import ready
from sdposim.numerics.fingerprint import kernel_digest
from sdposim.storage.errors import UserError
from sdposim.storage.files import one_at_a_time, write_text

_SMALLEST = {
    "landscape": {
        "vocabulary_size": 2,
        "sequence_length": 1,
        "seed": 0,
        "generator": "keyed",
        "quality_sd": 1.0,
        "bigram_sd": 1.0,
        "pattern_weight": 1.0,
    },
    "policy": {"initial_logit_sd": 1.0},
    "feedback": {},
    "methods": {"kl_weight": 0.0},
    "training": {"steps": 1, "rollouts": 1, "learning_rate": 1.0},
}


def compile_kernel(output: str | None = None) -> None:
    """Compile the kernel for this machine into its cache, see `sdposim.numerics.ready`.

    Nothing is compiled if it is there. Of several processes one compiles, the others wait for it.

    Args:
        output: a file to write that says so, `<digest of the kernel's sources>.json`.

    Raises:
        UserError: the sources are not those that `output` is named by, or a file cannot be written.
    """
    sources = kernel_digest()
    if output and Path(output).stem != sources:
        raise UserError(
            f"the sources of the kernel changed while the run was starting: {output} is not their "
            "place; run again"
        )
    with one_at_a_time(ready.place(sources)):
        if not ready.fits(sources):
            start = time.perf_counter()
            _compile(sources)
            print(f"compiled in {time.perf_counter() - start:.1f} s", flush=True)
    if output:
        write_text(output, json.dumps({"sources": sources}) + "\n")


def _compile(sources: str) -> None:
    # Here, because it loads Numba.
    from sdposim.model.training import (
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
    ready.write(sources, train_cells.py_func, (keys, *inputs, every_step(1), logs, outcome))
