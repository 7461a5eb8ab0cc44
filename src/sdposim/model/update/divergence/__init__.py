"""How the student is pulled to its teachers in a context:
`(settings, teacher, log_teacher, weights, lanes, own, log_own, chosen, work, out)`.

Args:
    teacher, log_teacher: (V, L), the teachers' probabilities and their logarithms, one a column.
    weights: (L,), of the teachers; 0 of columns that are padding.
    lanes: L as far as it is used, a multiple of 8.
    own, log_own: (V,), the student's probabilities and their logarithms.
    chosen: uint64 (L,), which token each teacher's rollout has here.
    work: the `Workspace`: arrays to overwrite.
    out: (V,), written: the sum over teachers of weight times the descent direction of the loss.

There is no part for the importance ratio min(pi / pi_old, 2) by which the code of SDPO and TRL
multiplies losses: each batch is sampled by the student as it is, for one step, so that it is 1.
"""
