"""The receiving office's side of a referral: accepted by naming the new responsible, or declined with a reason.

On acceptance the case team ends, of a sealed charge too: its new team is the new responsible alone, who names the others.
"""
from __future__ import annotations

from sqlalchemy import select

from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.event_types import event_type
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge
from sistra.models.hand_over import Referral
from sistra.rules import hand_over as rules
from sistra.rules.confidentiality import SEALED
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charge_access, events, records
from sistra.services.hand_over import moving, readings
from sistra.services.parts import stated


def accept(viewer: Viewer, referral_id: int, *, responsible_id: int | None) -> str:
    """Takes the charge over and gives its number. Its children, deadlines, court cases and team move in this transaction.

    Raises NotVisible, Forbidden, Rejected.
    """
    row, charge, office = _waiting(viewer, referral_id)
    if responsible_id not in {key for key, _ in accounts.prosecutors(office.id, viewer.at)}:
        raise Rejected(Problem("responsible", said("Elija a un fiscal en ejercicio del despacho que recibe")))
    moving.to_office(viewer, charge, office, int(responsible_id or 0))
    events.put_down(viewer, charge, event_type("DER-ACE"), {"occurred_on": PartialDate.of_day(viewer.today), "referral": row.id})
    _answer(viewer, row, rules.ACCEPTED, "referral.accepted")
    if charge.confidentiality != SEALED:
        moving.leave_copy(viewer, row)
    charge_access.refresh(viewer, charge)
    return charge.number


def decline(viewer: Viewer, referral_id: int, *, reason: str, note: str) -> None:
    """Sends the charge back, with a code of `referral_decline_reason` and a note. Raises NotVisible, Forbidden, Rejected."""
    row, charge, _office = _waiting(viewer, referral_id)
    if reason not in codelist("referral_decline_reason"):
        raise Rejected(Problem("decline_reason", said("Elija una opción de la lista")))
    row.decline_reason = reason
    records.derive(row, "decline_note", stated(note, "decline_note"))
    events.put_down(viewer, charge, event_type("DER-REC"), {
        "occurred_on": PartialDate.of_day(viewer.today), "referral": row.id,
        "reason": codelist("referral_decline_reason")[reason].label("es")})
    _answer(viewer, row, rules.DECLINED, "referral.declined")


def _waiting(viewer: Viewer, referral_id: int) -> tuple[Referral, Charge, Office]:
    """A referral that the viewer may answer, with its charge, held until the commit, and the office that receives it."""
    require(viewer, "referral.answer")
    found = db.session.execute(
        select(Referral, Charge, Office).join(Charge, Referral.charge_id == Charge.id)
        .join(Office, Referral.to_office_id == Office.id)
        .where(Referral.id == referral_id, readings.answers_for(viewer, Office), Referral.state != rules.PREPARED)).one_or_none()
    if found is None:
        raise NotVisible
    row, charge, office = found
    events.lock(charge)
    db.session.refresh(row, with_for_update=True)
    if row.state != rules.OFFERED:
        raise Rejected(Problem("", said("La derivación ya no espera respuesta")))
    return row, charge, office


def _answer(viewer: Viewer, row: Referral, state: str, action: str) -> None:
    before, row.state = row.state, state
    row.answered_by_id, row.answered_at = viewer.user_id, viewer.at
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), detail={"version": row.version, "to_office": row.to_office_id},
               changes=[{"field": "state", "before": before, "after": state}])
