"""What `docs/equations.md` derives from the paper's equations, each by a second way.

Expectations are sums over all sequences, gradients are central differences of losses, and what is
said of training is asked of the kernel.
"""

import functools
import itertools
import math
import re
from pathlib import Path

import numpy as np
import pytest

import reference
from sdposim.calibration.space import changed, printed
from sdposim.model.landscape import from_arrays
from sdposim.model.metrics import METRICS
from sdposim.model.paper import FEEDBACKS, train, train_block
from sdposim.workflow.configuration.settings import Setting

DOCUMENT = Path(__file__).parents[1] / "docs" / "equations.md"
ALWAYS = {"threshold": {"cut": -1000.0}}
"""Binary feedback that every rollout passes: f = 1."""
UNIFORM = {"initial_logit_sd": 0.0}
"""A policy that starts uniform."""
CORRELATION = "credit_correlation"


def made(**changes) -> dict:
    """The equations as printed, for 25 steps, with some keys changed."""
    setting = changed(printed(Setting().model_dump()), {"training": {"steps": 25}})
    return changed(setting, changes)


def column(log, name):
    """One metric of a log, or of logs."""
    return log[..., METRICS.index(name)]


def logs(*cell, **options):
    """Logs of many seeds, (seeds, steps, metrics)."""
    return np.concatenate(list(train_block(*cell, **options)))


def differences(loss, logits, step=1e-5):
    """Gradient of `loss` at `logits`, by central differences."""
    gradient = np.zeros_like(logits)
    for index in np.ndindex(logits.shape):
        shift = np.zeros_like(logits)
        shift[index] = step
        gradient[index] = (loss(logits + shift) - loss(logits - shift)) / (2 * step)
    return gradient


def tables(vocabulary, length, scale=1.0, number=0):
    """q and logits, both (T, V), far from uniform and from symmetric."""
    rng = np.random.default_rng([number, vocabulary, length])
    shape = length, vocabulary
    return scale * rng.gumbel(size=shape), rng.normal(size=shape)


def plain_rewards(sequences, q):
    """Eq. 1 with neither bigrams nor pattern."""
    length, vocabulary = q.shape
    none = np.zeros((vocabulary, vocabulary)), np.zeros(length, int), 0.0
    return np.array([reference.reward(s, q, *none) for s in sequences])


def every(logits):
    """All sequences, and how likely the policy samples each."""
    policy = reference.softmax(logits)
    length, vocabulary = policy.shape
    sequences = np.array(list(itertools.product(range(vocabulary), repeat=length)))
    return sequences, policy[np.arange(length), sequences].prod(axis=1)


def batches(sequences, chances, count):
    """All batches of `count` rollouts as indices, and how likely each is."""
    for batch in itertools.product(range(len(sequences)), repeat=count):
        yield list(batch), np.prod(chances[list(batch)])


def mean_of(q, policy):
    """E_pi[q(t, .)], (T, 1)."""
    return np.sum(policy * q, axis=1, keepdims=True)


def moment(q, policy, order):
    """Central moments of q under the policy, (T,)."""
    return np.sum(policy * (q - mean_of(q, policy)) ** order, axis=1)


def correlations(direction, q):
    """Pearson over tokens of each row of two tables, (T,)."""
    d, a = (x - x.mean(axis=1, keepdims=True) for x in (direction, q))
    return np.sum(d * a, axis=1) / np.sqrt(np.sum(d**2, axis=1) * np.sum(a**2, axis=1))


# --- D1 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", ["rollout", "fixed"])
@pytest.mark.parametrize("method", ["sdpo", "hybrid"])
def test_d1_a_hint_for_a_position_trains_as_no_hint(method, draw):
    hint = {"shape": "position", "draw": draw, "sd": 5.0}
    critique = train(made(judge={"normal": hint}), method, "critique", 0.2, 0)
    continuous = train(made(), method, "continuous", 0.2, 0)
    np.testing.assert_allclose(critique, continuous, rtol=0, atol=1e-11)
    per_token = train(made(judge={"normal": hint | {"shape": "token"}}), method, "critique", 0.2, 0)
    assert np.abs(per_token - continuous)[:, :3].max() > 0.01


def test_d1_a_perfect_hint_leaves_no_guidance():
    q, logits = tables(5, 3)
    teacher = reference.teacher(logits, 0.7, 2.0, q, hint=q)
    np.testing.assert_allclose(teacher, reference.softmax(logits), atol=1e-15)


