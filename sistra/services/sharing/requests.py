"""Access requests: what a recipient asks to see beside what is shared, and the answer of the charge's office in one form."""
from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from sistra.access import scope
from sistra.access.fields import put
from sistra.access.may import require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import Field, record
from sistra.db import db
from sistra.models.charges import Charge, ChargeAccess
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules import sharing as rules
from sistra.rules.entries import Entry, required
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit, charge_access, records
from sistra.services.parts import stated
from sistra.services.sharing import targets

_REQUEST, _GRANT = record("access_request").fields, record("grant").fields
ASKED: tuple[Field, ...] = tuple(_REQUEST[name] for name in ("sections", "profile", "purpose", "legal_basis", "until", "reason"))
"""What a recipient says in a request."""
GRANTED: tuple[Field, ...] = tuple(_GRANT[name] for name in (
    "profile", "sections", "permission", "legal_basis", "purpose", "valid_until", "note"))
"""What the office says when it grants one, in full or in part."""
PENDING, GIVEN, IN_PART, REFUSED, TAKEN_BACK, JOINED = "PEN", "CON", "PAR", "DEN", "RET", "UNI"


def ask(viewer: Viewer, number: str, entry: Entry) -> int:
    """Asks for more of a charge that is shared with the viewer. A second request joins the one that waits.

    Gives the key of the request that waits. Raises NotVisible, Forbidden, Rejected.
    """
    charge, stands = scope.charge(viewer, number)
    require(viewer, "grant.request", stands)
    values = dict(entry.values)
    problems = required(ASKED, {field.name: values.get(field.name) for field in ASKED})
    if isinstance(until := values.get("until"), date) and until < viewer.today:
        problems.append(Problem("until", said("El acceso debe durar al menos hasta hoy")))
    if not problems and not _adds(stands, values):
        problems.append(Problem("sections", said("Ya tiene acceso a esas secciones con ese nivel")))
    if problems:
        raise Rejected(problems)
    charge_access.hold(charge)
    target = _target(viewer, charge)
    earlier = db.session.scalar(select(AccessRequest).where(
        AccessRequest.charge_id == charge.id, AccessRequest.target == target, AccessRequest.state == PENDING).with_for_update())
    row = AccessRequest(reason=b"", charge_id=charge.id, requested_by_id=viewer.user_id, agency_id=viewer.agency_id,
                        target=target, state=JOINED if earlier else PENDING, joined_to_id=earlier.id if earlier else None)
    records.create(viewer, row, values, "access_request.made")
    if earlier is None:
        return row.id
    _join(viewer, earlier, values)
    return earlier.id


def _adds(stands: Standing, values: Mapping[str, Any]) -> bool:
    """Whether a request asks for a section that is not shared, or for a higher level in one that is."""
    held = stands.shared.profiles if stands.shared else {}
    asked = values.get("profile") or rules.SUMMARY
    return any(code not in held or rules.above(asked, held[code]) for code in values["sections"])


def _target(viewer: Viewer, charge: Charge) -> str:
    """For whom is asked: the recipient through whom the viewer sees the charge (an agency before a person)."""
    held = db.session.scalars(
        select(ChargeAccess.principal)
        .where(ChargeAccess.charge_id == charge.id, ChargeAccess.grant_id != 0, scope.access_rows(viewer))
        .order_by(ChargeAccess.principal))
    return next(iter(held))


def _join(viewer: Viewer, earlier: AccessRequest, values: Mapping[str, Any]) -> None:
    """Adds what a later request asks for to the one that waits."""
    entry = Entry("access_request", {
        "sections": rules.with_header([*earlier.sections, *values["sections"]]),
        "profile": max((one for one in (earlier.profile, values.get("profile")) if one), key=rules.PROFILES.index, default=None),
        "until": max((one for one in (earlier.until, values.get("until")) if isinstance(one, date)), default=None)})
    records.amend(viewer, earlier, entry, "access_request.amended")


