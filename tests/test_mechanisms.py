"""Mechanisms: what they share, the pages on signs, noise, the gate and shares, and their jobs."""

import importlib
import json

import numpy as np
import pandas as pd
import pytest

from ministudy import CONFIGURATION, Study
from sdposim.analysis.exact import every_reward, expected, optimum
from sdposim.analysis.files import read_summary
from sdposim.analysis.policies import read_policies
from sdposim.analysis.published import read_values
from sdposim.model.landscape import make_landscape
from sdposim.report.demands import MECHANISMS
from sdposim.report.mechanisms import Data
from sdposim.report.mechanisms.tools import difference, mean, part
from sdposim.storage.errors import UserError
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.models import Config

CONFIG, PUBLISHED = Config(), read_values()
SEEDS = 30


def module(kind):
    return importlib.import_module(f"sdposim.report.mechanisms.{kind}")


def said(kind, data):
    return " ".join(module(kind).words(data))


def settings_of(study):
    return {name: CONFIG.settings[name].model_dump() for name in CONFIG.studies[study].settings}


def around(value, seed=0, sd=1e-3):
    """Values with this mean exactly."""
    drawn = np.random.default_rng(seed).normal(0, sd, SEEDS)
    return value + drawn - drawn.mean()


def cell(setting, method, seed=0, feedback="continuous", noise=0.0, **metrics):
    about = {"setting": setting, "method": method, "feedback": feedback, "noise": noise}
    values = {name: around(value, seed) for name, value in metrics.items()}
    return pd.DataFrame(about | {"seed": range(SEEDS)} | values)


# --- what they share -----------------------------------------------------------------------------


def test_every_question_has_a_page_and_a_study():
    asked = [own.kind for study in CONFIG.studies.values() for own in study.mechanisms.values()]
    assert asked == list(dict.fromkeys(asked)) and set(asked) == set(MECHANISMS)
    for kind in MECHANISMS:
        assert callable(module(kind).draw) and callable(module(kind).words)


@pytest.mark.parametrize("kind", MECHANISMS)
def test_a_page_depends_on_no_other_number_of_the_paper_than_it_shows(kind):
    """So an edit of one makes no page again that has nothing to do with it."""
    ((study, name),) = [
        (study, name)
        for study, own in CONFIG.studies.items()
        for name, told in own.mechanisms.items()
        if told.kind == kind
    ]
    assert name in CONFIG.studies[study].mechanisms
    given = json.loads(Artefacts(CONFIG, PUBLISHED).mechanisms[name].spec)["published"]
    asked = {(row["quantity"], row["statistic"]) for row in given}
    assert asked == set(MECHANISMS[kind].marks)


def test_differences_are_paired_by_seed():
    one = pd.DataFrame({"seed": [1, 2, 3], "x": [5.0, 7.0, 9.0]})
    other = pd.DataFrame({"seed": [3, 2, 1, 4], "x": [8.0, 6.0, 4.0, 99.0]})
    assert difference(one, other, "x") == (1.0, 0.0)
    assert mean(one, "x").half == pytest.approx(1.96 * 2 / np.sqrt(3))
    assert mean(one, "x").said(1) == "7.0 ± 2.3"


def test_what_a_study_lacks_is_a_sentence():
    frame = cell("a", "sdpo", reward=0.5)
    with pytest.raises(UserError, match="no cells with setting a, method x, which this mechanism"):
        part(frame, setting="a", method="x")


# --- sign ----------------------------------------------------------------------------------------


def sign_data(up=0.6, down=-0.6):
    cells = []
    for number, setting in enumerate(settings_of("sign")):
        grown = 0.01 * number
        for method, correlation, reward in (
            ("reinforce", down - grown, 0.51),
            ("adv_weighted", -0.05, 0.515),
            ("reinforce_uphill", up + grown, 0.52),
            ("adv_weighted_uphill", 0.05, 0.517),
        ):
            cells.append(cell(setting, method, credit_correlation=correlation, reward=reward))
    return Data(pd.concat(cells, ignore_index=True), pd.DataFrame(), settings_of("sign"), PUBLISHED)


def test_the_sign_is_told_at_the_papers_batch_and_by_its_size():
    text = said("sign", sign_data())
    # The second setting is the paper's batch of 32; the fifth the largest.
    assert "is 0.610 ± 0.000 with equation 4 as printed and -0.610 ± 0.000 with its sign" in text
    assert "0.600 ± 0.000 with 8 rollouts a step and 0.640 ± 0.000 with 2,048" in text
    assert "the mean of table 2's four, is -0.636" in text
    assert "with a learning rate of 2 they are" in text


def test_the_figure_of_signs_has_batches_and_rates():
    _, data = module("sign").draw(sign_data())
    batches = data[(data["panel"] == "Rollouts per step") & (data["quantity"] == "reward")]
    assert sorted(batches["place"].unique()) == [8, 32, 128, 512, 2048]
    rates = data[data["panel"] == "Learning rate"]
    assert sorted(rates["place"].unique()) == [0.002, 0.02, 0.2, 2.0]


