"""Distinct good sequences, and methods at equal reward: counted by hand, and told both ways."""

import itertools
import json

import numpy as np
import pandas as pd
import pytest

from labelled import labels  # noqa: F401
from sdposim.analysis.exact import DRAWS, WORTH, distinct, every_reward, expected, worth
from sdposim.analysis.files import read_summary
from sdposim.analysis.policies import Policies, write_policies
from sdposim.commands import exact
from sdposim.model.landscape import make_landscape
from sdposim.report.demands import TESTBED
from sdposim.report.mechanisms import Data, written
from sdposim.report.testbed import diversity, matched
from sdposim.storage.errors import UserError
from sdposim.storage.seal import identity
from sdposim.workflow.configuration.models import Config

CONFIG = Config()
SETTINGS = {name: CONFIG.settings[name].model_dump() for name in ("step_0_2", "step_2")}
SLOW, FAST = SETTINGS
SEEDS, CHOOSING = 12, 4


# --- how many distinct sequences samples hold ----------------------------------------------------


def small(seed, length=3, vocabulary=4):
    """A landscape and the logarithms of a policy."""
    group = CONFIG.settings["step_2"].landscape.model_dump()
    group |= {"vocabulary_size": vocabulary, "sequence_length": length}
    logits = np.random.default_rng(seed).normal(0, 1.5, (length, vocabulary))
    return make_landscape(group, seed), logits - np.log(np.exp(logits).sum(1, keepdims=True))


def by_hand(landscape, tokens):
    """Equation 1, term by term."""
    length = len(tokens)
    value = sum(
        landscape.quality[t, token] + landscape.pattern_weight * (token == landscape.target[t])
        for t, token in enumerate(tokens)
    )
    value += sum(landscape.bigram[pair] for pair in itertools.pairwise(tokens))
    return 1 / (1 + np.exp(-value / length))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", WORTH.values())
def test_worth_are_the_sequences_that_get_a_share_of_the_possible_gain(seed, share):
    landscape, _ = small(seed)
    every = list(itertools.product(range(4), repeat=3))
    rewards = np.array([by_hand(landscape, tokens) for tokens in every])
    bar = rewards.mean() + share * (rewards.max() - rewards.mean())
    wanted = {tokens for tokens, reward in zip(every, rewards, strict=True) if reward >= bar}
    found = worth(every_reward(landscape), 4, share)
    assert {tuple(tokens) for tokens in found.T.tolist()} == wanted
    assert found.shape == (3, len(wanted)) and wanted


@pytest.mark.parametrize("draws", [1, 2, 5])
def test_the_number_of_distinct_ones_is_the_mean_over_all_samples(draws):
    """All batches of a toy, each with its probability."""
    landscape, logs = small(1, length=2, vocabulary=2)
    tokens = worth(every_reward(landscape), 2, 0.3)
    good = set(map(tuple, tokens.T.tolist()))
    every = list(itertools.product(range(2), repeat=2))
    chances = [np.exp(logs[0, first] + logs[1, second]) for first, second in every]
    total = 0.0
    for batch in itertools.product(range(4), repeat=draws):
        held = {every[place] for place in batch} & good
        total += np.prod([chances[place] for place in batch]) * len(held)
    assert len(good) > 1
    assert distinct(logs, tokens, draws) == pytest.approx(total, rel=1e-12)


def test_neither_rare_nor_certain_sequences_are_lost():
    """Of 1e-20 a thousand samples hold 1e-17; of a sequence that is certain, one."""
    rare = np.log(np.array([[1.0, 1e-20]]))
    assert distinct(rare, np.array([[1]]), 1000) == pytest.approx(1e-17, rel=1e-12, abs=0)
    assert distinct(np.array([[0.0, -800.0]]), np.array([[0, 1]]), 1000) == 1.0
    # A row whose sum is rounded past 1.
    assert distinct(np.array([[1e-15, -40.0]]), np.array([[0]]), 1000) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_the_expected_reward_is_the_sum_over_all_sequences(seed):
    landscape, logs = small(seed)
    total = sum(
        np.exp(sum(logs[t, token] for t, token in enumerate(tokens))) * by_hand(landscape, tokens)
        for tokens in itertools.product(range(4), repeat=3)
    )
    assert expected(every_reward(landscape), np.exp(logs)) == pytest.approx(total, rel=1e-12)


