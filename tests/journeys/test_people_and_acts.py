"""A prosecutor's whole day with one charge, by keyboard alone, with script and without: people, acts, terms, papers."""
from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from sistra.rules.entries import Entry
from sistra.services import audit, identities, people
from sistra.services.unit import unit_of_work
from tests.conftest import LiveServer, context_for
from tests.factories.charges import open_charge
from tests.factories.world import PASSWORD
from tests.journeys.keyboard import Keyboard

pytestmark = pytest.mark.browser

NAMES = ("Quimera", "Zoraida", "Ficticia", "Umbelina", "Inventado")
SUMMARY = "Oferta de trabajo en un bar de Mazuko; a una de ellas le retenían el documento."


@pytest.fixture
def context_of(scripted: bool, browser: Any, live_server: LiveServer) -> Any:
    """`context_of()`: a browser of one's own, with or without script; `context_of("fiscal2.mdd")`: signed in already."""
    contexts = []

    def begin(username: str = "") -> Any:
        contexts.append(context_for(browser, live_server, username, java_script_enabled=scripted,
                                    viewport={"width": 1366, "height": 768}))
        return contexts[-1].new_page()
    yield begin
    for context in contexts:
        context.close()


def an_earlier_charge(live_server: LiveServer) -> str:
    """Another charge of the office, in which the same woman is already a victim. Gives its number."""
    with live_server.app.app_context():
        viewer = live_server.world.viewer("fiscal.mdd", at=datetime.now(UTC))
        number = open_charge(viewer, received_on="10/1/2024")
        with unit_of_work():
            people.add_victim(viewer, number, Entry("victim", {"sex": "M", "age_at_facts": 16}))
            identities.enter(viewer, number, "A-1", Entry("identity", {
                "surname_paternal": "Quimera", "surname_maternal": "Inventado", "given_names": "Zoraida"}))
        return number


def test_a_prosecutor_s_day_from_notice_to_formalisation_passes_by_keyboard(
    context_of: Any, live_server: LiveServer, scripted: bool
) -> None:
    earlier = an_earlier_charge(live_server)
    at = Keyboard(context_of())
    signs_in(at)
    number = opens_the_charge(at)
    tells_the_facts(at)
    traces_the_route(at)
    adds_two_victims(at, earlier)
    adds_the_accused(at)
    relates_them(at)
    opens_an_identity(at)
    charges_with_an_offence(at)
    gives_another_offence(at)
    moves_the_stage(at)
    takes_an_act_back(at)
    orders_a_measure_and_ends_it(at)
    settles_a_conflict(at, Keyboard(context_of("fiscal2.mdd")), number)
    finds_the_same_person(at, number, earlier)
    reads_the_history(at)
    takes_the_charge_as_files(at, number)
    leaves_a_draft_and_comes_back(at, scripted)
    with live_server.app.app_context():
        assert audit.verify().intact


def signs_in(at: Keyboard) -> None:
    at.page.goto("/")
    at.write("username", "fiscal.mdd")
    at.write("password", PASSWORD)
    at.follow("Entrar")
    at.shows("Mi mesa", "Persona fiscal.mdd")


def opens_the_charge(at: Keyboard) -> str:
    at.follow("Nueva denuncia")
    at.write("received_on", "5/2/2024")
    at.choose("notice_source", "PNP")
    at.choose("reported_offence", "PE-129A")
    at.tick("purpose_known", "SEX")
    at.write("notice_place", "Inambari")
    at.write("summary", SUMMARY)
    at.write("victims_declared", "2")
    at.write("accused_declared", "2")
    at.follow("Abrir denuncia y continuar")
    number = str(at.page.locator(".s-folder__tab .s-code").inner_text())
    at.shows(f"Se abrió la denuncia {number}.", "Trata de personas: explotación sexual (Inambari)", "Agraviadas: 2")
    return number


