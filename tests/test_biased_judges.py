"""What biased judges promise, besides the equations that `test_kernel` compares them with."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import reference
from oracle_judges import common_subsequence, criteria, normals_from
from sdposim.model import paper
from sdposim.model.judge.bias import adversarial as adversarial_module
from sdposim.model.judge.bias import constitution as constitution_module
from sdposim.model.judge.bias import flips as flips_module
from sdposim.model.judge.bias import raters as raters_module
from sdposim.model.judge.bias import rubric as rubric_module
from sdposim.model.judge.bias.length import effective_length
from sdposim.model.judge.bias.reference_based import in_order
from sdposim.model.judge.noise import student_t as student_module
from sdposim.model.judge.scale.threshold import Settings as Threshold
from sdposim.model.judge.scale.threshold import threshold
from sdposim.model.landscape import Landscape, rewards, token_values
from sdposim.model.numerics.jit import compiled
from sdposim.model.numerics.randomness import Purpose, key
from sdposim.model.paper import train
from sdposim.model.parts import parts
from sdposim.model.policy import softmax
from sdposim.model.workspace import make_workspace
from sdposim.workflow.configuration.settings import Setting

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")  # plain Python's words
ERROR = 1e-12
KEY = key(Purpose.BIAS, 4)
OF_NO_STRENGTH = {
    "leniency": {"share": 0.0},
    "anchoring": {"share": 0.0},
    "previous_score": {"carried": 0.0},
    "length": {"strength": 0.0},
    "style": {"strength": 0.0},
    "self_preference": {"strength": 0.0},
    "raters": {"offset_sd": 0.0, "scale_sd": 0.0},
    "flips": {"false_pass": 0.0, "false_fail": 0.0},
    "adversarial": {"share": 0.0},
    "rubric": {"share": 0.0},
    "reference_based": {"share": 0.0},
    "self_rewarding": {"share": 0.0},
    "constitution": {"strength": 0.0},
}
OF_SCORES = ("flips", "previous_score")
"""What is of the score that was observed, noise and all, not of the reward."""
JUDGED = paper.METHODS["reinforce"] | {"signal": "judged"}
UNREGULARISED = {slot: part for slot, part in JUDGED.items() if slot != "regulariser"}
UNCLIPPED = {"noise": "gaussian", "scale": {"interval": {"clip": False}}}


def batch(tokens, vocabulary=4, context="position", quality=None, bigram=None, target=None):
    """A step's landscape, workspace and rewards, for rollouts (n, T)."""
    tokens, rng = np.array(tokens), np.random.default_rng(8)
    count, length = tokens.shape
    landscape = Landscape(
        rng.normal(size=(length, vocabulary)) if quality is None else np.array(quality),
        rng.normal(size=(vocabulary, vocabulary)) if bigram is None else np.array(bigram),
        rng.integers(0, vocabulary, length) if target is None else np.array(target),
        0.4,
    )
    contexts = length * (vocabulary if context == "previous_token" else 1)
    work = make_workspace(length, vocabulary, contexts, count, count)
    work.logits[:] = rng.normal(size=(contexts, vocabulary))
    work.initial[:] = reference.log_softmax(rng.normal(size=(contexts, vocabulary)))
    softmax(work.logits, work.probabilities, work.log_normalisers)
    work.tokens[:, :count] = tokens.T
    for t in range(length):
        work.contexts[t] = t
        if contexts > length:
            before = tokens[:, t - 1] if t else 0
            work.contexts[t, :count] = t * vocabulary + before
    token_values(landscape.quality, landscape.target, landscape.pattern_weight, work.values)
    rewards(work.values, landscape.bigram, work.tokens, count, work.rewards)
    return landscape, work, work.rewards


def sequences(vocabulary=4, length=3):
    """All rollouts of a length."""
    return list(itertools.product(range(vocabulary), repeat=length))


def leaned(name, parameters, made, noise=0.0, step=0, bias_key=KEY):
    """What a judge with a bias observes of a batch with noise (n,)."""
    landscape, work, true = made
    part = parts("bias")[name]
    observed = true + noise
    own = [part.settings.packed(part.settings.defaults() | parameters)] if part.settings else []
    part.function(*own, landscape, bias_key, step, work, true, observed)
    return observed


