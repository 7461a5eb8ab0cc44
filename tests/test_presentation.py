"""Tables, comparison and figures: what they show is what the summaries say."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from presentation_data import study
from sdposim.analysis.published import (
    Value,
    from_rows,
    matching,
    read_values,
    to_rows,
)
from sdposim.report import captions, comparison, demands, tables
from sdposim.report.figures import FIGURES, draw
from sdposim.report.labels import METHODS, named
from sdposim.report.style import OTHER_COLOURS, Look, look, write_figure
from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.load import DEFAULT, merge, read_yaml
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate
from sdposim.workflow.study import canonical, over_landscapes

TABLE1 = {
    "sdpo": {"binary": 0.650, "ordinal": 0.654, "continuous": 0.641, "critique": 0.637},
    "reinforce": {"binary": 0.512, "ordinal": 0.508, "continuous": 0.514, "critique": 0.510},
}
TABLE2 = {"sdpo": {"binary": 0.703}, "reinforce": {"binary": -0.645, "critique": -0.634}}
TABLE3 = {"sdpo": {"binary": 1.616, "continuous": 1.750}, "reinforce": {"continuous": 2.075}}


def table_values(number, quantity, entries):
    """The rows of a table of the paper."""
    about = {"where": f"table{number}", "noise": 0.0}
    return [
        Value(
            **about, quantity=quantity, statistic="final", method=method, feedback=name, value=own
        )
        for method, columns in entries.items()
        for name, own in columns.items()
    ]


def picked(*ids):
    """Rows of the paper's values, by their names and in this order."""
    return [value for id in ids for value in matching(read_values(), id=id)]


PLACES = {place: name for name, own in Config().studies.items() for place in own.reproduces}
LOOKS = [Look(**own["look"]) for own in METHODS.values()]
REWARDS = table_values(1, "reward", TABLE1)
CREDITS = table_values(2, "credit_correlation", TABLE2)
ENTROPIES = table_values(3, "entropy", TABLE3)
INITIAL = picked("figure3.initial")
HYBRID = picked(
    "section3.5.hybrid.continuous.reward", "section3.5.hybrid.continuous.entropy",
    "section3.5.sdpo.critique.reward", "section3.5.hybrid_weight.initial",
    "section3.5.hybrid_weight.lower_bound", "figure5.hybrid_weight.initial.continuous",
    "figure5.hybrid_weight.initial.critique", "figure5.hybrid_weight.minimum",
    "figure5.hybrid_weight.maximum",
)  # fmt: skip
FIGURE6 = picked("figure6.sdpo.mean", "figure6.sdpo.sd")
STUDIES = {
    "noise_robustness": {"feedbacks": ["continuous"], "noises": [0.0, 0.1, 0.5]},
    "hybrid": {
        "methods": ["hybrid", "sdpo", "reinforce"],
        "feedbacks": ["continuous", "critique"],
        "noises": [0.2],
    },
    "landscapes": {"feedbacks": ["continuous"], "spread": 0.04},
}
PUBLISHED = {
    "learning_curves": REWARDS,
    "credit_bars": CREDITS,
    "entropy": ENTROPIES + INITIAL,
    "noise_robustness": picked(
        "figure4.reward.sdpo.0", "figure4.reward.sdpo.0.5", "figure4.credit_correlation.sdpo.0"
    ),
    "hybrid": HYBRID,
    "landscapes": FIGURE6,
}


def drawn(kind, published=(), options=None, **changes):
    cells, curves = study(**{"seeds": 3, "steps": 60, **STUDIES.get(kind, {}), **changes})
    fig, data = draw(kind, cells, curves, published, {"vocabulary_size": 8, **(options or {})})
    return fig, data, cells


def lines(ax, label):
    """The points of the lines with a label, or whose error-bar container has it."""
    named = [line for line in ax.get_lines() if line.get_label() == label]
    named += [box.lines[0] for box in ax.containers if _is_errorbar(box, label)]
    return [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in named]


def _is_errorbar(box, label):
    return hasattr(box, "has_yerr") and box.get_label() == label


def marks(ax):
    return [(float(x[0]), float(y[0])) for x, y in lines(ax, "_published")]


# Tables


def test_table_shows_means_and_differences():
    cells, _ = study(seeds=4)
    table = tables.build_table(cells, "final_reward", REWARDS)
    assert list(table.columns) == tables.COLUMNS
    row = table.query("method == 'reinforce' and feedback == 'critique'").iloc[0]
    values = cells.query("method == 'reinforce' and feedback == 'critique'")["reward"]
    assert row["reproduced"] == pytest.approx(values.mean(), abs=1e-15)
    assert row["sd"] == pytest.approx(values.std(ddof=1), abs=1e-15)
    assert row["n"] == 4
    assert row["difference"] == pytest.approx(values.mean() - 0.510, abs=1e-15)
    assert table.query("method == 'adv_weighted'")["published"].isna().all()


