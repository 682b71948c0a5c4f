"""Users, agencies, offices and first use: who may keep them, and what is refused."""
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.models.audit import TrailEntry
from sistra.models.charges import ChargeAccess
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import accounts, charge_access, institutions, setup, signin
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT, a_charge
from tests.factories.world import World

NEW: dict[str, Any] = {
    "username": "nueva.persona", "full_name": "Persona Nueva", "email": "nueva@example.test", "roles": ["FISCAL"]}
NOT_ADMINISTRATORS = ("fiscal.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd", "analista", "agencia",
                      "victimas", "auditora")


pytestmark = pytest.mark.both_databases


@pytest.fixture
def admin(session: Any, world: World) -> Viewer:
    return world.viewer("admin")


def invite(admin: Viewer, world: World, **changed: Any) -> str:
    with unit_of_work():
        return accounts.invite(admin, **{**NEW, "office_id": world.offices["mdd"], **changed})


def fields_of(rejected: pytest.ExceptionInfo[Rejected]) -> list[str]:
    return [problem.field for problem in rejected.value.problems]


def trail(action: str) -> TrailEntry:
    return db.session.scalars(select(TrailEntry).where(TrailEntry.action == action)).one()


# -- users -----------------------------------------------------------------------------------------------------------

VERBS: dict[str, Callable[[Viewer], Any]] = {
    "users": accounts.users, "user": lambda who: accounts.user(who, "admin"),
    "invite": lambda who: accounts.invite(who, **NEW, office_id=1),
    "renew_link": lambda who: accounts.renew_link(who, "admin"),
    "set_suspended": lambda who: accounts.set_suspended(who, "admin", suspend=True, reason="x"),
    "set_roles": lambda who: accounts.set_roles(who, "admin", roles=["ADMIN"], office_id=1, reason="x"),
    "listed": lambda who: institutions.listed(who, "office"), "one": lambda who: institutions.one(who, "office", "MDD"),
    "add": lambda who: institutions.add(who, "office", Entry("office", {})),
    "amend": lambda who: institutions.amend(who, "office", "MDD", Entry("office", {}, 1)),
    "end": lambda who: institutions.end(who, "office", "MDD", "x")}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("username", NOT_ADMINISTRATORS)
def test_only_who_administers_keeps_users_and_offices(session: Any, world: World, username: str, verb: str) -> None:
    with pytest.raises(Forbidden):
        VERBS[verb](world.viewer(username))


def test_a_new_person_has_no_password_and_is_listed_as_invited(admin: Viewer, world: World) -> None:
    invite(admin, world)
    row = accounts.user(admin, "nueva.persona")
    assert (row.invited, row.second_factor, row.suspended, row.roles) == (True, False, False, ("FISCAL",))


@pytest.mark.parametrize(("changed", "field"), [
    ({"username": ""}, "username"), ({"username": "ab"}, "username"), ({"username": "con espacio"}, "username"),
    ({"username": "a/b"}, "username"), ({"username": "ñandú"}, "username"), ({"username": "x" * 61}, "username"),
    ({"username": "-guion"}, "username"), ({"username": "Fiscal.MDD"}, "username"), ({"full_name": ""}, "full_name"),
    ({"email": ""}, "email"), ({"roles": []}, "roles"), ({"roles": ["JEFE"]}, "roles"),
    ({"roles": ["ADMIN", "FISCAL"]}, "roles"),
    ({"roles": ["ADMIN", "AUDITOR"]}, "roles"), ({"roles": ["AUDITOR", "ANALISTA"]}, "roles"), ({"office_id": 0},
                                                                                                "office")])
def test_an_invitation_is_refused_at_its_field(admin: Viewer, world: World, changed: dict[str, Any],
                                               field: str) -> None:
    with pytest.raises(Rejected) as rejected:
        invite(admin, world, **changed)
    assert fields_of(rejected) == [field]
    assert db.session.scalar(select(func.count()).select_from(User)) == 13


def test_several_case_roles_stand_together(admin: Viewer, world: World) -> None:
    invite(admin, world, roles=["COORD", "FISCAL"])
    assert accounts.user(admin, "nueva.persona").roles == ("FISCAL", "COORD")


def test_an_office_that_ended_takes_nobody_in(admin: Viewer, world: World) -> None:
    with unit_of_work():
        db.session.get_one(Office, world.offices["mimp"]).valid_to = admin.today
    with pytest.raises(Rejected) as rejected:
        invite(admin, world, office_id=world.offices["mimp"])
    assert fields_of(rejected) == ["office"]


def test_users_are_found_by_name_office_and_role(admin: Viewer) -> None:
    assert {row.username for row in accounts.users(admin, text="Despacho LIM")} == {"fiscal.lim", "asistente.lim"}
    assert {row.username for row in accounts.users(admin, role="AUDITOR")} == {"auditora"}
    assert accounts.users(admin, text="%") == accounts.users(admin, text="_x_") == []


