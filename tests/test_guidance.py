"""What a teacher knows without the oracle: the identities of its gradients, exactly.

Expectations are sums over everything that can come, or over batches that have a population's exact
proportions; the teachers are those of the kernel, as plain Python where a batch is made up.
"""

import itertools

import numpy as np
import pytest

import reference
from batches import chance, differences, logits_of, shaped, step
from everypart import EVERY_METHOD
from sdposim.model.cells import kernel_inputs, train_policies
from sdposim.model.compositions import sees
from sdposim.model.landscape import from_arrays
from sdposim.model.paper import FEEDBACKS, train
from sdposim.model.update.credit.teacher_ratio import Settings as Ratio
from sdposim.model.update.credit.teacher_ratio import teacher_ratio
from sdposim.workflow.configuration.settings import Setting

LIVE = {"base": "live", "divergence": "forward_kl"}
PRINTED = {"advantage": "batch_mean", "credit": {"sequence": {"direction": "printed"}}}
RLSD = {"base": "live", "advantage": "batch_mean", "credit": "teacher_ratio"}
UNCLIPPED = RLSD | {"credit": {"teacher_ratio": {"clip": 1000.0}}}
SRPO = LIVE | PRINTED | {"guidance": "peer", "routing": "failures", "blend": "total"}


# --- Peers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("average", ["all", "taught"])
def test_a_copied_peer_is_rejection_sampling(average):
    """E g = -eta grad log P(Succ), as often as there is a peer: by listing all batches of two."""
    logits, trust = logits_of(2, 2), 0.3
    sequences = list(itertools.product(range(2), repeat=2))
    good = {(0, 1), (1, 0)}
    succeed = lambda z: sum(chance(z, s) for s in good)  # noqa: E731
    method = LIVE | {"guidance": {"peer": {"trust": trust, "average": average}}}
    expected = np.zeros((2, 2))
    for pair in itertools.product(sequences, repeat=2):
        said = [1.0 if s in good else 0.0 for s in pair]
        weight = chance(logits, pair[0]) * chance(logits, pair[1])
        expected += weight * step(method, pair, said, logits).direction
    success = succeed(logits)
    often = success if average == "all" else 1 - (1 - success) ** 2
    gradient = differences(lambda z: np.log(succeed(z)), logits)
    np.testing.assert_allclose(expected, often * trust * gradient, rtol=0, atol=1e-9)
    policy = reference.softmax(logits)
    mean = sum(chance(logits, s) * np.eye(2)[list(s)] for s in good) / success
    np.testing.assert_allclose(expected, often * trust * (mean - policy), rtol=0, atol=1e-12)


@pytest.mark.parametrize("base", ["live", "fixed"])
def test_a_peer_is_mixed_with_the_base(base):
    """The gradient of the mean KL((1 - eta) base + eta e || pi), also where the base is not pi."""
    logits, initial, trust = logits_of(2, 3), logits_of(2, 3, seed=1), 0.4
    tokens, said = [[0, 2], [1, 1], [2, 0]], [0.0, 1.0, 0.0]
    method = LIVE | {"base": base, "guidance": {"peer": {"trust": trust}}}
    of_base = reference.softmax(logits if base == "live" else initial)
    teacher = (1 - trust) * of_base + trust * np.eye(3)[tokens[1]]
    loss = lambda z: np.sum(teacher * (np.log(teacher) - reference.log_softmax(z)))  # noqa: E731
    made = step(method, tokens, said, logits, initial)
    np.testing.assert_allclose(made.direction, -differences(loss, logits), rtol=0, atol=1e-9)
    np.testing.assert_allclose(made.divergence, loss(logits) / 2, rtol=1e-12)


