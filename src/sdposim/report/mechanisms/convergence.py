"""Training ten times as long as the paper's: when rewards stop rising, and where entropies go."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.labels import feedback_label, method_label, ordered_feedbacks
from sdposim.report.mechanisms import Data
from sdposim.report.mechanisms.tools import (
    Mean,
    against,
    difference,
    figure,
    handle,
    legend,
    mean,
    part,
    varied,
)
from sdposim.report.style import NEUTRAL, applied, look

BEST, FEEDBACK = "sdpo", "continuous"
BASELINES = ("reinforce", "adv_weighted")
TEACHERS = ("sdpo_fixed", "sdpo_averaged")
"""SDPO with teachers whose base is not the live policy, of which a study may have some."""
STEPS = 300
"""Training steps of the paper, section 2.7."""
SAID = 150
"""The step by which section 3.1 has all methods converge."""
SHARE = 0.95
"""Of a gain, that counts as converged."""
DIRECTIONS = {"printed": "as printed", "reversed": "reversed"}


class Run(NamedTuple):
    """A method in one setting, with one feedback."""

    name: str
    method: str
    printed: bool
    cells: pd.DataFrame
    curve: pd.DataFrame

    def level(self, step: float, column: str) -> float:
        """A mean at a step; a row of the log counts as the middle of its steps."""
        middles, means = _middles(self.curve), self.curve[f"{column}_mean"]
        return float(np.interp(np.log(step), np.log(middles), means))

    @property
    def first(self) -> float:
        """The mean reward of the first row."""
        return float(self.curve["reward_mean"].iloc[0])

    @property
    def gain(self) -> Mean:
        """Of the final value over the first row; the interval takes the two as independent."""
        end, rows = mean(self.cells, "reward"), self.curve.iloc[0]
        half = 1.96 * rows["reward_sd"] / np.sqrt(rows["n"])
        return Mean(end.value - self.first, float(np.hypot(end.half, half)))

    def share(self, step: float) -> float:
        """Of the gain, at a step."""
        return (self.level(step, "reward") - self.first) / self.gain.value

    @property
    def moves(self) -> bool:
        """Whether there is a gain or a loss to have a share of."""
        return abs(self.gain.value) > self.gain.half

    @property
    def converged(self) -> tuple[int, int]:
        """The first and the last step of the first row with most of the gain."""
        shares = (self.curve["reward_mean"] - self.first) / self.gain.value
        row, steps = int((shares >= SHARE).to_numpy().argmax()), self.curve["step"]
        return int(steps.iloc[row - 1]) + 1 if row else 1, int(steps.iloc[row])

    @property
    def when(self) -> str:
        """Of `converged`, such as `in steps 1,069 to 1,312`."""
        begin, end = self.converged
        return f"at step {end:,}" if begin == end else f"in steps {begin:,} to {end:,}"


def draw(data: Data) -> tuple[Figure, pd.DataFrame]:
    """Reward and entropy over training."""
    rows, handles = [], []
    with applied():
        fig, axes = figure(2, 2.9)
        for run in _runs(data, FEEDBACK):
            style, steps = look(run.method), _middles(run.curve)
            looks = {
                "linestyle": style.linestyle if run.printed else ":",
                "marker": style.marker,
                "markerfacecolor": style.colour if run.printed else "white",
            }
            places = np.abs(
                np.log(steps) - np.log(np.geomspace(steps[0], steps[-1], 9))[:, None]
            ).argmin(axis=1)
            for ax, column in zip(axes, ("reward", "entropy"), strict=True):
                means = run.curve[f"{column}_mean"].to_numpy()
                half = _half(run.curve, column)
                ax.fill_between(
                    steps, means - half, means + half, color=style.colour, alpha=0.2, lw=0
                )
                ax.plot(steps, means, color=style.colour, markevery=list(places), **looks)
                rows.append(
                    pd.DataFrame({
                        "quantity": column, "method": run.method, "run": run.name,
                        "step": run.curve["step"].to_numpy(), "middle": steps, "mean": means,
                        "half": half,
                    })
                )  # fmt: skip
            handles.append(handle(run.name, style.colour, **looks))
        for ax, label in zip(axes, ("Reward", "Policy entropy (nats)"), strict=True):
            ax.set_xscale("log")
            ax.axvline(STEPS, color=NEUTRAL, lw=0.6, linestyle=":", zorder=0)
            ax.set_xlabel("Training step")
            ax.set_ylabel(label)
            ax.annotate(
                f"{STEPS}", (STEPS, 0), (2, 2), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="bottom", color=NEUTRAL, fontsize=6.5,
            )  # fmt: skip
        # Columns are filled from the left, the first ones with one more: each baseline has its own.
        taught = len(handles) - len(BASELINES) * len(data.settings)
        whole = taught > len(data.settings)
        legend(fig, handles if whole else [*handles[taught:], *handles[:taught]], 3)
    return fig, pd.concat(rows, ignore_index=True)


def words(data: Data) -> Iterator[str]:
    """When each has converged, and what it had of its gain at the paper's steps."""
    runs = _runs(data, FEEDBACK)
    last = int(runs[0].curve["step"].iloc[-1])
    yield (
        f"In {last:,} steps with {_feedback(FEEDBACK)}, counting a gain from the first "
        "logged step to the final window:"
    )
    for run in runs:
        yield _told(run, last)
    moving = [run for run in runs if run.moves]
    late = [run.name for run in moving if run.converged[0] > SAID]
    if not moving:
        yield "So nothing is learned that could converge."
    elif late:
        yield (
            f"So {len(late)} of the {len(moving)} that move have not converged by step {SAID}: "
            f"{', '.join(late)}."
        )
    else:
        yield f"So all that move have converged by step {SAID}."
    others = [
        _runs(data, feedback)[0]
        for feedback in ordered_feedbacks(data.cells["feedback"])
        if feedback != FEEDBACK
    ]
    if others:
        yield (
            f"{method_label(BEST)} has {SHARE:.0%} of its gain "
            + " and ".join(
                (run.when if run.moves else "nowhere, having none,")
                + f" with {_feedback(run.curve['feedback'].iloc[0])}"
                for run in others
            )
            + "."
        )
    yield _entropies(runs, last)
    yield _rest(runs[0], last)
    yield from _teachers(runs, last)
    yield (
        f"{varied(data)}; ± and bands are the 95% interval of the mean, and that of a "
        "gain takes its two ends as independent, which makes it too wide. Rewards and entropies "
        "at a step are read between rows of the log, each the mean of the steps since the last."
    )


