"""The sender's side of a referral: prepared, offered, taken back.

While an offer waits for its answer the charge is referred (DER): its office reads it and enters nothing, and its time
limits run on. A sealed charge may be referred by its team; what it holds, the grounds of the referral included, stays with
the team until the new responsible accepts. One under effective collaboration leaves its team by no way.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.codebook.event_types import event_type
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.events import Event
from sistra.models.hand_over import Referral
from sistra.rules import hand_over as rules
from sistra.rules.confidentiality import COLLABORATION, SEALED
from sistra.rules.entries import Entry, required
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, events, records
from sistra.services.hand_over import moving

_REFERRAL = record("referral").fields
ENTERED: tuple[Field, ...] = tuple(_REFERRAL[name] for name in ("to_office", "reason", "details", "document", "keep_copy"))
"""What the sender says in a referral."""


def receiving_offices(viewer: Viewer, office_id: int) -> list[tuple[int, str]]:
    """(key, name) of the offices to which a charge of that office may go."""
    rows = db.session.execute(select(Office.id, Office.name).where(
        Office.id != office_id, Office.office_kind.in_(rules.PROSECUTION),
        or_(Office.valid_to.is_(None), Office.valid_to >= viewer.today)).order_by(Office.name))
    return [(row.id, row.name) for row in rows]


def prepare(viewer: Viewer, number: str, entry: Entry) -> int:
    """Puts a referral down for a prosecutor to offer, or changes the one put down. Gives its key.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "referral.prepare", stands)
    return _put(viewer, charge, stands, entry).id


def offer(viewer: Viewer, number: str, entry: Entry) -> int:
    """Offers the charge to another office and gives the referral's key; the act DER-DIS tells of it.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "referral.offer", stands)
    row = _put(viewer, charge, stands, entry)
    row.state, row.offered_by_id, row.offered_at = rules.OFFERED, viewer.user_id, viewer.at
    _noted(viewer, row, "referral.offered", before=rules.PREPARED)
    words = codelist("referral_reason")[row.reason].label("es")
    events.put_down(viewer, charge, event_type("DER-DIS"), {
        "occurred_on": PartialDate.of_day(viewer.today), "target_office": row.to_office_id, "reason": words,
        "attachment": row.document_id, "referral": row.id})
    return row.id


def _put(viewer: Viewer, charge: Charge, stands: Standing, entry: Entry) -> Referral:
    """The referral of a charge, written as the entry says and not offered yet."""
    events.lock(charge)
    row = pending(charge.id)
    if row is not None and row.state == rules.OFFERED:
        raise Rejected(Problem("", said(
            "La denuncia ya está ofrecida a otro despacho: espere la respuesta o retire la derivación")))
    values = {field.name: entry.values.get(field.name) for field in ENTERED}
    if problems := required(ENTERED, values) + _problems(viewer, charge, stands, values):
        raise Rejected(problems)
    if row is not None:
        records.amend(viewer, row, Entry("referral", values), "referral.amended")
        return row
    made = Referral(details=b"", charge_id=charge.id, from_office_id=charge.office_id, state=rules.PREPARED)
    return records.create(viewer, made, values, "referral.prepared")


def _problems(viewer: Viewer, charge: Charge, stands: Standing, values: Mapping[str, Any]) -> list[Problem]:
    problems = rules.check_referral(values, from_office=charge.office_id, confidentiality=charge.confidentiality)
    listed = said("Elija una opción de la lista")
    wanted = values["to_office"]
    if not problems and wanted is not None and wanted not in dict(receiving_offices(viewer, charge.office_id)):
        problems.append(Problem("to_office", listed))
    document = db.session.get(Attachment, values["document"]) if values["document"] is not None else None
    if values["document"] is not None and (
            document is None or document.charge_id != charge.id or not events.may_know(document, stands)):
        problems.append(Problem("document", listed))
    if any(_stays(viewer, one) for one in moving.family(charge)[1:]):
        problems.append(Problem("", said("Una de las denuncias acumuladas a esta no puede salir de su equipo")))
    return problems


def _stays(viewer: Viewer, joined: Charge) -> bool:
    """Whether a charge joined to another may not go with it: a sealed one goes by its own team, collaboration by nobody."""
    if joined.confidentiality == SEALED:
        return db.session.scalar(select(Charge.id).where(Charge.id == joined.id, scope.on_team(viewer))) is None
    return joined.confidentiality == COLLABORATION


def pending(charge_id: int) -> Referral | None:
    """The referral of the charge that is prepared or waits for its answer, locked."""
    found: Referral | None = db.session.scalar(select(Referral).where(
        Referral.charge_id == charge_id, Referral.state.in_(rules.PENDING)).with_for_update())
    return found


def discard(viewer: Viewer, number: str) -> None:
    """Drops a referral that was never offered. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "referral.prepare", stands)
    events.lock(charge)
    row = pending(charge.id)
    if row is None or row.state != rules.PREPARED:
        raise Rejected(Problem("", said("No hay una derivación en preparación")))
    row.state = rules.WITHDRAWN
    _noted(viewer, row, "referral.withdrawn", before=rules.PREPARED)


def withdraw(viewer: Viewer, number: str, reason: str) -> None:
    """Takes back an offer that nobody answered: its act is left without effect. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "referral.withdraw", stands)
    events.lock(charge)
    row = pending(charge.id)
    if row is None or row.state != rules.OFFERED:
        raise Rejected(Problem("", said("No hay una derivación que espere respuesta")))
    act = db.session.scalars(select(Event).where(Event.referral_id == row.id, Event.event_type == "DER-DIS")).one()
    events.undo(viewer, charge, act, reason=reason)
    row.state = rules.WITHDRAWN
    _noted(viewer, row, "referral.withdrawn", before=rules.OFFERED)


def _noted(viewer: Viewer, row: Referral, action: str, *, before: str) -> None:
    records.touch(viewer, row)
    db.session.flush()
    audit.note(viewer, action, audit.subject_of(row), detail={"version": row.version, "to_office": row.to_office_id},
               changes=[{"field": "state", "before": before, "after": row.state}])
