"""The identification: hypotheses, evidence, lists of seeds, and a small one from end to end."""

import json
from dataclasses import replace as replaced
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from edits import delete, installed, replace
from sdposim.__main__ import main
from sdposim.analysis.published import Value, read_values
from sdposim.calibration import files, findings, landscapes, lists, search, space
from sdposim.calibration.facts import figure6_values, table_values
from sdposim.calibration.landscapes import CONTROL, FAMILIES, PLAIN, WRITTEN, Family
from sdposim.calibration.search import (
    CENTRE,
    CONDITIONS,
    SPREAD,
    Sensitivity,
    observed,
    placed,
    runs_at,
)
from sdposim.calibration.simulate import run_seeds
from sdposim.calibration.space import PRINTED, REVERSED, changed
from sdposim.model.landscape import make_landscape
from sdposim.model.paper import train
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.calibrations import Identification
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.settings import Setting
from sdposim.workflow.configuration.validate import validate
from sdposim.workflow.orphans import identification_files
from smallrun import (
    RECORD,
    made_files,
    own_sources,
    planned_jobs,
    rerun_rules,
    rewritten,
    run_snakemake,
    small_folder,
    without_records,
)

BASE = space.base_setting(Setting().model_dump())

ROUNDING = 0.001**2 / 12
"""Variance of rounding to three decimals."""


# --- Hypotheses ----------------------------------------------------------------------------------


def test_families_are_every_way_to_draw_once():
    assert len(FAMILIES) == len({family.name for family in FAMILIES}) == 2 * 6 * 2 + 1
    assert FAMILIES[0] == PLAIN and FAMILIES[-1] == CONTROL
    assert {group: len(found) for group, found in landscapes.GROUPS.items()} == files.GROUPS
    assert sum(landscapes.GROUPS.values(), ()) == FAMILIES


def test_a_family_draws_what_a_program_would():
    setting = space.at(CENTRE, BASE)
    scale = setting["landscape"]
    family = Family("numpy_random_state", ("target", "bigram", "quality"), "uniform")
    _, drawn = family.placed(42, setting)
    state = np.random.RandomState(42)
    assert np.array_equal(drawn.target, state.randint(0, 8, 6))
    half = np.sqrt(3)
    bigram = scale["bigram_sd"] * state.uniform(-half, half, (8, 8))
    np.testing.assert_allclose(drawn.bigram, bigram, rtol=0, atol=1e-12)
    quality = scale["quality_sd"] * state.uniform(-half, half, (6, 8))
    np.testing.assert_allclose(drawn.quality, quality, rtol=0, atol=1e-12)
    _, plain = PLAIN.placed(7, setting)
    np.testing.assert_allclose(
        plain.quality, np.random.default_rng(7).normal(0, scale["quality_sd"], (6, 8)), atol=1e-12
    )


def test_the_control_is_this_projects_own_generator():
    short = BASE | {"training": BASE["training"] | {"steps": 20}}
    setting = short | {"landscape": BASE["landscape"] | {"seed": 9}}
    drawn, landscape = CONTROL.placed(5, setting)
    assert landscape is None and drawn["landscape"]["seed"] == 5
    own = make_landscape(BASE["landscape"], 5)
    found = runs_at(placed(CONTROL, 5, short, 5, 2), CENTRE, ("sdpo/ordinal",))
    for run, seed in enumerate(run_seeds(5, 2)):
        log = train(short, "sdpo", "ordinal", 0.0, seed, landscape=own)
        np.testing.assert_allclose(found[0, run], log[-5:, :3].mean(axis=0), rtol=1e-12)


def test_written_seeds_and_their_sets():
    assert len(set(WRITTEN)) == len(WRITTEN) < 256
    assert {landscapes.LEAD_SEED, *landscapes.LEAD_LIST} <= set(WRITTEN)
    assert landscapes.lists(3, (5, 6, 7, 8)).tolist() == [
        list(places) for places in combinations(range(4), 3)
    ]


# --- Simulation and evidence ---------------------------------------------------------------------


