"""Making a backup and proving that one is whole."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

from sistra.db import db
from sistra.models.audit import TrailHead
from sistra.models.keys import DataKey
from sistra.rules.sealed_archives import Hashed, digest_of, sound, tail
from sistra.services import audit, file_store
from sistra.services.backup import copies
from sistra.services.backup.copies import Unusable
from sistra.services.unit import end_reading

MANIFEST, DATABASE, FILES = "manifest.json", "database", "files/"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: entry -> SHA-256. `keys` are the wrapping keys that the ring must have to open what is in it.

    `trail` is the number of the trail's head shortly before the copy was made: the copy reaches at least so far.
    """

    format: int
    kind: str
    made_at: str
    revision: str
    trail: int
    keys: tuple[str, ...]
    entries: dict[str, str] = field(default_factory=dict)

    def json(self) -> bytes:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1).encode()

    @classmethod
    def read(cls, content: bytes) -> Manifest:
        """Raises ValueError, KeyError or TypeError for what is no manifest."""
        stored: dict[str, Any] = json.loads(content)
        return cls(**(stored | {"keys": tuple(stored["keys"]), "entries": dict(stored["entries"])}))


@dataclass(frozen=True, slots=True)
class Made:
    """A finished backup."""

    path: Path
    digest: str
    files: int
    size: int


def create(target: Path, *, at: datetime) -> Made:
    """Writes a backup, while the application serves, to a file that does not exist yet. The keys are not in it.

    Raises Unusable, FileExistsError, OSError.
    """
    if target.exists():
        raise FileExistsError(target)
    facts = _facts()
    with tempfile.TemporaryDirectory(prefix=".sistra-", dir=target.parent) as folder:
        copied = Path(folder) / DATABASE
        copies.copy_to(copied)
        stored = [(f"{FILES}{key}", file_store.path_of(key)) for key in copies.storage_keys(copied)]
        members = [(DATABASE, copied), *stored]
        if lost := [name for name, path in members if not path.is_file()]:
            raise Unusable(f"Faltan {len(lost)} archivos de documentos en el almacén: revíselo antes de respaldar.")
        manifest = Manifest(
            FORMAT, copies.kind(), at.isoformat(), *facts, entries={name: _digest(path) for name, path in members}
        )
        finished = Path(folder) / "finished"
        digest = _write(finished, manifest, members)
        file_store.rename_new(finished, target)
    return Made(target, digest, len(stored), target.stat().st_size)


def _facts() -> tuple[str, int, tuple[str, ...]]:
    """Revision of the schema, head of the trail, names of the wrapping keys in use."""
    revision = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    number = db.session.scalar(select(TrailHead.number)) or 0
    keys = tuple(sorted(db.session.scalars(select(DataKey.wrapped_by).distinct())))
    end_reading()
    return revision, number, keys


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return digest_of(stream)[0]


def _write(target: Path, manifest: Manifest, members: list[tuple[str, Path]]) -> str:
    with file_store.new_file(target) as stream:
        hashed = Hashed(stream)
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT) as archive:  # type: ignore[call-overload]
            content = manifest.json()
            archive.addfile(_entry(MANIFEST, len(content)), io.BytesIO(content))
            for name, path in members:
                with path.open("rb") as source:
                    archive.addfile(_entry(name, path.stat().st_size), source)
        digest = hashed.hexdigest()
        stream.write(tail(digest))
    return digest


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def verify(path: Path) -> Manifest:
    """The manifest of a backup whose every byte is as it was written. Raises Unusable, OSError."""
    damaged = Unusable("El respaldo está dañado o incompleto: sus bytes no son los que se escribieron. No se restauró nada.")
    if sound(path) is None:
        raise damaged
    try:
        with opened(path) as archive:
            manifest = _manifest(archive)
            found = {entry.name: _digest_of(archive, entry) for entry in archive if entry.name != MANIFEST}
    except (tarfile.TarError, ValueError, KeyError, TypeError):
        raise damaged from None
    if found != manifest.entries or manifest.format != FORMAT:
        raise damaged
    return manifest


def opened(path: Path) -> tarfile.TarFile:
    """The archive in a backup."""
    return tarfile.open(path, mode="r:")


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    if first is None or first.name != MANIFEST or (stream := archive.extractfile(first)) is None:
        raise ValueError("no manifest")
    return Manifest.read(stream.read())


def _digest_of(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    stream = archive.extractfile(entry)
    if stream is None:
        raise ValueError("not a file")
    return digest_of(stream)[0]


def note_made(made: Made, *, at: datetime, system_user: str) -> None:
    """Leaves on the trail that a backup was made. Run inside a unit of work."""
    audit.note(
        None,
        "backup.created",
        audit.Subject("backup"),
        at=at,
        door="cli",
        detail={"digest": made.digest, "files": made.files, "size": made.size, "system_user": system_user},
    )
