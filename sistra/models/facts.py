"""Facts: one wide, coded, de-identified table per unit, its columns those of `rules.facts`.

A row is what was recorded of one thing from `valid_from` until `valid_to` (None: it still is). No foreign key leads out of
a fact: the keys are for counting and for the way back to rows that a viewer may see.
"""
from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, Date, Index, Integer, Numeric, String, Table, text
from sqlalchemy.types import TypeEngine

from sistra.db import Codes, Instant, Json, Key, db
from sistra.rules.coarsening import Kind
from sistra.rules.facts import UNITS, Unit

_TYPES: Mapping[Kind, TypeEngine[Any]] = MappingProxyType({
    Kind.CODE: String(20), Kind.CODES: Codes(), Kind.TEXT: String(60), Kind.YES_NO: String(3), Kind.BAND: String(20),
    Kind.PERIOD: String(7), Kind.NUMBER: Integer(), Kind.AMOUNT: Numeric(14, 2), Kind.TERM: Numeric(9, 2), Kind.DAY: Date(),
    Kind.KEY: Key, Kind.KEYS: Codes()})
_CURRENT = text("valid_to IS NULL")


def _table(unit: Unit) -> Table:
    """`record_id` is the key of the thing itself; one open row at most for each."""
    return Table(
        f"fact_{unit.name}", db.metadata,
        Column("id", Key, primary_key=True),
        Column("record_id", Key, nullable=False),
        Column("valid_from", Instant, nullable=False),
        Column("valid_to", Instant),
        *(Column(column.name, _TYPES[column.kind]) for column in unit.columns.values()),
        Column("unknowns", Json),
        Index(f"uq_fact_{unit.name}_open", "record_id", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
        Index(None, "charge_id"),
        Index(None, "received_on", "fiscal_district"),
    )


FACTS: Mapping[str, Table] = MappingProxyType({unit.name: _table(unit) for unit in UNITS.values()})
"""The table of each unit."""
