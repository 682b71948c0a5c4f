"""The trail: who did or saw what, when and why. Collected during a unit of work, appended last at its commit."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select, update

from sistra.access.viewer import Viewer
from sistra.db import Base, db
from sistra.models.audit import TrailEntry, TrailHead
from sistra.models.people import Accused, Victim
from sistra.rules.chain import GENESIS, Verdict, link, walk
from sistra.services.unit import TRAIL, at_commit, unit_of_work

TRAIL_TABLE = cast(Table, TrailEntry.__table__)
Change = dict[str, Any]
"""{"field": name, "before": JSON, "after": JSON}; ciphertext as {"sealed": base64}."""

_HASHED = ("number", "at", "actor_id", "office_id", "door", "system_user", "action", "thing", "thing_id", "charge_id",
           "court_case_id", "changes", "detail", "reason", "request_id", "address")


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: the record, and the charge or court case whose history it belongs to."""

    thing: str
    thing_id: int | None = None
    charge_id: int | None = None
    court_case_id: int | None = None


def subject_of(row: Base, **belongs: int | None) -> Subject:
    """The subject that a row is, with its charge or court case where the row names one."""
    charge_id = belongs.get("charge_id", getattr(row, "charge_id", None))
    court_case_id = belongs.get("court_case_id", getattr(row, "court_case_id", None))
    table: str = row.__tablename__
    key: int = row.id  # type: ignore[attr-defined]
    if table == "charge":
        charge_id = key
    elif charge_id is None and court_case_id is None:
        charge_id = _charge_of_part(row)
    if table == "court_case":
        court_case_id = key
    return Subject(table, key, charge_id, court_case_id)


def _charge_of_part(row: Base) -> int | None:
    """The charge of the part that a row is about: identities and the lists of a victim name no charge of their own."""
    if (key := getattr(row, "victim_id", None)) is not None:
        victim = db.session.get(Victim, key)
        return victim.charge_id if victim is not None else None
    if (key := getattr(row, "accused_id", None)) is not None:
        accused = db.session.get(Accused, key)
        return accused.charge_id if accused is not None else None
    return None


def note(viewer: Viewer | None, action: str, subject: Subject, *, changes: Sequence[Change] = (), reason: str | None = None,
         detail: Mapping[str, Any] | None = None, at: datetime | None = None, door: str = "web",
         address: str | None = None) -> None:
    """Collects one entry. `viewer` is None only before anybody is known (a failed sign-in)."""
    _pending().append({
        "at": viewer.at if viewer else at or datetime.now(UTC),
        "actor_id": viewer.user_id if viewer else None, "office_id": viewer.office_id if viewer else None,
        "door": viewer.door if viewer else door, "system_user": viewer.system_user if viewer else None,
        "action": action, "thing": subject.thing, "thing_id": subject.thing_id,
        "charge_id": subject.charge_id, "court_case_id": subject.court_case_id,
        "changes": list(changes) or None, "detail": dict(detail) if detail else None, "reason": reason,
        "request_id": viewer.request_id if viewer else None, "address": viewer.address if viewer else address})


def repeat(entries: Iterable[Mapping[str, Any]]) -> None:
    """Collects entries that tell of acts elsewhere, whole but for their numbers and hashes: for what is copied, not done."""
    _pending().extend(map(dict, entries))


def _pending() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = db.session().info.setdefault(TRAIL, [])
    return entries


def pending() -> bool:
    """Whether entries were collected and not yet appended."""
    return bool(_pending())


def forget() -> None:
    """Drops what was collected (the act it told of did not happen)."""
    _pending().clear()


@at_commit
def append() -> None:
    """Numbers, chains and writes what was collected. The head row is locked here, at the very end of the transaction."""
    entries = _pending()
    if not entries:
        return
    head = db.session.execute(select(TrailHead).where(TrailHead.id == 1).with_for_update()).scalar_one_or_none()
    number, previous = (head.number, head.hash) if head else (0, GENESIS)
    rows = []
    for entry in entries:
        number += 1
        hashed = link(previous, _canonical({**entry, "number": number}))
        rows.append({**entry, "number": number, "previous_hash": previous, "hash": hashed})
        previous = hashed
    db.session.execute(insert(TRAIL_TABLE), rows)
    if head:
        db.session.execute(update(TrailHead).where(TrailHead.id == 1).values(number=number, hash=previous),
                           execution_options={"synchronize_session": False})
        db.session.expire(head)
    else:
        db.session.add(TrailHead(id=1, number=number, hash=previous))
        db.session.flush()
    entries.clear()


def record_readings() -> None:
    """After a reading page and before its bytes leave: the read is ended, then its entries are written in a short transaction."""
    entries = list(_pending())
    if not entries:
        return
    forget()
    with unit_of_work():
        _pending().extend(entries)


def _canonical(entry: Mapping[str, Any]) -> dict[str, Any]:
    at: datetime = entry["at"]
    return {name: entry[name] for name in _HASHED} | {"at": at.astimezone(UTC).isoformat(timespec="microseconds")}


def verify() -> Verdict:
    """Walks the whole chain. The count must reach the head row, else the tail was cut; a missing head is no trail at all."""
    verdict = walk(_stored())
    head = db.session.get(TrailHead, 1)
    if verdict.intact and (head is None or (head.number, head.hash) != (verdict.count, verdict.head)):
        return Verdict(verdict.count, verdict.head, first_bad=verdict.count + 1)
    return verdict


def _stored() -> Iterator[tuple[int, str, str, Mapping[str, Any]]]:
    rows = db.session.execute(
        select(TrailEntry.__table__).order_by(TrailEntry.number).execution_options(yield_per=1000)).mappings()
    for row in rows:
        yield row["number"], row["previous_hash"], row["hash"], _canonical(dict(row))


def of_charge(charge_id: int, *, before: int | None = None, limit: int = 50, changes_only: bool = False) -> list[TrailEntry]:
    """The entries of a charge, newest first; `before` pages on, `changes_only` leaves readings out."""
    query = select(TrailEntry).where(TrailEntry.charge_id == charge_id).order_by(TrailEntry.number.desc()).limit(limit)
    if changes_only:
        query = query.where(TrailEntry.changes.is_not(None))
    if before:
        query = query.where(TrailEntry.number < before)
    return list(db.session.scalars(query))
