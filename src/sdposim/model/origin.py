"""Landscapes as a program would draw them with NumPy, for landscapes that other programs made.

A seed and an order of drawing say everything: one generator, from which the tables of equation 1
are drawn one after the other, deviates of shapes (T, V) and (V, V) and `integers` of shape (T,),
and scaled afterwards.
"""

from collections.abc import Callable

import numpy as np

QUALITY, BIGRAM, TARGET = TABLES = ("quality", "bigram", "target")
"""The tables of equation 1 in the order in which it names them."""

GENERATORS = ("numpy_default_rng", "numpy_random_state")
"""PCG64, and the Mersenne Twister behind `numpy.random.seed`, whose seeds have 32 bits."""

# NumPy asks the C library for logarithms: always in RandomState, in default_rng for one deviate of
# 3,800, and their last bits differ from one library to the next. So deviates are rounded.
_GRID = 2.0**40


def tables(
    generator: str, order, seed: int, length: int, vocabulary: int, distribution: str = "normal"
) -> dict[str, np.ndarray]:
    """The unscaled tables of a landscape, by name, as a NumPy program draws them.

    Args:
        generator: one of `GENERATORS`.
        order: the names of the tables in the order in which they are drawn.
        seed: the generator's seed.
        length, vocabulary: T and V.
        distribution: of the deviates, `normal` or `uniform`, with mean 0 and SD 1.

    Returns:
        `quality` (T, V) and `bigram` (V, V), deviates rounded to multiples of 2**-40, so that they
        are the same bits whatever the C library, and `target` (T,), int64.

    Raises:
        ValueError: the generator does not take the seed.
    """
    deviates, integers = _drawers(generator, seed, distribution)
    shapes = {QUALITY: (length, vocabulary), BIGRAM: (vocabulary, vocabulary)}
    return {
        name: integers(vocabulary, length)
        if name == TARGET
        else np.rint(deviates(shapes[name]) * _GRID) / _GRID
        for name in order
    }


def _drawers(generator: str, seed: int, distribution: str) -> tuple[Callable, Callable]:
    """Functions that draw deviates of a shape, and `count` integers below a bound."""
    if generator == "numpy_default_rng":
        rng = np.random.default_rng(seed)

        def integers(bound, count):
            return rng.integers(0, bound, count)
    else:
        rng = np.random.RandomState(seed)

        def integers(bound, count):
            return rng.randint(0, bound, count, dtype=np.int64)

    if distribution == "normal":
        return rng.standard_normal, integers
    return lambda shape: rng.uniform(-(3**0.5), 3**0.5, shape), integers