def test_simulated_runs_are_those_of_training():
    setting = space.at(CENTRE, BASE)
    setting = changed(setting, {"training": {"steps": 30}})
    _, landscape = PLAIN.placed(3, setting)
    found = runs_at(placed(PLAIN, 3, setting, 7, 2), CENTRE)
    assert found.shape == (len(CONDITIONS), 2, 3)
    for place, (own, readings) in enumerate(CONDITIONS.values()):
        read = changed(setting, readings)
        for run, seed in enumerate(run_seeds(3, 2)):
            log = train(read, own.method, own.feedback, 0.0, seed, landscape=landscape)
            expected = log[-7:, :3].mean(axis=0)
            np.testing.assert_allclose(found[place, run], expected, rtol=1e-12)


def test_runs_of_two_landscapes_share_no_seed():
    assert not set(run_seeds(4, 900)) & set(run_seeds(5, 900))


def test_nothing_identified_is_read_from_the_preset():
    """What is searched for cannot come from the configuration, or the search would be circular."""
    other = Setting().model_dump()
    for parameter in space.PARAMETERS:
        other = changed(other, parameter.keys(0.123))
    other["landscape"] |= {"seed": 9, "generator": "numpy_default_rng"}
    other["update"]["sequence"]["direction"] = "reversed"
    other["update"]["quality_share"]["mean"] = "batch"
    other["judge"]["likert"]["origin"] = "unit"
    other["judge"]["normal"]["draw"] = "fixed"
    assert space.base_setting(other) == BASE
    other["training"]["steps"] = 7
    assert space.base_setting(other)["training"]["steps"] == 7


@pytest.fixture
def linear():
    """Means that are linear in the coordinates, and the exact law of what would be published."""
    rng = np.random.default_rng(5)
    scatter = np.stack([np.diag(rng.uniform(0.5, 2, 3)) + 0.1 for _ in range(5)]) * 1e-4
    columns = np.array([1, 1, 1, 1, 4])
    slopes = 0.02 * rng.normal(size=(space.SEARCHED, 5, 3))
    means = rng.normal(size=(5, 3))
    covariance = search.noise(scatter, columns, np.full((5, 3), ROUNDING), 2)
    flat = slopes.reshape(len(slopes), -1)
    law = stats.multivariate_normal(means.ravel(), covariance + (flat.T * SPREAD**2) @ flat)
    values = law.rvs(random_state=rng).reshape(5, 3)
    return search.Observed((), values, columns, None), means, slopes, covariance, law


def test_the_evidence_of_a_linear_model_is_exact(linear):
    target, means, slopes, covariance, law = linear
    expected = law.logpdf(target.values.ravel())
    found = search.step(CENTRE, means, slopes, target, covariance)
    assert found.log_evidence == pytest.approx(expected, rel=1e-10)
    # From anywhere, as a linear model needs one step.
    elsewhere = CENTRE + 0.3
    moved = means + 0.3 * slopes.sum(axis=0)
    again = search.step(elsewhere, moved, slopes, target, covariance)
    np.testing.assert_allclose(again.coordinates, found.coordinates, atol=1e-10)
    assert again.log_evidence == pytest.approx(expected, rel=1e-10)


def test_the_rough_evidence_is_exact_where_all_landscapes_have_the_same_slopes(linear):
    target, means, slopes, covariance, law = linear
    many = np.stack([means, means + 0.01])
    found = search.average_evidence(many, target, covariance, np.stack([slopes] * 4))
    assert found[0] == pytest.approx(law.logpdf(target.values.ravel()), rel=1e-10)
    assert found[1] == pytest.approx(law.logpdf(target.values.ravel() - 0.01), rel=1e-10)


def test_the_rough_evidence_knows_how_slopes_scatter(linear):
    """Term by term: settings move the means by slopes that differ among landscapes."""
    target, means, slopes, covariance, _ = linear
    rng = np.random.default_rng(6)
    sample = slopes + 0.01 * rng.normal(size=(9, *slopes.shape))
    wide = covariance.copy()
    for place, spread in enumerate(SPREAD):
        own = sample[:, place].reshape(9, -1)
        centred = own - own.mean(axis=0)
        wide += spread**2 * np.outer(own.mean(axis=0), own.mean(axis=0))
        wide += spread**2 * centred.T @ centred / 8
    law = stats.multivariate_normal(means.ravel(), wide)
    found = search.average_evidence(means[None], target, covariance, sample)
    assert found[0] == pytest.approx(law.logpdf(target.values.ravel()), rel=1e-9)


