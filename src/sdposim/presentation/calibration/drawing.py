"""Pieces that the calibration's figures share."""

from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sdposim.presentation.calibration.settings import prior_value
from sdposim.presentation.style import NEUTRAL, PUBLISHED_MARKER

# No method has these, so nobody takes a posterior for a method.
POSTERIOR, PRIOR = "#332288", "0.85"
PRESET = {
    "color": "black",
    "marker": "x",
    "markersize": 4,
    "markeredgewidth": 1.2,
    "linestyle": "none",
}
TITLES = {
    "decided": {"fontweight": "bold", "color": "black"},
    "narrowed": {"color": "black"},
    "undetermined": {"fontstyle": "italic", "color": "0.4"},
}
"""How a verdict is set, so that it can be seen before it is read."""
TITLE_CHARACTERS = 22  # of a line, so that titles of panels side by side stay apart


def verdict_title(ax: Axes, name: str, verdict: str, phrase: str) -> None:
    """Set a title: the setting, and below it what the tables say about it."""
    if len(phrase) > TITLE_CHARACTERS:
        # What stands in brackets stays together.
        head, bracket, tail = phrase.partition(" (")
        phrase = f"{head}\n({tail}" if bracket else fill(phrase, TITLE_CHARACTERS)
    ax.set_title(f"{name}\n{phrase}", fontsize=7, **TITLES[verdict])


def prior_ticks(axis, entry, levels=(0.0, 0.5, 1.0)) -> None:
    """Label an axis of prior quantiles with the setting's own values."""
    axis.set_ticks(levels, [f"{float(prior_value(level, entry)):.2g}" for level in levels])


def published_handle(label: str = "published") -> Line2D:
    """Return the entry of a legend for the published values."""
    look = {"markersize": 4.2, "markerfacecolor": "white", "markeredgecolor": NEUTRAL}
    return Line2D([], [], linestyle="none", marker=PUBLISHED_MARKER, label=label, **look)


def patch(label: str, colour: str) -> Patch:
    """Return the entry of a legend for an area of a colour."""
    return Patch(facecolor=colour, edgecolor="none", label=label)
