"""The assistant enters names and does not see them again; the administrator invites and suspends and sees no case."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.people import Identity
from sistra.services import audit
from tests.conftest import LiveServer, signed_in
from tests.journeys.filling import fill, send
from tests.journeys.test_opening_a_charge import fill as fill_charge

pytestmark = pytest.mark.browser


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def page_for(request: pytest.FixtureRequest, browser: Any, live_server: LiveServer) -> Any:
    """`page_for("asistente.lim")`: a page where that user is signed in, with and without JavaScript."""
    contexts = []

    def begin(username: str) -> Any:
        context = browser.new_context(base_url=live_server.url, locale="es-PE", java_script_enabled=request.param)
        contexts.append(context)
        name, token = signed_in(live_server.app, username)
        context.add_cookies([{"name": name, "value": token, "url": live_server.url}])
        return context.new_page()
    yield begin
    for context in contexts:
        context.close()


def test_an_assistant_opens_a_charge_and_enters_a_name_that_stays_reserved(page_for: Any, live_server: LiveServer) -> None:
    page = page_for("asistente.lim")
    page.goto("/denuncias/nueva")
    fill_charge(page)
    page.get_by_role("button", name="Abrir denuncia").click()
    number = page.locator(".s-folder__tab span").first.inner_text()
    page.goto(f"/denuncias/{number}/agraviadas/nueva")
    fill(page, {"surname_paternal": "Quimera", "given_names": "Zoraida", "sex": "M", "age_at_facts": "16"})
    send(page, "Guardar y volver")
    for address in (f"/denuncias/{number}", f"/denuncias/{number}/agraviadas", f"/denuncias/{number}/agraviadas/A-1"):
        page.goto(address)
        assert "Quimera" not in page.content() and "Zoraida" not in page.content()
        assert page.get_by_text("Reservado", exact=True).count() > 0
    assert page.goto(f"/denuncias/{number}/identidades").status == 403
    assert page.get_by_role("heading", level=1).inner_text() == "Su rol no permite hacer esto"
    with live_server.app.app_context():
        assert b"Quimera" not in db.session.scalars(select(Identity.surname_paternal)).one()
        assert audit.verify().intact


def test_an_administrator_invites_and_suspends_and_sees_no_case(page_for: Any, live_server: LiveServer) -> None:
    page = page_for("admin")
    page.goto("/admin/usuarios/nuevo")
    if "confirmar-contrasena" in page.url:
        from tests.factories.world import PASSWORD
        page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
        page.locator("main button.govuk-button").first.click()
    fill(page, {"username": "nueva.fiscal", "full_name": "Nueva Fiscal", "email": "nueva@example.test", "roles": ["FISCAL"],
                "office": str(live_server.world.offices["mdd"])})
    page.get_by_role("button", name="Crear el enlace").click()
    assert "/invitacion/" in page.content()
    page.goto("/admin/usuarios/nueva.fiscal/suspender")
    page.locator("main textarea, main input[name=reason]").first.fill("Cese de funciones")
    page.get_by_role("button", name="Suspender").click()
    with live_server.app.app_context():
        actions = list(db.session.scalars(select(TrailEntry.action).where(TrailEntry.thing == "user_account")))
        assert "user.invited" in actions and "user.suspended" in actions
        assert audit.verify().intact
    assert page.goto("/denuncias/").status == 403
    assert page.goto("/expedientes/").status == 403