def test_the_noise_is_that_of_published_less_simulated_means():
    """By drawing: four published runs are averaged, three simulated ones, both rounded or not."""
    rng = np.random.default_rng(8)
    scatter = np.array([[[4.0, 1.0], [1.0, 2.0]]])
    published = rng.multivariate_normal([0, 0], scatter[0], (40000, 4)).mean(axis=1)
    published += np.sqrt(0.5) * rng.standard_normal(published.shape)
    simulated = rng.multivariate_normal([0, 0], scatter[0], (40000, 3)).mean(axis=1)
    found = search.noise(scatter, np.array([4]), np.full((1, 2), 0.5), 3)
    np.testing.assert_allclose(np.cov((published - simulated).T), found, atol=0.06)


def test_observed_numbers_are_those_of_the_tables():
    published = table_values(read_values())
    turned, printed = observed(published, REVERSED), observed(published, PRINTED)
    assert turned.conditions[-1] == "reinforce/reversed"
    assert turned.values[1].tolist() == [0.654, 1.644, 0.734]
    np.testing.assert_allclose(turned.values[4], [0.511, 2.0755, -0.63625])
    np.testing.assert_allclose(printed.values[4], [0.511, 2.0755, 0.63625])
    assert np.array_equal(printed.values[:4], turned.values[:4])
    np.testing.assert_allclose(turned.rounding[:4], ROUNDING)
    np.testing.assert_allclose(turned.rounding[4], ROUNDING / 4)


def test_how_a_number_was_printed_is_how_it_is_rounded():
    coarse = [replaced(value, digits=2) for value in table_values(read_values())]
    np.testing.assert_allclose(observed(coarse, REVERSED).rounding[:4], 100 * ROUNDING)


def test_a_published_number_that_is_missing_is_named():
    values = read_values()
    without = [value for value in values if value.id != "table1.reinforce.critique"]
    sentence = r"0 rows of where table1, method reinforce, feedback critique; .* identification"
    with pytest.raises(UserError, match=sentence):
        table_values(without)
    with pytest.raises(UserError, match="2 rows of where figure6, method sdpo, statistic sd"):
        figure6_values([*values, replaced(values[-5], id="again")])


def scores_of(*rows):
    """Scores of landscapes, given as (family, seed, log evidence under each reading)."""
    return search.Scores(
        np.array([FAMILIES.index(family) for family, *_ in rows]),
        np.array([seed for _, seed, *_ in rows]),
        np.array([evidence for *_, evidence in rows]),
    )


def test_the_best_landscapes_and_the_written_seeds_are_refined():
    other = FAMILIES[3]
    rows = [(other, seed, (-float(seed), -9.0)) for seed in range(5)]
    rows += [(PLAIN, 42, (-50.0, -60.0)), (PLAIN, 43, (-40.0, -60.0)), (PLAIN, 99, (-70.0, -2.5))]
    chosen = search.chosen_for_refinement(scores_of(*rows), 4)
    # 99 and 42 are written, 43 is not; a landscape counts by the better of its readings.
    assert chosen == [(other, 0), (other, 1), (PLAIN, 99), (PLAIN, 42)]


def test_ranks_of_the_suspected_seed():
    rows = [(PLAIN, 42, (-3.0, -3.0)), (PLAIN, 7, (-1.0, -1.0)), (PLAIN, 8, (-4.0, -4.0))]
    rows += [(family, 42, (0.0, -np.inf)) for family in FAMILIES[1:-1]]
    table = findings.families(scores_of(*rows, (CONTROL, 1, (-9.0, -9.0))))
    plain, control = table.iloc[0], table.iloc[-1]
    assert (plain["seeds"], plain["best_seed"], plain["lead_rank"]) == (3, 7, 2)
    # Relative to the best of all, which has its evidence under one of two readings only.
    assert plain["lead"] == pytest.approx(-3.0 + np.log(2)) and plain["best"] < plain["median"] + 3
    assert control["lead_rank"] == 0 and np.isnan(control["lead"])


