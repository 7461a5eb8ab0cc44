"""What the page has of committed results: points beside its curves, numbers in its stories."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from sdposim.storage.errors import UserError

PRINTED = {"update.sequence.direction": "printed", "update.quality_share.direction": "printed"}
_AS_PRINTED = PRINTED | {"update.quality_share.mean": "policy"}
TABLES = {"table1": "reward", "table2": "credit_correlation", "table3": "entropy"}
"""Tables of final values, and the metric of each."""
FIGURES = ("figure3", "figure4", "figure5")
READ = (
    *(f"tables/{name}{kind}.csv" for kind in ("", "_as_printed") for name in TABLES),
    *(f"figures/{name}.csv" for name in FIGURES),
)
"""Files of the paper's study in the folder of reports."""
TOLD = ("claims.csv", "mechanisms/step_sizes.csv")
"""Files of other targets, from which stories have their numbers."""
_EVERY = 15


def results(folder: Path, steps: int, final_window: int) -> dict[str, Any]:
    """`points` by condition, and `stories`.

    Args:
        folder: of the reports.
        steps: of training, in the paper's setting.
        final_window: how many steps a final value averages; it is shown in their middle.

    Raises:
        UserError: a file lacks what a story tells.
    """
    return {
        "points": list(points(folder, steps - final_window // 2)),
        "stories": stories(folder),
    }


def points(folder: Path, final: int) -> Iterator[dict[str, Any]]:
    """Committed means: each a `condition`, changes to the page's default cell, and its `points`."""
    for kind, changes in {"": {}, "_as_printed": _AS_PRINTED}.items():
        for name, metric in TABLES.items():
            for row in _rows(folder / f"tables/{name}{kind}.csv"):
                condition = {key: row[key] for key in ("method", "feedback")} | {"set": changes}
                yield _point(condition, metric, final, row["reproduced"], row)
    for row in _reproduced(folder / "figures/figure3.csv"):
        if row["panel"] == "training" and int(row["step"]) % _EVERY == 0:
            condition = {key: row[key] for key in ("method", "feedback")}
            yield _point(condition, "entropy", int(row["step"]), row["entropy"], row)
    for row in _reproduced(folder / "figures/figure4.csv"):
        if float(row["noise"]):
            condition = {key: row[key] for key in ("method", "feedback")}
            condition["noise"] = float(row["noise"])
            yield _point(condition, row["metric"], final, row["value"], row)
    for row in _reproduced(folder / "figures/figure5.csv"):
        if row["metric"] == "hybrid_weight" and int(row["step"]) % _EVERY == 0:
            condition = {key: row[key] for key in ("method", "feedback")} | {"noise": 0.2}
            yield _point(condition, "hybrid_weight", int(row["step"]), row["value"], row)


def _point(condition: dict, metric: str, step: int, mean: str, row: dict) -> dict[str, Any]:
    own = {"metric": metric, "step": step, "mean": float(mean), "n": int(row["n"])}
    return {"condition": condition, "points": [own]}


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}, which the explorer shows") from None


def _reproduced(path: Path) -> list[dict[str, str]]:
    return [row for row in _rows(path) if row["source"] == "reproduced"]


def stories(folder: Path) -> list[dict[str, Any]]:
    """Those of stories.yaml, their numbers filled in."""
    told = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    known = _numbers(folder)
    return [own | {"text": [text.format(**known) for text in own["text"]]} for own in told]


_CLAIMS = {
    "shuffled": ("C40", "reward(sdpo, continuous) - reward(sdpo, shuffled)"),
    "single": (
        "C30",
        "reward(sdpo, continuous, setting=one_rollout) - reward(sdpo, continuous, 0.5, "
        "setting=one_rollout) - (reward(sdpo, continuous) - reward(sdpo, continuous, 0.5))",
    ),
    "hybrid": ("C33", "reward(hybrid, critique, 0.2) - reward(sdpo, critique, 0.2)"),
}
"""Claims and effects, in the paper's own setting."""


def _numbers(folder: Path) -> dict[str, str]:
    """The numbers of stories, by name."""
    tests = {
        (row["id"], row["effect"]): row
        for row in _rows(folder / "claims.csv")
        if row["scope"] == "paper"
    }
    rates = {
        (row["method"], float(row["learning_rate"])): row
        for row in _rows(folder / "mechanisms/step_sizes.csv")
    }
    try:
        made = {
            name: f"{_short(tests[key]['value'])} (mean of {tests[key]['units']} runs)"
            for name, key in _CLAIMS.items()
        }
        for method, rate in (("sdpo", 0.02), ("reinforce", 0.6)):
            for column in ("reward", "entropy"):
                made[f"{method}_{column}"] = _short(rates[method, rate][column])
        for name, table in {"reversed": "table2", "printed": "table2_as_printed"}.items():
            correlations = {
                (row["method"], row["feedback"]): row["reproduced"]
                for row in _rows(folder / f"tables/{table}.csv")
            }
            made[name] = _short(correlations["reinforce", "continuous"])
    except KeyError as error:
        raise UserError(f"reports in {folder} lack {error}, which the explorer tells") from None
    return made


def _short(number: str) -> str:
    return f"{round(float(number), 3) + 0.0:.3f}".replace("-", "−")
