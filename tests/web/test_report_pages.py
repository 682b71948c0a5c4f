"""Pages of reports: whose charges each role is told of, what is noted, what they cost, and that table and drawing agree."""
from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.rules.reports.definitions import REPORTS
from sistra.services import charges, facts
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.rows import AT
from tests.factories.world import World
from tests.web.test_query_counts import counted

SignIn = Callable[[str], Visitor]
YEAR = "desde=01/2026&hasta=12/2026"


@pytest.fixture
def four(app: Flask, world: World) -> None:
    """A charge of each office, one more of Madre de Dios sealed, one of effective collaboration."""
    with app.app_context():
        for username in ("fiscal.mdd", "fiscal.lim", "fiscal.ordinaria"):
            open_charge(world.viewer(username))
        for level in ("SEL", "COL"):
            number = open_charge(world.viewer("fiscal.mdd"))
            with unit_of_work():
                charges.seal(world.viewer("fiscal.mdd"), number, confidentiality=level, reason="Riesgo", version=1)


def total_of(page: str) -> int:
    """The first figure of the headline."""
    found = re.search(r'<ul class="s-headline"><li><b>([\d,]+)</b>', page)
    assert found, page
    return int(found[1].replace(",", ""))


def rows_of(page: str) -> list[list[list[str]]]:
    """The cells of every table of figures, row by row, its totals last."""
    return [[[html.unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
             for row in re.findall(r"<tr>(.*?)</tr>", one, re.S)]
            for one in re.findall(r'<table class="s-table s-table--figures">(.*?)</table>', page, re.S)]


@pytest.mark.parametrize(("username", "expected"), [
    ("fiscal.mdd", 1), ("fiscal2.mdd", 1), ("asistente.mdd", 1), ("fiscal.lim", 1), ("fiscal.ordinaria", 1),
    ("presidencia.mdd", 2), ("coordinadora", 2), ("analista", 5)])
def test_each_role_is_told_of_its_own_charges_and_of_no_sealed_one(four: None, sign_in: SignIn, username: str,
                                                                   expected: int) -> None:
    page = sign_in(username).get(f"/reportes/R01?{YEAR}").text
    assert total_of(page) == expected
    assert ("No se cuentan las denuncias selladas." in page) == (username != "analista")


@pytest.mark.parametrize("username", ["agencia", "victimas"])
def test_an_agency_is_told_of_the_whole_country_in_multiples_of_five(four: None, sign_in: SignIn, username: str) -> None:
    page = sign_in(username).get(f"/reportes/R02?{YEAR}&cifras=interna").text
    figures = [int(cell) for row in rows_of(page)[0][1:] for cell in row[1:2] if cell.isdigit()]
    assert total_of(page) == 5 == max(figures) and {one % 5 for one in figures} == {0}
    assert "redondeadas" in page and "Exactas" not in page


@pytest.mark.parametrize("username", ["admin", "auditora"])
@pytest.mark.parametrize("path", ["", "R01", "R01/pdf", "mensual", "mensual/pdf"])
def test_who_administers_or_audits_is_told_no_figure(four: None, sign_in: SignIn, username: str, path: str) -> None:
    assert sign_in(username).get(f"/reportes/{path}").status_code == 403


def test_an_assistant_reads_figures_and_takes_none_away(four: None, sign_in: SignIn) -> None:
    client = sign_in("asistente.mdd")
    page = client.get(f"/reportes/R01?{YEAR}")
    assert page.status_code == 200 and "/reportes/R01/xlsx" not in page.text
    assert [client.get(f"/reportes/R01/{one}").status_code for one in ("pdf", "xlsx", "csv")] == [403, 403, 403]


def test_a_filter_of_another_district_gives_no_more_than_ones_own_charges(four: None, sign_in: SignIn) -> None:
    assert total_of(sign_in("fiscal.mdd").get(f"/reportes/R01?{YEAR}&distrito=LIM").text) == 0
    assert total_of(sign_in("presidencia.mdd").get(f"/reportes/R01?{YEAR}&distrito=LIM").text) == 0


def _of(app: Flask, action: str) -> list[TrailEntry]:
    with app.app_context():
        return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action == action).order_by(TrailEntry.number)))


