"""Rows through a viewer: every select of a charge or of what hangs below one starts here."""
from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, literal, or_, select

from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db, remembered
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.rules.entries import LIMA
from sistra.rules.sharing import SUMMARY, Shared, Terms, combined


def principals(viewer: Viewer) -> tuple[str, ...]:
    """The names under which `charge_access` may hold a row for this viewer."""
    names = []
    if viewer.has(Role.PROSECUTOR, Role.ASSISTANT):
        names.append(f"office:{viewer.office_id}")
    return (*names, *supervising(viewer), *recipients(viewer))


def supervising(viewer: Viewer) -> tuple[str, ...]:
    """The names under which the viewer sees what they supervise: the subsystem, the district."""
    names = []
    if viewer.has(Role.COORDINATOR):
        names.append("subsystem")
    if viewer.has(Role.DISTRICT_HEAD) and viewer.fiscal_district:
        names.append(f"district:{viewer.fiscal_district}")
    return tuple(names)


def recipients(viewer: Viewer) -> tuple[str, ...]:
    """The names under which grants reach this viewer.

    A granted office is not the owning one: its rows open what the grant says.
    """
    names = []
    if viewer.has(Role.AGENCY, Role.VICTIM_SUPPORT):
        names.append(f"agency:{viewer.agency_id}")
    if viewer.has(Role.PROSECUTOR, Role.ASSISTANT, Role.AGENCY, Role.VICTIM_SUPPORT):
        names.append(f"granted-office:{viewer.office_id}")
    if viewer.has(Role.PROSECUTOR, Role.ASSISTANT, Role.COORDINATOR, Role.DISTRICT_HEAD, Role.AGENCY, Role.VICTIM_SUPPORT):
        names.append(f"user:{viewer.user_id}")
    return tuple(names)


def in_time(viewer: Viewer) -> ColumnElement[bool]:
    """The condition that an access row has not expired at the instant of the request."""
    return or_(ChargeAccess.valid_until.is_(None), ChargeAccess.valid_until > viewer.at)


def opens(section: str, *, texts: bool = False) -> ColumnElement[bool]:
    """The condition on `charge_access` rows that they open that section (`texts`: its texts too), expired or not."""
    granted = and_(ChargeAccess.sections.like(f"%;{section};%"), *([ChargeAccess.profile != SUMMARY] if texts else []))
    return and_(ChargeAccess.outline.is_(False), or_(ChargeAccess.grant_id == 0, granted))


def access_rows(viewer: Viewer, *, in_full: bool = False, section: str | None = None, texts: bool = False) -> ColumnElement[bool]:
    """The condition on `charge_access` rows that let this viewer in now.

    `in_full` leaves outlines and grants out; `section` leaves out outlines and the grants that do not open that section,
    with `texts` those too that open its codes and numbers alone.
    """
    conditions = [ChargeAccess.principal.in_(principals(viewer)), in_time(viewer)]
    if in_full:
        conditions += [ChargeAccess.outline.is_(False), ChargeAccess.grant_id == 0]
    elif section:
        conditions.append(opens(section, texts=texts))
    return and_(*conditions)


def sees(viewer: Viewer, *, in_full: bool = False, section: str | None = None, texts: bool = False) -> ColumnElement[bool]:
    """The condition on `charge` rows: visible to the viewer (in full, or at least in that section; `texts`: its texts too)."""
    return exists().where(ChargeAccess.charge_id == Charge.id, access_rows(viewer, in_full=in_full, section=section, texts=texts))


def among(viewer: Viewer, *, section: str) -> ColumnElement[bool]:
    """As `sees` of a section, the charges named by their keys: lists start from what the viewer sees, not from every charge."""
    return Charge.id.in_(select(ChargeAccess.charge_id).where(access_rows(viewer, section=section)))


def charges_for(viewer: Viewer, *, in_full: bool = False, section: str | None = None, texts: bool = False) -> Select[Charge]:
    """The charges that the viewer sees (in full, or at least in that section; `texts`: its texts too)."""
    return select(Charge).where(sees(viewer, in_full=in_full, section=section, texts=texts))


