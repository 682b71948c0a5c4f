"""A prosecutor opens a charge in the browser: with and without script, by keyboard alone, interrupted, refused, twice."""
from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.models.charges import Charge, SavedForm
from sistra.services import audit
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.journeys.filling import follow

pytestmark = pytest.mark.browser

SUMMARY = "Captación con oferta de trabajo en un bar de Mazuko; una de ellas es menor de edad."


def charges_kept(live_server: LiveServer) -> list[Charge]:
    with live_server.app.app_context():
        return list(db.session.scalars(select(Charge)))


def fill(page: Any) -> None:
    page.get_by_role("textbox", name="Fecha de recepción en el despacho").fill("ayer")
    page.get_by_label("¿Cómo llegó la denuncia?").select_option("PNP")
    page.get_by_label("Delito denunciado").select_option("PE-129A")
    page.get_by_label("Explotación sexual").check()
    page.get_by_role("textbox", name="Lugar donde se conocieron los hechos").fill("Inambari")
    page.get_by_role("textbox", name="Resumen de los hechos").fill(SUMMARY)
    page.get_by_role("textbox", name="Número de personas agraviadas").fill("2")


@pytest.fixture
def prosecutor(page_for: Callable[[str], Any]) -> Any:
    """A page where a prosecutor is signed in, with and without JavaScript."""
    return page_for("fiscal.mdd")


@pytest.mark.both_databases
def test_a_prosecutor_signs_in_and_opens_a_charge(page: Any, live_server: LiveServer) -> None:
    from tests.factories.world import PASSWORD
    page.goto("/")
    page.get_by_label("Usuario").fill("fiscal.mdd")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    follow(page.get_by_role("button", name="Entrar"))
    follow(page.get_by_role("link", name="Nueva denuncia").first)
    fill(page)
    follow(page.get_by_role("button", name="Abrir denuncia"))
    assert "SIS-" in page.locator(".s-folder__tab").inner_text()
    assert charges_kept(live_server)[0].summary == SUMMARY


def test_a_charge_is_opened_and_found_in_the_list(prosecutor: Any, live_server: LiveServer) -> None:
    prosecutor.goto("/denuncias/nueva")
    fill(prosecutor)
    follow(prosecutor.get_by_role("button", name="Abrir denuncia"))
    prosecutor.goto("/denuncias/")
    number = charges_kept(live_server)[0].number
    follow(prosecutor.get_by_role("link", name=number))
    assert prosecutor.get_by_role("heading", level=1).inner_text() == "Trata de personas: explotación sexual (Inambari)"
    with live_server.app.app_context():
        assert audit.verify().intact


def test_a_refused_form_says_why_and_keeps_every_text(prosecutor: Any) -> None:
    prosecutor.goto("/denuncias/nueva")
    fill(prosecutor)
    prosecutor.get_by_role("textbox", name="Fecha de recepción en el despacho").fill("31/2/2026")
    prosecutor.get_by_role("textbox", name="Lugar donde se conocieron los hechos").fill("Zzzz")
    answer = None

    def keep(response: Any) -> None:
        nonlocal answer
        answer = response if response.request.method == "POST" and "nueva" in response.url else answer
    prosecutor.on("response", keep)
    follow(prosecutor.get_by_role("button", name="Abrir denuncia"))
    prosecutor.wait_for_selector(".govuk-error-summary")
    assert answer is not None and answer.status == 422
    assert prosecutor.title().startswith("Error:")
    assert prosecutor.get_by_role("textbox", name="Fecha de recepción en el despacho").input_value() == "31/2/2026"
    assert prosecutor.get_by_role("textbox", name="Resumen de los hechos").input_value() == SUMMARY
    assert prosecutor.get_by_label("Explotación sexual").is_checked()
    messages = prosecutor.locator(".govuk-error-summary__list a").all_inner_texts()
    assert len(messages) == 2
    for message in messages:
        assert prosecutor.locator(".govuk-error-message", has_text=message).count() == 1


def test_an_ambiguous_place_is_chosen_from_the_same_page(prosecutor: Any, live_server: LiveServer) -> None:
    prosecutor.goto("/denuncias/nueva")
    fill(prosecutor)
    prosecutor.get_by_role("textbox", name="Lugar donde se conocieron los hechos").fill("Puno")
    follow(prosecutor.locator("button[name=find-place]"))
    choices = prosecutor.locator("input[name=notice_place-choice]")
    assert 1 < choices.count() <= 20
    assert prosecutor.get_by_role("textbox", name="Resumen de los hechos").input_value() == SUMMARY
    prosecutor.locator("input[name=notice_place-choice][value='21']").check()
    follow(prosecutor.get_by_role("button", name="Abrir denuncia"))
    assert charges_kept(live_server)[0].notice_place == "21"


