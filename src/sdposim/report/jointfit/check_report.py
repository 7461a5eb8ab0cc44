"""reports/joint_fit_check.md: how well the method finds settings that are known."""

import numpy as np
import pandas as pd

from sdposim.calibration.identification.hypotheses import WRITTEN
from sdposim.calibration.jointfit import check
from sdposim.calibration.jointfit.simulate import PARAMETERS
from sdposim.calibration.jointfit.synthetic import NONE
from sdposim.report.files import number, signed
from sdposim.report.jointfit.wording import WAYS
from sdposim.report.markdown import paragraph, table

SURE = 0.95
"""Probability at which the search is said to be sure of a landscape."""
RARE = 0.05
GAINS = (5, 8, 11, 14)
"""Log evidence less that of any landscape."""


def report(settings: pd.DataFrame, landscapes: pd.DataFrame, figures: str) -> str:
    """The report.

    Args:
        settings: from `check.settings`.
        landscapes: from `check.landscapes`.
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
    found = check.coverage(settings)
    papers = int(found["papers"].max())
    ranges = {
        percent: "{} to {}".format(*check.binomial_range(papers, percent / 100))
        for percent in check.INTERVALS
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
            own = found[(found["way"] == way) & (found["setting"] == parameter.key)].iloc[0]
            row += [str(own["inside_50"]), str(own["inside_90"]), number(own["uniform"], 2)]
        rows.append(row)
    header = [">" + name for text in WAYS.values() for name in (f"{text}: 50%", "90%", "uniform")]
    yield table(("setting", *header), rows)
    tests = len(found) * (len(check.INTERVALS) + 1)
    chances = found[["chance_50", "chance_90", "uniform"]].to_numpy()
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
    found = check.gains(landscapes, GAINS, len(WRITTEN))
    rows = [
        (f"{row.level:g}", str(row.true), str(row.wrong), number(row.bound, 3))
        for row in found.itertuples()
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
