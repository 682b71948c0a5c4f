"""Joinder of charges (acumulación): which charge may take in another, and what becomes of the limits of the one taken in."""
from __future__ import annotations

from sqlalchemy import select

from sistra.access import scope
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.rules.problems import Problem, said
from sistra.rules.stages import CLOSED
from sistra.services import charge_access, course, records
from sistra.services.deadline_rows import OPEN, extend, rows_where

JOINS = "ACM-DIS"
ACTS = frozenset({JOINS, "ACM-REV"})


def check(viewer: Viewer, charge: Charge, target_id: object) -> list[Problem]:
    """What stands against joining a charge into another, which is held until the commit. Raises Stale.

    A charge that was itself taken in takes in nothing, so that no circle can close.
    """
    target = db.session.scalar(scope.charges_for(viewer, in_full=True).where(Charge.id == target_id))
    if target is None or target.id == charge.id:
        return [_wrong(said("Elija otra denuncia de las que usted ve completas"))]
    charge_access.hold(target)
    if target.office_id != charge.office_id:
        return [_wrong(said("Solo se acumulan denuncias del mismo despacho: derive antes una de ellas"))]
    if target.joined_into_id is not None:
        return [_wrong(said("Esa denuncia ya está acumulada a otra: acumule a la que la recibió"))]
    if target.status == "DER":
        return [_wrong(said("Esa denuncia está derivada: no puede recibir otra"))]
    if target.stage == CLOSED:
        return [_wrong(said("Esa denuncia está concluida o archivada: reábrala antes de acumular"))]
    return []


def _wrong(message: str) -> Problem:
    return Problem("target_charge", message)


def follow(viewer: Viewer, charge: Charge) -> None:
    """Brings the limits of a charge in line with its joinder, as it stands.

    While it is joined, the limits of its own stages give way to those of the charge that took it in. What runs for a person
    or from a measure goes on: acts in the court case end it. When the joinder ends, they run again.
    """
    acts = list(db.session.scalars(
        select(Event).where(Event.charge_id == charge.id, Event.event_type == JOINS).order_by(Event.id)))
    if not acts:
        return
    standing = next((one for one in reversed(acts) if one.reversed_by_id is None), None)
    if charge.joined_into_id is not None and standing is not None:
        for row in rows_where(Deadline.charge_id == charge.id, Deadline.closed_on.is_(None), Deadline.accused_id.is_(None),
                              Deadline.measure_id.is_(None), Deadline.critical.is_not(True)):
            extend(viewer, row, standing)
    else:
        for row in rows_where(Deadline.charge_id == charge.id, Deadline.closed_by_id.in_([one.id for one in acts])):
            row.closed_by_id, row.closed_on, row.state = None, None, OPEN
            records.touch(viewer, row)
    db.session.flush()
    charge.next_due_on = course.next_due(charge.id)
    db.session.flush()
