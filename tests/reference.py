"""Section 2 of the paper in plain NumPy: the oracle of the kernel's tests.

Written from the paper alone, one function per equation, float64, loops where the paper has sums. It
imports nothing from `sdposim`, so that a mistake has to be made twice to go unseen. Nothing here is
fast.

Shapes, everywhere: V tokens in the vocabulary, T positions, n rollouts. `logits` and `policy` are
(T, V), `tokens` (T,) for one rollout or (n, T) for a batch, `rewards` (n,), `q` (T, V), `b` (V, V),
`target` (T,). Of an autoregressive policy `logits`, `policy` and gradients are (T, V, V): the
middle axis is the token before, 0 at the first position. A loss is a mean over rollouts of a sum
over what they met, so such a policy needs to know the rollouts' tokens.
"""

import math
from types import SimpleNamespace

import numpy as np

_SDPO = {"base": "live", "guidance": "oracle", "divergence": "forward_kl", "regulariser": "pull"}
_REINFORCE = {"advantage": "batch_mean", "credit": "sequence", "regulariser": "pull"}
# Sections 2.3 to 2.5 and 2.2: the paper's methods and feedbacks, by their parts. A part stands with
# its parameters where they are not the setting's.
METHODS = {
    "sdpo": _SDPO,
    "reinforce": _REINFORCE,
    "adv_weighted": {**_REINFORCE, "credit": "quality_share"},
    "hybrid": {
        **_SDPO,
        **_REINFORCE,
        "credit": {"sequence": {"direction": "printed"}},
        "blend": "gate",
    },
}
FEEDBACKS = {
    "binary": {"noise": "gaussian", "scale": "threshold"},
    "ordinal": {"noise": "gaussian", "scale": "likert"},
    "continuous": {"noise": "gaussian", "scale": "interval"},
    "critique": {"noise": "gaussian", "scale": "interval", "hints": "normal"},
}

# Deviations from the mean that are all rounding: advantages this flat prefer no token.
ZERO_SPREAD = 1e-12
# Gradients are differences of numbers of up to 1 with a rounding of 1e-16: with a spread this small
# fewer than ten digits of a correlation are true.
STILL = 1e-5


# --- 2.1 Problem formulation ---------------------------------------------------------------------


def sigmoid(x):
    """The logistic function of a number, without overflow."""
    if x >= 0:
        return 1.0 / (1.0 + math.exp(-x))
    return math.exp(x) / (1.0 + math.exp(x))


def reward(tokens, q, b, target, pattern_weight):
    """Eq. 1: R(s) of one sequence, in (0, 1). `pattern_weight` is the equation's alpha."""
    length = len(tokens)
    local = sum(q[t, tokens[t]] for t in range(length))
    coherence = sum(b[tokens[t], tokens[t + 1]] for t in range(length - 1))
    pattern = sum(1.0 for t in range(length) if tokens[t] == target[t])
    return sigmoid((local + coherence + pattern_weight * pattern) / length)


def log_softmax(logits):
    """Logarithm of `softmax`, exact where the probability itself underflows."""
    shifted = logits - np.max(logits, axis=-1, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=-1, keepdims=True))


def softmax(logits):
    """Section 2.1: pi(s_t = v) = softmax(l_t)_v, over the last axis."""
    weights = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return weights / np.sum(weights, axis=-1, keepdims=True)


def context(policy, tokens, t):
    """Where a policy's table has the distribution of token t of a sequence."""
    if policy.ndim == 2:
        return (t,)
    return t, (tokens[t - 1] if t > 0 else 0)


def met(policy, tokens=None):
    """The contexts of a sequence, whose tokens only an autoregressive policy needs."""
    return [context(policy, tokens, t) for t in range(len(policy))]


def as_wide(q, policy):
    """q (T, V) in a shape that broadcasts with a policy."""
    return q if policy.ndim == 2 else q[:, np.newaxis, :]


def sample(policy, uniforms):
    """One sequence by inverse CDF: at each position the first v with u < pi(0) + ... + pi(v).

    `uniforms` (T,) lies in [0, 1). Where rounding leaves the sum of all pi at or below u, the last
    token.
    """
    length, vocabulary = len(policy), policy.shape[-1]
    tokens = np.empty(length, dtype=np.int64)
    for t in range(length):
        cumulative = 0.0
        tokens[t] = vocabulary - 1
        for v in range(vocabulary):
            cumulative += policy[context(policy, tokens, t)][v]
            if uniforms[t] < cumulative:
                tokens[t] = v
                break
    return tokens


