"""Compile a kernel once, before jobs that would each wait for it."""

import json

from sdposim.model.kernel import compile_kernel, kernel_digest, of_the_run
from sdposim.storage.errors import UserError
from sdposim.storage.files import write_text


def run(output: str | None = None, whole: bool = False) -> None:
    """Compile a kernel for this machine into its cache, see `sdposim.model.numerics.ready`.

    Nothing is compiled if it is there.

    Args:
        output: a file to write that says so.
        whole: that of all parts; else that of the paper's, for which this process must have been
            started with SDPOSIM_PARTS=paper.

    Raises:
        UserError: the sources are not those of the run, or a file cannot be written.
    """
    present, told = kernel_digest(whole), of_the_run(whole)
    if told not in (None, present):
        raise UserError(
            f"the sources of the kernel changed while the run was starting, from {told} to "
            f"{present}; run again"
        )
    compile_kernel(present)
    if output:
        write_text(output, json.dumps({"sources": present}) + "\n")
