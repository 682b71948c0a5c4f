"""The pages of victims and accused: names go in and do not come out, except where they are revealed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.models.audit import TrailEntry
from sistra.models.people import Accused, Identity, Recruitment, Victim
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, identities, people, victim_lists
from sistra.services.unit import unit_of_work
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.world import World
from tests.web.test_ui_forms import Browser

SignIn = Callable[[str], Any]
QUIMERA = {
    "surname_paternal": "Zquimera",
    "given_names": "Zoraidax",
    "aliases": "Zbasilisco",
    "id_document_type": "PAS",
    "id_document_number": "ZQ9876543",
    "mobile_phone": "987654321",
    "address_street": "Jr. Zocultox 12",
}
CANARIES = re.compile(r"(?i)zquimera|zoraidax|zbasilisco|ZQ9876543|987654321|zocultox|zguardiana|zperfilx")


@pytest.fixture
def number(app: Flask, world: World) -> str:
    """A charge of Madre de Dios with a grown-up victim, a minor and an accused, each with an identity."""
    with app.app_context():
        fiscal = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        number = opened(fiscal, facts_from=PartialDate.of_day(date(2026, 2, 1)))
        victim_in(
            fiscal,
            number,
            QUIMERA,
            age_at_facts=30,
            sex="M",
            citizenships=("BO",),
            residence_before="170101",
            guardian="Zguardiana",
            immigration_status="IRR",
        )
        victim_in(fiscal, number, QUIMERA, age_at_facts=15, sex="M")
        accused_in(fiscal, number, QUIMERA, sex="H", age_at_facts=40, defence_counsel="Zquimera Abogado")
        with unit_of_work():
            victim_lists.add(
                fiscal,
                number,
                "A-1",
                Entry(
                    "recruitment",
                    {
                        "methods": ("OFE-FAL",),
                        "contact_channel": "LIN",
                        "profile_or_number": "@zperfilx",
                        "country": "PE",
                        "place": "170101",
                    },
                ),
            )
            victim_lists.add(
                fiscal,
                number,
                "A-1",
                Entry(
                    "exploitation",
                    {"purpose": "LAB-MIN", "street": "Jr. Zocultox 12", "started_on": PartialDate.of_month(2026, 2)},
                ),
            )
            one = people.accused(fiscal, number)[0].id
            victim_lists.add(
                fiscal, number, "A-1", Entry("victim_accused_relation", {"accused": one, "relation": "CON-VEC"})
            )
    return number


PAGES = (
    "agraviadas",
    "agraviadas/nueva",
    "agraviadas/nueva?como=A-1",
    "agraviadas/A-1",
    "agraviadas/A-1/editar/identidad",
    "agraviadas/A-1/editar/contacto",
    "agraviadas/A-1/editar/perfil",
    "agraviadas/A-1/editar/situacion",
    "agraviadas/A-1/editar/otros_datos",
    "agraviadas/A-1/editar/asistencia",
    "agraviadas/A-1/retirar",
    "agraviadas/A-1/captaciones/nueva",
    "agraviadas/A-1/captaciones/1",
    "agraviadas/A-1/captaciones/1/retirar",
    "agraviadas/A-1/explotaciones/nueva",
    "agraviadas/A-1/explotaciones/1",
    "agraviadas/A-1/relaciones/nueva",
    "agraviadas/A-1/relaciones/1",
    "imputados",
    "imputados/nuevo",
    "imputados/I-1",
    "imputados/I-1/editar/identidad",
    "imputados/I-1/editar/contacto",
    "imputados/I-1/editar/perfil",
    "imputados/I-1/editar/rol",
    "imputados/I-1/retirar",
    "personas/A-1/vincular",
    "personas/A-1/desvincular",
    "",
    "historial",
    "historial?cambios=1",
)
EDITED = [page for page in PAGES if "/editar/" in page or page.endswith("/1")]


def stepped_up(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        for session in db.session.scalars(select(SignInSession)):
            session.stepped_up_at = datetime.now(UTC)


def held(app: Flask) -> list[Any]:
    """Every column of every part and identity, as stored."""
    with app.app_context():
        return [
            {one.key: getattr(row, one.key) for one in inspect(model).column_attrs}
            for model in (Victim, Accused, Identity, Recruitment)
            for row in db.session.scalars(select(model).order_by(model.id))
        ]


def counted(app: Flask, *conditions: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).where(*conditions)) or 0


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_a_name_that_was_not_revealed(sign_in: SignIn, number: str, page: str) -> None:
    answer = sign_in("fiscal.mdd").get(f"/denuncias/{number}/{page}".rstrip("/"))
    assert answer.status_code == 200
    assert CANARIES.findall(answer.text) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_prosecutor_of_another_office_finds_none_of_the_pages(sign_in: SignIn, number: str, page: str) -> None:
    assert sign_in("fiscal.lim").get(f"/denuncias/{number}/{page}".rstrip("/")).status_code == 404


@pytest.mark.parametrize("page", EDITED)
def test_saving_a_form_untouched_leaves_everything_as_it_was(
    app: Flask, sign_in: SignIn, number: str, page: str
) -> None:
    visitor, before = sign_in("fiscal.mdd"), held(app)
    form = Browser(visitor.get(f"/denuncias/{number}/{page}").text).posted
    form.pop("q", None)
    answer = visitor.post(f"/denuncias/{number}/{page}", data=form)
    assert answer.status_code == 302, re.findall(r"govuk-error-message.*?</p>", answer.text)
    assert held(app) == before


def test_a_person_is_added_with_one_post_and_the_next_form_follows(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("asistente.mdd")
    answer = visitor.post(
        f"/denuncias/{number}/agraviadas/nueva",
        data={"act": "otra", "once": "a", "given_names": "Casimira", "sex": "M"},
    )
    assert (answer.status_code, answer.location) == (302, f"/denuncias/{number}/agraviadas/nueva")
    again = visitor.post(
        f"/denuncias/{number}/agraviadas/nueva",
        data={"act": "otra", "once": "a", "given_names": "Casimira", "sex": "M"},
    )
    assert (again.status_code, counted(app, Victim.id > 0)) == (302, 3)


def test_a_refused_form_keeps_what_was_typed(sign_in: SignIn, number: str) -> None:
    answer = sign_in("fiscal.mdd").post(
        f"/denuncias/{number}/agraviadas/nueva",
        data={"once": "a", "given_names": "Casimira", "birth_date": "31/2/2000", "act": "volver"},
    )
    assert answer.status_code == 422
    assert "Casimira" in answer.text and "<title>Error:" in answer.text


def test_common_answers_are_prefilled_and_rows_copied(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    form = Browser(visitor.get(f"/denuncias/{number}/agraviadas/nueva?como=A-1").text).posted
    assert (form.getlist("citizenships"), form["like"], form["given_names"]) == (["BO"], "A-1", "")
    form["act"] = "volver"
    assert visitor.post(f"/denuncias/{number}/agraviadas/nueva", data=form).status_code == 302
    with app.app_context():
        copied = db.session.scalars(select(Recruitment).order_by(Recruitment.id.desc())).first()
        assert copied is not None and (copied.methods, copied.profile_or_number) == (("OFE-FAL",), None)


def test_copying_common_answers_keeps_what_was_typed_and_fills_the_blanks(sign_in: SignIn, number: str) -> None:
    visitor, page = sign_in("fiscal.mdd"), f"/denuncias/{number}/agraviadas/nueva"
    form = Browser(visitor.get(page).text).posted
    form["given_names"] = "Casimira"
    form["act"] = "copiar:A-1"
    answer = visitor.post(page, data=form)
    copied = Browser(answer.text).posted
    assert (answer.status_code, copied["given_names"], copied.getlist("citizenships"), copied["like"]) == (
        200, "Casimira", ["BO"], "A-1")
    form.setlist("citizenships", ["CO"])
    assert Browser(visitor.post(page, data=form).text).posted.getlist("citizenships") == ["CO"]


def test_copying_common_answers_keeps_the_draft(sign_in: SignIn, number: str) -> None:
    visitor, page = sign_in("fiscal.mdd"), f"/denuncias/{number}/agraviadas/nueva"
    visitor.post(page, data={"act": "borrador", "given_names": "Casimira", "like": "A-1"})
    resumed = Browser(visitor.get(f"{page}?como=A-1").text).posted
    assert (resumed["given_names"], resumed.getlist("citizenships")) == ("Casimira", ["BO"])
    assert Browser(visitor.get(page).text).posted["like"] == "A-1"


def test_a_victim_of_whom_nothing_was_said_is_refused(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor, page = sign_in("fiscal.mdd"), f"/denuncias/{number}/agraviadas/nueva"
    form = Browser(visitor.get(page).text).posted
    form["act"] = "volver"
    answer = visitor.post(page, data=form)
    assert answer.status_code == 422 and "Escriba al menos un dato de la persona" in answer.text
    assert counted(app, Victim.id > 0) == 2


def test_a_legal_entity_is_named_and_asked_nothing_human(sign_in: SignIn, number: str) -> None:
    visitor, page = sign_in("fiscal.mdd"), f"/denuncias/{number}/imputados/nuevo"
    form = Browser(visitor.get(page).text).posted
    form["identified"], form["kind"], form["act"] = "1", "JUR", "volver"
    answer = visitor.post(page, data=form)
    assert answer.status_code == 422 and "Escriba la razón social" in answer.text
    form["legal_name"] = "Aserradero Zbasilisco"
    assert visitor.post(page, data=form).status_code == 302
    profile = visitor.get(f"/denuncias/{number}/imputados/I-2/editar/perfil").text
    assert not re.findall(r'name="(?:sex|primary_language|public_official)"', profile)
    shown = visitor.get(f"/denuncias/{number}/imputados/I-2").text
    assert "<dt>Sexo" not in shown and "<dt>Edad" not in shown


def test_who_is_not_identified_has_no_kind(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor, page = sign_in("fiscal.mdd"), f"/denuncias/{number}/imputados/nuevo"
    form = Browser(visitor.get(page).text).posted
    assert form["kind"] == "NAT"
    form["identified"], form["description"], form["act"] = "0", "Alto", "volver"
    assert visitor.post(page, data=form).status_code == 302
    assert counted(app, Accused.code == "I-2", Accused.kind.is_(None)) == 1


def test_the_summary_tells_minors_from_ages_to_confirm_and_names_from_blanks(
    app: Flask, world: World, sign_in: SignIn, number: str
) -> None:
    with app.app_context():
        victim_in(world.viewer("fiscal.mdd", at=datetime.now(UTC)), number, sex="M")
    table = sign_in("fiscal.mdd").get(f"/denuncias/{number}").text.partition('id="personas"')[2].partition("</table>")[0]
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in table.split("<tr>")[2:]]
    assert [(row[0], "Reservado" in row, " ".join(row[-3:]).endswith(last)) for row, last in zip(
        rows, ("No", "Sí", "Edad por confirmar"), strict=True)] == [
        ("A-1", True, True), ("A-2", True, True), ("A-3", False, True)]


def test_an_assistant_may_not_ask_for_names(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("asistente.mdd")
    assert visitor.get(f"/denuncias/{number}/identidades").status_code == 403
    assert (
        visitor.post(f"/denuncias/{number}/identidades", data={"codes": "A-1", "reason_code": "NOT"}).status_code == 403
    )
    assert "identidades" not in visitor.get(f"/denuncias/{number}/agraviadas").text


def test_the_password_is_asked_again_before_names_are_shown(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    with app.app_context(), unit_of_work():
        for session in db.session.scalars(select(SignInSession)):
            session.stepped_up_at = None
    answer = visitor.post(f"/denuncias/{number}/identidades", data={"codes": "A-1", "reason_code": "NOT"})
    assert answer.status_code == 302 and "identidades" in answer.location
    assert counted(app, TrailEntry.action == "identity.revealed") == 0


def test_names_stand_on_the_page_that_answers_and_the_reason_on_the_trail(
    app: Flask, sign_in: SignIn, number: str
) -> None:
    visitor = sign_in("fiscal.mdd")
    stepped_up(app)
    answer = visitor.post(f"/denuncias/{number}/identidades", data={"codes": ["A-1", "I-1"], "reason_code": "NOT"})
    assert answer.status_code == 200
    assert {"Zquimera", "Zoraidax", "ZQ9876543", "Zguardiana", "Zocultox"} <= set(re.findall(r"\w+", answer.text))
    with app.app_context():
        entries = db.session.scalars(select(TrailEntry).where(TrailEntry.action == "identity.revealed"))
        assert [(one.detail["code"], one.reason) for one in entries] == [("A-1", "NOT"), ("I-1", "NOT")]
    assert CANARIES.findall(visitor.get(f"/denuncias/{number}/agraviadas/A-1").text) == []


def test_no_title_holds_a_name_even_where_names_are_shown(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    stepped_up(app)
    answer = visitor.post(f"/denuncias/{number}/identidades", data={"codes": ["A-1"], "reason_code": "NOT"})
    assert CANARIES.findall("".join(re.findall(r"<title>.*?</title>", answer.text))) == []


def test_a_reason_is_needed_to_see_a_name(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    stepped_up(app)
    answer = visitor.post(f"/denuncias/{number}/identidades", data={"codes": "A-1", "reason_code": "OTH"})
    assert answer.status_code == 422 and CANARIES.findall(answer.text) == []


def test_a_colleague_outside_the_team_is_not_offered_a_minor_and_does_not_get_one(
    app: Flask, sign_in: SignIn, number: str
) -> None:
    visitor = sign_in("fiscal2.mdd")
    stepped_up(app)
    offered = re.findall(r'name="codes"[^>]*value="([^"]*)"', visitor.get(f"/denuncias/{number}/identidades").text)
    assert offered == ["A-1", "I-1", identities.FILE]
    assert (
        visitor.post(f"/denuncias/{number}/identidades", data={"codes": "A-2", "reason_code": "NOT"}).status_code == 403
    )


def test_where_two_people_typed_a_name_neither_sees_the_other(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    page = f"/denuncias/{number}/agraviadas/A-1/editar/identidad"
    form = Browser(visitor.get(page).text).posted
    assert visitor.post(page, data={**form.to_dict(flat=True), "given_names": "Casimira"}).status_code == 302
    answer = visitor.post(page, data={**form.to_dict(flat=True), "given_names": "Hermelinda"})
    assert answer.status_code == 409
    assert "Casimira" not in answer.text and "Hermelinda" in answer.text and CANARIES.findall(answer.text) == []
    undecided = Browser(answer.text).posted
    assert "keep-given_names" not in undecided and visitor.post(page, data=undecided).status_code == 409
    undecided["keep-given_names"] = "mine"
    assert visitor.post(page, data=undecided).status_code == 302
    stepped_up(app)
    opened_page = visitor.post(f"/denuncias/{number}/identidades", data={"codes": "A-1", "reason_code": "NOT"}).text
    assert "Hermelinda" in opened_page and "Casimira" not in opened_page


def test_taking_a_person_back_asks_first_and_needs_a_reason(app: Flask, sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    page = f"/denuncias/{number}/agraviadas/A-2/retirar"
    assert visitor.post(page, data={"reason": ""}).status_code == 422
    assert visitor.post(page, data={"reason": "Registrada dos veces"}).location == f"/denuncias/{number}/agraviadas"
    assert visitor.get(f"/denuncias/{number}/agraviadas/A-2").status_code == 404
    assert counted(app, Victim.code == "A-2", Victim.withdrawn_at.is_not(None)) == 1


def test_a_row_is_taken_back_with_a_reason(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    page = f"/denuncias/{number}/agraviadas/A-1/explotaciones/1"
    assert visitor.post(f"{page}/retirar", data={"reason": "No se probó"}).status_code == 302
    assert visitor.get(page).status_code == 404


def test_two_parts_are_linked_and_unlinked(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    answer = visitor.post(
        f"/denuncias/{number}/personas/A-1/vincular",
        data={"other_number": number.lower(), "other_code": "i-1", "reason": "Mismo pasaporte"},
    )
    assert answer.location == f"/denuncias/{number}/agraviadas/A-1"
    assert f"{number}/I-1" in visitor.get(answer.location).text
    assert visitor.post(f"/denuncias/{number}/personas/A-1/desvincular", data={"reason": "Error"}).status_code == 302
    refused = visitor.post(
        f"/denuncias/{number}/personas/A-1/vincular",
        data={"other_number": "SIS-2026-LIM-00001", "other_code": "A-1", "reason": "x"},
    )
    assert refused.status_code == 422


def test_a_supervisor_reads_the_pages_and_is_offered_no_act(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("coordinadora")
    text = visitor.get(f"/denuncias/{number}/agraviadas/A-1").text
    assert "/editar/" not in text and "/retirar" not in text and "identidades" not in text
    assert visitor.get(f"/denuncias/{number}/agraviadas/nueva").status_code == 403


def test_a_draft_of_a_person_waits_for_its_author_alone(sign_in: SignIn, number: str) -> None:
    own, colleague = sign_in("fiscal.mdd"), sign_in("fiscal2.mdd")
    page = f"/denuncias/{number}/agraviadas/nueva"
    assert own.post(page, data={"act": "borrador", "given_names": "Casimira", "birth_date": "31/2"}).status_code == 302
    assert "Casimira" in own.get(page).text and "Casimira" not in colleague.get(page).text


def test_the_supervisor_of_a_sealed_charge_gets_no_page_of_its_people(
    app: Flask, sign_in: SignIn, world: World, number: str
) -> None:
    with app.app_context(), unit_of_work():
        fiscal = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        version = charges.folder(fiscal, number).charge.version
        charges.seal(fiscal, number, confidentiality="SEL", reason="Riesgo", version=int(str(version)))
    assert sign_in("coordinadora").get(f"/denuncias/{number}/agraviadas").status_code == 403
    assert sign_in("fiscal2.mdd").get(f"/denuncias/{number}/agraviadas").status_code == 404


# -- search -------------------------------------------------------------------------------------------------------


def test_a_name_that_is_searched_stands_in_no_address_and_on_no_page(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    answer = visitor.post("/buscar/personas/", data={"names": "zoraidax zquimera", "document": ""})
    assert answer.status_code == 302 and CANARIES.findall(answer.location) == []
    page = visitor.get(answer.location)
    assert f"{number}/A-1" in page.text and CANARIES.findall(page.text) == []
    assert sign_in("fiscal2.mdd").get(answer.location).status_code == 404


def test_another_office_learns_the_office_and_nothing_else(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.lim")
    page = visitor.get(visitor.post("/buscar/personas/", data={"names": "zquimera", "document": ""}).location).text
    assert "Despacho mdd" in page and number not in page and "A-1" not in page


def test_an_empty_search_says_what_to_type(sign_in: SignIn, number: str) -> None:
    answer = sign_in("fiscal.mdd").post("/buscar/personas/", data={"names": "", "document": ""})
    assert answer.status_code == 422 and "Escriba un nombre" in answer.text