# --- 2.2 Feedback oracles ------------------------------------------------------------------------


def leniency(batch, share):
    """A lenient judge, a + (1 - a) R, for the rewards (n,) of a `batch`."""
    return [share + (1.0 - share) * r for r in batch.rewards]


def shuffled(batch):
    """A judge who takes each rollout for the next one, and the last for the first, (n,)."""
    return list(np.roll(batch.rewards, -1))


def uninformative(batch):
    """A judge who takes each rollout for one with the mean reward of the batch, (n,)."""
    return [np.mean(batch.rewards)] * len(batch.rewards)


BIASES = {"leniency": leniency, "shuffled": shuffled, "uninformative": uninformative}
OBSERVATIONS = {}
"""Biases of judges who get wrong what they observe, noise and all: (batch, observed (n,),
**parameters) -> what they take it for, (n,)."""


def gaussian(batch, judged, sigma):
    """Section 2.2: judged rewards (n,) with noise N(0, sigma^2), from standard normals (n,)."""
    return [x + sigma * z for x, z in zip(judged, batch.normals, strict=True)]


def mixed(batch, judged, sigma):
    """Noise whose SDs are the middles of n equal parts of 0 to 2 sigma, in the rollouts' order."""
    ends = np.linspace(0.0, 2.0 * sigma, len(judged) + 1)
    return list(np.array(judged) + (ends[:-1] + ends[1:]) / 2.0 * np.array(batch.normals))


NOISES = {"gaussian": gaussian, "mixed": mixed}


def threshold(observed, cut):
    """Section 2.2: binary feedback f for one observed (noisy) reward."""
    return 1.0 if observed > cut else 0.0


def likert(observed, levels, origin):
    """Section 2.2: ordinal feedback."""
    level = 1 + min(levels - 1, math.floor(levels * min(max(observed, 0.0), 1.0)))
    return level / levels if origin == "fraction" else (level - 1) / (levels - 1)


def interval(observed, clip):
    """Section 2.2: continuous feedback, and a critique's score; its hints enter the `teacher`."""
    return min(max(observed, 0.0), 1.0) if clip else observed


def each(scale):
    """A scale of one reward as one of the rewards of a batch, (n,)."""
    return lambda observed, **parameters: [scale(x, **parameters) for x in observed]


def matched_threshold(observed, cut):
    """Binary feedback with continuous feedback's mean over the batch, if any passes, (n,)."""
    passed = np.array(each(threshold)(observed, cut=cut))
    strength = np.mean(each(interval)(observed, clip=True))
    return passed * strength / np.mean(passed) if passed.any() else passed


SCALES = {"threshold": each(threshold), "likert": each(likert), "interval": each(interval)}
SCALES |= {"matched_threshold": matched_threshold}


# --- 2.3 Self-distillation policy optimization ---------------------------------------------------


def teacher(logits, f, beta, q, hint=0.0):
    """Eq. 2: the self-teacher softmax(l + beta f (q - h)), as `logits`; h = 0 except for critique.

    `hint` broadcasts to (T, V): one value per position is a (T, 1) array.
    """
    return softmax(logits + beta * f * as_wide(q - hint, logits))


def sdpo_gradient(policy, teachers, tokens=None):
    """Eq. 3: -(1/n) sum_i (teacher_i - policy); `teachers` is n tables like `policy`."""
    gradient = np.zeros_like(policy)
    for i, teacher_i in enumerate(teachers):
        for c in met(policy, None if tokens is None else tokens[i]):
            gradient[c] -= (teacher_i[c] - policy[c]) / len(teachers)
    return gradient


def sdpo_loss(logits, teachers, tokens=None):
    """The loss of eq. 3: mean_i sum_t KL(teacher_i,t || softmax(l_t)), the teachers held fixed."""
    policy_logits = log_softmax(logits)
    total = 0.0
    for i, teacher_i in enumerate(teachers):
        for c in met(logits, None if tokens is None else tokens[i]):
            total += kl_divergence(np.log(teacher_i[c]), policy_logits[c]) / len(teachers)
    return total


def reference_gradient(policy, reference_policy, weight, tokens=(None,)):
    """The regulariser after eq. 3: lambda (pi - pi_ref), of what the rollouts met."""
    gradient = np.zeros_like(policy)
    for tokens_i in tokens:
        for c in met(policy, tokens_i):
            gradient[c] += weight * (policy[c] - reference_policy[c]) / len(tokens)
    return gradient


