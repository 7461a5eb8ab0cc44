"""Mechanisms of step sizes, convergence and lambda: made-up results, told one way and the other."""

import numpy as np
import pandas as pd
import pytest

from sdposim.analysis.logs import row_ends
from sdposim.report.labels import named
from sdposim.report.mechanisms import Data, convergence, frontier, step_sizes
from sdposim.report.mechanisms.tools import varied
from sdposim.storage.errors import UserError

SEEDS = 60
WINDOW = 20
RATES = {"slow": 0.02, "middle": 0.2, "fast": 2.0}
LABELS = [
    {"name": name, "label": f"SDPO, lambda {name.removeprefix('lambda_')}"}
    for name in ("lambda_0.001", "lambda_0.1", "lambda_1")
]


def cells(setting, method, reward, entropy, feedback="continuous", noise=0.002):
    """Final values around two means that they have exactly, on landscapes shared by all."""
    random = np.random.default_rng(abs(hash_of(setting, method, feedback)))
    own = random.normal(0, noise, (2, SEEDS))
    own -= own.mean(axis=1, keepdims=True)
    landscape = np.linspace(-0.05, 0.05, SEEDS)
    return pd.DataFrame({
        "setting": setting, "method": method, "feedback": feedback, "noise": 0.0,
        "seed": range(SEEDS), "reward": reward + landscape + own[0], "entropy": entropy + own[1],
    })  # fmt: skip


def hash_of(*names):
    return sum(place * byte for place, byte in enumerate("/".join(names).encode(), 1))


def curve(setting, method, reward, entropy, steps, feedback="continuous"):
    """A log's rows of two functions of the step."""
    ends = row_ends(steps, "log_spaced", WINDOW)
    every = np.arange(1, steps + 1)
    begins = np.append(0, ends[:-1])
    rows = {
        f"{name}_mean": [
            of(every)[begin:end].mean() for begin, end in zip(begins, ends, strict=True)
        ]
        for name, of in (("reward", reward), ("entropy", entropy))
    }
    return pd.DataFrame({
        "setting": setting, "method": method, "feedback": feedback, "noise": 0.0, "step": ends,
        "n": SEEDS, "reward_sd": 0.05, "entropy_sd": 0.05, **rows,
    })  # fmt: skip


def setting(rate=0.02, direction="printed", landscape="each"):
    return {
        "landscape": {"seed": landscape},
        "training": {"learning_rate": rate, "steps": 300, "rollouts": 32},
        "update": {"sequence": {"direction": direction}, "pull": {"weight": 0.01}},
    }


def stepped(ends):
    """Data of a study of learning rates: method -> reward and entropy at each."""
    rates = list(RATES)[: len(next(iter(ends.values())))]
    made = [
        cells(name, method, *end)
        for method, own in ends.items()
        for name, end in zip(rates, own, strict=True)
    ]
    return Data(pd.concat(made), pd.DataFrame(), {name: setting(RATES[name]) for name in rates}, [])


def line(*entropies, less=0.0):
    return [(1 - 0.2 * entropy - less, entropy) for entropy in entropies]


def told(module, data):
    return " ".join(module.words(data))


# Step sizes.


def test_step_sizes_a_lead_that_equal_entropy_takes_away():
    data = stepped({"sdpo": line(1.6, 0.8, 0.2, less=0.02), "reinforce": line(2.07, 1.8, 1.0)})
    text = told(step_sizes, data)
    assert "At the paper's rate, 0.02, SDPO is ahead of REINFORCE (0.074 ± " in text
    assert "(0.140 ± " in text and "189% of that" in text
    assert "At matched entropy SDPO is behind REINFORCE: -0.0200 ± " in text
    assert "at 1.60 nats, where SDPO ends with rate 0.02 (-0.0200 with straight lines)" in text
    assert "at 1.00 nats, where REINFORCE ends with rate 2" in text
    assert "a longer way, not a better one" in text
    assert "SDPO's is 0.200 ± " in text
    assert "The first 20 seeds choose the best rates and the other 40 judge them" in text


def test_step_sizes_a_lead_that_equal_entropy_leaves():
    data = stepped({"sdpo": line(1.6, 1.4, 1.2), "reinforce": line(2.07, 1.5, 1.0, less=0.1)})
    text = told(step_sizes, data)
    assert "At matched entropy SDPO is ahead of REINFORCE: 0.1000 ± " in text
    assert "So a lead is left that no step size explains." in text
    assert "a longer way" not in text


def test_step_sizes_a_lead_that_tuning_takes_away():
    ends = {"sdpo": line(1.6, 1.4, 1.2), "reinforce": line(2.07, 1.7, 1.2)}
    text = told(step_sizes, stepped(ends))
    assert "with the best rate of each it is no different from it" in text
    assert "so none of the lead is left" in text
    assert "At matched entropy SDPO is no different from REINFORCE" in text


