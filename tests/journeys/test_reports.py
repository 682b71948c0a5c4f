"""An agency takes its monthly report away in three clicks; a coordinator reads and downloads one; with and without script."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from sistra.rules.entries import LIMA
from sistra.services import audit
from tests.conftest import LiveServer
from tests.factories.charges import open_charge
from tests.factories.sharing import offered
from tests.journeys.filling import follow
from tests.journeys.test_accessibility import PHONE, faults, unreadable

pytestmark = pytest.mark.browser


def _pdf(download: Any) -> str:
    return "\n".join(one.extract_text() for one in PdfReader(BytesIO(Path(download.path()).read_bytes())).pages)


def test_an_agency_has_its_month_in_three_clicks_though_nothing_was_shared(
        page_for: Callable[[str], Any], live_server: LiveServer) -> None:
    page, clicks = page_for("agencia"), 0
    page.goto("/")
    follow(page.get_by_role("navigation").get_by_role("link", name="Reportes").first)
    clicks += 1
    with page.expect_download() as awaited:
        page.get_by_role("link", name="Descargar PDF del mes").click()
    clicks += 1
    text = _pdf(awaited.value)
    assert clicks <= 3
    month = f"{this_month():%m/%Y}"
    assert f"Reporte mensual {month}" in text and "R01" in text and "R04" in text and "R06" in text
    assert awaited.value.suggested_filename == f"sistra-reporte-mensual-{this_month():%Y-%m}.pdf"
    follow(page.get_by_role("link", name="Ver en pantalla"))
    assert "En este mes no se compartió ninguna denuncia con su entidad." in page.locator("main").inner_text()
    with live_server.app.app_context():
        assert audit.verify().intact


def this_month() -> datetime:
    """The present month in Lima, where the day begins five hours after it does in Greenwich."""
    return datetime.now(UTC).astimezone(LIMA)


def test_the_month_lists_the_charges_offered_in_it(page_for: Callable[[str], Any], live_server: LiveServer) -> None:
    with live_server.app.app_context():
        sender = live_server.world.viewer("fiscal.mdd", at=datetime.now(UTC))
        number = open_charge(sender, received_on="ayer")
        offered(live_server.world, number, by=sender)
    page = page_for("agencia")
    page.goto("/reportes/mensual")
    assert "Denuncias compartidas con su entidad en el mes" in page.locator("main").inner_text()
    with page.expect_download() as awaited:
        page.get_by_role("link", name="Descargar PDF").first.click()
    assert number in _pdf(awaited.value)


def test_a_coordinator_filters_a_report_and_downloads_what_is_on_the_screen(
        page_for: Callable[[str], Any], live_server: LiveServer) -> None:
    with live_server.app.app_context():
        for username in ("fiscal.mdd", "fiscal.mdd", "fiscal.lim"):
            open_charge(live_server.world.viewer(username))
    page = page_for("coordinadora")
    page.goto("/reportes/")
    follow(page.get_by_role("link", name="Denuncias por distrito fiscal"))
    page.get_by_label("Desde el mes").fill("01/2026")
    page.get_by_label("Hasta el mes").fill("12/2026")
    page.get_by_label("Distrito fiscal", exact=True).and_(page.locator("select")).select_option("MDD")
    follow(page.get_by_role("button", name="Ver reporte"))
    assert page.locator(".s-headline li").first.inner_text().split() == ["2", "Total"]
    assert page.locator("svg text").last.text_content() == "2"
    digest = re.search(r"\b[0-9a-f]{64}\b", page.content())
    with page.expect_download() as awaited:
        page.get_by_role("link", name="Descargar PDF").click()
    assert digest and digest[0] in _pdf(awaited.value)
    with live_server.app.app_context():
        assert audit.verify().intact


@pytest.mark.parametrize("language", ["es", "en"])
def test_axe_finds_nothing_on_the_pages_of_reports(page_of: Callable[[str], Any], live_server: LiveServer, language: str) -> None:
    with live_server.app.app_context():
        for username in ("fiscal.mdd", "fiscal.mdd", "fiscal.lim"):
            open_charge(live_server.world.viewer(username))
    page, found = page_of("agencia"), []
    if language == "en":
        page.goto("/reportes/")
        follow(page.locator("form[action$='/idioma'] button").first)
    for path in ("/reportes/", "/reportes/R01?desde=01/2026&hasta=12/2026", "/reportes/R04?desde=01/2026&hasta=12/2026",
                 "/reportes/R08?desde=01/2026&hasta=12/2026", "/reportes/R01?desde=13/2026", "/reportes/mensual"):
        answer = page.goto(path)
        assert answer.status == (422 if "13/2026" in path else 200)
        assert page.locator("html").get_attribute("lang").startswith(language)
        found += faults(page, path)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("report", ["", "R01", "R02", "R04", "R08", "R13"])
def test_on_a_phone_a_wide_table_scrolls_and_the_page_does_not(page_of: Callable[[str], Any], report: str) -> None:
    page, path = page_of("coordinadora"), f"/reportes/{report}"
    page.set_viewport_size({"width": PHONE, "height": 844})
    page.goto(path)
    assert not unreadable(page, path)
