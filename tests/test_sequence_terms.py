"""Terms that look beyond a token or a rollout: sequence-level credit, and pooled teachers."""

import itertools

import numpy as np
import pytest

import reference
from batches import chance, differences, logits_of, step
from sdposim.model.compositions import check_method

LENGTH, VOCABULARY = 3, 2
SEQUENCES = np.array(list(itertools.product(range(VOCABULARY), repeat=LENGTH)))
TEACHER = {"base": "fixed", "guidance": {"reference_solution": {"bonus": 1.3}}}
"""One that no rollout changes."""
AHEAD = {"reverse_kl": "reverse_kl", "forward_kl": "cross_entropy"}
"""Divergence -> the distance that its sequence-level term has."""
CHAIN = (LENGTH, VOCABULARY, VOCABULARY)
SHAPES = {"position": CHAIN[:2], "previous_token": CHAIN}


def expected(method, logits, initial, quality):
    """The mean direction over everything that a rollout may be."""
    found = np.zeros(logits.shape)
    for tokens in SEQUENCES:
        own = step(method, [tokens], [0.5], logits, initial, quality=quality)
        found += chance(logits, tokens) * own.direction
    return found


def log_chances(logits):
    return np.array([np.log(chance(logits, tokens)) for tokens in SEQUENCES])


def world(context):
    shape = SHAPES[context]
    return logits_of(*shape), logits_of(*shape, seed=1), logits_of(LENGTH, VOCABULARY, seed=2)


def teachers_logits(initial, quality):
    """Of the teacher that is shown the tokens of the largest q."""
    shown = 1.3 * np.eye(VOCABULARY)[quality.argmax(axis=1)]
    return initial + (shown if initial.ndim == 2 else shown[:, None, :])


@pytest.mark.parametrize("context", SHAPES)
def test_reverse_kl_with_later_tokens_is_the_gradient_of_the_kl_of_sequences(context):
    """SDPO's equation 8, by listing all sequences."""
    logits, initial, quality = world(context)
    of_teacher = log_chances(teachers_logits(initial, quality))

    def loss(z):
        own = log_chances(z)
        return np.exp(own) @ (own - of_teacher)

    method = TEACHER | {"divergence": "reverse_kl", "horizon": "later_tokens"}
    found = expected(method, logits, initial, quality)
    np.testing.assert_allclose(found, -differences(loss, logits), rtol=0, atol=1e-8)


def test_losses_by_token_leave_that_term_out():
    """It is 0 of a factored policy whose teacher no token changes, and not of another."""
    for context, zero in (("position", True), ("previous_token", False)):
        for divergence, distance in AHEAD.items():
            cell = world(context)
            method = TEACHER | {"divergence": divergence}
            whole = method | {"horizon": {"later_tokens": {"distance": distance}}}
            left = expected(whole, *cell) - expected(method, *cell)
            assert (np.abs(left).max() < 1e-12) == zero, (context, divergence)
            assert zero or np.abs(left).max() > 1e-3


@pytest.mark.parametrize("context", SHAPES)
def test_forward_cross_entropy_with_later_tokens_is_the_gradient_of_its_sum(context):
    """DistIL's loss: the cross-entropy along the student's own rollouts."""
    logits, initial, quality = world(context)
    teacher = reference.softmax(teachers_logits(initial, quality))

    def loss(z):
        own = reference.log_softmax(z)
        along = []
        for tokens in SEQUENCES:
            met = reference.met(own, tokens)
            along.append(-sum(teacher[c] @ own[c] for c in met))
        return np.exp(log_chances(z)) @ np.array(along)

    method = TEACHER | {
        "divergence": "forward_kl",
        "horizon": {"later_tokens": {"distance": "cross_entropy"}},
    }
    found = expected(method, logits, initial, quality)
    np.testing.assert_allclose(found, -differences(loss, logits), rtol=0, atol=1e-8)


def test_the_last_token_answers_for_nothing():
    logits, initial, quality = world("previous_token")
    method = TEACHER | {"divergence": "reverse_kl"}
    for tokens in SEQUENCES:
        cell = [tokens], [0.5], logits, initial
        plain = step(method, *cell, quality=quality).direction
        whole = step(method | {"horizon": "later_tokens"}, *cell, quality=quality).direction
        assert np.array_equal(whole[-1], plain[-1])
        assert np.abs(whole[0] - plain[0]).max() > 1e-3


# --- Pooled teachers -----------------------------------------------------------------------------

TOKENS = np.array([[0, 2], [1, 1], [2, 0], [0, 1]])
SAID = [0.2, 0.9, 0.7, 0.4]
PEERS = {"base": "fixed", "guidance": {"peer": {"trust": 0.4}}}
"""A mixture of copies: the first success is shown the second, the others are shown the first."""


