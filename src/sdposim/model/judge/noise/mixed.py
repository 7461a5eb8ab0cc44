"""Gaussian noise of mixed quality: a judge who is surer of some rollouts than of others."""

from sdposim.model.numerics.jit import jit


@jit
def mixed(rewards, sigma, deviates, key, step, out):
    """Rollout i of n, from 0, has noise of an SD of its own, 2 sigma (i + 1/2) / n.

    SDs are spread evenly from 0 to 2 sigma, and sigma is their mean.
    """
    for i in range(out.size):
        own = 2.0 * sigma * (i + 0.5) / out.size
        out[i] = rewards[i] + own * deviates[i] if sigma > 0.0 else rewards[i]
