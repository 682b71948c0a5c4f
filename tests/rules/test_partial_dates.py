from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.rules.partial_dates import DateRefused, PartialDate, Precision, parse_date, parse_partial_date

TODAY = date(2026, 8, 12)
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31))
KNOWN = st.one_of(
    DAYS.map(PartialDate.of_day),
    DAYS.map(lambda day: PartialDate.of_month(day.year, day.month)),
    DAYS.map(lambda day: PartialDate.of_year(day.year)),
    st.tuples(DAYS, DAYS).map(lambda pair: PartialDate.of_range(min(pair), max(pair))),
    st.tuples(DAYS, DAYS).map(lambda pair: PartialDate.of_range(
        min(pair).replace(day=1), PartialDate.of_month(max(pair).year, max(pair).month).latest or max(pair))),
)


@pytest.mark.parametrize("typed", [
    "27/3/2026", "27/03/2026", "27-03-26", "27.3.2026", "2026-03-27", " 27 / 3 / 2026. ", "(27/3/2026)", "27 3 2026",
    "27 de marzo de 2026", "27 marzo 2026", "el 27 de Marzo del 2026", "27-mar-2026", "27 mar. 26", "March 27, 2026",
    "27th of March 2026", "\u200e27/3/2026", "２７/3/2026", "27–3–2026",
])
def test_a_day_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_partial_date(typed, TODAY) == PartialDate(date(2026, 3, 27), date(2026, 3, 27), "day")


@pytest.mark.parametrize("typed", ["3/2025", "03-2025", "3.2025", "3 - 2025", "2025-03", "marzo 2025", "marzo de 2025",
                                   "MARZO DEL 2025", "mes de marzo de 2025", "mar-2025", "March 2025"])
def test_a_month_is_stored_with_its_first_and_last_day(typed: str) -> None:
    assert parse_partial_date(typed, TODAY) == PartialDate(date(2025, 3, 1), date(2025, 3, 31), "month")


@pytest.mark.parametrize("typed", ["2025", " 2025.", "año 2025", "el año 2025"])
def test_a_year_is_stored_with_its_first_and_last_day(typed: str) -> None:
    assert parse_partial_date(typed, TODAY) == PartialDate(date(2025, 1, 1), date(2025, 12, 31), "year")


@pytest.mark.parametrize("typed", [
    "3/2025 a 8/2026", "3/2025 - 8/2026", "3/2025-8/2026", "3-2025 – 8-2026", "03/2025 hasta 08/2026",
    "2025-03/2026-08",
    "entre marzo de 2025 y agosto de 2026", "desde 3/2025 hasta 8/2026", "de marzo 2025 a agosto 2026",
    "between March 2025 and August 2026", "from 3/2025 to 8/2026",
])
def test_a_period_is_read_however_it_is_typed(typed: str) -> None:
    assert parse_partial_date(typed, TODAY) == PartialDate(date(2025, 3, 1), date(2026, 8, 31), "range")


@pytest.mark.parametrize("typed", ["2024 - 2025", "2024-2025", "2024 a 2025", "entre 2024 y 2025", "del 2024 al 2025"])
def test_a_period_of_years_runs_from_the_first_day_to_the_last(typed: str) -> None:
    assert parse_partial_date(typed, TODAY) == PartialDate(date(2024, 1, 1), date(2025, 12, 31), "range")


def test_a_period_may_last_until_today() -> None:
    assert parse_partial_date("3/2025 a hoy", TODAY) == PartialDate.of_range(date(2025, 3, 1), TODAY)


@pytest.mark.parametrize(("typed", "back"), [("hoy", 0), ("Today", 0), ("ayer", 1), (" Yesterday. ", 1)])
def test_today_and_yesterday_are_words(typed: str, back: int) -> None:
    assert parse_date(typed, TODAY) == TODAY - timedelta(days=back)


@pytest.mark.parametrize("typed", ["1° de setiembre de 2025", "1º septiembre 2025", "1ro de set. de 2025",
                                   "primero de setiembre de 2025", "1st September 2025"])
def test_the_first_of_a_month_may_be_an_ordinal(typed: str) -> None:
    assert parse_date(typed, TODAY) == date(2025, 9, 1)


def test_a_year_of_two_digits_is_not_in_the_future() -> None:
    assert parse_date("1/1/27", TODAY) == date(1927, 1, 1)


def test_a_year_of_two_digits_may_be_near_in_the_future_where_the_future_is_allowed() -> None:
    assert [parse_date(f"1/1/{year}", TODAY, future=True).year for year in (27, 46, 47)] == [2027, 2046, 1947]


