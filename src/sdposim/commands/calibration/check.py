"""How well calibrations of synthetic papers find the settings those came from."""

import json
from pathlib import Path

from sdposim.calibration.recovery import recovered
from sdposim.presentation.calibration.writing import write_check

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str) -> None:
    """Write how well calibrations of synthetic papers find the settings those came from."""
    write_check(*recovered(json.loads(spec)["papers"]), FIGURES, REPORTS)
