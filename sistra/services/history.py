"""What happened to a charge, read from the trail: who changed or saw what, when and why, with values side by side."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select

from sistra.access import scope
from sistra.access.fields import opened
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, records
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.events import Deadline, Event
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import RESERVED, Clearance, outside_team, shows
from sistra.rules.sealing import Unsealable
from sistra.services import audit
from sistra.services.reference_words import ReferenceWords, keys_in

_TABLES = {"user_account": "user", "charge_grant": "grant"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A changed field: its values before and after, masked for the viewer."""

    field: Field
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of the trail as its charge's history shows it. `about`: the code of the person whose identity was opened."""

    number: int
    at: datetime
    actor: str
    action: str
    thing: str
    thing_id: int | None
    reason: str | None
    changes: Sequence[FieldChange]
    about: str = ""


def of_charge(
    viewer: Viewer, number: str, *, before: int | None = None, limit: int = 30, changes_only: bool = False
) -> list[Happening]:
    """The history of a charge, newest first. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.history", stands)
    entries = audit.of_charge(charge.id, before=before, limit=limit, changes_only=changes_only)
    if not stands.on_team:
        sealed = _sealed_events(charge.id)
        entries = [entry for entry in entries if (entry.thing, entry.thing_id) not in sealed]
    words = ReferenceWords(viewer)
    changed = [changes_of(entry, Clearance.CASE, stands.on_team) for entry in entries]
    fetch(words, entries, [change for changes in changed for change in changes])
    return [Happening(entry.number, entry.at, actor(words, entry), entry.action, entry.thing, entry.thing_id,
                      entry.reason, [in_words(words, change, charge.id) for change in changes],
                      str((entry.detail or {}).get("code", "")) if entry.action == "identity.revealed" else "")
            for entry, changes in zip(entries, changed, strict=True)]


def fetch(words: ReferenceWords, entries: Sequence[TrailEntry], changes: Sequence[FieldChange]) -> None:
    """Asks at once who acted, and what everything that the changes refer to is called."""
    wanted: dict[str, set[int]] = {"user": {entry.actor_id for entry in entries if entry.actor_id is not None}}
    for change in changes:
        keys = {*keys_in(change.field, change.before), *keys_in(change.field, change.after)}
        wanted.setdefault(change.field.refers_to, set()).update(keys)
    words.fetch(wanted)


def actor(words: ReferenceWords, entry: TrailEntry) -> str:
    """Who acted, by name; "" before anybody was known."""
    return "" if entry.actor_id is None else str(words.word("user", entry.actor_id))


def in_words(words: ReferenceWords, change: FieldChange, charge_id: int | None = None) -> FieldChange:
    """A change of references with words in place of keys, as read in the history of a charge."""
    return replace(change, before=words.told(change.field, change.before, charge_id=charge_id),
                   after=words.told(change.field, change.after, charge_id=charge_id))


def _sealed_events(charge_id: int) -> set[tuple[str, int]]:
    """The acts of a charge, and what they opened, that exist for its team alone."""
    hidden = select(Event.id).where(Event.charge_id == charge_id, Event.confidentiality.in_(TEAM_ONLY))
    opened_by = db.session.scalars(select(Deadline.id).where(Deadline.opened_by_id.in_(hidden)))
    documents = db.session.scalars(select(Attachment.id).where(
        Attachment.charge_id == charge_id, Attachment.confidentiality.in_(TEAM_ONLY)))
    return ({("event", key) for key in db.session.scalars(hidden)} | {("deadline", key) for key in opened_by}
            | {("attachment", key) for key in documents})


def changes_of(entry: TrailEntry, clear: Clearance, team: bool, *, row: Base | None = None) -> list[FieldChange]:
    """The changed fields of an entry, masked. `row` is what the entry is about, where it was loaded already."""
    record = records().get(_TABLES.get(entry.thing, entry.thing))
    if record is None or not entry.changes:
        return []
    row = row or _row(entry)
    return [_change(row, record.fields, change, clear, team) for change in entry.changes if change["field"] in record.fields]


def _row(entry: TrailEntry) -> Base | None:
    for mapper in Base.registry.mappers:
        if mapper.class_.__tablename__ == entry.thing:
            return db.session.get(inspect(mapper.class_).class_, entry.thing_id)
    return None


def _change(row: Base | None, fields: Mapping[str, Field], change: audit.Change, clear: Clearance, team: bool) -> FieldChange:
    field = fields[change["field"]]
    of_team = team and field.sensitivity == "sealed" and field.record != "identity"
    visible = of_team or shows(clear, field)
    values: list[Any] = []
    for stored in (change["before"], change["after"]):
        if stored is None:
            values.append(None)
        elif not visible or row is None:
            values.append(RESERVED)
        else:
            value = _opened(row, field, stored)
            values.append(value if team else outside_team(field.list_name, value))
    return FieldChange(field, values[0], values[1])


def _opened(row: Base, field: Field, stored: Any) -> Any:
    try:
        return opened(row, field, stored)
    except Unsealable:
        return RESERVED
