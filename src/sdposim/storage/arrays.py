"""Files of arrays by name: sealed Parquet, a row per simulated landscape, fit or paper."""

import json
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa

from sdposim.storage.parquet import column, numbers, open_sealed, sealed_writer
from sdposim.storage.seal import identity


def write_arrays(path: str, columns: Mapping[str, np.ndarray], spec: str) -> None:
    """Write arrays (rows, ...) by name; those of several axes are flattened into lists."""
    shapes = {name: list(values.shape[1:]) for name, values in columns.items()}
    arrays = {}
    for name, values in columns.items():
        flat = np.ascontiguousarray(values).reshape(len(values), -1)
        array = column(flat.ravel())
        arrays[name] = (
            array if values.ndim == 1 else pa.FixedSizeListArray.from_arrays(array, flat.shape[1])
        )
    table = pa.table(arrays)
    about = {"spec": json.loads(spec), "shapes": shapes}
    schema = table.schema.with_metadata({b"sdposim": json.dumps(about, sort_keys=True).encode()})
    with sealed_writer(path, schema, identity(spec)) as writer:
        writer.write_table(table.cast(schema))


def columns(rows: Iterable) -> dict[str, np.ndarray]:
    """Rows as arrays by name; of a named tuple, its fields."""
    known = [row if isinstance(row, Mapping) else row._asdict() for row in rows]
    return {name: np.array([row[name] for row in known]) for name in known[0]}


def read_arrays(
    paths: Iterable[str], names: Collection[str] | None = None
) -> dict[str, np.ndarray]:
    """Read files, one after the other; only some of their arrays, if `names` are given.

    Raises:
        Unusable: a file is damaged or foreign.
    """
    parts = [_read(path) for path in paths]
    chosen = parts[0] if names is None else names
    return {name: np.concatenate([part[name] for part in parts]) for name in chosen}


def _read(path: str) -> dict[str, np.ndarray]:
    table = open_sealed(path).read()
    shapes = json.loads(table.schema.metadata[b"sdposim"])["shapes"]
    result = {}
    for name, shape in shapes.items():
        values = table[name].combine_chunks()
        flat = values.flatten() if shape else values
        result[name] = numbers(flat).reshape(len(values), *shape)
    return result
