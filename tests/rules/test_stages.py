from datetime import date
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sistra.codebook.event_types import event_type, event_types
from sistra.codebook.terms import codelist
from sistra.rules.charge_course import charge_course, charge_status, furthest_stage, regress_needs_reason
from sistra.rules.outcomes import EFFECTS
from sistra.rules.purposes import main_purpose, purposes_top
from sistra.rules.stages import UNDATED, Act, CountRef, count_courses, in_order

ONE = (CountRef(1, 11),)
TWO_ACCUSED = (CountRef(1, 11), CountRef(2, 22))
TWO_COUNTS = (CountRef(1, 11), CountRef(2, 11))

# The shortest way by which each stage is reached.
WAY_TO = {
    "10-NOT": ("NOT-REC",), "20-CAL": ("CAL-INI",), "30-DIP": ("DIP-INI",), "40-IPF": ("FOR-DIS",),
    "50-INT": ("ACU-REQ",), "60-JUI": ("ENJ-AUT",), "70-SEN": ("SEN-CON",), "80-APE": ("SEN-CON", "APE-INT"),
    "85-CAS": ("SEN-CON", "CAS-INT"), "90-EJE": ("SEN-CON", "FIR-CON"), "99-CER": ("DIP-ARC",),
    "X-PES-TA": ("TAN-SOL",), "X-PES-CE": ("COE-INI",), "X-PES-PI": ("PIN-REQ",), "X-ANT": ("ANT-FOR",),
    "X-ANT-INS": ("ANT-FOR", "ANT-INS"), "X-ANT-RN": ("ANT-SCO", "RNU-INT"), "*": ("DIP-INI",)}
# What an act undoes or ends has to be there first.
WAY_BEFORE = {
    "RES-LEV": ("DIP-INI", "DIP-RES"), "DER-ACE": ("DIP-INI", "DER-DIS"), "DER-REC": ("DIP-INI", "DER-DIS"),
    "ACM-REV": ("DIP-INI", "ACM-DIS"), "REA-CIE": ("DIP-INI", "CIE-CAS"), "FIR-ABS": ("SEN-ABS",)}


def day(number):
    return (date.fromordinal(737000 + number),) * 2


def history(*codes, **last):
    """One act a day; keywords go to the last act."""
    return [Act(id=place, event_type=code, occurred=day(place), order=place, **(last if place == len(codes) else {}))
            for place, code in enumerate(codes, 1)]


def course(*codes, **last):
    return charge_course(ONE, history(*codes, **last)).counts[1]


def charge(*codes, counts=ONE, **last):
    return charge_course(counts, history(*codes, **last))


# --- the catalogue -----------------------------------------------------------------------------------------------------

def walk(code):
    kind = event_type(code)
    way = WAY_BEFORE.get(code) or WAY_TO[kind.stage_from[0]]
    return history(*way), history(*way, code)


def test_the_effects_are_exactly_the_outcomes_of_the_list():
    assert set(EFFECTS) == set(codelist("stage_outcome"))
    assert {effect.state for effect in EFFECTS.values()} - {None} <= set(codelist("count_state"))


@pytest.mark.parametrize("code", sorted(event_types()))
def test_every_act_sets_its_stage_and_its_outcome(code):
    kind = event_type(code)
    before, after = (charge_course(ONE, acts) for acts in walk(code))
    count = after.counts[1]
    assert count.outcome == (kind.outcome or before.counts[1].outcome)
    if kind.stage_to and code != "CIE-CAS":  # which moves nothing while a count is open
        assert count.stage == after.stage == kind.stage_to
    assert after.status in codelist("charge_status")
    assert after.accused[11].status in codelist("defendant_status")
    assert count.state in codelist("count_state")


def test_every_outcome_is_reached_by_some_act():
    reached = {count_courses(ONE, walk(code)[1])[1].outcome for code in event_types()}
    assert set(codelist("stage_outcome")) - reached == set()


def test_every_count_state_is_reached_by_some_act():
    reached = {count_courses(ONE, walk(code)[1])[1].state for code in event_types()}
    assert set(codelist("count_state")) - reached == set()


