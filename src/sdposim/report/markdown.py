"""Markdown: paragraphs, tables, and numbers with few digits."""

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 110


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table; columns whose header starts with `>` are right-aligned."""
    aligned = ["---:" if name.startswith(">") else "---" for name in header]
    names = [name.removeprefix(">") for name in header]
    return "\n".join(f"| {' | '.join(row)} |" for row in [names, aligned, *rows])


def paragraph(*sentences: str) -> str:
    """Return sentences as one paragraph, wrapped."""
    return textwrap.fill(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False)


def bullets(items: Iterable[str]) -> str:
    """Return a list, each item wrapped."""
    look = {"initial_indent": "- ", "subsequent_indent": "  "}
    keep = {"break_long_words": False, "break_on_hyphens": False}
    return "\n".join(textwrap.fill(item, WIDTH, **look, **keep) for item in items)


def digits(value: float) -> str:
    """Return a number with three significant digits, a large one as a whole number."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
