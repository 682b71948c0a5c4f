"""The deadlines of a charge as people see them, with their state by the clock of the request, and set them by hand."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from sistra.access import lens
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import DeadlineView
from sistra.db import db
from sistra.models.events import Deadline, Event
from sistra.models.people import Accused
from sistra.rules import deadlines as rules
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import course, records
from sistra.services.deadline_rows import OPEN, VOID, due_of, rows_where
from sistra.services.parts import in_charge


@dataclass(frozen=True, slots=True)
class DeadlineLine:
    """A deadline as lists show it. `state` is by the clock of the request; `pending` says why no day is known yet.

    `amount` is that of the rule, in its unit; None where the order fixes the term. `court_case` is the key of the case in
    which the act that opened it happened, None for an act of the charge's own.
    """

    view: DeadlineView
    state: str
    pending: str
    amount: int | None
    verified: bool
    accused: str
    opened_by: str
    court_case: int | None
    by_hand: bool


def listed(viewer: Viewer, number: str) -> list[DeadlineLine]:
    """The deadlines of a charge: open ones by day, then the others, latest first. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "deadlines.read")
    rows = [one for one in rows_where(Deadline.charge_id == charge.id) if stands.on_team or not _sealed(one)]
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
        for one in rows_where(Deadline.charge_id == charge_id, Deadline.closed_on.is_(None))
        if one.measure_id is not None and one.due_on is not None
    }


def of_event(viewer: Viewer, stands: Standing, event: Event) -> list[DeadlineLine]:
    """The deadlines that an event opened, for who reads the event and stands so to its charge."""
    codes = _accused_codes(event.charge_id) if event.charge_id else {}
    return [
        _line(viewer, row, lens.see(row, lens.clearance(stands)), codes)
        for row in rows_where(Deadline.opened_by_id == event.id)
    ]


def _sealed(row: Deadline) -> bool:
    return db.session.get_one(Event, row.opened_by_id).confidentiality in TEAM_ONLY


def _line(viewer: Viewer, row: Deadline, view: DeadlineView, codes: dict[int, str]) -> DeadlineLine:
    state = row.state or OPEN
    if row.closed_on is None and state != VOID:
        suspended = row.suspended_from is not None and row.suspended_to is None
        state = rules.state(row.rule, due_of(row), viewer.at, suspended=suspended)
    rule = rules.rule(row.rule)
    pending = "" if row.due_on else rules.pending(row.rule)
    opener = db.session.get_one(Event, row.opened_by_id)
    return DeadlineLine(view, state, pending, rule.amount, rule.verified, codes.get(row.accused_id or 0, ""), opener.event_type,
                        opener.court_case_id, row.set_by_hand_reason is not None)


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
    charge, stands = in_charge(viewer, number, "event.record")
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
