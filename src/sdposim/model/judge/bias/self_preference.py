"""A judge who likes what it might have said itself (self-preference, arXiv 2410.21819)."""

import numpy as np

from sdposim.model import parts
from sdposim.model.judge.rollouts import mean_log_probability
from sdposim.model.metrics import mean
from sdposim.model.numerics.jit import jit

COST = 0.25
_STILL = 1e-6


class Settings(parts.Settings):
    """What `self_preference` reads."""

    strength: float = parts.field(
        0.1,
        "k, in units of reward: what a rollout gets more whose log-likelihood is one SD of the "
        "batch above its mean. Not in the paper.",
        ge=-1000,
        le=1000,
    )


@jit
def self_preference(settings, landscape, key, step, work, rewards, observed):
    """Adds k times (log pi(s)) / T, standardised over the batch to mean 0 and SD 1.

    pi is the current policy. The SD is that of the n rollouts (divided by n); where it is below
    1e-6 nats all are equally likely but for rounding, and nothing is added.
    """
    own = work.noise
    for i in range(observed.size):
        own[i] = mean_log_probability(work, i, False)
    average, square = mean(own), 0.0
    for i in range(observed.size):
        square += (own[i] - average) * (own[i] - average)
    sd = np.sqrt(square / observed.size)
    if sd > _STILL:
        for i in range(observed.size):
            observed[i] += settings.strength * ((own[i] - average) / sd)