def test_every_stage_is_reached_by_some_act():
    reached = {count_courses(ONE, walk(code)[1])[1].stage for code in event_types()}
    assert set(codelist("procedural_stage")) - reached == set()


# --- the three published proceedings -----------------------------------------------------------------------------------

def exactly(year, month, number):
    return (date(year, month, number),) * 2


def test_case_1_convicted_then_acquitted_on_appeal_then_cassation_upheld():
    acts = [
        Act(1, "SEN-CON", exactly(2018, 8, 21), 1, verdicts={1: "COND"}),
        Act(2, "APE-RAB", exactly(2019, 5, 9), 2, verdicts={1: "ABS"}),
        Act(3, "CAS-INT", UNDATED, 3),
        Act(4, "CAS-FUN", exactly(2021, 7, 20), 4, appeal_outcome="FUN")]
    told = charge_course(ONE, acts)
    count = told.counts[1]
    assert (count.stage, count.outcome, count.state) == ("85-CAS", "CAS-FUN", "ABS")
    assert (told.status, told.accused[11].status) == ("SEN", "ABS")
    assert count.first_instance_on == exactly(2018, 8, 21) and count.first_instance_state == "CON"
    assert count.prosecuted_on == UNDATED
    assert count.final_on is None


def test_case_2_old_code_acquitted_and_no_nullity():
    acts = [
        Act(1, "ANT-SAB", UNDATED, 1),
        Act(2, "RNU-INT", UNDATED, 2),
        Act(3, "RNU-NHN", (date(2016, 1, 1), date(2016, 1, 31)), 3, appeal_outcome="NHN")]
    told = charge_course(ONE, acts)
    count = told.counts[1]
    assert (count.stage, count.outcome, count.state) == ("X-ANT-RN", "RN-NHN", "ABS")
    assert told.status == "SEN" and not count.open
    assert count.first_instance_on == UNDATED
    assert count.final_on == (date(2016, 1, 1), date(2016, 1, 31))


def test_case_3_two_counts_acquitted_and_the_acquittal_stands():
    acts = [
        Act(1, "ANT-SAB", exactly(2011, 4, 19), 1, verdicts={1: "ABS", 2: "ABS"}),
        Act(2, "RNU-INT", UNDATED, 2),
        Act(3, "RNU-NHN", exactly(2011, 10, 28), 3)]
    told = charge_course(TWO_COUNTS, acts)
    assert [(one.stage, one.outcome, one.state) for one in told.counts.values()] == [("X-ANT-RN", "RN-NHN", "ABS")] * 2
    assert (told.status, told.accused[11].status) == ("SEN", "ABS")


# --- outcome per count -------------------------------------------------------------------------------------------------

def test_one_judgment_convicts_on_one_count_and_acquits_on_another():
    told = charge("SEN-CON", counts=TWO_COUNTS, verdicts={1: "COND", 2: "ABS"})
    assert {one.count_id: (one.outcome, one.state) for one in told.counts.values()} == {
        1: ("SEN-CON", "CON"), 2: ("SEN-ABS", "ABS")}


def test_a_count_without_a_ruling_is_not_decided_by_the_judgment():
    told = charge("ENJ-AUT", "SEN-CON", counts=TWO_COUNTS, verdicts={1: "COND"})
    assert told.counts[2].open and told.status == "TRA" and told.stage == "60-JUI"


@pytest.mark.parametrize(("act", "result", "outcome", "state"), [
    ("APE-REV", "REV-ABS", "APE-RAB", "ABS"), ("APE-REV", "REV", "APE-REV", "CON"), ("APE-CNF", "NUL", "APE-NUL", "NUL"),
    ("CAS-FUN", "FUN-SIN", "CAS-FSR", "CON"), ("CAS-FUN", "FUN-REE", "CAS-FRE", "NUL"), ("CAS-FSR", "REV-ABS", "CAS-FSR", "ABS"),
    ("RNU-HNU", "HN-ABS", "RN-HNU", "ABS"), ("RNU-HNU", "HN-JUI", "RN-NUL", "NUL"), ("CAS-FUN", "NSP", "CAS-FUN", "CON"),
    ("APE-CNF", "DES", "APE-INA", "CON"), ("APE-PEN", "REC", "APE-PEN", "REC"), ("APE-RAB", "CNF", "APE-CNF", "CON")])
