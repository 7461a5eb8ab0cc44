"""What one token of a rollout adds to its reward, the others held."""

from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import inline, jit


@jit
def counterfactuals(bigram, count, work):
    """R(s_i) - E_x R(s_i with s_t = x), x ~ pi in the context of s_t, to work.local (T, L).

    By n T V evaluations of eq. 1, of which only the terms with s_t change. Of work, also
    `highest`, `mass` and `moment` (L,) are overwritten.

    Args:
        bigram: (V, V).
        count: n, the number of rollouts.
        work: the `Workspace`.
    """
    tokens, contexts, values, local = work.tokens, work.contexts, work.values, work.local
    probabilities = work.probabilities
    bracket, others, expected = work.highest[:count], work.mass[:count], work.moment[:count]
    length, vocabulary = values.shape
    for i in range(count):
        bracket[i] = values[0, tokens[0, i]]
    for t in range(1, length):
        for i in range(count):
            bracket[i] += values[t, tokens[t, i]] + bigram[tokens[t - 1, i], tokens[t, i]]
    for t in range(length):
        _without(bigram, values, tokens, t, bracket, others)
        expected[:] = 0.0
        for v in range(vocabulary):
            # A loop of its own, which vectorises.
            changed = local[t, :count]
            _with(bigram, values[t], tokens, t, v, others, changed)
            for i in range(count):
                changed[i] = sigmoid(changed[i] / length)
            for i in range(count):
                expected[i] += probabilities[contexts[t, i], v] * changed[i]
        for i in range(count):
            local[t, i] = work.rewards[i] - expected[i]


@inline
def _without(bigram, values, tokens, t, bracket, out):
    """The brackets of eq. 1 (n,) less all terms with s_t, to out (n,)."""
    last = t + 1 == tokens.shape[0]
    for i in range(out.size):
        token = tokens[t, i]
        own = values[t, token]
        if t > 0:
            own += bigram[tokens[t - 1, i], token]
        if not last:
            own += bigram[token, tokens[t + 1, i]]
        out[i] = bracket[i] - own


@inline
def _with(bigram, values, tokens, t, v, others, out):
    """The brackets with token v at t, to out (n,), from those without: `others`."""
    last = t + 1 == tokens.shape[0]
    for i in range(out.size):
        own = values[v]
        if t > 0:
            own += bigram[tokens[t - 1, i], v]
        if not last:
            own += bigram[v, tokens[t + 1, i]]
        out[i] = others[i] + own
