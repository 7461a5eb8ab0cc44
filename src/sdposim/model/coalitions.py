"""What coalitions of a sequence's tokens are worth: E[R | s_S], exactly, for a factored policy.

A flat table of (V + 1)^T numbers holds it for every coalition S of positions and every assignment
of tokens to it. Entry sum_t d_t (V + 1)^(T-1-t) has digit d_t < V where position t has this token,
and digit V where it is absent, that is, drawn from the policy; the last entry is E R. The entries
without absent tokens are the rewards of eq. 1, which no step changes.
"""

import numpy as np

from sdposim.numerics.arithmetic import sigmoid
from sdposim.numerics.jit import jit


@jit
def tabulate(values, bigram, table):
    """Fill the entries without absent tokens: eq. 1, the same bits as `landscape.rewards`.

    The others are left with numbers that mean nothing until `marginalise` was called.

    Args:
        values: (T, V), from `landscape.token_values`.
        bigram: (V, V).
        table: ((V + 1)^T,), written.
    """
    length, vocabulary = values.shape
    digits = vocabulary + 1
    for v in range(vocabulary):
        table[v] = values[0, v]
    prefixes = digits
    for t in range(1, length):
        # In place: brackets of prefixes stand in front and spread out, those behind first.
        for prefix in range(prefixes - 1, -1, -1):
            before, bracket = prefix % digits, table[prefix]
            if before < vocabulary:
                for v in range(vocabulary):
                    table[prefix * digits + v] = bracket + (values[t, v] + bigram[before, v])
        prefixes *= digits
    for k in range(table.size):
        table[k] = sigmoid(table[k] / length)


@jit
def marginalise(probabilities, table):
    """Fill the entries with absent tokens, from those without.

    Axis by axis, from the last one: an entry gets its value when its first absent position is
    averaged out, from entries that have theirs by then; what it was given before is overwritten.

    Args:
        probabilities: pi, (T, V).
        table: ((V + 1)^T,), in place.
    """
    length, vocabulary = probabilities.shape
    _average_rows(probabilities[length - 1], table)
    block = vocabulary + 1  # entries that share their digits up to a position
    for t in range(length - 2, -1, -1):
        whole = block * (vocabulary + 1)
        for first in range(0, table.size, whole):
            _average_blocks(probabilities[t], table[first : first + whole], block)
        block = whole


@jit
def _average_rows(policy, table):
    """The mean of the first V of every V + 1 entries, to the last of them."""
    for first in range(0, table.size, policy.size + 1):
        own = table[first : first + policy.size + 1]
        total = 0.0
        for v in range(policy.size):
            total += policy[v] * own[v]
        own[policy.size] = total


@jit
def _average_blocks(policy, entries, block):
    """The mean of the first V blocks of entries ((V + 1) block,), to the last one."""
    absent = entries[policy.size * block :]
    for k in range(block):
        absent[k] = policy[0] * entries[k]
    for v in range(1, policy.size):
        weight, own = policy[v], entries[v * block : (v + 1) * block]
        for k in range(block):
            absent[k] += weight * own[k]


@jit
def action_values(table, out):
    """Q_t(v) - E R with Q_t(v) = E[R | s_t = v], to out (T, V), from a whole table."""
    length, vocabulary = out.shape
    last = table.size - 1
    stride = table.size
    for t in range(length):
        stride //= vocabulary + 1
        for v in range(vocabulary):
            out[t, v] = table[last - (vocabulary - v) * stride] - table[last]


@jit
def coalition_value(tokens, rollout, members, blank, vocabulary, table):
    """The entry of a coalition of a rollout's tokens.

    Args:
        tokens: uint64 (T, L).
        rollout: which column of it.
        members: bit t is 1 if position t is of the coalition.
        blank: the digit of those that are not: V for tokens drawn from the policy.
        vocabulary: V.
        table: ((V + 1)^T,).
    """
    place = blank * ((table.size - 1) // vocabulary)
    stride = table.size
    for t in range(tokens.shape[0]):
        stride //= vocabulary + 1
        if (members >> t) & 1:
            place += (np.int64(tokens[t, rollout]) - blank) * stride
    return table[place]
