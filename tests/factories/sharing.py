"""Grants as their sender offers them and their recipient answers."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges
from sistra.services.hand_over import answers as referral_answers
from sistra.services.hand_over import joining, referrals
from sistra.services.sharing import answers, offers
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.hand_over import joinder_entry, referral_entry
from tests.factories.world import World

UNTIL = date(2027, 3, 27)
ALL_SECTIONS = ("RES", "HEC", "AGR", "IMP", "DEL", "ACT", "PLA", "EXP", "SEN", "MCO", "MPR", "ATE", "DOC")


def offer_entry(world: World, to: str = "pnp", **values: Any) -> Entry:
    """The entry of an offer: to an agency of the world, or to `office:NAME` or `user:NAME`."""
    kind, _, name = to.rpartition(":")
    target: dict[str, Any] = {
        "": lambda: {"target_kind": "ENT", "target_agency": world.agencies[name]},
        "office": lambda: {"target_kind": "DES", "target_office": world.offices[name]},
        "user": lambda: {"target_kind": "PER", "target_user": world.users[name]}}[kind]()
    return Entry("grant", target | {
        "profile": "SID", "sections": ("RES", "HEC", "AGR"), "permission": "LEE", "legal_basis": "PROT", "purpose": "PRO",
        "note": None, "valid_until": UNTIL} | values)


def offered(world: World, number: str, to: str = "pnp", *, by: Viewer | None = None, **values: Any) -> int:
    """Offers a charge, commits, and gives the grant's key."""
    with unit_of_work():
        return offers.offer(by or world.viewer("fiscal.mdd"), number, offer_entry(world, to, **values))


def shared(world: World, number: str, to: str = "pnp", *, accepted_by: str = "agencia", by: Viewer | None = None,
           at: Any = None, **values: Any) -> int:
    """An accepted grant, committed."""
    key = offered(world, number, to, by=by, **values)
    with unit_of_work():
        answers.accept(world.viewer(accepted_by, **({"at": at} if at else {})), key)
    return key


def brought_to(world: World, number: str, came_to: str, to: str = "pnp", *, by: str = "agencia", **terms: Any) -> int:
    """Offers a charge of fiscal.mdd as of now and lets it come to what is said; gives the grant's key. All committed.

    `came_to`: offered, declined, withdrawn, accepted, expired; or accepted and then revoked, sealed, collaboration, referred
    (and taken over by Lima), joined (into another charge of the office).
    """
    now, sender = datetime.now(UTC), world.viewer("fiscal.mdd", at=datetime.now(UTC))
    terms = {"valid_until": sender.today + timedelta(days=30)} | terms
    if came_to == "expired":
        before, last = now - timedelta(days=9), {"valid_until": sender.today - timedelta(days=2)}
        return shared(world, number, to, accepted_by=by, by=world.viewer("fiscal.mdd", at=before), at=before, **terms | last)
    key = offered(world, number, to, by=sender, **terms)
    with unit_of_work():
        if came_to == "declined":
            answers.decline(world.viewer(by, at=now), key, "No es de su competencia")
        elif came_to == "withdrawn":
            offers.withdraw(sender, number, key)
        elif came_to != "offered":
            answers.accept(world.viewer(by, at=now), key)
    _since(world, number, came_to, key, sender)
    return key


def _since(world: World, number: str, came_to: str, key: int, sender: Viewer) -> None:
    """What became of a charge, or of the grant, after it was accepted."""
    other = open_charge(sender, received_on="ayer") if came_to == "joined" else ""
    with unit_of_work():
        match came_to:
            case "revoked":
                offers.revoke(sender, number, key, "Se cumplió la finalidad")
            case "sealed" | "collaboration":
                version = db.session.scalars(select(Charge.version).where(Charge.number == number)).one()
                level = "SEL" if came_to == "sealed" else "COL"
                charges.seal(sender, number, confidentiality=level, reason="Prueba", version=version)
            case "referred":
                referral = referrals.offer(sender, number, referral_entry(world))
                taking = world.viewer("fiscal.lim", at=sender.at)
                referral_answers.accept(taking, referral, responsible_id=taking.user_id)
            case "joined":
                joining.join(sender, number, other, joinder_entry(occurred_on=PartialDate.of_day(sender.today)))
