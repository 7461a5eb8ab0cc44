"""Named tuples as the kernel's machine code gets them: the address of a block of memory, a record.

Numba passes a tuple field by field, an array as eight or so numbers: hundreds of arguments for a
workspace, at every call. In a record a number has eight bytes; an array, which is contiguous, has
eight for its address and eight for each length of its shape; and a tuple within a tuple stands
where it comes. `record_types` is the compiler's side.
"""

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

SLOT = 8
"""Bytes of a number, of an address, and of a length."""
_CODES = {float: "d", int: "q", bool: "?7x"}
_NUMBERS = tuple(_CODES)


def form(value: tuple) -> str:
    """What a record of a named tuple is, in the language of Python's `struct`.

    Args:
        value: a named tuple of arrays, of Python's numbers, and of named tuples of these.
    """
    return "=" + "".join(_codes(value))


def record(value: tuple, form: str) -> bytes:
    """The record of a named tuple; it holds addresses, so keep the arrays as long.

    Args:
        value: as of `form`; of numbers, Python's.
        form: of a tuple like this one, for which the machine code was made.

    Raises:
        struct.error: there are more or fewer numbers or axes, or one is a float where a whole
            number is to be. What an array holds, and whether a flag is one, is not looked at.
        ValueError: an array is not contiguous.
    """
    return struct.pack(form, *_slots(value))


def slots(value: Any) -> int:
    """How many slots a field has in a record."""
    if isinstance(value, tuple):
        return sum(map(slots, value))
    return 1 + value.ndim if isinstance(value, np.ndarray) else 1


def _codes(value: tuple) -> Iterator[str]:
    for field in value:
        if isinstance(field, tuple):
            yield from _codes(field)
        elif isinstance(field, np.ndarray):
            yield "q" * slots(field)
        else:
            yield _CODES[type(field)]


def _slots(value: tuple) -> list:
    made: list = []
    for field in value:
        if isinstance(field, _NUMBERS):
            made.append(field)
        elif isinstance(field, tuple):
            made += _slots(field)
        else:
            if not field.flags.c_contiguous:
                raise ValueError("an array of the kernel is not contiguous")
            made += (field.ctypes.data, *field.shape)
    return made
