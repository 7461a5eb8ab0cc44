"""The credit correlation of policies that are equally sharp, and of teachers equally strong."""

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sdposim.analysis.published import final
from sdposim.report.labels import feedback_label
from sdposim.report.mechanisms.tools import (
    Mean,
    against,
    difference,
    figure,
    handle,
    legend,
    listed,
    mean,
    part,
    varied,
)
from sdposim.report.style import LINES, NEUTRAL, applied, feedback_look

ORDER = ("binary", "ordinal", "continuous", "critique")
"""As published, the least correlated first."""
BASE, PLAIN, MATCHED = "continuous", "binary", "binary_matched"
FEEDBACKS = (*ORDER, MATCHED)
ENTROPY, CORRELATION = "entropy", "credit_correlation"
PITCH = 0.1
"""Of the entropies at which feedbacks are compared, in nats."""
END = "end of training"


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Correlation against entropy along training; differences at the end and at one entropy."""
    rows, places = [], _entropies(data)
    with applied():
        fig, (left, right) = figure(2, 3.0)
        at = np.arange(len(places), -1, -1)
        for feedback in FEEDBACKS:
            style, path = feedback_look(feedback), _path(data, feedback)
            look = {"color": style.colour, "marker": style.marker}
            left.plot(path[ENTROPY], path[CORRELATION], linestyle=LINES[style.dashes],
                      markevery=0.15, **look)  # fmt: skip
            rows.append(path.assign(panel="along training", feedback=feedback))
            if feedback == BASE:
                continue
            gaps = [_end(data, feedback, BASE), *(_at(data, feedback, BASE, h) for h in places)]
            gaps = pd.DataFrame(gaps, columns=["less_continuous", "half"])
            aside = FEEDBACKS.index(feedback) * 0.08 - 0.16
            right.errorbar((at[0] + aside, at[1]), gaps["less_continuous"][:2],
                           yerr=gaps["half"][:2], linestyle="none", **look)  # fmt: skip
            right.plot(at[1:], gaps["less_continuous"][1:], linestyle=LINES[style.dashes],
                       **look)  # fmt: skip
            levels = [_correlation(data, feedback, entropy) for entropy in places]
            final_ = part(data.cells, feedback=feedback)
            gaps[CORRELATION] = [mean(final_, CORRELATION).value, *levels]
            gaps[ENTROPY] = [mean(final_, ENTROPY).value, *places]
            # Only the lowest entropy is near the final values, which give the interval.
            gaps.loc[2:, "half"] = np.nan
            panel = [END, *["matched entropy"] * len(places)]
            rows.append(gaps.assign(panel=panel, feedback=feedback))
        left.invert_xaxis()
        left.annotate("training", (0.97, 0.95), (0.72, 0.95), "axes fraction", va="center",
                      ha="right", color=NEUTRAL, arrowprops={"arrowstyle": "-|>",
                                                             "color": NEUTRAL})  # fmt: skip
        left.set_xlabel("Policy entropy (nats)")
        left.set_ylabel("Credit correlation")
        right.axhline(0, color=feedback_look(BASE).colour, lw=0.8)
        right.axvline(len(places) - 0.5, color=NEUTRAL, lw=0.6, linestyle=":")
        right.set_xticks(at, ["own, at\nthe end", *(_nats(entropy) for entropy in places)])
        right.set_xlim(-0.4, len(places) + 0.4)
        right.set_xlabel("Policy entropy at which they are compared (nats)")
        right.set_ylabel(f"Credit correlation less {feedback_label(BASE)}'s")
        legend(fig, [
            handle(feedback_label(name), feedback_look(name).colour,
                   marker=feedback_look(name).marker, linestyle=feedback_look(name).linestyle)
            for name in FEEDBACKS
        ], len(FEEDBACKS))  # fmt: skip
    columns = ["panel", "feedback", "step", ENTROPY, CORRELATION, "less_continuous", "half"]
    return fig, pd.concat(rows, ignore_index=True)[columns]


def words(data) -> list[str]:
    """What is left of the published order at one entropy, and at one strength."""
    entropies = _entropies(data)
    low = entropies[0]
    reached = list(dict.fromkeys([entropies[-1], low]))
    cells = {name: part(data.cells, feedback=name) for name in FEEDBACKS}
    ends = listed([f"{mean(cells[name], ENTROPY).value:.3f}" for name in ORDER])
    yield (
        "At the end of training the correlations are "
        + listed([f"{feedback_label(name)} {mean(cells[name], CORRELATION).said()}"
                  for name in ORDER])
        + f", at entropies of {ends}: "
        + _order([_end(data, more, less) for less, more in _steps()])
    )  # fmt: skip
    published = [_published(data, name) for name in ORDER]
    if None not in published:
        rising = all(less < more for less, more in pairwise(published))
        yield (
            f"The published entropies are {listed([f'{value:.3f}' for value in published])}, "
            f"{'in the same order as' if rising else 'not in the order of'} the published "
            "correlations."
        )
    yield (
        f"At one entropy, {_nats(low)} nats, they are "
        + listed([f"{feedback_label(name)} {_correlation(data, name, low):.3f}" for name in ORDER])
        + ": "
        + _order([_at(data, more, less, low) for less, more in _steps()])
    )
    first = {name: _path(data, name).iloc[0] for name in FEEDBACKS}
    begin = [row[ENTROPY] for row in first.values()]
    spread = max(begin) - min(begin)
    alike = spread < 0.001
    rising = all(first[less][CORRELATION] < first[more][CORRELATION] for less, more in _steps())
    yield (
        f"At the first logged step, where their entropies differ by {spread:.4f}, they are "
        + listed([f"{row[CORRELATION]:.3f}" for row in list(first.values())[: len(ORDER)]])
        + (": the order is there when the policies are still the same and only the teachers "
           "differ (the stronger their tilt, the lower it is: D3)." if rising and alike else ".")
    )  # fmt: skip
    end, at = _end(data, MATCHED, BASE), _at(data, MATCHED, BASE, low)
    gain = _at(data, MATCHED, PLAIN, low)
    yield (
        f"Binary feedback scaled to the mean f of {BASE} feedback still says no more than pass or "
        f"fail of a rollout; it ends {against(end, feedback_label(BASE))} ({end.said(4)}), and at "
        f"{_nats(low)} nats it is {against(at, feedback_label(BASE))} ({at.said(4)}) and "
        f"{against(gain, feedback_label(PLAIN))} ({gain.said(4)})."
    )
    closed = [
        f"{_closed(data, entropy):.0%} at {_nats(entropy)} nats"
        for entropy in reached
        if _at(data, BASE, PLAIN, entropy).low > 0
    ]
    begun = [first[name][CORRELATION] for name in (PLAIN, MATCHED, BASE)]
    if alike and begun[2] > begun[0]:
        closed.insert(0, f"{_share(*begun):.0%} at the first logged step")
    if closed:
        yield (
            f"Of the gap between {feedback_label(PLAIN)} and {feedback_label(BASE)} the scale "
            f"closes {listed(closed)}."
        )
    yield (
        f"{varied(data)}, and feedbacks share their random numbers; ± is the 95% interval of the "
        "mean, of paired differences where feedbacks are compared, and at one entropy, where the "
        "curves of means are interpolated, approximately so: it is that of the final values, less "
        "the slope of the curve times the entropy."
    )


def _steps() -> list[tuple[str, str]]:
    return list(pairwise(ORDER))


def _order(gaps: list[Mean]) -> str:
    """Which steps of the published order hold."""
    held = sum(gap.low > 0 for gap in gaps)
    whole = {len(gaps): "the published order holds", 0: "no step of the published order holds"}
    told = [
        f"{feedback_label(more)} is {against(gap, feedback_label(less))} ({gap.said(4)})"
        for gap, (less, more) in zip(gaps, _steps(), strict=True)
    ]
    part_ = f"{held} of the {len(gaps)} steps of the published order hold"
    return f"{whole.get(held, part_)}; {listed(told)}."


def _path(data, feedback: str) -> pd.DataFrame:
    """Mean entropy and correlation along training."""
    curve = part(data.curves, feedback=feedback).sort_values("step").reset_index(drop=True)
    names = {f"{name}_mean": name for name in (ENTROPY, CORRELATION)}
    return curve.rename(columns=names)[["step", *names.values()]]


def _entropies(data) -> list[float]:
    """Round entropies that all feedbacks reach, the lowest first; else the lowest of all."""
    paths = [_path(data, name)[ENTROPY] for name in FEEDBACKS]
    low, high = max(path.min() for path in paths), min(path.max() for path in paths)
    first, last = np.ceil(low / PITCH - 1e-9), np.floor(high / PITCH + 1e-9)
    return [float(round(n * PITCH, 9)) for n in np.arange(first, last + 1)] or [float(low)]


def _correlation(data, feedback: str, entropy: float) -> float:
    """Of the mean curve, where it is last so high in entropy."""
    path = _path(data, feedback)
    falling = path[path[ENTROPY].cummin() == path[ENTROPY]]
    return float(np.interp(-entropy, -falling[ENTROPY], falling[CORRELATION]))


def _end(data, feedback: str, other: str) -> Mean:
    return difference(
        part(data.cells, feedback=feedback), part(data.cells, feedback=other), CORRELATION
    )


def _at(data, feedback: str, other: str, entropy: float) -> Mean:
    """The difference at an entropy.

    Interpolation along a curve of slope s makes an error of -s dH of an error dH of the mean
    entropy; cells with the same seed share most of theirs.
    """
    value = _correlation(data, feedback, entropy) - _correlation(data, other, entropy)
    corrected = []
    for name in (feedback, other):
        cells = part(data.cells, feedback=name)
        slope = _slope(data, name, entropy)
        corrected.append(cells.assign(corrected=cells[CORRELATION] - slope * cells[ENTROPY]))
    return Mean(value, difference(*corrected, "corrected").half)


def _slope(data, feedback: str, entropy: float, width: float = 0.05) -> float:
    """Of correlation over entropy, between two points of the curve."""
    entropies = _path(data, feedback)[ENTROPY]
    low = max(entropy - width, entropies.min())
    high = min(entropy + width, entropies.max())
    if high <= low:
        return 0.0
    rise = _correlation(data, feedback, high) - _correlation(data, feedback, low)
    return rise / (high - low)


def _closed(data, entropy: float) -> float:
    """The share of the gap from binary to continuous that is gone at one strength."""
    return _share(*(_correlation(data, name, entropy) for name in (PLAIN, MATCHED, BASE)))


def _share(plain: float, matched: float, base: float) -> float:
    return (matched - plain) / (base - plain)


def _published(data, feedback: str) -> float | None:
    return final(data.published, ENTROPY, data.cells["method"].iloc[0], feedback, 0.0)


def _nats(entropy: float) -> str:
    return f"{entropy:.2f}"
