"""The figures of an identification: every landscape's evidence, and figure 6 from five seeds."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sdposim.calibration.facts import METHODS
from sdposim.calibration.findings import Identified
from sdposim.calibration.landscapes import FAMILIES, LEAD_LIST, LEAD_SEED, PLAIN, WRITTEN
from sdposim.calibration.lists import SIZE, predicted, random_sets
from sdposim.report.labels import method_label
from sdposim.report.panels import WIDTHS
from sdposim.report.style import NEUTRAL, PUBLISHED_MARKER, applied, look

LEAD, SEEDS = "#BB4455", "#332288"
FLOOR = -60.0
"""Log evidence below which everything is as impossible."""
SHARES = (0.5, 0.9, 0.99, 0.999)
SHOWN = 2000
"""Random sets that are drawn."""


def search(results: Identified) -> tuple[Figure, pd.DataFrame]:
    """Draw the ranks of the seeds of `PLAIN`, and a row per family.

    Returns:
      The figure, and what it shows: a row per family and mark, `family, mark, seed, log_evidence`.
    """
    total = results.scores.total - results.scores.total.max()
    rows = []
    for place, family in enumerate(FAMILIES):
        here = results.scores.family == place
        seeds, values = results.scores.seed[here], total[here]
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
    plain = np.sort(total[results.scores.family == FAMILIES.index(PLAIN)])[::-1]
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 5.4), layout="constrained")
        left, right = fig.subplots(1, 2, width_ratios=[1, 1.25])
        _ranks(left, plain, results)
        _families(right, data)
        _search_legend(fig)
    return fig, data


def _ranks(ax, plain: np.ndarray, results: Identified) -> None:
    ranks = np.arange(1, plain.size + 1)
    ax.plot(ranks, np.maximum(plain, FLOOR), color=SEEDS, label="_ranks")
    row = results.families.set_index("family").loc[PLAIN.name]
    ax.plot(
        row["lead_rank"],
        max(row["lead"], FLOOR),
        label="_lead",
        zorder=4,
        **_search_mark("suspected"),
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
        ax.plot(shown[["99% are below"]], [place], label="_99", zorder=1, **_search_mark("99"))
        if "written" in shown.index:
            values = np.atleast_1d(shown["written"])
            ax.plot(
                values, [place] * len(values), label="_written", zorder=2, **_search_mark("written")
            )
        ax.plot(high, place, label="_best", zorder=3, **_search_mark("best"))
        if "suspected" in shown.index:
            ax.plot(shown["suspected"], place, label="_lead", zorder=4, **_search_mark("suspected"))
    ax.set_yticks(range(len(names)), [name.replace("numpy_", "") for name in names], fontsize=6)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(FLOOR - 2, 4)
    ax.set_xlabel("log evidence, less that of the best landscape")
    sns.despine(ax=ax, left=True)


def _search_mark(kind: str) -> dict:
    looks = {
        "suspected": {"marker": "D", "markersize": 5, "color": LEAD, "markeredgecolor": "black"},
        "best": {"marker": "|", "markersize": 8, "color": "black"},
        "written": {"marker": ".", "markersize": 3, "color": SEEDS, "alpha": 0.5},
        "99": {"marker": "|", "markersize": 6, "color": "0.45"},
    }
    return {"linestyle": "none"} | looks[kind]


def _search_legend(fig: Figure) -> None:
    handles = [
        Line2D([], [], label=f"seed {LEAD_SEED}", **_search_mark("suspected")),
        Line2D([], [], label="other seeds that people write", **_search_mark("written")),
        Patch(facecolor="0.8", label="upper half of the seeds"),
        Line2D([], [], label="99% are below", **_search_mark("99")),
        Line2D([], [], label="best", **_search_mark("best")),
    ]
    fig.legend(handles=handles, loc="outside upper center", ncols=5, labelcolor=NEUTRAL)


def lists(results: Identified) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per method: random sets, the suspected list, and the published values.

    The SD divides by the number of seeds, or by one less, whichever suits the suspected list.

    Returns:
      The figure, and what it shows: a row per method and point, `method, source, mean, sd`.
    """
    ddof = max(results.lists, key=lambda one: one.log_likelihood).ddof
    known = results.rewards.seed[results.rewards.draw == 0].tolist()
    pool = results.rewards.table([seed for seed in known if seed not in WRITTEN])[:1]
    random = predicted(pool, random_sets(pool.shape[1], SHOWN), ddof)[0]
    written = results.rewards.table(WRITTEN)
    lead = np.array([[WRITTEN.index(seed) for seed in LEAD_LIST]])
    under_draws = predicted(written, lead, ddof)[:, 0]
    rows = []
    for place, method in enumerate(METHODS):
        rows += [(method, "random list", *values) for values in random[:, place]]
        rows += [(method, "suspected list", *values) for values in under_draws[:, place]]
        rows.append((method, "published", *results.published[method]))
    data = pd.DataFrame(rows, columns=["method", "source", "mean", "sd"])
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 2.7), layout="constrained")
        axes = fig.subplots(1, len(METHODS), sharey=True)
        for ax, method in zip(axes, METHODS, strict=True):
            _list_panel(ax, data[data["method"] == method], method, results)
        axes[0].set_ylabel("SD over five landscapes")
        labels = {
            "random list": "random lists",
            "suspected list": f"seeds {', '.join(map(str, LEAD_LIST))}",
            "published": "published, with 2 SE of its runs",
        }
        handles = [Line2D([], [], label=labels[key], **_list_mark(key, "0.5")) for key in labels]
        fig.legend(handles=handles, loc="outside upper center", ncols=3)
    return fig, data


def _list_panel(ax, shown: pd.DataFrame, method: str, results: Identified) -> None:
    colour = look(method).colour
    for source in ("random list", "suspected list", "published"):
        part = shown[shown["source"] == source]
        ax.plot(part["mean"], part["sd"], label=f"_{source}", **_list_mark(source, colour))
    published = shown[shown["source"] == "published"].iloc[0]
    variance = results.rewards.run_variance[METHODS.index(method)]
    error = 2 * float(np.sqrt(variance / SIZE))
    ax.errorbar(
        published["mean"], published["sd"], xerr=error, yerr=error, fmt="none", color="black",
        linewidth=0.8, zorder=6,
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.set_title(method_label(method))
    ax.set_xlabel("mean reward over five landscapes")
    sns.despine(ax=ax)


def _list_mark(source: str, colour: str) -> dict:
    looks = {
        "random list": {"marker": ".", "markersize": 2, "color": "0.75", "zorder": 0},
        "suspected list": {"marker": "o", "markersize": 4, "color": colour, "zorder": 4},
        "published": {
            "marker": PUBLISHED_MARKER,
            "markersize": 4.2,
            "markerfacecolor": "white",
            "markeredgecolor": "black",
            "zorder": 5,
        },
    }
    return {"linestyle": "none"} | looks[source]
