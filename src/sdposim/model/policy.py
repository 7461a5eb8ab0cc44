"""Section 2.1, the policy: independent categorical distributions, and sampling from them."""

import numpy as np

from sdposim.numerics.arithmetic import exp, log
from sdposim.numerics.jit import inline, jit
from sdposim.numerics.randomness import Purpose, key, normals

# Counting comparisons vectorises; beyond this many tokens a binary search takes less time.
_COUNTING_LIMIT = 64


def initial_logits(settings: dict, seed: int) -> np.ndarray:
    """Initial logits ~ N(0, initial_logit_sd^2), float64 of shape (T, V), for a cell's seed."""
    length = settings["landscape"]["sequence_length"]
    vocabulary = settings["landscape"]["vocabulary_size"]
    out = np.empty((length, vocabulary))
    scale = float(settings["policy"]["initial_logit_sd"])
    with np.errstate(over="ignore"):  # its words wrap round
        draw_logits(key(Purpose.INITIAL_LOGITS, seed), scale, np.empty(out.size), out)
    return out


@jit
def draw_logits(key, scale, deviates, logits):
    """Fill logits (T, V) with N(0, scale^2); deviates (T * V,) are overwritten."""
    normals(key, 0, deviates)
    length, vocabulary = logits.shape
    for t in range(length):
        for v in range(vocabulary):
            logits[t, v] = scale * deviates[t * vocabulary + v]


@jit
def softmax(logits, probabilities, log_normalisers):
    """pi(s_t = v) = softmax(l_t)_v, safe for logits of any size.

    Args:
        logits: (T, V).
        probabilities: (T, V), written.
        log_normalisers: (T,), written: log sum_v exp(l_tv).
    """
    for t in range(logits.shape[0]):
        row, out = logits[t], probabilities[t]
        highest = row[0]
        for v in range(1, row.size):
            highest = row[v] if row[v] > highest else highest
        for v in range(row.size):
            out[v] = row[v] - highest
        log_normalisers[t] = highest
    flat = probabilities.flat  # one long loop keeps the pipelines full, T short ones do not
    for k in range(probabilities.size):
        flat[k] = exp(flat[k])
    for t in range(logits.shape[0]):
        out = probabilities[t]
        total = 0.0
        for v in range(out.size):
            total += out[v]
        for v in range(out.size):
            out[v] /= total
        log_normalisers[t] += log(total)


@jit
def sample(probabilities, uniform, count, cumulative, tokens):
    """Sample `count` sequences by inverting each position's cumulative distribution.

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
def entropy(logits, probabilities, log_normalisers):
    """Section 2.6: Shannon entropy in nats, averaged over positions; at most log V."""
    length, vocabulary = logits.shape
    total = 0.0
    for t in range(length):
        expected_logit = 0.0
        for v in range(vocabulary):
            expected_logit += probabilities[t, v] * logits[t, v]
        total += log_normalisers[t] - expected_logit
    return total / length