def test_step_sizes_an_entropy_that_only_one_reaches():
    text = told(
        step_sizes, stepped({"sdpo": line(0.9, 0.5, 0.1), "reinforce": line(2.0, 1.7, 1.2)})
    )
    assert "No entropy is reached by both methods" in text and "interpol" not in text


def test_step_sizes_the_best_rate_and_those_no_different():
    data = stepped({"sdpo": line(1.6, 0.8, 0.8), "reinforce": line(1.0, 1.5, 2.0)})
    text = told(step_sizes, data)
    assert "0.2 to 2 no different" in text
    assert "REINFORCE 0.02 (reward 0.8" in text and "at the edge of those tried" in text


def test_step_sizes_the_interval_at_matched_entropy():
    data = stepped({"sdpo": line(1.6, 0.8), "reinforce": line(2.0, 1.2)})
    table = data.cells.pivot(index="seed", columns=["method", "setting"])
    own, weight = ("sdpo", "slow"), (1.6 - 1.2) / (2.0 - 1.2)
    gaps = {}
    for column in ("reward", "entropy"):
        theirs = table[column]["reinforce"]
        mixed = weight * theirs["slow"] + (1 - weight) * theirs["middle"]
        gaps[column] = table[column][own] - mixed
    single = gaps["reward"] + 0.2 * gaps["entropy"]
    half = 1.96 * single.std() / np.sqrt(SEEDS)
    method, rate, entropy, lead, straight = step_sizes._matched(
        data.cells, step_sizes._rates(data)
    )[0]
    assert (method, rate) == ("sdpo", 0.02) and entropy == pytest.approx(1.6)
    assert lead.value == pytest.approx(0, abs=1e-9) == straight
    assert lead.half == pytest.approx(half, rel=1e-3)


def test_step_sizes_a_side_does_not_hang_on_the_interpolation():
    def bent(*entropies):
        return [(1 - 0.05 * entropy**2, entropy) for entropy in entropies]

    data = stepped({"sdpo": bent(1.6, 1.0, 0.2), "reinforce": bent(2.0, 1.2, 0.6)})
    for method, _, _, lead, straight in step_sizes._matched(data.cells, RATES):
        # Straight lines are below a bent path, by at most h^2 / 8 of its curvature.
        assert 0.001 < (straight if method == "sdpo" else -straight) < 0.1 * 0.8**2 / 8 + 1e-9
        assert abs(lead.value) < abs(straight) / 2
    text = told(step_sizes, data)
    assert "At matched entropy SDPO is no different from REINFORCE" in text
    assert "So its lead at one rate is not one at every entropy." in text


def test_step_sizes_plots_means_and_intervals():
    data = stepped({"sdpo": line(1.6, 0.8, 0.2), "reinforce": line(2.0, 1.2, 0.9)})
    _, table = step_sizes.draw(data)
    own = table.set_index(["method", "learning_rate"]).loc[("reinforce", 0.2)]
    values = data.cells.query("method == 'reinforce' and setting == 'middle'")
    assert own["reward"] == pytest.approx(0.76) and own["entropy"] == pytest.approx(1.2)
    assert own["reward_half"] == pytest.approx(1.96 * values["reward"].sem())
    assert own["entropy_half"] == pytest.approx(1.96 * values["entropy"].sem())
    assert len(table) == 6


# Convergence.


def long(
    sdpo, reinforce=0.1, entropy=lambda step: 2 - 0.5 * np.log10(step), steps=3000, **teachers
):
    """Data of long runs: SDPO's reward by step, and what REINFORCE gains in all, linearly."""

    def flat(step):
        return np.full(step.shape, 0.5)

    rewards = {
        ("sdpo", "here"): sdpo,
        ("sdpo", "there"): sdpo,
        ("reinforce", "here"): lambda step: 0.5 - reinforce * step / steps,
        ("reinforce", "there"): lambda step: 0.5 + reinforce * step / steps,
        ("adv_weighted", "here"): flat,
        ("adv_weighted", "there"): flat,
    } | {(name, "here"): reward for name, reward in teachers.items()}
    curves = [
        curve(name, method, reward, entropy, steps) for (method, name), reward in rewards.items()
    ]
    last = np.arange(steps - WINDOW, steps) + 1
    ends = [
        cells(name, method, reward(last).mean(), entropy(last).mean())
        for (method, name), reward in rewards.items()
    ]
    settings = {"here": setting(direction="reversed"), "there": setting(direction="printed")}
    return Data(pd.concat(ends), pd.concat(curves), settings, [])


