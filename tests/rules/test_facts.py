"""What stands in a fact: how coarse, under which column, and never who."""
from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown, codelist
from sistra.rules import fact_dimensions as dimensions
from sistra.rules.coarsening import _GROUPS, AGE_COLUMNS, WORDED, Kind, ages, coarse, kind_of, month, quarter, term_band
from sistra.rules.durations import Duration
from sistra.rules.facts import UNITS, carried_from, record_of
from sistra.rules.partial_dates import PartialDate


def told(name: str, field: str, value: Any) -> Any:
    return coarse(record(name).fields[field], value)


@pytest.mark.parametrize(("value", "in_month", "in_quarter"), [
    (PartialDate.of_day(date(2026, 5, 7)), "2026-05", "2026-Q2"),
    (PartialDate.of_month(2026, 12), "2026-12", "2026-Q4"),
    (PartialDate.of_year(2024), "2024", "2024"),
    (PartialDate.of_range(date(2026, 4, 1), date(2026, 6, 2)), "2026", "2026-Q2"),
    (PartialDate.of_range(date(2025, 12, 1), date(2026, 1, 2)), "NSP", "NSP"),
    (date(2026, 1, 31), "2026-01", "2026-Q1"),
])
def test_a_date_keeps_its_month_or_quarter_and_else_the_year(value: Any, in_month: str, in_quarter: str) -> None:
    assert (month(value), quarter(value)) == (in_month, in_quarter)


@pytest.mark.parametrize(("code", "kept"), [
    ("170101", "17"), ("1701", "17"), ("17", "17"), ("NSP", "NSP"), ("N/C", "N/C"), (None, None)])
def test_a_place_keeps_its_department(code: str | None, kept: str | None) -> None:
    assert told("charge", "notice_place", Unknown(code) if code in tuple(Unknown) else code) == kept


@pytest.mark.parametrize(("amount", "band"), [
    ("0", "0"), ("999.99", "<1000"), ("1000", "<5000"), ("49999", "<50000"), ("50000", "50000+")])
def test_an_amount_keeps_its_band(amount: str, band: str) -> None:
    assert told("charge", "economic_benefit_amount", Decimal(amount)) == band


@pytest.mark.parametrize(("value", "kept"), [
    (Unknown.NOT_KNOWN, "NSP"), (Unknown.NOT_APPLICABLE, "N/C"), (None, None), (True, "1"), (False, "0")])
def test_yes_no_not_known_not_applicable_and_blank_are_five_things(value: Any, kept: str | None) -> None:
    assert told("charge", "organised_group", value) == kept


@pytest.mark.parametrize(("field", "value", "kept"), [
    ("disabilities", ("VIS", "AUD"), "1"), ("disabilities", ("NIN",), "0"), ("disabilities", None, None),
    ("disabilities", Unknown.NOT_KNOWN, "NSP"), ("number_of_children", 2, "2"), ("number_of_children", 5, "3+")])
def test_only_whether_and_how_many_is_kept_of_a_person(field: str, value: Any, kept: str | None) -> None:
    assert told("victim", field, value) == kept


def test_a_reference_that_is_blank_says_that_there_is_none() -> None:
    assert (told("charge", "joined_into", None), told("charge", "joined_into", 7)) == ("0", "1")


def test_a_prison_term_is_months_and_a_day_a_thirtieth_of_one() -> None:
    assert told("penalty", "imprisonment", Duration(8, 6, 15)) == Decimal("102.50")


@pytest.mark.parametrize(("years", "band"), [(7, "<8"), (8, "8-12"), (12, "12-15"), (24, "20-25"), (25, "25+"), (35, "25+")])
def test_a_term_stands_in_the_band_that_begins_with_it(years: int, band: str) -> None:
    assert term_band(Decimal(years * 12)) == band


def test_an_instant_keeps_its_day_in_lima() -> None:
    assert told("event", "scheduled_for", datetime(2026, 3, 2, 3, tzinfo=UTC)) == date(2026, 3, 1)


def test_a_month_is_no_exact_day() -> None:
    assert told("event", "occurred_on", PartialDate.of_month(2026, 3)) is None


# -- ages ------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 110))
def test_every_age_has_one_band_in_each_scheme_and_minority_agrees(age: int) -> None:
    found = ages(age, None)
    assert all(found[scheme] in codelist("age_group") for scheme in AGE_COLUMNS if scheme != "minor")
    assert found["minor"] == ("1" if age < 18 else "0")
    assert (found["age_unodc"] == "U-NIN") == (found["age_inei"] == "I-U18") == (age < 18)


@pytest.mark.parametrize(("group", "legal", "unodc", "observatory", "minor"), [
    ("L-U18", "L-U18", "U-NIN", "NSP", "1"), ("L-14-17", "L-14-17", "U-NIN", "13-17", "1"), ("L-18", "L-18", "U-ADU", "NSP", "0"),
    ("13-17", "NSP", "U-NIN", "13-17", "1"), ("25-34", "L-18", "U-ADU", "25-34", "0"), ("NSP", "NSP", "NSP", "NSP", "NSP")])
