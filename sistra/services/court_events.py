"""Acts in a court case: hearings, orders and whatever else a court does. Judgments and remedies write theirs through `write`.

An act reaches the counts of every linked charge that the case holds; what it reaches is kept with it as named, so that
charges linked and counts entered later are not its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import maxsize
from typing import Any

from sqlalchemy import select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.event_types import EventType, event_types
from sistra.codebook.event_types import event_type as catalogued
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.charges import Charge
from sistra.models.court_cases import CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Ruling
from sistra.rules import acts
from sistra.rules import judgments as judging
from sistra.rules.charge_course import ActEffect, ChargeCourse, act_effects, charge_course
from sistra.rules.entries import Entry, required
from sistra.rules.judgments import Ruled
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import Act
from sistra.services import (
    case_sight,
    course,
    court_course,
    court_effects,
    deadlines,
    records,
)
from sistra.services.case_sight import Sight
from sistra.services.court_references import among, foreign, may_name, offered_parts
from sistra.services.events import next_number

OWN_PAGE = acts.FILED_BY_FORM | acts.DECIDED_BY_FORM | acts.OWN_PAGE


@dataclass(frozen=True, slots=True)
class Reach:
    """What an act would do in one linked charge: its effect and the course of the charge with it."""

    charge: Charge
    effect: ActEffect
    after: ChargeCourse
    stage: str


def kind_for(code: str) -> EventType:
    """The type that a court case's form names. Raises NotVisible where there is none that it may enter."""
    if code not in event_types() or code in OWN_PAGE or not catalogued(code).fits("court_case", None):
        raise NotVisible
    return catalogued(code)


def form_fields(viewer: Viewer, key: int, event_type: str) -> list[Field]:
    """The fields that an act of the type asks in this court case. Raises NotVisible (also for an unknown type), Forbidden."""
    kind = kind_for(event_type)
    sight = case_sight.to_write(viewer, key, deciding=acts.decides(kind))
    backward = any(one.effect.backward for one in reach(sight, kind, {}))
    return acts.asked(kind, regress=backward)


def record(viewer: Viewer, key: int, event_type: str, entry: Entry) -> int:
    """Records an act in a court case and gives its key. Raises NotVisible, Forbidden, Rejected."""
    kind = kind_for(event_type)
    sight = case_sight.to_write(viewer, key, deciding=acts.decides(kind))
    case_sight.lock(sight)
    values, links = _checked(viewer, sight, kind, entry)
    _name_what_is_final(sight, kind, values)
    event = write(viewer, sight, kind, values, links)
    court_effects.further_effects(viewer, sight, event, kind, values)
    court_course.settle(viewer, sight)
    return event.id


def write(
    viewer: Viewer,
    sight: Sight,
    kind: EventType,
    values: dict[str, Any],
    links: dict[str, Sequence[Base]] | None = None,
    *,
    rulings: Mapping[int, Ruled] | None = None,
) -> Event:
    """Writes the row of an act with the counts that it reaches, and the time limits it opens and closes; settles nothing yet.

    `rulings` are what a judgment says, by count. Raises Rejected where it would take the stage back without a reason.
    """
    reached = reach(sight, kind, values, rulings=rulings)
    if any(one.effect.backward for one in reached) and not acts.text(values.get("regress_reason")):
        raise Rejected(Problem("regress_reason", said("Esta actuación hace retroceder la etapa: explique el motivo")))
    links = dict(links or {})
    if (kind.outcome or kind.stage_to) and not values.get("counts"):
        values["counts"] = tuple(sorted(key for one in reached for key in one.effect.reached if key in sight.counts))
    links["counts"] = list(sight.counts.values())
    event = Event(
        court_case_id=sight.case.id, number=next_number(court_case_id=sight.case.id), confidentiality=acts.confidentiality(kind)
    )
    records.create(viewer, event, {"event_type": kind.code} | values, "event.recorded", links=links)
    for one in reached:
        deadlines.act_on(viewer, event, one.charge, one.stage, one.after)
    _mark_deadlines(event, sight.case)
    return event


def reach(sight: Sight, kind: EventType, values: Mapping[str, Any], *, rulings: Mapping[int, Ruled] | None = None) -> list[Reach]:
    """What the act would do now in each charge that it is about, in or out of sight."""
    found = []
    for link in sight.current:
        charge = sight.charges[link.charge_id]
        trial = _trial(sight, charge, kind, values, rulings or {})
        if trial is None:
            continue
        counts, history = course.history_of(charge.id)
        found.append(
            Reach(charge, act_effects(counts, [*history, trial])[maxsize], charge_course(counts, [*history, trial]), charge.stage)
        )
    return found