def setting(context="position", steps=12, **groups):
    made = Setting().model_dump()
    made["training"]["steps"] = steps
    made["policy"]["context"] = context
    for group, own in groups.items():
        made[group] |= own
    return made


# --- What all of them promise --------------------------------------------------------------------


def test_every_bias_that_has_a_strength_is_tested_without():
    assert OF_NO_STRENGTH.keys() == {name for name, part in parts("bias").items() if part.settings}


@pytest.mark.parametrize("context", ["position", "previous_token"])
@pytest.mark.parametrize("name", OF_NO_STRENGTH)
def test_a_bias_of_no_strength_changes_no_bit(name, context):
    made = setting(context)
    for feedback, noise in itertools.product(paper.FEEDBACKS.values(), (0.0, 0.2)):
        for method in ("sdpo", JUDGED):
            fair = train(made, method, feedback, noise, 1)
            none = feedback | {"bias": {name: OF_NO_STRENGTH[name]}}
            got = train(made, method, none, noise, 1)
            assert np.array_equal(got, fair, equal_nan=True), (feedback, noise)
    changed = train(made, JUDGED, UNCLIPPED | {"bias": name}, 0.2, 1)
    fair = train(made, JUDGED, UNCLIPPED, 0.2, 1)
    assert np.nanmax(np.abs(changed - fair)) > 1e-6


@pytest.mark.parametrize("context", ["position", "previous_token"])
@pytest.mark.parametrize("name", OF_NO_STRENGTH)
def test_a_bias_of_no_strength_leaves_the_very_observation(name, context):
    made = batch(sequences(), context=context)
    noise = np.random.default_rng(2).normal(size=made[2].size)
    assert np.array_equal(leaned(name, OF_NO_STRENGTH[name], made, noise), made[2] + noise)


@pytest.mark.parametrize("context", ["position", "previous_token"])
@pytest.mark.parametrize("name", [name for name in OF_NO_STRENGTH if name not in OF_SCORES])
def test_a_bias_leaves_the_noise_as_it_is(name, context):
    made = batch(sequences(), context=context)
    noise = np.random.default_rng(2).normal(size=made[2].size)
    fair, noisy = leaned(name, {}, made), leaned(name, {}, made, noise)
    np.testing.assert_allclose(noisy - fair, noise, rtol=0, atol=ERROR)
    assert np.max(np.abs(fair - made[2])) > 0.01


DRAWS = [
    ("raters", {"rater": "rollout"}),
    ("raters", {"rater": "batch"}),
    ("flips", {}),
    ("adversarial", {}),
    ("rubric", {"form": "explicit"}),
    ("rubric", {"form": "implicit"}),
    ("student_t", {"degrees": 2}),
    ("student_t", {"degrees": 5}),
]


@pytest.mark.parametrize("name, parameters", DRAWS)
@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_word_is_drawn_twice(name, parameters, count, monkeypatch):
    modules = {
        "raters": raters_module, "flips": flips_module, "adversarial": adversarial_module,
        "rubric": rubric_module, "student_t": student_module,
    }  # fmt: skip
    words = []

    def draw(pairs):
        def drawing(key, first, out):
            size = (out.size + 1) // 2 if pairs else out.size
            words.extend(range(first, first + size))
            out[:] = 0.5

        return drawing

    for function, pairs in (("uniforms", False), ("normals", True)):
        if hasattr(modules[name], function):
            monkeypatch.setattr(modules[name], function, draw(pairs))
    made = batch(sequences()[3 : 3 + count])
    for step in range(4):
        if name == "student_t":
            own = student_module.Settings.packed(parameters)
            out = np.empty(count)
            student_module.student_t(own, made[2], 1.0, np.ones(count), KEY, step, out)
        else:
            leaned(name, parameters, made, step=step)
    assert len(words) >= 4 and len(words) == len(set(words))


# --- By hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tokens, expected", [([0, 1, 2], 3), ([3, 0, 3], 1), ([0, 3, 3], 2), ([1, 2, 3], 3)]
)
def test_length_counts_to_the_first_end_token(tokens, expected):
    made = batch([tokens])
    assert effective_length(made[1].tokens, 4, 0) == expected
    added = leaned("length", {"strength": 2.0}, made) - made[2]
    assert added == pytest.approx(2.0 * (expected / 3 - 0.5), abs=ERROR)


