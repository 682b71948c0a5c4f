"""The database to a file and back, each kind with its own means: SQLite's backup, PostgreSQL's dump."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.engine import URL

from sistra.db import db
from sistra.models.accounts import Agency, User
from sistra.services.unit import end_reading


class Unusable(RuntimeError):
    """The backup cannot be made, or not be used here. Carries a Spanish sentence for the person at the command line."""


def kind() -> str:
    """`sqlite` or `postgresql`."""
    return db.engine.dialect.name


def sqlite_path() -> Path:
    """The file of the SQLite database."""
    return Path(_url().database or "")


def _url() -> URL:
    return db.engine.url


def copy_to(target: Path) -> None:
    """Writes the database, as of one moment and while others write, to a new file. Raises Unusable."""
    target.touch(mode=0o600)
    if kind() == "sqlite":
        _copy_sqlite(target)
    else:
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def _copy_sqlite(target: Path) -> None:
    with closing(sqlite3.connect(f"file:{sqlite_path()}?mode=ro", uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")


def storage_keys(copied: Path) -> list[str]:
    """The keys of the files that a copied database knows. Asked after a dump: a file is never removed, so none is missing."""
    if kind() == "sqlite":
        with closing(sqlite3.connect(copied)) as copy:
            rows = copy.execute("SELECT storage_key FROM attachment WHERE storage_key <> '' ORDER BY id").fetchall()
        return [row[0] for row in rows]
    from sistra.models.attachments import Attachment

    keys = list(db.session.scalars(select(Attachment.storage_key).where(Attachment.storage_key != "").order_by(Attachment.id)))
    end_reading()
    return keys


def occupied() -> bool:
    """Whether the database holds an agency or a user already."""
    if kind() == "sqlite" and not sqlite_path().exists():
        return False
    names = inspect(db.engine).get_table_names()
    found = [db.session.scalar(select(model.id).limit(1)) for model in (Agency, User) if model.__tablename__ in names]
    end_reading()
    return any(key is not None for key in found)


def put_back(source: Path, stamp: str) -> list[Path]:
    """Puts a copied database in the place of the present one. Gives where the present one was kept, if it was a file.

    Raises Unusable.
    """
    db.session.remove()
    db.engine.dispose()
    if kind() == "sqlite":
        return _put_back_sqlite(source, stamp)
    _run(
        "pg_restore",
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={_url().database}",
        str(source),
    )
    return []


def _put_back_sqlite(source: Path, stamp: str) -> list[Path]:
    path, kept = sqlite_path(), []
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for ending in ("-shm", "-wal", ""):
        present = path.with_name(path.name + ending)
        if present.exists():
            aside = path.with_name(f"{path.name}.{stamp}{ending}")
            os.replace(present, aside)
            kept.append(aside)
    shutil.move(source, path)
    path.chmod(0o600)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return kept


def _environment() -> Mapping[str, str]:
    """The connection for PostgreSQL's programs: in the environment, so that no password stands among the processes."""
    url = _url()
    given = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {name: str(value) for name, value in given.items() if value}


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program) or next(
        (str(path) for path in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))), None
    )
    if found is None:
        raise Unusable(f"No se encuentra el programa {program} de PostgreSQL en este equipo.")
    done = subprocess.run([found, *arguments], env=dict(_environment()), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise Unusable(f"{program} no terminó bien: {(done.stderr.strip().splitlines() or ['sin mensaje'])[-1]}")