@pytest.mark.parametrize("typed", ["31/2/2026", "31 de febrero de 2026", "2026-02-31", "29/2/2025", "0/2/2026"])
def test_a_day_that_does_not_exist_is_refused_with_that_reason(typed: str) -> None:
    with pytest.raises(DateRefused) as refused:
        parse_partial_date(typed, TODAY)
    assert "no existe: revise el día y el mes" in refused.value.message


def test_a_leap_day_exists() -> None:
    assert parse_date("29/2/2024", TODAY) == date(2024, 2, 29)


@pytest.mark.parametrize("typed", ["3/27/2026", "13/2025", "0/2025"])
def test_a_month_that_does_not_exist_is_refused_with_the_order_to_type(typed: str) -> None:
    with pytest.raises(DateRefused, match="primero el día y luego el mes"):
        parse_partial_date(typed, TODAY)


@pytest.mark.parametrize("typed", ["13/8/2026", "27-12-26", "9/2026", "2027", "3/2025 a 9/2026", "2025 - 2027"])
def test_the_future_is_refused_with_that_reason(typed: str) -> None:
    with pytest.raises(DateRefused) as refused:
        parse_partial_date(typed, TODAY)
    assert "no puede ser posterior a hoy" in refused.value.message % refused.value.params


@pytest.mark.parametrize("typed", ["12/8/2026", "8/2026", "2026"])
def test_the_present_day_month_and_year_are_not_future(typed: str) -> None:
    assert parse_partial_date(typed, TODAY).known


def test_the_future_is_accepted_where_it_is_allowed() -> None:
    assert parse_date("13/8/2026", TODAY, future=True) == date(2026, 8, 13)


@pytest.mark.parametrize("typed", ["1899", "31/12/1899", "12/1899", "0000", "1850 a 2020"])
def test_a_year_before_1900_is_refused(typed: str) -> None:
    with pytest.raises(DateRefused, match="anterior a"):
        parse_partial_date(typed, TODAY)


@pytest.mark.parametrize("typed", ["", "   ", "algún día", "27/3", "3/25", "marzo", "marzo 25", "27032026",
                                   "1/2/3/2025", "27/3/226", "٢٧/٣/٢٠٢٦", "a", "entre 2024 y", "2024 y 2025",
                                   "27:03:2026", "27-3-6"])
def test_what_is_not_understood_is_answered_with_what_to_type(typed: str) -> None:
    with pytest.raises(DateRefused) as refused:
        parse_partial_date(typed, TODAY)
    assert refused.value.message == "Escriba la fecha como 27/3/2026, 3/2025 o 2025"


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(DateRefused, match="termina antes de empezar"):
        parse_partial_date("8/2025 a 3/2025", TODAY)


@pytest.mark.parametrize("typed", ["3/2025", "2025", "2024 a 2025"])
def test_less_than_a_day_is_no_full_date(typed: str) -> None:
    with pytest.raises(DateRefused, match="Falta el día"):
        parse_date(typed, TODAY)


def test_a_refusal_does_not_carry_what_was_typed_as_its_own_text() -> None:
    with pytest.raises(DateRefused) as refused:
        parse_date("31/2/1987", TODAY)
    assert "1987" not in str(refused.value)
    assert refused.value.params == {"day": 31, "month": 2, "year": 1987}


@pytest.mark.parametrize(("value", "text", "iso"), [
    (PartialDate.of_day(date(2026, 3, 7)), "07/03/2026", "2026-03-07"),
    (PartialDate.of_month(2026, 3), "03/2026", "2026-03"),
    (PartialDate.of_year(2026), "2026", "2026"),
    (PartialDate.of_range(date(2025, 3, 1), date(2026, 8, 31)), "03/2025 a 08/2026", "2025-03/2026-08"),
    (PartialDate.of_range(date(2025, 3, 1), date(2026, 8, 30)), "01/03/2025 a 30/08/2026", "2025-03-01/2026-08-30"),
    (PartialDate.of_range(date(2025, 3, 2), date(2026, 8, 31)), "02/03/2025 a 31/08/2026", "2025-03-02/2026-08-31"),
    (PartialDate.not_known(), "", "NSP"),
    (PartialDate.not_applicable(), "", "N/C"),
])
def test_a_date_is_written_for_people_and_for_programs(value: PartialDate, text: str, iso: str) -> None:
    assert (value.text(), value.iso()) == (text, iso)


