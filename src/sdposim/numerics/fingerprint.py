"""What compiled kernels and trained cells depend on; importable without loading Numba."""

import hashlib
import os
from pathlib import Path

from sdposim.storage.sources import digest

KERNEL_PACKAGES = ("numba", "llvmlite", "numpy")
"""The packages whose versions can change the machine code or the random keys."""


def kernel_digest() -> str:
    """Digest (16 hex digits) of the kernel's sources and of the versions that compile them."""
    return digest("sdposim.model.loop", packages=KERNEL_PACKAGES)


def cache_folder(sources: str | None = None) -> Path:
    """Where compiled kernels are kept: `.cache/numba/<digest>` below the working directory.

    The environment variable SDPOSIM_CACHE names another folder than `.cache/numba`.

    Args:
        sources: a `kernel_digest`; that of the present sources without it.
    """
    cache = Path(os.environ.get("SDPOSIM_CACHE", ".cache/numba"))
    return cache.absolute() / (sources or kernel_digest())


def machine() -> dict[str, str]:
    """The processor that Numba compiles for."""
    import llvmlite.binding as llvm

    cpu = os.environ.get("NUMBA_CPU_NAME") or llvm.get_host_cpu_name()
    features = os.environ.get("NUMBA_CPU_FEATURES")
    if features is None:
        features = "" if cpu == "generic" else llvm.get_host_cpu_features().flatten()
    return {"cpu": cpu, "features": features}


def processor() -> str:
    """A name for the processor that Numba compiles for, as part of a path."""
    compiled_for = machine()
    features = hashlib.sha256(compiled_for["features"].encode()).hexdigest()[:8]
    return f"{compiled_for['cpu']}-{features}"
