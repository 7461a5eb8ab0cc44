"""What a judge takes a rollout for beyond its reward:
`(landscape, key, step, work, rewards, observed)`.

Args:
    landscape: the `Landscape`.
    key: the cell's random key for biases, uint64 (2,).
    step: counted from 0.
    work: the `Workspace`: tokens (T, L), contexts (T, L), the policy `probabilities` (C, V), the
        initial one `reference`.
    rewards: (n,), the true ones.
    observed: (n,), in place: rewards with noise, to which the bias is added.
"""
