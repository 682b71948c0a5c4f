from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sistra.formats import xlsx
from sistra.formats.table import Column, Provenance, Table, cleaned, digest
from sistra.formats.xlsx import NOTICE, cell_text, parts, write_workbook

MOMENT = datetime.fromisoformat("2026-03-28T00:38:00+00:00")
WHERE = Provenance("Consulta", [], MOMENT, {}, "usuaria1", "Prueba")
PAYLOADS = ["=1+1", "=HYPERLINK(\"http://example.org\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "#N/A", "#REF!", "=",
            "'=1", "_x003D_1+1", "<b>", "]]>", "a\x00b", " = 1", "ñ\n=2", "{=1}", "\ud800", "\u202e=1"]


def workbook(table: Table, provenance: Provenance = WHERE, **more: Any) -> tuple[Any, bytes]:
    stream = io.BytesIO()
    write_workbook(stream, [table], provenance, **more)
    return openpyxl.load_workbook(io.BytesIO(stream.getvalue())), stream.getvalue()


def one_column(*values: object, kind: Any = "text") -> Table:
    return Table("t", "T", [Column("valor", "Valor", kind)], [[value] for value in values])


def sheet_values(table: Table) -> list[object]:
    return [cell.value for cell in workbook(table)[0]["t"]["A"][1:]]


def test_the_sheets_stand_in_their_order(charges: Table, provenance: Provenance) -> None:
    lists = Table("listas", "Listas", [Column("codigo", "Código")], [["NSP"]])
    book, _ = workbook(charges, provenance, lists=lists, readme=["Qué es", "Cómo se usa"])
    assert book.sheetnames == ["Leame", "Consulta", "denuncias", "Diccionario", "Listas"]
    assert [cell.value for cell in book["Leame"]["A"]] == ["leame", "Qué es", "Cómo se usa"]
    assert book["Listas"]["A2"].value == "NSP"


def test_each_sheet_has_a_named_table_with_the_headers_of_its_cells(charges: Table, provenance: Provenance) -> None:
    book, _ = workbook(charges, provenance)
    for sheet in book:
        (named,) = sheet.tables.values()
        assert [column.name for column in named.tableColumns] == [cell.value for cell in sheet[1]]
        assert named.autoFilter.ref == named.ref
        assert sheet.freeze_panes == "A2"
        assert not sheet.merged_cells.ranges
    assert book["denuncias"].tables["t_denuncias"].ref == "A1:H3"


def test_dates_are_dates_numbers_are_numbers_and_blanks_are_empty(charges: Table, provenance: Provenance) -> None:
    sheet = workbook(charges, provenance)[0]["denuncias"]
    assert [cell.value for cell in sheet[2]] == [
        "0012", "Captación en línea: ¿oferta? ñandú", datetime(2026, 3, 27), datetime(2026, 3, 27, 19, 38), 3, 1.5,
        1234.5, True]
    assert [sheet[2][at].number_format for at in (2, 3, 6)] == ["dd/mm/yyyy", "dd/mm/yyyy hh:mm", "#,##0.00"]
    assert [cell.value for cell in sheet[3]][1:] == [None] * 7


def test_an_empty_table_keeps_a_blank_row_in_its_named_table() -> None:
    book, data = workbook(one_column())
    assert book["t"].tables["t_t"].ref == "A1:A2"
    assert len(pandas.read_excel(io.BytesIO(data), sheet_name="t")) == 0


def test_no_cell_is_ever_a_formula_and_the_text_stays() -> None:
    book, data = workbook(one_column(*PAYLOADS))
    cells = [cell for sheet in book for row in sheet for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert [cell.value for cell in book["t"]["A"][1:]] == [cell_text(text) for text in PAYLOADS]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(re.search(rb"<f[ >/]", archive.read(name)) for name in archive.namelist() if "sheet" in name)


def test_text_that_looks_like_a_formula_carries_the_quote_prefix() -> None:
    cells = workbook(one_column("=1+1", "plain"))[0]["t"]["A"]
    assert [cell.quotePrefix for cell in cells[1:]] == [True, False]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=60), min_size=10, max_size=10))
def test_any_text_comes_back_after_the_documented_cleaning(texts: list[str]) -> None:
    for text, got in zip(texts, sheet_values(one_column(*texts, "end")), strict=False):
        assert str(got or "").strip() == cell_text(text).strip()
        assert "_x" in text or cell_text(text) == cleaned(text)


def test_lost_control_characters_are_counted_in_the_query_sheet() -> None:
    book, _ = workbook(one_column("a\x07b", "limpio", "dos\r\nlíneas"))
    notes = [[cell.value for cell in row] for row in book["Consulta"]]
    assert ["nota", "Textos sin caracteres de control", 1] in notes


def test_a_text_too_long_for_a_cell_says_so_and_stands_complete_in_its_own_sheet() -> None:
    text = "ñ" * 70_000 + "fin"
    book, _ = workbook(Table("t", "T", [Column("codigo", "Código"), Column("texto", "Texto")], [["A-1", text]]))
    assert book["t"]["B2"].value.endswith(NOTICE)
    rows = list(book["textos_largos"].iter_rows(min_row=2, values_only=True))
    assert "".join(row[-1] for row in rows) == text
    assert rows[0][:6] == ("t", 2, "texto", "A-1", 1, 3)
    assert book.sheetnames[-2:] == ["Diccionario", "textos_largos"]


