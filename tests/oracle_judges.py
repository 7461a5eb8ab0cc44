"""Judges beyond the paper's in plain NumPy, as `reference` has the paper's.

A bias gives what a judge takes the rewards of a `batch` for, (n,), before noise.
"""

import math

import numpy as np

from reference import (
    BIASES,
    NOISES,
    OBSERVATIONS,
    SCALES,
    SIGNALS,
    log_softmax,
    met,
    normal_pair,
    reward,
    sigmoid,
    uniform,
    word,
)


def uniforms_from(key, first, count):
    """Uniforms (count,) of a stream from its word `first` on."""
    return np.array([uniform(word(key, first + j)) for j in range(count)])


def normals_from(key, first, count):
    """Normals (count,) likewise: the first ones of the words, then the second ones."""
    pairs = [normal_pair(word(key, first + j)) for j in range((count + 1) // 2)]
    return np.array([z for z, _ in pairs] + [z for _, z in pairs])[:count]


def stream(batch):
    """The key that biases draw from."""
    return batch.arrays["streams"]("BIAS")


def mixture(share, judged, rewards):
    """(1 - share) R + share judged, (n,)."""
    return [(1.0 - share) * r + share * j for r, j in zip(rewards, judged, strict=True)]


# --- Biases --------------------------------------------------------------------------------------


def anchoring(batch, share):
    """The first token's quality on the scale of rewards."""
    return mixture(share, [sigmoid(batch.q[0, s[0]]) for s in batch.tokens], batch.rewards)


def length(batch, strength):
    """R + c (T_eff / T - 1/2)."""
    end, judged = batch.q.shape[1] - 1, []
    for s, r in zip(batch.tokens, batch.rewards, strict=True):
        ends = [t for t, v in enumerate(s, start=1) if v == end]
        judged.append(r + strength * (min([*ends, len(s)]) / len(s) - 0.5))
    return judged


def share_of_style(tokens, vocabulary):
    """The share of tokens v >= V / 2."""
    return np.mean([1.0 if v >= vocabulary / 2 else 0.0 for v in tokens])


def style(batch, strength):
    """R + c (share of style - 1/2)."""
    shares = [share_of_style(s, batch.q.shape[1]) for s in batch.tokens]
    return [r + strength * (x - 0.5) for r, x in zip(batch.rewards, shares, strict=True)]


def mean_log(logits, tokens):
    """(log pi(s)) / T."""
    log_policy = log_softmax(logits)
    contexts = met(logits, tokens)
    return np.mean([log_policy[c][v] for c, v in zip(contexts, tokens, strict=True)])


def self_preference(batch, strength):
    """R + k times the standardised mean log-probability; equal ones do not count."""
    own = np.array([mean_log(batch.logits, s) for s in batch.tokens])
    if np.std(own) <= 1e-6:
        return list(batch.rewards)
    return list(batch.rewards + strength * (own - np.mean(own)) / np.std(own))


def raters(batch, offset_sd, scale_sd, rater):
    """o + s R, of one rater for each rollout or for all."""
    count = len(batch.rewards) if rater == "rollout" else 1
    words = (count + 1) // 2
    offsets = offset_sd * normals_from(stream(batch), 2 * batch.step * words, count)
    scales = 1.0 + scale_sd * normals_from(stream(batch), (2 * batch.step + 1) * words, count)
    return list(offsets + scales * batch.rewards)


def flips(batch, observed, false_pass, false_fail, cut):
    """Verdicts that are turned with a probability of their kind, of what was observed (n,)."""
    count, turned = len(observed), []
    u = uniforms_from(stream(batch), batch.step * count, count)
    for x, chance in zip(observed, u, strict=True):
        wrong = chance < (false_fail if x > cut else false_pass)
        turned.append(2.0 * cut - x if wrong else x)
    return turned


def previous_score(batch, observed, carried):
    """f_i = (1 - a) x_i + a f_(i-1); the first as it is."""
    scores = [observed[0]]
    for x in observed[1:]:
        scores.append((1.0 - carried) * x + carried * scores[-1])
    return scores


def adversarial(batch, share):
    """1 - R for a random share of rollouts."""
    count = len(batch.rewards)
    u = uniforms_from(stream(batch), batch.step * count, count)
    return list(np.where(u < share, 1.0 - batch.rewards, batch.rewards))


def criteria(batch, tokens, marked):
    """The weights and the verdicts of a rubric's criteria, by criterion and position."""
    found = {}
    for t, v in enumerate(tokens):
        order = list(np.argsort(batch.q[t]))
        found[0, t] = 1.0, v in order[-marked:]
        if t + 1 < len(tokens):
            found[1, t] = 0.7, batch.b[v, tokens[t + 1]] > 0.0
        found[2, t] = 0.3, v == batch.target[t]
        found[3, t] = 0.9, v not in order[:marked]
    return found


def rubric(batch, share, marked, wrong, form):
    """sum w c / sum w, with each c turned by chance, or one error and ten marks."""
    count, positions, judged = len(batch.rewards), len(batch.target), []
    for i, tokens in enumerate(batch.tokens):
        found = criteria(batch, tokens, marked)
        weights = np.array([w for w, _ in found.values()])
        verdicts = [c for _, c in found.values()]
        if form == "explicit":
            for j, (k, t) in enumerate(found):
                place = ((4 * batch.step + k) * positions + t) * count + i
                if uniform(word(stream(batch), place)) < wrong:
                    verdicts[j] = not verdicts[j]
        mark = np.sum(weights * verdicts) / np.sum(weights)
        if form == "implicit":
            z = normals_from(stream(batch), batch.step * ((count + 1) // 2), count)[i]
            mark = wrong * (1.0 - mark) + (1.0 - wrong) * mark
            mark += z * math.sqrt(wrong * (1.0 - wrong) * np.sum(weights**2)) / np.sum(weights)
            levels = np.linspace(0.0, 1.0, 10)
            # Of two marks as near as each other the higher one.
            mark = levels[np.flatnonzero(np.abs(levels - mark) <= min(abs(levels - mark)) + 1e-12)]
            mark = mark[-1]
        judged.append(mark)
    return mixture(share, judged, batch.rewards)


def common_subsequence(a, b):
    """The length of the longest common subsequence."""
    if not len(a) or not len(b):
        return 0
    if a[-1] == b[-1]:
        return 1 + common_subsequence(a[:-1], b[:-1])
    return max(common_subsequence(a[:-1], b), common_subsequence(a, b[:-1]))


def reference_based(batch, share):
    """The mean of content, key points of s* in order, and style."""
    points, judged = batch.target[::2], []
    for tokens in batch.tokens:
        content = common_subsequence(list(tokens), list(points)) / len(points)
        judged.append((content + share_of_style(tokens, batch.q.shape[1])) / 2.0)
    return mixture(share, judged, batch.rewards)


def self_rewarding(batch, share, judge):
    """The geometric mean of the tokens' probabilities under the judge."""
    logits = batch.logits if judge == "policy" else batch.initial_logits
    own = [math.exp(mean_log(logits, s)) for s in batch.tokens]
    return mixture(share, own, batch.rewards)


def constitution(batch, strength):
    """Eq. 1 with principles added to q."""
    principles = normals_from(stream(batch), 0, batch.q.size).reshape(batch.q.shape)
    weight = batch.setting["landscape"]["pattern_weight"]
    judged = batch.q + strength * principles
    return [reward(s, judged, batch.b, batch.target, weight) for s in batch.tokens]


BIASES |= {
    own.__name__: own
    for own in (
        anchoring, length, style, self_preference, raters, adversarial, rubric, reference_based,
        self_rewarding, constitution,
    )
}  # fmt: skip
OBSERVATIONS |= {"flips": flips, "previous_score": previous_score}

# --- Noise, scales and signals -------------------------------------------------------------------


def student_t(batch, judged, sigma, degrees):
    """Noise sigma z / sqrt(chi^2 / d)."""
    key, count, observed = batch.arrays["streams"]("TAILS"), len(judged), []
    for i, x in enumerate(judged):
        first = (batch.step * count + i) * degrees
        square = sum(normal_pair(word(key, first + j))[0] ** 2 for j in range(degrees))
        observed.append(x + sigma * batch.normals[i] / math.sqrt(square / degrees))
    return observed


NOISES |= {"student_t": student_t}


def preference(observed, softness, position_bias):
    """How often each rollout is preferred to the others; of a pair the earlier one comes first."""
    count = len(observed)
    if count == 1:
        return [0.5]
    said = []
    for i in range(count):
        won = 0.0
        for j in range(count):
            if j != i:
                bias = position_bias if i < j else -position_bias
                d = observed[i] - observed[j]
                won += sigmoid(d / softness + bias) if softness else hard(d, bias)
        said.append(won / (count - 1))
    return said


def hard(difference, bias):
    """The better one, or, if neither is, by bias alone."""
    return sigmoid(bias) if difference == 0.0 else float(difference > 0.0)


SCALES |= {"preference": preference}


def unflipped(batch, rho0, rho1):
    """(f - rho0) / (1 - rho0 - rho1)."""
    return (np.array(batch.said) - rho0) / (1.0 - rho0 - rho1)


SIGNALS |= {"unflipped": unflipped}

OTHERS = {
    "anchoring": {"share": 0.7},
    "length": {"strength": -0.4},
    "style": {"strength": 0.6},
    "self_preference": {"strength": 0.2},
    "raters": {"offset_sd": 0.3, "scale_sd": 0.4, "rater": "batch"},
    "previous_score": {"carried": 0.7},
    "flips": {"false_pass": 0.5, "false_fail": 0.4, "cut": 0.6},
    "adversarial": {"share": 0.5},
    "rubric": {"share": 0.4, "marked": 3, "wrong": 0.3, "form": "implicit"},
    "reference_based": {"share": 0.3},
    "self_rewarding": {"share": 0.2, "judge": "initial"},
    "constitution": {"strength": 1.0},
    "student_t": {"degrees": 7},
    "preference": {"softness": 0.4, "position_bias": 0.8},
    "unflipped": {"rho0": 0.4, "rho1": 0.3},
}
"""As `everypart.OTHERS`."""
