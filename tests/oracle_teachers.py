"""Teachers beyond the paper's in plain NumPy: bases, guidance, and what goes with them.

As `reference` has the paper's: from the papers that are named, not from `sdposim`.
"""

import numpy as np

from reference import (
    BASES,
    CREDITS,
    GUIDANCES,
    ROUTINGS,
    as_wide,
    log_softmax,
    met,
    score_gradient,
)

# --- Bases ---------------------------------------------------------------------------------------


def fixed(batch):
    """The initial policy."""
    return batch.initial_logits


def ema(batch, rate):
    """The average that was moved to the student's logits after each step."""
    if batch.step == 0:
        batch.kept["average"] = batch.initial_logits.copy()
    else:
        batch.kept["average"] = (1.0 - rate) * batch.kept["average"] + rate * batch.logits
    return batch.kept["average"]


def trust_region(batch, share):
    """The geometric mean of the initial policy and the student, by shares 1 - a and a."""
    return (1.0 - share) * batch.initial_logits + share * batch.logits


BASES |= {"fixed": fixed, "ema": ema, "trust_region": trust_region}

# --- Guidance ------------------------------------------------------------------------------------


def oracle(batch, strength):
    """Eq. 2's guidance as rises of logits."""
    rises = []
    for f, hint in zip(batch.said, batch.hints, strict=True):
        rises.append(strength * f * as_wide(batch.q - hint, batch.policy))
    return rises, np.ones(len(rises))


def peer(batch, cut, trust, choice, average):
    """A teacher that repeats a success of the batch, not its own rollout, by the share `trust`."""
    rollouts, successes = len(batch.said), [i for i, f in enumerate(batch.said) if f > cut]
    rises, weights = [], np.zeros(rollouts)
    for i in range(rollouts):
        peers = [j for j in successes if j != i]
        weights[i] = 1.0 if peers else 0.0
        shown = peers if choice == "all" else peers[:1]
        rise = np.zeros_like(batch.policy)
        for c in {c for j in shown for c in met(batch.policy, batch.tokens[j])}:
            here = [j for j in shown if c in met(batch.policy, batch.tokens[j])]
            copy = np.zeros(batch.policy.shape[-1])
            for j in here:
                copy[batch.tokens[j][c if batch.policy.ndim == 2 else c[0]]] += 1.0 / len(here)
            log_policy = log_softmax(batch.logits[c])
            with np.errstate(divide="ignore"):
                rise[c] = np.logaddexp(np.log(1.0 - trust), np.log(trust * copy) - log_policy)
        rises.append(rise)
    if average == "taught" and weights.any():
        weights *= rollouts / weights.sum()
    return rises, weights


GUIDANCES |= {"oracle": oracle, "peer": peer}

# --- Which rollouts learn from their teacher -----------------------------------------------------


def failures(batch, weights, success, entropy_weight):
    """Rollouts that fail and have a teacher; tokens count by exp(-b H)."""
    routed = [
        1.0 if f <= success and w > 0 else 0.0 for f, w in zip(batch.said, weights, strict=True)
    ]
    return np.array(routed), lambda entropy: np.exp(-entropy_weight * entropy)


ROUTINGS |= {"failures": failures}

# --- Credit from a teacher -----------------------------------------------------------------------


def teacher_ratio(batch, advantages, share, decay, clip, form):
    """A ((1 - lambda) + lambda w) for each token, the sign being the advantage's."""
    if decay:
        share = share * max(0.0, 1.0 - batch.step / decay)
    credits = np.empty(batch.tokens.shape)
    for (i, t), ratio in np.ndenumerate(batch.ratios):
        a = advantages[i]
        exponent = ratio if a >= 0 else -ratio
        if form != "ratio":
            exponent = -exponent
        w = np.exp(exponent)
        if clip < 1000:
            w = np.clip(w, 1.0 - clip, 1.0 + clip)
        if form == "successes" and a <= 0:
            w = 1.0
        credits[i, t] = a * ((1.0 - share) + share * w)
    return score_gradient(batch.policy, batch.tokens, credits)


CREDITS |= {"teacher_ratio": teacher_ratio}

OTHERS = {
    "ema": {"rate": 0.3},
    "trust_region": {"share": 0.2},
    "peer": {"cut": 0.6, "trust": 0.3, "choice": "all", "average": "all"},
    "failures": {"success": 0.6, "entropy_weight": 0.2},
    "convex": {"weight": 0.3},
    "teacher_ratio": {"share": 0.3, "decay": 7, "clip": 0.05, "form": "inverse"},
}
"""As `everypart.OTHERS`."""
