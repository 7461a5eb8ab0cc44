"""Figures as a reader sees them: nothing hides, overlaps, is too small, or stands elsewhere."""

import subprocess
import sys
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text

from presentation_data import study
from sdposim.analysis.published import read_values
from sdposim.report import captions, demands
from sdposim.report.calibration import joint_fit_figures
from sdposim.report.figures import FIGURES, draw
from sdposim.report.labels import METHODS
from sdposim.report.style import FEEDBACK_LOOKS, SMALLEST, applied, look, write_figure
from sdposim.workflow.configuration.models import Config

REPORTS = Path(__file__).parents[1] / "reports"
BASELINES = ["reinforce", "adv_weighted"]
KINDS = {
    figure.kind: (name, figure.published)
    for name, study in Config().studies.items()
    for figure in study.figures.values()
    if study.reproduces
}
WIDTHS = ["double", "single"]


def drawn(kind, width="double"):
    """A figure of made-up cells in the shape of the paper's study, with the published values."""
    name, places = KINDS[kind]
    own = Config().studies[name]
    frames = study(own.methods, own.feedbacks, own.noise, seeds=5, steps=60)
    frames = [_blind(frame) for frame in frames]
    published = demands.marked(demands.FIGURES, kind, places, read_values())
    options = {"vocabulary_size": 8, "width": width, "landscapes": [42, 7, 9, 1, 3], "ddof": 0}
    return draw(kind, *frames, published, options)


def _blind(frame):
    """Baselines have the same numbers under every feedback, as they have in results."""
    parts = []
    for (method, _), part in frame.groupby(["method", "noise"], sort=False):
        first = part[part["feedback"] == part["feedback"].iloc[0]]
        same = method in BASELINES
        names = part["feedback"].unique()
        parts += [first.assign(feedback=name) for name in names] if same else [part]
    return pd.concat(parts, ignore_index=True)


def panels(fig):
    """All axes, narrow strips too."""
    return [each for ax in fig.axes for each in (ax, *ax.child_axes)]


def named(ax, label):
    return [line for line in ax.get_lines() if line.get_label() == label]


def marks(ax):
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0]), line)
            for line in named(ax, "_published")]  # fmt: skip


def laid_out(fig):
    canvas = FigureCanvasAgg(fig)
    with applied():
        fig.draw_without_rendering()
    return canvas.get_renderer()


def texts(fig):
    """Every text that is drawn, with its box in pixels."""
    renderer = laid_out(fig)
    hidden = {
        label for ax in panels(fig) for axis in (ax.xaxis, ax.yaxis) for label in _undrawn(axis)
    }
    return {
        text: text.get_window_extent(renderer)
        for text in fig.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    }


def _undrawn(axis):
    """Labels of ticks beyond the limits, or of axes that are off."""
    low, high = sorted(axis.get_view_interval())
    for tick in axis.get_major_ticks():
        if not axis.axes.axison or not low <= tick.get_loc() <= high:
            yield from (tick.label1, tick.label2)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_texts_are_large_enough_whole_and_apart(kind, width):
    fig, _ = drawn(kind, width)
    shown = texts(fig)
    assert len(shown) > 10
    small = {text.get_text(): text.get_fontsize() for text in shown if text.get_fontsize() < 7}
    assert SMALLEST >= 7 and not small
    for text, box in shown.items():
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= fig.bbox.x1 + 1
        assert inside and box.y1 <= fig.bbox.y1 + 1, text.get_text()
    for (one, first), (other, second) in combinations(shown.items(), 2):
        apart = not first.shrunk(0.96, 0.9).overlaps(second.shrunk(0.96, 0.9))
        assert apart, (one.get_text(), other.get_text())


@pytest.mark.parametrize("kind", ["learning_curves", "entropy", "hybrid"])
def test_published_final_values_stand_on_no_step(kind):
    fig, _ = drawn(kind)
    over_training = [ax for ax in fig.axes if ax.child_axes]
    assert over_training
    for ax in over_training:
        assert all(x == 1 for x, _, _ in marks(ax)), "only the first step's own values"
        assert ax.get_xlim()[1] < 1.03 * 60
        (strip,) = ax.child_axes
        assert [tick.get_text() for tick in strip.get_xticklabels()] == ["paper"]
        laid_out(fig)
        assert strip.get_window_extent().x0 > ax.get_window_extent().x1


