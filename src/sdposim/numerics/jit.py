"""Numba, set up so that a result can never come from outdated machine code.

Numba's on-disk cache does not notice an edit of a jitted helper in another module (Numba issue
1833). The cache folder is therefore named by the digest of everything the kernel is made of: an
edit of any of these modules means another, empty folder. Below it, each type of processor has a
folder of its own: Numba's index does tell them apart, but two that compile at the same time into
one folder can give their files the same number.

Where `ready.use` chose a compiled kernel, that one takes the place of the entry function and Numba,
which takes longer to load than hundreds of cells take to train, is not loaded.
"""

from sdposim.numerics import ready

if ready.chosen() is None:
    import llvmlite.binding
    import numba
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    from sdposim.numerics.fingerprint import cache_folder

    # Two vectors at a time in every loop: while one waits for a result the other computes. LLVM's
    # own estimate is one for a body as long as exp's, which costs a third of the speed. No bit
    # changes.
    llvmlite.binding.set_option("sdposim", "-force-vector-interleave=2")
    numba.config.CACHE_DIR = str(cache_folder() / ready.processor())

    # The kernel allocates no array, so it needs no reference counts: at the paper's small sizes the
    # atomic counting of every array passed to a function takes a tenth of the time. `_nrt=False`
    # turns it off, and a function that allocates then does not compile.
    jit = numba.njit(cache=True, error_model="numpy", _nrt=False)
    """Compile strictly: no fast-math, so that every CPU performs the same roundings."""

    inline = numba.njit(cache=True, error_model="numpy", _nrt=False, forceinline=True)
    """As `jit`, for helpers that must become part of the loop calling them, or it stays scalar."""

    entry = jit
    """As `jit`, for the function that a ready kernel can take the place of."""

    def _bitcast(result, argument, llvm_type):
        @intrinsic
        def cast(typing_context, x):
            def generate(context, builder, signature, args):
                return builder.bitcast(args[0], llvm_type)

            return result(argument), generate

        return cast

    float_from_bits = _bitcast(types.float64, types.uint64, ir.DoubleType())
    bits_from_float = _bitcast(types.uint64, types.float64, ir.IntType(64))
else:
    types = float_from_bits = bits_from_float = None

    def jit(function):
        """The function's place, for the modules that import it; nothing calls it."""

        def absent(*_):
            raise RuntimeError(f"{function.__name__} is not compiled in this process")

        return absent

    inline = jit

    def entry(function):
        """The ready kernel in the place of the function."""
        return ready.chosen()
