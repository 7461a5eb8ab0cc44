"""What credits with ratios and of pairs promise, besides the equations of `test_kernel`."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle_ratios
import reference
from sdposim.model.parts import parts
from sdposim.model.policy import softmax
from sdposim.model.workspace import make_workspace

LENGTH, VOCABULARY = 3, 4
SEEDS = range(4)
CHAINED = pytest.mark.parametrize("chained", [False, True])
RATIO = pytest.mark.parametrize("ratio", ["token", "sequence"])


def a_batch(seed, chained, count=6, length=LENGTH, vocabulary=VOCABULARY):
    """Rollouts of a policy that has left the initial one, and advantages of both signs."""
    rng = np.random.default_rng(seed)
    shape = (length, vocabulary, vocabulary) if chained else (length, vocabulary)
    initial = rng.normal(size=shape)
    logits = initial + 0.7 * rng.normal(size=shape)
    policy = reference.softmax(logits)
    tokens = np.array([reference.sample(policy, rng.random(length)) for _ in range(count)])
    return SimpleNamespace(
        initial=initial, logits=logits, policy=policy, tokens=tokens,
        advantages=rng.normal(size=count),
    )  # fmt: skip


def step(batch, credit, advantages=None, rate=0.5, **settings):
    """The direction of a step, and the workspace after it."""
    count, (length, vocabulary) = len(batch.tokens), (len(batch.logits), batch.logits.shape[-1])
    contexts = batch.logits.size // vocabulary
    work = make_workspace(length, vocabulary, contexts, count, count)
    with np.errstate(over="ignore"):  # words of an exponential's bits wrap round
        work.logits[:] = batch.initial.reshape(contexts, vocabulary)
        softmax(work.logits, work.reference, work.log_normalisers)
        work.initial[:] = work.logits - work.log_normalisers[:, None]
        work.logits[:] = batch.logits.reshape(contexts, vocabulary)
        softmax(work.logits, work.probabilities, work.log_normalisers)
        work.tokens[:, :count] = batch.tokens.T
        work.contexts[:] = np.arange(length)[:, None]
        if contexts > length:
            work.contexts[:] *= np.uint64(vocabulary)
            work.contexts[1:] += work.tokens[:-1]
        part, out = parts("credit")[credit], np.full_like(work.direction, np.nan)
        own = part.settings.packed(part.settings.defaults() | settings)
        run = SimpleNamespace(rollouts=count, learning_rate=rate)
        given_advantages = batch.advantages if advantages is None else advantages
        part.function(own, None, run, None, 0, given_advantages, work, out)
    return out.reshape(batch.logits.shape), work


def differences(loss, logits, width=1e-5):
    """The gradient of a loss by central differences."""
    gradient = np.empty_like(logits)
    for place in np.ndindex(gradient.shape):
        moved = np.zeros_like(gradient)
        moved[place] = width
        gradient[place] = (loss(logits + moved) - loss(logits - moved)) / (2 * width)
    return gradient


# --- Clipped ratios ------------------------------------------------------------------------------


@CHAINED
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"clip_low": 0.0, "clip_high": 0.0},
        {"ratio": "sequence", "dual_clip": 3.0},
        {"covariance": "penalty", "share": 1.0},
        {"covariance": "clip", "share": 0.0},
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_first_epoch_is_reinforce(seed, settings, chained):
    """To the bit, whatever the bounds: KL-Cov's penalty has no gradient at a ratio of 1."""
    batch = a_batch(seed, chained)
    expected, _ = step(batch, "sequence", direction="printed")
    assert np.array_equal(step(batch, "clipped_ratio", epochs=1, **settings)[0], expected)
    later, _ = step(batch, "clipped_ratio", epochs=2, clip_high=1000.0)
    assert np.abs(later - 2.0 * expected).max() > 1e-3  # ratios have left 1


BOUNDS = {"clip_low": 0.3, "clip_high": 0.4, "dual_clip": 1.5}


