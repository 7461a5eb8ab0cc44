"""The commands that pages tell a reader to run: their ```sh blocks, and those within a line."""

import re
from pathlib import Path

from ministudy import ROOT

PAGES = ("README.md", "CONTRIBUTING.md", "docs", "config", "benchmarks")


def pages() -> list[Path]:
    """Pages that a person wrote, or that are generated for one."""
    found = []
    for name in PAGES:
        path = ROOT / name
        found += sorted(path.rglob("*.md")) if path.is_dir() else [path]
    return found


def blocks(page: Path) -> list[str]:
    """What stands in the ```sh blocks of a page."""
    text = page.read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def commands(block: str) -> list[str]:
    """The commands of a block, without comments; a here-document belongs to its command."""
    found, ending = [], ""
    for line in block.splitlines():
        if ending:
            found[-1] += f"\n{line}"
            ending = "" if line == ending else ending
            continue
        line = re.sub(r"\s+# .*", "", line)
        if line:
            found.append(line)
            ending = match[1] if (match := re.search(r"<<'?(\w+)'?", line)) else ""
    return found


def inline(page: Path) -> list[str]:
    """Commands within a line of a page, such as `make test`."""
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    return re.findall(r"`(?:\.venv/bin/)?((?:snakemake|sdposim|make) [^`]*)`", text)
