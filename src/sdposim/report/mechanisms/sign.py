"""The direction of the baselines' training, in the size and the sign of what they learn."""

import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import final
from sdposim.report.labels import method_label
from sdposim.report.mechanisms.tools import (
    along,
    axis,
    draw_line,
    figure,
    handle,
    legend,
    mean,
    part,
    varied,
)
from sdposim.report.style import NEUTRAL, PUBLISHED_MARKER, applied, look

BASELINES = ("reinforce", "adv_weighted")
PANELS = (
    ("credit_correlation", ("training", "rollouts"), "Credit correlation", "Rollouts per step"),
    ("reward", ("training", "rollouts"), "Final reward", "Rollouts per step"),
    ("reward", ("training", "learning_rate"), "Final reward", "Learning rate"),
)


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Correlation and reward against the batch size, and reward against the learning rate."""
    rows = []
    with applied():
        fig, axes = figure(3, 2.7)
        for ax, (column, path, label, below) in zip(axes, PANELS, strict=True):
            places = _places(data, path)
            for method in _methods(data):
                frame = along(part(data.cells, method=method), places, column)
                style = look(method)
                draw_line(ax, frame, style.colour, marker=style.marker, linestyle=style.linestyle)
                rows.append(frame.assign(panel=below, quantity=column, method=method))
            ax.set_xscale("log")
            ax.set_xlabel(below)
            ax.set_ylabel(label)
            ax.axhline(0, color=NEUTRAL, lw=0.6) if column == "credit_correlation" else None
            for method in BASELINES:
                value = _published(data, column, method)
                at = _paper(data, path)
                ax.plot(
                    at, value, PUBLISHED_MARKER, color=look(method).colour, markerfacecolor="white",
                    zorder=8,
                )  # fmt: skip
        handles = [
            handle(method_label(method), look(method).colour, marker=look(method).marker,
                   linestyle=look(method).linestyle)
            for method in _methods(data)
        ]  # fmt: skip
        published = handle(
            "published", NEUTRAL, marker=PUBLISHED_MARKER, linestyle="none", markerfacecolor="white"
        )
        legend(fig, [*handles, published], 5)
    return fig, pd.concat(rows, ignore_index=True)[
        ["panel", "quantity", "method", "place", "mean", "half"]
    ]


def words(data) -> list[str]:
    """What the baselines end at, uphill and downhill."""
    base = _base(data)
    reversed_, printed = (
        mean(part(data.cells, setting=base, method=method), "credit_correlation")
        for method in ("reinforce", "reinforce_uphill")
    )
    places = _places(data, ("training", "rollouts"))
    most = max(places, key=places.get)
    least = min(places, key=places.get)
    up = {
        name: mean(part(data.cells, setting=name, method="reinforce_uphill"), "credit_correlation")
        for name in (least, most)
    }
    rewards = {
        method: mean(part(data.cells, setting=base, method=method), "reward")
        for method in _methods(data)
    }
    fastest = max(_places(data, ("training", "learning_rate")).items(), key=lambda item: item[1])
    far = {
        method: mean(part(data.cells, setting=fastest[0], method=method), "reward")
        for method in _methods(data)
    }
    yield (
        "On the paper's landscape, with its batch of "
        f"{data.settings[base]['training']['rollouts']}, REINFORCE's credit correlation is "
        f"{printed.said()} with equation 4 as printed and {reversed_.said()} with its sign "
        f"reversed; the published one, the mean of table 2's four, is "
        f"{_published(data, 'credit_correlation', 'reinforce'):.3f}."
    )
    yield (
        f"Its size is that of the batch: as printed it is {up[least].said()} with "
        f"{places[least]:g} rollouts a step and {up[most].said()} with {places[most]:,g}, since a "
        "larger batch has less noise (docs/equations.md, D4)."
    )
    yield (
        "The rewards differ less at the paper's step size: "
        + ", ".join(f"{method_label(name)} {value.said()}" for name, value in rewards.items())
        + "; "
        f"with a learning rate of {fastest[1]:g} they are "
        + ", ".join(f"{method_label(name)} {value.said()}" for name, value in far.items())
        + "."
    )
    yield f"{varied(data)}; ± is the 95% interval of the mean over them."


def _methods(data) -> list[str]:
    return list(dict.fromkeys(data.cells["method"]))


def _places(data, path: tuple[str, str]) -> dict[str, float]:
    """The settings that vary one hyperparameter, the others as in the paper."""
    values = axis(data.settings, *path)
    other = next(own for _, own, _, _ in PANELS if own != path)
    theirs, common = axis(data.settings, *other), _common(data, other)
    return {name: value for name, value in values.items() if theirs[name] == common}


def _common(data, path: tuple[str, str]):
    values = list(axis(data.settings, *path).values())
    return max(values, key=values.count)


def _paper(data, path: tuple[str, str]):
    return axis(data.settings, *path)[_base(data)]


def _base(data) -> str:
    """The setting that is the paper's in both."""
    paths = dict.fromkeys(path for _, path, _, _ in PANELS)
    shared = set.intersection(*(set(_places(data, path)) for path in paths))
    return shared.pop()


def _published(data, column: str, method: str) -> float:
    """The mean of a baseline's four columns, which are four runs of one algorithm."""
    values = [
        final(data.published, column, method, feedback, 0.0)
        for feedback in ("binary", "ordinal", "continuous", "critique")
    ]
    known = [value for value in values if value is not None]
    return sum(known) / len(known)
