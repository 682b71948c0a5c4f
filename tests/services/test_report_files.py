"""Files of reports: what an agency may never find in one, that they open, and that all of them hold the same figures."""
from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.codebook.edition import edition
from sistra.db import db
from sistra.formats import chart
from sistra.formats.csv import OPENING
from sistra.formats.table import Column, Table, digest
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.models.people import Victim
from sistra.rules.entries import LIMA
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.rules.reports.definitions import REPORTS
from sistra.rules.reports.dimensions import Category
from sistra.rules.reports.periods import Period
from sistra.rules.reports.tables import TOTAL, Crosstab, Line
from sistra.services import report_files, reports
from sistra.services.reports import AGENCIES, INTERNAL, Ask, Told
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT, a_charge, a_victim, an_accused, made
from tests.factories.world import World

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
MANY = 13
"""How many of everything there are: no multiple of five."""
OWED = Decimal("4321.37")
CODES = tuple(REPORTS)


@pytest.fixture
def thirteen(session: Any, world: World) -> None:
    """Thirteen charges, each with a victim, an accused, a conviction, its penalty and a reparation."""
    with unit_of_work():
        for _ in range(MANY):
            charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
            a_victim(charge, sex="M", age_at_facts=16, citizenships=("PE",), created_at=AT, updated_at=AT)
            person = an_accused(charge, identified=True, sex="H", citizenships=("PE",), roles=("CAP",))
            count = made(Count, charge_id=charge.id, accused_id=person.id, offence="PE-129A", purposes=("SEX",), updated_at=AT)
            case = made(CourtCase, court_case_kind="PRI")
            made(ChargeCourtCase, charge_id=charge.id, court_case_id=case.id, link="ORI")
            judgment = made(Judgment, court_case_id=case.id, decision_kind="SEN", instance="1", updated_at=AT,
                            decided_on=PartialDate.of_day(date(2026, 3, 2)))
            made(Ruling, court_case_id=case.id, judgment_id=judgment.id, count_id=count.id, verdict="COND", updated_at=AT)
            made(Penalty, court_case_id=case.id, judgment_id=judgment.id, accused_id=person.id, sentence_types=("PPL-EFE",))
            made(Reparation, court_case_id=case.id, judgment_id=judgment.id, amount_ordered=OWED, amount_paid=Decimal("77.77"),
                 status="PAR", updated_at=AT)
            db.session.flush()


CLOSED = AT + timedelta(days=40)


def viewer(world: World, username: str) -> Viewer:
    """After the month in which everything was entered was closed: agencies are told nothing earlier."""
    return world.viewer(username, at=CLOSED)


def told(who: Viewer, code: str, **more: Any) -> Told:
    return reports.tell(who, Ask(code, YEAR, **more))


def made_of(who: Viewer, code: str, of_format: str, **more: Any) -> bytes:
    return report_files.make(who, told(who, code, **more), of_format, "https://sistra.example/reportes/x").content


def figures(tables: tuple[Crosstab, ...]) -> Iterator[int]:
    for table in tables:
        for line in (*table.lines, table.foot):
            yield from (one for one in (*line.figures, line.total) if one is not None)


def cells(content: bytes) -> Iterator[tuple[str, Any]]:
    """Every cell of every sheet, hidden ones too."""
    book = load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        yield from ((sheet.title, one) for row in sheet.iter_rows(values_only=True) for one in row if one is not None)


