"""What every record shares when it is written: defaults, checks, changes for the trail, and edits that meet."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from sistra.access import lens
from sistra.access.fields import column_name, opened, put, record_of, to_json, value_of
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, Record
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.audit import TrailEntry
from sistra.rules.entries import Entry, required
from sistra.rules.masking import RESERVED, Clearance, shows
from sistra.rules.problems import Rejected
from sistra.services import audit
from sistra.services.unit import Stale

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people changed: what stood before, what the other saved, what this one typed."""

    field: Field
    original: Any
    theirs: Any
    mine: Any


class Conflict(Exception):
    """Fields of the entry were changed by somebody else in the meantime (409). Nothing was written.

    `version` is the record's present version: an entry that carries it is taken as decided.
    """

    def __init__(self, clashes: Sequence[Clash], version: int, editor_id: int | None) -> None:
        self.clashes, self.version, self.editor_id = tuple(clashes), version, editor_id
        super().__init__(", ".join(clash.field.name for clash in clashes))


def create(viewer: Viewer, row: Row, values: Mapping[str, Any], action: str, *, reason: str | None = None,
           detail: Mapping[str, Any] | None = None, links: Mapping[str, Sequence[Base]] | None = None,
           first: Callable[[], object] | None = None) -> Row:
    """Adds a row with its entered values and collects its entry. Encrypted fields are sealed once the row has its key.

    `first` sets what follows from the plain answers: it is called when they stand in the row, before it is written.
    Raises Rejected where an answer needed to open the record is blank.
    """
    record = record_of(row)
    _refuse_blanks(row, record, values)
    row.created_at = row.updated_at = viewer.at  # type: ignore[attr-defined]
    row.created_by_id = row.updated_by_id = viewer.user_id  # type: ignore[attr-defined]
    row.origin = row.origin or "FOR"  # type: ignore[attr-defined]
    row.version = 1  # type: ignore[attr-defined]
    for field in record.fields.values():
        if field.type == "refs" and hasattr(type(row), field.name) and field.name not in vars(row):
            # A new row's lists are known to be empty: the database need not be asked for them.
            setattr(row, field.name, [])
    plain, sealed = _split(record, values)
    for field, value in plain:
        put(row, field, _rows(field, value, links))
    if first is not None:
        first()
    db.session.add(row)
    db.session.flush()
    for field, value in sealed:
        put(row, field, value)
    changes = [_change(field, None, _kept(row, field)) for field, value in [*plain, *sealed] if value not in (None, ())]
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), changes=changes, reason=reason, detail={"version": 1} | dict(detail or {}))
    return row


def _refuse_blanks(row: Base, record: Record, values: Mapping[str, Any]) -> None:
    """Answers needed to open a record must be there, in the entry or set on the row by the verb."""
    fields = [field for field in record.fields.values() if field.need == "R" and field.entered and field.condition is None]
    answers = {field.name: values[field.name] if field.name in values else getattr(row, column_name(field), None)
               for field in fields}
    if problems := required(fields, answers):
        raise Rejected(problems)


def amend(viewer: Viewer, row: Row, entry: Entry, action: str, *, reason: str | None = None,
          links: Mapping[str, Sequence[Base]] | None = None, reach: lens.Reach = Clearance.CASE) -> list[Field]:
    """Writes what the entry changes and tells which fields those were.

    `reach` is how far the editor sees into the record: where two edits meet, what lies beyond is reserved to them.

    The entry's version is that of the form's loading. Fields changed meanwhile by somebody else and not by this entry
    are kept as they are; fields changed by both raise Conflict. Without a change nothing is written and no entry made.
    """
    record = record_of(row)
    values = _merged(row, record, entry, reach)
    changed = [(field, value) for field, value in _fields(record, values)
               if _typed_identity(field, value) or not _same(value_of(row, field), value)]
    if not changed:
        return []
    changes = []
    for field, value in changed:
        before = _kept(row, field)
        put(row, field, _rows(field, value, links))
        changes.append(_change(field, before, _kept(row, field)))
    touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), changes=changes, reason=reason,
               detail={"version": row.version})  # type: ignore[attr-defined]
    return [field for field, _ in changed]


def _typed_identity(field: Field, value: Any) -> bool:
    """An identity that is typed is written and noted even where it is what stood there: nobody learns that it was."""
    return field.sensitivity == "identity" and value not in (None, "", ())


