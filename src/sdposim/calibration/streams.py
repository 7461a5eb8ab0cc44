"""Random numbers of a calibration, keyed by what they are for, as `Purpose` keys those of training.

Numbers are part of every result: append, never renumber.
"""

from enum import IntEnum

import numpy as np


class Runs(IntEnum):
    """First seeds of runs, far from those of any study and of each other."""

    SEARCH = 2 * 10**15
    PREDICTIONS = 3 * 10**15
    PAPERS = 4 * 10**15


class Stream(IntEnum):
    """What a calibration draws once."""

    SETTINGS = 6
    RANDOM_SETS = 7
    PREDICTED_NUMBERS = 8
    PREDICTED_SOURCES = 9
    UNIFORM_RANKS = 11


class Numbered(IntEnum):
    """What it draws for each paper."""

    PRIOR = 7
    ON_ANY = 9
    ON_GIVEN = 10
    SYNTHETIC = 12  # 8 was that of 32 others, on which the search was mended


def generator(stream: Stream) -> np.random.Generator:
    """Of what is drawn once."""
    return np.random.default_rng(int(stream))


def numbered(stream: Numbered, number: int) -> np.random.Generator:
    """Of what is drawn for the paper of a number."""
    return np.random.default_rng([int(stream), number])