def pdf_text(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return "\n".join([*(page.extract_text() for page in reader.pages), str(reader.metadata)])


# -- what an agency may never find ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_the_house_is_told_the_figure_and_an_agency_a_multiple_of_five_near_it(thirteen: None, world: World, code: str) -> None:
    inner, outer = told(viewer(world, "analista"), code), told(viewer(world, "agencia"), code)
    assert inner.total == (0 if code == "R21" else MANY)
    assert outer.total in (0, 10, 15) and outer.rounded and not inner.rounded
    assert {one % 5 for one in figures(outer.tables)} == {0}
    assert all(one % 5 == 0 for one in (outer.before, outer.undated, *(number for _, number in outer.asides)))


@pytest.mark.parametrize("username", ["agencia", "victimas"])
@pytest.mark.parametrize("asked", [INTERNAL, AGENCIES, "", "todo"])
def test_whatever_an_agency_asks_for_it_is_told_rounded_figures(thirteen: None, world: World, username: str, asked: str) -> None:
    found = told(viewer(world, username), "R01", audience=asked)
    assert found.rounded and found.ask.audience == AGENCIES


@pytest.mark.parametrize("code", [code for code in CODES if code != "R21"])
def test_no_sheet_of_an_agencys_workbook_holds_an_exact_figure_or_an_amount(thirteen: None, world: World, code: str) -> None:
    inner, outer = (made_of(viewer(world, who), code, "xlsx") for who in ("analista", "agencia"))
    assert _tells(cells(inner)), "the exact figure is found where it may stand"
    assert not _tells(cells(outer))
    assert all(sheet.sheet_state == "visible" for sheet in load_workbook(io.BytesIO(outer)).worksheets)
    with zipfile.ZipFile(io.BytesIO(outer)) as parts:
        everything = "".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    assert "numCache" not in everything and not _amounts(everything)


def _tells(found: Iterator[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The cells that hold the number thirteen or an amount; a code that reads 13 is text."""
    return [(sheet, one) for sheet, one in found if one == MANY or _amounts(str(one))]


def _amounts(text: str) -> bool:
    whole = int(OWED * MANY + Decimal("0.5"))
    return any(one in text for one in ("4321", "4,321", str(whole), f"{whole:,}", "1,011", "1011", "77.77"))


@pytest.mark.parametrize("code", CODES)
def test_no_row_of_an_agencys_text_file_holds_an_exact_figure(thirteen: None, world: World, code: str) -> None:
    with zipfile.ZipFile(io.BytesIO(made_of(viewer(world, "agencia"), code, "csv"))) as held:
        rows = list(csv.DictReader(io.TextIOWrapper(held.open("datos.csv"), "utf-8-sig")))
        everything = "".join(held.read(name).decode("utf-8") for name in held.namelist())
    assert rows and {int(row["valor"]) % 5 for row in rows if row["valor"]} == {0}
    assert not _amounts(everything)


@pytest.mark.parametrize("code", ["R01", "R02", "R04", "R12", "R14"])
def test_an_agencys_printed_file_holds_no_exact_figure_nor_amount(thirteen: None, world: World, code: str) -> None:
    exact = re.compile(r"(?<![-\w/:.])13(?![-\w/:.]|\s+a\s)")
    inner, outer = (pdf_text(made_of(viewer(world, who), code, "pdf")) for who in ("analista", "agencia"))
    assert exact.search(inner)
    assert not exact.search(outer) and not _amounts(outer)
    assert ("4,321" in inner or "56,178" in inner) == (code == "R14")


def test_the_amounts_of_reparations_are_told_in_the_house_alone(thirteen: None, world: World) -> None:
    def columns(who: str) -> list[str]:
        return [one.code for one in told(viewer(world, who), "R14").tables[2].columns]
    assert (columns("analista"), columns("agencia")) == (["reparations", "ordered", "paid"], ["reparations"])
    assert [one.code for one in told(viewer(world, "analista"), "R14", audience=AGENCIES).tables[2].columns] == ["reparations"]


# -- asking again --------------------------------------------------------------------------------------------------------


def test_asking_again_in_another_way_never_gives_a_second_draw(thirteen: None, world: World) -> None:
    agency, inner = viewer(world, "agencia"), viewer(world, "analista")
    drawn = set()
    for who in (agency, inner):
        for at in (None, CLOSED - timedelta(days=1), CLOSED - timedelta(hours=7)):
            for narrower in ({}, {"district": "MDD"}, {"border": "BO"}, {"border": "BR"}, {"district": "MDD", "border": "BO"}):
                found = told(who, "R01", audience=AGENCIES, at=at, **narrower)
                march = next(line for line in found.tables[0].lines if line.category.code == "2026")
                drawn |= {found.total, march.figures[2], march.total, found.tables[0].foot.total, found.tables[0].foot.figures[2]}
    for period in (Period(date(2026, 3, 1), date(2026, 3, 31)), Period(date(2020, 1, 1), date(2026, 12, 31))):
        drawn.add(reports.tell(agency, Ask("R01", period)).total)
    by_district = told(agency, "R02").tables[0]
    drawn |= {next(line.total for line in by_district.lines if line.category.code == "MDD"), told(agency, "R03").total}
    assert len(drawn) == 1


def test_a_later_change_that_leaves_the_records_the_same_draws_nothing_anew(thirteen: None, world: World) -> None:
    agency = viewer(world, "agencia")
    before = told(agency, "R04").total
    with unit_of_work():
        for one in db.session.scalars(select(Victim)):
            one.sex, one.updated_at = "H", CLOSED + timedelta(minutes=30)
    after = told(replace(agency, at=CLOSED + timedelta(days=31)), "R04")
    assert after.total == before and after.digest != told(agency, "R04").digest


# -- the files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_the_rows_of_the_workbook_have_the_digest_that_it_states(thirteen: None, world: World, code: str) -> None:
    found = told(viewer(world, "analista"), code)
    book = load_workbook(io.BytesIO(report_files.make(viewer(world, "analista"), found, "xlsx").content))
    stated = {row[1]: row[2] for row in book["Consulta"].iter_rows(values_only=True) if row[0] == "huella SHA-256"}
    head, *rows = book["datos"].iter_rows(values_only=True)
    again = digest(Table("datos", "", tuple(Column(str(key), str(key)) for key in head), rows))
    assert stated == {"datos": found.digest} and again == found.digest
    assert found.digest in [cell for _, cell in cells(report_files.make(viewer(world, "analista"), found, "xlsx").content)]


@pytest.mark.parametrize("code", CODES)
def test_a_table_that_is_drawn_has_a_native_chart_over_its_cells(thirteen: None, world: World, code: str) -> None:
    found = told(viewer(world, "analista"), code)
    book = load_workbook(io.BytesIO(report_files.make(viewer(world, "analista"), found, "xlsx").content))
    for number, table in enumerate(found.tables, 1):
        bars = report_files.bars(table, "es")
        charts = book[f"cuadro_{number}"]._charts
        assert len(charts) == (1 if bars is not None and not bars.empty else 0)
        assert all(f"cuadro_{number}" in one.series[0].val.numRef.f for one in charts)


def test_pandas_reads_the_rows_and_their_total_is_that_of_the_page(thirteen: None, world: World) -> None:
    frame = pandas.read_excel(io.BytesIO(made_of(viewer(world, "analista"), "R02", "xlsx")), sheet_name="datos")
    assert list(frame.columns) == ["cuadro", "fila", "fila_label", "columna", "columna_label", "valor"]
    districts = frame[(frame.fila != "TOTAL")]
    assert districts.valor.sum() == frame[frame.fila == "TOTAL"].valor.item() == MANY


@pytest.mark.parametrize("code", ["R01", "R04", "R14"])
def test_the_text_file_holds_the_rows_of_the_workbook(thirteen: None, world: World, code: str) -> None:
    who = viewer(world, "analista")
    with zipfile.ZipFile(io.BytesIO(made_of(who, code, "csv"))) as held:
        assert held.testzip() is None
        rows = list(csv.reader(io.TextIOWrapper(held.open("datos.csv"), "utf-8-sig")))
        stated = held.read("consulta.csv").decode("utf-8-sig")
    book = load_workbook(io.BytesIO(made_of(who, code, "xlsx")))["datos"].iter_rows(values_only=True)
    assert rows == [["" if one is None else str(one) for one in row] for row in book]
    assert told(who, code).digest in stated


@pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice on this machine")
def test_libreoffice_opens_the_workbook_and_shows_the_same_figures(thirteen: None, world: World, tmp_path: Path) -> None:
    (tmp_path / "r02.xlsx").write_bytes(made_of(viewer(world, "analista"), "R02", "xlsx"))
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "ods",
                    "--outdir", str(tmp_path), str(tmp_path / "r02.xlsx")], check=True, capture_output=True, timeout=180)
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "back"), str(tmp_path / "r02.ods")],
                   check=True, capture_output=True, timeout=180)
    first, again = (load_workbook(path)["datos"] for path in (tmp_path / "r02.xlsx", tmp_path / "back" / "r02.xlsx"))
    rows = [tuple(row) for row in first.iter_rows(values_only=True)]
    assert rows == [tuple(row[:6]) for row in again.iter_rows(values_only=True, max_row=len(rows))]


@pytest.mark.parametrize("code", CODES)
def test_each_page_of_the_printed_file_has_its_number_and_says_how_it_was_made(thirteen: None, world: World, code: str) -> None:
    found = told(viewer(world, "analista"), code)
    reader = PdfReader(io.BytesIO(report_files.make(viewer(world, "analista"), found, "pdf", "https://sistra.example/x").content))
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert code in text and re.search(rf"Página {number} de\s+{len(reader.pages)}\b", text), text[:300]
        assert "USO INTERNO" in text
    text = pdf_text(report_files.make(viewer(world, "analista"), found, "pdf", "https://sistra.example/x").content)
    assert reader.trailer["/Root"]["/Lang"] == "es-PE"
    flat = re.sub(r"\s+", "", text)
    for word in ("Cómo se hizo", "Definición", "Artículos", found.digest, "https://sistra.example/x", *found.report.definition):
        assert re.sub(r"\s+", "", word) in flat, word
    assert "Sin dato" in text


def test_the_printed_file_holds_the_drawing_of_its_table(thirteen: None, world: World) -> None:
    found = told(viewer(world, "analista"), "R02")
    drawn = report_files.bars(found.tables[0], "es")
    assert drawn is not None and drawn.rows == (("Madre de Dios", (MANY,)),)
    text = pdf_text(made_of(viewer(world, "analista"), "R02", "pdf"))
    assert text.count("Madre de Dios") == 2, "once in the table, once beside its bar"


@pytest.mark.parametrize("of_format", ["xlsx", "csv", "pdf"])
def test_a_file_has_no_name_of_a_person_in_its_own(thirteen: None, world: World, of_format: str) -> None:
    who = viewer(world, "analista")
    made = report_files.make(who, told(who, "R01"), of_format)
    assert re.fullmatch(r"sistra-r01-2026-01-2026-12\.(xlsx|zip|pdf)", made.name)


def test_who_may_not_take_figures_away_gets_no_file(thirteen: None, world: World) -> None:
    who = viewer(world, "asistente.mdd")
    with pytest.raises(Forbidden):
        report_files.make(who, told(who, "R01"), "pdf")
    with pytest.raises(Rejected):
        report_files.make(viewer(world, "analista"), told(viewer(world, "analista"), "R01"), "doc")


def crosstab(*figures: tuple[int, int]) -> Crosstab:
    """A table of two columns; its totals are five more than what they sum up."""
    columns = tuple(Category(code, code, code) for code in ("M", "H"))
    lines = tuple(Line(Category(str(place), str(place), str(place)), pair, sum(pair) + 5) for place, pair in enumerate(figures))
    return Crosstab("by_age", "Por edad", "Edad", "Sexo", columns, lines, Line(TOTAL, (0, 0), 0), drawn=True)


def test_a_bar_whose_rounded_parts_do_not_add_up_is_its_total() -> None:
    bars = report_files.bars(crosstab((5, 0), (0, 0)), "es")
    assert bars is not None and (bars.series, bars.rows) == ((), (("0", (10,)), ("1", (5,))))


def test_a_bar_whose_parts_add_up_is_drawn_in_parts(thirteen: None, world: World) -> None:
    table = told(viewer(world, "analista"), "R04").tables[0]
    bars = report_files.bars(table, "es")
    assert bars is not None and len(bars.series) == len(table.columns)


def test_each_article_is_named_once_though_its_paragraphs_are_offences_of_their_own() -> None:
    found = report_files.articles(YEAR)
    assert len(found) == len(set(found)) >= 2


def test_the_query_sheet_of_a_report_says_of_each_note_what_it_is(thirteen: None, world: World) -> None:
    book = load_workbook(io.BytesIO(made_of(viewer(world, "analista"), "R04", "xlsx")))
    notes = [row[2] for row in book["Consulta"].iter_rows(values_only=True) if row[0] == "nota"]
    labels = ("Unidad: ", "Definición: ", "Exclusiones: ", "Artículos: ", "Fuente: ", "Edición de las listas: ",
              "Qué repite el enlace: ")
    assert notes and all(str(note).startswith(labels) for note in notes)


def test_the_query_sheet_of_a_report_holds_its_instant_as_a_date_of_lima(thirteen: None, world: World) -> None:
    found = told(viewer(world, "analista"), "R04")
    book = load_workbook(io.BytesIO(report_files.make(viewer(world, "analista"), found, "xlsx").content))
    held = [row[2] for row in book["Consulta"].iter_rows(values_only=True) if row[1] == "Datos al"]
    assert held == [found.at.astimezone(LIMA).replace(tzinfo=None)]


@pytest.mark.parametrize("sheet", ["Leame", "Consulta", "cuadro_1", "datos"])
def test_a_sheet_of_a_report_is_printed_as_wide_as_a_page(thirteen: None, world: World, sheet: str) -> None:
    page = load_workbook(io.BytesIO(made_of(viewer(world, "analista"), "R04", "xlsx")))[sheet]
    assert page.sheet_properties.pageSetUpPr.fitToPage and page.page_setup.orientation == "landscape"


def test_no_note_makes_a_sheet_of_figures_wider_nor_runs_over_the_next_in_the_first_sheet(thirteen: None, world: World) -> None:
    book = load_workbook(io.BytesIO(made_of(viewer(world, "analista"), "R04", "xlsx")))
    assert max(len(str(row[0])) for row in book["cuadro_1"].iter_rows(values_only=True)) <= 110
    long = [row for row in book["Leame"].iter_rows() if len(str(row[1].value)) > 110]
    assert long and all(book["Leame"].row_dimensions[row[1].row].height >= 30 for row in long)


def test_a_figure_of_the_headline_is_a_number(thirteen: None, world: World) -> None:
    page = load_workbook(io.BytesIO(made_of(viewer(world, "analista"), "R01", "xlsx")))["Leame"]
    assert {row[0]: row[1] for row in page.iter_rows(values_only=True)}["Total"] == MANY


def test_the_printed_file_says_each_label_of_how_it_was_made_once(thirteen: None, world: World) -> None:
    content = made_of(viewer(world, "analista"), "R04", "pdf")
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    assert text.count("Definición") == 1


def test_a_month_that_is_not_closed_has_no_figure_for_an_agency(thirteen: None, world: World) -> None:
    """Nothing is told of it, which is not none."""
    who = viewer(world, "agencia")
    table = told(who, "R01").tables[0]
    last = f"{reports.settled(who).astimezone(LIMA) - timedelta(days=1):%m}"
    [line] = [one for one in table.lines if one.category.code == "2026"]
    empty = [column.code for column, figure in zip(table.columns, line.figures, strict=True) if figure is None]
    assert empty == [f"{month:02}" for month in range(int(last) + 1, 13)] and empty


# -- what a drawing shows, and a text file in a spreadsheet ---------------------------------------------------------------


@pytest.mark.parametrize("code", CODES)
def test_a_drawing_for_an_agency_has_the_figures_of_its_table_and_lengths_of_no_others(
        thirteen: None, world: World, code: str) -> None:
    """Parts that were rounded each for itself add up to something that stands in no table."""
    for table in told(viewer(world, "agencia"), code).tables:
        drawn = report_files.bars(table, "es")
        if drawn is None:
            continue
        assert all(part % 5 == 0 for _, parts in drawn.rows for part in parts)
        ends = tuple(sum(parts) for _, parts in drawn.rows)
        totals = {one for line in (*table.lines, table.foot) for one in (*line.figures, line.total)}
        assert set(ends) <= totals | {0}
        painted = re.findall(r"<text[^>]*>([\d,]+)</text>", chart.svg(chart.drawing(drawn), drawn.title))
        assert [int(one.replace(",", "")) for one in painted] == list(ends)


def test_none_is_told_as_none_to_an_agency(session: Any, world: World) -> None:
    found = told(viewer(world, "agencia"), "R02")
    assert set(figures(found.tables)) == {0} and found.total == 0


@pytest.mark.parametrize("of_format", ["xlsx", "csv", "pdf"])
def test_every_file_tells_unit_source_edition_cut_off_link_and_digest(thirteen: None, world: World, of_format: str) -> None:
    who = viewer(world, "coordinadora")
    found, content = told(who, "R01"), made_of(who, "R01", of_format)
    if of_format == "xlsx":
        text = "".join(str(one) for sheet, one in cells(content) if sheet in ("Leame", "Consulta"))
    elif of_format == "csv":
        with zipfile.ZipFile(io.BytesIO(content)) as held:
            text = held.read("consulta.csv").decode("utf-8-sig")
    else:
        text = pdf_text(content)
    flat = re.sub(r"\s+", "", text)
    link, at = "https://sistra.example/reportes/x", (str(found.at.year), found.digest)
    for word in ("Unidad", "denuncias", "Fuente", "SISTRA: registro", edition(), link, *at, report_files.REPEATS_UNLESS):
        assert re.sub(r"\s+", "", word) in flat, word


@pytest.mark.skipif(not shutil.which("soffice"), reason="no LibreOffice on this machine")
def test_libreoffice_opens_the_text_file_in_columns_with_its_accents(thirteen: None, world: World, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(made_of(viewer(world, "analista"), "R01", "csv"))) as held:
        held.extract("datos.csv", tmp_path)
        assert OPENING in held.read("consulta.csv").decode("utf-8-sig").replace('""', '"')
        kinds = {row[1]: row[3] for row in csv.reader(io.StringIO(held.read("diccionario.csv").decode("utf-8-sig")))}
    assert {name for name, kind in kinds.items() if kind == "código"} == {"fila", "columna"}
    as_it_says = "--infilter=Text - txt - csv (StarCalc):44,34,76,1,2/2/4/2"  # comma, quotes, UTF-8; columns of codes as text
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", as_it_says, "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path), str(tmp_path / "datos.csv")],
                   check=True, capture_output=True, timeout=180)
    opened = [tuple("" if one is None else str(one) for one in row)
              for row in load_workbook(tmp_path / "datos.xlsx").active.iter_rows(values_only=True)]
    rows = list(csv.reader(io.StringIO((tmp_path / "datos.csv").read_text("utf-8-sig"))))
    assert opened == [tuple(row) for row in rows] and any(row[3] == "01" for row in opened)


def test_a_chart_of_figures_of_their_own_says_which_it_draws(thirteen: None, world: World) -> None:
    table = told(viewer(world, "analista"), "R13").tables[0]
    bars = report_files.bars(table, "es")
    assert table.measured and bars is not None and bars.series == (table.columns[0].label("es"),) == ("Sentencias",)
