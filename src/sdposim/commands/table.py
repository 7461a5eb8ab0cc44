"""Make a table of a study beside the published values."""

from pathlib import Path

from sdposim.analysis.files import read_summary
from sdposim.analysis.published import from_rows
from sdposim.commands.specs import parse
from sdposim.report.demands import TABLES
from sdposim.report.labels import named
from sdposim.report.tables import build_table, write_table
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside


def run(cells: str, spec: str, stem: str, receipt: str) -> None:
    """Write `<stem>.csv`, `.md` and `.tex`.

    Args:
        cells: Parquet file of the study's cells.
        spec: canonical JSON with the kind, the published values, the summary's identity, and the
            methods and feedbacks as `labels.named` takes them.
        stem: path of the table without its ending.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: the summary is unusable.
    """
    options = parse(
        spec, kind=tuple(TABLES), published=list, summary=str, methods=list, feedbacks=list
    )
    with setting_aside():
        frame = read_summary(cells, options["summary"])
    with named(options["methods"], options["feedbacks"]):
        table = build_table(frame, options["kind"], from_rows(options["published"]))
        files = write_table(table, options["kind"], Path(stem))
    write_receipt(receipt, files, spec)
