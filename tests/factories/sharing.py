"""Grants as their sender offers them and their recipient answers."""
from __future__ import annotations

from datetime import date
from typing import Any

from sistra.access.viewer import Viewer
from sistra.rules.entries import Entry
from sistra.services.sharing import answers, offers
from sistra.services.unit import unit_of_work
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
    return Entry("grant", target | {"profile": "SID", "sections": ("RES", "HEC", "AGR"), "permission": "LEE", "legal_basis": "PROT",
                                    "purpose": "PRO", "note": None, "valid_until": UNTIL} | values)


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