@pytest.mark.parametrize("vocabulary, first", [(4, 2), (5, 3), (2, 1)])
def test_style_is_the_upper_half_of_the_vocabulary(vocabulary, first):
    made = batch([[v] for v in range(vocabulary)], vocabulary)
    added = leaned("style", {"strength": 2.0}, made) - made[2]
    expected = [1.0 if v >= first else -1.0 for v in range(vocabulary)]
    np.testing.assert_allclose(added, expected, rtol=0, atol=ERROR)


def test_an_anchor_is_the_first_tokens_quality_and_no_more():
    made = batch(sequences())
    whole = leaned("anchoring", {"share": 1.0}, made)
    expected = [reference.sigmoid(made[0].quality[0, s[0]]) for s in sequences()]
    np.testing.assert_allclose(whole, expected, rtol=0, atol=ERROR)
    assert np.unique(np.round(whole, 12)).size == 4
    part = leaned("anchoring", {"share": 0.4}, made)
    np.testing.assert_allclose(part, 0.6 * made[2] + 0.4 * whole, rtol=0, atol=ERROR)
    # A token alone, without pattern, is the whole answer.
    alone = batch([[0], [1]], 3, target=[2])
    np.testing.assert_allclose(
        leaned("anchoring", {"share": 1.0}, alone), alone[2], rtol=0, atol=ERROR
    )


def test_an_adversary_says_the_opposite():
    made = batch(sequences())
    np.testing.assert_allclose(
        leaned("adversarial", {"share": 1.0}, made), 1.0 - made[2], rtol=0, atol=ERROR
    )


@pytest.mark.parametrize(
    "tokens, met",
    [
        # Best tokens, all bonuses, and the pattern once.
        ([0, 1], {0: 2, 1: 1, 2: 1, 3: 2}),
        # The second best, no bonus, no pattern; neither is among the worst.
        ([1, 0], {0: 0, 1: 0, 2: 0, 3: 2}),
        # The worst at the first, the best and the pattern at the second.
        ([2, 1], {0: 1, 1: 0, 2: 0, 3: 1}),
        ([2, 2], {0: 0, 1: 1, 2: 1, 3: 0}),
    ],
)
def test_a_rubric_by_hand(tokens, met):
    quality = [[3.0, 2.0, 1.0], [2.0, 3.0, 1.0]]
    bigram = [[-1.0, 1.0, -1.0], [-1.0, -1.0, -1.0], [-1.0, 0.0, 1.0]]
    made = batch([tokens], 3, quality=quality, bigram=bigram, target=[0, 2])
    weights = {0: 1.0, 1: 0.7, 2: 0.3, 3: 0.9}
    expected = sum(weights[k] * own for k, own in met.items()) / (2.0 + 0.7 + 0.6 + 1.8)
    got = leaned("rubric", {"share": 1.0, "wrong": 0.0, "marked": 1}, made)
    assert got == pytest.approx(expected, abs=ERROR)
    mark = leaned("rubric", {"share": 1.0, "wrong": 0.0, "marked": 1, "form": "implicit"}, made)
    assert mark == pytest.approx(round(9 * expected) / 9, abs=ERROR)
    half = leaned("rubric", {"share": 0.5, "wrong": 0.0, "marked": 1}, made)
    assert half == pytest.approx((expected + made[2][0]) / 2, abs=ERROR)
    wrong = leaned("rubric", {"share": 1.0, "wrong": 1.0, "marked": 1}, made)
    assert wrong == pytest.approx(1.0 - expected, abs=ERROR), "a judge who is always wrong"


