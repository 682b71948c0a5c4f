"""Grants: what they open, to whom, from when until when; what is asked for and answered."""
from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select

from sistra.access import scope
from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import ChargeAccess
from sistra.models.sharing import AccessRequest, Grant
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.problems import Rejected
from sistra.services import (
    accounts,
    charge_list,
    charges,
    count_pages,
    event_pages,
    exports,
    history,
    oversight,
    people,
    search,
    victim_services,
)
from sistra.services.charge_list import Query
from sistra.services.records import Conflict
from sistra.services.sharing import answers, offers, requests, shares
from sistra.services.unit import unit_of_work
from tests.factories import hand_over
from tests.factories.assistance import a_service, service_entry
from tests.factories.charges import open_charge
from tests.factories.people import victim_in
from tests.factories.rows import AT
from tests.factories.sharing import ALL_SECTIONS, UNTIL, offer_entry, offered, shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    made = open_charge(world.viewer("fiscal.mdd"))
    victim_in(world.viewer("fiscal.mdd"), made, {"given_names": "Canaria"}, sex="M", age_at_facts=24)
    return made


def later(world: World, name: str, days: int) -> Viewer:
    return world.viewer(name, at=AT + timedelta(days=days))


def test_an_offer_opens_nothing_before_it_is_accepted(world: World, number: str) -> None:
    offered(world, number)
    with pytest.raises(NotVisible):
        charges.folder(world.viewer("agencia"), number)
    assert charge_list.page(world.viewer("agencia"), Query()).rows == []


def test_an_accepted_grant_opens_the_charge_to_its_agency_alone(world: World, number: str) -> None:
    shared(world, number)
    assert charges.folder(world.viewer("agencia"), number).charge.number == number
    assert [row.number for row in charge_list.page(world.viewer("agencia"), Query()).rows] == [number]
    for name in ("victimas", "fiscal.lim", "fiscal.ordinaria"):
        with pytest.raises(NotVisible):
            charges.folder(world.viewer(name), number)


def test_only_the_recipient_answers_an_offer(world: World, number: str) -> None:
    key = offered(world, number)
    for name in ("victimas", "fiscal.lim", "fiscal.mdd"):
        with pytest.raises(NotVisible), unit_of_work():
            answers.accept(world.viewer(name), key)
    with pytest.raises(Forbidden), unit_of_work():
        answers.accept(world.viewer("asistente.lim"), key)


def test_what_is_not_shared_is_refused_and_what_is_shared_is_read(world: World, number: str) -> None:
    shared(world, number, sections=("AGR",))
    agency = world.viewer("agencia")
    assert [one.code for one in people.victims(agency, number)] == ["A-1"]
    for reading in (people.accused, count_pages.listed, event_pages.listed, history.of_charge):
        with pytest.raises(Forbidden):
            reading(agency, number)


def test_the_narrative_and_the_facts_stay_reserved_where_facts_are_not_shared(world: World, number: str) -> None:
    with unit_of_work():
        charges.amend(world.viewer("fiscal.mdd"), number, Entry("charge", {"narrative": "Relato", "means": ("ENG",)}))
    shared(world, number, sections=("AGR",))
    seen = charges.folder(world.viewer("agencia"), number).charge
    assert (seen.narrative, seen.means) == (RESERVED, RESERVED)
    assert seen.notice_place == "170101" or isinstance(seen.notice_place, str)


def test_the_summary_profile_opens_codes_and_numbers_and_no_text(world: World, number: str) -> None:
    shared(world, number, profile="RES", sections=("RES", "HEC", "AGR"))
    seen = charges.folder(world.viewer("agencia"), number).charge
    assert seen.summary is RESERVED and seen.stage == "10-NOT" and seen.reported_offence == "PE-129A"


def test_two_grants_open_the_union_with_the_highest_profile_of_each_section(world: World, number: str) -> None:
    shared(world, number, profile="RES", sections=("HEC", "AGR"))
    shared(world, number, "user:agencia", profile="SID", sections=("AGR", "DEL"))
    stands = charges.standing(world.viewer("agencia"), number)
    assert stands.shared is not None
    assert dict(stands.shared.profiles) == {"RES": "SID", "HEC": "RES", "AGR": "SID", "DEL": "SID"}


