"""Workspaces that the calls of a thread share: to make one takes about as long as a short cell."""

import threading

from sdposim.model.numerics import records
from sdposim.model.workspace import Workspace, make_workspace

_SMALL = 2**20
"""The most bytes of a workspace that is kept."""
_MOST = 16
"""How many are kept, of different sizes."""


class Kept(Workspace):
    """A workspace that comes with its record for machine code, see `ready.form`."""

    record: bytes


_THREAD = threading.local()


def workspace(*sizes: int, asked: tuple = ()) -> Workspace:
    """A workspace as of `make_workspace`, in which are the numbers of an earlier call: `clear` it.

    Only for what one call of the kernel does from its beginning to its end.
    """
    made = vars(_THREAD).setdefault("workspaces", {})
    found = made.get((sizes, asked))
    if found is None:
        found = Kept(*make_workspace(*sizes, asked=asked))
        found.record = records.record(found, records.form(found))
        if _store(found).nbytes <= _SMALL:
            if len(made) == _MOST:
                made.clear()
            made[sizes, asked] = found
    return found


def clear(work: Workspace) -> None:
    """Make its numbers those of a new one."""
    _store(work)[:] = 0.0
    work.ones[:] = 1.0


def _store(work: Workspace):
    """The array of which all arrays of a workspace are parts."""
    return work.ones.base
