"""Divergences, the teachers' bases and regularisers: gradients of stated losses, and identities.

The parts are called as plain Python, in one context or in whole cells; `test_kernel` compares the
compiled kernel with the oracle.
"""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

import reference
from batches import differences
from everypart import EVERY_METHOD
from materialise import arrays
from oracle_divergences import LOSSES, REGULARISER_LOSSES, kl_loss, top
from sdposim.model.cells import train_policies
from sdposim.model.loop import train_cells
from sdposim.model.parts import parts
from sdposim.model.teacher import padded
from sdposim.model.workspace import make_workspace
from sdposim.workflow.configuration.settings import Setting

KINDS = ("forward_kl", "reverse_kl", "jsd")
TAILS = ("bucket", "renormalised", "none")
CASES = [
    ("forward_kl", {}),
    ("reverse_kl", {}),
    *(("jsd", {"mix": mix}) for mix in (0.0, 0.2, 0.5, 0.9, 1.0)),
    *(("sampled_reverse_kl", {"baseline": baseline}) for baseline in (False, True)),
    *(("pointwise_clip", {"clip": clip}) for clip in (0.05, 0.3, 1e6)),
    *(
        ("top_k", {"k": k, "divergence": divergence, "tail": tail})
        for k, divergence, tail in itertools.product((1, 3, 9), KINDS, TAILS)
    ),
]
EACH = pytest.mark.parametrize(
    "name, own", CASES, ids=["-".join([name, *map(str, own.values())]) for name, own in CASES]
)


def pulled(name, teachers, logits, tokens=(0,), weights=(1.0,), **own):
    """A divergence's direction (V,) in one context, of teachers' logits (n, V) or (V,)."""
    log_teachers = reference.log_softmax(np.atleast_2d(teachers))
    count, vocabulary = log_teachers.shape
    lanes, log_own = padded(count), reference.log_softmax(logits)
    logs, of_lanes = np.full((vocabulary, lanes), -np.log(vocabulary)), np.zeros(lanes)
    logs[:, :count], of_lanes[:count] = log_teachers.T, weights
    chosen = np.zeros(lanes, np.uint64)
    chosen[:count] = tokens
    part, out = parts("divergence")[name], np.full(vocabulary, np.nan)
    settings = [part.settings.packed(part.settings.defaults() | own)] if part.settings else []
    work = make_workspace(1, vocabulary, 1, count, count)
    with np.errstate(over="ignore"):  # words of an exponential's bits wrap round
        part.function(
            *settings, np.exp(logs), logs, of_lanes, lanes, np.exp(log_own), log_own, chosen, work,
            out,
        )  # fmt: skip
    return out


