"""The pages of sharing: an offer with what its recipient will see, its answer, its end; what is asked for; several at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import ChargeAccess
from sistra.models.sharing import AccessRequest, Grant
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.folder import full_folder
from tests.factories.people import victim_in
from tests.factories.sharing import ALL_SECTIONS
from tests.factories.sharing import shared as granted
from tests.factories.world import World

UNTIL = f"{datetime.now(UTC) + timedelta(days=60):%d/%m/%Y}"
SignIn = Callable[[str], Visitor]


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return full_folder(world)[0]


def terms(world: World, to: str = "pnp", **changes: Any) -> dict[str, Any]:
    """What a sender types: to an agency of the world, or to `office:NAME` or `user:NAME`."""
    kind, _, name = to.rpartition(":")
    target = {
        "": {"target_kind": "ENT", "target_agency": world.agencies.get(name)},
        "office": {"target_kind": "DES", "target_office": world.offices.get(name)},
        "user": {"target_kind": "PER", "target_user": world.users.get(name)},
    }[kind]
    return (
        target
        | {
            "profile": "SID",
            "sections": ["RES", "HEC", "AGR"],
            "permission": "LEE",
            "legal_basis": "PROT",
            "purpose": "PRO",
            "valid_until": UNTIL,
            "note": "",
        }
        | changes
    )


def grants(app: Flask) -> list[Grant]:
    with app.app_context():
        return list(db.session.scalars(select(Grant).order_by(Grant.id)))


def counted(app: Flask) -> tuple[int, ...]:
    """How many grants, rows of access and entries of the trail there are."""
    with app.app_context():
        return tuple(
            db.session.scalar(select(func.count()).select_from(model)) or 0 for model in (Grant, ChargeAccess, TrailEntry)
        )


def offer(client: Visitor, world: World, number: str, to: str = "pnp", **changes: Any) -> Any:
    return client.post(f"/denuncias/{number}/compartir", data=terms(world, to, **changes) | {"act": "compartir"})


def offered(app: Flask, client: Visitor, world: World, number: str, to: str = "pnp", **changes: Any) -> int:
    """Offers through the page and gives the grant's key."""
    assert offer(client, world, number, to, **changes).status_code == 302
    return grants(app)[-1].id


def plain(markup: str) -> str:
    """Markup without what differs between two looks at the same page."""
    return re.sub(r'<input[^>]*name="(csrf_token|once)"[^>]*>', "", markup).strip()


def main_of(page: str) -> str:
    return plain(re.search(r"<main[^>]*>(.*)</main>", page, re.DOTALL)[1])  # type: ignore[index]


def folder_of(page: str) -> str:
    return plain(re.search(r'<section class="s-folder.*?</section>', page, re.DOTALL)[0])  # type: ignore[index]


# -- the preview ----------------------------------------------------------------------------------------------------------------

LEVELS = (("RES", ["RES", "AGR", "ACT"]), ("SID", ["RES", "HEC", "AGR", "PLA"]), ("COM", list(ALL_SECTIONS)))


@pytest.mark.parametrize(("profile", "sections"), LEVELS, ids=[one[0] for one in LEVELS])
@pytest.mark.parametrize(("to", "user"), [("pnp", "agencia"), ("office:lim", "fiscal.lim"), ("user:victimas", "victimas")])
def test_the_preview_is_the_page_that_the_recipient_has_afterwards(
    app: Flask, world: World, number: str, sign_in: SignIn, to: str, user: str, profile: str, sections: list[str]
) -> None:
    sender, recipient = sign_in("fiscal.mdd"), sign_in(user)
    page = sender.post(
        f"/denuncias/{number}/compartir", data=terms(world, to, profile=profile, sections=sections) | {"act": "revisar"}
    ).text
    foreseen = plain(re.search(r"data-preview>(.*)</div></div></section>", page, re.DOTALL)[1])  # type: ignore[index]
    key = offered(app, sender, world, number, to, profile=profile, sections=sections)
    assert recipient.post(f"/derivaciones/{key}/aceptar").status_code == 302
    _told, own = (recipient.get(f"/denuncias/{number}").text for _ in range(2))
    assert foreseen == main_of(own)
    assert folder_of(own) in plain(page[page.index("s-preview") :])


