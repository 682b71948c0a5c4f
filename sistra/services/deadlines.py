"""Deadlines: opened, closed, extended and voided by events; listed with their state by the clock of the request."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import and_, or_, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import DeadlineView
from sistra.codebook.event_types import event_type
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.people import Accused
from sistra.rules import deadlines as rules
from sistra.rules.charge_course import ChargeCourse, act_effects, charge_course, stages_held
from sistra.rules.entries import Entry
from sistra.rules.masking import Clearance
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import group_of, in_order
from sistra.services import course, records

OPEN, MET, MET_LATE, EXTENDED, VOID = "ABI", "CUM", "CFT", "PRR", "ANU"
PERSONAL = frozenset({"FLA", "FLA-ORG", "DPJ", "AUD-PP", "PP-ORD", "PP-COM", "PP-ORG", "MED-VEN", "PIN-AUD"})
"""Rules whose time runs for each accused apart."""

_BY_MEASURE = frozenset({"MED-VEN", "PP-ORD", "PP-COM", "PP-ORG"})


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """A deadline as lists show it. `state` is by the clock of the request; `pending` says why no day is known yet.

    `amount` is that of the rule, in its unit; None where the order fixes the term.
    """

    view: DeadlineView
    state: str
    pending: str
    amount: int | None
    verified: bool
    accused: str
    opened_by: str
    by_hand: bool


# --- what events do ------------------------------------------------------------------------------------------------

def act_on(viewer: Viewer, event: Event, charge: Charge, stage: str, after: ChargeCourse) -> None:
    """Closes, extends and opens what a new event of the charge closes, extends and opens.

    `stage` is the charge's before the event, `after` its course with it.
    """
    kind = event_type(event.event_type)
    close_for(viewer, event, charge, stage, after)
    for code in rules.opened_by(kind, charge.regime, stage, _day(event)):
        _open(viewer, event, charge, code)
    _close_passed(viewer, charge, after, by=event)
    if kind.code in ("REO-CON", "REO-PUE"):
        _suspend(viewer, event, charge)


def _suspend(viewer: Viewer, event: Event, charge: Charge) -> None:
    """The deadlines of an absent accused stand still until that person is brought before the court."""
    day = _day(event) or viewer.today
    named = {one.id for one in event.accused}
    for one in _rows(Deadline.charge_id == charge.id, Deadline.closed_on.is_(None), Deadline.accused_id.is_not(None)):
        if not named or one.accused_id in named:
            if event.event_type == "REO-CON":
                one.suspended_from, one.suspended_to = day, None
            elif one.suspended_from is not None:
                one.suspended_to = day
            records.touch(viewer, one)
    db.session.flush()


def refresh(viewer: Viewer, event: Event, charge: Charge) -> None:
    """After date, term or notification of an event were entered or put right: opens or works out anew what runs.

    A deadline whose event has no exact day any more is void until it has one again.
    """
    opened = _rows(Deadline.opened_by_id == event.id, Deadline.charge_id == charge.id)
    if not opened:
        for code in rules.opened_by(
            event_type(event.event_type), charge.regime, event.stage_before or charge.stage, _day(event)
        ):
            _open(viewer, event, charge, code)
    for one in opened:
        start = rules.starts_on(one.rule, course.when(event.occurred_on), event.notified_on)
        if start is None:
            _void(viewer, one, event)
            continue
        if one.closed_by_id == event.id:
            one.closed_by_id, one.closed_on, one.state = None, None, OPEN
        if one.extends_id is None:
            one.starts_on = start
        if one.set_by_hand_reason is None:
            _put_due(one, event, rule_code=one.rule)
        if one.closed_on is not None and one.state in (MET, MET_LATE):
            one.state = _closed_state(one, one.closed_on)
        records.touch(viewer, one)
    db.session.flush()
    _close_passed(viewer, charge, charge_course(*course.history_of(charge.id)))


def close_for(viewer: Viewer, event: Event, charge: Charge, stage: str, after: ChargeCourse) -> None:
    """Closes the open deadlines that the event ends. Those it opens anew are extended by opening."""
    kind = event_type(event.event_type)
    extended = rules.extended_by(kind, charge.regime, stage)
    for one in _open_of(charge, [code for code in kind.closes if code not in extended]):
        if _concerns(event, one) and not _still_needed(event, one, after):
            _close(viewer, one, event)
    db.session.flush()


def _close_passed(viewer: Viewer, charge: Charge, after: ChargeCourse, *, by: Event | None = None) -> None:
    """Closes the open limits of stages that every count has left behind.

    `by` is the act just entered; a limit that it opened itself, or any without it, ends with the act that left its stage.
    """
    stages = stages_held(after)
    for one in _rows(Deadline.charge_id == charge.id, Deadline.closed_on.is_(None)):
        if rules.passed(one.rule, stages):
            act = by if by is not None and one.opened_by_id != by.id else _passing(charge, one)
            if act is not None:
                _close(viewer, one, act)
    db.session.flush()


def _passing(charge: Charge, row: Deadline) -> Event | None:
    """The first standing act, not before the limit began, with which the charge was past the stage that it limits."""
    counts, history = course.history_of(charge.id)
    effects = act_effects(counts, history)
    past = [act for act in in_order(history) if act.id in effects and rules.passed(row.rule, [effects[act.id].stage_after])]
    later = [act for act in past if act.occurred[0] is not None and act.occurred[0] >= row.starts_on]
    return next((db.session.get_one(Event, act.id) for act in later or past), None)


def undo(viewer: Viewer, event: Event, by: Event) -> None:
    """After `by` reversed `event`: what it opened is void, what it closed runs again unless other acts have ended it."""
    for one in _rows(Deadline.opened_by_id == event.id):
        _void(viewer, one, by)
    for key in {one.charge_id for one in _reopen(viewer, event) if one.charge_id is not None}:
        _close_passed(viewer, db.session.get_one(Charge, key), charge_course(*course.history_of(key)))


def redo(viewer: Viewer, event: Event, by: Event, charge: Charge, after: ChargeCourse) -> None:
    """After `by`, which had reversed `event`, was itself reversed: what it opened runs, what it closed is closed."""
    _reopen(viewer, by)
    for one in _rows(Deadline.opened_by_id == event.id, Deadline.state == VOID):
        one.state = _closed_state(one, one.closed_on) if one.closed_on else OPEN
    kind = event_type(event.event_type)
    stage = event.stage_before or charge.stage
    for code in rules.extended_by(kind, charge.regime, stage):
        for one in _open_of(charge, [code]):
            if one.opened_by_id != event.id:
                _extend(viewer, one, event)
    for one in _rows(Deadline.opened_by_id == event.id, Deadline.charge_id == charge.id, Deadline.closed_on.is_(None)):
        _supersede(viewer, one, event, charge)
    close_for(viewer, event, charge, stage, after)
    _close_passed(viewer, charge, after, by=event)


def follow(viewer: Viewer, measure: Measure) -> None:
    """After the dates of a measure changed: the deadlines that take their term from it fall due with it."""
    for one in _rows(Deadline.measure_id == measure.id, Deadline.closed_on.is_(None)):
        if one.set_by_hand_reason is None:
            _put_due(one, db.session.get_one(Event, one.opened_by_id), rule_code=one.rule)
            records.touch(viewer, one)
    db.session.flush()


def _open(viewer: Viewer, event: Event, charge: Charge, code: str) -> None:
    start = rules.starts_on(code, course.when(event.occurred_on), event.notified_on)
    if start is None:
        return
    extends = code in event_type(event.event_type).closes
    persons: Sequence[int | None] = [one.id for one in event.accused] if code in PERSONAL and event.accused else [None]
    for accused_id in persons:
        former = next((one for one in _open_of(charge, [code]) if _concerns(event, one)
                       and accused_id in (None, one.accused_id)), None) if extends else None
        begins = rules.extension_start(code, start, former.due_on) if former else start
        row = Deadline(
            charge_id=charge.id,
            accused_id=accused_id,
            opened_by_id=event.id,
            critical=rules.rule(code).critical,
            measure_id=event.measure_id if code in _BY_MEASURE else None,
            extends_id=former.id if former else None,
        )
        row.starts_on = begins
        _put_due(row, event, rule_code=code)
        records.create(
            viewer,
            row,
            {"rule": code, "state": OPEN, "starts_on": row.starts_on, "due_on": row.due_on},
            "deadline.opened",
        )
        if former:
            _extend(viewer, former, event)
        elif (closer := _closed_since(event, charge, row)) is not None:
            _close(viewer, row, closer)
        else:
            _supersede(viewer, row, event, charge)
    db.session.flush()


def _supersede(viewer: Viewer, row: Deadline, event: Event, charge: Charge) -> None:
    """Of two limits of the same stage, of whatever regime, the one that began before gives way to the later one."""
    for one in _open_of(charge, rules.same_term(row.rule)):
        if one.opened_by_id == event.id:
            continue
        if one.starts_on <= row.starts_on:
            _extend(viewer, one, event)
        else:
            _extend(viewer, row, db.session.get_one(Event, one.opened_by_id))
            return


def _put_due(row: Deadline, event: Event, *, rule_code: str) -> None:
    """The day it falls due: by the order's own term (of the event or the measure), else by the rule."""
    measure = db.session.get(Measure, row.measure_id) if row.measure_id else None
    given = measure.ends_on if measure and rule_code == "MED-VEN" else None
    start: date | datetime = row.starts_on
    if rules.rule(rule_code).unit == "hour" and (hour := _hour(event)) is not None and row.starts_on == _day(event):
        start = datetime.combine(row.starts_on, hour)
    found = rules.due(rule_code, start, measure.term_days if measure else event.term_days, given,
                      term_months=measure.term_months if measure else None, extension=row.extends_id is not None)
    row.due_on, row.due_at = found.on, found.at


