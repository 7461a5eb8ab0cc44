"""Which processor a kernel is for, and where compiled kernels are kept."""

import hashlib
import os
from pathlib import Path

from sdposim.storage.files import cache


def cache_folder(sources: str) -> Path:
    """Where compiled kernels are kept: a folder of this digest in the cache, see `files.cache`.

    Args:
        sources: the digest of what the kernel is made of, `model.kernel.kernel_digest`.
    """
    return cache() / sources


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
