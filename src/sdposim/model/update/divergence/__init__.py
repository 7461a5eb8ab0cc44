"""How the student is pulled to its teachers in a context:
`(teacher, share, count, lanes, partial, probabilities, out)`.

Args:
    teacher: (V, L), the teachers, unnormalised.
    share: (L,), what makes of a column of `teacher` the teacher's probabilities times the number
        of rollouts that have it.
    count: the number of rollouts that came by.
    lanes: L as far as it is used, a multiple of 8.
    partial: (8,), overwritten.
    probabilities: (V,), the student's.
    out: (V,), written: the mean direction over these rollouts.
"""
