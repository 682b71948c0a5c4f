"""What a person typed is still there after the session ended, the line broke or the wrong key was pressed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.models.charges import RouteLeg, SavedForm
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.factories.charges import open_charge
from tests.factories.world import PASSWORD
from tests.journeys.filling import follow

pytestmark = pytest.mark.browser
TYPED = "Tramo escrito antes de almorzar"


@pytest.fixture(autouse=True)
def tokens(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forms carry their token here, as they do outside of tests."""
    monkeypatch.setitem(live_server.app.config, "WTF_CSRF_ENABLED", True)


@pytest.fixture
def number(live_server: LiveServer) -> str:
    with live_server.app.app_context():
        return open_charge(live_server.world.viewer("fiscal.mdd"))


@pytest.fixture
def anyhow(page_for: Callable[[str], Any]) -> Any:
    """A page where a prosecutor is signed in, with and without JavaScript."""
    return page_for("fiscal.mdd")


def lapse(live_server: LiveServer) -> None:
    """Half an hour passes without use."""
    with live_server.app.app_context(), unit_of_work():
        for one in db.session.scalars(select(SignInSession)):
            one.seen_at -= timedelta(minutes=31)


def enter(page: Any) -> None:
    page.get_by_label("Usuario").fill("fiscal.mdd")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    follow(page.get_by_role("button", name="Entrar"))


def kept(live_server: LiveServer) -> int:
    with live_server.app.app_context():
        return db.session.scalar(select(func.count(SavedForm.id))) or 0


def locality(page: Any) -> Any:
    return page.locator("[name=locality]")


def test_a_form_sent_after_the_session_ended_is_there_after_signing_in_and_can_be_sent(
    anyhow: Any, number: str, live_server: LiveServer
) -> None:
    anyhow.goto(f"/denuncias/{number}/ruta/nuevo")
    locality(anyhow).fill(TYPED)
    anyhow.locator("[name=point]").first.check()
    lapse(live_server)
    follow(anyhow.get_by_role("button", name="Guardar tramo"))
    assert "Ingrese con el mismo usuario: lo que escribió se conserva." in anyhow.locator("main").inner_text()
    enter(anyhow)
    assert anyhow.url.endswith("/ruta/nuevo") and locality(anyhow).input_value() == TYPED
    assert anyhow.locator("[name=point]").first.is_checked()
    assert "Su sesión terminó; lo que escribió sigue aquí." in anyhow.locator("main").inner_text()
    follow(anyhow.get_by_role("button", name="Guardar tramo"))
    assert anyhow.url.endswith("/hechos") and kept(live_server) == 0
    with live_server.app.app_context():
        assert db.session.scalars(select(RouteLeg.locality)).all() == [TYPED]


def test_what_was_kept_can_be_discarded(anyhow: Any, number: str, live_server: LiveServer) -> None:
    anyhow.goto(f"/denuncias/{number}/ruta/nuevo")
    locality(anyhow).fill(TYPED)
    lapse(live_server)
    follow(anyhow.get_by_role("button", name="Guardar tramo"))
    enter(anyhow)
    follow(anyhow.get_by_role("button", name="Descartar lo que había escrito"))
    assert locality(anyhow).input_value() == "" and kept(live_server) == 0


def test_signing_in_in_another_tab_loses_nothing_of_the_first(
    page_of: Callable[[str], Any], number: str, live_server: LiveServer
) -> None:
    first = page_of("fiscal.mdd")
    first.goto(f"/denuncias/{number}/ruta/nuevo")
    locality(first).fill(TYPED)
    lapse(live_server)
    second = first.context.new_page()
    second.goto("/denuncias/")
    enter(second)
    follow(first.get_by_role("button", name="Guardar tramo"))
    assert "Lo que escribió se conserva" in first.locator("main").inner_text()
    follow(first.get_by_role("link", name="Volver al formulario"))
    assert locality(first).input_value() == TYPED


