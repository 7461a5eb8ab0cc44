"""Reward and entropy: what a larger lambda ends with, and what SDPO has where it is stopped."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.interpolate import CubicSpline

from sdposim.report.labels import method_label
from sdposim.report.mechanisms import Data
from sdposim.report.mechanisms.tools import (
    Mean,
    difference,
    draw_line,
    figure,
    handle,
    label_points,
    legend,
    mean,
    part,
    varied,
)
from sdposim.report.style import applied, look
from sdposim.storage.errors import UserError

BASE = "sdpo"
"""The method with the setting's lambda, which is stopped earlier."""
COLOUR, MARKER, LINE = "#BB4455", "s", (0, (4, 1.5))
"""Of the end points of lambdas."""
SIDES = {"above": "above", "on": "no different from", "below": "below"}
"""Where an end point lies, and how that is said."""
MARKED = 6
"""Steps that are marked on the path, from the last on."""


class Path(NamedTuple):
    """What SDPO would end with at each earlier last step: means of the final window there."""

    step: np.ndarray
    entropy: np.ndarray
    reward: np.ndarray

    def at(self, entropy: float) -> tuple[float, float] | None:
        """Step and reward of the stopped run with an entropy; None where no step has it."""
        low, high = self.entropy.min(), self.entropy.max()
        if not low <= entropy <= high:
            return None
        # From the end backwards: where an entropy comes twice, the later step has it.
        falls = np.maximum.accumulate(self.entropy[::-1])
        step = float(np.interp(entropy, falls, self.step[::-1]))
        return step, float(np.interp(step, self.step, self.reward))


def draw(data: Data) -> tuple[Figure, pd.DataFrame]:
    """Reward against entropy, and the reward of each lambda less that of the stopped run."""
    lambdas, path, rows = _lambdas(data), _path(data), []
    colour = look(BASE).colour
    for method, weight in lambdas.items():
        cells = _cells(data, method)
        reward, entropy = mean(cells, "reward"), mean(cells, "entropy")
        row = {"series": "lambda", "lambda": weight, "entropy": entropy.value,
               "entropy_half": entropy.half, "reward": reward.value,
               "reward_half": reward.half}  # fmt: skip
        less = _less(data, method, path)
        if less:
            row |= {"step": less[0], "less": less[1].value, "less_half": less[1].half}
        rows.append(row)
    ends = pd.DataFrame(rows)
    stopped = pd.DataFrame(
        {"series": "stopped", "step": path.step, "entropy": path.entropy, "reward": path.reward}
    )
    with applied():
        fig, (left, right) = figure(2, 2.9)
        left.plot(path.entropy, path.reward, color=colour, marker="")
        every = path.step[-1] / MARKED
        marked = [
            int(np.argmin(np.abs(path.step - every * place))) for place in range(1, MARKED + 1)
        ]
        left.plot(path.entropy[marked], path.reward[marked], "o", color=colour)
        left.errorbar(
            ends["entropy"], ends["reward"], yerr=ends["reward_half"], xerr=ends["entropy_half"],
            color=COLOUR, marker=MARKER, linestyle="none", markerfacecolor="white",
        )  # fmt: skip
        left.margins(0.2, 0.12)
        left.set_xlabel("Policy entropy (nats); labels: lambda, last step")
        left.set_ylabel("Reward")
        label_points(
            left,
            [(row.entropy, row.reward, f"{row['lambda']:g}") for _, row in ends.iterrows()],
            COLOUR,
            (6, 3),
        )
        label_points(
            left,
            [(path.entropy[place], path.reward[place], f"{path.step[place]:g}")
             for place in marked],
            colour,
            (-6, -3),
        )  # fmt: skip
        right.axhline(0, color=colour, lw=1)
        if "less" in ends:
            known = ends.dropna(subset="less").rename(
                columns={"lambda": "place", "reward": "level", "less": "mean", "less_half": "half"}
            )
            draw_line(right, known, COLOUR, marker=MARKER, linestyle=LINE, markerfacecolor="white")
            right.set_xscale("log")
        right.set_xlabel("lambda")
        right.set_ylabel("Final reward less that of SDPO\nstopped at the same entropy")
        weight = lambdas[BASE]
        legend(
            fig,
            [
                handle(f"SDPO (lambda {weight:g}), stopped early", colour),
                handle(f"each lambda after {_last(data)} steps", COLOUR, marker=MARKER,
                       linestyle="none", markerfacecolor="white"),
            ],
        )  # fmt: skip
    columns = ["series", "lambda", "step", "entropy", "entropy_half", "reward", "reward_half",
               "less", "less_half"]  # fmt: skip
    return fig, pd.concat([ends, stopped], ignore_index=True).reindex(columns=columns)


