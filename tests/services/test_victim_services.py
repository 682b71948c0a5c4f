"""Services for victims: who registers, reads and changes them, by right or under a grant."""
from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.services import Service
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.problems import Rejected
from sistra.services import (
    charge_list,
    charges,
    events,
    exports,
    history,
    identities,
    people,
    service_pages,
    victim_services,
)
from sistra.services.records import Conflict
from sistra.services.service_pages import Query
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.assistance import a_service, service_entry
from tests.factories.charges import open_charge
from tests.factories.files import on
from tests.factories.people import victim_in
from tests.factories.rows import AT
from tests.factories.sharing import shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    made = open_charge(world.viewer("fiscal.mdd"))
    for age in (24, 15):
        victim_in(world.viewer("fiscal.mdd"), made, {"given_names": "Canaria"}, sex="M", age_at_facts=age)
    return made


def row(key: int) -> Service:
    return db.session.get_one(Service, key)


def amended(world: World, name: str, number: str, key: int, version: int | None = None, **values: Any) -> list[str]:
    with unit_of_work():
        return victim_services.amend(world.viewer(name), number, key, service_entry(version, **values))


# -- by right -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name", ["fiscal.mdd", "asistente.mdd", "fiscal2.mdd"])
def test_the_office_registers_and_reads_services(world: World, number: str, name: str) -> None:
    key = a_service(world.viewer(name), number, provider=world.agencies["mimp"], status="CUR")
    line = service_pages.show(world.viewer(name), number, key)
    assert (line.code, line.provider, line.view.status) == ("A-1", "Ministerio de la Mujer", "CUR")
    assert (line.contributed_by, line.may_amend) == ("", True)
    assert [one.view.id for one in service_pages.listed(world.viewer(name), number, code="A-1")] == [key]
    assert service_pages.listed(world.viewer(name), number, code="A-2") == []


