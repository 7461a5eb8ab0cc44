"""The engine of the calibration: prior, simulator, distance, proposals, posterior."""

import numpy as np
import pytest
from scipy.stats import chi2, kstest

from sdposim.calibration import climb as climbing
from sdposim.calibration import plan, prior, sharpen
from sdposim.calibration.choice import fewest_decimals
from sdposim.calibration.climb import RUNS, climb
from sdposim.calibration.distance import (
    ALL_READINGS,
    ROUNDING,
    distances,
    fit_scatter,
)
from sdposim.calibration.draws import Draws, choose, first_seed, read_draws, write_draws
from sdposim.calibration.heldout import predict
from sdposim.calibration.local import Terms, fitted_slopes, uniform_reward
from sdposim.calibration.posterior import (
    THRESHOLD,
    effective_size,
    evaluate,
    quantiles,
    reading_probabilities,
)
from sdposim.calibration.prior import PARAMETERS, setting, values, z_of
from sdposim.calibration.proposal import (
    ANYWHERE,
    Proposal,
    draw,
    from_anywhere,
    log_density,
    pooled,
)
from sdposim.calibration.published import published_numbers, published_tables
from sdposim.calibration.search import candidates, explore, starts
from sdposim.calibration.simulator import CONDITIONS, STATISTICS, simulate, with_reading
from sdposim.calibration.target import FEEDBACKS
from sdposim.configuration.models import Calibration, Setting
from sdposim.published import read_published
from sdposim.seal import Unusable
from sdposim.simulation.training import train

BASE = plan.base_setting(Setting().model_dump())
NAMES = list(CONDITIONS)
MIDDLE = values(np.zeros(len(PARAMETERS)))


@pytest.mark.parametrize("z", [-6.0, -0.5, 6.0])
def test_every_point_of_the_prior_is_a_valid_setting(z):
    z = prior.on_grid(np.full(len(PARAMETERS), z))
    drawn = setting(BASE, values(z), 17)
    checked = Setting.model_validate(drawn)
    assert checked.landscape.seed == 17
    for parameter in PARAMETERS:
        value = drawn[parameter.group][parameter.key]
        assert parameter.low <= value <= parameter.high * (1 + 1e-12)
    np.testing.assert_allclose(z_of(values(z)), z, rtol=0, atol=1e-4)


def test_the_base_keeps_what_the_paper_reports_and_nothing_that_is_inferred():
    changed = Setting().model_dump()
    changed["landscape"] |= {"seed": 5, "quality_sd": 9.0, "sequence_length": 3}
    changed["feedback"] |= {"clip": False, "ordinal_scale": "unit", "ordinal_levels": 7}
    changed["methods"] |= {"feedback_strength": 9.0, "hybrid_threshold": 9.0}
    base = plan.base_setting(changed)
    assert base["landscape"]["sequence_length"] == 3
    assert base["feedback"]["ordinal_levels"] == 7
    inferred = plan.base_setting(Setting().model_dump())
    base["landscape"]["sequence_length"] = 6
    base["feedback"]["ordinal_levels"] = 5
    assert base == inferred


def test_statistics_are_the_papers_summaries_of_the_log():
    settings = setting(BASE, MIDDLE, 3)
    found = simulate(settings, "critique/rollout", [5])
    log = train(settings, "sdpo", "critique", 0.0, 5)
    assert found[0, :3] == pytest.approx(log[-20:, :3].mean(axis=0), rel=1e-12)
    assert found[0, 3] == pytest.approx(log[:, 2].mean(), rel=1e-12)


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ("reinforce", "reinforce/no lambda"),
        ("adv_weighted", "adv_weighted/no lambda"),
        ("ordinal/fraction", "ordinal/unit"),
        ("critique/rollout", "critique/fixed"),
    ],
)
def test_each_reading_changes_its_condition(condition, other):
    settings = setting(BASE, MIDDLE, 3)
    assert not np.array_equal(simulate(settings, condition, [5]), simulate(settings, other, [5]))


@pytest.mark.parametrize("reading", ALL_READINGS, ids=str)
def test_a_reading_names_conditions_that_its_setting_gives(reading):
    columns = [column for group in reading.groups.values() for column in group]
    methods = ("sdpo", "reinforce", "adv_weighted")
    assert sorted(columns) == sorted((m, f) for m in methods for f in FEEDBACKS)
    settings = setting(BASE, MIDDLE, 3)
    settings["training"]["steps"] = 25
    read = with_reading(settings, reading._asdict())
    for condition, group in reading.groups.items():
        for method, feedback in group:
            log = train(read, method, feedback, 0.0, 8)
            assert simulate(settings, condition, [8])[0, 0] == pytest.approx(
                log[-20:, 0].mean(), abs=1e-9
            )


