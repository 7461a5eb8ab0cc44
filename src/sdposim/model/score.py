"""What credits share: mean scores, and their sign."""

from sdposim.numerics.jit import inline, jit


@inline
def spread(probabilities, sums, count, out):
    """Complete a mean score: out = (out - sums_t pi_t) / n, where out holds sum_i A_it e_{s_it}.

    Args:
        probabilities: pi, (T, V).
        sums: (T,), sum_i A_it.
        count: n, the number of rollouts.
        out: (T, V), in place.
    """
    for t in range(out.shape[0]):
        row, policy, total = out[t], probabilities[t], sums[t]
        for v in range(row.size):
            row[v] = (row[v] - total * policy[v]) / count


@jit
def weighted(tokens, advantages, local, divisors, probabilities, sums, out):
    """out = (1/n) sum_i A_i w_it (e_{s_it} - pi_t) with weights w_it = local_ti / divisors_i.

    Args:
        tokens: uint64 (T, L).
        advantages: (n,).
        local: (T, L).
        divisors: (L,).
        probabilities: pi, (T, V).
        sums: (T,), overwritten.
        out: (T, V), written.
    """
    out[:] = 0.0
    sums[:] = 0.0
    length = out.shape[0]
    for i in range(advantages.size):
        scale = advantages[i] / divisors[i]
        for t in range(length):
            credit = scale * local[t, i]
            out[t, tokens[t, i]] += credit
            sums[t] += credit
    spread(probabilities, sums, advantages.size, out)


@jit
def reverse(direction):
    """Turn a direction (T, V) round: a gradient that is added where it is to be subtracted."""
    for t in range(direction.shape[0]):
        for v in range(direction.shape[1]):
            direction[t, v] = -direction[t, v]