def words(data: Data) -> Iterator[str]:
    """Whether a larger lambda ends above the path of the stopped run, and what lambda costs."""
    lambdas, path = _lambdas(data), _path(data)
    own, last = lambdas[BASE], _last(data)
    found = {
        weight: _less(data, method, path) for method, weight in lambdas.items() if weight > own
    }
    if not found:
        yield f"No lambda is larger than the {own:g} of {method_label(BASE)}."
    known = {weight: less for weight, less in found.items() if less}
    if known:
        said = (
            f"lambda {weight:g} is {SIDES[_side(gap)]} it ({gap.said(4)}, stopped at step "
            f"{step:.0f})"
            for weight, (step, gap) in known.items()
        )
        yield (
            f"Reward of a larger lambda after {last} steps, against the path of "
            f"{method_label(BASE)} (lambda {own:g}) that is stopped at the same entropy: "
            f"{'; '.join(said)}."
        )
        gain = mean(_cells(data, BASE), "reward").value - _curve(data)["reward_mean"].iloc[0]
        yield _judged({weight: gap for weight, (_, gap) in known.items()}, gain, last)
    outside = [f"{weight:g}" for weight, less in found.items() if not less]
    if outside:
        yield f"No stopped run has the entropy of lambda {', '.join(outside)}."
    ordered = list(lambdas)
    if len(ordered) > 1:
        yield _cost(data, ordered[0], ordered[-1])
    yield (
        f"{varied(data)}, and methods share their random numbers; ± is the 95% interval "
        "of the mean of paired differences. Of the stopped runs only their mean is kept; so pairs "
        "are taken at the end, by the path's mean slope from there, and the noise of rollouts is "
        "added."
    )


def _judged(gaps: dict[float, Mean], gain: float, last: int) -> str:
    """Whether regularisation is the better way, and how much that matters."""
    sides = {
        side: ", ".join(f"{weight:g}" for weight, gap in gaps.items() if _side(gap) == side)
        for side in SIDES
    }
    above, on, below = sides.values()
    if above and below:
        verdict = (
            f"a better way to diversity than fewer steps for lambda {above}, a worse for {below}"
        )
    elif above:
        verdict = "a better way to diversity than fewer steps" + (
            f" for lambda {above}" if on else ""
        )
    elif below:
        verdict = "a worse way to diversity than fewer steps" + (
            f" for lambda {below}" if on else ""
        )
    else:
        verdict = "no better or worse a way to diversity than fewer steps"
    widest = max(abs(gap.value) for gap in gaps.values())
    return (
        f"So regularisation is {verdict}; the widest gap, {widest:.4f}, is "
        f"{widest / abs(gain):.1%} of the {abs(gain):.3f} by which {method_label(BASE)}'s reward "
        f"changes in its {last} steps."
    )


def _cost(data: Data, smallest: str, largest: str) -> str:
    """Of the largest lambda against the smallest."""
    lambdas = _lambdas(data)
    least, most = (_cells(data, method) for method in (smallest, largest))
    reward, entropy = (difference(most, least, column) for column in ("reward", "entropy"))
    said = []
    for change, falls, rises in ((reward, "costs", "brings"), (entropy, "loses", "keeps")):
        verb = falls if change.high < 0 else rises if change.low > 0 else "leaves as it is, by"
        said.append(f"{verb} {Mean(abs(change.value), change.half).said()}")
    return (
        f"From {lambdas[smallest]:g} to {lambdas[largest]:g}, lambda {said[0]} of reward "
        f"({mean(least, 'reward').value:.3f} to {mean(most, 'reward').value:.3f}) and {said[1]} "
        f"nats of entropy ({mean(least, 'entropy').value:.3f} to "
        f"{mean(most, 'entropy').value:.3f})."
    )