# --- crossover -----------------------------------------------------------------------------------


def crossover_data(ends, start=0.7, scatter=False):
    cells = []
    for setting in settings_of("crossover"):
        for place, sigma in enumerate((0.0, 1.0, 5.0)):
            sdpo = start + (ends[setting] - start) * place / 2
            for method, reward in (("sdpo", sdpo), ("reinforce", 0.5)):
                seed = scatter and method == "sdpo"
                cells.append(cell(setting, method, seed, noise=sigma, reward=reward, entropy=2.0))
    frame = pd.concat(cells, ignore_index=True)
    return Data(frame, pd.DataFrame(), settings_of("crossover"), PUBLISHED)


def test_a_lead_that_is_not_told_from_none_is_gone():
    ends = {"noisy": 0.6, "noisy_unclipped": 0.3}
    text = said("crossover", crossover_data(ends, scatter=True)).partition("not clipped")[2]
    # At sigma 1 it is 0 give or take, at sigma 5 clearly negative.
    assert "it is gone at sigma 1 (" in text


def test_no_lead_is_said_to_be_none():
    text = said("crossover", crossover_data({"noisy": 0.6, "noisy_unclipped": 0.3}, start=0.5))
    assert text.count("SDPO has no lead over REINFORCE even without noise (0.000 ± 0.000)") == 2


def test_a_crossover_is_named_where_there_is_one():
    text = said("crossover", crossover_data({"noisy": 0.6, "noisy_unclipped": 0.3}))
    clipped, _, unclipped = text.partition("not clipped")
    assert "goes from 0.200 ± 0.000 without noise to 0.100 ± 0.000 at sigma 5, 50% of it" in clipped
    assert "no sigma up to 5 takes it away" in clipped
    assert "it is gone at sigma 1 (0.000 ± 0.000)" in unclipped
    assert "takes it away" not in unclipped


# --- gate ----------------------------------------------------------------------------------------


def gate_data(gain):
    cells, curves = [], []
    for setting in settings_of("gate"):
        for feedback in ("continuous", "critique"):
            for method, reward in (("sdpo", 0.6), ("hybrid", 0.6 + gain[feedback])):
                metrics = {"reward": reward, "entropy": 1.8, "hybrid_weight": 0.8}
                about = {"feedback": feedback, "noise": 0.2, "seed": method == "sdpo"}
                cells.append(cell(setting, method, **about, **metrics))
            about = {"setting": setting, "method": "hybrid", "feedback": feedback}
            weights = {"step": [300, 1, 100], "hybrid_weight_mean": [0.8, 0.9, 0.95]}
            curves.append(pd.DataFrame(about | weights))
    frames = (pd.concat(own, ignore_index=True) for own in (cells, curves))
    return Data(*frames, settings_of("gate"), PUBLISHED)


def test_the_hybrid_is_ahead_behind_or_level():
    text = said("gate", gate_data({"continuous": 0.01, "critique": -0.01}))
    assert "the weight is 0.90 at first, at most 0.95 (step 100), and 0.80 at the end" in text
    assert "ahead of SDPO under Continuous" in text and "behind SDPO under Critique" in text
    assert "Of 12 combinations of tau and feedback it is ahead in 6" in text
    text = said("gate", gate_data({"continuous": 0.0, "critique": -0.01}))
    assert "level with SDPO under Continuous" in text and "it is ahead in 0" in text


def test_the_smaller_a_difference_the_more_landscapes_tell_it():
    def needed(gain):
        text = said("gate", gate_data({"continuous": gain, "critique": 0.05}))
        return int(text.partition("0.8 from ")[2].partition(" ")[0].replace(",", ""))

    # Twice the effect asks for a quarter of the units.
    assert needed(0.0005) == pytest.approx(4 * needed(0.001), abs=4) and needed(0.0005) > 8


# --- share ---------------------------------------------------------------------------------------


def share_data(reinforce):
    rows, cells = [], []
    for place, setting in enumerate(settings_of("share")):
        for method, bend in (("sdpo", 1.0), ("reinforce", reinforce), ("adv_weighted", 0.0)):
            cells.append(cell(setting, method, reward=0.5))
            for step in (0, 100, 200, 300):
                distance = 0.1 * step / 300 * (1 + place)
                rows += [
                    {"setting": setting, "method": method, "feedback": "continuous", "noise": 0.0,
                     "seed": seed, "step": step, "reference_kl": distance, "entropy": 2 - distance,
                     "reward": 0.5 + 0.3 * bend * distance, "optimum": 0.8, "uniform": 0.5}
                    for seed in range(SEEDS)
                ]  # fmt: skip
    frames = pd.concat(cells, ignore_index=True), pd.DataFrame()
    return Data(*frames, settings_of("share"), PUBLISHED, pd.DataFrame(rows))


