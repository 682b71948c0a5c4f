from datetime import date

import pytest

from sistra.codebook.event_types import event_type
from sistra.codebook.terms import codelist
from sistra.rules.durations import Duration
from sistra.rules.judgments import (
    Ruled,
    below_minimum,
    check_judgment,
    check_paid,
    check_ruling,
    deciding_event,
    effects_of,
    filing_event,
    finality_given,
    first_instance_event,
    implied_verdict,
    made_final,
    outcome_of,
    verdict_of,
)
from sistra.rules.partial_dates import PartialDate


@pytest.mark.parametrize(
    ("code", "kind", "verdicts", "event"),
    [
        ("ncpp", "SEN", ("COND",), "SEN-CON"),
        ("ncpp", "SEN", ("ABS", "ABS"), "SEN-ABS"),
        ("ncpp", "SEN", ("COND", "ABS"), "SEN-CON"),
        ("ncpp", "SEN", ("REC",), "SEN-REC"),
        ("1940", "SEN", ("COND",), "ANT-SCO"),
        ("1940", "SEN", ("ABS",), "ANT-SAB"),
        (None, "SEN", ("ABS",), "SEN-ABS"),
        ("ncpp", "STA", ("COND",), "TAN-SEN"),
        ("ncpp", "SCE", ("COND",), "COE-SEN"),
        ("ncpp", "SCO", ("COND",), "JUI-CON"),
        ("ncpp", "SCO", ("COND", "ABS"), "SEN-CON"),
        ("ncpp", "SEN", ("NSP",), "SEN-NSP"),
        ("1940", "SEN", ("ABS", "NSP"), "ANT-SAB"),
    ],
)
def test_a_judgment_of_first_instance_is_the_act_of_its_code_kind_and_verdicts(code, kind, verdicts, event):
    assert first_instance_event(code, kind, [Ruled(verdict) for verdict in verdicts]) == event


def test_a_conviction_held_back_is_an_act_of_its_own():
    assert first_instance_event("ncpp", "SEN", [Ruled("COND")], reserved=True) == "SEN-RFC"


@pytest.mark.parametrize(
    ("kind", "effect", "event"),
    [
        ("APE", "CNF", "APE-CNF"),
        ("APE", "REV-ABS", "APE-RAB"),
        ("APE", "REV-CON", "APE-RCO"),
        ("APE", "NUL", "APE-NUL"),
        ("APE", "PEN", "APE-PEN"),
        ("APE", "REC", "APE-REC"),
        ("APE", "REV", "APE-REV"),
        ("APE", "DES", "APE-INA"),
        ("CAS", "INA", "CAS-INA"),
        ("CAS", "INF", "CAS-INF"),
        ("CAS", "FUN", "CAS-FUN"),
        ("CAS", "FUN-SIN", "CAS-FSR"),
        ("CAS", "FUN-REE", "CAS-FRJ"),
        ("RN", "NHN", "RNU-NHN"),
        ("RN", "HN-ABS", "RNU-HNU"),
        ("RN", "HN-JUI", "RNU-NUL"),
        ("QUE", "FUN", "AUT-RES"),
    ],
)
def test_a_remedy_is_decided_by_the_act_of_its_effect(kind, effect, event):
    assert deciding_event(kind, [Ruled(None, effect, "COND")]) == event


def test_a_cassation_remanded_to_a_new_appeal_is_another_act_than_one_to_a_new_trial():
    assert deciding_event("CAS", [Ruled("NUL", "FUN-REE")], remand_to="80-APE") == "CAS-FRA"


@pytest.mark.parametrize(
    ("kind", "former", "verdict", "event"),
    [
        ("APE", "COND", "ABS", "APE-RAB"),
        ("APE", "ABS", "COND", "APE-RCO"),
        ("APE", "COND", "COND", "APE-CNF"),
        ("APE", "COND", "NUL", "APE-NUL"),
        ("CAS", "COND", "ABS", "CAS-FSR"),
        ("CAS", "ABS", "ABS", "CAS-INF"),
        ("RN", "ABS", "ABS", "RNU-NHN"),
        ("RN", "COND", "ABS", "RNU-HNU"),
        ("RN", "ABS", "NUL", "RNU-NUL"),
    ],
)
def test_without_an_effect_the_verdict_beside_the_former_one_tells_the_act(kind, former, verdict, event):
    assert deciding_event(kind, [Ruled(verdict, None, former)]) == event


def test_a_remedy_of_which_nothing_is_known_has_no_act():
    assert deciding_event("APE", [Ruled("NSP", "NSP")]) is None