def test_a_group_stands_in_the_schemes_that_it_tells(group: str, legal: str, unodc: str, observatory: str, minor: str) -> None:
    found = ages(Unknown.NOT_KNOWN, group)
    told = (found["age_legal"], found["age_unodc"], found["age_observatory"], found["minor"])
    assert told == (legal, unodc, observatory, minor)


def test_an_age_never_asked_leaves_every_scheme_blank() -> None:
    assert set(ages(None, None).values()) == {None}


def test_every_band_of_the_list_is_known_to_some_scheme() -> None:
    assert set(_GROUPS) == set(codelist("age_group")) - {"NSP"}


_NEVER = ("longtext", "person_name", "document_number", "address", "phone", "email")

# -- units -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.name)
def test_every_field_of_a_fact_is_marked_for_facts_and_is_no_identity(unit: Any) -> None:
    for column in unit.columns.values():
        if column.field is not None:
            assert column.field.fact and column.field.sensitivity == "case", column.name
            assert not column.field.encrypted and column.field.type not in _NEVER, column.name


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.name)
def test_every_field_marked_for_facts_stands_in_its_unit(unit: Any) -> None:
    marked = {field.name for field in record(unit.name).fields.values() if field.fact}
    stands = {column.field.name for column in unit.columns.values() if column.field and column.source == unit.name} | {"charge"}
    assert marked <= stands
    assert "charge_id" in unit.columns


@pytest.mark.parametrize("unit", UNITS.values(), ids=lambda unit: unit.name)
def test_no_answer_of_one_record_stands_in_the_column_of_another(unit: Any) -> None:
    names = [(column.name, source) for source, fields in unit.sources.items() for column in unit.columns.values()
             if column.source == source for field in fields if field is column.field]
    assert len({name for name, _ in names}) == len(names)


def test_no_fact_holds_an_exact_age_or_a_place_below_the_department() -> None:
    for unit in UNITS.values():
        assert "age_at_facts" not in unit.columns
        for column in unit.columns.values():
            if column.field is not None and column.field.type == "place":
                assert column.field.fact == "1:department"


def test_the_parts_of_a_charge_carry_neither_its_stage_nor_its_outcome() -> None:
    carried = carried_from("charge")
    assert {"received_on", "fiscal_district", "office_id", "counted"} <= carried
    assert not carried & {"stage", "status", "completeness", "reached"}


def test_every_source_is_a_record_of_the_dictionary() -> None:
    for unit in UNITS.values():
        for source, fields in unit.sources.items():
            assert {field.record for field in fields} <= {record_of(source), "any"}


@pytest.mark.parametrize("kind", [Kind.NUMBER, Kind.AMOUNT, Kind.TERM, Kind.DAY, Kind.KEY])
def test_what_is_reckoned_with_holds_no_word(kind: Kind) -> None:
    assert kind not in WORDED


def test_a_kind_is_that_of_the_coarsened_answer() -> None:
    fields = record("charge").fields
    assert [kind_of(fields[name]) for name in ("received_on", "office", "joined_into", "acts", "number")] == [
        Kind.PERIOD, Kind.KEY, Kind.YES_NO, Kind.CODES, Kind.TEXT]


# -- dimensions ------------------------------------------------------------------------------------------------------


def milestones(**known: Any) -> dimensions.Milestones:
    return dimensions.Milestones(**{"stage": "10-NOT", "state": "ABI", "prosecuted": None, "accusation": None, "judged": None,
                                    "final": None} | known)


@pytest.mark.parametrize(("known", "reached"), [
    ({}, "DIP"), ({"prosecuted": Unknown.NOT_KNOWN}, "IPF"), ({"accusation": date(2026, 1, 1)}, "INT"),
    ({"stage": "60-JUI"}, "JUI"),
    ({"stage": "99-CER", "accusation": date(2026, 1, 1)}, "INT"), ({"judged": Unknown.NOT_KNOWN, "stage": "60-JUI"}, "SEN"),
    ({"stage": "99-CER"}, "DIP"), ({"final": date(2026, 1, 1), "state": "CON"}, "EJE"),
    ({"final": date(2026, 1, 1), "state": "ARC"}, "DIP"),
    ({"final": date(2026, 1, 1), "judged": date(2026, 1, 1), "state": "ABS"}, "SEN")])
def test_a_count_has_reached_the_furthest_stage_it_was_ever_in(known: dict[str, Any], reached: str) -> None:
    assert milestones(**known).reached == reached


@pytest.mark.parametrize(("offence", "answer"), [("PE-129A", "1"), ("PE-303A", "0"), ("X", None), (None, None)])
def test_an_offence_is_trafficking_itself_or_not(offence: str | None, answer: str | None) -> None:
    assert dimensions.core(offence) == answer
