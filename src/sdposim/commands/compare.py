"""Set the comparisons of several runs beside one another."""

from pathlib import Path

import pandas as pd

from sdposim.report.comparison import beside, beside_markdown
from sdposim.report.files import write_endings
from sdposim.storage.errors import UserError
from sdposim.workflow.places import run_folder


def run(names: list[str], stem: str | None = None) -> None:
    """Print the paper's numbers with those of each run, or write them to files.

    Args:
        names: of runs, see the key `name` of the configuration; `.` is the run without a name.
        stem: path without its ending; `<stem>.csv` and `<stem>.md` are written.

    Raises:
        UserError: a run has no comparison, or a file cannot be read or written.
    """
    frames = {name: _comparison(name) for name in dict.fromkeys(names)}
    table = beside(frames)
    if stem is None:
        print(beside_markdown(table), end="")
        return
    text = table.to_csv(index=False, lineterminator="\n")
    for path in write_endings(Path(stem), {"csv": text, "md": beside_markdown(table)}):
        print(f"wrote {path}")


def _comparison(name: str) -> pd.DataFrame:
    path = run_folder(None if name == "." else name) / "reports/comparison.csv"
    try:
        # As text, so that numbers keep their decimals.
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UserError(
            f"run {name!r} has no comparison with the paper ({path}: {error}); compute it first"
        ) from None