def normals(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def shaped(length, vocabulary, rollouts, context="position", **training):
    made = Setting().model_dump()
    made["landscape"] |= {"sequence_length": length, "vocabulary_size": vocabulary}
    made["policy"] |= {"context": context, "initial_logit_sd": 1.0}
    made["training"] |= {"rollouts": rollouts} | training
    return made


def policies(made, method, taken, noise=0.0, seed=3, kernel=train_cells):
    """A cell's logits at some steps, as the oracle has them, with feedback f = R + noise."""
    feedback = {"noise": "gaussian", "scale": {"interval": {"clip": False}}}
    (kept,) = train_policies(made, method, feedback, noise, [seed], taken, kernel=kernel)
    shape = arrays(made, seed)["initial_logits"].shape
    return [logits.reshape(shape) for logits in kept[0]]


def first_batch(made, noise=0.0, seed=3):
    """What the first step of such a cell knows, by the oracle's functions."""
    drawn = arrays(made, seed)
    logits = drawn["initial_logits"]
    policy, weight = reference.softmax(logits), made["landscape"]["pattern_weight"]
    tokens = np.array([reference.sample(policy, own) for own in drawn["uniforms"][0]])
    world = drawn["q"], drawn["b"], drawn["target"], weight
    rewards = np.array([reference.reward(own, *world) for own in tokens])
    return SimpleNamespace(
        logits=logits, policy=policy, tokens=tokens, q=drawn["q"],
        said=rewards + noise * drawn["noise"][0],
    )  # fmt: skip


# --- Losses --------------------------------------------------------------------------------------


@EACH
def test_a_direction_is_the_negative_gradient_of_the_stated_loss(name, own):
    """In one context, of three teachers of which each has its weight and its token."""
    logits, teachers = normals(5, seed=1), 1.5 * normals(3, 5, seed=2)
    tokens, weights, held = [4, 0, 2], [0.5, 1.0, 0.2], reference.softmax(logits)

    def loss(z):
        return sum(
            weight * LOSSES[name](p, reference.softmax(z), token, held, **own)
            for p, token, weight in zip(reference.softmax(teachers), tokens, weights, strict=True)
        )

    got = pulled(name, teachers, logits, tokens, weights, **own)
    np.testing.assert_allclose(got, -differences(loss, logits), rtol=0, atol=1e-8)
    if own.get("k") != 1 or own["tail"] != "renormalised":  # of one token nothing is left to learn
        assert np.abs(got).max() > 1e-3


@EACH
def test_a_cells_step_is_the_gradient_of_the_mean_over_rollouts(name, own):
    """Of an autoregressive policy: of the sum over contexts that each rollout met."""
    made = shaped(2, 3, 4, "previous_token", steps=1, learning_rate=0.1)
    batch, beta = first_batch(made, 0.3), 3.0
    teachers = [reference.teacher(batch.logits, f, beta, batch.q) for f in batch.said]

    def loss(z):
        policy, total = reference.softmax(z), 0.0
        for tokens, teacher in zip(batch.tokens, teachers, strict=True):
            for t, c in enumerate(reference.met(policy, tokens)):
                total += LOSSES[name](teacher[c], policy[c], tokens[t], batch.policy[c], **own)
        return total / len(teachers)

    method = {"guidance": {"oracle": {"strength": beta}}, "base": "live", "divergence": {name: own}}
    before, after = policies(made, method, [0, 1], 0.3)
    assert np.array_equal(before, batch.logits)
    step = (after - before) / made["training"]["learning_rate"]
    np.testing.assert_allclose(step, -differences(loss, before), rtol=0, atol=1e-8)


# --- Between forward and reverse KL --------------------------------------------------------------


def test_a_jsd_is_at_its_ends_forward_and_reverse_kl():
    logits, teacher = normals(6, seed=1), normals(6, seed=2)
    forward, reverse = (pulled(name, teacher, logits) for name in ("forward_kl", "reverse_kl"))
    assert np.array_equal(pulled("jsd", teacher, logits, mix=0.0), forward)
    assert np.array_equal(pulled("jsd", teacher, logits, mix=1.0), reverse)
    # But not continuously: over its weight it tends to them, and itself to nothing.
    a = 1e-7
    near = pulled("jsd", teacher, logits, mix=a), pulled("jsd", teacher, logits, mix=1.0 - a)
    np.testing.assert_allclose(near[0] / a, forward, rtol=1e-5)
    np.testing.assert_allclose(near[1] / a, reverse, rtol=1e-5)
    assert np.abs(near).max() < 1e-5


@pytest.mark.parametrize("mix", [0.1, 0.5, 0.8])
def test_divergences_agree_to_first_order(mix):
    logits, size = normals(6, seed=1), 1e-5
    teacher = logits + size * normals(6, seed=2)
    forward = pulled("forward_kl", teacher, logits) / size
    reverse = pulled("reverse_kl", teacher, logits) / size
    jsd = pulled("jsd", teacher, logits, mix=mix) / size
    assert np.abs(forward).max() > 0.1
    np.testing.assert_allclose(reverse, forward, rtol=0, atol=1e-4)
    np.testing.assert_allclose(jsd / (mix * (1 - mix)), forward, rtol=0, atol=1e-4)


def test_forward_kl_and_jsd_are_bounded_and_reverse_kl_is_not():
    """Where a teacher all but excludes what the student does."""
    logits, mix = normals(4, seed=1), 0.5
    far = {
        name: [pulled(name, [-x, 0, 0, 0], logits, **own) for x in (1e3, 1e6)]
        for name, own in (("forward_kl", {}), ("reverse_kl", {}), ("jsd", {"mix": mix}))
    }
    assert np.abs(far["forward_kl"]).max() <= 1.0
    assert np.abs(far["jsd"]).max() <= -(1 - mix) * np.log(1 - mix)
    np.testing.assert_allclose(far["reverse_kl"][1], 1000 * far["reverse_kl"][0], rtol=0.01)
    np.testing.assert_allclose(far["jsd"][1], far["jsd"][0], rtol=1e-12)


@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_reverse_kl_to_the_oracle_is_linear_in_feedback(context):
    """A step is the mean of beta f pi A*, exactly, however far the teacher is."""
    made, beta = shaped(3, 4, 6, context, steps=1, learning_rate=0.5), 7.0
    batch = first_batch(made, 0.4)
    worth = batch.policy * reference.advantage(batch.policy, batch.q)
    expected = np.zeros_like(batch.policy)
    for f, tokens in zip(batch.said, batch.tokens, strict=True):
        for c in reference.met(batch.policy, tokens):
            expected[c] += beta * f * worth[c] / len(batch.said)
    oracle = {"guidance": {"oracle": {"strength": beta}}, "base": "live"}
    before, after = policies(made, oracle | {"divergence": "reverse_kl"}, [0, 1], 0.4)
    np.testing.assert_allclose((after - before) / 0.5, expected, rtol=0, atol=1e-12)
    assert np.abs(expected).max() > 0.5


def test_several_teachers_are_one_mean_of_them():
    """The arithmetic mean for forward KL, the normalised geometric one for reverse KL."""
    logits, teachers, weights = normals(5, seed=1), 2 * normals(9, 5, seed=2), np.arange(9) / 36
    arithmetic = np.log(weights @ reference.softmax(teachers))
    geometric = weights @ teachers
    for name, one, other in (
        ("forward_kl", arithmetic, geometric),
        ("reverse_kl", geometric, arithmetic),
    ):
        several = pulled(name, teachers, logits, np.zeros(9), weights)
        np.testing.assert_allclose(several, pulled(name, one, logits), rtol=0, atol=1e-14)
        assert np.abs(several - pulled(name, other, logits)).max() > 0.01


# --- Sampled tokens ------------------------------------------------------------------------------


@pytest.mark.parametrize("baseline", [False, True])
def test_sampled_tokens_give_reverse_kl_in_the_mean(baseline):
    logits, teacher = normals(5, seed=1), 2 * normals(5, seed=2)
    each = [pulled("sampled_reverse_kl", teacher, logits, [s], baseline=baseline) for s in range(5)]
    mean = reference.softmax(logits) @ np.array(each)
    np.testing.assert_allclose(mean, pulled("reverse_kl", teacher, logits), rtol=0, atol=1e-14)
    assert np.abs(each - mean).max() > 0.1


def test_a_baseline_takes_variance_from_sampled_tokens():
    """Of a uniform student the square of the KL times 1 - 1 / V, exactly."""
    logits, teacher = np.zeros(4), 2 * normals(4, seed=2)
    variances = {}
    for baseline in (False, True):
        each = np.array(
            [
                pulled("sampled_reverse_kl", teacher, logits, [s], baseline=baseline)
                for s in range(4)
            ]
        )
        variances[baseline] = np.sum(np.var(each, axis=0))
    divergence = kl_loss(np.full(4, 0.25), reference.softmax(teacher))
    assert divergence > 0.3
    np.testing.assert_allclose(variances[False] - variances[True], 0.75 * divergence**2, rtol=1e-12)


# --- The likeliest tokens ------------------------------------------------------------------------


@pytest.mark.parametrize("divergence", KINDS)
def test_all_tokens_but_one_and_a_bucket_are_all(divergence):
    logits, teacher = normals(6, seed=1), 2 * normals(6, seed=2)
    full = pulled(divergence, teacher, logits)
    for k, tail in ((5, "bucket"), *itertools.product((6, 20), TAILS)):
        own = {"k": k, "divergence": divergence, "tail": tail}
        got = pulled("top_k", teacher, logits, **own)
        np.testing.assert_allclose(got, full, rtol=0, atol=1e-14)
    own = {"k": 4, "divergence": divergence, "tail": "bucket"}
    assert np.abs(pulled("top_k", teacher, logits, **own) - full).max() > 1e-4


@pytest.mark.parametrize("divergence", KINDS)
def test_a_bucket_loses_divergence_the_more_the_larger(divergence):
    p, pi = reference.softmax(2 * normals(6, seed=2)), reference.softmax(normals(6, seed=1))
    own = {"divergence": divergence, "tail": "bucket"}
    losses = [LOSSES["top_k"](p, pi, 0, pi, k=k, **own) for k in range(1, 6)]
    whole = {"mix": 0.5} if divergence == "jsd" else {}
    np.testing.assert_allclose(losses[-1], LOSSES[divergence](p, pi, 0, pi, **whole), rtol=1e-12)
    assert np.all(np.diff(losses) > 0)


@pytest.mark.parametrize("divergence", KINDS)
def test_what_becomes_of_the_other_tokens(divergence):
    logits, teacher = normals(6, seed=1), 2 * normals(6, seed=2)
    policy, kept = reference.softmax(logits), top(logits, 3)
    of_tail = {
        tail: pulled("top_k", teacher, logits, k=3, divergence=divergence, tail=tail)[~kept]
        for tail in TAILS
    }
    shares = of_tail["bucket"] / policy[~kept]  # of one token: the same relative step
    np.testing.assert_allclose(shares, shares[0], rtol=1e-12)
    assert np.abs(shares).max() > 1e-3
    assert not of_tail["renormalised"].any()
    assert of_tail["none"].all()


def test_without_a_tail_a_student_who_is_right_leaks():
    """Reverse KL takes probability from the likeliest K where p = pi; forward KL gives it."""
    logits = normals(6, seed=1)
    policy, kept = reference.softmax(logits), top(logits, 3)
    leak = policy * (kept - policy @ kept)
    for divergence, expected in (("reverse_kl", -leak), ("forward_kl", leak), ("jsd", 0 * leak)):
        own = {"k": 3, "divergence": divergence}
        got = pulled("top_k", logits, logits, tail="none", **own)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-15)
        for tail in ("bucket", "renormalised"):
            got = pulled("top_k", logits, logits, tail=tail, **own)
            np.testing.assert_allclose(got, 0, rtol=0, atol=1e-15)
    assert np.abs(leak).max() > 0.03


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("divergence", KINDS)
def test_the_compiled_kernel_leaves_out_what_the_equations_do(divergence, tail):
    """Several steps of a whole cell against the oracle, of which `test_kernel` has one tail."""
    made = shaped(3, 5, 6, "previous_token", steps=4, learning_rate=0.5)
    top_k = {"top_k": {"k": 2, "divergence": divergence, "tail": tail}}
    method = EVERY_METHOD["fixed"] | {"divergence": top_k}
    feedback = {"noise": "gaussian", "scale": {"interval": {"clip": False}}}
    expected = reference.train(made, method, feedback, 0.3, arrays(made, 3))["logits"]
    (last,) = policies(made, method, [4], 0.3, kernel=None)
    np.testing.assert_allclose(last, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "logits, k, kept",
    [([0, 0, 0, 0], 2, [0, 1]), ([1, 0, 0, 0, 2], 3, [0, 1, 4]), ([0, 2, 1, 2], 1, [1])],
)
def test_of_equals_the_first_are_kept(logits, k, kept):
    logits = np.array(logits, float)
    got = pulled("top_k", normals(len(logits)), logits, k=k, tail="none")
    pi, p = reference.softmax(logits), reference.softmax(normals(len(logits)))
    inside = np.where(np.isin(range(len(logits)), kept), np.log(pi / p) + 1, 0.0)
    np.testing.assert_allclose(got, pi * (pi @ inside - inside), rtol=0, atol=1e-14)


