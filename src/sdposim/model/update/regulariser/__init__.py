"""What else moves the policy: `(probabilities, reference, direction)`.

Args:
    probabilities: pi, (T, V).
    reference: the initial policy, (T, V).
    direction: (T, V), in place.
"""