def test_a_charge_is_opened_by_keyboard_within_forty_structural_keys(
    page_of: Callable[[str], Any], live_server: LiveServer
) -> None:
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/nueva")
    structural = 0

    def press(*keys: str) -> None:
        nonlocal structural
        for key in keys:
            page.keyboard.press(key)
            structural += 1

    def reach(name: str) -> None:
        for _ in range(30):
            if page.evaluate("document.activeElement && document.activeElement.name") == name:
                return
            press("Tab")
        raise AssertionError(f"{name} cannot be reached by Tab")
    press("Tab", "Enter")
    reach("received_on")
    reach("notice_source")
    page.keyboard.type("Par")
    reach("reported_offence")
    page.keyboard.type("Tra")
    reach("purpose_known")
    press("Space")
    reach("notice_place")
    page.keyboard.type("Inambari")
    reach("summary")
    page.keyboard.type(SUMMARY)
    reach("victims_declared")
    page.keyboard.type("2")
    press("Enter")
    page.wait_for_url("**/completar")
    assert structural <= 40
    kept = charges_kept(live_server)[0]
    told = (kept.notice_source, kept.reported_offence, kept.notice_place, kept.victims_declared)
    assert told == ("PNP", "PE-129A", "170102", 2)


def test_what_is_typed_is_on_the_server_before_it_is_sent(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/nueva")
    page.get_by_role("textbox", name="Resumen de los hechos").fill("Texto a medio escribir")
    page.locator("[data-autosave-status]", has_text="Guardado a las").wait_for()
    with live_server.app.app_context():
        assert db.session.scalar(select(func.count(SavedForm.id))) == 1
    page.goto("/denuncias/")
    page.goto("/denuncias/nueva")
    assert page.get_by_role("textbox", name="Resumen de los hechos").input_value() == "Texto a medio escribir"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_draft_is_kept_without_script_whatever_it_holds(prosecutor: Any) -> None:
    prosecutor.goto("/denuncias/nueva")
    prosecutor.get_by_role("textbox", name="Fecha de recepción en el despacho").fill("cuando sea")
    follow(prosecutor.get_by_role("button", name="Guardar borrador"))
    prosecutor.goto("/borradores/")
    follow(prosecutor.get_by_role("link", name="Nueva denuncia").first)
    assert prosecutor.get_by_role("textbox", name="Fecha de recepción en el despacho").input_value() == "cuando sea"


def test_a_draft_survives_the_end_of_the_session(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/nueva")
    page.get_by_role("textbox", name="Resumen de los hechos").fill("Antes de que venza la sesión")
    follow(page.get_by_role("button", name="Guardar borrador"))
    with live_server.app.app_context(), unit_of_work():
        db.session.scalars(select(SignInSession)).one().seen_at -= timedelta(minutes=31)
    page.goto("/denuncias/nueva")
    assert "/entrar" in page.url
    from tests.factories.world import PASSWORD
    page.get_by_label("Usuario").fill("fiscal.mdd")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    follow(page.get_by_role("button", name="Entrar"))
    assert page.url.endswith("/denuncias/nueva")
    assert page.get_by_role("textbox", name="Resumen de los hechos").input_value() == "Antes de que venza la sesión"


def test_two_people_editing_one_field_see_both_values_and_choose(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    first, second = page_of("fiscal.mdd"), page_of("fiscal2.mdd")
    first.goto("/denuncias/nueva")
    fill(first)
    follow(first.get_by_role("button", name="Abrir denuncia"))
    number = charges_kept(live_server)[0].number
    for one in (first, second):
        one.goto(f"/denuncias/{number}/editar/denuncia")
    first.get_by_role("textbox", name="Número de personas agraviadas").fill("5")
    follow(first.get_by_role("button", name="Guardar", exact=True))
    second.get_by_role("textbox", name="Número de personas agraviadas").fill("7")
    second.get_by_role("textbox", name="Número de imputados").fill("4")
    follow(second.get_by_role("button", name="Guardar", exact=True))
    assert second.get_by_role("heading", name="Otra persona guardó antes").is_visible()
    assert second.locator(".s-conflict").inner_text().split() != []
    second.get_by_label("Conservar lo guardado").check()
    follow(second.get_by_role("button", name="Guardar lo elegido"))
    kept = charges_kept(live_server)[0]
    assert (kept.victims_declared, kept.accused_declared) == (5, 4)


def test_typing_keeps_the_session_alive(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/nueva")
    with live_server.app.app_context(), unit_of_work():
        db.session.scalars(select(SignInSession)).one().seen_at -= timedelta(minutes=20)
    page.get_by_role("textbox", name="Resumen de los hechos").fill("Relato que se escribe durante más de media hora")
    page.locator("[data-autosave-status]", has_text="Guardado a las").wait_for()
    with live_server.app.app_context():
        one = db.session.scalars(select(SignInSession)).one()
        assert one.seen_at >= one.created_at