def test_refined_landscapes_are_listed_with_the_settings_of_their_better_reading():
    coordinates = np.stack([CENTRE, CENTRE + 0.1, CENTRE, CENTRE])
    refined = search.Refined(
        family=np.zeros(4, np.int64),
        seed=np.array([42, 42, 7, 7]),
        reading=np.array([0, 1, 0, 1]),
        coordinates=coordinates,
        covariance=np.zeros((4, 6, 6)),
        squared=np.array([1.0, 2.0, 3.0, 4.0]),
        prior=np.array([5.0, 6.0, 7.0, 8.0]),
        log_evidence=np.array([-8.0, -2.0, 0.0, -1.0]),
    )
    table = findings.refined_table(refined)
    assert table["seed"].tolist() == [7, 42] and table["reading"].tolist() == [REVERSED, PRINTED]
    expected = np.logaddexp(-8.0, -2.0) - np.logaddexp(0.0, -1.0)
    assert table["log_evidence"].tolist() == pytest.approx([0.0, expected])
    assert table.loc[1, "squared"] == 2.0 and table.loc[1, "prior"] == 6.0
    assert table.loc[1, "quality_sd"] == pytest.approx(np.exp(0.1))
    assert search.best_settings(refined, 42).squared == 2.0


def test_training_that_leaves_the_finite_numbers_is_one_sentence(tmp_path, capsys):
    base = BASE | {"training": {"steps": 9, "rollouts": 4, "learning_rate": 1e308}}
    base = changed(base, {"update": {"pull": {"weight": 1e6}}})
    spec = json.dumps({"base": base, "first": 0, "last": 0, "window": 2})
    output = tmp_path / "sensitivity.parquet"
    assert main(["calibration", "sensitivity", "--spec", spec, "--output", str(output)]) == 1
    printed = capsys.readouterr().err
    expected = "error: method sdpo, feedback binary: training became NaN or infinite at step "
    assert printed.startswith(expected) and printed.count("\n") == 1
    assert not output.exists()


# --- Lists of seeds ------------------------------------------------------------------------------


@pytest.mark.parametrize("ddof", lists.DDOF)
def test_the_scatter_of_a_mean_and_an_sd_of_five_runs(ddof):
    """The variances of `log_likelihood`, by drawing runs around five landscapes."""
    rng = np.random.default_rng(3)
    landscapes, sd = np.array([0.5, 0.6, 0.7, 0.62, 0.55]), 0.004
    runs = landscapes + sd * rng.normal(size=(100_000, 5))
    assert runs.mean(axis=1).var() == pytest.approx(sd**2 / 5, rel=0.03)
    assert runs.std(axis=1, ddof=ddof).var() == pytest.approx(sd**2 / (5 - ddof), rel=0.03)


def test_the_likelihood_of_lists_by_hand():
    rng = np.random.default_rng(4)
    rewards = 0.5 + 0.05 * rng.normal(size=(2, 7, 3))  # draws, landscapes, methods
    chosen = np.array([[0, 1, 2, 3, 4], [2, 3, 4, 5, 6]])
    published = np.array([[0.51, 0.05], [0.49, 0.04], [0.5, 0.05]])
    variance = np.array([1e-4, 4e-5, 2e-5])
    rounding = 1e-5 * np.arange(1, 7).reshape(3, 2)
    found = lists.log_likelihood(rewards, chosen, published, rounding, variance, 1)
    for place, members in enumerate(chosen):
        by_draw = []
        for draw in range(2):
            total = 0.0
            for method in range(3):
                values = rewards[draw, members, method]
                own = variance[method] * (1 + 1 / lists.RUNS)
                mean_sd = np.sqrt(own / 5 + rounding[method, 0])
                sd_sd = np.sqrt(own / 4 + rounding[method, 1])
                total += stats.norm.logpdf(published[method, 0], values.mean(), mean_sd)
                total += stats.norm.logpdf(published[method, 1], values.std(ddof=1), sd_sd)
            by_draw.append(total)
        assert found[place] == pytest.approx(np.log(np.mean(np.exp(by_draw))), rel=1e-9)


def test_random_sets_have_five_different_landscapes():
    drawn = lists.random_sets(20, 500)
    assert drawn.shape == (500, 5) and all(len(set(row)) == 5 for row in drawn.tolist())
    assert set(drawn.ravel()) == set(range(20))


def test_the_seeds_of_figure_6_are_the_written_ones_and_a_pool_without_them():
    seeds = lists.seeds(100)
    assert seeds[: len(WRITTEN)] == list(WRITTEN) and len(seeds) == len(set(seeds)) == 165


