"""Encrypted files beside the database: each written whole before its row is committed, and gone where it is not."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import event
from sqlalchemy.orm import Session

from sistra.access import vault
from sistra.db import db
from sistra.rules.sealed_files import plain_pieces, sealed_pieces, whole
from sistra.rules.sealing import Unsealable

_KEY = re.compile(r"[0-9a-f]{32}")
_PENDING, _LEAVING = "stored_files", "leaving_files"


class Damaged(RuntimeError):
    """The stored file is missing, or its bytes are not those that were stored. Nothing of it is handed out."""


def folder() -> Path:
    """Where the files lie."""
    return Path(db.settings["FILES"])


def path_of(storage_key: str) -> Path:
    """The path of a stored file. Raises ValueError for what is no key of this store."""
    if not _KEY.fullmatch(storage_key):
        raise ValueError("not a storage key")
    return folder() / storage_key[:2] / storage_key


def _place(storage_key: str) -> str:
    return f"attachment:{storage_key}"


def store(owner: vault.Owner, plain: BinaryIO) -> tuple[str, str, int]:
    """Encrypts `plain` under the owner's data key and gives storage key, SHA-256 of the plain bytes, and their number.

    The file is on disk, complete, when this returns; if the transaction is rolled back, it is removed.
    """
    key, storage_key = vault.data_key(owner, create=True), secrets.token_hex(16)
    digest, size = sha256(), 0
    while piece := plain.read(1024 * 1024):
        digest.update(piece)
        size += len(piece)
    plain.seek(0)
    target = path_of(storage_key)
    db.session().info.setdefault(_PENDING, []).append(target)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(target, sealed_pieces(key, plain, _place(storage_key)))
    return storage_key, digest.hexdigest(), size


def remove(storage_key: str) -> None:
    """Removes a stored file once the transaction is kept; if it is rolled back, the file stays."""
    db.session().info.setdefault(_LEAVING, []).append(path_of(storage_key))


def write_whole(target: Path, pieces: Iterable[bytes]) -> None:
    """Writes a file under a passing name, has it on disk, and only then gives it its own name."""
    passing = target.with_name(f"{target.name}.part")
    try:
        with new_file(passing) as stream:
            for piece in pieces:
                stream.write(piece)
        os.replace(passing, target)
    except BaseException:
        passing.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner reads, empty at first and on disk at the end."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


def rename_new(source: Path, target: Path) -> None:
    """Gives a finished file its name, unless a file has it. Raises FileExistsError."""
    os.link(source, target)
    source.unlink()
    sync_folder(target.parent)


def sync_folder(path: Path) -> None:
    """Has the names in a folder on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(owner: vault.Owner, storage_key: str) -> Iterator[bytes]:
    """The plain bytes in pieces, after the whole file was proved to be as it was stored. Raises Damaged."""
    path = path_of(storage_key)
    try:
        key = vault.data_key(owner)
        with path.open("rb") as stored:
            sound = whole(plain_pieces(key, stored, _place(storage_key)))
    except (OSError, Unsealable):
        sound = False
    if not sound:
        raise Damaged
    return _pieces(key, path, _place(storage_key))


def _pieces(key: bytes, path: Path, place: str) -> Iterator[bytes]:
    with path.open("rb") as stored:
        yield from plain_pieces(key, stored, place)


@event.listens_for(Session, "after_commit")
def _keep(session: Session) -> None:
    session.info.pop(_PENDING, None)
    for path in session.info.pop(_LEAVING, []):
        path.unlink(missing_ok=True)


@event.listens_for(Session, "after_soft_rollback")
def _remove(session: Session, previous: object) -> None:
    """What was stored for rows that are not kept goes with them."""
    session.info.pop(_LEAVING, None)
    for path in session.info.pop(_PENDING, []):
        path.unlink(missing_ok=True)