def tells_the_facts(at: Keyboard) -> None:
    """A month, an answer that nobody knows, and one left blank: three different things on the page."""
    at.follow("Hechos")  # of the list of tasks, where the script puts the focus on the message above it; else of the folder
    if "/editar/" not in at.page.url:
        at.follow("Cambiar Hechos")
    at.write("facts_from", "11/2023")
    at.tick("facts_to-unknown", "NSP")
    at.tick("means", "ENG")
    at.follow("Guardar")
    at.shows("Guardado: Hechos desde, Hechos hasta, Medios empleados.")
    at.answered("Hechos desde", "11/2023")
    at.answered("Hechos hasta", "No se sabe")
    at.answered("Lugar de captación", "Sin dato")


def traces_the_route(at: Keyboard) -> None:
    """A place is looked for in the middle of the form: it is offered in radios and nothing typed is lost."""
    at.follow("Agregar tramo")
    at.choose("point", "DES")
    at.write("place", "Zzzz")
    at.follow("Buscar lugar: Distrito")
    at.shows("Ningún lugar coincide con lo escrito.")
    assert at.page.evaluate("document.activeElement.name") == "place"
    at.write("place", "Puno")
    at.write("locality", "Mercado de los martes")
    at.write("moved_on", "2023")
    at.write("description", "Viajaron de noche")
    at.follow("Buscar lugar: Distrito")
    at.shows("Elija el lugar")
    assert 1 < len(at.offered("place-choice")) <= 20
    assert at.ticked("point") == ["DES"]
    assert [at.holds(name) for name in ("place", "locality", "moved_on", "description")] == [
        "Puno", "Mercado de los martes", "2023", "Viajaron de noche"]
    at.choose("place-choice", "2101")
    at.follow("Guardar tramo")
    at.shows("Se agregó el tramo.")
    at.row("Destino", "Puno", "Mercado de los martes", "2023")


def adds_two_victims(at: Keyboard, earlier: str) -> None:
    at.follow(re.compile(r"Agraviadas \(0\)"))
    at.follow("Agregar persona agraviada")
    at.write("surname_paternal", "Quimera")
    at.write("surname_maternal", "Inventado")
    at.write("given_names", "Zoraida")
    at.write("age_at_facts", "16")
    at.choose("sex", "M")
    at.tick("citizenships", "BO")
    at.choose("main_purpose", "SEX")
    at.follow("Guardar y agregar otra")
    at.shows("Se registró a A-1.", f"A-1 puede ser la misma persona que {earlier}/A-1.")
    at.hides(*NAMES)
    at.write("surname_paternal", "Ficticia")
    at.write("given_names", "Umbelina")
    at.tick("age_at_facts-unknown", "NSP")
    at.follow("Copiar datos comunes de A-1")
    at.shows("Se copiaron los datos comunes de A-1.")
    assert at.page.evaluate("document.activeElement.innerText") == "Agregar persona agraviada"
    assert (at.holds("surname_paternal"), at.holds("given_names"), at.holds("main_purpose")) == ("Ficticia", "Umbelina", "SEX")
    assert (at.ticked("citizenships"), at.ticked("age_at_facts-unknown"), at.ticked("sex")) == (["BO"], ["NSP"], [])
    at.choose("sex", "M")
    at.follow("Guardar y volver")
    at.shows("Se registró a A-2.", "Agraviadas (2)")
    at.row("A-1", "Reservado", "Mujer", "16", "Bolivia")
    at.row("A-2", "Reservado", "Mujer", "No se sabe", "Bolivia")
    at.hides(*NAMES)


def adds_the_accused(at: Keyboard) -> None:
    at.follow(re.compile(r"Imputados \(0\)"))
    at.follow("Agregar imputado")
    at.choose("identified", "0")
    at.write("description", "Varón de unos cuarenta años, apodado por su motocicleta roja")
    at.tick("roles", "CAP")
    at.follow("Guardar y agregar otro")
    at.shows("Se registró a I-1.")
    at.choose("identified", "1")
    at.choose("kind", "JUR")
    at.write("legal_name", "Recreo Inventado E.I.R.L.")
    at.follow("Guardar y volver")
    at.shows("Se registró a I-2.", "Imputados (2)")
    at.row("I-1", "Sin dato", "No")
    at.row("I-2", "Reservado", "Sí", "Persona jurídica")
    at.hides(*NAMES)