def test_looking_at_a_report_and_taking_it_away_are_each_on_the_trail(app: Flask, four: None, world: World,
                                                                      sign_in: SignIn) -> None:
    client = sign_in("coordinadora")
    client.get(f"/reportes/R02?{YEAR}&distrito=MDD")
    client.get(f"/reportes/R02/xlsx?{YEAR}&distrito=MDD")
    (read,), (taken,) = _of(app, "report.read"), _of(app, "report.exported")
    for entry in (read, taken):
        assert (entry.actor_id, entry.detail["report"], entry.detail["district"], entry.detail["reach"]) == (
            world.users["coordinadora"], "R02", "MDD", "subsystem")
    assert read.detail["digest"] == taken.detail["digest"] and taken.detail["format"] == "xlsx"


def test_the_month_of_an_agency_is_on_the_trail_when_read_and_when_taken_away(app: Flask, world: World, sign_in: SignIn) -> None:
    client = sign_in("agencia")
    assert client.get("/reportes/mensual").status_code == 200
    answer = client.get("/reportes/mensual/pdf")
    assert answer.data.startswith(b"%PDF")
    (read,), (taken,) = _of(app, "report.read"), _of(app, "report.exported")
    assert (read.detail["received"], taken.detail["received"], taken.detail["format"]) == (0, 0, "pdf")
    assert set(taken.detail["digests"]) == {"R01", "R04", "R06"}


@pytest.mark.parametrize("username", ["fiscal.mdd", "coordinadora", "analista"])
def test_only_an_agency_has_a_monthly_report(world: World, sign_in: SignIn, username: str) -> None:
    client = sign_in(username)
    assert [client.get(f"/reportes/mensual{end}").status_code for end in ("", "/pdf")] == [403, 403]
    assert "Reporte mensual" not in client.get("/reportes/").text


@pytest.mark.parametrize("address", [
    "/reportes/R99", "/reportes/R01/doc", "/reportes/mensual?mes=2199-01", "/reportes/mensual?mes=ayer"])
def test_what_does_not_exist_is_not_found(world: World, sign_in: SignIn, address: str) -> None:
    assert sign_in("agencia").get(address).status_code == 404


@pytest.mark.parametrize(("filters", "sentence"), [
    ("desde=13/2026", "Escriba el mes y el año"), ("desde=12/2026&hasta=01/2026", "El periodo termina antes de empezar"),
    ("desde=01/1990&hasta=01/2090", "El periodo puede abarcar hasta 40 años"),
    ("distrito=XXX", "Elija un distrito fiscal de la lista"),
    ("frontera=XX", "Elija una región fronteriza de la lista")])
def test_a_filter_that_cannot_be_is_said_on_its_field_and_nothing_is_noted(
        app: Flask, world: World, sign_in: SignIn, filters: str, sentence: str) -> None:
    for path in ("R01", "R01/xlsx"):
        answer = sign_in("analista").get(f"/reportes/{path}?{filters}")
        assert answer.status_code == 422 and sentence in html.unescape(answer.text) and "s-headline" not in answer.text
    assert not _of(app, "report.read") and not _of(app, "report.exported")


# -- the link, the drawing ------------------------------------------------------------------------------------------------


def _digest(page: str) -> str:
    found = re.search(r"\b[0-9a-f]{64}\b", page)
    assert found
    return found[0]


def test_the_permanent_link_gives_the_same_digest_after_records_changed(app: Flask, four: None, world: World,
                                                                        sign_in: SignIn) -> None:
    client = sign_in("analista")
    first = client.get(f"/reportes/R04?{YEAR}").text
    link = re.search(r'<dt>Enlace permanente</dt><dd><a href="[^"]*?(/reportes/[^"]+)"', first)
    assert link
    with app.app_context():
        now = datetime.now(UTC)
        open_charge(world.viewer("fiscal.mdd", at=now))
        with unit_of_work():
            for one in db.session.scalars(select(Charge)):
                one.victims_declared, one.updated_at = 40, now
    with app.app_context():
        assert max(row["victims_declared"] for row in facts.rows("charge")) == 40
    again = client.get(html.unescape(link[1])).text
    assert (_digest(again), rows_of(again)) == (_digest(first), rows_of(first))