def test_table_does_not_depend_on_the_order_of_cells():
    cells, _ = study(seeds=5)
    shuffled = cells.sample(frac=1, random_state=3)
    expected = tables.build_table(cells, "final_entropy")
    pd.testing.assert_frame_equal(tables.build_table(shuffled, "final_entropy"), expected)


def test_table_orders_the_paper_first_and_keeps_what_a_user_adds():
    cells, _ = study(
        methods=("my_method", "hybrid", "sdpo"), feedbacks=("pairwise", "critique", "binary")
    )
    table = tables.build_table(cells, "credit_correlation", CREDITS)
    assert list(dict.fromkeys(table["method"])) == ["sdpo", "hybrid", "my_method"]
    assert list(dict.fromkeys(table["feedback"])) == ["binary", "critique", "pairwise"]
    text = tables.to_csv(table)
    assert "my_method,binary," in text
    assert all(line.endswith(",,") for line in text.splitlines() if "pairwise" in line)


def test_table_of_several_noise_levels_compares_only_the_one_without():
    cells, _ = study(noises=(0.0, 0.2))
    table = tables.build_table(cells, "final_reward", REWARDS)
    assert list(table.columns) == ["noise", *tables.COLUMNS]
    assert table.query("noise == 0.2")["published"].isna().all()
    assert table.query("noise == 0 and method == 'sdpo'")["published"].notna().all()
    other = tables.build_table(cells.assign(setting="other"), "final_reward")
    both = pd.concat([cells, cells.assign(setting="other")])
    assert len(tables.build_table(both, "final_reward")) == 2 * len(other)


def test_csv_has_fixed_decimals_and_no_negative_zero():
    table = pd.DataFrame(
        [["sdpo", "binary", 0.5, float("nan"), 1, 0.50000001, -0.00000001]],
        columns=tables.COLUMNS,
    )
    assert tables.to_csv(table).splitlines()[1] == "sdpo,binary,0.5000,,1,0.5000,0.0000"


def _two_methods(sdpo, reinforce, published=()):
    cells, _ = study(methods=("sdpo", "reinforce"), feedbacks=("binary",), seeds=2)
    reward = cells["method"].map({"sdpo": sdpo, "reinforce": reinforce})
    return tables.build_table(
        cells.assign(reward=reward, entropy=reward), "final_reward", published
    )


def test_best_per_column_is_bold_and_only_that():
    text = tables.to_latex(_two_methods(0.4, 0.6, REWARDS), "final_reward", label="table1")
    assert "REINFORCE & \\textbf{0.600} (0.512) $+$0.088" in text
    assert "SDPO & 0.400 (0.650) $-$0.250" in text
    assert text.count("\\textbf") == 1
    markdown = tables.to_markdown(_two_methods(0.4, 0.6, REWARDS), "final_reward")
    assert "| REINFORCE | **0.600** (0.512) +0.088 |" in markdown
    assert markdown.count("**") == 2


def test_values_that_print_alike_are_both_bold():
    assert tables.to_latex(_two_methods(0.6001, 0.5999), "final_reward").count("\\textbf") == 2


def test_entropy_has_no_best():
    cells, _ = study()
    table = tables.build_table(cells, "final_entropy")
    assert "textbf" not in tables.to_latex(table, "final_entropy")


def test_latex_has_booktabs_and_escapes_names():
    cells, _ = study(methods=("sdpo", "my_method"), feedbacks=("binary", "a_b"))
    table = tables.build_table(cells, "final_reward")
    text = tables.to_latex(table, "final_reward", caption="50% of A & B", label="t")
    for rule in ("\\toprule", "\\midrule", "\\bottomrule"):
        assert text.count(rule) == 1
    assert "my\\_method" in text and "a\\_b" in text and "50\\% of A \\& B" in text
    assert text.count("{") == text.count("}")
    body = text[text.index("\\toprule") : text.index("\\bottomrule")]
    rows = [line for line in body.splitlines() if line.endswith("\\\\")]
    assert {line.count(" & ") for line in rows} == {2} and len(rows) == 3
    assert tables.escape_latex("a\\b~c^d") == "a\\textbackslash{}b\\textasciitilde{}c" + (
        "\\textasciicircum{}d"
    )


