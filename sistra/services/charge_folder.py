"""The charge as its pages frame it: course, counts of its sections, what is lacking, next deadline, last acts."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import aliased

from sistra.access import lens, scope
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.access.views import ChargeView
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.services import Service
from sistra.models.sharing import Grant
from sistra.models.tasks import Task
from sistra.rules.charge_course import ChargeCourse
from sistra.rules.completeness import Completeness
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import outside_team
from sistra.rules.sharing import ACCEPTED
from sistra.rules.stages import in_order
from sistra.rules.tasks import OPEN as OPEN_TASKS
from sistra.services import audit, course, whereabouts
from sistra.services.charge_settling import completeness_of, held_parts


@dataclass(frozen=True, slots=True)
class DueSoon:
    """An open deadline as a page names it. `on` is None while it waits for the calendar of working days."""

    rule: str
    on: date | None
    accused_id: int | None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """An act on the timeline; `court_case` is the key of the case that it happened in, None for one of the charge's own."""

    event_id: int
    event_type: str
    occurred_on: Any
    author: str
    reversed: bool
    court_case: int | None


@dataclass(frozen=True, slots=True)
class Folder:
    """What every page of a charge shows around its own matter. `tasks` are those still to be done: for the prosecution alone.
    `shared`: somebody was granted access; whether it still stands, `sharing.shares` tells."""

    charge: ChargeView
    standing: Standing
    office: str
    responsible: str
    course: ChargeCourse | None
    counted: Mapping[str, int]
    completeness: Completeness | None
    deadline: DueSoon | None
    sealed: bool
    minors: int
    victims: int
    accused: int
    tasks: int = 0
    whereabouts: whereabouts.Whereabouts | None = None
    shared: bool = False


def folder(viewer: Viewer, number: str, *, revealed: bool = False, act: str = "charge.read") -> Folder:
    """The charge with its frame: course, counts of its sections, completeness, next deadline. A reading, on the trail.

    Raises NotVisible.
    """
    charge, stands = scope.charge(viewer, number)
    clear = lens.clearance(stands, revealed=revealed)
    audit.note(viewer, act, audit.subject_of(charge))
    view, frame = lens.see(charge, clear, team=stands.on_team), _frame(viewer, stands, charge)
    if stands.outline:
        return Folder(view, stands, frame.office, frame.responsible, None, {}, None, None, True, 0, 0, 0)
    parts = held_parts(charge.id)
    numbers = {"victims": len(parts.victims), "accused": len(parts.accused), "counts": len(parts.counts),
               "events": frame.events, "deadlines": frame.deadlines, "measures": frame.measures,
               "court_cases": frame.court_cases, "attachments": frame.attachments, "services": frame.services}
    counted = {name: number for name, number in numbers.items() if all(map(stands.reads, _SECTIONS[name]))}
    due = DueSoon(frame.rule, frame.due_on, frame.accused_id) if frame.rule is not None and stands.reads("PLA") else None
    return Folder(view, stands, frame.office, frame.responsible, _course_for(stands, charge), counted,
                  None if stands.shared else completeness_of(charge, parts), due, stands.sealed, charge.minors_total,
                  charge.victims_total, charge.accused_total, 0 if stands.shared else frame.tasks,
                  whereabouts.found(stands, charge, frame), shared=frame.shares > 0)


_SECTIONS = {"victims": ("AGR",), "accused": ("IMP",), "counts": ("DEL",), "events": ("ACT",), "deadlines": ("PLA",),
             "measures": ("MCO", "MPR"), "court_cases": ("EXP",), "attachments": ("DOC",), "services": ("ATE",)}
"""What a folder counts -> the sections that must be open to whoever reads the number."""


def _course_for(stands: Standing, charge: Charge) -> ChargeCourse:
    """The course as the viewer may read it: that somebody collaborates shows to the team only."""
    found = course.course_of(charge.id)
    return found if stands.on_team else replace(found, stage=outside_team("procedural_stage", found.stage))