# --- D2 ------------------------------------------------------------------------------------------


def judged(feedback, bias):
    return FEEDBACKS[feedback] | {"bias": bias}


@pytest.mark.parametrize("feedback", ["binary", "ordinal", "continuous"])
def test_d2_shuffled_feedback_trains_as_the_rollouts_own(feedback):
    own = train(made(), "sdpo", feedback, 0.0, 0)
    shuffled = train(made(), "sdpo", judged(feedback, "shuffled"), 0.0, 0)
    np.testing.assert_allclose(shuffled, own, rtol=0, atol=1e-11)


def test_d2_contexts_tell_rollouts_apart():
    setting = made(policy={"context": "previous_token"})
    own = train(setting, "sdpo", "continuous", 0.0, 0)
    shuffled = train(setting, "sdpo", judged("continuous", "shuffled"), 0.0, 0)
    assert np.abs(shuffled - own)[:, 2].max() > 1e-4


def test_d2_a_constant_feedback_differs_by_the_teachers_curvature():
    q, logits = tables(8, 6)
    feedbacks, beta = np.linspace(0.2, 0.8, 9), 2.0
    teachers = np.array([reference.teacher(logits, f, beta, q) for f in feedbacks])
    constant = reference.teacher(logits, feedbacks.mean(), beta, q)
    spread = np.ptp(q, axis=1, keepdims=True)
    bound = spread**2 * np.var(beta * feedbacks) / 2
    assert (np.abs(teachers.mean(axis=0) - constant) <= bound).all()
    # The curvature itself, by differences.
    p, d = constant, q - mean_of(q, constant)
    mean, h = feedbacks.mean(), 1e-3
    around = [reference.teacher(logits, mean + s * h / beta, beta, q) for s in (-1, 0, 1)]
    found = (around[0] - 2 * around[1] + around[2]) / h**2
    np.testing.assert_allclose(found, p * (d**2 - moment(q, p, 2)[:, None]), atol=1e-5)


@pytest.mark.parametrize("number", range(20))
def test_d2_sdpo_correlates_whatever_it_is_told(number):
    """Any positive f, any policy: the numerator is how much better the teachers are."""
    q, logits = tables(6, 4, number=number)
    policy, feedbacks = reference.softmax(logits), np.random.default_rng(number).random(5)
    teachers = np.array([reference.teacher(logits, f, 2.0, q) for f in feedbacks])
    direction = -reference.sdpo_gradient(policy, teachers)
    numerator = np.sum(direction * q, axis=1)
    better = np.mean([mean_of(q, p) for p in teachers], axis=0) - mean_of(q, policy)
    np.testing.assert_allclose(numerator, better[:, 0], atol=1e-14)
    assert (numerator > 0).all() and (correlations(direction, q) > 0).all()


# --- D3 ------------------------------------------------------------------------------------------


def sharpness_correlation(q, tilts):
    """corr(softmax(c q) - 1/V, q) for each tilt c."""
    teachers = reference.softmax(np.multiply.outer(tilts, q)) - 1 / q.size
    return correlations(teachers, np.broadcast_to(q, teachers.shape))


@pytest.mark.parametrize("vocabulary", [3, 8])
def test_d3_correlation_falls_with_the_tilt(vocabulary):
    tilts = np.linspace(0.01, 40.0, 800)
    uneven = np.array([10.0, *np.linspace(0.0, 1.0, vocabulary - 1)])
    others = [tables(vocabulary, 1, number=number)[0][0] for number in range(30)]
    for q in (uneven, -uneven, *others):
        found = sharpness_correlation(q, tilts)
        assert (np.diff(found) < 1e-12).all() and found[0] - found[-1] > 1e-6
        limit = (q.max() - q.mean()) / (q.std() * math.sqrt(vocabulary - 1))
        assert sharpness_correlation(q, [1e5])[0] == pytest.approx(limit, abs=1e-12)
        curve = np.linalg.lstsq(np.column_stack([np.ones_like(q), q]), q**2, rcond=None)
        slope = np.square(0.01) / 8 * curve[1][0] / (q.size * q.var())
        tiny = sharpness_correlation(q, [0.01 / np.ptp(q)])[0]
        assert 1 - tiny == pytest.approx(slope / np.ptp(q) ** 2, rel=0.05, abs=1e-12)