# --- Clipping ------------------------------------------------------------------------------------


def test_a_cut_that_nothing_reaches_is_none():
    logits, teacher = normals(5, seed=1), 2 * normals(5, seed=2)
    got = pulled("pointwise_clip", teacher, logits, clip=1e6)
    np.testing.assert_allclose(got, pulled("forward_kl", teacher, logits), rtol=0, atol=1e-15)


def test_what_a_teacher_wants_most_is_pushed_down():
    """A logit more for one of eight tokens is above the default cut."""
    logits = np.zeros(8)
    teacher = logits + np.eye(8)[5]
    assert pulled("forward_kl", teacher, logits)[5] > 0.1
    clipped = pulled("pointwise_clip", teacher, logits)
    assert clipped[5] < 0
    p = reference.softmax(teacher)
    np.testing.assert_allclose(clipped[5], -(1 - p[5]) / 8, rtol=1e-12)


# --- Bases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("divergence", [*KINDS, {"top_k": {"k": 2}}])
@pytest.mark.parametrize("share", [None, 0.0, 0.5, 0.7])
def test_a_base_that_holds_back_has_a_fixed_point(share, divergence):
    """softmax(z0 + u / (1 - a)) where guidance is the same u at every step; a = 0 is `fixed`.

    Through the compiled kernel, which takes many steps.
    """
    steps, held = 400, 1 - (share or 0.0)
    rate = (8.0 if divergence == "jsd" else 2.0) / held
    made = shaped(2, 3, 1, steps=steps, learning_rate=rate)
    base = "fixed" if share is None else {"trust_region": {"share": share}}
    guidance = {"reference_solution": {"solution": "target", "form": "bonus", "bonus": 0.6}}
    method = {"guidance": guidance, "base": base, "divergence": divergence}
    initial, last = policies(made, method, [0, steps], kernel=None)
    expected = reference.softmax(initial + 0.6 / held * np.eye(3)[arrays(made, 3)["target"]])
    np.testing.assert_allclose(reference.softmax(last), expected, rtol=0, atol=1e-9)
    assert np.abs(expected - reference.softmax(initial)).max() > 0.1


