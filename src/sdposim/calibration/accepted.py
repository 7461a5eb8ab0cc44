"""The accepted settings: a paper's sharp draws that are admissible, and what they predict."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa

from sdposim.calibration import heldout, plan
from sdposim.calibration.distance import ALL_READINGS, READINGS
from sdposim.calibration.draws import Draws, first_seed, read_draws
from sdposim.calibration.heldout import Prediction
from sdposim.calibration.posterior import THRESHOLD, Posterior, evaluate
from sdposim.calibration.prior import UNSEEN, setting, values
from sdposim.calibration.proposal import Proposal, pooled, read_proposal
from sdposim.calibration.results import weighted_draws
from sdposim.calibration.simulator import CONDITIONS, with_reading
from sdposim.calibration.target import STATISTICS, Tables, read_target
from sdposim.parquet import open_sealed, sealed_writer
from sdposim.seal import identity

_HELD_OUT = 10**5
"""Stands for the held-out numbers in the seeds of their runs."""


_NEAREST = 20
"""Draws that predict where none is admissible."""


def sharp_draws(
    options: dict, paper: str, generations: int = len(plan.SHARP)
) -> tuple[Draws, Posterior, list[Proposal]]:
    """A paper's draws of its first so many sharp generations, weighed against its tables.

    Returns:
        The draws, numbered through, what the tables say about them, and where they were drawn.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    files = plan.sharpened(options, paper, generations)
    found = read_draws(files["draws"])
    found = found._replace(number=np.arange(len(found.number)))
    proposals = [read_proposal(path) for path in files["proposals"]]
    tables, _ = read_target(plan.target(paper))
    sampled = pooled(found.z, found.landscape, proposals)
    return found, evaluate(found, sampled, tables), proposals


def unseen(seed: int, number: int) -> dict:
    """tau and clip of a draw, from their priors, as no table depends on them."""
    rng = np.random.default_rng([seed, 5, number])
    return {p.key: float(p.value(rng.random())) for p in UNSEEN} | {
        "clip": bool(rng.random() < 0.5)
    }


def held_out_numbers(
    found: Draws, weighed: Posterior, numbers: range, job: dict
) -> list[list[Prediction]]:
    """Simulate the held-out numbers of some draws.

    Args:
        found, weighed: from `sharp_draws`.
        numbers: which draws.
        job: with `base`, `seed`, and `runs`.
    """
    predictions = []
    for number in numbers:
        reading = ALL_READINGS[weighed.reading[number]]
        settings = setting(job["base"], values(found.z[number]), found.landscape[number])
        settings = with_reading(settings, reading._asdict())
        for key, value in unseen(job["seed"], number).items():
            settings["feedback" if key == "clip" else "methods"][key] = value
        seed = first_seed(_HELD_OUT, number)
        predictions.append(heldout.predict(settings, seed, job["runs"]))
        print(f"draw {number} simulated", flush=True)
    return predictions


def write_held_out(path: str, predictions: list[list[Prediction]], spec: str) -> None:
    """Write held-out numbers as sealed Parquet, a row per draw; the metadata names them."""
    columns = {}
    for name in ("mean", "run"):
        rows = [[getattr(number, name) for number in row] for row in predictions]
        flat = pa.array(np.array(rows).ravel())
        columns[name] = pa.FixedSizeListArray.from_arrays(flat, len(rows[0]))
    table = pa.table(columns)
    about = {"spec": json.loads(spec), "numbers": [list(number[:5]) for number in predictions[0]]}
    schema = table.schema.with_metadata({b"sdposim": json.dumps(about, sort_keys=True).encode()})
    with sealed_writer(path, schema, identity(spec)) as writer:
        writer.write_table(table.cast(schema))


def read_held_out(paths: list[str]) -> list[list[Prediction]]:
    """Read what `write_held_out` wrote, one file after the other.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    predictions = []
    for path in paths:
        table = open_sealed(path).read()
        numbers = json.loads(table.schema.metadata[b"sdposim"])["numbers"]
        for row in zip(table["mean"].to_pylist(), table["run"].to_pylist(), strict=True):
            pairs = zip(*row, strict=True)
            predictions.append(
                [Prediction(*number, *pair) for number, pair in zip(numbers, pairs, strict=True)]
            )
    return predictions


def accepted_table(found: Draws, weighed: Posterior, seed: int) -> pd.DataFrame:
    """One row per admissible draw, the nearest first; without any, the nearest draws.

    A draw is `admissible` if its squared distance is one that 95% of papers would have if its
    settings were the true ones. `weight` is that for predictions: all rows count alike.
    """
    table = weighted_draws(found, weighed)
    drawn = pd.DataFrame([unseen(seed, number) for number in found.number])
    table = pd.concat([table, drawn], axis=1)
    table["admissible"] = table["distance"] <= THRESHOLD
    table = table.sort_values("distance", kind="stable", ignore_index=True)
    table = table.head(int(table["admissible"].sum()) or _NEAREST)
    table.insert(0, "rank", np.arange(len(table)))
    return table.assign(weight=1 / len(table))


def predictions(
    table: pd.DataFrame,
    runs: np.ndarray,
    held_out: list[list[Prediction]],
    tables: Tables,
    published: dict,
) -> pd.DataFrame:
    """All 36 fitted and the held-out numbers of accepted draws, tidy.

    Args:
        table: from `accepted_table`.
        runs: (draws, conditions, runs, statistics), by number of draw.
        held_out: likewise.
        tables: the fitted numbers.
        published: from `published.published_numbers`.
    """
    rows = []
    for row in table.itertuples():
        reading = ALL_READINGS[0]._make(getattr(row, name) for name in READINGS)
        for condition, columns in reading.groups.items():
            found = runs[row.draw, list(CONDITIONS).index(condition)][:, reading.statistics]
            for place, column in enumerate(columns):
                for index, statistic in enumerate(STATISTICS):
                    of_number = found[:, index]
                    number = ("tables", statistic, *column, 0.0)
                    ends = (of_number.mean(), of_number[place], tables[column][index])
                    rows.append((row.rank, *number, *ends))
        rows += [
            (row.rank, *number, published.get(tuple(number[:5]), np.nan))
            for number in held_out[row.draw]
        ]
    return pd.DataFrame(rows, columns=["rank", *Prediction._fields, "published"])
