"""What happened to a court case, read from the trail: only what is about the case itself or a charge in the viewer's sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.db import Base, db
from sistra.models.audit import TrailEntry
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.rules.masking import Clearance
from sistra.services import accounts, case_sight, judgments, remedies
from sistra.services.case_sight import Sight
from sistra.services.history import FieldChange, Happening, changes_of

PAGE = 30
_PARTS = {"counts": "counts", "count": "counts", "accused": "accused", "debtors": "accused", "victims": "victims"}


def of_court_case(viewer: Viewer, key: int, *, before: int | None = None, changes_only: bool = False) -> list[Happening]:
    """A page of the history, newest first; `before` pages on. Raises NotVisible, Forbidden."""
    require(viewer, "court_case.read")
    sight = case_sight.find(viewer, key)
    entries = _visible(sight, before, changes_only)
    names = accounts.user_names([entry.actor_id for entry in entries])
    rows = _rows(entries)
    return [
        Happening(
            entry.number,
            entry.at,
            names.get(entry.actor_id or 0, ""),
            entry.action,
            entry.thing,
            entry.thing_id,
            entry.reason,
            [
                _in_sight(sight, one)
                for one in changes_of(entry, Clearance.CASE, sight.team, row=rows.get((entry.thing, entry.thing_id)))
                if _tellable(sight, one)
            ],
        )
        for entry in entries
    ]


def _tellable(sight: Sight, change: FieldChange) -> bool:
    """Whether a change says nothing of charges out of sight: keys are no words, and a verdict sums up every ruling."""
    field = change.field
    if (field.record, field.name) == ("judgment", "verdict"):
        return set(sight.charges) <= sight.in_sight
    return field.name in _PARTS or field.type not in ("ref", "refs")


def _visible(sight: Sight, before: int | None, changes_only: bool) -> list[TrailEntry]:
    """The newest entries that may be known, a page of them."""
    judged = {one.judgment.id for one in judgments.in_sight(sight)}
    filed = {row.id for row in remedies.in_sight(sight)}
    query = select(TrailEntry).where(TrailEntry.court_case_id == sight.case.id).order_by(TrailEntry.number.desc())
    if changes_only:
        query = query.where(TrailEntry.changes.is_not(None))
    found: list[TrailEntry] = []
    while len(found) < PAGE:
        some = list(db.session.scalars((query.where(TrailEntry.number < before) if before else query).limit(2 * PAGE)))
        rows = _rows(some)
        found += [
            entry
            for entry in some
            if entry.thing == "court_case" or _may_know(sight, rows.get((entry.thing, entry.thing_id)), judged, filed)
        ]
        if len(some) < 2 * PAGE:
            break
        before = some[-1].number
    return found[:PAGE]


_MODELS: Mapping[str, type[Base]] = {
    "event": Event,
    "judgment": Judgment,
    "ruling": Ruling,
    "penalty": Penalty,
    "reparation": Reparation,
    "remedy": Remedy,
    "charge_court_case": ChargeCourtCase,
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
            return row.judgment_id in judged and sight.sees_charge_of([*row.victims, *row.debtors])
        case Remedy():
            return row.id in filed
        case ChargeCourtCase():
            return row.charge_id in sight.in_sight
        case _:
            return False


def _in_sight(sight: Sight, change: FieldChange) -> FieldChange:
    """A change of a list of parts, told by the codes of those in sight."""
    if change.field.name not in _PARTS or change.field.type not in ("refs", "ref"):
        return change
    known: Mapping[int, Any] = getattr(sight, _PARTS[change.field.name])

    def told(value: Any) -> Any:
        keys = value if isinstance(value, (tuple, list)) else (value,)
        rows = [known[one] for one in keys if one in known and known[one].charge_id in sight.in_sight]
        return tuple(sight.code(sight.accused[row.accused_id] if isinstance(row, Count) else row) for row in rows) or None

    return replace(change, before=told(change.before), after=told(change.after))
