"""The same training in vectorised NumPy: what the kernel's speed is measured against.

As fast as plain NumPy was made: no Python loop but the one over steps, everything that does not
depend on the policy computed before it, everything that no update needs computed after it, rollouts
along the contiguous axis, and the teacher as pi exp(beta f (q - h)) renormalised. `train` has the
signature of the one in `tests/reference.py`, and `tests/test_reference.py` holds the two together.
Run as a program it prints the time of one cell.
"""

import copy
import math
import time

import numpy as np

# The readings of equations 4 to 6 that are trained here: as printed.
PRINTED = {
    "sequence": {"direction": "printed"},
    "quality_share": {
        "direction": "printed",
        "mean": "policy",
        "share": "signed",
        "epsilon": 1e-8,
        "estimate_sd": 0.0,
    },
}


def _feedback(kind, observed, settings):
    """Feedback f (n,) for observed rewards (n,), section 2.2."""
    if kind == "binary":
        return (observed > settings["threshold"]["cut"]).astype(np.float64)
    if kind == "ordinal":
        levels = settings["likert"]["levels"]
        scores = levels * np.minimum(np.maximum(observed, 0.0), 1.0)
        index = np.minimum(np.floor(scores), levels - 1)  # level - 1
        if settings["likert"]["origin"] == "fraction":
            return (index + 1.0) / levels
        return index / (levels - 1)
    return np.minimum(np.maximum(observed, 0.0), 1.0) if settings["interval"]["clip"] else observed


def _teacher_shift(setting, feedback, arrays):
    """beta (q - h), and whether rollouts differ in it: (steps, T, V, n) if so, else (T, V, 1)."""
    quality, settings = arrays["q"], setting["judge"]["normal"]
    per_rollout = feedback == "critique" and settings["draw"] == "rollout"
    if feedback == "critique":
        hints = settings["sd"] * arrays["hints"]
        quality = quality - (hints if settings["shape"] == "token" else hints[..., None])
    quality = setting["update"]["oracle"]["strength"] * quality
    if per_rollout:
        return np.ascontiguousarray(quality.transpose(0, 2, 3, 1)), True
    return quality[:, :, None], False


def _correlation(x, y):
    """Pearson correlation over V of x and y (steps, T, V), 0 where one is flat, averaged over T.

    What counts as flat: see `token_credit` in `tests/reference.py`.
    """
    dx = x - x.mean(axis=2, keepdims=True)
    dy = y - y.mean(axis=2, keepdims=True)
    spread_x, spread_y = np.sqrt((dx * dx).sum(axis=2)), np.sqrt((dy * dy).sum(axis=2))
    varies = (spread_x > 1e-5) & (spread_y > 1e-12)
    scale = np.where(varies, spread_x * spread_y, np.inf)
    return ((dx * dy).sum(axis=2) / scale).mean(axis=1)