@pytest.mark.parametrize("guidance", ["peer", "contrast"])
def test_rollouts_without_a_teacher_dilute_a_step_or_not(guidance):
    """The only success has no peer that succeeded: four of five rollouts learn."""
    logits = logits_of(2, 3)
    tokens, said = [[0, 2], [1, 1], [2, 0], [0, 0], [1, 2]], [0.0, 1.0, 0.0, 0.0, 0.0]
    over = {
        name: step(LIVE | {"guidance": {guidance: {"average": name}}}, tokens, said, logits)
        for name in ("all", "taught")
    }
    assert over["all"].taught.tolist() == [1, 0, 1, 1, 1]
    assert np.abs(over["all"].direction).max() > 0.01
    np.testing.assert_allclose(over["taught"].direction, over["all"].direction * 5 / 4, rtol=1e-12)
    np.testing.assert_allclose(over["taught"].divergence, over["all"].divergence, rtol=1e-12)


# --- The Bayesian teacher ------------------------------------------------------------------------


def information(chances, given, policy):
    """The directions of full and of sampled reverse KL for P(f), P(f | v) (V, F) and pi."""
    a = -np.sum(chances * np.log(chances / given), axis=1)
    k = np.sum(given * np.log(given / chances), axis=1)
    return policy * (a - policy @ a), policy * (k - policy @ k)


def cosine(x, y):
    return np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2))


def test_a_true_posterior_teaches_nothing_by_forward_kl_and_opposites_by_reverse():
    """Three feedbacks, by listing all sequences and what is said of each."""
    random = np.random.default_rng(3)
    logits = logits_of(2, 3)
    policy, log_policy = reference.softmax(logits), reference.log_softmax(logits)
    sequences = list(itertools.product(range(3), repeat=2))
    says = {s: random.dirichlet([4.0, 5.0, 6.0]) for s in sequences}
    for t in range(2):
        joint = np.zeros((3, 3))
        for s in sequences:
            joint[s[t]] += chance(logits, s) * says[s]
        chances, given = joint.sum(axis=0), joint / policy[t][:, None]
        log_teacher = np.log(joint / chances).T
        forward, full, sampled = np.zeros((3, 3))
        for f in range(3):
            of = log_teacher[f], log_policy[t], 0
            forward += chances[f] * reference.DIVERGENCES["forward_kl"](*of)
            full -= chances[f] * reference.DIVERGENCES["reverse_kl"](*of)
        for s in sequences:
            for f in range(3):
                own = log_teacher[f][s[t]] - log_policy[t][s[t]]
                score = np.eye(3)[s[t]] - policy[t]
                sampled += chance(logits, s) * says[s][f] * own * score
        np.testing.assert_allclose(forward, 0, atol=1e-15)
        of_full, of_sampled = information(chances, given, policy[t])
        np.testing.assert_allclose(full, of_full, rtol=0, atol=1e-15)
        np.testing.assert_allclose(sampled, of_sampled, rtol=0, atol=1e-15)
        assert cosine(full, sampled) < -0.95


COUNTS, WINS = np.array([50, 30, 20]), np.array([20, 15, 7])


def exact_batch(divergence, condition):
    """A step with a batch of the population's proportions, all counted in the estimate."""
    tokens = np.repeat(range(3), COUNTS)[:, None]
    said = [float(i < won) for n, won in zip(COUNTS, WINS, strict=True) for i in range(n)]
    own = {"condition": condition, "leave_one_out": False, "pseudo_count": 1e-6}
    method = {"guidance": {"posterior": own}, "base": "live", "divergence": divergence}
    return tokens[:, 0], step(method, tokens, said, np.log(COUNTS / 100)[None, :])


def test_the_posterior_of_a_batch_is_bayes_rule():
    policy, rates = COUNTS / 100, WINS / COUNTS
    chances, given = np.array([0.42, 0.58]), np.stack([rates, 1 - rates], axis=1)
    full, sampled = information(chances, given, policy)
    tokens, forward = exact_batch("forward_kl", "own")
    np.testing.assert_allclose(forward.direction[0], 0, atol=1e-8)
    _, reverse = exact_batch("reverse_kl", "own")
    np.testing.assert_allclose(reverse.direction[0], full, rtol=0, atol=1e-8)
    assert np.abs(full).max() > 1e-3
    score = np.eye(3)[tokens] - policy
    by_token = np.mean(reverse.ratios[0][:, None] * score, axis=0)
    np.testing.assert_allclose(by_token, sampled, rtol=0, atol=1e-8)
    assert cosine(reverse.direction[0], by_token) < -0.99


