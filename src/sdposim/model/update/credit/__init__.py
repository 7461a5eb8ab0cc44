"""How a rollout's advantage becomes a direction:
`(landscape, run, key, step, advantages, work, out)`.

Args:
    landscape: the `Landscape`, of which a part that sees `quality` reads q, one that sees
        `coalitions` all.
    run: the `Run`.
    key: the cell's random key for estimates, uint64 (2,).
    step: counted from 0.
    advantages: (n,), of the rollouts.
    work: the `Workspace`: the tokens (T, L), their contexts, the policy, arrays to overwrite.
    out: (C, V), written.
"""