@CHAINED
@pytest.mark.parametrize(
    "ratio, covariance",
    [("token", "none"), ("sequence", "none"), ("token", "clip"), ("token", "penalty")],
)
def test_each_epoch_descends_the_clipped_objective(ratio, covariance, chained):
    """What epoch k adds is minus the gradient at the trial logits that k - 1 epochs end at.

    Where a ratio is at a bound the objective has none, and such points are passed over.
    """
    own = {"ratio": ratio, "covariance": covariance, "share": 0.3, "coefficient": 0.6} | BOUNDS
    rate, compared, resting = 2.0, 0, set()
    for seed in SEEDS:
        batch = a_batch(seed, chained)
        before = np.zeros_like(batch.logits)
        for epochs in range(1, 5):
            trial = batch.logits + rate * before
            after, _ = step(batch, "clipped_ratio", rate=rate, epochs=epochs, **own)
            added, before = after - before, after
            rho = oracle_ratios.ratios(trial, batch.logits, batch.tokens, ratio)
            if np.abs(rho[..., None] - [0.7, 1.4, 1.5]).min() < 1e-3:
                continue
            loss = objective(batch, trial, rho, covariance, ratio)
            if covariance == "penalty" and epochs == 1:  # its kink
                continue
            np.testing.assert_allclose(added, -differences(loss, trial), rtol=0, atol=1e-8)
            compared += 1
            signs = np.sign(batch.advantages)[:, None] * np.ones(rho.shape)
            rests = acts(batch, rho) == 0
            resting |= set(zip(signs[rests], rho[rests] > 1, strict=True))
    assert compared >= 8
    assert resting == {(1.0, True), (-1.0, False), (-1.0, True)}  # each bound was reached


def acts(batch, rho):
    """Which tokens are active, (n, T)."""
    own = [[oracle_ratios.active(x, a, **BOUNDS) for x in row]
           for row, a in zip(rho, batch.advantages, strict=True)]  # fmt: skip
    return np.array(own, dtype=float)


def objective(batch, trial, rho, covariance, ratio):
    """The loss of an epoch as a function of logits, the chosen tokens held as at `trial`."""
    allowed = acts(batch, rho) if covariance == "clip" else np.ones(rho.shape)
    chosen = oracle_ratios.high_covariance(trial, batch.tokens, batch.advantages, 0.3, allowed)
    left_out = chosen if covariance == "clip" else ()

    def loss(logits):
        whole = oracle_ratios.clipped_loss(
            logits, batch.logits, batch.tokens, batch.advantages, ratio, left_out, **BOUNDS
        )
        if covariance == "penalty":
            moved = np.log(oracle_ratios.ratios(logits, batch.logits, batch.tokens, ratio))
            whole += 0.6 * sum(abs(moved[place]) for place in chosen) / len(batch.tokens)
        return whole

    return loss


def with_ratios(batch, rate, **settings):
    """The ratios of the tokens (n, T) after a step of the loop, and its direction."""
    found, _ = step(batch, "clipped_ratio", rate=rate, **settings)
    trial = batch.logits + rate * found
    rho = oracle_ratios.ratios(trial, batch.logits, batch.tokens, settings.get("ratio", "token"))
    return rho[0], found


@CHAINED
@RATIO
@pytest.mark.parametrize("advantage", [1.5, -1.5])
def test_a_lone_rollout_stops_at_the_first_epoch_beyond_its_bound(advantage, ratio, chained):
    """An epoch moves log pi(s_t) by at most 2 rate rho |A|, so that no ratio goes much further.

    Of probabilities below 0.6 or 0.9, for which the way to the bound is neither barred nor long.
    """
    rate, beyond = 0.05, {"ratio": ratio, "clip_low": 0.2, "clip_high": 0.3}
    stopped = 0
    for seed in SEEDS:
        batch = a_batch(seed, chained, count=1, length=2, vocabulary=3)
        batch.advantages = np.array([advantage])
        chances = np.exp(oracle_ratios.token_logs(batch.logits, batch.tokens))[0]
        if ratio == "sequence":
            chances[:] = np.prod(chances)
        rho, found = with_ratios(batch, rate, epochs=120, **beyond)
        step_size = np.exp(2.0 * rate * 1.5 * 1.3 * (1 if ratio == "token" else 2))
        near = (rho > 1.3) & (rho < 1.3 * step_size)
        if advantage < 0:
            near = (0.8 / step_size < rho) & (rho < 0.8)
        reached = chances < (0.6 if advantage > 0 else 0.9)
        assert near[reached].all()
        if reached.all():  # and nothing moves again, to the bit
            assert np.array_equal(with_ratios(batch, rate, epochs=130, **beyond)[1], found)
            stopped += 1
    assert stopped


