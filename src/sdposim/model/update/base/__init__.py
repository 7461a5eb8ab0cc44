"""Whose logits the teacher starts from: `(t, work)`.

Args:
    t: the position.
    work: the `Workspace`.

Returns:
    The base's logits (V,), probabilities (V,) and log sum_v exp(logit_v).
"""
