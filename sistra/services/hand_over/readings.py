"""What pages show of referrals and joinders: those received and sent, and the course of one charge between offices.

Of a sealed charge an offer tells its receiver number, sending office and kind of reason; whoever else does not see the
charge learns nothing of its referral, and of one under effective collaboration nobody outside its team does.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from sistra.access import lens, scope
from sistra.access.may import may, require
from sistra.access.standing import NotVisible, Standing
from sistra.access.viewer import Viewer
from sistra.access.views import ReferralView
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.attachments import Attachment
from sistra.models.charges import Charge
from sistra.models.hand_over import Referral
from sistra.rules import hand_over as rules
from sistra.rules.confidentiality import COLLABORATION, TEAM_ONLY
from sistra.rules.masking import RESERVED, Clearance, outside_team
from sistra.services import accounts, audit, events

TABS = ("por-responder", "respondidas", "enviadas")
MOST = 200
"""How many referrals a page of them shows at most."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What an offer tells of a charge that is not sealed, before it is seen: stage, offence, how many, next time limit."""

    stage: str
    reported_offence: Any
    notice_place: Any
    victims: int
    minors: int
    accused: int
    next_due_on: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """A referral as both sides see it. `brief` is None of a sealed charge, and once it was answered."""

    view: ReferralView
    number: str
    sender: str
    receiver: str
    offered_by: str
    answered_by: str
    document: str
    sealed: bool
    brief: Brief | None
    may_open: bool
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Course:
    """How a charge stands between offices. `joined_into` is "" where the other charge is out of the viewer's sight."""

    pending: Line | None
    former: Sequence[Line]
    joined_into: str | None
    absorbed: Sequence[str]
    absorbed_unseen: int


def answers_for(viewer: Viewer, office: Any) -> ColumnElement[bool]:
    """The condition that the viewer answers for an office: their own, one of the subsystem, one of the district."""
    found = [office.id == viewer.office_id] if viewer.has(Role.PROSECUTOR) else []
    return or_(false(), *found, *_supervised(viewer, office))


def _acts_in(viewer: Viewer, office: Any) -> ColumnElement[bool]:
    found = [office.id == viewer.office_id] if viewer.has(Role.PROSECUTOR, Role.ASSISTANT) else []
    return or_(false(), *found, *_supervised(viewer, office))