def test_write_table_writes_three_files_and_no_others(tmp_path):
    cells, _ = study()
    table = tables.build_table(cells, "final_reward", REWARDS)
    tables.write_table(table, "final_reward", tmp_path / "new" / "table1")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert names == {"table1.csv", "table1.md", "table1.tex"}
    assert "\\label{tab:table1}" in (tmp_path / "new" / "table1.tex").read_text()


def test_unknown_table_kind_is_named():
    cells, _ = study()
    with pytest.raises(UserError, match=r"'final_rewards' is not one of final_reward, "):
        tables.build_table(cells, "final_rewards")


# Comparison


def _comparison(seeds=3):
    cells, curves = study(seeds=seeds)
    noise, noise_curves = study(seeds=seeds, feedbacks=["continuous"], noises=[0.0, 0.5])
    hybrid, hybrid_curves = study(seeds=seeds, **STUDIES["hybrid"])
    several, _ = study(seeds=seeds, setting="landscapes", **STUDIES["landscapes"])
    published = [
        *REWARDS, *ENTROPIES, *INITIAL,
        *picked(
            "figure4.credit_correlation.sdpo.0", "figure4.credit_correlation.sdpo.0.5",
            "section3.4.credit_correlation.sdpo.0.5",
        ),
        *HYBRID, *FIGURE6, *picked("section2.7.steps"),
    ]  # fmt: skip
    studies = {"comparison": cells, "noise": noise, "hybrid": hybrid, "multi_seed": several}
    curves = {"comparison": curves, "noise": noise_curves, "hybrid": hybrid_curves}
    return studies, curves, published


def test_comparison_has_every_published_number_once():
    studies, curves, published = _comparison()
    frame = comparison.compare(studies, curves, published, PLACES)
    # 8 of table 1, 3 of table 3, 2 initial entropies, 3 of figure 4, 3 rewards and entropies and
    # 2 x 5 weights of the hybrid, 1 mean and 1 SD of figure 6.
    assert len(frame) == 8 + 3 + 2 + 3 + 3 + 10 + 2
    assert list(frame.columns) == comparison.COLUMNS
    text = frame[frame["where"] == "section 3.4"].iloc[0]
    own = studies["noise"].query("method == 'sdpo' and noise == 0.5")["credit_correlation"]
    assert text["published"] == 0.72
    assert text["reproduced"] == pytest.approx(own.mean())
    assert text["z"] == pytest.approx((own.mean() - 0.72) / own.std(ddof=1))
    spread = frame[frame["quantity"].str.startswith("SD")].iloc[0]
    own = studies["multi_seed"].query("method == 'sdpo'")["reward"]
    assert (spread["published"], spread["reproduced"]) == (0.058, pytest.approx(own.std(ddof=1)))
    assert math.isnan(spread["z"])


def test_comparison_of_listed_landscapes_is_of_their_replicates():
    studies, curves, published = _comparison(seeds=7)
    listed = {"landscapes": {"landscapes": [42, 137, 256]}, "ddof": 0}
    frame = comparison.compare(studies, curves, published, PLACES, {"multi_seed": listed})
    own = studies["multi_seed"].query("method == 'sdpo'").sort_values("seed")["reward"]
    replicates = own.to_numpy()[:6].reshape(2, 3)  # the seventh seed has one landscape only
    shown = frame[frame["where"] == "figure 6"].set_index("quantity")
    assert (shown["n"] == 2).all()
    for quantity, values in (
        ("final reward", replicates.mean(axis=1)),
        ("SD of final reward over landscapes", replicates.std(axis=1)),
    ):
        assert shown.loc[quantity, "reproduced"] == pytest.approx(values.mean())
        assert shown.loc[quantity, "sd"] == pytest.approx(values.std(ddof=1))
    alone = {"multi_seed": {"landscapes": {}, "ddof": 0}}
    once = comparison.compare(studies, curves, published, PLACES, alone)
    once = once[once["where"] == "figure 6"].set_index("quantity")["reproduced"]
    assert once["final reward"] == pytest.approx(own.mean())
    assert once["SD of final reward over landscapes"] == pytest.approx(own.std(ddof=0))


def test_how_figure_6_is_made_is_what_the_configuration_says():
    config = Config()
    listed = [42, 137, 256, 512, 1024]
    made = over_landscapes(config, "multi_seed")
    assert made == {"landscapes": {"landscapes": listed}, "ddof": 0}
    made = over_landscapes(config, "comparison")
    assert made == {"landscapes": {"paper": None}, "ddof": 1}
    assert over_landscapes(config, "of nobody") == {"landscapes": {}, "ddof": 1}