def relates_them(at: Keyboard) -> None:
    at.follow(re.compile(r"Agraviadas \(2\)"))
    at.follow("A-1")
    at.shows("Aquí aparecerá qué relación tiene con cada imputado.", "Menor de edad")
    at.follow("Agregar relación")
    at.page.keyboard.press("Tab")
    code = at.page.locator('input[name="accused"]').first.get_attribute("value")
    at.choose("accused", str(code))
    at.choose("relation", "LAB-ENG")
    at.choose("same_household", "0")
    at.follow("Guardar y volver")
    at.shows("Se agregó a A-1: relación con los imputados.")
    at.row("I-1", "Enganchador(a) o agencia", "No")


def opens_an_identity(at: Keyboard) -> None:
    """Reserved until a reason is given; reserved again as soon as the page is left."""
    at.hides(*NAMES)
    at.follow("Ver la identidad de A-1")
    assert at.ticked("codes") == ["A-1"]
    at.follow("Ver identidades")
    assert at.page.title().startswith("Error:")
    at.hides(*NAMES)
    at.choose("reason_code", "NOT")
    at.follow("Ver identidades")
    at.shows("A-1: Quimera Inventado, Zoraida", "Motivo registrado: Citar o notificar.")
    at.hides("Umbelina")
    at.follow("Ocultar datos")
    at.row("A-1", "Reservado")
    at.hides(*NAMES)


def charges_with_an_offence(at: Keyboard) -> None:
    at.follow(re.compile(r"Imputaciones \(0\)"))
    at.shows("Denunciado como: Trata de personas")
    at.follow("Agregar imputación")
    offered = at.offered("offence")
    assert offered.index("PE-129B-1") < offered.index("PE-153A-2007")
    first, _second = at.offered("accused")
    at.choose("accused", first)
    at.tick("victims", *at.offered("victims"))
    at.choose("offence", "PE-129B-1")
    at.choose("participation", "AUT")
    at.choose("degree", "TEN")
    at.tick("aggravating", "PLU", "A14")
    at.follow("Agregar imputación")
    at.shows("Se agregó la imputación.", "I-1: Trata agravada, primer párrafo", "A-1, A-2")
    at.answered("Grado de desarrollo", "Tentativa")
    at.answered("Agravantes", "Pluralidad de víctimas; Víctima de 14 a 17 años")


def gives_another_offence(at: Keyboard) -> None:
    at.follow("Recalificar")
    at.choose("offence", "PE-129B-2")
    at.write("occurred_on", "1/3/2024")
    at.write("reason", "La pericia de edad concluye que A-1 tenía trece años")
    at.follow("Recalificar")
    at.shows("Se registró la recalificación. El delito anterior queda en el historial.",
             "I-1: Trata agravada, segundo párrafo Recalificada", "Trata agravada, primer párrafo Al registrarse")
    at.follow("Todas las imputaciones")
    at.shows("Recalificado: Trata agravada, primer párrafo pasa a Trata agravada, segundo párrafo")


def registers(at: Keyboard, words: str, kind: str) -> None:
    """Looks for a type of act by some letters and begins to register it."""
    at.follow("Registrar actuación")
    assert at.page.evaluate("document.activeElement.id") == "tipo"
    at.write("q", words)
    at.page.keyboard.press("Enter")
    at.page.wait_for_url("**/nueva?q=*")
    at.follow(re.compile(re.escape(kind) + r".*"))


