"""What credit is given for, where it is not the true reward: `(rewards, said, out)`.

Args:
    rewards: (n,), the true ones.
    said: (n,), the judge's feedback on the rollouts.
    out: (n,), written.
"""
