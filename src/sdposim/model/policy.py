"""Section 2.1, the policy: categorical distributions by context, and sampling from them.

The context of a token is its position in the paper's factored policy, so C = T. A first-order
autoregressive policy has a row of logits for each token that may stand before it: C = T V, row
t V + u after token u; at the first position nothing stands before, and only row 0 is ever visited.
"""

import numpy as np

from sdposim.model.numerics.arithmetic import exp, log
from sdposim.model.numerics.jit import inline, jit
from sdposim.model.numerics.randomness import Purpose, key, normals

# Counting comparisons vectorises; beyond this many tokens a binary search takes less time.
_COUNTING_LIMIT = 64


FACTORED, AUTOREGRESSIVE = "position", "previous_token"


def contexts(settings: dict) -> int:
    """C, the number of rows of a setting's policy."""
    landscape = settings["landscape"]
    each = {FACTORED: 1, AUTOREGRESSIVE: landscape["vocabulary_size"]}
    return landscape["sequence_length"] * each[settings["policy"]["context"]]


@inline
def rows_of(table, length):
    """How many contexts each position has, of a table (C, V): 1, or V. No slow division."""
    return 1 if table.shape[0] == length else table.shape[1]


def initial_logits(settings: dict, seed: int) -> np.ndarray:
    """Initial logits ~ N(0, initial_logit_sd^2), float64 of shape (C, V), for a cell's seed."""
    out = np.empty((contexts(settings), settings["landscape"]["vocabulary_size"]))
    scale = float(settings["policy"]["initial_logit_sd"])
    with np.errstate(over="ignore"):  # its words wrap round
        draw_logits(key(Purpose.INITIAL_LOGITS, seed), scale, np.empty(out.size), out)
    return out


@jit
def draw_logits(key, scale, deviates, logits):
    """Fill logits (C, V) with N(0, scale^2); deviates (C * V,) are overwritten."""
    normals(key, 0, deviates)
    rows, vocabulary = logits.shape
    for c in range(rows):
        for v in range(vocabulary):
            logits[c, v] = scale * deviates[c * vocabulary + v]


@jit
def softmax(logits, probabilities, log_normalisers):
    """pi(v in context c) = softmax(l_c)_v, safe for logits of any size.

    Args:
        logits: (C, V).
        probabilities: (C, V), written.
        log_normalisers: (C,), written: log sum_v exp(l_cv).
    """
    for c in range(logits.shape[0]):
        row, out = logits[c], probabilities[c]
        highest = row[0]
        for v in range(1, row.size):
            highest = row[v] if row[v] > highest else highest
        for v in range(row.size):
            out[v] = row[v] - highest
        log_normalisers[c] = highest
    flat = probabilities.flat  # one long loop keeps the pipelines full, short ones do not
    for k in range(probabilities.size):
        flat[k] = exp(flat[k])
    for c in range(logits.shape[0]):
        out = probabilities[c]
        total = 0.0
        for v in range(out.size):
            total += out[v]
        for v in range(out.size):
            out[v] /= total
        log_normalisers[c] += log(total)


@jit
def log_softmax(logits, out):
    """The logarithms of softmax(logits), (V,), to out (V,): the bits of `softmax`."""
    highest = logits[0]
    for v in range(1, logits.size):
        highest = logits[v] if logits[v] > highest else highest
    total = 0.0
    for v in range(logits.size):
        total += exp(logits[v] - highest)
    normaliser = highest + log(total)
    for v in range(logits.size):
        out[v] = logits[v] - normaliser


@jit
def sample(probabilities, uniform, count, cumulative, tokens):
    """Sample `count` sequences of a factored policy by inverting cumulative distributions.

    The token is the smallest v with u < pi_0 + ... + pi_v; the last one if there is none.

    Args:
        probabilities: (T, V).
        uniform: (T, L), deviates in [0, 1).
        count: how many columns to sample.
        cumulative: (V + 7,), overwritten.
        tokens: uint64 (T, L), written.
    """
    length, vocabulary = probabilities.shape
    for t in range(length):
        total = 0.0
        for v in range(vocabulary - 1):
            total += probabilities[t, v]
            cumulative[v] = total
        if vocabulary <= _COUNTING_LIMIT:
            cumulative[vocabulary - 1 :] = 1.0  # no deviate reaches it
            count_bounds(cumulative, vocabulary - 1, uniform[t], count, tokens[t])
        else:
            bounds, chosen, deviates = cumulative[: vocabulary - 1], tokens[t], uniform[t]
            for i in range(count):
                chosen[i] = np.searchsorted(bounds, deviates[i], side="right")