def test_a_grant_ends_after_its_last_day_in_lima_by_the_clock_of_the_request(world: World, number: str) -> None:
    shared(world, number, valid_until=AT.date())
    late = AT.replace(hour=23, minute=0) + timedelta(hours=5, minutes=59)
    assert charges.standing(world.viewer("agencia", at=late), number).shared is not None
    with pytest.raises(NotVisible):
        charges.standing(world.viewer("agencia", at=late + timedelta(minutes=2)), number)


def test_what_one_grant_opened_ends_with_it_though_another_lasts(world: World, number: str) -> None:
    shared(world, number, sections=("DEL",), valid_until=AT.date())
    shared(world, number, "user:agencia", sections=("AGR",))
    stands = charges.standing(later(world, "agencia", 3), number)
    assert stands.shared is not None and set(stands.shared.profiles) == {"RES", "AGR"}


def test_a_revoked_grant_opens_nothing_from_the_next_request_on(world: World, number: str) -> None:
    key = shared(world, number)
    with unit_of_work():
        offers.revoke(world.viewer("fiscal2.mdd"), number, key, "Se cumplió la finalidad")
    agency = world.viewer("agencia")
    with pytest.raises(NotVisible):
        people.victims(agency, number)
    assert charge_list.page(agency, Query()).totals.charges == 0
    assert search.by_number(agency, number).found == []
    closed = shares.inbox(agency, "cerradas")
    assert [(one.state, one.view.revoke_reason) for one in closed] == [("REV", "Se cumplió la finalidad")]


def test_a_declined_offer_takes_its_reason_back_to_the_sender(world: World, number: str) -> None:
    key = offered(world, number)
    with unit_of_work():
        answers.decline(world.viewer("agencia"), key, "No es de nuestra competencia")
    found = shares.of_charge(world.viewer("fiscal.mdd"), number)
    assert [(one.state, one.view.answer_reason) for one in found] == [("REC", "No es de nuestra competencia")]
    with pytest.raises(Rejected), unit_of_work():
        answers.accept(world.viewer("agencia"), key)


def test_a_withdrawn_offer_cannot_be_accepted(world: World, number: str) -> None:
    key = offered(world, number)
    with unit_of_work():
        offers.withdraw(world.viewer("fiscal.mdd"), number, key)
    with pytest.raises(Rejected), unit_of_work():
        answers.accept(world.viewer("agencia"), key)


def test_an_offer_whose_last_day_passed_is_expired_and_leaves_room_for_another(world: World, number: str) -> None:
    key = offered(world, number, valid_until=AT.date())
    with pytest.raises(Rejected), unit_of_work():
        answers.accept(later(world, "agencia", 1), key)
    offered(world, number, by=later(world, "fiscal.mdd", 2))
    assert db.session.get_one(Grant, key).state == "VEN"


def test_there_is_one_pending_offer_for_each_recipient(world: World, number: str) -> None:
    offered(world, number)
    with pytest.raises(Rejected, match="target_agency"):
        offered(world, number)
    offered(world, number, "mimp")


@pytest.mark.parametrize(("values", "field"), [
    ({"valid_until": AT.date() - timedelta(days=1)}, "valid_until"), ({"sections": ()}, "sections"),
    ({"purpose": None}, "purpose"), ({"legal_basis": None}, "legal_basis"),
    ({"permission": "APO", "sections": ("AGR",)}, "permission")])
def test_an_incomplete_offer_is_refused(world: World, number: str, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Rejected, match=field):
        offered(world, number, **values)


def test_nothing_above_the_ceiling_of_an_agency_is_shared_with_it_or_its_people(world: World, number: str) -> None:
    from sistra.models.accounts import Agency
    db.session.get_one(Agency, world.agencies["pnp"]).ceiling_profile = "SID"
    db.session.commit()
    for to in ("pnp", "user:agencia"):
        with pytest.raises(Rejected, match="profile"):
            offered(world, number, to, profile="COM")


@pytest.mark.parametrize("name", ["asistente.mdd", "presidencia.mdd", "coordinadora"])
def test_only_prosecutors_of_the_office_share(world: World, number: str, name: str) -> None:
    with pytest.raises(Forbidden):
        offered(world, number, by=world.viewer(name))


