"""Whom a charge may be shared with: agencies that receive, other offices of the service, users of a case role."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from sistra.access.viewer import Viewer
from sistra.codebook.roles import CASE_READERS, Role
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.charges import Charge
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules.problems import Problem, said
from sistra.rules.sharing import principal

FIELDS = {"ENT": "target_agency", "DES": "target_office", "PER": "target_user"}
"""Kind of recipient (`grant_target_kind`) -> the field that names it."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form of an offer lets one choose: (key, label) pairs."""

    agencies: tuple[tuple[int, str], ...]
    offices: tuple[tuple[int, str], ...]
    users: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Target:
    """A recipient: its name in rows of access, what it is called, and the highest profile it may receive."""

    principal: str
    label: str
    ceiling: str | None


def choices(viewer: Viewer) -> Choices:
    """Everybody to whom the viewer's office may offer a charge today."""
    agencies = db.session.execute(select(Agency.id, Agency.name).where(*_receives(viewer)).order_by(Agency.name))
    offices = db.session.execute(select(Office.id, Office.name).where(*_other_office(viewer)).order_by(Office.name))
    users = db.session.execute(select(User.id, User.full_name, Office.name).join(Office, User.office_id == Office.id)
                               .where(*_reader(viewer)).order_by(User.full_name))
    return Choices(tuple((key, name) for key, name in agencies), tuple((key, name) for key, name in offices),
                   tuple((key, f"{name} ({office})") for key, name, office in users))


def _in_force(viewer: Viewer, model: Any) -> ColumnElement[bool]:
    return or_(model.valid_to.is_(None), model.valid_to >= viewer.today)


def _receives(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [Agency.may_receive.is_(True), _in_force(viewer, Agency)]


def _other_office(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [Office.id != viewer.office_id, Office.fiscal_district.is_not(None), _in_force(viewer, Office)]


def _reader(viewer: Viewer) -> list[ColumnElement[bool]]:
    return [User.office_id != viewer.office_id, _in_force(viewer, User),
            or_(*(User.roles.like(f"%;{role};%") for role in sorted(CASE_READERS)))]


def find(viewer: Viewer, charge: Charge, values: Mapping[str, object]) -> Target | Problem:
    """The recipient that an offer names, or what is wrong with it."""
    kind = str(values.get("target_kind"))
    field = FIELDS.get(kind, "target_kind")
    key = values.get(field)
    if not isinstance(key, int):
        return Problem(field, said("Elija con quién se comparte"))
    if kind == "ENT":
        agency = db.session.scalar(select(Agency).where(Agency.id == key, *_receives(viewer)))
        return Target(principal(kind, key), agency.name, agency.ceiling_profile) if agency else _not_offered(field)
    if kind == "DES":
        office = db.session.scalar(select(Office).where(Office.id == key, Office.id != charge.office_id, *_other_office(viewer)))
        return Target(principal(kind, key), office.name, None) if office else _not_offered(field)
    person = db.session.execute(
        select(User.full_name, Agency.ceiling_profile, User.roles)
        .join(Office, User.office_id == Office.id).join(Agency, Office.agency_id == Agency.id)
        .where(User.id == key, *_reader(viewer))).one_or_none()
    if person is None:
        return _not_offered(field)
    name, ceiling, roles = person
    return Target(principal(kind, key), name, ceiling if {Role.AGENCY, Role.VICTIM_SUPPORT} & set(roles) else None)


def _not_offered(field: str) -> Problem:
    return Problem(field, said("Elija a quien pueda recibir denuncias compartidas"))


def names(rows: Iterable[Grant | AccessRequest]) -> dict[str, str]:
    """What the recipients of some grants or requests are called, by their principal. One query for each kind."""
    keys: dict[str, set[int]] = {}
    for row in rows:
        kind, _, key = row.target.partition(":")
        keys.setdefault(kind, set()).add(int(key))
    found: dict[str, str] = {}
    models: tuple[tuple[str, Any, Any], ...] = (
        ("agency", Agency.id, Agency.name), ("granted-office", Office.id, Office.name), ("user", User.id, User.full_name))
    for kind, column, name in models:
        if wanted := keys.get(kind):
            found |= {f"{kind}:{key}": label for key, label in db.session.execute(select(column, name).where(column.in_(wanted)))}
    return found
