"""What is to be done by a day: the deadlines of one's own charges, and one's own tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, union

from sistra.access import scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.models.people import Accused
from sistra.models.tasks import Task
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.tasks import OPEN
from sistra.services.deadline_rows import VOID

SOON = timedelta(days=15)
MOST = 10
"""Rows of a block."""
_OWN = Charge.__table__.alias("own")


@dataclass(frozen=True, slots=True)
class Due:
    """An open deadline that has fallen due or does so within fifteen days. `accused` is a code, `rule` and `opened_by` too."""

    charge_id: int
    number: str
    deadline_id: int
    rule: str
    opened_by: str
    accused: str
    due_on: date
    suspended: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """A task of one's own."""

    charge_id: int
    number: str
    task_id: int
    title: str
    due_on: date | None
    pressing: bool


@dataclass(frozen=True, slots=True)
class Some:
    """The first rows of a block (each Due, or each Duty), and how many there are in all."""

    rows: Sequence[Any]
    total: int


def own(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on `charge` rows that make up the viewer's desk.

    Of a prosecutor those whose responsible they are or on whose team; of an assistant, who enters for everybody, the office's.
    They are named by their keys: databases then start from one person's charges, not from those of the whole country.
    """
    theirs: Any
    if viewer.has(Role.PROSECUTOR):
        theirs = union(select(_OWN.c.id).where(_OWN.c.responsible_id == viewer.user_id), scope.teams(viewer))
    else:
        theirs = select(_OWN.c.id).where(_OWN.c.office_id == viewer.office_id)
    return and_(Charge.id.in_(theirs), scope.sees(viewer, in_full=True))


def deadlines(viewer: Viewer) -> Some:
    """The open deadlines of the viewer's own charges that are overdue or due within fifteen days, the oldest first.

    What a sealed act opened is for its team alone. Raises Forbidden.
    """
    require(viewer, "task.list")
    rows = db.session.execute(
        select(
            Charge.id,
            Charge.number,
            Deadline.id,
            Deadline.rule,
            Event.event_type,
            Accused.code,
            Deadline.due_on,
            Deadline.suspended_from,
            Deadline.suspended_to,
            func.count().over().label("total"),
        )
        .join(Charge, Deadline.charge_id == Charge.id)
        .join(Event, Deadline.opened_by_id == Event.id)
        .outerjoin(Accused, Deadline.accused_id == Accused.id)
        .where(
            own(viewer),
            Deadline.closed_on.is_(None),
            or_(Deadline.state.is_(None), Deadline.state != VOID),
            Deadline.due_on <= viewer.today + SOON,
            or_(Event.confidentiality.is_(None), Event.confidentiality.not_in(TEAM_ONLY), scope.on_team(viewer)),
        )
        .order_by(Deadline.due_on, Deadline.id)
        .limit(MOST)
    ).all()
    return Some(
        [
            Due(charge_id, number, key, rule, opener, code or "", due_on or viewer.today, bool(since and not until))
            for charge_id, number, key, rule, opener, code, due_on, since, until, _total in rows
        ],
        rows[0].total if rows else 0,
    )


def tasks(viewer: Viewer) -> Some:
    """The viewer's open tasks of charges in sight, those to be done by a day first. Raises Forbidden."""
    require(viewer, "task.list")
    rows = db.session.execute(
        select(Charge.id, Charge.number, Task.id, Task.title, Task.due_on, Task.priority, func.count().over().label("total"))
        .join(Charge, Task.charge_id == Charge.id)
        .where(scope.sees(viewer, in_full=True), Task.assignee_id == viewer.user_id, Task.status.in_(OPEN))
        .order_by(Task.due_on.is_(None), Task.due_on, Task.id)
        .limit(MOST)
    ).all()
    return Some(
        [
            Duty(charge_id, number, key, title, due_on, priority in ("URG", "ALT"))
            for charge_id, number, key, title, due_on, priority, _total in rows
        ],
        rows[0].total if rows else 0,
    )