def touch(viewer: Viewer, row: Base) -> None:
    """Moves the record's version on and says who changed it last."""
    row.version += 1  # type: ignore[attr-defined]
    row.updated_at, row.updated_by_id = viewer.at, viewer.user_id  # type: ignore[attr-defined]


def derive(row: Base, name: str, value: Any) -> bool:
    """Sets a derived field; tells whether it changed. Derived values follow from recorded acts and make no entry of their own."""
    field = record_of(row).fields[name]
    if _same(value_of(row, field), value):
        return False
    put(row, field, value)
    return True


def _merged(row: Base, record: Record, entry: Entry, reach: lens.Reach) -> dict[str, Any]:
    """The entry's values without those that somebody else changed and this person did not. Raises Conflict."""
    current: int = row.version  # type: ignore[attr-defined]
    if entry.version is not None and entry.version > current:
        raise Stale
    if entry.version is None or entry.version >= current:
        return dict(entry.values)
    originals, editor = _values_at(row, record, entry.version)
    values, clashes = {}, []
    for name, mine in entry.values.items():
        field = record.fields[name]
        theirs = value_of(row, field)
        original, shown = originals.get(name, theirs), _shown(row, field, reach)
        if name not in originals or (shown and _same(mine, theirs)):
            values[name] = mine
        elif not shown or not _same(mine, original):
            clashes.append(_clash(field, original, theirs, mine, shown))
    if clashes:
        raise Conflict(clashes, current, editor)
    return values


def _shown(row: Base, field: Field, reach: lens.Reach) -> bool:
    """Whether the editor may read what others answered: nothing but what is of the case and within their reach."""
    clear = lens.into(row, field, reach)
    return field.sensitivity == "case" and clear is not None and shows(clear, field)


def _clash(field: Field, original: Any, theirs: Any, mine: Any, shown: bool) -> Clash:
    """Reserved values meet without being shown, and a right guess meets like a wrong one."""
    if not shown:
        original, theirs = (None if value is None else RESERVED for value in (original, theirs))
    return Clash(field, original, theirs, mine)


def _values_at(row: Base, record: Record, version: int) -> tuple[dict[str, Any], int | None]:
    """What the fields changed since `version` held at that version, read back from the trail, and who changed last."""
    subject = audit.subject_of(row)
    entries = db.session.scalars(
        select(TrailEntry).where(TrailEntry.thing == subject.thing, TrailEntry.thing_id == subject.thing_id,
                                 TrailEntry.changes.is_not(None)).order_by(TrailEntry.number.desc()))
    originals: dict[str, Any] = {}
    editor = None
    for entry in entries:
        if (entry.detail or {}).get("version", 0) <= version:
            break
        editor = editor or entry.actor_id
        for change in entry.changes or []:
            if (field := record.fields.get(change["field"])) is not None:
                originals[field.name] = opened(row, field, change["before"])
    return originals, editor


def _fields(record: Record, values: Mapping[str, Any]) -> list[tuple[Field, Any]]:
    return [(record.fields[name], value) for name, value in values.items()]


def _split(record: Record, values: Mapping[str, Any]) -> tuple[list[tuple[Field, Any]], list[tuple[Field, Any]]]:
    fields = _fields(record, values)
    return [pair for pair in fields if not pair[0].encrypted], [pair for pair in fields if pair[0].encrypted]


def _same(one: Any, other: Any) -> bool:
    blank = (None, "", ())
    return (one in blank and other in blank) or (one == other and type(one) is type(other))


def _rows(field: Field, value: Any, links: Mapping[str, Sequence[Base]] | None) -> Any:
    """The rows that a `refs` field names, out of those the verb loaded and checked."""
    if field.type != "refs" or isinstance(value, Unknown):
        return value
    offered = {one.id: one for one in (links or {}).get(field.name, ())}  # type: ignore[attr-defined]
    return [offered[key] for key in value or ()]


def _kept(row: Base, field: Field) -> Any:
    """A field as the trail keeps it: JSON, or ciphertext as it stands in the column."""
    return to_json(getattr(row, column_name(field)) if field.encrypted else value_of(row, field))


def _change(field: Field, before: Any, after: Any) -> audit.Change:
    return {"field": field.name, "before": before, "after": after}