def test_comparison_of_the_weight_reads_the_curve():
    studies, curves, published = _comparison()
    frame = comparison.compare(studies, curves, published, PLACES)
    weight = curves["hybrid"].query("method == 'hybrid' and feedback == 'critique'")
    weight = weight.sort_values("step")["hybrid_weight_mean"]
    shown = frame[frame["quantity"].str.startswith("hybrid weight")]
    shown = shown[shown["feedback"] == "critique"]["reproduced"].tolist()
    first, last = weight.iloc[0], weight.iloc[-1]
    assert shown == pytest.approx([first, last, first, weight.min(), weight.max()])


def test_comparison_of_one_seed_has_no_z():
    studies, curves, published = _comparison(seeds=1)
    frame = comparison.compare(studies, curves, published, PLACES)
    assert frame["z"].isna().all() and (frame["n"] == 1).all()
    assert comparison.to_csv(frame).splitlines()[1].endswith(",")


def test_comparison_leaves_out_what_is_absent():
    studies, _, published = _comparison()
    only = {"comparison": studies["comparison"].query("method == 'sdpo'")}
    frame = comparison.compare(only, {}, published, PLACES)
    assert set(frame["method"]) == {"sdpo"}
    assert set(frame["where"]) == {"table 1", "table 3"}
    assert comparison.compare({}, {}, published, PLACES).empty


def test_comparison_tells_settings_apart():
    studies, _, published = _comparison()
    cells = studies["comparison"]
    both = {"comparison": pd.concat([cells, cells.assign(setting="other")])}
    frame = comparison.compare(both, {}, published, PLACES)
    assert frame.columns[0] == "setting" and set(frame["setting"]) == {"paper", "other"}


def test_comparison_has_the_order_of_the_values():
    studies, curves, published = _comparison()
    rows = comparison.compare(studies, curves, published, PLACES)
    table = rows[rows["where"] == "table 1"]
    assert table["method"].tolist() == ["sdpo"] * 4 + ["reinforce"] * 4
    assert table["feedback"].tolist() == [*TABLE1["sdpo"], *TABLE1["reinforce"]]
    backwards = comparison.compare(studies, curves, published[::-1], PLACES)
    table = backwards[backwards["where"] == "table 1"]
    assert table["published"].tolist() == [value.value for value in REWARDS[::-1]]


def test_comparison_through_a_spec_is_the_same():
    studies, curves, published = _comparison()
    rows = json.loads(canonical(to_rows(published)))
    expected = comparison.compare(studies, curves, published, PLACES)
    found = comparison.compare(studies, curves, from_rows(rows), PLACES)
    pd.testing.assert_frame_equal(found, expected)


def test_comparison_gives_a_user_s_methods_and_feedbacks_no_values():
    _, curves = study(methods=["sdpo", "mine"], feedbacks=["continuous", "pairwise"])
    frame = comparison.compare({}, {"comparison": curves}, [*ENTROPIES, *INITIAL], PLACES)
    assert frame[["method", "feedback"]].to_numpy().tolist() == [["sdpo", "continuous"]]
    _, curves = study(methods=["hybrid"], feedbacks=["critique", "pairwise"], noises=[0.2])
    frame = comparison.compare({}, {"hybrid": curves}, HYBRID, PLACES)
    assert set(frame["feedback"]) == {"critique"} and len(frame) == 5


def test_write_comparison(tmp_path):
    frame = comparison.compare(*_comparison(), PLACES)
    comparison.write_comparison(frame, tmp_path / "comparison")
    text = (tmp_path / "comparison.md").read_text()
    assert "| final reward | table 1 | SDPO | Binary | 0.00 | 0.650 |" in text
    assert len((tmp_path / "comparison.csv").read_text().splitlines()) == len(frame) + 1


# Figures


