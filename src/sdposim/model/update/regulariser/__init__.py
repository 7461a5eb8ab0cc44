"""What else moves the policy: `(probabilities, reference, visits, direction)`.

Args:
    probabilities: pi, (C, V).
    reference: the initial policy, (C, V).
    visits: (C,), the share of the rollouts that came by each context; 1 of a factored policy.
    direction: (C, V), in place.
"""
