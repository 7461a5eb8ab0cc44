"""Pairwise posterior of the continuous settings, over the whole range of the prior."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sdposim.presentation.calibration.drawing import POSTERIOR, PRESET, patch, prior_ticks
from sdposim.presentation.calibration.names import FITTED, PARAMETERS
from sdposim.presentation.calibration.settings import prior_quantile
from sdposim.presentation.files import signed
from sdposim.presentation.panels import WIDTHS
from sdposim.presentation.style import applied

BINS = 16
COLUMNS = ["y", "x", "y_bin", "x_bin", "probability", "correlation"]
NEGLIGIBLE = 1e-4  # bins with less probability stay white
PRIOR_LINE = {"color": "0.45", "linewidth": 0.9, "linestyle": ":"}
STRONG = 0.5  # correlations from here on are set in bold


def draw(draws: pd.DataFrame, posterior: Mapping) -> tuple[Figure, pd.DataFrame]:
    """Draw a histogram per pair below the diagonal, and the correlations above it.

    Returns:
      The figure, and what it shows: per pair and per bin (in 16ths of the prior's quantiles,
      from 0; negligible ones left out) the posterior probability, and the pair's weighted
      correlation, in quantiles of the prior. On the diagonal, `x` is `y`.
    """
    entries = posterior["parameters"]
    quantiles = np.column_stack([prior_quantile(draws[name], entries[name]) for name in FITTED])
    weights = draws["weight"].to_numpy() / draws["weight"].sum()
    data = pd.DataFrame(_rows(quantiles, weights), columns=COLUMNS)
    with applied():
        fig = _figure(data, posterior)
    return fig, data


def _rows(quantiles, weights):
    bins = np.clip((quantiles * BINS).astype(int), 0, BINS - 1)
    correlations = _correlations(quantiles, weights)
    for i, j in product(range(len(FITTED)), repeat=2):
        if j > i:
            continue
        share = np.zeros((BINS, BINS))
        np.add.at(share, (bins[:, i], bins[:, j]), weights)
        for y, x in zip(*np.nonzero(share >= NEGLIGIBLE), strict=True):
            yield FITTED[i], FITTED[j], y, x, share[y, x], correlations[i, j]


def _correlations(quantiles, weights):
    weights = weights / weights.sum()
    away = quantiles - weights @ quantiles
    covariance = (away.T * weights) @ away
    sd = np.sqrt(np.diag(covariance))
    # One draw may hold all the weight; then nothing varies and no correlation is defined.
    scale = np.where(sd > 0, sd, np.nan)
    return covariance / scale[:, None] / scale[None, :]


def _figure(data, posterior) -> Figure:
    size = len(FITTED)
    fig = Figure(figsize=(WIDTHS["double"], 0.96 * WIDTHS["double"]), layout="constrained")
    axes = fig.subplots(size, size, squeeze=False)
    for (i, y), (j, x) in product(enumerate(FITTED), enumerate(FITTED)):
        ax = axes[i, j]
        shown = data[(data["y"] == y) & (data["x"] == x)]
        if j > i:
            mirrored = data[(data["y"] == x) & (data["x"] == y)]
            _number(ax, mirrored["correlation"].iloc[0])
            continue
        if i == j:
            _diagonal(ax, shown)
        else:
            _pair(ax, shown, posterior, y, x)
        sns.despine(ax=ax)
        _label(ax, i, j, posterior["parameters"])
    handles = [
        Line2D([], [], label="prior", **PRIOR_LINE),
        patch("posterior", POSTERIOR),
        Line2D([], [], label="preset", **PRESET),
        Line2D([], [], linestyle="none", label="above the diagonal: correlation"),
    ]
    fig.legend(handles=handles, loc="outside upper center", ncols=4)
    return fig


def _diagonal(ax, shown) -> None:
    centres = (shown["x_bin"] + 0.5) / BINS
    sns.histplot(
        x=centres, weights=shown["probability"], bins=BINS, binrange=(0, 1), ax=ax,
        element="step", color=POSTERIOR, alpha=0.35, linewidth=1,
    )  # fmt: skip
    ax.axhline(1 / BINS, **PRIOR_LINE)
    ax.set_yticks([])
    ax.set_xlim(0, 1)


def _pair(ax, shown, posterior, y, x) -> None:
    sns.histplot(
        x=(shown["x_bin"] + 0.5) / BINS, y=(shown["y_bin"] + 0.5) / BINS,
        weights=shown["probability"], bins=BINS, binrange=((0, 1), (0, 1)),
        ax=ax, cmap=sns.light_palette(POSTERIOR, as_cmap=True),
    )  # fmt: skip
    entries, preset = posterior["parameters"], posterior["preset"]
    place = [float(prior_quantile(preset[name], entries[name])) for name in (x, y)]
    ax.plot(*place, label="_preset", clip_on=False, **PRESET)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)


def _number(ax, correlation) -> None:
    ax.set_axis_off()
    text = signed(correlation, 2).replace("-", "\N{MINUS SIGN}")
    strong = abs(correlation) >= STRONG
    look = {"fontweight": "bold"} if strong else {"color": "0.4"}
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", **look)


def _label(ax, i, j, entries) -> None:
    """Name the settings at the left and at the bottom only."""
    prior_ticks(ax.xaxis, entries[FITTED[j]])
    if i != j:
        prior_ticks(ax.yaxis, entries[FITTED[i]])
    ax.tick_params(labelbottom=i == len(FITTED) - 1, labelleft=j == 0 and i > 0, labelsize=6.5)
    last = i == len(FITTED) - 1
    ax.set_xlabel(PARAMETERS[FITTED[j]].short if last else "", fontsize=7)
    ax.set_ylabel(PARAMETERS[FITTED[i]].short if j == 0 else "", fontsize=7)
