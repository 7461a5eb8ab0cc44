"""Binary feedback, section 2.2: pass or fail."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import jit

LEVELS = 2


class Settings(parts.Settings):
    """What `threshold` reads."""

    cut: float = parts.field(
        0.5, "Binary feedback is 1 when the reward exceeds this.", ge=-1000, le=1000
    )


@jit
def threshold(settings, observed, values, weights, places):
    """Pass (1) or fail (0): is the observed reward above the cut?"""
    values[1] = 1.0
    passed = 0.0
    for i in range(observed.size):
        passed += 1.0 if observed[i] > settings.cut else 0.0
    for i in range(places.size):
        places[i] = np.uint64(observed[i] > settings.cut)
    weights[0], weights[1] = observed.size - passed, passed
    return 2
