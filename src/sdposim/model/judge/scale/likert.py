"""Ordinal feedback on a Likert scale, section 2.2."""

from typing import Literal

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.clipping import clipped
from sdposim.model.numerics.jit import jit

LEVELS = "levels"


class Settings(parts.Settings):
    """What `likert` reads."""

    levels: int = parts.field(5, "Levels of the Likert scale.", ge=2, le=100)
    origin: Literal["fraction", "unit"] = parts.field(
        "fraction",
        "How level k of K becomes f: `fraction` is k / K, `unit` is (k - 1) / (K - 1). The paper "
        "says only 'normalized to [0, 1]'; decided by the joint fit.",
    )


FROM_ZERO = Settings.code("origin", "unit")


@jit
def likert(settings, observed, values, weights, places):
    """The level of the observed reward among equal bins of [0, 1], normalised to [0, 1]."""
    levels = settings.levels
    for level in range(levels):
        if settings.origin == FROM_ZERO:
            values[level] = level / (levels - 1)
        else:
            values[level] = (level + 1) / levels
    for i in range(observed.size):
        weights[bin_of(observed[i], levels)] += 1.0
    for i in range(places.size):
        places[i] = np.uint64(bin_of(observed[i], levels))
    return levels


@jit
def bin_of(observed, levels):
    """Bin of the observed reward among `levels` equal bins of [0, 1], counted from 0.

    Rewards outside [0, 1], which noise produces, fall into the outermost bins.
    """
    level = int(np.floor(clipped(observed) * levels))
    return level if level < levels else levels - 1
