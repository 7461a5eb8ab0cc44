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
    varied,
)
from sdposim.report.style import applied, look
from sdposim.storage.errors import UserError

PAPER_RATE = 0.02
"""Section 2.7."""
BEST, OTHER = "sdpo", "reinforce"
_APART = 0.3
"""Nats; a line that joins policies farther from each other would be none of the way."""


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """The share of the possible gain against the learning rate, and against KL from the start."""
    kept, rates = _kept(data), axis(data.settings, "training", "learning_rate")
    methods = list(dict.fromkeys(kept["method"]))
    means = _means(kept, rates)
    with applied():
        fig, (left, right) = figure(2, 2.8, sharey=True)
        for method in methods:
            style, own = look(method), part(means, method=method)
            last = own[own["step"] == own["step"].max()]
            options = {"marker": style.marker, "linestyle": style.linestyle}
            draw_line(left, last.assign(place=last["learning_rate"]), style.colour, **options)
            # Of a path the training steps, of its end the mark.
            for _, path in own.groupby("learning_rate"):
                # Between steps that are far apart nobody saw it.
                near = path["reference_kl"].diff().fillna(0) < _APART
                right.plot(path["reference_kl"].where(near), path["mean"], color=style.colour,
                           linestyle=style.linestyle, lw=0.9)  # fmt: skip
            right.plot(last["reference_kl"], last["mean"], style.marker, color=style.colour)
        left.set_xscale("log")
        left.set_xlabel("Learning rate")
        left.set_ylabel("Share of the possible gain")
        right.set_xlabel("KL from the initial policy (nats a position)")
        legend(fig, [
            handle(method_label(method), look(method).colour, marker=look(method).marker,
                   linestyle=look(method).linestyle)
            for method in methods
        ])  # fmt: skip
    return fig, means


def _means(kept: pd.DataFrame, rates: dict[str, float]) -> pd.DataFrame:
    rows = [
        (method, rates[setting], step, *mean(own, "share"), mean(own, "reference_kl").value)
        for (method, setting, step), own in kept.groupby(["method", "setting", "step"], sort=False)
    ]
    columns = ["method", "learning_rate", "step", "mean", "half", "reference_kl"]
    order = ["method", "learning_rate", "step"]
    return pd.DataFrame(rows, columns=columns).sort_values(order, ignore_index=True)


def words(data) -> list[str]:
    """Shares at the paper's rate and at the best, and at equal distance."""
    kept, rates = _kept(data), axis(data.settings, "training", "learning_rate")
    last = kept[kept["step"] == kept["step"].max()]
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
    yield from _matched(kept, rates)
    checked = _sampled(data, last)
    yield (
        f"The rewards in the logs, means over the final window's rollouts, are {checked.said(4)} "
        "from the exact ones, mean over all cells."
    )
    yield (
        f"Baselines are trained as printed, uphill. {varied(data)}; ± is the 95% "
        "interval of the mean over them."
    )


def _matched(kept: pd.DataFrame, rates: dict[str, float]):
    """Shares at equal KL on the way: at each distance of the slowest rate that comes so far."""
    paths = {method: _paths(part(kept, method=method), rates) for method in (BEST, OTHER)}
    reach = min(max(map(_reach, one.values())) for one in paths.values())
    said = []
    for distance in reach * np.array([0.25, 0.5, 0.75, 1.0]):
        gaps = _at(paths[BEST], distance) - _at(paths[OTHER], distance)
        gaps = gaps[np.isfinite(gaps)]
        if gaps.size > 1:
            half = 1.96 * gaps.std(ddof=1) / np.sqrt(gaps.size)
            said.append(f"{gaps.mean():+.3f} ± {half:.3f} at {distance:.2f} ({gaps.size})")
    yield (
        "At equal KL from the initial policy, in nats a position, SDPO's share less REINFORCE's is "
        f"{', '.join(said)}, each on the way of the slowest rate with which 95% of landscapes come "
        f"so far, in brackets the landscapes whose kept steps on either side are within {_APART:g} "
        "nats."
    )


def _paths(own: pd.DataFrame, rates: dict[str, float]) -> dict[str, tuple]:
    """KL and share over training, (landscapes, steps) each, by setting from the slowest on."""
    result = {}
    for setting in sorted(rates, key=rates.get):
        tables = [
            part(own, setting=setting)
            .pivot(index="seed", columns="step", values=column)
            .sort_index(axis=1)
            .to_numpy()
            for column in ("reference_kl", "share")
        ]
        # A noisy step back does not count as one.
        result[setting] = np.maximum.accumulate(tables[0], axis=1), tables[1]
    return result


def _at(paths: dict[str, tuple], distance: float) -> np.ndarray:
    """The share of each landscape at a distance, between the steps on either side of it."""
    far = (own for own in paths.values() if _reach(own) >= distance * (1 - 1e-12))
    places, values = next(far)
    return np.array([_between(distance, *one) for one in zip(places, values, strict=True)])


def _between(distance: float, places: np.ndarray, values: np.ndarray) -> float:
    """The value at a place between two; NaN if they are far apart, or none is beyond."""
    after = int(np.searchsorted(places, distance))
    if not 0 < after < places.size or places[after] - places[after - 1] > _APART:
        return float("nan")
    return float(np.interp(distance, places[after - 1 : after + 1], values[after - 1 : after + 1]))


def _reach(path: tuple) -> float:
    """How far 95% of landscapes come."""
    return float(np.quantile(path[0][:, -1], 0.05))


def _kept(data) -> pd.DataFrame:
    """Policies over training, with their share of the possible gain."""
    if data.exact is None:
        raise UserError("mechanism share needs a study with policies, of few enough sequences")
    gain = data.exact["optimum"] - data.exact["uniform"]
    return data.exact.assign(share=(data.exact["reward"] - data.exact["uniform"]) / gain)


def _gain(last: pd.DataFrame) -> tuple[float, float]:
    return float(last["uniform"].mean()), float(last["optimum"].mean())


def _sampled(data, last: pd.DataFrame):
    keys = ["setting", "method", "feedback", "noise", "seed"]
    both = data.cells[[*keys, "reward"]].merge(last[[*keys, "reward"]], on=keys)
    one, other = (
        pd.DataFrame({"seed": both.index, "reward": both[f"reward_{side}"]}) for side in ("x", "y")
    )
    return difference(one, other, "reward")