@pytest.mark.parametrize("number", range(5))
def test_d3_correlation_falls_from_the_uniform_policy(number):
    """A weak teacher's, pi A*, along policies softmax(theta q): as a tilt of 2 theta costs."""
    q = tables(8, 1, number=number)[0]
    own, theta = q / np.ptp(q), 0.01
    policy = reference.softmax(theta * own)
    sharpened = correlations(policy * reference.advantage(policy, own), own)[0]
    assert correlations(own - own.mean(), own)[0] == pytest.approx(1.0, abs=1e-14)
    tilted = sharpness_correlation(own[0], [2 * theta])[0]
    assert 1 - sharpened == pytest.approx(1 - tilted, rel=0.05) and sharpened < 1
    # pi A* over its value for the best token, which needs no difference of numbers near 1.
    gap = own.max() - own
    weights = np.exp(-np.linspace(theta, 60.0, 300)[:, None] * gap)
    mean = np.sum(weights * gap, axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
    path = correlations(weights * (1 - gap / mean), np.tile(own, (300, 1)))
    assert path[0] == pytest.approx(sharpened, abs=1e-10)
    assert (np.diff(path) < 1e-12).all() and path[-1] < 0.99


def test_d3_binary_feedback_has_the_lowest_correlation_at_a_uniform_policy():
    setting = made(policy=UNIFORM, training={"steps": 1}, landscape={"seed": "each"})
    found = {
        feedback: column(logs(setting, "sdpo", feedback, 0.3, range(100)), CORRELATION)
        for feedback in ("binary", "ordinal", "continuous")
    }
    assert (found["binary"] < found["ordinal"]).all()
    assert (found["binary"] < found["continuous"]).all()
    sure = train_block(changed(setting, {"judge": ALWAYS}), "sdpo", "binary", 0.0, range(100))
    np.testing.assert_allclose(column(next(sure), CORRELATION), found["binary"], atol=1e-9)


def test_d3_the_weakest_constant_feedback_has_the_highest_correlation():
    changes = {"update": {"oracle": {"strength": 1e-3}}, "judge": ALWAYS, "policy": UNIFORM}
    log = train(made(training={"steps": 1}, **changes), "sdpo", "binary", 0.0, 0)
    assert 1 - 1e-6 < column(log, CORRELATION)[0] < 1


# --- D4 ------------------------------------------------------------------------------------------


@functools.cache
def small(vocabulary, length):
    """A whole landscape with all its sequences: q, logits, sequences, chances, rewards."""
    q, logits = tables(vocabulary, length)
    rng = np.random.default_rng(9)
    b, target = 0.2 * rng.normal(size=(vocabulary, vocabulary)), np.arange(length) % vocabulary
    sequences, chances = every(logits)
    rewards = np.array([reference.reward(s, q, b, target, 0.3) for s in sequences])
    return q, logits, sequences, chances, rewards


@pytest.mark.parametrize(("vocabulary", "length", "count"), [(3, 3, 2), (2, 2, 3), (2, 2, 4)])
def test_d4_moments_of_a_batch(vocabulary, length, count):
    """Mean and mean square of eq. 4, over all batches."""
    q, logits, sequences, chances, rewards = small(vocabulary, length)
    policy = reference.softmax(logits)
    mean, square = np.zeros_like(policy), np.zeros(length)
    for batch, chance in batches(sequences, chances, count):
        direction = -reference.reinforce_gradient(policy, sequences[batch], rewards[batch])
        mean += chance * direction
        square += chance * np.sum(direction**2, axis=1)
    share = 1 - 1 / count
    exact = differences(lambda x: every(x)[1] @ rewards, logits)
    np.testing.assert_allclose(mean, share * exact, rtol=1e-7, atol=1e-10)

    a = rewards - chances @ rewards
    u = np.eye(vocabulary)[sequences] - policy
    covariance = np.einsum("s,s,stv->tv", chances, a, u)
    np.testing.assert_allclose(covariance, exact, atol=1e-9)
    both = np.einsum("s,s,stv->tv", chances, a**2, u**2)
    apart = (chances @ a**2) * policy * (1 - policy)
    variance = (both - (count - 2) / (count - 1) * covariance**2 + apart / (count - 1)) / count
    np.testing.assert_allclose(
        square, share**2 * np.sum(covariance**2 + variance, axis=1), rtol=1e-10
    )
    local = q[np.arange(length), sequences]
    together = (chances * a) @ (local - chances @ local)
    np.testing.assert_allclose(np.sum(mean * q, axis=1), share * together, atol=1e-12)


def test_d4_numerator_of_a_batch_is_a_sample_covariance():
    q, logits = tables(5, 4)
    tokens = np.random.default_rng(2).integers(5, size=(7, 4))
    rewards = np.random.default_rng(3).random(7)
    direction = -reference.reinforce_gradient(reference.softmax(logits), tokens, rewards)
    local = q[np.arange(4), tokens]
    expected = [np.cov(rewards, own, ddof=0)[0, 1] for own in local.T]
    np.testing.assert_allclose(np.sum(direction * q, axis=1), expected, atol=1e-14)


@pytest.mark.parametrize("number", range(10))
def test_d4_expected_correlation_is_positive_where_reward_is_quality(number):
    q, logits = tables(3, 3, number=number)
    sequences, _ = every(logits)
    rewards = plain_rewards(sequences, q)
    exact = differences(lambda x: every(x)[1] @ rewards, logits)
    assert (correlations(exact, q) > 0).all()
    # Where the reward falls with a token's quality, and only there, it is negative.
    against = plain_rewards(sequences, q * np.array([[-1.0], [1.0], [1.0]]))
    exact = differences(lambda x: every(x)[1] @ against, logits)
    assert (np.sign(correlations(exact, q)) == [-1, 1, 1]).all()


@pytest.mark.parametrize("method", ["reinforce", "adv_weighted"])
def test_d4_reversed_direction_is_minus_the_printed_correlation(method):
    credit = {"reinforce": "sequence", "adv_weighted": "quality_share"}[method]
    setting = made(training={"steps": 1})
    found = [
        column(train(changed(setting, {"update": way}), method, "binary", 0.0, 0), CORRELATION)[0]
        for way in ({credit: {"direction": name}} for name in ("printed", "reversed"))
    ]
    assert found[0] == pytest.approx(-found[1], abs=1e-12) and abs(found[0]) > 1e-3


def test_d4_kernel_with_many_rollouts_has_the_exact_gradients_correlation():
    q = tables(3, 3)[0]
    sequences, _ = every(np.zeros_like(q))
    rewards = plain_rewards(sequences, q)
    exact = differences(lambda x: every(x)[1] @ rewards, np.zeros_like(q))
    expected = correlations(exact, q).mean()
    shape = {"vocabulary_size": 3, "sequence_length": 3, "pattern_weight": 0.0}
    setting = made(landscape=shape, policy=UNIFORM)
    setting["training"] |= {"steps": 1, "rollouts": 100_000}
    own = from_arrays(q, np.zeros((3, 3)), np.zeros(3, int), 0.0)
    for direction, sign in (("printed", 1), ("reversed", -1)):
        way = {"update": {"sequence": {"direction": direction}}}
        log = train(changed(setting, way), "reinforce", "binary", 0.0, 0, landscape=own)
        # Noise turns a position's direction by some sqrt(T (V - 1) / n) = 0.008.
        assert column(log, CORRELATION)[0] == pytest.approx(sign * expected, abs=0.02)
    assert expected > 0.9


@pytest.mark.parametrize(("rollouts", "said"), [(8, 0.38), (32, 0.65), (128, 0.87), (512, 0.96)])
def test_d4_size_grows_with_the_batch(rollouts, said):
    shape = {"seed": "each", "bigram_sd": 0.0, "pattern_weight": 0.0}
    setting = made(landscape=shape, policy=UNIFORM)
    setting["training"] |= {"steps": 1, "rollouts": rollouts}
    found = column(logs(setting, "reinforce", "binary", 0.0, range(400)), CORRELATION).mean()
    ratio = (rollouts - 1) / (6 * 7)
    formula = math.sqrt(ratio / (1 + ratio))
    assert formula == pytest.approx(said, abs=0.005)
    assert found == pytest.approx(formula, abs=0.05)


# --- D5 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", ["signed", "undivided"])
@pytest.mark.parametrize("mean", ["policy", "tokens", "all", "batch", "rollout"])
def test_d5_a_landscape_upside_down_trains_the_same_policy(mean, share):
    """Step by step: the same entropy, one less the reward, minus the correlation."""
    rng = np.random.default_rng(4)
    q, none = rng.normal(size=(6, 8)), (np.zeros((8, 8)), np.zeros(6, int), 0.0)
    setting = made(update={"quality_share": {"mean": mean, "share": share}})
    setting = changed(setting, {"training": {"learning_rate": 0.5}})
    runs = {
        method: [
            train(setting, method, "binary", 0.0, 0, landscape=from_arrays(sign * q, *none))
            for sign in (1, -1)
        ]
        for method in ("adv_weighted", "reinforce")
    }
    up, down = runs["adv_weighted"]
    np.testing.assert_allclose(up[:, 0] + down[:, 0], 1.0, atol=1e-10)
    np.testing.assert_allclose(up[:, 1], down[:, 1], atol=1e-10)
    np.testing.assert_allclose(up[:, 2], -down[:, 2], atol=1e-8)
    assert np.abs(up[:, 2]).max() > 0.01
    up, down = runs["reinforce"]
    assert up[0, 2] == pytest.approx(down[0, 2], abs=1e-10) and up[0, 2] > 0
    assert up[-1, 0] + down[-1, 0] > 1.01


def expected_direction(logits, sequences, chances, advantages, q, share):
    """Mean of minus eq. 5's gradient, for a baseline that is the expected reward."""
    policy = reference.softmax(logits)
    about = policy, sequences, advantages, q, 1e-8, "policy", share
    credits = reference.adv_weighted_credits(*about)
    u = np.eye(policy.shape[1])[sequences] - policy
    return np.einsum("s,st,stv->tv", chances, credits, u)


@pytest.mark.parametrize("number", range(5))
def test_d5_without_its_denominator_eq_5_follows_the_square(number):
    """pi (d^2 - Var) / (4 T), for small q; at a uniform policy the skewness is the correlation."""
    q, logits = tables(4, 3, scale=1e-3, number=number)
    for start in (logits, np.zeros_like(logits)):
        policy = reference.softmax(start)
        sequences, chances = every(start)
        rewards = plain_rewards(sequences, q)
        about = start, sequences, chances, rewards - chances @ rewards, q
        found = expected_direction(*about, "undivided")
        d = q - mean_of(q, policy)
        expected = policy * (d**2 - moment(q, policy, 2)[:, None]) / 12
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.005 * np.abs(expected).max())
        third = moment(q, policy, 3) / 12
        np.testing.assert_allclose(np.sum(expected * q, axis=1), third, rtol=1e-9)
    second, third, fourth = (moment(q, policy, order) for order in (2, 3, 4))
    skewness = (third / second**1.5) / np.sqrt(fourth / second**2 - 1)
    np.testing.assert_allclose(correlations(found, q), skewness, atol=0.02)


