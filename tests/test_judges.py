"""What parts of judges promise, besides the equations that `test_kernel` compares them with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sdposim.model import paper
from sdposim.model.judge.bias.shuffled import shuffled
from sdposim.model.judge.bias.uninformative import uninformative
from sdposim.model.judge.noise.gaussian import gaussian
from sdposim.model.judge.noise.mixed import mixed
from sdposim.model.judge.scale.interval import Settings as Interval
from sdposim.model.judge.scale.interval import interval
from sdposim.model.judge.scale.matched_threshold import Settings as Matched
from sdposim.model.judge.scale.matched_threshold import matched_threshold
from sdposim.model.judge.scale.threshold import Settings as Threshold
from sdposim.model.judge.scale.threshold import threshold
from sdposim.model.numerics.jit import compiled
from sdposim.model.numerics.randomness import Purpose, key
from sdposim.model.paper import train
from sdposim.workflow.configuration.settings import Setting

SIZES = (1, 2, 3, 32, 33)
ERROR = 1e-14


def batch(size, noise=0.3):
    """Rewards, and deviates of their noise, which is large enough to leave [0, 1]."""
    rng = np.random.default_rng(size)
    rewards, own = rng.uniform(0, 1, size), noise * rng.normal(size=size)
    return rewards, own


def leaned(bias, rewards, own):
    """What a judge with a bias observes of rewards with noise."""
    observed = rewards + own
    bias(None, None, 0, None, rewards, observed)
    return observed


def said(scale, settings, observed):
    """The feedback of each rollout, by its place, and the number of rollouts by value."""
    lanes = max(observed.size, 2)
    values, weights = np.zeros(lanes), np.zeros(lanes)
    places = np.arange(observed.size, dtype=np.uint64)
    assert scale(settings, observed, values, weights, places) <= lanes
    assert np.array_equal(np.bincount(places, minlength=lanes), weights)
    return values[places], weights


# --- shuffled ------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_a_judge_who_mixes_up_rollouts_says_the_same_of_the_batch(size):
    rewards, own = batch(size)
    fair = leaned(shuffled, rewards, 0.0 * own)
    assert np.array_equal(np.sort(fair), np.sort(rewards))
    assert size == 1 or not np.any(fair == rewards)
    noisy = leaned(shuffled, rewards, own)
    np.testing.assert_allclose(noisy - fair, own, rtol=0, atol=ERROR)


@pytest.mark.parametrize("feedback", paper.FEEDBACKS)
def test_it_matters_only_to_who_knows_which_rollout_was_where(feedback):
    """All rollouts of a factored policy come by all its contexts, and teachers are averaged."""
    settings = Setting().model_dump()
    settings["training"] |= {"steps": 25}
    # Hints of a rollout's own say which one it is.
    settings["judge"]["normal"]["draw"] = "fixed"
    judge = paper.FEEDBACKS[feedback]
    for context, matters in (("position", False), ("previous_token", True)):
        settings["policy"]["context"] = context
        fair, mixed_up = (
            train(settings, "sdpo", own, 0.0, 1) for own in (judge, judge | {"bias": "shuffled"})
        )
        assert (np.nanmax(np.abs(fair - mixed_up)) > 1e-6) == matters


# --- uninformative -------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_an_uninformative_judge_tells_no_rollout_from_another(size):
    rewards, own = batch(size)
    alike = leaned(uninformative, rewards, 0.0 * own)
    assert np.all(alike == alike[0])
    np.testing.assert_allclose(alike, np.mean(rewards), rtol=0, atol=ERROR)
    noisy = leaned(uninformative, rewards, own)
    np.testing.assert_allclose(noisy - alike, own, rtol=0, atol=ERROR)
    # What it says of a batch does not depend on which rollout has which reward.
    moved = leaned(uninformative, rewards[::-1].copy(), own)
    np.testing.assert_allclose(moved, noisy, rtol=0, atol=ERROR)


# --- matched_threshold ---------------------------------------------------------------------------


@given(
    st.lists(st.floats(-1.0, 2.0, width=32), min_size=1, max_size=40),
    st.sampled_from([0.5, 0.0, 0.9, -1000.0]),
)
def test_matched_binary_feedback_has_the_mean_of_continuous_feedback(observed, cut):
    observed = np.array(observed)
    found, weights = said(matched_threshold, Matched.packed({"cut": cut}), observed)
    binary, expected = said(threshold, Threshold.packed({"cut": cut}), observed)
    continuous, _ = said(interval, Interval.packed({"clip": True}), observed)
    assert np.array_equal(weights, expected), "who passes is as of binary feedback"
    assert np.all(found[binary == 0.0] == 0.0) and np.unique(found[binary == 1.0]).size <= 1
    mean = np.mean(continuous) if np.any(binary) else 0.0
    assert abs(np.mean(found) - mean) < ERROR


def test_matched_binary_feedback_at_its_boundaries():
    observed = np.array([0.5, np.nextafter(0.5, 1), -1.0, 2.0])
    found, weights = said(matched_threshold, Matched.packed_defaults(), observed)
    assert found.tolist() == [0.0, 1.0, 0.0, 1.0] and weights.tolist() == [2.0, 2.0, 0.0, 0.0]
    found, weights = said(matched_threshold, Matched.packed_defaults(), np.array([0.5, 0.4]))
    assert found.tolist() == [0.0, 0.0] and weights.tolist() == [2.0, 0.0]
    # Where few pass it exceeds 1.
    found, _ = said(matched_threshold, Matched.packed_defaults(), np.array([0.25, 0.75, 0.5]))
    assert found.tolist() == [0.0, 1.5, 0.0]


def test_where_none_passes_matched_binary_feedback_is_binary_feedback():
    scales = ({name: {"cut": 1000.0}} for name in ("threshold", "matched_threshold"))
    judges = ({"noise": "gaussian", "scale": scale} for scale in scales)
    binary, matched = (train(Setting().model_dump(), "hybrid", own, 0.2, 1) for own in judges)
    assert np.array_equal(binary, matched) and np.isfinite(matched).all()


# --- mixed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_mixed_noise_has_sds_from_0_to_twice_sigma(size):
    """The SD of a rollout's noise is what a deviate of 1 adds to its reward."""
    rewards, _ = batch(size)
    out = np.empty(size)
    mixed(rewards, 0.2, np.ones(size), None, 0, out)
    sds = out - rewards
    assert np.mean(sds) == pytest.approx(0.2, abs=ERROR)
    np.testing.assert_allclose(sds + sds[::-1], 0.4, rtol=0, atol=ERROR)
    np.testing.assert_allclose(np.diff(sds), 0.4 / size, rtol=0, atol=ERROR)
    assert 0.0 < sds[0] <= sds[-1] < 0.4
    if size == 1:
        alone = np.empty(1)
        gaussian(rewards, 0.2, np.ones(1), None, 0, alone)
        assert out == pytest.approx(alone, abs=ERROR)


def test_mixed_noise_is_normal_with_these_sds():
    rng = np.random.default_rng(3)
    rewards, draws = np.full(8, 0.5), 20_000
    out = np.empty((draws, 8))
    noisy = compiled(mixed)
    for row in out:
        noisy(rewards, 0.2, rng.standard_normal(8), key(Purpose.TAILS, 0), 0, row)
    expected = 0.4 * (np.arange(8) + 0.5) / 8
    assert np.all(np.abs(out.mean(axis=0) - 0.5) < 5 * expected / np.sqrt(draws))
    assert np.all(np.abs(out.std(axis=0) / expected - 1) < 5 / np.sqrt(2 * draws))


def test_without_noise_mixed_noise_reads_no_deviate():
    rewards, _ = batch(9)
    out = np.empty(9)
    mixed(rewards, 0.0, np.full(9, np.nan), None, 0, out)
    assert np.array_equal(out, rewards)