def test_bases_at_their_ends_are_the_student_and_the_initial_policy():
    made = shaped(2, 3, 4, "previous_token", steps=5, learning_rate=1.0)
    guidance = {"oracle": {"strength": 2.0}}

    def trained(base):
        method = {"guidance": guidance, "base": base, "divergence": "reverse_kl"}
        return policies(made, method, [5], 0.3)[0]

    live, fixed = trained("live"), trained("fixed")
    assert np.abs(live - fixed).max() > 1e-3
    for base, parameter in (("ema", "rate"), ("trust_region", "share")):
        ends = [trained({base: {parameter: value}}) for value in (1.0, 0.0, 0.5)]
        np.testing.assert_allclose(ends[0], live, rtol=0, atol=1e-12)
        np.testing.assert_allclose(ends[1], fixed, rtol=0, atol=1e-12)
        assert min(np.abs(ends[2] - live).max(), np.abs(ends[2] - fixed).max()) > 1e-4


# --- Regularisers --------------------------------------------------------------------------------

REGULARISERS = pytest.mark.parametrize("name", REGULARISER_LOSSES)


def regularised(name, probabilities, initial, visits, **own):
    """A regulariser's direction (C, V)."""
    part, out = parts("regulariser")[name], np.zeros_like(probabilities)
    settings = part.settings.packed(part.settings.defaults() | own)
    with np.errstate(over="ignore"):
        part.function(settings, probabilities, initial, visits, out)
    return out


