"""An agency from the first offer to the last click: reads, contributes, asks, reports, exports, until access is revoked."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from sistra.cli.worker import working_beside
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.people import Victim
from sistra.services import export_runs
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer
from tests.factories.folder import full_folder
from tests.factories.rows import made
from tests.journeys.filling import fill, follow, send
from tests.journeys.pointer import Pointer

pytestmark = pytest.mark.browser
CANARY, DOCKET, REASON = "Quimerazoraida", "00231-2026-0-2701-JR-PE-01", "Se cumplió la finalidad"
IDENTIFYING = (CANARY, "40404040", "persona@example.test")
MIMP = "Ministerio de la Mujer"


@pytest.fixture
def house(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    """Every export goes to the worker, whose queue and store are the test's own; the Ministry of Women has a user."""
    app = live_server.app
    for name, value in {"EXPORT_AT_ONCE": 0, "FILES": str(tmp_path / "files"), "INSTANCE": str(tmp_path / "instance")}.items():
        monkeypatch.setitem(app.config, name, value)
    with app.app_context(), unit_of_work():
        colleague = db.session.get_one(User, live_server.world.users["agencia"])
        made(User, username="mimp", full_name="Persona mimp", email="mimp@example.test", roles=("AGENCIA",),
             office_id=live_server.world.offices["mimp"], password_hash=colleague.password_hash)
    return live_server


