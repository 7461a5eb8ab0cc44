"""Divergences and regularisers beyond the paper's in plain NumPy."""

import numpy as np

from reference import DIVERGENCES

# --- Divergences: gradients with respect to the student's logits in one context ------------------


def forward_kl(log_teacher, log_policy, token):
    """Of KL(p || pi)."""
    return np.exp(log_policy) - np.exp(log_teacher)


def reverse_kl(log_teacher, log_policy, token):
    """Of KL(pi || p)."""
    ratio = log_policy - log_teacher
    return np.exp(log_policy) * (ratio - np.sum(np.exp(log_policy) * ratio))


DIVERGENCES |= {"forward_kl": forward_kl, "reverse_kl": reverse_kl}


OTHERS = {}
"""As `everypart.OTHERS`."""
