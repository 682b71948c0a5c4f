"""A backup as one file: a tar archive, and behind it the SHA-256 of every byte before. One changed byte anywhere is found.

The tail stands after the archive's end, where programs that read tar files do not look.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO, BinaryIO, Final

TAIL: Final = b"sistra-sha256:"
TAIL_LENGTH: Final = len(TAIL) + 64 + 1
_STEP = 1024 * 1024


class Hashed:
    """A stream to write to that knows the digest of what was written."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._hash = stream, hashlib.sha256()

    def write(self, content: bytes) -> int:
        self._hash.update(content)
        return self._stream.write(content)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def tail(digest: str) -> bytes:
    """What stands at the end of a backup."""
    return TAIL + digest.encode() + b"\n"


def sound(path: Path) -> str | None:
    """The digest of a backup whose bytes are those that were written, or None."""
    length = path.stat().st_size - TAIL_LENGTH
    if length <= 0:
        return None
    running = hashlib.sha256()
    with path.open("rb") as stream:
        while length and (piece := stream.read(min(_STEP, length))):
            running.update(piece)
            length -= len(piece)
        last = stream.read()
    return running.hexdigest() if last == tail(running.hexdigest()) else None


def digest_of(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 and length of what is left of a stream."""
    running, size = hashlib.sha256(), 0
    while piece := stream.read(_STEP):
        running.update(piece)
        size += len(piece)
    return running.hexdigest(), size
