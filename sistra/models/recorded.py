"""What the tables of all records share."""
from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table
from sqlalchemy.orm import Composite, Mapped, composite, declared_attr, mapped_column

from sistra.db import Instant, Json, Key, db
from sistra.rules.partial_dates import PartialDate


class Keyed:
    """A surrogate key."""

    id: Mapped[int] = mapped_column(Key, primary_key=True)


class Recorded(Keyed):
    """The system columns of every record of the dictionary.

    `unknowns` holds the answers NSP and N/C of the fields whose column cannot hold a word (numbers, days, yes or no),
    by field name; code columns hold the word itself, encrypted fields hold it inside the ciphertext.
    """

    created_at: Mapped[datetime | None] = mapped_column(Instant)
    updated_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(Integer, default=1)
    origin: Mapped[str | None] = mapped_column(String(20))
    import_run: Mapped[str | None] = mapped_column(String(250))
    unknowns: Mapped[dict[str, str] | None] = mapped_column(Json)

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user_account.id", use_alter=True))

    @declared_attr
    def updated_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user_account.id", use_alter=True))

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version, "version_id_generator": False}


def _read(earliest: date | None, latest: date | None, precision: str) -> PartialDate:
    return PartialDate(earliest, latest, precision)


def partial_date(name: str) -> Composite[PartialDate | None]:
    """Three columns as one value: `<name>_earliest`, `<name>_latest`, `<name>_precision`; None when never asked."""
    return composite(
        _read,
        mapped_column(f"{name}_earliest", Date, nullable=True),
        mapped_column(f"{name}_latest", Date, nullable=True),
        mapped_column(f"{name}_precision", String(5), nullable=True),
        return_none_on=lambda *parts: parts[2] is None,
    )


def link_table(name: str, left: str, right: str) -> Table:
    """The table of a dictionary field `refs:<right>` of record `left`."""
    return Table(
        name, db.metadata,
        Column(f"{left}_id", ForeignKey(f"{left}.id"), primary_key=True),
        Column(f"{right}_id", ForeignKey(f"{right}.id"), primary_key=True, index=True),
    )
