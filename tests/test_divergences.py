"""Divergences, bases and regularisers: gradients of their losses, and what they have in common."""

import itertools

import numpy as np
import pytest

import oracle_divergences as oracle
from reference import log_softmax, softmax
from sdposim.model import parts
from sdposim.model.loop import train_cells
from sdposim.model.paper import METHODS, train
from sdposim.model.workspace import make_workspace
from test_kernel import setting

V = 6
RNG = np.random.default_rng(5)
LOGITS, TEACHER = RNG.normal(0, 1, V), log_softmax(RNG.normal(0, 1.5, V))
LOG_POLICY = log_softmax(LOGITS)


def kernel(name, log_teachers=TEACHER, logits=LOGITS, token=2, weights=(1.0,), **changed):
    """A part's descent direction (V,), with a teacher in each of the first lanes."""
    part = parts.parts("divergence")[name]
    own = [part.settings.packed(part.settings.defaults() | changed)] if part.settings else []
    work = make_workspace(1, V, 1, 8, 8)
    lanes = np.zeros((V, 8))
    lanes[:] = LOG_POLICY[:, np.newaxis]
    lanes[:, : len(weights)] = np.atleast_2d(log_teachers).T
    weighted, chosen = np.zeros(8), np.full(8, token, np.uint64)
    weighted[: len(weights)] = weights
    log_own, out = log_softmax(logits), np.zeros(V)
    part.function(
        *own, np.exp(lanes), lanes, weighted, 8, np.exp(log_own), log_own, chosen, work, out
    )
    return out


def slope(loss, logits=LOGITS, step=1e-6):
    """The gradient of a loss of log probabilities by central differences of the logits."""
    found = np.empty(V)
    for v, unit in enumerate(np.eye(V)):
        ends = [loss(log_softmax(logits + sign * step * unit)) for sign in (1.0, -1.0)]
        found[v] = (ends[0] - ends[1]) / (2.0 * step)
    return found


def close(got, expected, tolerance=1e-8):
    np.testing.assert_allclose(got, expected, rtol=0, atol=tolerance)


# --- gradients -----------------------------------------------------------------------------------


def test_forward_and_reverse_kl_are_gradients_of_their_losses():
    p = np.exp(TEACHER)
    close(-kernel("forward_kl"), slope(lambda log: np.sum(p * (TEACHER - log))))
    close(-kernel("reverse_kl"), slope(lambda log: np.sum(np.exp(log) * (log - TEACHER))))


@pytest.mark.parametrize("mix", [0.1, 0.5, 0.8])
def test_jsd_is_the_gradient_of_its_loss(mix):
    close(-kernel("jsd", mix=mix), slope(lambda log: oracle.jsd_loss(TEACHER, log, mix)))


@pytest.mark.parametrize("baseline", [False, True])
def test_a_sampled_tokens_direction_is_the_gradient_of_its_surrogate(baseline):
    advantage = TEACHER[2] - LOG_POLICY[2]
    if baseline:
        advantage += np.sum(np.exp(LOG_POLICY) * (LOG_POLICY - TEACHER))
    close(-kernel("sampled_reverse_kl", baseline=baseline), slope(lambda log: -advantage * log[2]))


@pytest.mark.parametrize("k", [1, 3, 5, 6, 9])
@pytest.mark.parametrize("tail", ["bucket", "renormalised", "none"])
@pytest.mark.parametrize("divergence", ["forward_kl", "reverse_kl", "jsd"])
def test_top_k_is_the_gradient_of_its_loss(k, tail, divergence):
    best = oracle.best_tokens(LOG_POLICY, k)

    def loss(log):
        mine, theirs, _ = oracle.grouped(TEACHER, log, best, tail)
        return oracle.mass_loss(divergence, mine, theirs)

    close(-kernel("top_k", k=k, tail=tail, divergence=divergence), slope(loss))


@pytest.mark.parametrize("bound", [0.02, 0.3])
def test_a_clipped_divergence_is_the_gradient_of_its_loss(bound):
    terms = np.exp(TEACHER) * (TEACHER - LOG_POLICY)
    assert (terms < bound).any() and (terms > bound).any()
    loss = slope(lambda log: oracle.pointwise_loss(TEACHER, log, bound))
    close(-kernel("pointwise_clip", bound=bound), loss)


# --- what they have in common --------------------------------------------------------------------


def test_jsd_is_forward_and_reverse_kl_at_its_ends_and_near_them():
    assert np.array_equal(kernel("jsd", mix=0.0), kernel("forward_kl"))
    close(kernel("jsd", mix=1.0), kernel("reverse_kl"), 1e-15)
    close(kernel("jsd", mix=1e-7) / 1e-7, kernel("forward_kl"), 1e-6)
    close(kernel("jsd", mix=1.0 - 1e-7) / 1e-7, kernel("reverse_kl"), 1e-5)


