"""Rows through a viewer: every select of a charge or of what hangs below one starts here."""
from __future__ import annotations

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db, remembered
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.court_cases import ChargeCourtCase, CourtCase


def principals(viewer: Viewer) -> tuple[str, ...]:
    """The names under which `charge_access` may hold a row for this viewer."""
    names = []
    if viewer.has(Role.PROSECUTOR, Role.ASSISTANT):
        names.append(f"office:{viewer.office_id}")
    if viewer.has(Role.COORDINATOR):
        names.append("subsystem")
    if viewer.has(Role.DISTRICT_HEAD) and viewer.fiscal_district:
        names.append(f"district:{viewer.fiscal_district}")
    if viewer.has(Role.AGENCY, Role.VICTIM_SUPPORT):
        names += [f"agency:{viewer.agency_id}", f"granted-office:{viewer.office_id}"]
    if viewer.has(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT):
        names.append(f"user:{viewer.user_id}")
    return tuple(names)


def in_time(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that an access row has not expired at the instant of the request."""
    return or_(ChargeAccess.valid_until.is_(None), ChargeAccess.valid_until > viewer.at)


def access_rows(viewer: Viewer, *, in_full: bool = False) -> ColumnElement[bool]:
    """The condition on `charge_access` rows that let this viewer in now; `in_full` leaves outlines out."""
    conditions = [ChargeAccess.principal.in_(principals(viewer)), in_time(viewer)]
    if in_full:
        conditions.append(ChargeAccess.outline.is_(False))
    return and_(*conditions)


def sees(viewer: Viewer, *, in_full: bool = False) -> ColumnElement[bool]:
    """The condition on `charge` rows: visible to the viewer (in full)."""
    return exists().where(ChargeAccess.charge_id == Charge.id, access_rows(viewer, in_full=in_full))


def charges_for(viewer: Viewer, *, in_full: bool = False) -> Select[Charge]:
    """The charges that the viewer sees (in full)."""
    return select(Charge).where(sees(viewer, in_full=in_full))


def _on_team(viewer: Viewer) -> ColumnElement[bool]:
    return exists().where(
        literal(viewer.has(Role.PROSECUTOR, Role.ASSISTANT)), Charge.office_id == viewer.office_id,
        ChargeMember.charge_id == Charge.id, ChargeMember.user_id == viewer.user_id,
        ChargeMember.from_on <= viewer.today,
        or_(ChargeMember.until_on.is_(None), ChargeMember.until_on >= viewer.today))


def charge(viewer: Viewer, number: str) -> tuple[Charge, Standing]:
    """The charge of that number and how the viewer stands to it. Raises NotVisible."""
    row, in_full, team = _by_number(viewer, number)
    return row, _standing(viewer, row, in_full, team)


def charge_by_id(viewer: Viewer, charge_id: int) -> tuple[Charge, Standing]:
    """As `charge`, by key."""
    row, in_full, team = _one(viewer, Charge.id == charge_id)
    return row, _standing(viewer, row, in_full, team)


@remembered
def _by_number(viewer: Viewer, number: str) -> tuple[Charge, bool, bool]:
    return _one(viewer, Charge.number == number)


def _one(viewer: Viewer, which: ColumnElement[bool]) -> tuple[Charge, bool, bool]:
    """The charge, whether it is seen in full, and whether the viewer is on its team."""
    found = db.session.execute(
        charges_for(viewer).where(which).add_columns(sees(viewer, in_full=True), _on_team(viewer))).one_or_none()
    if found is None:
        raise NotVisible
    row, in_full, team = found
    return row, bool(in_full), bool(team)


def _standing(viewer: Viewer, row: Charge, in_full: bool, team: bool) -> Standing:
    return Standing(
        own_office=row.office_id == viewer.office_id and viewer.has(Role.PROSECUTOR, Role.ASSISTANT), on_team=team,
        outline=not in_full, confidentiality=row.confidentiality,
        joined=row.joined_into_id is not None, referred=row.status == "DER")


def court_cases_for(viewer: Viewer) -> Select[CourtCase]:
    """The court cases reached through a charge seen in full, and those of the own office that no charge is linked to.

    A case whose links have all ended stays with the office that opened it, for those who see one of the former charges.
    """
    standing, ever = ChargeCourtCase.unlinked_on.is_(None), ChargeCourtCase.court_case_id == CourtCase.id
    through = and_(ever, ChargeCourtCase.charge_id == ChargeAccess.charge_id, access_rows(viewer, in_full=True))
    linked = exists().where(through, standing)
    if not viewer.has(Role.PROSECUTOR, Role.ASSISTANT):
        return select(CourtCase).where(linked)
    unlinked = and_(CourtCase.prosecution_office_id == viewer.office_id, ~exists().where(ever, standing),
                    or_(~exists().where(ever), exists().where(through)))
    return select(CourtCase).where(or_(linked, unlinked))