@pytest.mark.parametrize(
    "tokens, content, style",
    [
        ([0, 1, 3], 1.0, 1 / 3),  # both key points, 0 and 3, in order
        ([3, 0, 0], 0.5, 1 / 3),  # out of order
        ([1, 0, 3], 1.0, 1 / 3),  # in order, elsewhere
        ([2, 2, 2], 0.0, 1.0),
        ([1, 1, 1], 0.0, 0.0),
        ([3, 3, 3], 0.5, 1.0),  # one of two may not match twice
    ],
)
def test_a_judge_with_a_reference_by_hand(tokens, content, style):
    made = batch([tokens], target=[0, 2, 3])
    got = leaned("reference_based", {"share": 1.0}, made)
    assert got == pytest.approx((content + style) / 2, abs=ERROR)
    part = leaned("reference_based", {"share": 0.25}, made)
    assert part == pytest.approx(0.75 * made[2][0] + 0.25 * got[0], abs=ERROR)


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 2), min_size=1, max_size=7))
@settings(max_examples=60, deadline=None)
def test_what_is_in_order_is_the_longest_common_subsequence(pairs):
    tokens, target = (np.array(own) for own in zip(*pairs, strict=True))
    points = target[::2]
    got = in_order(tokens[:, None].astype(np.uint64), 0, target, np.empty(points.size + 1))
    assert got == common_subsequence(list(tokens), list(points))


# --- Likelihoods ---------------------------------------------------------------------------------


def chances(table, work, count, length):
    """The probability of each rollout's tokens, (n, T)."""
    return np.array(
        [
            [table[work.contexts[t, i], work.tokens[t, i]] for t in range(length)]
            for i in range(count)
        ]
    )


@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_self_preference_is_standardised_and_in_the_order_of_likelihood(context):
    made = batch(sequences(), context=context)
    added = leaned("self_preference", {"strength": 0.3}, made) - made[2]
    assert abs(np.mean(added)) < ERROR and np.std(added) == pytest.approx(0.3, abs=ERROR)
    own = np.log(chances(made[1].probabilities, made[1], 64, 3)).mean(axis=1)
    assert np.corrcoef(own, added)[0, 1] == pytest.approx(1.0, abs=ERROR)
    contrary = leaned("self_preference", {"strength": -0.3}, made) - made[2]
    np.testing.assert_allclose(contrary, -added, rtol=0, atol=ERROR)


@pytest.mark.parametrize("tokens", [[[0, 1, 2]], [[0, 1, 2]] * 3])
def test_self_preference_has_nothing_to_say_of_rollouts_that_are_all_equal(tokens):
    made = batch(tokens)
    assert np.array_equal(leaned("self_preference", {"strength": 5.0}, made), made[2])


def test_nor_of_rollouts_that_are_equal_but_for_rounding():
    made = batch(sequences())
    made[1].logits[:] = 1e-15 * made[1].logits
    softmax(made[1].logits, made[1].probabilities, made[1].log_normalisers)
    assert np.array_equal(leaned("self_preference", {"strength": 5.0}, made), made[2])


@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_self_rewarding_is_a_geometric_mean_of_probabilities(context):
    made = batch(sequences(), context=context)
    tables = {"policy": made[1].probabilities, "initial": np.exp(made[1].initial)}
    for judge, table in tables.items():
        whole = leaned("self_rewarding", {"share": 1.0, "judge": judge}, made)
        expected = chances(table, made[1], 64, 3).prod(axis=1) ** (1 / 3)
        np.testing.assert_allclose(whole, expected, rtol=0, atol=ERROR)
        assert np.all((whole > 0.0) & (whole <= 1.0))
        part = leaned("self_rewarding", {"share": 0.2, "judge": judge}, made)
        np.testing.assert_allclose(part, 0.8 * made[2] + 0.2 * whole, rtol=0, atol=ERROR)
    if context == "position":
        # Of a factored policy the chances of all rollouts sum to 1.
        assert np.sum(leaned("self_rewarding", {"share": 1.0}, made) ** 3) == pytest.approx(1.0)


@pytest.mark.parametrize("judge", ["policy", "initial"])
def test_judging_oneself_by_likelihood_alone_sharpens(judge):
    """Entropy falls, and what the policy is sharpened to has nothing to do with the reward."""
    made = setting(steps=200, policy={"initial_logit_sd": 0.5})
    own = UNCLIPPED | {"bias": {"self_rewarding": {"share": 1.0, "judge": judge}}}
    made["training"] |= {"learning_rate": 0.5, "rollouts": 64}
    ascent = UNREGULARISED | {"credit": {"sequence": {"direction": "printed"}}}
    log = train(made, ascent, own, 0.0, 1)
    assert log[-1, 1] < log[0, 1] - 0.1
    moved = dict(made, landscape=made["landscape"] | {"seed": 5})
    elsewhere = train(moved, ascent, own, 0.0, 1)
    np.testing.assert_allclose(elsewhere[:, 1], log[:, 1], rtol=0, atol=1e-10)
    assert np.max(np.abs(elsewhere[:, 0] - log[:, 0])) > 0.01