def test_a_draw_depends_on_its_number_alone():
    alone = choose(0, 37, 1, 100, None)
    for number in range(36, 39):
        z, landscape = choose(0, number, 1, 100, None)
        assert (number == 37) == (np.array_equal(z, alone[0]) and landscape == alone[1])
    assert first_seed(0, 5) != first_seed(1, 5)


def test_the_first_generation_fills_the_prior():
    z = np.array([prior.sobol(number, 0) for number in range(256)])
    for column in z.T:
        assert kstest(column, "norm").statistic < 0.02  # a random sample would have about 0.05
    other = np.array([prior.sobol(number, 1) for number in range(256)])
    assert not np.array_equal(z, other)


# A model whose posterior is known: statistics linear in z, normal runs, one landscape.
RNG = np.random.default_rng(0)
SLOPES = RNG.normal(size=(len(NAMES), len(STATISTICS), len(PARAMETERS))) * 0.01
SD = 0.004
LANDSCAPE = BASE["landscape"]


def linear_runs(z, runs, rng):
    means = np.einsum("csp,dp->dcs", SLOPES, z)
    noise = rng.normal(size=(len(z), len(NAMES), runs, len(STATISTICS)))
    return means[:, :, None, :] + SD * noise


def linear_draws(z, generation=0, seed=1):
    count = len(z)
    return Draws(
        np.full(count, generation),
        np.arange(count),
        z,
        np.zeros(count, int),
        linear_runs(z, 2, np.random.default_rng(seed)),
    )


def linear_tables(z, reading, rng):
    runs = linear_runs(z[None], 4, rng)[0]
    return {
        column: tuple(runs[NAMES.index(condition), place, reading.statistics])
        for condition, columns in reading.groups.items()
        for place, column in enumerate(columns)
    }


def test_the_scatter_of_runs_is_found():
    rng = np.random.default_rng(2)
    z = rng.normal(size=(4000, len(PARAMETERS)))
    sd = 0.01 * np.exp(0.3 * z[:, 2])
    mixing = np.linalg.cholesky(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    noise = rng.normal(size=(4000, len(NAMES), 2, 4)) @ mixing.T
    scatter = fit_scatter(z, 5.0 + sd[:, None, None, None] * noise)
    np.testing.assert_allclose(scatter.coefficients[..., 0], 2 * np.log(0.01), atol=0.15)
    np.testing.assert_allclose(scatter.coefficients[..., 3], 0.6, atol=0.15)
    np.testing.assert_allclose(scatter.coefficients[..., [1, 2, 4]], 0.0, atol=0.15)
    np.testing.assert_allclose(
        scatter.correlations, np.tile(mixing @ mixing.T, (len(NAMES), 1, 1)), atol=0.06
    )
    far = scatter.covariance(np.full((1, len(PARAMETERS)), 50.0))
    edge = scatter.covariance(z.max(axis=0)[None])
    np.testing.assert_allclose(far, edge)


def test_the_distance_is_mahalanobis_over_all_columns():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(len(NAMES), 4, 4))
    covariance = root @ root.transpose(0, 2, 1)
    means, count = rng.normal(size=(1, len(NAMES), 4)), 3
    tables = {(m, f): tuple(rng.normal(size=3)) for m in ("sdpo", "reinforce", "adv_weighted")
              for f in FEEDBACKS}  # fmt: skip
    squared, logs = distances(means, count, covariance[None], tables)
    for r, reading in enumerate(ALL_READINGS):
        expected = constant = 0.0
        for condition, columns in reading.groups.items():
            c, of = NAMES.index(condition), reading.statistics
            one = covariance[c][np.ix_(of, of)]
            full = np.kron(np.eye(len(columns)), one + ROUNDING * np.eye(3))
            full += np.kron(np.ones((len(columns), len(columns))), one / count)
            offset = np.concatenate([np.array(tables[k]) - means[0, c][of] for k in columns])
            expected += offset @ np.linalg.solve(full, offset)
            constant += np.linalg.slogdet(full)[1]
        assert squared[0, r] == pytest.approx(expected, rel=1e-9)
        assert logs[0, r] == pytest.approx(-0.5 * (expected + constant), rel=1e-9)


