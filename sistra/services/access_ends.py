"""Access that ends because something else changed: where the charge is, or where the person belongs to whom it was given."""
from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules import sharing as rules
from sistra.services import audit, charge_access, records

_PENDING, _WITHDRAWN = "PEN", "RET"
"""States of a request for access (`access_request_state`)."""


def end(viewer: Viewer, charge: Charge, targets: Sequence[str], reason: str) -> None:
    """Revokes what those targets were granted of a charge, and withdraws what they were offered and asked for.

    Who sees the charge is left to be settled by the caller.
    """
    for grant in db.session.scalars(select(Grant).where(
            Grant.charge_id == charge.id, Grant.target.in_(targets), Grant.state.in_((rules.OFFERED, rules.ACCEPTED)))
            .with_for_update()):
        accepted, before = grant.state == rules.ACCEPTED, grant.state
        grant.state = rules.REVOKED if accepted else rules.WITHDRAWN
        if accepted:
            grant.revoked_at = viewer.at
            records.derive(grant, "revoke_reason", reason)
        _noted(viewer, grant, "grant.revoked" if accepted else "grant.withdrawn", before)
    for asked in db.session.scalars(select(AccessRequest).where(
            AccessRequest.charge_id == charge.id, AccessRequest.target.in_(targets), AccessRequest.state == _PENDING)):
        before, asked.state = asked.state, _WITHDRAWN
        _noted(viewer, asked, "access_request.answered", before)


def end_personal(viewer: Viewer, user_id: int, reason: str) -> None:
    """Ends, on every charge, what was granted to a person by name, offered to or asked for by that person."""
    target = rules.principal("PER", user_id)
    granted = select(Grant.charge_id).where(Grant.target == target, Grant.state.in_((rules.OFFERED, rules.ACCEPTED)))
    asked = select(AccessRequest.charge_id).where(AccessRequest.target == target, AccessRequest.state == _PENDING)
    for charge in db.session.scalars(select(Charge).where(Charge.id.in_(granted.union(asked))).order_by(Charge.id)).all():
        charge_access.hold(charge)
        end(viewer, charge, (target,), reason)
        charge_access.refresh(viewer, charge)


def _noted(viewer: Viewer, row: Grant | AccessRequest, action: str, before: str | None) -> None:
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), detail={"target": row.target, "version": row.version},
               changes=[{"field": "state", "before": before, "after": row.state}])