@pytest.mark.parametrize("name", ["coordinadora", "presidencia.mdd"])
def test_a_supervisor_reads_services_and_writes_none(world: World, number: str, name: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    assert [line.may_amend for line in service_pages.listed(world.viewer(name), number)] == [False]
    with pytest.raises(Forbidden):
        a_service(world.viewer(name), number)
    with pytest.raises(Forbidden):
        amended(world, name, number, key, status="CUR")


def test_another_office_knows_nothing_of_them(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    for name in ("fiscal.lim", "agencia", "victimas"):
        with pytest.raises(NotVisible):
            service_pages.show(world.viewer(name), number, key)
        with pytest.raises(NotVisible):
            a_service(world.viewer(name), number)


@pytest.mark.parametrize(("values", "field"), [
    ({"service_type": None}, "service_type"), ({"status": None}, "status"), ({"service_type": "REH"}, "service_type"),
    ({"status": "REH"}, "decline_reason"), ({"status": "DAD"}, "provider"), ({"provider": 10**6}, "provider"),
    ({"referred_on": date(2026, 3, 2), "starts_on": date(2026, 3, 1)}, "starts_on")])
def test_a_service_that_says_too_little_or_contradicts_itself_is_refused(
        world: World, number: str, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected, match=field):
        a_service(world.viewer("fiscal.mdd"), number, **values)
    assert db.session.scalars(select(Service)).all() == []


def test_a_declined_service_keeps_why_and_loses_it_when_it_is_taken_up_again(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, status="REH", decline_reason="MIE")
    assert row(key).decline_reason == "MIE"
    amended(world, "fiscal.mdd", number, key, status="ACE")
    assert (row(key).status, row(key).decline_reason) == ("ACE", None)


def test_not_known_is_kept_as_an_answer(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, status="DAD", provider=Unknown.NOT_KNOWN, starts_on=Unknown.NOT_KNOWN)
    view = service_pages.show(world.viewer("fiscal.mdd"), number, key).view
    assert (view.provider, view.starts_on, view.ended_on) == (Unknown.NOT_KNOWN, Unknown.NOT_KNOWN, None)


def test_two_who_change_the_same_answer_meet_and_different_ones_are_merged(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    amended(world, "fiscal.mdd", number, key, 1, status="DER")
    assert amended(world, "fiscal2.mdd", number, key, 1, referral_reason="SER") == ["Motivo de la derivación"]
    with pytest.raises(Conflict):
        amended(world, "fiscal2.mdd", number, key, 1, status="ACE")


def test_a_withdrawn_service_is_gone_from_lists_and_keeps_its_reason_on_the_trail(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    with pytest.raises(Rejected, match="reason"), unit_of_work():
        victim_services.withdraw(world.viewer("fiscal.mdd"), number, key, reason=" ")
    with unit_of_work():
        victim_services.withdraw(world.viewer("fiscal.mdd"), number, key, reason="Se registró dos veces")
    assert service_pages.listed(world.viewer("fiscal.mdd"), number) == []
    with pytest.raises(NotVisible):
        service_pages.show(world.viewer("fiscal.mdd"), number, key)
    noted = db.session.scalars(select(TrailEntry.reason).where(TrailEntry.action == "service.withdrawn"))
    assert noted.all() == ["Se registró dos veces"]


def test_a_service_that_an_act_names_is_not_withdrawn(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    with unit_of_work():
        event = events.record(world.viewer("fiscal.mdd"), number, "ATE-REG", Entry("event", {
            "occurred_on": on(date(2026, 3, 25)), "service": key}))
    with pytest.raises(Rejected), unit_of_work():
        victim_services.withdraw(world.viewer("fiscal.mdd"), number, key, reason="Error")
    with unit_of_work():
        events.reverse(world.viewer("fiscal.mdd"), number, event, reason="Error")
    with unit_of_work():
        victim_services.withdraw(world.viewer("fiscal.mdd"), number, key, reason="Error")


def test_a_victim_with_a_service_is_not_withdrawn(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number, "A-2")
    with pytest.raises(Rejected), unit_of_work():
        people.withdraw(world.viewer("fiscal.mdd"), number, "A-2", reason="Error")
    with unit_of_work():
        people.withdraw(world.viewer("fiscal.mdd"), number, "A-1", reason="Error")


def test_an_act_names_only_services_of_its_own_charge(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    victim_in(world.viewer("fiscal.mdd"), other, sex="M")
    key = a_service(world.viewer("fiscal.mdd"), other)
    with pytest.raises(Rejected, match="service"), unit_of_work():
        events.record(world.viewer("fiscal.mdd"), number, "ATE-REG", Entry("event", {
            "occurred_on": on(date(2026, 3, 25)), "service": key}))


# -- what is reserved ---------------------------------------------------------------------------------------------------

def test_where_somebody_is_lodged_is_read_by_the_case_team_alone_and_written_by_all(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal2.mdd"), number, location="Jirón Secreto 1", provider_contact="Canaria Contacto")
    readers = ("fiscal.mdd", "fiscal2.mdd", "coordinadora")
    seen = {name: service_pages.show(world.viewer(name), number, key).view for name in readers}
    assert {name: view.location for name, view in seen.items()} == {
        "fiscal.mdd": "Jirón Secreto 1", "fiscal2.mdd": RESERVED, "coordinadora": RESERVED}
    assert {view.provider_contact for view in seen.values()} == {RESERVED}


def test_the_contact_person_opens_with_the_identity_of_the_victim(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number, location="Jirón Secreto 1", provider_contact="Canaria Contacto")
    with unit_of_work():
        (opened,) = identities.reveal(world.viewer("fiscal2.mdd"), number, ["A-1"], reason_code="NOT")
    assert [(one.provider_contact, one.location) for one in opened.services] == [("Canaria Contacto", RESERVED)]


def test_everything_encrypted_of_a_service_stands_under_the_key_of_its_victim(world: World, number: str) -> None:
    from sistra.models.keys import DataKey
    from sistra.rules.sealing import Unsealable
    key = a_service(world.viewer("fiscal.mdd"), number, location="Jirón 1", result="Se instaló", plan_actions="Plan")
    held = db.session.scalars(select(DataKey).where(DataKey.owner_kind == "victim", DataKey.owner_id == row(key).victim_id)).one()
    db.session.delete(held)
    db.session.commit()
    db.session().info.clear()
    with pytest.raises(Unsealable):
        service_pages.show(world.viewer("fiscal.mdd"), number, key)


def test_the_history_of_a_charge_tells_of_its_services_and_names_them(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, location="Jirón Secreto 1")
    with unit_of_work():
        events.record(world.viewer("fiscal.mdd"), number, "ATE-REG", Entry("event", {
            "occurred_on": on(date(2026, 3, 25)), "service": key}))
    happened = history.of_charge(world.viewer("fiscal2.mdd"), number, changes_only=True)[::-1]
    told = {one.action: {change.field.name: change.after for change in one.changes} for one in happened}
    assert told["service.added"]["service_type"] == "ALO" and told["service.added"]["location"] is RESERVED
    assert told["event.recorded"]["service"] == "Alojamiento temporal (A-1)"


# -- under a grant ------------------------------------------------------------------------------------------------------

def test_services_that_are_not_shared_are_refused(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number)
    shared(world, number, sections=("AGR",))
    agency = world.viewer("agencia")
    for reading in (lambda: service_pages.listed(agency, number), lambda: service_pages.show(agency, number, key),
                    lambda: a_service(agency, number)):
        with pytest.raises(Forbidden):
            reading()
    assert charges.folder(world.viewer("agencia"), number).counted == {"victims": 2}


def test_an_agency_that_only_reads_writes_nothing(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, provider=world.agencies["pnp"])
    shared(world, number, sections=("ATE",))
    assert [line.may_amend for line in service_pages.listed(world.viewer("agencia"), number)] == [False]
    with pytest.raises(Forbidden):
        a_service(world.viewer("agencia"), number)
    with pytest.raises(Forbidden):
        amended(world, "agencia", number, key, status="CUR")


def test_an_agency_that_contributes_is_named_and_changes_what_it_entered_or_provides(world: World, number: str) -> None:
    foreign = a_service(world.viewer("fiscal.mdd"), number, provider=world.agencies["mimp"])
    provided = a_service(world.viewer("fiscal.mdd"), number, provider=world.agencies["pnp"], status="DER")
    shared(world, number, sections=("ATE",), permission="APO")
    own = a_service(world.viewer("agencia"), number, service_type="TRA", provider=world.agencies["mimp"])
    found = service_pages.listed(world.viewer("agencia"), number)
    lines = {line.view.id: (line.may_amend, line.contributed_by) for line in found}
    assert lines == {foreign: (False, ""), provided: (True, ""), own: (True, "Policía Nacional")}
    amended(world, "agencia", number, provided, status="CUR", starts_on=date(2026, 3, 26))
    with pytest.raises(Forbidden):
        amended(world, "agencia", number, foreign, status="CUR")
    with pytest.raises(Forbidden), unit_of_work():
        victim_services.withdraw(world.viewer("agencia"), number, foreign, reason="Error")
    assert service_pages.show(world.viewer("fiscal.mdd"), number, own).contributed_by == "Policía Nacional"


def test_the_unit_that_assists_victims_writes_the_services_of_what_is_shared_with_it(world: World, number: str) -> None:
    foreign = a_service(world.viewer("fiscal.mdd"), number, provider=world.agencies["mimp"])
    shared(world, number, "user:victimas", accepted_by="victimas", sections=("AGR", "ATE"))
    own = a_service(world.viewer("victimas"), number, "A-2", service_type="UDA")
    amended(world, "victimas", number, foreign, status="CUR")
    assert service_pages.show(world.viewer("victimas"), number, own).contributed_by == "Despacho udavit"
    assert service_pages.show(world.viewer("victimas"), number, own).view.location is None


def test_a_unit_for_victims_writes_none_where_services_are_not_shared(world: World, number: str) -> None:
    shared(world, number, "user:victimas", accepted_by="victimas", sections=("AGR",))
    with pytest.raises(Forbidden):
        a_service(world.viewer("victimas"), number)


def test_the_summary_profile_opens_codes_and_dates_and_no_text(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, starts_on=date(2026, 3, 1), result="Relato", location="Jirón 1")
    shared(world, number, profile="RES", sections=("ATE",))
    view = service_pages.show(world.viewer("agencia"), number, key).view
    assert (view.service_type, view.starts_on) == ("ALO", date(2026, 3, 1))
    assert (view.result, view.location) == (RESERVED, RESERVED)


def test_a_recipient_of_the_full_profile_never_reads_where_somebody_is_lodged(world: World, number: str) -> None:
    key = a_service(world.viewer("fiscal.mdd"), number, location="Jirón Secreto 1")
    shared(world, number, profile="COM", sections=("AGR", "ATE"))
    assert service_pages.show(world.viewer("agencia"), number, key).view.location is RESERVED
    with unit_of_work():
        (opened,) = identities.reveal(world.viewer("agencia"), number, ["A-1"], reason_code="NOT")
    assert [one.location for one in opened.services] == [RESERVED]


def test_revoking_ends_reading_and_writing_and_keeps_what_was_contributed(world: World, number: str) -> None:
    grant = shared(world, number, sections=("ATE",), permission="APO")
    key = a_service(world.viewer("agencia"), number)
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, grant, "Se cumplió la finalidad")
    with pytest.raises(NotVisible):
        amended(world, "agencia", number, key, status="DER")
    assert [line.view.id for line in service_pages.listed(world.viewer("fiscal.mdd"), number)] == [key]


def test_sealing_closes_services_to_everybody_but_the_team(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number)
    shared(world, number, sections=("ATE",), permission="APO")
    version = charges.folder(world.viewer("fiscal.mdd"), number).charge.version
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=version)
    assert len(service_pages.listed(world.viewer("fiscal.mdd"), number)) == 1
    with pytest.raises(Forbidden):
        service_pages.listed(world.viewer("coordinadora"), number)
    for name in ("agencia", "fiscal2.mdd"):
        with pytest.raises(NotVisible):
            service_pages.listed(world.viewer(name), number)
        assert service_pages.across(world.viewer(name), Query()).rows == []


# -- what leaves --------------------------------------------------------------------------------------------------------

def left(world: World, name: str, number: str) -> tuple[list[list[str]], list[Any] | None, int]:
    """The rows of the printed section, those of the JSON and how many of the sheet, as that person takes them away."""
    viewer = world.viewer(name)
    with unit_of_work():
        offered = [one for one in exports.offered(charges.standing(viewer, number)) if one == "atenciones"]
        printed = exports.of_charge(viewer, number, offered, reason_code="ACT").sections if offered else ()
        told = json.loads(exports.charge_json(viewer, number, reason_code="ACT")).get("atenciones")
        counted = exports.count_rows(viewer, charge_list.asked({}), ("services",))["services"]
    grids: list[Any] = [block for section in printed for block in section.blocks]
    return [[str(cell) for cell in cells] for grid in grids for cells in grid.table.rows], told, counted


def test_services_leave_with_the_charge_for_who_reads_them_and_the_place_with_the_team_alone(
        world: World, number: str) -> None:
    fiscal = world.viewer("fiscal.mdd")
    a_service(fiscal, number, status="CUR", provider=world.agencies["mimp"], starts_on=date(2026, 3, 1),
              location="Jirón Secreto 1")
    withdrawn = a_service(fiscal, number, service_type="TRA")
    with unit_of_work():
        victim_services.withdraw(fiscal, number, withdrawn, reason="Error")
    shared(world, number, sections=("AGR",))
    assert left(world, "agencia", number) == ([], None, 0)
    shared(world, number, "user:agencia", sections=("ATE",))
    for name in ("fiscal.mdd", "agencia"):
        printed, told, counted = left(world, name, number)
        assert printed == [["A-1", "Alojamiento temporal", "Ministerio de la Mujer", "En curso", "01/03/2026", "", ""]]
        assert told and told[0]["location"] == ("Jirón Secreto 1" if name == "fiscal.mdd" else {"reserved": True})
        assert counted == 1


# -- the list over all charges ------------------------------------------------------------------------------------------

def listed(world: World, name: str, **chosen: tuple[str, ...]) -> list[tuple[str, str | None]]:
    page = service_pages.across(world.viewer(name), Query(chosen))
    return [(one.code, str(one.view.service_type) if one.view else None) for one in page.rows]


def test_the_list_shows_each_victim_of_what_is_shared_with_her_services(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number)
    a_service(world.viewer("fiscal.mdd"), number, service_type="TRA")
    assert listed(world, "victimas") == []
    shared(world, number, "user:victimas", accepted_by="victimas", sections=("AGR", "ATE"))
    assert listed(world, "victimas") == [("A-1", "ALO"), ("A-1", "TRA"), ("A-2", None)]
    assert listed(world, "fiscal.lim") == [] and listed(world, "agencia") == []


def test_a_victim_without_services_is_listed_only_where_victims_are_shared(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number)
    shared(world, number, sections=("ATE",))
    assert listed(world, "agencia") == [("A-1", "ALO")]


def test_the_filters_and_their_counts_say_the_same(world: World, number: str) -> None:
    fiscal = world.viewer("fiscal.mdd")
    a_service(fiscal, number, status="CUR", provider=world.agencies["mimp"], planned_end_on=date(2026, 3, 26))
    a_service(fiscal, number, service_type="PSI", status="REH", decline_reason="NSP")
    page = service_pages.across(fiscal, Query())
    assert page.counts == {"situacion": {"abierta": 1, "vencida": 1, "sin": 1}, "estado": {"CUR": 1, "REH": 1},
                           "atencion": {"ALO": 1, "PSI": 1}}
    for name, counts in page.counts.items():
        for code, number_of in counts.items():
            found = service_pages.across(fiscal, Query({name: (code,)}))
            assert len(found.rows) == found.total == number_of
    assert listed(world, "fiscal.mdd", estado=("CUR", "REH"), atencion=("PSI",)) == [("A-1", "PSI")]


def test_pages_follow_one_another_in_both_directions(world: World, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_pages, "SIZE", 2)
    fiscal = world.viewer("fiscal.mdd")
    for kind in ("ALO", "TRA", "MED", "PSI"):
        a_service(fiscal, number, service_type=kind)
    other = open_charge(fiscal)
    victim_in(fiscal, other, sex="M")
    first = service_pages.across(fiscal, Query())
    second = service_pages.across(fiscal, Query(after=first.rows[-1].edge))
    third = service_pages.across(fiscal, Query(after=second.rows[-1].edge))
    back = service_pages.across(fiscal, Query(before=third.rows[0].edge))
    shown = [(one.number, one.view.service_type if one.view else None) for page in (first, second, third) for one in page.rows]
    assert shown == [(other, None), (number, "ALO"), (number, "TRA"), (number, "MED"), (number, "PSI"), (number, None)]
    assert back.rows == second.rows
    assert (first.has_previous, first.has_next, third.has_previous, third.has_next) == (False, True, True, False)
    assert {page.total for page in (first, second, third)} == {6}


def test_the_list_is_a_reading_of_the_charges_it_shows_and_opens_nothing_encrypted(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number, location="Jirón 1", result="Relato")
    with unit_of_work():
        page = service_pages.across(world.viewer("fiscal.mdd"), Query())
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "services.listed")).one()
    assert entry.detail == {"charges": [page.rows[0].edge[0]]}
    assert page.rows[0].view and page.rows[0].view.location is None and page.rows[0].view.result is None


@pytest.mark.parametrize("name", ["coordinadora", "analista", "admin", "auditora"])
def test_who_assists_nobody_has_no_such_list(session: Any, world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        service_pages.across(world.viewer(name), Query())


def test_an_expired_grant_shows_nothing_in_the_list(world: World, number: str) -> None:
    a_service(world.viewer("fiscal.mdd"), number)
    shared(world, number, sections=("ATE",), valid_until=AT.date())
    late = world.viewer("agencia", at=AT + timedelta(days=2))
    assert service_pages.any_open(world.viewer("agencia")) and not service_pages.any_open(late)
    assert service_pages.across(late, Query()).rows == []
