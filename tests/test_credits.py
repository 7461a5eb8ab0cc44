"""What advantages and token credits promise, besides the equations of `test_kernel`.

Means over the policy are exact: of all sequences, or all pairs, weighted by how likely they are.
"""

import itertools
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle_credits
import reference
from sdposim.model.coalitions import marginalise, tabulate
from sdposim.model.landscape import from_arrays, rewards, token_values
from sdposim.model.paper import train
from sdposim.model.parts import parts
from sdposim.model.policy import occupy
from sdposim.model.workspace import LARGEST_TABLE, make_workspace
from sdposim.storage.errors import UserError
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration import size
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.validate import validate

LENGTH, VOCABULARY, ALPHA = 3, 3, 0.4
SEQUENCES = np.array(list(itertools.product(range(VOCABULARY), repeat=LENGTH)))
SEEDS = (0, 1, 2)


def small_world(seed, chained=False, policy=None):
    """A landscape, a policy that is far from uniform, and every sequence with its chance."""
    rng = np.random.default_rng(seed)
    q, b = 2.0 * rng.normal(size=(LENGTH, VOCABULARY)), rng.normal(size=(VOCABULARY,) * 2)
    target = rng.integers(0, VOCABULARY, LENGTH)
    shape = (LENGTH, VOCABULARY, VOCABULARY) if chained else (LENGTH, VOCABULARY)
    logits = rng.normal(size=shape)
    policy = reference.softmax(logits) if policy is None else policy
    met = [reference.met(policy, tokens) for tokens in SEQUENCES]
    chances = [
        np.prod([policy[c][v] for c, v in zip(own, tokens, strict=True)])
        for own, tokens in zip(met, SEQUENCES, strict=True)
    ]
    worth = [reference.reward(tokens, q, b, target, ALPHA) for tokens in SEQUENCES]
    return SimpleNamespace(
        q=q, b=b, target=target, logits=logits, policy=policy, chances=np.array(chances),
        rewards=np.array(worth), landscape=from_arrays(q, b, target, ALPHA),
    )  # fmt: skip


def prepared(world, tokens, asked):
    """A workspace with these rollouts (n, T), as a step has it before it gives credit."""
    count, contexts = len(tokens), world.policy.size // VOCABULARY
    work = make_workspace(LENGTH, VOCABULARY, contexts, count, count, asked=asked)
    token_values(world.q, world.target, ALPHA, work.values)
    work.probabilities[:] = world.policy.reshape(contexts, VOCABULARY)
    work.occupancy[:] = 1.0
    work.chances[:] = 0.5  # whatever an earlier step left there
    if contexts > LENGTH:
        occupy(work.probabilities, LENGTH, work.occupancy)
    work.tokens[:, :count] = tokens.T
    work.contexts[:] = np.arange(LENGTH)[:, None]
    if contexts > LENGTH:
        work.contexts[:] *= np.uint64(VOCABULARY)
        work.contexts[1:] += work.tokens[:-1]
    with np.errstate(over="ignore"):  # words of an exponential's bits wrap round
        rewards(work.values, world.b, work.tokens, count, work.rewards)
        if "coalitions" in asked:
            tabulate(work.values, world.b, work.coalitions)
            marginalise(work.probabilities, len(work.tokens), work.coalitions)
    return work


def directions(world, credit, tokens, advantages, **settings):
    """The mean direction that a credit gives of rollouts (n, T), and its credits (n, T)."""
    part = parts("credit")[credit]
    work = prepared(world, tokens, part.sees)
    own = [part.settings.packed(part.settings.defaults() | settings)] if part.settings else []
    run = SimpleNamespace(rollouts=len(tokens))
    out = np.full_like(work.direction, np.nan)
    with np.errstate(over="ignore"):
        part.function(*own, world.landscape, run, None, 0, advantages, work, out)
    return out.reshape(world.policy.shape), work.local[:, : len(tokens)].T


def of_sequences(world, credit, **settings):
    """The direction of each sequence alone; its advantage is R - E R, a baseline that is exact."""
    centred = world.rewards - world.chances @ world.rewards
    return np.array(
        [
            directions(world, credit, SEQUENCES[i : i + 1], centred[i : i + 1], **settings)[0]
            for i in range(len(SEQUENCES))
        ]
    )


