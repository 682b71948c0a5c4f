"""HANDLE: the SQLAlchemy object, the engine's floor of safety and the column types that the models share."""
from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, LargeBinary, MetaData, String, Text, event
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

from sistra.rules.durations import Duration
from sistra.rules.sealing import KeyRing

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

writing: ContextVar[bool] = ContextVar("sistra_writing", default=False)
"""True while the transactions that begin are meant to write: SQLite then takes its lock at once (IMMEDIATE).

A reader that turns writer half-way is refused by SQLite whatever its patience, so the door says beforehand.
"""


@contextmanager
def about_to_write() -> Iterator[None]:
    """Marks the transactions begun inside as writing ones."""
    token = writing.set(True)
    try:
        yield
    finally:
        writing.reset(token)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Database(SQLAlchemy):
    """Flask-SQLAlchemy with the application's key ring within reach of the floors that know no Flask."""

    @property
    def keyring(self) -> KeyRing:
        ring: KeyRing = current_app.extensions["sistra.keyring"]
        return ring

    @property
    def settings(self) -> Mapping[str, Any]:
        """The application's configuration, read-only by convention."""
        return current_app.config


db = Database(model_class=Base, session_options={"autoflush": False})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

Key = BigInteger().with_variant(Integer, "sqlite")
"""Type of surrogate keys (SQLite numbers rows by itself only in INTEGER)."""


class Instant(TypeDecorator[datetime]):
    """An instant in UTC. Refuses a datetime without a zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


class Codes(TypeDecorator[tuple[str, ...]]):
    """Several codes, stored `;A;B;` in list order: one LIKE finds a code, and an empty answer stays NULL."""

    impl = Text
    cache_ok = True

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """A pattern (`like "%;A;%"`) is compared as the text that is stored."""
        return Text() if isinstance(value, str) else self

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return f";{';'.join(value)};" if value else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return tuple(value.strip(";").split(";")) if value else None


class Json(TypeDecorator[Any]):
    """JSON kept as text, byte for byte as written, on both databases (the trail hashes what it stores)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class YearsMonthsDays(TypeDecorator[Duration]):
    """A Duration stored as `12-0-0`."""

    impl = String(12)
    cache_ok = True

    def process_bind_param(self, value: Duration | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value.years}-{value.months}-{value.days}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Duration | None:
        return None if value is None else Duration(*(int(part) for part in value.split("-")))


Answer = TypeVar("Answer")


def remembered(question: Callable[..., Answer]) -> Callable[..., Answer]:
    """Keeps the answer to the same question (hashable arguments) for the length of one reading transaction.

    A page is put together from verbs that know nothing of one another; what several of them ask is asked once. Nothing is
    kept while writing, and nothing beyond the transaction.
    """
    @wraps(question)
    def asked(*args: Any) -> Answer:
        if writing.get():
            return question(*args)
        known: dict[Any, Answer] = db.session().info.setdefault("remembered", {})
        key = (question.__module__, question.__qualname__, args)
        if key not in known:
            known[key] = question(*args)
        return known[key]
    return asked


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop("remembered", None)


Sealed = LargeBinary
"""Column type of an encrypted field (`rules.sealing`)."""


@event.listens_for(Engine, "connect")
def _harden(connection: Any, record: object) -> None:
    """The floor of every SQLite connection: durable, with foreign keys, and leaving no deleted text behind."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000",
                   "secure_delete=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")
