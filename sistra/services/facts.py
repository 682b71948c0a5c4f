"""Facts kept in the transaction of every save: what changed closes its row and opens a new one.

Nothing asks for it: the session tells which records it writes, and the unit of work has their facts follow before the trail
is appended. A correction, a reversal or a part taken back is a change like any other; what held before stays readable.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, event, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from sistra.db import Instant, db
from sistra.models.counts import CountVictim
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.facts import FACTS
from sistra.rules.facts import DAYS, UNITS, carried_by, carried_from
from sistra.services.fact_reading import ACCUSED, COUNT, EVENT, MEASURE, RECORDS, REPARATION, VICTIM, Held, read
from sistra.services.unit import before_trail

_TOUCHED = "facts"
_LINK, _NAMED = ChargeCourtCase.__table__, CountVictim.__table__

Keys = dict[str, set[int]]
"""Unit -> keys of its records."""
Queries = Iterator[tuple[str, Select[Any]]]
"""Units, each with the statement that finds the keys of its records."""


# -- what a session writes ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Touched:
    """The records that a session has written, by table, and the latest instant that they bear."""

    rows: Keys = field(default_factory=dict)
    at: datetime | None = None


_NOTED: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType({
    **{name: ((name, "id"),) for name in RECORDS},
    "count": (("count", "id"), ("charge", "charge_id")),
    "route_leg": (("route_leg", "charge_id"),),
    "recruitment": (("victim", "victim_id"),),
    "exploitation": (("victim", "victim_id"),),
    "victim_accused_relation": (("victim", "victim_id"),),
    "count_victim": (("count", "count_id"),),
    "judgment": (("judgment", "id"),),
    "penalty": (("judgment", "judgment_id"),),
    "charge_court_case": (("court_case", "court_case_id"),),
})
"""Table -> the units, or the records between, whose facts a row of it changes, with the column that holds their key."""


@event.listens_for(Session, "after_flush")
def _note(session: Session, context: object) -> None:
    for row in (*session.new, *session.dirty, *session.deleted):
        for name, column in _NOTED.get(getattr(row, "__tablename__", ""), ()):
            touched: _Touched = session.info.setdefault(_TOUCHED, _Touched())
            touched.rows.setdefault(name, set()).add(getattr(row, column))
            at = getattr(row, "updated_at", None)
            touched.at = max(at, touched.at or at) if at is not None else touched.at


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop(_TOUCHED, None)


@before_trail
def follow() -> None:
    """Has the facts of all that this transaction wrote follow it."""
    touched: _Touched | None = db.session().info.pop(_TOUCHED, None)
    if touched is not None:
        _follow(touched.rows, touched.at or datetime.now(UTC))


# -- from a record to the facts that it reaches ------------------------------------------------------------------------


def _parts_of_charges(keys: set[int]) -> Queries:
    for name, table in (("accused", ACCUSED), ("victim", VICTIM), ("count", COUNT), ("measure", MEASURE)):
        yield name, select(table.c.id).where(table.c.charge_id.in_(keys))
    cases = select(_LINK.c.court_case_id).where(_LINK.c.charge_id.in_(keys))
    yield "event", select(EVENT.c.id).where(or_(EVENT.c.charge_id.in_(keys), EVENT.c.court_case_id.in_(cases)))
    yield "reparation", select(REPARATION.c.id).where(REPARATION.c.court_case_id.in_(cases))


def _of_persons(column: str) -> Callable[[set[int]], Queries]:
    def found(keys: set[int]) -> Queries:
        if column == "accused_id":
            yield "count", select(COUNT.c.id).where(COUNT.c.accused_id.in_(keys))
        else:
            yield "count", select(_NAMED.c.count_id).where(_NAMED.c.victim_id.in_(keys))
        yield "measure", select(MEASURE.c.id).where(MEASURE.c[column].in_(keys))
    return found


def _holding(column: str, *units: str) -> Callable[[set[int]], Queries]:
    """The records of those units that name a record by that column."""
    return lambda keys: ((unit, select(RECORDS[unit].c.id).where(RECORDS[unit].c[column].in_(keys))) for unit in units)


_BETWEEN: Mapping[str, Callable[[set[int]], Queries]] = MappingProxyType({
    "route_leg": _holding("charge_id", "victim"), "judgment": _holding("judgment_id", "ruling", "reparation"),
    "court_case": _holding("court_case_id", "event", "reparation")})
"""What has no facts of its own -> whose facts it changes."""

_REACHES: Mapping[str, tuple[tuple[frozenset[str], Callable[[set[int]], Queries]], ...]] = MappingProxyType({
    "charge": ((carried_from("charge"), _parts_of_charges), (DAYS, _holding("charge_id", "count"))),
    "accused": ((carried_from("accused"), _of_persons("accused_id")),),
    "victim": ((carried_from("victim"), _of_persons("victim_id")),),
    "count": tuple((carried_by(unit), _holding("count_id", unit)) for unit in ("ruling", "retypification")),
})
"""Unit -> the columns that facts of others carry, or count from, and whose: only a change of these goes further."""


def _find(found: Queries, wanted: Keys) -> None:
    for unit, query in found:
        wanted.setdefault(unit, set()).update(db.session.scalars(query))


def _follow(rows: Keys, at: datetime) -> None:
    wanted = {name: set(keys) for name, keys in rows.items() if name in RECORDS}
    for name in rows.keys() - RECORDS.keys():
        _find(_BETWEEN[name](rows[name]), wanted)
    for unit in UNITS:
        changed = [one for one in read(unit, sorted(wanted[unit])) if one.changed] if wanted.get(unit) else []
        put(unit, changed, at)
        for columns, reached in _REACHES.get(unit, ()):
            if keys := {one.key for one in changed if one.current is not None and one.changed & columns}:
                _find(reached(keys), wanted)


def put(unit: str, changed: Sequence[Held], at: datetime) -> None:
    """Closes what is open of these records and opens what is due. A row never ends before it began, whatever the clock says."""
    table = FACTS[unit]
    if closing := [one.current["id"] for one in changed if one.current is not None]:
        ends = case((table.c.valid_from > literal(at, Instant), table.c.valid_from), else_=literal(at, Instant))
        db.session.execute(update(table).where(table.c.id.in_(closing)).values(valid_to=ends))
    opening = [{**one.due, "record_id": one.key, "valid_from": max(at, one.current["valid_from"]) if one.current else at}
               for one in changed if one.due is not None]
    if opening:
        db.session.execute(insert(table), opening)


# -- reading ------------------------------------------------------------------------------------------------------------


def standing(unit: str, at: datetime | None = None) -> ColumnElement[bool]:
    """The condition under which a row of the unit stands now, or stood at that instant."""
    table = FACTS[unit]
    if at is None:
        return table.c.valid_to.is_(None)
    return and_(table.c.valid_from <= at, or_(table.c.valid_to.is_(None), table.c.valid_to > at))


def rows(unit: str, at: datetime | None = None) -> Sequence[RowMapping]:
    """The rows of a unit as they stand now, or stood at that instant, by record."""
    table = FACTS[unit]
    return db.session.execute(select(table).where(standing(unit, at)).order_by(table.c.record_id)).mappings().all()
