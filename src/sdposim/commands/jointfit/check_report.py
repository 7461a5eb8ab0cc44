"""The report on synthetic papers."""

from pathlib import Path

from sdposim.calibration.jointfit import check
from sdposim.commands.specs import parse
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str, receipt: str) -> None:
    """Write the check's files of `presentation.jointfit.outputs`, and their receipt."""
    job = parse(spec, options=dict)
    with setting_aside():
        found = check.read(job["options"])
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.report.jointfit.check_writing import write

    write_receipt(receipt, write(found, FIGURES, REPORTS), spec)
