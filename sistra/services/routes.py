"""The route of a charge: places of origin, transit and destination, leg by leg."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import RouteLegView
from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.charges import Charge, RouteLeg
from sistra.models.people import Victim
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import charge_access, charges, records
from sistra.services.parts import of_charge


def legs(viewer: Viewer, number: str) -> list[RouteLegView]:
    """The legs in their order, as the viewer may see them. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    if not stands.reads("HEC"):
        return []
    query = select(RouteLeg).where(RouteLeg.charge_id == charge.id).order_by(RouteLeg.sequence, RouteLeg.id)
    rows = list(db.session.scalars(query))
    return lens.see_all(rows, lens.clearance(stands), team=stands.on_team)


def leg(viewer: Viewer, number: str, leg_id: int) -> RouteLegView:
    """One leg. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    if not stands.reads("HEC"):
        raise NotVisible
    view: RouteLegView = lens.see(_row(charge, leg_id), lens.clearance(stands), team=stands.on_team)
    return view


def _row(charge: Charge, leg_id: int) -> RouteLeg:
    row: RouteLeg | None = db.session.scalar(select(RouteLeg).where(RouteLeg.id == leg_id, RouteLeg.charge_id == charge.id))
    if row is None:
        raise NotVisible
    return row


def _checked(charge: Charge, entry: Entry) -> dict[str, Sequence[Victim]]:
    """The victims whom the leg may name, those of the charge. Raises Rejected, also where it names others."""
    fields = record("route_leg").fields
    problems = required([fields[name] for name in entry.values], entry.values)
    named: Any = entry.values.get("victims")
    offered = of_charge(charge.id, Victim) if named else ()
    if not set(named or ()) <= {one.id for one in offered}:
        problems.append(Problem("victims", said("Elija una opción de la lista")))
    if problems:
        raise Rejected(problems)
    return {"victims": offered}


def add_leg(viewer: Viewer, number: str, entry: Entry) -> int:
    """Adds a leg after the last one and gives its key. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.amend", stands)
    charge_access.hold(charge)
    links = _checked(charge, entry)
    last = db.session.scalar(select(func.max(RouteLeg.sequence)).where(RouteLeg.charge_id == charge.id)) or 0
    row = records.create(viewer, RouteLeg(charge_id=charge.id, sequence=last + 1), entry.values, "route_leg.added", links=links)
    charges.settle(viewer, charge)
    return row.id


def amend_leg(viewer: Viewer, number: str, leg_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a leg. Raises NotVisible, Forbidden, Rejected, Conflict."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.amend", stands)
    row = _row(charge, leg_id)
    links = _checked(charge, entry)
    changed = records.amend(viewer, row, entry, "route_leg.amended", links=links)
    if changed:
        charges.settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]