def reference_loss(logits, reference_logits, weight, tokens=(None,)):
    """The loss whose gradient that is: lambda KL(pi_ref || pi), summed over positions (D11)."""
    reference_policy, policy = log_softmax(reference_logits), log_softmax(logits)
    total = 0.0
    for tokens_i in tokens:
        for c in met(logits, tokens_i):
            total += weight * kl_divergence(reference_policy[c], policy[c]) / len(tokens)
    return total


# --- 2.4 Baselines -------------------------------------------------------------------------------


def score_gradient(policy, tokens, credits):
    """-(1/n) sum_i credit_i,t (e_{s_i,t} - pi_t), which eqs. 4 and 5 share; `credits` (n, T)."""
    gradient = np.zeros_like(policy)
    rollouts, length = tokens.shape
    for i in range(rollouts):
        for t in range(length):
            c = context(policy, tokens[i], t)
            one_hot = np.zeros(policy.shape[-1])
            one_hot[tokens[i, t]] = 1.0
            gradient[c] -= credits[i, t] * (one_hot - policy[c]) / rollouts
    return gradient


def score_loss(logits, tokens, credits):
    """The surrogate loss -(1/n) sum_i sum_t credit_i,t log pi_t(s_i,t), the credits held fixed."""
    policy_logits = log_softmax(logits)
    rollouts, length = tokens.shape
    total = 0.0
    for i in range(rollouts):
        for t in range(length):
            total -= credits[i, t] * policy_logits[context(logits, tokens[i], t)][tokens[i, t]]
    total /= rollouts
    return total


def batch_mean(rewards):
    """Eq. 4's advantages, (n,): R_i - Rbar."""
    return np.array([rewards[i] - np.mean(rewards) for i in range(len(rewards))])


ADVANTAGES = {"batch_mean": batch_mean}


def reinforce_credits(tokens, advantages):
    """Eq. 4's credit, (n, T): the advantage at every position."""
    credits = np.empty(tokens.shape)
    for i in range(len(advantages)):
        credits[i, :] = advantages[i]
    return credits


def reinforce_gradient(policy, tokens, rewards):
    """Eq. 4: REINFORCE with the batch mean as its baseline."""
    return score_gradient(policy, tokens, reinforce_credits(tokens, batch_mean(rewards)))


def quality_mean(reading, policy, tokens, q, estimates):
    """Eq. 5's qbar, broadcastable to (n, T), under each reading of what the paper leaves open.

    `estimates` (n, T) are what is known of q(t, s_i,t).
    """
    if reading == "policy":  # of what the policy would sample
        expected = np.sum(policy * as_wide(q, policy), axis=-1)
        return np.array([[expected[c] for c in met(policy, own)] for own in tokens])
    if reading == "tokens":  # of all tokens at a position
        return np.mean(q, axis=1)
    if reading == "all":  # of the whole table
        return np.mean(q)
    if reading == "batch":  # of what the rollouts have at a position
        return np.mean(estimates, axis=0)
    assert reading == "rollout"  # of what one rollout has at its positions
    return np.mean(estimates, axis=1, keepdims=True)


def credit_share(reading, d, epsilon):
    """Eq. 5's weight of a rollout's advantage at each position, (T,), for d = q - qbar (T,)."""
    if reading == "signed":  # as printed
        return d / (np.sum(np.abs(d)) + epsilon)
    if reading == "absolute":
        return np.abs(d) / (np.sum(np.abs(d)) + epsilon)
    if reading == "softmax":
        return softmax(d)
    assert reading == "undivided"
    return d


def adv_weighted_credits(
    policy, tokens, advantages, q, epsilon, mean="policy", share="signed", errors=0.0
):
    """Eq. 5: the credit A_i,t, (n, T), of the rollouts' advantages (n,).

    `mean` and `share` are readings of qbar and of the fraction, `errors` (n, T) what the "local
    quality estimates" differ by from q.
    """
    rollouts, length = tokens.shape
    estimates = np.array([[q[t, tokens[i, t]] for t in range(length)] for i in range(rollouts)])
    estimates = estimates + errors
    deviations = estimates - quality_mean(mean, policy, tokens, q, estimates)
    credits = np.empty((rollouts, length))
    for i in range(rollouts):
        weights = credit_share(share, deviations[i], epsilon)
        credits[i] = advantages[i] * weights
    return credits


