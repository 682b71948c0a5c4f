from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Deadline, Event
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.services import (
    case_history,
    counts,
    court_case_links,
    court_case_list,
    court_cases,
    court_corrections,
    court_event_pages,
    court_events,
    judgment_reading,
)
from sistra.services.court_case_list import Query
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.cases import DOCKET, a_case, a_judgment, a_sealed_file, act
from tests.factories.files import File, a_file, on
from tests.factories.world import World

SOON, LATER = datetime(2026, 4, 1, 14, 0, tzinfo=UTC), datetime(2026, 5, 1, 14, 0, tzinfo=UTC)


@pytest.fixture
def shared(colleague: Viewer, file: File) -> tuple[int, File]:
    """A court case of the file, to which a charge is linked that only the colleague sees."""
    case, hidden = a_case(colleague, file), a_sealed_file(colleague)
    with unit_of_work():
        court_case_links.link(colleague, case, number=hidden.number, reason="CNX")
    return case, hidden


def _states(file: File) -> list[str | None]:
    return [db.session.get_one(Count, key).stage for key in file.counts]


# -- opening ----------------------------------------------------------------------------------------------------------


def test_a_case_opened_from_a_charge_holds_all_of_its_accused(fiscal: Viewer, file: File) -> None:
    (line,) = court_case_links.links(fiscal, a_case(fiscal, file))
    assert (line.number, line.accused, line.all_accused, line.reason) == (file.number, ("I-1", "I-2"), True, "ORI")


def test_a_case_opened_from_a_charge_carries_its_counts_with_their_victims(fiscal: Viewer, file: File) -> None:
    lines = court_cases.counts(fiscal, a_case(fiscal, file))
    assert [(line.accused, line.victims) for line in lines] == [
        ("I-1", ("A-1", "A-2")),
        ("I-1", ("A-1", "A-2")),
        ("I-2", ("A-1", "A-2")),
    ]


def test_a_case_may_hold_some_of_the_accused(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, accused=(file.accused[1],))
    assert [line.accused for line in court_cases.counts(fiscal, case)] == ["I-2"]


def test_naming_all_of_the_accused_is_naming_nobody(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, accused=tuple(file.accused))
    assert db.session.scalars(select(ChargeCourtCase).where(ChargeCourtCase.court_case_id == case)).one().accused == []


def test_an_accused_of_another_charge_is_refused(fiscal: Viewer, file: File) -> None:
    other = a_file(fiscal)
    with pytest.raises(Rejected):
        a_case(fiscal, file, accused=(other.accused[0],))


def test_a_case_opens_with_nothing_but_its_kind_and_unknown_numbers(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, docket_number=Unknown.NOT_KNOWN, court_instance=None)
    found = court_cases.folder(fiscal, case)
    assert found.case.docket_number is Unknown.NOT_KNOWN and court_cases.label_of(found.case) is None


def test_the_kind_of_docket_must_be_answered(fiscal: Viewer, file: File) -> None:
    with pytest.raises(Rejected) as refused:
        a_case(fiscal, file, court_case_kind=None)
    assert [problem.field for problem in refused.value.problems] == ["court_case_kind"]


def test_a_docket_of_unusual_shape_is_kept_as_typed_and_warned_about(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file, docket_number="231-2009")
    assert court_cases.folder(fiscal, case).case.docket_number == "231-2009"
    assert [warning.field for warning in court_cases.warnings(fiscal, case)] == ["docket_number"]


def test_a_usual_docket_is_not_warned_about_unless_another_case_has_it(fiscal: Viewer, file: File) -> None:
    first = a_case(fiscal, file)
    assert court_cases.warnings(fiscal, first) == []
    a_case(fiscal, a_file(fiscal))
    assert len(court_cases.warnings(fiscal, first)) == 1


def test_the_day_it_entered_the_court_cannot_come(fiscal: Viewer, file: File) -> None:
    with pytest.raises(Rejected):
        a_case(fiscal, file, opened_on=on(date(2026, 4, 1)))


