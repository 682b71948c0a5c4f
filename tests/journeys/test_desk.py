"""A prosecutor signs in, sees at the desk what is overdue and is in the charge by one click; drafts are gone on with."""
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.rules.partial_dates import PartialDate
from sistra.services import drafts
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.factories.charges import open_charge
from tests.factories.rows import made
from tests.factories.world import PASSWORD
from tests.journeys.filling import follow

pytestmark = pytest.mark.browser


def overdue(live_server: LiveServer) -> str:
    """A charge with a deadline that fell due three days ago, and a draft of another."""
    with live_server.app.app_context():
        viewer = live_server.world.viewer("fiscal.mdd", at=datetime.now(UTC))
        number = open_charge(viewer, received_on="hoy")
        charge = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        opener = made(Event, charge_id=charge.id, number=2, event_type="DEC-TES", occurred_on=PartialDate.of_day(viewer.today))
        charge.next_due_on = viewer.today - timedelta(days=3)
        made(Deadline, charge_id=charge.id, rule="DIP-ORD", opened_by_id=opener.id, due_on=charge.next_due_on, state="ABI")
        db.session.commit()
        with unit_of_work():
            drafts.keep(viewer, "charges.create", {"summary": ["Lo que quedó a medio escribir"]})
    return number


def enters(page: Any) -> None:
    page.goto("/entrar")
    page.get_by_label("Usuario").fill("fiscal.mdd")
    page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    follow(page.get_by_role("button", name="Entrar"))


def test_what_is_overdue_is_one_click_from_signing_in(page: Any, live_server: LiveServer) -> None:
    number = overdue(live_server)
    enters(page)
    assert page.get_by_role("heading", level=1).inner_text() == "Mi mesa"
    deadlines = page.get_by_role("region", name="Plazos")
    assert "venció hace 3 días" in deadlines.inner_text()
    follow(deadlines.get_by_role("link", name=number))
    assert number in page.locator(".s-folder__tab").inner_text()


def test_a_number_of_the_desk_opens_its_list(page: Any, live_server: LiveServer) -> None:
    number = overdue(live_server)
    enters(page)
    follow(page.get_by_role("link", name="1 Con plazo vencido", exact=True))
    assert page.get_by_role("status").inner_text().startswith("1 denuncia")
    assert page.get_by_role("link", name=number).count() == 1


def test_a_draft_is_gone_on_with_from_the_desk(page: Any, live_server: LiveServer) -> None:
    overdue(live_server)
    enters(page)
    follow(page.get_by_role("region", name="Borradores").get_by_role("link", name="Nueva denuncia"))
    assert page.get_by_role("textbox", name="Resumen de los hechos").input_value() == "Lo que quedó a medio escribir"
