"""Noise with heavy tails, under which a pull to the reference may not help (arXiv 2407.14503)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.numerics.randomness import normals

COST = 2.3


class Settings(parts.Settings):
    """What `student_t` reads."""

    degrees: int = parts.field(
        3,
        "Degrees of freedom: the fewer, the heavier the tails. The variance is infinite for 2. "
        "Not in the paper.",
        ge=2,
        le=30,
    )


@jit
def student_t(settings, rewards, sigma, deviates, key, step, out):
    """The rewards with noise sigma t, t = z / sqrt(chi^2 / d) of Student's distribution.

    sigma is the unit of t, not its SD, which is sigma sqrt(d / (d - 2)): the middle of the
    distribution is much as that of Gaussian noise. Nothing is clipped here. z is the given deviate;
    chi^2 is the sum of d squared normals, the first of those of words (k n + i) d + 0..d-1 for
    rollout i of n in step k.
    """
    for i in range(out.size):
        if sigma > 0.0:
            square = 0.0
            for j in range(settings.degrees):
                own = out[i : i + 1]
                normals(key, (step * out.size + i) * settings.degrees + j, own)
                square += own[0] * own[0]
            out[i] = rewards[i] + sigma * (deviates[i] / np.sqrt(square / settings.degrees))
        else:
            out[i] = rewards[i]