def _hour(event: Event) -> time | None:
    hours, _, minutes = (event.occurred_at or "").partition(":")
    if hours.isdigit() and minutes[:2].isdigit() and int(hours) < 24 and int(minutes[:2]) < 60:
        return time(int(hours), int(minutes[:2]))
    return None


def _day(event: Event) -> date | None:
    return event.occurred_on.day if event.occurred_on else None


def _closed_since(event: Event, charge: Charge, row: Deadline) -> Event | None:
    """The first later act, entered already, that would have closed the deadline (entry follows no order).

    A limit that runs from a notification may have been ended before it: later is what came after the act notified.
    """
    occurred, from_day = Event.__table__.c.occurred_on_earliest, min(_day(event) or row.starts_on, row.starts_on)
    since = db.session.scalars(
        select(Event)
        .where(
            Event.charge_id == charge.id,
            Event.reversed_by_id.is_(None),
            or_(occurred > from_day, and_(occurred == from_day, Event.id > event.id)),
        )
        .order_by(Event.__table__.c.occurred_on_earliest, Event.id)
    )
    return next((one for one in since if row.rule in event_type(one.event_type).closes and _concerns(one, row)), None)


def _close(viewer: Viewer, row: Deadline, event: Event) -> None:
    row.closed_by_id, row.closed_on = event.id, _day(event) or viewer.today
    row.state = _closed_state(row, row.closed_on)
    records.touch(viewer, row)


