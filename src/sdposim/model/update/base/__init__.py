"""Whose logits the teacher starts from: `(c, work)`.

Args:
    c: the context.
    work: the `Workspace`.

Returns:
    The base's logits (V,), probabilities (V,) and log sum_v exp(logit_v).
"""