def _frame(viewer: Viewer, stands: Standing, charge: Charge) -> Any:
    """What the folder shows beside the parts, in one statement: names, what each section holds, the next deadline.

    `rule` is None where no deadline is open. Sealed acts and documents, and the deadlines of sealed acts, are for the
    team alone. The acts are those of `timeline`.
    """
    newer, charge_id = aliased(Attachment), charge.id
    acts = () if stands.outline else [act.id for act in course.history_of(charge_id)[1]]
    events = select(func.count(Event.id)).where(Event.id.in_(acts), _open_to(stands))
    deadlines = _running(stands, aliased(Deadline), charge_id)
    measures = select(func.count(Measure.id)).where(Measure.charge_id == charge_id)
    cases = select(func.count(ChargeCourtCase.id)).where(
        ChargeCourtCase.charge_id == charge_id, ChargeCourtCase.unlinked_on.is_(None))
    shares = select(func.count(Grant.id)).where(Grant.charge_id == charge_id, Grant.state == ACCEPTED)
    documents = select(func.count(Attachment.id)).where(
        Attachment.charge_id == charge_id, Attachment.withdrawn_at.is_(None), _open_to(stands, Attachment.confidentiality),
        Attachment.id.not_in(select(newer.replaces_id).where(newer.replaces_id.is_not(None), newer.withdrawn_at.is_(None))))
    services = select(func.count(Service.id)).where(Service.charge_id == charge_id, Service.withdrawn_at.is_(None))
    tasks = select(func.count(Task.id)).where(Task.charge_id == charge_id, Task.status.in_(OPEN_TASKS))
    open_one = aliased(Deadline)
    following = _running(stands, open_one, charge_id).with_only_columns(open_one.id).order_by(
        open_one.due_on.is_(None), open_one.due_on, open_one.id).limit(1)
    return db.session.execute(
        select(Office.name.label("office"), User.full_name.label("responsible"),
               Deadline.rule, Deadline.due_on, Deadline.accused_id, events.scalar_subquery().label("events"),
               deadlines.scalar_subquery().label("deadlines"), measures.scalar_subquery().label("measures"),
               cases.scalar_subquery().label("court_cases"), documents.scalar_subquery().label("attachments"),
               shares.scalar_subquery().label("shares"), services.scalar_subquery().label("services"),
               tasks.scalar_subquery().label("tasks"),
               *whereabouts.columns(viewer, charge))
        .select_from(Charge).join(Office, Charge.office_id == Office.id).join(User, Charge.responsible_id == User.id)
        .outerjoin(Deadline, Deadline.id == following.scalar_subquery()).where(Charge.id == charge_id)).one()


def _running(stands: Standing, one: Any, charge_id: int) -> Select[int]:
    """How many deadlines run in a charge; `one` is the alias that stands for them."""
    opening = aliased(Event)
    return select(func.count(one.id)).join(opening, one.opened_by_id == opening.id).where(
        one.charge_id == charge_id, one.closed_on.is_(None), _open_to(stands, opening.confidentiality))


def _open_to(stands: Standing, column: Any = Event.confidentiality) -> ColumnElement[bool]:
    """The condition on acts or documents that leaves sealed ones to the case team."""
    return or_(literal(stands.on_team), column.is_(None), column.not_in(TEAM_ONLY))


def timeline(viewer: Viewer, number: str, *, limit: int = 5) -> list[TimelineItem]:
    """The last acts about a charge, newest first, those of its court cases included: as its list of acts has them.

    Raises NotVisible.
    """
    charge, stands = scope.charge(viewer, number)
    if not stands.reads("ACT"):
        return []
    places = {act.id: place for place, act in enumerate(in_order(course.history_of(charge.id)[1]))}
    rows = db.session.execute(
        select(Event.id, Event.event_type, Event.occurred_on, Event.reversed_by_id, Event.court_case_id, User.full_name)
        .outerjoin(User, Event.created_by_id == User.id)
        .where(Event.id.in_(places), _open_to(stands), literal(stands.reads("EXP")) | Event.charge_id.is_not(None)))
    newest = sorted(rows, key=lambda row: places[row.id], reverse=True)[:limit]
    return [TimelineItem(row.id, row.event_type, row.occurred_on, row.full_name or "", row.reversed_by_id is not None,
                         row.court_case_id) for row in newest]