def adv_weighted_gradient(policy, tokens, rewards, q, epsilon, **readings):
    """Eq. 5 in the place of eq. 4's credit."""
    credits = adv_weighted_credits(policy, tokens, batch_mean(rewards), q, epsilon, **readings)
    return score_gradient(policy, tokens, credits)


def sequence(batch, advantages, direction):
    """Eq. 4's gradient of a setting, for a `batch` and advantages (n,)."""
    credits = reinforce_credits(batch.tokens, advantages)
    return sign(direction) * score_gradient(batch.policy, batch.tokens, credits)


def quality_share(batch, advantages, direction, mean, share, epsilon, estimate_sd):
    """Eq. 5's gradient of a setting, for advantages (n,)."""
    credits = adv_weighted_credits(
        batch.policy, batch.tokens, advantages, batch.q, epsilon, mean, share,
        estimate_sd * batch.estimates,
    )  # fmt: skip
    return sign(direction) * score_gradient(batch.policy, batch.tokens, credits)


CREDITS = {"sequence": sequence, "quality_share": quality_share}


def sign(direction):
    """What a baseline's gradient is multiplied by before it is subtracted from the logits."""
    return {"printed": 1.0, "reversed": -1.0}[direction]


# --- 2.5 Hybrid ----------------------------------------------------------------------------------


def hybrid_weight(divergence, threshold):
    """Eq. 6's alpha = sigmoid((D_KL - tau) / (tau / 3))."""
    return sigmoid((divergence - threshold) / (threshold / 3.0))


def hybrid_gradient(dense, sparse, weight):
    """Eq. 6: alpha grad_SDPO + (1 - alpha) grad_RF."""
    return weight * dense + (1.0 - weight) * sparse


# --- 2.6 Evaluation metrics ----------------------------------------------------------------------


def kl_divergence(log_p, log_q):
    """KL(p || q) in nats, summed over every leading axis; a token with p = 0 adds nothing."""
    total = 0.0
    for lp, lq in zip(np.ravel(log_p), np.ravel(log_q), strict=True):
        if np.exp(lp) > 0.0:
            total += np.exp(lp) * (lp - lq)
    return total


def teacher_kl(logits, feedbacks, beta, q, hints, tokens=None):
    """D_KL of eq. 6: KL(teacher_i,t || policy_t), averaged over rollouts i and positions t.

    `feedbacks` (n,); `hints` (n, T, V), or (n, T, 1) for one value per position.
    """
    total = 0.0
    for i, (f, hint) in enumerate(zip(feedbacks, hints, strict=True)):
        teacher_logits = log_softmax(logits + beta * f * as_wide(q - hint, logits))
        for c in met(logits, None if tokens is None else tokens[i]):
            total += kl_divergence(teacher_logits[c], log_softmax(logits)[c])
    return total / (len(feedbacks) * len(logits))


def advantage(policy, q):
    """Section 2.6: A*(t, v) = q(t, v) - E_pi[q(t, .)], as `policy`."""
    q = as_wide(q, policy)
    return q - np.sum(policy * q, axis=-1, keepdims=True)


def token_credit(gradient, truth):
    """Pearson correlation over v of one position's -gradient and A*, vectors (V,).

    0 where A* does not vary, and where the gradient varies by no more than 1e-5: the rounding of
    the probabilities and rewards it is a difference of leaves fewer than ten digits of it then.
    """
    dx, dy = np.mean(gradient) - gradient, truth - np.mean(truth)
    spread_x, spread_y = math.sqrt(np.sum(dx * dx)), math.sqrt(np.sum(dy * dy))
    if spread_x <= STILL or spread_y <= ZERO_SPREAD:
        return 0.0
    return float(np.sum(dx * dy) / (spread_x * spread_y))


def credit_correlation(gradient, policy, q, tokens=(None,)):
    """Section 2.6: correlation over v of -gradient with A*, averaged over what rollouts met."""
    truth = advantage(policy, q)
    contexts = [c for tokens_i in tokens for c in met(policy, tokens_i)]
    return float(np.mean([token_credit(gradient[c], truth[c]) for c in contexts]))


def entropy(logits):
    """Section 2.6: H(pi) in nats, averaged over positions."""
    policy, log_policy = softmax(logits), log_softmax(logits)
    total = 0.0
    now = np.eye(policy.shape[-1])[0]  # the chances of the tokens before
    for t in range(len(logits)):
        own = -np.sum(np.where(policy[t] > 0.0, policy[t] * log_policy[t], 0.0), axis=-1)
        total += own if policy.ndim == 2 else now @ own
        if policy.ndim == 3:
            now = now @ policy[t]
    return total / len(logits)