def test_bars_are_as_high_as_the_data_and_inside_the_axis():
    fig, data, cells = drawn("credit_bars", PUBLISHED["credit_bars"])
    (ax,) = fig.axes
    expected = cells.groupby(["method", "feedback"])["credit_correlation"].mean()
    for row, bar in zip(data.itertuples(), ax.patches, strict=True):
        assert bar.get_height() == pytest.approx(expected[row.method, row.feedback])
        assert bar.get_facecolor()[:3] == pytest.approx(_rgb(METHODS[row.method]["look"]["colour"]))
    low, high = ax.get_ylim()
    assert (data["credit_correlation"] < 0).any()
    assert low < data[["credit_correlation", "published"]].min(axis=None)
    assert high > data[["credit_correlation", "published"]].max(axis=None)
    labels = [text.get_text().replace("\N{MINUS SIGN}", "-") for text in ax.texts]
    values, spreads = zip(*(map(float, label.split("\n±")) for label in labels), strict=True)
    assert values == pytest.approx(data["credit_correlation"].tolist(), abs=0.00051)
    assert spreads == pytest.approx(data["sd"].tolist(), abs=0.00051)
    shown = data.dropna(subset="published")
    bars = dict(zip(data.index, ax.patches, strict=True))
    expected = [
        (bars[i].get_x() + bars[i].get_width() / 2, shown["published"][i]) for i in shown.index
    ]
    assert [y for _, y in marks(ax)] == [y for _, y in expected]
    for (x, _), (centre, _) in zip(marks(ax), expected, strict=True):
        assert abs(x - centre) < ax.patches[0].get_width() / 2


def _rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def test_learning_curves_show_each_feedback_in_its_panel():
    fig, data, _ = drawn("learning_curves", PUBLISHED["learning_curves"])
    titles = [ax.get_title() for ax in fig.axes]
    assert titles == ["Binary", "Ordinal", "Continuous", "Critique"]
    for ax, feedback in zip(fig.axes, TABLE1["sdpo"], strict=True):
        ((steps, reward),) = lines(ax, "_sdpo")
        shown = data.query("feedback == @feedback and method == 'sdpo' and source == 'reproduced'")
        np.testing.assert_array_equal(steps, shown["step"].to_numpy(dtype=int))
        np.testing.assert_array_equal(reward, shown["reward"])
        assert steps[0] == 15, "the moving average needs a full window"
        (strip,) = ax.child_axes
        assert [y for _, y in marks(strip)] == [TABLE1[m][feedback] for m in ("sdpo", "reinforce")]
        assert strip.get_ylim() == ax.get_ylim()


def test_entropy_has_the_line_of_the_highest_and_all_marks():
    fig, _, cells = drawn("entropy", PUBLISHED["entropy"])
    left, right = fig.axes
    for ax in (left, right):
        ((_, highest),) = lines(ax, "_highest")
        assert set(highest) == {math.log(8)}
        assert ax.get_ylim()[1] > math.log(8)
    assert "continuous" in left.get_title()
    assert marks(left) == [(1, 2.0755)]
    assert [y for _, y in marks(*left.child_axes)] == [1.750, 2.075]
    assert sorted(y for _, y in marks(right)) == [1.616, 1.750, 2.075]
    finals = sorted(y[0] for _, y in lines(right, "_sdpo"))
    expected = cells[cells["method"] == "sdpo"].groupby("feedback")["entropy"].mean()
    assert finals == pytest.approx(sorted(expected))


def test_noise_marks_stand_at_the_points_of_their_method():
    fig, data, _ = drawn("noise_robustness", PUBLISHED["noise_robustness"])
    reward, credit = fig.axes
    ((noise, values),) = lines(reward, "_sdpo")
    shown = data.query("metric == 'reward' and method == 'sdpo' and source == 'reproduced'")
    np.testing.assert_array_equal(values, shown["value"])
    np.testing.assert_array_equal(np.round(noise.astype(float)), [0, 1, 2])
    assert marks(reward) == [(noise[0], 0.641), (noise[2], 0.624)]
    assert [y for _, y in marks(credit)] == [0.768]


def test_noise_takes_the_correlation_of_table_2_where_the_figure_has_none():
    """The paper's figure cuts off negative values: REINFORCE's must be inside this one's axis."""
    table = {"sdpo": {"continuous": 0.1}, "reinforce": {"continuous": -0.636, "binary": 0.9}}
    published = PUBLISHED["noise_robustness"] + table_values(2, "credit_correlation", table)
    fig, _, _ = drawn("noise_robustness", published)
    assert [y for _, y in marks(fig.axes[1])] == [0.768, -0.636]
    assert fig.axes[1].get_ylim()[0] < -0.636


def test_hybrid_has_a_panel_per_feedback_and_the_weight():
    fig, data, _ = drawn("hybrid", PUBLISHED["hybrid"])
    assert [ax.get_title() for ax in fig.axes] == ["Continuous", "Critique", "Weight of SDPO"]
    assert [[y for _, y in marks(*ax.child_axes)] for ax in fig.axes[:2]] == [[0.623], [0.627]]
    assert marks(fig.axes[2]) == [(1, 0.95), (1, 0.8)]
    weight = data.query("metric == 'hybrid_weight' and source == 'reproduced'")
    assert set(weight["method"]) == {"hybrid"}
    other, _, _ = drawn("hybrid", PUBLISHED["hybrid"], noises=[0.1])
    assert not any(marks(ax) for ax in other.axes), "published at noise 0.2 only"


