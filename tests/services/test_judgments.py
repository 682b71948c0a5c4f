from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.standing import NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Deadline, Event
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.rules.durations import Duration
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import court_cases, court_corrections, judgment_reading, judgments
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.cases import JUDGED, a_case, a_judgment, act
from tests.factories.files import File, a_file, on
from tests.factories.world import World


@pytest.fixture
def case(fiscal: Viewer, file: File) -> int:
    return a_case(fiscal, file)


def _states(file: File) -> list[str | None]:
    return [db.session.get_one(Count, key).state for key in file.counts]


def _event(judgment: int) -> Event:
    return db.session.scalars(select(Event).where(Event.judgment_id == judgment)).one()


def _fields(refused: Any) -> set[str]:
    return {problem.field for problem in refused.value.problems}


def test_each_count_takes_the_state_of_its_own_ruling(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS"}, years={file.accused[0]: 12})
    assert _states(file) == ["CON", "ABS", "ABI"]


def test_a_judgment_writes_its_act_on_the_counts_it_judges(fiscal: Viewer, file: File, case: int) -> None:
    event = _event(a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS"}, years={file.accused[0]: 12}))
    assert (event.event_type, [one.id for one in event.counts]) == ("SEN-CON", file.counts[:2])
    assert event.occurred_on and event.occurred_on.day == JUDGED


def test_under_the_old_code_the_act_is_that_of_the_old_code(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, procedure_code="1940")
    assert _event(a_judgment(fiscal, case, dict.fromkeys(file.counts, "ABS"))).event_type == "ANT-SAB"


def test_the_verdict_is_mixed_where_rulings_differ(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS"})
    assert db.session.get_one(Judgment, key).verdict == "MIX"


def test_the_status_of_the_charge_follows_once_every_count_is_judged(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, dict.fromkeys(file.counts[:2], "ABS"))
    assert db.session.get_one(Charge, file.charge_id).status == "TRA"
    a_judgment(fiscal, case, {file.counts[2]: "ABS"})
    assert db.session.get_one(Charge, file.charge_id).status == "SEN"


def test_a_judgment_of_unknown_date_and_verdict_moves_the_stage_and_decides_nothing(
    fiscal: Viewer, file: File, case: int
) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: Unknown.NOT_KNOWN}, decided_on=Unknown.NOT_KNOWN)
    count = db.session.get_one(Count, file.counts[0])
    assert (_event(key).event_type, count.stage, count.state, count.outcome) == ("SEN-NSP", "70-SEN", "ABI", "TRA")


def test_a_count_whose_verdict_is_not_known_is_left_out_of_the_conviction(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[2]: Unknown.NOT_KNOWN})
    assert _states(file) == ["CON", "ABI", "ABI"]


def test_a_judgment_says_something_of_a_count(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected):
        a_judgment(fiscal, case, {file.counts[0]: None})