def settling(time):
    return lambda step: 0.5 + 0.3 * (1 - np.exp(-step / time))


def test_convergence_late():
    text = told(convergence, long(settling(300)))
    assert "SDPO gains 0.299 ± " in text
    rows = row_ends(3000, "log_spaced", WINDOW)
    after = rows[rows > 300 * np.log(20)][0]
    assert f"to {after:,};" in text
    assert f"at step 150 it has {1 - np.exp(-0.5):.0%} of the gain" in text
    assert f"at step 300 {1 - np.exp(-1):.0%}" in text
    assert "REINFORCE (reversed) goes downhill: it loses 0.100 ± " in text
    assert "REINFORCE (as printed) gains 0.100 ± " in text
    assert "50% comes in the second half" in text
    assert "Adv-Weighted (reversed) neither gains nor loses" in text
    assert "So 3 of the 3 that move have not converged by step 150: SDPO, REINFORCE (re" in text
    assert "is a stopping time" in text and "falls no further" not in text


def test_convergence_early():
    data = long(settling(20), reinforce=0.0, entropy=lambda step: np.maximum(2 - step / 100, 1))
    text = told(convergence, data)
    assert "So all that move have converged by step 150." in text
    assert "at step 150 it has 100% of the gain" in text and "downhill" not in text
    assert "falls no further after step 300" in text and "stopping time" not in text


def test_convergence_of_what_learns_nothing():
    text = told(convergence, long(lambda step: np.full(step.shape, 0.5), reinforce=0.0))
    assert "SDPO neither gains nor loses" in text and "nothing is learned" in text


def test_convergence_with_other_teachers():
    text = told(convergence, long(settling(300)))
    assert "teacher ends" not in text
    taught = {"sdpo_fixed": lambda step: settling(300)(step) - 0.1, "sdpo_averaged": settling(300)}
    text = told(convergence, long(settling(300), **taught))
    names = [convergence.method_label(name) for name in taught]
    assert f"{names[0]} ends below the live one in reward (-0.1000 ± " in text
    assert f"{names[1]} ends no different from the live one in reward" in text
    late = 0.5 * np.log10(2)
    assert f"its entropy falls by {late:.2f}" in text
    rising = long(settling(300), sdpo_fixed=lambda step: settling(300)(step) + 0.1)
    assert "ends above the live one in reward (0.1000 ± " in told(convergence, rising)


def test_convergence_plots_the_log():
    data = long(settling(300))
    _, table = convergence.draw(data)
    own = table.query("quantity == 'reward' and run == 'REINFORCE (as printed)'")
    logged = data.curves.query("method == 'reinforce' and setting == 'there'")
    assert own["mean"].tolist() == logged["reward_mean"].tolist()
    assert own["half"].tolist() == pytest.approx([1.96 * 0.05 / np.sqrt(SEEDS)] * len(own))
    assert own["middle"].iloc[0] == 1 and own["middle"].iloc[-1] == 3000
    assert table["run"].nunique() == 5


# The frontier.


def entropy_at(step):
    return 2 - 0.002 * step


def reward_at(step):
    return 0.5 + 0.3 * (step / 300) - 0.1 * (step / 300) ** 2


def stopped_at(step):
    """Final values of SDPO stopped at a step: means over the window."""
    window = np.arange(step - WINDOW, step) + 1
    return reward_at(window).mean(), entropy_at(window).mean()


def regularised(gaps, noise=0.0005):
    """Data of lambdas that end as SDPO stopped at a step, and so much above it."""
    ends = [cells("here", "sdpo", *stopped_at(300), noise=noise)]
    for method, (step, gap) in gaps.items():
        reward, entropy = stopped_at(step)
        ends.append(cells("here", method, reward + gap, entropy, noise=noise))
    path = curve("here", "sdpo", reward_at, entropy_at, 300)
    path["reward_sd"] = ends[0]["reward"].std()
    return Data(pd.concat(ends), path, {"here": setting()}, [])


def frontier_words(data):
    with named(LABELS, []):
        return told(frontier, data)


@pytest.mark.parametrize(
    ("gaps", "sides", "verdict"),
    [
        ((0.01, 0.02), ("above", "above"), "is a better way to diversity than fewer steps;"),
        ((-0.01, -0.02), ("below", "below"), "is a worse way to diversity than fewer steps;"),
        ((0.0, 0.0), ("no different from",) * 2, "is no better or worse a way to diversity"),
        ((0.0, 0.02), ("no different from", "above"), "than fewer steps for lambda 1;"),
        ((0.02, -0.01), ("above", "below"), "for lambda 0.1, a worse for 1;"),
    ],
)
def test_frontier_says_on_which_side_of_the_path_lambdas_end(gaps, sides, verdict):
    text = frontier_words(regularised({"lambda_0.1": (250, gaps[0]), "lambda_1": (100, gaps[1])}))
    assert f"lambda 0.1 is {sides[0]} it ({gaps[0]:.4f} ± " in text.replace("-0.0000", "0.0000")
    assert f"lambda 1 is {sides[1]} it ({gaps[1]:.4f} ± " in text.replace("-0.0000", "0.0000")
    assert "stopped at step 250)" in text and "stopped at step 100)" in text
    assert verdict in text


