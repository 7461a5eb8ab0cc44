"""Other CPUs than this one, as this one can play them, by the environment of a process."""

import llvmlite.binding
from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__


def _without_fma_and_avx512() -> str:
    """This CPU's features, without AVX-512 and fused multiply-add."""
    features = llvmlite.binding.get_host_cpu_features()
    off = {name for name in features if name.startswith(("avx512", "avx10", "amx"))}
    off |= {"fma", "fma4"}
    return ",".join(
        f"{'+' if has and name not in off else '-'}{name}" for name, has in features.items()
    )


_DISPATCHED = [name for name in __cpu_dispatch__ if __cpu_features__[name]]

# Numba's code for any processor of this architecture; NumPy without its AVX2 and AVX-512 loops,
# OpenBLAS and Arrow likewise.
GENERIC = {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NPY_DISABLE_CPU_FEATURES": " ".join(_DISPATCHED),
    "OPENBLAS_CORETYPE": "Nehalem",
    "ARROW_USER_SIMD_LEVEL": "NONE",
}
WITHOUT_FMA_AND_AVX512 = {"NUMBA_CPU_FEATURES": _without_fma_and_avx512()}
