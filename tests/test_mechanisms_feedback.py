"""Pages of mechanisms: words and plotted data follow the cells, whichever way these come out."""

import importlib
from functools import cache

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sdposim.analysis.published import read_values
from sdposim.report.mechanisms import Data, written
from sdposim.report.mechanisms.tools import Mean, against, listed
from sdposim.report.style import feedback_look
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config

SEEDS = 40
CONFIG, PUBLISHED = Config(), read_values()
HINTS = {
    "continuous": (0.66, 1.65, 0.73),
    "critique_position": (0.66, 1.65, 0.73),
    "critique": (0.65, 1.68, 0.74),
    "critique_loud": (0.64, 1.72, 0.76),
    "critique_louder": (0.62, 1.80, 0.80),
    "critique_fixed": (0.65, 1.64, 0.70),
}
"""Final reward, entropy and correlation."""
CURVES = {
    "binary": (0.80, 0.4),
    "ordinal": (0.85, 0.4),
    "continuous": (0.90, 0.4),
    "critique": (0.95, 0.4),
    "binary_matched": (0.88, 0.4),
}
"""The correlation at 2 nats, and how much of it is lost by a nat."""
ENDS = dict.fromkeys(CURVES, 1.65)
"""The final entropies."""


def cells_of(finals, setting="population", noise=1e-4):
    """Cells whose landscapes differ much and whose feedbacks differ by little but their means."""
    rows = []
    for number, (feedback, (reward, entropy, correlation)) in enumerate(finals.items()):
        rng = np.random.default_rng(number)
        common = np.linspace(-0.05, 0.05, SEEDS)
        metrics = {"reward": reward, "entropy": entropy, "credit_correlation": correlation}
        # With mean 0, so that the means of differences are known.
        own = {name: rng.normal(0, noise, SEEDS) if noise else np.zeros(SEEDS) for name in metrics}
        about = {"setting": setting, "method": "sdpo", "feedback": feedback, "noise": 0.0}
        rows.append(
            pd.DataFrame(
                about
                | {"seed": range(SEEDS)}
                | {
                    name: value + common + own[name] - own[name].mean()
                    for name, value in metrics.items()
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def module(kind):
    return importlib.import_module(f"sdposim.report.mechanisms.{kind}")


def said(kind, data):
    return " ".join(module(kind).words(data))


@cache
def settings_of(study):
    return {name: CONFIG.settings[name].model_dump() for name in CONFIG.studies[study].settings}


def hints_data(**changed):
    cells = cells_of(HINTS | changed)
    same = (cells["feedback"] == "critique_position").to_numpy()
    if "critique_position" not in changed:
        base = cells[cells["feedback"] == "continuous"]
        for name in ("reward", "entropy", "credit_correlation"):
            cells.loc[same, name] = base[name].to_numpy()
    return Data(cells, pd.DataFrame(), settings_of("hints"), PUBLISHED)


def sharpness_data(curves=None, ends=None, first=2.0):
    """Straight curves of correlation over entropy, cells at their ends."""
    curves, ends = CURVES | (curves or {}), ENDS | (ends or {})
    rows, finals = [], {}
    for feedback, (top, slope) in curves.items():
        entropies = np.linspace(first, ends[feedback], 12)
        path = pd.DataFrame({"step": np.arange(1, 13), "entropy_mean": entropies})
        path["credit_correlation_mean"] = top - slope * (2.0 - entropies)
        rows.append(path.assign(feedback=feedback))
        finals[feedback] = (0.6, ends[feedback], top - slope * (2.0 - ends[feedback]))
    # Shuffled, as nothing says that rows are in order.
    curve = pd.concat(rows).sample(frac=1, random_state=1)
    return Data(cells_of(finals), curve, settings_of("sharpness"), PUBLISHED)


def estimates_data(empty=None, estimates=None, known=None, start=0.5):
    """Rewards with q as guidance by feedback; with and without an error by setting."""
    settings = settings_of("estimates")
    empty = {"uninformative": 0.661, "shuffled": 0.66} | (empty or {})
    estimates = estimates or dict(zip(settings, np.linspace(0.66, 0.5, 7), strict=True))
    known = known or {name: reward + 0.01 for name, reward in estimates.items()} | {
        "estimate_0": 0.66
    }
    cells = []
    for name in settings:
        finals = {
            "continuous": (known[name], 1.6, 0.7),
            "critique": (estimates[name], 1.7, 0.5),
        }
        if name == "estimate_0":
            finals |= {feedback: (reward, 1.6, 0.7) for feedback, reward in empty.items()}
        cells.append(cells_of(finals, name))
    curve = pd.DataFrame(
        {"setting": "estimate_0", "feedback": "continuous", "step": [300, 1], "n": SEEDS,
         "reward_mean": [0.66, start], "reward_sd": [0.03, 0.03]}
    )  # fmt: skip
    return Data(pd.concat(cells), curve, settings, PUBLISHED)


MADE = {"hints": hints_data, "sharpness": sharpness_data, "estimates": estimates_data}


@pytest.mark.parametrize("kind", MADE)
def test_a_figure_with_its_data_and_sentences_that_end(kind):
    data = MADE[kind]()
    fig, table = module(kind).draw(data)
    assert isinstance(fig, Figure)
    assert len(table) > 5
    for sentence in module(kind).words(data):
        assert sentence.endswith(".")
        assert "nan" not in sentence
    last = list(module(kind).words(data))[-1]
    assert last.startswith(f"{SEEDS} landscapes vary") and "95% interval" in last


def test_a_page(tmp_path):
    files = written(["mechanisms", "hints"], hints_data(), tmp_path / "hints")
    assert {file.suffix for file in files} == {".md", ".png", ".pdf", ".svg", ".csv"}
    assert (tmp_path / "hints.md").read_text().startswith("# Is critique different")


@pytest.mark.parametrize(
    ("kind", "feedback"),
    [
        *(("hints", feedback) for feedback in HINTS),
        *(("sharpness", feedback) for feedback in CURVES),
        *(("estimates", name) for name in ("continuous", "critique", "uninformative", "shuffled")),
    ],
)
def test_a_feedback_that_is_missing(kind, feedback):
    data = MADE[kind]()
    data = data._replace(cells=data.cells[data.cells["feedback"] != feedback])
    with pytest.raises(UserError, match=f"no cells with .*feedback {feedback}, which"):
        list(module(kind).words(data))


def test_a_figure_of_a_feedback_that_is_missing():
    data = hints_data()
    data = data._replace(cells=data.cells[data.cells["feedback"] != "critique_fixed"])
    with pytest.raises(UserError, match="feedback critique_fixed, which"):
        module("hints").draw(data)


def test_hints_plots_paired_differences():
    _, table = module("hints").draw(hints_data())
    table = table.set_index(["quantity", "feedback"])
    loud = table.loc[("reward", "critique_loud")]
    assert loud["difference"] == pytest.approx(-0.02)
    assert loud["mean"] == pytest.approx(0.64)
    # Landscapes differ by 0.1 in all, which pairing takes away.
    assert 0 < loud["half"] < 1e-4 < 0.005 < loud["mean_half"]
    assert table.loc[("entropy", "critique"), "difference"] == pytest.approx(0.03)
    assert table.loc[("entropy", "critique"), "published"] == pytest.approx(1.780 - 1.750)
    assert np.isnan(table.loc[("entropy", "critique_loud"), "published"])
    assert (table.xs("critique_position", level=1)["difference"] == 0).all()


def test_hints_for_a_position_do_nothing_or_something():
    words = said("hints", hints_data())
    assert f"{SEEDS} of {SEEDS} runs end within" in words and "do nothing (D1)" in words
    words = said("hints", hints_data(critique_position=(0.67, 1.65, 0.73)))
    assert f"0 of {SEEDS} runs end within" in words and "against D1" in words


def test_hints_of_a_token_by_their_way_and_their_trend():
    words = said("hints", hints_data())
    assert "reward is lower (-0.0100" in words
    assert "entropy is higher (0.0300" in words and "correlation is higher (0.0100" in words
    assert "difference in reward falls" in words and "difference in entropy rises" in words
    other = hints_data(critique=(0.67, 1.60, 0.73), critique_louder=(0.63, 1.50, 0.75))
    words = said("hints", other)
    assert "reward is higher (0.0100" in words and "entropy is lower (-0.0500" in words
    assert "correlation is no different (0.0000" in words
    assert "difference in reward falls" in words
    assert "difference in entropy neither rises nor falls throughout" in words


def test_hints_drawn_once_are_told_from_those_of_every_rollout():
    words = said("hints", hints_data())
    assert "against Critique (SD 0.2): reward is no different" in words
    assert "correlation is lower (-0.0400" in words
    words = said("hints", hints_data(critique_fixed=(0.66, 1.65, 0.80)))
    assert "against Critique (SD 0.2): reward is higher (0.0100" in words


def test_sharpness_plots_correlations_at_one_entropy():
    _, table = module("sharpness").draw(sharpness_data(ends={"binary": 1.72}))
    matched = table[table["panel"] == "matched entropy"]
    # All reach 1.72; of the tenths above it are 1.8, 1.9 and 2.0.
    assert sorted(matched["entropy"].unique()) == pytest.approx([1.8, 1.9, 2.0])
    ordinal = matched[matched["feedback"] == "ordinal"].set_index("entropy")
    assert ordinal.loc[1.8, "credit_correlation"] == pytest.approx(0.85 - 0.4 * 0.2)
    assert ordinal.loc[1.8, "less_continuous"] == pytest.approx(-0.05)
    end = table[table["panel"] == "end of training"].set_index("feedback")
    assert end.loc["binary", "entropy"] == pytest.approx(1.72)
    assert end.loc["binary", "less_continuous"] == pytest.approx(-0.1 + 0.4 * 0.07)
    steps = table[(table["panel"] == "along training") & (table["feedback"] == "binary")]["step"]
    assert steps.is_monotonic_increasing and len(steps) == 12


def test_sharpness_order_that_holds_at_the_end_only():
    """All on one curve, with the published order by where they stop alone."""
    curves = dict.fromkeys(CURVES, (0.9, 0.4))
    ends = {"binary": 1.60, "ordinal": 1.62, "continuous": 1.64, "critique": 1.66}
    words = said("sharpness", sharpness_data(curves, ends))
    end, at = words.split("At one entropy, 1.70 nats")
    assert "the published order holds" in end and "Ordinal is above Binary (0.0080" in end
    assert "no step of the published order holds" in at
    assert "Ordinal is no different from Binary (0.0000" in at
    assert "the order is there" not in at and "Of the gap" not in at


def test_sharpness_order_that_holds_at_one_entropy():
    words = said("sharpness", sharpness_data())
    end, at = words.split("At one entropy, 1.70 nats")
    assert "the published order holds" in end and "the published order holds" in at
    assert "Critique is above Continuous (0.0500" in at
    assert "the order is there when the policies are still the same" in at
    assert "in the same order as the published correlations" in end
    flipped = said("sharpness", sharpness_data({"critique": (0.88, 0.4)}))
    at = flipped.split("At one entropy, 1.70 nats")[1]
    assert "2 of the 3 steps of the published order hold" in at
    assert "Critique is below Continuous (-0.0200" in at and "the order is there" not in at


def test_sharpness_of_binary_feedback_of_another_strength():
    words = said("sharpness", sharpness_data())
    assert "it is below Continuous (-0.0200" in words and "above Binary (0.0800" in words
    assert "closes 80% at the first logged step, 80% at 2.00 nats and 80% at 1.70 nats" in words
    words = said("sharpness", sharpness_data({"binary_matched": (0.78, 0.2)}))
    # At 1.7 nats 0.72, against 0.68 of binary and 0.78 of continuous feedback.
    assert "above Binary (0.0400" in words and "and 40% at 1.70 nats" in words
    assert "closes -20% at the first logged step" in words


def test_sharpness_interval_is_that_of_paired_landscapes():
    """An error of the entropy moves the correlation along the curve, and makes no difference."""
    data = sharpness_data()
    cells = data.cells.copy()
    shift = np.tile(np.linspace(-0.1, 0.1, SEEDS), 5) * (cells["feedback"] == "critique")
    moved = cells.assign(
        entropy=cells["entropy"] + shift,
        credit_correlation=cells["credit_correlation"] + 0.4 * shift,
    )
    at = module("sharpness")._at
    along = at(data._replace(cells=moved), "critique", "continuous", 1.7).half
    assert along == pytest.approx(at(data, "critique", "continuous", 1.7).half)
    off = cells.assign(credit_correlation=cells["credit_correlation"] + shift)
    assert at(data._replace(cells=off), "critique", "continuous", 1.7).half > 10 * along


def test_estimates_plots_rewards_by_error():
    _, table = module("estimates").draw(estimates_data())
    error = table[(table["panel"] == "error") & (table["feedback"] == "critique")]
    assert list(error["sd"]) == [0, 0.5, 1, 2, 4, 8, 1000]
    assert error["reward"].to_numpy() == pytest.approx(np.linspace(0.66, 0.5, 7))
    assert error["less_continuous"].to_numpy() == pytest.approx([0, *[-0.01] * 6])
    feedback = table[table["panel"] == "feedback"].set_index("feedback")
    assert feedback.loc["uninformative", "less_continuous"] == pytest.approx(0.001)
    start = table[table["panel"] == "start"].iloc[0]
    assert start["reward"] == 0.5 and start["half"] == pytest.approx(1.96 * 0.03 / SEEDS**0.5)


def test_estimates_with_feedback_that_matters_or_not():
    words = said("estimates", estimates_data())
    assert "the batch's mean reward, SDPO ends above that (0.0010" in words
    assert "100.6% of the gain" in words
    words = said("estimates", estimates_data({"uninformative": 0.54, "shuffled": 0.52}))
    assert "SDPO ends below that (-0.1200" in words and "25.0% of the gain" in words
    assert "the rewards of other rollouts, SDPO ends below that (-0.1400" in words


def test_estimates_that_are_the_same_in_every_run():
    data = estimates_data()
    cells = data.cells.reset_index(drop=True)
    true = cells[(cells["setting"] == "estimate_0") & (cells["feedback"] == "continuous")]
    cells.loc[cells["feedback"] == "shuffled", "reward"] = true["reward"].to_numpy() + 1e-9
    words = said("estimates", data._replace(cells=cells))
    assert "the rewards of other rollouts, SDPO ends within 0.000001 of that in every run" in words
    assert "the batch's mean reward, SDPO ends above" in words


def test_estimates_of_a_teacher_that_knows_nothing():
    words = said("estimates", estimates_data())
    assert "a signal-to-noise ratio of 0.001 the reward is no different from" in words
    assert "the error lowers the reward in 6 of 6 settings" in words
    assert "(SD 1000: 0% of the gain)" in words and "that is as strong" in words
    names = list(settings_of("estimates"))
    flat = dict.fromkeys(names, 0.66)
    known = flat | {"estimate_8": 0.65, "estimate_none": 0.67}
    words = said("estimates", estimates_data(estimates=flat, known=known))
    assert "the reward is above that at the first step (0.160" in words
    assert "lowers the reward in 1, raises it in 1 and is not told from none in 4 of 6" in words
    words = said("estimates", estimates_data(start=0.66))
    assert "the gain" not in words and "is below that at the first step" in words


def test_estimates_of_guidance_that_is_not_rescaled():
    data = estimates_data()
    settings = {name: dict(own) for name, own in data.settings.items()}
    for own in settings.values():
        own["update"] = own["update"] | {"oracle": {"strength": 2.0}}
    assert "that is as strong" not in said("estimates", data._replace(settings=settings))


def test_what_varies_is_that_of_the_settings():
    data = hints_data()
    settings = {name: own | {"landscape": {"seed": 3}} for name, own in data.settings.items()}
    assert f"{SEEDS} runs vary" in said("hints", data._replace(settings=settings))


def test_words_for_differences_and_lists():
    assert against(Mean(0.2, 0.1), "it") == "above it"
    assert against(Mean(-0.2, 0.1), "it") == "below it"
    assert against(Mean(0.1, 0.2), "it") == against(Mean(0, 0), "it") == "no different from it"
    assert [listed(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


def test_feedbacks_look_different():
    names = [*HINTS, *CURVES, "uninformative", "shuffled"]
    looks = {name: feedback_look(name) for name in names}
    assert len({(own.colour, own.marker) for own in looks.values()}) == len(looks)
    assert len({own.marker for own in looks.values()}) == len(looks)
    assert feedback_look("of_another_config").marker
