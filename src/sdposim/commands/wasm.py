"""The kernel of all parts as WebAssembly, for the explorer."""

from pathlib import Path

from sdposim.model.loop import train_cells
from sdposim.model.numerics import wasm
from sdposim.report.explorer.layout import example
from sdposim.report.files import write_atomically


def run(output: str) -> None:
    """Write the kernel.

    Args:
        output: the .wasm to write.

    Raises:
        UserError: there is no linker, or the file cannot be written.
    """
    code = wasm.emit(train_cells, example(), wasm.EXPORT)
    write_atomically(Path(output), code)
    print(f"{len(code):,} bytes", flush=True)
