"""Offers: made, previewed, withdrawn, revoked. The sender is the office of the charge."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.charges import Charge
from sistra.models.sharing import Grant
from sistra.rules import sharing as rules
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charge_access, records, several
from sistra.services.parts import stated
from sistra.services.sharing import targets

_GRANT = record("grant").fields
ENTERED: tuple[Field, ...] = tuple(_GRANT[name] for name in (
    "target_kind", "target_agency", "target_office", "target_user", "profile", "sections", "permission", "legal_basis", "purpose",
    "note", "valid_until"))
"""What the sender says in an offer."""


def offer(viewer: Viewer, number: str, entry: Entry) -> int:
    """Offers a charge and gives the grant's key. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.share", stands)
    charge_access.hold(charge)
    values, target = _checked(viewer, charge, entry)
    return _put(viewer, charge, values, target)


def check(viewer: Viewer, numbers: Sequence[str], entry: Entry) -> None:
    """Refuses what cannot be offered in any of the charges. Raises Rejected."""
    several.check_chosen(numbers, said("Se ofrecen como máximo 100 denuncias a la vez: elija menos"))
    problems = required(ENTERED, {field.name: entry.values.get(field.name) for field in ENTERED}) + rules.check_offer(
        entry.values, today=viewer.today)
    if problems:
        raise Rejected(problems)


def offer_many(viewer: Viewer, numbers: Sequence[str], entry: Entry) -> list[several.Outcome]:
    """Offers several charges on the same terms. Raises Rejected where the terms themselves are wrong."""
    check(viewer, numbers, entry)
    return several.each(numbers, lambda number: offer(viewer, number, entry), forbidden=said("Su despacho no puede compartirla"))


def _checked(viewer: Viewer, charge: Charge, entry: Entry) -> tuple[dict[str, Any], targets.Target]:
    problems = required(ENTERED, {field.name: entry.values.get(field.name) for field in ENTERED})
    target = targets.find(viewer, charge, entry.values)
    if isinstance(target, Problem):
        raise Rejected([*problems, target])
    problems += rules.check_offer(entry.values, today=viewer.today, ceiling=target.ceiling)
    if _pending(viewer, charge, target.principal) is not None:
        problems.append(Problem(targets.FIELDS[str(entry.values["target_kind"])], said(
            "Ya hay un ofrecimiento sin respuesta: retírelo antes de hacer otro")))
    if problems:
        raise Rejected(problems)
    kept = targets.FIELDS[str(entry.values["target_kind"])]
    values = {name: value for name, value in entry.values.items() if name not in set(targets.FIELDS.values()) - {kept}}
    values["sections"] = rules.with_header(values["sections"])  # type: ignore[arg-type]
    return values, target


def _pending(viewer: Viewer, charge: Charge, principal: str) -> Grant | None:
    """The offer that waits for its answer. One whose last day passed is closed here, so that another can follow."""
    row = db.session.scalar(select(Grant).where(
        Grant.charge_id == charge.id, Grant.target == principal, Grant.state == rules.OFFERED).with_for_update())
    if row is not None and rules.state_on(rules.OFFERED, row.valid_until, viewer.today) == rules.EXPIRED:
        _close(viewer, row, rules.EXPIRED, "grant.expired")
        return None
    return row


def _put(viewer: Viewer, charge: Charge, values: Mapping[str, Any], target: targets.Target) -> int:
    row = Grant(charge_id=charge.id, target=target.principal, state=rules.OFFERED, offered_by_id=viewer.user_id,
                offered_at=viewer.at)
    records.create(viewer, row, values, "grant.offered", detail={"target": target.principal})
    return row.id


def withdraw(viewer: Viewer, number: str, grant_id: int) -> None:
    """Takes back an offer that nobody answered. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.share", stands)
    charge_access.hold(charge)
    row = own(charge, grant_id)
    if row.state != rules.OFFERED:
        raise Rejected(Problem("", said("El ofrecimiento ya tiene respuesta")))
    _close(viewer, row, rules.WITHDRAWN, "grant.withdrawn")


def revoke(viewer: Viewer, number: str, grant_id: int, reason: str) -> None:
    """Ends an access that was accepted; its holder sees nothing from the next request on.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.unshare", stands)
    charge_access.hold(charge)
    row = own(charge, grant_id)
    if row.state != rules.ACCEPTED:
        raise Rejected(Problem("", said("Solo se revoca un acceso aceptado")))
    row.revoked_at = viewer.at
    records.derive(row, "revoke_reason", stated(reason, "revoke_reason"))
    _close(viewer, row, rules.REVOKED, "grant.revoked")
    charge_access.refresh(viewer, charge)


def _close(viewer: Viewer, row: Grant, state: str, action: str) -> None:
    before, row.state = row.state, state
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), changes=[{"field": "state", "before": before, "after": state}],
               detail={"target": row.target, "version": row.version})


def own(charge: Charge, grant_id: int) -> Grant:
    """The grant of that key on the charge, locked and as it stands now. Raises NotVisible."""
    row: Grant | None = db.session.scalar(select(Grant).where(Grant.id == grant_id, Grant.charge_id == charge.id)
                                          .with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotVisible
    return row


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to whom an offer would go: what they are called, and a viewer to look through."""

    label: str
    viewer: Viewer


def suppose_accepted(viewer: Viewer, number: str, entry: Entry) -> Recipient:
    """Makes the offer and takes it as accepted: only inside a unit that keeps nothing, for the preview of what will be seen.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.share", stands)
    values, target = _checked(viewer, charge, entry)
    row = db.session.get_one(Grant, _put(viewer, charge, values, target))
    row.state = rules.ACCEPTED
    db.session.flush()
    charge_access.refresh(viewer, charge)
    return Recipient(target.label, _recipient(viewer, row))


def _recipient(viewer: Viewer, row: Grant) -> Viewer:
    """An agency's user, a prosecutor of the office, or the person. The first two are nobody: only the grant lets them in."""
    if row.target_kind == "PER":
        person = db.session.get_one(User, row.target_user_id)
        return _as(viewer, db.session.get_one(Office, person.office_id), frozenset(person.roles), person.id, person.full_name)
    if row.target_kind == "DES":
        return _as(viewer, db.session.get_one(Office, row.target_office_id), frozenset({Role.PROSECUTOR}))
    agency = db.session.get_one(Agency, row.target_agency_id)
    return replace(_as(viewer, None, frozenset({Role.AGENCY})), agency_id=agency.id, office_name=agency.name)


def _as(viewer: Viewer, office: Office | None, roles: frozenset[str], user_id: int = 0, name: str = "") -> Viewer:
    return Viewer(user_id=user_id, username="", full_name=name, roles=roles, office_id=office.id if office else 0,
                  office_name=office.name if office else "", agency_id=office.agency_id if office else 0,
                  fiscal_district=office.fiscal_district if office else None, specialised=bool(office and office.specialised),
                  at=viewer.at, language=viewer.language, door=viewer.door)
