"""Advantages and credits beyond the paper's in plain NumPy, as `reference` has the paper's."""

import itertools
import math

import numpy as np

from reference import ADVANTAGES, CREDITS, context, met, reward, score_gradient, softmax

# --- Advantages ----------------------------------------------------------------------------------


def leave_one_out(rewards):
    """RLOO: a reward less the mean of the others; 0 where there is none."""
    others = [np.delete(rewards, i) for i in range(len(rewards))]
    return np.array(
        [r - np.mean(own) if own.size else 0.0 for r, own in zip(rewards, others, strict=True)]
    )


def standardised(rewards, ddof, epsilon):
    """GRPO: rewards less their mean, in units of their SD; 0 if they are equal."""
    if len(set(rewards)) == 1:
        return np.zeros(len(rewards))
    return (rewards - np.mean(rewards)) / (np.std(rewards, ddof=ddof) + epsilon)


ADVANTAGES |= {"leave_one_out": leave_one_out, "standardised": standardised}

# --- What coalitions are worth -------------------------------------------------------------------


def reward_table(q, b, target, pattern_weight):
    """Eq. 1 of every sequence, an array with an axis of length V for each position."""
    length, vocabulary = q.shape
    table = np.zeros((vocabulary,) * length)
    for t in range(length):
        own = q[t] + pattern_weight * (np.arange(vocabulary) == target[t])
        table += own.reshape([vocabulary if axis == t else 1 for axis in range(length)])
    for t in range(length - 1):
        table += b.reshape([vocabulary if axis in (t, t + 1) else 1 for axis in range(length)])
    return 1.0 / (1.0 + np.exp(-table / length))


def coalition_table(rewards, policy, coalition):
    """E[R | s_S] of a factored policy, an axis for each position of the coalition S in order."""
    for t in reversed(range(len(policy))):
        if t not in coalition:
            rewards = np.tensordot(rewards, policy[t], axes=(t, 0))
    return rewards


def table_of(batch):
    """The `reward_table` of a batch's landscape, made once."""
    if "reward_table" not in batch.kept:
        weight = batch.setting["landscape"]["pattern_weight"]
        batch.kept["reward_table"] = reward_table(batch.q, batch.b, batch.target, weight)
    return batch.kept["reward_table"]


def action_values(rewards, policy):
    """Q_c(v) - V_c, like the policy."""
    if policy.ndim == 3:
        return action_values_by_prefix(rewards, policy)
    mean = coalition_table(rewards, policy, ())
    return np.array([coalition_table(rewards, policy, (t,)) - mean for t in range(len(policy))])


def prefix_values(rewards, policy):
    """E[R | s_<=t] of every prefix of an autoregressive policy, an array for each t from 0 to T."""
    found = [rewards]
    for t in reversed(range(len(policy))):
        own = policy[0, 0] if t == 0 else policy[t]
        found.insert(0, np.sum(own * found[0], axis=-1))
    return found


def prefix_chances(policy):
    """P(s_<=t) of every prefix, likewise."""
    found = [np.array(1.0), policy[0, 0]]
    for own in policy[1:]:
        found.append(found[-1][..., None] * own)
    return found


def action_values_by_prefix(rewards, policy):
    """As `action_values`, of an autoregressive policy: means over what came before its contexts."""
    values, chances = prefix_values(rewards, policy), prefix_chances(policy)
    found = np.zeros(policy.shape)
    for t in range(len(policy)):
        gains = chances[t][..., None] * (values[t + 1] - values[t][..., None])
        if t == 0:
            found[0, 0] = gains
            continue
        earlier = tuple(range(t - 1))
        come_by = np.sum(chances[t], axis=earlier)
        possible = come_by > 0.0
        found[t, possible] = (np.sum(gains, axis=earlier) / np.maximum(come_by, 5e-324)[:, None])[
            possible
        ]
    return found


# --- Credits -------------------------------------------------------------------------------------


def exact_gradient(batch, advantages):
    """The gradient of -E R: -P(c) pi_c (Q_c - V_c)."""
    gradient = -batch.policy * action_values(table_of(batch), batch.policy)
    if batch.policy.ndim == 3:
        for t, chances in enumerate(prefix_chances(batch.policy)[:-1]):
            come_by = (
                np.sum(chances, axis=tuple(range(t - 1))) if t else np.eye(len(gradient[0]))[0]
            )
            gradient[t] *= come_by[:, None]
    return gradient


def action_value(batch, advantages):
    """A_t = Q_c(s_t) - V_c."""
    worth = action_values(table_of(batch), batch.policy)
    credits = [
        [worth[c][v] for c, v in zip(met(batch.policy, tokens), tokens, strict=True)]
        for tokens in batch.tokens
    ]
    return score_gradient(batch.policy, batch.tokens, np.array(credits))


def prefix_value(batch, advantages):
    """A_t = E[R | s_<=t] - E[R | s_<t]."""
    rewards, length = table_of(batch), len(batch.policy)
    if batch.policy.ndim == 3:
        tables = prefix_values(rewards, batch.policy)
    else:
        tables = [coalition_table(rewards, batch.policy, range(t)) for t in range(length + 1)]
    values = [
        [float(tables[t][tuple(tokens[:t])]) for t in range(length + 1)] for tokens in batch.tokens
    ]
    return score_gradient(batch.policy, batch.tokens, np.diff(values, axis=1))