@dataclass(frozen=True)
class Course:
    """Two people at their browsers over one charge."""

    house: LiveServer
    prosecutor: Pointer
    agency: Pointer
    number: str
    court_case: int

    @property
    def charge(self) -> str:
        return f"/denuncias/{self.number}"

    # -- what is shared -------------------------------------------------------------------------------------------------

    def shares(self) -> None:
        at, page = self.prosecutor, self.prosecutor.page
        at.follows(self.number)
        at.follows(re.compile("^Compartido"))
        at.follows("Compartir")
        fill(page, {"target_kind": "ENT", "target_agency": str(self.house.world.agencies["mimp"]), "profile": "SID",
                    "sections": ["RES", "HEC", "AGR", "EXP", "ATE"], "permission": "APO", "legal_basis": "L28950",
                    "purpose": "ASI", "valid_until": "31/12/2030"})
        at.presses("Ver cómo la verá")
        assert f"Así lo verá {MIMP}" in at.told() and "sin identidades" in at.told().lower()
        self.names_nobody(at)
        at.presses("Compartir")
        assert "Ofrecido" in at.told()

    def names_nobody(self, at: Pointer) -> None:
        source = at.page.content()
        assert [one for one in IDENTIFYING if one in source] == [], at.page.url

    def accepts_at_its_desk(self) -> None:
        at = self.agency
        at.enters("mimp")
        assert at.page.goto(self.charge).status == 404
        at.page.goto("/mesa")
        received = at.page.get_by_role("region", name="Derivaciones recibidas")
        assert "1 denuncia ofrecida" in received.inner_text() and "Sin identidades" in received.inner_text()
        at.presses(f"Aceptar {self.number}", within=received)
        assert at.page.url.endswith(self.charge) and at.clicks == 1

    def reads_the_masked_folder(self) -> None:
        at = self.agency
        self.names_nobody(at)
        for section in ("Hechos", "Agraviadas", "Atenciones", "Expediente"):
            at.follows(re.compile(f"^{section}"), within=at.page.locator(".s-sections"))
            self.names_nobody(at)
        at.follows(DOCKET)
        assert at.page.url.endswith(f"/expedientes/{self.court_case}") and DOCKET in at.page.content()
        self.names_nobody(at)
        at.page.goto(f"{self.charge}/agraviadas/A-1")
        assert "Reservado" in at.told()
        self.names_nobody(at)
        assert at.page.goto(f"{self.charge}/imputados").status == 403

    # -- what the agency does -------------------------------------------------------------------------------------------

    def contributes_a_service(self) -> None:
        at = self.agency
        with self.house.app.app_context():
            victim = db.session.scalars(select(Victim.id).where(Victim.code == "A-2")).one()
        at.page.goto(self.charge)
        at.follows(re.compile("^Atenciones"), within=at.page.locator(".s-sections"))
        at.follows("Agregar atención")
        fill(at.page, {"victim": str(victim), "service_type": "PSI", "status": "CUR", "starts_on": "hoy",
                       "provider": str(self.house.world.agencies["mimp"])})
        send(at.page, expect=f"{self.charge}/atenciones/")
        assert "Se registró la atención." in at.told() and "Atención psicológica" in at.told()
        self.names_nobody(at)
        at.follows("Atenciones", within=at.page.get_by_role("navigation", name="Principal"))
        assert self.number in at.told() and "Atención psicológica" in at.told()
        self.names_nobody(at)

    def asks_for_more(self) -> None:
        at = self.agency
        at.page.goto(self.charge)
        at.follows("Solicitar acceso")
        fill(at.page, {"sections": ["IMP"], "profile": "SID", "purpose": "ASI",
                       "reason": "Evaluar el riesgo de la persona acogida"})
        send(at.page, "Enviar la solicitud")
        assert "Se envió la solicitud" in at.told()

    def takes_its_monthly_report(self) -> None:
        at = self.agency
        at.leaves()
        at.enters("mimp")
        at.follows("Reporte mensual")
        content = at.takes("Descargar PDF")
        assert at.clicks <= 3
        pages = [re.sub(r"\s+", " ", one.extract_text()) for one in PdfReader(BytesIO(content)).pages]
        text = " ".join(pages)
        assert self.number in pages[0] and "Cifras redondeadas a múltiplos de 5" in text and "Despacho mimp" in pages[0]
        assert [one for one in IDENTIFYING if one in text] == []

    def asks_for_its_list(self) -> str:
        """Asks for the list as a workbook and gives the address of the run, which waits."""
        at = self.agency
        at.page.goto("/denuncias/")
        assert self.number in at.told()
        at.follows("Exportar")
        fill(at.page, {"reason_code": "ACT"})
        at.presses("Descargar")
        assert at.page.get_by_role("heading", level=1).inner_text() == "Descarga en espera"
        return str(at.page.url).split("?")[0]

    def waits_for_its_file(self) -> None:
        """The page, told to, asks for itself until the worker has made the file; what comes is the list, which names nobody."""
        at = self.agency
        at.follows("Actualizar sola")
        with working_beside(self.house.app):
            at.page.get_by_role("button", name="Descargar", exact=True).wait_for()
        book = load_workbook(BytesIO(at.takes(re.compile("^Descargar$"))))
        cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
        assert book["denuncias"]["A2"].value == self.number and [one for one in IDENTIFYING if one in cells] == []

    # -- what the prosecutor does ---------------------------------------------------------------------------------------

    def hears_of_it_and_revokes(self) -> None:
        at = self.prosecutor
        at.page.goto("/mesa")
        received = at.page.get_by_role("region", name="Derivaciones recibidas")
        assert "1 solicitud de acceso" in received.inner_text() and MIMP in received.inner_text()
        at.follows(re.compile("^Responder"), within=received)
        assert "Evaluar el riesgo de la persona acogida" in at.told()
        at.page.goto(f"{self.charge}/atenciones")
        contributed = at.page.locator("tr").filter(has_text="Atención psicológica").inner_text()
        assert "A-2" in contributed and f"Aportada por {MIMP}" in contributed
        at.page.goto(f"{self.charge}/compartido")
        at.follows(re.compile("^Revocar"))
        fill(at.page, {"revoke_reason": REASON})
        send(at.page, "Revocar el acceso")
        assert "Se revocó el acceso. Deja de verse desde ahora." in at.told() and REASON in at.told()

    # -- what is left ---------------------------------------------------------------------------------------------------

    def finds_nothing_any_more(self) -> None:
        """From the very next click, on a page that stood open; the list, the searches and the desk know nothing."""
        at = self.agency
        link = at.page.locator(".s-sections").get_by_role("link", name=re.compile("^Agraviadas"))
        assert follow(link).status == 404
        for address in (self.charge, f"{self.charge}/atenciones", f"/expedientes/{self.court_case}", f"{self.charge}/pdf"):
            assert at.page.goto(address).status == 404
        at.page.goto("/denuncias/")
        assert "Aquí aparecerán las denuncias" in at.told() and self.number not in at.page.content()
        for asked, told in ((self.number, "No hay denuncias ni expedientes"), (DOCKET, "No hay denuncias ni expedientes"),
                            ("bar trabajo", "Ningún resumen entre los que usted puede leer")):
            at.page.locator("#q").fill(asked)
            follow(at.page.get_by_role("search").first.get_by_role("button"))
            assert told in at.told(), asked
        at.page.goto("/atenciones/")
        assert self.number not in at.page.content()
        at.page.goto("/mesa")
        assert "0 Denuncias compartidas con usted" in re.sub(r"\s+", " ", at.told())

    def is_refused_its_file(self, address: str) -> None:
        """What was built while it could see is destroyed instead of handed out, and says why."""
        at, store = self.agency, Path(self.house.app.config["FILES"])
        at.page.goto(address)
        assert [path for path in store.rglob("*") if path.is_file()]
        downloads: list[Any] = []
        at.page.on("download", lambda found: downloads.append(found))
        at.presses(re.compile("^Descargar$"))
        self.reads_why()
        assert downloads == [] and not [path for path in store.rglob("*") if path.is_file()]

    def is_refused_what_waited(self, address: str) -> None:
        with self.house.app.app_context():
            (key,) = export_runs.waiting()
            export_runs.carry_out(key, lambda: datetime.now(UTC))
        self.agency.page.goto(address)
        self.reads_why()

    def reads_why(self) -> None:
        at = self.agency
        at.page.get_by_role("heading", name="La descarga no se entrega").wait_for()
        assert "se revocó o venció un acceso" in at.told() and "El archivo no se entrega y se destruyó." in at.told()
        assert at.page.get_by_role("button", name="Descargar", exact=True).count() == 0


def everything_agrees(house: LiveServer) -> None:
    """The trail is whole, and access, facts and search follow from the records, as the commands say."""
    for words in ("audit verify", "access rebuild --check", "facts rebuild --check", "search rebuild --check"):
        done = house.app.test_cli_runner().invoke(args=words.split())
        assert done.exit_code == 0, done.output


def test_an_agency_works_with_what_is_shared_until_it_is_revoked(page_for: Callable[..., Any], house: LiveServer) -> None:
    with house.app.app_context():
        number, court_case = full_folder(house.world, canary=CANARY)
    course = Course(house, Pointer(page_for()), Pointer(page_for()), number, court_case)
    course.prosecutor.enters("fiscal.mdd")
    course.prosecutor.page.goto("/denuncias/")
    course.shares()
    course.accepts_at_its_desk()
    course.reads_the_masked_folder()
    course.contributes_a_service()
    course.asks_for_more()
    course.takes_its_monthly_report()
    built = course.asks_for_its_list()
    course.waits_for_its_file()
    waiting = course.asks_for_its_list()
    course.agency.page.goto(course.charge)
    course.hears_of_it_and_revokes()
    course.finds_nothing_any_more()
    course.is_refused_its_file(built)
    course.is_refused_what_waited(waiting)
    everything_agrees(house)