def test_pages_of_users_join_without_gap_or_repetition(admin: Viewer) -> None:
    everybody = [row.username for row in accounts.users(admin)]
    first = [row.username for row in accounts.users(admin, limit=5)]
    second = [row.username for row in accounts.users(admin, after=first[-1], limit=5)]
    assert first + second == everybody[:10]
    assert [row.username for row in accounts.users(admin, before=second[0], limit=3)] == first[-3:]


def test_nobody_suspends_or_changes_themselves(admin: Viewer, world: World) -> None:
    with pytest.raises(Rejected):
        accounts.set_suspended(admin, "admin", suspend=True, reason="x")
    with pytest.raises(Rejected):
        accounts.set_roles(admin, "admin", roles=["FISCAL"], office_id=world.offices["mdd"], reason="x")


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_acts_on_people_ask_for_a_reason(admin: Viewer, world: World, reason: str) -> None:
    with pytest.raises(Rejected) as suspending:
        accounts.set_suspended(admin, "fiscal.mdd", suspend=True, reason=reason)
    with pytest.raises(Rejected) as changing:
        accounts.set_roles(admin, "fiscal.mdd", roles=["FISCAL"], office_id=world.offices["mdd"], reason=reason)
    assert fields_of(suspending) == fields_of(changing) == ["reason"]


def test_a_change_of_roles_stands_in_the_trail_with_before_after_and_reason(admin: Viewer, world: World) -> None:
    with unit_of_work():
        accounts.set_roles(admin, "fiscal.mdd", roles=["COORD"], office_id=world.offices["mdd"], reason=" Encargo ")
    entry = trail("user.roles_changed")
    assert entry.reason == "Encargo"
    assert entry.changes == [{"field": "roles", "before": ["FISCAL"], "after": ["COORD"]}]


def test_nobody_is_found_under_a_name_that_is_not_there(admin: Viewer) -> None:
    with pytest.raises(NotVisible):
        accounts.user(admin, "nadie")


# -- agencies and offices --------------------------------------------------------------------------------------------

def office(world: World, **changed: Any) -> Entry:
    return Entry("office", {"code": "fpe-cus", "name": "Fiscalía de Cusco", "agency": world.agencies["mp"],
                            "office_kind": "FPE",
                            "fiscal_district": "CUS", "specialised": True, **changed})


def test_an_office_is_added_in_force_from_today(admin: Viewer, world: World) -> None:
    with unit_of_work():
        assert institutions.add(admin, "office", office(world)) == "FPE-CUS"
    found = institutions.one(admin, "office", "FPE-CUS")
    assert found.values["valid_from"] == admin.today and found.belongs_to == "Ministerio Público"
    assert trail("office.added").actor_id == admin.user_id


@pytest.mark.parametrize(("changed", "fields"), [
    ({"code": None}, ["code"]), ({"code": "mdd"}, ["code"]), ({"code": "a/b"}, ["code"]), ({"name": None}, ["name"]),
    ({"agency": None}, ["agency"]), ({"agency": 999}, ["agency"]), ({"superior": 999}, ["superior"])])
def test_an_office_is_refused_at_its_field(admin: Viewer, world: World, changed: dict[str, Any],
                                           fields: list[str]) -> None:
    with pytest.raises(Rejected) as rejected:
        institutions.add(admin, "office", office(world, **changed))
    assert fields_of(rejected) == fields


def test_an_agency_is_not_its_own_parent(admin: Viewer, world: World) -> None:
    with pytest.raises(Rejected) as rejected:
        institutions.amend(admin, "agency", "MP", Entry("agency", {"parent": world.agencies["mp"]}, 1))
    assert fields_of(rejected) == ["parent"]


def test_sealed_addresses_have_no_part_in_the_lists(admin: Viewer) -> None:
    names = {field.name for field in institutions.fields_of("agency", added=True)}
    assert names.isdisjoint({"street", "postal_code", "latitude", "longitude", "valid_to"})


def test_two_people_who_amend_the_same_office_do_not_overwrite_each_other(admin: Viewer) -> None:
    with unit_of_work():
        institutions.amend(admin, "office", "MDD", Entry("office", {"name": "Primera"}, 1))
    with pytest.raises(Conflict), unit_of_work():
        institutions.amend(admin, "office", "MDD", Entry("office", {"name": "Segunda"}, 1))
    assert institutions.one(admin, "office", "MDD").name == "Primera"


def test_an_office_that_becomes_specialised_is_seen_by_the_coordination_at_once(admin: Viewer, world: World) -> None:
    with unit_of_work():
        charge = a_charge(world.offices["ordinaria"], world.users["fiscal.ordinaria"])
        charge_access.refresh(admin, charge)
    with unit_of_work():
        institutions.amend(admin, "office", "ORDINARIA", Entry("office", {"specialised": True}, 1))
    assert "subsystem" in set(db.session.scalars(select(ChargeAccess.principal)))