@REGULARISERS
def test_a_regulariser_is_the_gradient_of_its_loss_where_rollouts_were(name):
    logits, initial = normals(3, 4, seed=1), reference.softmax(normals(3, 4, seed=2))
    met = [[0, 1], [0, 2], [0, 1], [0, 1]]  # contexts, by rollout
    visits = np.bincount(np.ravel(met)) / len(met)

    def loss(z):
        policy = reference.softmax(z)
        own = [REGULARISER_LOSSES[name](policy[c], initial[c], weight=0.7) for c in range(3)]
        return np.mean([sum(own[c] for c in contexts) for contexts in met])

    got = regularised(name, reference.softmax(logits), initial, visits, weight=0.7)
    np.testing.assert_allclose(got, -differences(loss, logits), rtol=0, atol=1e-9)
    assert np.all(np.abs(got).max(axis=1) > 1e-3)
    assert not regularised(name, reference.softmax(logits), initial, visits, weight=0.0).any()


def test_a_bonus_raises_entropy():
    """To first order by the step, times c, times the square of the entropy's gradient."""
    for seed in range(5):
        logits, size = 2 * normals(3, 4, seed=seed), 1e-3
        direction = regularised(
            "entropy_bonus", reference.softmax(logits), None, np.ones(3), weight=1
        )
        moved = reference.entropy(logits + size * direction) - reference.entropy(logits)
        steepest = 3 * np.sum(differences(reference.entropy, logits) ** 2)  # of a mean of 3
        assert moved > 0.0
        np.testing.assert_allclose(moved, size * steepest, rtol=0.01)


