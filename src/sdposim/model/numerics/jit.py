"""Numba, kept at arm's length: which functions are machine code, and how they become it.

A function of the kernel is plain Python, marked by `jit` or `inline`. Importing it loads no
compiler, and calling it runs it as it stands, slowly: what tests and a debugger want. `compiled`
turns it, and every marked function that it calls, into machine code, once a process.

Numba's own cache on disk is not used: it does not notice an edit of a marked function in another
module (Numba issue 1833). The kernel is kept by `ready` instead.
"""

import dis
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FunctionType

import numpy as np

from sdposim.model.numerics.record_types import typeof

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
    return _dispatcher(function, compiled, _OPTIONS)


def optimised(function: Callable, arguments: tuple) -> tuple[str, str]:
    """The LLVM assembly of a marked function for arguments like these, and its name there.

    Without Numba's wrappers, and without its cache. The function returns nothing.
    """
    _numba()
    options = _OPTIONS | {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

    @cache
    def dispatcher(function):
        return _dispatcher(function, dispatcher, options)

    signature = tuple(map(typeof, arguments))
    with _unfinished():
        whole = dispatcher(function)
        whole.compile(signature)
        done = whole.overloads[signature]
        # Numba's last passes. Not the cheaper ones that it runs first, to find reference counts
        # that it can do without: the kernel has none.
        passes, builder = done.library.codegen._module_pass_manager()
        passes.run(done.library._final_module, builder)
        return done.library.get_llvm_str(), done.fndesc.llvm_func_name


@contextmanager
def _unfinished() -> Iterator[None]:
    """Within it Numba only translates functions to LLVM's language, and links them.

    Otherwise it makes machine code of each function with all that it calls, from the innermost to
    the outermost: four times the time, for the code of the last.
    """
    from numba.core.codegen import JITCodeLibrary
    from numba.core.registry import cpu_target

    class Unfinished(JITCodeLibrary):
        def _optimize_final_module(self):
            pass

        def _finalize_final_module(self):
            self._finalized = True

        def get_pointer_to_function(self, name):
            self._ensure_finalized()
            return 0

    generator = cpu_target.target_context.codegen()
    generator._library_class, generator.set_env = Unfinished, lambda name, environment: None
    try:
        yield
    finally:
        del generator._library_class, generator.set_env


def _dispatcher(function, translate, options):
    """Numba's object for a marked function; `translate` makes those of the functions it calls."""
    if function in (float_from_bits, bits_from_float, unlikely):
        return _in_llvm(function)
    return _numba().njit(_linked(function, translate), **options, **function.kernel)


def _linked(function: Callable, translate: Callable) -> Callable:
    """The function with the marked functions that it calls, each translated, in their place."""
    # Not `co_names`, which holds the names of attributes too.
    names = {
        instruction.argval
        for instruction in dis.get_instructions(function)
        if instruction.opname == "LOAD_GLOBAL"
    }
    calls = {name: function.__globals__.get(name) for name in names}
    machine = {name: translate(value) for name, value in calls.items() if hasattr(value, "kernel")}
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
