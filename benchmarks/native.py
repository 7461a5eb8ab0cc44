"""The C program of cell.c, compiled and called through ctypes.

The compiler is gcc, or what CC names.
"""

import ctypes
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np

# The numbers of methods and feedbacks in cell.c.
METHODS = ("sdpo", "reinforce", "adv_weighted", "hybrid")
FEEDBACKS = ("binary", "ordinal", "continuous", "critique")

SOURCE = Path(__file__).with_name("cell.c")
FLAGS = ("-O3", "-march=native", "-ffast-math")
COMPILER = os.environ.get("CC", "gcc")


class Cell(ctypes.Structure):
    """`struct cell` of cell.c."""

    _fields_ = (
        [(name, ctypes.c_int64) for name in ("T", "V", "n", "steps", "method", "feedback")]
        + [("levels", ctypes.c_int64)]
        + [(name, ctypes.c_double) for name in ("sigma", "learning_rate", "alpha", "threshold")]
        + [(name, ctypes.c_double) for name in ("beta", "tau", "epsilon", "kl_weight", "hint_sd")]
        + [(name, ctypes.c_void_p) for name in ("q", "b", "target")]
        + [(name, ctypes.c_void_p) for name in ("rollout_key", "noise_key", "hint_key")]
    )


def compiler() -> str:
    """The compiler's own name and version, one line."""
    version = subprocess.run([COMPILER, "--version"], check=True, capture_output=True, text=True)
    return version.stdout.splitlines()[0]


def build(folder: Path) -> ctypes.CDLL:
    """Compile cell.c into a folder and load it.

    Raises:
        FileNotFoundError: there is no such compiler.
        subprocess.CalledProcessError: it does not compile the program.
    """
    library = folder / "cell.so"
    command = [COMPILER, *FLAGS, "-shared", "-fPIC", "-o", library, SOURCE, "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(library))


def trainer(
    library: ctypes.CDLL, setting: dict, method: str, feedback: str, noise: float, inputs: dict
) -> Callable[[], np.ndarray]:
    """A function that trains one cell in C and returns its log (steps, 5).

    Args:
        library: from `build`.
        setting: a resolved setting with the readings that cell.c names.
        method, feedback, noise: as in `training.train`.
        inputs: arrays `q`, `b`, `target`, `initial_logits` and the keys `rollouts`, `noise`,
            `hints` of the cell.
    """
    steps = setting["training"]["steps"]
    length, vocabulary = inputs["q"].shape
    update, judge = setting["update"], setting["judge"]
    cell = Cell(
        T=length,
        V=vocabulary,
        n=setting["training"]["rollouts"],
        steps=steps,
        method=METHODS.index(method),
        feedback=FEEDBACKS.index(feedback),
        levels=judge["likert"]["levels"],
        sigma=noise,
        learning_rate=setting["training"]["learning_rate"],
        alpha=setting["landscape"]["pattern_weight"],
        threshold=judge["threshold"]["cut"],
        beta=update["oracle"]["strength"],
        tau=update["gate"]["threshold"],
        epsilon=update["quality_share"]["epsilon"],
        kl_weight=update["pull"]["weight"],
        hint_sd=judge["normal"]["sd"],
        q=inputs["q"].ctypes.data,
        b=inputs["b"].ctypes.data,
        target=inputs["target"].ctypes.data,
        rollout_key=inputs["rollouts"].ctypes.data,
        noise_key=inputs["noise"].ctypes.data,
        hint_key=inputs["hints"].ctypes.data,
    )
    train = library.train_cell
    train.argtypes = [ctypes.POINTER(Cell), ctypes.c_void_p, ctypes.c_void_p]
    train.restype = None

    def run() -> np.ndarray:
        logits = inputs["initial_logits"].copy()
        log = np.full((steps, 5), np.nan)
        train(ctypes.byref(cell), logits.ctypes.data, log.ctypes.data)
        return log

    return run
