"""Binary feedback of the strength of continuous feedback: f has the same mean over a batch."""

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.clipping import clipped
from sdposim.model.numerics.jit import jit

LEVELS = 2


class Settings(parts.Settings):
    """What `matched_threshold` reads."""

    cut: float = parts.field(
        0.5, "A rollout passes when its observed reward exceeds this.", ge=-1000, le=1000
    )


@jit
def matched_threshold(settings, observed, values, weights, places):
    """Fail (0) or pass: the sum of the observed rewards, limited to [0, 1], over how many pass.

    So the mean of f is that of continuous feedback, unless none passes: then every f is 0.
    """
    passed = 0.0
    total = 0.0
    for i in range(observed.size):
        passed += 1.0 if observed[i] > settings.cut else 0.0
        total += clipped(observed[i])
    for i in range(places.size):
        places[i] = np.uint64(observed[i] > settings.cut)
    values[1] = total / passed if passed > 0.0 else 0.0
    weights[0], weights[1] = observed.size - passed, passed
    return 2
