"""The plan of a demonstration: what is drawn, without any database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from sistra.codebook.event_types import event_types
from sistra.codebook.terms import Unknown
from sistra.rules.demonstration.planning import plan
from sistra.rules.demonstration.shapes import Plan, Step
from sistra.rules.demonstration.stories import ARCHIVED
from sistra.rules.entries import LIMA
from sistra.rules.partial_dates import PartialDate, Precision

TODAY = date(2026, 11, 21)

BY_OTHER_VERBS = {
    "NOT-REC",
    "COR-ACT",
    "TIP-JUD",
    "TAN-SEN",
    "COE-SEN",
    "JUI-CON",
    "SEN-CON",
    "SEN-ABS",
    "SEN-REC",
    "SEN-RFC",
    "ANT-SCO",
    "ANT-SAB",
    "APE-INT",
    "CAS-INT",
    "RNU-INT",
    "AUT-APE",
    "HAB-COR",
    "AUT-RES",
    "APE-CNF",
    "APE-RAB",
    "APE-RCO",
    "APE-REV",
    "APE-REC",
    "APE-PEN",
    "APE-NUL",
    "APE-INA",
    "CAS-INA",
    "CAS-INF",
    "CAS-FUN",
    "CAS-FRA",
    "CAS-FRJ",
    "CAS-FSR",
    "RNU-NHN",
    "RNU-HNU",
    "RNU-NUL",
}
"""Acts that opening, reversing, re-typifying, judging and filing write: the plan holds those verbs instead."""

NOT_SHOWN = {"SEN-NSP", "SEN-COR", "APE-NEG", "QUE-INT", "REV-DEM", "DER-ACE"}
"""Acts that the demonstration does without."""


@pytest.fixture(scope="module")
def planned() -> Plan:
    return plan(600, 1, TODAY)


def _steps(planned: Plan) -> Iterator[Step]:
    for one in planned.charges:
        yield from one.steps


def _days(values: Any) -> Iterator[date]:
    """Every day that an answer names, of a partial date the earliest possible."""
    if isinstance(values, PartialDate) and values.earliest:
        yield values.earliest
    elif isinstance(values, dict):
        for name, one in values.items():
            if name not in ("scheduled_for", "term_until"):
                yield from _days(one)
    elif isinstance(values, date):
        yield values


def test_the_same_seed_and_day_give_the_same_plan() -> None:
    assert plan(40, 7, TODAY) == plan(40, 7, TODAY)


@pytest.mark.parametrize("other", [(40, 8, TODAY), (40, 7, TODAY - timedelta(days=1))], ids=["seed", "day"])
def test_another_seed_or_day_gives_another_plan(other: tuple[int, int, date]) -> None:
    assert plan(40, 7, TODAY).charges != plan(*other).charges


@pytest.mark.parametrize("number", [0, 1, 2, 13, 30])
def test_as_many_charges_are_planned_as_were_asked_for(number: int) -> None:
    assert len(plan(number, 3, TODAY).charges) == number


def test_each_frequent_act_is_there_three_times(planned: Plan) -> None:
    told = Counter(step.code for step in _steps(planned))
    assert {code: told[code] for code, kind in event_types().items() if kind.frequent and told[code] < 3} == {}


def test_every_other_act_of_a_form_is_there_once(planned: Plan) -> None:
    told = {step.code for step in _steps(planned)}
    assert set(event_types()) - told - BY_OTHER_VERBS - NOT_SHOWN == set()


@pytest.mark.parametrize(
    "verb",
    [
        "retypify",
        "reverse",
        "judgment",
        "remedy",
        "decision",
        "measure",
        "extend_measure",
        "end_measure",
        "incident",
        "notify",
        "row",
        "leg",
        "identity",
    ],
)
def test_each_verb_is_there_three_times(planned: Plan, verb: str) -> None:
    assert sum(step.verb == verb for step in _steps(planned)) >= 3


@pytest.mark.parametrize("code", ["SEL-PON", "ACM-DIS", "DER-DIS", "TIP-FIS"])
def test_sealed_joined_referred_and_retypified_charges_are_there_three_times(planned: Plan, code: str) -> None:
    assert sum(step.code == code for step in _steps(planned)) >= 3


@pytest.mark.parametrize("precision", [Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.RANGE])
def test_each_kind_of_partial_date_is_there_three_times(planned: Plan, precision: Precision) -> None:
    dates = [step.values.get(name) for step in _steps(planned) for name in ("occurred_on", "facts_from", "facts_to")]
    assert sum(isinstance(one, PartialDate) and one.precision == precision for one in dates) >= 3


def test_dates_not_known_are_there_three_times(planned: Plan) -> None:
    for name in ("occurred_on", "facts_from"):
        assert sum(step.values.get(name) is Unknown.NOT_KNOWN for step in _steps(planned)) >= 3
    assert sum(one.opening["received_on"] is Unknown.NOT_KNOWN for one in planned.charges) >= 3


def test_every_instant_is_before_today_and_after_the_one_before(planned: Plan) -> None:
    for one in planned.charges:
        instants = [one.opened_at, *(step.at for step in one.steps)]
        assert instants == sorted(set(instants))
        assert instants[-1].astimezone(LIMA).date() < TODAY


def test_nothing_is_entered_before_it_happened(planned: Plan) -> None:
    for one in planned.charges:
        assert all(day <= one.opened_at.astimezone(LIMA).date() for day in _days(one.opening["received_on"]))
        for step in one.steps:
            if step.verb in ("event", "court_event", "judgment", "remedy", "decision", "notify"):
                assert all(day <= step.at.astimezone(LIMA).date() for day in _days(step.values)), (one.story, step)


def test_six_in_ten_charges_end_in_an_archive(planned: Plan) -> None:
    assert sum(one.story in ARCHIVED for one in planned.charges) == 360


def test_most_victims_are_women_and_about_half_are_minors() -> None:
    victims = [step.values for step in _steps(plan(300, 2, TODAY)) if step.verb == "victim"]
    women = sum(one["sex"] == "M" for one in victims) / len(victims)
    aged = [one["age_at_facts"] for one in victims if isinstance(one.get("age_at_facts"), int)]
    minors = sum(age < 18 for age in aged) / len(aged)
    assert 0.7 < women < 0.95
    assert 0.4 < minors < 0.6


def test_most_charges_are_in_lima_loreto_madre_de_dios_cusco_and_puno() -> None:
    offices = Counter(one.office for one in plan(300, 2, TODAY).charges)
    assert [office for office, _ in offices.most_common(5)] == ["FPE-LIM", "FPE-LOR", "FPE-MDD", "FPE-CUS", "FPE-PUN"]


def test_receptions_lie_in_five_years(planned: Plan) -> None:
    years = Counter(one.received_on.year for one in planned.charges)
    assert all(years[year] >= 50 for year in range(2022, 2027))


def test_no_text_shows_its_seams(planned: Plan) -> None:
    texts = [one.opening["summary"] for one in planned.charges]
    texts += [value for step in _steps(planned) for value in step.values.values() if isinstance(value, str)]
    assert not [text for text in texts if any(mark in text for mark in "[]{}|")]


def test_summaries_differ(planned: Plan) -> None:
    assert len({one.opening["summary"] for one in planned.charges}) > 570


def test_documents_and_phones_are_nobodys(planned: Plan) -> None:
    for step in _steps(planned):
        if step.verb == "identity" and step.values.get("id_document_type") == "DNI":
            assert step.values["id_document_number"].startswith("99")
        if "mobile_phone" in step.values:
            assert step.values["mobile_phone"].startswith("+51900000")


def test_grants_stand_in_every_state_at_least_three_times() -> None:
    steps = [step for one in plan(600, 1, date(2026, 11, 21)).charges for step in one.steps]
    answered = {step.code for step in steps if step.verb == "answer"}
    shares = sum(step.verb == "share" for step in steps)
    closed = sum(step.verb in ("answer", "unshare") and step.code != "REV" for step in steps)
    expired = sum(step.verb == "share" and step.values["valid_until"] < date(2026, 11, 21) for step in steps)
    assert answered == {"ACE", "REC"} and shares - closed >= 3 and expired >= 3
    for verb, code in (("answer", "REC"), ("unshare", "REV"), ("unshare", "RET"), ("reply", "CON"), ("reply", "DEN")):
        assert sum(step.verb == verb and step.code == code for step in steps) >= 3, (verb, code)


def test_charges_meet_in_court_cases_and_at_other_offices() -> None:
    """Referrals in every state, and charges joined to the case of an earlier one of their office."""
    charges = plan(600, 1, TODAY).charges
    verbs = {(step.verb, step.code) for one in charges for step in one.steps}
    assert {("prepare", "DER-DIS"), ("referral", "ACE"), ("referral", "RET"), ("event", "DER-REC"), ("join_case", "ACM")} <= verbs
    for place, one in enumerate(charges):
        for step in one.steps:
            if step.verb == "join_case":
                other = step.values["court_case"].place
                assert other < place and charges[other].office == one.office and charges[other].steps[-1].at < step.at
