"""Letting more people see a charge, by two: one of its team asks with a reason, another person decides with theirs.

Closing a charge further is one person's act (`charges.seal`); opening it takes both.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from sistra.access import scope, vault
from sistra.access.fields import to_json
from sistra.access.may import may, require
from sistra.access.standing import Standing
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.unsealing import Unsealing
from sistra.rules.confidentiality import LEVELS, lowers
from sistra.rules.entries import Entry
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import accounts, audit, charge_settling, charge_team, records
from sistra.services.charges import REASON_LENGTH

PENDING, APPROVED, REFUSED = "PEN", "APR", "DEN"


@dataclass(frozen=True, slots=True)
class Request:
    """A pending request as who may decide it reads it. `own`: the viewer made it; `decides`: the viewer may decide it."""

    present: str
    wanted: str
    reason: str
    requested_by: str
    requested_at: datetime
    own: bool
    decides: bool


def request(viewer: Viewer, number: str, *, confidentiality: str, reason: str) -> None:
    """Asks that a charge be opened to more people; nothing changes until somebody else approves.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.seal", stands)
    if confidentiality not in LEVELS or not lowers(charge.confidentiality, confidentiality):
        raise Rejected(Problem("confidentiality", said("Elija una opción de la lista")))
    stated = _stated(reason, "sealed_reason")
    _on_team(charge.id, viewer.user_id, viewer, said("Solo quien integra el equipo del caso puede pedir que se levante el sello"))
    if _pending(charge) is not None:
        raise Rejected(Problem("", said("Ya hay una petición sin decidir sobre esta denuncia")))
    asked = Unsealing(charge_id=charge.id, present=charge.confidentiality, wanted=confidentiality, reason=b"", state=PENDING,
                      requested_by_id=viewer.user_id, requested_at=viewer.at)
    db.session.add(asked)
    db.session.flush()
    asked.reason = _closed(asked, "reason", stated)
    db.session.flush()
    _note(viewer, asked, "unsealing.requested", "reason", asked.reason)


def needed(viewer: Viewer, number: str, confidentiality: str) -> bool:
    """Whether that level lets more people in than the present one, so that it must be asked for. Raises NotVisible."""
    charge, _ = scope.charge(viewer, number)
    return confidentiality in LEVELS and lowers(charge.confidentiality, confidentiality)


def pending(viewer: Viewer, number: str) -> Request | None:
    """The request that waits for a decision, for those who may make or decide one; else None. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    if not (stands.sealed and (may(viewer, "charge.seal", stands) or may(viewer, "charge.unseal", stands))):
        return None
    asked = _pending(charge)
    if asked is None:
        return None
    author = asked.requested_by_id
    return Request(asked.present, asked.wanted, _opened(asked), accounts.user_names([author])[author], asked.requested_at,
                   author == viewer.user_id, _decides(viewer, stands, asked))


def _decides(viewer: Viewer, stands: Standing, asked: Unsealing) -> bool:
    return asked.requested_by_id != viewer.user_id and may(viewer, "charge.unseal", stands)


def withdraw(viewer: Viewer, number: str) -> None:
    """Takes one's own request back. Raises NotVisible, Forbidden, Rejected."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.seal", stands)
    asked = _pending(charge)
    if asked is None or asked.requested_by_id != viewer.user_id:
        raise Rejected(Problem("", said("No hay ninguna petición suya sin decidir")))
    _decide(viewer, asked, REFUSED, None)
    _note(viewer, asked, "unsealing.withdrawn")


def decide(viewer: Viewer, number: str, *, approve: bool, reason: str) -> None:
    """Approves or refuses the pending request of another person; approved, it takes effect at once.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.unseal", stands)
    asked = _pending(charge)
    if asked is None:
        raise Rejected(Problem("", said("No hay ninguna petición por decidir: quizá otra persona ya decidió")))
    if not _decides(viewer, stands, asked):
        raise Rejected(Problem("", said("La petición la decide otra persona, no quien la hizo")))
    stated = _closed(asked, "decision_reason", _stated(reason, "reason"))
    if approve:
        _still_holds(viewer, charge, asked)
    _decide(viewer, asked, APPROVED if approve else REFUSED, stated)
    _note(viewer, asked, "unsealing.approved" if approve else "unsealing.refused", "decision_reason", stated)
    if approve:
        values = {"confidentiality": asked.wanted, "sealed_reason": _opened(asked)}
        records.amend(viewer, charge, Entry("charge", values), "charge.unsealed")
        charge_settling.settle(viewer, charge)


def _still_holds(viewer: Viewer, charge: Charge, asked: Unsealing) -> None:
    """A request speaks of the charge as it was when it was made, by somebody of its team."""
    if charge.confidentiality != asked.present:
        raise Rejected(Problem("", said("La reserva cambió después de la petición: deniéguela y pida que la hagan otra vez")))
    _on_team(charge.id, asked.requested_by_id, viewer,
             said("Quien hizo la petición ya no integra el equipo del caso: deniéguela y pida que la hagan otra vez"))


def _on_team(charge_id: int, user_id: int, viewer: Viewer, otherwise: str) -> None:
    if user_id not in {key for key, _, _ in charge_team.team_of(charge_id, viewer)}:
        raise Rejected(Problem("", otherwise))


def _stated(reason: str, field: str) -> str:
    if not reason.strip() or len(reason) > REASON_LENGTH:
        raise Rejected(Problem(field, said("Escriba el motivo, en no más de 1000 caracteres")))
    return reason.strip()


def _pending(charge: Charge) -> Unsealing | None:
    return db.session.scalar(select(Unsealing).where(Unsealing.charge_id == charge.id, Unsealing.state == PENDING))


def _decide(viewer: Viewer, asked: Unsealing, state: str, stated: bytes | None) -> None:
    """One decision, whoever comes first: the state is compared in the same statement that sets it. Raises Rejected."""
    done = db.session.execute(
        update(Unsealing).where(Unsealing.id == asked.id, Unsealing.state == PENDING)
        .values(state=state, decided_by_id=viewer.user_id, decided_at=viewer.at, decision_reason=stated))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Rejected(Problem("", said("Otra persona ya decidió esta petición")))


def _closed(asked: Unsealing, field: str, text: str) -> bytes:
    return vault.seal_for(("charge", asked.charge_id), text.encode(), f"unsealing.{field}:{asked.id}")


def _opened(asked: Unsealing) -> str:
    return vault.open_for(("charge", asked.charge_id), asked.reason, f"unsealing.reason:{asked.id}").decode()


def _note(viewer: Viewer, asked: Unsealing, action: str, field: str | None = None, stated: bytes | None = None) -> None:
    changes: list[audit.Change] = [{"field": field, "before": None, "after": to_json(stated)}] if field else []
    audit.note(viewer, action, audit.subject_of(asked), changes=changes, detail={
        "present": asked.present, "wanted": asked.wanted, "requested_by": asked.requested_by_id})
