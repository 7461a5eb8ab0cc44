"""Folders where files belong, and files where folders belong."""

import os
from collections.abc import Collection, Iterator
from pathlib import Path


def occupied(roots: Collection[str], products: Collection) -> Iterator[str]:
    """A sentence for each place that a rule's file cannot take.

    Args:
        roots: the folders to search.
        products: the paths of rules, with `match(path)` and perhaps wildcards in braces.
    """
    folders = {str(parent) for product in products for parent in Path(product).parents}
    for folder in sorted(folders):
        if "{" not in folder and Path(folder).exists() and not Path(folder).is_dir():
            yield f"{folder} is a file, but a folder belongs there: move it away and run again"
    for root in roots:
        for parent, names, _ in os.walk(root):
            for path in (str(Path(parent) / name) for name in names):
                if any(product.match(path) for product in products):
                    yield (
                        f"{path} is a folder, but a file belongs there: move it away and run again"
                    )
