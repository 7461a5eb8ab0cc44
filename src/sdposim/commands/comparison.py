"""Set every published number beside the reproduced one."""

from pathlib import Path

import pandas as pd

from sdposim.analysis.files import read_summary
from sdposim.analysis.published import from_rows
from sdposim.commands.specs import parse
from sdposim.report.comparison import compare, write_comparison
from sdposim.report.labels import named
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside


def run(cells: list[str], curves: list[str], spec: str, stem: str, receipt: str) -> None:
    """Write `<stem>.csv` and `<stem>.md`.

    Args:
        cells: Parquet files of the studies' cells; a file's folder is named after its study.
        curves: Parquet files of their curves, likewise.
        spec: canonical JSON with the values of the paper, which study reproduces their places, the
            summaries' identities by study, how studies become numbers over landscapes
            (`study.over_landscapes`), and the methods and feedbacks as `labels.named` takes them.
        stem: path of the comparison without its ending.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: a summary is unusable.
    """
    options = parse(
        spec,
        published=list,
        places=dict,
        summaries=dict,
        over_landscapes=dict,
        methods=list,
        feedbacks=list,
    )
    with setting_aside():
        frames = [_by_study(paths, options["summaries"]) for paths in (cells, curves)]
    with named(options["methods"], options["feedbacks"]):
        result = compare(
            *frames,
            from_rows(options["published"]),
            options["places"],
            options["over_landscapes"],
        )
        files = write_comparison(result, Path(stem))
    write_receipt(receipt, files, spec)


def _by_study(paths: list[str], identities: dict[str, str]) -> dict[str, pd.DataFrame]:
    studies = {Path(path).parent.name: path for path in paths}
    return {study: read_summary(path, identities[study]) for study, path in studies.items()}