def test_d5_as_printed_the_sign_is_the_skewness_of_the_landscape():
    for row, sign in (([2.0, 0.0, -0.9, -1.1], 1), ([-2.0, 0.0, 0.9, 1.1], -1)):
        q = np.array([row] * 3)
        sequences, chances = every(np.zeros_like(q))
        rewards = plain_rewards(sequences, q)
        about = np.zeros_like(q), sequences, chances, rewards - chances @ rewards, q
        assert (sign * correlations(expected_direction(*about, "signed"), q) > 0.1).all()


def shapley(sequences, chances, policy, rewards):
    """Shapley values of positions, (sequences, T): an absent token is drawn from the policy."""
    length = policy.shape[0]

    @functools.cache
    def value(coalition):
        """E[R | the coalition's tokens], of each sequence."""
        same = (sequences[:, None, coalition] == sequences[None, :, coalition]).all(axis=2)
        return (same * chances) @ rewards / (same @ chances)

    values = np.zeros(sequences.shape)
    for order in itertools.permutations(range(length)):
        for place, t in enumerate(order):
            before, after = tuple(sorted(order[:place])), tuple(sorted(order[: place + 1]))
            values[:, t] += (value(after) - value(before)) / math.factorial(length)
    return values


def test_d5_shapley_values_are_another_credit():
    q, logits, sequences, chances, rewards = small(3, 3)
    policy = reference.softmax(logits)
    advantages = rewards - chances @ rewards
    credits = shapley(sequences, chances, policy, rewards)
    np.testing.assert_allclose(credits.sum(axis=1), advantages, atol=1e-14)
    u = np.eye(3)[sequences] - policy
    exact = differences(lambda x: every(x)[1] @ rewards, logits)
    np.testing.assert_allclose(np.einsum("s,st,stv->tv", chances, credits, u), exact, atol=1e-9)
    printed_credits = reference.adv_weighted_credits(policy, sequences, advantages, q, 1e-8)
    assert np.abs(printed_credits.sum(axis=1) - advantages).max() > 0.05


