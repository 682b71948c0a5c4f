"""Services for the victims of a charge: registered, changed and taken back, by the office or by a recipient of access."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from sistra.access import lens
from sistra.access.standing import Forbidden, NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.accounts import Agency, User
from sistra.models.charges import Charge
from sistra.models.events import Event
from sistra.models.people import Victim
from sistra.models.services import Service
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.services import check_service, may_change
from sistra.services import charges, parts, records

CONTRIBUTED = "APO"
"""Origin (`record_origin`) of what a recipient of access entered."""


def own(charge: Charge, service_id: int) -> Service:
    """The service of that key in the charge. Raises NotVisible, also where it was withdrawn."""
    row: Service | None = db.session.scalar(select(Service).where(
        Service.id == service_id, Service.charge_id == charge.id, Service.withdrawn_at.is_(None)))
    if row is None:
        raise NotVisible
    return row


def changes(viewer: Viewer, stands: Standing, row: Service, author_office: int | None) -> bool:
    """Whether the viewer, who may write services of the charge, may change this one."""
    return may_change(by_right=stands.shared is None, assists=viewer.has(Role.VICTIM_SUPPORT),
                      own=author_office == viewer.office_id,
                      provides=row.provider_id is not None and row.provider_id == viewer.agency_id)


def add(viewer: Viewer, number: str, code: str, entry: Entry) -> int:
    """Registers a service for a victim and gives its key. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = parts.in_charge(viewer, number, "service.amend")
    victim = _victim(charge, code)
    values = parts.ready(entry, {})[0]
    _check(entry, {"service_type": None, "status": None} | values, {}, values)
    row = Service(charge_id=charge.id, victim_id=victim.id, origin=CONTRIBUTED if stands.shared else None)
    records.create(viewer, row, values, "service.added", detail={"code": code})
    charges.settle(viewer, charge)
    return row.id


def amend(viewer: Viewer, number: str, service_id: int, entry: Entry) -> list[str]:
    """Writes what the entry changes of a service and gives the labels of the fields changed.

    Raises NotVisible, Forbidden, Rejected, Conflict.
    """
    charge, stands, row = _to_change(viewer, number, service_id)
    before = parts.recorded(row)
    values = parts.ready(entry, before)[0]
    _check(entry, values, before, values)
    changed = records.amend(
        viewer, row, Entry("service", values, entry.version), "service.amended", reach=lens.clearance(stands))
    if changed:
        charges.settle(viewer, charge)
    return [field.label(viewer.language) for field in changed]


def withdraw(viewer: Viewer, number: str, service_id: int, *, reason: str) -> None:
    """Takes back a service entered by mistake; it stays on the trail. One that an act names stays.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, _stands, row = _to_change(viewer, number, service_id)
    if db.session.scalar(select(exists().where(Event.service_id == row.id, Event.reversed_by_id.is_(None)))):
        raise Rejected(Problem("", said("Hay una actuación que nombra esta atención: no se puede retirar")))
    victim = db.session.get_one(Victim, row.victim_id)
    parts.take_back(viewer, row, "service.withdrawn", reason, victim.code)
    charges.settle(viewer, charge)


def _to_change(viewer: Viewer, number: str, service_id: int) -> tuple[Charge, Standing, Service]:
    charge, stands = parts.in_charge(viewer, number, "service.amend")
    row = own(charge, service_id)
    author = db.session.get(User, row.created_by_id) if row.created_by_id is not None else None
    if not changes(viewer, stands, row, author.office_id if author else None):
        raise Forbidden("service.amend")
    return charge, stands, row


def _victim(charge: Charge, code: str) -> Victim:
    part = parts.find(charge, code)
    if not isinstance(part, Victim):
        raise NotVisible
    return part


def _check(entry: Entry, asked: Mapping[str, Any], before: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raises Rejected for blanks in what a service needs, and for problems that it did not have before."""
    parts.refuse(entry, asked)
    problems = check_service({**before, **values})
    provider = values.get("provider")
    if isinstance(provider, int) and db.session.get(Agency, provider) is None:
        problems.append(Problem("provider", said("Elija una opción de la lista")))
    parts.fresh(problems, check_service(before) if before else ())
