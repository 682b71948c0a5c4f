"""Referrals and joinders as offices make them."""
from __future__ import annotations

from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services.hand_over import answers, joining, referrals
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT
from tests.factories.world import World

GROUNDS = "Los hechos ocurrieron en Lima; conoce por territorio."


def referral_entry(world: World, to: str = "lim", **values: Any) -> Entry:
    """The entry of a referral to an office of the world."""
    return Entry("referral", {"to_office": world.offices[to], "reason": "TER", "details": GROUNDS, "document": None,
                              "keep_copy": None} | values)


def offered(world: World, number: str, to: str = "lim", *, by: Viewer | None = None, **values: Any) -> int:
    """Offers a charge to another office, commits, and gives the referral's key."""
    with unit_of_work():
        return referrals.offer(by or world.viewer("fiscal.mdd"), number, referral_entry(world, to, **values))


def accepted(world: World, referral_id: int, *, by: str = "fiscal.lim", responsible: str = "fiscal.lim") -> str:
    """Accepts a referral and commits."""
    with unit_of_work():
        return answers.accept(world.viewer(by), referral_id, responsible_id=world.users[responsible])


def joinder_entry(**values: Any) -> Entry:
    """The entry of a joinder or of its end."""
    return Entry("event", {"occurred_on": PartialDate.of_day(AT.date()), "reason": "Los mismos hechos"} | values)


def joined(world: World, number: str, target: str, *, by: str = "fiscal.mdd") -> None:
    """Joins a charge into another and commits."""
    with unit_of_work():
        joining.join(world.viewer(by), number, target, joinder_entry())
