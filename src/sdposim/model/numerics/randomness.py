"""Random numbers keyed by what they are for, never by position in a grid.

A key belongs to one (purpose, seed); methods, feedbacks, noise levels and settings with the same
seed share their random numbers (common random numbers), and adding a method or a seed changes no
existing number.

The generator is SplitMix64 in its splittable form (Steele, Lea and Flood, "Fast splittable
pseudorandom number generators", OOPSLA 2014) used as a function of a counter: word(i) =
mix(start + (i + 1) * gamma). Any word can be computed alone, so the kernel stores no random
numbers, and a loop over words vectorises. Normal deviates come from Box and Muller's transform
in the strict arithmetic of `arithmetic`.
"""

from enum import IntEnum

import numpy as np

from sdposim.model.numerics.arithmetic import minus_two_log, sine_cosine
from sdposim.model.numerics.jit import float_from_bits, inline, jit

_ONE_BITS = 0x3FF0000000000000  # the float 1.0: mantissa bits below it give [1, 2)

_WORD = 0xFFFFFFFF

LARGEST_NORMAL = 6.8
"""No deviate of `normals` is larger: 32 bits bound the radius by sqrt(2 * 33 * ln 2) = 6.76."""


class Purpose(IntEnum):
    """What a random number is for. Numbers are part of every result: append, never renumber."""

    QUALITY = 1
    BIGRAM = 2
    TARGET = 3
    INITIAL_LOGITS = 4
    ROLLOUTS = 5
    NOISE = 6
    HINTS = 7
    ESTIMATES = 8
    KNOWLEDGE = 9
    BIAS = 10
    TAILS = 11
    DEMONSTRATIONS = 12


def key(purpose: Purpose, seed: int) -> np.ndarray:
    """The (start, gamma) pair of a purpose and a seed, uint64 of shape (2,); see `keys`."""
    return keys([purpose], [seed])[0]


def keys(purposes, seeds) -> np.ndarray:
    """The (start, gamma) pairs of purposes and seeds.

    They are `numpy.random.SeedSequence([purpose, seed]).generate_state(2, numpy.uint64)`, computed
    for all pairs at once, because a SeedSequence takes 20 microseconds and a cell has seven keys.

    Args:
        purposes: integers below 2**32.
        seeds: integers below 2**63, of a shape that broadcasts with `purposes`.

    Returns:
        uint64 array (..., 2); gamma is odd, so that the counter visits every state.
    """
    purposes, seeds = np.broadcast_arrays(np.asarray(purposes), np.asarray(seeds, np.uint64))
    pool = np.zeros((4, seeds.size), np.uint32)
    pool[0] = purposes.ravel()
    pool[1] = seeds.ravel() & np.uint64(_WORD)
    pool[2] = seeds.ravel() >> np.uint64(32)
    pool = _hashed(pool, *_WORDS)
    for source, constants in enumerate(_MIXING):
        hashed = _hashed(pool[source], *constants) * np.uint32(0x4973F715)
        mixed = _folded(pool * np.uint32(0xCA01F9DD) - hashed)
        mixed[source] = pool[source]
        pool = mixed
    state = _hashed(pool, *_STATE).astype(np.uint64)
    result = state[0::2] | state[1::2] << np.uint64(32)
    result[1] |= np.uint64(1)
    return np.ascontiguousarray(result.T).reshape(*seeds.shape, 2)


def _hashed(values, before, after):
    """SeedSequence's hash of uint32 arrays (4, words)."""
    return _folded((values ^ before) * after)


def _folded(values):
    return values ^ (values >> np.uint32(16))


def _constants(constant, factor, uses):
    """Those of SeedSequence's hash, which changes its own with every use: before and after it."""
    values = [constant * pow(factor, use, 2**32) & _WORD for use in range(uses + 1)]
    values = np.array(values, np.uint32)[:, None]
    return values[:-1], values[1:]


_FIRST, _NEXT = _constants(0x43B0D7E5, 0x931E8875, 4 + 12)
_WORDS = _FIRST[:4], _NEXT[:4]
_STATE = _constants(0x8B51F9DD, 0x58F38DED, 4)
# Each word is hashed for each of the others, in order; a fourth constant stands at its own place.
_MIXING = [
    tuple(np.insert(own[4 + 3 * word : 7 + 3 * word], word, 0, axis=0) for own in (_FIRST, _NEXT))
    for word in range(4)
]


@inline
def word(start, gamma, index):
    """The 64 random bits number `index` of the key (start, gamma)."""
    return _mix(start + (np.uint64(index) + np.uint64(1)) * gamma)


@inline
def _mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@jit
def uniforms(key, first, out):
    """Fill `out` (m,) with uniform 52-bit deviates in [0, 1) from words first..first+m-1."""
    # Counting by addition: vectors of 64-bit integers have no multiplication on most CPUs.
    state, gamma = key[0] + np.uint64(first) * key[1], key[1]
    for i in range(out.size):
        state += gamma
        mantissa = _mix(state) >> np.uint64(12)
        out[i] = float_from_bits(mantissa | np.uint64(_ONE_BITS)) - 1.0


@jit
def normal_pairs(key, first, cosines, sines):
    """Fill two vectors (m,) with standard normal deviates, a pair from each of m words.

    A word's upper half gives the radius, its lower half the angle.
    """
    state, gamma = key[0] + np.uint64(first) * key[1], key[1]
    for j in range(cosines.size):
        state += gamma
        bits = _mix(state)
        radius = _radius(bits)
        sine, cosine = sine_cosine(bits)
        cosines[j] = radius * cosine
        sines[j] = radius * sine


@jit
def normals(key, first, out):
    """Fill `out` (m,) with standard normal deviates from words first..first+ceil(m/2)-1.

    Word j yields elements j and j + ceil(m/2); an odd m drops the last one.
    """
    half = (out.size + 1) // 2
    normal_pairs(key, first, out[: out.size - half], out[half:])
    if 2 * half > out.size:
        bits = word(key[0], key[1], first + half - 1)
        out[half - 1] = _radius(bits) * sine_cosine(bits)[1]


@inline
def _radius(bits):
    """sqrt(-2 ln u) with u = (upper 32 bits + 1/2) / 2**32."""
    upper = (bits >> np.uint64(12)) & np.uint64(0xFFFFFFFF << 20)
    u = float_from_bits(upper | np.uint64(_ONE_BITS | 1 << 19)) - 1.0
    return np.sqrt(minus_two_log(u))
