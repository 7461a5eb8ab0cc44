"""Write what a reader sees of the check on synthetic papers; `outputs` names the files."""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sdposim.jointfit import check
from sdposim.presentation.files import number, write_atomically
from sdposim.presentation.jointfit import check_report, ranks
from sdposim.presentation.style import write_figure


def write(found: Mapping[str, np.ndarray], figures: Path, reports: Path) -> None:
    """Write `outputs.CHECK_FIGURE_FILES` to one folder and `outputs.CHECK_REPORT_FILES` to another.

    Args:
        found: from `check.read`.
        figures, reports: the folders.

    Raises:
      UserError: if a file cannot be written.
    """
    table = check.settings(found)
    fig, data = ranks.draw(table)
    write_figure(fig, data.round(4), figures / "joint_fit_check")
    text = table.copy()
    for column in table.select_dtypes("float"):
        text[column] = [number(value, 4) for value in table[column]]
    write_atomically(reports / "joint_fit_check.csv", text.to_csv(index=False, lineterminator="\n"))
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    content = check_report.report(table, check.landscapes(found), folder)
    write_atomically(reports / "joint_fit_check.md", content)
