"""reports/claims.*: which claims hold, how sure that is, and by which rule."""

from pathlib import Path

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
    texts = {
        "claims.md": page(findings),
        "claims.csv": as_csv(findings),
        "claims.json": as_json(findings),
    }
    return [
        *write_figure(*overview(findings), reports / "figures" / "claims"),
        *write_texts(reports, texts),
    ]
