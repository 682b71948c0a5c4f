"""Tasks in their simplest form: what somebody of the office is to do on a charge, until when, and that it was done."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import TaskView
from sistra.codebook.event_types import event_type
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Event
from sistra.models.tasks import Task
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.tasks import DONE, OPEN, check_new_task, late
from sistra.services import accounts, audit, events, parts, records
from sistra.services.charge_team import team_of
from sistra.services.parts import in_charge

MINE, OFFICE, ENDED = "mias", "despacho", "hechas"
TABS = (MINE, OFFICE, ENDED)
SHOWN = 100
"""Tasks listed at most: the most urgent, or those done last."""
_PLAIN = frozenset({"title", "assignee", "due_on", "priority", "status", "done_at", "from_event", "version"})


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as lists show it. `number` is that of its charge."""

    view: TaskView
    number: str
    assignee: str
    author: str
    open: bool
    late: bool
    may_amend: bool


def of_charge(viewer: Viewer, number: str) -> list[TaskLine]:
    """The tasks of a charge: those to be done by their day, then the others. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "tasks.read")
    audit.note(viewer, "tasks.read", audit.subject_of(charge))
    rows = list(db.session.scalars(_by_day(select(Task).where(Task.charge_id == charge.id))))
    lines = _lines(viewer, [(row, charge) for row in rows], {charge.id: stands})
    return sorted(lines, key=lambda line: not line.open)


def show(viewer: Viewer, number: str, task_id: int) -> TaskLine:
    """One task with its note. Raises NotVisible, Forbidden."""
    charge, stands = in_charge(viewer, number, "tasks.read")
    row = _own(charge, task_id)
    audit.note(viewer, "task.read", audit.subject_of(row))
    return _lines(viewer, [(row, charge)], {charge.id: stands}, only=None)[0]


def listed(viewer: Viewer, tab: str) -> list[TaskLine]:
    """The viewer's own tasks, those of the office, or those that the viewer has done, of charges in sight. Raises Forbidden."""
    require(viewer, "task.list")
    query: Any = select(Task, Charge).join(Charge, Task.charge_id == Charge.id).where(scope.sees(viewer, in_full=True))
    if tab == OFFICE:
        query = _by_day(query.where(Charge.office_id == viewer.office_id, Task.status.in_(OPEN)))
    elif tab == ENDED:
        query = query.where(Task.assignee_id == viewer.user_id, Task.status.not_in(OPEN))
        query = query.order_by(Task.updated_at.desc(), Task.id.desc())
    else:
        query = _by_day(query.where(Task.assignee_id == viewer.user_id, Task.status.in_(OPEN)))
    rows = [(row, charge) for row, charge in db.session.execute(query.limit(SHOWN))]
    if rows:
        audit.note(viewer, "tasks.listed", audit.Subject("task"), detail={"charges": sorted({charge.id for _, charge in rows})})
    return _lines(viewer, rows, scope.standings(viewer, [charge for _, charge in rows]))


def _by_day(query: Select[Any]) -> Select[Any]:
    return query.order_by(Task.due_on.is_(None), Task.due_on, Task.id)


def _lines(viewer: Viewer, rows: Sequence[tuple[Task, Charge]], stands: dict[int, Standing],
           only: frozenset[str] | None = _PLAIN) -> list[TaskLine]:
    names = accounts.user_names([key for row, _ in rows for key in (row.assignee_id, row.created_by_id)])
    return [TaskLine(
        lens.see(row, lens.clearance(stands[charge.id]), team=stands[charge.id].on_team, only=only), charge.number,
        names.get(row.assignee_id, ""), names.get(row.created_by_id or 0, ""), row.status in OPEN,
        late(row.status, row.due_on, viewer.today), may(viewer, "task.amend", stands[charge.id])) for row, charge in rows]


def people(viewer: Viewer, number: str) -> list[tuple[int, str]]:
    """(key, full name) of those to whom a task of the charge may be given. Raises NotVisible, Forbidden."""
    return _assignable(viewer, *in_charge(viewer, number, "task.amend"))


