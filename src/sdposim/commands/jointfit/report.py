"""The report of a joint fit: text, tables and figures."""

from pathlib import Path

import numpy as np
import pandas as pd

from sdposim.analysis.published import from_rows
from sdposim.calibration.jointfit import findings, left_out, posteriors, preset
from sdposim.calibration.jointfit.facts import facts
from sdposim.calibration.jointfit.readings import READINGS
from sdposim.calibration.jointfit.stored import read_fitted, read_tried
from sdposim.commands.specs import parse
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str, receipt: str) -> None:
    """Write the files of `presentation.jointfit.outputs`, and their receipt."""
    job = parse(spec, published=list, options=dict, weights=list)
    with setting_aside():
        _, linear = read_fitted()
        tried = read_tried(len(READINGS))
        candidates, shown = preset.read_candidates(), preset.read_shown()
        predictions = left_out.read()
        known = posteriors.read_posteriors()
    weights = from_rows(job["weights"])
    numbers = facts(from_rows(job["published"]))
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.report.jointfit.writing import Found, write

    near = tried.log_evidence > tried.log_evidence[0] - findings.COMPARABLE
    found = Found(
        options=job["options"],
        numbers=findings.numbers(numbers, shown),
        readings=findings.readings(tried, linear, numbers),
        settings=findings.settings(known, candidates),
        left_out=findings.left_out(numbers, weights, predictions),
        together=findings.together(numbers, predictions),
        gain=findings.gain(known),
        candidates=candidates,
        shown=shown,
        weights=weights,
        nearest=pd.Series(np.abs(tried.z[near]).min(axis=0)),
    )
    write_receipt(receipt, write(found, FIGURES, REPORTS), spec)
