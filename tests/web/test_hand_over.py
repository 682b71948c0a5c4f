"""Hand-over on the pages: a referral from its preparation to its answer, joinder, reassignment singly and in bulk."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.hand_over import Referral
from sistra.services import charges
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.hand_over import joined, offered
from tests.factories.world import World

SignIn = Callable[[str], Visitor]
GROUNDS = "Los hechos ocurrieron en Lima <b>ayer</b>"


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return open_charge(world.viewer("fiscal.mdd"))


def another(app: Flask, world: World, by: str = "fiscal.mdd") -> str:
    with app.app_context():
        return open_charge(world.viewer(by))


def charge_of(app: Flask, number: str) -> Any:
    with app.app_context():
        return db.session.execute(select(Charge.office_id, Charge.responsible_id, Charge.status, Charge.joined_into_id)
                                  .where(Charge.number == number)).one()


def offer_of(app: Flask, world: World, number: str, **values: Any) -> int:
    with app.app_context():
        return offered(world, number, **values)


def form(world: World, **values: Any) -> dict[str, Any]:
    return {"to_office": world.offices["lim"], "reason": "TER", "details": GROUNDS, "keep_copy": "", "act": "ofrecer"} | values


# --- referral ------------------------------------------------------------------------------------------------------

def test_a_charge_goes_from_office_to_office(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    fiscal, other = sign_in("fiscal.mdd"), sign_in("fiscal.lim")
    page = fiscal.get(f"/denuncias/{number}").text
    assert f"/denuncias/{number}/despacho" in page
    assert f"/denuncias/{number}/derivar" in fiscal.get(f"/denuncias/{number}/despacho").text
    asked = fiscal.get(f"/denuncias/{number}/derivar").text
    assert "Despacho lim" in asked and "Despacho udavit" not in asked
    answer = fiscal.post(f"/denuncias/{number}/derivar", data=form(world), follow_redirects=True)
    assert answer.status_code == 200 and "Ofrecida a Despacho lim" in answer.text and "&lt;b&gt;ayer" in answer.text
    assert "Derivada a Despacho lim: espera su respuesta" in fiscal.get(f"/denuncias/{number}").text
    assert number in other.get("/derivaciones/").text
    key = re.search(r"/derivaciones/fiscalias/(\d+)", other.get("/derivaciones/fiscalias").text)
    assert key is not None
    shown = other.get(key[0]).text
    assert "&lt;b&gt;ayer" in shown and "Persona fiscal.lim" in shown and "Próximo plazo" in shown
    assert other.get(f"/denuncias/{number}").status_code == 404
    answer = other.post(f"{key[0]}/aceptar", data={"responsible": world.users["fiscal.lim"]}, follow_redirects=True)
    assert answer.status_code == 200 and "Su despacho aceptó la denuncia" in answer.text and number in answer.text
    assert charge_of(app, number)[:3] == (world.offices["lim"], world.users["fiscal.lim"], "TRA")
    assert fiscal.get(f"/denuncias/{number}").status_code == 404
    assert "Aceptada" in fiscal.get("/derivaciones/fiscalias?pestana=enviadas").text


def test_an_assistant_prepares_and_the_prosecutor_finds_it_filled_in(app: Flask, world: World, sign_in: SignIn,
                                                                     number: str) -> None:
    assistant = sign_in("asistente.mdd")
    page = assistant.get(f"/denuncias/{number}/derivar").text
    assert "Guardar en preparación" in page and "Ofrecer al otro despacho" not in page
    answer = assistant.post(f"/denuncias/{number}/derivar", data=form(world, act="preparar"), follow_redirects=True)
    assert "Se prepara para Despacho lim" in answer.text
    assert assistant.post(f"/denuncias/{number}/derivar", data=form(world)).status_code == 403
    page = sign_in("fiscal.mdd").get(f"/denuncias/{number}/derivar").text
    assert "&lt;b&gt;ayer" in page and "Ofrecer al otro despacho" in page
    assert assistant.post(f"/denuncias/{number}/derivar/descartar").status_code == 302
    with app.app_context():
        assert db.session.scalars(select(Referral.state)).all() == ["RET"]


def test_enter_on_the_form_prepares_and_offers_nothing(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    page = sign_in("fiscal.mdd").get(f"/denuncias/{number}/derivar").text
    first = re.search(r'<button class="govuk-visually-hidden"[^>]*name="act" value="(\w+)"', page)
    assert first is not None and first[1] == "preparar"


@pytest.mark.parametrize(("changes", "said"), [
    ({"details": ""}, "Sustento"), ({"reason": ""}, "Motivo"), ({"to_office": ""}, "Fiscalía de destino")])
def test_what_lacks_stands_at_its_field_and_nothing_typed_is_lost(world: World, sign_in: SignIn, number: str, changes: Any,
                                                                  said: str) -> None:
    answer = sign_in("fiscal.mdd").post(f"/denuncias/{number}/derivar", data=form(world, **changes))
    field = next(iter(changes))
    assert answer.status_code == 422 and f'href="#{field}"' in answer.text and said in answer.text
    assert changes.get("details") == "" or "&lt;b&gt;ayer" in answer.text


def test_the_same_form_sent_twice_offers_once(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    fiscal = sign_in("fiscal.mdd")
    for _ in range(2):
        assert fiscal.post(f"/denuncias/{number}/derivar", data=form(world, once="abc")).status_code in (302, 403)
    with app.app_context():
        assert len(db.session.scalars(select(Referral.id)).all()) == 1


def test_a_declined_referral_shows_its_reason_to_the_sender(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    key = offer_of(app, world, number)
    other = sign_in("fiscal.lim")
    address = f"/derivaciones/fiscalias/{key}/rechazar"
    assert other.post(address, data={"decline_reason": "INC", "decline_note": ""}).status_code == 422
    answer = other.post(address, data={"decline_reason": "INC", "decline_note": "Falta el acta"})
    assert answer.status_code == 302
    page = sign_in("fiscal.mdd").get(f"/denuncias/{number}/despacho").text
    assert "Actuados incompletos" in page and "Falta el acta" in page
    assert charge_of(app, number).status == "TRA"


def test_a_referral_is_withdrawn_with_a_reason(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    offer_of(app, world, number)
    fiscal = sign_in("fiscal.mdd")
    assert "Retirar la derivación" in fiscal.get(f"/denuncias/{number}/despacho").text
    assert fiscal.post(f"/denuncias/{number}/derivar/retirar", data={"reason": ""}).status_code == 422
    assert fiscal.post(f"/denuncias/{number}/derivar/retirar", data={"reason": "Se resolvió"}).status_code == 302
    assert charge_of(app, number).status == "TRA"


def test_nobody_is_named_who_is_not_offered(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    key = offer_of(app, world, number)
    answer = sign_in("fiscal.lim").post(f"/derivaciones/fiscalias/{key}/aceptar", data={"responsible": world.users["fiscal.mdd"]})
    assert answer.status_code == 422 and charge_of(app, number).status == "DER"


def test_of_a_sealed_charge_the_offer_shows_no_content(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    with app.app_context(), unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    key = offer_of(app, world, number, details=GROUNDS)
    page = sign_in("fiscal.lim").get(f"/derivaciones/fiscalias/{key}").text
    assert number in page and "Reservado al equipo del caso" in page and "ayer" not in page and "De qué trata" not in page
    answer = sign_in("coordinadora").post(f"/derivaciones/fiscalias/{key}/aceptar",
                                          data={"responsible": world.users["fiscal.lim"]})
    assert answer.status_code == 302
    assert sign_in("fiscal.lim").get(f"/denuncias/{number}/despacho").status_code == 200


@pytest.mark.parametrize("user", ["fiscal.ordinaria", "asistente.mdd"])
def test_a_referral_of_others_does_not_exist(app: Flask, world: World, sign_in: SignIn, number: str, user: str) -> None:
    with app.app_context(), unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    key = offer_of(app, world, number)
    assert sign_in(user).get(f"/derivaciones/fiscalias/{key}").status_code == 404


# --- joinder -------------------------------------------------------------------------------------------------------

def test_a_charge_is_joined_to_another_and_separated_again(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    other, fiscal = another(app, world), sign_in("fiscal.mdd")
    assert f"/denuncias/{number}/acumular" in fiscal.get(f"/denuncias/{number}/despacho").text
    data = {"target_charge": other.lower().replace("-", " "), "occurred_on": "20/03/2026", "reason": "Los mismos hechos"}
    answer = fiscal.post(f"/denuncias/{number}/acumular", data=data, follow_redirects=True)
    assert answer.status_code == 200 and f"acumulada a {other}" in answer.text
    page = fiscal.get(f"/denuncias/{number}").text
    assert "Acumulada a" in page and f'href="/denuncias/{other}"' in page
    assert f'href="/denuncias/{number}"' in fiscal.get(f"/denuncias/{other}").text
    assert f'a <a class="s-code" href="/denuncias/{other}">' in fiscal.get("/denuncias/").text
    answer = fiscal.post(f"/denuncias/{number}/desacumular", data={"occurred_on": "23/03/2026", "reason": "Hechos distintos"})
    assert answer.status_code == 302 and charge_of(app, number)[2:] == ("TRA", None)


@pytest.mark.parametrize("target", ["", "SIS-2026-MDD-09999", "hola"])
def test_the_other_charge_must_be_in_sight(world: World, sign_in: SignIn, number: str, target: str) -> None:
    data = {"target_charge": target, "occurred_on": "20/03/2026", "reason": "Los mismos hechos"}
    answer = sign_in("fiscal.mdd").post(f"/denuncias/{number}/acumular", data=data)
    assert answer.status_code == 422 and 'href="#target_charge"' in answer.text and "Los mismos hechos" in answer.text


def test_the_number_of_a_hidden_charge_is_not_told_apart_from_none(app: Flask, world: World, sign_in: SignIn,
                                                                   number: str) -> None:
    hidden, fiscal = another(app, world, "fiscal.lim"), sign_in("fiscal.mdd")

    def told(target: str) -> list[str]:
        data = {"target_charge": target, "occurred_on": "20/03/2026", "reason": "Los mismos hechos"}
        return re.findall(r'<a href="#target_charge">([^<]*)', fiscal.post(f"/denuncias/{number}/acumular", data=data).text)
    assert told(hidden) == told("SIS-2026-LIM-09999") != []


def test_a_joined_charge_is_not_acted_on(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    other = another(app, world)
    with app.app_context():
        joined(world, number, other)
    fiscal = sign_in("fiscal.mdd")
    page = fiscal.get(f"/denuncias/{number}/despacho").text
    assert "Dejar sin efecto la acumulación" in page and "/reasignar" not in page and "/derivar" not in page
    for path in ("acumular", "derivar", "reasignar"):
        assert fiscal.get(f"/denuncias/{number}/{path}").status_code == 403


# --- reassignment --------------------------------------------------------------------------------------------------

def test_the_responsible_is_changed_on_a_page_of_its_own(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    fiscal = sign_in("fiscal.mdd")
    address = f"/denuncias/{number}/reasignar"
    page = fiscal.get(address).text
    assert "Persona fiscal2.mdd" in page and "Persona fiscal.lim" not in page
    assert fiscal.post(address, data={"responsible": world.users["fiscal2.mdd"], "reason": ""}).status_code == 422
    answer = fiscal.post(address, data={"responsible": world.users["fiscal2.mdd"], "reason": "Vacaciones"})
    assert answer.status_code == 302 and charge_of(app, number).responsible_id == world.users["fiscal2.mdd"]


def test_a_supervisor_reaches_reassignment_from_the_outline(app: Flask, world: World, sign_in: SignIn, number: str) -> None:
    with app.app_context(), unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    client = sign_in("presidencia.mdd")
    assert f"/denuncias/{number}/reasignar" in client.get(f"/denuncias/{number}").text
    answer = client.post(f"/denuncias/{number}/reasignar", data={"responsible": world.users["fiscal2.mdd"], "reason": "Licencia"},
                         follow_redirects=True)
    assert answer.status_code == 200 and "Denuncia sellada" in answer.text
    assert charge_of(app, number).responsible_id == world.users["fiscal2.mdd"]


def test_several_are_reassigned_at_once_and_the_result_says_of_each(app: Flask, world: World, sign_in: SignIn,
                                                                    number: str) -> None:
    lima, client = another(app, world, "fiscal.lim"), sign_in("coordinadora")
    page = client.get("/supervision/asignacion").text
    assert number in page and lima in page and "Asignación" in client.get("/denuncias/").text
    assert lima not in client.get(f"/supervision/asignacion?despacho={world.offices['mdd']}").text
    data = {"denuncia": [number, lima], "responsible": world.users["fiscal2.mdd"], "reason": "Redistribución de carga"}
    page = client.post("/supervision/asignacion", data=data).text
    assert "Se reasignó 1 denuncia" in page and "No se reasignaron" in page and "despacho de la denuncia" in page
    assert charge_of(app, number).responsible_id == world.users["fiscal2.mdd"]
    assert charge_of(app, lima).responsible_id == world.users["fiscal.lim"]


def test_the_form_of_the_charge_offers_neither_responsible_nor_office(app: Flask, world: World, sign_in: SignIn,
                                                                      number: str) -> None:
    client, address = sign_in("fiscal.mdd"), f"/denuncias/{number}/editar/denuncia"
    page = client.get(address).text
    assert 'name="reported_offence"' in page and 'name="responsible"' not in page and 'name="office"' not in page
    client.post(address, data={"responsible": world.users["fiscal2.mdd"], "office": world.offices["lim"]})
    assert charge_of(app, number)[:2] == (world.offices["mdd"], world.users["fiscal.mdd"])


@pytest.mark.parametrize("lacking", ["denuncia", "responsible", "reason"])
def test_nothing_is_reassigned_without_charges_person_and_reason(app: Flask, world: World, sign_in: SignIn, number: str,
                                                                 lacking: str) -> None:
    data = {"denuncia": number, "responsible": world.users["fiscal2.mdd"], "reason": "Carga"}
    answer = sign_in("coordinadora").post("/supervision/asignacion",
                                          data={name: text for name, text in data.items() if name != lacking})
    assert answer.status_code == 422 and "govuk-error-summary" in answer.text
    assert lacking == "denuncia" or f'value="{number}"' in answer.text and "checked" in answer.text
    assert charge_of(app, number).responsible_id == world.users["fiscal.mdd"]


def test_the_page_of_assignment_goes_on_where_it_stopped(app: Flask, world: World, sign_in: SignIn,
                                                         monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    from sistra.services.hand_over import reassignment
    monkeypatch.setattr(reassignment, "PAGE", 1)
    other, client = another(app, world), sign_in("coordinadora")
    first = client.get("/supervision/asignacion").text
    assert other in first and f'value="{number}"' not in first
    following = re.search(r'href="(/supervision/asignacion\?tras=[^"]+)"', first)
    assert following is not None
    second = client.get(following[1]).text
    assert f'value="{number}"' in second and f'value="{other}"' not in second and "Volver al comienzo" in second


@pytest.mark.parametrize("address", ["despacho=abc&responsable=xyz", "tras=%00%F0%9F%92%A9", "responsable=99999999999999999999"])
def test_any_address_of_assignment_is_answered(sign_in: SignIn, address: str) -> None:
    assert sign_in("coordinadora").get(f"/supervision/asignacion?{address}").status_code == 200
