"""The row of a deadline: when it falls due, and how it is closed, extended, voided and reopened."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.rules import deadlines as rules
from sistra.services import records

OPEN, MET, MET_LATE, EXTENDED, VOID = "ABI", "CUM", "CFT", "PRR", "ANU"


def put_due(row: Deadline, event: Event, *, rule_code: str) -> None:
    """The day it falls due: by the order's own term (of the event or the measure), else by the rule."""
    measure = db.session.get(Measure, row.measure_id) if row.measure_id else None
    given = measure.ends_on if measure and rule_code == "MED-VEN" else None
    start: date | datetime = row.starts_on
    if rules.rule(rule_code).unit == "hour" and (hour := _hour(event)) is not None and row.starts_on == day_of(event):
        start = datetime.combine(row.starts_on, hour)
    found = rules.due(rule_code, start, measure.term_days if measure else event.term_days, given,
                      term_months=measure.term_months if measure else None, extension=row.extends_id is not None)
    row.due_on, row.due_at = found.on, found.at


def _hour(event: Event) -> time | None:
    hours, _, minutes = (event.occurred_at or "").partition(":")
    if hours.isdigit() and minutes[:2].isdigit() and int(hours) < 24 and int(minutes[:2]) < 60:
        return time(int(hours), int(minutes[:2]))
    return None


def day_of(event: Event) -> date | None:
    """The day of an event, where it is known exactly."""
    return event.occurred_on.day if event.occurred_on else None


def close(viewer: Viewer, row: Deadline, event: Event) -> None:
    """The event ends the deadline, in time or late."""
    row.closed_by_id, row.closed_on = event.id, day_of(event) or viewer.today
    row.state = closed_state(row, row.closed_on)
    records.touch(viewer, row)


def closed_state(row: Deadline, closed_on: date) -> str:
    """In time or late."""
    return rules.state(row.rule, due_of(row), closed_on, closed=closed_on)


def extend(viewer: Viewer, row: Deadline, event: Event) -> None:
    """The deadline gives way to one that the event opened."""
    row.closed_by_id, row.closed_on, row.state = event.id, day_of(event) or viewer.today, EXTENDED
    records.touch(viewer, row)


def void(viewer: Viewer, row: Deadline, by: Event) -> None:
    """The deadline never counted."""
    if row.closed_on is None:
        row.closed_by_id, row.closed_on = by.id, viewer.today
    row.state = VOID
    records.touch(viewer, row)


def reopen(viewer: Viewer, closer: Event) -> Sequence[Deadline]:
    """What the event had closed runs again; gives those deadlines."""
    closed = rows_where(Deadline.closed_by_id == closer.id)
    for one in closed:
        one.closed_by_id, one.closed_on, one.state = None, None, OPEN
        records.touch(viewer, one)
    db.session.flush()
    return closed


def rows_where(*conditions: object) -> Sequence[Deadline]:
    """Deadlines in order of entry."""
    return list(db.session.scalars(select(Deadline).where(*conditions).order_by(Deadline.id)))  # type: ignore[arg-type]


def open_of(charge: Charge, codes: Sequence[str]) -> Sequence[Deadline]:
    """The open deadlines of a charge under any of the rules."""
    return (
        rows_where(Deadline.charge_id == charge.id, Deadline.rule.in_(codes), Deadline.closed_on.is_(None)) if codes else []
    )


def due_of(row: Deadline) -> rules.Due:
    """When a deadline falls due, as the rules read it."""
    return rules.Due(row.due_on, row.due_at, row.set_by_hand_reason is None, "", rules.rule(row.rule).verified)