def test_the_result_of_a_remedy_weighs_more_than_the_type_of_act(act, result, outcome, state):
    count = course("SEN-CON", act, appeal_outcome=result)
    assert (count.outcome, count.state) == (outcome, state)


@pytest.mark.parametrize(("first", "act", "verdict", "outcome", "state"), [
    ("SEN-CON", "APE-CNF", "ABS", "APE-RAB", "ABS"), ("SEN-ABS", "APE-CNF", "COND", "APE-RCO", "CON"),
    ("SEN-CON", "APE-RAB", "COND", "APE-CNF", "CON"), ("SEN-CON", "APE-NUL", "ABS", "APE-RAB", "ABS"),
    ("SEN-CON", "APE-CNF", "NUL", "APE-NUL", "NUL"), ("SEN-CON", "CAS-FRJ", "ABS", "CAS-FSR", "ABS"),
    ("SEN-CON", "CAS-FUN", "NUL", "CAS-FRE", "NUL"), ("SEN-CON", "APE-PEN", "COND", "APE-PEN", "CON"),
    ("SEN-CON", "APE-RAB", "REC", "APE-PEN", "REC"), ("SEN-CON", "RNU-NUL", "ABS", "RN-HNU", "ABS")])
def test_a_ruling_on_appeal_weighs_more_than_the_type_of_act(first, act, verdict, outcome, state):
    count = course(first, act, verdicts={1: verdict})
    assert (count.outcome, count.state) == (outcome, state)


def test_a_remedy_has_its_effect_per_count():
    told = charge("SEN-CON", "APE-CNF", counts=TWO_COUNTS, appeal_outcome="CNF", effects={2: "REV-ABS"})
    assert [one.state for one in told.counts.values()] == ["CON", "ABS"]


def test_a_reserved_judgment_is_no_conviction():
    assert course("ENJ-AUT", "SEN-RFC", verdicts={1: "COND"}).state == "JUI"


def test_a_verdict_has_no_say_in_an_act_that_is_no_judgment():
    assert course("FOR-DIS", verdicts={1: "ABS"}).state == "FOR"


def test_an_annulled_judgment_is_open_again_at_trial_and_can_be_judged_again():
    annulled = charge("SEN-CON", "APE-INT", "APE-NUL")
    assert (annulled.stage, annulled.status, annulled.counts[1].state) == ("60-JUI", "TRA", "NUL")
    assert course("SEN-CON", "APE-INT", "APE-NUL", "JUI-INS").state == "JUI"
    again = course("SEN-CON", "APE-INT", "APE-NUL", "JUI-INS", "SEN-ABS")
    assert (again.state, again.stage, again.first_instance_on) == ("ABS", "70-SEN", day(5))


# --- which counts an act reaches ---------------------------------------------------------------------------------------

def test_an_act_that_names_nobody_leaves_a_dismissed_count_alone():
    acts = [*history("ACU-REQ", "SOB-AUT", counts=frozenset({1})), Act(3, "ENJ-AUT", day(3), 3)]
    told = charge_course(TWO_COUNTS, acts)
    assert [one.state for one in told.counts.values()] == ["SOB", "JUI"]
    assert told.stage == "60-JUI"


def test_a_final_conviction_that_names_nobody_is_not_that_of_the_acquitted_count():
    acts = [*history("SEN-CON", verdicts={1: "COND", 2: "ABS"}), Act(2, "FIR-CON", day(2), 2)]
    told = charge_course(TWO_COUNTS, acts)
    assert [one.stage for one in told.counts.values()] == ["90-EJE", "70-SEN"]
    assert told.counts[2].final_on is None


def test_an_act_that_names_nobody_leaves_a_count_in_reserve_alone():
    acts = [*history("DIP-INI", "DIP-RES", counts=frozenset({1})), Act(3, "FOR-DIS", day(3), 3)]
    assert [one.state for one in charge_course(TWO_COUNTS, acts).counts.values()] == ["RES", "FOR"]


