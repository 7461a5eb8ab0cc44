"""Files that appear complete or not at all, and how numbers are printed in them."""

from pathlib import Path

import pandas as pd

from sdposim.storage.files import atomic


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file by way of a temporary one beside it, creating its folder if need be.

    Raises:
      UserError: if the file cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def write_endings(stem: str | Path, contents: dict[str, str | bytes]) -> list[Path]:
    """Write `<stem>.<ending>` for each ending, as `write_atomically`, and return the files."""
    stem = Path(stem)
    paths = [stem.with_name(f"{stem.name}.{ending}") for ending in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        write_atomically(path, content)
    return paths


def write_texts(folder: Path, contents: dict[str, str]) -> list[Path]:
    """Write files of a folder by name, as `write_atomically`, and return them."""
    for name, content in contents.items():
        write_atomically(folder / name, content)
    return [folder / name for name in contents]


def csv(table: pd.DataFrame, decimals: int) -> str:
    """Return a table as text, its fractional numbers with fixed decimals."""
    text = table.copy()
    for column in table.select_dtypes("float"):
        text[column] = [number(value, decimals) for value in table[column]]
    return text.to_csv(index=False, lineterminator="\n")


def number(value: float, decimals: int) -> str:
    """Return a number with fixed decimals and no negative zero; an undefined one is empty."""
    if value is None or value != value:
        return ""
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign and fixed decimals; an undefined one is empty."""
    text = number(value, decimals)
    return text if not text or text.startswith("-") else f"+{text}"
