"""How well calibrations of synthetic papers find the settings those came from."""

from pathlib import Path

from sdposim.calibration.recovery import recovered
from sdposim.presentation.undisturbed import load_matplotlib
from sdposim.specs import parse

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str) -> None:
    """Write how well calibrations of synthetic papers find the settings those came from."""
    papers = parse(spec, papers=list)["papers"]
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.presentation.calibration.writing import write_check

    write_check(*recovered(papers), FIGURES, REPORTS)
