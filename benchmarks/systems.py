"""What a cell of every method of the configuration costs, against SDPO on continuous feedback.

    python benchmarks/systems.py            writes the table in benchmarks/README.md

Cells of the paper's size, feedback `continuous` with noise 0.1, 64 a call, or 4 of those that take
long. All are asked in turn, several times, and the least time of each counts. Processor time, on
one core.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

import page
from sdposim.model.cells import common, train_block
from sdposim.model.compositions import composed
from sdposim.model.paper import FEEDBACKS, METHODS
from sdposim.workflow.configuration.models import Config

ROUNDS = 12
NOISE = 0.1
LONG = 0.02
"""Seconds for a cell from which fewer are trained."""


def studied(config: Config) -> list[str]:
    """The paper's methods, and those of others."""
    return [*METHODS, *(name for name, own in config.methods.items() if own.note)]


def main() -> None:
    """Time all methods and write the table."""
    config = Config()
    setting = config.settings["paper"].model_dump()
    cells = {
        name: composed(setting, config.methods[name].composition, FEEDBACKS["continuous"])
        for name in studied(config)
    }
    spent = {name: _seconds(setting, own, 2) for name, own in cells.items()}
    counts = {name: 4 if seconds > LONG else 64 for name, seconds in spent.items()}
    for _ in range(ROUNDS):
        for name, own in cells.items():
            spent[name] = min(spent[name], _seconds(setting, own, counts[name]))
    base = spent["sdpo"]
    lines = ["| method | ms a cell | of SDPO's |", "|---|---:|---:|"]
    for name in sorted(spent, key=spent.__getitem__):
        lines.append(f"| `{name}` | {1e3 * spent[name]:.3f} | {spent[name] / base:.2f} |")
    page.write("\n".join(lines), page.SYSTEMS)
    print("\n".join(lines))


def _seconds(setting: dict, cell: tuple[dict, dict], count: int) -> float:
    """Processor time of one of `count` cells."""
    start = time.process_time()
    list(train_block(common(setting), *cell, NOISE, range(count), [300]))
    return (time.process_time() - start) / count


if __name__ == "__main__":
    main()
