"""Section 2.1, the reward: landscape tables and equation 1."""

from typing import NamedTuple

import numpy as np

from sdposim.model import origin
from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import Purpose, keys, normals, uniforms

QUALITY, BIGRAM, TARGET = int(Purpose.QUALITY), int(Purpose.BIGRAM), int(Purpose.TARGET)


class Landscape(NamedTuple):
    """The tables of equation 1 for V tokens and T positions.

    Attributes:
        quality: q(t, v), float64 of shape (T, V).
        bigram: b(v, v'), float64 of shape (V, V), the same at every position.
        target: s*, int64 of shape (T,).
        pattern_weight: alpha, the weight of the pattern component.
    """

    quality: np.ndarray
    bigram: np.ndarray
    target: np.ndarray
    pattern_weight: float


KEYED = "keyed"
"""The generator that the kernel itself computes, see `randomness`; the others are NumPy's."""


class Scales(NamedTuple):
    """SDs of the tables of a landscape."""

    quality: float
    bigram: float


class Deviates(NamedTuple):
    """Standard deviates of a landscape, in the order in which they are drawn."""

    quality: np.ndarray  # (T * V,)
    bigram: np.ndarray  # (V * V,)
    target: np.ndarray  # (T,)


def empty_landscape(settings: dict) -> tuple[Landscape, Deviates, Scales]:
    """What `draw_landscape` takes; `settings` is the `landscape` group of a setting."""
    vocabulary, length = settings["vocabulary_size"], settings["sequence_length"]
    return (
        Landscape(
            quality=np.zeros((length, vocabulary)),
            bigram=np.zeros((vocabulary, vocabulary)),
            target=np.zeros(length, np.int64),
            pattern_weight=float(settings["pattern_weight"]),
        ),
        Deviates(np.zeros(length * vocabulary), np.zeros(vocabulary**2), np.zeros(length)),
        Scales(float(settings["quality_sd"]), float(settings["bigram_sd"])),
    )


def landscape_seeds(settings: dict, seeds) -> np.ndarray:
    """The seeds of the landscapes of cells with these seeds, int64.

    `settings` is the `landscape` group of a setting. Its `seed` is one number for all, `each` for
    the cell's own, or a list, of which cell s has entry s modulo the list's length.
    """
    seeds = np.asarray(seeds, dtype=np.int64)
    chosen = settings["seed"]
    if chosen == "each":
        return seeds
    listed = np.asarray(chosen if isinstance(chosen, list) else [chosen], dtype=np.int64)
    return listed[seeds % listed.size]


def make_landscape(settings: dict, seed: int) -> Landscape:
    """The landscape of a seed; `settings` is the `landscape` group of a setting."""
    landscape, deviates, scales = empty_landscape(settings)
    if settings["generator"] == KEYED:
        with np.errstate(over="ignore"):  # its words wrap round
            draw_landscape(keys(range(len(Purpose) + 1), [seed]), scales, deviates, landscape)
        return landscape
    length, vocabulary = landscape.quality.shape
    drawn = origin.tables(settings["generator"], settings["order"], seed, length, vocabulary)
    return from_arrays(
        scales.quality * drawn[origin.QUALITY],
        scales.bigram * drawn[origin.BIGRAM],
        drawn[origin.TARGET],
        landscape.pattern_weight,
    )


def from_arrays(quality, bigram, target, pattern_weight: float) -> Landscape:
    """A landscape from tables of one's own, as `training.train` takes it.

    Args:
        quality: q(t, v), numbers of shape (T, V), T >= 1, V >= 2.
        bigram: b(v, v'), numbers of shape (V, V).
        target: s*, whole numbers of shape (T,) in 0..V-1.
        pattern_weight: alpha.

    Raises:
        ValueError: names the table, its shape or value, and what is allowed.
    """
    quality = np.array(quality, dtype=np.float64, order="C")
    if quality.ndim != 2 or quality.shape[0] < 1 or quality.shape[1] < 2:
        raise ValueError(
            f"quality has shape {quality.shape}; allowed: (T, V) with T >= 1 and V >= 2"
        )
    length, vocabulary = quality.shape
    bigram = np.array(bigram, dtype=np.float64, order="C")
    if bigram.shape != (vocabulary, vocabulary):
        raise ValueError(
            f"bigram has shape {bigram.shape}; allowed: (V, V), here {(vocabulary, vocabulary)}"
        )
    whole = np.array(target)
    if whole.shape != (length,) or not np.issubdtype(whole.dtype, np.integer):
        raise ValueError(
            f"target has shape {whole.shape} and type {whole.dtype}; allowed: (T,), here "
            f"{(length,)}, of whole numbers"
        )
    if whole.min() < 0 or whole.max() >= vocabulary:
        raise ValueError(
            f"target holds {whole.min()} to {whole.max()}; allowed: 0 to {vocabulary - 1}"
        )
    for name, table in (("quality", quality), ("bigram", bigram)):
        if not np.isfinite(table).all():
            raise ValueError(f"{name} holds NaN or infinity; allowed: finite numbers")
    return Landscape(quality, bigram, whole.astype(np.int64), float(pattern_weight))


@jit
def draw_landscape(keys, scales, deviates, landscape):
    """Draw q ~ N(0, quality_sd^2), b ~ N(0, bigram_sd^2), s* uniform.

    Landscapes of one seed under different scales share their standard deviates.

    Args:
        keys: uint64 (8, 2), the key of each `Purpose`.
        scales: the SDs.
        deviates: overwritten.
        landscape: its tables are written.
    """
    normals(keys[QUALITY], 0, deviates.quality)
    normals(keys[BIGRAM], 0, deviates.bigram)
    uniforms(keys[TARGET], 0, deviates.target)
    length, vocabulary = landscape.quality.shape
    for t in range(length):
        for v in range(vocabulary):
            landscape.quality[t, v] = scales.quality * deviates.quality[t * vocabulary + v]
        landscape.target[t] = np.int64(np.floor(deviates.target[t] * vocabulary))
    for v in range(vocabulary):
        for following in range(vocabulary):
            landscape.bigram[v, following] = (
                scales.bigram * deviates.bigram[v * vocabulary + following]
            )


@jit
def token_values(quality, target, pattern_weight, out):
    """What each token alone adds to a reward's bracket, q + alpha 1[v = s*], to out (T, V)."""
    for t in range(target.size):
        for v in range(quality.shape[1]):
            out[t, v] = quality[t, v]
        out[t, target[t]] += pattern_weight


@jit
def rewards(values, bigram, tokens, count, out):
    """Equation 1 for `count` sequences.

    Args:
        values: (T, V), from `token_values`.
        bigram: (V, V).
        tokens: uint64 (T, L), L >= count, one sequence a column.
        count: how many columns hold sequences.
        out: float64 (L,); the first `count` are written, in [0, 1].
    """
    length = tokens.shape[0]
    for i in range(count):
        out[i] = values[0, tokens[0, i]]
    for t in range(1, length):
        before, here, value = tokens[t - 1], tokens[t], values[t]
        for i in range(count):
            out[i] += value[here[i]] + bigram[before[i], here[i]]
    for i in range(count):
        out[i] = sigmoid(out[i] / length)