# --- at equal reward -----------------------------------------------------------------------------


SHARES = np.linspace(0.0, 1.0, 21)
"""Of the policies of a run, in steps of 0.05."""


def run(method, setting=SLOW, good=100.0, entropy=2.0, spread=0.1, shares=SHARES, seeds=SEEDS):
    """Policies whose number of good sequences is `good` times the share, and entropy falls.

    Args:
        good, entropy: numbers, or functions of the seed.
        spread: SD over seeds of both, times 1 and 0.01; it differs from method to method.
    """
    rng = np.random.default_rng(list(method.encode()))
    rows = []
    for seed in range(seeds):
        wobble = spread * rng.normal()
        own_good, own_entropy = (
            value(seed) if callable(value) else value for value in (good, entropy)
        )
        for step, share in enumerate(shares):
            rows.append(
                {
                    "setting": setting, "method": method, "feedback": "continuous", "noise": 0.1,
                    "seed": seed, "step": step, "uniform": 0.4, "optimum": 0.9,
                    "reward": 0.4 + 0.5 * share, "good": (own_good + wobble) * share,
                    "excellent": (own_good + wobble) * share / 4,
                    "entropy": own_entropy + 0.01 * wobble - share,
                    "good_sequences": 500, "excellent_sequences": 60,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def page(*frames, settings=SETTINGS):
    """Data of a study; cells are those of the last step."""
    kept = pd.concat(frames, ignore_index=True)
    cells = kept[kept["step"] == kept["step"].max()]
    return Data(cells, pd.DataFrame(), settings, [], kept)


def said(*frames, **more):
    return " ".join(diversity.words(page(*frames, **more)))


def test_policies_are_compared_where_they_first_get_to_a_share():
    """Between two kept policies in a straight line; a later fall does not count."""
    shares = [0.0, 0.48, 0.56, 0.3, 0.5]
    (row,) = matched.crossings(page(run("grpo", shares=shares, spread=0, seeds=1)), [0.5]).to_dict(
        "records"
    )
    assert row["rate"] == 0.2 and row["level"] == 0.5
    assert row["good"] == pytest.approx(50) and row["entropy"] == pytest.approx(1.5)
    bent = run("grpo", shares=[0.48, 0.56], spread=0, seeds=1).assign(good=[10.0, 30.0])
    (row,) = matched.crossings(page(bent), [0.5]).to_dict("records")
    assert row["good"] == pytest.approx(10 + 20 * 0.02 / 0.08)


@pytest.mark.parametrize(
    "shares", [[0.0, 0.3, 0.45], [0.6, 0.65], [0.0, 0.44, 0.56]], ids=["short", "above", "leap"]
)
def test_what_nobody_saw_does_not_count(shares):
    crossed = matched.crossings(page(run("grpo", shares=shares)), [0.5])
    assert crossed["good"].isna().all() and not matched.places(crossed, 0.5)


def test_a_rate_that_most_landscapes_do_not_get_to_does_not_count():
    ways = {True: run("grpo"), False: run("grpo", shares=SHARES[:9])}
    for lost in (1, 2):
        frames = [own[(own["seed"] >= lost) == far] for far, own in ways.items()]
        made = matched.places(matched.crossings(page(*frames), [0.5]), 0.5)
        assert bool(made) == (lost == 1)


def test_seeds_that_choose_do_not_judge():
    """A rate that is best on the first third alone is taken, and judged on the others."""
    lucky = run("grpo", SLOW, good=lambda seed: 300 if seed < CHOOSING else 20, spread=0)
    (made,) = matched.places(matched.crossings(page(lucky, run("grpo", FAST)), [0.5]), 0.5)
    assert made.rate == 0.2 and made.rates == [0.2, 2.0]
    assert made.mean("good") == pytest.approx((10, 0)) and len(made.found) == SEEDS - CHOOSING


def test_differences_are_paired_and_leave_out_what_one_lacks():
    uneven = lambda seed: 100 + 10 * seed  # noqa: E731
    one, other = (
        run("grpo", good=lambda seed: uneven(seed) + 4, spread=0),
        run("reinforce_judged", good=uneven, spread=0),
    )
    short = other[(other["seed"] != SEEDS - 1) | (other["step"] < 5)]
    for frame, seen in ((other, 8), (short, 7)):
        made = matched.places(matched.crossings(page(one, frame), [0.5]), 0.5)
        assert [place.method for place in made] == ["grpo", "reinforce_judged"]
        assert matched.gap(*made, "good") == pytest.approx((2, 0), abs=1e-9)
        assert len(made[1].found.dropna()) == seen


def test_a_rank_correlation_is_spearmans():
    frames = [
        run("reinforce_judged", good=100, entropy=2.0),
        run("grpo", good=110, entropy=2.1),
        run("ppo", good=130, entropy=2.2),
        run("dpo", good=120, entropy=2.3),
    ]
    made = matched.places(matched.crossings(page(*frames), [0.5]), 0.5)
    value, low, high = matched.rank_correlation(made, "entropy", "good")
    # Of ranks 1 2 3 4 and 1 2 4 3: 1 - 6 (1 + 1) / (4 15); all landscapes agree.
    assert (value, low, high) == pytest.approx((0.8, 0.8, 0.8))
    unsure = run("dpo", good=lambda seed: 120 + 100 * (-1) ** seed, entropy=2.3)
    made = matched.places(matched.crossings(page(*frames[:3], unsure), [0.5]), 0.5)
    value, low, high = matched.rank_correlation(made, "entropy", "good")
    assert low < value - 0.1 and low < high <= 1


# --- the page ------------------------------------------------------------------------------------


def test_words_say_who_has_more_good_sequences_and_entropy():
    text = said(
        run("reinforce_judged"),
        run("grpo", good=120, entropy=2.1),
        run("ppo", good=80, entropy=2.2),
        run("dpo", good=100, spread=30, entropy=2.0),
    )
    assert "good if it gets at least 0.8 of the possible gain (on a landscape 500 ± 0 of" in text
    assert "At 0.5 of the possible gain Judged REINFORCE holds 50.0" in text
    assert "more good sequences: GRPO (+10.0); fewer: PPO (-10.0); not told apart: Online" in text
    assert "Of the 2 that are told apart, 1 differs from it in entropy the same way, 1 the other "
    assert "differ from it in entropy the same way, 1 the other way (PPO)." in text
    assert "at 0.5 PPO (+0.20" in text
    assert "6 differences from the baseline" in text and "6 are told from 0 the same way" in text


def test_words_say_what_is_not_seen():
    text = said(run("reinforce_judged"), run("sdpo_peer", shares=SHARES[:12]))
    assert "90% of the landscapes there: at 0.7 Peer SDPO; at 0.9 Peer SDPO." in text
    assert "At 0.7" in text and "no other method is seen there" in text
    assert "rank correlation" not in text


@pytest.mark.parametrize("good, side", [(120, "larger for"), (80, "smaller for")])
def test_a_hypothesis_may_hold_or_fail(good, side):
    text = said(run("ppo"), run("dapo", good=good), run("grpo"), run("rlrt", good=100.0, spread=9))
    at = text.index(f"{side} DAPO at")
    assert f"DAPO at 0.5 ({(good - 100) / 2:+.1f} ± 0." in text[at:]
    assert "not told apart for RLRT at" in text and "KL-Cov at" not in text
    assert "entropy bonus" not in text


def test_methods_that_do_the_same_are_said_to():
    same = run("ppo")
    text = said(same, same.assign(method="dapo"))
    assert "exactly the same for DAPO at 0.5, DAPO at 0.7 and DAPO at 0.9" in text


@pytest.mark.parametrize(
    "good, entropy, expected",
    [
        (100, 2.2, r"entropy alone rises for Entropy bonus 0.01 at 0.5"),
        (120, 2.2, r"the number, too, for Entropy bonus 0.01 at 0.5"),
        (120, 1.9, r"entropy does not for Entropy bonus 0.01 at 0.5"),
    ],
)
def test_a_bonus_may_raise_one_or_both(good, entropy, expected):
    text = said(run("reinforce_judged"), run("entropy_0_01", good=good, entropy=entropy))
    assert text.count(expected) == 2 and "RLRT" not in text


def test_equal_rates_are_those_of_both():
    """A difference that comes of another rate is none at equal rates."""
    far = {"shares": SHARES[:9]}
    frames = [
        run("ppo", SLOW, good=200), run("ppo", FAST), run("dapo", SLOW, **far), run("dapo", FAST),
    ]  # fmt: skip
    crossed = matched.crossings(page(*frames), [0.5])
    own = {place.method: place for place in matched.places(crossed, 0.5)}
    assert matched.gap(own["dapo"], own["ppo"], "good").value == pytest.approx(-50, abs=1)
    equal, rates = matched.gap_at_equal_rates(crossed, ("dapo", "ppo"), 0.5, "good")
    assert rates == [2.0] and abs(equal.value) < 1
    assert matched.gap_at_equal_rates(crossed.query("rate < 1"), ("dapo", "ppo"), 0.5, "good") is (
        None
    )


@pytest.mark.parametrize("slow, others", [(200, True), (50, False)])
def test_words_say_whether_the_slowest_is_taken(slow, others):
    text = said(run("ppo", SLOW, good=slow), run("ppo", FAST))
    assert f"In {3 if others else 0} of the 3 cases" in text
    assert ("compared by how slowly" in text) == others
    assert ("(PPO at the largest rate)" in text) != others


def test_a_stricter_threshold_may_say_the_opposite():
    turned = run("grpo", good=120)
    turned["excellent"] = 10 * turned["good"] / 120
    text = said(run("reinforce_judged"), turned)
    assert "0 are told from 0 the same way in excellent ones, and 3 the other way" in text


def test_tables_have_every_method_and_every_pair():
    data = page(run("ppo"), run("dapo", good=120), run("reinforce_judged"))
    lines = diversity.table(data).splitlines()
    rows = [line for line in lines if line.startswith("| 0.7 | ")]
    assert len(rows) == 3 and rows[0].startswith("| 0.7 | DAPO | 0.2 | 84.0 ±")
    assert any(line.startswith("| DAPO | PPO | 0.7 | +14.0 ±") for line in lines)
    alone = diversity.table(page(run("ppo")))
    assert "What one change does" not in alone


def test_the_figure_draws_what_its_data_say():
    data = page(run("ppo"), run("dapo", good=120), run("grpo", shares=SHARES[:12]))
    fig, rows = diversity.draw(data)
    assert set(rows["method"]) == {"ppo", "dapo", "grpo"} and len(fig.axes) == 5
    assert rows.groupby("method")["level"].max().to_dict() == {
        "ppo": 0.95, "dapo": 0.95, "grpo": 0.55,
    }  # fmt: skip
    row = rows[(rows["method"] == "dapo") & (rows["level"] == 0.7)].iloc[0]
    assert row["good"] == pytest.approx(84, abs=0.2)
    assert row["good_gap"] == pytest.approx(0)  # without the baseline, the best is it


@pytest.mark.parametrize(
    "data, message",
    [
        (page(run("ppo"))._replace(exact=None), "needs a study with `policies`"),
        (page(run("ppo"), run("grpo").assign(noise=0.2)), "2 values of noise; allowed: one"),
        (page(run("ppo"), run("grpo").assign(feedback="binary")), "2 values of feedback"),
        (page(run("ppo"), settings=dict.fromkeys(SETTINGS, SETTINGS[SLOW])), "another one in each"),
        (page(run("ppo", seeds=2)), "2 seeds; allowed: 3 or more"),
        (page(run("ppo", shares=[0, 1])), "no method gets to 0.5 of the possible gain"),
    ],
)
def test_studies_of_another_shape_are_refused_in_a_sentence(data, message):
    for told in (lambda: list(diversity.words(data)), lambda: diversity.draw(data)):
        with pytest.raises(UserError, match=message):
            told()


# --- the study -----------------------------------------------------------------------------------


def test_of_a_pair_one_thing_is_changed():
    """What the page calls the same method without it is that."""
    for method, other in diversity.PAIRS.items():
        one, same = (CONFIG.methods[name].composition for name in (method, other))
        changed = {slot for slot in one.keys() | same.keys() if one.get(slot) != same.get(slot)}
        # A reversed teacher needs one, which the credit alone reads.
        assert changed - {"base", "guidance"} in ({"credit"}, {"regulariser"}), method
    assert set(CONFIG.studies["diversity"].methods) >= diversity.PAIRS.keys()


def test_kept_policies_are_evaluated_with_the_sequences_of_their_landscape(tmp_path):
    """Of two landscapes, by the command; the rows are those of the policies."""
    group = CONFIG.settings["step_2"].landscape.model_dump()
    group |= {"vocabulary_size": 3, "sequence_length": 3}
    logits = np.random.default_rng(0).normal(0, 2, (2, 2, 3, 3))
    made_from = identity("kept", "by hand")
    kept = Policies(np.array([4, 7]), np.array([0, 5]), logits)
    write_policies(tmp_path / "kept.parquet", [kept], 3, {}, made_from)
    condition = {"setting": "slow", "method": "ppo", "feedback": "continuous", "noise": 0.0}
    spec = {
        "files": [[made_from, condition]], "landscapes": {"slow": group}, "seeds": [[4, 7]],
    }  # fmt: skip
    exact.run([str(tmp_path / "kept.parquet")], json.dumps(spec), str(tmp_path / "exact.parquet"))
    table = read_summary(tmp_path / "exact.parquet")
    assert table[["seed", "step"]].to_numpy().tolist() == [[4, 0], [4, 5], [7, 0], [7, 5]]
    every = list(itertools.product(range(3), repeat=3))
    policies = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    for row, policy in zip(table.itertuples(), policies.reshape(4, 3, 3), strict=True):
        landscape = make_landscape(group, row.seed)
        rewards = np.array([by_hand(landscape, tokens) for tokens in every])
        gain = (rewards - rewards.mean()) / (rewards.max() - rewards.mean())
        chances = np.array([np.prod(policy[range(3), tokens]) for tokens in every])
        assert row.reward == pytest.approx(chances @ rewards, rel=1e-12)
        for name, share in WORTH.items():
            assert getattr(row, f"{name}_sequences") == (gain >= share).sum()
            wanted = (1 - (1 - chances[gain >= share]) ** DRAWS).sum()
            assert getattr(row, name) == pytest.approx(wanted, rel=1e-9)


def test_the_page_has_its_figure_words_and_tables(tmp_path):
    data = page(run("reinforce_judged"), run("ppo"), run("dapo", good=120))
    files = written(["testbed", "diversity"], data, tmp_path / "mine")
    assert {file.suffix for file in files} == {".md", ".png", ".pdf", ".svg", ".csv"}
    text = (tmp_path / "mine.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {TESTBED['diversity'].text}") and "What one change does" in text
