"""Compile the kernel once, before jobs that would each wait for it."""

import json
from pathlib import Path

from sdposim.model.kernel import compile_kernel, kernel_digest
from sdposim.storage.errors import UserError
from sdposim.storage.files import write_text


def run(output: str | None = None) -> None:
    """Compile the kernel for this machine into its cache, see `sdposim.numerics.ready`.

    Nothing is compiled if it is there.

    Args:
        output: a file to write that says so, `<digest of the kernel's sources>.json`.

    Raises:
        UserError: the sources are not those that `output` is named by, or a file cannot be written.
    """
    sources = kernel_digest()
    if output and Path(output).stem != sources:
        raise UserError(
            f"the sources of the kernel changed while the run was starting: {output} is not their "
            "place; run again"
        )
    compile_kernel(sources)
    if output:
        write_text(output, json.dumps({"sources": sources}) + "\n")