# --- 2.7 Training --------------------------------------------------------------------------------


def chosen(composition, settings):
    """The part of each slot and its parameters: those beside it before the setting's."""
    made = {}
    for slot, part in composition.items():
        name, own = next(iter(part.items())) if isinstance(part, dict) else (part, {})
        made[slot] = name, {**settings.get(name, {}), **own}
    return made


def rollout_hint(judge, arrays, step, rollout):
    """The hint h of one rollout, broadcastable to (T, V); zero unless the judge gives hints."""
    if "hints" not in judge:
        return np.zeros((1, 1))
    parameters = judge["hints"][1]
    normals = arrays["hints"]
    if parameters["draw"] == "rollout":
        normals = normals[step, rollout]
    hint = parameters["sd"] * normals
    return hint if parameters["shape"] == "token" else hint[:, None]


# What methods beyond the paper's are made of, by name; the modules `oracle_*` fill these. A `batch`
# has what a step knows: `setting`, `step`, `rate` (the learning rate), `arrays`, `q`, `b`,
# `target`, `logits`, `policy`, `initial_logits`, `reference_policy`, `tokens` (n, T), `rewards`
# (n,), the judge's `normals` (n,), the errors `estimates` (n, T), `kept`, a dictionary that lasts
# from step to step, and, as far as they are known, `said` (n,), the feedback, `hints`, a list of n,
# and `ratios` (n, T), log(teacher / student) of the tokens.
BASES = {"live": lambda batch: batch.logits}
"""(batch, **parameters) -> a table of logits like the policy's."""
GUIDANCES = {}
"""(batch, **parameters) -> n tables by which logits rise, and the teachers' weights (n,)."""
DIVERGENCES = {}
"""(log_teacher (V,), log_policy (V,), token, **parameters) -> the loss's gradient (V,)."""
ROUTINGS = {}
POOLINGS = {}
HORIZONS = {}
"""(batch, weights (n,), **parameters) -> the share (n,) of each rollout that its teacher gets, and
the function of a teacher's entropy by which its tokens count."""
SIGNALS = {"judged": lambda batch: np.array(batch.said)}
"""(batch, **parameters) -> what credit is given for, (n,)."""


def gate(batch, dense, sparse, divergence, routed, threshold):
    """Eq. 6, and its weight."""
    weight = hybrid_weight(divergence, threshold)
    return hybrid_gradient(dense, sparse, weight), weight


def convex(batch, dense, sparse, divergence, routed, weight):
    """A fixed share of each gradient."""
    return weight * dense + (1.0 - weight) * sparse, weight


def total(batch, dense, sparse, divergence, routed):
    """Both gradients; the weight is the mean share of rollouts that have a teacher's."""
    return dense + sparse, np.mean(routed)


BLENDS = {"gate": gate, "convex": convex, "total": total}


def pull(batch, weight):
    """The lambda term's gradient."""
    return reference_gradient(batch.policy, batch.reference_policy, weight, batch.tokens)


REGULARISERS = {"pull": pull}
PRECONDITIONERS: dict = {}  # the paper has none


def say(batch, judge, noise):
    """What a judge says of a batch: the feedback (n,) and the hints."""
    judged = batch.rewards
    bias, of_bias = judge.get("bias", ("", {}))
    if bias in BIASES:
        judged = BIASES[bias](batch, **of_bias)
    kind, own = judge["noise"]
    observed = NOISES[kind](batch, judged, noise, **own)
    if bias in OBSERVATIONS:
        observed = OBSERVATIONS[bias](batch, observed, **of_bias)
    scale, own = judge["scale"]
    hints = [rollout_hint(judge, batch.arrays, batch.step, i) for i in range(len(batch.tokens))]
    return SCALES[scale](observed, **own), hints


def oracle_term(batch, beta):
    """Eq. 3's gradient with the teachers of eq. 2, and their divergence."""
    pairs = zip(batch.said, batch.hints, strict=True)
    teachers = [teacher(batch.logits, f, beta, batch.q, hint) for f, hint in pairs]
    divergence = teacher_kl(batch.logits, batch.said, beta, batch.q, batch.hints, batch.tokens)
    return sdpo_gradient(batch.policy, teachers, batch.tokens), divergence


