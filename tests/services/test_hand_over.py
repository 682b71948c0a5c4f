"""Hand-over: what moves with a charge to another office, what a joinder does, who may reassign."""
from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access import scope
from sistra.access.may import may
from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeMember
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Deadline, Event
from sistra.models.hand_over import Referral
from sistra.models.sharing import Grant
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import audit, charge_list, charges, event_pages, events, oversight
from sistra.services.hand_over import answers, joining, readings, reassignment, referrals
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.hand_over import GROUNDS, accepted, joinder_entry, joined, offered, referral_entry
from tests.factories.rows import AT, made
from tests.factories.sharing import shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    return open_charge(world.viewer("fiscal.mdd"))


@pytest.fixture(autouse=True)
def sound(session: Any, world: World) -> Any:
    """After every test the rows of access are those due, and the trail holds together."""
    yield
    db.session.rollback()
    assert list(oversight.wrong_access(AT)) == []
    with unit_of_work():
        pass
    assert audit.verify().first_bad is None


def charge_of(number: str) -> Charge:
    return db.session.scalars(select(Charge).where(Charge.number == number)).one()


def sealed(world: World, number: str, level: str = "SEL") -> None:
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality=level, reason="Riesgo", version=1)


def recorded(world: World, number: str, code: str, *, by: str = "fiscal.mdd", **values: Any) -> int:
    with unit_of_work():
        return events.record(world.viewer(by), number, code,
                             Entry("event", {"occurred_on": PartialDate.of_day(date(2026, 3, 23))} | values))


def codes_of(number: str) -> list[str]:
    return list(db.session.scalars(select(Event.event_type).join(Charge, Event.charge_id == Charge.id)
                                   .where(Charge.number == number).order_by(Event.number)))


def sees(world: World, username: str, number: str) -> bool:
    try:
        scope.charge(world.viewer(username), number)
    except NotVisible:
        return False
    return True


def messages(refused: pytest.ExceptionInfo[Rejected]) -> str:
    return " ".join(problem.message for problem in refused.value.problems)


# --- offering ------------------------------------------------------------------------------------------------------

def test_an_offer_leaves_the_charge_with_its_office_to_read_only(world: World, number: str) -> None:
    offered(world, number)
    assert (charge_of(number).status, charge_of(number).office_id) == ("DER", world.offices["mdd"])
    assert codes_of(number) == ["NOT-REC", "DER-DIS"]
    assert not sees(world, "fiscal.lim", number)
    with pytest.raises(Forbidden):
        recorded(world, number, "CST-NOT")


def test_an_assistant_prepares_and_a_prosecutor_offers_the_same_referral(world: World, number: str) -> None:
    with unit_of_work():
        key = referrals.prepare(world.viewer("asistente.mdd"), number, referral_entry(world))
    assert db.session.get_one(Referral, key).state == "PRE"
    assert readings.listed(world.viewer("fiscal.lim"), "por-responder") == []
    with pytest.raises(Forbidden), unit_of_work():
        referrals.offer(world.viewer("asistente.mdd"), number, referral_entry(world))
    assert offered(world, number, reason="CNX") == key
    row = db.session.get_one(Referral, key)
    assert (row.state, row.reason, row.offered_by_id) == ("OFR", "CNX", world.users["fiscal.mdd"])


def test_what_was_only_prepared_is_dropped_and_another_follows(world: World, number: str) -> None:
    with unit_of_work():
        referrals.prepare(world.viewer("asistente.mdd"), number, referral_entry(world))
    with unit_of_work():
        referrals.discard(world.viewer("asistente.mdd"), number)
    offered(world, number)
    assert [one.state for one in db.session.scalars(select(Referral).order_by(Referral.id))] == ["RET", "OFR"]


def test_a_charge_is_offered_to_one_office_at_a_time(world: World, number: str) -> None:
    offered(world, number)
    with pytest.raises(Forbidden):
        offered(world, number, "ordinaria")


@pytest.mark.parametrize(("values", "field"), [
    ({"to_office": "mdd"}, "to_office"), ({"to_office": "udavit"}, "to_office"), ({"to_office": "pnp"}, "to_office"),
    ({"details": ""}, "details"), ({"reason": None}, "reason"), ({"document": 999}, "document")])