def test_a_recipient_cannot_share_on(world: World, number: str) -> None:
    shared(world, number, "office:lim", accepted_by="fiscal.lim", profile="COM", sections=ALL_SECTIONS)
    with pytest.raises(Forbidden):
        offered(world, number, "mimp", by=world.viewer("fiscal.lim"))


@pytest.mark.parametrize("confidentiality", ["SEL", "COL"])
def test_sealing_closes_every_grant_and_unsealing_opens_them_again(world: World, number: str, confidentiality: str) -> None:
    shared(world, number)
    key = offered(world, number, "user:agencia")
    prosecutor = world.viewer("fiscal.mdd")
    version = charges.folder(prosecutor, number).charge.version
    with unit_of_work():
        charges.seal(prosecutor, number, confidentiality=confidentiality, reason="Riesgo", version=version)
    agency = world.viewer("agencia")
    with pytest.raises(NotVisible):
        charges.folder(agency, number)
    with pytest.raises(NotVisible), unit_of_work():
        answers.accept(agency, key)
    assert shares.inbox(agency, "recibidas") == [] and shares.inbox(agency, "aceptadas") == []
    with pytest.raises(Forbidden):
        offered(world, number, "mimp")


def test_everybody_who_reads_a_charge_sees_with_whom_it_is_shared(world: World, number: str) -> None:
    shared(world, number)
    offered(world, number, "mimp")
    for name in ("fiscal.mdd", "asistente.mdd", "presidencia.mdd", "agencia"):
        assert [(one.label, one.profile, one.until) for one in shares.holders(world.viewer(name), number)] == [
            ("Policía Nacional", "SID", UNTIL)]


def test_the_inbox_tells_the_terms_and_nothing_of_the_charge(world: World, number: str) -> None:
    offered(world, number, note="Coordinar acogida")
    (one,) = shares.inbox(world.viewer("agencia"), "recibidas")
    assert (one.number, one.office, one.view.note, one.view.purpose) == (number, "Despacho mdd", "Coordinar acogida", "PRO")
    assert shares.counted(world.viewer("agencia")) == {"recibidas": 1, "aceptadas": 0, "cerradas": 0}


def test_a_bulk_offer_says_of_each_charge_what_became_of_it(world: World, number: str) -> None:
    other, foreign = open_charge(world.viewer("fiscal.mdd")), open_charge(world.viewer("fiscal.lim"))
    offered(world, number)
    with unit_of_work():
        found = offers.offer_many(world.viewer("fiscal.mdd"), [number, other, foreign, "SIS-2026-MDD-99999"], offer_entry(world))
    assert [(one.number, one.problem is None) for one in found] == [
        (number, False), (other, True), (foreign, False), ("SIS-2026-MDD-99999", False)]


# -- requests -------------------------------------------------------------------------------------------------------------------

def asked(world: World, number: str, **values: Any) -> int:
    with unit_of_work():
        return requests.ask(world.viewer("agencia"), number, Entry("access_request", {
            "sections": ("ACT",), "profile": "SID", "purpose": "INV", "legal_basis": None, "until": None,
            "reason": "Ubicar testigos"} | values))


def grant_entry(**values: Any) -> Entry:
    return Entry("grant", {"profile": "SID", "sections": ("ACT",), "permission": "LEE", "legal_basis": "REQ", "purpose": "INV",
                           "valid_until": UNTIL, "note": None} | values)


def test_a_request_granted_in_full_opens_what_was_asked_at_once(world: World, number: str) -> None:
    shared(world, number)
    key = asked(world, number)
    with unit_of_work():
        requests.grant(world.viewer("fiscal.mdd"), number, key, grant_entry())
    assert db.session.get_one(AccessRequest, key).state == "CON"
    assert event_pages.listed(world.viewer("agencia"), number)


def test_a_request_granted_in_part_says_so(world: World, number: str) -> None:
    shared(world, number)
    key = asked(world, number, sections=("ACT", "DEL"))
    with unit_of_work():
        requests.grant(world.viewer("fiscal.mdd"), number, key, grant_entry())
    assert db.session.get_one(AccessRequest, key).state == "PAR"
    with pytest.raises(Forbidden):
        count_pages.listed(world.viewer("agencia"), number)