def test_a_list_is_ranked_among_all_sets_and_random_ones(monkeypatch):
    """The suspected list's landscapes alone give what is published."""
    rng = np.random.default_rng(9)
    known = lists.seeds(100)
    reward = 0.5 + 0.05 * rng.normal(size=(len(known), 3))
    rewards = lists.Rewards(
        np.zeros(len(known), np.int64), np.array(known), reward, np.full((len(known), 3), 1e-6)
    )
    lead = [known.index(seed) for seed in landscapes.LEAD_LIST]
    values = [
        Value(value=value, digits=3)
        for place in range(len(lists.METHODS))
        for value in (reward[lead, place].mean(), reward[lead, place].std())
    ]
    some = np.array([lead, [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]], np.uint8)
    monkeypatch.setattr(findings, "lists", lambda size: some)
    monkeypatch.setattr(findings, "RANDOM_SETS", 500)
    by_n, by_less = findings.judged_lists(rewards, values)
    assert (by_n.as_good, by_n.sets, by_n.random) == (1, 3, 0.0)
    assert by_n.best == landscapes.LEAD_LIST and by_n.probability == pytest.approx(1.0)
    assert by_n.squared == pytest.approx(0.0, abs=1e-6)
    assert by_less.squared > 100 and by_less.ddof == 1


# --- A search whose answer is known --------------------------------------------------------------


