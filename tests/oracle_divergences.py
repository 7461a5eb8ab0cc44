"""Divergences and regularisers beyond the paper's in plain NumPy.

As `reference` has the paper's: gradients as they are written down, and beside each the loss that it
is said to be of, for the tests that compare the two.
"""

import numpy as np

from reference import DIVERGENCES, PRECONDITIONERS, REGULARISERS, log_softmax, met

# --- Divergences: gradients with respect to the student's logits in one context ------------------


def forward_kl(log_teacher, log_policy, token):
    """Of KL(p || pi)."""
    return np.exp(log_policy) - np.exp(log_teacher)


def reverse_kl(log_teacher, log_policy, token):
    """Of KL(pi || p)."""
    ratio = log_policy - log_teacher
    return np.exp(log_policy) * (ratio - np.sum(np.exp(log_policy) * ratio))


def log_mixture(log_teacher, log_policy, mix):
    """log M, M = (1 - a) pi + a p."""
    return np.logaddexp(np.log(1.0 - mix) + log_policy, np.log(mix) + log_teacher)


def jsd(log_teacher, log_policy, token, mix):
    """Of a KL(p || M) + (1 - a) KL(pi || M); of forward and reverse KL at the ends."""
    if mix in (0.0, 1.0):
        return (reverse_kl if mix else forward_kl)(log_teacher, log_policy, token)
    policy, m = np.exp(log_policy), log_policy - log_mixture(log_teacher, log_policy, mix)
    return (1.0 - mix) * policy * (m - np.sum(policy * m))


def sampled_reverse_kl(log_teacher, log_policy, token, baseline):
    """Score form of the log-ratio of one token, with or without the constant KL(pi || p)."""
    policy = np.exp(log_policy)
    credit = log_teacher[token] - log_policy[token]
    if baseline:
        credit += np.sum(policy * (log_policy - log_teacher))
    return -credit * (np.eye(len(policy))[token] - policy)


def pointwise_clip(log_teacher, log_policy, token, clip):
    """Of sum_v min(p_v log(p_v / pi_v), tau)."""
    teacher, policy = np.exp(log_teacher), np.exp(log_policy)
    below = teacher * (log_teacher - log_policy) < clip
    return policy * np.sum(teacher[below]) - np.where(below, teacher, 0.0)


def top(log_policy, k):
    """Which tokens are the k likeliest, of equals the first."""
    mask = np.zeros(len(log_policy), bool)
    mask[sorted(range(len(log_policy)), key=lambda v: (-log_policy[v], v))[:k]] = True
    return mask


def top_k(log_teacher, log_policy, token, k, divergence, tail):
    """By the chain rule, from probabilities of tokens to those of cells to logits."""
    size = len(log_policy)
    inside = np.flatnonzero(top(log_policy, k))
    outside = np.flatnonzero(~top(log_policy, k))
    if tail == "bucket" and len(outside):
        merged = [np.logaddexp.reduce(own[outside]) for own in (log_teacher, log_policy)]
        log_p = np.append(log_teacher[inside], merged[0])
        log_pi = np.append(log_policy[inside], merged[1])
    else:
        log_p, log_pi = log_teacher[inside], log_policy[inside]
    if tail == "renormalised":
        log_p, log_pi = log_softmax(log_p), log_softmax(log_pi)
    if divergence == "forward_kl":
        scaled = -np.exp(log_p)  # pi dL/dpi by cell
    elif divergence == "reverse_kl":
        scaled = np.exp(log_pi) * (log_pi - log_p + 1.0)
    else:
        scaled = 0.5 * np.exp(log_pi) * (log_pi - log_mixture(log_p, log_pi, 0.5))
    gradient = np.zeros(size)
    gradient[inside] = scaled[: len(inside)]
    policy = np.exp(log_policy)
    if tail == "bucket" and len(outside):
        gradient[outside] = scaled[-1] * np.exp(log_policy[outside] - merged[1])
    elif tail == "renormalised":
        policy = np.zeros(size)
        policy[inside] = np.exp(log_pi)
    return gradient - policy * np.sum(scaled)


DIVERGENCES |= {"forward_kl": forward_kl, "reverse_kl": reverse_kl, "jsd": jsd}
DIVERGENCES |= {"sampled_reverse_kl": sampled_reverse_kl, "pointwise_clip": pointwise_clip}
DIVERGENCES |= {"top_k": top_k}

# --- The losses of a policy's logits (V,), from the teacher's probabilities p (V,) ---------------


def kl_loss(p, pi):
    return np.sum(p * np.log(p / pi))


