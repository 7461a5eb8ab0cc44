"""One teacher in the place of a context's many: `(count, work)`.

Args:
    count: how many rollouts came by, `work.members`.
    work: the `Workspace`: teachers (V, L), one a column, as probabilities `teacher` and logarithms
        `guidance`, both in place; `taught` (n,), the rollouts' weights. `tried` and `won` (V,)
        are free to be overwritten.

Without a part each rollout keeps its own; where no rollout has a weight, each does anyway.
Pooling the arithmetic mean changes nothing for `forward_kl`, nor the geometric one for
`reverse_kl`, since these losses are linear in the teacher and in its logarithm.
"""
