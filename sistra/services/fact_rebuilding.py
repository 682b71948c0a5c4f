"""Facts held against the records that they are made of, and put right where they differ."""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.facts import FACTS
from sistra.rules.facts import UNITS
from sistra.services import audit
from sistra.services.fact_reading import RECORDS, read
from sistra.services.facts import put

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A record whose open fact row is not the one that is due, and the columns in which they differ."""

    unit: str
    key: int
    columns: tuple[str, ...]


def chunks() -> Iterator[tuple[str, list[int]]]:
    """Every unit with the keys of its records, some hundreds at a time: each may be put right in a transaction of its own."""
    for unit in UNITS:
        last = 0
        while keys := _keys_after(unit, last):
            yield unit, keys
            last = keys[-1]


def _keys_after(unit: str, last: int) -> list[int]:
    table = RECORDS[unit]
    return list(db.session.scalars(select(table.c.id).where(table.c.id > last).order_by(table.c.id).limit(_CHUNK)))


def _orphans(unit: str) -> Sequence[int]:
    """Records that are not there and have an open fact row."""
    fact = FACTS[unit]
    return db.session.scalars(select(fact.c.record_id).where(
        fact.c.valid_to.is_(None), fact.c.record_id.not_in(select(RECORDS[unit].c.id)))).all()


def differences() -> Iterator[Difference]:
    """Compares every open fact row with the one that is due."""
    for unit, keys in chunks():
        for one in read(unit, keys):
            if one.changed:
                yield Difference(unit, one.key, tuple(sorted(one.changed)))
    for unit in UNITS:
        yield from (Difference(unit, key, ("record_id",)) for key in _orphans(unit))


def rebuild(viewer: Viewer, unit: str, keys: Sequence[int]) -> int:
    """Puts right the facts of these records and gives how many were not. Run inside a unit of work. Raises Forbidden."""
    require(viewer, "accounts.manage")
    changed = [one for one in read(unit, keys) if one.changed]
    put(unit, changed, viewer.at)
    return len(changed)


def fill(keys: Mapping[str, Sequence[int]], since: Mapping[int, datetime]) -> None:
    """Writes the facts of records that have none, by table; each holds since the instant of its charge in `since`.

    Run inside a unit of work.
    """
    for unit in UNITS:
        wanted = keys.get(RECORDS[unit].name, ())
        for start in range(0, len(wanted), _CHUNK):
            due = [(one.key, one.due) for one in read(unit, wanted[start:start + _CHUNK]) if one.due is not None]
            if due:
                db.session.execute(insert(FACTS[unit]), [
                    {**row, "record_id": key, "valid_from": since[row["charge_id"]]} for key, row in due])


def finish(viewer: Viewer, corrected: int) -> int:
    """Ends the rebuilding: closes the rows of records that are not there and notes it. Gives all that was corrected.

    Run inside a unit of work. Raises Forbidden.
    """
    require(viewer, "accounts.manage")
    for unit in UNITS:
        if orphans := _orphans(unit):
            fact = FACTS[unit]
            db.session.execute(update(fact).where(fact.c.record_id.in_(orphans), fact.c.valid_to.is_(None)).values(
                valid_to=viewer.at))
            corrected += len(orphans)
    audit.note(viewer, "facts.rebuilt", audit.Subject("fact"), detail={"corrected": corrected})
    return corrected


def held() -> dict[str, int]:
    """How many rows stand open of each unit."""
    return {unit: db.session.scalar(select(func.count()).select_from(FACTS[unit]).where(FACTS[unit].c.valid_to.is_(None))) or 0
            for unit in UNITS}
