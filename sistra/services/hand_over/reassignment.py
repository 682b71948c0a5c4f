"""Reassignment of the responsible prosecutor: of one charge, or of several by a supervisor. The case team follows.

A prosecutor of the office reassigns a charge on whose team they are, so that nobody puts themselves on a team; supervisors
reassign within their scope, a sealed charge too, of which they see no more than before.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import event_type
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.masking import outside_team
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.stages import CLOSED
from sistra.services import accounts, audit, events, several
from sistra.services.parts import stated

_EVENT = record("event").fields
ENTERED: tuple[Field, ...] = (_EVENT["responsible"], _EVENT["reason"])
PAGE = 25
ABSENT = "sin"
"""The filter for charges whose responsible is no prosecutor in office there any more."""


def candidates(viewer: Viewer, number: str) -> list[tuple[int, str]]:
    """(key, name) of the prosecutors of the charge's office, the present responsible left out. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.reassign", stands)
    return [(key, name) for key, name in accounts.prosecutors(charge.office_id, viewer.at) if key != charge.responsible_id]


def reassign(viewer: Viewer, number: str, *, responsible_id: int | None, reason: str) -> None:
    """Gives the charge another responsible prosecutor of its office; the act REA-RES keeps the reason.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.reassign", stands)
    events.lock(charge)
    reason = stated(reason)
    if responsible_id not in {key for key, _ in accounts.prosecutors(charge.office_id, viewer.at)}:
        raise Rejected(Problem("responsible", said("Elija a un fiscal en ejercicio del despacho de la denuncia")))
    if responsible_id == charge.responsible_id:
        raise Rejected(Problem("responsible", said("Esa persona ya es responsable de la denuncia")))
    events.put_down(viewer, charge, event_type("REA-RES"), {
        "occurred_on": PartialDate.of_day(viewer.today), "responsible": responsible_id, "reason": reason})


def reassign_many(viewer: Viewer, numbers: Sequence[str], *, responsible_id: int | None, reason: str) -> list[several.Outcome]:
    """Reassigns several charges that the viewer supervises. Raises Forbidden, and Rejected where nobody or no reason is named."""
    require(viewer, "charge.reassign_many")
    several.check_chosen(numbers, said("Se reasignan como máximo 100 denuncias a la vez: elija menos"))
    if responsible_id is None:
        raise Rejected(Problem("responsible", said("Elija al nuevo fiscal responsable")))
    reason = stated(reason)

    def one(number: str) -> None:
        if not scope.charge(viewer, number)[1].supervised:
            raise NotVisible
        reassign(viewer, number, responsible_id=responsible_id, reason=reason)

    return several.each(numbers, one, forbidden=said("Está acumulada o derivada: no se reasigna"))


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked of the page of assignment: office and responsible by key, or those `absent`; whether closed charges too.

    `after` is the number after which the page goes on.
    """

    office: int | None = None
    responsible: int | None = None
    absent: bool = False
    closed: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A charge as the page of assignment lists it; an outline tells no time limit."""

    number: str
    office: str
    responsible: str
    absent: bool
    stage: str
    next_due_on: date | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class Assignment:
    """A page of the charges that a supervisor may reassign, with the choices of its filters: (key, name, charges)."""

    rows: Sequence[Assigned]
    total: int
    more: bool
    offices: Sequence[tuple[int, str, int]]
    responsibles: Sequence[tuple[int, str, int]]
    absent: int
    prosecutors: Sequence[tuple[int, str, str]]


def assignment(viewer: Viewer, filters: Filters) -> Assignment:
    """The charges within the viewer's scope that can be reassigned, the latest number first. A reading, on the trail.

    Raises Forbidden.
    """
    require(viewer, "charge.reassign_many")
    within = _within(viewer, closed=filters.closed)
    wanted = and_(within, *_conditions(viewer, filters))
    query = (select(Charge, Office.name, User.full_name, _absent(viewer).label("absent"))
             .join(Office, Charge.office_id == Office.id).join(User, Charge.responsible_id == User.id).where(wanted)
             .order_by(Charge.number.desc()).limit(PAGE + 1))
    found = db.session.execute(query.where(Charge.number < filters.after) if filters.after else query).all()
    stands = scope.standings(viewer, [row[0] for row in found])
    rows = [Assigned(charge.number, office, person, bool(absent), _stage_told(stands[charge.id], charge),
                     None if stands[charge.id].outline else charge.next_due_on, charge.confidentiality in TEAM_ONLY)
            for charge, office, person, absent in found[:PAGE]]
    audit.note(viewer, "assignment.read", audit.Subject("charge"), detail={
        "rows": len(rows), "office": filters.office, "responsible": filters.responsible, "absent": filters.absent})
    offices = _choices(within, Office.id, Office.name)
    return Assignment(rows, _count(wanted), len(found) > PAGE, offices, _choices(within, User.id, User.full_name),
                      _count(and_(within, _absent(viewer))), _prosecutors(viewer, [key for key, *_ in offices]))


def _stage_told(stands: Standing, charge: Charge) -> str:
    """The stage as the folder tells it: that somebody collaborates shows to the case team only."""
    stage: str = charge.stage if stands.on_team else outside_team("procedural_stage", charge.stage)
    return stage


def without_responsible(viewer: Viewer) -> int:
    """How many charges that a supervisor may reassign have no prosecutor in office as their responsible. Raises Forbidden."""
    require(viewer, "charge.reassign_many")
    return _count(and_(_within(viewer), _absent(viewer)))


def _within(viewer: Viewer, *, closed: bool = False) -> ColumnElement[bool]:
    return and_(scope.among_supervised(viewer), Charge.joined_into_id.is_(None), Charge.status != "DER",
                true() if closed else Charge.stage != CLOSED)


def _conditions(viewer: Viewer, filters: Filters) -> list[ColumnElement[bool]]:
    found = [Charge.office_id == filters.office] if filters.office is not None else []
    found += [Charge.responsible_id == filters.responsible] if filters.responsible is not None else []
    return [*found, _absent(viewer)] if filters.absent else found


def _absent(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that the responsible is no prosecutor in office in the charge's office today."""
    in_office = select(User.id).where(
        User.id == Charge.responsible_id, User.office_id == Charge.office_id, User.roles.like("%;FISCAL;%"),
        or_(User.valid_to.is_(None), User.valid_to > viewer.today)).correlate(Charge)
    return ~in_office.exists()


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count(Charge.id)).where(condition)) or 0


def _choices(within: ColumnElement[bool], key: Any, name: Any) -> list[tuple[int, str, int]]:
    rows = db.session.execute(
        select(key, name, func.count(Charge.id)).select_from(Charge).join(Office, Charge.office_id == Office.id)
        .join(User, Charge.responsible_id == User.id).where(within).group_by(key, name).order_by(name))
    return [(row[0], row[1], row[2]) for row in rows]


def _prosecutors(viewer: Viewer, offices: Sequence[int]) -> list[tuple[int, str, str]]:
    """(key, name, office) of everybody who may be named, office by office."""
    rows = db.session.execute(
        select(User.id, User.full_name, Office.name).join(Office, User.office_id == Office.id).where(
            Office.id.in_(offices), User.roles.like("%;FISCAL;%"), or_(User.valid_to.is_(None), User.valid_to > viewer.today))
        .order_by(Office.name, User.full_name))
    return [(row[0], row[1], row[2]) for row in rows]