def known_paper(number, shift):
    """Tables as a paper would print them whose landscape is `number`, off the prior's centre."""
    seeds = [10**6 + run for run in range(4)]
    conditions = (*list(CONDITIONS)[:4], "reinforce/reversed")
    simulator = placed(PLAIN, number, BASE, 20, 4)._replace(runs=seeds)
    runs = runs_at(simulator, CENTRE + shift * SPREAD, conditions)
    numbers = np.concatenate([runs[:4, 0], runs[4]]).ravel().tolist()
    return [Value(value=round(number, 3), digits=3) for number in numbers]


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Runs on thirty landscapes and a small sample of slopes, as the files hold them."""
    runs = search.landscapes(BASE, "plain", 0, 29, runs=2, window=20)["runs"]
    return runs, Sensitivity(**search.sensitivity(BASE, 0, 7, window=20))


@pytest.mark.parametrize("number, shift", [(3, 0.5), (11, -0.5), (27, 0.0)])
def test_the_landscape_of_a_known_paper_is_found(searched, number, shift):
    """Its own is the likeliest of thirty, once every candidate has its best settings."""
    runs, sample = searched
    tables = known_paper(number, shift)
    target = observed(tables, REVERSED)
    chosen = [list(CONDITIONS).index(name) for name in target.conditions]
    covariance = search.noise(sample.scatter()[chosen], target.columns, target.rounding, 2)
    means = runs[:, chosen].mean(axis=2)
    scores = search.average_evidence(means, target, covariance, sample.slopes[:, :, chosen])
    candidates = np.argsort(-scores)[:4].tolist()
    assert number in candidates
    fits = {
        place: search.refine(
            PLAIN, place, REVERSED, sample.scatter(), tables, BASE, runs=4, window=20
        )
        for place in candidates
    }
    assert max(fits, key=lambda place: fits[place].log_evidence) == number
    own = fits[number]
    # 15 numbers, and the settings within what the posterior allows.
    assert own.squared < stats.chi2.ppf(0.9999, 15)
    truth = CENTRE + shift * SPREAD
    assert np.all(np.abs(own.coordinates - truth) < 5 * np.sqrt(np.diag(own.covariance)))


# --- The workflow --------------------------------------------------------------------------------

SMALL = {
    "seeds": 70, "other_seeds": 2, "landscapes_per_job": 40, "sample": 8, "refined": 68,
    "refined_runs": 2, "draws": 2, "pool": 100,
}  # fmt: skip
CONFIGURATION = {
    "identification": SMALL,
    "settings": {"paper": {"training": {"steps": 25, "rollouts": 4}}},
}
TARGET = ("--", "identification")
AFTER_SCORES = {"identification_refined", "identification_figure6", "identification_report"}


@pytest.fixture(scope="module")
def identified(tmp_path_factory):
    folder = small_folder(tmp_path_factory.mktemp("identified"))
    run_snakemake(folder, CONFIGURATION, "--cores", "2", *TARGET)
    return folder


def test_everything_is_made_and_known(identified):
    options = Identification(**SMALL).model_dump()
    assert made_files(identified, "identification") == identification_files(options)
    families = pd.read_csv(identified / "reports/identification.csv")
    assert families["seeds"].tolist() == [70] + [2] * 24
    assert families["best"].max() == 0.0 and families.loc[0, "lead_rank"] in range(1, 71)
    refined = pd.read_csv(identified / "reports/identification_refined.csv")
    assert len(refined) == SMALL["refined"] and refined["log_evidence"].is_monotonic_decreasing
    report = (identified / "reports/identification.md").read_text()
    assert "Seed 42 was suspected" in report and "nan" not in report


EDITS = {
    "nothing": (lambda study: None, set()),
    "nothing, in a copied folder": (without_records(lambda study: None), set()),
    "a report is edited by hand": (
        rewritten("reports/identification.csv"),
        {"identification_report"},
    ),
    "another matplotlib": (installed("matplotlib"), {"identification_report"}),
    "a published number that is not read": (
        replace("config/paper/values.csv", "0.2,0.8,1", "0.2,0.9,1"),
        set(),
    ),
    "a published number of Adv-Weighted": (
        replace("config/paper/values.csv", "binary,0,0.520", "binary,0,0.521"),
        set(),
    ),
    "a published number of figure 6": (
        replace("config/paper/values.csv", "0,0.058", "0,0.059"),
        {"identification_report"},
    ),
    "a fitted number": (
        replace("config/paper/values.csv", "binary,0,0.650", "binary,0,0.651"),
        {"identification_scores"} | AFTER_SCORES,
    ),
    "a fitted number, in a copied folder": (
        without_records(replace("config/paper/values.csv", "binary,0,0.650", "binary,0,0.651")),
        {"identification_scores"} | AFTER_SCORES,
    ),
    "a scale of the preset": (
        replace("config/config.yaml", "quality_sd: 1.0", "quality_sd: 1.1"),
        set(),
    ),
    "the prior of a setting": (
        replace(
            "src/sdposim/calibration/space.py",
            '"beta", 2.0, 0.4',
            '"beta", 2.0, 0.3',
        ),
        {"identification_landscapes", "identification_sensitivity", "identification_scores"}
        | AFTER_SCORES,
    ),
    "the final window": (
        replace("config/config.yaml", "final_window: 20", "final_window: 10"),
        {"identification_landscapes", "identification_sensitivity", "identification_scores"}
        | AFTER_SCORES,
    ),
    "more runs of refined landscapes": (
        replace("small.yaml", "refined_runs: 2", "refined_runs: 3"),
        AFTER_SCORES,
    ),
    "more draws for figure 6": (
        replace("small.yaml", "draws: 2", "draws: 3"),
        {"identification_figure6", "identification_report"},
    ),
    "another family gets more seeds": (
        replace("small.yaml", "other_seeds: 2", "other_seeds: 3"),
        {"identification_landscapes", "identification_scores"} | AFTER_SCORES,
    ),
    "the scores are deleted": (delete(files.SCORES), {"identification_scores"} | AFTER_SCORES),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_reruns_exactly_what_it_touches(identified, tmp_path, name):
    edit, expected = EDITS[name]
    found = rerun_rules(identified, tmp_path / "study", edit, "identification")
    assert found == (expected | RECORD if expected else set())


def test_more_seeds_simulate_the_new_ones_only(identified, tmp_path):
    study = own_sources(identified, tmp_path / "study")
    study.edit("small.yaml", "seeds: 70", "seeds: 80")
    simulated = {job for job in planned_jobs(study, "identification") if "landscapes" in job}
    assert simulated == {"identification_landscapes plain/40/79"}


@pytest.mark.parametrize("name", ["identification_lists", "joint_fit_numbers"])
def test_a_name_of_its_figures_is_taken(name):
    config = Config().model_dump()
    figures = config["studies"]["noise"]["figures"]
    figures[name] = figures["figure4"]
    with pytest.raises(UserError, match="name of a figure of a target that is no study"):
        validate(config)


def test_the_committed_report_is_of_the_default_search():
    families = pd.read_csv(Path(__file__).parents[1] / "reports/identification.csv")
    options = Config().identification
    assert families["family"].tolist() == [family.name for family in FAMILIES]
    assert families["seeds"].tolist() == [options.seeds] + [options.other_seeds] * 24
