"""An analyst takes facts as a workbook, and takes the same again from its permanent link after the records have changed."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select

from sistra.db import db
from sistra.models.counts import Count
from sistra.services import export_runs
from tests.conftest import Clock, LiveServer
from tests.factories.folder import full_folder
from tests.journeys.filling import edit, fill, send
from tests.journeys.pointer import Pointer
from tests.journeys.test_agency import everything_agrees

pytestmark = pytest.mark.browser
CANARY = "Quimerazoraida"
SHEETS = {"charge": "denuncias", "victim": "agraviadas", "accused": "imputados", "count": "imputaciones"}


@dataclass(frozen=True)
class Taken:
    """A workbook of facts: what its sheet Consulta says, and the rows of its other sheets."""

    as_of: str
    link: str
    digests: dict[str, str]
    rows: dict[str, list[tuple[object, ...]]]


def read(content: bytes) -> Taken:
    book: Workbook = load_workbook(BytesIO(content))
    consulted = {(group, name): value for group, name, value in book["Consulta"].iter_rows(min_row=2, values_only=True)}
    digests = {str(name): str(value) for (group, name), value in consulted.items() if group == "huella SHA-256"}
    rows = {name: list(book[name].iter_rows(values_only=True)) for name in digests}
    assert not any(CANARY in str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    return Taken(str(consulted["consulta", "Datos al"]), str(consulted["exportación", "Enlace permanente"]), digests, rows)


@dataclass(frozen=True)
class Course:
    """An analyst and a prosecutor at their browsers, minutes apart."""

    house: LiveServer
    clock: type[Clock]
    analyst: Pointer
    prosecutor: Pointer
    number: str

    def minutes_before_now(self, minutes: int) -> None:
        self.clock.ahead = timedelta(minutes=-minutes)

    def takes_the_facts(self) -> Taken:
        """From signing in to the file."""
        at = self.analyst
        at.enters("analista")
        at.follows("Preparar libro de microdatos")
        at.ticks("units", "count")
        at.chooses("reason_code", "EST")
        taken = read(at.takes("Descargar"))
        assert at.clicks <= 5
        return taken

    def takes_again(self, address: str) -> Taken:
        """What a permanent link leads to; the reason alone is asked anew."""
        at = self.analyst
        at.page.goto(address)
        assert "Datos tal como estaban el" in at.told()
        at.chooses("reason_code", "EST")
        return read(at.takes("Descargar"))

    def takes_what_stands_now(self, address: str) -> Taken:
        at = self.analyst
        at.page.goto(address)
        at.follows("Usar los datos de ahora")
        assert "Datos tal como estaban" not in at.told()
        at.chooses("reason_code", "EST")
        return read(at.takes("Descargar"))

    def takes_it_from_the_worker(self, address: str) -> Taken:
        at = self.analyst
        at.page.goto(address)
        at.chooses("reason_code", "EST")
        at.presses("Descargar")
        assert at.page.get_by_role("heading", level=1).inner_text() == "Descarga en espera"
        with self.house.app.app_context():
            (key,) = export_runs.waiting()
            export_runs.carry_out(key, lambda: self.clock.now(UTC))
        at.follows("Actualizar ahora")
        return read(at.takes(re.compile("^Descargar$")))

    def amends_the_records(self) -> None:
        """A victim's age, one victim more, and an offence that is given another name."""
        at, charge = self.prosecutor, f"/denuncias/{self.number}"
        at.enters("fiscal.mdd")
        edit(at.page, f"{charge}/agraviadas/A-1", ("identidad",), {"age_at_facts": "12"})
        at.page.goto(f"{charge}/agraviadas/nueva")
        fill(at.page, {"sex": "M", "age_at_facts": "19"})
        send(at.page, "Guardar y volver")
        with self.house.app.app_context():
            count = db.session.scalars(select(Count.id)).one()
        at.page.goto(f"{charge}/imputaciones/{count}/recalificar")
        fill(at.page, {"offence": "PE-129A", "reason": "Cambio de la imputación", "occurred_on": "hoy"})
        send(at.page, "Recalificar")


@pytest.fixture
def house(live_server: LiveServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LiveServer:
    """The queue and the store are the test's own."""
    for name in ("FILES", "INSTANCE"):
        monkeypatch.setitem(live_server.app.config, name, str(tmp_path / name.lower()))
    return live_server


def test_a_permanent_link_gives_the_same_facts_after_the_records_have_changed(
        page_for: Callable[..., Any], house: LiveServer, clock: type[Clock], monkeypatch: pytest.MonkeyPatch) -> None:
    clock.ahead = timedelta(minutes=-15)
    with house.app.app_context():
        number, _court_case = full_folder(house.world, canary=CANARY, at=clock.now(UTC))
    course = Course(house, clock, Pointer(page_for()), Pointer(page_for()), number)

    course.minutes_before_now(9)
    first = course.takes_the_facts()
    assert set(first.digests) == set(SHEETS.values()) and {name: len(rows) - 1 for name, rows in first.rows.items()} == {
        "denuncias": 1, "agraviadas": 2, "imputados": 1, "imputaciones": 1}

    course.minutes_before_now(6)
    course.amends_the_records()

    course.minutes_before_now(3)
    again = course.takes_again(first.link)
    assert (again.digests, again.rows, again.as_of, again.link) == (first.digests, first.rows, first.as_of, first.link)
    after = course.takes_what_stands_now(first.link)
    assert {name for name in first.digests if after.digests[name] != first.digests[name]} >= {"agraviadas", "imputaciones"}
    assert len(after.rows["agraviadas"]) == len(first.rows["agraviadas"]) + 1 and after.as_of != first.as_of

    monkeypatch.setitem(house.app.config, "EXPORT_AT_ONCE", 0)
    for known in (first, after):
        made = course.takes_it_from_the_worker(known.link)
        assert (made.digests, made.rows, made.as_of) == (known.digests, known.rows, known.as_of)
    everything_agrees(house)
