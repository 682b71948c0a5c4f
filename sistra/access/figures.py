"""Whose figures a viewer is told, and how exactly. Facts are reached through here alone."""
from __future__ import annotations

from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, exists, literal, or_, select

from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.models.accounts import Office
from sistra.models.facts import FACTS
from sistra.rules.confidentiality import TEAM_ONLY


class Reach(StrEnum):
    """The charges that a viewer's figures are about. AGENCY is the whole country too, told in rounded figures."""

    COUNTRY = "country"
    SUBSYSTEM = "subsystem"
    DISTRICT = "district"
    OFFICE = "office"
    AGENCY = "agency"


_REACHES: Final = (
    ((Role.ANALYST,), Reach.COUNTRY),
    ((Role.COORDINATOR,), Reach.SUBSYSTEM),
    ((Role.DISTRICT_HEAD,), Reach.DISTRICT),
    ((Role.PROSECUTOR, Role.ASSISTANT), Reach.OFFICE),
    ((Role.AGENCY, Role.VICTIM_SUPPORT), Reach.AGENCY),
)
_SEE_ROWS: Final = tuple(role for roles, found in _REACHES if found is not Reach.COUNTRY for role in roles)


def reach(viewer: Viewer) -> Reach:
    """The widest that a role of the viewer gives. Raises Forbidden where none gives any."""
    for roles, found in _REACHES:
        if viewer.has(*roles):
            return found
    raise Forbidden("figures.read")


def sees_rows(viewer: Viewer) -> bool:
    """Whether the charges that the viewer's figures are about are those whose rows the viewer sees, the sealed ones left out."""
    return viewer.has(*_SEE_ROWS) and reach(viewer) in (Reach.SUBSYSTEM, Reach.DISTRICT, Reach.OFFICE)


def hides_closed(viewer: Viewer) -> bool:
    """Whether sealed charges are left out: who sees rows could tell what they hold by setting figures against the rows."""
    found = reach(viewer)
    return viewer.has(*_SEE_ROWS) if found is Reach.COUNTRY else found is not Reach.AGENCY


def told(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    """The condition on rows of a table of facts: those that the viewer's figures may count. Raises Forbidden.

    What is sealed at present stays hidden in figures of the past too: sealing acts at once, and asking as of the day before
    would tell what was sealed.
    """
    return and_(_within(viewer, table), open_ones(viewer, table))


def open_ones(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    """The part of `told` that leaves out sealed charges, wherever they are of; for who sees no rows it leaves out none."""
    if not hides_closed(viewer):
        return literal(True)
    return and_(or_(table.c.confidentiality.is_(None), table.c.confidentiality.not_in(TEAM_ONLY)), ~_closed_now(table))


def _closed_now(table: Table) -> ColumnElement[bool]:
    now = FACTS["charge"].alias()
    return exists().where(now.c.record_id == table.c.charge_id, now.c.valid_to.is_(None), now.c.confidentiality.in_(TEAM_ONLY))


def _within(viewer: Viewer, table: Table) -> ColumnElement[bool]:
    match reach(viewer):
        case Reach.SUBSYSTEM:
            return table.c.office_id.in_(select(Office.id).where(Office.specialised.is_(True)))
        case Reach.DISTRICT:
            return table.c.fiscal_district == viewer.fiscal_district
        case Reach.OFFICE:
            return table.c.office_id == viewer.office_id
        case _:
            return literal(True)
