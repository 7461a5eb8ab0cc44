"""Draw and tell a mechanism of a study, or a finding of the testbed."""

from pathlib import Path

from sdposim.analysis.files import read_summary
from sdposim.analysis.published import from_rows
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.report.labels import named
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside


def run(summaries: list[str], spec: str, stem: str, receipt: str) -> None:
    """Write `<stem>.md`, `.png`, `.pdf`, `.svg` and the plotted data as `.csv`.

    Args:
        summaries: Parquet files of the study's cells, its curves, and, if policies are kept, what
            they are worth exactly.
        spec: canonical JSON with the page (`mechanisms` or `testbed`, and the kind), the study's
            settings, the published values, the summaries' identities, the methods and feedbacks
            as `labels.named` takes them, and `costs`, see `report.mechanisms.Data`.
        stem: path of the page without its ending.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: the summary is unusable, or the study cannot be shown by this kind.
    """
    options = parse(
        spec,
        STANDARD_INPUT,
        page=list,
        settings=dict,
        published=list,
        summaries=list,
        methods=list,
        feedbacks=list,
    )
    with setting_aside():
        frames = [
            read_summary(path, made_from)
            for path, made_from in zip(summaries, options["summaries"], strict=True)
        ]
    load_matplotlib()
    # Only now, because they load it too.
    from sdposim.report.mechanisms import Data, written

    data = Data(
        *frames[:2],
        options["settings"],
        from_rows(options["published"]),
        frames[2] if len(frames) > 2 else None,
        options.get("costs", {}),
    )
    with named(options["methods"], options["feedbacks"]):
        files = written(options["page"], data, Path(stem))
    write_receipt(receipt, files, spec)
