"""What waits for an answer: offers of charges, referrals between offices, requests for access."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.db import db
from sistra.models.accounts import Agency, Office
from sistra.models.charges import Charge
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules import sharing as rules
from sistra.rules.confidentiality import TEAM_ONLY
from sistra.services.hand_over import readings
from sistra.services.sharing.requests import PENDING
from sistra.services.sharing.shares import MOST as MOST_GRANTS

SHOWN = 5
ENDS_SOON = timedelta(days=15)


@dataclass(frozen=True, slots=True)
class Offer:
    """A charge offered to the viewer's side, or open to it until a day (both by a grant)."""

    charge_id: int
    grant_id: int
    number: str
    office: str
    profile: str
    until: date


@dataclass(frozen=True, slots=True)
class Grants:
    """The offers that wait, and the accesses that end within fifteen days, the next first."""

    offers: Sequence[Offer]
    ending: Sequence[Offer]


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral that waits. `reason` is a code; what is written in it stands on its own page."""

    charge_id: int
    referral_id: int
    number: str
    sender: str
    reason: str
    offered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request for access to a charge of the viewer's office."""

    charge_id: int
    request_id: int
    number: str
    agency: str
    asked_at: datetime | None


def grants(viewer: Viewer) -> Grants:
    """Offers to the viewer's side and accesses of theirs that end soon; of what was sealed since nothing is told.

    Raises Forbidden.
    """
    require(viewer, "grant.inbox")
    rows = db.session.execute(
        select(Grant.state, Charge.id, Grant.id, Charge.number, Office.name, Grant.profile, Grant.valid_until)
        .join(Charge, Grant.charge_id == Charge.id)
        .join(Office, Charge.office_id == Office.id)
        .where(
            Grant.target.in_(scope.recipients(viewer)),
            Grant.state.in_((rules.OFFERED, rules.ACCEPTED)),
            Grant.valid_until >= viewer.today,
            Charge.confidentiality.not_in(TEAM_ONLY),
        )
        .order_by(Grant.id.desc())
        .limit(MOST_GRANTS)
    ).all()
    found = [(row[0], Offer(row[1], row[2], row[3], row[4], row[5], row[6])) for row in rows]
    ending = [one for state, one in found if state == rules.ACCEPTED and one.until <= viewer.today + ENDS_SOON]
    return Grants(
        [one for state, one in found if state == rules.OFFERED], sorted(ending, key=lambda one: (one.until, one.grant_id))
    )


def referrals(viewer: Viewer) -> list[Referred]:
    """The referrals that wait for an answer of the viewer's side, as their page lists them. Raises Forbidden."""
    require(viewer, "referral.list")
    return [
        Referred(charge.id, row.id, charge.number, sender, row.reason, row.offered_at)
        for row, charge, sender in readings.waiting_rows(viewer)
    ]


def requests(viewer: Viewer) -> list[Request]:
    """The requests for access that the viewer may answer, the oldest first: of a moved or sealed charge none."""
    if not viewer.has(Role.PROSECUTOR):
        return []
    rows = db.session.execute(
        select(Charge.id, AccessRequest.id, Charge.number, Agency.name, AccessRequest.created_at)
        .join(Charge, AccessRequest.charge_id == Charge.id)
        .join(Agency, AccessRequest.agency_id == Agency.id)
        .where(
            AccessRequest.state == PENDING,
            Charge.office_id == viewer.office_id,
            Charge.joined_into_id.is_(None),
            Charge.status != "DER",
            Charge.confidentiality.not_in(TEAM_ONLY),
            scope.sees(viewer, in_full=True),
        )
        .order_by(AccessRequest.id)
        .limit(MOST_GRANTS)
    )
    return [Request(*row) for row in rows]
