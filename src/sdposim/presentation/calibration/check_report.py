"""The report of the check of the calibration on synthetic papers: reports/calibration_check.md."""

import pandas as pd
from scipy.stats import binom

from sdposim.presentation.calibration.markdown import digits, paragraph, percent, table
from sdposim.presentation.calibration.names import FITTED, LANDSCAPE, PARAMETERS, READINGS
from sdposim.presentation.calibration.verdicts import EXCLUDED_PROBABILITY
from sdposim.presentation.files import number

NOMINAL = 0.9


def check_report(check: pd.DataFrame, check_readings: pd.DataFrame, figures: str) -> str:
    """Return the report as markdown.

    Args:
      check, check_readings: see the package.
      figures: the folder of the figures, relative to that of the report.
    """
    papers = check["paper"].nunique()
    sizes = check.groupby("paper")["ess"].first()
    done = paragraph(
        f"{papers} synthetic papers: settings like those that fit the published tables, each with",
        "another landscape and combination of readings; tables 1 to 3 simulated with them (one run",
        "a column, three decimals) and calibrated in the same way as the published tables, with",
        "the same exploring draws. A sound method has the true value in its 90% interval nine",
        "times in ten. For half of the papers the landscape is one of the pool, as the prior says.",
        "For the others it is not, which is the published tables' case: what fits then are",
        "landscapes with like numbers.",
    )
    usual = paragraph(
        f"Usual: how many of {papers} lie inside in 95% of all checks of a method whose intervals",
        f"are right. The weights of a paper's draws are worth {digits(sizes.median())} equally",
        f"weighted ones in the median, {digits(sizes.min())} at least; with few, the ends of the",
        "intervals are rough.",
    )
    readings = paragraph(
        "Posterior probability of the true value. Below",
        f"{percent(EXCLUDED_PROBABILITY)}, the truth was excluded.",
    )
    parts = [
        "# The calibration, tried on papers whose settings are known",
        done,
        _coverage(check),
        usual,
        f"![Synthetic papers: truth and interval]({figures}/calibration_check.png)",
        "## Readings and landscape",
        readings,
        _readings(check_readings),
        "[calibration_check.csv](calibration_check.csv) has the intervals of every paper.",
    ]
    return "\n\n".join(parts) + "\n"


def to_csv(check: pd.DataFrame) -> str:
    """Return the intervals of every paper as csv, 4 decimals."""
    text = check.copy()
    for name in ("truth", "low", "high", "u_truth", "u_low", "u_high"):
        text[name] = [number(value, 4) for value in text[name]]
    text["ess"] = [number(value, 1) for value in text["ess"]]
    return text.to_csv(index=False, lineterminator="\n")


def _coverage(check: pd.DataFrame) -> str:
    groups = [check[check["pool"]], check[~check["pool"]], check]
    rows = []
    for name in (*FITTED, None):
        shown = [group if name is None else group[group["parameter"] == name] for group in groups]
        counts = [f"{int(group['inside'].sum())} of {len(group)}" for group in shown]
        if name is None:
            counts[-1] += f" ({percent(check['inside'].mean())})"
            rows.append(("all", *counts, "", ""))
            continue
        low, high = binom.interval(0.95, len(shown[-1]), NOMINAL)
        width = (shown[-1]["u_high"] - shown[-1]["u_low"]).median() / NOMINAL
        usual = f"{int(low)} to {int(high)}"
        rows.append((PARAMETERS[name].text, *counts, usual, number(width, 2)))
    header = ("setting", ">landscape in the pool: truth inside", ">not in the pool", ">all papers",
              ">usual", ">median width / prior's")  # fmt: skip
    return table(header, rows)


def _readings(check_readings: pd.DataFrame) -> str:
    rows = []
    for name in (*READINGS, "landscape"):
        shown = check_readings.loc[check_readings["reading"] == name, "probability"]
        if shown.empty:
            continue
        label = LANDSCAPE.text if name == "landscape" else READINGS[name].text
        excluded = f"{int((shown < EXCLUDED_PROBABILITY).sum())} of {len(shown)}"
        rows.append((label, number(shown.median(), 2), number(shown.min(), 2), excluded))
    return table(("reading", ">median", ">least", ">excluded"), rows)
