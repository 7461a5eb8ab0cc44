"""Biases of one strength take as much from a judge, and the page says what methods lose by it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from labelled import labels  # noqa: F401
from sdposim.analysis.exact import every_reward
from sdposim.model.cells import train_block
from sdposim.model.judge.bias import (
    adversarial,
    anchoring,
    constitution,
    flips,
    length,
    leniency,
    raters,
    style,
)
from sdposim.model.landscape import make_landscape, token_values
from sdposim.model.metrics import METRICS
from sdposim.model.numerics.randomness import Purpose, key, normals
from sdposim.report.mechanisms import Data
from sdposim.report.testbed import biased_judges
from sdposim.report.testbed.strengths import biases
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.testbed.biases import LEVELS, NOISE, SEEDS, STRENGTHS

CONFIG = Config()
GROUP = CONFIG.settings["step_2"].landscape.model_dump()
V, T = GROUP["vocabulary_size"], GROUP["sequence_length"]


# --- strengths -----------------------------------------------------------------------------------


class Uniform:
    """All rollouts of the uniform policy on a seed's landscape, and what judges see of them."""

    def __init__(self, seed):
        self.landscape, self.seed = make_landscape(GROUP, seed), seed
        self.reward = every_reward(self.landscape)
        self.variance = self.reward.var()
        principles = np.empty(T * V)
        with np.errstate(over="ignore"):  # its words wrap round
            normals(key(Purpose.BIAS, seed), 0, principles)
        # A sum over positions, the last token changing first.
        total = np.zeros(1)
        for own in principles.reshape(T, V):
            total = np.add.outer(total, own).reshape(-1)
        self.principles = total / T


@pytest.fixture(scope="module")
def uniform():
    return [Uniform(seed) for seed in range(SEEDS)]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


