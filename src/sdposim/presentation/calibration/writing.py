"""Write everything that a reader sees of a calibration; `outputs` names the files."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from sdposim.presentation.calibration import (
    check_figure,
    check_report,
    fit,
    held_out,
    marginals,
    pairs,
    predictive,
    settings,
)
from sdposim.presentation.calibration.findings import findings
from sdposim.presentation.calibration.report import report
from sdposim.presentation.files import number, write_atomically
from sdposim.presentation.style import write_figure

PRESET_DECIMALS = {"published": 4, "mean": 4, "sd": 6, "difference": 4, "best_possible": 4}


def write(
    draws: pd.DataFrame,
    posterior: Mapping,
    accepted: pd.DataFrame,
    predictions: pd.DataFrame,
    preset_table: pd.DataFrame,
    figures: Path,
    reports: Path,
) -> None:
    """Write `outputs.FIGURE_FILES` to one folder and `outputs.REPORT_FILES` to another.

    Args:
      draws, posterior, accepted, predictions, preset_table: see the package.
      figures: folder of the figures.
      reports: folder of the report and its csv files.

    Raises:
      UserError: if a file cannot be written.
    """
    figures, reports = Path(figures), Path(reports)
    found = findings(posterior, accepted, predictions, preset_table)
    for name, drawn in {
        "marginals": marginals.draw(draws, posterior),
        "pairs": pairs.draw(draws, posterior),
        "fit": fit.draw(found.intervals, preset_table),
        "held_out": held_out.draw(found.intervals),
    }.items():
        write_figure(*drawn, figures / f"calibration_{name}")
    write_atomically(reports / "calibration.csv", settings.to_csv(found.settings))
    write_atomically(reports / "calibration_preset.csv", _preset_csv(preset_table))
    write_atomically(reports / "calibration_held_out.csv", predictive.to_csv(found.held_out))
    write_atomically(reports / "calibration.md", report(found, _relative(figures, reports)))


def write_check(
    check: pd.DataFrame, check_readings: pd.DataFrame, figures: Path, reports: Path
) -> None:
    """Write `outputs.CHECK_FIGURE_FILES` and `outputs.CHECK_REPORT_FILES`, likewise."""
    figures, reports = Path(figures), Path(reports)
    write_figure(*check_figure.draw(check, check_readings), figures / "calibration_check")
    write_atomically(reports / "calibration_check.csv", check_report.to_csv(check))
    text = check_report.check_report(check, check_readings, _relative(figures, reports))
    write_atomically(reports / "calibration_check.md", text)


def _relative(figures: Path, reports: Path) -> str:
    return Path(os.path.relpath(figures, reports)).as_posix()


def _preset_csv(preset_table: pd.DataFrame) -> str:
    text = preset_table.copy()
    for name, decimals in PRESET_DECIMALS.items():
        text[name] = [number(value, decimals) for value in text[name]]
    text["share"] = [number(value, 3) for value in text["share"]]
    return text.to_csv(index=False, lineterminator="\n")
