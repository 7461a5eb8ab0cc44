"""The kernel as WebAssembly: what a browser trains cells with, the same bits as natively.

A function is translated by Numba without being optimised for this machine, optimised for wasm32 by
LLVM's own WebAssembly target, and linked by wasm-ld, which is no part of LLVM's Python package. So
the same file comes out on every machine. Floating point stays strict: LLVM may reorder nothing, and
WebAssembly has no fused multiply-add.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sdposim.storage.errors import UserError

UNOPTIMISED = {
    "PYTHONHASHSEED": "0",
    "NUMBA_OPT": "0",
    "NUMBA_LOOP_VECTORIZE": "0",
    "NUMBA_SLP_VECTORIZE": "0",
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
}
"""Environment that a process which calls `emit` is started with: Numba then makes nothing for this
processor, and orders what it keeps in sets in one way."""
LINKERS = ("wasm-ld", *(f"wasm-ld-{version}" for version in range(22, 13, -1)))
"""Names of LLVM's WebAssembly linker, as distributions call it."""
TRIPLE = "wasm32-unknown-unknown"
FEATURES = "+simd128,+bulk-memory,+mutable-globals,+sign-ext,+nontrapping-fptoint"
"""What every browser since 2021 knows. Not relaxed-simd, whose multiply-add rounds as it likes."""
EXPORT = "train_cells"
"""What the page calls."""
FIRST_MEMORY = 1 << 20
"""Bytes of memory to begin with; whoever calls the kernel makes it grow."""


def linker() -> str:
    """The program that links WebAssembly.

    Raises:
        UserError: there is none.
    """
    found = next(filter(None, map(shutil.which, LINKERS)), None)
    if found is None:
        raise UserError(
            "there is no wasm-ld, which links the explorer's kernel: install Debian's lld-19 "
            "(or LLVM's lld), or keep the committed reports/explorer.html"
        )
    return found


def emit(function: Callable, arguments: tuple, name: str) -> bytes:
    """A marked function for arguments like these as a WebAssembly module.

    It imports nothing and exports the function, `memory`, and `__heap_base`, from which on memory
    is free. Called as natively, see `ready`: pointers are i32, whole numbers i64. In a record an
    address stands in the lower half of its eight bytes.

    Args:
        function: marked by `sdposim.model.numerics.jit.jit`; it returns nothing.
        arguments: arrays, numbers, and named tuples of these.
        name: of the export.

    Raises:
        UserError: there is no linker, or it fails.
        RuntimeError: the process has not the environment `UNOPTIMISED`.
    """
    missing = [key for key, value in UNOPTIMISED.items() if os.environ.get(key) != value]
    if missing:
        raise RuntimeError(f"{', '.join(missing)} must be set as in UNOPTIMISED")
    program = linker()
    # Here, because it loads the compiler.
    from sdposim.model.numerics.jit import optimised

    assembly, symbol = optimised(function, arguments)
    return _linked(program, _object(assembly, symbol, name), name)


def _object(assembly: str, symbol: str, name: str) -> bytes:
    """A wasm32 object of LLVM assembly, optimised, in which one function is called `name`."""
    import llvmlite.binding as llvm

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(TRIPLE)
    machine = target.create_target_machine(opt=3, features=FEATURES)
    module = llvm.parse_assembly(_portable(assembly))
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    for other in module.functions:
        if not other.is_declaration and other.name != symbol:
            other.linkage = "internal"
    module.get_function(symbol).name = name
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = True
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def _portable(assembly: str) -> str:
    """LLVM assembly without what is of the machine that Numba translated it on."""
    text = re.sub(r"(?m)^target (datalayout|triple) = .*$", "", assembly)
    text = re.sub(r'"target-(cpu|features)"="[^"]*"', "", text)
    # WebAssembly knows no `common` symbols.
    return text.replace("= common ", "= ")


def _linked(program: str, code: bytes, name: str) -> bytes:
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "kernel.o"), Path(folder, "kernel.wasm")
        source.write_bytes(code)
        command = [
            program, "--no-entry", f"--export={name}", "--export=__heap_base", "--strip-all",
            f"--initial-memory={FIRST_MEMORY}", "-O2", str(source), "-o", str(target),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UserError(f"{program} cannot link the explorer's kernel: {done.stderr.strip()}")
        return target.read_bytes()