def test_landscapes_join_the_dots_of_a_seed():
    fig, data, cells = drawn("landscapes", PUBLISHED["landscapes"], seeds=5)
    (ax,) = fig.axes
    dots = lines(ax, "_seed")
    assert len(dots) == 5
    for seed, (_, rewards) in enumerate(dots):
        own = cells[cells["seed"] == seed].set_index("method")["reward"]
        assert list(rewards) == own[["sdpo", "reinforce", "adv_weighted"]].tolist()
    bars = [bar.get_height() for bar in ax.patches]
    assert bars == pytest.approx(data[data["source"] == "reproduced"]["reward"].tolist())
    assert [y for _, y in marks(ax)] == [0.669]


def test_a_dot_is_a_listed_landscape():
    options = {"landscapes": [42, 7], "ddof": 0}
    fig, data, cells = drawn("landscapes", PUBLISHED["landscapes"], options, seeds=4)
    (ax,) = fig.axes
    rewards = cells.pivot(index="seed", columns="method", values="reward")
    rewards = rewards[["sdpo", "reinforce", "adv_weighted"]].to_numpy()
    for dots, seeds in zip(lines(ax, "_seed"), ([1, 3], [0, 2]), strict=True):
        assert list(dots[1]) == pytest.approx(rewards[seeds].mean(axis=0))
    dots = data[(data["source"] == "seed") & (data["method"] == "sdpo")]
    assert sorted(dots["seed"]) == [7, 42]
    bars = data[data["source"] == "reproduced"].set_index("method")
    assert bars.loc["sdpo", "reward"] == pytest.approx(rewards[:, 0].mean())
    spread = [rewards[:2, 0].std(), rewards[2:, 0].std()]
    assert bars.loc["sdpo", "sd"] == pytest.approx(np.mean(spread))
    assert "one landscape" in [text.get_text() for text in fig.legends[0].get_texts()]


@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_every_figure_draws_one_seed_one_method_and_unknown_names(kind):
    first = "hybrid" if kind == "hybrid" else "sdpo"
    drawn(kind, PUBLISHED[kind], seeds=1, methods=[first])
    names = {"methods": [first, "my_method"], "feedbacks": ["critique", "pairwise"]}
    fig, data, _ = drawn(kind, PUBLISHED[kind], options={"width": "single"}, **names)
    assert {"my_method", first} <= set(data["method"])
    assert "pairwise" in set(data["feedback"])
    assert fig.get_size_inches()[0] == 3.35
    without, data, _ = drawn(kind, **names)
    assert not any(marks(ax) for ax in without.axes)
    assert not any(ax.child_axes for ax in without.axes)
    legend = [text.get_text() for text in without.legends[0].get_texts()]
    assert not any("published" in text for text in legend)


@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_a_method_has_one_colour_in_every_figure(kind):
    methods = ["hybrid", "my_method"]
    fig, _, _ = drawn(kind, methods=methods)
    seen = {method: set() for method in methods}
    for ax in fig.axes:
        coloured = [(line.get_label(), line.get_color()) for line in ax.get_lines()]
        for box in ax.containers:
            artist = box.lines[0] if hasattr(box, "has_yerr") else box.patches[0]
            if artist is not None:  # a bare error bar has no line of its own
                colour = artist.get_color if hasattr(artist, "get_color") else artist.get_facecolor
                coloured.append((box.get_label(), colour()))
        for label, colour in coloured:
            if label.lstrip("_") in seen:
                seen[label.lstrip("_")].add(to_hex(colour).upper())
    assert seen == {method: {look(method).colour} for method in methods}


def test_methods_and_feedbacks_are_called_ordered_and_drawn_as_the_configuration_says():
    look_of = {"colour": "#123456", "dashes": "dotted", "marker": "h", "hatch": "ooo"}
    methods = [{"name": "reinforce"}, {"name": "sdpo", "label": "Mine_1", "look": look_of}]
    feedbacks = [{"name": "critique", "label": "Prose"}, {"name": "binary", "label": None}]
    names = {"methods": ["sdpo", "reinforce"], "feedbacks": ["binary", "critique"]}
    cells, _ = study(seeds=2, steps=3, **names)
    with named(methods, feedbacks):
        text = tables.to_markdown(tables.build_table(cells, "final_reward"), "final_reward")
        fig, _, _ = drawn("learning_curves", **names)
    rows = [line.split(" | ")[0] for line in text.splitlines()[2:]]
    assert rows == ["| Method", "| ---", "| reinforce", r"| Mine\_1"]
    assert text.splitlines()[2] == "| Method | Prose | binary |"
    assert [ax.get_title() for ax in fig.axes] == ["Prose", "binary"]
    first, second = fig.legends[0].get_lines()[:2]
    assert [first.get_label(), second.get_label()] == ["reinforce", "Mine_1"]
    assert (second.get_color(), second.get_marker()) == ("#123456", "h")
    assert look("sdpo") == LOOKS[0]