def test_an_offer_says_where_to_and_why(world: World, number: str, values: dict[str, Any], field: str) -> None:
    if "to_office" in values:
        values = {"to_office": world.offices[values["to_office"]]}
    with pytest.raises(Rejected) as refused:
        offered(world, number, **values)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert charge_of(number).status == "TRA"


@pytest.mark.parametrize(("user", "does"), [
    ("fiscal.mdd", True), ("fiscal2.mdd", True), ("coordinadora", True), ("presidencia.mdd", True), ("asistente.mdd", False)])
def test_prosecutors_of_the_office_and_its_supervisors_refer(world: World, number: str, user: str, does: bool) -> None:
    assert may(world.viewer(user), "referral.offer", scope.charge(world.viewer(user), number)[1]) is does


def test_a_coordinator_does_not_refer_what_a_grant_alone_shows(world: World, session: Any) -> None:
    ordinary = open_charge(world.viewer("fiscal.ordinaria"))
    shared(world, ordinary, "user:coordinadora", accepted_by="coordinadora", by=world.viewer("fiscal.ordinaria"), profile="COM")
    stands = scope.charge(world.viewer("coordinadora"), ordinary)[1]
    assert not any(may(world.viewer("coordinadora"), one, stands)
                   for one in ("referral.offer", "charge.reassign", "charge.course"))


def test_the_grounds_are_encrypted_under_the_key_of_the_charge(world: World, number: str) -> None:
    key = offered(world, number)
    assert GROUNDS.encode() not in db.session.get_one(Referral, key).details
    assert readings.one(world.viewer("fiscal.mdd"), key).view.details == GROUNDS


# --- acceptance ----------------------------------------------------------------------------------------------------

def test_on_acceptance_office_district_responsible_and_team_move_and_the_number_stays(world: World, number: str) -> None:
    with unit_of_work():
        charges.add_member(world.viewer("fiscal.mdd"), number, user_id=world.users["asistente.mdd"], part="ASI")
    assert accepted(world, offered(world, number)) == number
    charge = charge_of(number)
    assert (charge.office_id, charge.responsible_id, charge.fiscal_district) == (
        world.offices["lim"], world.users["fiscal.lim"], "LIM")
    assert (charge.status, charge.number) == ("TRA", number) and "-MDD-" in number
    assert charges.team(world.viewer("fiscal.lim"), number) == [(world.users["fiscal.lim"], "Persona fiscal.lim", "RESP")]
    assert codes_of(number) == ["NOT-REC", "DER-DIS", "DER-ACE"]


def test_the_new_office_works_on_and_the_old_one_sees_nothing(world: World, number: str) -> None:
    accepted(world, offered(world, number))
    assert [sees(world, user, number) for user in ("fiscal.lim", "asistente.lim", "coordinadora")] == [True] * 3
    assert not any(sees(world, user, number) for user in ("fiscal.mdd", "fiscal2.mdd", "asistente.mdd", "presidencia.mdd"))
    recorded(world, number, "DIP-INI", by="fiscal.lim")


def test_deadlines_run_on_in_the_new_office(world: World, number: str) -> None:
    recorded(world, number, "DIP-INI")
    due = db.session.scalars(select(Deadline.due_on).where(Deadline.rule == "DIP-ORD")).one()
    accepted(world, offered(world, number))
    open_ones = db.session.scalars(select(Deadline).where(Deadline.charge_id == charge_of(number).id,
                                                          Deadline.closed_on.is_(None)))
    assert [(one.rule, one.due_on) for one in open_ones] == [("DIP-ORD", due)]
    assert charge_of(number).next_due_on == due


@pytest.mark.parametrize("profile", ["RES", "SID", "COM"])
def test_the_old_office_keeps_what_the_referral_says_until_the_new_one_revokes_it(world: World, number: str,
                                                                                  profile: str) -> None:
    accepted(world, offered(world, number, keep_copy=profile))
    stands = scope.charge(world.viewer("fiscal.mdd"), number)[1]
    assert stands.shared is not None and not stands.own_office
    assert set(stands.shared.profiles.values()) == {profile} and stands.shared.until == date(2027, 3, 27)
    assert not may(world.viewer("fiscal.mdd"), "event.record", stands)
    grant = db.session.scalars(select(Grant)).one()
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.lim"), number, grant.id, "Ya no hace falta")
    assert not sees(world, "fiscal.mdd", number)