def test_a_refused_request_opens_nothing_and_carries_its_reason(world: World, number: str) -> None:
    shared(world, number)
    key = asked(world, number)
    with unit_of_work():
        requests.refuse(world.viewer("fiscal.mdd"), number, key, "La diligencia es reservada")
    (mine,) = shares.my_requests(world.viewer("agencia"))
    assert (mine.view.state, mine.view.answer_reason) == ("DEN", "La diligencia es reservada")


def test_a_second_request_joins_the_one_that_waits(world: World, number: str) -> None:
    shared(world, number)
    first = asked(world, number)
    assert asked(world, number, sections=("DEL",), profile="RES", until=date(2027, 1, 5)) == first
    waiting = db.session.get_one(AccessRequest, first)
    assert (waiting.sections, waiting.profile, waiting.until) == (("RES", "DEL", "ACT"), "SID", date(2027, 1, 5))
    assert db.session.scalars(select(AccessRequest.state).order_by(AccessRequest.id)).all() == ["PEN", "UNI"]


def test_what_one_has_already_is_not_asked_for(world: World, number: str) -> None:
    shared(world, number)
    with pytest.raises(Rejected, match="sections"):
        asked(world, number, sections=("AGR",))
    asked(world, number, sections=("AGR",), profile="COM")


def test_nobody_asks_for_a_charge_that_is_not_shared_with_them(world: World, number: str) -> None:
    with pytest.raises(NotVisible):
        asked(world, number)
    with pytest.raises(Forbidden), unit_of_work():
        requests.ask(world.viewer("fiscal.mdd"), number, Entry("access_request", {"sections": ("ACT",)}))


# -- the rows of access and the trail -------------------------------------------------------------------------------------------

def test_the_rows_of_access_are_those_that_the_grants_give(world: World, number: str) -> None:
    shared(world, number)
    shared(world, number, "office:lim", accepted_by="fiscal.lim")
    assert list(oversight.wrong_access(AT)) == []
    rows = db.session.scalars(select(ChargeAccess).where(ChargeAccess.grant_id != 0)).all()
    assert {row.principal.partition(":")[0] for row in rows} == {"agency", "granted-office"}


def test_a_planted_row_of_access_is_found(world: World, number: str) -> None:
    key = shared(world, number)
    row = db.session.scalars(select(ChargeAccess).where(ChargeAccess.grant_id == key)).one()
    row.sections = ALL_SECTIONS
    db.session.commit()
    assert [wrong.number for wrong in oversight.wrong_access(AT)] == [number]


def test_each_step_of_a_grant_is_on_the_trail(world: World, number: str) -> None:
    key = shared(world, number)
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, key, "Fin")
    found = db.session.execute(select(TrailEntry.action, TrailEntry.actor_id).where(
        TrailEntry.thing == "charge_grant", TrailEntry.thing_id == key).order_by(TrailEntry.number)).all()
    assert [action for action, _actor in found] == ["grant.offered", "grant.accepted", "grant.revoked"]
    assert found[1][1] == world.users["agencia"]


def test_a_request_of_an_agency_that_no_longer_receives_is_not_granted(world: World, number: str) -> None:
    from sistra.models.accounts import Agency
    shared(world, number)
    key = asked(world, number)
    db.session.get_one(Agency, world.agencies["pnp"]).may_receive = False
    db.session.commit()
    with pytest.raises(Rejected, match="ya no puede recibir"), unit_of_work():
        requests.grant(world.viewer("fiscal.mdd"), number, key, grant_entry())


def test_two_edits_that_meet_show_a_recipient_no_text_that_their_level_keeps_reserved(world: World, number: str) -> None:
    shared(world, number, "user:victimas", accepted_by="victimas", profile="RES", sections=("AGR", "ATE"), permission="APO")
    office, support = world.viewer("fiscal.mdd"), world.viewer("victimas")
    key = a_service(office, number, plan_actions="Acogida con su tía", cost=Decimal("10.00"))
    with unit_of_work():
        entry = service_entry(1, plan_actions="Acogida en la casa azul", cost=Decimal("20.00"))
        victim_services.amend(office, number, key, entry)
    with pytest.raises(Conflict) as met, unit_of_work():
        victim_services.amend(support, number, key, service_entry(1, plan_actions="Otra", cost=Decimal("30.00")))
    assert {(one.field.name, one.original, one.theirs) for one in met.value.clashes} == {
        ("plan_actions", RESERVED, RESERVED), ("cost", RESERVED, RESERVED)}


