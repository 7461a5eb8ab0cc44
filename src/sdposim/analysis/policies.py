"""Policies of training cells at chosen steps: their Parquet schema, written and read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from sdposim.storage.parquet import open_sealed, sealed_writer

SCHEMA = pa.schema(
    [
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("step", pa.int32(), nullable=False),
        pa.field("position", pa.int32(), nullable=False),
        pa.field("previous", pa.int32()),
        pa.field("token", pa.int32(), nullable=False),
        pa.field("logit", pa.float64(), nullable=False),
    ]
)
"""A row per cell, step, context and token. `position` counts from 0; `previous` is the token
before, null where the policy does not ask for it: a factored one, and at the first position."""


@dataclass(frozen=True)
class Policies:
    """Policies of some cells.

    Attributes:
        seeds: int64 (cells,).
        steps: (S,), the numbers of steps after which they were kept.
        logits: float64 (cells, S, C, V), see `model.policy`.
    """

    seeds: np.ndarray
    steps: np.ndarray
    logits: np.ndarray

    def columns(self, length: int) -> dict[str, np.ndarray]:
        """The columns of `SCHEMA`, `previous` being -1 where it is null.

        Args:
            length: T.
        """
        contexts, vocabulary = self.logits.shape[2:]
        rows = contexts // length
        context = np.arange(contexts)
        # What stands before the first position does not exist: one of its rows is ever used.
        used = context[(context >= rows) | (context == 0)]
        logits = self.logits[:, :, used]
        position, previous = used // rows, used % rows if rows > 1 else np.full(used.size, -1)
        previous = np.where(position == 0, -1, previous)
        kept = self.seeds.size * self.steps.size
        each = used.size * vocabulary
        return {
            "seed": np.repeat(self.seeds, self.steps.size * each),
            "step": np.tile(np.repeat(self.steps, each), self.seeds.size),
            "position": np.tile(np.repeat(position, vocabulary), kept),
            "previous": np.tile(np.repeat(previous, vocabulary), kept),
            "token": np.tile(np.arange(vocabulary), kept * used.size),
            "logit": logits.reshape(-1),
        }


def write_policies(
    path: str | Path, chunks: Iterable[Policies], length: int, metadata: dict, identity: str
) -> None:
    """Write policies; `path` appears only when it is complete.

    Args:
        path: the file to write.
        chunks: parts in the order of their seeds, one row group each.
        length: T.
        metadata: what produced them, kept as JSON in the file's metadata.
        identity: digest of what they depend on, see `sdposim.storage.seal`.

    Raises:
        UserError: the file cannot be written.
    """
    schema = SCHEMA.with_metadata({b"sdposim": json.dumps(metadata, sort_keys=True).encode()})
    with sealed_writer(path, schema, identity) as writer:
        for chunk in chunks:
            writer.write_table(_table(chunk.columns(length), schema))


def read_policies(path: str | Path, made_from: str | None = None) -> Iterator[Policies]:
    """Read factored policies, one row group at a time, after verifying their seal.

    Args:
        path: the file.
        made_from: the identity that it must have; None takes any.

    Raises:
        Unusable: the file is truncated, damaged, foreign, or made from something else.
    """
    file = open_sealed(path, made_from)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        seeds, steps = (table[name].to_numpy() for name in ("seed", "step"))
        kept = [np.unique(values) for values in (seeds, steps)]
        sizes = [int(table[name].to_numpy().max()) + 1 for name in ("position", "token")]
        logits = table["logit"].to_numpy().reshape(*(one.size for one in kept), *sizes)
        yield Policies(*kept, logits)


def _table(columns: dict[str, np.ndarray], schema: pa.Schema) -> pa.Table:
    absent = columns["previous"] < 0
    arrays = [
        pa.array(columns[field.name], field.type, mask=absent if field.name == "previous" else None)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def blocks(
    seeds: np.ndarray, steps: np.ndarray, logits: Iterable[np.ndarray]
) -> Iterator[Policies]:
    """Give seeds and steps to what `cells.train_policies` yields."""
    done = 0
    for values in logits:
        yield Policies(seeds[done : done + len(values)], steps, values)
        done += len(values)
