"""Credits with probability ratios and of pairs in plain NumPy, as `reference` has the paper's."""

import math

import numpy as np

from reference import CREDITS, log_softmax, met, score_gradient, sigmoid, softmax

SAME = 1e-10
"""Numbers that differ by no more are equal: it may be rounding."""

# --- PPO and its successors ----------------------------------------------------------------------


def token_logs(logits, tokens):
    """log pi of the rollouts' tokens, (n, T)."""
    table = log_softmax(logits)
    return np.array(
        [[table[c][v] for c, v in zip(met(logits, own), own, strict=True)] for own in tokens]
    )


def ratios(logits, old, tokens, ratio):
    """rho of tokens, (n, T): their own, or that of the sequence."""
    moved = token_logs(logits, tokens) - token_logs(old, tokens)
    if ratio == "sequence":
        moved = np.sum(moved, axis=1, keepdims=True) * np.ones(moved.shape)
    return np.exp(moved)


def surrogate(rho, a, clip_low, clip_high, dual_clip):
    """PPO's objective of one ratio; the dual clip bounds it from below where A < 0."""
    objective = min(rho * a, min(max(rho, 1.0 - clip_low), 1.0 + clip_high) * a)
    return max(objective, dual_clip * a) if a < 0 and dual_clip > 1 else objective


def clipped_loss(logits, old, tokens, advantages, ratio, left_out=(), **bounds):
    """Minus the mean over rollouts of the objective, summed over tokens, or of the sequence.

    `left_out` are tokens (i, t) that have none.
    """
    rho, total = ratios(logits, old, tokens, ratio), 0.0
    for i, a in enumerate(advantages):
        for t in range(tokens.shape[1] if ratio == "token" else 1):
            if (i, t) not in left_out:
                total -= surrogate(rho[i, t], a, **bounds) / len(tokens)
    return total


def active(rho, a, clip_low, clip_high, dual_clip):
    """Whether the objective depends on the ratio."""
    if a > 0:
        return rho <= 1 + clip_high
    return rho >= 1 - clip_low and (dual_clip <= 1 or rho <= dual_clip)


def high_covariance(logits, tokens, advantages, share, allowed):
    """Places (i, t) of the tokens whose term of cov(A, log pi) is largest, among those allowed."""
    logs = token_logs(logits, tokens)
    centred = advantages - np.mean(advantages)
    terms = centred[:, None] * (logs - np.mean(logs))
    count = math.floor(share * (tokens.shape[0] * tokens.shape[1]))
    places = [(i, t) for t in range(tokens.shape[1]) for i in range(len(tokens)) if allowed[i, t]]
    chosen = []
    while places and len(chosen) < count:
        chosen.append(first_largest(places, terms))
        places.remove(chosen[-1])
    return chosen


def first_largest(places, values):
    """The place of the largest value; of those equal, but for rounding, the first."""
    best = places[0]
    for place in places[1:]:
        if values[place] - values[best] > SAME:
            best = place
    return best


def epoch_credits(logits, old, tokens, advantages, ratio, covariance, share, coefficient, **bounds):
    """What the score of each token is multiplied by in an epoch, (n, T)."""
    rho = ratios(logits, old, tokens, ratio)
    acts = np.array(
        [[active(x, a, **bounds) for x in own] for own, a in zip(rho, advantages, strict=True)]
    )
    credits = np.where(acts, rho * advantages[:, None], 0.0)
    if covariance == "clip":
        for place in high_covariance(logits, tokens, advantages, share, credits != 0.0):
            credits[place] = 0.0
    if covariance == "penalty":
        moved = token_logs(logits, tokens) - token_logs(old, tokens)
        for place in high_covariance(logits, tokens, advantages, share, credits == credits):
            if abs(moved[place]) > SAME:
                credits[place] -= coefficient * np.sign(moved[place])
    return credits


def clipped_ratio(batch, advantages, epochs, **parameters):
    """What takes the logits in one step to where epochs of gradient descent end."""
    trial = batch.logits.copy()
    for _ in range(epochs):
        credits = epoch_credits(trial, batch.logits, batch.tokens, advantages, **parameters)
        trial -= batch.rate * score_gradient(softmax(trial), batch.tokens, credits)
    return (batch.logits - trial) / batch.rate


# --- Pairs ---------------------------------------------------------------------------------------


def sequence_log(logits, tokens):
    """log pi(s)."""
    table = log_softmax(logits)
    return sum(table[c][v] for c, v in zip(met(logits, tokens), tokens, strict=True))


def preferences(advantages, pairing):
    """Pairs (winner, loser) of a batch, None for a tie."""
    count = len(advantages)
    asked = [(i, i + count // 2) for i in range(count // 2)]
    if pairing == "extremes":
        asked = [
            (first_largest(range(count), advantages), first_largest(range(count), -advantages))
        ]
    found = []
    for i, j in asked:
        order = (i, j) if advantages[i] > advantages[j] else (j, i)
        found.append(None if abs(advantages[i] - advantages[j]) <= SAME else order)
    return found


def margin(logits, initial, winner, loser):
    """log(pi / ref)(w) - log(pi / ref)(l)."""
    gained = [sequence_log(logits, s) - sequence_log(initial, s) for s in (winner, loser)]
    return gained[0] - gained[1]


def pair_loss(m, loss, beta):
    """The loss of a margin."""
    if loss == "dpo":
        return -math.log(sigmoid(beta * m))
    return (m - 1.0 / (2.0 * beta)) ** 2


def pairs_loss(logits, initial, tokens, advantages, loss, beta, pairing):
    """The mean loss of a batch, of ties 0."""
    found = preferences(advantages, pairing)
    pairs_of = [(tokens[pair[0]], tokens[pair[1]]) for pair in found if pair]
    losses = [pair_loss(margin(logits, initial, *pair), loss, beta) for pair in pairs_of]
    return sum(losses) / len(found) if found else 0.0


def pairs(batch, advantages, loss, beta, pairing):
    """The gradient of `pairs_loss`."""
    found = preferences(advantages, pairing)
    gradient = np.zeros_like(batch.policy)
    for winner, loser in (pair for pair in found if pair):
        sides = batch.tokens[[winner, loser]]
        m = margin(batch.logits, batch.initial_logits, *sides)
        slope = -beta * sigmoid(-beta * m) if loss == "dpo" else 2.0 * (m - 1.0 / (2.0 * beta))
        # The scores of two sequences are a mean over two: twice it is their sum.
        signed = np.array([[1.0], [-1.0]]) * np.ones(sides.shape)
        gradient -= 2.0 * slope / len(found) * score_gradient(batch.policy, sides, signed)
    return gradient


CREDITS |= {"clipped_ratio": clipped_ratio, "pairs": pairs}

OTHERS = {
    "clipped_ratio": {
        "epochs": 2, "clip_low": 0.002, "clip_high": 0.003, "dual_clip": 1.001,
        "ratio": "sequence", "covariance": "clip", "share": 0.2, "coefficient": 0.3,
    },
    "pairs": {"loss": "ipo", "beta": 0.3, "pairing": "extremes"},
}  # fmt: skip
"""As `everypart.OTHERS`."""
