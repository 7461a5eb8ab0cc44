"""Render tables, texts and figures as the pages of the workflow report."""

from pathlib import Path

from sdposim.commands.specs import parse
from sdposim.report.pages import of_figure, of_text, page
from sdposim.storage.errors import UserError
from sdposim.storage.files import write_text
from sdposim.storage.receipts import write_receipt


def run(spec: str, folder: str, receipt: str) -> None:
    """Write `<folder>/<name>.html` for each page.

    Args:
        spec: canonical JSON of `workflow.pages.spec`.
        folder: of the pages.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: a source cannot be read, or a page not be written.
    """
    pages = parse(spec, pages=list, sources=dict)["pages"]
    files = [Path(folder) / f"{own['name']}.html" for own in pages]
    for own, file in zip(pages, files, strict=True):
        write_text(file, page(own["title"], _body(own), own["source"]))
        print(f"{own['source']} -> {file}", flush=True)
    write_receipt(receipt, files, spec)


def _body(own: dict) -> str:
    source = Path(own["source"])
    try:
        if source.suffix == ".svg":
            return of_figure(own["title"], source, own["caption"])
        text = source.read_text(encoding="utf-8")
        return of_text(own["title"], text, source.parent, own["caption"])
    except (OSError, ValueError) as error:
        raise UserError(f"{source} cannot be shown: {error}") from None