def test_what_the_new_office_held_by_grants_ends_and_agencies_keep_theirs(world: World, number: str) -> None:
    shared(world, number, "office:lim", accepted_by="fiscal.lim")
    shared(world, number)
    accepted(world, offered(world, number))
    assert {one.target.split(":")[0]: one.state for one in db.session.scalars(select(Grant))} == {
        "granted-office": "REV", "agency": "ACE"}
    assert scope.charge(world.viewer("fiscal.lim"), number)[1].shared is None
    assert sees(world, "agencia", number)


def test_the_court_case_follows_unless_another_charge_of_the_old_office_stays_in_it(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    alone, together = a_case(world, number), a_case(world, number, other)
    accepted(world, offered(world, number))
    offices = {key: db.session.get_one(CourtCase, key).prosecution_office_id for key in (alone, together)}
    assert offices == {alone: world.offices["lim"], together: world.offices["mdd"]}


def a_case(world: World, *numbers: str) -> int:
    """A court case of the office of Madre de Dios with these charges."""
    with unit_of_work():
        case = made(CourtCase, court_case_kind="PRI", prosecution_office_id=world.offices["mdd"], created_at=AT, updated_at=AT)
        for one in numbers:
            made(ChargeCourtCase, charge_id=charge_of(one).id, court_case_id=case.id, link="INI", unlinked_on=None)
    return case.id


def test_charges_joined_to_it_go_with_it(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    joined(world, other, number)
    accepted(world, offered(world, number))
    assert charge_of(other).office_id == world.offices["lim"] and charge_of(other).joined_into_id == charge_of(number).id
    assert sees(world, "fiscal.lim", other) and not sees(world, "fiscal.mdd", other)


def test_only_a_prosecutor_of_the_receiving_office_may_be_named(world: World, number: str) -> None:
    key = offered(world, number)
    for name in ("fiscal.mdd", "asistente.lim"):
        with pytest.raises(Rejected):
            accepted(world, key, responsible=name)
    assert charge_of(number).office_id == world.offices["mdd"]


@pytest.mark.parametrize(("to", "answering"), [
    ("lim", {"fiscal.lim", "coordinadora"}), ("ordinaria", {"fiscal.ordinaria", "presidencia.mdd"})])
def test_the_receiving_office_and_its_supervisors_answer(world: World, number: str, to: str, answering: set[str]) -> None:
    key = offered(world, number, to)
    for user in ("fiscal.mdd", "fiscal.lim", "fiscal.ordinaria", "coordinadora", "presidencia.mdd"):
        lines = readings.listed(world.viewer(user), "por-responder")
        assert [line.may_answer for line in lines] == ([True] if user in answering else [])
        if user not in answering:
            with pytest.raises(NotVisible), unit_of_work():
                answers.decline(world.viewer(user), key, reason="COM", note="No")
    for user in ("asistente.lim", "agencia", "admin"):
        with pytest.raises(Forbidden), unit_of_work():
            answers.decline(world.viewer(user), key, reason="COM", note="No")


def test_an_answer_is_given_once(world: World, number: str) -> None:
    key = offered(world, number)
    accepted(world, key)
    with pytest.raises(Rejected), unit_of_work():
        answers.decline(world.viewer("fiscal.lim"), key, reason="COM", note="No")


def test_the_new_office_may_refer_it_back(world: World, number: str) -> None:
    accepted(world, offered(world, number, keep_copy="SID"))
    back = offered(world, number, "mdd", by=world.viewer("fiscal.lim"))
    accepted(world, back, by="fiscal.mdd", responsible="fiscal2.mdd")
    assert charge_of(number).responsible_id == world.users["fiscal2.mdd"] and charge_of(number).status == "TRA"
    assert db.session.scalars(select(Grant.state)).all() == ["REV"]


# --- declined, withdrawn --------------------------------------------------------------------------------------------

def test_a_declined_charge_goes_on_where_it_was_and_the_sender_reads_why(world: World, number: str) -> None:
    key = offered(world, number)
    with unit_of_work():
        answers.decline(world.viewer("fiscal.lim"), key, reason="INC", note="Falta el acta de intervención")
    assert (charge_of(number).status, charge_of(number).office_id) == ("TRA", world.offices["mdd"])
    assert codes_of(number)[-1] == "DER-REC"
    view = readings.course(world.viewer("fiscal.mdd"), number).former[0].view
    assert (view.decline_reason, view.decline_note) == ("INC", "Falta el acta de intervención")
    offered(world, number, "ordinaria")


@pytest.mark.parametrize(("reason", "note"), [("", "No"), ("XXX", "No"), ("COM", " "), ("COM", "x" * 501)])
def test_declining_asks_a_reason_and_a_note(world: World, number: str, reason: str, note: str) -> None:
    key = offered(world, number)
    with pytest.raises(Rejected), unit_of_work():
        answers.decline(world.viewer("fiscal.lim"), key, reason=reason, note=note)
    assert charge_of(number).status == "DER"


def test_a_withdrawn_offer_leaves_its_act_without_effect(world: World, number: str) -> None:
    key = offered(world, number)
    with unit_of_work():
        referrals.withdraw(world.viewer("fiscal.mdd"), number, "Se resolvió la competencia")
    assert (charge_of(number).status, db.session.get_one(Referral, key).state) == ("TRA", "RET")
    act = db.session.scalars(select(Event).where(Event.referral_id == key)).one()
    assert act.reversed_by_id is not None
    with pytest.raises(Rejected):
        accepted(world, key)


def test_a_supervisor_withdraws_too_and_an_assistant_does_not(world: World, number: str) -> None:
    offered(world, number)
    with pytest.raises(Forbidden), unit_of_work():
        referrals.withdraw(world.viewer("asistente.mdd"), number, "Error")
    with unit_of_work():
        referrals.withdraw(world.viewer("coordinadora"), number, "Error")
    assert charge_of(number).status == "TRA"


def test_acts_of_a_referral_are_not_reversed_behind_its_back(world: World, number: str) -> None:
    key = offered(world, number)
    act = db.session.scalars(select(Event.id).where(Event.referral_id == key)).one()
    with pytest.raises(Rejected), unit_of_work():
        events.reverse(world.viewer("fiscal.mdd"), number, act, reason="Error")
    assert not event_pages.show(world.viewer("fiscal.mdd"), number, act).may_reverse


# --- sealed --------------------------------------------------------------------------------------------------------

def test_of_a_sealed_charge_the_receiver_learns_number_and_kind_of_reason_alone(world: World, number: str) -> None:
    sealed(world, number)
    key = offered(world, number)
    line = readings.one(world.viewer("fiscal.lim"), key)
    assert (line.number, line.view.reason, line.view.details, line.brief) == (number, "TER", RESERVED, None)
    assert readings.listed(world.viewer("asistente.lim"), "por-responder") == []
    assert readings.listed(world.viewer("fiscal2.mdd"), "enviadas") == []
    assert readings.one(world.viewer("fiscal.mdd"), key).view.details == GROUNDS


def test_a_sealed_charge_passes_to_the_new_responsible_alone(world: World, number: str) -> None:
    sealed(world, number)
    accepted(world, offered(world, number), by="coordinadora", responsible="fiscal.lim")
    assert sees(world, "fiscal.lim", number)
    assert not any(sees(world, user, number) for user in ("asistente.lim", "fiscal.mdd", "presidencia.mdd"))
    assert scope.charge(world.viewer("coordinadora"), number)[1].outline
    assert not scope.charge(world.viewer("fiscal.lim"), number)[1].outline


def test_of_a_sealed_charge_the_sender_keeps_nothing(world: World, number: str) -> None:
    sealed(world, number)
    with pytest.raises(Rejected) as refused:
        offered(world, number, keep_copy="RES")
    assert [problem.field for problem in refused.value.problems] == ["keep_copy"]


def test_effective_collaboration_is_neither_referred_nor_joined(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    sealed(world, number, "COL")
    with pytest.raises(Rejected):
        offered(world, number)
    with pytest.raises(Rejected):
        joined(world, number, other)


def test_a_sealed_document_is_named_to_the_team_alone(world: World, number: str) -> None:
    with unit_of_work():
        document = made(Attachment, charge_id=charge_of(number).id, court_case_id=None, title="Plan del agente",
                        confidentiality="SEL", withdrawn_at=None, replaces_id=None).id
    with pytest.raises(Rejected):
        offered(world, number, by=world.viewer("fiscal2.mdd"), document=document)
    key = offered(world, number, document=document)
    assert readings.one(world.viewer("fiscal.mdd"), key).document == "Plan del agente"
    assert readings.one(world.viewer("fiscal.lim"), key).document == ""


# --- joinder -------------------------------------------------------------------------------------------------------

def test_a_joined_charge_points_to_the_one_that_took_it_in(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    joined(world, other, number)
    assert charges.folder(world.viewer("fiscal.mdd"), other).whereabouts.joined_into == number
    assert charges.folder(world.viewer("fiscal.mdd"), number).whereabouts.absorbed == (other,)
    rows = {row.number: row for row in charge_list.page(world.viewer("fiscal.mdd"), charge_list.Query()).rows}
    assert (rows[other].status, rows[other].joined_into, rows[number].joined_into) == ("ACU", number, None)


def test_the_other_number_is_told_only_to_who_sees_that_charge(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    joined(world, other, number)
    sealed(world, number)
    plain = world.viewer("fiscal2.mdd")
    assert charges.folder(plain, other).whereabouts.joined_into == "" and readings.course(plain, other).joined_into == ""
    assert [row.joined_into for row in charge_list.page(plain, charge_list.Query()).rows] == [None]


def test_a_joinder_shares_nothing(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    shared(world, number)
    joined(world, other, number)
    assert not sees(world, "agencia", other)


def test_a_charge_is_joined_neither_to_itself_nor_in_a_circle(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    with pytest.raises(Rejected):
        joined(world, number, number)
    joined(world, other, number)
    with pytest.raises(Rejected) as refused:
        joined(world, number, other)
    assert "ya está acumulada" in messages(refused)


def test_a_charge_is_joined_to_an_open_one_of_the_same_office(world: World, number: str) -> None:
    lima, referred, closed = open_charge(world.viewer("fiscal.lim")), *(open_charge(world.viewer("fiscal.mdd")) for _ in range(2))
    offered(world, referred)
    with unit_of_work():
        charge_of(closed).stage = "99-CER"
    for other in (lima, referred, closed, "SIS-2026-MDD-09999", ""):
        with pytest.raises(Rejected):
            joined(world, number, other)
    shared(world, lima, "office:mdd", accepted_by="fiscal.mdd", by=world.viewer("fiscal.lim"))
    with pytest.raises(Rejected):
        joined(world, number, lima)
    assert charge_of(number).joined_into_id is None


def test_limits_of_its_stages_give_way_while_it_is_joined_and_those_of_persons_run_on(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    recorded(world, other, "DIP-INI")
    with unit_of_work():
        row = db.session.scalars(select(Deadline).where(Deadline.rule == "DIP-ORD")).one()
        made(Deadline, charge_id=row.charge_id, court_case_id=None, accused_id=None, measure_id=None, rule="PP-ORD",
             opened_by_id=row.opened_by_id, starts_on=date(2026, 3, 20), due_on=date(2026, 12, 20), critical=True, state="ABI",
             closed_on=None, closed_by_id=None, extends_id=None)
    before = charge_of(other).next_due_on
    joined(world, other, number)

    def state() -> dict[str, str | None]:
        return {one.rule: one.state
                for one in db.session.scalars(select(Deadline).where(Deadline.charge_id == charge_of(other).id))}
    assert state() == {"DIP-ORD": "PRR", "PP-ORD": "ABI"} and charge_of(other).next_due_on == date(2026, 12, 20)
    with unit_of_work():
        joining.separate(world.viewer("fiscal.mdd"), other, joinder_entry())
    assert state() == {"DIP-ORD": "ABI", "PP-ORD": "ABI"} and charge_of(other).next_due_on == before
    end = db.session.scalars(select(Event).where(Event.event_type == "ACM-REV")).one()
    with unit_of_work():
        events.reverse(world.viewer("fiscal.mdd"), other, end.id, reason="Error")
    assert state() == {"DIP-ORD": "PRR", "PP-ORD": "ABI"} and charge_of(other).status == "ACU"


def test_the_end_of_a_joinder_is_an_act_with_a_reason_by_a_prosecutor(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    joined(world, other, number)
    with pytest.raises(Rejected), unit_of_work():
        joining.separate(world.viewer("fiscal.mdd"), other, joinder_entry(reason=" "))
    with pytest.raises(Forbidden), unit_of_work():
        joining.separate(world.viewer("asistente.mdd"), other, joinder_entry())
    with unit_of_work():
        joining.separate(world.viewer("fiscal2.mdd"), other, joinder_entry())
    assert (charge_of(other).status, charge_of(other).joined_into_id) == ("TRA", None)
    assert codes_of(other)[-2:] == ["ACM-DIS", "ACM-REV"]


def test_a_joinder_left_without_effect_gives_the_limits_back(world: World, number: str) -> None:
    other = open_charge(world.viewer("fiscal.mdd"))
    recorded(world, other, "DIP-INI")
    joined(world, other, number)
    act = db.session.scalars(select(Event).where(Event.event_type == "ACM-DIS")).one()
    with unit_of_work():
        events.reverse(world.viewer("fiscal.mdd"), other, act.id, reason="Error")
    assert db.session.scalars(select(Deadline.state)).all() == ["ABI"]


# --- reassignment --------------------------------------------------------------------------------------------------

def test_the_team_follows_the_new_responsible_and_the_reason_is_kept(world: World, number: str) -> None:
    with unit_of_work():
        reassignment.reassign(world.viewer("fiscal.mdd"), number, responsible_id=world.users["fiscal2.mdd"], reason="Vacaciones")
    assert {(name, part) for _, name, part in charges.team(world.viewer("fiscal.mdd"), number)} == {
        ("Persona fiscal.mdd", "ADJ"), ("Persona fiscal2.mdd", "RESP")}
    act = db.session.scalars(select(Event).where(Event.event_type == "REA-RES")).one()
    assert act.responsible_id == world.users["fiscal2.mdd"]
    assert event_pages.show(world.viewer("fiscal.mdd"), number, act.id).line.view.reason == "Vacaciones"


@pytest.mark.parametrize(("user", "does"), [
    ("fiscal.mdd", True), ("coordinadora", True), ("presidencia.mdd", True), ("fiscal2.mdd", False), ("asistente.mdd", False)])
def test_the_team_and_the_supervisors_reassign(world: World, number: str, user: str, does: bool) -> None:
    assert may(world.viewer(user), "charge.reassign", scope.charge(world.viewer(user), number)[1]) is does


@pytest.mark.parametrize("name", ["fiscal.mdd", "fiscal.lim", "asistente.mdd", None])
def test_only_another_prosecutor_of_the_office_is_named(world: World, number: str, name: str | None) -> None:
    with pytest.raises(Rejected), unit_of_work():
        reassignment.reassign(world.viewer("coordinadora"), number, responsible_id=world.users[name] if name else None,
                              reason="Carga")
    assert charge_of(number).responsible_id == world.users["fiscal.mdd"]


def test_a_supervisor_reassigns_a_sealed_charge_and_sees_no_more_of_it(world: World, number: str) -> None:
    sealed(world, number)
    with unit_of_work():
        reassignment.reassign(world.viewer("presidencia.mdd"), number, responsible_id=world.users["fiscal2.mdd"],
                              reason="Licencia")
    assert scope.charge(world.viewer("presidencia.mdd"), number)[1].outline
    assert scope.charge(world.viewer("fiscal2.mdd"), number)[1].on_team


def test_a_prosecutor_who_supervises_reassigns_without_being_on_the_team(world: World, number: str) -> None:
    both = replace(world.viewer("fiscal2.mdd"), roles=frozenset({"FISCAL", "PRESID"}))
    assert may(both, "charge.reassign", scope.charge(both, number)[1])


def test_of_several_each_is_reassigned_or_says_why_not(world: World, number: str) -> None:
    lima, moved = open_charge(world.viewer("fiscal.lim")), open_charge(world.viewer("fiscal.mdd"))
    ordinary = open_charge(world.viewer("fiscal.ordinaria"))
    offered(world, moved)
    with unit_of_work():
        found = reassignment.reassign_many(world.viewer("coordinadora"), [number, lima, moved, ordinary, number],
                                           responsible_id=world.users["fiscal2.mdd"], reason="Redistribución")
    assert [(one.number, one.problem is None) for one in found] == [
        (number, True), (lima, False), (moved, False), (ordinary, False)]
    assert charge_of(number).responsible_id == world.users["fiscal2.mdd"]
    assert charge_of(lima).responsible_id == world.users["fiscal.lim"]


@pytest.mark.parametrize(("numbers", "reason", "named"), [([], "Carga", True), (["x"] * 101, "Carga", True), (["x"], " ", True),
                                                          (["x"], "Carga", False)])
def test_several_are_reassigned_to_somebody_for_a_reason(world: World, number: str, numbers: list[str], reason: str,
                                                         named: bool) -> None:
    with pytest.raises(Rejected):
        reassignment.reassign_many(world.viewer("coordinadora"), numbers, reason=reason,
                                   responsible_id=world.users["fiscal2.mdd"] if named else None)


def test_the_page_of_assignment_lists_what_one_supervises(world: World, number: str) -> None:
    lima, ordinary = open_charge(world.viewer("fiscal.lim")), open_charge(world.viewer("fiscal.ordinaria"))
    collaboration, secret = open_charge(world.viewer("fiscal.mdd")), open_charge(world.viewer("fiscal.mdd"))
    sealed(world, collaboration, "COL")
    sealed(world, secret)

    def rows(user: str, **filters: Any) -> set[str]:
        return {one.number for one in reassignment.assignment(world.viewer(user), reassignment.Filters(**filters)).rows}
    assert rows("coordinadora") == {number, lima, secret} and rows("presidencia.mdd") == {number, ordinary, secret}
    assert rows("coordinadora", office=world.offices["lim"]) == {lima}
    assert rows("coordinadora", responsible=world.users["fiscal.mdd"]) == {number, secret}
    assert rows("coordinadora", absent=True) == set()
    with unit_of_work():
        charge_of(lima).stage = "99-CER"
    assert rows("coordinadora") == {number, secret} and rows("coordinadora", closed=True) == {number, lima, secret}
    with unit_of_work():
        charge_of(number).responsible_id = world.users["fiscal.lim"]
    assert rows("coordinadora", absent=True) == {number}
    with pytest.raises(Forbidden):
        rows("fiscal.mdd")


def test_what_moved_and_who_left_is_on_the_trail(world: World, number: str) -> None:
    accepted(world, offered(world, number))
    key = charge_of(number).id
    found = db.session.scalars(select(TrailEntry).where(TrailEntry.charge_id == key).order_by(TrailEntry.number)).all()
    assert [one.action for one in found if one.action in (
        "referral.prepared", "referral.offered", "charge.moved", "team.left", "referral.accepted")] == [
        "referral.prepared", "referral.offered", "charge.moved", "team.left", "referral.accepted"]
    moved = next(one for one in found if one.action == "charge.moved")
    assert {one["field"] for one in moved.changes or ()} == {"office", "responsible", "fiscal_district"}
    ended = db.session.scalars(select(ChargeMember).where(ChargeMember.until_on.is_not(None))).all()
    assert [one.user_id for one in ended] == [world.users["fiscal.mdd"]]


def test_a_sealed_charge_goes_with_the_one_that_took_it_in_by_its_own_team_alone(world: World, number: str) -> None:
    sealed = open_charge(world.viewer("fiscal.mdd"))
    with unit_of_work():
        version = charge_of(sealed).version
        charges.seal(world.viewer("fiscal.mdd"), sealed, confidentiality="SEL", reason="Riesgo", version=version)
    joined(world, sealed, number)
    for name in ("fiscal2.mdd", "coordinadora"):
        with pytest.raises(Rejected):
            offered(world, number, by=world.viewer(name))
    accepted(world, offered(world, number))
    assert charge_of(sealed).office_id == world.offices["lim"]