def test_d5_the_worst_sequence_is_praised_at_each_token():
    q, logits = tables(4, 3)
    sequences, chances = every(logits)
    policy, rewards = reference.softmax(logits), plain_rewards(sequences, q)
    worst = int(np.argmin(rewards))
    assert (sequences[worst] == q.argmin(axis=1)).all()
    advantages = rewards - chances @ rewards
    credits = reference.adv_weighted_credits(policy, sequences, advantages, q, 1e-12)
    assert (credits[worst] > 0).all()
    assert credits[worst].sum() == pytest.approx(-advantages[worst], abs=1e-9)
    assert (shapley(sequences, chances, policy, rewards)[worst] < 0).all()


# --- D7 ------------------------------------------------------------------------------------------

ONE_POSITION = {"vocabulary_size": 5, "sequence_length": 1, "pattern_weight": 0.0}


def settled(weight, steps=20_000):
    """SDPO's entropy at one position after many steps with f = 1, and the table q."""
    q = np.array([[1.0, 0.4, 0.1, -0.6, -0.9]])
    setting = made(
        landscape=ONE_POSITION,
        policy=UNIFORM,
        judge=ALWAYS,
        update={"pull": {"weight": weight}, "oracle": {"strength": 2.0}},
        training={"steps": steps, "learning_rate": 0.5, "rollouts": 1},
    )
    own = from_arrays(q, np.zeros((5, 5)), [0], 0.0)
    log = train(setting, "sdpo", "binary", 0.0, 0, np.array([steps - 1, steps]), landscape=own)
    return log[-1], q[0]


