"""Pages on sizes and policies say what cells show; shares of the possible gain at any size."""

from functools import cache
from itertools import pairwise, product
from math import comb

import numpy as np
import pandas as pd
import pytest

from labelled import labels  # noqa: F401
from sdposim.analysis import exact
from sdposim.analysis.exact import every_reward, expected_at_any_size, optimum, uniform_reward
from sdposim.model.landscape import from_arrays, make_landscape
from sdposim.report.mechanisms import Data
from sdposim.report.testbed import large_size, sizes
from sdposim.report.testbed.tools import how_measured
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.sentences import some
from sdposim.workflow.configuration.validate import validate

CONFIG = Config()
SEEDS = 12
FIRST, LAST = 0.02, 8.0
RATES = (FIRST, 2.0, LAST)
TWO = ("sdpo", "reinforce_judged")
SIZES = tuple(product((2, 4), (3, 6)))
FACTORED, CHAINED = "position", "previous_token"
LANDSCAPE = CONFIG.settings["population"].landscape.model_dump()


# --- expected rewards ----------------------------------------------------------------------------


def drawn(vocabulary, length, sd=1.0):
    rng = np.random.default_rng([vocabulary, length])
    return from_arrays(
        rng.normal(0, sd, (length, vocabulary)),
        rng.normal(0, 0.5 * sd, (vocabulary, vocabulary)),
        rng.integers(0, vocabulary, length),
        0.3,
    )


def by_all_sequences(landscape, policy):
    """Equation 1, sequence by sequence."""
    length, vocabulary = policy.shape
    total = 0.0
    for tokens in product(range(vocabulary), repeat=length):
        bracket = sum(
            landscape.quality[t, v] + landscape.pattern_weight * (v == landscape.target[t])
            for t, v in enumerate(tokens)
        ) + sum(landscape.bigram[pair] for pair in pairwise(tokens))
        total += np.prod(policy[range(length), tokens]) / (1 + np.exp(-bracket / length))
    return total


@pytest.mark.parametrize("sd", [0.0, 1.0, 30.0])
@pytest.mark.parametrize("size", [(2, 1), (4, 4), (3, 6)])
def test_an_expected_reward_is_within_its_error(size, sd):
    vocabulary, length = size
    landscape = drawn(vocabulary, length, sd)
    policies = (
        np.full((length, vocabulary), 1 / vocabulary),
        np.random.default_rng(5).dirichlet(np.full(vocabulary, 0.3), length),
    )
    for policy in policies:
        wanted = by_all_sequences(landscape, policy)
        for error in (1e-2, 1e-4, 1e-7, 1e-12):
            found = expected_at_any_size(landscape, policy, error)
            assert found == pytest.approx(wanted, rel=0, abs=error + 1e-13)


@pytest.mark.parametrize("where", ["quality", "bigram"])
def test_a_reward_of_too_many_sequences_is_that_of_their_counts(where):
    """How often one of two tokens comes, or a change of token, has a binomial distribution."""
    length, worth = 64, 2.0
    counted = length if where == "quality" else length - 1
    quality, bigram = np.zeros((length, 2)), np.zeros((2, 2))
    if where == "quality":
        quality[:, 1] = worth
    else:
        bigram[0, 1] = bigram[1, 0] = worth
    landscape = from_arrays(quality, bigram, np.zeros(length, int), 0.0)
    rewards = 1 / (1 + np.exp(-worth * np.arange(counted + 1) / length))
    chances = [comb(counted, count) / 2**counted for count in range(counted + 1)]
    assert uniform_reward(landscape) == pytest.approx(rewards @ chances, rel=0, abs=exact.ERROR)


def test_where_all_sequences_can_be_summed_they_are(monkeypatch):
    landscape = drawn(4, 6)
    assert uniform_reward(landscape) == every_reward(landscape).mean()
    monkeypatch.setattr(exact, "LARGEST", 4**6 - 1)
    assert uniform_reward(landscape) == expected_at_any_size(landscape, np.full((6, 4), 0.25))


# --- a grid of sizes -----------------------------------------------------------------------------