def mean(world, found):
    return np.tensordot(world.chances, found, axes=1)


def variance(world, found):
    spread = (found - mean(world, found)) ** 2
    return world.chances @ spread.reshape(len(spread), -1).sum(axis=1)


def expected_reward(world, logits):
    """E R by listing all sequences."""
    policy, total = reference.softmax(logits), 0.0
    for tokens, worth in zip(SEQUENCES, world.rewards, strict=True):
        met = zip(reference.met(policy, tokens), tokens, strict=True)
        total += worth * np.prod([policy[c][v] for c, v in met])
    return total


@cache
def truth(seed, chained=False):
    """The gradient of E R with respect to the logits, by central differences."""
    world, width = small_world(seed, chained), 1e-5
    gradient = np.empty_like(world.logits)
    for place in np.ndindex(gradient.shape):
        moved = np.zeros_like(gradient)
        moved[place] = width
        higher = expected_reward(world, world.logits + moved)
        gradient[place] = (higher - expected_reward(world, world.logits - moved)) / (2 * width)
    return gradient


def advantages_of(name, worth, **settings):
    part, out = parts("advantage")[name], np.full(len(worth), np.nan)
    own = [part.settings.packed(part.settings.defaults() | settings)] if part.settings else []
    part.function(*own, worth, np.mean(worth), out)
    return out


PRINTED = {"direction": "printed"}
UNBIASED = [
    ("sequence", PRINTED), ("counterfactual", {}), ("prefix_value", {}), ("shapley", {}),
    ("shapley", {"terminal": 0.3}), ("action_value", {}), ("exact_gradient", {}),
]  # fmt: skip
UNBIASED_IN_CONTEXT = [
    ("sequence", PRINTED), ("prefix_value", {}), ("action_value", {}), ("exact_gradient", {}),
]  # fmt: skip
CLOSE = {"rtol": 0, "atol": 1e-10}
DIFFERENCES = {"rtol": 0, "atol": 1e-9}  # what they are known to
BIASED = 1e-3  # a million times that

# --- Coalitions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_every_coalition_has_its_exact_mean(seed):
    """By listing the sequences that agree with it."""
    world = small_world(seed)
    work = prepared(world, SEQUENCES, ("coalitions",))
    table = work.coalitions.reshape((VOCABULARY + 1,) * LENGTH)
    assert table[-1, -1, -1] == pytest.approx(world.chances @ world.rewards, abs=1e-14)
    for digits in np.ndindex(table.shape):
        given_tokens = np.array(digits)
        held = given_tokens < VOCABULARY
        agree = (SEQUENCES[:, held] == given_tokens[held]).all(axis=1)
        weights = world.chances * agree
        assert table[digits] == pytest.approx(weights @ world.rewards / weights.sum(), abs=1e-13)
    # Those without absent tokens are the rewards to the bit, and no step changes them.
    assert np.array_equal(table[:-1, :-1, :-1].ravel(), work.rewards)
    work.probabilities[:] = 1.0 / VOCABULARY
    marginalise(work.probabilities, len(work.tokens), work.coalitions)
    assert np.array_equal(table[:-1, :-1, :-1].ravel(), work.rewards)
    assert table[-1, -1, -1] == pytest.approx(np.mean(world.rewards), abs=1e-14)
    for own in oracle_credits.coalitions(LENGTH):
        uniform = np.full_like(world.policy, 1.0 / VOCABULARY)
        cube = world.rewards.reshape((VOCABULARY,) * LENGTH)
        expected = oracle_credits.coalition_table(cube, uniform, own)
        place = tuple(slice(-1) if t in own else -1 for t in range(LENGTH))
        np.testing.assert_allclose(table[place], expected, **CLOSE)


def test_the_oracles_table_is_equation_1():
    world = small_world(5)
    table = oracle_credits.reward_table(world.q, world.b, world.target, ALPHA)
    np.testing.assert_allclose(table.ravel(), world.rewards, rtol=1e-14)


# --- Means ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("credit, settings", UNBIASED)
def test_unbiased_credits_have_the_gradient_of_the_reward_as_their_mean(credit, settings, seed):
    world = small_world(seed)
    found = mean(world, of_sequences(world, credit, **settings))
    np.testing.assert_allclose(found, truth(seed), **DIFFERENCES)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("credit, settings", UNBIASED_IN_CONTEXT)