def moves_the_stage(at: Keyboard) -> None:
    """From notice to preparatory investigation; a term runs from the day of notification only."""
    registers(at, "preliminares", "Apertura de diligencias preliminares")
    at.write("occurred_on", "6/2/2024")
    at.write("term_days", "60")
    at.follow("Registrar")
    at.shows("Se registró la actuación. Sigue: Programar diligencias urgentes y entrevista única.")
    at.row("Diligencias preliminares (caso ordinario)", "06/02/2024", "06/04/2024")
    registers(at, "formal", "Formalización y continuación de la investigación preparatoria")
    at.write("occurred_on", "4/3/2024")
    at.follow("Registrar")
    at.shows("Se registró la actuación.", "Resultado: ")
    stage = at.page.locator(".s-stages [aria-current=step]").inner_text()
    assert "Investigación preparatoria" in stage and "desde 04/03/2024" in stage, stage
    at.follow("Registrar notificación")
    at.write("notified_on", "8/3/2024")
    at.follow("Registrar notificación")
    at.shows("Se registró la notificación. Los plazos que corren desde ella ya están abiertos.")
    at.answered("Notificada el", "08/03/2024")
    at.row("Investigación preparatoria (caso ordinario)", "08/03/2024", "06/07/2024")


def takes_an_act_back(at: Keyboard) -> None:
    """An accusation registered by mistake: the stage goes back and the act stays in sight."""
    registers(at, "acusat", "Requerimiento acusatorio")
    at.write("occurred_on", "1/7/2024")
    at.follow("Registrar")
    assert "Etapa intermedia" in at.page.locator(".s-stages [aria-current=step]").inner_text()
    at.follow("Dejar sin efecto")
    at.write("reason", "Se registró en la denuncia equivocada")
    at.follow("Dejar sin efecto")
    at.shows("La actuación quedó sin efecto y sigue a la vista.", "Quedó sin efecto por:")
    assert "Investigación preparatoria" in at.page.locator(".s-stages [aria-current=step]").inner_text()
    at.follow("Todas las actuaciones")
    at.row("01/07/2024", "Requerimiento acusatorio", "Sin efecto")


def orders_a_measure_and_ends_it(at: Keyboard) -> None:
    at.follow(re.compile(r"Medidas \(0\)"))
    at.follow("Agregar medida")
    assert at.ticked("kind") == ["COE"]
    at.choose("accused", at.offered("accused")[0])
    at.choose("coercive_measure", "COM-RES")
    at.write("starts_on", "10/3/2024")
    at.write("term_months", "9")
    at.write("restrictions", "No acercarse a A-1 ni a A-2")
    at.follow("Registrar medida")
    at.shows("Se registró la medida.", "Comparecencia con restricciones, I-1")
    at.answered("Desde", "10/03/2024")
    at.answered("Hasta", "10/12/2024")
    at.follow("Terminar")
    at.choose("state", "CES")
    at.write("ended_on", "5/9/2024")
    at.write("end_reason", "Variación del domicilio a otra ciudad")
    at.follow("Registrar término")
    at.shows("Se registró el término de la medida.")
    at.answered("Terminó el", "05/09/2024")
    at.follow("Todas las medidas")
    at.row("I-1", "Comparecencia con restricciones", "10/03/2024", "10/12/2024", "Cesada")


def settles_a_conflict(at: Keyboard, other: Keyboard, number: str) -> None:
    """Two people write in one box; who comes second sees the three values and chooses, and loses nothing else."""
    for one in (at, other):
        one.page.goto(f"/denuncias/{number}/editar/denuncia")
    other.write("carpeta_number", "2706014501-2024-77-0")
    other.follow("Guardar")
    other.shows("Guardado: Número de carpeta fiscal.")
    at.write("carpeta_number", "2706014501-2024-99-0")
    at.write("minors_declared", "1")
    at.follow("Guardar")
    at.shows("Otra persona guardó antes", "Como estaba Sin dato", "Lo que guardó Persona fiscal2.mdd 2706014501-2024-77-0",
             "Lo que usted escribió 2706014501-2024-99-0")
    at.choose("keep-carpeta_number", "theirs")
    at.follow("Guardar lo elegido")
    at.shows("Guardado: De ellas, menores de edad.", "Carpeta fiscal 2706014501-2024-77-0")


