"""The rows of `charge_access`: worked out from office, confidentiality, team and grants, kept in the transaction of each act."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, event, or_, select
from sqlalchemy.orm import Session

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge, ChargeAccess, ChargeMember
from sistra.models.sharing import Grant
from sistra.rules.confidentiality import COLLABORATION, SEALED, TEAM_ONLY
from sistra.rules.sharing import ACCEPTED, ends_at
from sistra.services.unit import Stale


@dataclass(frozen=True, slots=True)
class Opening:
    """What a row of access opens. Rows by right open everything, or the outline, without end."""

    outline: bool = False
    profile: str | None = None
    sections: tuple[str, ...] | None = None
    permission: str | None = None
    valid_until: datetime | None = None


Due = dict[tuple[str, int], Opening]
"""(principal, grant or 0) -> what it opens."""


def entitled(charge: Charge, office: Office, members: Iterable[int], grants: Iterable[Grant] = ()) -> Due:
    """The rows of access that are due to a charge. `grants` are those accepted.

    A sealed charge is open to its team; its supervisors keep the outline. Effective collaboration never leaves the team.
    """
    due: Due = {(principal, 0): Opening(outline) for principal, outline in _by_right(charge, office, members).items()}
    if charge.confidentiality not in TEAM_ONLY:
        due |= {(one.target, one.id): Opening(False, one.profile, one.sections, one.permission, ends_at(one.valid_until))
                for one in grants}
    return due


def _by_right(charge: Charge, office: Office, members: Iterable[int]) -> dict[str, bool]:
    team = {f"user:{key}": False for key in members}
    supervisors = [f"district:{office.fiscal_district}"] if office.fiscal_district else []
    supervisors += ["subsystem"] if office.specialised else []
    if charge.confidentiality == COLLABORATION:
        return team
    if charge.confidentiality == SEALED:
        return team | dict.fromkeys(supervisors, True)
    return dict.fromkeys([f"office:{charge.office_id}", *supervisors], False)


_HELD = "held_charges"


def hold(charge: Charge) -> None:
    """Holds the charge until the commit and has its row as it stands now, so that of two acts at once one goes after the other.

    Raises Stale where it was amended, referred or joined since it was read: what was asked of it then may hold no longer.
    """
    held: set[int] = db.session().info.setdefault(_HELD, set())
    if charge.id in held:
        return
    db.session.flush()
    before = _moved_by(charge)
    db.session.refresh(charge, with_for_update={"key_share": True})
    if _moved_by(charge) != before:
        raise Stale
    held.add(charge.id)


def _moved_by(charge: Charge) -> tuple[object, ...]:
    return charge.version, charge.status, charge.joined_into_id


@event.listens_for(Session, "after_soft_rollback")
@event.listens_for(Session, "after_commit")
def _let_go(session: Session, *_: object) -> None:
    session.info.pop(_HELD, None)


def refresh(viewer: Viewer, charge: Charge) -> None:
    """Writes the charge's rows anew where they differ, and the instant of its last change into each.

    The charge is held, so that no grant and no seal of another act is missed.
    """
    hold(charge)
    wanted = entitled(charge, *_office_and_team(viewer, charge), accepted(charge.id))
    held = {(row.principal, row.grant_id): row
            for row in db.session.scalars(select(ChargeAccess).where(ChargeAccess.charge_id == charge.id))}
    _write(viewer, charge, wanted, held)


def open_to(viewer: Viewer, charge: Charge, office: Office) -> None:
    """The first rows of a charge that is just being opened in an office: nobody was granted anything of it, nothing is sealed."""
    _write(viewer, charge, entitled(charge, office, ()), {})


def _write(viewer: Viewer, charge: Charge, wanted: Due, held: dict[tuple[str, int], ChargeAccess]) -> None:
    for (principal, grant_id), opening in wanted.items():
        row = held.pop((principal, grant_id), None)
        if row is None:
            row = ChargeAccess(principal=principal, charge_id=charge.id, grant_id=grant_id, updated_at=charge.updated_at)
            db.session.add(row)
        elif not (opening.outline and row.outline):
            # an outline keeps the instant of its sealing: later changes are not its reader's
            row.updated_at = charge.updated_at or viewer.at
        row.outline, row.profile, row.sections = opening.outline, opening.profile, opening.sections
        row.permission, row.valid_until = opening.permission, opening.valid_until
    for row in held.values():
        db.session.delete(row)
    db.session.flush()


def opening_of(row: ChargeAccess) -> Opening:
    """What a row opens, to be held against what is due."""
    return Opening(row.outline, row.profile, row.sections, row.permission, row.valid_until)


def accepted(charge_id: int) -> list[Grant]:
    """The accepted grants of a charge; the clock of each request tells which of them has ended."""
    return list(db.session.scalars(select(Grant).where(Grant.charge_id == charge_id, Grant.state == ACCEPTED)))


def enters_by_team(office_id: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition on users whom their place on a team lets into a charge of that office, a sealed one too.

    Who assists victims is on a team beside a grant: sealing suspends the grant, and the team alone opens nothing to them.
    """
    return and_(User.office_id == office_id, or_(
        User.roles.like("%;FISCAL;%"), User.roles.like("%;ASISTENTE;%"), User.roles.not_like("%;VICTIMAS;%")))


def _office_and_team(viewer: Viewer, charge: Charge) -> tuple[Office, list[int]]:
    """The office of the charge, and those of its people who are on the case team today."""
    today = and_(ChargeMember.charge_id == charge.id, ChargeMember.from_on <= viewer.today,
                 or_(ChargeMember.until_on.is_(None), ChargeMember.until_on >= viewer.today))
    rows = db.session.execute(
        select(Office, User.id).select_from(Office).outerjoin(ChargeMember, today)
        .outerjoin(User, and_(ChargeMember.user_id == User.id, enters_by_team(Office.__table__.c.id)))
        .where(Office.id == charge.office_id)).all()
    return rows[0][0], [user_id for _, user_id in rows if user_id is not None]
