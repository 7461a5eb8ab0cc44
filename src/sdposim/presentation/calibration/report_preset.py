"""Of the report: the preset against tables 1 to 3, and why numbers are missed."""

from sdposim.presentation.calibration.findings import Findings
from sdposim.presentation.calibration.markdown import digits, paragraph, percent, table
from sdposim.presentation.calibration.names import (
    BY_CONSTRUCTION,
    FITTED,
    READINGS,
    name_of,
    quantity,
)
from sdposim.presentation.calibration.reach import NUMBER
from sdposim.presentation.files import number, signed
from sdposim.presentation.labels import feedback_label, method_label

_KEYS = (*FITTED, *(name for name in READINGS if name not in BY_CONSTRUCTION), "landscape")


def preset(found: Findings) -> str:
    """Return the preset, its 36 numbers, and the evidence on those out of tolerance."""
    lines = table(
        ("quantity", "method", "feedback", ">published", ">preset", ">difference", ">tolerance",
         "within"),
        [
            (
                quantity(row.statistic, row.method),
                method_label(row.method),
                feedback_label(row.feedback),
                number(row.published, 3),
                number(row.mean, 3),
                signed(row.difference, 3),
                digits(row.tolerance),
                "yes" if row.within else "**no**",
            )
            for row in found.preset_table.itertuples()
        ],
    )  # fmt: skip
    runs = found.preset_table["n"]
    many = f"{runs.min()}" if runs.min() == runs.max() else f"{runs.min()} to {runs.max()}"
    settings = ", ".join(
        f"{name_of(key)} {_plain(found.posterior['preset'][key])}" for key in _KEYS
    )
    rounded, exact = (found.posterior["preset"][name] for name in ("distance", "unrounded"))
    about = paragraph(
        "The preset is the best draw, rounded to what a person would write where that does no",
        f"harm: {settings}. Its squared distance is {rounded:.1f}, before rounding {exact:.1f}, in",
        "runs other than those that it was chosen by. Its numbers are means over these",
        f"{many} runs; difference is preset minus published.",
    )
    return "\n\n".join([about, lines, _together(found), _misses(found), _blind(found)])


def _together(found: Findings) -> str:
    size = found.within.shape[1]
    if found.within.empty:
        least = found.accepted["distance"].min()
        return paragraph(
            f"No draw is admissible: the nearest has a squared distance of {least:.1f},",
            f"the threshold is {found.posterior['threshold']:.1f}. So no setting that was tried",
            "explains the 36 numbers by run-to-run scatter alone.",
        )
    totals = found.within.sum(axis=1)
    everything = int((totals == size).sum())
    reach = f"{everything} of them have" if everything else "none of them has"
    seeds = found.accepted["landscape"].nunique()
    landscapes = "one landscape" if seeds == 1 else f"{seeds} landscapes"
    drawn = found.posterior["draws"]
    return paragraph(
        f"{len(totals):,} of the {drawn:,} draws are admissible, on {landscapes}; {reach} all",
        f"{size} means within tolerance, and the most that one has is {int(totals.max())}.",
    )


def _misses(found: Findings) -> str:
    missed = found.preset_table[~found.preset_table["within"].astype(bool)]
    if missed.empty:
        return "No number of the preset is out of tolerance."
    if found.within.empty:
        return "With no admissible draw, there is nothing to compare the missed numbers with."
    joined = missed.merge(found.evidence, on=NUMBER, validate="one_to_one")
    rows = [
        (
            quantity(row.statistic, row.method),
            method_label(row.method),
            feedback_label(row.feedback),
            number(abs(row.difference), 3),
            number(row.best_possible, 3),
            digits(row.tolerance),
            percent(row.share),
            str(row.together) if row.draws else "none reaches it",
        )
        for row in joined.itertuples()
    ]
    header = ("quantity", "method", "feedback", ">preset misses by", ">nearest admissible draw",
              ">tolerance", ">admissible draws that reach it", ">most of the 36 that one of these "
              "reaches")  # fmt: skip
    return f"Out of tolerance, and what admissible draws reach:\n\n{table(header, rows)}"


def _blind(found: Findings) -> str:
    """Say which published columns no single mean can be near to, by arithmetic."""
    lines = [_unreachable(row) for row in found.spans.itertuples() if not row.reachable]
    return "\n\n".join(lines) or paragraph(
        "The baselines never see the feedback, so their columns are runs of one algorithm with one",
        "mean; the published ones lie close enough for one mean to be near to all.",
    )


def _unreachable(row) -> str:
    return paragraph(
        f"{method_label(row.method)} never sees the feedback, so its {row.columns} columns are",
        f"{row.columns} runs of one algorithm with one mean. The published values of",
        f"{quantity(row.statistic, row.method)} span {number(row.span, 3)}, more than twice the",
        f"tolerance of {digits(row.tolerance)}: no setting has all {row.columns} within it.",
    )


def _plain(value) -> str:
    return digits(value) if isinstance(value, float) else str(value).lower()
