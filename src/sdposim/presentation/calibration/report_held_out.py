"""Of the report: predictions of the numbers that were kept out of the fit."""

import pandas as pd

from sdposim.presentation.calibration import predictive
from sdposim.presentation.calibration.findings import Findings
from sdposim.presentation.calibration.markdown import paragraph, table
from sdposim.presentation.calibration.names import quantity
from sdposim.presentation.files import number
from sdposim.presentation.labels import feedback_label, method_label

WHERE = {
    "noise": "figure 4",
    "hybrid": "section 3.5 and figure 5",
    "multi_seed": "figure 6",
}


def held_out(found: Findings) -> str:
    """Return the table of held-out numbers with their prediction intervals."""
    shown = found.held_out.dropna(subset="published")
    rows = [
        (
            quantity(row.statistic, row.method),
            _where(row),
            method_label(row.method),
            feedback_label(row.feedback),
            number(row.noise, 2),
            number(row.published, 3),
            f"{number(row.median, 3)} ({number(row.low, 3)} to {number(row.high, 3)})",
            "inside" if row.inside else "**outside**",
        )
        for row in shown.itertuples()
    ]
    header = (
        "quantity", "where", "method", "feedback", ">noise", ">published", ">predicted", "",
    )  # fmt: skip
    draws = len(found.accepted)
    which = "admissible draws" if found.accepted["admissible"].all() else "nearest draws"
    about = paragraph(
        "Predicted: median and 90% interval of a single run (in figure 6 of the mean and the SD of",
        f"five landscapes) over the {draws:,} {which}, which count alike.",
        "tau and clipping are drawn from their priors. Of the hybrid's weight, the range of figure",
        "5 is compared with the 5% and 95% quantiles over the steps.",
        _by_source(shown),
    )
    return f"{about}\n\n{table(header, rows)}"


def _where(row) -> str:
    if row.source == "hybrid":
        return "figure 5" if row.statistic.startswith("weight_") else "section 3.5"
    return WHERE[row.source]


def _by_source(shown: pd.DataFrame) -> str:
    parts = []
    for source, where in WHERE.items():
        inside, published = predictive.counts(shown[shown["source"] == source])
        parts.append(f"{inside} of {published} in {where}")
    return f"Inside: {', '.join(parts)}; of independent ones 90% would be."
