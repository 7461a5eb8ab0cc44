"""reports/joint_fit_check.md: how well the method finds settings that are known."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.calibration import coverage
from sdposim.calibration.landscapes import WRITTEN
from sdposim.calibration.space import PARAMETERS
from sdposim.calibration.synthetic import NONE
from sdposim.report.captions import OTHERS
from sdposim.report.files import csv, number, signed, write_texts
from sdposim.report.markdown import paragraph, table
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, SHARP, applied, write_figure

SURE = 0.95
"""Probability at which the search is said to be sure of a landscape."""
RARE = 0.05
GAINS = (5, 8, 11, 14)
"""Log evidence less that of any landscape."""
COLOURS = ("#4477AA", "#EE6677", "#228833", "#CCBB44", "#66CCEE", "#AA3377", "#555555")
WAYS = {
    "any": "any landscape",
    "given": "the true landscape",
    "sought": "the landscape is sought",
}
"""What a posterior of the settings supposes of the landscape."""


def written(options: dict, figures: Path, reports: Path) -> list[Path]:
    """Write figures to one folder and the rest to another, see `outputs`.

    Args:
        options: keys of the configuration's group `joint_fit`.
        figures, reports: the folders.

    Returns:
        The files.

    Raises:
        UserError: if a file cannot be written.
        Unusable: a file that is read is damaged or foreign.
    """
    papers = coverage.read_synthetic(options)
    settings = coverage.settings(papers)
    fig, data = drawn(settings)
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    texts = {
        "joint_fit_check.csv": csv(settings, 4),
        "joint_fit_check.md": report(settings, coverage.landscapes(papers), folder),
    }
    return [
        *write_figure(fig, data.round(4), figures / "joint_fit_check", OTHERS["joint_fit_check"]),
        *write_texts(reports, texts),
    ]


def report(settings: pd.DataFrame, landscapes: pd.DataFrame, figures: str) -> str:
    """The report.

    Args:
        settings: from `coverage.settings`.
        landscapes: from `coverage.landscapes`.
        figures: the folder of the figures, relative to the report's.
    """
    parts = [
        "# Synthetic papers: does the joint fit find what is known?",
        *_question(landscapes),
        "## Settings",
        *_coverage(settings),
        f"![Ranks of the true settings]({figures}/joint_fit_check.png)",
        "## Landscapes",
        *_landscapes(landscapes),
        "### What a gain is worth",
        *_gains(landscapes),
    ]
    return "\n\n".join(parts) + "\n"


def _question(landscapes: pd.DataFrame):
    inside = int((landscapes["landscape_seed"] != NONE).sum())
    yield paragraph(
        f"{len(landscapes)} papers were made up: settings drawn from the prior, a landscape, a run",
        "of each number, with the errors of rounding and reading. Their settings were then sought",
        "as the paper's were ([joint_fit.md](joint_fit.md)).",
        f"The landscapes of {inside} are of seeds",
        f"that people write, which the search tries ({len(WRITTEN)} of them); those of the others",
        "are of no program that it tries. Figure 6 is left out: each paper would need a search",
        "for five landscapes. Readings are taken as known.",
    )


def _coverage(settings: pd.DataFrame):
    result = coverage.coverage(settings)
    papers = int(result["papers"].max())
    ranges = {
        percent: "{} to {}".format(*coverage.binomial_range(papers, percent / 100))
        for percent in coverage.INTERVALS
    }
    yield paragraph(
        "Papers whose true setting lies in the central 50% and 90% interval of its posterior. Of",
        f"{papers}, with 99% probability, exact intervals hold {ranges[50]} and {ranges[90]}.",
        "Uniform: the probability that ranks of exact posteriors are as far from uniform (largest",
        "distance of their distribution; simulation-based calibration).",
    )
    rows = []
    for parameter in PARAMETERS:
        row = [parameter.symbol]
        for way in WAYS:
            own = result[(result["way"] == way) & (result["setting"] == parameter.key)].iloc[0]
            row += [str(own["inside_50"]), str(own["inside_90"]), number(own["uniform"], 2)]
        rows.append(row)
    header = [">" + name for text in WAYS.values() for name in (f"{text}: 50%", "90%", "uniform")]
    yield table(("setting", *header), rows)
    tests = len(result) * (len(coverage.INTERVALS) + 1)
    chances = result[["chance_50", "chance_90", "uniform"]].to_numpy()
    low, lowest = int((chances < RARE).sum()), float(chances.min())
    yield paragraph(
        f"These are {tests} comparisons, not independent of each other; {low} have a probability",
        f"below {100 * RARE:g}%, where {number(RARE * tests, 1)} would be expected, and the",
        f"smallest is {number(lowest, 3)}, or {number(min(1.0, tests * lowest), 2)} for so many",
        "(Bonferroni).",
    )


def _landscapes(landscapes: pd.DataFrame):
    known = landscapes["landscape_seed"] != NONE
    for own, text in ((known, "a written seed's"), (~known, "no program's that is searched")):
        part = landscapes[own]
        sure, wrong = part["probability"] > SURE, part["probability"] < 1 - SURE
        yield paragraph(
            f"Of the {len(part)} papers whose landscape is {text}: the search gives the truth a",
            f"probability above {SURE:g} for {int(sure.sum())}, below {1 - SURE:.2g} for",
            f"{int(wrong.sum())}; on average it gives it {number(part['probability'].mean(), 2)}.",
        )
    yield paragraph(
        "Log evidence less that of any landscape: of the true one, known to be true, and of the",
        "best seed that is wrong. The paper's own is in [joint_fit.md](joint_fit.md), for all but",
        "figure 6.",
    )
    rows = [
        (
            str(row.paper),
            "none" if row.landscape_seed == NONE else str(row.landscape_seed),
            "none" if row.best == NONE else str(row.best),
            number(row.probability, 3),
            signed(row.gain, 1),
            signed(row.best_wrong, 1) if np.isfinite(row.best_wrong) else "far",
        )
        for row in landscapes.itertuples()
    ]
    header = (">paper", ">seed", ">likeliest", ">probability of the truth", ">gain", ">best wrong")
    yield table(header, rows)


def _gains(landscapes: pd.DataFrame):
    result = coverage.gains(landscapes, GAINS, len(WRITTEN))
    rows = [
        (f"{row.level:g}", str(row.true), str(row.wrong), number(row.bound, 3))
        for row in result.itertuples()
    ]
    header = (">more than", ">the true landscape", ">a wrong seed", ">wrong seeds, at most")
    yield table(header, rows)
    yield paragraph(
        f"Papers, of {len(landscapes)}. The evidence of any landscape takes a paper's numbers as",
        "normal. If it were exact, a wrong landscape would gain more than g with a probability",
        "below exp(-g); summed over all wrong seeds that is the last column, as many as could be",
        "expected at most. Where more of them do, the numbers are not normal, the evidence of any",
        "landscape is too low, and every gain too large: it says how well a landscape explains a",
        "paper next to others, and not how probable it is. The second and the third column say",
        "that: how often a gain comes from the",
        f"truth, and how often the best of {len(WRITTEN)} wrong seeds has it.",
    )


def drawn(table: pd.DataFrame) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per way: the distribution of the ranks of each setting, less the uniform one.

    Args:
        table: from `coverage.settings`.

    Returns:
      The figure, and what it shows: a row per way, setting and paper.
    """
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 2.8), **SHARP)
        axes = fig.subplots(1, len(WAYS), sharey=True)
        for ax, (way, text) in zip(axes, WAYS.items(), strict=True):
            _panel(ax, table[table["way"] == way])
            ax.set_title(text)
        axes[0].set_ylabel("share of papers below it,\nless the rank itself")
        axes[1].set_xlabel("rank of the true setting in the posterior")
        handles = [
            Line2D([], [], color=colour, label=parameter.symbol)
            for colour, parameter in zip(COLOURS, PARAMETERS, strict=True)
        ]
        fig.legend(handles=handles, loc="outside upper center", ncols=4, labelcolor=NEUTRAL)
    return fig, table[["way", "setting", "paper", "below"]]


def _panel(ax, rows: pd.DataFrame) -> None:
    count = rows["paper"].nunique()
    band = coverage.uniform_band(count)
    ax.fill_between([0, 1], [-band] * 2, [band] * 2, color="0.9", linewidth=0, label="_band")
    for colour, parameter in zip(COLOURS, PARAMETERS, strict=True):
        ranks = np.sort(rows.loc[rows["setting"] == parameter.key, "below"])
        share = np.arange(count + 1) / count
        places = np.concatenate([[0.0], np.repeat(ranks, 2), [1.0]])
        heights = np.repeat(share, 2) - places
        ax.plot(places, heights, color=colour, linewidth=1, label=f"_{parameter.key}")
    ax.axhline(0, color="black", linewidth=0.6)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    sns.despine(ax=ax)
