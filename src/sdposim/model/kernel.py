"""The kernel as machine code: what it is made of, and where it is.

There are two: one with the paper's parts alone, quick to compile, which parts beyond the paper's
leave as it is, and one with all of them. Both give cells of the paper the same bits.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from sdposim.model import parts
from sdposim.model.landscape import KEYED
from sdposim.model.loop import train_cells
from sdposim.model.metrics import METRICS
from sdposim.model.numerics import ready
from sdposim.storage.errors import UserError
from sdposim.storage.files import one_at_a_time
from sdposim.storage.sources import digest

KERNEL_PACKAGES = ("numba", "llvmlite", "numpy")
"""The packages whose versions can change the machine code or the random keys."""
Kernel = Callable[..., None]
"""What takes the arguments of `loop.train_cells`: its machine code, or that function itself."""


def kernel_digest(whole: bool = False) -> str:
    """Digest (16 hex digits) of a kernel's sources and of the versions that compile them.

    Args:
        whole: of the kernel of all parts; else of the paper's.
    """
    return digest("sdposim.model.loop", *parts.modules(whole), packages=KERNEL_PACKAGES)


def of_the_run(whole: bool = False) -> str | None:
    """The `kernel_digest` that a run of the workflow tells its jobs, which spares them the time."""
    return os.environ.get("SDPOSIM_WHOLE_KERNEL" if whole else "SDPOSIM_KERNEL")


def load_kernel(whole: bool = False) -> Kernel:
    """The machine code of `loop.train_cells`, from the cache, or else compiled into it.

    Args:
        whole: with all parts; else with the paper's.

    Raises:
        UserError: it cannot be compiled into the cache.
    """
    return _loaded(whole)


@cache
def _loaded(whole: bool) -> Kernel:
    sources = of_the_run(whole) or kernel_digest(whole)
    kernel = ready.load(sources)
    if kernel is None:
        # In a process of its own, so that this one needs no Numba, whatever Numba is told to do in
        # it, and keeps LLVM's options as they are. Its message does not belong in our output.
        variables = {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", "sdposim", "compile", *(["--whole"] if whole else [])]
        done = subprocess.run(command, env=os.environ | variables, stdout=2, check=False)
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
        sources: the `kernel_digest` of the present sources.

    Raises:
        UserError: the cache cannot be written.
    """
    with one_at_a_time(ready.place(sources)):
        if ready.load(sources) is None:
            start = time.perf_counter()
            ready.write(sources, train_cells, _example())
            print(f"compiled in {time.perf_counter() - start:.1f} s", flush=True)


def _example() -> tuple:
    """Arguments of `train_cells`, for their types."""
    from sdposim.model import cells  # which loads the kernel from here

    landscape = {
        "vocabulary_size": 2,
        "sequence_length": 1,
        "seed": 0,
        "generator": KEYED,
        "quality_sd": 1.0,
        "bigram_sd": 1.0,
        "pattern_weight": 1.0,
    }
    settings = {
        "landscape": landscape,
        "policy": {"initial_logit_sd": 1.0, "context": "position"},
        "training": {"steps": 1, "rollouts": 1, "learning_rate": 1.0},
    }
    keys = cells.cell_keys(settings, np.zeros(1, np.int64))
    inputs = cells.kernel_inputs(settings, {}, {}, 1.0, parts.WHOLE)
    steps = cells.every_step(1)
    logs, snapshots = np.zeros((1, 1, len(METRICS))), np.zeros((1, 1, 1, 2))
    return keys, *inputs, steps, steps, logs, snapshots, np.zeros(2, np.int64)
