"""Elementary functions in plain IEEE arithmetic, so that every CPU returns the same bits.

The exp, log and sin of a C library (and of NumPy) choose other code paths on other CPUs, and their
last bit may differ. These use only +, -, *, /, comparisons and bit shifts, without fused
multiply-add, and are branch-free so that loops over them vectorise.

Polynomial coefficients: minimax (Chebyshev) fits on the stated interval, computed with mpmath's
`chebyfit` at 40 digits; the tests bound the error in units in the last place.
"""

import numpy as np

from sdposim.model.numerics.jit import bits_from_float, float_from_bits, inline

_ROUNDER = 6755399441055744.0  # 1.5 * 2**52: adding it leaves the nearest integer in the low bits
LOG2_E = 1.4426950408889634
_LN2_HIGH = 0.6931471803691238  # few enough bits that k * _LN2_HIGH is exact
_LN2_LOW = 1.9082149292705877e-10
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_TWO_52_BITS = 0x4330000000000000
_TWO_52 = 4503599627370496.0
_ONE_BITS = 0x3FF0000000000000
_SIGN = 1 << 63


@inline
def exp(x):
    """e**x within 2 ulp for -708 <= x <= 709; clamped to that range outside it; NaN stays NaN."""
    x = 709.0 if x > 709.0 else x
    x = -708.0 if x < -708.0 else x
    shifted = x * LOG2_E + _ROUNDER
    k = shifted - _ROUNDER
    r = (x - k * _LN2_HIGH) - k * _LN2_LOW  # |r| <= ln(2)/2
    # Estrin's scheme: the products are independent of each other, which fills the pipelines.
    r2 = r * r
    r4 = r2 * r2
    p = 0.5000000000000001 + 0.16666666666666669 * r
    p += (0.04166666666662413 + 0.008333333333330062 * r) * r2
    high = 0.0013888888917213717 + 0.00019841269863053618 * r
    high += (2.4801521295954376e-05 + 2.7557268459997064e-06 * r) * r2
    high += (2.7620088445409746e-07 + 2.510038549551032e-08 * r) * r4
    p = (p + high * r4) * r2 + r + 1.0
    # The integer k sits in the low bits of `shifted`; adding it to the exponent multiplies by 2**k.
    return float_from_bits(bits_from_float(p) + (bits_from_float(shifted) << np.uint64(52)))


@inline
def exp2(x):
    """2**x within 3 ulp for |x| <= 1021; cheaper than `exp`, for which x needs no reduction."""
    shifted = x + _ROUNDER
    r = x - (shifted - _ROUNDER)  # exact, |r| <= 1/2
    r2 = r * r
    r4 = r2 * r2
    low = 0.6931471805599453 + 0.24022650695910097 * r
    low += (0.0555041086648216 + 0.009618129107606888 * r) * r2
    high = 0.0013333558146416936 + 0.0001540353044173605 * r
    high += (1.525273382983612e-05 + 1.321544258792169e-06 * r) * r2
    last = 1.0178062445845774e-07 + 7.072585949269223e-09 * r
    high += (last + 4.4549605981865186e-10 * r2) * r4
    p = 1.0 + r * (low + high * r4)
    return float_from_bits(bits_from_float(p) + (bits_from_float(shifted) << np.uint64(52)))


@inline
def log(x):
    """Natural logarithm within 2 ulp (absolute 1e-16 near 1) for positive normal x."""
    bits = bits_from_float(x)
    # Split x = 2**k * m with m in [sqrt(1/2), sqrt(2)), k as an offset float built from its bits.
    offset = bits - np.uint64(_SQRT_HALF_BITS) + np.uint64(1023 << 52)
    biased = offset >> np.uint64(52)
    k = float_from_bits(biased + np.uint64(_TWO_52_BITS)) - _TWO_52 - 1023.0
    mantissa = offset & np.uint64((1 << 52) - 1)
    m = float_from_bits(mantissa + np.uint64(_SQRT_HALF_BITS))
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = 0.14616721179861816
    p = p * z + 0.15331699633543858
    p = p * z + 0.18182889786191042
    p = p * z + 0.2222221112572281
    p = p * z + 0.28571428626031065
    p = p * z + 0.3999999999989938
    p = p * z + 0.666666666666667
    return k * _LN2_HIGH + (2.0 * s + (s * z * p + k * _LN2_LOW))


@inline
def sigmoid(x):
    """Logistic function 1 / (1 + e**-x)."""
    return 1.0 / (1.0 + exp(-x))


@inline
def minus_two_log(u):
    """-2 ln(u) within 2e-15 + 2 ulp for u in (0, 1): what a normal deviate's radius needs."""
    offset = bits_from_float(u) + np.uint64((1023 << 52) - _SQRT_HALF_BITS)
    k = float_from_bits((offset >> np.uint64(52)) + np.uint64(_TWO_52_BITS))
    k -= _TWO_52 + 1023.0
    mantissa = offset & np.uint64((1 << 52) - 1)
    m = float_from_bits(mantissa + np.uint64(_SQRT_HALF_BITS))  # u = 2**k * m, as in `log`
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    p = -0.33243634305717856 * z - 0.36280387605731984
    p = p * z - 0.4444572456021743
    p = p * z - 0.5714284827664832
    p = p * z - 0.8000000002241301
    p = p * z - 1.3333333333332416
    return k * -1.3862943611198906 + (s * z * p - 4.0 * s)


@inline
def sine_cosine(turn):
    """sin and cos of 2 pi turn / 2**32, absolute errors below 5e-15.

    Args:
        turn: uint64, of which the lower 32 bits are read.
    """
    # Quarter turns are counted in bits 30 and 31 after rounding; the rest is r in [-1/2, 1/2).
    rounded = turn + np.uint64(1 << 29)
    rest = (rounded << np.uint64(22)) & np.uint64((1 << 52) - 1)
    r = float_from_bits(rest | np.uint64(_ONE_BITS)) - 1.5
    z = r * r
    s = -3.556386260704784e-06 * z + 0.00016042926504495616
    s = s * z - 0.004681752591458209
    s = s * z + 0.07969262615574603
    s = s * z - 0.645964097504309
    s = (s * z + 1.57079632679489) * r
    c = 4.6552961874867623e-07 * z - 2.520013526428479e-05
    c = c * z + 0.000919259950041661
    c = c * z - 0.02086348073494657
    c = c * z + 0.25366950789986475
    c = c * z - 1.2337005501361513
    c = c * z + 1.0
    # An odd number of quarters swaps the two; their signs are set by exclusive or.
    low, high = rounded << np.uint64(33), rounded << np.uint64(32)
    odd = np.int64(low) < 0
    sine = bits_from_float(c if odd else s) ^ (high & np.uint64(_SIGN))
    cosine = bits_from_float(s if odd else c) ^ ((low ^ high) & np.uint64(_SIGN))
    return float_from_bits(sine), float_from_bits(cosine)
