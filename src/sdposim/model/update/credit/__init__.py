"""How a rollout's advantage becomes a direction: `(quality, key, step, advantages, work, out)`.

Args:
    quality: (T, V), the true q.
    key: the cell's random key for estimates, uint64 (2,).
    step: counted from 0.
    advantages: (n,), of the rollouts.
    work: the `Workspace`: the tokens (T, L), their contexts, the policy, arrays to overwrite.
    out: (C, V), written.
"""