def test_an_office_with_people_in_it_does_not_end(admin: Viewer) -> None:
    with pytest.raises(Rejected) as rejected:
        institutions.end(admin, "office", "MDD", "Desactivada")
    assert "(4)" in str(rejected.value.problems[0])


def test_an_agency_with_offices_does_not_end(admin: Viewer) -> None:
    with pytest.raises(Rejected) as rejected:
        institutions.end(admin, "agency", "PNP", "Fusión")
    assert "(1)" in str(rejected.value.problems[0])


def test_what_ended_is_kept_and_no_longer_offered(admin: Viewer) -> None:
    with unit_of_work():
        institutions.end(admin, "office", "MIMP", " Fusión ")
    assert "MIMP" not in [row.code for row in institutions.listed(admin, "office")]
    assert "MIMP" in [row.code for row in institutions.listed(admin, "office", ended=True)]
    assert "Despacho mimp" not in [row.name for row in accounts.offices()]
    assert trail("office.ended").reason == "Fusión"
    with pytest.raises(Rejected):
        institutions.end(admin, "office", "MIMP", "Otra vez")


# -- first use -------------------------------------------------------------------------------------------------------

def seed() -> setup.Seeded:
    with unit_of_work():
        return setup.seed_offices(at=AT)


def first(**changed: Any) -> str:
    given = {"username": "administra", "full_name": "Primera Persona", "email": "primera@example.test", **changed}
    with unit_of_work():
        return setup.first_administrator(**given, at=AT)


def test_every_agency_and_every_fiscal_district_is_there_to_begin_with(session: Any) -> None:
    seeded = seed()
    assert set(seeded.agencies) == set(codelist("agency"))
    kinds = [code.split("-")[0] for code in seeded.offices]
    assert (kinds.count("FPP"), kinds.count("UVT"), kinds.count("FPE")) == (34, 34, 14)
    assert {"COO", "OBS", "AGE-MIMP", "COM-PNP"} <= set(seeded.offices)


def test_seeding_twice_adds_nothing_and_changes_nothing(session: Any) -> None:
    seed()
    with unit_of_work():
        db.session.scalars(select(Office).where(Office.code == "FPP-AMA")).one().name = "Nombre corregido"
    assert seed() == setup.Seeded((), ())
    assert db.session.scalar(select(Office.name).where(Office.code == "FPP-AMA")) == "Nombre corregido"
    assert db.session.scalar(select(func.count()).select_from(TrailEntry)) == 1


def test_agencies_stand_below_their_parents_with_a_type_of_the_list(session: Any) -> None:
    seed()
    rows = {row.code: row for row in db.session.scalars(select(Agency))}
    assert rows["FISTRAP"].parent_id == rows["MP"].id
    assert (rows["IML"].agency_type, rows["DIRCTPTIM"].agency_type, rows["MIMP"].agency_type) == ("FIS", "POL", "GCE")
    assert {row.agency_type for row in rows.values()} <= set(codelist("agency_type"))
    assert not any(rows[code].may_receive for code in ("INEI", "IOM", "UNODC", "ONG"))


def test_only_specialised_offices_belong_to_the_subsystem(session: Any) -> None:
    seed()
    codes = set(db.session.scalars(select(Office.code).where(Office.specialised.is_(True))))
    assert codes == {f"FPE-{district}" for district in setup.SPECIALISED}


def test_names_of_offices_are_spanish_and_different(session: Any) -> None:
    seed()
    names = list(db.session.scalars(select(Office.name)))
    assert "Fiscalía Provincial Especializada en Delitos de Trata de Personas de Madre de Dios" in names
    assert "Fiscalía Provincial Penal del Callao" in names
    assert len(names) == len(set(names))


def test_the_first_administrator_gets_a_link_and_no_password(session: Any) -> None:
    seed()
    token = first()
    assert signin.invited(token, at=AT) == "administra"
    person = db.session.scalars(select(User)).one()
    assert (person.password_hash, person.roles) == (None, ("ADMIN",))


def test_there_is_one_first_administrator(session: Any) -> None:
    seed()
    first()
    with pytest.raises(Rejected):
        first(username="segunda.persona")


@pytest.mark.parametrize(("changed", "field"), [
    ({"username": ""}, "username"), ({"username": "a b"}, "username"), ({"email": "sin arroba"}, "email"),
    ({"full_name": " "}, "full_name")])
def test_the_first_administrator_is_refused_for_what_does_not_do(session: Any, changed: dict[str, str],
                                                                 field: str) -> None:
    seed()
    with pytest.raises(Rejected) as rejected:
        first(**changed)
    assert fields_of(rejected) == [field]


def test_a_suspended_administrator_does_not_bar_a_new_one(session: Any) -> None:
    seed()
    first()
    with unit_of_work():
        db.session.scalars(select(User)).one().valid_to = datetime(2026, 1, 1, tzinfo=UTC).date()
    assert first(username="segunda.persona")