def test_a_posterior_of_success_is_the_gradient_of_log_success():
    rates = WINS / COUNTS
    tokens, made = exact_batch("forward_kl", "success")
    gradient = differences(lambda z: np.log(reference.softmax(z) @ rates), np.log(COUNTS / 100))
    np.testing.assert_allclose(made.direction[0], gradient, rtol=0, atol=1e-7)
    np.testing.assert_allclose(np.exp(made.ratios[0]), rates[tokens] / 0.42, rtol=1e-6)


def test_an_estimated_posterior_approaches_the_true_one():
    """Ten large batches of one step from a uniform policy, through the compiled kernel."""
    made = shaped(2, 3, 20_000, steps=1)
    made["policy"]["initial_logit_sd"] = 0.0
    tables = np.array([[0.9, -0.4, -0.6], [0.5, 0.1, -0.8]]), np.zeros((3, 3)), [0, 0]
    landscape = from_arrays(*tables, 0.0)
    success = np.add.outer(*tables[0]) > 0  # the reward is its logistic function
    method = {"guidance": "posterior", "base": "live", "divergence": "reverse_kl"}
    (kept,) = train_policies(
        made, method, FEEDBACKS["binary"], 0.0, range(10), [0, 1], landscape=landscape
    )
    directions = kept[:, 1] - kept[:, 0]
    mean, error = directions.mean(axis=0), directions.std(axis=0, ddof=1) / np.sqrt(10)
    policy = np.full(3, 1 / 3)
    for t in range(2):
        rates = success.mean(axis=1 - t)
        # Where all succeed an estimate is never 1: the expected value is of the pseudo-count's.
        tried = 20_000 / 3
        rates = (tried * rates + success.mean()) / (tried + 1)
        chances = np.array([rates.mean(), 1 - rates.mean()])
        full, _ = information(chances, np.stack([rates, 1 - rates], axis=1), policy)
        assert np.all(np.abs(mean[t] - full) < 5 * error[t] + 1e-3 * np.abs(full))
        assert np.abs(full).max() > 20 * error[t].max()


@pytest.mark.parametrize("without", [True, False])
def test_leaving_one_out_an_outcome_says_nothing_of_its_own_teacher(without):
    tokens, logits = [[0], [0], [1], [2], [1], [2]], logits_of(1, 3)
    own = {"condition": "success", "leave_one_out": without}
    method = LIVE | {"guidance": {"posterior": own}}
    teachers = [
        step(method, tokens, [first, 1.0, 0.0, 1.0, 1.0, 0.0], logits).teacher
        for first in (0.0, 1.0)
    ]
    assert np.array_equal(teachers[0][:, 0], teachers[1][:, 0]) == without
    assert not np.array_equal(teachers[0][:, 1], teachers[1][:, 1])


def test_without_a_success_what_was_tried_is_less_likely():
    """The limit of a rate of 0, and a lone rollout has nothing to learn from."""
    logits, method = logits_of(1, 3), LIVE | {"guidance": {"posterior": {"condition": "success"}}}
    made = step(method, [[0], [0], [1], [0]], np.zeros(4), logits)
    expected = reference.softmax(logits[0]) / np.array([4, 1, 1])  # without the third's own
    np.testing.assert_allclose(made.teacher[:, 2], expected / expected.sum(), rtol=1e-12)
    alone = step(method, [[1]], [1.0], logits)
    np.testing.assert_allclose(alone.teacher[:, 0], reference.softmax(logits[0]), rtol=1e-12)


# --- Direction from the reward, size from a teacher ----------------------------------------------


