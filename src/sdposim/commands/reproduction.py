"""Fill the reproduction paper in."""

import hashlib
from pathlib import Path

from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.report.files import write_endings
from sdposim.report.reproduction.page import filled
from sdposim.report.reproduction.places import STEM, located
from sdposim.report.reproduction.typesetting import pdf
from sdposim.storage.errors import UserError
from sdposim.storage.receipts import write_receipt


def run(spec: str, receipt: str) -> None:
    """Write reports/reproduction.{md,csv,pdf}.

    Args:
        spec: canonical JSON from `workflow.reproduction`.
        receipt: the receipt to write.

    Raises:
        UserError: a result is missing, or was changed since the run began, or lacks a number.
    """
    job = parse(spec, STANDARD_INPUT, template=str, title=str, sources=dict, plan=list, names=dict)
    sources = job["sources"]

    def text_of(path: str) -> str:
        return content(path, sources[path]["sha256"]).decode("utf-8")

    for path in sources:
        content(path, sources[path]["sha256"])
    template = text_of(job["template"])
    rules = {path: own["rule"] for path, own in sources.items()}
    page = filled(template, text_of, rules, job["plan"], job["names"])
    endings = {
        "md": page.markdown(),
        "csv": page.csv(),
        "pdf": pdf(page.plain(), Path.cwd(), job["title"]),
    }
    write_receipt(receipt, write_endings(STEM, endings), spec)


def content(path: str, checksum: str) -> bytes:
    """The content of a file that the paper is made from.

    Raises:
        UserError: it cannot be read, or is another one than when the run began.
    """
    try:
        found = located(path).read_bytes()
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    if hashlib.sha256(found).hexdigest() != checksum:
        raise UserError(
            f"{path} was changed since this run began: run `snakemake -- reproduction` again, alone"
        )
    return found
