"""Noise far beyond the paper's, clipped and not."""

import pandas as pd
from matplotlib.figure import Figure

from sdposim.report.labels import method_label
from sdposim.report.mechanisms.tools import (
    Mean,
    along,
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
from sdposim.report.style import NEUTRAL, applied, look

BEST, OTHER = "sdpo", "reinforce"
CLIPPED = {True: "clipped to [0, 1]", False: "not clipped"}
LINES = {True: "-", False: (0, (3, 1.5))}


def draw(data) -> tuple[Figure, pd.DataFrame]:
    """Reward and entropy against the noise of the feedback."""
    rows, noise = [], _noise(data)
    with applied():
        fig, axes = figure(2, 2.8)
        for ax, column, label in zip(
            axes, ("reward", "entropy"), ("Final reward", "Policy entropy (nats)"), strict=True
        ):
            for setting, clipped in _clipped(data).items():
                for method in (BEST, OTHER):
                    cells = part(data.cells, setting=setting, method=method)
                    frame = along(cells, noise, column, by="noise")
                    style = look(method)
                    draw_line(
                        ax, frame, style.colour, marker=style.marker, linestyle=LINES[clipped]
                    )
                    about = {"quantity": column, "method": method, "clipped": clipped}
                    rows.append(frame.assign(**about))
            ax.set_xlabel("Noise sigma")
            ax.set_ylabel(label)
        handles = [
            handle(method_label(method), look(method).colour, marker=look(method).marker)
            for method in (BEST, OTHER)
        ]
        handles += [
            handle(f"feedback {CLIPPED[clipped]}", NEUTRAL, marker="", linestyle=LINES[clipped])
            for clipped in _clipped(data).values()
        ]
        legend(fig, handles)
    columns = ["quantity", "method", "clipped", "place", "mean", "half"]
    return fig, pd.concat(rows, ignore_index=True)[columns].rename(columns={"place": "noise"})


def words(data) -> list[str]:
    """Where, if anywhere, SDPO's lead is gone."""
    noise = sorted(_noise(data))
    for setting, clipped in _clipped(data).items():
        leads = {sigma: _lead(data, setting, sigma) for sigma in noise}
        least, most = leads[noise[0]], leads[noise[-1]]
        if least.low <= 0:
            yield (
                f"With feedback {CLIPPED[clipped]}, SDPO has no lead over REINFORCE even without "
                f"noise ({least.said()})."
            )
            continue
        lost = [sigma for sigma, lead in leads.items() if lead.low <= 0]
        where = (
            f"it is gone at sigma {lost[0]:g} ({leads[lost[0]].said()})"
            if lost
            else f"no sigma up to {noise[-1]:g} takes it away"
        )
        yield (
            f"With feedback {CLIPPED[clipped]}, SDPO's lead over REINFORCE goes from "
            f"{least.said()} without noise to {most.said()} at sigma {noise[-1]:g}, "
            f"{most.value / least.value:.0%} of it: {where}."
        )
        own = {
            sigma: mean(part(data.cells, setting=setting, method=BEST, noise=sigma), "reward")
            for sigma in (noise[0], noise[-1])
        }
        yield f"SDPO's reward is {own[noise[0]].said()} and {own[noise[-1]].said()}."
    yield (
        "Noise scales steps towards the true quality and does not turn them (D2 of "
        "docs/equations.md). Limited to [0, 1], feedback of pure noise still has a positive mean; "
        "not limited, a step is as often backwards as the noise makes f negative."
    )
    yield (
        f"{varied(data)}, and methods share their random numbers; ± is the 95% "
        "interval of the mean of paired differences."
    )


def _lead(data, setting: str, sigma: float) -> Mean:
    own, theirs = (
        part(data.cells, setting=setting, method=method, noise=sigma) for method in (BEST, OTHER)
    )
    return difference(own, theirs, "reward")


def _noise(data) -> dict[float, float]:
    return {sigma: sigma for sigma in sorted(data.cells["noise"].unique())}


def _clipped(data) -> dict[str, bool]:
    return axis(data.settings, "judge", "interval", "clip")
