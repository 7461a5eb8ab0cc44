"""What is added to a judged reward: `(key, step, sigma, deviates, out)`.

Not asked where sigma is 0.

Args:
    key: the cell's random key for noise, uint64 (2,).
    step: counted from 0.
    sigma: the noise level, in units of reward.
    deviates: (n,), overwritten.
    out: (n,), in place: the judged rewards.
"""
