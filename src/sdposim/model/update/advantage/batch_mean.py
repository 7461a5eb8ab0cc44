"""The batch mean as a baseline, section 2.4."""

from sdposim.model.numerics.jit import inline


@inline
def batch_mean(rewards, mean, out):
    """R_i - Rbar: the reward less that of the batch, which includes the rollout itself."""
    for i in range(rewards.size):
        out[i] = rewards[i] - mean
