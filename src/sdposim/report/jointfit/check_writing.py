"""Write what a reader sees of the check on synthetic papers; `outputs` names the files."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sdposim.calibration.jointfit import check
from sdposim.report.files import csv, write_texts
from sdposim.report.jointfit import check_report, ranks
from sdposim.report.style import write_figure


def write(found: Mapping[str, np.ndarray], figures: Path, reports: Path) -> list[Path]:
    """Write `outputs.CHECK_FIGURE_FILES` to one folder and `outputs.CHECK_REPORT_FILES` to another.

    Args:
        found: from `check.read`.
        figures, reports: the folders.

    Returns:
      The files.

    Raises:
      UserError: if a file cannot be written.
    """
    table = check.settings(found)
    fig, data = ranks.draw(table)
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    texts = {
        "joint_fit_check.csv": csv(table, 4),
        "joint_fit_check.md": check_report.report(table, check.landscapes(found), folder),
    }
    return [
        *write_figure(fig, data.round(4), figures / "joint_fit_check"),
        *write_texts(reports, texts),
    ]
