"""List what the present configuration does not want, and remove it when asked."""

import os
import shutil
from contextlib import nullcontext
from pathlib import Path

from sdposim.storage.errors import UserError
from sdposim.workflow.configuration.load import load
from sdposim.workflow.lock import lock
from sdposim.workflow.orphans import Orphans, find
from sdposim.workflow.places import run_folder


def run(configfiles: list[str], remove: bool) -> None:
    """Print orphans of a run.

    Args:
        configfiles: changes to config/config.yaml, as for `snakemake --configfile`.
        remove: remove the orphans, and folders that become empty. Files of other kinds and links
            stay.

    Raises:
        UserError: the configuration is not allowed, a run is active, or a file cannot be removed.
    """
    config = load(configfiles)
    folder = run_folder(config.name)
    if folder.is_dir():
        os.chdir(folder)
    if not remove:
        _print(find(config))
        return
    held = lock("a run is active in this folder: wait for it to end before removing orphans")
    with held or nullcontext():
        result = find(config)
        _print(result)
        try:
            _remove(result)
        except OSError as error:
            raise UserError(f"cannot remove {error.filename}: {error.strerror}") from None


def _print(result: Orphans) -> None:
    for title, paths in (
        ("not wanted", result.files),
        ("left by killed jobs, or set aside", result.temporary),
        ("kernels of other sources", result.caches),
        ("not ours, never removed", result.left),
    ):
        if paths:
            print(f"{title}: {len(paths)}")
            print("\n".join(f"  {path}" for path in paths))
    if not (result.files or result.temporary or result.caches):
        print("no orphans")


def _remove(result: Orphans) -> None:
    for path in result.files + result.temporary:
        Path(path).unlink()
        folder = Path(path).parent
        while len(folder.parts) > 2 and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent
    for path in result.caches:
        shutil.rmtree(path)
    print(f"removed {len(result.files) + len(result.temporary) + len(result.caches)}")