def setting(size, context, rate):
    vocabulary, length = size
    landscape = LANDSCAPE | {"vocabulary_size": vocabulary, "sequence_length": length}
    return {
        "landscape": landscape,
        "policy": {"context": context},
        "training": {"learning_rate": rate},
    }


@cache
def bounds(size, seed):
    landscape = make_landscape(setting(size, FACTORED, FIRST)["landscape"], seed)
    return uniform_reward(landscape), optimum(landscape)


def study(
    share, methods=("sdpo", "reinforce_judged", "grpo"), of=SIZES, policies=None, rates=RATES
):
    """Data of a grid in which `share(method, context, size, rate, seed)` is got."""
    settings, rows = {}, []
    for size, context, rate in product(of, policies or (FACTORED, CHAINED), rates):
        name = f"{size}-{context}-{rate}"
        settings[name] = setting(size, context, rate)
        for method, seed in product(methods, range(SEEDS)):
            low, high = bounds(size, seed)
            reward = low + share(method, context, size, rate, seed) * (high - low)
            rows.append((name, method, seed, reward))
    cells = pd.DataFrame(rows, columns=["setting", "method", "seed", "reward"])
    cells = cells.assign(feedback="continuous", noise=0.1, entropy=1.0)
    return Data(cells, pd.DataFrame(), settings, [])


def said(data):
    return " ".join(sizes.words(data))


def order(at_first, at_best, wobble=0.0):
    """SDPO's lead over others at the paper's rate and at the best one, 2; 8 is the worst."""

    def share(method, context, size, rate, seed):
        lead = {FIRST: at_first, 2.0: at_best, LAST: 0.0}[rate]
        base = {FIRST: 0.2, 2.0: 0.6, LAST: 0.1}[rate]
        noise = wobble * (-1) ** seed if method == "sdpo" else 0.0
        return base + (method == "sdpo") * lead + noise

    return share


@pytest.mark.parametrize(
    ("at_first", "at_best", "first", "best"),
    [
        (0.1, -0.2, "more in 4, less in 0 and no different in 0", "more in 0, less in 4 and no"),
        (-0.1, 0.2, "more in 0, less in 4 and no different in 0", "more in 4, less in 0 and no"),
    ],
)
def test_leads_are_counted_over_sizes_at_both_steps(at_first, at_best, first, best):
    text = said(study(order(at_first, at_best)))
    for policy, other in product(("Factored", "Autoregressive"), ("Judged REINFORCE", "GRPO")):
        assert (
            f"{policy} policies: of the possible gain SDPO gets, against {other}, at a learning "
            f"rate of 0.02 {first} of 4 sizes ({at_first:+.3f} ± 0.000 on average)" in text
        )
    assert text.count(f"at the best rates {best}") == 4
    assert text.count(f"({at_best:+.3f} ± 0.000 on average)") == 4


def test_a_lead_that_landscapes_disagree_on_is_not_told():
    text = said(study(order(0.0, 0.0, wobble=0.1), TWO))
    leads = text.split("With an autoregressive policy")[0]
    assert leads.count("more in 0, less in 0 and no different in 4 of 4 sizes (+0.000 ± 0.0") == 4
    assert "a doubling of V changes that by +0.000 ± 0.000" in leads


def planes(of_v, of_t, wobble=0.0):
    """SDPO's lead is a plane over the sizes' logarithms, tilted by chance from seed to seed."""

    def share(method, context, size, rate, seed):
        wide, long = np.log2(size[0]), np.log2(size[1] / 3)
        tilt = of_v + wobble * (-1) ** seed
        return 0.4 + (method == "sdpo") * (tilt * wide + of_t * long) - 0.1 * (rate == LAST)

    return share


def test_a_gap_changes_with_v_and_t():
    text = said(study(planes(0.05, -0.03), TWO))
    assert "a doubling of V changes that by +0.050 ± 0.000, one of T by -0.030 ± 0.000;" in text
    # The smallest and the largest are named with their sizes.
    assert "from +0.020 (V 2, T 6) to +0.100 (V 4, T 3)" in text


def test_a_slope_whose_sign_seeds_disagree_on_is_not_told():
    text = said(study(planes(0.0, 0.03, wobble=0.05), TWO))
    # Eight seeds at +-0.05: the SD is 0.05345, the half width 1.96 times that by sqrt(8).
    assert "changes that by +0.000 ± 0.037, not told from 0, one of T by +0.030 ± 0.000;" in text


