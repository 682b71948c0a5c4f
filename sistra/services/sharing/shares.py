"""With whom a charge is shared, and what was shared with the viewer: readings for the folder and for the inbox."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.access.views import AccessRequestView, GrantView
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules import sharing as rules
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.rules.entries import LIMA
from sistra.rules.masking import Clearance
from sistra.services import accounts, audit
from sistra.services.sharing import targets

MOST = 500
"""How many grants the inbox looks at, the latest first."""
TABS = ("recibidas", "aceptadas", "cerradas")
_OF_TAB = {"recibidas": (rules.OFFERED,), "aceptadas": (rules.ACCEPTED,),
           "cerradas": (rules.EXPIRED, rules.REVOKED, rules.DECLINED, rules.WITHDRAWN)}


@dataclass(frozen=True, slots=True)
class Holder:
    """One with whom a charge is shared today: what it is called, its level, its last day."""

    label: str
    profile: str
    until: date


@dataclass(frozen=True, slots=True)
class Share:
    """A grant as its sender and its recipient see it. `state` stands by the day of the request.

    `office` is the one in charge while the grant waits or lasts, and the one that offered it after: where a charge went since
    is not for who sees it no more.
    """

    view: GrantView
    number: str
    recipient: str
    sender: str
    office: str
    state: str
    responder: str

    @property
    def offered_on(self) -> date:
        """The day in Lima on which it was offered."""
        at: datetime = self.view.offered_at  # type: ignore[assignment]  # a grant in sight was offered, and tells when
        return at.astimezone(LIMA).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """An access request as both sides see it."""

    view: AccessRequestView
    number: str
    asker: str
    requested_by: str
    answered_by: str


def holders(viewer: Viewer, number: str) -> list[Holder]:
    """With whom the charge is shared today: whoever reads it may know. Raises NotVisible."""
    charge, _stands = scope.charge(viewer, number)
    if charge.confidentiality in TEAM_ONLY:
        return []
    rows = db.session.scalars(select(Grant).where(
        Grant.charge_id == charge.id, Grant.state == rules.ACCEPTED, Grant.valid_until >= viewer.today).order_by(Grant.id)).all()
    names = targets.names(rows)
    return [Holder(names[row.target], row.profile, row.valid_until) for row in rows]


def of_charge(viewer: Viewer, number: str) -> list[Share]:
    """Every grant of a charge, the latest first: for its office and its supervisors. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.shares", stands)
    rows = db.session.scalars(select(Grant).where(Grant.charge_id == charge.id).order_by(Grant.id.desc())).all()
    audit.note(viewer, "grants.read", audit.subject_of(charge))
    return _shares(viewer, rows)


def requests_of_charge(viewer: Viewer, number: str) -> list[Asked]:
    """What was asked of a charge: all of it for its office, one's own for a recipient. Raises NotVisible."""
    charge, stands = scope.charge(viewer, number)
    query = select(AccessRequest).where(AccessRequest.charge_id == charge.id).order_by(AccessRequest.id.desc())
    if stands.shared is not None:
        query = query.where(AccessRequest.target.in_(scope.recipients(viewer)))
    else:
        require(viewer, "charge.shares", stands)
    return _asked(db.session.scalars(query).all())


def inbox(viewer: Viewer, tab: str) -> list[Share]:
    """What was offered to the viewer's side and stands as the tab says, the latest first. Raises Forbidden.

    Of a charge that was sealed since, nothing is told.
    """
    require(viewer, "grant.inbox")
    rows = [row for row in _received(viewer) if rules.state_on(row.state or "", row.valid_until, viewer.today) in _OF_TAB[tab]]
    audit.note(viewer, "inbox.read", audit.Subject("grant"), detail={"tab": tab, "rows": len(rows)})
    return _shares(viewer, rows)


def counted(viewer: Viewer) -> dict[str, int]:
    """How many grants stand under each tab of the inbox."""
    found = dict.fromkeys(TABS, 0)
    for row in _received(viewer):
        state = rules.state_on(row.state or "", row.valid_until, viewer.today)
        for tab in TABS:
            found[tab] += state in _OF_TAB[tab]
    return found


def received(viewer: Viewer) -> list[Share]:
    """Everything that was ever offered to the viewer's side, the latest first. Raises Forbidden."""
    require(viewer, "grant.inbox")
    return _shares(viewer, _received(viewer))


def _received(viewer: Viewer, *conditions: ColumnElement[bool]) -> Sequence[Grant]:
    return db.session.scalars(
        select(Grant).join(Charge, Grant.charge_id == Charge.id).where(
            *conditions,
            Grant.target.in_(scope.recipients(viewer)), Charge.confidentiality.not_in(TEAM_ONLY))
        .order_by(Grant.id.desc()).limit(MOST)).all()


def one_received(viewer: Viewer, grant_id: int) -> Share:
    """One grant to the viewer's side. Raises Forbidden, NotVisible."""
    require(viewer, "grant.inbox")
    found = _received(viewer, Grant.id == grant_id)
    if not found:
        raise NotVisible
    return _shares(viewer, found)[0]


def my_requests(viewer: Viewer) -> list[Asked]:
    """What the viewer's side asked for in charges that it still sees. Raises Forbidden."""
    require(viewer, "grant.inbox")
    return _asked(db.session.scalars(
        select(AccessRequest).join(Charge, AccessRequest.charge_id == Charge.id)
        .where(AccessRequest.target.in_(scope.recipients(viewer)), scope.sees(viewer))
        .order_by(AccessRequest.id.desc()).limit(200)).all())


def _shares(viewer: Viewer, rows: Sequence[Grant]) -> list[Share]:
    if not rows:
        return []
    names = targets.names(rows)
    charges = {key: (number, office) for key, number, office in db.session.execute(
        select(Charge.id, Charge.number, Office.name).join(Office, Charge.office_id == Office.id)
        .where(Charge.id.in_({row.charge_id for row in rows})))}
    people = accounts.user_names([one for row in rows for one in (row.offered_by_id, row.answered_by_id) if one])
    senders = accounts.affiliations([row.offered_by_id for row in rows])
    views, found = lens.see_all(list(rows), Clearance.CASE), []
    for row, view in zip(rows, views, strict=True):
        (number, office), state = charges[row.charge_id], rules.state_on(row.state or "", row.valid_until, viewer.today)
        if state not in (rules.OFFERED, rules.ACCEPTED):
            sender = senders.get(row.offered_by_id or 0)
            office = sender.label if sender is not None else ""
        found.append(Share(view, number, names[row.target], people.get(row.offered_by_id or 0, ""), office, state,
                           people.get(row.answered_by_id or 0, "")))
    return found


def _asked(rows: Sequence[AccessRequest]) -> list[Asked]:
    if not rows:
        return []
    names = targets.names(rows)
    numbers = dict(db.session.execute(
        select(Charge.id, Charge.number).where(Charge.id.in_({row.charge_id for row in rows}))).all())
    people = accounts.user_names([one for row in rows for one in (row.requested_by_id, row.answered_by_id) if one])
    views = lens.see_all(list(rows), Clearance.CASE)
    return [Asked(view, numbers[row.charge_id], names[row.target], people.get(row.requested_by_id, ""),
                  people.get(row.answered_by_id or 0, ""))
            for row, view in zip(rows, views, strict=True)]
