"""Credit by a linear reward model of tokens, fitted to the batch."""

import numpy as np

from sdposim.model import parts
from sdposim.model.numerics.jit import jit
from sdposim.model.score import credited

SEES = ("gram",)
COST = 2.9


class Settings(parts.Settings):
    """What `regression` reads."""

    ridge: float = parts.field(
        1.0,
        "Weight of the sum of theta^2 in the fit, whose squared errors are summed. A smaller one "
        "than is allowed loses too many digits.",
        ge=1e-3,
        le=1e6,
    )


@jit
def regression(settings, landscape, run, key, step, advantages, work, out):
    """The score with A_it = theta_t(s_it) - E_pi theta_t, of the token in its context.

    theta and c minimise sum_i (A_i - c - sum_t theta_t(s_it))^2 + ridge sum theta^2 for the
    rollouts' advantages A_i, so that it learns from any signal and knows nothing else. As the batch
    grows, a factored policy's credit tends to Q_t(s_t) - E R, the first-order part of R; with few
    rollouts it is shrunk, and fits the noise of those that it is given to.
    """
    values, dual, count = work.credit_values, work.moment, run.rollouts
    fill(work.tokens, work.contexts, settings.ridge, work.highest, work.gram)
    mean = 0.0
    for i in range(count):
        mean += advantages[i]
    for i in range(count):
        dual[i] = advantages[i] - mean / count
    solve(work.gram, dual)
    # The dual variables sum to 0, as their right side does: features need no centring here.
    values[:] = 0.0
    for i in range(count):
        for t in range(work.tokens.shape[0]):
            values[work.contexts[t, i], work.tokens[t, i]] += dual[i]
    for c in range(values.shape[0]):
        expected = 0.0
        for v in range(values.shape[1]):
            expected += work.probabilities[c, v] * values[c, v]
        for v in range(values.shape[1]):
            values[c, v] -= expected
    for t in range(work.tokens.shape[0]):
        for i in range(count):
            work.local[t, i] = values[work.contexts[t, i], work.tokens[t, i]]
    credited(count, work, out)


@jit
def fill(tokens, contexts, ridge, means, gram):
    """The dual form's matrix, H K H + ridge: K counts tokens that two rollouts share in a context.

    H subtracts means, which is what a constant without a penalty comes to.

    Args:
        tokens, contexts: uint64 (T, L).
        ridge: added to the diagonal.
        means: (L,), overwritten.
        gram: (n, n), written.
    """
    count = gram.shape[0]
    whole = 0.0
    for i in range(count):
        row = gram[i]
        row[:] = 0.0
        for t in range(tokens.shape[0]):
            own, where, token, context = tokens[t], contexts[t], tokens[t, i], contexts[t, i]
            for j in range(count):
                row[j] += 1.0 if own[j] == token and where[j] == context else 0.0
        total = 0.0
        for j in range(count):
            total += row[j]
        means[i] = total / count
        whole += means[i] / count
    for i in range(count):
        for j in range(count):
            gram[i, j] += whole - means[i] - means[j]
        gram[i, i] += ridge


@jit
def solve(matrix, x):
    """Solve matrix y = x by Cholesky's decomposition, in a fixed order of operations.

    Args:
        matrix: (n, n), symmetric and positive definite; its lower triangle is overwritten.
        x: (L,), of which the first n are overwritten by y.
    """
    count = matrix.shape[0]
    for i in range(count):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= matrix[i, k] * matrix[j, k]
            matrix[i, j] = total / matrix[j, j] if j < i else np.sqrt(total)
        for k in range(i):
            x[i] -= matrix[i, k] * x[k]
        x[i] /= matrix[i, i]
    for i in range(count - 1, -1, -1):
        for k in range(i + 1, count):
            x[i] -= matrix[k, i] * x[k]
        x[i] /= matrix[i, i]