@pytest.mark.parametrize("own", [{"share": 0.0}, {"clip": 0.0}])
def test_a_ratio_without_share_or_room_is_reinforce(own):
    tokens = np.random.default_rng(1).integers(0, 3, (9, 2))
    said, logits = np.linspace(0, 1, 9), logits_of(2, 3)
    rlsd = RLSD | {"guidance": "peer", "credit": {"teacher_ratio": own}}
    got = step(rlsd, tokens, said, logits)
    assert np.abs(got.ratios).max() > 0.1
    assert np.array_equal(got.direction, step(PRINTED, tokens, said, logits).direction)


def test_the_weights_of_a_success_multiply_to_its_posterior_ratio():
    """Under an exact posterior teacher, which knows all tokens before: P(r | y) / P(r)."""
    random = np.random.default_rng(5)
    chances = random.dirichlet(np.ones(8)).reshape(2, 2, 2)
    success = random.uniform(0.1, 0.9, (2, 2, 2))
    told = chances * success / np.sum(chances * success)  # P(y | r)
    sequences = list(itertools.product(range(2), repeat=3))
    *_, run, _, _, work = kernel_inputs(shaped(3, 2, 8), RLSD | {"guidance": "peer"}, {}, 0.0)
    for (i, s), t in itertools.product(enumerate(sequences), range(3)):
        teacher, student = (
            table[s[: t + 1]].sum() / table[s[:t]].sum() for table in (told, chances)
        )
        work.ratios[t, i] = np.log(teacher / student)
    work.tokens[:, :8] = np.transpose(sequences)
    settings = Ratio.packed(Ratio.defaults() | {"share": 1.0, "clip": 1000.0})
    with np.errstate(over="ignore"):
        teacher_ratio(settings, None, run, None, 0, np.ones(8), work, work.direction)
    expected = success.ravel() / np.sum(chances * success)
    np.testing.assert_allclose(work.local[:, :8].prod(axis=0), expected, rtol=1e-12)


# --- Contrast ------------------------------------------------------------------------------------


def contrast(**own):
    return {"guidance": {"contrast": own}}


@pytest.mark.parametrize("method", [LIVE, LIVE | {"base": "fixed"}, UNCLIPPED], ids=str)
def test_a_style_cancels_with_one_wrong_hint(method):
    """To the last bit; with several it stays in how much each of them counts."""
    tokens, said = [[0, 2], [1, 1], [2, 0], [3, 3]], [1.0, 1.0, 0.0, 0.0]
    logits, initial = logits_of(2, 4), logits_of(2, 4, seed=1)
    for wrong, same in (("first", True), ("all", False)):
        plain, styled = (
            step(method | contrast(wrong=wrong, style=c), tokens, said, logits, initial).direction
            for c in (0.0, 3.0)
        )
        assert np.array_equal(plain, styled) == same


def test_a_contrast_is_the_difference_of_what_hinted_teachers_say():
    tokens, said = np.array([[0], [2], [3], [1], [3]]), [1.0, 1.0, 0.0, 0.0, 0.0]
    logits, trust, style = logits_of(1, 4), 0.4, np.array([0.0, 0.0, 1.5, 1.5])
    made = step(LIVE | contrast(trust=trust, style=1.5, bound=1000.0), tokens, said, logits)
    assert made.taught.tolist() == [1, 1, 1, 1, 1]
    base = reference.softmax(logits[0])
    hinted = ((1 - trust) * base + trust * np.eye(4)[tokens[:, 0]]) * np.exp(style)
    hinted /= hinted.sum(axis=1, keepdims=True)
    for i, (correct, wrong) in enumerate([(1, [2, 3, 4]), (0, [2, 3, 4]), (0, [3, 4])]):
        u = np.log(hinted[correct]) - np.log(hinted[wrong].mean(axis=0))
        expected = base * np.exp(u) / np.sum(base * np.exp(u))
        np.testing.assert_allclose(made.teacher[:, i], expected, rtol=1e-12)


