"""The calibration's figures and reports show what its frames say."""

import numpy as np
import pandas as pd
import pytest

import calibration_data as made_up
from sdposim.presentation.calibration import (
    check_figure,
    check_report,
    fit,
    held_out,
    marginals,
    outputs,
    pairs,
    predictive,
    reach,
    verdicts,
    writing,
)
from sdposim.presentation.calibration.drawing import TITLES
from sdposim.presentation.calibration.findings import findings
from sdposim.presentation.calibration.markdown import digits, percent
from sdposim.presentation.calibration.names import LANDSCAPE, PARAMETERS, READINGS
from sdposim.presentation.calibration.report import report
from sdposim.presentation.calibration.settings import prior_quantile, prior_value, settings
from sdposim.presentation.calibration.writing import write, write_check
from sdposim.presentation.style import write_figure


@pytest.fixture(scope="module")
def frames():
    return made_up.everything()


@pytest.fixture(scope="module")
def found(frames):
    return findings(*frames[1:])


def written(frames, **changes):
    """The report, with some of the frames changed."""
    names = ("posterior", "accepted", "predictions", "preset_table")
    return report(findings(**(dict(zip(names, frames[1:], strict=True)) | changes)), "figures")


def row_of(text, *starts):
    """The cells of the only row of a markdown table that begins with these cells."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()]
    (row,) = [row for row in rows if row[: len(starts)] == list(starts)]
    return row


# Verdicts


@pytest.mark.parametrize(
    ("width", "kind", "phrase"),
    [
        (0.10, "decided", "decided: 2.35"),
        (0.101, "narrowed", "narrowed to 0.10 of the prior"),
        (0.70, "narrowed", "narrowed to 0.70 of the prior"),
        (0.701, "undetermined", "undetermined (0.70 of the prior)"),
        (1.02, "undetermined", "undetermined (1.02 of the prior)"),
    ],
)
def test_verdict_on_a_parameter_at_its_thresholds(width, kind, phrase):
    summary = {"width_ratio": width, "posterior": [2.0, 2.3456, 2.7]}
    assert verdicts.of_parameter("feedback_strength", summary) == (kind, phrase)


@pytest.mark.parametrize(
    ("shares", "kind", "phrase"),
    [
        ({"a": 0.95, "b": 0.05}, "decided", "decided: a (95%)"),
        ({"a": 0.051, "b": 0.949}, "narrowed", "likely: b (95%)"),
        ({"a": 0.2, "b": 0.8}, "narrowed", "likely: b (80%)"),
        ({"a": 0.21, "b": 0.79}, "undetermined", "undetermined (b 79%)"),
        ({"a": 0.5, "b": 0.451, "c": 0.049}, "narrowed", "narrowed: not c (5%)"),
        ({"a": 0.5, "b": 0.45, "c": 0.05}, "undetermined", "undetermined (a 50%)"),
        ({"a": 0.9999, "b": 0.0001}, "decided", "decided: a (>99%)"),
    ],
)
def test_verdict_on_a_reading_at_its_thresholds(shares, kind, phrase):
    assert verdicts.of_reading("hint", shares) == (kind, phrase)


def test_what_no_table_depends_on_is_undetermined_whatever_its_numbers():
    sharp = {"width_ratio": 0.01, "posterior": [1.0, 1.0, 1.0]}
    assert verdicts.of_parameter("hybrid_threshold", sharp) == verdicts.NOT_SEEN
    assert verdicts.of_reading("clip", {"true": 1.0, "false": 0.0}) == verdicts.NOT_SEEN


@pytest.mark.parametrize(
    ("top", "effective", "kind"),
    [(0.96, 1.3, "decided"), (0.3, 70.0, "narrowed"), (0.02, 71.0, "undetermined")],
)
def test_verdict_on_the_landscape(top, effective, kind):
    summary = {"size": 100, "effective": effective, "top": [[7, top]]}
    verdict = verdicts.of_landscape(summary)
    assert verdict.kind == kind
    assert ("seed 7" if kind == "decided" else f"about {effective:.0f} of 100") in verdict.phrase


def test_settings_have_a_row_per_parameter_and_per_value(frames):
    posterior = frames[1]
    table = settings(posterior).set_index("setting")
    assert table.loc["quality_sd", "q50"] == posterior["parameters"]["quality_sd"]["posterior"][1]
    hint = table.loc["hint"].set_index("value")
    assert hint["probability"].to_dict() == made_up.READINGS["hint"]
    assert hint["prior_probability"].tolist() == pytest.approx([1 / 3] * 3)
    assert table.loc["kl_on_baselines", "value"].tolist() == ["true", "false"]
    assert table.loc["landscape", "prior_probability"].tolist() == [1 / 1024] * 10


@pytest.mark.parametrize("logarithmic", [True, False])
def test_prior_quantiles_are_inverted(logarithmic):
    entry = {"low": 0.4, "high": 1.6, "logarithmic": logarithmic}
    values = prior_value(np.array([0.0, 0.5, 1.0]), entry)
    assert values == pytest.approx([0.4, 0.8 if logarithmic else 1.0, 1.6])
    assert prior_quantile(values, entry) == pytest.approx([0.0, 0.5, 1.0])


# Predictive intervals


def _one_number(runs, published, statistic="reward", source="hybrid"):
    about = {"source": source, "statistic": statistic, "method": "sdpo"}
    about |= {"feedback": "continuous", "noise": 0.2, "published": published}
    runs = np.asarray(runs, dtype=float)
    return pd.DataFrame(about | {"rank": np.arange(len(runs)), "mean": runs - 0.5, "run": runs})


def _accepted(weights, admissible=True):
    weights = np.asarray(weights, dtype=float)
    ranks = np.arange(len(weights))
    return pd.DataFrame({"rank": ranks, "weight": weights, "admissible": admissible})


def test_intervals_respect_the_weights():
    predictions = _one_number(np.arange(100), np.nan)
    (even,) = predictive.intervals(predictions, _accepted(np.ones(100))).itertuples()
    assert (even.low, even.median, even.high) == pytest.approx((5, 50, 95), abs=1)
    heavy = np.where(np.arange(100) < 10, 1.0, 0.0)
    (first,) = predictive.intervals(predictions, _accepted(heavy)).itertuples()
    assert (first.low, first.median, first.high) == (0, 4, 9)


def test_means_are_of_admissible_draws_only():
    predictions = _one_number([1, 2, 3, 4], np.nan)
    admissible = [False, True, True, False]
    (row,) = predictive.intervals(predictions, _accepted(np.ones(4), admissible)).itertuples()
    assert (row.mean_low, row.mean_high) == (1.5, 2.5)
    (none,) = predictive.intervals(predictions, _accepted(np.ones(4), False)).itertuples()
    assert np.isnan(none.mean_low) and np.isnan(none.mean_high)


@pytest.mark.parametrize(
    ("source", "statistic", "precision"),
    [
        ("noise", "reward", 0.002),
        ("hybrid", "weight_low", 0.005),
        ("hybrid", "reward", 0.0005),
        ("multi_seed", "sd", 0.0005),
    ],
)
def test_inside_allows_for_the_precision_of_what_is_published(source, statistic, precision):
    def inside(published):
        numbers = _one_number(np.full(5, 0.6), published, statistic, source)
        return predictive.intervals(numbers, _accepted(np.ones(5)))["inside"].iloc[0]

    for sign in (-1, 1):
        assert inside(0.6 + sign * 0.9 * precision)
        assert not inside(0.6 + sign * 1.1 * precision)
    assert inside(np.nan) is pd.NA


def test_counts_leave_out_what_is_not_published():
    near, far = _one_number([1, 2], 1.5), _one_number([1, 2], 9.0).assign(noise=0.3)
    unknown = _one_number([1, 2], np.nan).assign(noise=0.5)
    numbers = pd.concat([unknown, far, near])
    frame = predictive.intervals(numbers, _accepted(np.ones(2)))
    assert predictive.counts(frame) == (1, 2)
    assert frame["noise"].tolist() == [0.2, 0.3, 0.5], "in the paper's order"


def test_undefined_runs_do_not_count():
    numbers = _one_number([1, 2, np.nan], 1.5)
    (row,) = predictive.intervals(numbers, _accepted([1.0, 1.0, 100.0])).itertuples()
    assert (row.low, row.high) == (1, 2)


# What admissible draws reach


def _small():
    """Two numbers of the advantage-weighted method, three draws, the last not admissible."""
    about = {"source": "tables", "statistic": "correlation", "method": "adv_weighted", "noise": 0.0}
    means = {"binary": [-0.06, -0.095, -0.05], "critique": [-0.06, -0.095, -0.10]}
    published = {"binary": -0.05, "critique": -0.11}
    predictions = pd.DataFrame(
        [
            about | {"feedback": name, "rank": rank, "mean": mean, "run": mean}
            for name, values in means.items()
            for rank, mean in enumerate(values)
        ]
    )
    predictions["published"] = predictions["feedback"].map(published)
    table = pd.DataFrame(
        [
            {"statistic": "correlation", "method": "adv_weighted", "feedback": name}
            | {"published": value, "tolerance": 0.02}
            for name, value in published.items()
        ]
    )
    return predictions, _accepted([1.0, 1.0, 1.0], [True, True, False]), table


def test_evidence_counts_admissible_draws_alone_and_together():
    predictions, accepted, table = _small()
    within = reach.reached(predictions, accepted, table)
    assert within.index.tolist() == [0, 1]
    assert within.to_numpy().tolist() == [[True, False], [False, True]]
    evidence = reach.evidence(within)
    assert evidence["draws"].tolist() == [1, 1] and evidence["together"].tolist() == [1, 1]
    nearer = predictions.assign(mean=-0.08)
    evidence = reach.evidence(reach.reached(nearer, accepted, table))
    assert evidence["draws"].tolist() == [0, 0] and evidence["together"].tolist() == [0, 0]


def test_span_of_a_blind_method_says_what_no_mean_can_reach():
    _, _, table = _small()
    (row,) = reach.spans(table).itertuples()
    assert (row.span, row.columns, row.reachable) == (0.06, 2, False)
    assert reach.spans(table.assign(tolerance=0.03))["reachable"].tolist() == [True]
    assert reach.spans(table.assign(method="sdpo")).empty, "SDPO sees the feedback"


# Figures


def test_marginals_show_the_weighted_density_over_the_priors(frames):
    draws, posterior = frames[:2]
    only = draws.assign(weight=np.where(draws["quality_sd"] < 0.8, 1.0, 0.0))
    _, data = marginals.draw(only, posterior)
    shown = data[data["setting"] == "quality_sd"]
    assert shown["posterior"].sum() == pytest.approx(marginals.BINS)
    assert (shown.loc[shown["low"] > 0.8001, "posterior"] == 0).all()
    below = draws[draws["quality_sd"] < 0.8]
    at = shown.iloc[3]
    share = ((below["quality_sd"] >= at["low"]) & (below["quality_sd"] < at["high"])).mean()
    assert at["posterior"] == pytest.approx(marginals.BINS * share)


def test_titles_of_marginals_are_the_verdicts(frames):
    posterior = frames[1]
    fig, data = marginals.draw(*frames[:2])
    axes = [ax for part in fig.subfigs for ax in part.axes]
    titles = {ax.get_title().replace("\n", " "): ax for ax in axes}
    table = settings(posterior).drop_duplicates("setting")
    assert len(titles) == len(table) == 13
    for row in table.itertuples():
        (ax,) = [
            ax
            for title, ax in titles.items()
            if title.startswith(_short(row.setting)) and title.endswith(row.phrase)
        ]
        assert ax.title.get_fontstyle() == TITLES[row.verdict].get("fontstyle", "normal")
        weight = TITLES[row.verdict].get("fontweight", "normal")
        assert ax.title.get_fontweight() == weight
    assert (data[data["setting"] == "hybrid_threshold"]["posterior"] == 1).all()
    bars = {bar.get_height() for bar in _container(titles, "ordinal scale", "_posterior")}
    assert bars == set(made_up.READINGS["ordinal_scale"].values())


def _short(setting):
    return {**PARAMETERS, **READINGS, "landscape": LANDSCAPE}[setting].short


def _container(titles, start, label):
    (ax,) = [ax for title, ax in titles.items() if title.startswith(start)]
    return next(box for box in ax.containers if box.get_label() == label)


def test_other_landscapes_hold_the_rest_of_the_probability(frames):
    _, data = marginals.draw(*frames[:2])
    shown = data[data["setting"] == "landscape"]
    assert shown["posterior"].sum() == pytest.approx(1)
    assert shown["prior"].sum() == pytest.approx(1)
    assert shown["value"].tolist()[-1] == "other" and shown["preset"].sum() == 1


def test_pairs_are_weighted_and_span_the_prior(frames):
    draws, posterior = frames[:2]
    fig, data = pairs.draw(draws, posterior)
    pair = data[(data["y"] == "feedback_strength") & (data["x"] == "quality_sd")]
    u = [prior_quantile(draws[name], posterior["parameters"][name]) for name in
         ("feedback_strength", "quality_sd")]  # fmt: skip
    expected = np.cov(u, aweights=draws["weight"])
    expected = expected[0, 1] / np.sqrt(expected[0, 0] * expected[1, 1])
    assert pair["correlation"].iloc[0] == pytest.approx(expected)
    assert expected < -0.5
    assert pair["probability"].sum() == pytest.approx(1, abs=pairs.NEGLIGIBLE * pairs.BINS**2)
    peak = pair.loc[pair["probability"].idxmax()]
    inside = (np.floor(u[0] * 16) == peak["y_bin"]) & (np.floor(u[1] * 16) == peak["x_bin"])
    assert peak["probability"] == pytest.approx(draws.loc[inside, "weight"].sum())
    below = [ax for ax in fig.axes if ax.get_xlim() == (0, 1) and ax.get_ylim() == (0, 1)]
    assert sum(bool(ax.collections) for ax in below) == 15
    bold = [ax.texts[0].get_text() for ax in fig.axes if ax.texts
            and ax.texts[0].get_fontweight() == "bold"]  # fmt: skip
    assert bold == [f"\N{MINUS SIGN}{-expected:.2f}"]


def test_pairs_of_a_posterior_that_is_one_draw(frames):
    draws, posterior = frames[:2]
    one = draws.assign(weight=np.where(draws.index == 5, 1.0, 0.0))
    _, data = pairs.draw(one, posterior)
    assert len(data) == 21 and (data["probability"] == 1).all()
    assert data["correlation"].isna().all()


def test_fit_shows_all_36_with_interval_preset_and_tolerance(frames, found):
    preset_table = frames[4]
    fig, data = fit.draw(found.intervals, preset_table)
    assert len(data) == 36
    assert len(fig.axes) == 9
    titles = [ax.get_title() for ax in fig.axes]
    assert sum("magnitude" in title for title in titles) == 1
    assert titles[7].startswith("REINFORCE, magnitude")
    for place, ax in enumerate(fig.axes):
        shown = data.iloc[place * 4 : place * 4 + 4]
        for label, column in (("_published", "published"), ("_preset", "preset")):
            values = [line.get_ydata()[0] for line in ax.get_lines() if line.get_label() == label]
            assert values == shown[column].tolist()
        ends = [
            tuple(line.get_ydata()) for line in ax.get_lines() if line.get_label() == "_interval"
        ]
        assert ends == list(zip(shown["low"], shown["high"], strict=True))
        assert ax.get_title().endswith(f": {shown['inside'].sum()} of 4 inside")
    assert data["published"].tolist() == preset_table["published"].tolist()


def test_fit_without_admissible_draws(frames):
    _, posterior, accepted, predictions, preset_table = frames
    none = findings(posterior, accepted.assign(admissible=False), predictions, preset_table)
    fig, data = fit.draw(none.intervals, preset_table)
    fig.draw_without_rendering()
    assert data["mean_low"].isna().all() and data["low"].notna().all()


def test_held_out_marks_what_is_published_and_counts_what_is_inside(found):
    fig, data = held_out.draw(found.intervals)
    axes = [ax for part in fig.subfigs for ax in part.axes]
    assert len(axes) == len(held_out.PANELS)
    assert "tables" not in set(data["source"])
    marked = 0
    for ax, (source, statistics, title, _) in zip(axes, held_out.PANELS, strict=True):
        shown = data[(data["source"] == source) & data["statistic"].isin(statistics)]
        inside, published = predictive.counts(shown)
        assert ax.get_title() == f"{title}: {inside} of {published} inside"
        marks = [line.get_ydata()[0] for line in ax.get_lines() if line.get_label() == "_published"]
        assert sorted(marks) == sorted(shown["published"].dropna())
        marked += len(marks)
    assert marked == data["published"].notna().sum() == 44


def test_held_out_keeps_two_published_values_of_one_number_apart(frames):
    _, _, accepted, predictions, _ = frames
    first = predictions[predictions["statistic"] == "weight_first"].assign(published=0.5)
    both = predictive.intervals(pd.concat([predictions, first]), accepted)
    shown = both.query("statistic == 'weight_first' and feedback == 'continuous'")
    assert shown["published"].tolist() == [0.5, 0.95]
    assert shown["inside"].tolist() == [False, True]


def test_check_shows_truths_intervals_and_coverage():
    check, readings = made_up.check(), made_up.check_readings()
    fig, data = check_figure.draw(check, readings)
    assert len(data) == len(check) + len(readings)
    upper, lower = fig.subfigs
    for ax, name in zip(upper.axes, check_figure.FITTED, strict=True):
        shown = check[check["parameter"] == name]
        truths = [line.get_ydata()[0] for line in ax.get_lines() if line.get_label() == "_truth"]
        assert truths == shown["u_truth"].tolist()
        assert ax.get_title().endswith(f": {shown['inside'].sum()} of 12 inside")
        crosses = sum(line.get_marker() == "X" for line in ax.get_lines())
        assert crosses == (~shown["inside"]).sum()
    (ax,) = lower.axes
    assert len(ax.get_xticks()) == readings["reading"].nunique() == 5


# Reports


def test_report_says_for_each_setting_what_the_tables_say(frames):
    text = written(frames)
    posterior = frames[1]
    low, median, high = map(digits, posterior["parameters"]["hint_sd"]["posterior"])
    row = row_of(text, "SD of hints", "0 to 1.5")
    assert row[2] == f"{median} ({low} to {high})"
    assert row_of(text, "ordinal scale", "2 readings")[4] == "decided: fraction (99%)"
    assert row_of(text, "noisy feedback clipped", "2 readings")[4].endswith("(by construction)")
    (decided,) = [line for line in text.splitlines() if line.startswith("- **Decided**")]
    assert decided == "- **Decided**: SD of initial logits, ordinal scale."
    assert "\n\n\n" not in text and "nan" not in text.lower() and text.endswith("\n")


def test_report_lists_the_36_numbers_and_those_out_of_tolerance(frames, found):
    text = written(frames)
    table = frames[4]
    assert text.count("| yes |") == table["within"].sum() == 34
    assert text.count("| **no** |") == 2
    assert "34 of 36 numbers" in text
    start = text.index("Out of tolerance")
    row = row_of(text[start:], "credit correlation", "Adv-Weighted", "Critique")
    number = table.query("method == 'adv_weighted' and statistic == 'correlation'").iloc[3]
    evidence = found.evidence.query("method == 'adv_weighted' and statistic == 'correlation'")
    expected = ["0.027", f"{number['best_possible']:.3f}", "0.02", percent(number["share"])]
    assert row[3:] == [*expected, str(evidence["together"].iloc[3])]
    assert "span 0.056, more than twice the tolerance of 0.02" in " ".join(text.split())
    assert "credit correlation, magnitude | REINFORCE" in text
    assert "| credit correlation | REINFORCE" not in text


def test_report_does_not_claim_a_span_that_is_not_there(frames):
    wide = frames[4].assign(tolerance=1.0, within=True)
    text = written(frames, preset_table=wide)
    assert "more than twice" not in text and "No number of the preset is out" in text
    assert "160 of them have all 36" in " ".join(text.split())


def test_report_counts_held_out_numbers_inside(frames, found):
    text = written(frames)
    inside, published = predictive.counts(found.held_out)
    assert f"{inside} of {published} published numbers that were not fitted" in text
    assert text.count("| inside |") == inside
    assert text.count("| **outside** |") == published - inside > 0
    (mean,) = found.held_out.query("statistic == 'mean' and method == 'sdpo'").itertuples()
    row = row_of(text, "mean over 5 landscapes", "figure 6", "SDPO")
    assert row[5:7] == ["0.669", f"{mean.median:.3f} ({mean.low:.3f} to {mean.high:.3f})"]
    assert row_of(text, "hybrid weight, first 10 steps", "figure 5", "Hybrid", "Critique")


def test_report_is_honest_about_weights(frames):
    posterior = frames[1]
    exact = written(frames)
    assert "not flattened" in exact and "rough" not in exact
    text = written(frames, posterior=posterior | {"power": 0.31, "ess": 50.0})
    assert "flattened to their power 0.31" in text and "not flattened" not in text
    assert "worth 50 equally weighted ones, so the ends of the intervals are rough" in " ".join(
        text.split()
    )


def test_report_without_admissible_draws_says_so(frames):
    accepted = frames[2].assign(admissible=False)
    text = " ".join(written(frames, accepted=accepted).split())
    assert "No draw is admissible" in text
    assert f"squared distance of {accepted['distance'].min():.1f}" in text
    assert "Out of tolerance" not in text


def test_check_report_counts():
    check, readings = made_up.check(), made_up.check_readings()
    readings.loc[readings["reading"] == "hint", "probability"] = [0.049, 0.05, *[0.9] * 10]
    text = check_report.check_report(check, readings, "figures")
    for name, label in (("quality_sd", "SD of q"), ("hint_sd", "SD of hints")):
        inside = check.loc[check["parameter"] == name, "inside"].sum()
        assert row_of(text, label)[3:5] == [f"{inside} of 12", "8 to 12"]
    inside, pool = check["inside"].sum(), check.loc[check["pool"], "inside"].sum()
    assert row_of(text, "all")[1:4] == [
        f"{pool} of 36",
        f"{inside - pool} of 36",
        f"{inside} of 72 ({percent(inside / 72)})",
    ]
    assert row_of(text, "critique hint")[1:] == ["0.90", "0.05", "1 of 12"]


def test_small_shares_never_print_as_nothing_or_all():
    assert [percent(x) for x in (0, 0.004, 0.006, 0.994, 0.996, 1)] == [
        "0%", "<1%", "1%", "99%", ">99%", "100%",
    ]  # fmt: skip
    assert [digits(x) for x in (0.0423456, 2.3456, 999.7, 1234.5)] == [
        "0.0423", "2.35", "1e+03", "1,234",
    ]  # fmt: skip


@pytest.mark.filterwarnings("error:constrained_layout not applied")
def test_write_makes_the_named_files(frames, tmp_path, monkeypatch):
    def lay_out_only(fig, data, stem):  # files of every kind take half a minute
        fig.draw_without_rendering()
        stem.parent.mkdir(parents=True, exist_ok=True)
        for ending in outputs.ENDINGS:
            stem.with_name(f"{stem.name}.{ending}").write_text(data.to_csv())

    monkeypatch.setattr(writing, "write_figure", lay_out_only)
    reports = tmp_path / "reports"
    figures = reports / "figures"
    write(*frames, figures, reports)
    write_check(made_up.check(), made_up.check_readings(), figures, reports)
    expected = {figures / file for file in outputs.FIGURE_FILES + outputs.CHECK_FIGURE_FILES}
    expected |= {reports / file for file in outputs.REPORT_FILES + outputs.CHECK_REPORT_FILES}
    assert {path for path in reports.rglob("*") if path.is_file()} == expected
    for name in ("calibration.md", "calibration_check.md"):
        text = (reports / name).read_text()
        for link in [part.split(")")[0] for part in text.split("](")[1:]]:
            assert (reports / link).is_file(), link


def test_same_frames_give_the_same_bytes(frames, tmp_path):
    for name in ("one", "two"):
        write_figure(*marginals.draw(*frames[:2]), tmp_path / name)
    for ending in outputs.ENDINGS:
        one, two = (tmp_path / f"{name}.{ending}" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