def test_a_pull_by_reverse_kl_lowers_it():
    logits, initial = normals(1, 4, seed=1), reference.softmax(normals(1, 4, seed=2))
    policy = reference.softmax(logits)
    direction = regularised("reverse_kl_pull", policy, initial, np.ones(1), weight=1.0)
    closer = reference.softmax(logits + 0.1 * direction)
    assert kl_loss(closer, initial) < 0.99 * kl_loss(policy, initial)
    assert not regularised("reverse_kl_pull", policy, policy, np.ones(1)).any()


@REGULARISERS
def test_probabilities_of_zero_are_no_infinities(name):
    policy, initial = np.array([[1.0, 0.0, 0.0]]), np.array([[0.0, 1.0, 0.0]])
    got = regularised(name, policy, initial, np.ones(1), weight=1.0)
    assert np.isfinite(got).all() and np.abs(got).max() < 1e-9
    half = np.array([[0.5, 0.5, 0.0]])
    got = regularised(name, half, initial, np.ones(1), weight=1.0)
    assert np.isfinite(got).all() and got[0, 2] == 0.0
    assert (got[0, 0] < -100) == (name == "reverse_kl_pull")  # of what the initial policy excludes


# --- Preconditioners -----------------------------------------------------------------------------


def natural(probabilities, visits, gradient):
    part, out = parts("preconditioner")["natural_gradient"], gradient.copy()
    part.function(part.settings.packed_defaults(), probabilities, visits, out)
    return out


def test_a_natural_gradient_is_steepest_by_the_divergence_of_the_policies():
    """F x = g, with F the Hessian of KL(pi || moved) at no move, where rollouts were."""
    logits, gradient = normals(3, 4, seed=1), normals(3, 4, seed=2)
    gradient -= gradient.mean(axis=1, keepdims=True)
    policy, visits = reference.softmax(logits), np.array([1.0, 0.25, 0.0])
    got = natural(policy, visits, gradient)
    for c in range(2):
        size, basis = 1e-3, np.eye(4)

        def distance(move, c=c):
            return visits[c] * kl_loss(policy[c], reference.softmax(logits[c] + move))

        hessian = np.array(
            [
                [
                    distance(size * (u + w)) - distance(size * (u - w))
                    - distance(size * (w - u)) + distance(-size * (u + w))
                    for u in basis
                ]
                for w in basis
            ]
        ) / (4 * size**2)  # fmt: skip
        np.testing.assert_allclose(hessian @ got[c], gradient[c], rtol=0, atol=1e-5)
        assert abs(policy[c] @ got[c]) < 1e-12
    assert not got[2].any()


def test_a_natural_step_on_forward_kl_gains_what_the_teacher_has_over_the_student():
    """dJ = E_p Q - E_pi Q to first order: it cannot fall under a better p."""
    for seed in range(5):
        logits, quality = normals(1, 4, seed=seed), normals(4, seed=seed + 9)
        policy = reference.softmax(logits)
        teacher = reference.softmax(logits + 0.5 * quality)
        step = natural(policy, np.ones(1), teacher - policy)
        moved = reference.softmax(logits + 1e-5 * step)
        gained = (moved - policy)[0] @ quality
        promised = 1e-5 * (teacher - policy)[0] @ quality
        assert promised > 0
        np.testing.assert_allclose(gained, promised, rtol=1e-3)
