"""Which rollouts learn from their teacher, and not from credit: `(work)`.

Args:
    work: the `Workspace`: `said` (n,), the rollouts' feedback, and `taught` (n,), the weights of
        their teachers, 0 without one.

It writes `work.routed` (n,): 1 of a rollout that learns from its teacher alone, 0 of one that
learns from its credit alone, or a share. Without a part all learn from both.

Returns:
    b of the weight exp(-b H) of a token whose teacher has the entropy H in nats.
"""