def test_frontier_an_entropy_that_no_stopped_run_has():
    text = frontier_words(regularised({"lambda_0.1": (250, 0.0), "lambda_1": (400, 0.0)}))
    assert "No stopped run has the entropy of lambda 1." in text


def test_frontier_says_what_lambda_costs_and_keeps():
    text = frontier_words(regularised({"lambda_0.001": (300, 0.0), "lambda_1": (100, 0.0)}))
    (least, low), (most, high) = stopped_at(300), stopped_at(100)
    assert f"From 0.001 to 1, lambda costs {least - most:.3f} ± " in text
    assert f"keeps {high - low:.3f} ± " in text
    other = frontier_words(regularised({"lambda_0.001": (100, 0.0), "lambda_1": (300, 0.0)}))
    assert f"From 0.001 to 1, lambda brings {least - most:.3f} ± " in other
    assert f"loses {high - low:.3f} ± " in other


def test_frontier_plots_end_points_and_the_path():
    data = regularised({"lambda_0.001": (300, 0.0), "lambda_1": (100, 0.003)})
    with named(LABELS, []):
        _, table = frontier.draw(data)
    ends = table[table["series"] == "lambda"].set_index("lambda")
    assert ends.index.tolist() == [0.001, 0.01, 1]
    assert ends.loc[1, "less"] == pytest.approx(0.003, abs=1e-5)
    assert ends.loc[1, "entropy"] == pytest.approx(stopped_at(100)[1])
    path = table[table["series"] == "stopped"].set_index("step")
    for step in (60, 170, 300):
        assert path.loc[step, "reward"] == pytest.approx(stopped_at(step)[0], abs=1e-6)
        assert path.loc[step, "entropy"] == pytest.approx(stopped_at(step)[1], abs=1e-6)


def test_frontier_counts_the_rollouts_of_the_stopped_run():
    data = regularised({"lambda_1": (100, 0.003)})
    noisy = data._replace(curves=data.curves.assign(reward_sd=0.1))
    with named(LABELS, []):
        (_, quiet), (_, loud) = (
            frontier._less(one, "lambda_1", frontier._path(one)) for one in (data, noisy)
        )
    variance = (0.1**2 - data.cells.query("method == 'sdpo'")["reward"].var()) / (WINDOW - 1)
    assert loud.half**2 - quiet.half**2 == pytest.approx(1.96**2 * 2 * variance / SEEDS)
    assert "is no different from it (0.0030" in frontier_words(noisy)
    assert "is above it (0.0030" in frontier_words(data)


def test_frontier_a_method_whose_label_says_no_lambda():
    data = regularised({"lambda_1": (100, 0.0), "unnamed": (200, 0.0)})
    with pytest.raises(UserError, match="'unnamed' has the label 'unnamed'"):
        frontier_words(data)


# All.


@pytest.mark.parametrize(
    ("module", "data", "method"),
    [
        (step_sizes, lambda: stepped({"sdpo": line(1, 2, 3)}), "reinforce"),
        (step_sizes, lambda: stepped({"reinforce": line(1, 2, 3)}), "sdpo"),
        (convergence, lambda: without(long(settling(300)), "adv_weighted"), "adv_weighted"),
        (convergence, lambda: without(long(settling(300)), "sdpo"), "sdpo"),
        (frontier, lambda: without(regularised({"lambda_1": (100, 0.0)}), "sdpo"), "sdpo"),
    ],
)
def test_a_missing_method_is_named(module, data, method):
    with named(LABELS, []):
        for make in (lambda: list(module.words(data())), lambda: module.draw(data())):
            with pytest.raises(UserError, match=f"no cells with .*method {method}"):
                make()


def without(data, method):
    return data._replace(
        cells=data.cells[data.cells["method"] != method],
        curves=data.curves[data.curves["method"] != method],
    )


@pytest.mark.parametrize(
    ("landscape", "said"),
    [("each", " landscapes vary, with"), (42, " runs vary"), ([1, 2], " landscapes and runs vary")],
)
def test_what_varied(landscape, said):
    data = Data(pd.DataFrame({"seed": [3, 4, 3]}), None, {"here": setting(landscape=landscape)}, ())
    assert varied(data).startswith(f"2{said}")
