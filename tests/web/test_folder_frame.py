"""What stands around every page of a charge: its sections with their counts, its last acts, the dates of its measures."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from sistra.db import db
from sistra.models.events import Event
from sistra.rules.charge_course import ChargeCourse, Step
from sistra.rules.entries import Entry
from sistra.rules.stages import CLOSED
from sistra.services import charges, events, measures
from sistra.services.unit import unit_of_work
from sistra.web.folders import stages_of
from sistra.web.pages import codes
from tests.conftest import Visitor
from tests.factories.cases import a_case, act
from tests.factories.files import File, a_file, on
from tests.factories.world import World


def the_page(client: Visitor, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.fixture
def file(app: Flask, world: World) -> File:
    """A charge with a court case in which one act happened."""
    with app.app_context():
        viewer = world.viewer("fiscal.mdd")
        made = a_file(viewer)
        act(viewer, a_case(viewer, made), "AUD-REA", hearing_type="JUI")
    return made


def detain(app: Flask, world: World, file: File, state: str) -> int:
    values = {"kind": "COE", "accused": file.accused[0], "coercive_measure": "PRI-PRE", "state": state,
              "starts_on": date(2026, 1, 15), "term_months": 9}
    with app.app_context(), unit_of_work():
        return measures.add(world.viewer("fiscal.mdd"), file.number, Entry("measure", values))


def test_a_section_tells_how_many_things_its_page_lists(
    app: Flask, world: World, file: File, sign_in: Callable[[str], Visitor]
) -> None:
    detain(app, world, file, "VIG")
    client = sign_in("fiscal.mdd")
    told = re.findall(r'<a href="(/denuncias/[^"]+)"[^>]*>([^<]+) <span>\((\d+)\)', the_page(client, f"/denuncias/{file.number}"))
    counts = {label: int(count) for _url, label, count in told}
    addresses = {label: url for url, label, _count in told}
    assert {"Agraviadas", "Imputados", "Actuaciones", "Plazos", "Medidas", "Expedientes", "Documentos"} <= set(counts)
    for label, heading in (("Actuaciones", "Actuaciones"), ("Plazos", "Plazos abiertos"), ("Medidas", "Medidas coercitivas")):
        assert f"{heading} ({counts[label]})" in the_page(client, addresses[label])


def test_the_last_acts_of_a_charge_include_those_of_its_court_case(file: File, sign_in: Callable[[str], Visitor]) -> None:
    page = the_page(sign_in("fiscal.mdd"), f"/denuncias/{file.number}")
    found = re.search(r'<a href="(/expedientes/\d+/actuaciones/\d+)">Audiencia realizada', page)
    assert found and the_page(sign_in("fiscal.mdd"), found[1])


def test_the_list_of_acts_leads_to_those_of_its_court_case(file: File, sign_in: Callable[[str], Visitor]) -> None:
    page = the_page(sign_in("fiscal.mdd"), f"/denuncias/{file.number}/actuaciones")
    found = re.search(r'<a href="(/expedientes/\d+/actuaciones/\d+)">Audiencia realizada', page)
    assert found and the_page(sign_in("fiscal.mdd"), found[1])


@pytest.mark.parametrize(("path", "entry"), [
    *((f"/denuncias/{{number}}/{page}", "Denuncias") for page in ("agraviadas", "expedientes", "documentos", "pdf", "tareas")),
    ("/denuncias/exportar", "Denuncias"), ("/expedientes/1/documentos", "Expedientes"), ("/expedientes/1/pdf", "Expedientes")])
def test_the_menu_marks_the_folder_in_which_a_page_lies(
    file: File, sign_in: Callable[[str], Visitor], path: str, entry: str
) -> None:
    menu = the_page(sign_in("fiscal.mdd"), path.format(number=file.number)).split('class="s-menu"')[1].split("</nav>")[0]
    assert re.findall(r'aria-current="page">([^<]+)<', menu) == [entry]


def test_what_a_closed_charge_did_not_reach_is_not_said_to_be_pending(app: Flask) -> None:
    ahead = (Step("INT", "pending", None, None, 0, 1),)
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        told = [stages_of(ChargeCourse(stage, "ARC", None, ahead, {}, {}))[0].text for stage in (CLOSED, "20-DIP")]
    assert told == ["No alcanzada", "Pendiente"]


def test_the_filter_of_stages_says_that_it_holds_the_closed_ones_too(file: File, sign_in: Callable[[str], Visitor]) -> None:
    page = the_page(sign_in("fiscal.mdd"), "/denuncias/?etapa=EJE")
    assert page.count("Ejecución o concluida") == 2
    assert "Ejecución o concluida" not in the_page(sign_in("fiscal.mdd"), "/expedientes/")


def test_the_deadline_that_a_sealed_act_opened_is_for_the_team_alone(app: Flask, world: World, file: File) -> None:
    with app.app_context():
        viewer = world.viewer("fiscal.mdd")
        with unit_of_work():
            key = events.record(viewer, file.number, "DIP-INI", Entry("event", {"occurred_on": on(date(2026, 1, 12))}))
            db.session.get_one(Event, key).confidentiality = "SEL"
        counted = {name: charges.folder(world.viewer(name), file.number) for name in ("fiscal.mdd", "fiscal2.mdd")}
        assert counted["fiscal.mdd"].counted["deadlines"] > 0 and counted["fiscal.mdd"].deadline
        assert counted["fiscal2.mdd"].counted["deadlines"] == 0 and counted["fiscal2.mdd"].deadline is None


@pytest.mark.parametrize(("state", "shown"), [("VIG", True), ("DEN", False), ("SOL", False), ("NEJ", False)])
def test_only_a_measure_that_ran_is_listed_with_its_dates(
    app: Flask, world: World, file: File, sign_in: Callable[[str], Visitor], state: str, shown: bool
) -> None:
    key = detain(app, world, file, state)
    client = sign_in("fiscal.mdd")
    assert ("15/10/2026" in the_page(client, f"/denuncias/{file.number}/medidas")) is shown
    assert ("Esta medida no ha regido" in the_page(client, f"/denuncias/{file.number}/medidas/{key}")) is not shown


def test_the_code_of_a_person_is_never_broken_at_its_hyphen_and_text_stays_escaped() -> None:
    assert codes(["A-1", "00417/I-2"]) == '<span class="s-nowrap">A-1</span>, <span class="s-nowrap">00417/I-2</span>'
    assert codes("<b> PA-1") == "&lt;b&gt; PA-1"
