from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sistra.codebook.event_types import event_type
from sistra.codebook.terms import codelist
from sistra.rules.deadlines import (
    LIMA,
    NO_HOUR,
    NO_TERM,
    ONE_WORKING_DAY,
    WORKING_DAYS,
    Due,
    add_months,
    due,
    extended_by,
    extension_start,
    opened_by,
    rule,
    starts_on,
    state,
    warning_days,
)

DAY = date(2026, 3, 10)


@pytest.mark.parametrize(("regime", "code"), [
    ("ordinary", "DIP-ORD"), ("complex", "DIP-COM"), ("organised", "DIP-ORG"), (None, "DIP-ORD"), ("NSP", "DIP-ORD")])
def test_the_regime_of_the_charge_picks_one_of_several_rules(regime, code):
    assert opened_by(event_type("DIP-INI"), regime, "10-NOT") == (code,)


def test_a_rule_for_any_regime_opens_always():
    assert opened_by(event_type("SEN-CON"), "organised", "60-JUI") == ("SEN-LEC",)


def test_a_regime_without_a_rule_of_its_own_falls_back_to_the_ordinary_one():
    assert opened_by(event_type("DET-FLA"), "complex", "30-DIP") == ("FLA",)
    assert opened_by(event_type("DET-FLA"), "organised", "30-DIP") == ("FLA-ORG",)
    assert opened_by(event_type("DET-EJE"), "organised", "30-DIP") == ("DPJ",)


@pytest.mark.parametrize(("act", "stage", "code"), [
    ("REG-COM", "30-DIP", "DIP-COM"), ("REG-COM", "40-IPF", "IPF-COM"), ("REG-ORG", "40-IPF", "IPF-ORG"),
    ("REG-ORD", "30-DIP", "DIP-ORD"), ("REG-ORD", "X-PES-TA", "IPF-ORD")])
def test_an_act_that_sets_the_regime_opens_its_rule_of_the_current_stage(act, stage, code):
    assert opened_by(event_type(act), "ordinary", stage) == (code,)


def test_the_same_rule_closed_and_opened_is_an_extension():
    assert extended_by(event_type("IPF-PRO"), "complex", "40-IPF") == ("IPF-COM",)
    assert extended_by(event_type("FOR-DIS"), "complex", "30-DIP") == ()


def test_an_extension_of_days_or_months_runs_from_the_end_of_the_term():
    start = extension_start("IPF-ORD", DAY, date(2026, 4, 1))
    assert start == date(2026, 4, 1)
    assert due("IPF-ORD", start, extension=True).on == date(2026, 5, 31)
    assert due("PP-ORG", date(2026, 4, 1), extension=True).on == date(2027, 4, 1)


def test_a_gap_between_sessions_starts_again_from_the_session():
    assert extension_start("JUI-SUS", DAY, date(2026, 4, 1)) == DAY
    assert extension_start("IPF-ORD", DAY, None) == DAY


def test_a_term_starts_only_from_an_exact_day():
    assert starts_on("DIP-ORD", (DAY, DAY), None) == DAY
    assert starts_on("DIP-ORD", (date(2026, 3, 1), date(2026, 3, 31)), None) is None
    assert starts_on("DIP-ORD", (None, None), DAY) is None


def test_a_term_that_runs_from_notification_stays_unopened_until_it_is_registered():
    assert starts_on("IPF-ORD", (DAY, DAY), None) is None
    assert starts_on("IPF-ORD", (None, None), DAY) == DAY


def test_natural_days_do_not_count_the_first():
    assert due("DIP-ORD", date(2026, 1, 1)) == Due(date(2026, 3, 2), None, True, "", True)


def test_the_term_fixed_by_the_prosecutor_replaces_that_of_the_rule():
    assert due("DIP-ORD", date(2026, 1, 1), 90).on == date(2026, 4, 1)
    assert due("PP-ORD", date(2026, 1, 31), term_months=7).on == date(2026, 8, 31)


@pytest.mark.parametrize(("start", "months", "end"), [
    (date(2026, 1, 31), 1, date(2026, 2, 28)), (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2026, 8, 31), 18, date(2028, 2, 29)), (date(2026, 12, 15), 1, date(2027, 1, 15))])
def test_months_end_on_the_same_day_or_on_the_last_of_the_month(start, months, end):
    assert add_months(start, months) == end


