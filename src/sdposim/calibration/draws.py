"""A block of draws: chosen from the prior or a proposal, simulated, and kept as a file."""

import json
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from sdposim.calibration import prior, proposal
from sdposim.calibration.simulator import CONDITIONS, STATISTICS, simulate
from sdposim.parquet import open_sealed, sealed_writer
from sdposim.seal import identity

_RUNS_PER_CONDITION = 1000
"""Room for the seeds of the runs of one condition."""


class Draws(NamedTuple):
    """Settings and what came out of them.

    Attributes:
        generation: int64 (draws,), see `choose`.
        number: int64 (draws,), within the generation.
        z: (draws, parameters), see `prior`.
        landscape: int64 (draws,).
        runs: (draws, conditions, n, statistics), in the order of `simulator.CONDITIONS` and
            `simulator.STATISTICS`.
    """

    generation: np.ndarray
    number: np.ndarray
    z: np.ndarray
    landscape: np.ndarray
    runs: np.ndarray


def choose(
    generation: int, number: int, seed: int, landscapes: int, where
) -> tuple[np.ndarray, int]:
    """Where a draw is taken: z (parameters,) and the landscape.

    Args:
        generation: which one, as a number of its own among those of all papers.
        number: of the draw within its generation.
        seed: of the calibration.
        landscapes: how many there are.
        where: the generation's `Proposal`, None for the prior.
    """
    if where is None:
        rng = np.random.default_rng([seed, 1, number])
        return prior.sobol(number, seed), int(rng.integers(landscapes))
    return proposal.draw(where, [seed, 2, generation, number])


def simulate_draw(base: dict, chosen: np.ndarray, landscape: int, first_seed: int, runs: int):
    """All conditions at values (parameters,): an array (conditions, runs, statistics).

    Every condition has seeds of its own, as the scatter of conditions is taken as independent.
    """
    settings = prior.setting(base, chosen, landscape)
    return np.stack(
        [
            simulate(
                settings,
                condition,
                [first_seed + index * _RUNS_PER_CONDITION + run for run in range(runs)],
            )
            for index, condition in enumerate(CONDITIONS)
        ]
    )


def first_seed(generation: int, number: int) -> int:
    """The seed from which a draw's runs are counted; far from those of any study."""
    return 10**15 + generation * 10**12 + number * _RUNS_PER_CONDITION * len(CONDITIONS)


def write_draws(path: str, draws: Draws, spec: str) -> None:
    """Write a block as Parquet; lists are flattened in the order of `Draws`."""
    count = len(draws.number)
    columns = {
        "generation": pa.array(draws.generation, pa.int64()),
        "number": pa.array(draws.number, pa.int64()),
        "landscape": pa.array(draws.landscape, pa.int64()),
    }
    for name in ("z", "runs"):
        flat = np.ascontiguousarray(getattr(draws, name)).reshape(count, -1)
        columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1])
    table = pa.table(columns)
    about = {
        "spec": json.loads(spec),
        "conditions": list(CONDITIONS),
        "statistics": list(STATISTICS),
        "parameters": [parameter.key for parameter in prior.PARAMETERS],
    }
    schema = table.schema.with_metadata({b"sdposim": json.dumps(about, sort_keys=True).encode()})
    with sealed_writer(path, schema, identity(spec)) as writer:
        writer.write_table(table.cast(schema))


def read_draws(paths: list[str]) -> Draws:
    """Read blocks, one after the other.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    parts = [_read(path) for path in paths]
    return Draws(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _read(path: str) -> Draws:
    table = open_sealed(path).read()

    def matrix(name):
        values = table[name].combine_chunks()
        return values.flatten().to_numpy().reshape(len(values), -1)

    shape = (table.num_rows, len(CONDITIONS), -1, len(STATISTICS))
    return Draws(
        *(table[name].to_numpy() for name in ("generation", "number")),
        matrix("z"),
        table["landscape"].to_numpy(),
        matrix("runs").reshape(shape),
    )