def test_ctrl_s_keeps_a_form_that_has_no_draft_and_says_so(page_of: Callable[[str], Any], number: str) -> None:
    page = page_of("fiscal.mdd")
    page.goto(f"/denuncias/{number}/ruta/nuevo")
    locality(page).fill(TYPED)
    page.keyboard.press("Control+s")
    page.locator("[data-told]", has_text="Guardado a las").wait_for()
    page.goto("/denuncias/")
    page.goto(f"/denuncias/{number}/ruta/nuevo")
    assert locality(page).input_value() == TYPED
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_ctrl_s_after_the_session_ended_says_so_and_loses_nothing(
    page_of: Callable[[str], Any], number: str, live_server: LiveServer
) -> None:
    page = page_of("fiscal.mdd")
    page.goto(f"/denuncias/{number}/ruta/nuevo")
    locality(page).fill(TYPED)
    lapse(live_server)
    page.keyboard.press("Control+s")
    page.locator("[data-told]", has_text="Su sesión terminó").wait_for()
    follow(page.get_by_role("button", name="Guardar tramo"))
    enter(page)
    assert locality(page).input_value() == TYPED


def test_the_browser_s_own_save_dialog_never_opens_on_a_form(page_of: Callable[[str], Any], number: str) -> None:
    page = page_of("fiscal.mdd")
    for path, box in (
        (f"/denuncias/{number}/ruta/nuevo", "locality"),
        ("/perfil/contrasena", "present"),
        ("/denuncias/nueva", "summary"),
    ):
        page.goto(path)
        page.locator(f"[name={box}]").focus()
        taken = page.evaluate("""() => !document.activeElement.dispatchEvent(
            new KeyboardEvent("keydown", {key: "s", ctrlKey: true, bubbles: true, cancelable: true}))""")
        assert taken, path


def test_the_draft_s_line_says_that_the_session_ended(page_of: Callable[[str], Any], live_server: LiveServer) -> None:
    page = page_of("fiscal.mdd")
    page.goto("/denuncias/nueva")
    page.locator("[name=summary]").fill(TYPED)
    lapse(live_server)
    page.locator("[name=victims_declared]").focus()
    page.locator("[data-autosave-status]", has_text="Su sesión terminó: envíe el formulario").wait_for()
    follow(page.get_by_role("button", name="Abrir denuncia"))
    enter(page)
    assert page.locator("[name=summary]").input_value() == TYPED


def test_ctrl_enter_presses_the_main_button(page_of: Callable[[str], Any], number: str) -> None:
    page = page_of("fiscal.mdd")
    page.goto(f"/denuncias/{number}/ruta/nuevo")
    page.locator("[name=point]").first.check()
    locality(page).fill(TYPED)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/hechos")


def test_a_second_press_while_the_first_is_under_way_is_said(page_of: Callable[[str], Any], number: str) -> None:
    page = page_of("fiscal.mdd")
    page.goto(f"/denuncias/{number}/pdf")
    page.locator("[name=reason_code]").select_option(index=1)
    button = page.get_by_role("button", name="Descargar el PDF")
    with page.expect_download():
        told = button.evaluate("it => { it.click(); it.click(); return document.querySelector('[data-told]').textContent; }")
    assert told == "Ya se envió: espere la respuesta."
    page.locator("[data-told]:empty").wait_for(state="attached")
    with page.expect_download():
        button.click()


def test_after_save_and_add_another_the_first_box_is_few_tabs_away(page_of: Callable[[str], Any], number: str) -> None:
    page = page_of("fiscal.mdd")
    page.goto(f"/denuncias/{number}/imputados/nuevo")
    page.locator("[name=identified][value='0']").check()
    page.keyboard.press("Control+Enter")
    page.locator(".govuk-notification-banner--success:focus").wait_for()
    for _press in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("Boolean(document.activeElement.closest('form.s-form'))"):
            return
    raise AssertionError("more than three stops between the message and the first box")
