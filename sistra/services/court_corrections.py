"""Putting right what was entered of an act of a court case: a slip is amended, a wrong act left without effect by a new one."""

from __future__ import annotations

from collections.abc import Sequence

from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.event_types import EventType, reversal_types
from sistra.codebook.event_types import event_type as catalogued
from sistra.db import Base, db
from sistra.models.attachments import Attachment
from sistra.models.court_cases import Remedy
from sistra.models.events import Event
from sistra.models.judgments import Judgment
from sistra.rules import acts
from sistra.rules import judgments as judging
from sistra.rules.acts import DECIDED_BY_FORM
from sistra.rules.entries import Entry, required
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import (
    case_sight,
    course,
    court_course,
    court_effects,
    court_events,
    deadlines,
    records,
    retypifications,
)
from sistra.services.case_sight import Sight
from sistra.services.court_references import amend_in_sight, among, foreign, may_name
from sistra.services.events import amend_fields as amendable_in_charges
from sistra.services.events import next_number


def reverse(viewer: Viewer, key: int, event_id: int, *, reason: str) -> int:
    """Leaves an act without effect by a new one, and gives the new one's key; both stay readable.

    Raises NotVisible, Forbidden, Rejected.
    """
    former = court_events.own(case_sight.find(viewer, key), event_id)
    kind = catalogued(former.event_type)
    judged = former.judgment_id is not None and kind.code in DECIDED_BY_FORM
    sight = case_sight.to_write(viewer, key, judging=judged, deciding=acts.decides(kind))
    case_sight.lock(sight)
    problems = [Problem("reason", said("Escriba el motivo"))] if not reason.strip() else []
    if former.reversed_by_id is not None:
        problems.append(Problem("", said("Esa actuación ya quedó sin efecto")))
    if problems:
        raise Rejected(problems)
    event = Event(
        court_case_id=sight.case.id, number=next_number(court_case_id=sight.case.id), confidentiality=former.confidentiality
    )
    records.create(
        viewer,
        event,
        {
            "event_type": "COR-ACT",
            "occurred_on": PartialDate.of_day(viewer.today),
            "reversed_event": former.id,
            "reason": reason.strip(),
            "counts": tuple(one.id for one in former.counts),
            "accused": tuple(one.id for one in former.accused),
        },
        "event.reversed",
        reason=reason.strip(),
        links={"counts": former.counts, "accused": former.accused},
    )
    former.reversed_by_id = event.id
    records.touch(viewer, former)
    db.session.flush()
    deadlines.undo(viewer, former, event)
    retypifications.undo(viewer, former, event, reason=reason.strip())
    _undo_further(viewer, former)
    if former.event_type in reversal_types() and former.reversed_event_id is not None:
        _restore(viewer, sight, db.session.get_one(Event, former.reversed_event_id), former)
    court_course.settle(viewer, sight)
    return event.id


def _undo_further(viewer: Viewer, former: Event) -> None:
    """Takes back what an act set on a judgment, a remedy or a reparation."""
    if judging.finality_given(former.event_type, "1") and former.judgment_id is not None:
        judgment = db.session.get_one(Judgment, former.judgment_id)
        records.amend(viewer, judgment, Entry("judgment", {"finality": None, "final_on": None}), "judgment.amended")
    if former.remedy_id is not None:
        remedy = db.session.get_one(Remedy, former.remedy_id)
        if former.event_type in DECIDED_BY_FORM:
            records.amend(viewer, remedy, Entry("remedy", dict.fromkeys(("decided_on", "outcome", "remand"))), "remedy.amended")
        elif judging.granting(former.event_type):
            records.amend(viewer, remedy, Entry("remedy", {"granted": None}), "remedy.amended")
    if former.event_type == "EJE-PAG" and former.reparation_id is not None:
        court_effects.follow_payments(viewer, former.reparation_id)


def _restore(viewer: Viewer, sight: Sight, restored: Event, former: Event) -> None:
    """After a reversal was itself reversed: the act stands again, and what it did outside the course is done again."""
    restored.reversed_by_id = None
    records.touch(viewer, restored)
    db.session.flush()
    for link in sight.current:
        deadlines.redo(viewer, restored, former, sight.charges[link.charge_id], course.course_of(link.charge_id))
    court_effects.further_effects(viewer, sight, restored, catalogued(restored.event_type), {})
    if restored.remedy_id is not None and restored.event_type in DECIDED_BY_FORM:
        remedy = db.session.get_one(Remedy, restored.remedy_id)
        day = court_effects.stored(restored.occurred_on)
        records.amend(viewer, remedy, Entry("remedy", {"decided_on": day, "outcome": restored.appeal_outcome}), "remedy.amended")


def amend(viewer: Viewer, key: int, event_id: int, entry: Entry) -> list[str]:
    """Puts a slip of the entry right and gives the labels of the fields changed; what it decided changes by reversing it.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    event = court_events.own(case_sight.find(viewer, key), event_id)
    kind = catalogued(event.event_type)
    sight = case_sight.to_write(viewer, key, deciding=acts.decides(kind))
    fields = {field.name: field for field in amend_fields(kind)}
    values = {name: value for name, value in entry.values.items() if name in fields}
    problems = required([fields[name] for name in values], values)
    problems += acts.check_act(
        {
            "occurred_on": values.get("occurred_on", event.occurred_on),
            "notified_on": values.get("notified_on", event.notified_on),
        },
        viewer.today,
    )
    if _names_hidden_document(sight, event):
        values.pop("attachment", None)
    named = [name for name in values if values[name] is not None]
    problems += [foreign(name) for name in named if not may_name(viewer, sight, name, values[name])]
    if event.reversed_by_id is not None:
        problems.append(Problem("", said("Esa actuación ya quedó sin efecto")))
    offered: dict[str, Sequence[Base]] = {"victims": sight.shown_victims}
    if not among(values.get("victims"), sight.shown_victims):
        problems.append(foreign("victims"))
    if problems:
        raise Rejected(problems)
    changed = amend_in_sight(viewer, event, Entry("event", values, entry.version), "event.amended", offered=offered)
    if changed:
        court_events.follow_dates(viewer, sight, event)
        court_course.settle(viewer, sight)
    return [field.label(viewer.language) for field in changed]


def _names_hidden_document(sight: Sight, event: Event) -> bool:
    """Whether the act names a document that the viewer may not know: it stays, whatever the form says."""
    document = db.session.get(Attachment, event.attachment_id) if event.attachment_id is not None else None
    return document is not None and not sight.sees_document(document)


def amend_fields(kind: EventType) -> list[Field]:
    """The fields of a recorded act that may be put right; what its own form writes is put right there."""
    if kind.code in court_events.OWN_PAGE:
        return []
    return [*amendable_in_charges(kind), *(field for field in acts.asked(kind) if field.name == "notified_on")]