def test_so_they_have_of_an_autoregressive_policy(credit, settings, seed):
    world = small_world(seed, chained=True)
    found = mean(world, of_sequences(world, credit, **settings))
    np.testing.assert_allclose(found, truth(seed, chained=True), **DIFFERENCES)


@pytest.mark.parametrize("seed", SEEDS)
def test_autoregressive_action_values_are_conditional_means(seed):
    """By listing the sequences that come by a context."""
    world = small_world(seed, chained=True)
    credits = directions(world, "action_value", SEQUENCES, world.rewards)[1]
    for i, tokens in enumerate(SEQUENCES):
        for t in range(LENGTH):
            here = np.ones(len(SEQUENCES), bool)
            if t > 0:
                here = SEQUENCES[:, t - 1] == tokens[t - 1]
            means = [
                np.average(world.rewards[own], weights=world.chances[own])
                for own in (here & (SEQUENCES[:, t] == tokens[t]), here)
            ]
            assert credits[i, t] == pytest.approx(means[0] - means[1], abs=1e-13)


def test_contexts_that_never_come_about_have_no_advantage():
    """The token before has probability 0 there."""
    policy = small_world(0, chained=True).policy.copy()
    policy[0, 0] = [0.5, 0.5, 0.0]
    world = small_world(0, chained=True, policy=policy)
    found = directions(world, "exact_gradient", SEQUENCES[:1], world.rewards[:1])[0]
    assert np.all(np.isfinite(found)) and np.all(found[1, 2] == 0.0)
    assert np.abs(found[1, :2]).max() > 1e-3


def test_the_exact_gradient_depends_on_no_rollout():
    world = small_world(0)
    assert len({found.tobytes() for found in of_sequences(world, "exact_gradient")}) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_leave_one_out_is_unbiased_and_the_batch_mean_short_by_one_rollout(seed):
    """Over all pairs of rollouts, n = 2."""
    world = small_world(seed)
    found = {}
    for name in ("leave_one_out", "batch_mean"):
        found[name] = 0.0
        for i, j in itertools.combinations_with_replacement(range(len(SEQUENCES)), 2):
            own = advantages_of(name, world.rewards[[i, j]])
            direction, _ = directions(world, "sequence", SEQUENCES[[i, j]], own, **PRINTED)
            chance = world.chances[i] * world.chances[j] * (1 if i == j else 2)
            found[name] = found[name] + chance * direction
    np.testing.assert_allclose(found["leave_one_out"], truth(seed), **DIFFERENCES)
    np.testing.assert_allclose(found["batch_mean"], truth(seed) / 2, **DIFFERENCES)


@pytest.mark.parametrize("seed", SEEDS)
def test_blanks_bias_shapley_values(seed):
    world = small_world(seed)
    found = mean(world, of_sequences(world, "shapley", absent="fixed"))
    assert np.abs(found - truth(seed)).max() > BIASED


@pytest.mark.parametrize("seed", SEEDS)
def test_an_autoregressive_counterfactual_misses_what_a_token_brings_about(seed):
    """It is unbiased for the last token, after which nothing comes, and for no other."""
    world, true = small_world(seed, chained=True), truth(seed, chained=True)
    found = mean(world, of_sequences(world, "counterfactual"))
    np.testing.assert_allclose(found[-1], true[-1], **DIFFERENCES)
    assert np.abs(found[:-1] - true[:-1]).max() > BIASED
    exact = mean(world, of_sequences(world, "sequence", **PRINTED))
    np.testing.assert_allclose(exact, true, **DIFFERENCES)