def grant(viewer: Viewer, number: str, request_id: int, entry: Entry) -> int:
    """Grants a request, in full or in part: the access stands at once, for it was asked for. Gives the grant's key.

    Raises NotVisible, Forbidden, Rejected.
    """
    charge, request = _waiting(viewer, number, request_id)
    values = dict(entry.values)
    recipient = targets.find(viewer, charge, _as_offered(request.target))
    if isinstance(recipient, Problem):
        raise Rejected(Problem("", said("Quien hizo la solicitud ya no puede recibir denuncias compartidas: deniéguela")))
    problems = required(GRANTED, {field.name: values.get(field.name) for field in GRANTED}) + rules.check_offer(
        values, today=viewer.today, ceiling=recipient.ceiling)
    if problems:
        raise Rejected(problems)
    values["sections"] = rules.with_header(values["sections"])  # type: ignore[arg-type]
    row = Grant(charge_id=charge.id, target=request.target, state=rules.ACCEPTED, from_request_id=request.id,
                offered_by_id=viewer.user_id, offered_at=viewer.at, answered_by_id=request.requested_by_id, answered_at=viewer.at,
                **{f"{name}_id" if name != "target_kind" else name: value for name, value in _as_offered(request.target).items()})
    records.create(viewer, row, values, "grant.offered", detail={"target": request.target, "request": request.id})
    full = set(request.sections) <= set(row.sections) and not rules.above(request.profile or rules.SUMMARY, row.profile)
    _answer(viewer, request, GIVEN if full else IN_PART)
    charge_access.refresh(viewer, charge)
    return row.id


def _as_offered(target: str) -> dict[str, Any]:
    """The recipient of a request as an offer names it."""
    kind, _, key = target.partition(":")
    code = {"agency": "ENT", "granted-office": "DES", "user": "PER"}[kind]
    return {"target_kind": code, targets.FIELDS[code]: int(key)}


def refuse(viewer: Viewer, number: str, request_id: int, reason: str) -> None:
    """Refuses a request; the reason goes back to who asked. Raises NotVisible, Forbidden, Rejected."""
    _charge, request = _waiting(viewer, number, request_id)
    put(request, _REQUEST["answer_reason"], stated(reason, "answer_reason"))
    _answer(viewer, request, REFUSED)


def take_back(viewer: Viewer, request_id: int) -> str:
    """Withdraws a request of one's own side. Gives the charge's number. Raises NotVisible, Forbidden, Rejected."""
    request = db.session.scalar(select(AccessRequest).where(
        AccessRequest.id == request_id, AccessRequest.target.in_(scope.recipients(viewer))).with_for_update())
    if request is None:
        raise NotVisible
    charge, stands = scope.charge_by_id(viewer, request.charge_id)
    require(viewer, "grant.request", stands)
    if request.state != PENDING:
        raise Rejected(Problem("", said("La solicitud ya tiene respuesta")))
    _answer(viewer, request, TAKEN_BACK)
    return charge.number


def _waiting(viewer: Viewer, number: str, request_id: int) -> tuple[Charge, AccessRequest]:
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.share", stands)
    charge_access.hold(charge)
    request = db.session.scalar(select(AccessRequest).where(
        AccessRequest.id == request_id, AccessRequest.charge_id == charge.id)
        .with_for_update().execution_options(populate_existing=True))
    if request is None:
        raise NotVisible
    if request.state != PENDING:
        raise Rejected(Problem("", said("La solicitud ya tiene respuesta")))
    return charge, request


def _answer(viewer: Viewer, request: AccessRequest, state: str) -> None:
    before, request.state = request.state, state
    request.answered_by_id, request.answered_at = viewer.user_id, viewer.at
    records.touch(viewer, request)
    db.session.flush()
    audit.note(viewer, "access_request.answered", audit.subject_of(request), detail={"version": request.version},
               changes=[{"field": "state", "before": before, "after": state}])
