"""Cross-entropy with the teacher's whole distribution, section 2.3."""

from sdposim.numerics.jit import inline

COST = 1.23


@inline
def forward_kl(teacher, share, count, lanes, partial, probabilities, out):
    """Equation 3: out = (1/n) sum_i (teacher_i - pi), the descent direction of KL(teacher || pi).

    Eight partial sums, added in a fixed order: the same bits whatever the width of the CPU's
    vectors.
    """
    for v in range(out.size):
        row = teacher[v]
        for j in range(8):
            partial[j] = 0.0
        for i in range(0, lanes, 8):
            for j in range(8):
                partial[j] += share[i + j] * row[i + j]
        even = (partial[0] + partial[4]) + (partial[2] + partial[6])
        out[v] = even + ((partial[1] + partial[5]) + (partial[3] + partial[7]))
    for v in range(out.size):
        out[v] = out[v] / count - probabilities[v]
