from datetime import date
from typing import Any

import pytest

from sistra.codebook.terms import Unknown
from sistra.rules.services import check_service, may_change
from sistra.rules.tasks import check_new_task, late

GIVEN: dict[str, Any] = {"service_type": "ALO", "status": "CUR", "provider": 3, "referred_on": date(2026, 2, 1),
                         "starts_on": date(2026, 2, 3), "planned_end_on": date(2026, 5, 3)}


def fields_of(**values: Any) -> list[str]:
    return [problem.field for problem in check_service(GIVEN | values)]


def test_a_service_whose_answers_agree_has_no_problem() -> None:
    assert fields_of() == []


@pytest.mark.parametrize(("values", "field"), [
    ({"starts_on": date(2026, 1, 31)}, "starts_on"),
    ({"status": "CON", "ended_on": date(2026, 1, 31), "starts_on": None}, "ended_on"),
    ({"status": "CON", "ended_on": date(2026, 2, 2)}, "ended_on"),
    ({"planned_end_on": date(2026, 2, 2)}, "planned_end_on"),
    ({"ended_on": date(2026, 4, 3)}, "status"),
    ({"service_type": "REH"}, "service_type"),
    ({"status": "REH", "decline_reason": None}, "decline_reason"),
    ({"provider": None}, "provider"),
    ({"status": "DAD", "provider": None}, "provider"),
])
def test_answers_that_do_not_agree_are_a_problem_of_the_one_to_put_right(values: dict[str, Any], field: str) -> None:
    assert fields_of(**values) == [field]


@pytest.mark.parametrize("values", [
    {"status": "REH", "decline_reason": Unknown.NOT_KNOWN}, {"provider": Unknown.NOT_KNOWN}, {"status": "SOL", "provider": None},
    {"starts_on": Unknown.NOT_KNOWN}, {"starts_on": date(2026, 2, 1)}])
def test_not_known_is_an_answer_and_the_same_day_is_in_order(values: dict[str, Any]) -> None:
    assert fields_of(**values) == []


@pytest.mark.parametrize(("why", "expected"), [
    ("by_right", True), ("assists", True), ("own", True), ("provides", True), ("", False)])
def test_a_recipient_changes_only_what_is_its_own(why: str, expected: bool) -> None:
    grounds = dict.fromkeys(("by_right", "assists", "own", "provides"), False)
    assert may_change(**grounds | ({why: True} if why else {})) is expected


@pytest.mark.parametrize(("status", "due", "expected"), [
    ("PEN", date(2026, 3, 26), True), ("CUR", date(2026, 3, 26), True), ("PEN", date(2026, 3, 27), False),
    ("HEC", date(2026, 3, 26), False), ("PEN", None, False)])
def test_a_task_is_late_after_its_day_while_it_is_to_be_done(status: str, due: date | None, expected: bool) -> None:
    assert late(status, due, date(2026, 3, 27)) is expected


def test_a_new_task_is_not_due_on_a_day_gone_by() -> None:
    today = date(2026, 3, 27)
    assert [one.field for one in check_new_task({"due_on": date(2026, 3, 26)}, today)] == ["due_on"]
    assert check_new_task({"due_on": today}, today) == check_new_task({"due_on": None}, today) == []
