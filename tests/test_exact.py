"""Rewards that are known exactly, by listing all sequences."""

from itertools import pairwise, product

import numpy as np
import pytest

from sdposim.analysis.exact import every_reward, optimum, possible_gain
from sdposim.analysis.exact import expected as expected_reward
from sdposim.audit.samples import gains
from sdposim.model.landscape import from_arrays, make_landscape
from sdposim.workflow.configuration.models import Config


def small_landscape():
    rng = np.random.default_rng(8)
    return from_arrays(rng.normal(size=(4, 3)), rng.normal(size=(3, 3)), rng.integers(0, 3, 4), 0.5)


def reward(landscape, tokens):
    """Equation 1 of one sequence."""
    total = sum(landscape.quality[t, v] for t, v in enumerate(tokens))
    total += sum(landscape.bigram[v, w] for v, w in pairwise(tokens))
    total += landscape.pattern_weight * sum(landscape.target == tokens)
    return 1 / (1 + np.exp(-total / len(tokens)))


def test_optimum_and_expected_reward_are_those_of_all_sequences():
    landscape, rng = small_landscape(), np.random.default_rng(9)
    policy = rng.dirichlet(np.ones(3), size=4)
    every = list(product(range(3), repeat=4))
    rewards = np.array([reward(landscape, tokens) for tokens in every])
    chances = np.array([np.prod(policy[range(4), tokens]) for tokens in every])
    assert optimum(landscape) == pytest.approx(rewards.max(), abs=1e-12)
    assert every_reward(landscape) == pytest.approx(rewards, abs=1e-12)
    assert expected_reward(every_reward(landscape), policy) == pytest.approx(
        chances @ rewards, abs=1e-12
    )
    gain = rewards.max() - rewards.mean()
    assert possible_gain(landscape) == pytest.approx(gain, abs=1e-12)


def test_too_many_sequences_are_refused():
    landscape = from_arrays(np.zeros((20, 3)), np.zeros((3, 3)), np.zeros(20, int), 0.0)
    with pytest.raises(ValueError, match=r"3\^20 sequences are too many"):
        every_reward(landscape)


def test_what_there_is_to_gain_is_the_landscapes():
    group = Config().settings["population"].landscape.model_dump()
    alone = possible_gain(make_landscape(group, 3))
    assert gains(group, [3, 4, 3]).tolist()[::2] == [alone, alone]
