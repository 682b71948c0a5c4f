"""Putting a backup back: proved whole first, files before the database, what stood there kept aside."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import select

from sistra.access import vault
from sistra.db import db
from sistra.models.keys import DataKey
from sistra.rules.chain import Verdict
from sistra.rules.sealing import Unsealable
from sistra.services import audit, file_store
from sistra.services.backup import copies
from sistra.services.backup.archive import DATABASE, FILES, Manifest, opened, verify
from sistra.services.backup.copies import Unusable
from sistra.services.unit import end_reading

_ENTRY = re.compile(re.escape(FILES) + "[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, what the trail says of itself, whether the ring opens the data, and where the former data lie."""

    manifest: Manifest
    verdict: Verdict
    keys_fit: bool
    kept: tuple[Path, ...]


def restore(source: Path, *, at: datetime, force: bool = False) -> Restored:
    """Puts a backup in the place of database and files. The application must not be serving.

    Refuses a changed backup, one of another kind of database, and, without `force`, a place that holds data; with it,
    the former files are kept aside under another name. Raises Unusable, OSError.
    """
    manifest = verify(source)
    if manifest.kind != copies.kind():
        raise Unusable(f"El respaldo es de {manifest.kind} y esta instalación usa {copies.kind()}.")
    if any(name != DATABASE and not _ENTRY.fullmatch(name) for name in manifest.entries):
        raise Unusable("El respaldo contiene nombres de archivo que no son de SISTRA.")
    if not force and (copies.occupied() or _has_files()):
        raise Unusable("Aquí ya hay datos. Restaure en una instalación vacía, o use --force: lo actual se conserva aparte.")
    stamp = f"antes-{at:%Y%m%d%H%M%S}"
    folder = copies.sqlite_path().parent if manifest.kind == "sqlite" else file_store.folder().parent
    folder.mkdir(parents=True, exist_ok=True)
    kept = _set_files_aside(stamp)
    with tempfile.TemporaryDirectory(prefix=".sistra-", dir=folder) as passing:
        copied = Path(passing) / DATABASE
        _extract(source, copied)
        kept += copies.put_back(copied, stamp)
    verdict = audit.verify()
    fits = keys_fit()
    end_reading()
    return Restored(manifest, verdict, fits, tuple(kept))


def _has_files() -> bool:
    return file_store.folder().is_dir() and any(path.is_file() for path in file_store.folder().rglob("*"))


def _set_files_aside(stamp: str) -> list[Path]:
    if not _has_files():
        return []
    aside = file_store.folder().with_name(f"{file_store.folder().name}.{stamp}")
    os.replace(file_store.folder(), aside)
    return [aside]


def _extract(source: Path, copied: Path) -> None:
    with opened(source) as archive:
        for entry in archive:
            stream = archive.extractfile(entry)
            if stream is None or (entry.name != DATABASE and not entry.name.startswith(FILES)):
                continue
            target = copied if entry.name == DATABASE else file_store.path_of(entry.name.removeprefix(FILES))
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            file_store.write_whole(target, _pieces(stream))


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(1024 * 1024):
        yield piece


def keys_fit() -> bool:
    """Whether the key ring opens the data keys of the database (one of each wrapping key is tried)."""
    for name in db.session.scalars(select(DataKey.wrapped_by).distinct()).all():
        stored = db.session.scalars(select(DataKey).where(DataKey.wrapped_by == name).limit(1)).one()
        try:
            vault.data_key((stored.owner_kind, stored.owner_id))
        except Unsealable:
            return False
    return True


def note_restored(restored: Restored, *, at: datetime, system_user: str) -> None:
    """Leaves on the restored trail that it was restored. Run inside a unit of work."""
    audit.note(
        None,
        "backup.restored",
        audit.Subject("backup"),
        at=at,
        door="cli",
        detail={"made_at": restored.manifest.made_at, "trail": restored.verdict.count, "system_user": system_user},
    )