def shapley_values(worth, length):
    """phi_t, (T,), by the definition, of what coalitions are worth: {positions: number}."""
    phi = np.zeros(length)
    for t in range(length):
        for own, value in worth.items():
            if t not in own:
                orders = math.factorial(len(own)) * math.factorial(length - len(own) - 1)
                gain = worth[tuple(sorted((*own, t)))] - value
                phi[t] += orders / math.factorial(length) * gain
    return phi


def coalitions(length):
    """All of them, as tuples of positions."""
    sizes = range(length + 1)
    return [own for size in sizes for own in itertools.combinations(range(length), size)]


def shapley(batch, advantages, absent, terminal):
    """SCAR's credit with exact Shapley values, of which a share is the rollout's advantage."""
    rewards, length = table_of(batch), len(batch.policy)
    found = coalitions(length)
    tables = {own: coalition_table(rewards, batch.policy, own) for own in found}
    credits = np.empty(batch.tokens.shape)
    for i, tokens in enumerate(batch.tokens):
        if absent == "policy":
            worth = {own: float(tables[own][tuple(tokens[list(own)])]) for own in found}
        else:  # token 0 stands where others are missing
            blanked = {own: [v if t in own else 0 for t, v in enumerate(tokens)] for own in found}
            worth = {own: rewards[tuple(blanked[own])] for own in found}
        credits[i] = (1.0 - terminal) * shapley_values(worth, length) + terminal * advantages[i]
    return score_gradient(batch.policy, batch.tokens, credits)


def counterfactuals(batch):
    """R(s) - E_x R(s with s_t = x), (n, T), x from the policy after the token before."""
    weight = batch.setting["landscape"]["pattern_weight"]
    found = np.empty(batch.tokens.shape)
    for i, tokens in enumerate(batch.tokens):
        for t in range(len(tokens)):
            chances = batch.policy[context(batch.policy, tokens, t)]
            expected = 0.0
            for x, chance in enumerate(chances):
                other = np.array(tokens)
                other[t] = x
                expected += chance * reward(other, batch.q, batch.b, batch.target, weight)
            found[i, t] = batch.rewards[i] - expected
    return found


def counterfactual(batch, advantages):
    """A_t = R(s) - E_x R(s with s_t = x)."""
    return score_gradient(batch.policy, batch.tokens, counterfactuals(batch))


def ridge_fit(policy, tokens, targets, ridge):
    """theta, like `policy`: targets (n,) ~ c + sum_t theta_t(s_t), c free, by normal equations."""
    features = np.zeros((len(tokens), *policy.shape))
    for i, own in enumerate(tokens):
        for t, c in enumerate(met(policy, own)):
            features[i][c][own[t]] = 1.0
    features = features.reshape(len(tokens), -1)
    with_constant = np.hstack([features, np.ones((len(tokens), 1))])
    penalty = ridge * np.eye(with_constant.shape[1])
    penalty[-1, -1] = 0.0
    normal = with_constant.T @ with_constant + penalty
    return np.linalg.solve(normal, with_constant.T @ targets)[:-1].reshape(policy.shape)


def regression(batch, advantages, ridge):
    """A_t = theta_t(s_t) - E_pi theta_t of a ridge regression on the batch."""
    theta = ridge_fit(batch.policy, batch.tokens, advantages, ridge)
    theta = theta - np.sum(batch.policy * theta, axis=-1, keepdims=True)
    credits = [
        [theta[c][v] for c, v in zip(met(batch.policy, own), own, strict=True)]
        for own in batch.tokens
    ]
    return score_gradient(batch.policy, batch.tokens, np.array(credits))


def attention_share(batch, advantages, beta, weights, temperature):
    """ABC's return to go of beta A w_t at each position and (1 - beta) A at the end."""
    rollouts, length = batch.tokens.shape
    w = np.full((rollouts, length), 1.0 / length)
    if weights == "counterfactual":
        w = softmax(np.abs(counterfactuals(batch)) / temperature)
    paid = beta * advantages[:, None] * w
    paid[:, -1] += (1.0 - beta) * advantages
    credits = np.array([[np.sum(own[t:]) for t in range(length)] for own in paid])
    return score_gradient(batch.policy, batch.tokens, credits)


CREDITS |= {
    "exact_gradient": exact_gradient,
    "action_value": action_value,
    "prefix_value": prefix_value,
    "shapley": shapley,
    "counterfactual": counterfactual,
    "regression": regression,
    "attention_share": attention_share,
}

OTHERS = {
    "standardised": {"ddof": 0, "epsilon": 0.1},
    "shapley": {"absent": "fixed", "terminal": 0.4},
    "regression": {"ridge": 0.3},
    "attention_share": {"beta": 0.5, "weights": "uniform", "temperature": 0.03},
}
"""As `everypart.OTHERS`."""