def test_a_sentence_already_served_is_not_served_again():
    acts = [*history("SEN-CON", "FIR-CON", "EJE-CUM", accused=frozenset({11})), Act(4, "EJE-CUM", day(4), 4)]
    assert [one.final_on for one in charge_course(TWO_ACCUSED, acts).counts.values()] == [day(3), day(4)]


def test_an_act_reaches_only_the_accused_it_names():
    acts = [*history("DIP-INI", "EXT-MUE", accused=frozenset({22}))]
    told = charge_course(TWO_ACCUSED, acts)
    assert [one.state for one in told.counts.values()] == ["ABI", "EXT"]


def test_a_death_after_an_acquittal_does_not_change_it():
    assert course("SEN-ABS", "EXT-MUE").state == "ABS"
    assert course("SEN-CON", "EXT-MUE").state == "EXT"


def test_an_added_count_is_formalised_by_the_amplification():
    acts = [*history("FOR-DIS", counts=frozenset({1})), Act(2, "FOR-AMP", day(2), 2, counts=frozenset({2}))]
    told = charge_course(TWO_ACCUSED, acts)
    assert (told.counts[2].stage, told.counts[2].state, told.counts[2].prosecuted_on) == ("40-IPF", "FOR", day(2))


# --- dates -------------------------------------------------------------------------------------------------------------

def test_a_full_course_has_its_dates():
    count = course("NOT-REC", "DIP-INI", "FOR-DIS", "ACU-REQ", "ENJ-AUT", "SEN-CON", "APE-INT", "APE-CNF", "FIR-EJE")
    assert (count.prosecuted_on, count.accusation_on) == (day(3), day(4))
    assert (count.first_instance_on, count.final_on) == (day(6), day(9))
    assert {group: tuple(span) for group, span in count.stage_dates.items()} == {
        "DIP": (day(1), day(3)), "IPF": (day(3), day(4)), "INT": (day(4), day(5)), "JUI": (day(5), day(6)),
        "SEN": (day(6), day(9)), "EJE": (day(9), None)}


def test_a_direct_accusation_prosecutes_and_accuses_on_one_day():
    count = course("DIP-INI", "ADI-REQ")
    assert count.prosecuted_on == count.accusation_on == day(2)
    assert count.state == "ACU"


def test_a_judgment_known_to_be_final_is_final_without_an_act_of_its_own():
    told = charge("SEN-CON", finality="CON")
    assert told.counts[1].final_on == day(1) and told.status == "EJE"


def test_a_final_conviction_is_a_conviction_even_if_its_judgment_was_never_entered():
    told = charge("NOT-REC", "FIR-CON")
    count = told.counts[1]
    assert (count.state, count.outcome, told.status) == ("CON", "SEN-CON", "EJE")
    assert (count.first_instance_on, count.prosecuted_on, count.final_on) == (UNDATED, UNDATED, day(2))


def test_the_date_of_the_formalisation_replaces_a_date_not_known():
    assert course("IPF-CON").prosecuted_on == UNDATED
    assert course("IPF-CON", "FOR-AMP").prosecuted_on == day(2)
    assert course("FOR-DIS", "FOR-AMP").prosecuted_on == day(1)


def test_a_last_instance_is_final_unless_its_decision_was_set_aside():
    assert course("SEN-CON", "CAS-INF").final_on == day(2)
    assert course("SEN-CON", "CAS-INF", finality="ANU").final_on is None


def test_acts_are_ordered_by_day_and_undated_ones_stay_behind_the_one_entered_before():
    acts = [Act(1, "NOT-REC", day(9), 1), Act(2, "SEN-CON", UNDATED, 2), Act(3, "DIP-INI", day(3), 3),
            Act(4, "FOR-DIS", (None, day(5)[0]), 4)]
    assert [act.id for act in in_order(acts)] == [3, 4, 1, 2]


# --- reversal and re-opening -------------------------------------------------------------------------------------------

def reversal(number, target):
    return Act(number, "COR-ACT", day(number), number, reverses=target)