def _supervised(viewer: Viewer, office: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [office.specialised.is_(True)] if viewer.has(Role.COORDINATOR) else []
    if viewer.has(Role.DISTRICT_HEAD) and viewer.fiscal_district:
        found.append(office.fiscal_district == viewer.fiscal_district)
    return found


def listed(viewer: Viewer, tab: str) -> list[Line]:
    """The referrals of a tab, the latest first. A reading, on the trail. Raises Forbidden."""
    require(viewer, "referral.list")
    rows = _rows(viewer, _of_tab(tab))
    audit.note(viewer, "referrals.read", audit.Subject("referral"), detail={"tab": tab, "rows": len(rows)})
    return _lines(viewer, rows)


def waiting(viewer: Viewer) -> list[Line]:
    """The referrals that wait for an answer of the viewer's side; none for who takes no part in referrals."""
    return _lines(viewer, _rows(viewer, _of_tab(TABS[0]))) if may(viewer, "referral.list") else []


def waiting_rows(viewer: Viewer) -> list[tuple[Referral, Charge, str]]:
    """The referrals of `waiting` with their charge and the office that sent them, unopened: for the services alone."""
    return [(row, charge, sender) for row, charge, sender, _receiver in _rows(viewer, _of_tab(TABS[0]))]


def counted(viewer: Viewer) -> dict[str, int]:
    """How many referrals stand under each tab."""
    sent, received = aliased(Office), aliased(Office)
    found = {}
    for tab in TABS:
        found[tab] = db.session.scalar(
            select(func.count(Referral.id)).join(Charge, Referral.charge_id == Charge.id)
            .join(sent, Referral.from_office_id == sent.id).join(received, Referral.to_office_id == received.id)
            .where(_condition(viewer, _of_tab(tab), sent, received))) or 0
    return found


def one(viewer: Viewer, referral_id: int) -> Line:
    """One referral, of either side. A reading, on the trail. Raises Forbidden, NotVisible."""
    require(viewer, "referral.list")
    rows = _rows(viewer, ("any", Referral.id == referral_id))
    if not rows:
        raise NotVisible
    audit.note(viewer, "referral.read", audit.subject_of(rows[0][0]))
    return _lines(viewer, rows)[0]


def prosecutors_for(viewer: Viewer, referral_id: int) -> list[tuple[int, str]]:
    """(key, name) of those whom the office that receives may name. Raises Forbidden, NotVisible."""
    line = one(viewer, referral_id)
    return accounts.prosecutors(int(str(line.view.to_office)), viewer.at)


def documents(viewer: Viewer, number: str) -> list[tuple[int, str]]:
    """(key, title) of the documents of the charge that an act of hand-over may name. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.course", stands)
    rows = db.session.scalars(select(Attachment).where(Attachment.charge_id == charge.id).order_by(Attachment.id.desc()))
    return [(row.id, row.title) for row in rows if not stands.outline and events.may_know(row, stands)]


_Asked = tuple[str, ColumnElement[bool]]


def _of_tab(tab: str) -> _Asked:
    if tab == "enviadas":
        return "sent", Referral.state != rules.PREPARED
    answered = Referral.state.in_((rules.ACCEPTED, rules.DECLINED, rules.WITHDRAWN))
    wanted = Referral.state == rules.OFFERED if tab == TABS[0] else answered
    return "received", and_(wanted, Referral.offered_at.is_not(None))


def _condition(viewer: Viewer, asked: _Asked, sent: Any, received: Any) -> ColumnElement[bool]:
    """The referrals of the side asked for that the viewer may know of; one in preparation is its office's alone."""
    side, wanted = asked
    seen = scope.sees(viewer)
    took_part = or_(Referral.offered_by_id == viewer.user_id, Referral.answered_by_id == viewer.user_id)
    known = or_(Charge.confidentiality.not_in(TEAM_ONLY), seen, and_(
        took_part, Charge.confidentiality != COLLABORATION))
    theirs = and_(_acts_in(viewer, received), Referral.offered_at.is_not(None),
                  or_(known, and_(Referral.state == rules.OFFERED, answers_for(viewer, received))))
    own = and_(_acts_in(viewer, sent), known, Referral.offered_at.is_not(None))
    return and_(wanted, {"received": theirs, "sent": own, "any": or_(theirs, own)}[side])


def _rows(viewer: Viewer, asked: _Asked) -> list[tuple[Referral, Charge, str, str]]:
    sent, received = aliased(Office), aliased(Office)
    return [(row, charge, sender, receiver) for row, charge, sender, receiver in db.session.execute(
        select(Referral, Charge, sent.name, received.name).join(Charge, Referral.charge_id == Charge.id)
        .join(sent, Referral.from_office_id == sent.id).join(received, Referral.to_office_id == received.id)
        .where(_condition(viewer, asked, sent, received)).order_by(Referral.id.desc()).limit(MOST))]


def _lines(viewer: Viewer, rows: Sequence[tuple[Referral, Charge, str, str]]) -> list[Line]:
    if not rows:
        return []
    people = accounts.user_names([key for row, *_ in rows for key in (row.offered_by_id, row.answered_by_id)])
    titles = _documents([row.document_id for row, *_ in rows])
    stands = scope.standings(viewer, [charge for _, charge, *_ in rows])
    mine = set(db.session.scalars(select(Referral.id).join(Office, Referral.to_office_id == Office.id).where(
        Referral.id.in_([row.id for row, *_ in rows]), Referral.state == rules.OFFERED, answers_for(viewer, Office))))
    views = lens.see_all([row for row, *_ in rows], Clearance.CASE)
    return [_line(row, charge, view, (sender, receiver), people, titles.get(row.document_id or 0), stands[charge.id],
                  row.id in mine and may(viewer, "referral.answer"))
            for (row, charge, sender, receiver), view in zip(rows, views, strict=True)]


def _line(row: Referral, charge: Charge, view: ReferralView, offices: tuple[str, str], people: Any, document: Attachment | None,
          stands: Standing, may_answer: bool) -> Line:
    sealed = charge.confidentiality in TEAM_ONLY
    closed = sealed and stands.outline
    if closed:
        view = replace(view, details=RESERVED, decline_note=RESERVED if view.decline_note else None)
    shown = document is not None and not closed and (
        stands.on_team or document.confidentiality not in TEAM_ONLY)
    brief = Brief(
        outside_team("procedural_stage", charge.stage), charge.reported_offence, charge.notice_place, charge.victims_total,
        charge.minors_total, charge.accused_total, charge.next_due_on)
    return Line(view, charge.number, *offices, people.get(row.offered_by_id or 0, ""), people.get(row.answered_by_id or 0, ""),
                document.title if document is not None and shown else "", sealed,
                brief if row.state == rules.OFFERED and not sealed else None, not stands.outline, may_answer)


def _documents(keys: Sequence[int | None]) -> dict[int, Attachment]:
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    return {row.id: row for row in db.session.scalars(select(Attachment).where(Attachment.id.in_(wanted)))}


def course(viewer: Viewer, number: str) -> Course:
    """The referrals and joinders of a charge. Of a sealed one its supervisors see neither. Raises NotVisible, Forbidden."""
    charge, stands = scope.charge(viewer, number)
    require(viewer, "charge.course", stands)
    if stands.outline:
        return Course(None, (), None, (), 0)
    sent, received = aliased(Office), aliased(Office)
    rows = [(row, charge, sender, receiver) for row, sender, receiver in db.session.execute(
        select(Referral, sent.name, received.name).join(sent, Referral.from_office_id == sent.id)
        .join(received, Referral.to_office_id == received.id).where(Referral.charge_id == charge.id)
        .order_by(Referral.id.desc()))]
    lines = _lines(viewer, rows)
    seen = scope.sees(viewer)
    absorbed = list(db.session.execute(
        select(Charge.number, seen.label("seen")).where(Charge.joined_into_id == charge.id).order_by(Charge.number)))
    target = db.session.execute(
        select(Charge.number, seen.label("seen")).where(Charge.id == charge.joined_into_id)).one_or_none()
    pending = next((line for line in lines if line.view.state in rules.PENDING), None)
    return Course(pending, [line for line in lines if line is not pending and line.view.offered_at is not None],
                  None if target is None else target.number if target.seen else "",
                  [row.number for row in absorbed if row.seen], sum(not row.seen for row in absorbed))
