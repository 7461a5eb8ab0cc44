"""What credits share: mean scores, and their sign."""

from sdposim.model.numerics.jit import inline, jit, unlikely

ROUNDING = 1e-10
"""Numbers of the size of advantages or logits that differ by no more may do so by rounding alone,
whose order decides nothing."""


@inline
def spread(probabilities, sums, count, out):
    """Complete a mean score: out = (out - sums_c pi_c) / n, where out holds sum_i A_it e_{s_it}.

    Args:
        probabilities: pi, (C, V).
        sums: (C,), the sum of A_it over what was chosen in the context.
        count: n, the number of rollouts.
        out: (C, V), in place.
    """
    for c in range(out.shape[0]):
        row, policy, total = out[c], probabilities[c], sums[c]
        for v in range(row.size):
            row[v] = (row[v] - total * policy[v]) / count


@jit
def weighted(tokens, contexts, advantages, local, divisors, probabilities, sums, out):
    """out = (1/n) sum_i A_i w_it (e_{s_it} - pi) with weights w_it = local_ti / divisors_i.

    Args:
        tokens, contexts: uint64 (T, L).
        advantages: (n,).
        local: (T, L).
        divisors: (L,).
        probabilities: pi, (C, V).
        sums: (C,), overwritten.
        out: (C, V), written.
    """
    out[:] = 0.0
    sums[:] = 0.0
    length = tokens.shape[0]
    factored = not unlikely(out.shape[0] > length)
    if factored:
        for i in range(advantages.size):
            scale = advantages[i] / divisors[i]
            for t in range(length):
                credit = scale * local[t, i]
                out[t, tokens[t, i]] += credit
                sums[t] += credit
    else:
        for i in range(advantages.size):
            scale = advantages[i] / divisors[i]
            for t in range(length):
                credit = scale * local[t, i]
                out[contexts[t, i], tokens[t, i]] += credit
                sums[contexts[t, i]] += credit
    spread(probabilities, sums, advantages.size, out)


@jit
def credited(count, work, out):
    """out = (1/n) sum_i A_it (e_{s_it} - pi) of the first `count` rollouts: A is work.local."""
    weighted(
        work.tokens, work.contexts, work.ones[:count], work.local, work.ones, work.probabilities,
        work.sums, out,
    )  # fmt: skip


@jit
def reverse(direction):
    """Turn a direction (C, V) round: a gradient that is added where it is to be subtracted."""
    for c in range(direction.shape[0]):
        for v in range(direction.shape[1]):
            direction[c, v] = -direction[c, v]