def test_several_noise_levels_or_settings_are_refused_in_one_sentence():
    with pytest.raises(UserError, match=r"credit_bars shows one noise.* has 2 \(0\.0, 0\.2\)"):
        drawn("credit_bars", noises=[0.0, 0.2])
    cells, curves = study(seeds=1, steps=30)
    two = pd.concat([cells, cells.assign(setting="other")])
    with pytest.raises(UserError, match=r"landscapes shows one setting.* \(other, paper\)"):
        draw("landscapes", two, curves, (), {})


def test_figures_refuse_what_they_cannot_show():
    with pytest.raises(UserError, match="'bars' is not one of credit_bars"):
        draw("bars", None, None, (), {})
    with pytest.raises(UserError, match="'wide' is not one of double, single"):
        drawn("credit_bars", options={"width": "wide"})
    with pytest.raises(UserError, match="needs a method with a weight"):
        drawn("hybrid", methods=["sdpo"])
    with pytest.raises(UserError, match=r"analysis\.smoothing_window"):
        drawn("learning_curves", steps=10)


ROOT = Path(__file__).parents[1]


def configured(changes):
    """The paper's configuration with changes."""
    return validate(merge(read_yaml(ROOT / DEFAULT), changes))


def of_study(study, **changes):
    return {"studies": {study: changes}}


def published(study, group, artefact, *names):
    return of_study(study, **{group: {artefact: {"published": list(names)}}})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            published("comparison", "tables", "table1", "table3"),
            r"studies\.comparison\.tables\.table1\.published: 'table3' is not allowed for kind "
            r"final_reward; allowed: table1, figure4, section3\.5$",
        ),
        (
            published("comparison", "tables", "table1", "table1", "table4"),
            r"table1\.published: 'table4' is not allowed for kind final_reward",
        ),
        (
            published("noise", "figures", "figure4", "figure3"),
            r"figure4\.published: 'figure3' is not allowed for kind noise_rob.*table2, figure4",
        ),
        (
            of_study("noise", reproduces=["table9"]),
            r"studies\.noise\.reproduces: 'table9' is not allowed; allowed: table1, table2, ",
        ),
        (
            of_study("comparison", noise=[0.0, 0.1]),
            r"one value of noise.*\[0\.0, 0\.1\]; allowed: one",
        ),
        (
            of_study("multi_seed", settings=["paper", "landscapes"]),
            r"figure6: .* one value of settings",
        ),
        (of_study("hybrid", methods=["sdpo"]), r"figure5: .* \['sdpo'\]; allowed: .* hybrid"),
        ({"log_steps": "summary"}, r"figure1: .* log_steps is 'summary'; allowed: 'all'"),
        ({"analysis": {"smoothing_window": 301}}, r"figure1: .* is 301; allowed: 1 to the 300"),
    ],
)
def test_what_cannot_be_shown_is_said_before_anything_is_trained(changes, sentence):
    with pytest.raises(UserError, match=sentence):
        demands.check_config(configured(changes), read_values())


def test_studies_that_are_not_run_may_have_another_shape():
    demands.check_config(configured({}), read_values())
    changed = configured({"run": ["multi_seed"], "log_steps": "summary"})
    demands.check_config(changed, read_values())


def test_demands_are_those_of_the_drawing():
    assert set(demands.TABLES) == set(tables.TABLES)
    assert set(demands.FIGURES) == set(FIGURES)
    for kind in FIGURES:
        wanted = demands.FIGURES[kind]
        one = {"seeds": 1, "steps": 30, "methods": ["hybrid"]}
        assert not _refuses(kind, study(**one)), kind
        two_settings = [pd.concat([x, x.assign(setting="other")]) for x in study(**one)]
        assert _refuses(kind, two_settings) == ("settings" in wanted.single), kind
        two_noises = study(**one, noises=[0.0, 0.2])
        assert _refuses(kind, two_noises) == ("noise" in wanted.single), kind
        short = study(seeds=1, steps=10, methods=["hybrid"])
        assert _refuses(kind, short) == wanted.smooth, kind
        assert _refuses(kind, study(seeds=1, steps=30)) == wanted.weight, kind


