"""Summaries as files: sealed Parquet that carries what it was made from."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa

from sdposim.storage.parquet import open_sealed, sealed_writer
from sdposim.storage.seal import identity

_ROWS = 2**16
"""Rows that a file is written by: enough that a group of rows costs little, few for the memory."""


def write_summary(path: str | Path, table: pd.DataFrame, spec: str) -> None:
    """Write one table of a summary.

    Args:
        path: the file to write.
        table: cells or curves, see `sdposim.analysis.summaries`.
        spec: canonical JSON from `study.summary_spec`.

    Raises:
        UserError: the file cannot be written.
    """
    with summary_writer(path, spec) as add:
        add(table)


@contextmanager
def summary_writer(path: str | Path, spec: str) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write one table of a summary by parts; arguments and errors as for `write_summary`.

    Yields:
        a function that takes the next rows. At least one row must come.
    """
    waiting: list[pd.DataFrame] = []
    with ExitStack() as stack:
        writer = None

        def write() -> None:
            nonlocal writer
            frame = pa.Table.from_pandas(pd.concat(waiting), preserve_index=False)
            waiting.clear()
            if writer is None:
                metadata = {b"sdposim": json.dumps({"spec": json.loads(spec)}).encode()}
                schema = frame.schema.with_metadata((frame.schema.metadata or {}) | metadata)
                writer = stack.enter_context(sealed_writer(path, schema, identity(spec)))
            writer.write_table(frame.cast(writer.schema))

        def add(part: pd.DataFrame) -> None:
            waiting.append(part)
            if sum(map(len, waiting)) >= _ROWS:
                write()

        yield add
        if waiting:
            write()


def read_summary(path: str | Path, made_from: str | None = None) -> pd.DataFrame:
    """Read one table of a summary after verifying its seal.

    Args:
        path: the file.
        made_from: the identity that it must have; None takes any.

    Raises:
        Unusable: the file is truncated, damaged, foreign, or made from something else.
    """
    return open_sealed(path, made_from).read().to_pandas()