def jsd_loss(p, pi, mix):
    if mix in (0.0, 1.0):
        return kl_loss(pi, p) if mix else kl_loss(p, pi)
    mixture = (1.0 - mix) * pi + mix * p
    return mix * kl_loss(p, mixture) + (1.0 - mix) * kl_loss(pi, mixture)


def sampled_loss(p, pi, token, held, baseline):
    """Of the policy `held`, whose credit is held fixed."""
    credit = np.log(p[token]) - np.log(held[token])
    return -(credit + (kl_loss(held, p) if baseline else 0.0)) * np.log(pi[token])


def pointwise_loss(p, pi, clip):
    return sum(min(a * np.log(a / b), clip) for a, b in zip(p, pi, strict=True))


def top_k_loss(p, pi, held, k, divergence, tail):
    """Which tokens are kept is what the policy `held` says."""
    mask = top(np.log(held), k)
    if tail == "bucket" and not mask.all():
        p, pi = (np.append(own[mask], np.sum(own[~mask])) for own in (p, pi))
    elif tail == "renormalised":
        p, pi = (own[mask] / np.sum(own[mask]) for own in (p, pi))
    else:
        p, pi = p[mask], pi[mask]
    if divergence == "jsd":
        mixture = (p + pi) / 2.0
        return (kl_loss(p, mixture) + kl_loss(pi, mixture)) / 2.0
    return kl_loss(p, pi) if divergence == "forward_kl" else kl_loss(pi, p)


LOSSES = {
    "forward_kl": lambda p, pi, token, held: kl_loss(p, pi),
    "reverse_kl": lambda p, pi, token, held: kl_loss(pi, p),
    "jsd": lambda p, pi, token, held, mix: jsd_loss(p, pi, mix),
    "sampled_reverse_kl": lambda p, pi, token, held, baseline: sampled_loss(
        p, pi, token, held, baseline
    ),
    "pointwise_clip": lambda p, pi, token, held, clip: pointwise_loss(p, pi, clip),
    "top_k": lambda p, pi, token, held, **own: top_k_loss(p, pi, held, **own),
}
"""(teacher (V,), policy (V,), token, the policy of what is held fixed (V,), **parameters)."""

# --- Regularisers --------------------------------------------------------------------------------


def reverse_kl_pull(batch, weight):
    """Of lambda KL(pi || pi_ref), the mean over rollouts of the sum over what they met."""
    gradient = np.zeros_like(batch.policy)
    for tokens in batch.tokens:
        for c in met(batch.policy, tokens):
            log_policy = log_softmax(batch.logits[c])
            log_initial = log_softmax(batch.initial_logits[c])
            gradient[c] += weight * reverse_kl(log_initial, log_policy, None) / len(batch.tokens)
    return gradient


def entropy_bonus(batch, weight):
    """Of -c H, likewise."""
    gradient = np.zeros_like(batch.policy)
    for tokens in batch.tokens:
        for c in met(batch.policy, tokens):
            log_policy = log_softmax(batch.logits[c])
            policy = np.exp(log_policy)
            own = -np.sum(policy * log_policy)
            gradient[c] += weight * policy * (log_policy + own) / len(batch.tokens)
    return gradient


REGULARISERS |= {"reverse_kl_pull": reverse_kl_pull, "entropy_bonus": entropy_bonus}


# --- Preconditioners -----------------------------------------------------------------------------


def natural_gradient(batch, gradient, floor):
    """F x = g of mean 0 under pi, F = (share of the rollouts) (diag pi - pi pi')."""
    share = np.zeros_like(gradient)
    for tokens in batch.tokens:
        for c in met(batch.policy, tokens):
            share[c] += 1.0 / len(batch.tokens)
    step = np.zeros_like(gradient)
    some = share > 0.0
    step[some] = gradient[some] / (share * np.maximum(batch.policy, floor))[some]
    return step


PRECONDITIONERS |= {"natural_gradient": natural_gradient}


def reverse_pull_loss(pi, initial, weight):
    return weight * kl_loss(pi, initial)


def entropy_loss(pi, initial, weight):
    return weight * np.sum(pi * np.log(pi))


REGULARISER_LOSSES = {"reverse_kl_pull": reverse_pull_loss, "entropy_bonus": entropy_loss}
"""(policy (V,), initial policy (V,), **parameters), of one context."""

OTHERS = {
    "jsd": {"mix": 0.8},
    "sampled_reverse_kl": {"baseline": True},
    "top_k": {"k": 2, "divergence": "jsd", "tail": "renormalised"},
    "pointwise_clip": {"clip": 0.01},
    "reverse_kl_pull": {"weight": 0.3},
    "entropy_bonus": {"weight": 0.3},
    "natural_gradient": {"floor": 0.3},
}
"""As `everypart.OTHERS`."""