def test_a_recipient_of_a_higher_level_still_chooses_between_both_texts(world: World, number: str) -> None:
    shared(world, number, "user:victimas", accepted_by="victimas", sections=("AGR", "ATE"), permission="APO")
    office, support = world.viewer("fiscal.mdd"), world.viewer("victimas")
    key = a_service(office, number, plan_actions="Acogida con su tía")
    with unit_of_work():
        victim_services.amend(office, number, key, service_entry(1, plan_actions="Acogida en la casa azul"))
    with pytest.raises(Conflict) as met, unit_of_work():
        victim_services.amend(support, number, key, service_entry(1, plan_actions="Otra"))
    assert [(one.original, one.theirs) for one in met.value.clashes] == [("Acogida con su tía", "Acogida en la casa azul")]


def test_a_grant_that_ends_between_two_questions_of_an_export_leaves_nothing_of_its_charge(
    world: World, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shared(world, number, sections=("AGR",))
    asked = scope.shared

    def revoked_meanwhile(viewer: Viewer, keys: Any) -> Any:
        db.session.execute(delete(ChargeAccess).where(ChargeAccess.grant_id == key))
        return asked(viewer, keys)
    assert [one.number for one in exports.select_charges(world.viewer("agencia"), Query()).charges] == [number]
    monkeypatch.setattr(scope, "shared", revoked_meanwhile)
    assert exports.select_charges(world.viewer("agencia"), Query()).charges == []


def test_where_a_charge_went_is_not_told_to_whose_access_had_ended(world: World, number: str) -> None:
    key = shared(world, number)
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, key, "Se cumplió la finalidad")
    handed_over(world, number)
    assert [one.office for one in shares.inbox(world.viewer("agencia"), "cerradas")] == ["Despacho mdd"]
    assert shares.one_received(world.viewer("agencia"), key).office == "Despacho mdd"


def test_whose_access_lasts_is_told_the_office_in_charge(world: World, number: str) -> None:
    shared(world, number)
    handed_over(world, number)
    assert [one.office for one in shares.inbox(world.viewer("agencia"), "aceptadas")] == ["Despacho lim"]


def handed_over(world: World, number: str) -> None:
    hand_over.accepted(world, hand_over.offered(world, number))


@pytest.mark.parametrize(("role", "office"), [("AGENCIA", "mimp"), ("ANALISTA", "pnp")])
def test_what_was_shared_with_a_person_by_name_ends_where_that_person_is_no_longer_who_it_was_shared_with(
        world: World, number: str, role: str, office: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    given, waiting = shared(world, number, "user:agencia"), offered(world, other, "user:agencia")
    assert charges.standing(world.viewer("agencia"), number).shared
    with unit_of_work():
        accounts.set_roles(world.viewer("admin"), "agencia", roles=[role], office_id=world.offices[office], reason="Traslado")
    with pytest.raises((NotVisible, Forbidden)):
        charges.standing(world.viewer("agencia"), number)
    states = {row.id: row.state for row in db.session.scalars(select(Grant))}
    assert states == {given: "REV", waiting: "RET"}
    assert not db.session.scalars(select(ChargeAccess).where(ChargeAccess.grant_id == given)).all()
    assert db.session.scalars(select(TrailEntry.thing_id).where(TrailEntry.action == "grant.revoked")).all() == [given]


def test_what_was_shared_with_a_person_by_name_stays_where_only_other_roles_are_added(world: World, number: str) -> None:
    shared(world, number, "user:agencia")
    with unit_of_work():
        accounts.set_roles(
            world.viewer("admin"), "agencia", roles=["AGENCIA", "ANALISTA"], office_id=world.offices["pnp"], reason="Encargo")
    assert charges.standing(world.viewer("agencia"), number).shared