def test_a_contrast_is_limited_and_needs_both_kinds_of_peers():
    tokens, logits = [[0], [1], [2], [2]], logits_of(1, 4)
    log_policy = reference.log_softmax(logits[0])
    for bound in (0.0, 0.5, 1000.0):
        teacher = step(LIVE | contrast(bound=bound), tokens, [1, 1, 0, 0], logits).teacher
        spread = np.ptp(np.log(teacher) - log_policy[:, None], axis=0)
        if bound < 1:
            np.testing.assert_allclose(spread, 2 * bound, rtol=0, atol=1e-12)
        else:
            assert spread.min() > 1
    for said, taught in (([1, 1, 1, 0], [1, 1, 1, 0]), ([1, 0, 0, 0], [0, 1, 1, 1])):
        made = step(LIVE | contrast(average="all"), tokens, said, logits)
        assert made.taught.tolist() == taught
    for said in (np.zeros(4), np.ones(4)):
        made = step(LIVE | contrast(), tokens, said, logits)
        assert not made.taught.any() and np.abs(made.direction).max() < 1e-15


# --- Routing -------------------------------------------------------------------------------------


def test_failures_with_a_peer_are_distilled_and_successes_scored():
    logits = logits_of(2, 3)
    tokens, said = np.array([[0, 2], [1, 1], [2, 0], [0, 0]]), np.array([0.0, 1.0, 0.0, 0.0])
    made = step(SRPO, tokens, said, logits)
    policy, trust = reference.softmax(logits), 0.5
    teacher = (1 - trust) * policy + trust * np.eye(3)[tokens[1]]
    damped = np.exp(np.sum(teacher * np.log(teacher), axis=1, keepdims=True))
    weight = 4 / 3  # a mean over the three that have a teacher
    distilled = 3 * weight * damped * (teacher - policy) / 4
    scored = (1.0 - said.mean()) * (np.eye(3)[tokens[1]] - policy) / 4
    np.testing.assert_allclose(made.direction, distilled + scored, rtol=0, atol=1e-15)


@pytest.mark.parametrize("said", [np.zeros(4), np.ones(4)], ids=["failures", "successes"])
def test_a_batch_of_one_outcome_is_pure_credit(said):
    """Of rewards that differ; where credit is given for the equal feedback, it is nothing."""
    logits, tokens = logits_of(2, 3), [[0, 2], [1, 1], [2, 0], [0, 0]]
    rewards = np.array([0.1, 0.4, 0.2, 0.6])
    made = step(SRPO, tokens, said, logits, rewards=rewards)
    alone = step(PRINTED, tokens, said, logits, rewards=rewards)
    assert np.array_equal(made.direction, alone.direction) and alone.direction.any()
    by_feedback = step(SRPO | {"signal": "judged"}, tokens, said, logits, rewards=rewards)
    assert not by_feedback.direction.any()


def test_a_router_sees_feedback_though_its_teacher_does_not():
    assert sees(SRPO | {"guidance": "demonstration"}, "feedback")
    assert not sees(LIVE | {"guidance": "demonstration"}, "feedback")


# --- Less than the oracle ------------------------------------------------------------------------


def after(method, steps, taken, **own):
    made = shaped(3, 4, 9, steps=steps)
    cell = method | {"guidance": {"partial_oracle": own}}, FEEDBACKS["continuous"], 0.1
    (kept,) = train_policies(made, *cell, [2], taken)
    return kept[0]


def test_a_partial_oracle_that_knows_all_is_the_oracle():
    made = Setting().model_dump()
    made["training"] |= {"steps": 10, "rollouts": 9}
    for feedback in ("continuous", "critique"):
        logs = [
            train(made, EVERY_METHOD["sdpo"] | other, feedback, 0.2, 1)
            for other in (
                {"divergence": "reverse_kl"},
                {"divergence": "reverse_kl", "guidance": "partial_oracle"},
                {"divergence": "reverse_kl", "guidance": {"partial_oracle": {"error_sd": 0.1}}},
            )
        ]
        assert np.array_equal(logs[0], logs[1], equal_nan=True)
        assert not np.array_equal(logs[0], logs[2], equal_nan=True)


def test_with_everything_hidden_a_teacher_is_its_base():
    start, end = after(LIVE, 5, [0, 5], hidden=1.0, error_sd=1.0)
    np.testing.assert_allclose(end, start, rtol=0, atol=1e-14)
    start, end = after(LIVE, 5, [0, 5], hidden=0.7, error_sd=1.0)
    moved = np.abs(end - start).max(axis=1)
    assert moved.max() > 0.01