def fixed_point(weight, q, tilt):
    """The policy where E[teacher] - pi = weight (pi - 1/V): pi_v by the scale Z, found by halving.

    (1 + weight) pi_v = pi_v exp(tilt q_v) / Z + weight / V.
    """
    growth = np.exp(tilt * q)

    def policy(scale):
        return weight / q.size / (1 + weight - growth / scale)

    low, high = growth.max() / (1 + weight) * (1 + 1e-15), 1e3 * growth.max()
    for _ in range(300):
        middle = (low + high) / 2
        low, high = (middle, high) if policy(middle).sum() > 1 else (low, middle)
    return policy(high)


@pytest.mark.parametrize("weight", [0.01, 0.3])
def test_d7_only_the_lambda_term_holds_a_live_teachers_student(weight):
    last, q = settled(weight)
    point = fixed_point(weight, q, 2.0)
    assert point.sum() == pytest.approx(1.0, abs=1e-9)
    assert column(last, "entropy") == pytest.approx(-point @ np.log(point), abs=1e-6)
    best = weight / 5 / (weight + 1 - np.exp(-2.0 * (q[0] - q[1:])))
    np.testing.assert_allclose(point[1:], best, rtol=0.7 * weight)
    without, _ = settled(0.0)
    assert column(without, "entropy") < 0.005 < 0.05 < column(last, "entropy")


@pytest.mark.parametrize("feedback", ["binary", "continuous"])
def test_d7_the_papers_sdpo_settles_far_below_the_published_entropies(feedback):
    """800 times as far as 300 steps at a learning rate of 0.02 go, on ten landscapes."""
    setting = made(landscape={"seed": "each"}, training={"steps": 1000, "learning_rate": 5.0})
    settling = column(logs(setting, "sdpo", feedback, 0.0, range(10)), "entropy")[:, [499, 999]]
    assert settling.max() < 0.5 and settling.mean() == pytest.approx(0.1, abs=0.03)
    np.testing.assert_allclose(settling[:, 0], settling[:, 1], atol=0.03)


