"""Acts in a court case: hearings, orders and whatever else a court does. Judgments and remedies write theirs through `write`.

An act reaches the counts of every linked charge that the case holds; what it reaches is kept with it as named, so that
charges linked and counts entered later are not its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from sys import maxsize
from typing import Any

from sqlalchemy import func, select

from sistra.access import scope
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field
from sistra.codebook.event_types import EventType, event_types, reversal_types
from sistra.codebook.event_types import event_type as catalogued
from sistra.codebook.terms import Unknown
from sistra.db import Base, db
from sistra.models.accounts import Agency, Office
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.court_cases import CourtCase, Remedy
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Judgment, Reparation, Ruling
from sistra.models.measures import Measure
from sistra.rules import acts
from sistra.rules import judgments as judging
from sistra.rules.charge_course import ActEffect, ChargeCourse, act_effects, charge_course, furthest_stage
from sistra.rules.entries import Entry, required
from sistra.rules.judgments import Ruled
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import NO_COUNT, Act, count_courses, rank
from sistra.services import case_sight, charges, course, deadlines, records, retypifications
from sistra.services.case_sight import Sight
from sistra.services.events import next_number
from sistra.services.records import Clash, Conflict

FILED_BY_FORM = frozenset({"APE-INT", "CAS-INT", "RNU-INT", "QUE-INT", "REV-DEM", "HAB-COR", "AUT-APE"})
"""Acts that file a remedy: its form writes them."""

DECIDED_BY_FORM = frozenset(code for code, kind in event_types().items() if "judgment" in kind.needs and kind.outcome) | {
    "SEN-NSP",
    "JUI-CON",
    "APE-INA",
    "CAS-INA",
    "AUT-RES",
}
"""Acts that are judgments, or decide a remedy: the judgment's form writes them."""

OWN_PAGE = FILED_BY_FORM | DECIDED_BY_FORM | acts.OWN_PAGE


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
    further_effects(viewer, sight, event, kind, values)
    settle(viewer, sight)
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
    if any(one.effect.backward for one in reached) and not text(values.get("regress_reason")):
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
    """Whether an act may name the document: it is of the case or of a charge linked now, and the viewer may know it."""
    return (document.charge_id is None or document.charge_id in sight.numbers) and sight.sees_document(document)


def shown_rulings(*sights: Sight) -> dict[int, list[Ruling]]:
    """The rulings of the cases on counts in sight, by judgment."""
    by_case = {one.case.id: one for one in sights}
    found: dict[int, list[Ruling]] = {}
    for one in db.session.scalars(select(Ruling).where(Ruling.court_case_id.in_(by_case)).order_by(Ruling.id)):
        count = by_case[one.court_case_id].counts.get(one.count_id)
        if count is not None and count.charge_id in by_case[one.court_case_id].in_sight:
            found.setdefault(one.judgment_id, []).append(one)
    return found


def judging_acts(*sights: Sight) -> dict[int, Event]:
    """The acts in sight that are judgments of the cases, by judgment."""
    found: dict[int, Event] = {}
    for event in sights[0].acts if len(sights) == 1 else _acts_of({one.case.id: one for one in sights}):
        if event.judgment_id is not None and event.event_type in DECIDED_BY_FORM:
            found.setdefault(event.judgment_id, event)
    return found


def _acts_of(sights: Mapping[int, Sight]) -> list[Event]:
    """The acts in sight of several cases that name a judgment, in one query."""
    rows = db.session.scalars(
        select(Event).where(Event.court_case_id.in_(sights), Event.judgment_id.is_not(None)).order_by(Event.id)
    )
    return [one for one in rows if one.court_case_id and sights[one.court_case_id].sees_event(one)]


def judgments_in_sight(viewer: Viewer, sight: Sight) -> set[int]:
    """The keys of the judgments in sight over the case's family of dockets."""
    cases: Any = db.session.scalars(scope.court_cases_for(viewer).where(CourtCase.id.in_(case_sight.family(sight.case))))
    sights = case_sight.many(viewer, list(cases))
    return set(shown_rulings(*sights).keys() & judging_acts(*sights).keys())


def reparations_in_sight(sight: Sight, judgments: set[int]) -> list[Reparation]:
    """The reparations that those judgments order for or from somebody in sight."""
    rows = db.session.scalars(select(Reparation).where(Reparation.judgment_id.in_(judgments)).order_by(Reparation.id))
    return [one for one in rows if sight.sees_charge_of([*one.victims, *one.debtors])]


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


def text(value: Any) -> str:
    """A text without its margins, "" for anything else."""
    return value.strip() if isinstance(value, str) else ""


# --- what acts do beside course and deadlines ----------------------------------------------------------------------


def further_effects(viewer: Viewer, sight: Sight, event: Event, kind: EventType, values: Mapping[str, Any]) -> None:
    """What an act does beyond course and deadlines, and cannot be derived from the acts: it changes another record."""
    if "offence" in kind.needs and values.get("offence"):
        retypifications.apply(
            viewer, event, event.counts or sight.held_counts, offence=values["offence"], reason=text(values.get("reason"))
        )
    if judging.finality_given(kind.code, "1") and event.judgment_id is not None:
        judgment = db.session.get_one(Judgment, event.judgment_id)
        finality = judging.finality_given(kind.code, judgment.instance)
        records.amend(
            viewer,
            judgment,
            Entry("judgment", {"finality": finality, "final_on": stored(event.occurred_on)}),
            "judgment.amended",
        )
    if (granted := judging.granting(kind.code)) is not None:
        _grant(viewer, sight, event, *granted)
    if kind.code == "EJE-PAG" and event.reparation_id is not None:
        follow_payments(viewer, event.reparation_id)