def batch(method, **options):
    return step(method, TOKENS, SAID, logits_of(2, 3), logits_of(2, 3, seed=1), **options)


def log_teachers():
    initial = reference.softmax(logits_of(2, 3, seed=1))
    shown = [TOKENS[2] if i == 1 else TOKENS[1] for i in range(len(TOKENS))]
    return np.log([0.6 * initial + 0.4 * np.eye(3)[tokens] for tokens in shown])


POOLS = {
    "arithmetic": lambda logs: np.log(np.mean(np.exp(logs), axis=0)),
    "geometric": lambda logs: reference.log_softmax(np.mean(logs, axis=0)),
}


@pytest.mark.parametrize("pooling", POOLS)
@pytest.mark.parametrize("divergence", ["forward_kl", "reverse_kl"])
def test_a_pooled_teacher_is_the_mean_of_the_batchs(pooling, divergence):
    """The direction is that of the divergence from the mixture, by finite differences."""
    pooled = POOLS[pooling](log_teachers())

    def loss(z):
        own = reference.log_softmax(z)
        if divergence == "forward_kl":
            return np.sum(np.exp(pooled) * (pooled - own))
        return np.sum(np.exp(own) * (own - pooled))

    method = PEERS | {"divergence": divergence, "pooling": pooling}
    found = batch(method)
    np.testing.assert_allclose(
        found.direction, -differences(loss, logits_of(2, 3)), rtol=0, atol=1e-9
    )
    own = reference.log_softmax(logits_of(2, 3))
    apart = np.sum(np.exp(pooled) * (pooled - own)) / 2
    np.testing.assert_allclose(found.divergence, apart, rtol=1e-12)


@pytest.mark.parametrize(
    "pooling, divergence, same",
    [
        ("arithmetic", "forward_kl", True),
        ("geometric", "reverse_kl", True),
        ("geometric", "forward_kl", False),
        ("arithmetic", "reverse_kl", False),
        ("arithmetic", "jsd", False),
    ],
)
def test_losses_that_are_linear_in_the_teacher_do_not_see_pooling(pooling, divergence, same):
    method = PEERS | {"divergence": divergence}
    gap = np.abs(batch(method | {"pooling": pooling}).direction - batch(method).direction).max()
    assert gap < 1e-14 if same else gap > 1e-3


@pytest.mark.parametrize("pooling", POOLS)
def test_rollouts_without_a_teacher_are_not_pooled(pooling):
    """One success: it has no peer, and the others are shown the same one."""
    said = [0.2, 0.9, 0.1, 0.4]
    method = PEERS | {"divergence": "reverse_kl"}
    at = TOKENS, said, logits_of(2, 3)
    plain, pooled = (step(own, *at) for own in (method, method | {"pooling": pooling}))
    np.testing.assert_allclose(pooled.direction, plain.direction, rtol=0, atol=1e-14)


@pytest.mark.parametrize("pooling", POOLS)
def test_without_any_teacher_nothing_is_pooled(pooling):
    method = PEERS | {"divergence": "reverse_kl", "pooling": pooling}
    found = step(method, TOKENS, [0.1] * 4, logits_of(2, 3))
    assert np.array_equal(found.direction, np.zeros((2, 3))) and found.divergence == 0.0


def test_the_initial_policy_as_one_of_two_teachers_is_the_pull():
    """A mixture with the initial policy: forward KL to it is the paper's lambda term."""
    logits, initial = logits_of(2, 3), logits_of(2, 3, seed=1)
    weight = 0.25
    pulled = step(
        PEERS | {"divergence": "forward_kl", "regulariser": {"pull": {"weight": weight}}},
        TOKENS, SAID, logits, initial,
    ).direction  # fmt: skip
    teacher = np.mean(np.exp(log_teachers()), axis=0)
    mixture = (teacher + weight * reference.softmax(initial)) / (1 + weight)
    expected = (1 + weight) * (mixture - reference.softmax(logits))
    np.testing.assert_allclose(pulled, expected, rtol=0, atol=1e-14)


# --- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("slot, part", [("horizon", "later_tokens"), ("pooling", "geometric")])
def test_they_are_of_methods_with_a_teacher(slot, part):
    credit = {"advantage": "batch_mean", "credit": "sequence"}
    with pytest.raises(ValueError, match=f"{slot} is only for a method with guidance and base"):
        check_method(credit | {slot: part})
    taught = credit | {"base": "live", "guidance": "peer", "credit": "teacher_ratio"}
    if slot == "pooling":
        check_method(taught | {slot: part})
    else:
        with pytest.raises(ValueError, match=r"horizon is only for a method with .*divergence"):
            check_method(taught | {slot: part})
    check_method(TEACHER | {"divergence": "jsd", slot: part})