@pytest.mark.parametrize("seed", SEEDS)
def test_attention_shares_scale_each_position_or_turn_the_gradient(seed):
    world, true = small_world(seed), truth(seed)
    beta = 0.7
    later = 1.0 - beta + beta * np.arange(LENGTH, 0, -1) / LENGTH
    found = mean(world, of_sequences(world, "attention_share", weights="uniform", beta=beta))
    np.testing.assert_allclose(found, later[:, None] * true, **DIFFERENCES)
    hot = {"weights": "counterfactual", "temperature": 1e6, "beta": beta}
    found = mean(world, of_sequences(world, "attention_share", **hot))
    np.testing.assert_allclose(found, later[:, None] * true, rtol=0, atol=1e-6)
    found = mean(world, of_sequences(world, "attention_share", **hot | {"temperature": 0.02}))
    # All weights lie at or after the first position, whatever they are.
    np.testing.assert_allclose(found[0], true[0], **DIFFERENCES)
    cosine = np.sum(found * true, axis=1)
    cosine /= np.linalg.norm(found, axis=1) * np.linalg.norm(true, axis=1)
    assert cosine[1:].min() < 1.0 - 1e-7
    found = of_sequences(world, "attention_share", beta=0.0)
    np.testing.assert_allclose(found, of_sequences(world, "sequence", **PRINTED), **CLOSE)


# --- Sums, sizes and variances -------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_shapley_values_and_prefix_values_share_out_the_whole_reward(seed):
    world = small_world(seed)
    gained = world.rewards - world.chances @ world.rewards
    for credit in ("shapley", "prefix_value"):
        _, credits = directions(world, credit, SEQUENCES, gained)
        np.testing.assert_allclose(credits.sum(axis=1), gained, **CLOSE)
        assert np.ptp(credits, axis=0).min() > 0.0
    _, credits = directions(world, "shapley", SEQUENCES, gained, absent="fixed")
    np.testing.assert_allclose(credits.sum(axis=1), world.rewards - world.rewards[0], **CLOSE)
    np.testing.assert_allclose(credits[SEQUENCES == 0], 0.0, **CLOSE)  # a blank adds nothing


@pytest.mark.parametrize("seed", SEEDS)
def test_shapley_values_are_means_over_orders(seed):
    world = small_world(seed)
    cube = world.rewards.reshape((VOCABULARY,) * LENGTH)
    tables = {
        own: oracle_credits.coalition_table(cube, world.policy, own)
        for own in oracle_credits.coalitions(LENGTH)
    }
    expected = np.zeros(SEQUENCES.shape)
    for order in itertools.permutations(range(LENGTH)):
        for k, t in enumerate(order):
            before, after = tuple(sorted(order[:k])), tuple(sorted(order[: k + 1]))
            for i, tokens in enumerate(SEQUENCES):
                gain = tables[after][tuple(tokens[list(after)])]
                expected[i, t] += (gain - tables[before][tuple(tokens[list(before)])]) / 6
    _, credits = directions(world, "shapley", SEQUENCES, world.rewards)
    np.testing.assert_allclose(credits, expected, **CLOSE)


@pytest.mark.parametrize("chained", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_counterfactuals_are_what_is_left_without_the_mean_over_the_token(seed, chained):
    world = small_world(seed, chained)
    _, credits = directions(world, "counterfactual", SEQUENCES, world.rewards)
    cube = world.rewards.reshape((VOCABULARY,) * LENGTH)
    for i, tokens in enumerate(SEQUENCES):
        for t, c in enumerate(reference.met(world.policy, tokens)):
            line = cube[tuple(slice(None) if u == t else v for u, v in enumerate(tokens))]
            assert credits[i, t] == pytest.approx(line[tokens[t]] - world.policy[c] @ line)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_terminal_share_mixes_in_the_advantage(seed):
    world = small_world(seed)
    own = world.rewards - np.mean(world.rewards)
    parts_of = [
        directions(world, "shapley", SEQUENCES, own, terminal=share)[0] for share in (0.0, 0.3, 1.0)
    ]
    np.testing.assert_allclose(parts_of[1], 0.7 * parts_of[0] + 0.3 * parts_of[2], **CLOSE)
    sequences, _ = directions(world, "sequence", SEQUENCES, own, **PRINTED)
    np.testing.assert_allclose(parts_of[2], sequences, **CLOSE)


@pytest.mark.parametrize("seed", SEEDS)
def test_action_values_have_the_least_variance(seed):
    world = small_world(seed)
    found = {
        credit: variance(world, of_sequences(world, credit, **own))
        for credit, own in UNBIASED
        if not own or credit == "sequence"
    }
    exact, least, *_, most = (name for name, _ in sorted(found.items(), key=lambda one: one[1]))
    assert (exact, least) == ("exact_gradient", "action_value")
    assert found["exact_gradient"] < 1e-25 and most == "sequence"


@given(
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=9).filter(lambda x: np.ptp(x) > 1e-3),
    st.floats(0.1, 10.0),
    st.floats(-2.0, 2.0),
)
def test_advantages_are_what_they_are_called(worth, scale, offset):
    worth = np.array(worth)
    batch_mean, size = advantages_of("batch_mean", worth), len(worth)
    others = [worth[i] - np.mean(np.delete(worth, i)) for i in range(size)]
    left_out = advantages_of("leave_one_out", worth)
    np.testing.assert_allclose(left_out, others, **CLOSE)
    np.testing.assert_allclose(left_out, size / (size - 1) * batch_mean, **CLOSE)
    for ddof in (0, 1):
        plain, moved = (
            advantages_of("standardised", own, ddof=ddof, epsilon=1e-12)
            for own in (worth, scale * worth + offset)
        )
        np.testing.assert_allclose(moved, plain, rtol=0, atol=1e-6)
        assert np.std(plain, ddof=ddof) == pytest.approx(1.0, abs=1e-6)
    wide = advantages_of("standardised", worth, epsilon=1.0)
    np.testing.assert_allclose(wide, batch_mean / (np.std(worth, ddof=1) + 1.0), **CLOSE)