@pytest.mark.parametrize("lost", [0.1, -0.1])
def test_autoregression_is_compared_on_the_same_landscapes(lost):
    def share(method, context, size, rate, seed):
        common = 0.4 + 0.05 * (-1) ** seed - 0.1 * (rate == LAST)
        return common - lost * (context == CHAINED) * (method == "grpo")

    text = said(study(share))
    counts = "more in 0, less in 4" if lost > 0 else "more in 4, less in 0"
    assert (
        f"GRPO gets, on the same landscapes, at a learning rate of 0.02 {counts} and no different "
        f"in 0 of 4 sizes ({-lost:+.3f} ± 0.000 on average)" in text
    )
    assert (
        "SDPO gets, on the same landscapes, at a learning rate of 0.02 more in 0, less in 0 and no "
        "different in 4" in text
    )


def test_the_best_rate_has_a_power_of_v():
    """For REINFORCE it is 2 with two tokens and 8 with four; for others 2 always."""

    def share(method, context, size, rate, seed):
        best = LAST if size[0] == 4 and method == "reinforce_judged" else 2.0
        return 0.5 if rate == best else 0.2

    data = study(share)
    text = said(data)
    assert (
        "The best rate rises with V for Judged REINFORCE, factored (power 2.00: 2.00 to 2.00; at "
        "the edge of those tried in 2 of 4 sizes) and Judged REINFORCE, autoregressive (power "
        "2.00: 2.00 to 2.00; at the edge of those tried in 2 of 4 sizes); it is not told to change "
        "with V for SDPO, factored, GRPO, factored, SDPO, autoregressive and GRPO, autoregressive; "
        "it is not told to change with T for SDPO, factored, Judged REINFORCE, factored," in text
    )
    assert "in 4 of 24 choices it is at the edge" in text
    lines = sizes.table(data).splitlines()
    assert "| Factored | Judged REINFORCE | +2.00 (2.00 to 2.00) | +0.00 (0.00 to 0.00) |" in lines
    assert any(
        line.startswith("| Factored | 4 | 6 |") and "0.500 ± 0.000 (8*)" in line for line in lines
    )


def test_a_power_that_seeds_disagree_on_is_not_told():
    """Two of the four seeds that choose have one best rate, two another."""

    def share(method, context, size, rate, seed):
        best = LAST if size[0] == 4 and seed % 2 else 2.0
        return 0.5 + 0.01 * (rate == LAST) * (size[0] == 4) if rate == best else 0.2

    text = said(study(share, TWO))
    assert "it rises with" not in text and "it falls with" not in text
    assert "The best rate is not told to change with V for SDPO, factored (at the edge of" in text


def test_seeds_that_choose_say_nothing_of_one_rate_either():
    chooses = SEEDS // 3

    def share(method, context, size, rate, seed):
        return 0.5 + 0.2 * (method == "sdpo") * (seed >= chooses)

    assert said(study(share, TWO)).count("(+0.200 ± 0.000 on average)") == 4


def test_the_figure_has_a_panel_for_each_policy_and_method():
    fig, rows = sizes.draw(study(order(0.1, -0.2)))
    assert len(fig.axes) == 2 * 5 + 1  # and the bar of colours
    assert len(rows) == 2 * 5 * len(SIZES)
    lead = rows[rows["panel"] == "Autoregressive: SDPO less Judged REINFORCE"]
    gaps = lead.set_index(["step", "vocabulary_size", "sequence_length"])["gap"]
    assert gaps["paper"].to_numpy() == pytest.approx([0.1] * 4)
    assert gaps["best"].to_numpy() == pytest.approx([-0.2] * 4)
    written = [text.get_text() for ax in fig.axes for text in ax.texts]
    assert written.count("+0.10 ± 0.00") == written.count("-0.20 ± 0.00") == 8


