"""Time per cell of this checkout's kernel and of another commit's, in one run.

    python benchmarks/against.py COMMIT [--noise SIGMA] [--starts N]

Both programs are started several times and asked in turn, and the best time of each counts: where
the loader puts arrays and machine code changes times by some percent from one start to the next.
Each trains 64 cells of the paper's size a call. Processor time, on one core.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("sdpo", "reinforce", "adv_weighted", "hybrid")
FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
CELLS, CALLS, ROUNDS = 64, 3, 4
# Of commits from before `model.paper` too, and from before settings by part.
WORKER = """
import json, sys, time
try:
    from sdposim.model.kernel import load_kernel
    from sdposim.model.paper import train_block
    load_kernel()
except ImportError:
    from sdposim.simulation import ready
    from sdposim.simulation.fingerprint import kernel_digest
    assert ready.use(kernel_digest())
    from sdposim.simulation.training import train_block
setting, noise, cells, calls = json.loads(sys.argv[1])
if not hasattr(sys.modules.get("sdposim.model.paper"), "compositions"):
    update, judge = setting.pop("update"), setting.pop("judge")
    credit, normal = update["quality_share"], judge["normal"]
    setting["methods"] = {f"credit_{name}": value for name, value in credit.items()} | {
        "adv_weighted_direction": credit["direction"],
        "reinforce_direction": update["sequence"]["direction"],
        "hybrid_sparse_direction": "printed",
        "feedback_strength": update["oracle"]["strength"],
        "hybrid_threshold": update["gate"]["threshold"],
        "kl_weight": update["pull"]["weight"],
        "kl_on_baselines": True,
    }
    setting["feedback"] = {f"hint_{name}": value for name, value in normal.items()} | {
        "clip": judge["interval"]["clip"],
        "binary_threshold": judge["threshold"]["cut"],
        "ordinal_levels": judge["likert"]["levels"],
        "ordinal_scale": judge["likert"]["origin"],
    }
print("ready", flush=True)
for line in sys.stdin:
    spent = []
    for _ in range(calls):
        start = time.process_time()
        list(train_block(setting, *line.split(), noise, range(cells)))
        spent.append(time.process_time() - start)
    print(min(spent), flush=True)
"""


class Program:
    """A process that trains with the sources of a folder."""

    def __init__(self, tree: Path, cache: Path, options: str):
        environment = os.environ | {"PYTHONPATH": str(tree / "src"), "SDPOSIM_CACHE": str(cache)}
        command = [sys.executable, "-m", "sdposim", "compile"]
        subprocess.run(command, env=environment, stdout=2, check=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, options],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def milliseconds(self, method: str, feedback: str) -> float:
        """The best time of a cell."""
        self.process.stdin.write(f"{method} {feedback}\n")
        self.process.stdin.flush()
        return float(self._answer()) * 1e3 / CELLS

    def end(self) -> None:
        """Let the process end."""
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> str:
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"error: the program ended with status {self.process.wait()}")
        return answer


def setting() -> dict:
    """The paper's size, on landscapes of each cell's own."""
    sys.path.insert(0, str(ROOT / "src"))
    from sdposim.workflow.configuration.settings import Setting

    made = Setting().model_dump()
    made["landscape"] |= {"generator": "keyed", "seed": "each"}
    return made


def main() -> None:
    """Print a line for each method and feedback, and the largest ratio."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("commit", help="what to compare with")
    parser.add_argument("--noise", type=float, default=0.0)
    parser.add_argument("--starts", type=int, default=6, help="of each program")
    args = parser.parse_args()
    options = json.dumps([setting(), args.noise, CELLS, CALLS])
    best: dict[tuple, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "other"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(other)], check=True)
        subprocess.run(["git", "-C", str(other), "checkout", "--quiet", args.commit], check=True)
        for start in range(args.starts):
            programs = [
                Program(tree, Path(folder) / f"cache{number}", options)
                for number, tree in enumerate((other, ROOT))
            ]
            for pair, turn in product(product(METHODS, FEEDBACKS), range(ROUNDS)):
                for number in (0, 1) if (start + turn) % 2 else (1, 0):
                    spent = programs[number].milliseconds(*pair)
                    best[number, pair] = min(best.get((number, pair), spent), spent)
            for program in programs:
                program.end()
    print(f"{'method':13}{'feedback':11} {args.commit[:7]:>9} {'here':>9}  ratio (ms a cell)")
    ratios = []
    for pair in product(METHODS, FEEDBACKS):
        before, here = best[0, pair], best[1, pair]
        ratios.append(here / before)
        print(f"{pair[0]:13}{pair[1]:11} {before:9.3f} {here:9.3f}  {ratios[-1]:.3f}")
    print(f"largest ratio {max(ratios):.3f}")


if __name__ == "__main__":
    main()