def test_a_curve_that_no_feedback_changes_is_drawn_once():
    fig, data = drawn("learning_curves")
    count = {name: sum(len(named(ax, f"_{name}")) for ax in fig.axes) for name in METHODS}
    assert count == {"sdpo": 4, "reinforce": 1, "adv_weighted": 1, "hybrid": 0}
    titles = [ax.get_title() for ax in fig.axes]
    assert titles[:5] == ["Binary", "Ordinal", "Continuous", "Critique", "Without feedback"]
    (strip,) = fig.axes[4].child_axes
    values = data[data["source"] == "published"].groupby("method")["reward"]
    middles = ((values.min() + values.max()) / 2)[BASELINES]
    assert [y for _, y, _ in marks(strip)] == pytest.approx(list(middles))
    assert not any(marks(ax) for ax in fig.axes)


def test_error_bars_of_correlations_are_above_the_published_marks_and_beside_them():
    fig, data = drawn("credit_bars")
    renderer = laid_out(fig)
    (ax,) = fig.axes
    boxes = [box for box in ax.containers if hasattr(box, "has_yerr")]
    assert len(boxes) == len(data)
    bars = [part for box in boxes for part in (*box.lines[1], *box.lines[2])]
    lowest = min(part.get_zorder() for part in bars)
    assert lowest > max(mark.get_zorder() for _, _, mark in marks(ax))
    for box, (_, _, mark) in zip(boxes, marks(ax), strict=True):
        # The vertical line itself: the caps may touch the mark.
        (segment,) = box.lines[2][0].get_segments()
        place = ax.transData.transform(segment[0])[0]
        assert mark.get_window_extent(renderer).x0 > place


def test_values_stand_centred_over_their_bars():
    for kind in ("credit_bars", "landscapes"):
        fig, _ = drawn(kind)
        (ax,) = fig.axes
        bars = [bar.get_x() + bar.get_width() / 2 for bar in ax.patches]
        labels = [text.xy[0] for text in ax.texts] or list(ax.get_xticks())
        assert labels == pytest.approx(bars), kind


def test_every_point_stands_in_the_column_of_its_noise_level():
    fig, data = drawn("noise_robustness")
    levels = sorted(data["noise"].unique())
    for ax, metric in zip(fig.axes, ["reward", "credit_correlation"], strict=True):
        assert [float(tick.get_text()) for tick in ax.get_xticklabels()] == levels
        assert list(ax.get_xticks()) == list(range(len(levels)))
        limits = ax.get_xlim()
        assert limits == (-0.5, len(levels) - 0.5)
        lines = [box.lines[0] for box in ax.containers]
        points = [(x, y) for line in lines for x, y in zip(*line.get_data(), strict=True)]
        points += [(x, y) for x, y, _ in marks(ax)]
        shown = data[data["metric"] == metric]
        assert len(points) == len(shown)
        for x, y in points:
            # Not on the line between two levels, where one would read another noise.
            assert abs(x - round(x)) < 0.4
            assert y in set(shown.loc[shown["noise"] == levels[round(x)], "value"])


def test_published_marks_have_the_shape_of_their_method_and_are_open():
    fig, _ = drawn("entropy")
    shapes = {look(name).marker for name in METHODS}
    assert len(shapes) == len(METHODS)
    right = fig.axes[1]
    for name in ("sdpo", *BASELINES):
        own = [box.lines[0] for box in right.containers if box.get_label() == f"_{name}"]
        theirs = [mark for _, _, mark in marks(right) if mark.get_marker() == look(name).marker]
        assert len(theirs) == len(own) == 4
        for line in own:
            assert line.get_marker() == look(name).marker
            assert line.get_markerfacecolor() != "white"
        for mark in theirs:
            assert mark.get_markerfacecolor() == "white"
            assert mark.get_markersize() > own[0].get_markersize()


@pytest.mark.parametrize("kind", sorted(FIGURES))
def test_the_legend_tells_published_values_by_open_marks(kind):
    fig, _ = drawn(kind)
    (legend,) = [*fig.legends, *(ax.get_legend() for ax in fig.axes if not ax.axison)]
    names = [text.get_text() for text in legend.get_texts()]
    assert names[-1] == "published (open)"
    assert sum("published" in name for name in names) == 1