@pytest.mark.parametrize(("reinforce", "gap"), [(0.5, "+0.400"), (1.25, "-0.200")])
def test_shares_are_compared_at_equal_distance(reinforce, gap):
    text = said("share", share_data(reinforce))
    # The fastest rate comes 0.8 nats far, with a share that is as large, times its bend.
    assert f"{gap} ± 0.000 at 0.80 ({SEEDS})" in text
    assert "With a learning rate of 0.02 the methods get SDPO 0.100 ± 0.000" in text
    assert "0.500 to 0.800 on average" in text


def test_policies_that_are_far_apart_tell_nothing_of_the_way_between():
    data = share_data(0.5)
    early = data.exact[data.exact["step"].isin([0, 300])]
    text = said("share", data._replace(exact=early))
    # From 0 to 0.8 nats in one go; the slower rates still come by 0.2.
    assert "at 0.80" not in text and f"at 0.20 ({SEEDS})" in text


def test_shares_need_policies():
    with pytest.raises(UserError, match="needs a study with policies"):
        said("share", share_data(1.0)._replace(exact=None))


# --- jobs ----------------------------------------------------------------------------------------

KEPT = {
    "settings": ["paper"],
    "methods": ["sdpo", "reinforce"],
    "feedbacks": ["continuous"],
    "noise": [0.0, 0.5],
    "seeds": 3,
    "policies": [0, 5],
    "mechanisms": {"noise_far": {"kind": "crossover"}},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    settings = {"paper": CONFIGURATION["settings"]["paper"]}
    changed = {"run": ["kept"], "studies": {"kept": KEPT}, "settings": settings}
    study = Study(tmp_path_factory.mktemp("told"), CONFIGURATION | changed)
    study.run("--", "mechanisms")
    return study


def test_a_mechanism_is_a_page_a_figure_and_its_data(told):
    folder = told.path("reports/mechanisms")
    endings = {"md", "png", "pdf", "svg", "csv"}
    assert {path.name for path in folder.iterdir()} == {f"noise_far.{ending}" for ending in endings}
    page = (folder / "noise_far.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {MECHANISMS['crossover'].text}\n\n![") and "3 runs vary" in page
    assert told.jobs("--", "mechanisms") <= {"mechanisms"}
    record = json.loads(told.path("results/provenance/kept.json").read_text())
    assert "reports/mechanisms/noise_far.md" in record["artefacts"]
    assert "results/summaries/kept/exact.parquet" in record["artefacts"]


def test_policies_are_worth_what_all_sequences_say(told):
    table = read_summary(told.path("results/summaries/kept/exact.parquet"))
    assert len(table) == 2 * 2 * 3 * 2
    group = Config().settings["paper"].landscape.model_dump() | {
        "vocabulary_size": 3, "sequence_length": 2
    }  # fmt: skip
    rewards = every_reward(make_landscape(group, 42))
    assert table["optimum"].to_numpy() == pytest.approx(optimum(make_landscape(group, 42)))
    assert table["uniform"].to_numpy() == pytest.approx(rewards.mean())
    for path in told.files("results/policies/kept/**/*.parquet").values():
        _, method, feedback, noise, _ = (
            path.relative_to(told.path("results/policies/kept")).as_posix().split("/")
        )
        for kept in read_policies(path):
            policies = np.exp(kept.logits) / np.exp(kept.logits).sum(axis=-1, keepdims=True)
            for seed, own in zip(kept.seeds, policies, strict=True):
                for place, step in enumerate(kept.steps):
                    (row,) = part(
                        table, method=method, feedback=feedback, seed=seed, step=step,
                        noise=float(noise.removeprefix("noise=")),
                    ).to_dict("records")  # fmt: skip
                    here, first = own[place], own[0]
                    assert row["reward"] == pytest.approx(expected(rewards, here))
                    assert row["entropy"] == pytest.approx(-(here * np.log(here)).sum() / 2)
                    far = (here * np.log(here / first)).sum() / 2
                    assert row["reference_kl"] == pytest.approx(far, abs=1e-12)


def test_what_is_lost_or_edited_is_made_again(told, tmp_path):
    study = told.copy(tmp_path / "study")
    study.path("reports/mechanisms/noise_far.md").write_text("x")
    assert study.jobs("--", "mechanisms") - {"mechanisms"} == {
        "mechanism noise_far", "provenance kept"
    }  # fmt: skip
    study.run("--", "mechanisms")
    study.path("results/summaries/kept/exact.parquet").unlink()
    assert study.jobs("--", "mechanisms") - {"mechanisms"} == {
        "exact kept", "mechanism noise_far", "provenance kept"
    }  # fmt: skip


def test_a_mechanism_of_no_study_is_a_sentence(told):
    done = told.snakemake("--cores", "1", "--", "reports/mechanisms/other.md")
    text = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in text
    assert "no study in the configuration has mechanisms 'other'; allowed: noise_far" in text
