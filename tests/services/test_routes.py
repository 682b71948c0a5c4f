"""Legs of the route name victims of their charge, and no others."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.people import Victim
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import people, routes
from sistra.services.unit import unit_of_work
from tests.factories.people import opened, victim_in

_LEG = {"point": "ORI", "country": "PE", "place": "170101"}


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return opened(fiscal)


def a_victim(viewer: Viewer, number: str) -> int:
    victim_in(viewer, number, sex="M")
    return db.session.scalars(select(Victim.id).order_by(Victim.id.desc())).first() or 0


def a_leg(viewer: Viewer, number: str, *victims: int) -> int:
    with unit_of_work():
        return routes.add_leg(viewer, number, Entry("route_leg", _LEG | {"victims": victims}))


def amended(viewer: Viewer, number: str, leg: int, *victims: int) -> Any:
    with unit_of_work():
        routes.amend_leg(viewer, number, leg, Entry("route_leg", {"victims": victims}))
    return routes.leg(viewer, number, leg).victims


def test_a_leg_names_the_victims_who_made_it(fiscal: Viewer, number: str) -> None:
    one, _ = a_victim(fiscal, number), a_victim(fiscal, number)
    assert routes.leg(fiscal, number, a_leg(fiscal, number, one)).victims == (one,)


def test_a_leg_comes_to_name_others_and_none(fiscal: Viewer, number: str) -> None:
    one, other = a_victim(fiscal, number), a_victim(fiscal, number)
    leg = a_leg(fiscal, number, one)
    assert amended(fiscal, number, leg, one, other) == (one, other)
    assert amended(fiscal, number, leg) == ()


@pytest.mark.parametrize("amending", [False, True])
def test_a_leg_names_no_victim_of_another_charge_nor_one_taken_back(fiscal: Viewer, number: str, amending: bool) -> None:
    gone = a_victim(fiscal, number)
    with unit_of_work():
        people.withdraw(fiscal, number, "A-1", reason="Se ingresó por error")
    for foreign in (a_victim(fiscal, opened(fiscal)), gone):
        with pytest.raises(Rejected) as found:
            if amending:
                amended(fiscal, number, a_leg(fiscal, number), foreign)
            else:
                a_leg(fiscal, number, foreign)
        assert [one.field for one in found.value.problems] == ["victims"]
