"""Where the paper is, and where the files are that it is made from."""

from pathlib import Path

STEM = "reports/reproduction"
TEMPLATE = "workflow/report/reproduction.md"
ROOT = Path(__file__).parents[4]
"""This checkout, whichever the working directory is."""


def located(path: str) -> Path:
    """A file: results in the working directory, what people write in this checkout."""
    return ROOT / path if path.startswith(("config/", "workflow/")) else Path(path)
