"""Models and data dictionary say the same, field by field and column by column."""
from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Integer, LargeBinary, Numeric, String, Text, inspect
from sqlalchemy.orm import CompositeProperty, Mapper

import sistra.models  # noqa: F401 - fills the registry
from sistra.access import generate
from sistra.access.fields import column_name
from sistra.codebook.dictionary import STANDARDS, Field, Record, records
from sistra.codebook.terms import codelist, list_labels
from sistra.db import Base, Codes, Instant, YearsMonthsDays
from tests.factories.databases import ROOT

_TABLES = {"user": "user_account", "grant": "charge_grant"}
_MAPPERS: dict[str, Mapper[Any]] = {mapper.local_table.name: mapper for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
WITHOUT_TABLE: frozenset[str] = frozenset()
"""Records whose tables come later."""
WITHOUT_COLUMN = frozenset({("charge", "sealed_to"),
                            ("access_request", "grant")})
"""Fields kept elsewhere (`sealed_to` is the case team, the grant names its request) or that come with their records."""
TECHNICAL: dict[str, frozenset[str]] = {
    "user": frozenset({"password_hash", "totp_secret", "totp_last", "last_signed_in_at", "shortcuts_off"}),
    "charge": frozenset({"year", "carpeta_folded", "victims_total", "minors_total", "accused_total", "next_due_on"}),
    "identity": frozenset({"victim_id", "accused_id"}),
    "victim": frozenset({"withdrawn_at"}),
    "accused": frozenset({"withdrawn_at"}),
    "recruitment": frozenset({"withdrawn_at"}),
    "exploitation": frozenset({"withdrawn_at"}),
    "victim_accused_relation": frozenset({"withdrawn_at"}),
    "retypification": frozenset({"charge_id"}),
    "event": frozenset({"number"}),
    "ruling": frozenset({"court_case_id"}),
    "penalty": frozenset({"court_case_id"}),
    "reparation": frozenset({"court_case_id"}),
    "attachment": frozenset({"storage_key", "withdrawn_at"}),
    "grant": frozenset({"target"}),
    "service": frozenset({"charge_id", "withdrawn_at"}),
    "access_request": frozenset({"target"}),
}
"""Columns that no field describes: credentials, what lists and keys need. Each has `id` and `unknowns` besides."""
NEVER_BLANK = frozenset({("charge", "office"), ("charge", "responsible"), ("charge", "confidentiality")})
"""Optional in a form because the system fills them in: the dictionary's notes say so."""
SHORTER = {("victim", "code"): 10, ("accused", "code"): 10}
"""Texts that the system writes (A-1, I-12)."""
_TEXT = {
    "text": 250,
    "person_name": 250,
    "document_number": 250,
    "phone": 250,
    "email": 250,
    "address": 250,
    "number_format": 60,
    "code": 20,
    "place": 6,
    "country": 3,
}
_NUMERIC = {"decimal": (9, 6), "money_pen": (14, 2)}
_PLAIN = {
    "integer": Integer,
    "bool": Boolean,
    "date": Date,
    "datetime": Instant,
    "duration_ymd": YearsMonthsDays,
    "codes": Codes,
    "longtext": Text,
}

KEPT = [record for name, record in records().items() if name not in WITHOUT_TABLE]
OWNED = [
    (record, field)
    for record in KEPT
    for field in record.fields.values()
    if (record.name, field.name) not in WITHOUT_COLUMN
]


def _mapper(record: str) -> Mapper[Any]:
    return _MAPPERS[_TABLES.get(record, record)]


def _columns(record: Record, field: Field) -> list[Any]:
    """The columns that hold a field: three for a partial date, none for references to several records."""
    found = getattr(inspect(_mapper(record.name).class_).attrs, column_name(field))
    if field.type == "refs":
        return []
    return list(found.columns)


def _each(pairs: list[tuple[Record, Field]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("record", "field"), [
        pytest.param(record, field, id=f"{record.name}.{field.name}") for record, field in pairs])


def _of_types(*types: str, encrypted: bool | None = None) -> list[tuple[Record, Field]]:
    return [(record, field) for record, field in OWNED
            if field.type in types and (encrypted is None or field.encrypted is encrypted)]


def test_every_record_has_its_table_or_is_named_as_coming_later() -> None:
    missing = {name for name in records() if _TABLES.get(name, name) not in _MAPPERS}
    assert missing == WITHOUT_TABLE


def test_every_field_has_its_column() -> None:
    missing = {(record.name, field.name) for record in KEPT for field in record.fields.values()
               if column_name(field) not in inspect(_mapper(record.name).class_).attrs}
    assert missing == WITHOUT_COLUMN


@pytest.mark.parametrize("record", KEPT, ids=lambda record: record.name)
def test_every_column_is_a_field_or_named_as_technical(record: Record) -> None:
    described = {column.name for field in record.fields.values() if (record.name, field.name) not in WITHOUT_COLUMN
                 for column in _columns(record, field)}
    left = {column.name for column in _mapper(record.name).local_table.c} - described
    assert left == {"id", "unknowns"} | TECHNICAL.get(record.name, frozenset())


@_each([(record, field) for record, field in OWNED if field.encrypted])
def test_an_encrypted_field_is_kept_as_bytes(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert isinstance(column.type, LargeBinary)


@_each(_of_types(*_TEXT, encrypted=False))
def test_a_text_has_the_length_of_its_type(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert isinstance(column.type, String) and column.type.length == SHORTER.get(
        (record.name, field.name), _TEXT[field.type])


@_each(_of_types(*_TEXT, encrypted=False))
def test_no_code_is_longer_than_its_column(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    for code in field.terms or ():
        assert len(code) <= column.type.length


@_each(_of_types(*_NUMERIC, encrypted=False))
def test_a_decimal_has_the_precision_of_its_type(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert isinstance(column.type, Numeric) and (column.type.precision, column.type.scale) == _NUMERIC[field.type]


@_each(_of_types(*_PLAIN, encrypted=False))
def test_a_column_has_the_type_of_its_field(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert isinstance(column.type, _PLAIN[field.type])


@_each(_of_types("partial_date", encrypted=False))
def test_a_partial_date_has_three_columns(record: Record, field: Field) -> None:
    assert isinstance(inspect(_mapper(record.name).class_).attrs[field.name], CompositeProperty)
    assert [(column.name.removeprefix(field.name), type(column.type)) for column in _columns(record, field)] == [
        ("_earliest", Date), ("_latest", Date), ("_precision", String)]


@_each(_of_types("ref"))
def test_a_reference_is_a_foreign_key_to_its_record(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert [key.target_fullname for key in column.foreign_keys] == [
        f"{_TABLES.get(field.refers_to, field.refers_to)}.id"
    ]


@_each(_of_types("refs"))
def test_references_to_several_are_a_relationship_to_their_record(record: Record, field: Field) -> None:
    related = _mapper(record.name).relationships[field.name]
    assert related.mapper.local_table.name == _TABLES.get(field.refers_to, field.refers_to)  # type: ignore[attr-defined]
    assert related.secondary is not None


def _must_have_a_value(field: Field) -> bool:
    """Needed to open the record, and any answer stands in the column itself (an unknown number stands beside it)."""
    beside = field.unknown and field.type not in ("code", "codes", "place", "country")
    return field.need == "R" and not beside and field.type not in ("partial_date", "refs")


@_each([(record, field) for record, field in OWNED if _must_have_a_value(field) and not field.encrypted])
def test_a_field_needed_to_open_its_record_may_not_be_null(record: Record, field: Field) -> None:
    (column,) = _columns(record, field)
    assert not column.nullable


@_each([(record, field) for record, field in OWNED
        if not _must_have_a_value(field) and field.entered and (record.name, field.name) not in NEVER_BLANK])
def test_a_field_that_may_stay_blank_may_be_null(record: Record, field: Field) -> None:
    assert all(column.nullable for column in _columns(record, field))


@_each([(record, field) for record in records().values() for field in record.fields.values() if field.list_name])
def test_the_code_list_that_a_field_names_exists(record: Record, field: Field) -> None:
    if field.list_name not in STANDARDS:
        assert len(codelist(field.list_name)) > 0
        assert files("sistra.codebook").joinpath("lists", f"{field.list_name}.csv").is_file()


def test_every_code_field_names_a_code_list() -> None:
    assert [f"{field.record}.{field.name}" for record in records().values() for field in record.fields.values()
            if field.type in ("code", "codes") and not field.list_name] == []


def test_every_code_list_shipped_stands_in_the_index() -> None:
    shipped = {path.stem for path in (ROOT / "sistra" / "codebook" / "lists").glob("*.csv")} - {"index"}
    assert shipped == set(list_labels())


def test_every_field_lies_in_a_section_of_its_record() -> None:
    assert [f"{field.record}.{field.name}" for record in records().values() for field in record.fields.values()
            if field.record == record.name and field.section not in record.sections] == []


def test_every_reference_names_a_record() -> None:
    assert {field.refers_to for record in records().values() for field in record.fields.values()
            if field.type in ("ref", "refs")} <= set(records())


def test_every_condition_names_a_field_of_its_record() -> None:
    assert [f"{field.record}.{field.name}" for record in records().values() for field in record.fields.values()
            if field.condition and field.condition.field not in record.fields] == []


def test_the_views_are_those_that_the_dictionary_makes() -> None:
    assert (ROOT / "sistra" / "access" / "views.py").read_text(encoding="utf-8") == generate.source()
