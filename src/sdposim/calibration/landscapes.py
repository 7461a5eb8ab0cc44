"""How a program may have drawn a landscape: generator, order of the tables, distribution, seed."""

from functools import cache
from itertools import permutations
from typing import NamedTuple

import numpy as np

from sdposim.model import origin
from sdposim.model.landscape import KEYED, Landscape, from_arrays

_LETTERS = {origin.QUALITY: "q", origin.BIGRAM: "b", origin.TARGET: "s"}


class Family(NamedTuple):
    """Landscapes that differ in their seed only."""

    generator: str
    order: tuple[str, ...]
    distribution: str

    @property
    def name(self) -> str:
        """A name for files and tables, such as `numpy_default_rng-qbs-normal`."""
        letters = "".join(_LETTERS[table] for table in self.order)
        return f"{self.generator}-{letters}-{self.distribution}"

    def placed(self, seed: int, setting: dict) -> tuple[dict, Landscape | None]:
        """A setting on the landscape of a seed, and the landscape under the setting's scales.

        The landscape is None where the kernel itself draws it from the setting.
        """
        chosen = setting["landscape"] | {"seed": seed, "generator": KEYED}
        if self.generator == KEYED:
            return setting | {"landscape": chosen}, None
        length, vocabulary = chosen["sequence_length"], chosen["vocabulary_size"]
        drawn = _tables(self, seed, length, vocabulary)
        landscape = from_arrays(
            chosen["quality_sd"] * drawn[origin.QUALITY],
            chosen["bigram_sd"] * drawn[origin.BIGRAM],
            drawn[origin.TARGET],
            chosen["pattern_weight"],
        )
        return setting, landscape


@cache
def _tables(family: Family, seed: int, length: int, vocabulary: int) -> dict[str, np.ndarray]:
    return origin.tables(
        family.generator, family.order, seed, length, vocabulary, family.distribution
    )


CONTROL = Family(KEYED, origin.TABLES, "normal")
"""This project's own landscapes, which no other program draws: what chance alone achieves."""
PLAIN = Family("numpy_default_rng", origin.TABLES, "normal")
"""NumPy's present generator, its tables drawn in the order of equation 1."""
FAMILIES = (
    PLAIN,
    *(
        family
        for generator in origin.GENERATORS
        for order in permutations(origin.TABLES)
        for distribution in ("normal", "uniform")
        if (family := Family(generator, order, distribution)) != PLAIN
    ),
    CONTROL,
)
LEAD_SEED = 42
"""The seed that was suspected of the tables before this search, by a smaller one of its kind."""
LEAD_LIST = (42, 137, 256, 512, 1024)
"""The seeds that were suspected of figure 6, the only ones to fit of some thirty lists tried."""
LEAD_LIST_OF = 30
GROUPS = {"plain": (PLAIN,), "others": FAMILIES[1:]}
"""Families whose seeds are simulated together."""
WRITTEN = (
    *range(11), 12, 13, 16, 17, 21, 32, 37, 42, 64, 77, 99, 100, 101, 123, 128, 137, 200, 256, 300,
    314, 321, 400, 404, 500, 512, 555, 666, 777, 789, 888, 999, 1000, 1024, 1111, 1234, 1337, 2000,
    2020, 2021, 2022, 2023, 2024, 2025, 2026, 2048, 3000, 3141, 4000, 4096, 5000, 8192, 9999, 10000,
    12345,
)  # fmt: skip
"""Seeds that people write: small numbers, round ones, powers of two, years, and jokes."""


def lists(size: int, seeds: tuple[int, ...] = WRITTEN) -> np.ndarray:
    """Every set of `size` of the seeds, as positions in `seeds`, uint8 (sets, size).

    There are 8,259,888 sets of five of the 65 `WRITTEN` ones.
    """
    sets = np.arange(len(seeds), dtype=np.uint8)[:, None]
    for _ in range(size - 1):
        # Each set once with every place behind its last one.
        last = sets[:, -1].astype(np.int64)
        more = len(seeds) - 1 - last
        ends = np.cumsum(more)
        places = np.arange(ends[-1]) + np.repeat(last + 1 - (ends - more), more)
        sets = np.column_stack([np.repeat(sets, more, axis=0), places.astype(np.uint8)])
    return sets