def test_a_higher_instance_judges_through_a_remedy_only(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_judgment(fiscal, case, {file.counts[0]: "ABS"}, instance="2", decision_kind="SVI")
    assert _fields(refused) == {"instance"}


def test_a_count_that_the_case_does_not_hold_is_not_judged(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, accused=(file.accused[1],))
    with pytest.raises(Rejected):
        a_judgment(fiscal, case, {file.counts[0]: "ABS"})


def test_problems_of_a_row_are_named_after_the_row(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_judgment(fiscal, case, {file.counts[0]: "REC", file.counts[1]: "NUL"}, reparations=({"status": "PEN"},))
    assert _fields(refused) == {f"r{file.counts[0]}-convicted_offence", f"r{file.counts[1]}-verdict", "d0-amount_ordered"}


# -- penalties --------------------------------------------------------------------------------------------------------


def test_only_the_convicted_are_punished(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_judgment(fiscal, case, {file.counts[0]: "ABS"}, years={file.accused[0]: 12})
    assert _fields(refused) == {f"p{file.accused[0]}-sentence_types"}


def test_a_penalty_below_the_minimum_of_the_offence_asks_a_reason(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 7})
    assert _fields(refused) == {f"p{file.accused[0]}-below_minimum_reason"}
    a_judgment(
        fiscal,
        case,
        {file.counts[0]: "COND"},
        penalties={
            file.accused[0]: {
                "sentence_types": ("PPL-EFE",),
                "imprisonment": Duration(7),
                "below_minimum_reason": "Conclusión anticipada",
            }
        },
    )
    assert db.session.scalars(select(Penalty)).one().imprisonment == Duration(7)


def test_the_minimum_is_that_of_the_offence_of_conviction(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected):
        a_judgment(
            fiscal,
            case,
            {},
            years={file.accused[0]: 11},
            rulings={file.counts[0]: {"verdict": "REC", "convicted_offence": "PE-129B-1"}},
        )


def test_a_conviction_without_a_penalty_is_warned_about_and_kept(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[2]: "COND"}, years={file.accused[1]: 12})
    assert [warning.params["code"] for warning in judgment_reading.show(fiscal, case, key).warnings] == ["I-1"]


def test_the_board_shows_the_penalty_beside_the_convicted_counts_only(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS"}, years={file.accused[0]: 12})
    assert [(row.verdict, row.penalty is not None) for row in court_cases.board(fiscal, case)] == [
        ("COND", True),
        ("ABS", False),
        (None, False),
    ]


# -- reparations ------------------------------------------------------------------------------------------------------


def _with_reparation(fiscal: Viewer, file: File, case: int) -> int:
    a_judgment(
        fiscal,
        case,
        {file.counts[0]: "COND"},
        years={file.accused[0]: 12},
        reparations=({"amount_ordered": Decimal("5000.00"), "victims": (file.victims[0],), "debtors": (file.accused[0],)},),
    )
    return db.session.scalars(select(Reparation.id)).one()


def test_what_was_paid_is_the_sum_of_the_standing_payments(fiscal: Viewer, file: File, case: int) -> None:
    key = _with_reparation(fiscal, file, case)
    later = on(date(2026, 3, 20))
    act(fiscal, case, "EJE-PAG", reparation=key, amount=Decimal("2000.00"), occurred_on=later)
    row = db.session.get_one(Reparation, key)
    assert (row.amount_paid, row.status) == (Decimal("2000.00"), "PAR")
    second = act(fiscal, case, "EJE-PAG", reparation=key, amount=Decimal("3000.00"), occurred_on=later)
    assert (row.amount_paid, row.status) == (Decimal("5000.00"), "PAG")
    with unit_of_work():
        court_corrections.reverse(fiscal, case, second, reason="El depósito no se hizo efectivo")
    assert (row.amount_paid, row.status) == (Decimal("2000.00"), "PAR")


def test_a_reparation_names_its_victims_and_debtors_by_code(fiscal: Viewer, file: File, case: int) -> None:
    line = judgment_reading.reparation(fiscal, case, _with_reparation(fiscal, file, case))
    assert (line.victims, line.debtors, line.view.status) == (("A-1",), ("I-1",), "PEN")


def test_a_second_reparation_is_added_to_the_judgment(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 12})
    with unit_of_work():
        judgments.add_reparation(
            fiscal, case, key, Entry("reparation", {"amount_ordered": Unknown.NOT_KNOWN, "victims": (file.victims[1],)})
        )
    assert len(judgment_reading.show(fiscal, case, key).reparations) == 1


def test_the_amount_of_a_reparation_may_be_put_right(fiscal: Viewer, file: File, case: int) -> None:
    key = _with_reparation(fiscal, file, case)
    with unit_of_work():
        judgments.amend_reparation(fiscal, case, key, Entry("reparation", {"amount_ordered": Decimal("6000.00")}, 1))
    assert db.session.get_one(Reparation, key).amount_ordered == Decimal("6000.00")


# -- finality, correction ---------------------------------------------------------------------------------------------


def test_a_final_conviction_leads_the_convicted_count_to_enforcement(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS"}, years={file.accused[0]: 12})
    act(fiscal, case, "FIR-CON", judgment=key, occurred_on=on(date(2026, 3, 12)))
    judgment = db.session.get_one(Judgment, key)
    assert judgment.finality == "CON" and judgment.final_on is not None and judgment.final_on.iso() == "2026-03-12"
    assert [db.session.get_one(Count, one).stage for one in file.counts[:2]] == ["90-EJE", "70-SEN"]


def test_the_charge_is_in_enforcement_once_all_is_judged_and_a_conviction_final(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(
        fiscal, case, {file.counts[0]: "COND", file.counts[1]: "ABS", file.counts[2]: "ABS"}, years={file.accused[0]: 12}
    )
    act(fiscal, case, "FIR-CON", judgment=key, occurred_on=on(date(2026, 3, 12)))
    assert db.session.get_one(Charge, file.charge_id).status == "EJE"


def test_an_acquittal_is_not_made_final_as_a_conviction(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with pytest.raises(Rejected) as refused:
        act(fiscal, case, "FIR-CON", judgment=key, occurred_on=on(date(2026, 3, 12)))
    assert _fields(refused) == {"judgment"}


def test_finality_is_taken_back_with_its_act(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    final = act(fiscal, case, "FIR-ABS", judgment=key, occurred_on=on(date(2026, 3, 12)))
    assert db.session.get_one(Count, file.counts[0]).stage == "99-CER"
    with unit_of_work():
        court_corrections.reverse(fiscal, case, final, reason="Hubo apelación")
    assert db.session.get_one(Judgment, key).finality is None and db.session.get_one(Count, file.counts[0]).stage == "70-SEN"


def test_a_judgment_whose_act_was_reversed_is_shown_without_effect(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND"}, years={file.accused[0]: 12})
    with unit_of_work():
        court_corrections.reverse(fiscal, case, _event(key).id, reason="Era de otro acusado")
    assert judgment_reading.show(fiscal, case, key).reversed
    assert _states(file)[0] == "ABI"
    assert court_cases.board(fiscal, case)[0].verdict is None


def test_the_date_of_a_judgment_put_right_moves_its_act_and_its_time_limits(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with unit_of_work():
        judgments.amend(fiscal, case, key, Entry("judgment", {"decided_on": on(date(2026, 2, 2))}, 1))
    event = _event(key)
    assert event.occurred_on is not None and event.occurred_on.iso() == "2026-02-02"
    assert {row.starts_on for row in db.session.scalars(select(Deadline).where(Deadline.opened_by_id == event.id))} == {
        date(2026, 2, 2)
    }
    count = db.session.get_one(Count, file.counts[0])
    assert count.first_instance_on is not None and count.first_instance_on.iso() == "2026-02-02"


def test_a_judgment_changed_by_two_people_is_a_conflict(fiscal: Viewer, file: File, case: int, world: World) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with unit_of_work():
        judgments.amend(world.viewer("fiscal2.mdd"), case, key, Entry("judgment", {"resolution_number": "12"}, 1))
    with pytest.raises(Conflict), unit_of_work():
        judgments.amend(fiscal, case, key, Entry("judgment", {"resolution_number": "13"}, 1))


def test_what_was_decided_is_not_amended(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with unit_of_work():
        assert judgments.amend(fiscal, case, key, Entry("judgment", {"verdict": "COND", "instance": "2"}, 1)) == []


def test_a_judgment_of_another_case_does_not_exist(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with pytest.raises(NotVisible):
        judgment_reading.show(fiscal, a_case(fiscal, a_file(fiscal)), key)


def test_a_month_is_enough_for_a_judgment(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, {file.counts[0]: "ABS"}, decided_on=PartialDate.of_month(2026, 1))
    count = db.session.get_one(Count, file.counts[0])
    assert count.first_instance_on is not None and count.first_instance_on.iso() == "2026-01"


def test_notes_and_reasons_are_encrypted(fiscal: Viewer, file: File, case: int) -> None:
    a_judgment(fiscal, case, {}, rulings={file.counts[0]: {"verdict": "ABS", "acquittal_note": "No se probó la finalidad"}})
    stored = db.session.scalars(select(Ruling)).one().acquittal_note
    assert isinstance(stored, bytes) and b"finalidad" not in stored


def test_a_penalty_is_added_to_a_conviction_that_has_none(fiscal: Viewer, file: File, case: int) -> None:
    key, accused = a_judgment(fiscal, case, {file.counts[0]: "COND"}), file.accused[0]
    assert judgment_reading.without_penalty(fiscal, case, key) == [(accused, "I-1")]
    with unit_of_work():
        answers = {"sentence_types": ("PPL-EFE",), "imprisonment": Duration(12)}
        judgments.add_penalty(fiscal, case, key, accused, Entry("penalty", answers))
    assert judgment_reading.without_penalty(fiscal, case, key) == []
    assert not judgment_reading.show(fiscal, case, key).warnings
    with pytest.raises(NotVisible):
        judgments.add_penalty(fiscal, case, key, accused, Entry("penalty", answers))


def test_an_added_penalty_under_the_minimum_asks_why(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "COND"})
    answers = {"sentence_types": ("PPL-EFE",), "imprisonment": Duration(1)}
    with pytest.raises(Rejected) as refused:
        judgments.add_penalty(fiscal, case, key, file.accused[0], Entry("penalty", answers))
    assert _fields(refused) == {"below_minimum_reason"}


def test_nobody_acquitted_receives_a_penalty_later(fiscal: Viewer, file: File, case: int) -> None:
    key = a_judgment(fiscal, case, {file.counts[0]: "ABS"})
    with pytest.raises(NotVisible):
        judgments.add_penalty(fiscal, case, key, file.accused[0], Entry("penalty", {"sentence_types": ("PPL-EFE",)}))


def test_the_lack_of_any_ruling_is_told_at_the_first_one(fiscal: Viewer, file: File, case: int) -> None:
    with pytest.raises(Rejected) as refused:
        a_judgment(fiscal, case, {}, rulings={file.counts[0]: {"verdict": None}})
    assert _fields(refused) == {f"r{file.counts[0]}-verdict"}
