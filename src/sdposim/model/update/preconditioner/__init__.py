"""What turns the gradient into a step: `(probabilities, visits, direction)`.

Args:
    probabilities: pi, (C, V).
    visits: (C,), the share of the rollouts that came by each context; 1 of a factored policy.
    direction: (C, V), of all terms and the regulariser, in place.
"""
