"""What two terms become: `(divergence, routed, second, out)`.

Args:
    divergence: D, KL(teacher || student) in nats, averaged over rollouts and positions.
    routed: the share of the rollouts that learn from their teacher, 1 without a routing.
    second: (C, V), the second term's direction.
    out: (C, V), the first term's direction; overwritten by the blend of the two.

Returns:
    The weight of the first term, in [0, 1].
"""
