"""What a judge observes of rewards: `(rewards, sigma, deviates, key, step, out)`.

Args:
    rewards: (n,), the true ones.
    sigma: the noise level, in units of reward.
    deviates: (n,), standard normal ones, of which other distributions are functions; they are drawn
        only where sigma > 0.
    key: the cell's random key for what else a distribution needs, uint64 (2,).
    step: counted from 0.
    out: (n,), written.
"""
