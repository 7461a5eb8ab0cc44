"""Writing files so that a reader never sees half of one."""

import errno
import fcntl
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from sdposim.storage.errors import UserError


@contextmanager
def atomic(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder that becomes `path` when the block ends well.

    Raises:
        UserError: the file cannot be written; the message names it and the system's reason.
            Or the run that started this job was killed meanwhile.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        if _run_was_killed():
            raise UserError(f"{path} is not written: the run that started this job was killed")
        temporary.replace(path)
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        # On a full or read-only disk removing can fail too; the first error is the one to report.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def name_run() -> None:
    """Tell the jobs that this process starts, by an environment variable, which run they are of."""
    os.environ["SDPOSIM_RUN"] = f"{socket.gethostname()}:{os.getpid()}"


def _run_was_killed() -> bool:
    """Whether this job outlived a run on this machine that was to read its files.

    The next run, perhaps of another configuration, may be writing the same files by then. Slurm's
    jobs are cancelled by it.
    """
    host, _, process = os.environ.get("SDPOSIM_RUN", "").rpartition(":")
    if host != socket.gethostname() or "SLURM_JOB_ID" in os.environ:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def cache() -> Path:
    """The folder of what is kept between runs and can be made again: that of SDPOSIM_CACHE.

    Without this environment variable, which the workflow sets, in the user's cache folder.
    """
    if own := os.environ.get("SDPOSIM_CACHE"):
        return Path(own).absolute()
    users = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(users).absolute() / "sdposim"


def write_text(path: str | Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def one_at_a_time(path: str | Path) -> Iterator[None]:
    """Let one process at a time make a file, where the file system has locks.

    Raises:
        UserError: the folder of the file cannot be written.
    """
    path = Path(path)
    with ExitStack() as held:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = held.enter_context(path.with_name(f".{path.name}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise UserError(f"cannot write {path}: {error.strerror or error}") from error
        yield


NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK)
"""The errors of file systems without locks, as some of clusters are."""


def sha256(path: str | Path) -> str:
    """Checksum of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def full_disks(*folders: str) -> list[str]:
    """A sentence for each existing folder whose disk has less than 1 MB left."""
    free = {name: shutil.disk_usage(name).free for name in folders if Path(name).exists()}
    return [
        f"the disk of {name} is full ({left // 1000} kB left): free some space and run again, "
        "finished work is kept"
        for name, left in free.items()
        if left < 10**6
    ]