def teacher_term(batch, update):
    """Any teacher's gradient and divergence; `batch` gets `ratios` and `routed`."""
    base, own = update["base"]
    logits = batch.base_logits = BASES[base](batch, **own)
    guidance, own = update["guidance"]  # which may read the base's logits
    rises, weights = GUIDANCES[guidance](batch, **own)
    batch.routed, counts = np.ones(len(weights)), lambda entropy: 1.0
    if "routing" in update:
        routing, own = update["routing"]
        batch.routed, counts = ROUTINGS[routing](batch, weights, **own)
    batch.ratios = np.empty(batch.tokens.shape)
    gradient, divergence, rollouts = np.zeros_like(batch.policy), 0.0, len(batch.tokens)
    teachers = [log_softmax(logits + rise) for rise in rises]
    if "pooling" in update:
        teachers = pooled(batch, teachers, weights, *update["pooling"])
    log_policy, apart = log_softmax(batch.logits), np.zeros(batch.tokens.shape)
    for i, tokens in enumerate(batch.tokens):
        log_teacher = teachers[i]
        for t, c in enumerate(met(batch.policy, tokens)):
            batch.ratios[i, t] = (log_teacher[c] - log_policy[c])[tokens[t]]
            divergence += weights[i] * kl_divergence(log_teacher[c], log_policy[c])
            if "divergence" in update:
                name, own = update["divergence"]
                entropy = -np.sum(np.exp(log_teacher[c]) * log_teacher[c])
                weight = weights[i] * batch.routed[i] * counts(entropy)
                pulled = DIVERGENCES[name](log_teacher[c], log_policy[c], tokens[t], **own)
                gradient[c] += weight * pulled / rollouts
                if "horizon" in update:
                    name, own = update["horizon"]
                    apart[i, t] = weight * HORIZONS[name](log_teacher[c], log_policy[c], **own)
    if "horizon" in update:
        later = [[-np.sum(own[t + 1 :]) for t in range(len(own))] for own in apart]
        gradient = gradient + score_gradient(batch.policy, batch.tokens, np.array(later))
    taught = np.sum(weights)
    return gradient, divergence / (taught * len(batch.policy)) if taught > 0.0 else 0.0


def pooled(batch, teachers, weights, name, own):
    """One teacher for all that came by a context; logarithms, an array per rollout."""
    found = [log_teacher.copy() for log_teacher in teachers]
    for t in range(len(batch.policy)):
        groups = {}
        for i, tokens in enumerate(batch.tokens):
            groups.setdefault(context(batch.policy, tokens, t), []).append(i)
        for c, group in groups.items():
            some = [i for i in group if weights[i] > 0.0]
            if some:
                shares = np.array([weights[i] for i in some]) / sum(weights[i] for i in some)
                mixed = POOLINGS[name](shares, np.array([teachers[k][c] for k in some]), **own)
                for i in group:
                    found[i][c] = mixed
    return found


DEAF = ("demonstration", "reference_solution")
"""Guidance that reads no feedback."""