def test_a_higher_bound_lets_unlikely_tokens_grow_more():
    """DAPO's 0.28; those that are too likely for 0.2 to stop them grow the same."""
    batch = a_batch(0, False, count=1, length=24)
    batch.logits *= 2.0  # so that some are likely
    batch.advantages = np.array([1.0])
    chances = np.exp(oracle_ratios.token_logs(batch.logits, batch.tokens))[0]
    narrow, _ = with_ratios(batch, 0.02, epochs=150, clip_high=0.2)
    wide, _ = with_ratios(batch, 0.02, epochs=150, clip_high=0.28)
    unlikely, likely = chances < 0.6, chances > 1 / 1.2
    assert unlikely.any() and likely.any()
    assert (wide[unlikely] > 1.28).all() and (narrow[unlikely] < 1.2 * np.exp(0.05)).all()
    assert np.array_equal(wide[likely], narrow[likely])


@CHAINED
@pytest.mark.parametrize("seed", SEEDS)
def test_covariance_of_no_token_and_a_penalty_of_no_weight_change_no_bit(seed, chained):
    batch, many = a_batch(seed, chained), {"epochs": 5, "clip_high": 0.3}
    plain, _ = step(batch, "clipped_ratio", **many)
    for own in (
        {"covariance": "clip", "share": 0.0},
        {"covariance": "penalty", "share": 0.0},
        {"covariance": "penalty", "share": 1.0, "coefficient": 0.0},
    ):
        assert np.array_equal(step(batch, "clipped_ratio", **many, **own)[0], plain)
    for kind in ("clip", "penalty"):
        changed, _ = step(batch, "clipped_ratio", **many, covariance=kind, share=0.2)
        assert np.abs(changed - plain).max() > 1e-3


@pytest.mark.parametrize("count", [1, 5, 18])
def test_tokens_of_the_highest_covariance_are_left_out(count):
    """By sorting, and of equal ones those that come first.

    Rollouts come twice, and what they got differs in its last digits, as rounding has it.
    """
    batch = a_batch(11, False, count=6)
    batch.tokens[3:], batch.advantages[3:] = batch.tokens[:3], batch.advantages[:3]
    batch.advantages[3:] *= 1.0 + np.array([1e-14, -1e-14, 1e-14])
    share = (count + 0.5) / 18 if count < 18 else 1.0
    _, work = step(batch, "clipped_ratio", epochs=1, covariance="clip", share=share)
    logs = oracle_ratios.token_logs(batch.logits, batch.tokens)
    terms = (batch.advantages - batch.advantages.mean())[:, None] * (logs - logs.mean())
    order = sorted(
        itertools.product(range(LENGTH), range(6)), key=lambda place: -round(terms.T[place], 12)
    )
    left_out = {place for place, credit in np.ndenumerate(work.local[:, :6]) if credit == 0.0}
    assert left_out == set(order[:count])


# --- Pairs ---------------------------------------------------------------------------------------


@CHAINED
@pytest.mark.parametrize("loss", ["dpo", "ipo"])
@pytest.mark.parametrize("pairing", ["halves", "extremes"])
def test_pairs_descend_their_loss(pairing, loss, chained):
    largest = 0.0
    for seed in SEEDS:
        batch = a_batch(seed, chained)
        batch.advantages[4] = batch.advantages[1]  # a tie by halves
        own = {"loss": loss, "beta": 0.7, "pairing": pairing}

        def whole(logits, batch=batch, own=own):
            return oracle_ratios.pairs_loss(
                logits, batch.initial, batch.tokens, batch.advantages, **own
            )

        found, _ = step(batch, "pairs", **own)
        np.testing.assert_allclose(found, -differences(whole, batch.logits), rtol=0, atol=1e-8)
        largest = max(largest, np.abs(found).max())
    assert largest > 1e-2