def train(setting, method, feedback, noise, arrays, regularised=True):
    """Train one cell; arguments, arrays and result as in `tests/reference.py`.

    `method` and `feedback` are the paper's, by name; without `regularised` no lambda term.
    """
    steps, rollouts = setting["training"]["steps"], setting["training"]["rollouts"]
    parameters = setting["update"]
    threshold = parameters["gate"]["threshold"]
    q, b = arrays["q"], arrays["b"]
    length, vocabulary = q.shape
    logits = np.array(arrays["initial_logits"], dtype=np.float64)
    dense, sparse = method in ("sdpo", "hybrid"), method != "sdpo"

    # Flat tables: a gather with one index array is several times faster than with two.
    positions = np.arange(length)
    token_score = q.copy()
    token_score[positions, arrays["target"]] += setting["landscape"]["pattern_weight"]
    token_score, pair_score, flat_q = token_score.ravel(), b.ravel(), q.ravel()
    row = (positions * vocabulary)[:, None]
    # Rollouts last, so that sums over tokens and positions run along whole rows.
    uniforms = np.ascontiguousarray(arrays["uniforms"].transpose(0, 2, 1))[:, :, None, :]
    observation_noise = noise * arrays["noise"]
    if dense:
        shifts, per_rollout = _teacher_shift(setting, feedback, arrays)
        columns = np.empty((length, rollouts, 1 if per_rollout else 2))

    log = {name: np.full(steps, np.nan) for name in ("hybrid_weight", "teacher_kl")}
    rewards_log = np.empty((steps, rollouts))
    logits_log, policy_log, gradient_log = np.empty((3, steps, length, vocabulary))

    for step in range(steps):
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        policy = weights / weights.sum(axis=1, keepdims=True)
        if step == 0:
            reference_policy = policy

        # The last token takes what rounding leaves over, so its cumulative value is never compared.
        cumulative = policy[:, :-1].cumsum(axis=1)[:, :, None]
        tokens = (uniforms[step] >= cumulative).sum(axis=1)
        places = tokens + row
        scores = token_score.take(places).sum(axis=0)
        scores += pair_score.take(tokens[:-1] * vocabulary + tokens[1:]).sum(axis=0)
        rewards = 1.0 / (1.0 + np.exp(scores / -length))

        if dense:
            f = _feedback(feedback, rewards + observation_noise[step], setting["judge"])
            shift = (shifts[step] if per_rollout else shifts) * f
            tilted = np.exp(shift)
            tilted *= policy[:, :, None]
            total = tilted.sum(axis=1)
            # sum_i teacher_i and, where q - h is shared, sum_i f_i teacher_i, in one product.
            np.divide(1.0, total, out=columns[:, :, 0])
            if per_rollout:
                expected = ((tilted * shift).sum(axis=1) * columns[:, :, 0]).sum()
                teachers = np.matmul(tilted, columns)
            else:
                np.multiply(columns[:, :, 0], f, out=columns[:, :, 1])
                teachers = np.matmul(tilted, columns)
                expected = (teachers[:, :, 1] * shifts[:, :, 0]).sum()
            divergence = (expected - np.log(total).sum()) / (rollouts * length)
            log["teacher_kl"][step] = divergence
            gradient = policy - teachers[:, :, 0] / rollouts
        if sparse:
            advantages = rewards - rewards.sum() / rollouts
            if method == "adv_weighted":
                quality = flat_q.take(places) - (policy * q).sum(axis=1, keepdims=True)
                spread = np.abs(quality).sum(axis=0) + parameters["quality_share"]["epsilon"]
                credits = quality * (advantages / spread)
            else:
                credits = np.broadcast_to(advantages, (length, rollouts))
            chosen = np.bincount(places.ravel(), credits.ravel(), length * vocabulary)
            surplus = credits.sum(axis=1, keepdims=True) * policy
            sparse_gradient = (surplus - chosen.reshape(length, vocabulary)) / rollouts
            if method == "hybrid":
                weight = 1.0 / (1.0 + math.exp((divergence - threshold) / (threshold / -3.0)))
                log["hybrid_weight"][step] = weight
                gradient = weight * gradient + (1.0 - weight) * sparse_gradient
            else:
                gradient = sparse_gradient
        if regularised:
            gradient = gradient + parameters["pull"]["weight"] * (policy - reference_policy)

        rewards_log[step] = rewards
        logits_log[step], policy_log[step], gradient_log[step] = logits, policy, gradient
        logits = logits - setting["training"]["learning_rate"] * gradient

    # What no update needs is measured for all steps at once.
    log["reward"] = rewards_log.mean(axis=1)
    shifted = logits_log - logits_log.max(axis=2, keepdims=True)
    normaliser = np.log(np.exp(shifted).sum(axis=2))
    log["entropy"] = (normaliser - (policy_log * shifted).sum(axis=2)).mean(axis=1)
    advantage = q - (policy_log * q).sum(axis=2, keepdims=True)
    log["credit_correlation"] = _correlation(-gradient_log, advantage)
    return {**log, "logits": logits}


def example(steps=300, rollouts=32, length=6, vocabulary=8, seed=0):
    """The paper's setting and the arrays of one cell, with hints per rollout and token."""
    setting = {
        "landscape": {"pattern_weight": 0.35},
        "judge": {
            "interval": {"clip": True},
            "threshold": {"cut": 0.5},
            "likert": {"levels": 5, "origin": "fraction"},
            "normal": {"sd": 0.4, "shape": "token", "draw": "rollout"},
        },
        "update": {
            "oracle": {"strength": 2.0},
            "gate": {"threshold": 0.15},
            "pull": {"weight": 0.01},
        }
        | copy.deepcopy(PRINTED),
        "training": {"steps": steps, "rollouts": rollouts, "learning_rate": 0.02},
    }
    rng = np.random.default_rng(seed)
    arrays = {
        "q": rng.standard_normal((length, vocabulary)),
        "b": 0.2 * rng.standard_normal((vocabulary, vocabulary)),
        "target": rng.integers(vocabulary, size=length),
        "initial_logits": 0.1 * rng.standard_normal((length, vocabulary)),
        "uniforms": rng.random((steps, rollouts, length)),
        "noise": rng.standard_normal((steps, rollouts)),
        "hints": rng.standard_normal((steps, rollouts, length, vocabulary)),
        "estimates": np.zeros((steps, rollouts, length)),
    }
    return setting, arrays


def milliseconds(method="sdpo", feedback="continuous", noise=0.0, repeats=15):
    """Milliseconds for one cell of the paper's size: the best of `repeats` runs."""
    setting, arrays = example()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        train(setting, method, feedback, noise, arrays)
        times.append(time.perf_counter() - start)
    return 1000.0 * min(times)


if __name__ == "__main__":
    print(f"vectorised NumPy, one sdpo/continuous cell: {milliseconds():.1f} ms")
