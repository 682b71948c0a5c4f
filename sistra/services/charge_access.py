"""The rows of `charge_access`: worked out from office, confidentiality and team, kept in the transaction of each act."""
from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, or_, select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge, ChargeAccess, ChargeMember

SEALED, COLLABORATION = "SEL", "COL"


def entitled(charge: Charge, office: Office, members: Iterable[int]) -> dict[str, bool]:
    """Principal -> whether it sees the outline only.

    A sealed charge is open to its team; its supervisors keep the outline. Effective collaboration never leaves the team.
    """
    team = {f"user:{key}": False for key in members}
    supervisors = [f"district:{office.fiscal_district}"] if office.fiscal_district else []
    supervisors += ["subsystem"] if office.specialised else []
    if charge.confidentiality == COLLABORATION:
        return team
    if charge.confidentiality == SEALED:
        return team | dict.fromkeys(supervisors, True)
    return dict.fromkeys([f"office:{charge.office_id}", *supervisors], False)


def refresh(viewer: Viewer, charge: Charge) -> None:
    """Writes the charge's rows anew where they differ, and the instant of its last change into each."""
    office = db.session.get_one(Office, charge.office_id)
    wanted = entitled(charge, office, _members(viewer, charge.id))
    held = {row.principal: row for row in db.session.scalars(select(ChargeAccess).where(ChargeAccess.charge_id == charge.id))}
    for principal, outline in wanted.items():
        row = held.pop(principal, None)
        if row is None:
            db.session.add(ChargeAccess(principal=principal, charge_id=charge.id, updated_at=charge.updated_at, outline=outline))
        else:
            if not (outline and row.outline):  # an outline keeps the instant of its sealing: later changes are not its reader's
                row.updated_at = charge.updated_at or viewer.at
            row.outline = outline
    if held:
        db.session.execute(delete(ChargeAccess).where(ChargeAccess.charge_id == charge.id, ChargeAccess.principal.in_(held)))
    db.session.flush()


def _members(viewer: Viewer, charge_id: int) -> list[int]:
    return list(db.session.scalars(select(ChargeMember.user_id).join(User, ChargeMember.user_id == User.id).join(
        Charge, ChargeMember.charge_id == Charge.id).where(
        ChargeMember.charge_id == charge_id, User.office_id == Charge.office_id, ChargeMember.from_on <= viewer.today,
        or_(ChargeMember.until_on.is_(None), ChargeMember.until_on >= viewer.today))))