def test_the_true_settings_are_as_far_as_chi_squared_says():
    rng = np.random.default_rng(4)
    reading = ALL_READINGS[0]
    covariance = np.tile(SD**2 * np.eye(4), (1, len(NAMES), 1, 1))
    found = []
    for _ in range(400):
        z = rng.normal(size=len(PARAMETERS))
        runs = linear_runs(z[None], 2, rng)
        squared, _ = distances(runs.mean(axis=2), 2, covariance, linear_tables(z, reading, rng))
        found.append(squared[0, 0])
    assert kstest(found, chi2(36).cdf).pvalue > 1e-3
    assert pytest.approx(chi2.ppf(0.95, 36)) == THRESHOLD


def some_proposal(rng, size=7):
    roots = rng.normal(size=(4, len(PARAMETERS), len(PARAMETERS))) * 0.2
    return Proposal(
        0.1,
        np.array([0.1, 0.2, 0.3, 0.4]),
        rng.normal(size=(4, len(PARAMETERS))),
        np.array([0, 3, 3, ANYWHERE]),
        roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(len(PARAMETERS)),
        size,
    )


def test_draws_follow_the_density_of_their_proposal():
    proposal = some_proposal(np.random.default_rng(5))
    found = [draw(proposal, [9, number]) for number in range(4000)]
    z, landscape = np.array([f[0] for f in found]), np.array([f[1] for f in found])
    weights = np.exp(-log_density(proposal, z, landscape))
    # E_q[p / q g] = E_p[g], for the constant, a coordinate, its square and a landscape.
    for g, expected in ((1.0, 1.0), (z[:, 1], 0.0), (z[:, 2] ** 2, 1.0), (landscape == 3, 1 / 7)):
        terms = weights * g
        assert abs(terms.mean() - expected) < 4 * terms.std() / np.sqrt(len(terms))


def test_draws_from_anywhere_leave_out_kernels_with_a_landscape():
    proposal = from_anywhere(some_proposal(np.random.default_rng(5))._replace(scales=np.tile(
        1e-6 * np.eye(len(PARAMETERS)), (4, 1, 1))))  # fmt: skip
    found = [draw(proposal, [9, number]) for number in range(200)]
    np.testing.assert_allclose([z for z, _ in found], np.tile(proposal.centres, (200, 1)), atol=0.1)
    assert {landscape for _, landscape in found} == set(range(7))


def test_a_proposal_survives_its_file(tmp_path):
    from sdposim.calibration.proposal import read_proposal, write_proposal

    proposal = some_proposal(np.random.default_rng(6))
    write_proposal(str(tmp_path / "p.json"), proposal)
    for a, b in zip(proposal, read_proposal(str(tmp_path / "p.json")), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_block_of_draws_survives_its_file_and_damage_is_seen(tmp_path):
    block = linear_draws(np.random.default_rng(7).normal(size=(5, len(PARAMETERS))))
    path = tmp_path / "draws.parquet"
    write_draws(str(path), block, '{"a":1}')
    for a, b in zip(block, read_draws([str(path)]), strict=True):
        np.testing.assert_array_equal(a, b)
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)
    with pytest.raises(Unusable, match=r"draws\.parquet"):
        read_draws([str(path)])


def exact_posterior(tables, reading):
    """Mean and precision of the linear model's posterior, if means over runs had no scatter."""
    precision, force = np.eye(len(PARAMETERS)), np.zeros(len(PARAMETERS))
    for condition, columns in reading.groups.items():
        slopes = SLOPES[NAMES.index(condition)][reading.statistics]
        for column in columns:
            precision += slopes.T @ slopes / SD**2
            force += slopes.T @ np.array(tables[column]) / SD**2
    return np.linalg.solve(precision, force), precision


def test_slopes_are_found_whatever_the_levels_of_the_landscapes():
    rng = np.random.default_rng(8)
    found = linear_draws(0.3 * rng.normal(size=(3000, len(PARAMETERS))))
    found = found._replace(landscape=rng.integers(0, 20, 3000))
    level, level_slopes = uniform_reward(found.z, found.landscape, LANDSCAPE)
    shift = rng.normal(size=20)[found.landscape]
    runs = found.runs + shift[:, None, None, None]
    runs[..., 0] += level[:, None, None]
    slopes = fitted_slopes(found._replace(runs=runs), np.full(3000, 1 / 3000), LANDSCAPE)
    expected = np.tile(SLOPES, (3000, 1, 1, 1))
    expected[:, :, 0] += level_slopes[:, None]
    np.testing.assert_allclose(slopes, expected, atol=5 * SD / np.sqrt(3000) / 0.3)
    assert np.std(level_slopes[:, 0]) > 0.01, "the levels' slopes differ between landscapes"