def _closed_state(row: Deadline, closed_on: date) -> str:
    return rules.state(row.rule, _due(row), closed_on, closed=closed_on)


def _extend(viewer: Viewer, row: Deadline, event: Event) -> None:
    row.closed_by_id, row.closed_on, row.state = event.id, _day(event) or viewer.today, EXTENDED
    records.touch(viewer, row)


def _void(viewer: Viewer, row: Deadline, by: Event) -> None:
    if row.closed_on is None:
        row.closed_by_id, row.closed_on = by.id, viewer.today
    row.state = VOID
    records.touch(viewer, row)


def _reopen(viewer: Viewer, closer: Event) -> Sequence[Deadline]:
    closed = _rows(Deadline.closed_by_id == closer.id)
    for one in closed:
        one.closed_by_id, one.closed_on, one.state = None, None, OPEN
        records.touch(viewer, one)
    db.session.flush()
    return closed


def _rows(*conditions: object) -> Sequence[Deadline]:
    return list(db.session.scalars(select(Deadline).where(*conditions).order_by(Deadline.id)))  # type: ignore[arg-type]


def _open_of(charge: Charge, codes: Sequence[str]) -> Sequence[Deadline]:
    return (
        _rows(Deadline.charge_id == charge.id, Deadline.rule.in_(codes), Deadline.closed_on.is_(None)) if codes else []
    )


def _concerns(event: Event, row: Deadline) -> bool:
    """Whether an event that closes the rule is about this deadline: its accused, its measure, its request."""
    if row.accused_id is not None and event.accused and row.accused_id not in {one.id for one in event.accused}:
        return False
    if row.measure_id is not None and event.measure_id is not None and row.measure_id != event.measure_id:
        return False
    return row.rule != "INF-RES" or _answers(event, db.session.get_one(Event, row.opened_by_id))


def _answers(event: Event, request: Event) -> bool:
    """An answer closes the requests made to the same agency; an expert report, the request for one."""
    family = {"COO-INT": "OFI"}.get(request.event_type, request.event_type[:3])
    return family == event.event_type[:3] and event.authority_id in (None, request.authority_id)