def _less(data: Data, method: str, path: Path) -> tuple[float, Mean] | None:
    """The reward of a method less that of the stopped run at the same mean entropy.

    Returns:
        the step at which it is stopped, and the difference; None where no stopped run has the
        entropy. Pairs are taken at the end of the path and brought to that entropy by the path's
        mean slope, which gives the difference exactly. Its interval is that of such pairs, and of
        the rollouts of the stopped run, which are other ones than those at the end.
    """
    both = _cells(data, method).merge(_cells(data, BASE), on="seed", suffixes=("", "_end"))
    spent = both["entropy"] - both["entropy_end"]
    found = path.at(float(both["entropy"].mean()))
    if found is None:
        return None
    step, reward = found
    moved = float(spent.mean())
    slope = (reward - float(both["reward_end"].mean())) / moved if moved else 0.0
    gaps = both["reward"] - both["reward_end"] - slope * spent
    gap = mean(gaps.to_frame("gap"), "gap")
    apart = min((path.step[-1] - step) / path.step[0], 1.0)
    rollouts = 1.96 * np.sqrt(2 * apart * _noise(data, path.step[0]) / len(both))
    return step, Mean(gap.value, float(np.hypot(gap.half, rollouts)))


def _noise(data: Data, window: int) -> float:
    """The variance that rollouts give a run's mean reward over the final window.

    The SD over seeds of a single step has all of their variance, that of a window 1 / window.
    """
    if window < 2:
        return 0.0
    step = float(_curve(data)["reward_sd"].iloc[-1]) ** 2
    return max(step - float(_cells(data, BASE)["reward"].var()), 0.0) / (window - 1)


def _path(data: Data) -> Path:
    """From the curves: the log's rows are means over steps, which sums put together again."""
    curve = _curve(data)
    ends = curve["step"].to_numpy()
    widths = np.diff(ends, prepend=0)
    wide = ends[widths > 1]
    last = int(ends[-1])
    window = int(last - wide[-1]) if wide.size and wide[-1] < last else 1
    kept = (ends <= last - window) | (ends == last)
    steps = np.arange(window, last + 1)
    columns = []
    for column in ("entropy_mean", "reward_mean"):
        sums = np.cumsum(curve[column].to_numpy() * widths)[kept]
        total = CubicSpline(np.append(0, ends[kept]), np.append(0.0, sums))
        columns.append((total(steps) - total(steps - window)) / window)
    return Path(steps, *columns)


def _side(gap: Mean) -> str:
    return "above" if gap.low > 0 else "below" if gap.high < 0 else "on"


def _lambdas(data: Data) -> dict[str, float]:
    """Each method's, in increasing order.

    Raises:
        UserError: a method's label does not say it, or SDPO is not among them.
    """
    found = {}
    for method in dict.fromkeys(part(data.cells, method=BASE)["method"]) | dict.fromkeys(
        data.cells["method"]
    ):
        label = re.search(r"lambda ([0-9.e+-]+)", method_label(method))
        if method == BASE:
            found[method] = float(data.settings[_setting(data)]["update"]["pull"]["weight"])
        elif label:
            found[method] = float(label[1])
        else:
            raise UserError(
                f"method {method!r} has the label {method_label(method)!r}, which this mechanism "
                "needs to say its lambda, such as 'SDPO, lambda 0.1'"
            )
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _cells(data: Data, method: str) -> pd.DataFrame:
    return part(data.cells, **_where(data), method=method)


def _curve(data: Data) -> pd.DataFrame:
    return part(data.curves, **_where(data), method=BASE).sort_values("step")


def _where(data: Data) -> dict:
    """One setting, feedback and noise: the first."""
    first = data.cells.iloc[0]
    return {name: first[name] for name in ("setting", "feedback", "noise")}


def _setting(data: Data) -> str:
    return _where(data)["setting"]


def _last(data: Data) -> int:
    return int(_curve(data)["step"].iloc[-1])
