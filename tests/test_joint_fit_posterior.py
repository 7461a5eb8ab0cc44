"""Posteriors of the settings by simulated papers, and the check on synthetic ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sdposim.analysis.published import read_values
from sdposim.calibration import coverage, distance, findings, propose, synthetic
from sdposim.calibration.distance import Comparison
from sdposim.calibration.facts import EVERY, FEEDBACKS, facts, fitted_values
from sdposim.calibration.landscapes import CONTROL, PLAIN
from sdposim.calibration.posterior import Inference, Paper, Sample
from sdposim.calibration.preset import Candidates
from sdposim.calibration.propose import Averages, Surface, Weighted
from sdposim.calibration.simulate import STATISTICS, Simulator
from sdposim.calibration.space import (
    CENTRE,
    FITTED,
    PARAMETERS,
    SPREAD,
    base_setting,
    coordinates,
    rounded,
    standardised,
)
from sdposim.calibration.streams import Runs
from sdposim.workflow.configuration.settings import Setting

ROOT = Path(__file__).parents[1]
FACTS = facts(fitted_values(read_values()))
VALUES = np.array([fact.value for fact in FACTS])
BASE = base_setting(Setting().model_dump())
SIZE = len(PARAMETERS)


def short(**options) -> Simulator:
    """A simulator of short runs."""
    base = BASE | {"training": BASE["training"] | {"steps": 10, "rollouts": 4}}
    return Simulator(base, 4, runs=1, slope_runs=1, **options)


# --- Papers --------------------------------------------------------------------------------------


def test_a_papers_numbers_are_runs_of_their_own():
    simulator, point = short(), CENTRE + 0.2
    found = distance.paper(simulator, FACTS, point, 3)
    first = Runs.PAPERS + 3 * distance._ROOM
    for place, fact in enumerate(FACTS):
        rows = [other for other in FACTS if other.run == fact.run]
        alone = distance.run_numbers(simulator, tuple(rows), point, [first + fact.run])
        assert found[place] == alone[0, rows.index(fact)]
    columns = [
        place
        for place, fact in enumerate(FACTS)
        if fact.method == "reinforce" and fact.source == "table 1"
    ]
    assert len(set(found[columns])) == len(FEEDBACKS), "a baseline's columns are different runs"
    assert max(fact.run for fact in FACTS) < distance._ROOM


def test_figure_6_of_a_paper_is_of_five_landscapes():
    simulator, point = short(), CENTRE
    found = distance.paper(simulator, FACTS, point, 1)
    place = [f.source == "figure 6" and f.method == "sdpo" for f in FACTS].index(True)
    mean, sd = FACTS[place : place + 2]
    seeds = [Runs.PAPERS + distance._ROOM + run for run in (mean.run, sd.run)]
    reward = STATISTICS.index("reward")
    rewards = np.array(
        [
            simulator.sample(point, mean.condition._replace(place=own), FITTED.changes, seeds)
            for own in range(5)
        ]
    )[:, :, reward]
    assert found[place] == pytest.approx(rewards[:, 0].mean(), abs=1e-12)
    assert found[place + 1] == pytest.approx(rewards[:, 1].std(), abs=1e-12)


def test_every_paper_has_landscapes_and_settings_of_its_own():
    seeds = [distance.any_landscapes(short(), number).seeds for number in (0, 1, 5)]
    assert len({seed for own in seeds for seed in own}) == 15
    assert distance.any_landscapes(short(), 0).family == CONTROL
    points = distance.prior_points(range(1000))
    np.testing.assert_array_equal(points[[4, 2]], distance.prior_points([4, 2]))
    drawn = standardised(points)
    assert np.abs(drawn.mean(axis=0)).max() < 0.15
    assert np.abs(np.cov(drawn.T) - np.eye(SIZE)).max() < 0.2
    np.testing.assert_allclose(coordinates(drawn), points, rtol=1e-12)


# --- Averages ------------------------------------------------------------------------------------


def test_averages_are_over_runs_of_one_condition():
    averages = Averages(FACTS)
    found = averages.of(np.stack([VALUES, VALUES]))
    groups = {}
    for fact in FACTS:
        groups.setdefault((fact.condition, fact.statistic), []).append(fact)
    assert found.shape == (2, len(groups)) and len(groups) < 40
    for column, ((own, statistic), rows) in enumerate(groups.items()):
        mean = np.mean([fact.value for fact in rows])
        expected = np.log(mean) if statistic == "sd" else mean
        assert found[0, column] == pytest.approx(expected, abs=1e-12)
        assert (own.place == EVERY) == (rows[0].source == "figure 6")
    rewards = [len(rows) for (own, name), rows in groups.items() if name == "reward"]
    assert max(rewards) > 8, "tables, figure 4 and section 3.5 repeat a baseline"
    np.testing.assert_array_equal(averages.together, averages.together.T)
    keys = list(groups)
    sdpo = [key for key in keys if key[0].method == "sdpo" and key[0].feedback == "binary"]
    rows = [keys.index(key) for key in sdpo]
    assert averages.together[np.ix_(rows, rows)].all()
    assert not averages.together[rows[0], keys.index(keys[-1])]


def test_errors_of_averages_are_those_of_their_numbers():
    averages, rng = Averages(FACTS), np.random.default_rng(4)
    errors = np.array([fact.error for fact in FACTS])
    printed = VALUES + rng.normal(size=(40_000, len(FACTS))) * np.sqrt(errors)
    np.testing.assert_allclose(
        np.diag(averages.errors(VALUES)), averages.of(printed).var(axis=0), rtol=0.05
    )
    shift = 1e-6 * np.eye(len(FACTS))
    slopes = (averages.of(VALUES + shift) - averages.of(VALUES - shift)) / 2e-6
    np.testing.assert_allclose(averages.derivatives(VALUES), slopes.T, atol=1e-6)


# --- Surfaces ------------------------------------------------------------------------------------


def polynomial(points: np.ndarray) -> np.ndarray:
    """Three numbers that a surface can follow exactly."""
    scale = np.exp(SPREAD[1] * points[:, 1])  # of b, which vanishes
    return np.column_stack(
        [
            0.3 + points[:, 0] * points[:, 4] - 0.2 * points[:, 2] ** 3,
            scale**2 - 0.1 * points[:, 6],
            0.5 * points[:, 3] + 0.1 * scale * points[:, 0],
        ]
    )


def test_a_surface_follows_a_polynomial_and_knows_its_slopes():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(150, SIZE))
    surface = Surface(points, polynomial(points), 1e-6 * np.eye(3))
    point = 0.3 * rng.normal(size=SIZE)
    step = 0.05 * np.eye(SIZE)
    expected = (polynomial(point + step) - polynomial(point - step)) / 0.1
    np.testing.assert_allclose(surface.slopes(point), expected, atol=1e-8)
    there = surface.log_density(point[None], polynomial(point[None])[0])
    away = surface.log_density(point[None], polynomial(point[None])[0] + 0.01)
    assert there[0] > away[0] + 50


@pytest.mark.parametrize("blocks", [None, np.eye(3, dtype=bool)])
def test_the_density_of_new_numbers_is_students_t_or_normal(blocks):
    rng = np.random.default_rng(2)
    points = rng.normal(size=(90, SIZE))
    noise = rng.normal(size=(90, 3)) @ np.diag([0.1, 0.2, 0.3])
    numbers, errors = polynomial(points) + noise, 1e-3 * np.eye(3)
    surface = Surface(points, numbers, errors, blocks)
    point, value = np.zeros((1, SIZE)), polynomial(np.zeros((1, SIZE)))[0] + 0.1
    scale = np.exp(SPREAD[[1, 5]] * points[:, [1, 5]])
    linear = points.copy()
    linear[:, [1, 5]] = scale

    def terms(rows, own):
        pairs = [own[:, i] * own[:, j] for i in range(SIZE) for j in range(i + 1)]
        return np.column_stack([np.ones(rows), own, *pairs, own**3])

    fitted, zero = terms(90, linear), np.zeros((1, SIZE))
    zero[:, [1, 5]] = 1.0
    # Centred and scaled cubes are other polynomials than plain ones, of the same space but for
    # their squares, which are terms too.
    new = terms(1, zero)
    weights, *_ = np.linalg.lstsq(fitted, numbers, rcond=None)
    left = numbers - fitted @ weights
    degrees = 90 - fitted.shape[1]
    covariance = left.T @ left / degrees
    if blocks is not None:
        covariance = np.diag(np.diag(covariance))
    covariance += errors
    leverage = float((new @ np.linalg.pinv(fitted.T @ fitted) @ new.T)[0, 0])
    centre = (new @ weights)[0]
    if blocks is not None:
        expected = stats.multivariate_normal(centre, covariance * (1 + leverage)).logpdf(value)
    else:
        own = degrees - 2
        shape = covariance * (1 + leverage) * degrees / own
        expected = stats.multivariate_t(centre, shape, own).logpdf(value)
    assert surface.log_density(point, value)[0] == pytest.approx(expected, abs=1e-4)


def test_a_surface_says_nothing_where_no_papers_were():
    rng = np.random.default_rng(3)
    points = 0.1 * rng.normal(size=(150, SIZE))
    surface = Surface(points, polynomial(points), 1e-4 * np.eye(3))
    found = surface.log_density(np.array([np.zeros(SIZE), np.full(SIZE, 2.0)]), np.zeros(3))
    assert np.isfinite(found[0]) and found[1] == -np.inf


# --- Importance sampling -------------------------------------------------------------------------


@pytest.mark.parametrize("start", [0.0, 2.0])
def test_weighted_draws_are_those_of_a_normal_posterior(start):
    rng = np.random.default_rng(5)
    slopes = rng.normal(size=(SIZE, 9))
    values, precision = rng.normal(size=9), 25.0

    def log_likelihood(points):
        offset = values - points @ slopes
        return -0.5 * precision * np.sum(offset**2, axis=1)

    covariance = np.linalg.inv(precision * slopes @ slopes.T + np.eye(SIZE))
    mean = covariance @ (precision * slopes @ values)
    evidence = stats.multivariate_normal(
        np.zeros(9), slopes.T @ slopes + np.eye(9) / precision
    ).logpdf(values) + 4.5 * np.log(2 * np.pi / precision)
    found = propose.sample(log_likelihood, np.full(SIZE, start), np.eye(SIZE), rng, draws=8192)
    sds = np.sqrt(np.diag(covariance))
    assert found.worth > 0.25 * 8192
    np.testing.assert_allclose((found.mean - mean) / sds, 0, atol=0.1)
    np.testing.assert_allclose(
        found.covariance / np.outer(sds, sds), covariance / np.outer(sds, sds), atol=0.12
    )
    assert found.log_evidence == pytest.approx(evidence, abs=0.1)
    ends = found.quantiles([0.05, 0.5, 0.95])
    np.testing.assert_allclose(
        (ends - mean) / sds, [[-1.645] * SIZE, [0.0] * SIZE, [1.645] * SIZE], atol=0.15
    )
    np.testing.assert_allclose(found.ranks(mean + sds), 0.841, atol=0.03)
    assert found.weights.sum() == pytest.approx(1)


# --- The sequence --------------------------------------------------------------------------------


def test_intervals_hold_in_a_world_that_is_neither_linear_nor_normal(monkeypatch):
    """Papers whose numbers bend and scatter skewly, more so where a setting is large."""
    monkeypatch.setattr(propose, "DRAWS", 1024)
    monkeypatch.setattr(propose.sample, "__defaults__", (1024,))
    rows = tuple(fact for fact in FACTS if fact.condition.place != EVERY)[:40]
    slopes = 0.1 * np.random.default_rng(7).normal(size=(SIZE, len(rows)))

    def world(settings, rng):
        own = standardised(settings)
        means = own @ slopes + 0.1 * np.sin(own @ slopes * 3)
        noise = rng.gamma(2.0, size=means.shape) - 2.0
        return means + 0.03 * np.exp(0.2 * own[:, :1]) * noise

    rng = np.random.default_rng(8)
    averages = Averages(rows)
    points = distance.prior_points(range(300))
    sample, ranks = world(points, rng), []
    for _ in range(30):
        truth = rng.normal(size=SIZE)
        values = world(coordinates(truth[None]), rng)[0]
        begin = propose.begun(points, sample, averages, values, rng)
        found = propose.infer(
            lambda settings, _: world(settings, rng), averages, values, propose.ANY, 150, rng,
            begin, together=True, report=lambda *_: None,
        )  # fmt: skip
        ranks.append(found.ranks(truth))
        assert np.all(np.diag(found.covariance) < 0.9)
    inside = np.sum((np.array(ranks) > 0.05) & (np.array(ranks) < 0.95), axis=0)
    # Of 30 with probability 0.9 each, fewer than 21 happen once in 1500.
    assert inside.min() >= 21, inside
    assert inside.mean() < 29.5, inside


def test_settings_beyond_the_reach_are_mirrored():
    points = np.array([[0.5, -3.2, 4.0, 30.0]])
    np.testing.assert_allclose(propose._folded(points), [[0.5, -2.8, 2.0, -3.0]])


# --- Synthetic papers ----------------------------------------------------------------------------


def test_every_second_synthetic_paper_is_on_a_landscape_that_is_searched():
    inference = Inference(short(), FACTS, Sample(np.zeros((2, SIZE)), None))
    inside, outside = synthetic.draw(inference, 2), synthetic.draw(inference, 3)
    assert inside.simulator.family == PLAIN and inside.simulator.seeds == (inside.seed,)
    assert outside.simulator.family == CONTROL and outside.seed == synthetic.NONE
    assert len(inside.paper.values) == sum(fact.condition.place != EVERY for fact in FACTS)
    again = synthetic.draw(inference, 2)
    np.testing.assert_array_equal(again.paper.values, inside.paper.values)
    assert not np.allclose(inside.point, outside.point)


def test_the_search_finds_the_landscape_that_made_the_numbers():
    """From the prior's centre, at settings far from it, with runs as long as the paper's.

    The first linearisation takes seed 7 for the likeliest.
    """
    simulator = Simulator(BASE, 20, runs=1, slope_runs=1)
    rows = tuple(fact for fact in FACTS if fact.condition.place != EVERY)
    far = rounded(coordinates(np.array([0.2, -0.5, -0.4, -2.4, 1.8, 1.1, -0.3])))
    values = distance.paper(simulator._replace(seeds=(5,)), rows, far, 5)
    inference = Inference(simulator, rows, Sample(np.zeros((2, SIZE)), None))
    start = Weighted(np.zeros((1, SIZE)), np.ones(1), 0.0, 1.0)
    found = synthetic.search(inference, Paper(2, rows, values), start, seeds=(5, 7, 42))
    assert np.argmax(found) == 0 and found[0] > np.sort(found)[-2] + 10


def test_what_is_believed_of_landscapes_is_their_evidence_with_its_prior():
    first = Weighted(np.zeros((4, 2)), np.full(4, 0.25), 0.0, 4.0)
    second = Weighted(np.ones((4, 2)), np.array([0.7, 0.1, 0.1, 0.1]), 0.0, 1.9)
    draws, seeds, probabilities = synthetic._mixed(
        [first, second], np.log([0.5, 1.0]), (synthetic.NONE, 42)
    )
    np.testing.assert_allclose(probabilities, [1 / 3, 2 / 3])
    assert seeds == (synthetic.NONE, 42) and draws.weights.sum() == pytest.approx(1)
    np.testing.assert_allclose(draws.mean, [2 / 3, 2 / 3])
    assert draws.log_evidence == pytest.approx(np.log(1.5))


@pytest.mark.parametrize(("count", "trials", "share"), [(29, 32, 0.9), (9, 32, 0.5), (32, 32, 0.9)])
def test_chances_are_those_of_a_binomial_test(count, trials, share):
    expected = stats.binomtest(count, trials, share).pvalue
    assert coverage.binomial_chance(count, trials, share) == pytest.approx(expected)


def test_counts_within_the_binomial_range_are_not_rare():
    low, high = coverage.binomial_range(32, 0.9)
    assert stats.binomtest(low, 32, 0.9).pvalue > 0.01 >= stats.binomtest(low - 1, 32, 0.9).pvalue
    assert high == 32


def test_ranks_are_compared_with_uniform_ones():
    ranks = np.random.default_rng(9).beta(1.0, 1.6, size=32)
    expected = stats.kstest(ranks, "uniform")
    assert coverage.distance(ranks) == pytest.approx(expected.statistic)
    assert coverage.uniform_chance(ranks) == pytest.approx(expected.pvalue, abs=0.02)
    assert coverage.uniform_band(32) == pytest.approx(stats.kstwo.ppf(0.95, 32), abs=0.01)


def _found(ranks: np.ndarray) -> dict[str, np.ndarray]:
    """Stored papers whose ranks are given, (papers, parameters)."""
    count = len(ranks)
    found = {
        "number": np.arange(1, count + 1),
        "seed": np.where(np.arange(count) % 2, 42, synthetic.NONE),
        "truth": np.zeros((count, SIZE)),
        "candidates": np.tile([synthetic.NONE, 42, 7], (count, 1)),
        "probabilities": np.tile([0.02, 0.97, 0.01], (count, 1)),
        "log_evidence": np.tile([1.0, 9.0, -3.0], (count, 1)),
        "given_log_evidence": np.full(count, 9.0),
    }
    levels = np.tile(np.array(synthetic.LEVELS)[:, None], (count, 1, SIZE)) - 0.5
    for way in synthetic.WAYS:
        found |= {f"{way}_ranks": ranks, f"{way}_quantiles": levels, f"{way}_worth": np.ones(count)}
    return found


def test_coverage_counts_the_papers_whose_truth_is_inside():
    ranks = np.tile(np.array([0.02, 0.3, 0.5, 0.9])[:, None], (1, SIZE))
    table = coverage.settings(_found(ranks))
    assert len(table) == 4 * len(synthetic.WAYS) * SIZE
    assert table["truth"].iloc[0] == pytest.approx(PARAMETERS[0].value)
    assert table["q5"].iloc[0] == pytest.approx(PARAMETERS[0].value * np.exp(-0.45 * SPREAD[0]))
    found = coverage.coverage(table)
    assert set(found["inside_50"]) == {2} and set(found["inside_90"]) == {3}
    assert set(found["papers"]) == {4}


def test_landscapes_that_are_found_and_missed():
    table = coverage.landscapes(_found(np.full((4, SIZE), 0.5)))
    assert table["probability"].tolist() == [0.02, 0.97, 0.02, 0.97]
    assert table["best"].tolist() == [42] * 4
    assert table["gain"].tolist() == [8.0] * 4
    assert table["best_wrong"].tolist() == [8.0, -4.0, 8.0, -4.0]


def test_gains_of_true_and_of_wrong_landscapes_beside_what_could_be_expected():
    table = coverage.landscapes(_found(np.full((4, SIZE), 0.5)))
    found = coverage.gains(table, (-5, 7.5, 9), searched=3)
    assert found["true"].tolist() == [4, 4, 0]
    assert found["wrong"].tolist() == [4, 2, 0]
    # Three seeds of four papers, two of which are true.
    assert found["bound"].tolist() == pytest.approx([10 * np.exp(-own) for own in (-5, 7.5, 9)])


def test_the_committed_check_is_of_the_default_papers():
    table = pd.read_csv(ROOT / "reports/joint_fit_check.csv")
    assert table["paper"].nunique() >= 30
    inside = table[table["landscape_seed"] != synthetic.NONE]["paper"].nunique()
    assert 2 * inside == table["paper"].nunique()
    assert Comparison(FACTS).values.tolist() == VALUES.tolist()


def test_the_table_of_settings_does_not_depend_on_the_last_bits_of_linear_algebra():
    """They differ from one machine to the next; the figure's files are to be the same."""
    draws = np.random.default_rng(1).normal(size=(64, SIZE))
    candidates = Candidates(np.ones((2, SIZE)), np.zeros(2, int), np.zeros(2), np.zeros(2))

    def table(error):
        found = Weighted(draws * (1 + error), np.full(64, 1 / 64), 0.0, 64.0)
        return findings.settings({"tables": (found, found), "all": (found, found)}, candidates)

    pd.testing.assert_frame_equal(table(0.0), table(1e-13), check_exact=True)
    assert not table(0.0).equals(table(1e-3))
