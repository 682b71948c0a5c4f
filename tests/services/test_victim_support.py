"""UDAVIT on a case team: minors among the victims open to it with a complete grant, and nothing else of the team does."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access import scope
from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import ChargeAccess, ChargeMember
from sistra.rules.masking import RESERVED
from sistra.rules.problems import Rejected
from sistra.services import charges, identities, oversight, tasks
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.rows import AT
from tests.factories.sharing import ALL_SECTIONS, shared
from tests.factories.world import World

CHILD = "Zafiria Canaria"
OFFICE = "office:udavit"


@pytest.fixture
def number(session: Any, world: World) -> str:
    """A charge with a child as victim (A-1), a grown woman (A-2), and a minor accused (I-1)."""
    fiscal = world.viewer("fiscal.mdd")
    found = opened(fiscal)
    victim_in(fiscal, found, {"given_names": CHILD}, sex="M", age_at_facts=15)
    victim_in(fiscal, found, {"given_names": "Adulta Canaria"}, sex="M", age_at_facts=30)
    accused_in(fiscal, found, {"given_names": "Otro Canario"}, kind="NAT", age_at_facts=16)
    return found


def granted(world: World, number: str, **values: Any) -> int:
    return shared(world, number, OFFICE, accepted_by="victimas", **({"profile": "COM", "sections": ALL_SECTIONS} | values))


def joined(world: World, number: str, *, part: str = "UDA", user: str = "victimas") -> None:
    with unit_of_work():
        charges.add_member(world.viewer("fiscal.mdd"), number, user_id=world.users[user], part=part)


def revealed(world: World, number: str, *codes: str, **values: Any) -> list[Any]:
    with unit_of_work():
        found = identities.reveal(world.viewer("victimas", **values), number, codes, reason_code="DIL")
    return [getattr(one.identity, "given_names", None) for one in found]


def sealed(world: World, number: str, level: str = "SEL") -> None:
    viewer = world.viewer("fiscal.mdd")
    with unit_of_work():
        charges.seal(viewer, number, confidentiality=level, reason="Riesgo",
                     version=int(str(charges.folder(viewer, number).charge.version)))


def refuses(world: World, number: str, *codes: str, **values: Any) -> bool:
    try:
        revealed(world, number, *codes, **values)
    except (Forbidden, NotVisible):
        return True
    return False


# -- who joins -------------------------------------------------------------------------------------------------------


def test_nobody_of_udavit_joins_without_a_grant_of_the_victims(world: World, number: str) -> None:
    for sections in (None, ("RES", "HEC")):
        if sections:
            granted(world, number, sections=sections)
        with pytest.raises(Rejected) as refused:
            joined(world, number)
        assert [problem.field for problem in refused.value.problems] == ["user"]


@pytest.mark.parametrize("to", [OFFICE, "user:victimas"])
def test_who_assists_victims_joins_in_that_function_once_these_are_shared(world: World, number: str, to: str) -> None:
    shared(world, number, to, accepted_by="victimas")
    assert charges.candidates(world.viewer("fiscal.mdd"), number)[1] == [(world.users["victimas"], "Persona victimas")]
    with pytest.raises(Rejected) as refused:
        joined(world, number, part="ADJ")
    assert [problem.field for problem in refused.value.problems] == ["part"]
    joined(world, number)
    assert (world.users["victimas"], "Persona victimas", "UDA") in charges.team(world.viewer("fiscal.mdd"), number)


def test_an_agency_to_which_the_victims_are_shared_joins_no_team(world: World, number: str) -> None:
    shared(world, number, profile="COM", sections=ALL_SECTIONS)
    with pytest.raises(Rejected):
        joined(world, number, user="agencia")


def test_nobody_of_udavit_joins_the_team_of_a_sealed_charge(world: World, number: str) -> None:
    granted(world, number)
    sealed(world, number)
    with pytest.raises(Rejected):
        joined(world, number)


def test_they_put_nobody_on_the_team_themselves(world: World, number: str) -> None:
    granted(world, number)
    with pytest.raises(Forbidden), unit_of_work():
        charges.add_member(world.viewer("victimas"), number, user_id=world.users["victimas"], part="UDA")


# -- what opens ------------------------------------------------------------------------------------------------------


def test_minors_among_the_victims_open_to_udavit_on_the_team_alone(world: World, number: str) -> None:
    granted(world, number)
    assert revealed(world, number, "A-2") == ["Adulta Canaria"] and refuses(world, number, "A-1")
    joined(world, number)
    assert revealed(world, number, "A-1", "A-2") == [CHILD, "Adulta Canaria"]
    assert identities.revealable(world.viewer("victimas"), number) == [
        ("A-1", True, True), ("A-2", False, True), ("I-1", True, False)]


def test_a_minor_accused_opens_to_the_prosecution_alone(world: World, number: str) -> None:
    granted(world, number)
    joined(world, number)
    assert refuses(world, number, "I-1")


@pytest.mark.parametrize("profile", ["SID", "RES"])
def test_the_team_opens_no_minor_without_a_complete_grant(world: World, number: str, profile: str) -> None:
    granted(world, number, profile=profile)
    joined(world, number)
    assert refuses(world, number, "A-1")


def test_a_complete_grant_of_other_sections_opens_no_victim(world: World, number: str) -> None:
    granted(world, number, profile="SID")
    shared(world, number, "user:victimas", accepted_by="victimas", profile="COM", sections=("RES", "IMP"))
    joined(world, number)
    assert refuses(world, number, "A-1")


def test_with_the_grant_it_ends_at_once(world: World, number: str) -> None:
    key = granted(world, number)
    joined(world, number)
    assert refuses(world, number, "A-1", at=AT + timedelta(days=900))
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, key, reason="Concluyó")
    assert refuses(world, number, "A-1")


def test_it_ends_with_the_function(world: World, number: str) -> None:
    granted(world, number)
    joined(world, number)
    with unit_of_work():
        charges.remove_member(world.viewer("fiscal.mdd"), number, user_id=world.users["victimas"])
    assert refuses(world, number, "A-1") and not refuses(world, number, "A-2")


# -- what does not ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["SEL", "COL"])
@pytest.mark.parametrize("office", ["udavit", "mdd"])
def test_a_sealed_charge_does_not_exist_for_udavit_though_on_the_team(world: World, number: str, level: str, office: str) -> None:
    granted(world, number)
    joined(world, number)
    db.session.get_one(User, world.users["victimas"]).office_id = world.offices[office]
    db.session.commit()
    sealed(world, number, level)
    with pytest.raises(NotVisible):
        scope.charge(world.viewer("victimas"), number)
    rows = db.session.scalars(select(ChargeAccess.principal)).all()
    assert f"user:{world.users['victimas']}" not in rows and list(oversight.wrong_access(AT)) == []
    with unit_of_work():
        assert world.users["victimas"] not in {key for key, _name in tasks.people(world.viewer("fiscal.mdd"), number)}


def test_what_is_sealed_of_an_open_charge_stays_closed_to_udavit_on_the_team(world: World, number: str) -> None:
    granted(world, number)
    joined(world, number)
    stands = scope.charge(world.viewer("victimas"), number)[1]
    assert (stands.supports, stands.on_team) == (True, False)
    assert db.session.scalars(scope.teams(world.viewer("victimas"))).all() == []
    view = charges.folder(world.viewer("victimas"), number).charge
    assert view.sealed_reason in (None, RESERVED)


def test_another_role_given_to_the_person_ends_it(world: World, number: str) -> None:
    granted(world, number)
    joined(world, number)
    db.session.get_one(User, world.users["victimas"]).roles = ("AGENCIA",)
    db.session.commit()
    assert refuses(world, number, "A-1")
    assert db.session.scalar(select(ChargeMember).where(ChargeMember.user_id == world.users["victimas"])) is not None
