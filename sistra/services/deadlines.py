"""What acts do to the deadlines of a charge: open, close, extend, suspend and void them."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, or_, select

from sistra.access.viewer import Viewer
from sistra.codebook.event_types import event_type
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.rules import deadlines as rules
from sistra.rules.charge_course import ChargeCourse, act_effects, charge_course, stages_held
from sistra.rules.stages import group_of, in_order
from sistra.services import course, records
from sistra.services.deadline_rows import (
    MET,
    MET_LATE,
    OPEN,
    VOID,
    close,
    closed_state,
    day_of,
    extend,
    open_of,
    put_due,
    reopen,
    rows_where,
    void,
)

PERSONAL = frozenset({"FLA", "FLA-ORG", "DPJ", "AUD-PP", "PP-ORD", "PP-COM", "PP-ORG", "MED-VEN", "PIN-AUD"})
"""Rules whose time runs for each accused apart."""

_BY_MEASURE = frozenset({"MED-VEN", "PP-ORD", "PP-COM", "PP-ORG"})


def act_on(viewer: Viewer, event: Event, charge: Charge, stage: str, after: ChargeCourse) -> None:
    """Closes, extends and opens what a new event of the charge closes, extends and opens.

    `stage` is the charge's before the event, `after` its course with it.
    """
    kind = event_type(event.event_type)
    close_for(viewer, event, charge, stage, after)
    for code in rules.opened_by(kind, charge.regime, stage, day_of(event)):
        _open(viewer, event, charge, code)
    _close_passed(viewer, charge, after, by=event)
    if kind.code in ("REO-CON", "REO-PUE"):
        _suspend(viewer, event, charge)


def _suspend(viewer: Viewer, event: Event, charge: Charge) -> None:
    """The deadlines of an absent accused stand still until that person is brought before the court."""
    day = day_of(event) or viewer.today
    named = {one.id for one in event.accused}
    for one in rows_where(Deadline.charge_id == charge.id, Deadline.closed_on.is_(None), Deadline.accused_id.is_not(None)):
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
    opened = rows_where(Deadline.opened_by_id == event.id, Deadline.charge_id == charge.id)
    if not opened:
        for code in rules.opened_by(
            event_type(event.event_type), charge.regime, event.stage_before or charge.stage, day_of(event)
        ):
            _open(viewer, event, charge, code)
    for one in opened:
        start = rules.starts_on(one.rule, course.when(event.occurred_on), event.notified_on)
        if start is None:
            void(viewer, one, event)
            continue
        if one.closed_by_id == event.id:
            one.closed_by_id, one.closed_on, one.state = None, None, OPEN
        if one.extends_id is None:
            one.starts_on = start
        if one.set_by_hand_reason is None:
            put_due(one, event, rule_code=one.rule)
        if one.closed_on is not None and one.state in (MET, MET_LATE):
            one.state = closed_state(one, one.closed_on)
        records.touch(viewer, one)
    db.session.flush()
    _close_passed(viewer, charge, charge_course(*course.history_of(charge.id)))


def close_for(viewer: Viewer, event: Event, charge: Charge, stage: str, after: ChargeCourse) -> None:
    """Closes the open deadlines that the event ends. Those it opens anew are extended by opening."""
    kind = event_type(event.event_type)
    extended = rules.extended_by(kind, charge.regime, stage)
    for one in open_of(charge, [code for code in kind.closes if code not in extended]):
        if _concerns(event, one) and not _still_needed(event, one, after):
            close(viewer, one, event)
    db.session.flush()


def _close_passed(viewer: Viewer, charge: Charge, after: ChargeCourse, *, by: Event | None = None) -> None:
    """Closes the open limits of stages that every count has left behind.

    `by` is the act just entered; a limit that it opened itself, or any without it, ends with the act that left its stage.
    """
    stages = stages_held(after)
    for one in rows_where(Deadline.charge_id == charge.id, Deadline.closed_on.is_(None)):
        if rules.passed(one.rule, stages):
            act = by if by is not None and one.opened_by_id != by.id else _passing(charge, one)
            if act is not None:
                close(viewer, one, act)
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
    for one in rows_where(Deadline.opened_by_id == event.id):
        void(viewer, one, by)
    for key in {one.charge_id for one in reopen(viewer, event) if one.charge_id is not None}:
        _close_passed(viewer, db.session.get_one(Charge, key), charge_course(*course.history_of(key)))


def redo(viewer: Viewer, event: Event, by: Event, charge: Charge, after: ChargeCourse) -> None:
    """After `by`, which had reversed `event`, was itself reversed: what it opened runs, what it closed is closed."""
    reopen(viewer, by)
    for one in rows_where(Deadline.opened_by_id == event.id, Deadline.state == VOID):
        one.state = closed_state(one, one.closed_on) if one.closed_on else OPEN
    kind = event_type(event.event_type)
    stage = event.stage_before or charge.stage
    for code in rules.extended_by(kind, charge.regime, stage):
        for one in open_of(charge, [code]):
            if one.opened_by_id != event.id:
                extend(viewer, one, event)
    for one in rows_where(Deadline.opened_by_id == event.id, Deadline.charge_id == charge.id, Deadline.closed_on.is_(None)):
        _supersede(viewer, one, event, charge)
    close_for(viewer, event, charge, stage, after)
    _close_passed(viewer, charge, after, by=event)


def follow(viewer: Viewer, measure: Measure) -> None:
    """After the dates of a measure changed: the deadlines that take their term from it fall due with it."""
    for one in rows_where(Deadline.measure_id == measure.id, Deadline.closed_on.is_(None)):
        if one.set_by_hand_reason is None:
            put_due(one, db.session.get_one(Event, one.opened_by_id), rule_code=one.rule)
            records.touch(viewer, one)
    db.session.flush()


def _open(viewer: Viewer, event: Event, charge: Charge, code: str) -> None:
    start = rules.starts_on(code, course.when(event.occurred_on), event.notified_on)
    if start is None:
        return
    extends = code in event_type(event.event_type).closes
    persons: Sequence[int | None] = [one.id for one in event.accused] if code in PERSONAL and event.accused else [None]
    for accused_id in persons:
        former = next((one for one in open_of(charge, [code]) if _concerns(event, one)
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
        put_due(row, event, rule_code=code)
        records.create(
            viewer,
            row,
            {"rule": code, "state": OPEN, "starts_on": row.starts_on, "due_on": row.due_on},
            "deadline.opened",
        )
        if former:
            extend(viewer, former, event)
        elif (closer := _closed_since(event, charge, row)) is not None:
            close(viewer, row, closer)
        else:
            _supersede(viewer, row, event, charge)
    db.session.flush()


def _supersede(viewer: Viewer, row: Deadline, event: Event, charge: Charge) -> None:
    """Of two limits of the same stage, of whatever regime, the one that began before gives way to the later one."""
    for one in open_of(charge, rules.same_term(row.rule)):
        if one.opened_by_id == event.id:
            continue
        if one.starts_on <= row.starts_on:
            extend(viewer, one, event)
        else:
            extend(viewer, row, db.session.get_one(Event, one.opened_by_id))
            return


def _closed_since(event: Event, charge: Charge, row: Deadline) -> Event | None:
    """The first later act, entered already, that would have closed the deadline (entry follows no order).

    A limit that runs from a notification may have been ended before it: later is what came after the act notified.
    """
    occurred, from_day = Event.__table__.c.occurred_on_earliest, min(day_of(event) or row.starts_on, row.starts_on)
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
