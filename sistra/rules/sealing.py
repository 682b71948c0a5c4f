"""Envelope encryption: a data key per file or person, itself wrapped by a key ring that never touches the database.

AES-256-GCM. A sealed value is `nonce (12 bytes) + ciphertext + tag`, bound to the place it belongs to, so that a value
moved to another row or column does not open.
"""
from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


class Unsealable(Exception):
    """The value does not open with this key at this place: wrong key, moved or changed. Never carries the value."""


def new_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(bit_length=256)


def seal(key: bytes, plain: bytes, place: str) -> bytes:
    """Encrypts `plain` for one `place` (for example `charge.narrative:17`)."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """The plain bytes. Raises Unsealable."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
    except InvalidTag:
        raise Unsealable(place) from None


@dataclass(frozen=True)
class KeyRing:
    """The keys outside the database: wrapping keys by name, the name in use, and the keys of indexes and tokens.

    Rotation adds a wrapping key and names it current; older ones stay to open what they wrapped.
    """

    current: str
    wrapping: Mapping[str, bytes]
    index: bytes
    token: bytes

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Reads the ring. Raises FileNotFoundError, or PermissionError where others than its owner may read the file."""
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others than its owner: chmod 600 {path}")
        stored = json.loads(path.read_text())
        return cls(stored["current"], {name: bytes.fromhex(key) for name, key in stored["wrapping"].items()},
                   bytes.fromhex(stored["index"]), bytes.fromhex(stored["token"]))

    @classmethod
    def create(cls, path: Path) -> KeyRing:
        """Writes a new ring, readable by its owner alone. Raises FileExistsError: a ring is never overwritten."""
        ring = cls("k1", {"k1": new_key()}, new_key(), new_key())
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as target:
            json.dump({"current": ring.current, "wrapping": {name: key.hex() for name, key in ring.wrapping.items()},
                       "index": ring.index.hex(), "token": ring.token.hex()}, target)
            target.flush()
            os.fsync(target.fileno())
        return ring

    def wrap(self, data_key: bytes, owner: str) -> tuple[str, bytes]:
        """(name of the wrapping key, wrapped data key) for an owner such as `victim:12`."""
        return self.current, seal(self.wrapping[self.current], data_key, owner)

    def unwrap(self, wrapped_by: str, wrapped: bytes, owner: str) -> bytes:
        """The data key. Raises Unsealable, also where its wrapping key is no longer on the ring."""
        if wrapped_by not in self.wrapping:
            raise Unsealable(owner)
        return unseal(self.wrapping[wrapped_by], wrapped, owner)

    def blind(self, kind: str, text: str) -> bytes:
        """A keyed 16-byte fingerprint: equal for equal texts of one kind, and telling nothing without the ring."""
        return hmac.new(self.index, f"{kind}\0{text}".encode(), hashlib.sha256).digest()[:16]

    def token_hash(self, token: str) -> str:
        """What is stored of a session cookie or an invitation link."""
        return hmac.new(self.token, token.encode(), hashlib.sha256).hexdigest()