def test_feedbacks_have_colours_that_are_no_method_s():
    methods = {own["look"]["colour"] for own in METHODS.values()}
    colours = [colour for colour, _, _ in FEEDBACK_LOOKS.values()]
    assert not methods & set(colours) and len(set(colours)) == len(colours)
    fig, _ = drawn("hybrid")
    weights = {to_hex(line.get_color()).upper() for line in fig.axes[2].get_lines()}
    assert len(weights) > 1 and not weights & methods


def test_nothing_lies_over_the_bands_of_the_weight():
    fig, data = drawn("hybrid")
    weight = fig.axes[2]
    assert not weight.patches
    bounds = data.set_index("source")["value"]
    (strip,) = weight.child_axes
    ((segment,),) = [part.get_segments() for box in strip.containers for part in box.lines[2]]
    ends = [bounds["published low"], bounds["published high"]]
    assert list(segment[:, 1]) == pytest.approx(ends)


def test_lines_of_landscapes_show_on_dark_bars():
    fig, _ = drawn("landscapes")
    (ax,) = fig.axes
    seeds = named(ax, "_seed")
    assert len(seeds) == 5
    for line in seeds:
        case = line.get_path_effects()[0]
        assert case._gc["foreground"] == "white" and case._gc["linewidth"] > line.get_linewidth()
    published = [mark.get_zorder() for _, _, mark in marks(ax)]
    assert min(published) > max(line.get_zorder() for line in seeds)


def test_svg_says_what_it_shows(tmp_path):
    fig, data = drawn("credit_bars")
    caption = captions.Caption("A < B & C", 'Says "this".')
    write_figure(fig, data, tmp_path / "figure2", caption)
    assert _said(tmp_path / "figure2.svg") == ("figure2", *caption)


def test_every_committed_svg_says_what_it_shows():
    files = sorted(REPORTS.rglob("*.svg"))
    assert len(files) >= 30
    said = {}
    for path in files:
        name, title, text = _said(path)
        assert name == path.stem
        said[name] = (title, text)
    for kind, (study_name, _) in KINDS.items():
        for name, figure in Config().studies[study_name].figures.items():
            if figure.kind == kind:
                assert said[name] == captions.FIGURES[kind]
    for name, caption in captions.OTHERS.items():
        assert said[name] == caption


def _said(path):
    """The name in the ids of an SVG, its title and its description."""
    space = "{http://www.w3.org/2000/svg}"
    root = ElementTree.parse(path).getroot()
    assert root.get("role") == "img"
    title, text = root[0], root[1]
    assert (title.tag, text.tag) == (f"{space}title", f"{space}desc")
    assert root.get("aria-labelledby").split() == [title.get("id"), text.get("id")]
    return title.get("id").removesuffix("-title"), title.text, text.text


def test_the_joint_fit_counts_what_it_draws():
    data = pd.read_csv(REPORTS / "figures" / "joint_fit_numbers.csv")
    fig = joint_fit_figures.numbers(data)
    text = (REPORTS / "joint_fit.md").read_text(encoding="utf-8").replace("\n", " ")
    count = joint_fit_figures.within(data, joint_fit_figures.NEAR)
    assert f"of all {len(data)}, {count} and" in text
    for ax, column in zip(fig.axes, ("paper_z", "as_printed_z"), strict=True):
        drawn_z = np.concatenate(
            [line.get_xdata() for line in ax.get_lines() if line.get_label().startswith("_")
             and line.get_label().lstrip("_") in METHODS]
        )  # fmt: skip
        assert len(drawn_z) == len(data)
        inside = int((np.abs(drawn_z) <= 2).sum())
        assert f"{inside} of {len(data)} within 2 SDs" in ax.get_title()
        assert inside == int((data[column].abs() <= 2).sum())


@pytest.mark.parametrize("before", ["", "import scipy.stats as known; "])
def test_drawing_loads_no_scipy_and_hides_none(before):
    """It takes as long to load as all else that a figure needs."""
    code = (
        f"import sys; {before}from sdposim.report.undisturbed import load_matplotlib;"
        "load_matplotlib(); import sdposim.report.figures;"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "print(sorted({'scipy', 'seaborn'} & loaded));"
        "import scipy.stats; print(scipy.stats.norm.cdf(0.0))"
    )
    if before:
        code += "; assert known is scipy.stats"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = "['scipy', 'seaborn']" if before else "['seaborn']"
    assert done.stdout.splitlines() == [expected, "0.5"]