def test_a_reversed_act_is_as_if_it_had_never_been_entered():
    acts = history("DIP-INI", "FOR-DIS", "DIP-ARC")
    assert charge_course(ONE, [*acts, reversal(4, 3)]) == charge_course(ONE, acts[:2])


def test_a_reversal_can_be_reversed():
    acts = history("DIP-INI", "DIP-ARC")
    assert charge_course(ONE, [*acts, reversal(3, 2), reversal(4, 3)]) == charge_course(ONE, acts)


def test_only_a_correction_reverses():
    acts = [*history("DIP-INI"), Act(2, "CST-NOT", day(2), 2, reverses=1)]
    assert charge_course(ONE, acts).stage == "30-DIP"


def test_an_archive_is_reopened():
    told = charge("DIP-INI", "DIP-ARC", "REA-CAS")
    assert (told.stage, told.status, told.counts[1].state, told.closed_on) == ("30-DIP", "TRA", "ABI", None)


def test_a_reserve_is_lifted():
    assert charge("DIP-INI", "DIP-RES").status == "RES"
    assert charge("DIP-INI", "DIP-RES", "RES-LEV").status == "TRA"


def test_a_closing_by_mistake_goes_back_to_the_stage_before_it_and_keeps_the_verdict():
    told = charge("SEN-ABS", "CIE-CAS", "REA-CIE")
    assert (told.stage, told.counts[1].outcome, told.counts[1].state) == ("70-SEN", "SEN-ABS", "ABS")
    assert charge("SEN-ABS", "CIE-CAS").closed_on == day(2)


def test_a_charge_is_not_closed_while_a_count_is_open():
    told = charge("DIP-INI", "CIE-CAS")
    assert (told.stage, told.status) == ("30-DIP", "TRA")


def test_the_closing_reaches_the_charge_only_with_its_last_count():
    acts = history("DIP-INI", "DIP-ARC", counts=frozenset({1}))
    first = charge_course(TWO_COUNTS, acts)
    assert (first.counts[1].stage, first.stage, first.status, first.closed_on) == ("99-CER", "30-DIP", "TRA", None)
    both = charge_course(TWO_COUNTS, [*acts, Act(3, "DIP-ARC", day(3), 3)])
    assert (both.stage, both.status, both.closed_on) == ("99-CER", "ARC", day(3))
    assert both.counts[1].closed_on == day(2)


def test_an_accepted_referral_goes_on_where_it_was():
    told = charge("DIP-INI", "FOR-DIS", "DER-DIS", "DER-ACE")
    assert (told.stage, told.status, told.counts[1].outcome) == ("40-IPF", "TRA", "PRE-FOR")


def test_a_referral_outside_that_is_refused_opens_the_charge_again():
    assert charge("DIP-INI", "DER-EXT").stage == "99-CER"
    told = charge("DIP-INI", "DER-EXT", "DER-REC")
    assert (told.stage, told.status) == ("30-DIP", "TRA")


def test_the_referral_of_one_accused_leaves_the_charge_pending_and_survives_that_of_the_charge():
    acts = history("DIP-INI", "CAL-FAM", accused=frozenset({11}))
    assert charge_course(TWO_ACCUSED, acts).status == "TRA"
    acts += [Act(3, "DER-DIS", day(3), 3), Act(4, "DER-ACE", day(4), 4)]
    assert [one.outcome for one in charge_course(TWO_ACCUSED, acts).counts.values()] == ["PRE-DER", "TRA"]


# --- accused and charge ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("codes", "status"), [
    (("DIP-INI", "ACM-DIS"), "ACU"), (("DIP-INI", "DER-DIS"), "DER"), (("FOR-DIS",), "TRA"), (("DIP-INI", "DIP-RES"), "RES"),
    (("SEN-CON", "FIR-CON"), "EJE"), (("SEN-ABS",), "SEN"), (("DIP-INI", "DIP-ARC"), "ARC"), (("EXT-OTR",), "CER")])
def test_each_status_of_a_charge_with_one_count(codes, status):
    assert charge(*codes).status == status


