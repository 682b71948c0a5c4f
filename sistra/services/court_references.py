"""What an act of a court case, a judgment or a remedy may name: parts, documents, judgments and reparations in sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from sistra.access import scope
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.terms import Unknown
from sistra.db import Base, db, remembered
from sistra.models.accounts import Agency, Office
from sistra.models.attachments import Attachment
from sistra.models.court_cases import CourtCase
from sistra.models.events import Event
from sistra.models.judgments import Reparation, Ruling
from sistra.models.measures import Measure
from sistra.rules import acts
from sistra.rules.entries import Entry
from sistra.rules.masking import Clearance
from sistra.rules.problems import Problem, said
from sistra.services import case_sight, records
from sistra.services.case_sight import Sight
from sistra.services.folder_rows import WITHOUT_PARTS, with_parts
from sistra.services.records import Clash, Conflict


def offered_parts(sight: Sight) -> dict[str, Sequence[Base]]:
    """What the lists of an act may name: the parts in sight."""
    return {"counts": sight.shown_counts, "accused": sight.shown_accused, "victims": sight.shown_victims}


def among(keys: Any, rows: Sequence[Any]) -> bool:
    """Whether all the keys are those of rows."""
    return set(keys or ()) <= {row.id for row in rows}


def foreign(name: str) -> Problem:
    """That a field names something that is not offered."""
    return Problem(name, said("Elija una opción de la lista"))


def may_name(viewer: Viewer, sight: Sight, name: str, value: Any) -> bool:
    """Whether the one thing that a field names may be named here."""
    if isinstance(value, Unknown):
        return True
    if name == "measure":
        measure = db.session.get(Measure, value)
        return measure is not None and measure.charge_id in sight.numbers
    if name == "attachment":
        document = db.session.get(Attachment, value)
        return document is not None and offers_document(sight, document)
    if name == "judgment":
        return value in judgments_in_sight(viewer, sight)
    if name == "reparation":
        return any(one.id == value for one in reparations_in_sight(sight, judgments_in_sight(viewer, sight)))
    if name == "authority":
        return db.session.get(Agency, value) is not None
    if name == "target_office":
        return db.session.get(Office, value) is not None
    if name == "target_court_case":
        return (
            value != sight.case.id and db.session.scalar(scope.court_cases_for(viewer).where(CourtCase.id == value)) is not None
        )
    return True


def offers_document(sight: Sight, document: Attachment) -> bool:
    """Whether an act may name the document: it stands in the case or a charge linked now, and the viewer may know it."""
    if document.withdrawn_at is not None:
        return False
    return (document.charge_id is None or document.charge_id in sight.numbers) and sight.sees_document(document)


@remembered
def shown_rulings(*sights: Sight) -> dict[int, list[Ruling]]:
    """The rulings of the cases on counts in sight, by judgment."""
    by_case = {one.case.id: one for one in sights}
    found: dict[int, list[Ruling]] = {}
    for one in db.session.scalars(select(Ruling).where(Ruling.court_case_id.in_(by_case)).order_by(Ruling.id)):
        count = by_case[one.court_case_id].counts.get(one.count_id)
        if count is not None and count.charge_id in by_case[one.court_case_id].open_in("SEN"):
            found.setdefault(one.judgment_id, []).append(one)
    return found


def judging_acts(*sights: Sight) -> dict[int, Event]:
    """The acts in sight that are judgments of the cases, by judgment."""
    found: dict[int, Event] = {}
    by_right = len(sights) == 1 and sights[0].reach is Clearance.CASE
    for event in sights[0].acts if by_right else _acts_of({one.case.id: one for one in sights}):
        if event.judgment_id is not None and event.event_type in acts.DECIDED_BY_FORM:
            found.setdefault(event.judgment_id, event)
    return found


def _acts_of(sights: Mapping[int, Sight]) -> list[Event]:
    """The acts in sight of several cases that name a judgment, in one query."""
    rows = db.session.scalars(
        select(Event)
        .where(Event.court_case_id.in_(sights), Event.judgment_id.is_not(None))
        .order_by(Event.id)
        .options(*WITHOUT_PARTS)
    )
    return [one for one in with_parts(rows) if one.court_case_id and sights[one.court_case_id].sees_event(one, "SEN")]


def judgments_in_sight(viewer: Viewer, sight: Sight) -> set[int]:
    """The keys of the judgments in sight over the case's family of dockets."""
    kin = [key for key in case_sight.family(sight.case) if key != sight.case.id]
    cases: Any = db.session.scalars(scope.court_cases_for(viewer).where(CourtCase.id.in_(kin))) if kin else ()
    sights = [sight, *(case_sight.many(viewer, list(cases)) if kin else ())]
    return set(shown_rulings(*sights).keys() & judging_acts(*sights).keys())


def reparations_in_sight(sight: Sight, judgments: set[int]) -> list[Reparation]:
    """The reparations that those judgments order for or from somebody in sight."""
    rows = db.session.scalars(select(Reparation).where(Reparation.judgment_id.in_(judgments)).order_by(Reparation.id))
    return [one for one in rows if sight.sees_charge_of([*one.victims, *one.debtors], "SEN")]


def amend_in_sight(
    viewer: Viewer, row: Base, entry: Entry, action: str, *, offered: Mapping[str, Sequence[Base]]
) -> list[Field]:
    """`records.amend` of a row whose lists name parts: those not offered to the viewer stay, and no clash names them.

    Raises Conflict.
    """
    values: dict[str, Any] = dict(entry.values)
    links: dict[str, Sequence[Base]] = {}
    for name, rows in offered.items():
        kept = [one for one in getattr(row, name) if not among([one.id], rows)]
        links[name] = [*rows, *kept]
        if kept and isinstance(values.get(name), Unknown):
            del values[name]
        elif kept and name in values:
            values[name] = tuple(sorted({*(values[name] or ()), *(one.id for one in kept)}))
    try:
        return records.amend(viewer, row, Entry(entry.record, values, entry.version), action, links=links)
    except Conflict as conflict:
        clashes = [_clash_in_sight(one, offered.get(one.field.name)) for one in conflict.clashes]
        raise Conflict(clashes, conflict.version, conflict.editor_id) from None


def _clash_in_sight(clash: Clash, offered: Sequence[Any] | None) -> Clash:
    if offered is None:
        return clash
    keys = {one.id for one in offered}

    def cut(value: Any) -> Any:
        return tuple(one for one in value if one in keys) if isinstance(value, (tuple, list)) else value

    return Clash(clash.field, cut(clash.original), cut(clash.theirs), cut(clash.mine))
