"""Databases built by the migrations, once for each kind, and copied for the tests that need one of their own."""
from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from flask import Flask
from sqlalchemy import event, make_url

from sistra import create_app
from sistra.db import about_to_write, db
from sistra.rules.sealing import KeyRing
from sistra.services.unit import unit_of_work
from tests.factories.postgresql import Cluster
from tests.factories.world import World, build_world

ROOT = Path(__file__).resolve().parents[2]
_MIGRATED: list[Path] = []
"""The template of the first SQLite databases of this process."""


def alembic_of(app: Flask) -> AlembicConfig:
    """What `flask db` would use for this application."""
    config: AlembicConfig = app.extensions["migrate"].migrate.get_config(str(ROOT / "migrations"))
    return config


def upgrade(app: Flask, revision: str = "head") -> None:
    with app.app_context():
        command.upgrade(alembic_of(app), revision)


def downgrade(app: Flask, revision: str) -> None:
    with app.app_context():
        command.downgrade(alembic_of(app), revision)


class Databases:
    """Applications and databases of one kind (`sqlite` or `postgresql`) for a session of tests."""

    def __init__(self, folder: Path, cluster: Cluster | None) -> None:
        self.folder, self._cluster, self._numbers = folder, cluster, itertools.count(1)
        self.keyring = folder / "keys" / "keyring.json"
        if not self.keyring.exists():
            KeyRing.create(self.keyring)
        self._template = self._empty()
        self._migrate()
        self.shared = self.app(self.copy())

    def _migrate(self) -> None:
        """Gives the template every table. The revisions are run once for SQLite: what they made is a file, and is copied."""
        if _MIGRATED and not self._cluster:
            shutil.copyfile(_MIGRATED[0], _path(self._template))
            return
        built = self.app(self._template)
        upgrade(built)
        _disconnect(built)
        if not self._cluster:
            _MIGRATED.append(_path(self._template))

    @cached_property
    def peopled(self) -> tuple[Flask, World]:
        """As `shared`, on another database in which the small world is."""
        app = self.app(self.copy())
        with app.app_context(), unit_of_work():
            return app, build_world()

    def _file(self) -> str:
        return f"sqlite:///{self.folder / f'{next(self._numbers)}.db'}"

    def _empty(self) -> str:
        return self._cluster.url(self._cluster.create()) if self._cluster else self._file()

    def empty(self) -> str:
        """The address of a new database without tables."""
        return self._empty()

    def copy(self) -> str:
        """The address of a new database with every table and no row but the head of the trail."""
        if self._cluster:
            return self._cluster.url(self._cluster.create(_name(self._template)))
        url = self._file()
        shutil.copyfile(_path(self._template), _path(url))
        return url

    def drop(self, url: str) -> None:
        if self._cluster:
            self._cluster.drop(_name(url))
        else:
            for rest in _path(url).parent.glob(f"{_path(url).name}*"):
                rest.unlink()

    def app(self, url: str, overrides: Mapping[str, Any] | None = None) -> Flask:
        """An application on that database."""
        files = Path(tempfile.mkdtemp(prefix="files-", dir=self.folder))
        app = create_app({
            "TESTING": True, "SQLALCHEMY_DATABASE_URI": url, "KEYRING": str(self.keyring), "INSTANCE": str(self.folder),
            "FILES": str(files), "SECURE_COOKIES": False, "WTF_CSRF_ENABLED": False, "ASK_SECOND_FACTOR": False,
            **(overrides or {})})
        if not self._cluster:
            event.listen(db._app_engines[app][None], "connect", _without_waiting)
        return app


class OwnDatabase:
    """A database that one test has for itself, with its address and an application on it."""

    def __init__(self, databases: Databases, *, empty: bool = False) -> None:
        self.url = databases.empty() if empty else databases.copy()
        self.app = databases.app(self.url)
        self.keyring = databases.keyring
        self._databases = databases

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return _path(self.url)

    def drop(self) -> None:
        _disconnect(self.app)
        self._databases.drop(self.url)


@contextmanager
def one_transaction(app: Flask) -> Iterator[None]:
    """Everything that the application does inside is undone at the end, its commits included.

    Flask-SQLAlchemy looks the engine up for each statement (`Session.get_bind`): its entry is replaced by a connection
    in a transaction, in which each session works in a savepoint of its own (`join_transaction_mode`).
    """
    engines = db._app_engines[app]
    engine = engines[None]
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    with about_to_write():
        connection = engine.connect()
        outer = connection.begin()
    engines[None] = connection  # type: ignore[assignment]
    try:
        yield
    finally:
        engines[None] = engine
        outer.rollback()
        connection.close()


def _without_waiting(connection: Any, record: object) -> None:
    """Lets SQLite hand its pages to the system and go on: a killed process loses nothing by it, and no test pulls the plug."""
    connection.execute("PRAGMA synchronous=OFF")


def _disconnect(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _name(url: str) -> str:
    return make_url(url).database or ""


def _path(url: str) -> Path:
    return Path(_name(url))
