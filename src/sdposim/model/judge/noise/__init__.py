"""What a judge observes of rewards: `(rewards, sigma, deviates, out)`.

Args:
    rewards: (n,), the true ones.
    sigma: the noise level, in units of reward.
    deviates: (n,), standard normal ones, of which other distributions are functions; they are drawn
        only where sigma > 0.
    out: (n,), written.
"""
