"""The assistant enters names and does not see them again; the administrator invites and suspends and sees no case."""
from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.people import Identity
from sistra.services import audit
from tests.conftest import LiveServer
from tests.journeys.filling import fill, follow, send
from tests.journeys.test_opening_a_charge import fill as fill_charge

pytestmark = pytest.mark.browser


def test_an_assistant_opens_a_charge_and_enters_a_name_that_stays_reserved(page_for: Any, live_server: LiveServer) -> None:
    page = page_for("asistente.lim")
    page.goto("/denuncias/nueva")
    fill_charge(page)
    follow(page.get_by_role("button", name="Abrir denuncia"))
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
        follow(page.locator("main button.govuk-button").first)
    fill(page, {"username": "nueva.fiscal", "full_name": "Nueva Fiscal", "email": "nueva@example.test", "roles": ["FISCAL"],
                "office": str(live_server.world.offices["mdd"])})
    follow(page.get_by_role("button", name="Crear el enlace"))
    assert "/invitacion/" in page.content()
    page.goto("/admin/usuarios/nueva.fiscal/suspender")
    page.locator("main textarea, main input[name=reason]").first.fill("Cese de funciones")
    follow(page.get_by_role("button", name="Suspender"))
    with live_server.app.app_context():
        actions = list(db.session.scalars(select(TrailEntry.action).where(TrailEntry.thing == "user_account")))
        assert "user.invited" in actions and "user.suspended" in actions
        assert audit.verify().intact
    assert page.goto("/denuncias/").status == 403
    assert page.goto("/expedientes/").status == 403
