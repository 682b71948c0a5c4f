"""What a recipient does with an offer: accepts it, or declines it with a reason that goes back to the sender."""
from __future__ import annotations

from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.sharing import Grant
from sistra.rules import sharing as rules
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charge_access, records
from sistra.services.parts import stated


def accept(viewer: Viewer, grant_id: int) -> str:
    """Accepts an offer: the charge is seen from now on. Gives its number. Raises NotVisible, Forbidden, Rejected."""
    row, charge = _offered(viewer, grant_id)
    _answer(viewer, row, rules.ACCEPTED, "grant.accepted")
    charge_access.refresh(viewer, charge)
    return charge.number


def decline(viewer: Viewer, grant_id: int, reason: str) -> None:
    """Declines an offer. Raises NotVisible, Forbidden, Rejected."""
    row, _charge = _offered(viewer, grant_id)
    records.derive(row, "answer_reason", stated(reason, "answer_reason"))
    _answer(viewer, row, rules.DECLINED, "grant.declined")


def _offered(viewer: Viewer, grant_id: int) -> tuple[Grant, Charge]:
    """An offer to the viewer that waits for its answer. Of a sealed charge nobody outside the team has an offer."""
    require(viewer, "grant.answer")
    row = db.session.scalar(select(Grant).where(Grant.id == grant_id, Grant.target.in_(scope.recipients(viewer))))
    charge = db.session.get(Charge, row.charge_id) if row is not None else None
    if row is None or charge is None:
        raise NotVisible
    charge_access.hold(charge)
    db.session.refresh(row, with_for_update=True)
    if charge.confidentiality in TEAM_ONLY:
        raise NotVisible
    state = rules.state_on(row.state or "", row.valid_until, viewer.today)
    if state == rules.EXPIRED:
        raise Rejected(Problem("", said("El ofrecimiento venció: pida al despacho que lo haga de nuevo")))
    if state != rules.OFFERED:
        raise Rejected(Problem("", said("El ofrecimiento ya no espera respuesta")))
    return row, charge


def _answer(viewer: Viewer, row: Grant, state: str, action: str) -> None:
    before, row.state = row.state, state
    row.answered_by_id, row.answered_at = viewer.user_id or None, viewer.at
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), changes=[{"field": "state", "before": before, "after": state}],
               detail={"target": row.target, "version": row.version})
