"""The lock of a working directory: one run at a time, or one removal of orphans."""

import fcntl
import os
import sys
from pathlib import Path
from typing import TextIO

from sdposim.storage.errors import UserError
from sdposim.storage.files import NO_LOCKS

_LOCK = Path(".snakemake/sdposim.lock")


def lock(refusal: str) -> TextIO | None:
    """Take the lock of the working directory, without waiting.

    Snakemake's own lock stays behind when it is killed; this one is released by the system.

    Args:
        refusal: what to say where another process holds the lock.

    Returns:
        An open file: the lock is held as long as it is. None on a file system without locks, as
        some of clusters are; a warning then asks for care.

    Raises:
        UserError: the lock is held, or the folder cannot be written.
    """
    try:
        _LOCK.parent.mkdir(exist_ok=True)
        held = _LOCK.open("w")
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(refusal) from None
    except OSError as error:
        if error.errno in NO_LOCKS:
            print(
                f"warning: the file system of {Path.cwd()} has no locks ({error.strerror}): start"
                " no second run in this folder while this one is active",
                file=sys.stderr,
            )
            return None
        raise UserError(
            f"cannot lock {Path.cwd()}: {error.strerror}; {_LOCK.parent} must be writable"
        ) from None
    return held


def check_writable(*folders: str) -> None:
    """Check that existing folders of the working directory can be written to.

    Raises:
        UserError: names the folder that cannot.
    """
    for folder in folders:
        if Path(folder).exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise UserError(f"cannot write to the folder {Path(folder).absolute()}")
