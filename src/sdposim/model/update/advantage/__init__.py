"""What a rollout is worth: `(rewards, mean, out)`.

Args:
    rewards: (n,), the rollouts' rewards.
    mean: their mean.
    out: (n,), written: the advantages.
"""
