"""What the teacher knows beyond its base: `(landscape, c, t, count, work, out)`.

Args:
    landscape: the `Landscape`.
    c, t: the context, and its position.
    count: how many rollouts came by; `work.members` says which, in the order of lanes.
    work: the `Workspace`: the feedback `said` (n,) of the rollouts, their tokens, and of this
        context `shared` and `log_base` (V,), the logarithms of the student's probabilities and of
        its teachers' base, and `drawn` (V, L), q - h by rollout, for a part that sees `quality`.
    out: (V, L), written: by how much a teacher's logits rise, in the first `count` lanes.

`begin(landscape, keys, step, work)` is called before each step. It may set `work.taught` (n,), the
weights of the rollouts' teachers, which are 1 before it, 0 of a rollout without one.
"""
