"""Draw a figure of a study."""

from pathlib import Path

from sdposim.analysis.files import read_summary
from sdposim.analysis.published import from_rows
from sdposim.commands.specs import parse
from sdposim.report.labels import named
from sdposim.report.undisturbed import load_matplotlib
from sdposim.storage.receipts import write_receipt
from sdposim.storage.seal import setting_aside


def run(cells: str, curves: str, spec: str, stem: str, receipt: str) -> None:
    """Write `<stem>.png`, `.pdf`, `.svg` and the plotted data as `.csv`.

    Args:
        cells: Parquet file of the study's cells.
        curves: Parquet file of the study's curves.
        spec: canonical JSON with the kind, the published values, the summary's identity, the
            methods and feedbacks as `labels.named` takes them, what the kinds call `options`, and
            the `caption`, title and text or null.
        stem: path of the figure without its ending.
        receipt: the receipt to write, see `sdposim.storage.receipts`.

    Raises:
        UserError: the summary is unusable, or the study cannot be shown by this kind of figure.
    """
    options = parse(
        spec, kind=str, published=list, summary=str, methods=list, feedbacks=list, options=dict
    )
    with setting_aside():
        frames = [read_summary(path, options["summary"]) for path in (cells, curves)]
    load_matplotlib()
    # Only now, because they load it too.
    from sdposim.report.figures import draw
    from sdposim.report.style import write_figure

    with named(options["methods"], options["feedbacks"]):
        figure, data = draw(
            options["kind"],
            *frames,
            from_rows(options["published"]),
            options["options"],
        )
    files = write_figure(figure, data, Path(stem), options.get("caption"))
    write_receipt(receipt, files, spec)
