"""Acts that a recipient of access contributes: only what it itself did, marked as its own, and never another's."""
from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import charges, event_pages, events
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.assistance import a_service
from tests.factories.charges import open_charge
from tests.factories.files import on
from tests.factories.people import accused_in, victim_in
from tests.factories.sharing import shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def number(session: Any, world: World) -> str:
    fiscal = world.viewer("fiscal.mdd")
    made = open_charge(fiscal)
    victim_in(fiscal, made, sex="M", age_at_facts=24)
    accused_in(fiscal, made)
    return made


def contributed(world: World, number: str, code: str = "NOT-IPO", name: str = "agencia", **values: Any) -> int:
    with unit_of_work():
        return events.record(world.viewer(name), number, code, Entry("event", {"occurred_on": on(date(2026, 3, 25))} | values))


def event(key: int) -> Event:
    return db.session.get_one(Event, key)


def one(model: Any) -> int:
    key: int = db.session.scalars(select(model.id)).one()
    return key


def test_a_recipient_records_its_own_acts_and_the_list_says_whose_they_are(world: World, number: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    stage = db.session.scalars(select(Charge.stage)).one()
    key = contributed(world, number, authority=world.agencies["pnp"], note="Se intervino el local")
    for name in ("agencia", "fiscal.mdd"):
        first = event_pages.listed(world.viewer(name), number)[0]
        assert (first.view.id, first.author, first.contributed_by) == (key, "Persona agencia", "Policía Nacional")
        assert event_pages.listed(world.viewer(name), number)[1].contributed_by == ""
    assert db.session.scalars(select(Charge.stage)).one() == stage
    assert db.session.scalars(select(Deadline.id)).all() == []


@pytest.mark.parametrize("code", [
    "DIP-INI", "FOR-DIS", "OFI-RES", "PER-PSI", "DET-FLA", "MPR-SOL", "VIC-IDE", "CST-NOT", "VID-VIG", "CIE-CAS"])
def test_what_decides_moves_or_answers_for_the_prosecution_is_not_contributed(world: World, number: str, code: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    with pytest.raises(Forbidden):
        contributed(world, number, code)
    with pytest.raises(Forbidden):
        events.form_fields(world.viewer("agencia"), number, code)


def test_a_form_offers_a_recipient_only_what_may_be_contributed(world: World, number: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    offered = {one.event_type.code for one in event_pages.offered(world.viewer("agencia"), number)}
    assert {"NOT-IPO", "OPE-RES", "ATE-REG"} <= offered and not offered & {"DIP-INI", "OFI-RES", "CST-NOT"}
    assert "attachment" not in [field.name for field in events.form_fields(world.viewer("agencia"), number, "NOT-IPO")]


@pytest.mark.parametrize(("sections", "permission"), [(("ACT",), "LEE"), (("ATE",), "APO")])
def test_who_only_reads_acts_contributes_none(world: World, number: str, sections: tuple[str, ...], permission: str) -> None:
    shared(world, number, sections=sections, permission=permission)
    with pytest.raises(Forbidden):
        contributed(world, number)
    with pytest.raises(Forbidden):
        event_pages.offered(world.viewer("agencia"), number)


def test_a_document_is_not_contributed_even_where_the_form_is_forged(world: World, number: str) -> None:
    shared(world, number, sections=("ACT", "DOC"), permission="APO")
    assert event(contributed(world, number, attachment=1)).attachment_id is None


def test_a_recipient_names_only_what_is_open_to_it(world: World, number: str) -> None:
    service = a_service(world.viewer("fiscal.mdd"), number)
    shared(world, number, sections=("ACT",), permission="APO")
    hidden = (("OPE-RES", "victims", (one(Victim),)), ("REO-PUE", "accused", (one(Accused),)), ("ATE-REG", "service", service))
    for code, name, value in hidden:
        with pytest.raises(Rejected, match=name):
            contributed(world, number, code, **{name: value})
    known = event_pages.choices(world.viewer("agencia"), number)
    assert (known.victims, known.accused, known.counts, known.services, known.attachments) == ((), (), (), [], [])
    shared(world, number, "user:agencia", sections=("ACT", "AGR", "IMP", "ATE"), permission="APO")
    key = contributed(world, number, "ATE-REG", victims=(one(Victim),), service=service)
    assert [victim.code for victim in event(key).victims] == ["A-1"] and event(key).service_id == service


def test_a_service_that_is_not_shared_is_hidden_in_the_act_that_names_it(world: World, number: str) -> None:
    service = a_service(world.viewer("fiscal.mdd"), number)
    with unit_of_work():
        key = events.record(world.viewer("fiscal.mdd"), number, "ATE-REG", Entry("event", {
            "occurred_on": on(date(2026, 3, 25)), "service": service}))
    shared(world, number, sections=("ACT",))
    assert event_pages.show(world.viewer("agencia"), number, key).hidden == {"service"}
    assert event_pages.show(world.viewer("fiscal.mdd"), number, key).hidden == frozenset()


def test_a_recipient_amends_its_own_act_and_no_other(world: World, number: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    own = contributed(world, number)
    with unit_of_work():
        theirs = events.record(world.viewer("fiscal.mdd"), number, "NOT-IPO", Entry("event", {
            "occurred_on": on(date(2026, 3, 24))}))
    assert [event_pages.show(world.viewer("agencia"), number, key).may_amend for key in (own, theirs)] == [True, False]
    with unit_of_work():
        assert events.amend(world.viewer("agencia"), number, own, Entry("event", {"note": "Adjunta acta"}))
    with pytest.raises(Forbidden), unit_of_work():
        events.amend(world.viewer("agencia"), number, theirs, Entry("event", {"note": "Otra"}))
    assert event(own).version == 2 and event(theirs).version == 1


def test_an_act_contributed_by_another_agency_is_not_amended(world: World, number: str) -> None:
    for to, name in (("pnp", "agencia"), ("user:victimas", "victimas")):
        shared(world, number, to, accepted_by=name, sections=("ACT",), permission="APO")
    key = contributed(world, number, "RIE-VAL", name="victimas")
    with pytest.raises(Forbidden), unit_of_work():
        events.amend(world.viewer("agencia"), number, key, Entry("event", {"note": "Otra"}))


def test_only_the_office_reverses_what_was_contributed(world: World, number: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    key = contributed(world, number)
    assert not event_pages.show(world.viewer("agencia"), number, key).may_reverse
    with pytest.raises(Forbidden), unit_of_work():
        events.reverse(world.viewer("agencia"), number, key, reason="Error")
    with unit_of_work():
        events.reverse(world.viewer("fiscal.mdd"), number, key, reason="No corresponde a estos hechos")
    assert event_pages.listed(world.viewer("agencia"), number)[1].reversed


def test_what_was_contributed_stays_after_the_grant_is_revoked(world: World, number: str) -> None:
    grant = shared(world, number, sections=("ACT",), permission="APO")
    key = contributed(world, number)
    with unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd"), number, grant, "Se cumplió la finalidad")
    with pytest.raises(NotVisible), unit_of_work():
        events.amend(world.viewer("agencia"), number, key, Entry("event", {"note": "Tarde"}))
    assert event_pages.listed(world.viewer("fiscal.mdd"), number)[0].contributed_by == "Policía Nacional"


def test_another_office_that_contributes_is_named_by_its_office(world: World, number: str) -> None:
    shared(world, number, "office:lim", accepted_by="fiscal.lim", sections=("ACT",), permission="APO")
    contributed(world, number, name="asistente.lim")
    assert event_pages.listed(world.viewer("fiscal.mdd"), number)[0].contributed_by == "Despacho lim"


def test_nothing_is_contributed_to_a_sealed_charge(world: World, number: str) -> None:
    shared(world, number, sections=("ACT",), permission="APO")
    version = charges.folder(world.viewer("fiscal.mdd"), number).charge.version
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=version)
    with pytest.raises(NotVisible):
        contributed(world, number)