def test_the_number_of_a_size_stands_at_its_place():
    """V downwards, T to the right; bold is what is told from 0."""
    fig, _ = sizes.draw(study(planes(0.05, -0.03, wobble=0.001), TWO))
    texts = {text.get_position(): text for text in fig.axes[0].texts}
    assert texts[0, 1].get_text().startswith("+0.10") and texts[1, 0].get_text().startswith("+0.02")
    assert {text.get_weight() for text in texts.values()} == {"bold"}
    fig, _ = sizes.draw(study(order(0.0, 0.0, wobble=0.1), TWO))
    assert {text.get_weight() for text in fig.axes[0].texts} == {"normal"}
    assert all(text.get_text().startswith("0.00 ± ") for text in fig.axes[0].texts)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"of": SIZES[:3]}, "no grid of sizes"),
        ({"of": [(2, 3), (4, 3)]}, "no grid of sizes"),
        ({"policies": [FACTORED]}, "no grid of sizes"),
        ({"rates": [2.0, 8.0]}, "0.02 among them"),
        ({"methods": ["sdpo"]}, "allowed: sdpo and others"),
        ({"methods": ["rloo", "grpo"]}, "the study's methods are grpo, rloo"),
    ],
)
def test_a_study_of_another_shape_is_refused(changes, sentence):
    with pytest.raises(UserError, match=sentence):
        sizes.table(study(order(0.1, 0.1), **changes))


def test_several_feedbacks_are_refused():
    data = study(order(0.1, 0.1))
    both = pd.concat([data.cells, data.cells.assign(feedback="binary")])
    with pytest.raises(UserError, match="feedback binary and continuous; allowed: one feedback"):
        said(data._replace(cells=both))


def test_the_page_takes_the_configured_study():
    own = CONFIG.studies["sizes"]
    settings = {name: CONFIG.settings[name].model_dump() for name in own.settings}
    cells = pd.DataFrame(
        list(product(settings, own.methods)), columns=["setting", "method"]
    ).assign(feedback="continuous", noise=0.1)
    cases = sizes._cases(Data(cells, pd.DataFrame(), settings, []))
    assert cases.keys() == set(product((4, 8, 16, 32), (4, 6, 8, 12), (FACTORED, CHAINED)))
    assert [name.split("_step_")[0] for name in cases[8, 6, CHAINED]] == ["v8_t6_chain"] * 5


def test_a_name_among_hundreds_is_refused_in_a_sentence():
    wrong = CONFIG.model_dump()
    wrong["studies"]["sizes"]["settings"] = ["mine"]
    with pytest.raises(
        UserError, match=r"'mine' is not a setting; allowed: paper, .* more$"
    ) as said:
        validate(wrong)
    assert len(str(said.value)) < 1000
    assert some(["a", "b"]) == "a, b" and some(["x" * 699, "b", "c"]) == "x" * 699 + " and 2 more"


# --- one size ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lead", "told"), [(0.2, "1 gets more: SDPO"), (-0.2, "1 gets less: SDPO")]
)
def test_a_large_size_is_told_by_rate(lead, told):
    data = study(order(0.1, lead), TWO, of=[(4, 6)], policies=[FACTORED])
    text = " ".join(large_size.words(data))
    assert (
        "With 4 tokens and 6 positions, shares of the possible gain at a learning rate of 0.02 "
        "are: SDPO 0.300 ± 0.000, Judged REINFORCE 0.200 ± 0.000." in text
    )
    assert f"{told} ({lead:+.3f})" in text and f"SDPO {0.6 + lead:.3f} ± 0.000 (2)" in text
    _, rows = large_size.draw(data)
    shares = rows[(rows["method"] == "sdpo") & (rows["quantity"] == "share")]
    assert shares["mean"].to_numpy() == pytest.approx([0.3, 0.6 + lead, 0.1])
    assert shares["learning_rate"].to_list() == list(RATES)


@pytest.mark.parametrize(
    ("largest", "how"),
    [
        (4**6, "on each landscape by all its sequences."),
        (2**6, "all its sequences, or where these are more than 64 by an integral that is within"),
        (1, "on each landscape by an integral that is within 1e-07."),
    ],
)
def test_a_page_says_how_shares_were_computed(largest, how, monkeypatch):
    data = study(order(0.1, 0.1))
    monkeypatch.setattr("sdposim.report.testbed.tools.LARGEST", largest)
    assert how in how_measured(data)
