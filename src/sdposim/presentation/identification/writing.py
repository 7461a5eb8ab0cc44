"""Write everything that a reader sees of an identification; `outputs` names the files."""

import os
from pathlib import Path

from sdposim.presentation.files import number, write_atomically
from sdposim.presentation.identification import lists, report, search
from sdposim.presentation.identification.found import Found
from sdposim.presentation.style import write_figure

__all__ = ["Found", "write"]


def write(found: Found, figures: Path, reports: Path) -> None:
    """Write `outputs.FIGURE_FILES` to one folder and `outputs.REPORT_FILES` to another.

    Raises:
      UserError: if a file cannot be written.
    """
    write_figure(*search.draw(found), figures / "identification_search")
    write_figure(*lists.draw(found), figures / "identification_lists")
    write_atomically(reports / "identification.csv", _csv(found.families))
    write_atomically(reports / "identification_refined.csv", _csv(found.refined))
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    write_atomically(reports / "identification.md", report.report(found, folder))


def _csv(table) -> str:
    text = table.copy()
    for column in table.select_dtypes("float"):
        text[column] = [number(value, 3) for value in table[column]]
    return text.to_csv(index=False, lineterminator="\n")