def _still_needed(event: Event, row: Deadline, after: ChargeCourse) -> bool:
    """Whether a count that the event leaves alone is still open in the stage in which the deadline runs.

    The time to contest an archive is about the counts archived alone, whatever the others do.
    """
    named = {one.id for one in event.counts}
    if not named or row.rule in PERSONAL:
        return False
    if row.rule == "ELE-ARC":
        archived = {one.id for one in db.session.get_one(Event, row.opened_by_id).counts}
        return bool(archived - named)
    group = group_of(rules.rule(row.rule).stage)
    return any(one.open and group_of(one.stage) == group for key, one in after.counts.items() if key not in named)


# --- what people see and set ---------------------------------------------------------------------------------------

def listed(viewer: Viewer, number: str) -> list[DeadlineLine]:
    """The deadlines of a charge: open ones by day, then the others, latest first. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.read_in_full", stands)
    rows = [one for one in _rows(Deadline.charge_id == charge.id) if stands.on_team or not _sealed(one)]
    rows.sort(
        key=lambda row: (
            row.closed_on is not None,
            -(row.closed_on or date.min).toordinal(),
            row.due_on or date.max,
            row.id,
        )
    )
    codes = _accused_codes(charge.id)
    clear = lens.clearance(stands)
    return [_line(viewer, row, lens.see(row, clear, team=stands.on_team), codes) for row in rows]


def measures_watched(charge_id: int) -> set[int]:
    """The measures of a charge whose end an open deadline tells."""
    return {
        one.measure_id
        for one in _rows(Deadline.charge_id == charge_id, Deadline.closed_on.is_(None))
        if one.measure_id is not None and one.due_on is not None
    }


def of_event(viewer: Viewer, event: Event) -> list[DeadlineLine]:
    """The deadlines that an event opened, for who reads the event."""
    codes = _accused_codes(event.charge_id) if event.charge_id else {}
    return [
        _line(viewer, row, lens.see(row, Clearance.CASE), codes)
        for row in _rows(Deadline.opened_by_id == event.id)
    ]


def _sealed(row: Deadline) -> bool:
    return db.session.get_one(Event, row.opened_by_id).confidentiality in ("SEL", "COL")


def _line(viewer: Viewer, row: Deadline, view: DeadlineView, codes: dict[int, str]) -> DeadlineLine:
    state = row.state or OPEN
    if row.closed_on is None and state != VOID:
        suspended = row.suspended_from is not None and row.suspended_to is None
        state = rules.state(row.rule, _due(row), viewer.at, suspended=suspended)
    rule = rules.rule(row.rule)
    pending = "" if row.due_on else rules.pending(row.rule)
    opener = db.session.get_one(Event, row.opened_by_id)
    return DeadlineLine(view, state, pending, rule.amount, rule.verified, codes.get(row.accused_id or 0, ""), opener.event_type,
                        row.set_by_hand_reason is not None)


def _due(row: Deadline) -> rules.Due:
    return rules.Due(row.due_on, row.due_at, row.set_by_hand_reason is None, "", rules.rule(row.rule).verified)


def _accused_codes(charge_id: int) -> dict[int, str]:
    rows = db.session.execute(select(Accused.id, Accused.code).where(Accused.charge_id == charge_id))
    return {row.id: row.code for row in rows}


def show(viewer: Viewer, number: str, deadline_id: int) -> DeadlineLine:
    """One deadline of a charge. Raises NotVisible, Forbidden."""
    found = next((one for one in listed(viewer, number) if one.view.id == deadline_id), None)
    if found is None:
        raise NotVisible
    return found


def set_due(
    viewer: Viewer, number: str, deadline_id: int, *, due_on: date | None, reason: str, version: int | None
) -> None:
    """Fixes by hand when an open deadline falls due. Raises NotVisible, Forbidden, Rejected, Conflict."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "event.record", stands)
    row = db.session.scalar(select(Deadline).where(Deadline.id == deadline_id, Deadline.charge_id == charge.id))
    if row is None or (_sealed(row) and not stands.on_team):
        raise NotVisible
    problems = []
    if due_on is None:
        problems.append(Problem("due_on", said("Indique la fecha de vencimiento")))
    elif due_on < row.starts_on:
        problems.append(Problem("due_on", said("El plazo no puede vencer antes de empezar")))
    if not reason.strip():
        problems.append(Problem("set_by_hand_reason", said("Escriba el motivo")))
    if row.closed_on is not None:
        problems.append(Problem("", said("El plazo ya está cerrado")))
    if problems:
        raise Rejected(problems)
    row.due_at = None
    records.amend(
        viewer,
        row,
        Entry("deadline", {"due_on": due_on, "set_by_hand_reason": reason.strip()}, version),
        "deadline.amended",
    )
    charge.next_due_on = course.next_due(charge.id)
    db.session.flush()
