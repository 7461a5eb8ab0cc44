"""What a judge takes a rollout for beyond its reward:
`(landscape, key, step, work, rewards, observed)`.

A bias of no strength changes no bit. One that replaces the reward by something else leaves the
noise as it is: it adds the difference.

Args:
    landscape: the `Landscape`.
    key: the cell's random key for biases, uint64 (2,).
    step: counted from 0.
    work: the `Workspace`: tokens (T, L), contexts (T, L), the policy's `probabilities` and `logits`
        (C, V), the initial one's `reference` and its logarithm `initial`. Its `noise` and `centred`
        (n,) and `deviates` (C V,) are free to be overwritten.
    rewards: (n,), the true ones.
    observed: (n,), in place: rewards with noise, to which the bias is added.
"""
