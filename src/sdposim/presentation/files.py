"""Files that appear complete or not at all, and how numbers are printed in them."""

from pathlib import Path

from sdposim.files import atomic


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file by way of a temporary one beside it, creating its folder if need be.

    Raises:
      UserError: if the file cannot be written.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    with atomic(path) as temporary:
        temporary.write_bytes(data)


def number(value: float, decimals: int) -> str:
    """Return a number with fixed decimals and no negative zero; an undefined one is empty."""
    if value is None or value != value:
        return ""
    return f"{round(float(value), decimals) + 0.0:.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """Return a number with its sign and fixed decimals; an undefined one is empty."""
    text = number(value, decimals)
    return text if not text or text.startswith("-") else f"+{text}"
