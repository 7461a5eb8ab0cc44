"""Files of arrays by name, and columns of numbers."""

import json
import subprocess
import sys

import numpy as np
import pytest

from sdposim.storage.arrays import read_arrays, write_arrays
from sdposim.storage.parquet import column


def test_blocks_keep_every_bit_and_their_shapes(tmp_path):
    rng = np.random.default_rng(1)
    sample = {"runs": rng.normal(size=(3, 2, 4, 3)), "slopes": rng.normal(size=(3, 6, 2, 3))}
    paths = [str(tmp_path / name) for name in ("a.parquet", "b.parquet")]
    for path in paths:
        write_arrays(path, sample | {"seed": np.arange(3)}, json.dumps({"x": path}))
    found = read_arrays(paths)
    assert np.array_equal(found["slopes"], np.concatenate([sample["slopes"]] * 2))
    assert np.array_equal(found["seed"], [0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize("values", [np.array([True]), np.array(["x"]), np.arange(3, dtype=">i8")])
def test_what_a_column_would_hold_otherwise_is_refused(values):
    with pytest.raises(TypeError, match="allowed: whole numbers and floats"):
        column(values)


def test_jobs_read_and_write_arrays_without_pandas(tmp_path):
    """To load it takes as long as many of them."""
    program = (
        "import sys, numpy as np; from sdposim.storage.arrays import read_arrays, write_arrays;"
        "write_arrays('a.parquet', {'x': np.ones((3, 2)), 'n': np.arange(3)}, '{}');"
        "print(*read_arrays(['a.parquet'])['x'].ravel(), 'pandas' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1.0 1.0 1.0 1.0 1.0 1.0 False\n"
