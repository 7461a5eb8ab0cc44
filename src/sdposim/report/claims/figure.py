"""All claims by scope at a glance."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sdposim.audit.verdicts import CONFLICT, INCONCLUSIVE, NOT_HERE, PARTLY, SUPPORTED
from sdposim.report.claims.findings import Findings
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, SHARP, applied

LOOKS = {
    SUPPORTED: ("#44AA99", "✓"),
    PARTLY: ("#DDCC77", "◐"),
    CONFLICT: ("#CC6677", "✗"),
    INCONCLUSIVE: ("#DDDDDD", "?"),
    NOT_HERE: ("#FFFFFF", "–"),
}
"""Colour and sign of each verdict: the signs tell them apart in grey, too."""
ROW = 0.185
"""Inches."""
LEFT = 0.65
"""Columns' widths, by scope, that titles take: the same share of the figure for any number."""
LETTERS = 56
"""Of a line of all scopes' names."""


def overview(findings: Findings) -> tuple[Figure, pd.DataFrame]:
    """Draw a row per claim and a column per scope.

    Returns:
      The figure, and what it shows: id, title, whether the paper contradicts itself, and the
      verdict in each scope.
    """
    claims, scopes = findings.claims.claims, findings.claims.scopes
    start, letters = (0.0125 - LEFT) * len(scopes), LETTERS // len(scopes)
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], ROW * (len(claims) + 5)), **SHARP)
        axes = fig.add_subplot()
        for row, (name, claim) in enumerate(claims.items()):
            for column, scope in enumerate(scopes):
                colour, sign = LOOKS[findings.verdict(name, scope)]
                axes.add_patch(
                    Rectangle((column + 0.03, row + 0.06), 0.94, 0.88, facecolor=colour, lw=0)
                )
                axes.text(column + 0.5, row + 0.5, sign, ha="center", va="center", fontsize=7)
            note = "  ⚡" if claim.contradicts else ""
            axes.text(-0.08, row + 0.5, f"{claim.title}{note}", ha="right", va="center", fontsize=7)
            axes.text(start, row + 0.5, name, ha="left", va="center", fontsize=7, color=NEUTRAL)
        for column, own in enumerate(scopes.values()):
            label = "\n".join(textwrap.wrap(own.label, letters, break_long_words=False))
            axes.text(column + 0.5, -0.25, label, ha="center", va="bottom", fontsize=7.5)
        axes.set_xlim(-LEFT * len(scopes), len(scopes))
        axes.set_ylim(len(claims), 0)
        axes.set_axis_off()
        _legend(fig, any(claim.contradicts for claim in claims.values()))
    rows = [
        {"id": name, "title": claim.title, "contradicts_itself": claim.contradicts is not None}
        | {scope: findings.verdict(name, scope) for scope in scopes}
        for name, claim in claims.items()
    ]
    return fig, pd.DataFrame(rows)


def _legend(fig: Figure, contradictions: bool) -> None:
    handles = [
        Rectangle((0, 0), 1, 1, facecolor=colour, edgecolor="0.7", lw=0.5)
        for colour, _ in LOOKS.values()
    ]
    labels = [f"{sign}  {verdict}" for verdict, (_, sign) in LOOKS.items()]
    fig.legend(
        handles, labels, loc="outside lower center", ncols=len(labels), handlelength=1.2,
        title="⚡  the paper contradicts itself" if contradictions else None, title_fontsize=7.5,
    )  # fmt: skip
