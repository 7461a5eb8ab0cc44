"""Figure 6 as lists of five seeds give it: mean and SD of each method's reward."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sdposim.calibration.identification import figure6, sets
from sdposim.calibration.identification.hypotheses import LEAD_LIST, WRITTEN
from sdposim.report.identification.found import Found
from sdposim.report.labels import method_label
from sdposim.report.panels import WIDTHS
from sdposim.report.style import PUBLISHED_MARKER, applied, look

SHOWN = 2000
"""Random sets that are drawn."""


def draw(found: Found) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per method: random sets, the suspected list, and the published values.

    The SD divides by the number of seeds, or by one less, whichever suits the suspected list.

    Returns:
      The figure, and what it shows: a row per method and point, `method, source, mean, sd`.
    """
    ddof = max(found.lists, key=lambda one: one.log_likelihood).ddof
    known = found.rewards.seed[found.rewards.draw == 0].tolist()
    pool = found.rewards.table([seed for seed in known if seed not in WRITTEN])[:1]
    random = sets.predicted(pool, sets.random_sets(pool.shape[1], SHOWN), ddof)[0]
    written = found.rewards.table(WRITTEN)
    lead = np.array([[WRITTEN.index(seed) for seed in LEAD_LIST]])
    under_draws = sets.predicted(written, lead, ddof)[:, 0]
    rows = []
    for place, method in enumerate(figure6.METHODS):
        rows += [(method, "random list", *values) for values in random[:, place]]
        rows += [(method, "suspected list", *values) for values in under_draws[:, place]]
        rows.append((method, "published", *found.figure6[method]))
    data = pd.DataFrame(rows, columns=["method", "source", "mean", "sd"])
    with applied():
        fig = Figure(figsize=(WIDTHS["double"], 2.7), layout="constrained")
        axes = fig.subplots(1, len(figure6.METHODS), sharey=True)
        for ax, method in zip(axes, figure6.METHODS, strict=True):
            _panel(ax, data[data["method"] == method], method, found)
        axes[0].set_ylabel("SD over five landscapes")
        labels = {
            "random list": "random lists",
            "suspected list": f"seeds {', '.join(map(str, LEAD_LIST))}",
            "published": "published, with 2 SE of its runs",
        }
        handles = [Line2D([], [], label=labels[key], **_mark(key, "0.5")) for key in labels]
        fig.legend(handles=handles, loc="outside upper center", ncols=3)
    return fig, data


def _panel(ax, shown: pd.DataFrame, method: str, found: Found) -> None:
    colour = look(method).colour
    for source in ("random list", "suspected list", "published"):
        part = shown[shown["source"] == source]
        ax.plot(part["mean"], part["sd"], label=f"_{source}", **_mark(source, colour))
    published = shown[shown["source"] == "published"].iloc[0]
    variance = found.rewards.run_variance[figure6.METHODS.index(method)]
    error = 2 * float(np.sqrt(variance / sets.SIZE))
    ax.errorbar(
        published["mean"], published["sd"], xerr=error, yerr=error, fmt="none", color="black",
        linewidth=0.8, zorder=6,
    )  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.set_title(method_label(method))
    ax.set_xlabel("mean reward over five landscapes")
    sns.despine(ax=ax)


def _mark(source: str, colour: str) -> dict:
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