# -- who sees and who writes ------------------------------------------------------------------------------------------


def test_a_case_without_charge_is_seen_by_the_office_that_opened_it(fiscal: Viewer, colleague: Viewer, world: World) -> None:
    with unit_of_work():
        case = court_cases.open_case(fiscal, Entry("court_case", {"court_case_kind": "PRI"}))
    assert court_cases.folder(colleague, case).key == case
    with pytest.raises(NotVisible):
        court_cases.folder(world.viewer("fiscal.lim"), case)


def test_a_case_is_not_seen_by_who_sees_none_of_its_charges(fiscal: Viewer, file: File, world: World) -> None:
    case = a_case(fiscal, file)
    for other in ("fiscal.lim", "agencia"):
        with pytest.raises(NotVisible):
            court_cases.folder(world.viewer(other), case)


def test_a_coordinator_reads_and_writes_nothing(fiscal: Viewer, file: File, world: World) -> None:
    case, coordinator = a_case(fiscal, file), world.viewer("coordinadora")
    assert court_cases.folder(coordinator, case).may_write is False
    with pytest.raises(Forbidden):
        act(coordinator, case, "AUD-REA")


def test_an_assistant_records_hearings_and_does_not_judge(fiscal: Viewer, file: File, world: World) -> None:
    case, assistant = a_case(fiscal, file), world.viewer("asistente.mdd")
    act(assistant, case, "AUD-REA", hearing_type="JUI")
    with pytest.raises(Forbidden):
        a_judgment(assistant, case, {file.counts[0]: "ABS"})


def test_parts_of_a_charge_out_of_sight_are_not_handed_out(fiscal: Viewer, shared: tuple[int, File], file: File) -> None:
    case, hidden = shared
    assert {line.number for line in court_cases.counts(fiscal, case)} == {file.number}
    assert [line.number for line in court_case_links.links(fiscal, case)] == [file.number]
    assert court_cases.folder(fiscal, case).accused == 2


