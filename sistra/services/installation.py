"""Whether the house can be entered: keys, tables, and tables of this version."""

from __future__ import annotations

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from sistra.db import db
from sistra.services.unit import end_reading


class NotInstalled(RuntimeError):
    """Something must be set up first. Carries a Spanish sentence that says what."""


def check(*, tables: bool = True) -> None:
    """Raises NotInstalled where keys (or tables) are missing, or the database cannot be reached."""
    try:
        _ring = db.keyring
    except KeyError:
        raise NotInstalled(
            "Falta el llavero de claves: ejecute primero «flask --app wsgi init», o ponga el suyo en su lugar."
        ) from None
    try:
        found = not tables or inspect(db.engine).has_table("trail_head")
        end_reading()
    except SQLAlchemyError:
        raise NotInstalled("No se puede abrir la base de datos: revise SISTRA_DATABASE y los permisos de la carpeta.") from None
    if not found:
        raise NotInstalled("La base de datos está vacía: ejecute primero «flask --app wsgi init».")