@pytest.mark.parametrize("code", list(REPORTS))
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_figure_of_a_drawing_stands_in_its_table(four: None, sign_in: SignIn, code: str, language: str) -> None:
    client = sign_in("analista")
    assert client.post("/idioma", data={"language": language, "next": "/"}).status_code == 303
    page = client.get(f"/reportes/{code}?{YEAR}")
    assert page.status_code == 200
    for section in re.findall(r'<section class="s-report".*?</section>', page.text, re.S):
        drawn = re.search(r"<svg.*?</svg>", section, re.S)
        if drawn is None:
            continue
        (table,) = rows_of(section)
        texts = [html.unescape(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", drawn[0])]
        figures = [text for text in texts if re.fullmatch(r"[\d,]+", text)]
        assert figures and all(any(figure in row[1:] for row in table[1:]) for figure in figures)
        labels = {row[0] for row in table[1:]} | set(table[0])
        assert all(any(part in labels or any(one.startswith(part.rstrip("…")) for one in labels)
                       for part in (text, text.rpartition(" ")[0])) for text in texts if text not in figures), texts


def test_the_bars_of_a_drawing_add_up_to_the_total_of_its_table(four: None, sign_in: SignIn) -> None:
    page = sign_in("analista").get(f"/reportes/R02?{YEAR}").text
    (table,) = rows_of(page)
    drawn = re.search(r"<svg.*?</svg>", page, re.S)
    assert drawn
    figures = [int(text) for text in re.findall(r"<text[^>]*>([\d,]+)</text>", drawn[0])]
    assert sum(figures) == int(table[-1][1]) == 5
    assert sorted(figures, reverse=True) == figures


def test_the_drawing_holds_neither_script_nor_style(four: None, sign_in: SignIn) -> None:
    page = sign_in("analista").get(f"/reportes/R02?{YEAR}").text
    drawn = re.search(r"<svg.*?</svg>", page, re.S)
    assert drawn and "style=" not in drawn[0] and "<script" not in drawn[0] and 'aria-label="' in drawn[0]


# -- cost ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [f"/reportes/{code}" for code in REPORTS])
def test_a_report_costs_the_same_for_one_charge_and_for_twenty(app: Flask, world: World, sign_in: SignIn, path: str) -> None:
    costs, client = [], sign_in("analista")
    for many in (1, 19):
        with app.app_context():
            for _ in range(many):
                open_charge(world.viewer("fiscal.mdd", at=AT))
        client.get(f"{path}?{YEAR}")
        with counted(app) as found:
            assert client.get(f"{path}?{YEAR}").status_code == 200
        costs.append(len(found))
    assert costs[0] == costs[1] <= 28, costs


def test_the_month_of_an_agency_costs_the_same_for_one_charge_and_for_ten(app: Flask, world: World, sign_in: SignIn) -> None:
    costs: list[Any] = []
    client = sign_in("agencia")
    for many in (1, 9):
        with app.app_context():
            for _ in range(many):
                open_charge(world.viewer("fiscal.mdd", at=AT))
        client.get("/reportes/mensual")
        with counted(app) as found:
            assert client.get("/reportes/mensual").status_code == 200
        costs.append(len(found))
    assert costs[0] == costs[1] <= 50, costs


@pytest.mark.parametrize("username", ["coordinadora", "fiscal.mdd"])
def test_a_figure_leads_to_the_list_of_the_charges_that_it_counts(four: None, sign_in: SignIn, username: str) -> None:
    client = sign_in(username)
    links = re.findall(r'<td><a href="([^"]+)">(\d+)</a></td>', client.get(f"/reportes/R02?{YEAR}").text)
    assert links
    for address, number in links:
        page = client.get(html.unescape(address)).text
        assert re.search(rf"<b>{number} denuncias?</b>", page) and f"contaba {number} denuncia" in page
        export = re.search(r'href="(/[^"]*celda=[^"]*)"', page)
        assert export and client.get(html.unescape(export[1])).status_code == 200


def test_who_sees_no_rows_finds_no_way_to_them(four: None, sign_in: SignIn) -> None:
    assert "celda=" not in sign_in("analista").get(f"/reportes/R02?{YEAR}").text
    assert "celda=" not in sign_in("agencia").get("/reportes/R02").text
    assert "celda=" not in sign_in("coordinadora").get(f"/reportes/R04?{YEAR}").text, "a victim is no charge"


def test_a_list_asked_for_by_a_cell_that_is_none_is_the_whole_list(four: None, sign_in: SignIn) -> None:
    client = sign_in("coordinadora")
    assert rows_in(client.get("/denuncias/?celda=R99~x").text) == rows_in(client.get("/denuncias/").text) > 0


def rows_in(page: str) -> int:
    return len(re.findall(r'<td class="s-table__key', page))