def _told(run: Run, last: int) -> str:
    """A sentence of the gain of a run."""
    gain = run.gain
    if not run.moves:
        return f"{run.name} neither gains nor loses ({gain.said()})."
    verb = "gains" if gain.value > 0 else "goes downhill: it loses"
    noun = "gain" if gain.value > 0 else "loss"
    half = 1 - run.share(last / 2)
    rest = (
        f", but its end is no plateau: {half:.0%} comes in the second half of the steps"
        if half > 1 - SHARE
        else ""
    )
    return (
        f"{run.name} {verb} {Mean(abs(gain.value), gain.half).said()} and has {SHARE:.0%} of that "
        f"{run.when}{rest}; at step {SAID} it has {run.share(SAID):.0%} of the "
        f"{noun}, at step {STEPS} {run.share(STEPS):.0%}."
    )


def _entropies(runs: list[Run], last: int) -> str:
    """At the paper's last step and at the end."""
    said = [
        f"{run.level(STEPS, 'entropy'):.3f} and {mean(run.cells, 'entropy').said()} for {run.name}"
        for run in runs
    ]
    return f"The entropy at step {STEPS} and at the end, in nats, is {', '.join(said)}."


def _rest(run: Run, last: int) -> str:
    """Whether SDPO's entropy rests where the paper stops."""
    at, end = run.level(STEPS, "entropy"), mean(run.cells, "entropy")
    if end.high < at:
        late = run.level(last / 2, "entropy") - end.value
        slow = (
            f"{late:.3f} nats of that in the second half"
            if abs(late) >= 0.0005
            else "none of it in the second half"
        )
        return (
            f"{run.name}'s entropy at step {STEPS} is a stopping time: a live teacher has no rest "
            f"far from certainty (D7 of docs/equations.md), and {last:,} steps take "
            f"{at - end.value:.3f} nats more, {slow}."
        )
    return (
        f"{run.name}'s entropy falls no further after step {STEPS}, although a live teacher has no "
        "rest far from certainty (D7 of docs/equations.md)."
    )


def _teachers(runs: list[Run], last: int) -> Iterator[str]:
    """What other bases of the teacher change."""
    live = runs[0]
    for run in runs[1:]:
        if run.method in TEACHERS:
            lead = difference(run.cells, live.cells, "reward")
            late = difference(run.cells, live.cells, "entropy")
            falls = run.level(last / 2, "entropy") - mean(run.cells, "entropy").value
            yield (
                f"{run.name} ends {against(lead, 'the live one')} in reward ({lead.said(4)}) and "
                f"{against(late, 'it')} in entropy ({late.said()}); in the second half its entropy "
                f"falls by {falls:.3f} nats."
            )


def _runs(data: Data, feedback: str) -> list[Run]:
    """SDPO once, with each of its teachers, then each baseline in each setting."""
    printed = {
        name: setting["update"]["sequence"]["direction"] for name, setting in data.settings.items()
    }
    known = set(data.cells["method"])
    wanted = [(method, next(iter(printed))) for method in (BEST, *TEACHERS)
              if method == BEST or method in known]  # fmt: skip
    wanted += [(method, setting) for method in BASELINES for setting in printed]
    runs = []
    for method, setting in wanted:
        where = {"setting": setting, "method": method, "feedback": feedback}
        direction = DIRECTIONS[printed[setting]]
        taught = method not in BASELINES
        name = method_label(method) + ("" if taught else f" ({direction})")
        curve = part(data.curves, **where).sort_values("step").reset_index(drop=True)
        own = taught or printed[setting] == "printed"
        runs.append(Run(name, method, own, part(data.cells, **where), curve))
    return runs


def _feedback(name: str) -> str:
    return f"{feedback_label(name).lower()} feedback"


def _middles(curve: pd.DataFrame) -> np.ndarray:
    """The middle of the steps that each row averages."""
    ends = curve["step"].to_numpy(float)
    return ends - (np.diff(ends, prepend=0) - 1) / 2


def _half(curve: pd.DataFrame, column: str) -> np.ndarray:
    return (1.96 * curve[f"{column}_sd"] / np.sqrt(curve["n"])).to_numpy()