def stored(value: PartialDate | None) -> Any:
    """A date of a row as an entry says it."""
    return Unknown.NOT_KNOWN if value is None or not value.known else value


def _grant(viewer: Viewer, sight: Sight, event: Event, remedy_kind: str, granted: bool) -> None:
    """The remedy in sight last filed in the case and not decided yet is the one that the act grants or refuses."""
    query = select(Remedy).where(Remedy.court_case_id == sight.case.id, Remedy.outcome.is_(None)).order_by(Remedy.id.desc())
    rows = db.session.scalars(query.where(Remedy.kind == remedy_kind) if remedy_kind else query)
    remedy = next((one for one in rows if sight.sees_remedy(one)), None)
    if remedy is not None:
        event.remedy_id = remedy.id
        records.amend(viewer, remedy, Entry("remedy", {"granted": granted}), "remedy.amended")


def follow_payments(viewer: Viewer, reparation_id: int) -> None:
    """Works out anew what was paid of a reparation, from its standing acts of payment, and the status that this gives it."""
    row = db.session.get_one(Reparation, reparation_id)
    paid = db.session.scalar(
        select(func.sum(Event.amount)).where(
            Event.reparation_id == reparation_id, Event.event_type == "EJE-PAG", Event.reversed_by_id.is_(None)
        )
    )
    records.derive(row, "amount_paid", Decimal(paid) if paid is not None else None)
    status = judging.check_paid(row.amount_ordered, paid)
    if status or row.status in ("PAR", "PAG"):
        records.derive(row, "status", status or "PEN")
    records.touch(viewer, row)
    db.session.flush()


# --- putting right -------------------------------------------------------------------------------------------------


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
        follow_payments(viewer, event.reparation_id)


# --- what follows --------------------------------------------------------------------------------------------------


def settle(viewer: Viewer, sight: Sight) -> None:
    """After any act in the case: every charge ever linked, its own derived fields, and those of its acts."""
    for charge in sight.charges.values():
        charges.settle(viewer, charge)
    derive(viewer, sight)


def derive(viewer: Viewer, sight: Sight) -> None:
    """The stage of the case, its next hearing, and what each of its acts did."""
    events = list(db.session.scalars(select(Event).where(Event.court_case_id == sight.case.id).order_by(Event.id)))
    records.derive(sight.case, "stage", _stage(sight, events))
    records.derive(sight.case, "next_hearing_at", min((one.scheduled_for for one in upcoming(events, viewer.at)), default=None))  # type: ignore[type-var]
    _derive_effects(sight, {one.id: one for one in events})
    sight.case.updated_at, sight.case.updated_by_id = viewer.at, viewer.user_id
    db.session.flush()


def _stage(sight: Sight, events: Sequence[Event]) -> str:
    """The furthest stage of the counts that the case holds; without any, that of the charges, or of its own acts alone."""
    held = {one.id for one in sight.held_counts}
    courses = []
    for link in sight.current:
        counts, history = course.history_of(link.charge_id)
        courses += [one for key, one in count_courses(counts or (NO_COUNT,), history).items() if key in held or not counts]
    if not sight.current:
        bare = [
            Act(one.id, one.event_type, course.when(one.occurred_on), one.id, reverses=one.reversed_event_id) for one in events
        ]
        courses = list(count_courses((NO_COUNT,), bare).values())
    return furthest_stage(courses)


def _derive_effects(sight: Sight, events: Mapping[int, Event]) -> None:
    effects: dict[int, list[ActEffect]] = {}
    for charge_id in sight.charges:
        for key, effect in act_effects(*course.history_of(charge_id)).items():
            if key in events:
                effects.setdefault(key, []).append(effect)
    for key, found in effects.items():
        if events[key].event_type in reversal_types():
            continue
        outcomes = {one.outcome for one in found if one.outcome}
        records.derive(events[key], "stage_before", max((one.stage_before for one in found), key=rank))
        records.derive(events[key], "stage_after", max((one.stage_after for one in found), key=rank))
        records.derive(
            events[key], "outcome", outcomes.pop() if len(outcomes) == 1 else catalogued(events[key].event_type).outcome or None
        )


def upcoming(events: Sequence[Event], at: Any) -> list[Event]:
    """The acts whose next date is still to come: of each kind of hearing and group of accused, the last one that sets a date."""
    last: dict[tuple[str, tuple[int, ...]], Event] = {}
    for one in sorted(events, key=lambda one: one.id):
        if one.reversed_by_id is None and one.scheduled_for is not None:
            last[one.hearing_type or one.event_type[:3], tuple(sorted(part.id for part in one.accused))] = one
    return sorted(
        (one for one in last.values() if one.scheduled_for and one.scheduled_for >= at), key=lambda one: str(one.scheduled_for)
    )