def test_knowledge_lasts_for_a_cell_however_it_is_cut():
    own = {"error_sd": 0.7, "hidden": 0.4, "style": 0.5}
    whole = after(LIVE, 6, [6], **own)[-1]
    assert np.array_equal(after(LIVE, 6, [1, 2, 5, 6], **own)[-1], whole)


def test_a_style_prefers_the_upper_half_whatever_is_said():
    logits, own = logits_of(1, 5), {"style": 0.8, "strength": 2.0}
    quality = logits_of(1, 5, seed=1)
    made = step(
        LIVE | {"guidance": {"partial_oracle": own}}, [[0], [1]], [0.0, 0.5], logits,
        quality=quality,
    )  # fmt: skip
    style = np.array([0, 0, 0, 0.8, 0.8])
    for i, f in enumerate((0.0, 0.5)):
        expected = reference.softmax(logits[0] + 2.0 * f * quality[0] + style)
        np.testing.assert_allclose(made.teacher[:, i], expected, rtol=1e-12)


@pytest.mark.parametrize("drawn", ["step", "rollout"])
def test_demonstrations_are_the_demonstrators(drawn):
    """eta = 1 is fine-tuning on them: a step adds their frequencies less the policy."""
    made = shaped(2, 4, 20_000 if drawn == "rollout" else 3, steps=200 if drawn == "step" else 1)
    made["training"]["learning_rate"] = 1e-9 if drawn == "step" else 1.0
    quality = logits_of(2, 4, seed=4)
    landscape = from_arrays(quality, np.zeros((4, 4)), [0, 0], 0.0)
    own = {"drawn": drawn, "trust": 1.0, "sharpness": 1.5}
    steps, rate = made["training"]["steps"], made["training"]["learning_rate"]
    (kept,) = train_policies(
        made, LIVE | {"guidance": {"demonstration": own}}, {}, 0.0, [0], range(steps + 1),
        landscape=landscape,
    )  # fmt: skip
    pulls = np.diff(kept[0], axis=0) / rate + reference.softmax(kept[0, :-1])
    if drawn == "step":  # all rollouts see the same one, a new one at each step
        np.testing.assert_allclose(pulls, np.round(pulls), rtol=0, atol=1e-5)
        assert len(np.unique(np.round(pulls), axis=0)) > 5
    demonstrator = reference.softmax(1.5 * quality)
    number = 20_000 if drawn == "rollout" else steps
    error = np.sqrt(demonstrator * (1 - demonstrator) / number)
    assert np.all(np.abs(pulls.mean(axis=0) - demonstrator) < 5 * error)


@pytest.mark.parametrize("solution", ["argmax", "target"])
@pytest.mark.parametrize("form", ["bonus", "copy"])
def test_a_reference_solution_is_learned_whatever_is_sampled(form, solution):
    """The optimum of forward KL to a fixed base's teacher is that teacher."""
    made = shaped(2, 3, 4, steps=400)
    quality, target = np.array([[0.1, 0.7, 0.7], [0.9, 0.2, -1.0]]), np.array([2, 1])
    landscape = from_arrays(quality, np.zeros((3, 3)), target, 0.0)
    own = {"solution": solution, "form": form, "bonus": 1.2, "trust": 0.3}
    method = {"guidance": {"reference_solution": own}, "base": "fixed", "divergence": "forward_kl"}
    (kept,) = train_policies(made, method, {}, 0.0, [1], [0, 400], landscape=landscape)
    start, end = reference.log_softmax(kept[0])
    shown = np.eye(3)[[1, 0] if solution == "argmax" else target]
    if form == "bonus":
        expected = reference.softmax(start + 1.2 * shown)
    else:
        expected = 0.7 * np.exp(start) + 0.3 * shown
    np.testing.assert_allclose(np.exp(end), expected, rtol=0, atol=1e-9)