def test_hours_end_at_an_instant_of_lima():
    told = due("FLA", datetime(2026, 3, 10, 22, 30, tzinfo=LIMA))
    assert (told.on, told.at) == (date(2026, 3, 12), datetime(2026, 3, 12, 22, 30, tzinfo=LIMA))
    assert due("FLA", datetime(2026, 3, 11, 3, 30, tzinfo=UTC)) == told
    assert due("FLA", datetime(2026, 3, 10, 22, 30)) == told


def test_hours_without_an_hour_give_the_day_and_say_so():
    assert due("DPJ", DAY) == Due(date(2026, 3, 13), None, True, NO_HOUR, False)


def test_an_instant_near_midnight_counts_by_its_day_in_lima():
    assert due("DIP-ORD", datetime(2026, 1, 2, 3, 0, tzinfo=UTC)).on == date(2026, 3, 2)


def test_working_days_are_not_computed_yet():
    assert due("APE-SEN", DAY) == Due(None, None, False, WORKING_DAYS, False)
    assert due("APE-SEN", DAY, given=date(2026, 3, 17)) == Due(date(2026, 3, 17), None, False, "", False)


@pytest.mark.parametrize("code", ["MED-VEN", "INF-RES", "REP-PAG"])
def test_a_rule_without_an_amount_takes_the_term_or_the_date_of_the_order(code):
    assert due(code, DAY).pending_reason == NO_TERM
    assert due(code, DAY, 10).on == date(2026, 3, 20)
    assert due(code, DAY, 10, date(2026, 5, 1)).on == date(2026, 5, 1)


def test_the_detention_requested_is_not_the_term_of_its_hearing():
    start = datetime(2026, 3, 10, 9, 0, tzinfo=LIMA)
    assert due("AUD-PP", start, 270) == due("AUD-PP", start)


def test_law_that_is_not_confirmed_stays_flagged():
    assert not due("IPF-ORD", DAY).verified
    assert due("PP-ORD", DAY).verified


def test_detention_warns_30_10_and_3_days_before_and_the_rest_15():
    assert warning_days("PP-COM") == (30, 10, 3)
    assert warning_days("DIP-ORD") == (15,)


@pytest.mark.parametrize(("today", "code"), [
    (date(2026, 2, 14), "ABI"), (date(2026, 2, 15), "PRX"), (date(2026, 3, 2), "PRX"), (date(2026, 3, 3), "VEN")])
def test_an_open_deadline_runs_then_is_near_then_overdue(today, code):
    assert state("DIP-ORD", due("DIP-ORD", date(2026, 1, 1)), today) == code


def test_detention_is_near_30_days_before():
    told = due("PP-ORD", date(2026, 1, 10))
    assert state("PP-ORD", told, date(2026, 9, 10)) == "PRX"
    assert state("PP-ORD", told, date(2026, 9, 9)) == "ABI"


def test_a_closed_deadline_was_met_in_time_or_late():
    told = due("DIP-ORD", date(2026, 1, 1))
    assert state("DIP-ORD", told, date(2026, 9, 1), date(2026, 3, 2)) == "CUM"
    assert state("DIP-ORD", told, date(2026, 9, 1), date(2026, 3, 3)) == "CFT"


def test_hours_are_overdue_to_the_minute():
    told = due("FLA", datetime(2026, 3, 10, 8, 0, tzinfo=LIMA))
    assert state("FLA", told, datetime(2026, 3, 12, 8, 0, tzinfo=LIMA)) == "PRX"
    assert state("FLA", told, datetime(2026, 3, 12, 8, 1, tzinfo=LIMA)) == "VEN"


def test_suspended_extended_and_void_weigh_more_than_the_day():
    told = due("DIP-ORD", date(2026, 1, 1))
    assert state("DIP-ORD", told, date(2027, 1, 1), suspended=True) == "SUS"
    assert state("DIP-ORD", told, date(2027, 1, 1), date(2026, 2, 1), extended=True) == "PRR"
    assert state("DIP-ORD", told, date(2027, 1, 1), extended=True, void=True) == "ANU"


def test_a_deadline_without_a_date_runs():
    told = due("CAS", DAY)
    assert state("CAS", told, date(2030, 1, 1)) == "ABI"
    assert state("CAS", told, date(2030, 1, 1), date(2026, 3, 12)) == "CUM"


@given(st.sampled_from(sorted(codelist("deadline"))), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_no_rule_ends_before_it_starts_and_what_has_no_date_says_why(code, start):
    told = due(code, start)
    assert (told.on is None) == (told.computed is False) == (told.pending_reason in (ONE_WORKING_DAY, WORKING_DAYS, NO_TERM))
    assert told.on is None or told.on > start
    assert told.verified == rule(code).verified
