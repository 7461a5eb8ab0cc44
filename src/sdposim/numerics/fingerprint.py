"""What compiled kernels and trained cells depend on; importable without loading Numba."""

import os
from pathlib import Path

from sdposim.storage.sources import digest

KERNEL_PACKAGES = ("numba", "llvmlite", "numpy")
"""The packages whose versions can change the machine code or the random keys."""


def kernel_digest() -> str:
    """Digest (16 hex digits) of the kernel's sources and of the versions that compile them."""
    return digest("sdposim.model.training", packages=KERNEL_PACKAGES)


def cache_folder(sources: str | None = None) -> Path:
    """Where compiled kernels are kept: `.cache/numba/<digest>` below the working directory.

    The environment variable SDPOSIM_CACHE names another folder than `.cache/numba`.

    Args:
        sources: a `kernel_digest`; that of the present sources without it.
    """
    cache = Path(os.environ.get("SDPOSIM_CACHE", ".cache/numba"))
    return cache.absolute() / (sources or kernel_digest())
