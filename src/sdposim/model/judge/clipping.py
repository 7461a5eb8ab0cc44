"""Limiting what a judge observed to the range of rewards."""

from sdposim.model.numerics.jit import jit


@jit
def clipped(observed):
    """The observed reward limited to [0, 1]."""
    low = 0.0 if observed < 0.0 else observed
    return 1.0 if low > 1.0 else low