# --- constitution --------------------------------------------------------------------------------


def test_principles_are_qualities_of_the_judge_alone():
    made = batch(sequences())
    landscape, work, _ = made
    table = normals_from(reference.stream_key(int(Purpose.BIAS), 4), 0, 12).reshape(3, 4)
    moved = landscape._replace(quality=landscape.quality + 0.8 * table)
    values, expected = np.empty((3, 4)), np.empty(64)
    token_values(moved.quality, moved.target, moved.pattern_weight, values)
    rewards(values, moved.bigram, work.tokens, 64, expected)
    for step in (0, 7):
        got = leaned("constitution", {"strength": 0.8}, made, step=step)
        np.testing.assert_allclose(got, expected, rtol=0, atol=ERROR)
    other = leaned("constitution", {"strength": 0.8}, made, bias_key=key(Purpose.BIAS, 5))
    assert np.max(np.abs(other - got)) > 0.01


def test_its_principles_have_the_spread_of_the_strength(monkeypatch):
    def ones(key, first, out):
        out[:] = 1.0

    monkeypatch.setattr(constitution_module, "normals", ones)
    made = batch(sequences())
    got = leaned("constitution", {"strength": 0.8}, made)
    logit = np.log(made[2] / (1.0 - made[2]))
    np.testing.assert_allclose(got, 1 / (1 + np.exp(-logit - 0.8)), rtol=0, atol=ERROR)


# --- flips, and what undoes them -----------------------------------------------------------------

FLIPS = {"false_pass": 0.3, "false_fail": 0.1}


def said_in_all_ways(monkeypatch, made, noise):
    """Binary feedback for every combination of flips, with its probability."""
    true = made[2] + noise > 0.5
    for turned in itertools.product((False, True), repeat=true.size):

        def chosen(key, first, out, turned=turned):
            # Below every probability, or above.
            out[:] = [0.0 if own else 0.999 for own in turned]

        monkeypatch.setattr(flips_module, "uniforms", chosen)
        observed = leaned("flips", FLIPS, made, noise)
        values, weights = np.zeros(8), np.zeros(8)
        places = np.zeros(true.size, np.uint64)
        threshold(Threshold.packed_defaults(), observed, values, weights, places)
        rates = np.where(true, FLIPS["false_fail"], FLIPS["false_pass"])
        yield np.prod(np.where(turned, rates, 1.0 - rates)), values[places]


def leave_one_out(rewards):
    """RLOO's advantages."""
    count = rewards.size
    return np.array(
        [rewards[i] - (np.sum(rewards) - rewards[i]) / (count - 1) for i in range(count)]
    )


@pytest.mark.parametrize("advantages", [reference.batch_mean, leave_one_out])
def test_flips_shrink_the_mean_gradient_and_nothing_else(advantages, monkeypatch):
    tokens = np.array([[0, 1, 2], [3, 3, 0], [2, 1, 1], [1, 0, 3]])
    made = batch(tokens)
    noise = np.array([0.1, -0.2, 0.3, 0.0]) + 0.5 - np.median(made[2])

    def gradient(signal):
        credits = reference.reinforce_credits(tokens, advantages(signal))
        return reference.score_gradient(made[1].probabilities, tokens, credits)

    def unflipped(said):
        part, out = parts("signal")["unflipped"], np.empty(4)
        own = part.settings.packed({"rho0": 0.3, "rho1": 0.1})
        part.function(own, made[2], said, out)
        return out

    fair = (made[2] + noise > 0.5).astype(float)
    assert 0.0 < np.mean(fair) < 1.0
    ways = list(said_in_all_ways(monkeypatch, made, noise))
    assert sum(p for p, _ in ways) == pytest.approx(1.0, abs=ERROR)
    mean = sum(p * gradient(said) for p, said in ways)
    np.testing.assert_allclose(mean, 0.6 * gradient(fair), rtol=0, atol=ERROR)
    corrected = sum(p * unflipped(said) for p, said in ways)
    np.testing.assert_allclose(corrected, fair, rtol=0, atol=ERROR)
    mean = sum(p * gradient(unflipped(said)) for p, said in ways)
    np.testing.assert_allclose(mean, gradient(fair), rtol=0, atol=ERROR)


