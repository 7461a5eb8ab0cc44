"""The kernel's time per cell against V, T, rollouts and steps: `make benchmark-scaling`.

One size varies, the others stay at a small or a large base. Times are CPU milliseconds of one cell
on one core, the least of several, without the draws of its landscape and first logits; where 300
steps would take long fewer are trained, and the time scaled up. Writes scaling.csv and scaling.png
beside this file and prints, for each line, the time per unit of work at both ends: the two are
equal where the cost is proportional to size.
"""

import csv
import os
import sys
import time
from pathlib import Path

os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "src"))

import matplotlib  # noqa: E402

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

from sdposim.model.cells import cell_keys, every_step, kernel_inputs  # noqa: E402
from sdposim.model.compositions import composed  # noqa: E402
from sdposim.model.kept import clear  # noqa: E402
from sdposim.model.kernel import load_kernel  # noqa: E402
from sdposim.model.metrics import METRICS  # noqa: E402
from sdposim.model.paper import compositions  # noqa: E402
from sdposim.workflow.configuration.settings import Setting  # noqa: E402

STEPS = 300
BASES = {
    "V 8, T 6, n 32": {"V": 8, "T": 6, "n": 32},
    "V 1,024, T 128, n 32": {"V": 1024, "T": 128, "n": 32},
}
SIZES = {
    "V": [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024],
    "T": [1, 2, 4, 6, 8, 16, 32, 64, 128],
    "n": [8, 16, 32, 64, 128, 256, 512, 1024],
    "steps": [100, 300, 1000, 3000, 10000],
}
LABELS = {"V": "Vocabulary V", "T": "Length T", "n": "Rollouts n", "steps": "Steps"}
OTHERS = {
    "V": "n 32; T 6, dashed T 128",
    "T": "n 32; V 8, dashed V 1,024",
    "n": "V 8, T 6",
    "steps": "V 8, T 6, n 32",
}
CASES = [("sdpo", "continuous"), ("sdpo", "critique"), ("reinforce", "continuous")]
COLOURS = dict(zip(CASES, ("#0072B2", "#D55E00", "#009E73"), strict=True))
REPEATS = 9
BUDGET = 2e6  # units of work, steps T V n, of one timing where steps are not what varies


def milliseconds(case: tuple[str, str], size: dict[str, int]) -> float:
    """CPU milliseconds of one cell's steps with noise 0.2, without what is drawn once per cell."""
    setting = Setting().model_dump()
    setting["landscape"] |= {"vocabulary_size": size["V"], "sequence_length": size["T"]}
    setting["training"]["rollouts"] = size["n"]
    inputs = kernel_inputs(setting, *composed(setting, *compositions(*case)), 0.2, whole=False)
    keys, stopped = cell_keys(setting, np.zeros(1, np.int64)), np.zeros(2, np.int64)
    taken, policies = np.zeros(0, np.int64), np.zeros((1, 0, *inputs[-1].logits.shape))
    work = size["V"] * size["T"] * size["n"]
    timed = size.get("steps") or max(3, min(STEPS, int(BUDGET / work)))
    spent = {1: [], 1 + timed: []}
    for _ in range(REPEATS):
        for steps, times in spent.items():
            ends, logs = every_step(steps), np.zeros((1, steps, len(METRICS)))
            clear(inputs[-1])
            start = time.process_time_ns()
            load_kernel()(keys, *inputs, ends, taken, logs, policies, stopped)
            times.append((time.process_time_ns() - start) * 1e-6)
    each = (min(spent[1 + timed]) - min(spent[1])) / timed
    return each * size.get("steps", STEPS)


def measure() -> list[dict]:
    """Rows of scaling.csv: the case, what varies, from which base, its value, milliseconds."""
    rows = []
    for axis, values in SIZES.items():
        for name, base in BASES.items():
            if name != "V 8, T 6, n 32" and axis not in ("V", "T"):
                continue
            for case in CASES:
                for value in values:
                    spent = milliseconds(case, base | {axis: value})
                    rows.append(
                        {"method": case[0], "feedback": case[1], "varies": axis, "base": name}
                        | {"value": value, "milliseconds": round(spent, 4)}
                    )
                    print(*rows[-1].values(), sep=",", flush=True)
    return rows


def lines(rows: list[dict]) -> dict[tuple, list[tuple[int, float]]]:
    """(value, milliseconds) by method, feedback, what varies and base."""
    found = {}
    for row in rows:
        group = row["method"], row["feedback"], row["varies"], row["base"]
        found.setdefault(group, []).append((int(row["value"]), float(row["milliseconds"])))
    return found


def plot(rows: list[dict], path: Path) -> None:
    """A panel for each size, logarithmic; proportional cost is parallel to the grey lines."""
    figure, axes = plt.subplots(1, 4, figsize=(11, 3.2), sharey=True, layout="constrained")
    panels = dict(zip(SIZES, axes, strict=True))
    for (method, feedback, axis, base), points in lines(rows).items():
        small = base == "V 8, T 6, n 32"
        panels[axis].plot(
            *zip(*points, strict=True),
            color=COLOURS[method, feedback],
            marker="o" if small else "s",
            markersize=3,
            linestyle="-" if small else "--",
            label=f"{method}/{feedback}" if small else None,
        )
    low, high = (pick(row["milliseconds"] for row in rows) for pick in (min, max))
    for axis, panel in panels.items():
        ends = [SIZES[axis][0], SIZES[axis][-1]]
        for level in (1e-6, 1e-4, 1e-2, 1, 1e2, 1e4):
            panel.plot(ends, [level * end for end in ends], color="0.85", linewidth=0.8, zorder=0)
        panel.set(xscale="log", yscale="log", xlabel=LABELS[axis], ylim=(low / 2, high * 2))
        panel.set_title(OTHERS[axis], fontsize=8)
    axes[0].set_ylabel("ms per cell, one core")
    axes[-1].legend(frameon=False, fontsize=7, loc="upper left")
    figure.savefig(path, dpi=150)


def summary(rows: list[dict]) -> str:
    """A markdown table of nanoseconds per step, rollout, position and token at both ends."""
    text = "| method | feedback | varies | others | from | to | ns at first | ns at last |\n"
    text += "|---|---|---|---|---:|---:|---:|---:|\n"
    for (method, feedback, axis, base), points in lines(rows).items():
        ends = []
        for value, spent in (points[0], points[-1]):
            size = BASES[base] | {"steps": STEPS} | {axis: value}
            ends.append(1e6 * spent / (size["V"] * size["T"] * size["n"] * size["steps"]))
        text += f"| {method} | {feedback} | {axis} | {base} | {points[0][0]:,} | {points[-1][0]:,} "
        text += f"| {ends[0]:.2f} | {ends[1]:.2f} |\n"
    return text


def main() -> None:
    """Measure, write the files, print the table."""
    rows = measure()
    with (HERE / "scaling.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    plot(rows, HERE / "scaling.png")
    print(summary(rows))


if __name__ == "__main__":
    main()
