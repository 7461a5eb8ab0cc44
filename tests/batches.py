"""Steps of the kernel, as plain Python, with a batch that a test makes up."""

from types import SimpleNamespace

import numpy as np

import reference
from sdposim.model import terms
from sdposim.model.cells import cell_keys, kernel_inputs
from sdposim.model.landscape import from_arrays
from sdposim.model.loop import prepare
from sdposim.model.numerics.randomness import Purpose
from sdposim.model.policy import occupy, softmax
from sdposim.model.workspace import Keys
from sdposim.workflow.configuration.settings import Setting


def shaped(length, vocabulary, rollouts, **training):
    made = Setting().model_dump()
    made["landscape"] |= {"sequence_length": length, "vocabulary_size": vocabulary}
    made["training"] |= {"rollouts": rollouts, "learning_rate": 1.0} | training
    return made


def step(method, tokens, said, logits, initial=None, rewards=None, quality=None):
    """One step with a batch of one's own: the descent direction, and what it leaves behind.

    `tokens` (n, T), `said` and `rewards` (n,), `quality` (T, V); `logits` and `initial` (T, V), or
    (T, V, V) of an autoregressive policy.
    """
    tokens, logits = np.asarray(tokens), np.asarray(logits, float)
    length, vocabulary = logits.shape[0], logits.shape[-1]
    made = shaped(length, vocabulary, len(tokens))
    if logits.ndim == 3:
        made["policy"]["context"] = "previous_token"
    flat = (-1, vocabulary)
    quality = np.zeros((length, vocabulary)) if quality is None else quality
    target = np.zeros(len(logits), np.int64)
    landscape = from_arrays(quality, np.zeros((vocabulary, vocabulary)), target, 0.0)
    *_, run, update, judge, work = kernel_inputs(made, method, {}, 0.0)
    own = cell_keys(made, np.array([0]))[0]
    keys = Keys(*(own[Purpose[name.upper()]] for name in Keys._fields))
    with np.errstate(over="ignore"):
        work.logits[:] = (logits if initial is None else np.asarray(initial)).reshape(flat)
        prepare(landscape, keys, update, judge, work)
        work.logits[:] = logits.reshape(flat)
        softmax(work.logits, work.probabilities, work.log_normalisers)
        work.tokens[:, : len(tokens)] = tokens.T
        if logits.ndim == 3:
            came_by(tokens, work)
        work.said[:] = said
        work.rewards[:] = said if rewards is None else rewards
        _, divergence = terms.direction(
            landscape, keys, run, update, judge, 0, 0, 0.0, np.mean(work.rewards), work
        )
    return SimpleNamespace(
        direction=work.direction.reshape(logits.shape).copy(),
        ratios=work.ratios[:, : len(tokens)].copy(),
        teacher=work.teacher[:, : len(tokens)].copy(), taught=work.taught.copy(),
        divergence=divergence,
    )  # fmt: skip


def came_by(tokens, work):
    """The contexts of an autoregressive policy that rollouts (n, T) met."""
    vocabulary = work.logits.shape[1]
    work.visits[:] = 0.0
    for i, own in enumerate(tokens):
        for t in range(len(own)):
            c = t * vocabulary + (own[t - 1] if t > 0 else 0)
            work.contexts[t, i] = c
            work.visits[c] += 1.0 / len(tokens)
    occupy(work.probabilities, tokens.shape[1], work.occupancy)


def differences(function, at, width=1e-5):
    """The gradient of a function of a table, by central differences."""
    found = np.empty_like(at)
    for index in np.ndindex(at.shape):
        values = []
        for sign in (1, -1):
            moved = at.copy()
            moved[index] += sign * width
            values.append(function(moved))
        found[index] = (values[0] - values[1]) / (2 * width)
    return found


def chance(logits, tokens):
    policy = reference.softmax(logits)
    met = zip(reference.met(policy, tokens), tokens, strict=True)
    return np.prod([policy[c][v] for c, v in met])


def logits_of(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)
