"""How the student is pulled to its teachers at a position:
`(teacher, share, count, lanes, partial, probabilities, out)`.

Args:
    teacher: (V, L), the teachers, unnormalised.
    share: (L,), what makes of a column of `teacher` the teacher's probabilities times the number
        of rollouts that have it.
    count: n, the number of rollouts.
    lanes: L as far as it is used, a multiple of 8.
    partial: (8,), overwritten.
    probabilities: (V,), the student's.
    out: (V,), written: the mean direction.
"""
