"""Gaussian noise, section 2.2."""

from sdposim.model.numerics.jit import inline


@inline
def gaussian(rewards, sigma, deviates, key, step, out):
    """The rewards with noise from N(0, sigma^2)."""
    for i in range(out.size):
        out[i] = rewards[i] + sigma * deviates[i] if sigma > 0.0 else rewards[i]
