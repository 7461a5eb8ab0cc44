"""Feedback that says nothing, and teachers that do not know q."""

from math import hypot

import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.files import signed
from sdposim.report.labels import feedback_label
from sdposim.report.mechanisms.tools import (
    Mean,
    against,
    along,
    axis,
    difference,
    draw_line,
    figure,
    handle,
    legend,
    listed,
    mean,
    part,
    varied,
)
from sdposim.report.style import LINES, NEUTRAL, applied, feedback_look

TRUE, ESTIMATE = "continuous", "critique"
EMPTY = {
    "uninformative": "the batch's mean reward",
    "shuffled": "the rewards of other rollouts",
}
SAME = 1e-6
"""Rewards that differ by less are printed alike."""
DRAWN = {"fixed": "drawn once a run", "rollout": "drawn for every rollout"}


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Reward by feedback with q as guidance, and against the error of the guidance."""
    rows, errors, start = [], _errors(data), _start(data)
    places = {setting: place for place, setting in enumerate(errors)}
    told = (TRUE, *EMPTY)
    with applied():
        fig, (left, right) = figure(2, 2.9, sharey=True, width_ratios=(1, 1.7))
        for place, feedback in enumerate(told):
            own = mean(_cells(data, _base(data), feedback), "reward")
            style = feedback_look(feedback)
            left.errorbar(place, own.value, yerr=own.half, color=style.colour,
                          marker=style.marker, markersize=5)  # fmt: skip
            gap = _gap(data, _base(data), feedback, TRUE)
            if feedback != TRUE:
                written = f"{signed(gap.value, 4)}\n± {gap.half:.4f}"
                left.annotate(written, (place, own.low), (0, -4), ha="center", va="top",
                              textcoords="offset points", fontsize=7)  # fmt: skip
            rows.append(("feedback", feedback, 0, *own, *gap))
        left.set_xticks(range(len(told)), [feedback_label(name) for name in told])
        left.set_xlim(-0.6, len(told) - 0.4)
        left.set_xlabel("Feedback, with q as guidance;\nwritten: less Continuous, paired")
        left.set_ylabel("Final reward")
        for feedback in (TRUE, ESTIMATE):
            style, frame = feedback_look(feedback), along(_of(data, feedback), places, "reward")
            draw_line(right, frame, style.colour, marker=style.marker,
                      linestyle=LINES[style.dashes])  # fmt: skip
            for (setting, sd), own in zip(errors.items(), frame.itertuples(), strict=True):
                gap = _gap(data, setting, feedback, TRUE)
                rows.append(("error", feedback, sd, own.mean, own.half, *gap))
        right.set_xticks(range(len(errors)), [f"{sd:g}" for sd in errors.values()])
        right.set_xlabel(
            f"SD of the error of the guidance, q's own being {_scale(data):g}\n"
            f"(signal-to-noise ratio {_scale(data):g}/SD)"
        )
        for ax in (left, right):
            ax.axhline(start.value, color=NEUTRAL, lw=0.9, linestyle=":")
        rows.append(("start", TRUE, 0, *start, None, None))
        legend(fig, [
            handle("guidance q + error", feedback_look(ESTIMATE).colour,
                   marker=feedback_look(ESTIMATE).marker,
                   linestyle=LINES["dashed"]),
            handle("guidance q of the same beta", feedback_look(TRUE).colour),
            handle("before training", NEUTRAL, marker="", linestyle=":"),
        ])  # fmt: skip
    columns = ["panel", "feedback", "sd", "reward", "half", "less_continuous", "paired_half"]
    return fig, pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:], float))


def words(data) -> list[str]:
    """What is lost without feedback, and without q."""
    base, errors, start = _base(data), _errors(data), _start(data)
    true = mean(_cells(data, base, TRUE), "reward")
    yield (
        f"With q as guidance and true feedback, the reward is {start.said()} at the first logged "
        f"step and {true.said()} at the end."
    )
    for name, what in EMPTY.items():
        gap, most = _gap(data, base, name, TRUE), _furthest(data, base, name)
        ends = (
            f"ends within {SAME:.6f} of that in every run"
            if most < SAME
            else f"ends {against(gap, 'that')} ({gap.said(4)}){_share(data, base, name, ', ', 1)}"
        )
        yield f"Told {what}, SDPO {ends} (D2)."
    drawn = DRAWN[data.settings[base]["judge"]["normal"]["draw"]]
    yield (
        f"With q plus an error, {drawn}, as guidance{_strength(data)}, the reward is "
        + listed([f"{mean(_cells(data, name, ESTIMATE), 'reward').said()} (SD {sd:g}"
                  f"{_share(data, name, ESTIMATE, ': ')})"
                  for name, sd in errors.items() if name != base])
        + f"; the signal-to-noise ratio is {_scale(data):g}/SD."
    )  # fmt: skip
    costs = {name: _gap(data, name, ESTIMATE, TRUE) for name in errors if name != base}
    yield (
        "With the same beta and no error, so a signal as weak, the reward is "
        + listed([f"{mean(_cells(data, name, TRUE), 'reward').said()} (SD {errors[name]:g}; the "
                  f"error changes it by {cost.said(4)})" for name, cost in costs.items()])
        + f": the error {_verdict(costs)}."
    )  # fmt: skip
    last = list(errors)[-1]
    own = mean(_cells(data, last, ESTIMATE), "reward")
    change = Mean(own.value - start.value, hypot(own.half, start.half))
    ends = {name: mean(_cells(data, name, ESTIMATE), "entropy") for name in (base, last)}
    yield (
        f"With a signal-to-noise ratio of {_scale(data) / errors[last]:g} the reward is "
        f"{against(change, 'that at the first step')} ({change.said()}), while the policy's "
        f"entropy ends at {ends[last].said()} nats, against {ends[base].said()} with guidance "
        "that is q."
    )
    yield (
        f"{varied(data)}, and conditions share their random numbers; ± is the 95% interval of the "
        "mean, of paired differences where feedbacks are compared; the change since the first "
        "step is not paired."
    )


def _of(data, feedback: str) -> pd.DataFrame:
    return part(data.cells, feedback=feedback)


def _cells(data, setting: str, feedback: str) -> pd.DataFrame:
    return part(data.cells, setting=setting, feedback=feedback)


def _gap(data, setting: str, feedback: str, other: str) -> Mean:
    return difference(_cells(data, setting, feedback), _cells(data, setting, other), "reward")


def _errors(data) -> dict[str, float]:
    """SD of the error by setting, the smallest first."""
    errors = axis(data.settings, "judge", "normal", "sd")
    return dict(sorted(errors.items(), key=lambda item: item[1]))


def _base(data) -> str:
    """The setting with the smallest error."""
    return next(iter(_errors(data)))


def _scale(data) -> float:
    """The SD of q."""
    return data.settings[_base(data)]["landscape"]["quality_sd"]


def _start(data) -> Mean:
    """The reward at the first logged step, before anything is learned."""
    curve = part(data.curves, setting=_base(data), feedback=TRUE)
    first = curve.loc[curve["step"].idxmin()]
    return Mean(float(first["reward_mean"]), float(1.96 * first["reward_sd"] / first["n"] ** 0.5))


def _share(data, setting: str, feedback: str, before: str, decimals: int = 0) -> str:
    """Of what true feedback and q bring since the start, if they bring something."""
    start = _start(data)
    own, true = (
        mean(_cells(data, *where), "reward") for where in ((setting, feedback), (_base(data), TRUE))
    )
    if true.low <= start.high:
        return ""
    share = (own.value - start.value) / (true.value - start.value)
    return f"{before}{share:.{decimals}%} of the gain"


def _strength(data) -> str:
    """Whether the guidance is equally strong in all settings: beta times the SD of q + error."""
    betas = axis(data.settings, "update", "oracle", "strength")
    sizes = [betas[name] * hypot(_scale(data), sd) for name, sd in _errors(data).items()]
    return " that is as strong" if max(sizes) - min(sizes) < 0.001 * max(sizes) else ""


def _furthest(data, setting: str, feedback: str) -> float:
    """The largest difference to true feedback of a run."""
    own, true = (
        _cells(data, setting, name).set_index("seed")["reward"] for name in (feedback, TRUE)
    )
    return float((own - true).abs().max())


def _verdict(costs: dict[str, Mean]) -> str:
    """In how many settings the error lowers the reward."""
    lower = sum(cost.high < 0 for cost in costs.values())
    higher = sum(cost.low > 0 for cost in costs.values())
    told = [f"lowers the reward in {lower}"] if lower else []
    told += [f"raises it in {higher}"] if higher else []
    rest = len(costs) - lower - higher
    told += [f"is not told from none in {rest}"] if rest else []
    return f"{listed(told)} of {len(costs)} settings"