def finds_the_same_person(at: Keyboard, number: str, earlier: str) -> None:
    """The name is posted and stands in no address; the answer is codes. Then both parts are said to be one person."""
    at.follow("Buscar personas")
    at.write("names", "Soraida Kimera")
    at.follow("Buscar")
    assert at.page.url.endswith("/personas/") is False and "imera" not in at.page.url
    at.row(f"{number}/A-1", "Suena igual", "Mujer")
    at.row(f"{earlier}/A-1", "Suena igual", "Mujer")
    at.hides("Quimera", "Kimera")
    at.follow(f"{number}/A-1")
    at.follow(re.compile(rf"Puede ser la misma persona que {earlier}/A-1 .*"))
    assert (at.holds("other_number"), at.holds("other_code")) == (earlier, "A-1")
    at.write("reason", "Mismo nombre y misma fecha de rescate")
    at.follow("Vincular")
    at.shows("Las dos fichas quedaron vinculadas. Cada una conserva sus propios datos.", f"{earlier}/A-1 Despacho mdd")


def reads_the_history(at: Keyboard) -> None:
    at.follow("Historial")
    at.shows("Imputación recalificada", "Medida registrada", "Término de medida registrado", "Notificación registrada",
             "Motivo: Se registró en la denuncia equivocada", "Persona fiscal2.mdd", "Vinculada como la misma persona")
    at.row("Número de carpeta fiscal", "Sin dato", "2706014501-2024-77-0")
    at.hides(*NAMES)
    at.follow("Ver también las consultas")
    at.shows("Historial consultado")
    while "Identidad revelada" not in at.told():
        at.follow("Anteriores")
    assert re.search(r"Identidad revelada: [AI]-\d [^·]*· Persona fiscal.mdd · n.º \d+ de la bitácora Motivo: ", at.told())


def takes_the_charge_as_files(at: Keyboard, number: str) -> None:
    """A workbook of the list and a PDF of the charge: the facts in both, a name in neither."""
    at.follow("PDF de la denuncia")
    at.choose("reason_code", "ACT")
    papers = PdfReader(io.BytesIO(at.download("Descargar el PDF"))).pages
    text = " ".join(" ".join(page.extract_text() for page in papers).split())
    for said in (number, "Trata agravada, segundo párrafo", "Hechos desde 11/2023", "10/03/2024 10/12/2024 Cesada", "RESERVADO"):
        assert said in text, said
    assert not [name for name in NAMES if name in text]
    at.follow("Denuncias")
    at.follow(re.compile("Exportar.*"))
    at.choose("reason_code", "SUP")
    book = load_workbook(io.BytesIO(at.download("Descargar")), read_only=True)
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None]
    assert number in cells and "2706014501-2024-77-0" in cells
    assert not [cell for cell in cells if any(name in cell for name in NAMES)]


def leaves_a_draft_and_comes_back(at: Keyboard, script: bool) -> None:
    """What is half typed is on the server: by itself with script, by a button without."""
    at.follow("Denuncias")
    at.follow("Nueva denuncia")
    at.write("received_on", "hace unos días")
    at.write("summary", "A medio escribir")
    if script:
        at.page.locator("[data-autosave-status]", has_text="Guardado a las").wait_for()
    else:
        at.follow("Guardar borrador")
        at.shows("Borrador guardado.")
    at.follow("Salir")
    at.shows("Salió del sistema.")
    at.page.goto("/denuncias/nueva")
    assert "/entrar" in at.page.url
    at.write("username", "fiscal.mdd")
    at.write("password", PASSWORD)
    at.follow("Entrar")
    at.shows("Nueva denuncia", "Continúa donde lo dejó.")
    assert (at.holds("received_on"), at.holds("summary")) == ("hace unos días", "A medio escribir")
