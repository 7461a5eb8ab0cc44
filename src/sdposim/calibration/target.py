"""The tables to be explained: the published ones, or simulated ones whose settings are known."""

import numpy as np

from sdposim.calibration.files import read_json, write_json

METHODS = ("sdpo", "reinforce", "adv_weighted")
FEEDBACKS = ("binary", "ordinal", "continuous", "critique")
STATISTICS = {
    "reward": "table1_final_reward",
    "entropy": "table3_final_entropy",
    "correlation": "table2_credit_correlation",
}
"""The fitted statistics, and their entries of config/published.yaml."""

Tables = dict[tuple[str, str], tuple[float, float, float]]
"""(method, feedback) -> reward, entropy in nats, correlation."""


def simulated_tables(runs: np.ndarray, reading, conditions: list[str]) -> Tables:
    """Tables as a paper would print them: one run a column, three decimals.

    Args:
        runs: (conditions, runs, statistics of `simulator.STATISTICS`), at least 4 runs each.
        reading: a `distance.Reading`.
        conditions: names of the first axis.
    """
    tables: Tables = {}
    for condition, columns in reading.groups.items():
        for run, column in enumerate(columns):
            values = runs[conditions.index(condition), run, reading.statistics]
            tables[column] = tuple(round(float(value), 3) for value in values)
    return tables


def write_target(path: str, tables: Tables, truth: dict | None) -> None:
    """Write tables, and for simulated ones the settings they came from."""
    write_json(path, {"tables": listed(tables), "truth": truth})


def read_target(path: str) -> tuple[Tables, dict | None]:
    """Read what `write_target` wrote."""
    content = read_json(path)
    return from_list(content["tables"]), content["truth"]


def listed(tables: Tables) -> list[list]:
    """Tables as JSON can hold them: rows `[method, feedback, reward, entropy, correlation]`."""
    return [[*column, *values] for column, values in sorted(tables.items())]


def from_list(rows: list[list]) -> Tables:
    """Undo `listed`."""
    return {(row[0], row[1]): (row[2], row[3], row[4]) for row in rows}