def _trial(sight: Sight, charge: Charge, kind: EventType, values: Mapping[str, Any], rulings: Mapping[int, Ruled]) -> Act | None:
    """The act as it would be about this charge; None where it names only counts or accused of another."""
    named_counts, named_accused = set(values.get("counts") or ()), set(values.get("accused") or ())
    counts = {key for key in named_counts if sight.counts[key].charge_id == charge.id}
    accused = {key for key in named_accused if sight.accused[key].charge_id == charge.id}
    if (named_counts and not counts) or (named_accused and not accused):
        return None
    own = {key for key, one in sight.accused.items() if one.charge_id == charge.id}
    if not named_counts and not named_accused and own - sight.held:
        accused = own & sight.held
    occurred = values.get("occurred_on")
    return Act(
        maxsize,
        kind.code,
        course.when(occurred if isinstance(occurred, PartialDate) else None),
        maxsize,
        frozenset(counts),
        frozenset(accused),
        appeal_outcome=values.get("appeal_outcome"),
        verdicts={key: one.verdict for key, one in rulings.items() if key in counts and one.verdict} or None,
        effects={key: one.effect for key, one in rulings.items() if key in counts and one.effect} or None,
    )


def _mark_deadlines(event: Event, case: CourtCase) -> None:
    for row in db.session.scalars(select(Deadline).where(Deadline.opened_by_id == event.id)):
        row.court_case_id = case.id
    db.session.flush()


# --- checks --------------------------------------------------------------------------------------------------------


def _checked(viewer: Viewer, sight: Sight, kind: EventType, entry: Entry) -> tuple[dict[str, Any], dict[str, Sequence[Base]]]:
    """The entry's answers to what the act asks, and the rows that they name, all of them in sight. Raises Rejected."""
    if acts.confidentiality(kind) and not sight.team:
        raise Rejected(Problem("event_type", said("Solo quien integra el equipo del caso registra actuaciones reservadas")))
    fields = acts.asked(kind, regress=True)
    values = {field.name: entry.values[field.name] for field in fields if field.name in entry.values}
    problems = required(fields, {field.name: values.get(field.name) for field in fields}) + acts.check_act(values, viewer.today)
    links: dict[str, Sequence[Base]] = {name: rows for name, rows in offered_parts(sight).items() if name in values}
    problems += [
        foreign(name) for name, rows in links.items() if not isinstance(values[name], Unknown) and not among(values[name], rows)
    ]
    problems += [foreign(name) for name in values if values[name] is not None and not may_name(viewer, sight, name, values[name])]
    if problems:
        raise Rejected(problems)
    return values, links


def _name_what_is_final(sight: Sight, kind: EventType, values: dict[str, Any]) -> None:
    """An act of finality that names a judgment is about the counts whose verdict it makes final. Raises Rejected."""
    key = values.get("judgment")
    if judging.finality_given(kind.code, "1") is None or not isinstance(key, int):
        return
    rulings = db.session.scalars(select(Ruling).where(Ruling.judgment_id == key))
    shown = {one.id for one in sight.shown_counts}
    counts = tuple(
        sorted(one.count_id for one in rulings if judging.made_final(kind.code, one.verdict) and one.count_id in shown)
    )
    if not counts:
        raise Rejected(Problem("judgment", said("Esa sentencia no tiene ningún fallo que esta actuación haga firme")))
    values["counts"] = counts


def own(sight: Sight, event_id: int) -> Event:
    """The act of that key in the case, where the viewer may know of it. Raises NotVisible."""
    event: Event | None = db.session.scalar(select(Event).where(Event.id == event_id, Event.court_case_id == sight.case.id))
    if event is None or not sight.sees_event(event):
        raise NotVisible
    return event


def follow_dates(viewer: Viewer, sight: Sight, event: Event) -> None:
    """After a date of the act changed: the time limits that it opens run from the new one."""
    for link in sight.current:
        if sight.concerns(event, link.charge_id):
            deadlines.refresh(viewer, event, sight.charges[link.charge_id])
    _mark_deadlines(event, sight.case)
    if event.event_type == "EJE-PAG" and event.reparation_id is not None:
        court_effects.follow_payments(viewer, event.reparation_id)