@pytest.mark.parametrize("worth", [[0.3], [0.1] * 3, [0.7] * 10])
def test_equal_rewards_have_no_advantage(worth):
    worth = np.array(worth)
    for ddof in (0, 1):
        assert np.array_equal(advantages_of("standardised", worth, ddof=ddof), 0.0 * worth)
    np.testing.assert_allclose(advantages_of("leave_one_out", worth), 0.0 * worth, atol=1e-15)


# --- Regression ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_regression_on_the_whole_population_finds_action_values(seed):
    """Each sequence as often as the policy draws it: chances of 1/2 and 1/4, so 64 rollouts.

    What a small ridge shrinks is linear in it, and so extrapolated to none.
    """
    policy = np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5], [0.25, 0.5, 0.25]])
    world = small_world(seed, policy=policy)
    times = np.round(64 * world.chances).astype(int)
    tokens, worth = np.repeat(SEQUENCES, times, axis=0), np.repeat(world.rewards, times)
    assert len(tokens) == 64
    values = directions(world, "action_value", tokens, worth)[1]

    def extrapolated(signal):
        some, twice = (
            directions(world, "regression", tokens, signal, ridge=ridge)[1]
            for ridge in (1e-3, 2e-3)
        )
        return 2.0 * some - twice

    np.testing.assert_allclose(extrapolated(worth), values, rtol=0, atol=1e-7)
    assert np.abs(values).max() > 1e-2
    # It learns of any signal what it would of rewards, and an offset is its constant.
    judged = extrapolated(0.5 * worth + 3.0)
    np.testing.assert_allclose(judged, 0.5 * values, rtol=0, atol=1e-7)
    shrunk = directions(world, "regression", tokens, worth, ridge=1e6)[1]
    assert np.abs(shrunk).max() < 1e-3 * np.abs(values).max()


@pytest.mark.parametrize("chained", [False, True])
def test_a_regression_minimises_its_loss(chained):
    """Central differences of the loss vanish where the dual form says it is least."""
    world, ridge, width = small_world(7, chained), 0.8, 1e-5
    tokens = SEQUENCES[[0, 3, 3, 8, 14, 20, 25]]
    targets = np.random.default_rng(0).normal(size=len(tokens))
    theta = oracle_credits.ridge_fit(world.policy, tokens, targets, ridge)

    def loss(theta):
        fitted = np.array(
            [
                sum(theta[c][v] for c, v in zip(reference.met(theta, own), own, strict=True))
                for own in tokens
            ]
        )
        left = targets - fitted
        return np.sum((left - np.mean(left)) ** 2) + ridge * np.sum(theta**2)

    for place in np.ndindex(theta.shape):
        moved = np.zeros_like(theta)
        moved[place] = width
        assert abs(loss(theta + moved) - loss(theta - moved)) / (2 * width) < 1e-9
    found = directions(world, "regression", tokens, targets, ridge=ridge)[1]
    for i, own in enumerate(tokens):
        for t, c in enumerate(reference.met(world.policy, own)):
            expected = theta[c][own[t]] - world.policy[c] @ theta[c]
            assert found[i, t] == pytest.approx(expected, abs=1e-12)


