"""Gaussian noise, section 2.2."""

from sdposim.numerics.jit import jit
from sdposim.numerics.randomness import normals


@jit
def gaussian(key, step, sigma, deviates, out):
    """Adds N(0, sigma^2) to each rollout's judged reward."""
    normals(key, step * ((out.size + 1) // 2), deviates)
    for i in range(out.size):
        out[i] = out[i] + sigma * deviates[i]