def test_a_range_of_exactly_one_day_month_or_year_is_that() -> None:
    assert PartialDate.of_range(TODAY, TODAY) == PartialDate.of_day(TODAY)
    assert PartialDate.of_range(date(2024, 2, 1), date(2024, 2, 29)) == PartialDate.of_month(2024, 2)
    assert PartialDate.of_range(date(2024, 1, 1), date(2024, 12, 31)) == PartialDate.of_year(2024)


def test_a_range_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError):
        PartialDate.of_range(date(2025, 2, 2), date(2025, 2, 1))


def test_only_a_known_day_is_a_day() -> None:
    assert PartialDate.of_day(TODAY).day == TODAY
    assert [one.day for one in (PartialDate.of_month(2026, 8), PartialDate.of_range(TODAY, date(2026, 8, 20)),
                                PartialDate.not_known())] == [None, None, None]


def test_a_date_not_known_or_not_applicable_is_not_a_known_date() -> None:
    assert not PartialDate.not_known().known and not PartialDate.not_applicable().known
    assert PartialDate.not_known() != PartialDate.not_applicable()


def test_dates_sort_by_their_first_day_then_precision_and_the_unknown_come_last() -> None:
    first, second = PartialDate.of_day(date(2025, 1, 1)), PartialDate.of_day(date(2025, 1, 2))
    month, year, unknown = PartialDate.of_month(2025, 1), PartialDate.of_year(2025), PartialDate.not_known()
    mixed = [unknown, second, year, first, month, PartialDate.of_year(2024)]
    expected = [PartialDate.of_year(2024), first, month, year, second, unknown]
    assert sorted(mixed, key=lambda one: one.sort_key) == expected


def test_a_value_read_from_the_database_equals_the_one_stored() -> None:
    stored = PartialDate(date(2025, 3, 1), date(2025, 3, 31), "month")
    assert stored == PartialDate.of_month(2025, 3) and hash(stored) == hash(PartialDate.of_month(2025, 3))
    assert stored.precision == Precision.MONTH and stored.text() == "03/2025"


@pytest.mark.parametrize("text", ["", "27/03/2026", "2026-3-27", "2026-02-30", "2026-13", "2026/", "/2026", "0000",
                                  "2026-08/2025-03", "2024/2025/2026", "hoy", "2026-03-27\n"])
def test_only_iso_text_is_read_as_iso(text: str) -> None:
    with pytest.raises(ValueError):
        PartialDate.from_iso(text)


@given(KNOWN)
def test_what_is_written_for_people_is_read_back_as_the_same_date(value: PartialDate) -> None:
    assert parse_partial_date(value.text(), TODAY, future=True) == value


@given(st.one_of(KNOWN, st.sampled_from([PartialDate.not_known(), PartialDate.not_applicable()])))
def test_what_is_written_for_programs_is_read_back_as_the_same_date(value: PartialDate) -> None:
    assert PartialDate.from_iso(value.iso()) == value


_SCRAPS = st.lists(st.sampled_from(["0", "1", "31", "2", "12", "2025", "25", "9999", "/", "-", ".", " ", " a ",
                                    " y ", "entre ", "marzo", " de ", "hoy", "ayer", "1°", "²",
                                    "İ"]), max_size=12).map("".join)


@given(st.one_of(st.text(max_size=300), _SCRAPS), st.booleans())
def test_any_text_is_either_a_date_from_1900_or_refused(text: str, future: bool) -> None:
    try:
        found = parse_partial_date(text, TODAY, future=future)
    except DateRefused as refused:
        assert refused.message % refused.params
    else:
        assert found.earliest is not None and found.latest is not None
        assert date(1900, 1, 1) <= found.earliest <= found.latest
        assert future or found.earliest <= TODAY


@pytest.mark.parametrize(("one", "other", "before"), [
    (PartialDate.of_day(date(2026, 3, 1)), PartialDate.of_day(date(2026, 3, 2)), True),
    (PartialDate.of_day(date(2026, 3, 2)), PartialDate.of_day(date(2026, 3, 2)), False),
    (PartialDate.of_year(2025), PartialDate.of_month(2026, 1), True),
    (PartialDate.of_month(2026, 3), PartialDate.of_day(date(2026, 3, 31)), False),
    (PartialDate.of_month(2026, 3), PartialDate.of_year(2026), False),
    (PartialDate.not_known(), PartialDate.of_year(2026), False),
    (PartialDate.of_year(2026), PartialDate.not_known(), False)])
def test_a_date_is_surely_before_another_where_none_of_its_days_reaches_it(one: PartialDate, other: PartialDate,
                                                                           before: bool) -> None:
    assert one.surely_before(other) is before