def test_the_reward_of_a_uniform_policy_is_equation_1s():
    settings = setting(BASE, MIDDLE, 3)
    settings["policy"]["initial_logit_sd"] = 0.0
    settings["training"]["rollouts"] = 4000
    log = train(settings, "reinforce", "continuous", 0.0, 5, row_ends=[1, 300])
    level, _ = uniform_reward(np.zeros((1, len(PARAMETERS))), np.array([3]), LANDSCAPE)
    assert level[0] == pytest.approx(log[0, 0], abs=0.006)


def test_a_step_leads_to_the_mode_of_a_linear_model():
    rng = np.random.default_rng(12)
    reading, truth = ALL_READINGS[0], rng.normal(size=len(PARAMETERS))
    tables = linear_tables(truth, reading, rng)
    mode, precision = exact_posterior(tables, reading)
    z = mode + np.array([[0.1] * 6, [-0.2, 0.1, 0.0, 0.3, 0.1, 0.2], [2.0] * 6])
    means, count = np.einsum("csp,dp->dcs", SLOPES, z), 10**9
    covariance = np.tile(SD**2 * np.eye(4), (3, len(NAMES), 1, 1))
    step = Terms(z, means, count, SLOPES[None], covariance, tables).step(reading)
    np.testing.assert_allclose(step.z[:2], np.tile(mode, (2, 1)), atol=0.02)
    np.testing.assert_allclose(step.precision[0], precision, rtol=0.01, atol=0.5)
    assert np.linalg.norm(step.z[2] - z[2]) == pytest.approx(1.0), "a long step is cut"
    of = [
        distances(np.einsum("csp,dp->dcs", SLOPES, at), count, covariance, tables)[1][:, 0]
        - 0.5 * np.sum(at**2, axis=1)
        for at in (z, step.z)
    ]
    np.testing.assert_allclose(step.gain, of[1] - of[0], rtol=1e-6)


def linear_simulate(settings, condition, seeds):
    chosen = np.array([settings[p.group][p.key] for p in PARAMETERS])
    means = SLOPES[NAMES.index(condition)] @ z_of(chosen)
    noise = np.random.default_rng(seeds[0]).normal(size=(1000, len(STATISTICS)))
    return means + SD * noise[: len(seeds)]


def test_a_climb_ends_at_the_mode_or_where_it_is_hopeless(monkeypatch):
    monkeypatch.setattr(climbing, "simulate", linear_simulate)
    rng = np.random.default_rng(13)
    reading = ALL_READINGS[0]
    tables = linear_tables(0.5 * rng.normal(size=len(PARAMETERS)), reading, rng)
    mode, precision = exact_posterior(tables, reading)
    scatter = fit_scatter(rng.normal(size=(400, 6)), SD * rng.normal(size=(400, 10, 2, 4)))
    start = {"z": (mode + 0.4).tolist(), "landscape": 5, "reading": 0}
    found = climb(BASE, start, 7, scatter, tables)
    sd = np.sqrt(np.diag(np.linalg.inv(precision)))
    assert np.all(np.abs(found.z - mode) < 2 * sd)
    assert found.landscape == 5 and found.distance < THRESHOLD
    # Equally many runs stand behind the slopes as in `exact_posterior`, but fewer behind the means.
    ratio = np.diag(found.precision) / np.diag(precision)
    assert np.all((ratio > 0.5) & (ratio <= 1.05))
    far = {column: tuple(np.array(row) + 0.1) for column, row in tables.items()}
    tries = []
    monkeypatch.setattr(
        climbing, "simulate", lambda *a: tries.append(len(a[2])) or linear_simulate(*a)
    )
    climb(BASE, start, 7, scatter, far)
    assert set(tries) == {RUNS[0]}


