"""Numba, kept at arm's length: which functions are machine code, and how they become it.

A function of the kernel is plain Python, marked by `jit` or `inline`. Importing it loads no
compiler, and calling it runs it as it stands, slowly: what tests and a debugger want. `compiled`
turns it, and every marked function that it calls, into machine code, once a process.

Numba's own cache on disk is not used: it does not notice an edit of a marked function in another
module (Numba issue 1833). The kernel is kept by `ready` instead.
"""

import dis
from collections.abc import Callable
from functools import cache
from types import FunctionType

import numpy as np

# Strictly: no fast-math, so that every CPU performs the same roundings. The kernel allocates no
# array, so it needs no reference counts: at the paper's small sizes the atomic counting of every
# array passed to a function takes a tenth of the time. `_nrt=False` turns it off, and a function
# that allocates then does not compile.
_OPTIONS = {"error_model": "numpy", "_nrt": False}


def jit(function: Callable) -> Callable:
    """Mark a function as part of the kernel."""
    function.kernel = {}
    return function


def inline(function: Callable) -> Callable:
    """As `jit`, for helpers that must become part of the loop calling them, or it stays scalar."""
    function.kernel = {"forceinline": True}
    return function


@jit
def float_from_bits(bits):
    """The float64 of 64 bits, a uint64."""
    return np.uint64(bits).view(np.float64)


@jit
def bits_from_float(x):
    """The 64 bits of a float64, as a uint64."""
    return np.float64(x).view(np.uint64)


@jit
def unlikely(condition):
    """The condition, of which the compiler is told that it is seldom true: the other way is laid
    out without detours, and keeps the registers."""
    return condition


@cache
def compiled(function: Callable) -> Callable:
    """The machine code of a marked function, compiled at its first call.

    It takes what the function takes: arrays, numbers, and named tuples of these.
    """
    if function in (float_from_bits, bits_from_float, unlikely):
        return _in_llvm(function)
    return _numba().njit(_linked(function), **_OPTIONS, **function.kernel)


def machine_code(function: Callable, arguments: tuple) -> tuple[str, str]:
    """The LLVM assembly of a marked function for arguments like these, and its name there.

    Without Numba's wrappers, and without its cache. The function returns nothing.
    """
    numba = _numba()
    signature = tuple(map(numba.typeof, arguments))
    dispatcher = numba.njit(
        _linked(function), no_cpython_wrapper=True, no_cfunc_wrapper=True, **_OPTIONS
    )
    dispatcher.compile(signature)
    symbol = dispatcher.overloads[signature].fndesc.llvm_func_name
    return dispatcher.inspect_llvm(signature), symbol


def _linked(function: Callable) -> Callable:
    """The function with the machine code of the marked functions in their place."""
    # Not `co_names`, which holds the names of attributes too.
    names = {
        instruction.argval
        for instruction in dis.get_instructions(function)
        if instruction.opname == "LOAD_GLOBAL"
    }
    calls = {name: function.__globals__.get(name) for name in names}
    machine = {name: compiled(value) for name, value in calls.items() if hasattr(value, "kernel")}
    linked = FunctionType(
        function.__code__, function.__globals__ | machine, function.__name__, function.__defaults__
    )
    linked.__qualname__, linked.__module__ = function.__qualname__, function.__module__
    return linked


@cache
def _numba():
    """Numba, set up."""
    import llvmlite.binding
    import numba

    # Two vectors at a time in every loop: while one waits for a result the other computes. LLVM's
    # own estimate is one for a body as long as exp's, which costs a third of the speed. No bit
    # changes.
    llvmlite.binding.set_option("sdposim", "-force-vector-interleave=2")
    return numba


def _in_llvm(function):
    """A marked function of one argument that LLVM has an instruction for."""
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    flag = ir.IntType(1)

    def expect(builder, value):
        known = ir.FunctionType(flag, [flag, flag])
        expected = builder.module.declare_intrinsic("llvm.expect", [flag], known)
        return builder.call(expected, [value, ir.Constant(flag, 0)])

    argument, result, emit = {
        float_from_bits: (
            types.uint64, types.float64, lambda builder, x: builder.bitcast(x, ir.DoubleType()),
        ),
        bits_from_float: (
            types.float64, types.uint64, lambda builder, x: builder.bitcast(x, ir.IntType(64)),
        ),
        unlikely: (types.boolean, types.boolean, expect),
    }[function]  # fmt: skip

    @intrinsic
    def instruction(typing_context, x):
        def generate(context, builder, signature, arguments):
            return emit(builder, arguments[0])

        return result(argument), generate

    return instruction