def supervises(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on `charge` rows: within what the viewer supervises, sealed ones included."""
    return exists().where(ChargeAccess.charge_id == Charge.id, _supervised(viewer)) if supervising(viewer) else literal(False)


def among_supervised(viewer: Viewer) -> ColumnElement[bool]:
    """As `supervises`, the charges named by their keys, for lists."""
    return Charge.id.in_(select(ChargeAccess.charge_id).where(_supervised(viewer)))


def _supervised(viewer: Viewer) -> ColumnElement[bool]:
    return ChargeAccess.principal.in_(supervising(viewer))


def on_team(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on `charge` rows that the viewer is on the case team today."""
    return exists().where(
        literal(viewer.has(Role.PROSECUTOR, Role.ASSISTANT)), Charge.office_id == viewer.office_id, _member(viewer))


def _supports(viewer: Viewer) -> ColumnElement[bool]:
    return exists().where(literal(viewer.has(Role.VICTIM_SUPPORT)), _member(viewer))


def _member(viewer: Viewer) -> ColumnElement[bool]:
    return and_(ChargeMember.charge_id == Charge.id, ChargeMember.user_id == viewer.user_id,
                ChargeMember.from_on <= viewer.today,
                or_(ChargeMember.until_on.is_(None), ChargeMember.until_on >= viewer.today))


def teams(viewer: Viewer) -> Select[int]:
    """The keys of the charges on whose case team the viewer is today."""
    return select(ChargeMember.charge_id).join(Charge, ChargeMember.charge_id == Charge.id).where(
        literal(viewer.has(Role.PROSECUTOR, Role.ASSISTANT)), Charge.office_id == viewer.office_id, _member(viewer)).distinct()


def charge(viewer: Viewer, number: str) -> tuple[Charge, Standing]:
    """The charge of that number and how the viewer stands to it. Raises NotVisible."""
    return _by_number(viewer, number)


def charge_by_id(viewer: Viewer, charge_id: int) -> tuple[Charge, Standing]:
    """As `charge`, by key."""
    return _one(viewer, Charge.id == charge_id)


def linked(viewer: Viewer, keys: Iterable[int]) -> dict[int, tuple[Charge, Standing | None]]:
    """Charges that a court case links together, by key, with the viewer's standing to those whose court cases are open to them.

    None for the others: their rows are for the services alone.
    """
    rows = db.session.execute(
        select(Charge, sees(viewer, in_full=True), on_team(viewer)).where(Charge.id.in_(keys))).all()
    granted = shared(viewer, [row.id for row, in_full, _team in rows if not in_full])
    found: dict[int, tuple[Charge, Standing | None]] = {}
    for row, in_full, team in rows:
        terms = granted.get(row.id)
        open_to = in_full or (terms is not None and terms.reads("EXP"))
        found[row.id] = (row, _standing(viewer, row, bool(in_full), bool(team), terms) if open_to else None)
    return found


def shared(viewer: Viewer, keys: Iterable[int]) -> dict[int, Shared]:
    """What the grants in force open together of each of the charges, by key. Of none, nothing is asked."""
    wanted = list(keys)
    if not wanted or not recipients(viewer):
        return {}
    rows = db.session.scalars(select(ChargeAccess).where(
        ChargeAccess.charge_id.in_(wanted), ChargeAccess.grant_id != 0, access_rows(viewer)))
    terms: dict[int, list[Terms]] = {}
    for row in rows:
        terms.setdefault(row.charge_id, []).append(Terms(
            row.profile or "", row.sections or (), row.permission or "", _last_day(row)))
    return {key: together for key, theirs in terms.items() if (together := combined(theirs)) is not None}


def _last_day(row: ChargeAccess) -> date:
    """The last day in Lima of an access that ends with it."""
    return (row.valid_until or datetime.max.replace(tzinfo=UTC)).astimezone(LIMA).date() - timedelta(days=1)


def standings(viewer: Viewer, rows: Iterable[Charge]) -> dict[int, Standing]:
    """How the viewer stands to each of some charges in sight, by key: two queries, whatever their number."""
    charges = {row.id: row for row in rows}
    known = {key: (bool(in_full), bool(team)) for key, in_full, team in db.session.execute(
        select(Charge.id, sees(viewer, in_full=True), on_team(viewer)).where(Charge.id.in_(charges)))}
    granted = shared(viewer, [key for key, (in_full, _team) in known.items() if not in_full])
    return {key: _standing(viewer, charges[key], *known[key], granted.get(key)) for key in known}


@remembered
def _by_number(viewer: Viewer, number: str) -> tuple[Charge, Standing]:
    return _one(viewer, Charge.number == number)


def _one(viewer: Viewer, which: ColumnElement[bool]) -> tuple[Charge, Standing]:
    found = db.session.execute(
        charges_for(viewer).where(which)
        .add_columns(sees(viewer, in_full=True), on_team(viewer), supervises(viewer), _supports(viewer))).one_or_none()
    if found is None:
        raise NotVisible
    row, in_full, team, supervised, supports = found
    granted = {} if in_full else shared(viewer, [row.id])
    return row, _standing(viewer, row, bool(in_full), bool(team), granted.get(row.id), supervised=bool(supervised),
                          supports=bool(supports))


def _standing(viewer: Viewer, row: Charge, in_full: bool, team: bool, granted: Shared | None, *,
              supervised: bool = False, supports: bool = False) -> Standing:
    return Standing(
        own_office=row.office_id == viewer.office_id and viewer.has(Role.PROSECUTOR, Role.ASSISTANT), on_team=team,
        outline=not in_full and granted is None, confidentiality=row.confidentiality,
        joined=row.joined_into_id is not None, referred=row.status == "DER", shared=None if in_full else granted,
        supervised=supervised, supports=supports)


def court_cases_for(viewer: Viewer) -> Select[CourtCase]:
    """The court cases reached through a charge of which they are open, and those of the own office that no charge is linked to.

    A case whose links have all ended stays with the office that opened it, for those who see one of the former charges.
    """
    standing, ever = ChargeCourtCase.unlinked_on.is_(None), ChargeCourtCase.court_case_id == CourtCase.id
    through = and_(ever, ChargeCourtCase.charge_id == ChargeAccess.charge_id, access_rows(viewer, section="EXP"))
    linked = exists().where(through, standing)
    if not viewer.has(Role.PROSECUTOR, Role.ASSISTANT):
        return select(CourtCase).where(linked)
    unlinked = and_(CourtCase.prosecution_office_id == viewer.office_id, ~exists().where(ever, standing),
                    or_(~exists().where(ever), exists().where(through)))
    return select(CourtCase).where(or_(linked, unlinked))


def court_case_by_right(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on `court_case` rows that a charge of theirs is seen in full, by right."""
    return exists().where(
        ChargeCourtCase.court_case_id == CourtCase.id, ChargeCourtCase.charge_id == ChargeAccess.charge_id,
        access_rows(viewer, in_full=True))