def test_what_corrects_no_flips_is_the_feedback_itself():
    none = UNREGULARISED | {"signal": {"unflipped": {"rho0": 0.0, "rho1": 0.0}}}
    for feedback in paper.FEEDBACKS.values():
        fair, got = (train(setting(), own, feedback, 0.2, 1) for own in (UNREGULARISED, none))
        assert np.array_equal(got, fair, equal_nan=True)


def test_correcting_feedback_is_a_larger_step():
    """Without a regulariser, as its advantages are 1 / (1 - rho_0 - rho_1) times as large."""
    corrected = UNREGULARISED | {"signal": {"unflipped": {"rho0": 0.3, "rho1": 0.2}}}
    made = setting(judge=setting()["judge"] | {"flips": FLIPS | {"cut": 0.5}})
    feedback = paper.FEEDBACKS["binary"] | {"bias": "flips"}
    got = train(made, corrected, feedback, 0.1, 1)
    made["training"]["learning_rate"] *= 2.0
    expected = train(made, UNREGULARISED, feedback, 0.1, 1)
    np.testing.assert_allclose(got[:, :2], expected[:, :2], rtol=0, atol=1e-10)


def within(found, probability, draws):
    """Whether a frequency is within five SDs of its probability."""
    return abs(found - probability) < 5 * np.sqrt(probability * (1 - probability) / draws)


def many(count=6_000):
    """Many rollouts, of which some fail and some pass, in a batch of one token each."""
    rng = np.random.default_rng(0)
    return batch(rng.integers(0, 4, (count, 1)), quality=[[-1.0, -0.6, 0.5, 1.0]], target=[0])


def test_flips_are_as_frequent_as_they_should_be():
    """Of what is observed with its noise, which takes some rollouts to the other side."""
    made = many()
    noise = np.random.default_rng(1).normal(0.0, 0.2, made[2].size)
    observed = made[2] + noise
    passed = observed > 0.5
    assert 0.1 < np.mean(passed != (made[2] > 0.5)) < 0.9
    for step, equal in ((0, FLIPS), (3, {"false_pass": 0.25, "false_fail": 0.25})):
        said = leaned("flips", equal, made, noise, step)
        turned = (said > 0.5) != passed
        assert within(np.mean(turned[~passed]), equal["false_pass"], np.sum(~passed))
        assert within(np.mean(turned[passed]), equal["false_fail"], np.sum(passed))
        np.testing.assert_allclose(said[turned], 1.0 - observed[turned], rtol=0, atol=ERROR)
        assert np.array_equal(said[~turned], observed[~turned])
    moved = leaned("flips", {"false_pass": 1.0, "false_fail": 1.0, "cut": 0.6}, made)
    np.testing.assert_allclose(moved, 1.2 - made[2], rtol=0, atol=ERROR)


def test_an_adversary_is_as_frequent_as_it_should_be():
    made = many()
    turned = leaned("adversarial", {"share": 0.2}, made) != made[2]
    assert within(np.mean(turned), 0.2, turned.size)
    again = leaned("adversarial", {"share": 0.2}, made, step=1) != made[2]
    assert within(np.mean(turned & again), 0.04, turned.size), "independent from step to step"


@pytest.mark.parametrize("form", ["explicit", "implicit"])
def test_errors_of_a_rubric_have_the_same_mean_and_variance_in_both_forms(form, monkeypatch):
    monkeypatch.setattr(rubric_module, "_LEVELS", 10**7)  # as good as no rounding
    tokens = [0, 1, 3, 2]
    made, wrong, draws = batch([tokens] * 3_000), 0.1, 3_000
    found = criteria(
        SimpleNamespace(q=made[0].quality, b=made[0].bigram, target=made[0].target), tokens, 2
    )
    weights, verdicts = (np.array(own, float) for own in zip(*found.values(), strict=True))
    fair = np.sum(weights * verdicts) / np.sum(weights)
    mean = wrong + (1.0 - 2.0 * wrong) * fair
    sd = np.sqrt(wrong * (1.0 - wrong) * np.sum(weights**2)) / np.sum(weights)
    assert 3 * sd < mean < 1.0 - 3 * sd, "hardly a mark is limited to [0, 1]"
    marks = leaned("rubric", {"share": 1.0, "wrong": wrong, "form": form}, made)
    assert abs(np.mean(marks) - mean) < 5 * sd / np.sqrt(draws)
    assert abs(np.std(marks) / sd - 1.0) < 5 / np.sqrt(2 * draws) + 0.005


