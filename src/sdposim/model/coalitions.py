"""What coalitions of a sequence's tokens are worth: E[R | s_S], exactly.

A flat table of (V + 1)^T numbers holds it for every coalition S of positions and every assignment
of tokens to it. Entry sum_t d_t (V + 1)^(T-1-t) has digit d_t < V where position t has this token,
and digit V where it is absent, that is, drawn from the policy; the last entry is E R. The entries
without absent tokens are the rewards of eq. 1, which no step changes. An autoregressive policy's
table has prefixes alone: entries whose absent tokens are the last ones.
"""

import numpy as np

from sdposim.model.numerics.arithmetic import sigmoid
from sdposim.model.numerics.jit import jit
from sdposim.model.policy import rows_of


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
def marginalise(probabilities, length, table):
    """Fill the entries with absent tokens, from those without.

    Of an autoregressive policy those of prefixes. Axis by axis, from the last one: an entry gets
    its value when its first absent position is averaged out, from entries that have theirs by
    then; what it was given before is overwritten.

    Args:
        probabilities: pi, (C, V).
        length: T.
        table: ((V + 1)^T,), in place.
    """
    vocabulary = probabilities.shape[1]
    if probabilities.shape[0] > length:
        _average_prefixes(probabilities, length, table)
        return
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
def _average_prefixes(probabilities, length, table):
    """E[R | s_<=t] of each prefix, the longest first. Those of prefixes with a gap mean nothing."""
    vocabulary = probabilities.shape[1]
    digits = vocabulary + 1
    block = 1  # entries that share a prefix of t + 1 tokens
    prefixes = table.size // digits
    for t in range(length - 1, -1, -1):
        for prefix in range(prefixes):
            before = prefix % digits if t > 0 else 0
            if before == vocabulary:
                continue
            policy, total = probabilities[t * vocabulary + before], 0.0
            for v in range(vocabulary):
                total += policy[v] * table[(prefix * digits + v + 1) * block - 1]
            table[(prefix + 1) * block * digits - 1] = total
        block *= digits
        prefixes //= digits


@jit
def action_values(probabilities, occupancy, length, table, chances, out):
    """Q(c, v) - V(c), the exact advantages in each context, to out (C, V).

    Q(c, v) = E[R | context c, s_t = v] and V(c) = E[R | context c]: E R of a factored policy. 0 in
    contexts that the policy cannot come by.

    Args:
        probabilities: pi, (C, V).
        occupancy: (C,), from `policy.occupy`.
        length: T.
        table: ((V + 1)^T,), from `marginalise`.
        chances: ((V + 1)^(T-1),), overwritten; of a factored policy (1,).
        out: (C, V), written.
    """
    if rows_of(out, length) > 1:
        _values_by_prefix(probabilities, occupancy, length, table, chances, out)
        return
    vocabulary = out.shape[1]
    last = table.size - 1
    stride = table.size
    for t in range(length):
        stride //= vocabulary + 1
        for v in range(vocabulary):
            out[t, v] = table[last - (vocabulary - v) * stride] - table[last]


@jit
def _values_by_prefix(probabilities, occupancy, length, table, chances, out):
    """The same of an autoregressive policy: a mean over the prefixes that lead to a context."""
    vocabulary = out.shape[1]
    digits = vocabulary + 1
    out[:] = 0.0
    chances[0] = 1.0
    block, prefixes = table.size, 1  # entries that share a prefix of t tokens; how many of these
    for t in range(length):
        inner = block // digits
        for prefix in range(prefixes):
            before = prefix % digits if t > 0 else 0
            chance = chances[prefix]
            if chance > 0.0:  # prefixes with a gap have none
                row, value = out[t * vocabulary + before], table[(prefix + 1) * block - 1]
                for v in range(vocabulary):
                    row[v] += chance * (table[(prefix * digits + v + 1) * inner - 1] - value)
        if t + 1 < length:
            _lengthen(probabilities, t, prefixes, chances)
        block, prefixes = inner, prefixes * digits
    for c in range(out.shape[0]):
        for v in range(vocabulary):
            out[c, v] = out[c, v] / occupancy[c] if occupancy[c] > 0.0 else 0.0


@jit
def _lengthen(probabilities, t, prefixes, chances):
    """From the probabilities of prefixes of t tokens to those of t + 1, in place."""
    vocabulary = probabilities.shape[1]
    digits = vocabulary + 1
    for prefix in range(prefixes - 1, -1, -1):  # they spread out, those behind first
        before = prefix % digits if t > 0 else 0
        chance = chances[prefix]
        chances[prefix * digits + vocabulary] = 0.0
        for v in range(vocabulary):
            # A prefix with a gap has chance 0, whichever row that is.
            own = probabilities[t * vocabulary + min(before, vocabulary - 1), v]
            chances[prefix * digits + v] = chance * own


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
