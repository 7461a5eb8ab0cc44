"""The normal deviates are Gaussian, to the tails, and independent of each other."""

import numpy as np
import pytest
from scipy import stats

from sdposim.model.numerics.jit import compiled
from sdposim.model.numerics.randomness import LARGEST_NORMAL, Purpose, key, normals

COUNT = 4_000_000


@pytest.fixture(scope="module")
def deviates() -> np.ndarray:
    """One long vector: words' cosines in the first half, their sines in the second."""
    out = np.empty(COUNT)
    compiled(normals)(key(Purpose.HINTS, 0), 0, out)
    return out


def test_distribution_is_gaussian(deviates):
    for half in np.split(deviates, 2):
        assert stats.kstest(half, "norm").pvalue > 1e-3
    assert stats.kstest(deviates**2, "chi2", args=(1,)).pvalue > 1e-3


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5, 6, 8])
def test_moments(deviates, order):
    exact = stats.norm.moment(order)
    spread = np.sqrt(stats.norm.moment(2 * order) - exact**2)
    assert abs(np.mean(deviates**order) - exact) < 4 * spread / np.sqrt(COUNT)


@pytest.mark.parametrize("sigma", [3.0, 4.0, 4.75])
def test_tails(deviates, sigma):
    for sign in (1, -1):
        found, expected = np.sum(sign * deviates > sigma), COUNT * stats.norm.sf(sigma)
        assert 1e-3 < stats.poisson.cdf(found, expected) < 1 - 1e-3
    assert np.abs(deviates).max() < LARGEST_NORMAL


def test_a_words_pair_is_independent(deviates):
    cosines, sines = np.split(deviates, 2)
    for power in (1, 2, 3):
        moments = np.corrcoef(cosines**power, sines**power)
        assert abs(moments[0, 1]) < 4 / np.sqrt(COUNT / 2)
    angle = np.arctan2(sines, cosines) / (2 * np.pi) % 1.0
    assert stats.kstest(angle, "uniform").pvalue > 1e-3
