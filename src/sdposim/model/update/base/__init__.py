"""Whose logits the teacher starts from: `(c, work, out)`.

Args:
    c: the context.
    work: the `Workspace`: the student's logits, those of the initial policy, and more.
    out: (V,), written: the base's logits; a constant added to all of them changes nothing.

`begin(step, work)` is called before each step.
"""
