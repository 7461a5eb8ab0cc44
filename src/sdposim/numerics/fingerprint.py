"""Which processor a kernel is for, and where compiled kernels are kept."""

import hashlib
import os
from pathlib import Path


def cache_folder(sources: str) -> Path:
    """Where compiled kernels are kept: `.cache/numba/<digest>` below the working directory.

    The environment variable SDPOSIM_CACHE names another folder than `.cache/numba`.

    Args:
        sources: the digest of what the kernel is made of, `model.kernel.kernel_digest`.
    """
    cache = Path(os.environ.get("SDPOSIM_CACHE", ".cache/numba"))
    return cache.absolute() / sources


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
