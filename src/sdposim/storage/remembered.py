"""What was read off files, by their content, kept in the cache so that nobody reads it again.

Only a file's own content leads to an entry, so that an edit is never overlooked; what is damaged,
of another program, or cannot be written is as if it were not there.
"""

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from sdposim.storage.errors import UserError
from sdposim.storage.files import cache, write_text

_MOST = 4000
"""How many entries are kept; beyond them only those that a process asked for."""


class Remembered:
    """Plain data by content, in a file of the cache."""

    def __init__(self, name: str, program: str):
        """Read what is there.

        Args:
            name: of the file.
            program: what made the data of the contents; of another one nothing is taken.
        """
        self._path, self._program = cache() / name, program
        self._entries: dict[str, Any] = {}
        self._asked: set[str] = set()
        self._new = False
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["program"] == program and kept["sha256"] == _checksum(kept["entries"]):
                self._entries = kept["entries"]

    def get(self, content: bytes) -> Any:
        """The data of a content, or None."""
        return self._entries.get(self._key(content))

    def put(self, content: bytes, data: Any) -> None:
        """Keep the data of a content: of JSON's kinds."""
        self._entries[self._key(content)] = data
        self._new = True

    def write(self) -> None:
        """Write the file, if it has become another one and can be written."""
        if not self._new:
            return
        self._new = False
        if len(self._entries) > _MOST:
            asked = self._asked & self._entries.keys()
            self._entries = {key: self._entries[key] for key in asked}
        kept = {
            "program": self._program,
            "sha256": _checksum(self._entries),
            "entries": self._entries,
        }
        with suppress(UserError):
            write_text(self._path, json.dumps(kept, sort_keys=True) + "\n")

    def _key(self, content: bytes) -> str:
        key = hashlib.sha256(content).hexdigest()
        self._asked.add(key)
        return key


def _checksum(entries: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entries, sort_keys=True).encode()).hexdigest()


def program(*files: str | Path) -> str:
    """A name for a program: the checksum of its files."""
    found = hashlib.sha256()
    for file in files:
        found.update(Path(file).read_bytes())
    return found.hexdigest()
