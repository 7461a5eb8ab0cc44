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


def published_tables(published: dict) -> Tables:
    """Tables 1 to 3 as published, REINFORCE's correlation in magnitude.

    Equation 4's correlation is positive by construction, so the published sign cannot be reached
    by any setting; its size can.
    """
    return {
        (method, feedback): (
            published["table1_final_reward"][method][feedback],
            published["table3_final_entropy"][method][feedback],
            _correlation(method, published["table2_credit_correlation"][method][feedback]),
        )
        for method in METHODS
        for feedback in FEEDBACKS
    }


def _correlation(method: str, value: float) -> float:
    return abs(value) if method == "reinforce" else value


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
    listed = [[*column, *values] for column, values in sorted(tables.items())]
    write_json(path, {"tables": listed, "truth": truth})


def read_target(path: str) -> tuple[Tables, dict | None]:
    """Read what `write_target` wrote."""
    content = read_json(path)
    tables = {(row[0], row[1]): (row[2], row[3], row[4]) for row in content["tables"]}
    return tables, content["truth"]