def test_near_the_student_all_divergences_have_one_direction():
    tilt = RNG.normal(0, 1, V)
    for size in (1e-4, 1e-5):
        near = log_softmax(LOGITS + size * tilt)
        forward = kernel("forward_kl", near)
        close(kernel("reverse_kl", near), forward, 10 * size**2)
        for mix in (0.2, 0.5):
            close(kernel("jsd", near, mix=mix) / (mix * (1.0 - mix)), forward, 10 * size**2)


def test_forward_kl_has_bounded_entries_and_reverse_kl_does_not():
    far = log_softmax(np.array([0.0, -600.0, -600.0, -600.0, -600.0, -600.0]))
    assert np.abs(kernel("forward_kl", far)).max() <= 1.0
    assert np.abs(kernel("reverse_kl", far)).max() > 5.0


def test_reverse_kl_to_the_oracle_is_the_true_advantage_by_feedback():
    """-g = c pi (q - qbar) exactly, linear in c = beta f."""
    q, policy = RNG.normal(0, 1, V), np.exp(LOG_POLICY)
    for c in (0.3, 2.0, -1.0):
        got = kernel("reverse_kl", log_softmax(LOGITS + c * q))
        close(got, c * policy * (q - policy @ q), 1e-14)


def test_reverse_kl_of_sampled_tokens_is_reverse_kl_in_the_mean():
    policy = np.exp(LOG_POLICY)
    spread = {}
    for baseline in (False, True):
        each = [kernel("sampled_reverse_kl", token=v, baseline=baseline) for v in range(V)]
        mean = policy @ np.array(each)
        close(mean, kernel("reverse_kl"), 1e-14)
        spread[baseline] = policy @ np.sum((np.array(each) - mean) ** 2, axis=1)
    assert spread[True] < spread[False]


@pytest.mark.parametrize("divergence", ["forward_kl", "reverse_kl", "jsd"])
def test_top_k_with_a_bucket_of_one_token_is_exact(divergence):
    exact = kernel(divergence, **({"mix": 0.5} if divergence == "jsd" else {}))
    for k in (V - 1, V, V + 3):
        close(kernel("top_k", k=k, divergence=divergence, tail="bucket"), exact, 1e-14)


def test_a_bucket_hides_some_of_a_divergence():
    for k, divergence in itertools.product((1, 2, 4), ("forward_kl", "reverse_kl", "jsd")):
        best = oracle.best_tokens(LOG_POLICY, k)
        some = oracle.mass_loss(
            divergence, *oracle.grouped(TEACHER, LOG_POLICY, best, "bucket")[:2]
        )
        whole = oracle.mass_loss(divergence, np.exp(LOG_POLICY), np.exp(TEACHER))
        assert 0.0 <= some <= whole + 1e-15


def test_without_a_tail_reverse_kl_moves_a_student_that_has_its_teachers_policy():
    """Mass leaks to the tail: -g = pi (P_K - 1_K), not zero, at p = pi (arXiv 2605.11182)."""
    policy, best = np.exp(LOG_POLICY), oracle.best_tokens(LOG_POLICY, 3)
    inside = np.isin(np.arange(V), best)
    got = kernel("top_k", LOG_POLICY, k=3, divergence="reverse_kl", tail="none")
    close(got, policy * (policy[best].sum() - inside), 1e-14)
    for tail in ("bucket", "renormalised"):
        close(kernel("top_k", LOG_POLICY, k=3, divergence="reverse_kl", tail=tail), 0.0, 1e-14)


def test_a_wide_bound_clips_nothing_and_a_clipped_token_is_pushed_down():
    close(kernel("pointwise_clip", bound=1000.0), kernel("forward_kl"), 1e-15)
    wanted = int(np.argmax(np.exp(TEACHER) * (TEACHER - LOG_POLICY)))
    bound = 0.5 * np.exp(TEACHER[wanted]) * (TEACHER[wanted] - LOG_POLICY[wanted])
    assert kernel("forward_kl")[wanted] > 0.0 > kernel("pointwise_clip", bound=bound)[wanted]


@pytest.mark.parametrize(
    "name", ["forward_kl", "reverse_kl", "jsd", "sampled_reverse_kl", "top_k", "pointwise_clip"]
)
def test_teachers_count_by_their_weights(name):
    others = [log_softmax(RNG.normal(0, 1, V)) for _ in range(3)]
    weights = (0.5, 2.0, 0.0)
    together = kernel(name, np.array(others), weights=weights)
    each = [w * kernel(name, own) for w, own in zip(weights, others, strict=True)]
    close(together, np.sum(each, axis=0), 1e-14)


def test_several_teachers_are_one_of_their_means():
    """Forward KL's is the arithmetic mean, reverse KL's the normalised geometric one."""
    others = np.array([log_softmax(RNG.normal(0, 1, V)) for _ in range(4)])
    quarter = (0.25,) * 4
    arithmetic = np.log(np.mean(np.exp(others), axis=0))
    geometric = log_softmax(np.mean(others, axis=0))
    close(kernel("forward_kl", others, weights=quarter), kernel("forward_kl", arithmetic), 1e-14)
    close(kernel("reverse_kl", others, weights=quarter), kernel("reverse_kl", geometric), 1e-14)


