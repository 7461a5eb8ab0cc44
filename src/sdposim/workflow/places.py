"""Folders where files belong, and files where folders belong."""

import os
from collections.abc import Collection
from pathlib import Path


def run_folder(name: str | None) -> Path:
    """The folder of a run with this name, relative to that of the run without one."""
    return Path("runs", name) if name else Path()


def occupied(roots: Collection[str], products: Collection) -> list[str]:
    """A sentence for each place that a rule's file cannot take.

    Args:
        roots: the folders to search.
        products: the paths of rules, with `match(path)` and perhaps wildcards in braces.
    """
    parents = {str(parent) for product in products for parent in Path(product).parents}
    files = [path for path in parents if Path(path).exists() and not Path(path).is_dir()]
    endings = tuple({_ending(str(product)) for product in products})
    folders = [
        path
        for root in roots
        for folder, names, _ in os.walk(root)
        for path in (str(Path(folder) / name) for name in names if name.endswith(endings))
        if any(product.match(path) for product in products)
    ]
    advice = "move it away and run again"
    return [
        *(f"{path} is a file, but a folder belongs there: {advice}" for path in sorted(files)),
        *(f"{path} is a folder, but a file belongs there: {advice}" for path in sorted(folders)),
    ]


def _ending(product: str) -> str:
    """How the files of a product end, which hardly any folder does; nothing where it is open."""
    suffix = Path(product).suffix
    return "" if "}" in suffix else suffix