@inline
def count_bounds(bounds, size, deviates, count, out):
    """How many of the first `size` bounds each of `count` deviates reaches, to out.

    Eight bounds at a time, held in registers; `bounds` is padded to a multiple of eight.
    """
    for i in range(count):
        out[i] = np.uint64(0)
    for first in range(0, size, 8):
        b0, b1, b2, b3 = bounds[first], bounds[first + 1], bounds[first + 2], bounds[first + 3]
        b4, b5, b6, b7 = bounds[first + 4], bounds[first + 5], bounds[first + 6], bounds[first + 7]
        for i in range(count):
            u = deviates[i]
            low = _reaches(u, b0) + _reaches(u, b1) + _reaches(u, b2) + _reaches(u, b3)
            high = _reaches(u, b4) + _reaches(u, b5) + _reaches(u, b6) + _reaches(u, b7)
            out[i] += low + high


@inline
def _reaches(deviate, bound):
    return np.uint64(deviate >= bound)


@jit
def sample_chains(probabilities, uniform, count, bounds, contexts, tokens, visits):
    """As `sample`, of an autoregressive policy: each token by the row of the one before it.

    Args:
        probabilities: (C, V).
        uniform, count, tokens: as there.
        bounds: (C, V), overwritten.
        contexts: uint64 (T, L), written: the row of each token.
        visits: (C,), written: the share of the rollouts that came by.
    """
    length = tokens.shape[0]
    vocabulary = probabilities.shape[1]
    visits[:] = 0.0
    for t in range(length):
        first, own, chosen, deviates = t * vocabulary, contexts[t], tokens[t], uniform[t]
        for i in range(count):
            own[i] = np.uint64(first) + (tokens[t - 1, i] if t > 0 else np.uint64(0))
            visits[own[i]] += 1.0
        for c in range(first, first + vocabulary):
            if visits[c] > 0.0:
                total = 0.0
                for v in range(vocabulary - 1):
                    total += probabilities[c, v]
                    bounds[c, v] = total
                bounds[c, vocabulary - 1] = 1.0  # no deviate reaches it
        for i in range(count):
            row, u = bounds[own[i]], deviates[i]
            if vocabulary <= _COUNTING_LIMIT:
                reached = np.uint64(0)
                for v in range(vocabulary):
                    reached += _reaches(u, row[v])
                chosen[i] = reached
            else:
                chosen[i] = np.searchsorted(row[: vocabulary - 1], u, side="right")
    for c in range(visits.size):
        visits[c] /= count


@jit
def occupy(probabilities, length, out):
    """How likely an autoregressive policy comes by each of its contexts, exactly, to out (C,).

    It sums to 1 at each position.
    """
    rows = vocabulary = probabilities.shape[1]
    out[:] = 0.0
    out[0] = 1.0
    for t in range(1, length):
        for row in range((t - 1) * rows, t * rows):
            for v in range(vocabulary):
                out[t * rows + v] += out[row] * probabilities[row, v]


@jit
def entropy(logits, probabilities, log_normalisers, occupancy, length):
    """Section 2.6: Shannon entropy in nats of a sequence, per position; at most log V.

    By the chain rule it is the sum over contexts of their `occupancy` times their own entropy.
    """
    contexts, vocabulary = logits.shape
    total = 0.0
    for c in range(contexts):
        expected_logit = 0.0
        for v in range(vocabulary):
            expected_logit += probabilities[c, v] * logits[c, v]
        total += occupancy[c] * (log_normalisers[c] - expected_logit)
    return total / length
