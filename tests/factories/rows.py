"""Rows made straight from the tables: whatever a column must have and a test does not name is filled in."""
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
)

from sistra.access import fields
from sistra.db import Base, Codes, Instant, Json, YearsMonthsDays, db
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.people import Accused, Identity, Victim
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate

AT = datetime(2026, 3, 27, 15, 0, tzinfo=UTC)
"""The instant at which most tests of verbs happen: a Friday morning in Lima."""

Row = TypeVar("Row", bound=Base)

_FILLINGS: tuple[tuple[type[Any], Any], ...] = (
    (Instant, AT),
    (Codes, ("NSP",)),
    (Json, {}),
    (YearsMonthsDays, Duration(12, 6, 0)),
    (LargeBinary, b"\x00"),
    (Boolean, False),
    (BigInteger, 0),
    (Integer, 0),
    (Numeric, Decimal("1.00")),
    (DateTime, AT.replace(tzinfo=None)),
    (Date, date(2026, 3, 27)),
    (String, "X"),
)


def _filling(column: Column[Any]) -> Any:
    return next(value for kind, value in _FILLINGS if isinstance(column.type, kind))


def made(model: type[Row], **values: Any) -> Row:
    """A row added and flushed. Columns that must have a value and are not named get one of their type."""
    mapper = inspect(model)
    table: Any = model.__table__
    column_of = {attribute.columns[0].name: attribute.key for attribute in mapper.column_attrs}
    for column in table.columns:
        name = column_of[column.name]
        needed = not column.nullable and column.default is None and not (column.primary_key and not column.foreign_keys)
        if needed and name not in values:
            values[name] = 1 if name == "version" else _filling(column)
    row = model(**values)
    db.session.add(row)
    db.session.flush()
    return row


def a_charge(office_id: int, responsible_id: int, *, seen_by: tuple[str, ...] = (), **values: Any) -> Charge:
    """A charge of an office, visible to it, to its responsible prosecutor and to the principals in `seen_by`."""
    number = (
        values.pop("number", None) or f"SIS-2026-MDD-{(db.session.scalar(select(func.count(Charge.id))) or 0) + 1:05d}"
    )
    facts = {
        "received_on": PartialDate.of_day(date(2026, 3, 20)),
        "notice_source": "OPE",
        "reported_offence": "PE-129A",
        "notice_place": "170101",
        "summary": "Operativo conjunto en un local",
        "fiscal_district": "MDD",
        "status": "TRA",
        "stage": "10-NOT",
        "confidentiality": "RES",
        "created_at": AT,
        "updated_at": AT,
    }
    charge = made(Charge, number=number, office_id=office_id, responsible_id=responsible_id, **(facts | values))
    made(ChargeMember, charge_id=charge.id, user_id=responsible_id, part="RESP", from_on=date(2026, 3, 20))
    for principal in dict.fromkeys((f"office:{office_id}", f"user:{responsible_id}", *seen_by)):
        made(ChargeAccess, principal=principal, charge_id=charge.id, updated_at=AT, outline=False)
    return charge


def a_victim(charge: Charge, code: str = "A-1", **values: Any) -> Victim:
    return made(Victim, charge_id=charge.id, code=code, **values)


def an_accused(charge: Charge, code: str = "I-1", **values: Any) -> Accused:
    return made(Accused, charge_id=charge.id, code=code, **values)


def an_identity(part: Victim | Accused, **answers: Any) -> Identity:
    """The identity of a part, its answers encrypted as the application encrypts them."""
    identity = made(Identity, **{f"{part.__tablename__}_id": part.id})
    for name, value in answers.items():
        fields.put(identity, fields.record_of(identity).fields[name], value)
    db.session.flush()
    return identity


def one_row_in_each(connection: Connection, tables: list[Table]) -> None:
    """A row in every table that has none, each reference pointing at the first row of a table filled before.

    Columns that a later revision adds are left out.
    """
    filled: set[str] = set()
    for table in tables:
        present = {column["name"] for column in inspect(connection).get_columns(table.name)}
        if not connection.execute(select(func.count()).select_from(table)).scalar():
            connection.execute(insert(table).values(
                {column.name: _any_value(column, filled) for column in table.columns if column.name in present}))
        filled.add(table.name)


_LEFT_BLANK = frozenset({"attachment.court_case_id"})
"""References of which a row has only the other one."""


def _any_value(column: Column[Any], filled: set[str]) -> Any:
    if f"{column.table.name}.{column.name}" in _LEFT_BLANK:
        return None
    for key in column.foreign_keys:
        return None if column.nullable and key.column.table.name not in filled else 1
    if column.primary_key and isinstance(column.type, Integer):
        return 1
    filling = _filling(column)
    return filling[: column.type.length] if isinstance(filling, str) and isinstance(column.type, String) else filling
