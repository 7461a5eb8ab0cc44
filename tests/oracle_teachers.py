"""Teachers beyond the paper's in plain NumPy: bases, guidance, and what goes with them.

As `reference` has the paper's: from the papers that are named, not from `sdposim`.
"""

import numpy as np

from reference import (
    BASES,
    CREDITS,
    GUIDANCES,
    HORIZONS,
    POOLINGS,
    ROUTINGS,
    as_wide,
    context,
    log_softmax,
    met,
    normals,
    sample,
    score_gradient,
    softmax,
    uniform,
    uniforms,
    word,
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
            rise[c] = imitated(batch, c, copy, trust)
        rises.append(rise)
    return rises, averaged(weights, average)


def averaged(weights, average):
    """Weights (n,) of 1 or 0 over those taught, or over all."""
    if average == "taught" and weights.any():
        weights = weights * len(weights) / weights.sum()
    return weights


def imitated(batch, c, copy, trust):
    """log(((1 - eta) base + eta copy) / base) in a context, (V,), of a copy (V,)."""
    log_base = log_softmax(batch.base_logits[c])
    with np.errstate(divide="ignore"):
        return np.logaddexp(np.log(1.0 - trust), np.log(trust * copy) - log_base)


def liked(vocabulary, style):
    """The logits (V,) that a style adds: to tokens v >= V / 2."""
    return np.array([style if v >= vocabulary / 2 else 0.0 for v in range(vocabulary)])


def partial_oracle(batch, strength, error_sd, hidden, style):
    """beta f (mask (q + error) - h) and the style."""
    key, size = batch.arrays["streams"]("KNOWLEDGE"), batch.q.size
    error = normals(key, size).reshape(batch.q.shape)
    known = uniforms(key, 2 * size)[size:].reshape(batch.q.shape) >= hidden
    taken = np.where(known, batch.q + error_sd * error, 0.0)
    rises = []
    for f, hint in zip(batch.said, batch.hints, strict=True):
        rise = strength * f * (taken - hint) + liked(batch.q.shape[1], style)
        rises.append(np.zeros_like(batch.policy) + as_wide(rise, batch.policy))
    return rises, np.ones(len(rises))


def demonstration(batch, sharpness, trust, drawn):
    """A copy of a demonstration from softmax(kappa q), of each rollout's or of the step's."""
    key, rollouts = batch.arrays["streams"]("DEMONSTRATIONS"), len(batch.tokens)
    length, vocabulary = batch.q.shape
    demonstrator, rises = softmax(sharpness * batch.q), []
    for i in range(rollouts):
        deviates = []
        for t in range(length):
            place = batch.step * length + t
            deviates.append(
                uniform(word(key, place * rollouts + i if drawn == "rollout" else place))
            )
        shown = sample(demonstrator, deviates)
        copies = np.eye(vocabulary)[shown]
        rises.append(copied(batch, met(batch.policy, batch.tokens[i]), copies, trust))
    return rises, np.ones(rollouts)


def copied(batch, contexts, copies, trust):
    """`imitated` of copies (T, V) by position, whatever the token before."""
    rise = np.zeros_like(batch.policy)
    for c in contexts:
        rise[c] = imitated(batch, c, copies[c[0]], trust)
    return rise


def reference_solution(batch, solution, form, bonus, trust):
    """The tokens of the largest q, or s*: a bonus to them, or a copy."""
    shown = np.argmax(batch.q, axis=1) if solution == "argmax" else batch.target
    copies = np.eye(batch.q.shape[1])[shown]
    if form == "copy":
        rise = copied(batch, np.ndindex(batch.policy.shape[:-1]), copies, trust)
    else:
        rise = np.zeros_like(batch.policy) + bonus * as_wide(copies, batch.policy)
    return [rise] * len(batch.tokens), np.ones(len(batch.tokens))


def tokens_in(batch, c, rollouts):
    """What those of some rollouts that come by a context have there, by rollout."""
    t = c[0]
    here = (j for j in rollouts if context(batch.policy, batch.tokens[j], t) == c)
    return {j: batch.tokens[j][t] for j in here}


def contrast(batch, cut, trust, wrong, style, bound, average):
    """log p(v | correct) - log mean_k p(v | wrong k), the zero where neither has a token."""
    rollouts, vocabulary = len(batch.said), batch.policy.shape[-1]
    rises, weights = [], np.zeros(rollouts)
    for i in range(rollouts):
        peers = [j for j in range(rollouts) if j != i]
        right = [j for j in peers if batch.said[j] > cut][:1]
        others = [j for j in peers if batch.said[j] <= cut]
        others = others[:1] if wrong == "first" else others
        rise = np.zeros_like(batch.policy)
        weights[i] = 1.0 if right and others else 0.0
        for c in met(batch.policy, batch.tokens[i]) if weights[i] else ():
            rise[c] = contrasted(batch, c, right, others, trust, liked(vocabulary, style))
        rises.append(np.clip(rise, -bound, bound))
    return rises, averaged(weights, average)


def contrasted(batch, c, right, others, trust, style):
    """The contrast (V,) in one context, with everything normalised and then the constant out."""
    base = np.exp(log_softmax(batch.base_logits[c]))
    one_hots = np.eye(len(base))

    def hinted(shown):
        said, constants = [], []
        tokens = tokens_in(batch, c, shown).values()
        alike = {token: imitated(batch, c, one_hots[token], trust) for token in set(tokens)}
        for token in tokens:
            rise = alike[token]
            constants.append(np.sum(base * np.exp(rise + style)))
            said.append(rise + style - np.log(constants[-1]))
        if not said:  # the base itself, whose constant is its own
            return style.copy(), 0.0
        # Where no peer has the token, each says log(1 - eta) and the style, over its constant.
        constant = np.log(np.mean(1.0 / np.array(constants)))
        return np.logaddexp.reduce(said, axis=0) - np.log(len(said)), constant

    (correct, above), (mistaken, below) = hinted(right), hinted(others)
    return (correct - above) - (mistaken - below)


def posterior(batch, cut, pseudo_count, condition, leave_one_out):
    """log P(o | v) by context, with a Beta prior of the batch's mean; o is an outcome."""
    won = [1 if f > cut else 0 for f in batch.said]
    rollouts, rises = len(won), []
    for i in range(rollouts):
        counted = [j for j in range(rollouts) if not (leave_one_out and j == i)]
        outcome = won[i] if condition == "own" else 1
        rate = np.mean([won[j] == outcome for j in counted]) if counted else 0.5
        rise = np.zeros_like(batch.policy)
        for c in met(batch.policy, batch.tokens[i]):
            tokens = tokens_in(batch, c, counted)
            for v in range(batch.policy.shape[-1]):
                here = [j for j in tokens if tokens[j] == v]
                had = sum(won[j] == outcome for j in here)
                total = had + pseudo_count * max(rate, 1e-200)
                rise[c][v] = np.log(total) - np.log(len(here) + pseudo_count)
        rises.append(rise)
    return rises, np.ones(rollouts)


GUIDANCES |= {
    "oracle": oracle,
    "peer": peer,
    "partial_oracle": partial_oracle,
    "demonstration": demonstration,
    "reference_solution": reference_solution,
    "contrast": contrast,
    "posterior": posterior,
}

# --- Which rollouts learn from their teacher -----------------------------------------------------


def failures(batch, weights, success, entropy_weight):
    """Rollouts that fail and have a teacher; tokens count by exp(-b H)."""
    routed = [
        1.0 if f <= success and w > 0 else 0.0 for f, w in zip(batch.said, weights, strict=True)
    ]
    return np.array(routed), lambda entropy: np.exp(-entropy_weight * entropy)


ROUTINGS |= {"failures": failures}

# --- Pooling, and sequence-level terms -----------------------------------------------------------


def arithmetic(shares, log_teachers):
    """The logarithm of the mixture."""
    return np.logaddexp.reduce(np.log(shares)[:, None] + log_teachers, axis=0)


def geometric(shares, log_teachers):
    """That of the normalised geometric mean."""
    return log_softmax(shares @ log_teachers)


def later_tokens(log_teacher, log_policy, distance):
    """How far a student is from its teacher in one context."""
    if distance == "cross_entropy":
        return -np.sum(np.exp(log_teacher) * log_policy)
    return np.sum(np.exp(log_policy) * (log_policy - log_teacher))


POOLINGS |= {"arithmetic": arithmetic, "geometric": geometric}
HORIZONS |= {"later_tokens": later_tokens}

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
    "later_tokens": {"distance": "cross_entropy"},
    "ema": {"rate": 0.3},
    "trust_region": {"share": 0.2},
    "partial_oracle": {"strength": 1.1, "error_sd": 0.7, "hidden": 0.4, "style": 0.8},
    "demonstration": {"sharpness": 1.0, "trust": 0.3, "drawn": "rollout"},
    "reference_solution": {"solution": "target", "form": "copy", "bonus": 1.0, "trust": 0.3},
    "contrast": {
        "cut": 0.6, "trust": 0.3, "wrong": "first", "style": 0.8, "bound": 0.4, "average": "all",
    },
    "posterior": {"cut": 0.6, "pseudo_count": 3.0, "condition": "success", "leave_one_out": False},
    "peer": {"cut": 0.6, "trust": 0.3, "choice": "all", "average": "all"},
    "failures": {"success": 0.6, "entropy_weight": 0.2},
    "convex": {"weight": 0.3},
    "teacher_ratio": {"share": 0.3, "decay": 7, "clip": 0.05, "form": "inverse"},
}  # fmt: skip
"""As `everypart.OTHERS`."""
