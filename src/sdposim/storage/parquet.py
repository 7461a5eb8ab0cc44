"""Parquet files that appear complete and sealed, and are read only if whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sdposim.storage.files import atomic
from sdposim.storage.seal import blank, read_sealed, seal


@contextmanager
def sealed_writer(
    path: str | Path, schema: pa.Schema, identity: str, **options
) -> Iterator[pq.ParquetWriter]:
    """A Parquet writer whose file appears at `path`, sealed, when the block ends well.

    Args:
        path: the file to write.
        schema: of its tables.
        identity: digest of what the file depends on, see `sdposim.storage.seal`.
        options: for `pyarrow.parquet.ParquetWriter`.

    Raises:
        UserError: the file cannot be written.
    """
    with atomic(path) as temporary:
        with pq.ParquetWriter(temporary, schema, compression="zstd", **options) as writer:
            yield writer
            writer.add_key_value_metadata({"sdposim_seal": blank(identity)})
        seal(temporary)


def column(values: np.ndarray, absent: np.ndarray | None = None) -> pa.Array:
    """Numbers (n,) as an Arrow array, null where `absent`, bool (n,), is true.

    From buffers, because `pa.array` loads pandas, which takes longer than to write most files.

    Raises:
        TypeError: these are no numbers that Arrow has in the same bytes.
    """
    if values.dtype.kind not in "iuf" or not values.dtype.isnative:
        raise TypeError(f"a column of {values.dtype}; allowed: whole numbers and floats")
    valid = None if absent is None else pa.py_buffer(np.packbits(~absent, bitorder="little"))
    kind = pa.from_numpy_dtype(values.dtype)
    return pa.Array.from_buffers(
        kind, values.size, [valid, pa.py_buffer(np.ascontiguousarray(values))]
    )


def numbers(values: pa.Array) -> np.ndarray:
    """An Arrow array of numbers without nulls as NumPy's, read-only; it loads no pandas either."""
    return np.from_dlpack(values)


def open_sealed(path: str | Path, identity: str | None = None) -> pq.ParquetFile:
    """Open a Parquet file of ours, from the very bytes that were verified.

    Args:
        path: the file.
        identity: what it must have been made from; None takes any.

    Raises:
        Unusable: the file is truncated, damaged, foreign, or made from something else.
        UserError: it does not exist or cannot be read.
    """
    return pq.ParquetFile(pa.BufferReader(read_sealed(path, identity)))