# --- bases ---------------------------------------------------------------------------------------


def trained(base, divergence="reverse_kl", feedback="continuous", **changes):
    method = METHODS["sdpo"] | {"base": base, "divergence": divergence}
    return train(setting(**changes), method, feedback, 0.2, 1)


@pytest.mark.parametrize("context", ["position", "previous_token"])
def test_bases_are_the_student_or_the_initial_policy_at_their_ends(context):
    live, fixed = (trained(name, policy__context=context) for name in ("live", "fixed"))
    assert np.nanmax(np.abs(live - fixed)) > 1e-3
    for base, expected in (
        ({"ema": {"rate": 1.0}}, live),
        ({"ema": {"rate": 0.0}}, fixed),
        ({"trust_region": {"share": 1.0}}, live),
        ({"trust_region": {"share": 0.0}}, fixed),
    ):
        close(np.nan_to_num(trained(base, policy__context=context)), np.nan_to_num(expected), 1e-9)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_a_trust_region_converges_to_the_initial_logits_and_a_share_of_the_guidance(share):
    """Its fixed point is z_0 + u / (1 - a), here with the constant u of a solution."""
    made = setting(training__steps=4000, training__learning_rate=0.5)
    made["landscape"] |= {"vocabulary_size": 3, "sequence_length": 1}
    method = {
        "base": {"trust_region": {"share": share}},
        "guidance": {"reference_solution": {"form": "bonus", "bonus": 1.0}},
        "divergence": "forward_kl",
    }
    from sdposim.model.cells import train_policies
    from sdposim.model.compositions import composed
    from sdposim.model.landscape import make_landscape

    cell = composed(made, method, {"noise": "gaussian", "scale": "interval"})
    (kept,) = train_policies(made, *cell, 0.0, [1], [0, 4000])
    first, last = kept[0][:, 0]
    best = np.argmax(make_landscape(made["landscape"], 0).quality[0])
    expected = softmax(first + np.eye(3)[best] / (1.0 - share))
    close(softmax(last), expected, 1e-6)


# --- regularisers --------------------------------------------------------------------------------


def regularised(name, probabilities, reference, visits, **changed):
    part = parts.parts("regulariser")[name]
    out = np.zeros_like(probabilities)
    own = part.settings.packed(part.settings.defaults() | changed)
    part.function(own, probabilities, reference, visits, out)
    return out


def test_regularisers_are_gradients_of_their_losses_by_the_visits():
    logits, reference = RNG.normal(0, 1, (2, V)), log_softmax(RNG.normal(0, 1, (2, V)))
    visits = np.array([1.0, 0.25])
    losses = {
        "reverse_kl_pull": lambda log, c: 0.3 * np.sum(np.exp(log) * (log - reference[c])),
        "entropy_bonus": lambda log, c: 0.3 * np.sum(np.exp(log) * log),
    }
    for name, key in (("reverse_kl_pull", "coefficient"), ("entropy_bonus", "bonus")):
        got = regularised(name, softmax(logits), np.exp(reference), visits, **{key: 0.3})
        for c in range(2):
            expected = slope(lambda log, c=c, own=losses[name]: own(log, c), logits[c])
            close(-got[c], visits[c] * expected)


def test_a_bonus_raises_entropy_and_a_pull_lowers_the_distance():
    logits, reference = RNG.normal(0, 1, (1, V)), log_softmax(RNG.normal(0, 1, (1, V)))

    def entropy(own):
        return -np.sum(softmax(own) * log_softmax(own))

    def distance(own):
        return np.sum(softmax(own) * (log_softmax(own) - reference))

    ones = np.ones(1)
    raised = logits + 1e-3 * regularised("entropy_bonus", softmax(logits), softmax(logits), ones)
    pulled = logits + 1e-3 * regularised(
        "reverse_kl_pull", softmax(logits), np.exp(reference), ones
    )
    assert entropy(raised) > entropy(logits) and distance(pulled) < distance(logits)


def test_vanished_probabilities_leave_regularisers_finite():
    policy = np.array([[1.0, 0.0, 1e-310, 0.0, 0.0, 0.0]])
    for name in ("reverse_kl_pull", "entropy_bonus"):
        assert np.isfinite(regularised(name, policy, policy[:, ::-1].copy(), np.ones(1))).all()


def test_plain_python_trains_what_machine_code_does():
    """One divergence in whole, as the tests above call functions as they stand."""
    made = setting(training__steps=3, training__rollouts=5)
    method = METHODS["sdpo"] | {"divergence": "top_k", "regulariser": "reverse_kl_pull"}
    alone = train(made, method, "continuous", 0.2, 1)
    plain = train(made, method, "continuous", 0.2, 1, kernel=train_cells)
    assert np.array_equal(alone, plain, equal_nan=True)
