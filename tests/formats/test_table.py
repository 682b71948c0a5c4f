from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

import pytest

from sistra.formats.table import (
    Column,
    Provenance,
    Table,
    Written,
    cleaned,
    consulted,
    counted,
    dictionary_of,
    digest,
    printed,
)


class Sign(StrEnum):
    RESERVED = "Reservado"


def table_of(*values: object, name: str = "denuncias") -> Table:
    return Table(name, "Denuncias", [Column("valor", "Valor")], [[value] for value in values])


def test_the_digest_is_that_of_the_documented_text() -> None:
    text = ('["valor"]\n["1.5"]\n[null]\n["2026-03-27"]\n["\\u00f1"]\n["true"]\n')
    assert digest(table_of(Decimal("1.50"), "", date(2026, 3, 27), "ñ", True)) == hashlib.sha256(
        text.encode()).hexdigest()


def test_the_same_rows_have_the_same_digest_whatever_types_the_database_gave() -> None:
    lima = datetime.fromisoformat("2026-03-27T19:38:00-05:00")
    utc = datetime.fromisoformat("2026-03-28T00:38:00+00:00")
    assert digest(table_of(Decimal("2.00"), lima, "é", None)) == digest(table_of(2, utc, "é", ""))


@pytest.mark.parametrize("other", [("b", "a"), ("a",), ("a", "b", None), ("A", "b")])
def test_another_order_or_value_or_length_has_another_digest(other: tuple[object, ...]) -> None:
    assert digest(table_of("a", "b")) != digest(table_of(*other))


def test_two_rows_that_join_to_the_same_text_have_different_digests() -> None:
    columns = [Column("a", "A"), Column("b", "B")]
    assert digest(Table("t", "T", columns, [["x", "y,z"]])) != digest(Table("t", "T", columns, [["x,y", "z"]]))


@pytest.mark.parametrize("key", ["Denuncia", "año", "a b", "", "1a", "a-b"])
def test_a_key_that_is_not_snake_case_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="snake_case"):
        Column(key, "Etiqueta")


@pytest.mark.parametrize("name", ["Denuncias", "a" * 32, "a/b", ""])
def test_a_name_that_no_sheet_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="snake_case"):
        table_of(name=name)


def test_columns_of_the_same_key_are_refused() -> None:
    with pytest.raises(ValueError, match="not unique"):
        Table("t", "T", [Column("a", "A"), Column("a", "B")], [])


def test_a_row_of_another_length_is_refused(charges: Table) -> None:
    with pytest.raises(ValueError, match="has 1 values"):
        list(counted(replace(charges, rows=[["x"]]), Written()))


def test_a_moment_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        digest(table_of(datetime(2026, 3, 27)))


@pytest.mark.parametrize(("value", "kind", "text"), [
    (None, "text", ""), (True, "boolean", "Sí"), (False, "boolean", "No"), (date(2026, 3, 7), "date", "07/03/2026"),
    (datetime.fromisoformat("2026-03-28T00:38+00:00"), "datetime", "27/03/2026 19:38"),
    (Decimal("15000"), "money", "15,000.00"), (12345, "integer", "12,345"), (Decimal("1.50"), "decimal", "1.5"),
    (Sign.RESERVED, "date", "Reservado"), (0, "integer", "0"), (Decimal("1E+3"), "decimal", "1000"),
    (2.5, "decimal", "2.5"),
])
def test_a_value_is_printed_as_people_in_peru_write_it(value: object, kind: str, text: str) -> None:
    assert printed(value, kind) == text  # type: ignore[arg-type]


def test_cleaning_drops_control_characters_and_keeps_tabs_and_line_ends() -> None:
    assert cleaned("a\x00b\x1bc\td\r\ne\rf\x85g\ufffeh\ud800i\x7f") == "abc\td\ne\nf\ngh\ufffdi"


def test_the_query_sheet_tells_who_why_when_how_many_and_the_digests(provenance: Provenance) -> None:
    rows = list(consulted(provenance, Written({"denuncias": 2}, {"denuncias": "abc"}, cleaned=1, split=4)).rows)
    values = {(group, label): value for group, label, value in rows}
    assert values["exportación", "Exportado por"] == "usuaria1"
    assert values["exportación", "Motivo"] == "Informe mensual"
    assert values["consulta", "Datos al"] == provenance.as_of
    assert values["filas escritas", "denuncias"] == 2
    assert values["huella SHA-256", "denuncias"] == "abc"
    assert values["filtro", "Etapa"] == "Investigación preparatoria"
    assert values["nota", "Textos sin caracteres de control"] == 1
    assert values["nota", "Textos continuados en la hoja textos_largos"] == 4


def test_the_dictionary_made_from_columns_has_one_row_per_column(charges: Table) -> None:
    rows = list(dictionary_of([charges]).rows)
    assert len(rows) == len(charges.columns)
    assert rows[1] == ("denuncias", "resumen", "Resumen", "texto", "", "Sin nombres")
