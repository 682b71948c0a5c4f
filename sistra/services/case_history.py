"""What happened to a court case, read from the trail: only what is about the case itself or a charge in the viewer's sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from sistra.access.may import require
from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.rules.masking import RESERVED, Clearance
from sistra.services import case_sight, judgment_reading, remedies
from sistra.services.case_sight import Sight
from sistra.services.history import FieldChange, Happening, actor, changes_of, fetch, in_words
from sistra.services.reference_words import ReferenceWords

PAGE = 30
_PARTS = {"counts": "counts", "count": "counts", "accused": "accused", "debtors": "accused", "victims": "victims"}


def of_court_case(viewer: Viewer, key: int, *, before: int | None = None, changes_only: bool = False) -> list[Happening]:
    """A page of the history, newest first; `before` pages on. Raises NotVisible, Forbidden."""
    require(viewer, "court_case.read")
    sight = case_sight.find(viewer, key)
    if not sight.by_right:
        raise Forbidden("charge.history")
    sight = case_sight.owned(sight)
    entries, rows = _visible(sight, before, changes_only)
    changed = [_changes(sight, entry, rows.get((entry.thing, entry.thing_id))) for entry in entries]
    words = ReferenceWords(viewer)
    fetch(words, entries, [change for changes in changed for change in changes])
    return [
        Happening(
            entry.number,
            entry.at,
            actor(words, entry),
            entry.action,
            entry.thing,
            entry.thing_id,
            entry.reason,
            [told for change in changes if (told := _in_sight(sight, words, change)) is not None],
        )
        for entry, changes in zip(entries, changed, strict=True)
    ]


def _changes(sight: Sight, entry: TrailEntry, row: Any) -> list[FieldChange]:
    """The changed fields of an entry; a verdict sums up every ruling and is told only to those who see them all."""
    return [
        change
        for change in changes_of(entry, Clearance.CASE, sight.team, row=row)
        if (change.field.record, change.field.name) != ("judgment", "verdict") or set(sight.charges) <= sight.in_sight
    ]


def _visible(sight: Sight, before: int | None, changes_only: bool) -> tuple[list[TrailEntry], dict[tuple[str, int | None], Any]]:
    """The newest entries that may be known, a page of them, and the things that they are about."""
    judged = {one.judgment.id for one in judgment_reading.in_sight(sight)}
    filed = {row.id for row in remedies.in_sight(sight)}
    query = select(TrailEntry).where(TrailEntry.court_case_id == sight.case.id).order_by(TrailEntry.number.desc())
    if changes_only:
        query = query.where(TrailEntry.changes.is_not(None))
    found: list[TrailEntry] = []
    rows: dict[tuple[str, int | None], Any] = {}
    while len(found) < PAGE:
        some = list(db.session.scalars((query.where(TrailEntry.number < before) if before else query).limit(2 * PAGE)))
        rows |= _rows(some)
        found += [
            entry
            for entry in some
            if entry.thing == "court_case" or _may_know(sight, rows.get((entry.thing, entry.thing_id)), judged, filed)
        ]
        if len(some) < 2 * PAGE:
            break
        before = some[-1].number
    return found[:PAGE], rows


_MODELS: Mapping[str, type[Base]] = {
    "event": Event,
    "judgment": Judgment,
    "ruling": Ruling,
    "penalty": Penalty,
    "reparation": Reparation,
    "remedy": Remedy,
    "charge_court_case": ChargeCourtCase,
    "attachment": Attachment,
}


def _rows(entries: Sequence[TrailEntry]) -> dict[tuple[str, int | None], Any]:
    """The things that the entries are about, a query for each kind."""
    found: dict[tuple[str, int | None], Any] = {}
    for name, model in _MODELS.items():
        keys = {entry.thing_id for entry in entries if entry.thing == name}
        rows = db.session.scalars(select(model).where(model.id.in_(keys))) if keys else ()  # type: ignore[attr-defined]
        found |= {(name, row.id): row for row in rows}  # type: ignore[attr-defined]
    return found


def _may_know(sight: Sight, row: Any, judged: set[int], filed: set[int]) -> bool:
    match row:
        case Event():
            return sight.sees_event(row)
        case Judgment():
            return row.id in judged
        case Ruling():
            return (
                row.judgment_id in judged
                and row.count_id in sight.counts
                and sight.counts[row.count_id].charge_id in sight.in_sight
            )
        case Penalty():
            return row.judgment_id in judged and sight.accused[row.accused_id].charge_id in sight.in_sight
        case Reparation():
            return row.judgment_id in judged and sight.sees_charge_of([*row.victims, *row.debtors], "SEN")
        case Remedy():
            return row.id in filed
        case ChargeCourtCase():
            return row.charge_id in sight.in_sight
        case Attachment():
            return sight.sees_document(row)
        case _:
            return False


def _in_sight(sight: Sight, words: ReferenceWords, change: FieldChange) -> FieldChange | None:
    """A change with words for what it refers to; None where all of it is out of sight: not even that it exists is told."""
    if change.field.type not in ("ref", "refs"):
        return change
    if change.field.name not in _PARTS:
        told = in_words(words, change)
        return None if {told.before, told.after} <= {None, (), RESERVED} else told
    known: Mapping[int, Any] = getattr(sight, _PARTS[change.field.name])

    def parts(value: Any) -> Any:
        keys = value if isinstance(value, (tuple, list)) else (value,)
        rows = [known[one] for one in keys if one in known and known[one].charge_id in sight.in_sight]
        return tuple(_word(sight, words, row) for row in rows) or None

    return replace(change, before=parts(change.before), after=parts(change.after))


def _word(sight: Sight, words: ReferenceWords, part: Any) -> str:
    """I-1, or 00417/I-1 where charges stand together; a count by its accused and its offence."""
    if not isinstance(part, Count):
        return sight.code(part)
    accused = sight.accused[part.accused_id]
    named = str(words.word("count", part.id, charge_id=part.charge_id))
    return sight.code(accused) + named.removeprefix(accused.code)
