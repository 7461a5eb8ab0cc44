"""The joint fit: numbers as runs, evidence, readings, round settings, the preset."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sdposim.analysis.published import number as stated
from sdposim.analysis.published import read_values
from sdposim.calibration import files, findings, fit, preset
from sdposim.calibration.distance import Comparison
from sdposim.calibration.facts import (
    EVERY,
    FEEDBACKS,
    WEIGHTS,
    Condition,
    conditions,
    facts,
    fitted_values,
    weight_values,
)
from sdposim.calibration.readings import READINGS
from sdposim.calibration.simulate import STATISTICS, Fit, Linear, Simulator
from sdposim.calibration.space import (
    CENTRE,
    FITTED,
    PARAMETERS,
    SPREAD,
    Rule,
    base_setting,
    changed,
)
from sdposim.model.compositions import check_method
from sdposim.model.paper import METHODS, train
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.settings import Setting

ROOT = Path(__file__).parents[1]
PUBLISHED = read_values()
FACTS = facts(fitted_values(PUBLISHED))
BASE = base_setting(Setting().model_dump())
WIDTH = len(STATISTICS)


def short(**options) -> Simulator:
    """A simulator of few, short runs."""
    base = BASE | {"training": BASE["training"] | {"steps": 12, "rollouts": 4}}
    return Simulator(base, 4, **({"runs": 6, "slope_runs": 2} | options))


# --- Published numbers ---------------------------------------------------------------------------


def test_every_published_number_is_a_fact_once():
    counts = pd.Series([fact.source for fact in FACTS]).value_counts()
    assert counts.to_dict() == {
        "table 1": 12, "table 2": 12, "table 3": 12, "figure 3": 1, "figure 4": 18,
        "section 3.5": 12, "figure 6": 6,
    }  # fmt: skip
    for table, source in (("table1", "table 1"), ("table3", "table 3")):
        for method, feedback in product(("sdpo", "reinforce", "adv_weighted"), FEEDBACKS):
            (fact,) = (
                fact
                for fact in FACTS
                if (fact.source, fact.method, fact.feedback) == (source, method, feedback)
            )
            assert fact.value == stated(PUBLISHED, where=table, method=method, feedback=feedback)
            assert fact.error == 0.001**2 / 12


def test_numbers_of_one_run_belong_together_and_columns_of_a_baseline_do_not():
    def run(source, method, feedback, noise=0.0, statistic="reward"):
        (found,) = (
            fact
            for fact in FACTS
            if (fact.source, fact.method, fact.feedback, fact.noise, fact.statistic)
            == (source, method, feedback, noise, statistic)
        )
        return found

    reward = run("table 1", "sdpo", "continuous")
    assert reward.run == run("table 2", "sdpo", "continuous", statistic="correlation").run
    assert reward.run == run("figure 3", "sdpo", "continuous", statistic="initial_entropy").run
    assert not [fact for fact in FACTS if fact.source == "figure 4" and fact[1:4] == reward[1:4]]
    columns = [run("table 1", "reinforce", feedback) for feedback in FEEDBACKS]
    assert len({fact.run for fact in columns}) == 4
    assert {fact.condition for fact in columns} == {Condition("reinforce", "binary", 0.0, 0)}
    assert run("figure 4", "reinforce", "continuous", 0.5).condition == columns[0].condition
    assert len(conditions(FACTS)) == 26


def test_numbers_off_a_figure_have_the_error_of_reading_it():
    errors = {fact.error for fact in FACTS if fact.source in ("figure 3", "figure 4")}
    assert errors == {0.002**2, 0.002**2 + 0.01**2 / 12}
    (coarse,) = (fact for fact in FACTS if fact.error > 0.002**2)
    assert (coarse.value, coarse.statistic, coarse.noise) == (0.76, "correlation", 0.5)


@pytest.mark.parametrize("place", ["figure6", "figure3", "section3.5"])
def test_a_published_number_that_is_missing_is_named(place):
    without = [value for value in PUBLISHED if value.where != place]
    with pytest.raises(UserError, match=f"0 rows of where {place}, .* a joint fit reads"):
        fitted_values(without)


def test_a_weight_of_figure_5_that_is_missing_is_named():
    shown = weight_values(PUBLISHED)
    assert [weight.value for weight in shown] == [0.95, 0.8, 0.67, 1.0]
    assert {weight.variance for weight in shown} == {0.005**2}
    without = [value for value in PUBLISHED if value != shown[1]]
    with pytest.raises(UserError, match="0 rows of where figure5, statistic initial, feedback cri"):
        weight_values(without)


def test_every_reading_is_a_setting():
    names = [(reading.question, reading.name) for reading in READINGS]
    assert len(set(names)) == len(READINGS) and READINGS[0] == FITTED
    for reading in READINGS:
        made = changed(BASE, reading.changes)
        methods = made.pop("methods", {})
        Setting.model_validate(made)
        for name, composition in methods.items():
            check_method(composition)
            assert composition != METHODS[name]
        differs = bool(methods) or made != changed(BASE, FITTED.changes)
        assert differs == bool(reading.methods), reading.name


# --- Runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [1, 4, 11, 12])
def test_statistics_are_those_of_the_whole_log(window):
    simulator = short()._replace(window=window)
    own = Condition("hybrid", "critique", 0.2, 1)
    point = CENTRE + 0.1
    found = simulator.sample(point, own, FITTED.changes, [3, 4])
    setting, landscape = simulator.family.placed(137, _at(simulator, point, FITTED.changes))
    for row, seed in zip(found, (3, 4), strict=True):
        log = train(setting, "hybrid", "critique", 0.2, seed, landscape=landscape)
        expected = [*log[-window:, :3].mean(axis=0), log[0, 1], log[:, 2].mean()]
        np.testing.assert_allclose(row, expected, rtol=1e-12)


def _at(simulator, point, changes):
    setting = simulator.base
    for parameter, value in zip(PARAMETERS, point, strict=True):
        setting = changed(setting, parameter.keys(parameter.setting(value)))
    return changed(setting, changes)


def test_a_linearisation_is_means_scatter_and_central_differences():
    simulator = short()
    own = [Condition("sdpo", "critique", 0.2, 0), Condition("hybrid", "continuous", 0.2, 0)]
    found = simulator.linear(CENTRE, own, FITTED.changes)
    for row, one in enumerate(own):
        runs = simulator.sample(CENTRE, one, FITTED.changes, 6)
        np.testing.assert_allclose(found.means[row], runs.mean(axis=0))
        np.testing.assert_allclose(found.scatter[row], np.cov(runs.T))
        for place, parameter in enumerate(PARAMETERS):
            shift = np.eye(len(PARAMETERS))[place] * parameter.step
            above, below = (
                simulator.sample(CENTRE + side * shift, one, FITTED.changes, 2).mean(axis=0)
                for side in (1, -1)
            )
            slope = (above - below) / parameter.step / 2
            np.testing.assert_allclose(found.slopes[place, row], slope)
    threshold = [parameter.key for parameter in PARAMETERS].index("hybrid_threshold")
    assert not found.slopes[threshold, 0].any() and found.slopes[threshold, 1].any()


def test_a_reading_runs_again_only_what_it_changes():
    simulator = short()
    own = [Condition("sdpo", "binary", 0.0, 0), Condition("reinforce", "binary", 0.0, 0)]
    known = simulator.linear(CENTRE, own, FITTED.changes)
    printed = READINGS[1]
    assert printed.methods == ("reinforce",)
    marked = known._replace(means=known.means + 7.0)
    found = simulator.linear(CENTRE, own, printed.changes, marked, printed.methods)
    np.testing.assert_array_equal(found.means[0], marked.means[0])
    alone = simulator.linear(CENTRE, own, printed.changes)
    np.testing.assert_array_equal(found.means[1], alone.means[1])
    np.testing.assert_array_equal(found.slopes[:, 1], alone.slopes[:, 1])


# --- What is printed, and how it scatters --------------------------------------------------------


@pytest.fixture
def linear():
    """Runs with plausible means and scatter, and arbitrary slopes."""
    rng = np.random.default_rng(1)
    count = len(conditions(FACTS))
    means = rng.uniform(0.4, 0.7, (count, WIDTH))
    roots = 0.003 * rng.normal(size=(count, WIDTH, WIDTH))
    scatter = roots @ roots.transpose(0, 2, 1)
    slopes = 0.05 * rng.normal(size=(len(PARAMETERS), count, WIDTH))
    return Linear(CENTRE, means, scatter, slopes, 2)


@pytest.mark.parametrize("rule", [Rule(), Rule("whole_correlation", 1, ("reinforce",))])
def test_predictions_and_their_covariance_by_drawing_papers(linear, rule):
    comparison = Comparison(FACTS, rule)
    rng = np.random.default_rng(2)
    papers, count = 4000, len(comparison.conditions)
    roots = np.linalg.cholesky(linear.scatter + 1e-12 * np.eye(WIDTH))
    estimated = linear.means + np.einsum(
        "cst,kct->kcs", roots, rng.normal(size=(papers, count, WIDTH))
    ) / np.sqrt(linear.runs)
    places = {own: place for place, own in enumerate(comparison.conditions)}
    offsets = []
    for mean in estimated:
        predicted = comparison.predicted(mean, linear.scatter)
        noise = np.einsum("cst,ct->cs", roots, rng.normal(size=(count, WIDTH)))
        printed, last = [], None
        for fact in FACTS:
            if fact.run != last:
                noise = np.einsum("cst,ct->cs", roots, rng.normal(size=(count, WIDTH)))
                last = fact.run
            run = linear.means + noise
            if fact.condition.place == EVERY:
                # Mean and SD of a method are of the same five runs, but uncorrelated.
                rewards = [run[places[fact.condition._replace(place=p)], 0] for p in range(5)]
                value = np.mean(rewards) if fact.statistic == "mean" else np.std(
                    rewards, ddof=rule.ddof
                )  # fmt: skip
            else:
                name = rule.correlation if fact.statistic == "correlation" else fact.statistic
                value = run[places[fact.condition], STATISTICS.index(name)]
                if fact.statistic == "correlation" and fact.method in rule.negated:
                    value = -value
            printed.append(value + rng.normal() * np.sqrt(fact.error))
        offsets.append(np.array(printed) - predicted)
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    found = np.cov(np.array(offsets).T)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(np.sqrt(np.diag(found)), sd, rtol=0.12)
    np.testing.assert_allclose(found / np.outer(sd, sd), covariance / np.outer(sd, sd), atol=0.12)
    bias = np.mean(offsets, axis=0) / sd
    assert np.abs(bias).max() < 0.12


@pytest.mark.parametrize("ddof", [0, 1])
def test_runs_widen_the_sd_over_landscapes(linear, ddof):
    comparison = Comparison(FACTS, Rule(ddof=ddof))
    place = [fact.statistic == "sd" and fact.method == "sdpo" for fact in FACTS].index(True)
    rows = [comparison.conditions.index(FACTS[place].condition._replace(place=p)) for p in range(5)]
    linear.means[rows] = 0.5 + 0.002 * np.arange(5)[:, None]
    sds = np.sqrt(linear.scatter[rows, 0, 0])
    rewards = linear.means[rows, 0] + sds * np.random.default_rng(7).normal(size=(20_000, 5))
    expected = rewards.var(axis=1, ddof=ddof).mean()
    found = comparison.predicted(linear.means, linear.scatter)[place]
    assert found**2 == pytest.approx(expected, rel=0.03)
    assert found**2 > 1.5 * linear.means[rows, 0].var(ddof=ddof)


@pytest.mark.parametrize("ddof", [0, 1])
def test_derivatives_are_those_of_the_predictions(linear, ddof):
    comparison = Comparison(FACTS, Rule(ddof=ddof, negated=("adv_weighted",)))
    found = comparison.derivatives(linear.means, linear.scatter)
    rng = np.random.default_rng(3)
    step = 1e-6 * rng.normal(size=linear.means.shape)
    above, below = (
        comparison.predicted(linear.means + side * step, linear.scatter) for side in (1, -1)
    )
    np.testing.assert_allclose(
        np.einsum("fcs,cs->f", found, step), (above - below) / 2, rtol=1e-4, atol=1e-12
    )


# --- The fit -------------------------------------------------------------------------------------


def density(linear, comparison, kept):
    """Of the published numbers, settings integrated out, by the normal density itself."""
    derivatives = comparison.derivatives(linear.means, linear.scatter)
    slopes = np.einsum("pcs,fcs->pf", linear.slopes, derivatives)
    covariance = comparison.covariance(derivatives, linear.scatter, linear.runs)
    covariance = covariance + slopes.T @ np.diag(SPREAD**2) @ slopes
    mean = comparison.predicted(linear.means, linear.scatter)
    return stats.multivariate_normal(mean[kept], covariance[np.ix_(kept, kept)]).logpdf(
        comparison.values[kept]
    )


def test_the_evidence_of_a_fit_is_the_density_of_the_numbers(linear):
    comparison = Comparison(FACTS)
    for kept in (np.ones(len(FACTS), bool), ~fit.of_source(FACTS, "figure 4")):
        own = fit.posterior(linear, comparison, kept)
        assert own.log_evidence == pytest.approx(density(linear, comparison, kept), abs=1e-6)


def test_parts_of_a_baselines_numbers_are_weighed_given_the_others(linear):
    comparison = Comparison(FACTS)
    own = np.array([fact.method == "reinforce" for fact in FACTS])
    found = fit.parts_evidence(linear, comparison, "reinforce")
    rewards = own & np.array([fact.source == "table 1" for fact in FACTS])
    given = density(linear, comparison, ~own)
    assert found[0] == pytest.approx(density(linear, comparison, ~own | rewards) - given, abs=1e-6)
    everything = density(linear, comparison, np.ones(len(FACTS), bool))
    assert found[-1] == pytest.approx(everything - given, abs=1e-6)


def test_a_fit_settles_where_the_numbers_come_from():
    """Published numbers that a known setting prints on average give that setting back."""
    simulator = short(runs=24, slope_runs=24)
    truth = CENTRE + 0.3 * SPREAD * np.array([1, -1, 1, -1, 1, -1, 0])
    sdpo = tuple(fact for fact in FACTS if fact.method in ("sdpo", "hybrid"))
    comparison = Comparison(sdpo)
    there = simulator.linear(truth, comparison.conditions, FITTED.changes)
    values = comparison.predicted(there.means, there.scatter)
    known = Comparison(tuple(f._replace(value=v) for f, v in zip(sdpo, values, strict=True)))
    kept = np.ones(len(sdpo), bool)
    said = []
    own, linear = fit.settled(simulator, FITTED, known, kept, report=said.append)
    assert len(said) >= 2 and "squared distance" in said[-1]
    sd = np.sqrt(np.diag(own.covariance))
    assert np.all(np.abs(own.coordinates - truth) < 2.5 * sd)
    assert own.squared < 2.0
    predicted, z = fit.described(own, linear, known)
    np.testing.assert_allclose(predicted, values, atol=0.05)
    assert np.abs(z).max() < 1.5


# --- Round settings ------------------------------------------------------------------------------


def test_what_a_person_types_first_costs_least():
    found = dict(preset.typed(0.08, 2.2))
    assert [found[value] for value in (0.1, 0.2, 0.5, 1.0, 2.0)] == [0] * 5
    assert [found[value] for value in (0.3, 0.7, 0.15, 0.085, 1.5)] == [1] * 5
    assert [found[value] for value in (0.11, 0.99, 2.1)] == [3] * 3
    assert min(found) == 0.08 and max(found) == 2.2 and 0.105 not in found


def test_the_likeliest_round_settings_are_those_of_an_exhaustive_search(monkeypatch):
    rng = np.random.default_rng(4)
    values = (0.97, 0.22, 0.12, 0.1, 2.05, 0.29, 0.16)
    root = 4 * rng.normal(size=(7, 7)) + np.diag([8.0] * 7)
    likelihood = root @ root.T
    curvature = likelihood + np.diag(SPREAD**-2)
    fit = Fit(preset.coordinates_of(values), np.linalg.inv(curvature), 0.0, 0.0, 0.0)
    every = preset.choices

    def few(parameter, centre, sd):
        near = every(parameter, centre, sd)
        return sorted(near, key=lambda one: abs(preset.coordinate(parameter, one[0]) - centre))[:5]

    monkeypatch.setattr(preset, "choices", few)
    found = preset.rounds(fit, 40)
    columns = [
        few(*one)
        for one in zip(PARAMETERS, fit.coordinates, fit.covariance.diagonal() ** 0.5, strict=True)
    ]
    combined = list(product(*columns))
    offsets = np.array([[value for value, _ in one] for one in combined])
    for place, parameter in enumerate(PARAMETERS):
        if parameter.logarithmic:
            offsets[:, place] = np.log(offsets[:, place])
    offsets -= fit.coordinates
    losses = 0.5 * np.einsum("np,pq,nq->n", offsets, likelihood, offsets)
    totals = losses + [sum(cost for _, cost in one) for one in combined]
    order = np.argsort(totals)[:40]
    assert totals[order[-1]] < 12
    np.testing.assert_allclose([one.total for one in found[:40]], totals[order], rtol=1e-4)
    assert found[0].values == tuple(value for value, _ in combined[order[0]])


def test_a_flat_posterior_gives_the_plainest_settings_at_once():
    fit = Fit(CENTRE, np.diag(SPREAD**2 * 0.5), 0.0, 0.0, 0.0)
    assert preset.rounds(fit, 12)[0].cost == 0


def test_a_setting_on_which_no_number_depends_takes_its_plainest_value():
    spread = np.append(0.01 * SPREAD[:-1], SPREAD[-1] * (1 + 1e-12))
    fit = Fit(CENTRE, np.diag(spread**2), 0.0, 0.0, 0.0)
    assert preset.rounds(fit, 12)[0].values[-1] in (0.1, 0.2, 0.5, 1.0)


def test_the_preset_is_the_likeliest_after_its_cost():
    made = preset.Candidates(
        np.arange(6.0).reshape(3, 2), np.array([0, 1, 5]), np.array([9.0, 5.0, 8.0]), np.zeros(3)
    )
    assert made.chosen == 1
    assert made._replace(log_likelihood=np.array([9.0, 5.0, 9.5])).chosen == 2


# --- What was left out ---------------------------------------------------------------------------


def test_numbers_are_predicted_by_single_runs_of_their_own():
    simulator = short()
    table2 = [f for f in FACTS if f.source == "table 2" and f.method != "sdpo"][:2]
    section = [f for f in FACTS if f.source == "section 3.5"][:2]
    points = np.array([CENTRE, CENTRE + 0.1])
    found = fit.predict(simulator, [*table2, *section], points)
    assert found.shape == (2 * fit.PREDICTED_RUNS, 4)
    assert len(np.unique(found[:, 0])) == 2 * fit.PREDICTED_RUNS
    assert not np.intersect1d(found[:, 0], found[:, 1]).size, "two columns are two runs"
    seeds = fit._seeds(section[0].run + 1, 1)
    runs = simulator.sample(points[1], section[0].condition, FITTED.changes, seeds)
    np.testing.assert_array_equal(found[fit.PREDICTED_RUNS :, 2:], runs[:, :2])


def test_weights_of_the_hybrid_are_predicted():
    found = fit.predict_weights(short(), np.array([CENTRE]))
    assert found.shape == (fit.PREDICTED_RUNS, len(WEIGHTS))
    assert np.all(found[:, 2] <= found[:, :2].min(axis=1))
    assert np.all(found[:, 3] >= found[:, :2].max(axis=1))


def test_the_distance_of_a_source_counts_predictions_that_are_as_far():
    rng = np.random.default_rng(8)
    found = {}
    for name, source in files.LEFT_OUT.items():
        values = [fact.value for fact in FACTS if fact.source == source]
        found[name] = np.array(values) + 0.01 * rng.normal(size=(400, len(values)))
        if name in files.WITH_WEIGHTS:
            shown = np.array([weight.value for weight in weight_values(PUBLISHED)])
            found[name] = np.hstack([found[name], shown + 0.01 * rng.normal(size=(400, 4))])
    table = findings.left_out(FACTS, weight_values(PUBLISHED), found)
    assert len(table) == 6 + 18 + 12 + 4 + 12 + 4 and table["inside"].all()
    assert (table["high"] - table["low"]).mean() == pytest.approx(2 * 1.96 * 0.01, rel=0.1)
    assert findings.together(FACTS, found)["farther"].min() > 0.99
    found["table2"] += 0.1
    assert findings.together(FACTS, found).set_index("left_out").loc["table 2", "farther"] == 0
    assert not findings.left_out(FACTS, weight_values(PUBLISHED), found).query(
        "left_out == 'table 2'"
    )["inside"].any()  # fmt: skip


# --- The preset ----------------------------------------------------------------------------------


def test_the_paper_preset_is_what_the_joint_fit_chose():
    chosen = json.loads((ROOT / "reports/joint_fit_preset.json").read_text())
    setting = Config().settings["paper"].model_dump()
    assert changed(setting, chosen) == setting
    assert setting["landscape"]["seed"] == Simulator._field_defaults["seeds"][0]
    listed = Config().settings["landscapes"].landscape.seed
    assert tuple(listed) == Simulator._field_defaults["seeds"]
    printed = Config().settings["as_printed"].model_dump()
    assert printed == changed(setting, preset.AS_PRINTED.changes)


def test_the_committed_report_is_of_the_default_fit():
    numbers = pd.read_csv(ROOT / "reports/joint_fit_numbers.csv")
    assert numbers["published"].tolist() == [round(fact.value, 4) for fact in FACTS]
    assert "nan" not in (ROOT / "reports/joint_fit.md").read_text()
    readings = pd.read_csv(ROOT / "reports/joint_fit_readings.csv", keep_default_na=False)
    assert readings["reading"].tolist() == [reading.name for reading in READINGS]
