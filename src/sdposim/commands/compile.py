"""Compile the kernel once, before jobs that would each wait for it."""

import json

from sdposim.model.kernel import compile_kernel, kernel_digest, of_the_run
from sdposim.storage.errors import UserError
from sdposim.storage.files import write_text


def run(output: str | None = None) -> None:
    """Compile the kernel for this machine into its cache, see `sdposim.numerics.ready`.

    Nothing is compiled if it is there.

    Args:
        output: a file to write that says so.

    Raises:
        UserError: the sources are not those of the run, or a file cannot be written.
    """
    present = kernel_digest()
    if of_the_run() not in (None, present):
        raise UserError(
            f"the sources of the kernel changed while the run was starting, from {of_the_run()} to "
            f"{present}; run again"
        )
    compile_kernel(present)
    if output:
        write_text(output, json.dumps({"sources": present}) + "\n")