TOKENS = np.array(np.unravel_index(np.arange(V**T), (V,) * T))
STYLE = (TOKENS >= V // 2).mean(axis=0)
ENDS = TOKENS == V - 1
LENGTH = np.where(ENDS.any(axis=0), ENDS.argmax(axis=0) + 1, T) / T


def anchor(own):
    return sigmoid(own.landscape.quality[0, TOKENS[0]])


def agreed(own, c):
    return sigmoid(np.log(own.reward / (1 - own.reward)) + c * own.principles)


# What a judge observes of each rollout on average, and the variance of that about its average,
# without the noise of the feedback.
OBSERVED = {
    "style": lambda own, c: (own.reward + c * STYLE, 0),
    "length": lambda own, c: (own.reward + c * LENGTH, 0),
    "constitution": lambda own, c: (agreed(own, c), 0),
    "anchoring": lambda own, a: ((1 - a) * own.reward + a * anchor(own), 0),
    # Of an initial policy that has nothing to do with the landscape.
    "self_preference": lambda own, k: (own.reward, k**2),
    "leniency": lambda own, a: (a + (1 - a) * own.reward, 0),
    "adversarial": lambda own, a: (
        own.reward + a * (1 - 2 * own.reward),
        a * (1 - a) * (1 - 2 * own.reward) ** 2,
    ),
    "raters": lambda own, sd: (own.reward, sd**2 * (1 + own.reward**2)),
}


def moments(own, bias, value):
    """Covariance with the reward, and variance, of what is observed with its noise."""
    if bias == "flips":
        passed = norm.cdf((own.reward - 0.5) / NOISE)
        said = passed + (1 - passed) * value
        return np.mean((said - said.mean()) * own.reward), said.mean() * (1 - said.mean())
    said, about = OBSERVED[bias](own, value)
    covariance = np.mean((said - said.mean()) * own.reward)
    return covariance, said.var() + np.mean(about) + NOISE**2


def explained(uniform, bias, value):
    """R^2 of a judge: mean covariance and variances over landscapes."""
    covariance, variance = np.mean([moments(own, bias, value) for own in uniform], axis=0)
    return covariance**2 / (variance * np.mean([own.variance for own in uniform]))


@pytest.mark.parametrize("bias", STRENGTHS)
def test_each_strength_takes_its_share_of_what_a_judge_is_worth(uniform, bias):
    whole = explained(uniform, bias, 0.0)
    for level, value in zip(LEVELS, STRENGTHS[bias][3], strict=True):
        taken = 1 - explained(uniform, bias, value) / whole
        assert taken == pytest.approx(level / 100, abs=0.003)


def test_a_bias_of_its_own_takes_its_share_of_the_observed_variance(uniform):
    """Where it has nothing to do with the reward: raters, exactly."""
    for level, value in zip(LEVELS, STRENGTHS["raters"][3], strict=True):
        own = np.mean([value**2 * np.mean(1 + one.reward**2) for one in uniform])
        variance = np.mean([one.variance for one in uniform])
        assert own / (variance + own + NOISE**2) == pytest.approx(level / 100, abs=0.003)


ROLLOUTS = 2500
PARTS = {
    "style": (style.style, {}),
    "length": (length.length, {}),
    "constitution": (constitution.constitution, {}),
    "anchoring": (anchoring.anchoring, {}),
    "leniency": (leniency.leniency, {}),
    "adversarial": (adversarial.adversarial, {}),
    "raters": (raters.raters, {"rater": raters.Settings.code("rater", "rollout")}),
    "flips": (flips.flips, {"false_fail": 0.0, "cut": 0.5}),
}


@pytest.mark.parametrize("bias", PARTS)
def test_the_formulas_are_those_of_the_models_judges(uniform, bias):
    """The R^2 of a sample, which errs by some 0.02, on one landscape."""
    own, (function, more) = uniform[3], PARTS[bias]
    rng = np.random.default_rng(0)
    drawn = rng.integers(V**T, size=ROLLOUTS)
    values = np.empty((T, V))
    token_values(own.landscape.quality, own.landscape.target, own.landscape.pattern_weight, values)
    work = SimpleNamespace(
        tokens=TOKENS[:, drawn].astype(np.uint64),
        values=values,
        noise=np.empty(ROLLOUTS),
        centred=np.empty(ROLLOUTS),
        deviates=np.empty(T * V),
    )
    rewards = own.reward[drawn]
    for value in STRENGTHS[bias][3]:
        settings = SimpleNamespace(**dict.fromkeys(STRENGTHS[bias][2], value), **more)
        observed = rewards + NOISE * rng.normal(size=ROLLOUTS)
        with np.errstate(over="ignore"):
            function(settings, own.landscape, key(Purpose.BIAS, 3), 0, work, rewards, observed)
        said = (observed > 0.5) if bias == "flips" else observed
        covariance, variance = moments(own, bias, value)
        expected = covariance / np.sqrt(variance * own.variance)
        assert np.corrcoef(said, rewards)[0, 1] == pytest.approx(expected, abs=0.1)
        assert said.mean() == pytest.approx(mean_said(own, bias, value), abs=0.05)


def mean_said(own, bias, value):
    if bias == "flips":
        passed = norm.cdf((own.reward - 0.5) / NOISE)
        return np.mean(passed + (1 - passed) * value)
    centre = {"style": 0.5, "length": 0.5}.get(bias, 0.0)  # of which the model takes it off
    return np.mean(OBSERVED[bias](own, value)[0]) - value * centre


# --- what is known exactly -----------------------------------------------------------------------

SMALL = {"vocabulary_size": 4, "sequence_length": 3}
LENIENT = 0.6
_FAIR = {"noise": "gaussian", "scale": "interval"}


def trained(method, bias=None, rate=1.0):
    """The log of each step of a small run without noise, (cells, steps, metrics)."""
    settings = CONFIG.settings["step_2"].model_dump()
    settings["landscape"] |= SMALL
    settings["training"] |= {"steps": 12, "rollouts": 8, "learning_rate": rate}
    composition = CONFIG.methods[method].composition
    feedback = _FAIR | ({"bias": bias} if bias else {})
    return np.concatenate(list(train_block(settings, composition, feedback, 0.0, range(4))))


def metric(logs, name):
    return logs[:, :, METRICS.index(name)]


def lenient(method, rate=1.0):
    return trained(method, {"leniency": {"share": LENIENT}}, rate)


@pytest.mark.parametrize(("method", "error"), [("grpo", 1e-3), ("dpo", 1e-12)])
def test_relative_methods_undo_a_lenient_judge(method, error):
    """But for what GRPO adds to an SD."""
    for name in ("reward", "entropy"):
        assert np.allclose(
            metric(trained(method), name), metric(lenient(method), name), rtol=0, atol=error
        )


def test_a_lenient_judge_slows_reinforce_by_what_it_does_not_say():
    for name in ("reward", "entropy"):
        fair = metric(trained("reinforce_judged"), name)
        slowed = metric(lenient("reinforce_judged", 1 / (1 - LENIENT)), name)
        assert np.allclose(fair, slowed, rtol=0, atol=1e-12)
        assert not np.allclose(fair, metric(lenient("reinforce_judged"), name), rtol=0, atol=1e-3)


def test_a_lenient_judge_makes_the_papers_teacher_louder():
    """Its guidance is in proportion to the feedback, and a (1 - R) is more of it."""
    first = metric(trained("sdpo"), "teacher_kl")[:, 0], metric(lenient("sdpo"), "teacher_kl")[:, 0]
    assert np.all(first[1] > first[0])
    entropy = metric(trained("sdpo"), "entropy")[:, -1], metric(lenient("sdpo"), "entropy")[:, -1]
    assert np.all(entropy[1] < entropy[0])


# --- the page ------------------------------------------------------------------------------------

LEARNING = ("step_0_6", "step_6")
RATES = {name: CONFIG.settings[name].model_dump() for name in LEARNING}
for _own in RATES.values():
    _own["landscape"] |= SMALL
SEED_NUMBERS = np.arange(12)


def share_of(seed, share):
    """The reward that is a share of the possible gain of a seed's landscape."""
    rewards = every_reward(make_landscape(RATES["step_6"]["landscape"], int(seed)))
    return rewards.mean() + share * (rewards.max() - rewards.mean())


def cells(method, feedback, slow, fast, judged=(0.4, 0.6), wobble=0.0):
    """A method's cells: the share of the possible gain, and the judged reward, at either rate."""
    return pd.concat(
        pd.DataFrame(
            {
                "setting": setting, "method": method, "feedback": feedback, "noise": 0.1,
                "seed": SEED_NUMBERS, "judged": own,
                "reward": [share_of(seed, share + wobble * (-1) ** seed) for seed in SEED_NUMBERS],
            }
        )
        for setting, share, own in zip(LEARNING, (slow, fast), judged, strict=True)
    )  # fmt: skip


def page(*frames):
    return Data(pd.concat(frames), pd.DataFrame(), RATES, [])


def two(style_70, wobble=0.0, oracle=0.8, before=(0.9, 0.0)):
    """An oracle's teacher that loses nothing, and credit that does, by a bias of style."""
    frames = [cells("sdpo", name, 0.2, oracle) for name in ("continuous", "style_35", "style_70")]
    return page(
        *frames,
        cells("grpo", "continuous", 0.3, before[0], wobble=before[1]),
        cells("grpo", "style_35", 0.3, 0.85),
        cells("grpo", "style_70", 0.3, style_70, wobble=wobble),
    )


def told(data):
    return " ".join(biased_judges.words(data)), " ".join(biased_judges.table(data).split())


def test_the_order_of_families_turns_where_the_difference_is_told():
    said, each = told(two(0.5))
    assert "the order of two families turns under Style." in said
    assert (
        "The order of credit of sequences and teachers that know q turns at 70%: GRPO leads SDPO "
        "by 0.100 ± 0.000 without the bias, SDPO leads GRPO by 0.300 ± 0.000 there." in each
    )
    assert "**Style**, 70%: 1 of 2 methods lose, told from 0." in each
    assert "The largest loss is 0.400 ± 0.000 (GRPO), the smallest 0.000 ± 0.000 (SDPO)." in each
    assert "Most is left to SDPO, 0.800 ± 0.000, least to GRPO, 0.500 ± 0.000." in each


@pytest.mark.parametrize(
    "data",
    [
        two(0.82),
        two(0.75, wobble=0.3),
        two(0.5, oracle=0.95),
        two(0.5, before=(0.85, 0.3)),
    ],
    ids=["still ahead", "not told from it", "behind from the first", "not told at first"],
)
def test_an_order_that_does_not_turn_is_not_said_to(data):
    said, each = told(data)
    assert "the order of two families turns under no bias." in said
    assert "No order of two families turns." in each and "leads" not in each


def test_a_familys_best_method_is_chosen_by_other_seeds_than_compare_it():
    """DPO, which only the first third of the landscapes likes, stands for credit of sequences."""
    lucky = cells("dpo", "style_70", 0.1, 0.1)
    first = lucky["seed"] < len(SEED_NUMBERS) // 3
    lucky.loc[first, "reward"] = [share_of(seed, 0.9) for seed in lucky["seed"][first]]
    data = two(0.85)
    fair = [cells("dpo", name, 0.1, 0.2) for name in ("continuous", "style_35")]
    _, each = told(page(data.cells, *fair, lucky))
    assert "SDPO leads Online DPO by 0.700 ± 0.000 there." in each


def test_losses_are_averaged_over_methods_and_over_biases():
    said, _ = told(two(0.5))
    assert "a bias costs of the possible gain, mean over methods: Style 0.200 ± 0.000." in said
    assert (
        "what is left is: SDPO 0.800 ± 0.000 (lost: 0.000 ± 0.000), GRPO 0.500 ± 0.000 "
        "(lost: 0.400 ± 0.000)." in said
    )


def test_methods_that_gain_by_a_bias_are_named():
    data = two(0.95)
    assert "0 of 2 methods lose and 1 gain (GRPO), told from 0." in told(data)[1]


@pytest.fixture
def seduced():
    """Under style the judge likes the larger rate, and the truth does not."""
    return page(
        cells("grpo", "continuous", 0.5, 0.9),
        cells("grpo", "style_70", 0.6, 0.2, judged=(0.5, 0.7)),
    )


def test_a_rate_that_the_judge_chooses_costs_what_the_truth_says(seduced):
    said, each = told(seduced)
    assert "GRPO 0.400 ± 0.000; a loss is told from 0 in 1 of 1 cases" in said
    assert "of GRPO under Style, 0.400 ± 0.000, at rate 6 instead of 0.6." in said
    assert "| Style, 70% | 0.400 ± 0.000 (6) |" in each
    _, rows = biased_judges.draw(seduced)
    row = rows.set_index("strength_percent").loc[70]
    assert row["learning_rate"] == 0.6 and row["rate_by_judged"] == 6
    assert row["lost_by_judged"] == pytest.approx(0.4) and row["lost"] == pytest.approx(0.3)


def test_over_optimisation_is_a_judged_reward_that_rises_as_the_true_one_falls(seduced):
    said, _ = told(seduced)
    assert "both told from 0, under Style (GRPO); without a bias for none." in said
    assert (
        "The share falls most for GRPO under Style at 70%, from rate 0.6 to 6: by 0.400 ± 0.000, "
        "while the judged reward rises by 0.200 ± 0.000." in said
    )


@pytest.mark.parametrize(
    "own",
    [
        {"slow": 0.6, "fast": 0.2, "judged": (0.7, 0.5)},
        {"slow": 0.2, "fast": 0.6, "judged": (0.5, 0.7)},
        {"slow": 0.5, "fast": 0.45, "judged": (0.5, 0.7), "wobble": 0.4},
    ],
    ids=["both fall", "both rise", "a fall that is not told"],
)
def test_what_falls_together_is_none(own):
    frame = cells("grpo", "style_70", **own)
    if own.get("wobble"):  # of the slow rate's alone
        frame = pd.concat(
            [
                frame[frame["setting"] == "step_0_6"],
                cells("grpo", "style_70", 0.5, 0.45, judged=(0.5, 0.7)).query(
                    "setting == 'step_6'"
                ),
            ]
        )
    said, _ = told(page(cells("grpo", "continuous", 0.5, 0.9), frame))
    assert "both told from 0, for no method under any judge." in said


def test_from_one_strength_to_the_next():
    """At the best rates: 0.6 judged 0.8 after 0.9 judged 0.6."""
    data = page(
        cells("grpo", "continuous", 0.5, 0.9),
        cells("grpo", "style_35", 0.3, 0.6, judged=(0.4, 0.8)),
    )
    assert "the true one falls under Style (1 of 1 methods);" in told(data)[0]
    data = page(
        cells("grpo", "continuous", 0.5, 0.9),
        cells("grpo", "style_35", 0.3, 0.6, judged=(0.3, 0.5)),
    )
    assert "the true one falls under no bias;" in told(data)[0]


def test_a_bias_of_another_scale_has_its_own_judge_without_it():
    shares = {"continuous": 0.9, "style_35": 0.8, "flips_0": 0.7, "flips_35": 0.5}
    frames = [cells("grpo", name, 0.3, share) for name, share in shares.items()]
    first, second = biases(page(*frames))
    assert first.feedbacks == {0: "continuous", 35: "style_35"} and first.label == "Style"
    assert second.feedbacks == {0: "flips_0", 35: "flips_35"}
    _, rows = biased_judges.draw(page(*frames))
    lost = rows.set_index(["bias", "strength_percent"])["lost"]
    assert lost["style", 35] == pytest.approx(0.1) and lost["flips", 35] == pytest.approx(0.2)


def test_a_method_of_no_known_family_is_its_own():
    data = page(
        *(cells(name, "continuous", 0.3, share) for name, share in (("mine", 0.9), ("grpo", 0.5))),
        *(cells(name, "style_35", 0.3, share) for name, share in (("mine", 0.4), ("grpo", 0.5))),
    )
    assert "The order of mine and credit of sequences turns at 35%" in told(data)[1]


@pytest.mark.parametrize(
    ("frames", "wrong"),
    [
        ([("continuous",)], "no biased feedback; allowed: feedbacks that are called <bias>_<p"),
        ([("style_35",)], "allowed: one feedback without a number in its name, here none, or st"),
        ([("continuous",), ("binary",), ("style_35",)], "here binary, continuous, or style_0"),
    ],
)
def test_studies_without_what_is_compared_are_refused(frames, wrong):
    with pytest.raises(UserError, match=wrong):
        biased_judges.draw(page(*(cells("grpo", *name, 0.3, 0.6) for name in frames)))


def test_methods_that_no_judge_can_mislead_are_refused():
    data = page(cells("opsd", "continuous", 0.3, 0.6), cells("opsd", "style_35", 0.3, 0.6))
    data.cells["judged"] = np.nan
    with pytest.raises(UserError, match="method opsd sees no feedback; allowed: methods that a ju"):
        biased_judges.draw(data)


def test_several_noises_are_refused():
    data = page(cells("grpo", "continuous", 0.3, 0.6), cells("grpo", "style_35", 0.3, 0.6))
    data.cells["noise"] = np.where(data.cells["seed"] < 6, 0.0, 0.1)
    with pytest.raises(UserError, match=r"the study has noise 0, 0.1; allowed: one"):
        biased_judges.draw(data)
