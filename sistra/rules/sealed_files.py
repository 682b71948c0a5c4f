"""Files encrypted in pieces: so that a long one is neither held whole nor handed out before it was proved whole.

A sealed file is a row of pieces of `PIECE` plain bytes (the last may be shorter, and an empty file has one empty piece),
each `nonce (12) + ciphertext + tag (16)` of AES-256-GCM. Each piece is bound to the file's place, to its position and to
whether it is the last: none can be changed, moved, left out, repeated or taken from another file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from sistra.rules.sealing import Unsealable, seal, unseal

PIECE: Final = 1024 * 1024
_OVERHEAD: Final = 28


def _bound(place: str, number: int, last: bool) -> str:
    return f"{place}:{number}:{'last' if last else 'more'}"


def sealed_pieces(key: bytes, plain: BinaryIO, place: str) -> Iterator[bytes]:
    """The pieces of `plain`, read to its end, as they are stored one after the other."""
    number, piece = 0, plain.read(PIECE)
    while True:
        following = plain.read(PIECE) if len(piece) == PIECE else b""
        yield seal(key, piece, _bound(place, number, not following))
        if not following:
            return
        number, piece = number + 1, following


def plain_pieces(key: bytes, stored: BinaryIO, place: str) -> Iterator[bytes]:
    """The plain bytes of a stored file, piece by piece. Raises Unsealable at the first piece that does not belong."""
    number, piece = 0, stored.read(PIECE + _OVERHEAD)
    while True:
        following = stored.read(PIECE + _OVERHEAD)
        if len(piece) < _OVERHEAD:
            raise Unsealable(place)
        yield unseal(key, piece, _bound(place, number, not following))
        if not following:
            return
        number, piece = number + 1, following


def whole(pieces: Iterable[bytes]) -> bool:
    """Whether every piece opens. Reads them all and keeps none."""
    try:
        for _piece in pieces:
            pass
    except Unsealable:
        return False
    return True
