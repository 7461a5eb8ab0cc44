"""The mean of the other rollouts as a baseline: RLOO (arXiv 2402.14740, not opened)."""

from sdposim.model.numerics.jit import inline

COST = 0.01


@inline
def leave_one_out(rewards, mean, out):
    """R_i - mean_{j != i} R_j = n / (n - 1) (R_i - Rbar); 0 where there is no other.

    Unbiased: what is subtracted does not know the rollout.
    """
    others = max(rewards.size - 1, 1)
    for i in range(rewards.size):
        out[i] = (rewards[i] - mean) * (rewards.size / others)