def test_the_posterior_of_a_linear_model_is_the_known_one():
    rng = np.random.default_rng(9)
    reading = ALL_READINGS[0]
    truth = rng.normal(size=len(PARAMETERS))
    tables = linear_tables(truth, reading, rng)
    found = linear_draws(rng.normal(size=(2048, len(PARAMETERS))))
    proposals = [None]
    for generation in (1, 2, 3):
        posterior = evaluate(found, pooled(found.z, found.landscape, proposals), tables)
        near = candidates(found, posterior, tables, LANDSCAPE)
        proposals.append(explore(near, 1, [0, generation]))
        z = np.array([draw(proposals[-1], [1, generation, i])[0] for i in range(2048)])
        new = linear_draws(z, generation, generation + 10)
        found = Draws(*(np.concatenate(pair) for pair in zip(found, new, strict=True)))
    posterior = evaluate(found, pooled(found.z, found.landscape, proposals), tables)
    power, weights = posterior.weights(50)
    assert power == 1.0
    assert effective_size(weights) > 100
    mode, precision = exact_posterior(tables, reading)
    sd = np.sqrt(np.diag(np.linalg.inv(precision)))
    # The means of two runs are noisy, which widens the posterior and leaves fewer draws.
    assert np.all(np.abs(weights @ found.z - mode) < 1.5 * sd)
    spread = np.sqrt(weights @ (found.z - weights @ found.z) ** 2)
    assert np.all((spread > 0.6 * sd) & (spread < 2.0 * sd))
    probabilities = reading_probabilities(posterior, weights)
    assert probabilities["ordinal_scale"]["fraction"] > 0.95
    assert probabilities["hint"]["rollout"] > 0.95


def test_sharp_generations_move_to_the_posterior():
    rng = np.random.default_rng(14)
    reading, truth = ALL_READINGS[0], 0.5 * rng.normal(size=len(PARAMETERS))
    tables = linear_tables(truth, reading, rng)
    mode, precision = exact_posterior(tables, reading)
    sd = np.sqrt(np.diag(np.linalg.inv(precision)))
    off = climbing.Mode(mode + 0.8 * sd, 0, 0, precision, 40.0, 5.0)
    idle = climbing.Mode(np.full(6, 2.0), 1, 0, precision, 900.0, -400.0)
    first = sharpen.around([off, idle], 2)
    sizes, proposal = [], first
    for generation in range(2):
        drawn = [draw(proposal, [generation, i]) for i in range(800)]
        z, landscapes = (np.array(column) for column in zip(*drawn, strict=True))
        runs = linear_runs(z, 16, np.random.default_rng([3, generation]))
        runs[landscapes == 1] += 1.0
        found = Draws(np.full(800, generation), np.arange(800), z, landscapes, runs)
        posterior = evaluate(found, log_density(proposal, z, landscapes), tables)
        weights = np.exp(posterior.log_importance - posterior.log_importance.max())
        sizes.append(effective_size(weights / weights.sum()))
        proposal = sharpen.adapted(first, found, posterior)
    assert sizes[1] > 1.5 * sizes[0] and sizes[1] > 100
    centre = proposal.centres[0]
    assert np.linalg.norm((centre - mode) / sd) < 0.5 * np.linalg.norm((off.z - mode) / sd)


def test_starts_are_the_best_of_each_landscape_and_hint():
    rng = np.random.default_rng(15)
    tables = linear_tables(np.zeros(len(PARAMETERS)), ALL_READINGS[0], rng)
    found = linear_draws(0.3 * rng.normal(size=(200, len(PARAMETERS))))
    found = found._replace(landscape=rng.integers(0, 5, 200))
    posterior = evaluate(found, np.zeros(200), tables)
    near = candidates(found, posterior, tables, LANDSCAPE)
    best = starts(near, 8)
    assert len(best) == 8
    keys = [(start["landscape"], ALL_READINGS[start["reading"]].hint) for start in best]
    assert len(set(keys)) == 8
    row, reading = np.unravel_index(near.log_evidence.argmax(), near.log_evidence.shape)
    assert best[0]["z"] == near.z[row, reading].tolist()
    assert len(starts(near, 100)) == 15, "five landscapes and three readings of the hint"


def test_weights_are_flattened_until_they_are_worth_enough():
    rng = np.random.default_rng(10)
    tables = linear_tables(np.zeros(len(PARAMETERS)), ALL_READINGS[0], rng)
    posterior = evaluate(
        linear_draws(rng.normal(size=(600, len(PARAMETERS)))), np.zeros(600), tables
    )
    power, weights = posterior.weights(40)
    assert 0 < power < 1
    assert effective_size(weights) == pytest.approx(40, rel=1e-3)
    assert weights.sum() == pytest.approx(1)