def test_the_status_follows_the_precedence_of_the_counts():
    by_status = {"TRA": ("FOR-DIS",), "RES": ("DIP-INI", "DIP-RES"), "EJE": ("SEN-CON", "FIR-CON"), "SEN": ("SEN-ABS",),
                 "ARC": ("DIP-INI", "DIP-ARC"), "CER": ("EXT-OTR",)}
    courses = {status: course(*codes) for status, codes in by_status.items()}
    order = list(by_status)
    for place, higher in enumerate(order):
        for lower in order[place:]:
            assert charge_status([courses[lower], courses[higher]]) == higher
    joined, referred = course("ACM-DIS"), course("DER-DIS")
    assert charge_status([referred, joined]) == "ACU"
    assert charge_status([joined, courses["CER"]]) == "CER"


def test_a_sentence_served_closes_the_charge():
    told = charge("SEN-CON", "FIR-CON", "EJE-CUM")
    assert (told.status, told.stage, told.counts[1].state, told.accused[11].status) == ("CER", "99-CER", "CON", "SEN")


def test_a_charge_without_a_count_is_pending_and_moves_with_its_acts():
    told = charge("NOT-REC", "DIP-INI", counts=())
    assert (told.stage, told.status, dict(told.counts), dict(told.accused)) == ("30-DIP", "TRA", {}, {})
    assert charge("DIP-INI", "DIP-ARC", counts=()).status == "ARC"
    assert charge("DIP-INI", "CIE-CAS", counts=()).status == "CER"
    assert charge(counts=()).status == "TRA"


def test_two_accused_at_different_stages_show_in_the_tracker():
    acts = history("NOT-REC", "DIP-INI", "FOR-DIS", counts=frozenset({1}))
    told = charge_course(TWO_ACCUSED, acts)
    assert told.stage == "40-IPF"
    assert [(step.group, step.state, step.accused, step.of) for step in told.tracker] == [
        ("DIP", "done", 1, 2), ("IPF", "current", 1, 2), ("INT", "pending", 0, 2), ("JUI", "pending", 0, 2),
        ("SEN", "pending", 0, 2), ("EJE", "pending", 0, 2)]
    assert (told.tracker[0].starts, told.tracker[1].starts, told.tracker[1].ends) == (day(1), day(3), None)
    assert {one.accused_id: one.status for one in told.accused.values()} == {11: "IMP", 22: "INV"}


def test_a_stage_passed_without_an_act_is_done_without_dates():
    told = charge("SEN-CON")
    assert [step.state for step in told.tracker] == ["done"] * 4 + ["current", "pending"]
    assert told.tracker[3].starts is None


def test_an_archived_charge_shows_no_stage_that_it_never_reached():
    told = charge("DIP-INI", "DIP-ARC")
    assert [step.state for step in told.tracker] == ["done"] + ["pending"] * 5
    assert (told.tracker[0].starts, told.tracker[0].ends) == (day(1), day(2))


def test_an_appeal_keeps_the_charge_out_of_the_closed_stage_of_its_other_count():
    acts = history("ACU-REQ", "SOB-AUT", counts=frozenset({1}))
    acts += [Act(3, "SEN-CON", day(3), 3), Act(4, "APE-INT", day(4), 4)]
    assert charge_course(TWO_COUNTS, acts).stage == "80-APE"


@pytest.mark.parametrize(("codes", "status"), [
    (("NOT-REC",), "DEN"), (("DIP-INI",), "INV"), (("FOR-DIS",), "IMP"), (("ACU-REQ",), "ACU"), (("SEN-CON",), "SEN"),
    (("SEN-ABS",), "ABS"), (("SOB-AUT",), "SOB"), (("DIP-ARC",), "ARC"), (("FOR-DIS", "REO-CON"), "RCO"),
    (("FOR-DIS", "REO-CON", "REO-PUE"), "IMP")])
def test_each_status_of_an_accused(codes, status):
    assert charge(*codes).accused[11].status == status


def test_who_is_not_identified_stays_so_until_something_is_formalised():
    unidentified = (CountRef(1, 11, accused_status="LQR"),)
    assert charge("DIP-INI", "DIP-ARC", counts=unidentified).accused[11].status == "LQR"
    assert charge("FOR-DIS", counts=unidentified).accused[11].status == "IMP"


