"""The same training in JAX: jit, scan over steps, vmap over cells, float64.

Written with whole arrays as JAX wants it; the random words are the kernel's, drawn inside the
compiled program, so that the logs can be compared.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)


def _words(key, first, count):
    """Words first..first+count-1 of SplitMix64; key (2,) uint64."""
    z = key[0] + (first + jnp.arange(1, count + 1, dtype=jnp.uint64)) * key[1]
    z = (z ^ (z >> 30)) * jnp.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> 27)) * jnp.uint64(0x94D049BB133111EB)
    return z ^ (z >> 31)


def _uniforms(key, first, count):
    return (_words(key, first, count) >> 12).astype(jnp.float64) * 2.0**-52


def _normals(key, first, rows, count):
    """Box and Muller's deviates (rows, count), ceil(count / 2) words a row."""
    half = (count + 1) // 2
    words = _words(key, first, rows * half).reshape(rows, half)
    radius = jnp.sqrt(-2 * jnp.log(((words >> 32).astype(jnp.float64) + 0.5) * 2.0**-32))
    angle = (words & jnp.uint64(0xFFFFFFFF)).astype(jnp.float64) * (2.0**-31 * np.pi)
    pair = (radius * jnp.cos(angle), radius * jnp.sin(angle))
    return jnp.concatenate(pair, axis=1)[:, :count]


def _levels(kind, observed, judge):
    """Distinct feedback values f (L,) and the number of rollouts with each, (L,)."""
    if kind == "binary":
        passed = (observed > judge["threshold"]["cut"]).sum()
        return jnp.array([0.0, 1.0]), jnp.array([observed.size - passed, passed], jnp.float64)
    clipped = jnp.clip(observed, 0.0, 1.0)
    if kind == "ordinal":
        count = judge["likert"]["levels"]
        level = jnp.minimum((clipped * count).astype(jnp.int64), count - 1)
        weights = (level[:, None] == jnp.arange(count)).sum(axis=0).astype(jnp.float64)
        return jnp.arange(1, count + 1) / count, weights
    return clipped, jnp.ones_like(clipped)


def _correlation(x, y):
    """Pearson correlation over tokens, averaged over positions; 0 where one is flat."""
    dx, dy = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    spread_x, spread_y = jnp.sqrt((dx * dx).sum(axis=1)), jnp.sqrt((dy * dy).sum(axis=1))
    varies = (spread_x > 1e-5) & (spread_y > 1e-12)
    return jnp.where(varies, (dx * dy).sum(axis=1) / (spread_x * spread_y), 0.0).mean()


def _sdpo(setting, feedback, guidance, policy, observed):
    """Equation 3 for guidance (T, V, 1 or n): the direction (T, V) and the divergence."""
    values, weights = _levels(feedback, observed, setting["judge"])
    strength = setting["update"]["oracle"]["strength"] * values
    raised = policy[:, :, None] * jnp.exp(strength * guidance)
    total = raised.sum(axis=1)
    guided = (raised * guidance).sum(axis=1)
    size = observed.size
    divergence = (weights * (strength * guided / total - jnp.log(total))).sum()
    direction = (raised * (weights / total)[:, None, :]).sum(axis=2) / size - policy
    return direction, divergence / (size * policy.shape[0])


def _score(tokens, credit, policy):
    """Mean over rollouts of credit (T, n) times the score, (T, V)."""
    chosen = tokens[:, :, None] == jnp.arange(policy.shape[1])
    sums = jnp.where(chosen, credit[:, :, None], 0.0).sum(axis=1)
    return (sums - credit.sum(axis=1, keepdims=True) * policy) / tokens.shape[1]


def trainer(
    setting: dict, method: str, feedback: str, noise: float, inputs: dict
) -> Callable[[], np.ndarray]:
    """A function that trains a batch of cells and returns their logs (cells, steps, 5).

    Args:
        setting, method, feedback, noise: as for `native.trainer`.
        inputs: `q`, `b`, `target` of the landscape, and of each cell, along the first axis,
            `initial_logits` and the keys `rollouts`, `noise`, `hints`.
    """
    q, b = jnp.asarray(inputs["q"]), jnp.asarray(inputs["b"])
    length, vocabulary = q.shape
    update, count = setting["update"], setting["training"]["rollouts"]
    half = (count + 1) // 2
    values = q.at[jnp.arange(length), inputs["target"]].add(setting["landscape"]["pattern_weight"])

    def step(keys, reference, logits, index):
        normaliser = jax.nn.logsumexp(logits, axis=1, keepdims=True)
        policy = jnp.exp(logits - normaliser)
        advantage = q - (policy * q).sum(axis=1, keepdims=True)
        uniform = _uniforms(keys["rollouts"], index * length * count, length * count)
        bounds = jnp.cumsum(policy, axis=1)[:, None, :-1]
        tokens = (uniform.reshape(length, count, 1) >= bounds).sum(axis=2)
        scores = jnp.take_along_axis(values, tokens, axis=1).sum(axis=0)
        scores += b[tokens[:-1], tokens[1:]].sum(axis=0)
        rewards = jax.nn.sigmoid(scores / length)
        observed = rewards
        if noise > 0:
            observed += noise * _normals(keys["noise"], index * half, 1, count)[0]
        weight = divergence = jnp.nan
        if method in ("sdpo", "hybrid"):
            guidance = q[:, :, None]
            if feedback == "critique":
                rows = length * vocabulary
                hints = _normals(keys["hints"], index * (rows * half), rows, count)
                guidance -= setting["judge"]["normal"]["sd"] * hints.reshape(*q.shape, count)
            direction, divergence = _sdpo(setting, feedback, guidance, policy, observed)
        if method != "sdpo":
            credit = jnp.broadcast_to(rewards - rewards.mean(), tokens.shape)
            if method == "adv_weighted":
                local = jnp.take_along_axis(advantage, tokens, axis=1)
                spread = jnp.abs(local).sum(axis=0) + update["quality_share"]["epsilon"]
                credit = credit * local / spread
            score = _score(tokens, credit, policy)
            direction = score if method != "hybrid" else direction
        if method == "hybrid":
            tau = update["gate"]["threshold"]
            weight = jax.nn.sigmoid((divergence - tau) / (tau / 3))
            direction = weight * direction + (1 - weight) * score
        direction -= update["pull"]["weight"] * (policy - reference)
        entropy = (normaliser[:, 0] - (policy * logits).sum(axis=1)).mean()
        metrics = (rewards.mean(), entropy, _correlation(direction, advantage), weight, divergence)
        return logits + setting["training"]["learning_rate"] * direction, jnp.stack(metrics)

    @jax.jit
    @jax.vmap
    def train(keys, logits):
        reference = jax.nn.softmax(logits, axis=1)
        indices = jnp.arange(setting["training"]["steps"], dtype=jnp.uint64)
        return jax.lax.scan(lambda at, index: step(keys, reference, at, index), logits, indices)[1]

    keys = {name: jnp.asarray(inputs[name]) for name in ("rollouts", "noise", "hints")}
    logits = jnp.asarray(inputs["initial_logits"])
    return lambda: np.asarray(train(keys, logits))
