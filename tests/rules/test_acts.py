from datetime import date

import pytest

from sistra.codebook.dictionary import record
from sistra.codebook.event_types import event_type, event_types, reversal_types
from sistra.rules.acts import OWN_PAGE, amendable, asked, check_act, confidentiality, contributable, contributed, decides
from sistra.rules.charge_course import act_effects
from sistra.rules.masking import outside_team
from sistra.rules.partial_dates import PartialDate
from sistra.rules.stages import Act, CountRef

TODAY = date(2026, 3, 27)


def names(fields):
    return [field.name for field in fields]


def obligatory(code):
    return {field.name for field in asked(event_type(code)) if field.need == "R"}


@pytest.mark.parametrize("code", sorted(event_types()))
def test_an_act_asks_its_date_first_and_few_things_more(code):
    fields = asked(event_type(code))
    assert fields[0].name == "occurred_on" and fields[0].need == "R"
    assert len(fields) <= 5 and set(names(fields)) <= set(record("event").fields)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("DIP-INI", {"occurred_on"}),
        ("FOR-DIS", {"occurred_on"}),
        ("TIP-FIS", {"occurred_on", "offence", "reason"}),
        ("COR-ACT", {"occurred_on", "reversed_event", "reason"}),
        ("CIE-CAS", {"occurred_on", "closing_reason"}),
        ("ACM-DIS", {"occurred_on", "target_charge"}),
        ("MPR-CES", {"occurred_on", "measure"}),
        ("MPR-DIS", {"occurred_on"}),
    ],
)
def test_only_the_date_and_the_thing_acted_on_are_obligatory(code, expected):
    assert obligatory(code) == expected


def test_the_notification_is_asked_behind_the_date_where_a_term_runs_from_it():
    assert names(asked(event_type("FOR-DIS")))[:2] == ["occurred_on", "notified_on"]
    assert "notified_on" not in names(asked(event_type("DIP-INI")))


def test_going_back_asks_its_reason_last():
    assert names(asked(event_type("DIP-INI"), regress=True))[-1] == "regress_reason"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("DIP-ARC", True),
        ("CIE-CAS", True),
        ("FOR-DIS", True),
        ("REG-COM", True),
        ("EXT-MUE", True),
        ("TIP-FIS", True),
        ("SEL-PON", True),
        ("DIP-INI", False),
        ("DEC-TES", False),
        ("OFI-SOL", False),
        ("CST-NOT", False),
        ("APE-INT", False),
    ],
)
def test_closings_and_decisions_are_the_prosecutors(code, expected):
    assert decides(event_type(code)) is expected


def test_covert_acts_are_sealed_and_collaboration_more_than_that():
    assert [confidentiality(event_type(code)) for code in ("AGE-ENC", "COE-INI", "COE-FIN", "DEC-TES")] == [
        "SEL",
        "COL",
        "COL",
        None,
    ]


def test_what_an_act_decided_is_not_amendable():
    assert names(amendable(event_type("FOR-DIS"))) == ["occurred_on", "resolution_number", "attachment"]
    assert "offence" not in names(amendable(event_type("TIP-FIS")))


def test_every_reversal_has_a_page_of_its_own():
    assert reversal_types() <= OWN_PAGE


def test_an_act_has_happened_and_is_notified_afterwards():
    def fields(**values):
        return [problem.field for problem in check_act(values, TODAY)]
    assert fields(occurred_on=PartialDate.of_day(date(2026, 3, 28))) == ["occurred_on"]
    assert fields(occurred_on=PartialDate.of_month(2026, 3), notified_on=date(2026, 2, 28)) == ["notified_on"]
    assert fields(occurred_on=PartialDate.of_day(TODAY), notified_on=date(2026, 3, 28)) == ["notified_on"]
    assert fields(occurred_on=PartialDate.of_day(TODAY), notified_on=TODAY) == []


def test_collaboration_reads_as_the_investigation_outside_the_team():
    assert outside_team("procedural_stage", "X-PES-CE") == "40-IPF"
    assert outside_team("procedural_stage", "50-INT") == "50-INT"
    assert outside_team("exploitation_purpose", ("SEX",)) == ("SEX",)


# --- what an act did -------------------------------------------------------------------------------------------------

COUNTS = (CountRef(1, 11), CountRef(2, 22))


def act(place, code, **more):
    return Act(place, code, (date(2026, 1, place),) * 2, place, **more)


def test_the_effect_of_each_act_is_stage_outcome_and_counts_reached():
    effects = act_effects(COUNTS, [act(1, "DIP-INI"), act(2, "FOR-DIS", counts=frozenset({2}))])
    assert (effects[1].stage_before, effects[1].stage_after, effects[1].outcome) == ("10-NOT", "30-DIP", "")
    assert (effects[2].stage_before, effects[2].stage_after, effects[2].outcome) == ("30-DIP", "40-IPF", "PRE-FOR")
    assert (effects[1].reached, effects[2].reached) == (frozenset({1, 2}), frozenset({2}))


def test_an_act_entered_late_takes_nothing_back_and_one_that_follows_does():
    late = act_effects(COUNTS, [act(5, "FOR-DIS"), Act(6, "DIP-INI", (date(2026, 1, 1),) * 2, 6)])
    following = act_effects(COUNTS, [act(5, "FOR-DIS"), act(6, "DIP-INI")])
    assert (late[6].backward, following[6].backward) == (False, True)


def test_a_reversed_act_has_no_effect_of_its_own():
    effects = act_effects(COUNTS, [act(1, "FOR-DIS"), act(2, "COR-ACT", reverses=1)])
    assert set(effects) == {2}


def test_without_counts_an_act_moves_the_charge_and_reaches_nobody():
    effects = act_effects((), [act(1, "DIP-INI")])
    assert (effects[1].stage_after, effects[1].reached) == ("30-DIP", frozenset())


CONTRIBUTED = {"NOT-IPO", "OPE-RES", "OPE-SIN", "ALL-EJE", "REO-PUE", "RIE-VAL", "CAR-ING", "CAR-EGR", "DPV-ASI", "MIG-CAL",
               "RET-ASI", "ATE-REG", "ATE-REH", "PLA-REI", "ATE-CIE"}
"""By hand: reports and operations of the police, and what units for victims do."""


def test_the_acts_that_a_recipient_contributes_are_those_of_police_and_victim_units():
    assert {code for code, kind in event_types().items() if contributed(kind)} == CONTRIBUTED


@pytest.mark.parametrize("code", sorted(CONTRIBUTED))
def test_a_contributed_act_decides_nothing_and_touches_no_time_limit(code):
    kind = event_type(code)
    assert not (decides(kind) or kind.stage_to or kind.outcome or kind.opens or kind.closes or confidentiality(kind))
    assert "attachment" not in names(contributable(kind)) and names(contributable(kind))[0] == "occurred_on"
