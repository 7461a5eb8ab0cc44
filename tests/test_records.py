"""Named tuples reach machine code as records, field by field what Python sees."""

import struct
from typing import NamedTuple

import numpy as np
import pytest

from sdposim.model.numerics import ready, records
from sdposim.model.numerics.jit import jit


class Inner(NamedTuple):
    flag: bool
    weights: np.ndarray
    other: bool


class Outer(NamedTuple):
    count: int
    table: np.ndarray
    inner: Inner
    scale: float
    numbers: np.ndarray


@jit
def read(first, own, last, out):
    """Every field of `own` to out (9,), and of its arrays their shapes too."""
    out[0] = own.count
    out[1] = own.scale
    out[2] = 1.0 if own.inner.flag else 0.0
    out[3] = 1.0 if own.inner.other else 0.0
    out[4] = own.table.shape[0] * 10 + own.table.shape[1]
    row = own.table[own.table.shape[0] - 1]
    for v in range(row.size):
        out[5] = out[5] * 10.0 + row[v]
    out[6] = halved(own.inner)
    out[7] = own.numbers[own.numbers.size - 1]
    out[8] = first + last.scale


@jit
def halved(inner):
    """The sum of its weights by 2, which a function gets of the record within the record."""
    total = 0.0
    for i in range(inner.weights.size):
        total += inner.weights[i]
    return total / 2.0


def outer(scale=0.25):
    return Outer(
        count=-3,
        table=np.arange(6.0).reshape(2, 3),
        inner=Inner(flag=True, weights=np.array([1.0, 4.0]), other=False),
        scale=scale,
        numbers=np.array([5, 2**53], np.uint64),
    )


@pytest.fixture(scope="module")
def machine_code(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDPOSIM_CACHE", str(tmp_path_factory.mktemp("cache")))
        ready.write("0" * 16, read, (1.0, outer(), outer(), np.zeros(9)))
        yield ready.load("0" * 16)


def test_machine_code_reads_what_python_reads(machine_code):
    seen, expected = np.zeros(9), np.zeros(9)
    arguments = 2.5, outer(0.25), outer(-7.5)
    machine_code(*arguments, seen)
    read(*arguments, expected)
    np.testing.assert_array_equal(seen, expected)
    np.testing.assert_array_equal(expected, [-3, 0.25, 1, 0, 23, 345, 2.5, 2**53, -5.0])


def test_a_whole_number_in_the_place_of_a_float_is_that_number(machine_code):
    seen = np.zeros(9)
    machine_code(1, outer(2), outer(3), seen)
    assert seen[1] == 2.0 and seen[8] == 4.0


def test_what_does_not_fit_a_record_is_refused(machine_code):
    with pytest.raises(struct.error):
        machine_code(1.0, outer()._replace(count=0.5), outer(), np.zeros(9))
    strided = outer()._replace(table=np.zeros((2, 6))[:, ::2])
    with pytest.raises(ValueError, match="not contiguous"):
        machine_code(1.0, strided, outer(), np.zeros(9))
    with pytest.raises(struct.error):  # an array with another number of axes
        machine_code(1.0, outer()._replace(table=np.zeros(3)), outer(), np.zeros(9))


def test_the_form_of_a_record_has_eight_bytes_for_each_slot():
    form = records.form(outer())
    assert struct.calcsize(form) == records.SLOT * records.slots(outer()) == 8 * (1 + 3 + 4 + 1 + 2)
    made = struct.unpack(form, records.record(outer(), form))
    assert made[0] == -3 and made[2:4] == (2, 3) and made[4] is True and made[8] == 0.25