def test_d7_a_teacher_on_fixed_logits_has_a_fixed_point():
    q, start = tables(5, 3)
    teachers = [reference.teacher(start, f, 2.0, q) for f in (0.2, 0.9)]
    for own in (teachers[:1], teachers):
        logits = start.copy()
        for _ in range(4000):
            logits -= reference.sdpo_gradient(reference.softmax(logits), own)
        np.testing.assert_allclose(reference.softmax(logits), np.mean(own, axis=0), atol=1e-9)
    np.testing.assert_allclose(teachers[0], reference.softmax(start + 0.4 * q), atol=1e-15)


# --- D9 ------------------------------------------------------------------------------------------


def divergence(q, logits, tilt):
    """KL(teacher || student) at one position."""
    teacher = reference.log_softmax(logits + tilt * q)
    return reference.kl_divergence(teacher, reference.log_softmax(logits))


@pytest.mark.parametrize("number", range(5))
def test_d9_divergence_is_half_the_variance(number):
    q, logits = tables(6, 1, number=number)
    policy, width = reference.softmax(logits), np.ptp(q)
    second, third = (moment(q, policy, order)[0] for order in (2, 3))
    for reach in (0.01, 0.03, 0.1):
        tilt = reach / width
        series = tilt**2 * second / 2 + tilt**3 * third / 3
        assert abs(divergence(q, logits, tilt) - series) < reach**4 / 30
    for tilt in (0.1, 1.0, 10.0):
        assert divergence(q, logits, tilt) < (tilt * width) ** 2 / 8


def test_d9_the_uniform_policy_has_not_the_largest_divergence():
    """Half the mass on the best token, half on the worst has."""
    q = np.array([[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]])
    half = np.log(np.array([[0.5, *[0.5 / 7] * 7]]))
    assert divergence(q, half, 0.1) > 2 * divergence(q, np.zeros_like(q), 0.1)
    assert divergence(q, half, 1.0) > divergence(q, np.zeros_like(q), 1.0)


def test_d9_the_variance_first_moves_by_the_skewness():
    q, _ = tables(8, 6)
    uniform, tilt, rate = np.full(q.shape, 1 / 8), 1e-3, 1e-3
    step = rate * (reference.teacher(np.zeros_like(q), 1.0, tilt, q) - uniform)
    change = moment(q, reference.softmax(step), 2) - moment(q, reference.softmax(-step), 2)
    expected = rate * tilt * moment(q, uniform, 3) / 8
    np.testing.assert_allclose(change / 2, expected, rtol=0.01, atol=1e-9)


def test_d9_first_weight_of_the_hybrid():
    """The kernel's, on 200 landscapes of q ~ N(0, 1), by the variance of q and the feedback."""
    setting = made(
        landscape={"seed": "each"},
        policy=UNIFORM,
        update={"gate": {"threshold": 0.15}},
        training={"steps": 1, "rollouts": 1},
    )
    log = logs(changed(setting, {"judge": ALWAYS}), "hybrid", "binary", 0.0, range(200))[:, 0]
    expected = 1 / (1 + np.exp(-3 * (column(log, "teacher_kl") / 0.15 - 1)))
    np.testing.assert_allclose(column(log, "hybrid_weight"), expected, rtol=1e-10)

    def first(variance):
        return 1 / (1 + math.exp(-3 * (variance / 2 / 0.15 - 1)))

    assert first(7 / 8) == pytest.approx(0.997, abs=5e-4)
    assert first(0.5) == pytest.approx(0.88, abs=5e-3)
    assert first(0.3) == 0.5
    # f = 1/2: beta 2 there is beta 1 here, where f = 1.
    halved = changed(setting, {"judge": ALWAYS, "update": {"oracle": {"strength": 1.0}}})
    log = logs(halved, "hybrid", "binary", 0.0, range(200))[:, 0]
    mean = column(log, "teacher_kl").mean()
    assert mean == pytest.approx(0.36, abs=0.03)
    assert first(2 * mean) == pytest.approx(0.98, abs=0.01)


def test_d9_the_weight_ends_near_its_floor():
    """sigmoid(-3), where nothing diverges any more."""
    setting = made(
        landscape=ONE_POSITION,
        judge=ALWAYS,
        update={"gate": {"threshold": 0.15}, "pull": {"weight": 0.0}},
        training={"steps": 4000, "learning_rate": 2.0},
    )
    ends = np.array([1, 3999, 4000])
    first, _, last = train(setting, "hybrid", "binary", 0.0, 0, ends)
    floor = 1 / (1 + math.exp(3))
    assert floor <= column(last, "hybrid_weight") < floor + 0.03 < column(first, "hybrid_weight")


