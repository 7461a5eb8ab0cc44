"""What one token of a rollout adds to its reward, the others held."""

from sdposim.numerics.arithmetic import sigmoid
from sdposim.numerics.jit import jit


@jit
def counterfactuals(bigram, count, work):
    """R(s_i) - E_x R(s_i with s_t = x), x ~ pi in the context of s_t, to work.local (T, L).

    By n T V evaluations of equation 1, of which only the terms with s_t change. Of work, also
    `highest` and `moment` (L,) are overwritten.

    Args:
        bigram: (V, V).
        count: n, the number of rollouts.
        work: the `Workspace`.
    """
    tokens, contexts, values, local = work.tokens, work.contexts, work.values, work.local
    probabilities, bracket, expected = work.probabilities, work.highest, work.moment
    length, vocabulary = values.shape
    for i in range(count):
        bracket[i] = values[0, tokens[0, i]]
    for t in range(1, length):
        for i in range(count):
            bracket[i] += values[t, tokens[t, i]] + bigram[tokens[t - 1, i], tokens[t, i]]
    for t in range(length):
        for i in range(count):
            expected[i] = 0.0
        for v in range(vocabulary):
            for i in range(count):
                token = tokens[t, i]
                change = values[t, v] - values[t, token]
                if t > 0:
                    change += bigram[tokens[t - 1, i], v] - bigram[tokens[t - 1, i], token]
                if t + 1 < length:
                    change += bigram[v, tokens[t + 1, i]] - bigram[token, tokens[t + 1, i]]
                reward = sigmoid((bracket[i] + change) / length)
                expected[i] += probabilities[contexts[t, i], v] * reward
        for i in range(count):
            local[t, i] = work.rewards[i] - expected[i]
