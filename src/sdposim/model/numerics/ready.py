"""A compiled kernel as a file, so that a training job need not load the compiler.

Loading Numba and its cache takes longer than training hundreds of cells. `write` compiles a
function once more without Numba's wrappers and keeps the machine code, its checksum, its sources
and the machine it is for; `load` makes a function of such a file again. A file that does not fit
(other sources, another processor, damaged) is not used.

Machine code is kept in the cache only, where this checkout compiled it, never among results: those
may come from a stranger.

The machine code is called as Numba calls it: a pointer for the result, one for an exception, then
the arguments, of which each array is eight or so numbers and each named tuple an address, see
`records`. `write` compares this with what Numba compiled.
"""

import base64
import ctypes
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sdposim.model.numerics import records
from sdposim.model.numerics.fingerprint import cache_folder, machine, processor
from sdposim.storage.files import write_text

_IN_LLVM = {
    ctypes.c_void_p: "ptr",
    ctypes.c_char_p: "ptr",
    ctypes.c_int64: "i64",
    ctypes.c_double: "double",
    ctypes.c_uint8: "i8",
}


def place(sources: str) -> Path:
    """The file of the kernel of these sources, a `model.kernel.kernel_digest`, for this machine."""
    return cache_folder(sources) / processor() / "kernel.json"


def write(sources: str, function: Callable, arguments: tuple) -> None:
    """Compile a function for arguments like these and write the machine code to its `place`.

    Args:
        sources: what the function is made of, a `model.kernel.kernel_digest`.
        function: marked by `sdposim.model.numerics.jit.jit`; it returns nothing.
        arguments: arrays, numbers, and named tuples of these.

    Raises:
        UserError: the file cannot be written.
        AssertionError: Numba passes arguments in another way than this module.
    """
    # Here, because they load the compiler.
    import llvmlite.binding as llvm
    import numba

    from sdposim.model.numerics.jit import optimised

    assembly, symbol = optimised(function, arguments)
    module = llvm.parse_assembly(assembly)
    passed = [str(argument.type) for argument in module.get_function(symbol).arguments]
    forms = [_form(argument) for argument in arguments]
    assert passed == ["ptr", "ptr", *(_IN_LLVM[kind] for kind in _kinds(forms))], passed
    code = _target(machine()).emit_object(module)
    kernel = {
        "sources": sources,
        "machine": machine(),
        "numba": numba.__version__,
        "symbol": symbol,
        "arguments": forms,
        "sha256": _checksum(code, forms),
        "code": base64.b64encode(code).decode(),
    }
    write_text(place(sources), json.dumps(kernel) + "\n")


def load(sources: str) -> Callable | None:
    """The function of the kernel of these sources; None where there is no whole one that fits."""
    import llvmlite.binding as llvm

    path = place(sources)
    try:
        kernel = json.loads(path.read_text(encoding="utf-8"))
        code = base64.b64decode(kernel["code"], validate=True)
        forms = kernel["arguments"]
        fits = kernel["machine"] == machine() and kernel["sources"] == sources
        whole = kernel["sha256"] == _checksum(code, forms)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (fits and whole):
        return None
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target(kernel["machine"]))
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    call = ctypes.CFUNCTYPE(ctypes.c_int32)(engine.get_function_address(kernel["symbol"]))
    call.argtypes = [ctypes.c_void_p, ctypes.c_void_p, *_kinds(forms)]

    def function(*arguments):
        result, exception = ctypes.c_void_p(), ctypes.c_void_p()
        passed = form(arguments, forms)
        status = call(ctypes.addressof(result), ctypes.addressof(exception), *passed)
        if status not in _RETURNED:
            raise RuntimeError(f"the compiled kernel in {path} returned status {status}")

    function.engine = engine  # owns the machine code
    return function


def _target(machine: dict[str, str]):
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(**machine, opt=3, jit=True)


_RETURNED = (0, -2)  # Numba's codes for a value and for None


def form(arguments: Sequence, forms: Sequence) -> list:
    """Arguments as the machine code gets them, see numba.core.datamodel.

    An array is its owners (none), size, item size, data, shape and strides; a tuple is its record,
    see `numerics.records`, with which one that is passed often may come, as `record`.

    Args:
        arguments: of the function.
        forms: of those that it was compiled for, see `_form`.
    """
    parts: list = []
    for argument, own in zip(arguments, forms, strict=True):
        if isinstance(argument, np.ndarray):
            parts += (None, None, argument.size, argument.itemsize, argument.ctypes.data)
            parts += argument.shape + argument.strides
        elif isinstance(argument, tuple):
            parts.append(getattr(argument, "record", None) or records.record(argument, own))
        else:
            parts.append(argument)
    return parts


def _form(argument: Any) -> int | str:
    """An array's number of axes, a tuple's form as a record, or the name of a number's type."""
    if isinstance(argument, np.ndarray):
        return argument.ndim
    return records.form(argument) if isinstance(argument, tuple) else type(argument).__name__


def _kinds(forms: Sequence) -> Iterator:
    """The C types of arguments of these forms."""
    for own in forms:
        if isinstance(own, int):
            owners, sizes = [ctypes.c_void_p] * 2, [ctypes.c_int64] * 2
            yield from (*owners, *sizes, ctypes.c_void_p, *sizes * own)
        else:
            numbers = {"bool": ctypes.c_uint8, "int": ctypes.c_int64, "float": ctypes.c_double}
            yield numbers.get(own, ctypes.c_char_p)


def _checksum(code: bytes, forms: Sequence) -> str:
    """Of the machine code and of how it is called."""
    return hashlib.sha256(code + json.dumps(forms).encode()).hexdigest()