def test_a_preview_keeps_nothing(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    before = counted(app)
    answer = client.post(f"/denuncias/{number}/compartir", data=terms(world) | {"act": "revisar"})
    assert answer.status_code == 200 and "Así lo verá Policía Nacional" in answer.text
    grants_now, rows_now, trail_now = counted(app)
    assert (grants_now, rows_now) == before[:2]
    with app.app_context():
        late = db.session.scalars(
            select(TrailEntry.actor_id).order_by(TrailEntry.number.desc()).limit(trail_now - before[2])
        ).all()
        actions = set(db.session.scalars(select(TrailEntry.action)))
    assert set(late) <= {world.users["fiscal.mdd"]}
    assert not {action for action in actions if action.startswith("grant")}


def test_the_sender_sees_the_page_as_themself_again_after_a_preview(world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    page = client.post(f"/denuncias/{number}/compartir", data=terms(world) | {"act": "revisar"}).text
    assert "Persona fiscal.mdd" in page
    assert "Equipo del caso" in client.get(f"/denuncias/{number}").text


def test_a_message_that_waits_for_the_sender_is_told_beside_the_preview_and_not_in_it(
    world: World, number: str, sign_in: SignIn
) -> None:
    client = sign_in("fiscal.mdd")
    assert client.post(f"/denuncias/{number}/ruta/nuevo", data={"point": "ORI", "country": "PE"}).status_code == 302
    page = client.post(f"/denuncias/{number}/compartir", data=terms(world) | {"act": "revisar"}).text
    foreseen = re.search(r"data-preview>(.*)</div></div></section>", page, re.DOTALL)
    assert foreseen is not None and "Se agregó el tramo." not in foreseen[1]
    assert page.count("Se agregó el tramo.") == 1
    assert "Se agregó el tramo." not in client.get(f"/denuncias/{number}").text


def test_going_back_from_the_preview_keeps_what_was_typed(world: World, number: str, sign_in: SignIn) -> None:
    page = (
        sign_in("fiscal.mdd")
        .post(f"/denuncias/{number}/compartir", data=terms(world, note="Coordinar acogida") | {"act": "corregir"})
        .text
    )
    assert "Coordinar acogida" in page and 'value="revisar"' in page


# -- offering -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["revisar", "compartir"])
@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": "01/01/2020"},
        {"purpose": ""},
        {"sections": []},
        {"target_agency": ""},
        {"permission": "APO"},
        {"target_agency": "999"},
    ],
)
def test_a_refused_offer_keeps_what_was_typed_and_makes_nothing(
    app: Flask, world: World, number: str, sign_in: SignIn, act: str, changes: dict[str, Any]
) -> None:
    answer = sign_in("fiscal.mdd").post(
        f"/denuncias/{number}/compartir", data=terms(world, note="Coordinar acogida", **changes) | {"act": act}
    )
    assert answer.status_code == 422
    assert "Coordinar acogida" in answer.text and "govuk-error-summary" in answer.text
    assert grants(app) == []


