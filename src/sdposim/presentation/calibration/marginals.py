"""Prior against posterior of every setting; each title says whether the tables decide it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sdposim.presentation.calibration.drawing import (
    POSTERIOR,
    PRIOR,
    patch,
    prior_ticks,
    verdict_title,
)
from sdposim.presentation.calibration.names import (
    BY_CONSTRUCTION,
    LANDSCAPE,
    PARAMETERS,
    READINGS,
)
from sdposim.presentation.calibration.settings import prior_quantile, prior_value, settings
from sdposim.presentation.panels import WIDTHS
from sdposim.presentation.style import applied

BINS = 24
LIKELIEST = 5  # landscapes with a bar of their own
COLUMNS = ["setting", "value", "low", "high", "prior", "posterior", "preset"]


def draw(draws: pd.DataFrame, posterior: Mapping) -> tuple[Figure, pd.DataFrame]:
    """Draw a panel per setting.

    A continuous setting has the posterior's density over the prior's in bins of equal prior
    probability; a reading and the landscape have probabilities.

    Returns:
      The figure, and what it shows: continuous settings with a row per bin (`low` to `high`, the
      densities over the prior's), the others with a row per value.
    """
    verdicts = settings(posterior).drop_duplicates("setting").set_index("setting")
    rows = [
        *(row for name in PARAMETERS for row in _bins(name, draws, posterior)),
        *(row for name in READINGS for row in _probabilities(name, posterior)),
        *_landscapes(posterior),
    ]
    data = pd.DataFrame(rows, columns=COLUMNS)
    with applied():
        fig = _figure(data, verdicts, posterior)
    return fig, data


def _bins(name, draws, posterior):
    entry = posterior["parameters"][name]
    edges = np.linspace(0, 1, BINS + 1)
    density = np.ones(BINS)  # of what the tables cannot see, the posterior is the prior
    if name not in BY_CONSTRUCTION:
        weights = draws["weight"] / draws["weight"].sum()
        quantiles = np.clip(prior_quantile(draws[name], entry), 0, 1)
        density = BINS * np.histogram(quantiles, edges, weights=weights)[0]
    ends = prior_value(edges, entry)
    preset = posterior["preset"].get(name, float("nan"))
    for low, high, value in zip(ends[:-1], ends[1:], density, strict=True):
        yield name, "", low, high, 1.0, value, preset


def _probabilities(name, posterior):
    shares = posterior["readings"][name]
    chosen = str(posterior["preset"].get(name, "")).lower()
    for value, share in shares.items():
        text = str(value).lower()
        none = float("nan")
        yield name, text, none, none, 1 / len(shares), share, float(text == chosen)


def _landscapes(posterior):
    entry, none = posterior["landscapes"], float("nan")
    top = entry["top"][:LIKELIEST]
    for seed, share in top:
        chosen = float(seed == posterior["preset"]["landscape"])
        yield "landscape", str(seed), none, none, 1 / entry["size"], share, chosen
    others = entry["size"] - len(top)
    left = max(1 - sum(share for _, share in top), 0.0)
    known = {seed for seed, _ in top}
    chosen = float(posterior["preset"]["landscape"] not in known)
    yield "landscape", "other", none, none, others / entry["size"], left, chosen


def _figure(data, verdicts, posterior) -> Figure:
    fig = Figure(figsize=(WIDTHS["double"], 5.6), layout="constrained")
    upper, lower = fig.subfigures(2, 1, height_ratios=[2, 1])
    places = [*upper.subplots(2, 4).flat, *lower.subplots(1, len(READINGS)).flat]
    names = {**PARAMETERS, "landscape": LANDSCAPE, **READINGS}
    for (name, named), ax in zip(names.items(), places, strict=True):
        sns.despine(ax=ax)
        shown = data[data["setting"] == name]
        if name in PARAMETERS:
            _continuous(ax, shown, posterior["parameters"][name])
        else:
            _discrete(ax, shown)
        verdict = verdicts.loc[name]
        verdict_title(ax, named.short, verdict["verdict"], verdict["phrase"])
    for ax in places[:8:4]:
        ax.set_ylabel("density / prior's")
    for ax in (places[7], places[8]):
        ax.set_ylabel("probability")
    handles = [patch("prior", PRIOR), patch("posterior", POSTERIOR), _preset_handle()]
    upper.legend(handles=handles, loc="outside upper center", ncols=3)
    return fig


def _continuous(ax, shown, entry) -> None:
    edges = np.linspace(0, 1, len(shown) + 1)
    ax.stairs(shown["prior"], edges, fill=True, color=PRIOR, zorder=1)
    ax.stairs(shown["posterior"], edges, color=POSTERIOR, linewidth=1.3, zorder=3)
    ax.stairs(shown["posterior"], edges, fill=True, color=POSTERIOR, alpha=0.35, zorder=2)
    preset = shown["preset"].iloc[0]
    if preset == preset:
        ax.axvline(float(prior_quantile(preset, entry)), **_PRESET_LINE, label="_preset")
    prior_ticks(ax.xaxis, entry)
    ax.set_xlim(0, 1)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=4))
    ax.set_ylim(0, max(1.25, 1.08 * shown["posterior"].max()))


def _discrete(ax, shown) -> None:
    places = np.arange(len(shown))
    ax.bar(places, shown["prior"], 0.84, color=PRIOR, label="_prior", zorder=1)
    ax.bar(places, shown["posterior"], 0.5, color=POSTERIOR, label="_posterior", zorder=2)
    chosen = [place for place, preset in zip(places, shown["preset"], strict=True) if preset == 1]
    for place in chosen:
        ax.plot(place, 1.03, "v", color="black", markersize=4, label="_preset", clip_on=False)
    ax.set_ylim(0, 1.08)
    ax.set_yticks([0, 0.5, 1])
    ax.set_xticks(places, shown["value"], fontsize=6.5 if len(shown) < 3 else 5.8)
    if len(shown) > 3:
        ax.tick_params(axis="x", rotation=40)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(shown) - 0.4)


_PRESET_LINE = {"color": "black", "linestyle": (0, (3, 1.5)), "linewidth": 1.0, "zorder": 4}


def _preset_handle() -> Line2D:
    return Line2D(
        [], [], color="black", linestyle=(0, (3, 1.5)), linewidth=1, marker="v", markersize=4,
        label="preset",
    )  # fmt: skip