# --- Refusals ------------------------------------------------------------------------------------

METHODS = {
    name: {"advantage": "batch_mean", "credit": name}
    for name in ("sequence", "shapley", "prefix_value", "regression", "counterfactual")
}
CHAINED = {"policy": {"context": "previous_token"}}
WIDE = {"landscape": {"vocabulary_size": 7, "sequence_length": 8}}  # 8^8 = 2^24


def study(method, setting=None, **options):
    made = {"methods": [method], "feedbacks": ["continuous"]} | options
    return validate(
        {"run": ["a"], "methods": METHODS, "studies": {"a": made}}
        | {"settings": {"paper": setting or {}}}
    )


@pytest.mark.parametrize(
    "method, allowed, refused, said",
    [
        ("shapley", WIDE, {"landscape": {"vocabulary_size": 8, "sequence_length": 8}}, "9^8"),
        (
            "prefix_value",
            {"landscape": {"vocabulary_size": 4095, "sequence_length": 2}},
            {"landscape": {"vocabulary_size": 4096, "sequence_length": 4096}},
            "4097^4096",
        ),
        (
            "regression",
            {"training": {"rollouts": 4096}},
            {"training": {"rollouts": 4097}},
            "4097^2",
        ),
    ],
)
def test_tables_that_are_too_large_are_refused(method, allowed, refused, said):
    study(method, allowed)
    study("counterfactual", refused | {"policy": {"context": "position"}})
    with pytest.raises(UserError) as raised:
        study(method, refused)
    text = str(raised.value)
    for needed in ("settings.paper:", f"method '{method}'", f" {said} ", "16,777,216"):
        assert needed in text, text
    assert LARGEST_TABLE == 16_777_216 and text.count("\n") == 0


@pytest.mark.parametrize("method", METHODS)
def test_credit_of_independent_positions_is_refused_to_an_autoregressive_policy(method):
    study(method)
    if method != "shapley":
        study(method, CHAINED)
        return
    with pytest.raises(UserError) as raised:
        study(method, CHAINED)
    text = str(raised.value)
    for needed in ("settings.paper:", "policy.context previous_token", f"method '{method}'"):
        assert needed in text
    assert text.endswith("allowed: position")


def test_a_study_that_is_not_run_forbids_no_setting():
    """Its method is refused when its logs are asked for."""
    large = {"landscape": {"vocabulary_size": 40}}
    for change in (CHAINED, large):
        made = {"methods": ["shapley"], "feedbacks": ["continuous"]}
        plain = {"methods": ["sequence"], "feedbacks": ["continuous"]}
        config = validate(
            {"run": ["b"], "methods": METHODS, "studies": {"a": made, "b": plain}}
            | {"settings": {"paper": change}}
        )
        made = Artefacts(config, [])
        for path, job in made.training.items():
            if job.condition.method == "shapley":
                with pytest.raises(UserError, match="method 'shapley'"):
                    made.training_spec(path)
            else:
                assert made.training_spec(path)


@pytest.mark.parametrize("change", [CHAINED, {"landscape": {"vocabulary_size": 40}}])
def test_training_from_python_refuses_them_too(change):
    setting = Setting().model_dump()
    for group, own in change.items():
        setting[group] |= own
    with pytest.raises(ValueError, match="allowed: "):
        train(setting, METHODS["shapley"], "continuous", 0.0, 0)


def test_the_tables_of_a_job_count():
    config = study("shapley", WIDE)
    setting = config.settings["paper"]
    plain, large, square = (
        size.job_bytes(setting, "summary", 1, config.methods[name].composition)
        for name in ("sequence", "shapley", "regression")
    )
    assert large - plain == 8 * 8**8 and square - plain == 8 * setting.training.rollouts**2


@pytest.mark.parametrize("policies", [[], [0]])
def test_the_tables_of_a_job_can_exhaust_the_memory(monkeypatch, policies):
    monkeypatch.setattr(size, "MAX_JOB_BYTES", 100 * 2**20)
    study("sequence", WIDE, policies=policies)
    with pytest.raises(UserError, match="memory"):
        study("shapley", WIDE, policies=policies)
