"""A seal on every Parquet file of ours: what it was made from, and a checksum of all its bytes.

Parquet's own page checksums leave page headers and the footer open: one flipped bit there can
rename a method or hide a value, and Arrow may read on without a word. So the footer carries a line
of ours, `identity=<16 hex> sha256=<64 hex>`. The identity is a digest of everything the content
depends on; the checksum is that of the whole file with its own 64 digits read as zeros. It is
verified before Arrow sees a byte, and the identity alone is read without Arrow.
"""

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sdposim.storage.errors import UserError

_LINE = re.compile(rb"identity=([0-9a-f]{16}) sha256=([0-9a-f]{64})")
_MAGIC = b"PAR1"
_TAIL = 65536
"""The line stands in the last bytes of a file: after it come a few hundred bytes of Arrow's."""


class Unusable(UserError):
    """Files of ours that must be made again: damaged, foreign, or made from something else.

    Attributes:
        reasons: each file, and what is wrong with it.
    """

    def __init__(self, reasons: dict[str, str]) -> None:
        super().__init__("; ".join(f"{path} {reason}" for path, reason in reasons.items()))
        self.reasons = reasons


@contextmanager
def setting_aside() -> Iterator[None]:
    """Rename the unusable files of the block, so that the next run makes them again.

    Only files below results/ are renamed, by a trailing `.set-aside`: the others are not ours.

    Raises:
        UserError: in place of `Unusable`; it says what was done and what to do.
    """
    try:
        yield
    except Unusable as error:
        done = [path for path in error.reasons if _set_aside(path)]
        advice = "renamed to *.set-aside" if len(done) == len(error.reasons) else "delete them"
        shown = [f"{path} {reason}" for path, reason in list(error.reasons.items())[:5]]
        if len(error.reasons) > len(shown):
            shown.append(f"and {len(error.reasons) - len(shown)} more")
        raise UserError(f"{'; '.join(shown)} ({advice}; run again to make them anew)") from None


def _set_aside(path: str) -> bool:
    if Path(path).parts[0] != "results":
        return False
    try:
        Path(path).rename(f"{path}.set-aside")
    except FileNotFoundError:
        return True  # another job that reads the file was quicker
    except OSError:
        return False
    return True


def identity(*parts: str) -> str:
    """Digest (16 hex digits) of the texts that a file's content depends on."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def blank(identity: str) -> str:
    """The line to put into a file's footer before `seal`."""
    return f"identity={identity} sha256={'0' * 64}"


def seal(path: Path) -> None:
    """Write the checksum into a file that holds a blank line."""
    content = path.read_bytes()
    _, offset = _find(content)
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(_checksum(content, offset))


def read_identity(path: str | Path) -> str | None:
    """The identity in a file's seal; None if there is no such file or no seal in it.

    Quick, because it reads only the end of the file: damage elsewhere is not noticed.
    """
    try:
        with Path(path).open("rb") as file:
            file.seek(max(0, file.seek(0, io.SEEK_END) - _TAIL))
            result = _find(file.read())
    except OSError:
        return None
    return result[0] if result else None


def read_sealed(path: str | Path, identity: str | None = None) -> bytes:
    """The bytes of a file, every one of them verified.

    Args:
        path: the file.
        identity: what it must have been made from; None takes any.

    Raises:
        Unusable: the file is truncated, damaged, foreign, or made from something else.
        UserError: it does not exist or cannot be read.
    """
    try:
        content = Path(path).read_bytes()
    except FileNotFoundError:
        raise UserError(f"{path} does not exist") from None
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    if content[:4] != _MAGIC or content[-4:] != _MAGIC:
        raise Unusable({str(path): "is damaged: it is not a whole Parquet file"})
    result = _find(content)
    if result is None:
        raise Unusable({str(path): "is damaged or was not written by this version of sdposim"})
    made_from, offset = result
    if _checksum(content, offset) != content[offset : offset + 64]:
        raise Unusable({str(path): "is damaged: its checksum does not match its content"})
    if identity not in (None, made_from):
        raise Unusable({str(path): "was made from other settings or by other code"})
    return content


def _find(content: bytes) -> tuple[str, int] | None:
    """The identity in the seal of a file, or of its end, and the offset of the checksum."""
    start = max(0, len(content) - _TAIL)
    matches = list(_LINE.finditer(content, start)) if content.endswith(_MAGIC) else []
    return (matches[-1][1].decode(), matches[-1].start(2)) if matches else None


def _checksum(content: bytes, offset: int) -> bytes:
    result = hashlib.sha256(memoryview(content)[:offset])
    result.update(b"0" * 64)
    result.update(memoryview(content)[offset + 64 :])
    return result.hexdigest().encode()
