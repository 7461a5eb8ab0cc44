"""What a judge takes a rollout for beyond its reward:
`(tokens, contexts, probabilities, rewards, observed)`.

Args:
    tokens: uint64 (T, L), of the rollouts, one a column; L >= n.
    contexts: uint64 (T, L), the policy's row by which each token was chosen.
    probabilities: (C, V), the policy's.
    rewards: (n,), the true ones.
    observed: (n,), in place: rewards with noise, to which the bias is added.
"""
