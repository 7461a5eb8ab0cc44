"""Time the kernel against NumPy, C and JAX, cell by cell, in one run: `make benchmark`.

All four train the same cells of the paper's size (300 steps, 32 rollouts, 6 positions, 8 tokens)
and their logs must agree before anything is timed; all but NumPy, which has its own generator, draw
the same random words as they go. Times are CPU seconds of this process, pinned to one core, drawing
random numbers included. Repetitions take turns, so that a machine whose speed drifts slows all; the
table shows each one's fastest. The tables go to benchmarks/README.md.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # before any library counts the cores

import numpy as np  # noqa: E402

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests"), str(Path(__file__).parent)]

import numba  # noqa: E402

import native  # noqa: E402
import page  # noqa: E402
import vectorised  # noqa: E402
from materialise import arrays  # noqa: E402
from sdposim.calibration.space import printed  # noqa: E402
from sdposim.model.metrics import METRICS  # noqa: E402
from sdposim.model.numerics.randomness import Purpose, key  # noqa: E402
from sdposim.model.paper import FEEDBACKS, METHODS, train_block  # noqa: E402
from sdposim.model.policy import initial_logits  # noqa: E402
from sdposim.workflow.configuration.settings import Setting  # noqa: E402

try:
    import jitted
except ModuleNotFoundError:
    jitted = None

CELLS = 64  # per timing of all but NumPy: the width of a block, unless configured
JAX_EVERY = 5  # timings of JAX are rarer, for each takes as long as all others together
TOLERANCE = 1e-8
PAPER = METRICS[:5]
"""Those of section 2.6, which all programs log."""
KEYS = {"rollouts": Purpose.ROLLOUTS, "noise": Purpose.NOISE, "hints": Purpose.HINTS}


def benchmark_setting() -> dict:
    """The default setting with the readings that all four programs implement."""
    setting = Setting().model_dump()
    setting["landscape"] |= {"vocabulary_size": 8, "sequence_length": 6, "seed": 0}
    setting["landscape"]["generator"] = "keyed"
    setting["training"] |= {"steps": 300, "rollouts": 32}
    return printed(setting)


def native_inputs(setting: dict, seed: int) -> dict:
    """What the C program takes for one cell."""
    names = ("q", "b", "target", "initial_logits")
    drawn = {name: value for name, value in arrays(setting, seed).items() if name in names}
    return drawn | {name: key(purpose, seed) for name, purpose in KEYS.items()}


def jitted_inputs(setting: dict) -> dict:
    """What JAX takes for cells of seeds 0..CELLS-1."""
    inputs = native_inputs(setting, 0)
    inputs["initial_logits"] = np.stack([initial_logits(setting, s) for s in range(CELLS)])
    for name, purpose in KEYS.items():
        inputs[name] = np.stack([key(purpose, seed) for seed in range(CELLS)])
    return inputs


def programs(setting: dict, method: str, feedback: str, noise: float, library) -> dict:
    """Each program as (a function that trains, the cells that one call trains).

    Raises:
        AssertionError: a program's log differs from the kernel's by more than `TOLERANCE`.
    """

    def kernel(seeds=range(CELLS)):
        return next(train_block(setting, method, feedback, noise, seeds))

    def numpy():
        rng.random(drawn["uniforms"].shape)
        if noise > 0:
            rng.standard_normal(drawn["noise"].shape)
        if feedback == "critique":
            rng.standard_normal(drawn["hints"].shape)
        return vectorised.train(setting, method, feedback, noise, drawn)

    def compiled():
        return np.stack([cell() for _ in range(CELLS)])

    rng = np.random.default_rng(0)
    drawn = arrays(setting, 0)
    cell = native.trainer(library, setting, method, feedback, noise, native_inputs(setting, 0))
    expected = kernel()
    check("NumPy", np.stack([numpy()[name] for name in PAPER], axis=1), expected[0])
    check("C", compiled()[0], expected[0])
    found = {"NumPy": (numpy, 1), "kernel": (kernel, CELLS), "C": (compiled, CELLS)}
    if jitted:
        batch = jitted.trainer(setting, method, feedback, noise, jitted_inputs(setting))
        check("JAX", batch(), expected)
        found["JAX"] = (batch, CELLS)
    return found


def check(name: str, log: np.ndarray, expected: np.ndarray) -> None:
    """Compare a program's log with the kernel's."""
    message = f"{name} does not train the kernel's cell"
    expected = expected[..., : len(PAPER)]
    np.testing.assert_allclose(log, expected, rtol=0, atol=TOLERANCE, err_msg=message)


def milliseconds(program: Callable, cells: int) -> float:
    """CPU milliseconds per cell of one call."""
    start = time.process_time_ns()
    program()
    return (time.process_time_ns() - start) * 1e-6 / cells


def fastest(candidates: dict, repeats: int) -> dict[str, float]:
    """Milliseconds per cell of each program: the least of `repeats` turns."""
    best = dict.fromkeys(candidates, np.inf)
    for turn in range(repeats):
        for name, (program, cells) in candidates.items():
            if name != "JAX" or turn % JAX_EVERY == 0:
                best[name] = min(best[name], milliseconds(program, cells))
    return best


def measure(noise: float, repeats: int, library) -> page.Times:
    """Times of all programs for every method and feedback."""
    times = {}
    for method in METHODS:
        for feedback in FEEDBACKS:
            case = method, feedback
            times[case] = fastest(programs(benchmark_setting(), *case, noise, library), repeats)
            print(*case, *(f"{name} {ms:.3f}" for name, ms in times[case].items()), flush=True)
    return times


def processor() -> str:
    """The processor's name where the system tells it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


def machine(repeats: int) -> str:
    """What was measured, on what, in one paragraph."""
    text = (
        f"One core of: {processor()}. {native.compiler()}, {' '.join(native.FLAGS)}. Python "
        f"{sys.version.split()[0]}, NumPy {np.__version__}, Numba {numba.__version__}"
    )
    text += f", JAX {jitted.jax.__version__}" if jitted else "; JAX was not installed"
    return f"{text}. Each time is the least of {repeats} (JAX: {-(-repeats // JAX_EVERY)})."


def main() -> None:
    """Measure, print the times as they come, and write them into README.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=25, help="timings per row")
    repeats = parser.parse_args().repeats
    if not jitted:
        print("JAX is not installed and left out: pip install -e '.[benchmark]'")
    parts = [machine(repeats)]
    with tempfile.TemporaryDirectory() as folder:
        library = native.build(Path(folder))
        for noise in (0.2, 0.0):
            times = measure(noise, repeats, library)
            parts += [f"### Feedback noise {noise:g}", page.table(times), page.goals(times)]
    print("\n\n".join(parts))
    page.write("\n\n".join(parts))


if __name__ == "__main__":
    main()