def train(setting, method, feedback, noise, arrays):
    """Train one cell, plain gradient descent on the logits, and return what it logs.

    `setting` is the nested dictionary of a configuration's setting; `method` and `feedback` are
    names of `METHODS` and `FEEDBACKS`, or compositions like theirs; `noise` is the standard
    deviation of the reward observation. `arrays` holds everything random:

    - q (T, V), b (V, V), target (T,): the landscape, already scaled, and initial_logits (T, V), or
      (T, V, V) of an autoregressive policy
    - uniforms (steps, n, T) in [0, 1); noise (steps, n) standard normals
    - hints, standard normals, needed for critique only: (steps, n, T, V), or (steps, n, T) where
      their shape is `position`; without the two leading axes where they are drawn `fixed`
    - estimates (steps, n, T), standard normals, the errors of eq. 5's local quality estimates
    - streams, a function of a purpose's name that gives its `stream_key`, of what else is drawn

    Returns arrays (steps,) `reward`, `entropy`, `credit_correlation`, `hybrid_weight` (NaN without
    a blend), `teacher_kl` (NaN without a teacher), `judged` (NaN if it sees no feedback), each of
    the policy that sampled the step's rollouts, and `logits` (like the initial ones) after the
    last step.
    """
    steps, rollouts = setting["training"]["steps"], setting["training"]["rollouts"]
    update = chosen(METHODS[method] if isinstance(method, str) else method, setting["update"])
    judge = chosen(FEEDBACKS[feedback] if isinstance(feedback, str) else feedback, setting["judge"])
    logits = np.array(arrays["initial_logits"], dtype=np.float64)
    metrics = ("reward", "entropy", "credit_correlation", "hybrid_weight", "teacher_kl", "judged")
    log = {name: np.full(steps, np.nan) for name in metrics}
    batch = SimpleNamespace(
        setting=setting, rate=setting["training"]["learning_rate"], arrays=arrays,
        q=arrays["q"], b=arrays["b"], target=arrays["target"],
        initial_logits=logits, reference_policy=softmax(logits), kept={},
    )  # fmt: skip

    for step in range(steps):
        batch.step, batch.logits, batch.policy = step, logits, softmax(logits)
        drawn = [sample(batch.policy, arrays["uniforms"][step, i]) for i in range(rollouts)]
        batch.tokens = np.array(drawn)
        weight = setting["landscape"]["pattern_weight"]
        batch.rewards = np.array(
            [reward(s, batch.q, batch.b, batch.target, weight) for s in batch.tokens]
        )
        batch.normals, batch.estimates = arrays["noise"][step], arrays["estimates"][step]

        if "guidance" in update or "signal" in update:
            batch.said, batch.hints = say(batch, judge, noise)
            if "signal" in update or update["guidance"][0] not in DEAF:
                log["judged"][step] = np.mean(batch.said)
        batch.routed = np.zeros(rollouts)
        divergence = np.nan
        paper = [update.get(slot, ("",))[0] for slot in ("guidance", "base", "divergence")]
        others = {"pooling", "horizon", "routing"} & set(update)
        if paper == ["oracle", "live", "forward_kl"] and not others:
            gradient, divergence = oracle_term(batch, update["guidance"][1]["strength"])
            dense = gradient
        elif "guidance" in update:
            gradient, divergence = teacher_term(batch, update)
            dense = gradient
        log["teacher_kl"][step] = divergence
        if "credit" in update:
            signal = batch.rewards
            if "signal" in update:
                signal = SIGNALS[update["signal"][0]](batch, **update["signal"][1])
            advantages = ADVANTAGES[update["advantage"][0]](signal, **update["advantage"][1])
            if "routing" in update:
                advantages = advantages * (1.0 - batch.routed)
            credit, parameters = update["credit"]
            gradient = CREDITS[credit](batch, advantages, **parameters)
        if "blend" in update:
            blend, parameters = update["blend"]
            routed = batch.routed if "routing" in update else np.ones(rollouts)
            gradient, weight = BLENDS[blend](
                batch, dense, gradient, divergence, routed, **parameters
            )
            log["hybrid_weight"][step] = weight
        if "regulariser" in update:
            regulariser, parameters = update["regulariser"]
            gradient = gradient + REGULARISERS[regulariser](batch, **parameters)
        if "preconditioner" in update:
            preconditioner, parameters = update["preconditioner"]
            gradient = PRECONDITIONERS[preconditioner](batch, gradient, **parameters)

        log["reward"][step] = np.mean(batch.rewards)
        log["entropy"][step] = entropy(logits)
        log["credit_correlation"][step] = credit_correlation(
            gradient, batch.policy, batch.q, batch.tokens
        )
        logits = logits - batch.rate * gradient

    return {**log, "logits": logits}


# --- Random numbers ------------------------------------------------------------------------------
# A counter-based generator: number j of a stream is a function of the stream's key and j alone.

MASK = 2**64 - 1


def mix64(z):
    """SplitMix64's finaliser (Steele, Lea and Flood 2014; constants of Stafford's variant 13)."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def stream_key(purpose, seed):
    """(start, gamma) of the stream for what the numbers are for (an integer) and the seed."""
    start, gamma = np.random.SeedSequence([purpose, seed]).generate_state(2, np.uint64)
    return int(start), int(gamma) | 1


def word(key, index):
    """64-bit word number `index` (from 0) of a stream."""
    start, gamma = key
    return mix64((start + (index + 1) * gamma) & MASK)


def uniform(bits):
    """A uniform number in [0, 1) from a word's upper 52 bits."""
    return (bits >> 12) * 2.0**-52


