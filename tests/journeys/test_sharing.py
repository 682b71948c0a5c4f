"""A prosecutor shares a charge with an agency, which reads what it was given, asks for more and loses it once it is revoked."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfReader

from sistra.services import audit
from tests.conftest import LiveServer
from tests.factories.folder import full_folder
from tests.journeys.filling import fill, follow
from tests.journeys.test_accessibility import faults

pytestmark = pytest.mark.browser
CANARY = "Quimerazoraida"


def _main(page: Any) -> Any:
    return page.locator("main")


def test_an_agency_reads_what_is_shared_asks_for_more_and_loses_it_when_it_is_revoked(
        page_for: Callable[[str], Any], live_server: LiveServer, scripted: bool) -> None:
    with live_server.app.app_context():
        number, court_case = full_folder(live_server.world, canary=CANARY)
    prosecutor, agency = page_for("fiscal.mdd"), page_for("agencia")

    # The agency knows nothing of the charge.
    assert agency.goto(f"/denuncias/{number}").status == 404

    # The prosecutor chooses, looks at what the agency will see, and shares.
    prosecutor.goto(f"/denuncias/{number}")
    follow(prosecutor.get_by_role("link", name="Compartido"))
    follow(prosecutor.get_by_role("link", name="Compartir", exact=True).first)
    fill(prosecutor, {"target_kind": "ENT", "target_agency": str(live_server.world.agencies["pnp"]), "profile": "SID",
                      "sections": ["RES", "HEC", "AGR", "EXP"], "permission": "LEE", "legal_basis": "PROT", "purpose": "PRO",
                      "valid_until": "31/12/2030"})
    follow(prosecutor.locator(".govuk-button-group").get_by_role("button", name="Ver cómo la verá"))
    assert "Así lo verá Policía Nacional" in _main(prosecutor).inner_text()
    if scripted:  # axe is a script itself
        assert not (found := faults(prosecutor, "the preview")), found
    foreseen = prosecutor.locator("[data-preview]").inner_html()
    assert CANARY not in prosecutor.content()
    follow(prosecutor.get_by_role("button", name="Compartir", exact=True))
    assert "Ofrecido" in _main(prosecutor).inner_text()

    # The agency accepts and sees that very page, without identities; what is not shared is named.
    agency.goto("/derivaciones/")
    assert number in _main(agency).inner_text() and "Sin identidades" in _main(agency).inner_text()
    follow(agency.get_by_role("button", name=f"Aceptar {number}"))
    assert agency.url.endswith(f"/denuncias/{number}")
    agency.goto(f"/denuncias/{number}")
    assert _main(agency).inner_html() == foreseen
    for address in ("", "/hechos", "/agraviadas", "/agraviadas/A-1", "/expedientes"):
        assert agency.goto(f"/denuncias/{number}{address}").status == 200
        assert CANARY not in agency.content()
    assert agency.goto(f"/expedientes/{court_case}").status == 200
    agency.goto(f"/denuncias/{number}")
    assert "No compartido con usted: Imputados" in agency.locator(".s-withheld").inner_text()
    assert agency.goto(f"/denuncias/{number}/imputados").status == 403
    assert "No compartido con usted" in agency.get_by_role("heading", level=1).inner_text()
    assert agency.goto(f"/denuncias/{number}/historial").status == 403

    # It asks for more; the prosecutor answers in one form.
    agency.goto(f"/denuncias/{number}/solicitar-acceso")
    fill(agency, {"sections": ["IMP"], "profile": "SID", "purpose": "INV", "reason": "Ubicar al imputado en otra región"})
    follow(agency.get_by_role("button", name="Enviar la solicitud").last)
    prosecutor.goto(f"/denuncias/{number}/compartido")
    assert "Ubicar" not in _main(prosecutor).inner_text()
    follow(prosecutor.get_by_role("link", name="Responder"))
    assert "Ubicar al imputado" in _main(prosecutor).inner_text()
    fill(prosecutor, {"legal_basis": "REQ"})
    follow(prosecutor.get_by_role("button", name="Conceder").last)
    assert agency.goto(f"/denuncias/{number}/imputados").status == 200
    assert CANARY not in agency.content()

    # Its own PDF.
    agency.goto(f"/denuncias/{number}/pdf")
    agency.locator("select[name=reason_code]").select_option(index=1)
    with agency.expect_download() as download:
        agency.locator("main button.govuk-button").last.click()
    text = "\n".join(one.extract_text() for one in PdfReader(download.value.path()).pages)
    assert number in text and "Policía Nacional" in text and CANARY not in text

    # Revoked: nothing from the next click on.
    prosecutor.goto(f"/denuncias/{number}/compartido")
    for _ in range(2):
        follow(prosecutor.get_by_role("link", name="Revocar").first)
        fill(prosecutor, {"revoke_reason": "Se cumplió la finalidad"})
        follow(prosecutor.get_by_role("button", name="Revocar el acceso").last)
    charge = f"/denuncias/{number}"
    for address in (charge, f"{charge}/agraviadas", f"/expedientes/{court_case}", f"{charge}/pdf"):
        assert agency.goto(address).status == 404
    agency.goto("/denuncias/")
    assert number not in agency.content()
    agency.goto("/derivaciones/?pestana=cerradas")
    assert "Revocado" in _main(agency).inner_text()
    with live_server.app.app_context():
        assert audit.verify().intact