def _refuses(kind, frames):
    try:
        draw(kind, *frames, (), {})
    except UserError:
        return True
    return False


@pytest.mark.parametrize("name", ["comparison", "noise", "hybrid", "multi_seed"])
def test_the_paper_s_figures_mark_the_values_of_their_study(name):
    own = Config().studies[name]
    shape = {"methods": own.methods, "feedbacks": own.feedbacks, "noises": own.noise}
    for figure in own.figures.values():
        given = demands.marked(demands.FIGURES, figure.kind, figure.published, read_values())
        _, data, _ = drawn(figure.kind, given, **shape)
        marked = data.drop(columns=["step"], errors="ignore")
        if "source" in data:
            marked = marked[data["source"].str.startswith("published")]
        shown = set(marked.select_dtypes(float).stack())
        wanted = [value for value in given if value.where in own.reproduces]
        # The text's start of the weight is of both curves, and figure 5's own are marked instead.
        missing = {value.id for value in wanted if value.value not in shown}
        assert wanted and missing <= {"section3.5.hybrid_weight.initial"}, figure.kind


def test_a_kind_is_given_the_values_of_its_places_in_their_order():
    values = demands.marked(
        demands.FIGURES, "noise_robustness", ["figure4", "table2"], read_values()
    )
    assert [value.where for value in values] == ["figure4"] * 20 + ["table2"] * 12
    values = demands.marked(demands.TABLES, "final_reward", ["section3.5"], read_values())
    assert {value.quantity for value in values} == {"reward"} and len(values) == 6


def test_greyscale_tells_the_paper_s_methods_apart():
    def lightness(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
        y = float(np.dot([0.2126, 0.7152, 0.0722], linear))
        return 116 * y ** (1 / 3) - 16

    levels = sorted(lightness(style.colour) for style in LOOKS)
    assert np.diff(levels).min() > 8
    for part in ("colour", "dashes", "marker", "hatch"):
        assert len({getattr(style, part) for style in LOOKS}) == len(LOOKS)


def test_an_unknown_method_looks_like_none_of_the_paper_s():
    assert look("my_method") == look("my_method")
    assert not set(OTHER_COLOURS) & {style.colour for style in LOOKS}


def test_a_second_drawing_writes_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        fig, data, _ = drawn("landscapes", PUBLISHED["landscapes"])
        write_figure(fig, data, tmp_path / name / "figure6")
    files = sorted((tmp_path / "first").iterdir())
    assert [path.suffix for path in files] == [".csv", ".pdf", ".png", ".svg"]
    for path in files:
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()
    for ending in ("pdf", "svg"):
        content = (tmp_path / "first" / f"figure6.{ending}").read_bytes()
        assert b"CreationDate" not in content and b"dc:date" not in content


def test_csv_of_a_figure_is_its_data(tmp_path):
    fig, data, _ = drawn("credit_bars", PUBLISHED["credit_bars"])
    write_figure(fig, data, tmp_path / "figure2")
    read = pd.read_csv(tmp_path / "figure2.csv")
    assert list(read.columns) == list(data.columns)
    numbers = ["credit_correlation", "sd", "published"]
    np.testing.assert_allclose(read[numbers], data[numbers], atol=5.1e-7)


def test_a_failed_figure_leaves_no_file(tmp_path):
    fig, data, _ = drawn("landscapes")
    fig.axes[0].set_xlabel("$\\no_such_command$")
    with pytest.raises(ValueError):
        write_figure(fig, data, tmp_path / "figure6")
    assert not list(tmp_path.iterdir())


def test_drawing_leaves_the_reader_s_settings_alone():
    code = (
        "import matplotlib; before = dict(matplotlib.rcParams)\n"
        "from presentation_data import study\n"
        "from sdposim.report.figures import draw\n"
        "draw('landscapes', *study(seeds=2, steps=30, feedbacks=['binary']), (), {})\n"
        "assert before == dict(matplotlib.rcParams)\n"
    )
    tests = Path(__file__).parent
    paths = [str(tests), str(tests.parent / "src")]
    command = f"import sys; sys.path[:0] = {paths!r}\n{code}"
    subprocess.run([sys.executable, "-c", command], check=True)


def test_every_kind_has_a_caption():
    for kinds, known in ((captions.TABLES, tables.TABLES), (captions.FIGURES, FIGURES)):
        assert set(kinds) == set(known)
        assert all(caption.title and caption.text for caption in kinds.values())
        assert len({caption.text for caption in kinds.values()}) == len(known)