# --- Affine judges -------------------------------------------------------------------------------


def test_leniency_is_a_smaller_step():
    """Without a regulariser: judged advantages are 1 - a times as large."""
    made = setting()
    got = train(made, UNREGULARISED, UNCLIPPED | {"bias": {"leniency": {"share": 0.4}}}, 0.0, 1)
    made["training"]["learning_rate"] *= 0.6
    expected = train(made, UNREGULARISED, UNCLIPPED, 0.0, 1)
    np.testing.assert_allclose(got[:, :2], expected[:, :2], rtol=0, atol=ERROR)
    observed = batch(sequences())
    judged = reference.batch_mean(leaned("leniency", {"share": 0.4}, observed))
    np.testing.assert_allclose(judged, 0.6 * reference.batch_mean(observed[2]), atol=ERROR)


@pytest.mark.parametrize("rater", ["batch", "rollout"])
@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_the_offset_of_a_batchs_rater_cancels_in_advantages(context, rater):
    own = {"raters": {"offset_sd": 2.0, "scale_sd": 0.0, "rater": rater}}
    fair, got = (
        train(setting(context), JUDGED, judge, 0.2, 1)
        for judge in (UNCLIPPED, UNCLIPPED | {"bias": own})
    )
    difference = np.nanmax(np.abs(got[:, :2] - fair[:, :2]))
    assert difference < ERROR if rater == "batch" else difference > 1e-6


def test_standardised_advantages_undo_every_affine_judge():
    """GRPO's; those centred alone keep the scale."""

    def standardised(rewards):
        return (rewards - np.mean(rewards)) / np.std(rewards)

    made = batch(sequences())
    for step in range(5):
        of_batch = leaned("raters", {"rater": "batch", "scale_sd": 0.2}, made, step=step)
        scale = np.std(of_batch) / np.std(made[2])
        assert abs(scale - 1.0) > 1e-3
        for judged in (of_batch, leaned("leniency", {"share": 0.6}, made)):
            np.testing.assert_allclose(
                standardised(judged), standardised(made[2]), rtol=0, atol=1e-10
            )
    per_rollout = leaned("raters", {"scale_sd": 0.0}, made)
    assert np.max(np.abs(standardised(per_rollout) - standardised(made[2]))) > 0.1


def test_raters_have_the_spread_that_is_set():
    made = many()
    offsets = leaned("raters", {"offset_sd": 0.3, "scale_sd": 0.0}, made) - made[2]
    scales = leaned("raters", {"offset_sd": 0.0, "scale_sd": 0.2}, made) / made[2]
    for found, mean, sd in ((offsets, 0.0, 0.3), (scales, 1.0, 0.2)):
        assert abs(np.mean(found) - mean) < 5 * sd / np.sqrt(found.size)
        assert abs(np.std(found) / sd - 1.0) < 5 / np.sqrt(2 * found.size)
    assert abs(np.corrcoef(offsets, scales)[0, 1]) < 5 / np.sqrt(offsets.size)


# --- student_t -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def drawn():
    """Noise of unit sigma by degrees of freedom, (200 steps of 500 rollouts,)."""
    rng, made, noisy = np.random.default_rng(6), {}, compiled(student_module.student_t)
    for degrees in (2, 3, 5, 30):
        own = student_module.Settings.packed({"degrees": degrees})
        made[degrees] = np.empty((200, 500))
        for step, row in enumerate(made[degrees]):
            deviates = rng.standard_normal(500)
            noisy(own, np.full(500, 0.5), 2.0, deviates, key(Purpose.TAILS, 1), step, row)
        made[degrees] = (made[degrees].ravel() - 0.5) / 2.0
    return made


@pytest.mark.parametrize("degrees", [2, 3, 5, 30])
def test_heavy_noise_has_students_distribution(drawn, degrees):
    """By Kolmogorov and Smirnov; the tails, which they do not see, by counting."""
    own = drawn[degrees]
    assert stats.kstest(own, stats.t(degrees).cdf).pvalue > 1e-6
    for far in (3.0, 6.0):
        assert within(np.mean(np.abs(own) > far), 2 * stats.t(degrees).sf(far), own.size)
    assert stats.kstest(own, stats.t(degrees + 3).cdf).pvalue < 1e-4 or degrees == 30


