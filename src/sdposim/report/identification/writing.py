"""Write everything that a reader sees of an identification; `outputs` names the files."""

import os
from pathlib import Path

from sdposim.report.files import csv, write_texts
from sdposim.report.identification import lists, report, search
from sdposim.report.identification.found import Found
from sdposim.report.style import write_figure

__all__ = ["Found", "write"]


def write(found: Found, figures: Path, reports: Path) -> list[Path]:
    """Write `outputs.FIGURE_FILES` to one folder and `outputs.REPORT_FILES` to another.

    Returns:
      The files.

    Raises:
      UserError: if a file cannot be written.
    """
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    return [
        *write_figure(*search.draw(found), figures / "identification_search"),
        *write_figure(*lists.draw(found), figures / "identification_lists"),
        *write_texts(
            reports,
            {
                "identification.csv": csv(found.families, 3),
                "identification_refined.csv": csv(found.refined, 3),
                "identification.md": report.report(found, folder),
            },
        ),
    ]