@CHAINED
@pytest.mark.parametrize("loss, size", [("dpo", lambda b: 2 * b), ("ipo", lambda b: 4 / b)])
@pytest.mark.parametrize("seed", SEEDS)
def test_at_the_initial_policy_pairs_are_reinforce_on_the_win_rate(seed, loss, size, chained):
    """E of the direction is 2 beta E[(W - 1/2) score], by all pairs of sequences, some tied."""
    length, vocabulary, beta = 2, 3, 0.4
    batch = a_batch(seed, chained, 2, length, vocabulary)
    batch.initial = batch.logits
    sequences = np.array(list(itertools.product(range(vocabulary), repeat=length)))
    chances = np.exp(oracle_ratios.token_logs(batch.logits, sequences).sum(axis=1))
    worth = np.random.default_rng(seed).integers(0, 4, len(sequences)).astype(float)
    expected, mean = np.zeros_like(batch.logits), np.zeros_like(batch.logits)
    for i, j in itertools.product(range(len(sequences)), repeat=2):
        batch.tokens = sequences[[i, j]]
        found, _ = step(batch, "pairs", worth[[i, j]], loss=loss, beta=beta)
        mean += chances[i] * chances[j] * found
    for i, s in enumerate(sequences):
        win_rate = chances @ ((worth < worth[i]) + 0.5 * (worth == worth[i]))
        credits = np.full((1, length), win_rate - 0.5)
        expected -= chances[i] * reference.score_gradient(batch.policy, s[None], credits)
    np.testing.assert_allclose(mean, size(beta) * expected, rtol=0, atol=1e-14 / beta)
    assert len(np.unique(worth)) < len(worth) and np.abs(expected).max() > 1e-3


@given(
    st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.sampled_from(["halves", "extremes"])
)
def test_only_the_order_of_rewards_counts(worth, pairing):
    batch, worth = a_batch(5, True), np.array(worth, dtype=float)
    plain, _ = step(batch, "pairs", worth, pairing=pairing)
    for increasing in (np.exp, np.arctan, lambda x: 1e-6 * x**3 + 7.0):
        moved, _ = step(batch, "pairs", increasing(worth), pairing=pairing)
        assert np.array_equal(moved, plain)


@CHAINED
@pytest.mark.parametrize("count", [6, 7])
def test_ties_and_an_odd_rollout_dilute_nothing_but_the_mean(count, chained):
    """The mean over the pairs that there could be, of each alone."""
    batch, alone = a_batch(2, chained, count), []
    batch.advantages = np.array([1.0, 2.0, 0.5, 1.0, 0.0, 3.0, 9.0])[:count]
    together, _ = step(batch, "pairs")
    whole = batch.tokens, batch.advantages
    for i in range(3):
        batch.tokens, batch.advantages = whole[0][[i, i + 3]], whole[1][[i, i + 3]]
        alone.append(step(batch, "pairs")[0])
        extreme, _ = step(batch, "pairs", pairing="extremes")
        assert np.array_equal(extreme, alone[-1])  # of two there is one pair
    assert np.array_equal(alone[0], 0.0 * alone[0]) and np.abs(alone[1]).max() > 0
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=0, atol=1e-15)


@pytest.mark.parametrize("pairing", ["halves", "extremes"])
def test_equal_rollouts_and_a_lone_one_teach_nothing(pairing):
    """Equal but for rounding, as a mean over comparisons leaves it."""
    for batch in (a_batch(0, True, 1), a_batch(0, True, 6)):
        for rounding in (0.0, 1e-13):
            equal = 1.0 + rounding * batch.advantages
            found, _ = step(batch, "pairs", equal, pairing=pairing)
            assert np.array_equal(found, 0.0 * found)


def test_of_several_that_are_best_or_worst_the_first_is_taken():
    batch = a_batch(3, True, 6)
    batch.tokens[3:] = (batch.tokens[[2, 1, 2]] + 1) % VOCABULARY  # others than those before
    worth = np.array([0.5, 1.0, 0.0, 0.0, 1.0 + 1e-13, -1e-13])
    found, _ = step(batch, "pairs", worth, pairing="extremes")
    batch.tokens = batch.tokens[[1, 2]]
    assert np.array_equal(found, step(batch, "pairs", worth[[1, 2]])[0])
    assert np.abs(found).max() > 0.0


@pytest.mark.parametrize("seed", SEEDS)
def test_in_one_row_only_the_two_tokens_move(seed):
    """The policy cancels, to the bit."""
    batch = a_batch(seed, False, 2)
    found, _ = step(batch, "pairs")
    for t, row in enumerate(found):
        own = np.unique(batch.tokens[:, t])
        assert np.array_equal(np.flatnonzero(row), own if len(own) == 2 else [])
        assert row.sum() == 0.0
