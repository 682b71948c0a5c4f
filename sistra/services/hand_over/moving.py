"""What moves with a charge to its new office: charges joined to it, responsible, team, court cases; what is left behind.

The number stays, and so does what agencies were granted: protection does not stop at a change of office. What the new office
held by grants ends, for it now sees the charge by right. The sender keeps what the referral says, as a grant of its own.
"""
from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge, ChargeMember
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.hand_over import Referral
from sistra.models.sharing import Grant
from sistra.rules import hand_over as rules
from sistra.rules import sharing as sharing_rules
from sistra.rules.deadlines import add_months
from sistra.rules.entries import Entry
from sistra.services import access_ends, audit, charges, records
from sistra.services.charge_team import follow_responsible


def family(charge: Charge) -> list[Charge]:
    """The charge, and those that were joined to it, to any depth: they go where it goes."""
    found, wanted = [charge], [charge.id]
    while wanted:
        joined = list(db.session.scalars(select(Charge).where(Charge.joined_into_id.in_(wanted)).order_by(Charge.id)))
        found, wanted = found + joined, [one.id for one in joined]
    return found


def to_office(viewer: Viewer, charge: Charge, office: Office, responsible_id: int) -> None:
    """Gives the charge, and what is joined to it, to an office and a prosecutor of it."""
    moved, former = family(charge), charge.office_id
    for one in moved:
        values = {"office": office.id, "responsible": responsible_id,
                  "fiscal_district": office.fiscal_district or one.fiscal_district}
        records.amend(viewer, one, Entry("charge", values), "charge.moved")
        _new_team(viewer, one)
        _end_grants(viewer, one, office)
    _court_cases(viewer, moved, former, office)
    for one in moved:
        charges.settle(viewer, one)


def _new_team(viewer: Viewer, charge: Charge) -> None:
    """Nobody of the former office stays on the team; the new responsible is on it, and names the others."""
    for member in db.session.scalars(select(ChargeMember).where(
            ChargeMember.charge_id == charge.id, ChargeMember.until_on.is_(None))):
        member.until_on = viewer.today - timedelta(days=1)
        records.touch(viewer, member)
        audit.note(viewer, "team.left", audit.subject_of(member), detail={"user": member.user_id})
    db.session.flush()
    follow_responsible(viewer, charge)


def _end_grants(viewer: Viewer, charge: Charge, office: Office) -> None:
    """Ends what was shared with, offered to or asked for by the new office and its people."""
    people = db.session.scalars(select(User.id).where(User.office_id == office.id))
    targets = [sharing_rules.principal("DES", office.id), *(sharing_rules.principal("PER", key) for key in people)]
    access_ends.end(viewer, charge, targets, "La denuncia pasó a cargo de ese despacho.")


def _court_cases(viewer: Viewer, moved: list[Charge], former: int, office: Office) -> None:
    """Court cases follow the charge, save those in which another charge of the former office stays."""
    keys = [one.id for one in moved]
    standing = ChargeCourtCase.unlinked_on.is_(None)
    linked = select(ChargeCourtCase.court_case_id).where(ChargeCourtCase.charge_id.in_(keys), standing)
    stays = (select(ChargeCourtCase.court_case_id).join(Charge, ChargeCourtCase.charge_id == Charge.id)
             .where(standing, Charge.office_id == former, Charge.id.not_in(keys)))
    for case in db.session.scalars(select(CourtCase).where(
            CourtCase.id.in_(linked), CourtCase.id.not_in(stays),
            or_(CourtCase.prosecution_office_id == former, CourtCase.prosecution_office_id.is_(None))).with_for_update()):
        records.amend(viewer, case, Entry("court_case", {"prosecution_office": office.id}), "court_case.amended")


def leave_copy(viewer: Viewer, referral: Referral) -> None:
    """What the referral leaves its sender: an accepted grant to that office, for a year, which the new office may revoke."""
    if not referral.keep_copy:
        return
    target = sharing_rules.principal("DES", referral.from_office_id)
    row = Grant(charge_id=referral.charge_id, target=target, state=sharing_rules.ACCEPTED, offered_by_id=viewer.user_id,
                offered_at=viewer.at, answered_by_id=referral.offered_by_id, answered_at=viewer.at)
    records.create(viewer, row, {
        "target_kind": "DES", "target_office": referral.from_office_id, "profile": referral.keep_copy,
        "sections": sharing_rules.with_header(codelist("grant_section")), "permission": sharing_rules.READ,
        "legal_basis": "L29733", "purpose": "COO", "valid_until": add_months(viewer.today, rules.COPY_MONTHS)}, "grant.offered",
        detail={"target": row.target, "referral": referral.id})