def test_a_court_case_shows_the_furthest_stage_of_its_own_counts():
    acts = history("FOR-DIS", "SEN-CON", counts=frozenset({1}))
    told = charge_course(TWO_ACCUSED, acts)
    assert furthest_stage([told.counts[1]]) == "70-SEN"
    assert furthest_stage([told.counts[2]]) == "40-IPF"
    assert furthest_stage([]) == "10-NOT"


@pytest.mark.parametrize(("at", "act", "needed"), [
    ("JUI-INS", "FOR-DIS", True), ("DIP-ARC", "REA-CAS", False), ("TAN-SOL", "TAN-DES", False), ("FOR-DIS", "ACU-REQ", False),
    ("SEN-CON", "JUI-INS", True), ("FOR-DIS", "CST-NOT", False)])
def test_going_back_needs_a_reason_where_the_act_does_not_foresee_it(at, act, needed):
    assert regress_needs_reason(charge(at), event_type(act)) is needed
    assert regress_needs_reason(course(at), event_type(act)) is needed


# --- random histories --------------------------------------------------------------------------------------------------

COUNTS = (CountRef(1, 11), CountRef(2, 11), CountRef(3, 22, accused_status="LQR"))
some_days = st.one_of(st.just(UNDATED), st.integers(0, 50).map(day), st.integers(0, 50).map(lambda n: (None, day(n)[0])))
verdict_maps = st.none() | st.dictionaries(st.sampled_from([1, 2, 3, 9]), st.sampled_from([*codelist("verdict"), "NSP"]))
WEIGHTED = [*event_types(), *(4 * [code for code, kind in event_types().items() if kind.outcome or kind.stage_to])]


@st.composite
def histories(draw):
    drafts = draw(st.lists(st.tuples(
        st.sampled_from(WEIGHTED), some_days, st.frozensets(st.sampled_from([1, 2, 3, 9])), st.frozensets(
            st.sampled_from([11, 22])), st.none() | st.integers(1, 12), st.none() | st.sampled_from(sorted(
                codelist("appeal_outcome"))), verdict_maps, st.none() | st.sampled_from(sorted(codelist("judgment_finality")))),
        max_size=10))
    return [Act(place, code, when, place, counts, accused, reverses if code == "COR-ACT" else None,
                result, verdicts and MappingProxyType(verdicts), None, finality)
            for place, (code, when, counts, accused, reverses, result, verdicts, finality) in enumerate(drafts, 1)]


@settings(max_examples=150, deadline=None)
@given(histories())
def test_any_history_has_a_course_in_codes_of_the_lists(acts):
    for counts in (COUNTS, ()):
        told = charge_course(counts, acts)
        assert told.stage in codelist("procedural_stage") and told.status in codelist("charge_status")
        assert len(told.tracker) == 6
        assert sum(step.accused for step in told.tracker) <= len(told.accused)
        for count in told.counts.values():
            assert count.state in codelist("count_state") and count.outcome in codelist("stage_outcome")
            assert not (count.open and count.final_on)
        assert all(one.status in codelist("defendant_status") for one in told.accused.values())


@settings(max_examples=100, deadline=None)
@given(histories().filter(bool))
def test_reversing_the_last_act_gives_the_course_before_it(acts):
    *before, last = acts
    undone = [*acts, Act(99, "COR-ACT", last.occurred, 99, reverses=last.id)]
    assert charge_course(COUNTS, undone) == charge_course(COUNTS, before)


# --- purposes ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("codes", "main"), [
    ((), None), (("NSP",), "NSP"), (("N/C",), None), (("SEX-BAR",), "SEX"), (("SEX-BAR", "SEX-PRO"), "SEX"),
    (("SEX-BAR", "LAB-FOR"), "MIX"), (("LAB", "NSP"), "LAB"), (("MIX",), "MIX")])
def test_the_main_purpose_is_mixed_with_two_or_more_forms(codes, main):
    assert main_purpose(codes) == main


def test_the_forms_stand_once_in_the_order_of_the_list():
    assert purposes_top(["LAB-MIN", "SEX-BAR", "LAB-FOR", "NSP"]) == ("SEX", "LAB")
