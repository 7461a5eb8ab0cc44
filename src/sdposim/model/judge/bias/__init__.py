"""What a judge takes a rollout for: `(tokens, probabilities, rewards, out)`.

Args:
    tokens: uint64 (T, L), of the rollouts, one a column; L >= n.
    probabilities: (T, V), the policy's.
    rewards: (n,), the true ones.
    out: (n,), written: the judged ones.
"""
