from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sistra.formats.csv import write_csv, write_csv_zip
from sistra.formats.table import Column, Provenance, Table, Written, cleaned, digest

ANY_TEXT = st.text(st.characters(), max_size=60)


def read(data: bytes, **options: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), **options))


def written(table: Table, **options: Any) -> list[list[str]]:
    stream = io.BytesIO()
    write_csv(stream, table, Written(), **options)
    return read(stream.getvalue(), **options)


def one(value: object) -> str:
    return written(Table("t", "T", [Column("a", "A"), Column("b", "B")], [[value, "x"]]))[1][0]


def test_the_file_begins_with_a_byte_order_mark_and_snake_case_headers(charges: Table) -> None:
    stream = io.BytesIO()
    write_csv(stream, charges, Written())
    assert stream.getvalue().startswith(b"\xef\xbb\xbfdenuncia,resumen,recibida,")


def test_values_are_iso_dates_lima_moments_and_plain_numbers(charges: Table) -> None:
    assert written(charges)[1] == ["0012", "Captación en línea: ¿oferta? ñandú", "2026-03-27",
                                   "2026-03-27T19:38:00-05:00", "3", "1.50", "1234.5", "true"]


def test_a_blank_is_empty(charges: Table) -> None:
    assert written(charges)[2] == ["0013", *[""] * 7]


def test_semicolons_may_separate(charges: Table) -> None:
    assert written(charges, delimiter=";")[0][:2] == ["denuncia", "resumen"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1"])
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert one(text) == "'" + cleaned(text)


def test_a_negative_number_is_not_touched() -> None:
    assert one(-5) == "-5"


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT)
def test_any_text_comes_back_after_the_documented_cleaning(text: str) -> None:
    got = one(text)
    assert got in (cleaned(text), "'" + cleaned(text))
    assert not got.startswith(("=", "+", "-", "@", "\t", "\n"))


def test_the_zip_holds_each_table_query_dictionary_and_lists(charges: Table, provenance: Provenance) -> None:
    stream = io.BytesIO()
    lists = Table("listas", "Listas", [Column("codigo", "Código")], [["NSP"]])
    told = write_csv_zip(stream, [charges], provenance, None, lists)
    with zipfile.ZipFile(stream) as archive:
        assert archive.namelist() == ["denuncias.csv", "diccionario.csv", "listas.csv", "consulta.csv"]
        assert archive.testzip() is None
        query = read(archive.read("consulta.csv"))
    assert ["huella SHA-256", "denuncias", digest(charges)] in query
    assert ["filas escritas", "denuncias", "2"] in query
    assert told.rows == {"denuncias": 2}


def test_rows_that_can_be_read_once_are_enough(charges: Table, provenance: Provenance) -> None:
    told = write_csv_zip(io.BytesIO(), [replace(charges, rows=iter(list(charges.rows)))], provenance)
    assert told.digests == {"denuncias": digest(charges)}


def test_two_tables_of_the_same_name_are_refused(charges: Table, provenance: Provenance) -> None:
    with pytest.raises(ValueError, match="same name"):
        write_csv_zip(io.BytesIO(), [charges, charges], provenance)