def test_weighted_quantiles():
    numbers, weights = np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.5, 0.4])
    assert quantiles(numbers, weights, (0.4, 0.6, 0.95)) == [1.0, 2.0, 3.0]


def test_published_tables_and_held_out_numbers():
    published = read_published("config/published.yaml")
    tables = published_tables(published)
    assert len(tables) == 12
    assert tables["sdpo", "ordinal"] == (0.654, 1.644, 0.734)
    assert tables["reinforce", "binary"] == (0.512, 2.075, 0.645)  # in magnitude
    assert tables["adv_weighted", "critique"] == (0.516, 2.075, -0.108)
    numbers = published_numbers(published)
    settings = setting(BASE, MIDDLE, 3)
    settings["training"]["steps"] = 25
    settings["methods"]["hybrid_threshold"] = 0.1
    predicted = {tuple(p[:5]) for p in predict(settings, 10, 2)}
    assert set(numbers) <= predicted
    assert numbers["noise", "reward", "sdpo", "continuous", 0.5] == 0.624
    assert numbers["multi_seed", "sd", "adv_weighted", "continuous", 0.0] == 0.040


def test_held_out_numbers_are_the_logs_own():
    settings = setting(BASE, MIDDLE, 3)
    settings["training"]["steps"] = 40
    settings["methods"]["hybrid_threshold"] = 0.1
    found = {tuple(p[:5]): p for p in predict(settings, 10, 2)}
    logs = [train(settings, "hybrid", "critique", 0.2, seed) for seed in (10, 11)]
    reward = found["hybrid", "reward", "hybrid", "critique", 0.2]
    assert reward.mean == pytest.approx(np.mean([log[-20:, 0].mean() for log in logs]))
    assert reward.run == pytest.approx(logs[0][-20:, 0].mean())
    first = found["hybrid", "weight_first", "hybrid", "critique", 0.2]
    assert first.run == pytest.approx(logs[0][:10, 3].mean())
    settings["landscape"]["seed"] = "each"
    rewards = [train(settings, "sdpo", "continuous", 0.0, s)[-20:, 0].mean() for s in range(10, 15)]
    assert found["multi_seed", "sd", "sdpo", "continuous", 0.0].mean == pytest.approx(
        np.std(rewards, ddof=1)
    )


def test_parameters_are_rounded_as_far_as_it_does_no_harm():
    exact = {"coarse": 1.2345, "fine": 0.4567, "none": 0.00661}

    def distance(parameters):
        away = {key: abs(parameters[key] - value) for key, value in exact.items()}
        return 40.0 + 1.9 * away["coarse"] + 1000 * away["fine"] ** 0.5 + away["none"]

    assert fewest_decimals(exact, distance) == {"coarse": 1.2, "fine": 0.4567, "none": 0.01}


OPTIONS = Calibration(draws=1024, draws_per_job=512, generations=2).model_dump()


def test_a_generation_is_cut_into_blocks_that_more_draws_leave_alone():
    more = plan.blocks(OPTIONS | {"draws": 1536}, 1)
    assert more[:2] == plan.blocks(OPTIONS, 1)
    sharp = plan.sharp_blocks(OPTIONS, "published", 2)
    assert sharp[-1] == "results/calibration/published/generation=2/draws=64-95.parquet"


def test_one_key_scales_the_budget():
    double = OPTIONS | {"draws": 2048}
    for count in (plan.starts_count, plan.sharp_count):
        assert count(double) == 2 * count(OPTIONS)
    assert len(plan.held_out(double)) == 2 * len(plan.held_out(OPTIONS))


def test_a_sharp_generation_is_made_from_the_climbs_or_the_earlier_ones():
    assert plan.before_sharp(OPTIONS, "synthetic-2", 1) == plan.climbs(OPTIONS, "synthetic-2")
    before = plan.before_sharp(OPTIONS, "published", 3)
    assert plan.sharp_proposal("published", 2) in before
    assert set(plan.sharp_blocks(OPTIONS, "published", 1)) < set(before)
    assert not set(plan.sharp_blocks(OPTIONS, "published", 3)) & set(before)


def test_random_streams_of_papers_and_generations_differ():
    papers = ["published", *plan.papers({"papers": 3})]
    streams = {plan.stream(paper, generation) for paper in papers for generation in plan.SHARP}
    assert len(streams) == 4 * len(plan.SHARP)
    assert min(streams) > 100, "100 exploring generations are allowed"