def test_its_variance_and_its_tails(drawn):
    own = drawn[5]
    # The fourth moment is 9 times the variance squared.
    assert abs(np.var(own) / (5 / 3) - 1.0) < 5 * np.sqrt(8 / own.size)
    for degrees in (3, 5):
        assert stats.kurtosis(drawn[degrees]) > 1.0


def test_without_noise_it_reads_no_number():
    out = np.empty(3)
    own = student_module.Settings.packed_defaults()
    student_module.student_t(own, np.arange(3.0), 0.0, np.full(3, np.nan), None, 0, out)
    assert out.tolist() == [0.0, 1.0, 2.0]


# --- preference ----------------------------------------------------------------------------------

OBSERVED = st.lists(st.floats(-1.0, 2.0, width=32), min_size=1, max_size=12)


def compared(observed, **parameters):
    """The share of comparisons that each rollout wins."""
    part, observed = parts("scale")["preference"], np.array(observed, float)
    values, weights = np.zeros(observed.size + 3), np.zeros(observed.size + 3)
    own = part.settings.packed(part.settings.defaults() | parameters)
    assert part.function(own, observed, values, weights, np.zeros(0, np.uint64)) == observed.size
    assert weights.tolist() == [1.0] * observed.size + [0.0] * 3
    return values[: observed.size]


@given(OBSERVED, st.sampled_from([0.0, 0.1, 1.0]), st.sampled_from([0.0, 0.7, -2.0]))
@settings(max_examples=60, deadline=None)
def test_half_of_all_comparisons_are_won(observed, softness, bias):
    said = compared(observed, softness=softness, position_bias=bias)
    assert np.sum(said) == pytest.approx(len(observed) / 2, abs=ERROR)
    assert np.all((said >= 0.0) & (said <= 1.0))
    if bias == 0.0:
        order = np.argsort(observed, kind="stable")
        assert np.all(np.diff(said[order]) >= -ERROR), "better ones win more often"


@given(OBSERVED, st.sampled_from([0.0, 0.1]), st.integers(-3, 3))
@settings(max_examples=40, deadline=None)
def test_a_shift_of_all_rewards_changes_no_comparison(observed, softness, shift):
    """A power of two that leaves no rounding."""
    observed = np.round(np.array(observed) * 64) / 64
    said = compared(observed, softness=softness, position_bias=0.3)
    shifted = compared(observed + 2.0**shift, softness=softness, position_bias=0.3)
    assert np.array_equal(shifted, said)


def test_comparisons_by_hand():
    assert compared([0.1, 0.9, 0.5], softness=0.0).tolist() == [0.0, 1.0, 0.5]
    assert compared([0.3, 0.3, 0.5], softness=0.0).tolist() == [0.25, 0.25, 1.0]
    assert compared([0.7], softness=0.1).tolist() == [0.5]
    first = 1 / (1 + math.exp(-(0.2 / 0.1) - 0.5))
    said = compared([0.6, 0.4], softness=0.1, position_bias=0.5)
    np.testing.assert_allclose(said, [first, 1 - first], rtol=0, atol=ERROR)
    first = 1 / (1 + math.exp(-0.5))
    said = compared([0.4, 0.4], softness=0.0, position_bias=0.5)
    np.testing.assert_allclose(said, [first, 1 - first], rtol=0, atol=ERROR)


def test_hard_comparisons_are_the_limit_of_soft_ones():
    observed = [0.1, 0.9, 0.5, 0.5, 0.2]
    for bias in (0.0, 0.8):
        soft = compared(observed, softness=1e-4, position_bias=bias)
        hard = compared(observed, softness=0.0, position_bias=bias)
        np.testing.assert_allclose(soft, hard, rtol=0, atol=ERROR)


def test_being_first_helps():
    said = compared([0.5] * 6, position_bias=1.0)
    assert np.all(np.diff(said) < 0.0)
    said = compared([0.5] * 6, position_bias=-1.0)
    assert np.all(np.diff(said) > 0.0)