def test_the_same_form_sent_twice_makes_one_offer(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    once = re.search(r'name="once" value="([^"]+)"', client.get(f"/denuncias/{number}/compartir").text)
    assert once is not None
    places = {offer(client, world, number, once=once[1]).location for _ in range(2)}
    assert places == {f"/denuncias/{number}/compartido"} and len(grants(app)) == 1


def test_a_second_offer_to_the_same_recipient_is_refused_on_its_field(
    app: Flask, world: World, number: str, sign_in: SignIn
) -> None:
    client = sign_in("fiscal.mdd")
    offered(app, client, world, number)
    answer = offer(client, world, number)
    assert answer.status_code == 422 and "#target_agency" in answer.text and len(grants(app)) == 1


def test_an_offer_is_withdrawn_from_the_list(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    key = offered(app, client, world, number)
    assert "Retirar" in client.get(f"/denuncias/{number}/compartido").text
    assert client.post(f"/denuncias/{number}/compartido/{key}/retirar").status_code == 302
    assert grants(app)[0].state == "RET"
    assert sign_in("agencia").post(f"/derivaciones/{key}/aceptar").status_code == 422


def test_a_grant_of_another_charge_is_not_reached_through_this_one(
    app: Flask, world: World, number: str, sign_in: SignIn
) -> None:
    with app.app_context():
        other = open_charge(world.viewer("fiscal.mdd"))
    client = sign_in("fiscal.mdd")
    key = offered(app, client, world, number)
    assert client.post(f"/denuncias/{other}/compartido/{key}/retirar").status_code == 404
    assert client.get(f"/denuncias/{other}/compartido/{key}/revocar").status_code == 404
    assert grants(app)[0].state == "OFR"


# -- answering ------------------------------------------------------------------------------------------------------------------


def test_an_offer_tells_its_terms_and_nothing_of_the_charge(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    key = offered(app, sign_in("fiscal.mdd"), world, number, note="Coordinar acogida")
    client = sign_in("agencia")
    page = client.get(f"/derivaciones/{key}").text
    assert number in page and "Coordinar acogida" in page and "Captación con oferta" not in page
    assert client.get(f"/denuncias/{number}").status_code == 404


def test_accepting_opens_the_charge_and_says_so(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    key = offered(app, sign_in("fiscal.mdd"), world, number)
    client = sign_in("agencia")
    answer = client.post(f"/derivaciones/{key}/aceptar")
    assert answer.location == f"/denuncias/{number}"
    assert "Desde ahora puede consultarla" in client.get(answer.location).text
    assert client.post(f"/derivaciones/{key}/aceptar").status_code == 422


def test_declining_asks_a_reason_that_goes_back_to_the_sender(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    sender, client = sign_in("fiscal.mdd"), sign_in("agencia")
    key = offered(app, sender, world, number)
    assert client.post(f"/derivaciones/{key}/declinar", data={"answer_reason": ""}).status_code == 422
    assert client.post(f"/derivaciones/{key}/declinar", data={"answer_reason": "No es de su competencia"}).status_code == 302
    assert "No es de su competencia" in sender.get(f"/denuncias/{number}/compartido").text
    assert client.get(f"/denuncias/{number}").status_code == 404


@pytest.mark.parametrize("user", ["victimas", "fiscal.lim", "coordinadora"])
def test_an_offer_to_somebody_else_does_not_exist(app: Flask, world: World, number: str, sign_in: SignIn, user: str) -> None:
    key = offered(app, sign_in("fiscal.mdd"), world, number)
    client = sign_in(user)
    assert client.get(f"/derivaciones/{key}").status_code == 404
    assert client.post(f"/derivaciones/{key}/aceptar").status_code == 404
    assert client.post(f"/derivaciones/{key}/declinar", data={"answer_reason": "x"}).status_code == 404
    assert number not in client.get("/derivaciones/").text


def test_revoking_asks_why_and_closes_the_charge_at_once(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    sender, client = sign_in("fiscal.mdd"), sign_in("agencia")
    key = offered(app, sender, world, number)
    client.post(f"/derivaciones/{key}/aceptar")
    address = f"/denuncias/{number}/compartido/{key}/revocar"
    assert sender.get(address).status_code == 200
    assert sender.post(address, data={"revoke_reason": " "}).status_code == 422
    assert client.get(f"/denuncias/{number}").status_code == 200
    assert sender.post(address, data={"revoke_reason": "Se cumplió la finalidad"}).status_code == 302
    assert client.get(f"/denuncias/{number}").status_code == 404
    assert "Se cumplió la finalidad" in client.get(f"/derivaciones/{key}").text


# -- requests -------------------------------------------------------------------------------------------------------------------

ASKED = {"sections": ["ACT"], "profile": "SID", "purpose": "INV", "legal_basis": "REQ", "until": "", "reason": "Ubicar testigos"}


@pytest.fixture
def shared(app: Flask, world: World, number: str, sign_in: SignIn) -> str:
    """The charge, shared with the agency."""
    sign_in("agencia").post(f"/derivaciones/{offered(app, sign_in('fiscal.mdd'), world, number)}/aceptar")
    return number


def asked(app: Flask, client: Visitor, number: str, **changes: Any) -> int:
    assert client.post(f"/denuncias/{number}/solicitar-acceso", data=ASKED | changes).status_code == 302
    with app.app_context():
        return db.session.scalars(select(AccessRequest.id).order_by(AccessRequest.id)).all()[-1]


def answering(**changes: Any) -> dict[str, Any]:
    return {
        "profile": "SID",
        "sections": ["RES", "ACT"],
        "permission": "LEE",
        "legal_basis": "REQ",
        "purpose": "INV",
        "valid_until": UNTIL,
        "note": "",
        "act": "conceder",
    } | changes


def test_a_request_is_granted_in_the_office_form(app: Flask, shared: str, sign_in: SignIn) -> None:
    client, office = sign_in("agencia"), sign_in("fiscal2.mdd")
    assert client.get(f"/denuncias/{shared}/actuaciones").status_code == 403
    key = asked(app, client, shared)
    assert "Ubicar testigos" in office.get(f"/denuncias/{shared}/solicitudes/{key}").text
    assert office.post(f"/denuncias/{shared}/solicitudes/{key}", data=answering()).status_code == 302
    assert client.get(f"/denuncias/{shared}/actuaciones").status_code == 200


def test_a_refused_request_carries_its_reason_back(app: Flask, shared: str, sign_in: SignIn) -> None:
    client, office = sign_in("agencia"), sign_in("fiscal.mdd")
    address = f"/denuncias/{shared}/solicitudes/{asked(app, client, shared)}"
    assert office.post(address, data={"act": "denegar", "answer_reason": ""}).status_code == 422
    assert office.post(address, data={"act": "denegar", "answer_reason": "Diligencia reservada"}).status_code == 302
    assert "Diligencia reservada" in client.get("/derivaciones/").text
    assert client.get(f"/denuncias/{shared}/actuaciones").status_code == 403


def test_a_request_that_lacks_something_keeps_what_was_typed(shared: str, sign_in: SignIn) -> None:
    answer = sign_in("agencia").post(f"/denuncias/{shared}/solicitar-acceso", data=ASKED | {"purpose": ""})
    assert answer.status_code == 422 and "Ubicar testigos" in answer.text


def test_a_request_is_taken_back_by_its_own_side_only(app: Flask, shared: str, sign_in: SignIn) -> None:
    client = sign_in("agencia")
    key = asked(app, client, shared)
    assert sign_in("victimas").post(f"/derivaciones/solicitudes/{key}/retirar").status_code == 404
    assert client.post(f"/derivaciones/solicitudes/{key}/retirar").status_code == 302
    with app.app_context():
        assert db.session.get_one(AccessRequest, key).state == "RET"


def test_an_assistant_of_the_office_that_asked_does_not_take_it_back(
    app: Flask, world: World, number: str, sign_in: SignIn
) -> None:
    prosecutor = sign_in("fiscal.lim")
    prosecutor.post(f"/derivaciones/{offered(app, sign_in('fiscal.mdd'), world, number, 'office:lim')}/aceptar")
    key = asked(app, prosecutor, number)
    assistant = sign_in("asistente.lim")
    assert "Retirar" not in assistant.get("/derivaciones/").text
    assert assistant.post(f"/derivaciones/solicitudes/{key}/retirar").status_code == 403


# -- several at once ------------------------------------------------------------------------------------------------------------


def test_several_charges_are_offered_and_each_says_what_became_of_it(
    app: Flask, world: World, number: str, sign_in: SignIn
) -> None:
    with app.app_context():
        other, foreign = open_charge(world.viewer("fiscal.mdd")), open_charge(world.viewer("fiscal.lim"))
    client = sign_in("fiscal.mdd")
    page = client.get(f"/denuncias/compartir?denuncia={number}&denuncia={other}").text
    assert number in page and other in page
    answer = client.post(
        "/denuncias/compartir", data=terms(world) | {"denuncia": [number, other, foreign, number], "act": "compartir"}
    )
    assert answer.status_code == 200 and len(grants(app)) == 2
    assert "No se encontró" in unescape(answer.text)


def test_a_bulk_offer_sent_twice_is_made_once(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    once = re.search(r'name="once" value="([^"]+)"', client.get(f"/denuncias/compartir?denuncia={number}").text)
    assert once is not None
    for _ in range(2):
        client.post("/denuncias/compartir", data=terms(world) | {"denuncia": [number], "act": "compartir", "once": once[1]})
    assert len(grants(app)) == 1


def test_a_refused_bulk_offer_keeps_charges_and_answers(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    answer = sign_in("fiscal.mdd").post(
        "/denuncias/compartir",
        data=terms(world, purpose="", note="Coordinar acogida") | {"denuncia": [number], "act": "compartir"},
    )
    assert answer.status_code == 422 and number in answer.text and "Coordinar acogida" in answer.text
    assert grants(app) == []


def test_a_bulk_offer_of_nothing_leads_back_to_the_list(sign_in: SignIn) -> None:
    assert sign_in("fiscal.mdd").get("/denuncias/compartir").location == "/denuncias/"


# -- UDAVIT on the case team ----------------------------------------------------------------------------------------------------


def test_a_prosecutor_puts_udavit_on_the_team_and_its_page_of_the_child_offers_the_identity(
    app: Flask, world: World, number: str, sign_in: SignIn
) -> None:
    with app.app_context():
        code = victim_in(world.viewer("fiscal.mdd"), number, {"given_names": "Zafiria"}, sex="M", age_at_facts=15)
        granted(world, number, "office:udavit", accepted_by="victimas", profile="COM")
    fiscal, udavit, page = sign_in("fiscal.mdd"), sign_in("victimas"), f"/denuncias/{number}/agraviadas/{code}"
    assert f"Ver la identidad de {code}" not in udavit.get(page).text
    team = fiscal.get(f"/denuncias/{number}/equipo").text
    assert re.search(r'<optgroup label="De UDAVIT[^>]*><option value="\d+">Persona victimas</option></optgroup>', team)
    data = {"act": "agregar", "user": world.users["victimas"], "part": "UDA"}
    assert fiscal.post(f"/denuncias/{number}/equipo", data=data).status_code == 302
    assert f"Ver la identidad de {code}" in udavit.get(page).text
    assert "Zafiria" not in udavit.get(page).text
    assert udavit.get(f"/denuncias/{number}/equipo").status_code == 403


@pytest.mark.parametrize(("sections", "seen", "unsaid"), [
    (["RES", "MPR"], "Medidas de protección", "Medidas coercitivas ("),
    (["RES", "MCO"], "Medidas coercitivas", "Medidas de protección (")])
def test_of_measures_that_are_not_shared_not_even_that_there_are_none_is_said(
    app: Flask, world: World, number: str, sign_in: SignIn, sections: list[str], seen: str, unsaid: str
) -> None:
    with app.app_context():
        granted(world, number, sections=tuple(sections))
    page = sign_in("agencia").get(f"/denuncias/{number}/medidas").text
    assert f"{seen} (" in page and unsaid not in page


@pytest.mark.parametrize(("sections", "permission", "main"), [
    (("RES", "AGR", "ATE"), "APO", "Registrar atención"), (("RES", "ACT", "AGR", "ATE"), "APO", "Aportar actuación"),
    (("RES", "AGR", "ATE"), "LEE", None)])
def test_the_main_button_of_a_shared_charge_is_what_its_recipient_may_contribute(
    app: Flask, world: World, number: str, sign_in: SignIn, sections: tuple[str, ...], permission: str, main: str | None
) -> None:
    with app.app_context():
        granted(world, number, sections=sections, permission=permission)
    page = sign_in("agencia").get(f"/denuncias/{number}").text
    buttons = re.findall(r'<a [^>]*class="govuk-button"[^>]*>([^<]*)</a>', page)
    assert buttons == ([main] if main else [])


@pytest.mark.parametrize(("username", "offered"), [
    ("agencia", False), ("coordinadora", False), ("fiscal.mdd", True), ("asistente.mdd", True)])
def test_the_view_of_own_charges_is_for_whoever_may_have_any(number: str, sign_in: SignIn, username: str, offered: bool) -> None:
    assert ("A mi cargo" in sign_in(username).get("/denuncias/").text) == offered
