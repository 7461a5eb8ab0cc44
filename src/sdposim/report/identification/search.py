"""The evidence of every landscape that was tried, by the way it was drawn."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sdposim.calibration.identification.hypotheses import FAMILIES, LEAD_SEED, PLAIN, WRITTEN
from sdposim.report.identification.found import Found
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, applied

LEAD, SEEDS = "#BB4455", "#332288"
FLOOR = -60.0
"""Log evidence below which everything is as impossible."""
SHARES = (0.5, 0.9, 0.99, 0.999)


def draw(found: Found) -> tuple[Figure, pd.DataFrame]:
    """Draw the ranks of the seeds of `PLAIN`, and a row per family.

    Returns:
      The figure, and what it shows: a row per family and mark, `family, mark, seed, log_evidence`.
    """
    total = found.scores.total - found.scores.total.max()
    rows = []
    for place, family in enumerate(FAMILIES):
        here = found.scores.family == place
        seeds, values = found.scores.seed[here], total[here]
        for share in SHARES:
            value = float(np.quantile(values, share))
            rows.append((family.name, f"{100 * share:g}% are below", None, value))
        best = int(np.argmax(values))
        rows.append((family.name, "best", int(seeds[best]), float(values[best])))
        for seed in WRITTEN:
            if (seeds == seed).any():
                mark = "suspected" if seed == LEAD_SEED else "written"
                rows.append((family.name, mark, seed, float(values[seeds == seed][0])))
    data = pd.DataFrame(rows, columns=["family", "mark", "seed", "log_evidence"])
    data = data.astype({"seed": "Int64"})
    plain = np.sort(total[found.scores.family == FAMILIES.index(PLAIN)])[::-1]
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 5.4), layout="constrained")
        left, right = fig.subplots(1, 2, width_ratios=[1, 1.25])
        _ranks(left, plain, found)
        _families(right, data)
        _legend(fig)
    return fig, data


def _ranks(ax, plain: np.ndarray, found: Found) -> None:
    ranks = np.arange(1, plain.size + 1)
    ax.plot(ranks, np.maximum(plain, FLOOR), color=SEEDS, label="_ranks")
    row = found.families.set_index("family").loc[PLAIN.name]
    ax.plot(
        row["lead_rank"], max(row["lead"], FLOOR), label="_lead", zorder=4, **_mark("suspected")
    )
    ax.annotate(
        f"seed {LEAD_SEED}\nrank {int(row['lead_rank']):,} of {plain.size:,}",
        (row["lead_rank"], max(row["lead"], FLOOR)),
        (8, 8), textcoords="offset points", color=LEAD,
    )  # fmt: skip
    ax.set_xscale("log")
    ax.set_ylim(FLOOR - 2, 6)
    ax.set_xlabel("rank of a seed, default_rng-qbs-normal")
    ax.set_ylabel("log evidence, less that of the best landscape")
    sns.despine(ax=ax)


def _families(ax, data: pd.DataFrame) -> None:
    names = [family.name for family in FAMILIES]
    for place, name in enumerate(names):
        shown = data[data["family"] == name].set_index("mark")["log_evidence"].clip(FLOOR)
        low, high = shown[f"{100 * SHARES[0]:g}% are below"], shown["best"]
        ax.plot([low, high], [place] * 2, color="0.8", linewidth=4, label="_range", zorder=0)
        ax.plot(shown[["99% are below"]], [place], label="_99", zorder=1, **_mark("99"))
        if "written" in shown.index:
            values = np.atleast_1d(shown["written"])
            ax.plot(values, [place] * len(values), label="_written", zorder=2, **_mark("written"))
        ax.plot(high, place, label="_best", zorder=3, **_mark("best"))
        if "suspected" in shown.index:
            ax.plot(shown["suspected"], place, label="_lead", zorder=4, **_mark("suspected"))
    ax.set_yticks(range(len(names)), [name.replace("numpy_", "") for name in names], fontsize=6)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(FLOOR - 2, 4)
    ax.set_xlabel("log evidence, less that of the best landscape")
    sns.despine(ax=ax, left=True)


def _mark(kind: str) -> dict:
    looks = {
        "suspected": {"marker": "D", "markersize": 5, "color": LEAD, "markeredgecolor": "black"},
        "best": {"marker": "|", "markersize": 8, "color": "black"},
        "written": {"marker": ".", "markersize": 3, "color": SEEDS, "alpha": 0.5},
        "99": {"marker": "|", "markersize": 6, "color": "0.45"},
    }
    return {"linestyle": "none"} | looks[kind]


def _legend(fig: Figure) -> None:
    handles = [
        Line2D([], [], label=f"seed {LEAD_SEED}", **_mark("suspected")),
        Line2D([], [], label="other seeds that people write", **_mark("written")),
        Patch(facecolor="0.8", label="upper half of the seeds"),
        Line2D([], [], label="99% are below", **_mark("99")),
        Line2D([], [], label="best", **_mark("best")),
    ]
    fig.legend(handles=handles, loc="outside upper center", ncols=5, labelcolor=NEUTRAL)
