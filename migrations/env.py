"""How revisions meet the database: the application's own engine, one transaction for the whole walk.

A walk that fails half-way leaves the schema as it was, on SQLite too.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app
from sqlalchemy import Connection

import sistra.models  # noqa: F401 - fills the metadata
from sistra.db import Codes, Instant, Json, YearsMonthsDays, about_to_write, db
from sistra.models.full_text import of_the_engine

_OWN_TYPES = (Instant, Codes, Json, YearsMonthsDays)


def _render(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Names the application's column types in a new revision as revisions import them."""
    if kind != "type" or not isinstance(item, _OWN_TYPES):
        return False
    name = type(item).__name__
    autogen.imports.add(f"from sistra.db import {name}")
    return name


def _declared(item: Any, name: str | None, kind: str, reflected: bool, compared: Any) -> bool:
    """Leaves out of a comparison with the models what each engine adds for the full text."""
    return not of_the_engine(name, kind)


@contextmanager
def _without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Lets SQLite rebuild a table to which others refer. The switch acts outside of a transaction only."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    """Raises where the walk left a row that refers to nothing; PostgreSQL has refused it already."""
    if connection.dialect.name == "sqlite" and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
        raise RuntimeError(f"rows refer to nothing: {sorted({row[0] for row in broken})}")


def _walk() -> None:
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect() as connection, _without_foreign_keys(connection), about_to_write():
        context.configure(connection=connection, target_metadata=db.metadata, transactional_ddl=True,
                          render_item=_render, include_object=_declared, **options)
        with context.begin_transaction():
            context.run_migrations()
            _check_references(connection)


def _write_sql() -> None:
    """The walk as SQL text (`flask db upgrade --sql`)."""
    context.configure(url=db.engine.url, target_metadata=db.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _write_sql()
else:
    _walk()
