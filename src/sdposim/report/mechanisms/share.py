"""Policies evaluated exactly: the share of the possible gain, and its price in distance."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.labels import method_label
from sdposim.report.mechanisms.tools import (
    axis,
    difference,
    draw_line,
    figure,
    handle,
    legend,
    mean,
    part,
)
from sdposim.report.style import applied, look
from sdposim.storage.errors import UserError

PAPER_RATE = 0.02
"""Section 2.7."""
BEST, OTHER = "sdpo", "reinforce"


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """The share of the possible gain against the learning rate, and against KL from the start."""
    last, rates = _last(data), axis(data.settings, "training", "learning_rate")
    methods = list(dict.fromkeys(last["method"]))
    rows = []
    with applied():
        fig, (left, right) = figure(2, 2.8, sharey=True)
        for method in methods:
            style, own = look(method), part(last, method=method)
            frame = pd.DataFrame(
                [
                    (method, rate, *mean(part(own, setting=name), "share"),
                     mean(part(own, setting=name), "reference_kl").value)
                    for name, rate in sorted(rates.items(), key=lambda item: item[1])
                ],
                columns=["method", "learning_rate", "mean", "half", "reference_kl"],
            )  # fmt: skip
            rows.append(frame)
            options = {"marker": style.marker, "linestyle": style.linestyle}
            for ax, place in ((left, "learning_rate"), (right, "reference_kl")):
                draw_line(ax, frame.assign(place=frame[place]), style.colour, **options)
        left.set_xscale("log")
        left.set_xlabel("Learning rate")
        left.set_ylabel("Share of the possible gain")
        right.set_xlabel("KL from the initial policy (nats a position)")
        legend(fig, [
            handle(method_label(method), look(method).colour, marker=look(method).marker,
                   linestyle=look(method).linestyle)
            for method in methods
        ])  # fmt: skip
    return fig, pd.concat(rows, ignore_index=True)


def words(data) -> list[str]:
    """Shares at the paper's rate and at the best, and at equal distance."""
    last, rates = _last(data), axis(data.settings, "training", "learning_rate")
    paper = min(rates, key=lambda name: abs(np.log(rates[name] / PAPER_RATE)))
    methods = list(dict.fromkeys(last["method"]))
    shares = {
        method: {name: mean(part(last, method=method, setting=name), "share") for name in rates}
        for method in methods
    }
    best = {
        method: max(own, key=lambda name, own=own: own[name].value)
        for method, own in shares.items()
    }
    yield (
        "The expected reward of a policy is a sum over all sequences, and the largest one is found "
        "by dynamic programming: the possible gain is from the uniform policy's reward to that, "
        f"{_gain(last)[0]:.3f} to {_gain(last)[1]:.3f} on average."
    )
    yield (
        f"With a learning rate of {rates[paper]:g} the methods get "
        + ", ".join(f"{method_label(name)} {own[paper].said()}" for name, own in shares.items())
        + " of it; with their best rates "
        + ", ".join(
            f"{method_label(name)} {own[best[name]].said()} ({rates[best[name]]:g})"
            for name, own in shares.items()
        )
        + "."
    )
    yield from _matched(last, rates)
    checked = _sampled(data, last)
    yield (
        f"The rewards in the logs, means over the final window's rollouts, are {checked.said(4)} "
        "from the exact ones, mean over all cells."
    )
    yield (
        "Baselines are trained as printed, uphill. Landscapes vary, with a run each; ± is the 95% "
        "interval of the mean over them."
    )


def _matched(last: pd.DataFrame, rates: dict[str, float]):
    """Shares at equal KL, where both methods come by, interpolated for each landscape."""
    paths = {}
    for method in (BEST, OTHER):
        own = part(last, method=method)
        names = sorted(rates, key=rates.get)
        tables = [
            own.pivot(index="seed", columns="setting", values=column)[names].to_numpy()
            for column in ("reference_kl", "share")
        ]
        paths[method] = tables
    low = max(table[0].min(axis=1).mean() for table in paths.values())
    high = min(table[0].max(axis=1).mean() for table in paths.values())
    if low >= high:
        yield "The methods come by no common distance from the initial policy."
        return
    said = []
    for distance in np.linspace(low, high, 5)[1:-1]:
        gaps = _at(paths[BEST], distance) - _at(paths[OTHER], distance)
        half = 1.96 * gaps.std(ddof=1) / np.sqrt(gaps.size)
        said.append(f"{gaps.mean():+.3f} ± {half:.3f} at {distance:.2f}")
    yield (
        "At equal KL from the initial policy, in nats a position, SDPO's share less REINFORCE's is "
        f"{', '.join(said)}."
    )


def _at(tables, distance: float) -> np.ndarray:
    """The share of each landscape at a distance, between the rates on either side of it."""
    result = []
    for places, values in zip(*tables, strict=True):
        order = np.argsort(places)
        result.append(np.interp(distance, places[order], values[order]))
    return np.array(result)


def _last(data) -> pd.DataFrame:
    """Policies at the end, with their share of the possible gain."""
    if data.exact is None:
        raise UserError("mechanism share needs a study with policies, of few enough sequences")
    last = data.exact[data.exact["step"] == data.exact["step"].max()]
    gain = last["optimum"] - last["uniform"]
    return last.assign(share=(last["reward"] - last["uniform"]) / gain)


def _gain(last: pd.DataFrame) -> tuple[float, float]:
    return float(last["uniform"].mean()), float(last["optimum"].mean())


def _sampled(data, last: pd.DataFrame):
    keys = ["setting", "method", "feedback", "noise", "seed"]
    both = data.cells[[*keys, "reward"]].merge(last[[*keys, "reward"]], on=keys)
    one, other = (
        pd.DataFrame({"seed": both.index, "reward": both[f"reward_{side}"]}) for side in ("x", "y")
    )
    return difference(one, other, "reward")
