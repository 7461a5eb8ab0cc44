"""Summarise the logs of a study."""

from sdposim.analysis import summaries
from sdposim.analysis.files import summary_writer, write_summary
from sdposim.commands.specs import STANDARD_INPUT, parse
from sdposim.storage.errors import UserError
from sdposim.storage.seal import setting_aside


def run(logs: list[str], spec: str, cells: str, curves: str) -> None:
    """Write a study's summary.

    Args:
        logs: the logs to read, in the order of their identities in `spec`.
        spec: canonical JSON from `study.summary_spec`.
        cells: Parquet file to write, one row per cell.
        curves: Parquet file to write, one row per condition and step.

    Raises:
        UserError: logs are unusable (those below results/ are renamed, so that the next run trains
            them again), or a file cannot be written.
    """
    options = parse(spec, STANDARD_INPUT, logs=list, seeds=list, analysis=dict)
    if len(logs) != len(options["logs"]):
        raise UserError(
            f"{STANDARD_INPUT}: {len(logs)} paths are not allowed; allowed: "
            f"{len(options['logs'])}, one for each of the spec's logs"
        )
    paths = dict(zip(logs, options["logs"], strict=True))
    with setting_aside(), summary_writer(cells, spec) as add:
        table = summaries.stream(paths, options["seeds"], options["analysis"], add)
    write_summary(curves, table, spec)
    print(f"{curves}: {len(table)} rows", flush=True)