def normal_pair(bits):
    """Two independent standard normals from the halves of one word (Box and Muller 1958)."""
    u1 = ((bits >> 32) + 0.5) * 2.0**-32
    u2 = (bits & 0xFFFFFFFF) * 2.0**-32
    radius = math.sqrt(-2.0 * math.log(u1))
    return radius * math.cos(2.0 * math.pi * u2), radius * math.sin(2.0 * math.pi * u2)


def uniforms(key, count):
    """The first `count` uniforms of a stream, (count,)."""
    return np.array([uniform(word(key, j)) for j in range(count)])


def normals(key, count):
    """The first `count` normals of a stream: the words' first normals, then their second ones."""
    return batches_of_normals(key, 1, count)[0]


def landscape_seed(chosen, seed):
    """The seed of the landscape of a cell: a number, the cell's own, or of a list by turns."""
    if chosen == "each":
        return seed
    return chosen[seed % len(chosen)] if isinstance(chosen, list) else chosen


def keyed_landscape(seed, length, vocabulary):
    """Standard q and b, and s*, from streams of their own."""
    q = normals(stream_key(1, seed), length * vocabulary).reshape(length, vocabulary)
    b = normals(stream_key(2, seed), vocabulary**2).reshape(vocabulary, vocabulary)
    target = np.floor(vocabulary * uniforms(stream_key(3, seed), length)).astype(np.int64)
    return q, b, target


def numpy_landscape(generator, order, seed, length, vocabulary):
    """The same from one NumPy generator, normals rounded to multiples of 2**-40."""
    new = generator == "numpy_default_rng"
    rng = np.random.default_rng(seed) if new else np.random.RandomState(seed)
    drawn = {}
    for name in order:
        if name == "target":
            drawn[name] = (
                rng.integers(0, vocabulary, length) if new else rng.randint(0, vocabulary, length)
            )
        else:
            rows = length if name == "quality" else vocabulary
            drawn[name] = np.round(rng.standard_normal((rows, vocabulary)) * 2**40) / 2**40
    return drawn["quality"], drawn["bigram"], drawn["target"]


def draw(setting, seed):
    """Everything random of one cell, as `train` takes it.

    Purposes 1 to 8 are q, b, s*, the initial logits, the rollouts, the noise, the hints and the
    estimates. The tables of the landscape belong to `landscape_seed`. Of rollouts, noise, hints and
    estimates every (step, position, token) has words of its own; the rollouts of one step stand in
    order.
    """
    shape, hint = setting["landscape"], setting["judge"]["normal"]
    steps, rollouts = setting["training"]["steps"], setting["training"]["rollouts"]
    length, vocabulary = shape["sequence_length"], shape["vocabulary_size"]
    where = landscape_seed(shape["seed"], seed)
    if shape["generator"] == "keyed":
        q, b, target = keyed_landscape(where, length, vocabulary)
    else:
        generator, order = shape["generator"], shape["order"]
        q, b, target = numpy_landscape(generator, order, where, length, vocabulary)
    logits = normals(stream_key(4, seed), length * vocabulary).reshape(length, vocabulary)
    order = uniforms(stream_key(5, seed), steps * length * rollouts)
    noise = batches_of_normals(stream_key(6, seed), steps, rollouts)
    rows = vocabulary if hint["shape"] == "token" else 1
    if hint["draw"] == "fixed":
        hints = normals(stream_key(7, seed), length * rows).reshape(length, rows)
    else:
        hints = batches_of_normals(stream_key(7, seed), steps * length * rows, rollouts)
        hints = hints.reshape(steps, length, rows, rollouts).transpose(0, 3, 1, 2)
    return {
        "q": shape["quality_sd"] * q,
        "b": shape["bigram_sd"] * b,
        "target": target,
        "initial_logits": setting["policy"]["initial_logit_sd"] * logits,
        "uniforms": order.reshape(steps, length, rollouts).transpose(0, 2, 1),
        "noise": noise,
        "hints": hints if hint["shape"] == "token" else hints[..., 0],
        "estimates": batches_of_normals(stream_key(8, seed), steps * length, rollouts)
        .reshape(steps, length, rollouts)
        .transpose(0, 2, 1),
    }


def batches_of_normals(key, batches, size):
    """Normals (batches, size), of which each batch starts with a word of its own."""
    words = (size + 1) // 2
    found = np.empty((batches, size))
    for batch in range(batches):
        pairs = [normal_pair(word(key, batch * words + j)) for j in range(words)]
        found[batch] = ([z0 for z0, _ in pairs] + [z1 for _, z1 in pairs])[:size]
    return found