# --- D10 -----------------------------------------------------------------------------------------


def reverse_loss(logits, teacher_logits):
    """KL(pi || teacher), summed over positions."""
    return reference.kl_divergence(
        reference.log_softmax(logits), reference.log_softmax(teacher_logits)
    )


def test_d10_reverse_kl_climbs_the_expected_quality():
    q, logits = tables(3, 3)
    policy, tilt = reference.softmax(logits), 1.4
    gradient = differences(lambda x: reverse_loss(x, logits + tilt * q), logits)
    sequences, _ = every(logits)
    local = q[np.arange(3), sequences].sum(axis=1)
    quality = differences(lambda x: every(x)[1] @ local, logits)
    np.testing.assert_allclose(-gradient, tilt * quality, rtol=1e-6, atol=1e-9)
    advantages = reference.advantage(policy, q)
    np.testing.assert_allclose(quality, policy * advantages, rtol=1e-6, atol=1e-9)


def test_d10_gradient_for_any_teacher():
    (other, logits), policy = tables(4, 3), reference.softmax(tables(4, 3)[1])
    ratio = np.log(policy / reference.softmax(other))
    expected = policy * (ratio - np.sum(policy * ratio, axis=1, keepdims=True))
    gradient = differences(lambda x: reverse_loss(x, other), logits)
    np.testing.assert_allclose(gradient, expected, rtol=1e-6, atol=1e-9)


def test_d10_reverse_kl_is_linear_in_the_feedback_and_forward_kl_is_not():
    q, logits = tables(5, 3)
    policy = reference.softmax(logits)
    reverse, forward = [], []
    for f in (0.1, 0.5, 0.9):
        shifted = logits + 2.0 * f * q
        reverse.append(-differences(lambda x, p=shifted: reverse_loss(x, p), logits))
        forward.append(reference.softmax(shifted) - policy)
    np.testing.assert_allclose((reverse[0] + reverse[2]) / 2, reverse[1], atol=1e-8)
    assert np.abs((forward[0] + forward[2]) / 2 - forward[1]).max() > 1e-3
    same = [correlations(direction, q) for direction in reverse]
    np.testing.assert_allclose(same[0], same[2], atol=1e-6)
    assert np.abs(correlations(forward[0], q) - correlations(forward[2], q)).max() > 0.01
    # To first order in beta f they are one.
    tiny = 1e-4
    first = (reference.softmax(logits + tiny * q) - policy) / tiny
    np.testing.assert_allclose(first, policy * reference.advantage(policy, q), atol=1e-3)


# --- D11 -----------------------------------------------------------------------------------------


def test_d11_the_lambda_term_pulls_by_kl_from_the_reference():
    start, logits = tables(4, 3)
    policy, initial = reference.softmax(logits), reference.softmax(start)
    before, weight = reference.log_softmax(start), 0.7
    term = weight * (policy - initial)

    def from_reference(x):
        return weight * reference.kl_divergence(before, reference.log_softmax(x))

    def to_reference(x):
        return weight * reference.kl_divergence(reference.log_softmax(x), before)

    np.testing.assert_allclose(differences(from_reference, logits), term, rtol=1e-6, atol=1e-9)
    other = differences(to_reference, logits)
    assert np.abs(other - term).max() > 0.01
    ratio = np.log(policy / initial)
    expected = weight * policy * (ratio - np.sum(policy * ratio, axis=1, keepdims=True))
    np.testing.assert_allclose(other, expected, rtol=1e-6, atol=1e-9)
    # Near the reference both are one.
    shift = 1e-3 * logits
    near = reference.softmax(start + shift)
    linear = initial * (shift - np.sum(initial * shift, axis=1, keepdims=True))
    np.testing.assert_allclose(near - initial, linear, atol=1e-5)
    assert np.abs(linear).max() > 1e-4


# --- The document --------------------------------------------------------------------------------


def test_the_document_names_the_tests_that_are_here():
    named = set(re.findall(r"`(test_d\w+)`", DOCUMENT.read_text()))
    assert named == {name for name in globals() if name.startswith("test_d")}
