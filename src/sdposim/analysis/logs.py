"""Training logs: their Parquet schema, written atomically and checked on reading."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sdposim.model.metrics import METRICS
from sdposim.storage.parquet import column, open_sealed, sealed_writer
from sdposim.storage.seal import Unusable

SCHEMA_VERSION = "2"
SCHEMA = pa.schema(
    [pa.field("seed", pa.int64(), nullable=False), pa.field("step", pa.int32(), nullable=False)]
    + [pa.field(name, pa.float64()) for name in METRICS]
)
_METADATA = b"sdposim"


@dataclass(frozen=True)
class Log:
    """Part of a log in memory: some cells, with all their rows.

    Attributes:
        seeds: int64 (cells,).
        steps: int32 (rows,), the last step of each row.
        values: float64 (cells, rows, M), columns as the M `METRICS`; NaN where one is undefined.
    """

    seeds: np.ndarray
    steps: np.ndarray
    values: np.ndarray


def row_ends(steps: int, log_steps: str, final_window: int = 0) -> np.ndarray:
    """The last step of each row of a log.

    Args:
        steps: training steps.
        log_steps: `all`, one row a step; `log_spaced`, about 40 rows before the final window, ever
            wider, then one row a step; `summary`, a row before and a row in the final window.
        final_window: steps at the end that a final value averages.
    """
    if log_steps == "all":
        return np.arange(1, steps + 1)
    start = steps - final_window
    if log_steps == "summary":
        ends = np.array([start, steps])
        return ends[ends > 0]
    spaced = np.unique(np.round(np.geomspace(1, start, 40)).astype(np.int64)) if start else []
    return np.concatenate([spaced, np.arange(start + 1, steps + 1)]).astype(np.int64)


def write_log(path: str | Path, chunks: Iterable[Log], metadata: dict, identity: str) -> None:
    """Write a log; `path` appears only when it is complete.

    Args:
        path: the file to write.
        chunks: parts of the log in the order of their seeds, one row group each.
        metadata: what produced the log, kept as JSON in the file's metadata.
        identity: digest of what the log depends on, see `sdposim.storage.seal`.

    Raises:
        UserError: the file cannot be written.
    """
    text = json.dumps(metadata | {"schema_version": SCHEMA_VERSION}, sort_keys=True)
    schema = SCHEMA.with_metadata({_METADATA: text.encode()})
    with sealed_writer(path, schema, identity, use_dictionary=["seed", "step"]) as writer:
        for chunk in chunks:
            rows = chunk.steps.size
            columns = [
                column(np.repeat(chunk.seeds, rows).astype(np.int64)),
                column(np.tile(chunk.steps, chunk.seeds.size).astype(np.int32)),
                *(_numbers(chunk.values[:, :, index].reshape(-1)) for index in range(len(METRICS))),
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _numbers(values: np.ndarray) -> pa.Array:
    """Values, null where they are NaN."""
    absent = np.isnan(values)
    return column(values, absent if absent.any() else None)


def read_metadata(path: str | Path, identity: str | None = None) -> dict:
    """What produced a log.

    Raises:
        Unusable: as `read_log`.
    """
    return _open(path, identity)[1]


def read_log(path: str | Path, identity: str | None = None) -> Iterator[Log]:
    """Read a log, one row group at a time, after verifying its seal.

    Args:
        path: the log.
        identity: what it must have been made from; None takes any.

    Raises:
        Unusable: the file is truncated, damaged, foreign, of another schema version, or made from
            something else.
    """
    file, _ = _open(path, identity)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        seed, step = table["seed"].to_numpy(), table["step"].to_numpy()
        seeds = seed[np.concatenate([[True], seed[1:] != seed[:-1]])]
        rows = seed.size // seeds.size
        values = np.stack(
            [table[name].to_numpy(zero_copy_only=False).astype(float) for name in METRICS], axis=-1
        )
        yield Log(seeds, step[:rows], values.reshape(seeds.size, rows, len(METRICS)))


def _open(path: str | Path, identity: str | None) -> tuple[pq.ParquetFile, dict]:
    file = open_sealed(path, identity)
    text = (file.schema_arrow.metadata or {}).get(_METADATA, b"{}")
    metadata = json.loads(text)
    version = metadata.get("schema_version")
    if version != SCHEMA_VERSION or not file.schema_arrow.equals(SCHEMA):
        result = f"has schema version {version}" if version else "is not a training log"
        raise Unusable({str(path): f"{result}; needed is a log of version {SCHEMA_VERSION}"})
    return file, metadata