def _assignable(viewer: Viewer, charge: Charge, stands: Standing) -> list[tuple[int, str]]:
    """The prosecutors and assistants of the office; of a sealed charge those of its team."""
    found = accounts.prosecution(charge.office_id, viewer.at)
    team = {key for key, _name, _part in team_of(charge.id, viewer)} if stands.sealed else None
    return [(key, name) for key, name in found if team is None or key in team]


def follows(viewer: Viewer, number: str, event_id: int) -> str:
    """What the catalogue says that follows an act of the charge, "" where nothing. Raises NotVisible, Forbidden.

    What follows a sealed act is not proposed: a task is read by the whole office.
    """
    charge, stands = in_charge(viewer, number, "task.amend")
    act = events.own(charge, stands, event_id)
    return "" if act.confidentiality in TEAM_ONLY else event_type(act.event_type).task("es")


def add(viewer: Viewer, number: str, entry: Entry) -> int:
    """Adds a task to a charge and gives its key. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = in_charge(viewer, number, "task.amend")
    values = {"status": "PEN"} | _entered(entry)
    problems = check_new_task(values, viewer.today) + _wrong(viewer, charge, stands, values)
    if problems:
        raise Rejected(problems)
    row = records.create(viewer, Task(charge_id=charge.id), values, "task.added")
    _settle(viewer, row)
    return row.id


def amend(viewer: Viewer, number: str, task_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a task and gives the labels of the fields changed.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands = in_charge(viewer, number, "task.amend")
    row = _own(charge, task_id)
    values = {name: value for name, value in _entered(entry).items() if name != "from_event"}
    parts.refuse(entry, values)
    moved = {name: value for name, value in values.items() if name == "assignee" and value != row.assignee_id}
    if problems := _wrong(viewer, charge, stands, moved):
        raise Rejected(problems)
    changed = records.amend(viewer, row, Entry("task", values, entry.version), "task.amended")
    if changed:
        _settle(viewer, row)
    return [field.label(viewer.language) for field in changed]


def finish(viewer: Viewer, number: str, task_id: int) -> None:
    """Says that a task is done. Raises NotVisible, Forbidden, Rejected."""
    charge, _ = in_charge(viewer, number, "task.amend")
    row = _own(charge, task_id)
    if row.status not in OPEN:
        raise Rejected(Problem("", said("Esa tarea ya no está pendiente")))
    records.amend(viewer, row, Entry("task", {"status": DONE}), "task.done")
    _settle(viewer, row)


def _own(charge: Charge, task_id: int) -> Task:
    row: Task | None = db.session.scalar(select(Task).where(Task.id == task_id, Task.charge_id == charge.id))
    if row is None:
        raise NotVisible
    return row


_ENTERED = frozenset({"title", "assignee", "due_on", "priority", "status", "note", "from_event"})


def _entered(entry: Entry) -> dict[str, Any]:
    """What is entered of a task; the rest follows from where it is entered and by whom."""
    return {name: value for name, value in entry.values.items() if name in _ENTERED}


def _wrong(viewer: Viewer, charge: Charge, stands: Standing, values: dict[str, Any]) -> list[Problem]:
    problems = []
    if values.get("assignee") is not None and values["assignee"] not in {key for key, _ in _assignable(viewer, charge, stands)}:
        problems.append(Problem("assignee", said("Elija a una persona del despacho")))
    if (key := values.get("from_event")) is not None and not db.session.scalar(
            select(Event.id).where(Event.id == key, Event.charge_id == charge.id,
                                   or_(Event.confidentiality.is_(None), Event.confidentiality.not_in(TEAM_ONLY)))):
        problems.append(Problem("from_event", said("Elija una opción de la lista")))
    return problems


def _settle(viewer: Viewer, row: Task) -> None:
    """When a task was done follows from its state; one cancelled was not."""
    ended = row.status == DONE
    if ended != (row.done_at is not None):
        records.derive(row, "done_at", viewer.at if ended else None)
    db.session.flush()
