"""What the answers about a person must agree on, and who is guarded as a minor."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.rules.partial_dates import PartialDate
from sistra.rules.person_checks import (
    age_span,
    check_accused,
    check_age,
    check_exploitation,
    check_identity,
    check_recruitment,
    check_said,
    check_typed,
    check_victim,
    counts_as_minor,
    unasked,
)

DAYS = st.dates(date(1930, 1, 1), date(2026, 1, 1))


def fields_of(problems: list[Any]) -> list[str]:
    return [problem.field for problem in problems]


def test_the_age_on_the_eve_of_a_birthday_is_one_year_less() -> None:
    birth, facts = PartialDate.of_day(date(2008, 5, 10)), date(2026, 5, 10)
    assert age_span(birth, PartialDate.of_day(facts)) == (18, 18)
    assert age_span(birth, PartialDate.of_day(facts - timedelta(days=1))) == (17, 17)


def test_facts_known_by_their_month_leave_the_age_open_in_the_month_of_the_birthday() -> None:
    assert age_span(PartialDate.of_day(date(2008, 5, 10)), PartialDate.of_month(2026, 5)) == (17, 18)
    assert age_span(PartialDate.of_day(date(2008, 5, 10)), PartialDate.of_month(2026, 6)) == (18, 18)


def test_there_is_no_age_without_a_birth_date_or_without_the_date_of_the_facts() -> None:
    assert age_span(None, PartialDate.of_year(2026)) is None
    assert age_span(Unknown.NOT_KNOWN, PartialDate.of_year(2026)) is None
    assert age_span(PartialDate.of_year(2000), PartialDate.not_known()) is None


@given(DAYS, DAYS)
def test_a_coarser_birth_date_never_excludes_the_true_age(birth: date, facts: date) -> None:
    span = age_span(PartialDate.of_day(birth), PartialDate.of_day(facts))
    wide = age_span(PartialDate.of_year(birth.year), PartialDate.of_month(facts.year, facts.month))
    assert span is not None and wide is not None and wide[0] <= span[0] <= wide[1]


@pytest.mark.parametrize(
    ("age", "group", "minor"),
    [
        (17, None, True),
        (18, None, False),
        (None, None, True),
        (Unknown.NOT_KNOWN, None, True),
        (None, "NSP", True),
        (None, "L-U18", True),
        (None, "L-18", False),
        (Unknown.NOT_KNOWN, "L-18", False),
        (17, "L-18", True),
    ],
)
def test_who_is_not_said_to_be_an_adult_is_guarded_as_a_minor(age: Any, group: Any, minor: bool) -> None:
    assert counts_as_minor(age, group) is minor


@pytest.mark.parametrize(
    ("age", "group"), [(18, "L-U18"), (20, "L-14-17"), (13, "L-14-17"), (14, "L-U14"), (17, "L-18")]
)
def test_an_age_outside_its_legal_group_is_refused(age: int, group: str) -> None:
    assert fields_of(check_age({"age_at_facts": age, "age_group": group})) == ["age_group"]


def test_a_statistical_age_group_is_not_entered() -> None:
    assert fields_of(check_age({"age_group": "18-24"})) == ["age_group"]


def test_a_typed_age_may_differ_by_one_year_from_the_computed_one_and_not_by_two() -> None:
    dates = {"birth_date": PartialDate.of_day(date(2008, 5, 10)), "facts_from": PartialDate.of_day(date(2026, 6, 1))}
    assert check_age({"age_at_facts": 17, **dates}) == []
    assert fields_of(check_age({"age_at_facts": 16, **dates})) == ["age_at_facts"]


def test_nobody_is_born_after_the_facts() -> None:
    dates = {"birth_date": PartialDate.of_year(2027), "facts_from": PartialDate.of_year(2026)}
    assert fields_of(check_age(dates)) == ["birth_date"]


def test_means_are_always_asked_for_an_adult() -> None:
    assert fields_of(check_recruitment({"means": ("NRQ",)}, adult=True)) == ["means"]
    assert check_recruitment({"means": ("NRQ",)}, adult=False) == []


def test_not_required_stands_alone_among_the_means() -> None:
    assert fields_of(check_recruitment({"means": ("ENG", "NRQ")}, adult=False)) == ["means"]


def test_mixed_forms_are_not_entered_by_hand() -> None:
    assert fields_of(check_victim({"main_purpose": "MIX"})) == ["main_purpose"]
    assert fields_of(check_exploitation({"purpose": "MIX"})) == ["purpose"]
    assert check_victim({"main_purpose": "MIX"}, purposes=["SEX-PRO", "LAB-MIN"]) == []


def test_the_main_form_is_one_of_those_recorded() -> None:
    assert check_victim({"main_purpose": "LAB-MIN"}, purposes=["LAB-AGR"]) == []
    assert fields_of(check_victim({"main_purpose": "SEX"}, purposes=["LAB-AGR"])) == ["main_purpose"]


def test_a_legal_entity_has_no_sex_and_no_names() -> None:
    assert fields_of(check_accused({"kind": "JUR", "sex": "H"})) == ["sex"]
    assert fields_of(check_identity({"given_names": "Zoraida"}, kind="JUR")) == ["given_names"]
    assert fields_of(check_identity({"legal_name": "Minera Equis S.A.C."}, kind="NAT")) == ["legal_name"]


def test_those_who_may_be_found_responsible_are_not_identified() -> None:
    assert fields_of(check_accused({"identified": True, "status": "LQR"})) == ["status"]
    assert fields_of(check_accused({"identified": False, "status": "RCO"})) == ["status"]


def test_a_dni_has_eight_digits() -> None:
    assert fields_of(check_identity({"id_document_type": "DNI", "id_document_number": "123456789"}, kind=None)) == [
        "id_document_number"
    ]
    assert check_identity({"id_document_type": "DNI", "id_document_number": Unknown.NOT_KNOWN}, kind=None) == []


def test_what_another_answer_makes_pointless_loses_its_answer() -> None:
    accused = record("accused")
    assert unasked(accused, {"identified": True, "sex": "H"}, {"identified": False}) == ["sex"]
    assert unasked(accused, {}, {"identified": False, "sex": "H", "description": "Varón de casaca azul"}) == ["sex"]


def test_what_is_cleared_clears_what_hangs_on_it() -> None:
    assert unasked(
        record("accused"),
        {"identified": True, "public_official": True, "public_institution": "X"},
        {"identified": False},
    ) == ["public_official", "public_institution"]


def test_an_answer_whose_trigger_is_blank_stays() -> None:
    assert unasked(record("identity"), {}, {"id_document_number": "12345678"}) == []


def test_saving_without_a_change_clears_nothing() -> None:
    held = {"identified": False, "sex": "H"}
    assert unasked(record("accused"), held, dict(held)) == []


def test_an_age_above_the_years_since_birth_is_refused_in_words_of_both() -> None:
    today, birth = date(2026, 11, 21), {"birth_date": PartialDate.of_month(2010, 3)}
    found = check_typed({"age_at_facts": 30}, birth, today=today)
    assert [problem.message % problem.params for problem in found] == [
        "La edad (30) no concuerda con la fecha de nacimiento (03/2010)"]
    assert check_typed({"age_at_facts": 17}, birth, today=today) == []


@pytest.mark.parametrize(("said", "refused"), [({"legal_name": None}, True), ({"legal_name": "Aserradero"}, False), ({}, False)])
def test_a_legal_entity_has_a_legal_name_where_the_form_asks_it(said: dict[str, Any], refused: bool) -> None:
    assert bool(check_typed({"kind": "JUR"}, said, today=date(2026, 11, 21))) is refused


def test_something_is_said_of_a_new_person() -> None:
    assert fields_of(check_said({"sex": None, "citizenships": ()}, {"given_names": ""})) == [""]
    assert check_said({"sex": Unknown.NOT_KNOWN}, {}) == []
