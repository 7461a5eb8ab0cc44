"""The report of an identification: text, tables and figures."""

from pathlib import Path

import numpy as np

from sdposim.analysis.published import from_rows, matching
from sdposim.calibration.identification import plan
from sdposim.calibration.identification.blocks import read_blocks
from sdposim.calibration.identification.figure6 import Rewards
from sdposim.calibration.identification.findings import families, judged_lists, refined_table
from sdposim.calibration.identification.search import read_refined, read_scores
from sdposim.commands.specs import parse
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside

FIGURES, REPORTS = Path("reports/figures"), Path("reports")


def run(spec: str, receipt: str) -> None:
    """Write the files of `presentation.identification.outputs`, and their receipt."""
    job = parse(spec, options=dict, figure6=list)
    published = from_rows(job["figure6"])
    with setting_aside():
        scores, refined = read_scores(), read_refined(job["options"])
        rewards = Rewards(**read_blocks([plan.FIGURE6]))
    load_matplotlib()
    # Only now, because it loads it too.
    from sdposim.report.identification.writing import Found, write

    found = Found(
        options=job["options"],
        scores=scores,
        families=families(scores),
        refined=refined_table(refined),
        rewards=rewards,
        lists=judged_lists(rewards, published),
        figure6={
            method: np.array([value.value for value in matching(published, method=method)])
            for method in plan.FIGURE6_METHODS
        },
    )
    write_receipt(receipt, write(found, FIGURES, REPORTS), spec)
