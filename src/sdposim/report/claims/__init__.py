"""reports/claims.* and the like: which claims hold, how sure that is, and by which rule."""

from pathlib import Path

from sdposim.report.captions import OTHERS
from sdposim.report.claims.figure import overview
from sdposim.report.claims.findings import Findings
from sdposim.report.claims.page import page
from sdposim.report.claims.tables import as_csv, as_json
from sdposim.report.files import write_texts
from sdposim.report.style import write_figure

__all__ = ["Findings", "written"]


def written(findings: Findings, reports: Path) -> list[Path]:
    """Write the page, its data and its figure into a folder.

    Raises:
        UserError: a file cannot be written.
    """
    stem = findings.rulebook.name
    texts = {
        f"{stem}.md": page(findings),
        f"{stem}.csv": as_csv(findings),
        f"{stem}.json": as_json(findings),
    }
    return [
        *write_figure(*overview(findings), reports / "figures" / stem, OTHERS.get(stem)),
        *write_texts(reports, texts),
    ]