def test_an_act_about_a_charge_out_of_sight_does_not_exist(
    fiscal: Viewer, colleague: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    own = act(colleague, case, "AUD-PRG", scheduled_for=SOON)
    other = act(colleague, case, "REO-CON", accused=(hidden.accused[0],))
    assert [line.view.id for line in court_event_pages.listed(fiscal, case)] == [own]
    with pytest.raises(NotVisible):
        court_event_pages.show(fiscal, case, other)


def test_an_act_on_all_counts_names_to_each_only_those_in_sight(
    fiscal: Viewer, colleague: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    event = act(fiscal, case, "ENJ-AUT")
    assert set(court_event_pages.show(fiscal, case, event).line.view.counts) == set(file.counts)
    assert set(court_event_pages.show(colleague, case, event).line.view.counts) == {*file.counts, *hidden.counts}


def test_a_judgment_shows_each_charge_its_own_rulings(
    fiscal: Viewer, colleague: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    mixed = a_judgment(colleague, case, {file.counts[0]: "ABS", hidden.counts[0]: "COND"}, years={hidden.accused[0]: 12})
    only = a_judgment(colleague, case, {hidden.counts[0]: "ABS"})
    found = judgment_reading.show(fiscal, case, mixed)
    assert (found.verdict, len(found.rulings), found.penalties) == ("ABS", 1, [])
    assert judgment_reading.show(colleague, case, mixed).verdict == "MIX"
    assert only not in {one.view.id for one in judgment_reading.listed(fiscal, case)}


def test_the_history_tells_nothing_of_a_charge_out_of_sight(
    fiscal: Viewer, colleague: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    act(fiscal, case, "ENJ-AUT")
    a_judgment(colleague, case, {hidden.counts[0]: "ABS"})
    told = case_history.of_court_case(fiscal, case, changes_only=True)
    assert {one.action for one in told} == {"court_case.opened", "court_case.linked", "event.recorded"}
    (counts_told,) = [change.after for one in told for change in one.changes if change.field.name == "counts"]
    assert len(counts_told) == 3
    assert "judgment.recorded" in {one.action for one in case_history.of_court_case(colleague, case)}


def test_the_history_does_not_tell_a_mixed_verdict_to_who_sees_a_part_of_it(
    fiscal: Viewer, colleague: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    a_judgment(colleague, case, {file.counts[0]: "ABS", hidden.counts[0]: "COND"}, years={hidden.accused[0]: 12})

    def told(viewer: Viewer) -> set[object]:
        return {
            change.after
            for one in case_history.of_court_case(viewer, case)
            for change in one.changes
            if change.field.name == "verdict"
        }

    assert told(fiscal) == {"ABS"} and told(colleague) == {"ABS", "COND", "MIX"}


def test_a_sealed_charge_is_linked_by_its_team_only(fiscal: Viewer, file: File, colleague: Viewer) -> None:
    case, hidden = a_case(fiscal, file), a_sealed_file(colleague)
    with pytest.raises(Rejected), unit_of_work():
        court_case_links.link(fiscal, case, number=hidden.number, reason="CNX")


# -- links ------------------------------------------------------------------------------------------------------------


def test_a_charge_is_linked_once(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    with pytest.raises(Rejected), unit_of_work():
        court_case_links.link(fiscal, case, number=file.number, reason="CNX")


def test_an_unlinked_charge_keeps_what_was_decided_and_is_no_longer_reached(fiscal: Viewer, file: File) -> None:
    case, other = a_case(fiscal, file), a_file(fiscal)
    with unit_of_work():
        court_case_links.link(fiscal, case, number=other.number, reason="ACM")
    act(fiscal, case, "ENJ-AUT")
    row = db.session.scalars(select(ChargeCourtCase).where(ChargeCourtCase.charge_id == other.charge_id)).one()
    with unit_of_work():
        court_case_links.unlink(fiscal, case, row.id, reason="Se vinculó por error")
    a_judgment(fiscal, case, dict.fromkeys(file.counts, "ABS"))
    assert _states(other) == ["60-JUI"] * 3 and _states(file) == ["70-SEN"] * 3
    assert row.unlinked_on == fiscal.today
    assert [line.unlinked_on is None for line in court_case_links.links(fiscal, case)] == [True, False]


def test_who_is_held_can_change(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    row = db.session.scalars(select(ChargeCourtCase)).one()
    with unit_of_work():
        court_case_links.change_link(fiscal, case, row.id, accused=[file.accused[0]])
    act(fiscal, case, "ENJ-AUT")
    assert _states(file) == ["60-JUI", "60-JUI", "10-NOT"]


# -- acts -------------------------------------------------------------------------------------------------------------


def test_an_act_in_a_case_moves_every_linked_charge_in_or_out_of_sight(
    fiscal: Viewer, shared: tuple[int, File], file: File
) -> None:
    case, hidden = shared
    act(fiscal, case, "ENJ-AUT")
    stages = {key: db.session.get_one(Charge, key).stage for key in (file.charge_id, hidden.charge_id)}
    assert set(stages.values()) == {"60-JUI"}
    assert db.session.get_one(CourtCase, case).stage == "60-JUI"


def test_an_act_that_names_nobody_reaches_only_the_accused_that_the_case_holds(fiscal: Viewer, file: File) -> None:
    act(fiscal, a_case(fiscal, file, accused=(file.accused[1],)), "ENJ-AUT")
    assert _states(file) == ["10-NOT", "10-NOT", "60-JUI"]


def test_a_count_entered_later_is_not_reached_by_an_earlier_act(fiscal: Viewer, file: File) -> None:
    act(fiscal, a_case(fiscal, file), "ENJ-AUT")
    with unit_of_work():
        later = counts.add(fiscal, file.number, Entry("count", {"accused": file.accused[0], "offence": "PE-129C"}))
    assert db.session.get_one(Count, later).stage == "10-NOT"


def test_acts_are_numbered_for_each_case(fiscal: Viewer, file: File) -> None:
    one, other = a_case(fiscal, file), a_case(fiscal, file, docket_number="2")
    keys = [act(fiscal, case, "AUD-REA") for case in (one, one, other)]
    assert [db.session.get_one(Event, key).number for key in keys] == [1, 2, 1]


def test_going_back_a_stage_asks_for_a_reason(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    a_judgment(fiscal, case, dict.fromkeys(file.counts, "ABS"))
    assert "regress_reason" in {field.name for field in court_events.form_fields(fiscal, case, "ENJ-AUT")}
    later = {"occurred_on": on(date(2026, 3, 9)), "counts": tuple(file.counts)}
    with pytest.raises(Rejected):
        act(fiscal, case, "ENJ-AUT", **later)
    act(fiscal, case, "ENJ-AUT", **later, regress_reason="La sentencia era de otro expediente")


def test_an_act_of_another_form_is_not_entered_by_its_type(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    for code in ("SEN-CON", "CAS-INT", "COR-ACT", "SEN-NSP", "FOR-DIS", "NADA"):
        with pytest.raises(NotVisible):
            court_events.form_fields(fiscal, case, code)


def test_the_next_hearing_is_the_last_date_set_of_each_kind(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    act(fiscal, case, "AUD-PRG", hearing_type="TUT", scheduled_for=LATER)
    act(fiscal, case, "AUD-PRG", hearing_type="JUI", scheduled_for=SOON)
    assert db.session.get_one(CourtCase, case).next_hearing_at == SOON
    act(fiscal, case, "AUD-FRU", hearing_type="JUI", scheduled_for=datetime(2026, 6, 1, 14, 0, tzinfo=UTC))
    assert db.session.get_one(CourtCase, case).next_hearing_at == LATER
    assert [one.hearing_type for one in court_cases.hearings(fiscal, case)] == ["TUT", "JUI"]


def test_a_reversed_act_counts_no_more_and_stays_readable(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    key = act(fiscal, case, "ENJ-AUT")
    with unit_of_work():
        back = court_corrections.reverse(fiscal, case, key, reason="Era de otro expediente")
    assert _states(file) == ["10-NOT"] * 3
    assert [line.reversed for line in court_event_pages.listed(fiscal, case)] == [False, True]
    with unit_of_work():
        court_corrections.reverse(fiscal, case, back, reason="Sí era de este")
    assert _states(file) == ["60-JUI"] * 3


def test_an_act_opens_a_time_limit_in_each_linked_charge(fiscal: Viewer, shared: tuple[int, File]) -> None:
    case, _hidden = shared
    key = act(fiscal, case, "JUI-INS")
    rows = list(db.session.scalars(select(Deadline).where(Deadline.opened_by_id == key)))
    assert {(row.rule, row.court_case_id) for row in rows} == {("JUI-SUS", case)} and len(rows) == 2
    assert len(court_event_pages.show(fiscal, case, key).deadlines) == 1


def test_a_date_put_right_moves_the_time_limit_of_each_linked_charge(fiscal: Viewer, shared: tuple[int, File]) -> None:
    case, _hidden = shared
    key = act(fiscal, case, "JUI-INS")
    with unit_of_work():
        court_corrections.amend(fiscal, case, key, Entry("event", {"occurred_on": on(date(2026, 2, 20))}, 1))
    starts = list(db.session.scalars(select(Deadline.starts_on).where(Deadline.opened_by_id == key)))
    assert starts == [date(2026, 2, 20)] * 2


def test_a_slip_of_an_act_is_put_right(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    key = act(fiscal, case, "ENJ-AUT", resolution_number="3")
    with unit_of_work():
        court_corrections.amend(
            fiscal, case, key, Entry("event", {"occurred_on": on(date(2026, 2, 27)), "resolution_number": "4"}, 1)
        )
    event = db.session.get_one(Event, key)
    assert (event.resolution_number, event.occurred_on.iso() if event.occurred_on else "") == ("4", "2026-02-27")


def test_an_act_cannot_lie_ahead(fiscal: Viewer, file: File) -> None:
    with pytest.raises(Rejected):
        act(fiscal, a_case(fiscal, file), "AUD-REA", occurred_on=on(date(2026, 5, 1)))


# -- amending, incidents, list ----------------------------------------------------------------------------------------


def test_a_case_changed_by_two_people_is_a_conflict(fiscal: Viewer, colleague: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    with unit_of_work():
        court_cases.amend(colleague, case, Entry("court_case", {"court_name": "Segundo Juzgado"}, 1))
    with pytest.raises(Conflict), unit_of_work():
        court_cases.amend(fiscal, case, Entry("court_case", {"court_name": "Primer Juzgado"}, 1))


def test_an_incident_stands_below_its_main_docket_with_the_same_charges_and_accused(fiscal: Viewer, file: File) -> None:
    main = a_case(fiscal, file, accused=(file.accused[1],))
    with unit_of_work():
        below = court_cases.open_incident(
            fiscal, main, Entry("court_case", {"court_case_kind": "PPR", "docket_number": "00231-2026-1"})
        )
    assert [line.accused for line in court_cases.counts(fiscal, below)] == ["I-2"]
    assert [case.id for case in court_cases.incidents(fiscal, main)] == [below]
    assert court_cases.folder(fiscal, below).main == (main, DOCKET)


def test_a_main_docket_is_no_incident(fiscal: Viewer, file: File) -> None:
    with pytest.raises(Rejected), unit_of_work():
        court_cases.open_incident(fiscal, a_case(fiscal, file), Entry("court_case", {"court_case_kind": "PRI"}))


def test_the_list_filters_by_stage_and_counts_what_each_choice_leaves(fiscal: Viewer, file: File) -> None:
    a_case(fiscal, file)
    act(fiscal, a_case(fiscal, a_file(fiscal), court_case_kind="REC"), "ENJ-AUT")
    found = court_case_list.page(fiscal, Query({"etapa": ("JUI",)}))
    assert [(row.kind, row.accused) for row in found.rows] == [("REC", 2)]
    assert (found.total, found.all_cases, found.facets["etapa"]) == (1, 2, {"DIP": 1, "JUI": 1})
    assert found.facets["clase"] == {"REC": 1}


def test_the_list_is_paged_by_key_in_both_directions(fiscal: Viewer) -> None:
    keys = [a_case(fiscal, a_file(fiscal), docket_number=str(place)) for place in range(5)]
    first = court_case_list.page(fiscal, Query(size=2))
    last = first.rows[-1]
    second = court_case_list.page(fiscal, Query(size=2, after=(last.updated_at, last.id)))
    back = court_case_list.page(fiscal, Query(size=2, before=(second.rows[0].updated_at, second.rows[0].id)))
    assert [row.id for row in (*first.rows, *second.rows)] == keys[:0:-1]
    assert [row.id for row in back.rows] == [row.id for row in first.rows]
    assert (first.has_previous, first.has_next, second.has_previous) == (False, True, True)


def test_the_list_shows_no_case_of_another_office(fiscal: Viewer, file: File, world: World) -> None:
    a_case(fiscal, file)
    assert court_case_list.page(world.viewer("fiscal.lim"), Query()).rows == []


def test_the_cases_of_a_charge_are_listed_with_their_links(fiscal: Viewer, file: File) -> None:
    case = a_case(fiscal, file)
    assert [(view.id, line.number) for view, line in court_cases.of_charge(fiscal, file.number)] == [(case, file.number)]