def test_a_filter_too_long_for_a_cell_stands_complete_too() -> None:
    book, _ = workbook(one_column("x"), replace(WHERE, link="a" * 40_000))
    rows = list(book["textos_largos"].iter_rows(min_row=2, values_only=True))
    assert "".join(row[-1] for row in rows) == "a" * 40_000


@pytest.mark.parametrize("text", ["😀" * 40_000, "_x0041_" * 9_000, "=" * 33_000])
def test_no_piece_of_a_long_text_is_longer_than_a_cell(text: str) -> None:
    pieces = parts(text)
    assert "".join(pieces) == text
    assert all(len(cell_text(piece).encode("utf-16-le")) // 2 <= 32_767 for piece in pieces)
    assert any(cell == cell_text(pieces[0]) + NOTICE for cell in sheet_values(one_column(text)))


def test_what_a_sheet_would_change_is_written_as_text() -> None:
    assert sheet_values(one_column(12345678901234567, Decimal("0.12345678901234567"), kind="decimal")) == [
        "12345678901234567", "0.12345678901234567"]
    assert sheet_values(one_column(date(1899, 5, 1), kind="date")) == ["1899-05-01"]


def test_the_query_sheet_holds_the_digest_of_rows_that_are_read_once(charges: Table, provenance: Provenance) -> None:
    once = replace(charges, rows=iter(list(charges.rows)))
    book, _ = workbook(once, provenance)
    rows = [[cell.value for cell in row] for row in book["Consulta"]]
    assert ["huella SHA-256", "denuncias", digest(charges)] in rows


def test_rows_are_taken_one_at_a_time_and_no_temporary_file_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a temporary file")

    sizes: list[int] = []
    stream = io.BytesIO()

    def rows() -> Any:
        for number in range(6000):
            sizes.append(stream.tell())
            yield [number, f"{number * 7919 % 104729:x}" * 5]

    for name in ("NamedTemporaryFile", "mkstemp", "TemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    monkeypatch.setattr("openpyxl.worksheet._writer.NamedTemporaryFile", refuse)
    write_workbook(stream, [Table("t", "T", [Column("n", "N", "integer"), Column("x", "X")], rows())], WHERE)
    assert 0 < sizes[3000] < sizes[-1]


def test_the_workbook_names_no_person(charges: Table, provenance: Provenance) -> None:
    book, _ = workbook(charges, provenance)
    assert (book.properties.creator, book.properties.lastModifiedBy) == ("SISTRA", "SISTRA")
    assert book.properties.title == "Exportación de SISTRA"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MOST_ROWS", 40)
    workbook(one_column(*range(40)))
    with pytest.raises(xlsx.TooManyRows):
        workbook(one_column(*range(41)))


@pytest.mark.parametrize("name", ["consulta", "leame", "listas", "diccionario", "textos_largos"])
def test_a_table_named_as_a_sheet_of_the_workbook_is_refused(name: str) -> None:
    lists = Table("listas", "Listas", [Column("codigo", "Código")], [])
    with pytest.raises(ValueError, match="same name"):
        write_workbook(io.BytesIO(), [replace(one_column(), name=name)], WHERE, None, lists)


def test_pandas_reads_the_sheet(charges: Table, provenance: Provenance) -> None:
    data = io.BytesIO(workbook(charges, provenance)[1])
    frame = pandas.read_excel(data, sheet_name="denuncias", dtype={"denuncia": str})
    assert list(frame["denuncia"]) == ["0012", "0013"]
    assert frame["recibida"][0] == pandas.Timestamp("2026-03-27")
    assert frame["reparacion"].sum() == 1234.5


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_the_workbook_and_shows_the_text_of_formulas(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(workbook(one_column("=1+1", "ñandú", "_x0041_", "fin"))[1])
    subprocess.run(["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to",
                    "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,3", "--outdir",
                    str(tmp_path), str(tmp_path / "t.xlsx")], check=True, capture_output=True, timeout=120)
    (converted,) = tmp_path.glob("*.csv")
    assert converted.read_text("utf-8-sig").split("\n")[:5] == ["valor", "=1+1", "ñandú", "_x0041_", "fin"]


def test_a_long_note_goes_on_below_in_a_row_that_is_high_enough() -> None:
    """Who prints the sheet reads the whole of it."""
    note = "Las identidades no se exportan. " * 10
    book, _ = workbook(one_column("a"), replace(WHERE, notes=[note]))
    (cell,) = [row[2] for row in book["Consulta"].iter_rows() if row[2].value == note]
    assert cell.alignment.wrap_text and book["Consulta"].row_dimensions[cell.row].height >= 4 * 15


def test_what_people_read_is_printed_as_wide_as_a_page_and_rows_are_left_as_they_are() -> None:
    book, _ = workbook(one_column("a" * 200), readme=["Qué es"])
    assert [bool(book[name].sheet_properties.pageSetUpPr.fitToPage) for name in ("Leame", "Consulta", "Diccionario", "t")] == [
        True, True, True, False]
    assert not book["t"]["A2"].alignment.wrap_text


def test_a_header_has_a_typeface_that_is_named() -> None:
    assert {cell.font.name for sheet in workbook(one_column("a"))[0] for cell in sheet[1]} == {"Calibri"}