def test_where_effects_differ_the_gravest_names_the_act():
    assert deciding_event("APE", [Ruled(None, "CNF", "COND"), Ruled(None, "REV-ABS", "COND")]) == "APE-RAB"


def test_every_effect_offered_for_a_remedy_is_decided_by_an_act_of_the_catalogue():
    for kind in codelist("appeal_kind"):
        for effect in effects_of(kind):
            if effect != "NSP":
                assert event_type(deciding_event(kind, [Ruled(None, effect, "COND")]) or "").applies_to == "court_case"


def test_every_kind_of_remedy_is_filed_by_an_act_that_a_court_case_takes():
    for kind in codelist("appeal_kind"):
        for against in (True, False):
            assert event_type(filing_event(kind, against_judgment=against)).fits("court_case", None)


@pytest.mark.parametrize(
    ("effect", "former", "verdict"),
    [
        ("CNF", "COND", "COND"),
        ("NHN", "ABS", "ABS"),
        ("INA", "REC", "REC"),
        ("REV-ABS", "COND", "ABS"),
        ("REV-CON", "ABS", "COND"),
        ("NUL", "COND", "NUL"),
        ("FUN", "ABS", None),
        ("CNF", None, None),
        ("CNF", "NSP", None),
        (None, "COND", None),
    ],
)
def test_the_effect_implies_the_verdict_where_it_can(effect, former, verdict):
    assert implied_verdict(effect, former) == verdict


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (["ABS", "ABS"], "ABS"),
        (["COND", "ABS"], "MIX"),
        (["NSP"], "NSP"),
        (["COND", "NSP"], "NSP"),
        (["COND", "ABS", "NSP"], "MIX"),
        ([], None),
    ],
)
def test_the_verdict_of_a_judgment_follows_from_its_rulings(verdicts, verdict):
    assert verdict_of(verdicts) == verdict


@pytest.mark.parametrize(
    ("effects", "outcome"),
    [(["CNF"], "CNF"), (["REV-ABS", "REV"], "REV"), (["NUL", "NUL-ACT"], "NUL"), (["CNF", "REV-ABS"], None), ([None], None)],
)
def test_the_outcome_of_a_remedy_follows_from_its_effects(effects, outcome):
    assert outcome_of(effects) == outcome


def test_finality_is_told_by_act_and_instance():
    assert [
        finality_given(*one) for one in (("FIR-CON", "1"), ("FIR-EJE", "2"), ("FIR-ABS", "1"), ("FIR-ABS", "S"), ("SEN-LEI", "1"))
    ] == ["CON", "EJE", "CON", "EJE", None]


def test_a_final_conviction_is_not_that_of_the_acquitted_count():
    assert [made_final("FIR-CON", verdict) for verdict in ("COND", "REC", "ABS")] == [True, True, False]
    assert made_final("FIR-ABS", "ABS")


def test_a_penalty_below_the_legal_minimum_is_noticed_unless_attempted():
    assert below_minimum("PE-153A-2007", "CON", Duration(11, 11, 29)) == 12
    assert below_minimum("PE-153A-2007", "CON", Duration(12)) is None
    assert below_minimum("PE-153A-2007", "TEN", Duration(6)) is None
    assert below_minimum("PE-173", None, Duration(1)) is None and below_minimum(None, None, Duration(1)) is None


def test_a_judgment_cannot_lie_ahead_nor_be_notified_before_it_was_given():
    day = PartialDate.of_day
    problems = check_judgment(
        {"decided_on": day(date(2026, 3, 2)), "notified_on": day(date(2026, 3, 1)), "published_on": day(date(2027, 1, 1))},
        date(2026, 3, 10),
    )
    assert {problem.field for problem in problems} == {"notified_on", "published_on"}


@pytest.mark.parametrize(
    ("ruled", "instance", "values", "field"),
    [
        (Ruled("MIX"), "1", {}, "verdict"),
        (Ruled("NUL"), "1", {}, "verdict"),
        (Ruled("ABS", "CNF"), "1", {}, "remedy_outcome"),
        (Ruled("REC"), "1", {}, "convicted_offence"),
    ],
)
def test_a_row_of_the_grid_is_refused_on_the_field_at_fault(ruled, instance, values, field):
    assert [problem.field for problem in check_ruling(ruled, instance, values)] == [field]


def test_a_reparation_is_paid_in_part_until_all_of_it_is():
    assert [check_paid(5000, paid) for paid in (None, 0, 100, 5000, 6000)] == [None, None, "PAR", "PAG", "PAG"]
