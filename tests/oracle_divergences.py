"""Divergences and regularisers beyond the paper's in plain NumPy, with their losses."""

import numpy as np

from reference import DIVERGENCES, REGULARISERS, met

# --- Losses, and gradients with respect to the student's logits in one context -------------------


def jacobian(policy):
    """Derivatives of probabilities (V,) with respect to logits."""
    return np.diag(policy) - np.outer(policy, policy)


def forward_kl(log_teacher, log_policy, token):
    """Of KL(p || pi)."""
    return np.exp(log_policy) - np.exp(log_teacher)


def reverse_kl(log_teacher, log_policy, token):
    """Of KL(pi || p)."""
    ratio = log_policy - log_teacher
    return np.exp(log_policy) * (ratio - np.sum(np.exp(log_policy) * ratio))


def jsd_loss(log_teacher, log_policy, mix):
    """a KL(p || M) + (1 - a) KL(pi || M), M = (1 - a) pi + a p."""
    p, policy = np.exp(log_teacher), np.exp(log_policy)
    middle = np.log((1.0 - mix) * policy + mix * p)
    to_teacher, to_student = p * (log_teacher - middle), policy * (log_policy - middle)
    return mix * np.sum(to_teacher) + (1.0 - mix) * np.sum(to_student)


def jsd(log_teacher, log_policy, token, mix):
    """Of `jsd_loss`; forward and reverse KL at the ends, as in the systems' codes."""
    if mix in (0.0, 1.0):
        return (reverse_kl if mix else forward_kl)(log_teacher, log_policy, token)
    policy = np.exp(log_policy)
    middle = np.logaddexp(np.log(1.0 - mix) + log_policy, np.log(mix) + log_teacher)
    ratio = log_policy - middle
    return (1.0 - mix) * policy * (ratio - np.sum(policy * ratio))


def sampled_reverse_kl(log_teacher, log_policy, token, baseline):
    """Of -A log pi(s), A = log p(s) - log pi(s) held fixed, perhaps with KL(pi || p) added."""
    advantage = log_teacher[token] - log_policy[token]
    if baseline:
        advantage += np.sum(np.exp(log_policy) * (log_policy - log_teacher))
    return -advantage * (np.eye(len(log_policy))[token] - np.exp(log_policy))


def best_tokens(log_policy, k):
    """The k most likely tokens, ties by number."""
    policy = np.exp(log_policy)
    return sorted(range(len(policy)), key=lambda v: (-policy[v], v))[:k]


def grouped(log_teacher, log_policy, best, tail):
    """The masses (student, teacher) over the best tokens, and over the rest if it has a bucket.

    And the derivatives of the student's masses with respect to its logits.
    """
    policy, p = np.exp(log_policy), np.exp(log_teacher)
    masses, mine, theirs = jacobian(policy)[best], policy[best], p[best]
    if tail == "renormalised":
        inner = mine / mine.sum()
        masses = np.zeros((len(best), len(policy)))
        masses[:, best] = jacobian(inner)
        return inner, theirs / theirs.sum(), masses
    if tail == "bucket" and len(best) < len(policy):
        rest = [v for v in range(len(policy)) if v not in best]
        masses = np.vstack([masses, jacobian(policy)[rest].sum(axis=0)])
        mine, theirs = np.append(mine, policy[rest].sum()), np.append(theirs, p[rest].sum())
    return mine, theirs, masses


def mass_loss(divergence, mine, theirs):
    """A divergence of masses that need not sum to 1."""
    if divergence == "forward_kl":
        return np.sum(theirs * np.log(theirs / mine))
    if divergence == "reverse_kl":
        return np.sum(mine * np.log(mine / theirs))
    middle = (mine + theirs) / 2.0
    half = theirs * np.log(theirs / middle) + mine * np.log(mine / middle)
    return np.sum(half) / 2.0


def top_k(log_teacher, log_policy, token, k, divergence, tail):
    """Of `mass_loss` of the `grouped` masses."""
    best = best_tokens(log_policy, k)
    mine, theirs, masses = grouped(log_teacher, log_policy, best, tail)
    mine, theirs = np.maximum(mine, 1e-300), np.maximum(theirs, 1e-300)
    slopes = {
        "forward_kl": -theirs / mine,
        "reverse_kl": np.log(mine / theirs) + 1.0,
        "jsd": np.log(2.0 * mine / (mine + theirs)) / 2.0,
    }[divergence]
    return slopes @ masses


def pointwise_loss(log_teacher, log_policy, bound):
    """sum_v min(p log(p / pi), tau)."""
    return np.sum(np.minimum(np.exp(log_teacher) * (log_teacher - log_policy), bound))


def pointwise_clip(log_teacher, log_policy, token, bound):
    """Of `pointwise_loss`."""
    p = np.exp(log_teacher)
    kept = p * (p * (log_teacher - log_policy) < bound)
    return np.exp(log_policy) * np.sum(kept) - kept


DIVERGENCES |= {"forward_kl": forward_kl, "reverse_kl": reverse_kl, "jsd": jsd}
DIVERGENCES |= {"sampled_reverse_kl": sampled_reverse_kl, "top_k": top_k}
DIVERGENCES |= {"pointwise_clip": pointwise_clip}

# --- Regularisers --------------------------------------------------------------------------------


def over_met(batch, each):
    """A gradient that is a mean over rollouts of what is said of each context that they met."""
    gradient = np.zeros_like(batch.policy)
    for tokens in batch.tokens:
        for c in met(batch.policy, tokens):
            gradient[c] += each(batch.policy[c], batch.reference_policy[c]) / len(batch.tokens)
    return gradient


def logarithm(policy):
    """Of probabilities, finite where they vanish."""
    return np.log(np.maximum(policy, 1e-300))


def reverse_kl_pull(batch, coefficient):
    """Of coefficient KL(pi || the initial policy)."""

    def each(policy, reference):
        return coefficient * jacobian(policy) @ (logarithm(policy) - logarithm(reference))

    return over_met(batch, each)


def entropy_bonus(batch, bonus):
    """Of -bonus H(pi)."""
    return over_met(batch, lambda policy, _: bonus * jacobian(policy) @ logarithm(policy))


REGULARISERS |= {"reverse_kl_pull": reverse_kl_pull, "entropy_bonus": entropy_bonus}

OTHERS = {
    "jsd": {"mix": 0.2},
    "sampled_reverse_kl": {"baseline": True},
    "top_k": {"k": 3, "divergence": "jsd", "tail": "renormalised"},
    "pointwise_clip": {"bound": 0.01},
    "reverse_kl_pull": {"coefficient": 0.3},
    "entropy_bonus": {"bonus": 0.2},
}
"""As `everypart.OTHERS`."""
