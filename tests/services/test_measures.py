from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.rules.deadlines import LIMA
from sistra.rules.entries import Entry
from sistra.rules.masking import RESERVED
from sistra.rules.measures import ends_on, in_force, state_today
from sistra.rules.problems import Rejected
from sistra.services import events, measure_pages, measures
from sistra.services.unit import unit_of_work
from tests.factories.files import a_file, on
from tests.factories.rows import AT, made


def detain(viewer, file, place=0, **more):
    values = {"kind": "COE", "accused": file.accused[place], "coercive_measure": "PRI-PRE", "state": "VIG",
              "starts_on": date(2026, 1, 15), "term_months": 9} | more
    with unit_of_work():
        return measures.add(viewer, file.number, Entry("measure", values))


def protect(viewer, file, **more):
    values = {
        "kind": "PRO",
        "victim": file.victims[0],
        "protection_measure": "OCU",
        "state": "VIG",
        "starts_on": date(2026, 1, 15),
        "term_days": 90,
    } | more
    with unit_of_work():
        return measures.add(viewer, file.number, Entry("measure", values))


def view_of(viewer, file, key):
    return measure_pages.show(viewer, file.number, key)


def custody(file, place=0):
    return db.session.get_one(Accused, file.accused[place]).custody


def problems_of(refused):
    return [problem.field for problem in refused.value.problems]


@pytest.mark.parametrize(("months", "days", "expected"), [
    (9, None, date(2026, 10, 31)), (1, None, date(2026, 2, 28)), (None, 90, date(2026, 5, 1)), (1, 2, date(2026, 3, 2)),
    (None, None, None)])
def test_a_measure_ends_with_its_term(months, days, expected):
    assert ends_on(date(2026, 1, 31), months, days) == expected


def test_a_measure_holds_from_its_first_day_to_its_last():
    starts, ends = date(2026, 1, 15), date(2026, 3, 15)
    assert [
        in_force("VIG", starts, ends, None, day) for day in (date(2026, 1, 14), starts, ends, date(2026, 3, 16))
    ] == [False, True, True, False]
    assert not in_force("VIG", starts, ends, date(2026, 2, 1), date(2026, 2, 1))
    assert not in_force("SOL", starts, ends, None, starts)
    assert state_today("VIG", ends, date(2026, 3, 16)) == "VEN"


def test_the_end_is_derived_from_the_term_and_a_given_one_wins(fiscal, file):
    assert view_of(fiscal, file, detain(fiscal, file)).view.ends_on == date(2026, 10, 15)
    assert view_of(fiscal, file, detain(fiscal, file, ends_on=date(2026, 9, 30))).view.ends_on == date(2026, 9, 30)


def test_a_derived_end_moves_with_the_term(fiscal, file):
    key = detain(fiscal, file)
    with unit_of_work():
        measures.amend(fiscal, file.number, key, Entry("measure", {"term_months": 6, "ends_on": date(2026, 10, 15)}, 1))
    assert view_of(fiscal, file, key).view.ends_on == date(2026, 7, 15)


def test_a_coercive_measure_needs_an_accused_and_a_protective_one_a_victim(fiscal, file):
    with pytest.raises(Rejected) as refused:
        detain(fiscal, file, accused=None)
    assert problems_of(refused) == ["accused"]
    with pytest.raises(Rejected) as refused:
        protect(fiscal, file, victim=None, protection_measure=None)
    assert problems_of(refused) == ["victim", "protection_measure"]


def test_a_measure_that_ends_before_it_begins_is_refused(fiscal, file):
    with pytest.raises(Rejected) as refused:
        detain(fiscal, file, ends_on=date(2026, 1, 1))
    assert problems_of(refused) == ["ends_on"]


def test_persons_of_another_charge_are_refused(fiscal, file):
    other = a_file(fiscal)
    with pytest.raises(Rejected) as refused:
        detain(fiscal, file, accused=other.accused[0])
    assert problems_of(refused) == ["accused"]


def test_detention_in_force_is_custody_until_it_ends(fiscal, file):
    key = detain(fiscal, file)
    assert (custody(file), custody(file, 1)) == (True, None)
    with unit_of_work():
        measures.end(fiscal, file.number, key, state="CES", ended_on=date(2026, 3, 1), reason="Variación")
    line = view_of(fiscal, file, key)
    assert custody(file) is False
    assert (line.state, line.in_force, line.view.ended_on) == ("CES", False, date(2026, 3, 1))


def test_an_appearance_is_no_custody(fiscal, file):
    detain(fiscal, file, coercive_measure="COM-RES")
    assert custody(file) is None


def test_an_extension_follows_the_former_measure(fiscal, file):
    first = detain(fiscal, file)
    with unit_of_work():
        second = measures.extend(
            fiscal, file.number, first, Entry("measure", {"term_months": 9, "resolution_number": "14"})
        )
    former, line = view_of(fiscal, file, first), view_of(fiscal, file, second)
    assert (former.view.state, former.extended_by) == ("PRL", second)
    assert (line.view.starts_on, line.view.ends_on, line.view.extends) == (date(2026, 10, 15), date(2027, 7, 15), first)
    assert (line.part, line.view.coercive_measure) == ("I-1", "PRI-PRE")


def test_a_measure_is_extended_once_and_with_a_term(fiscal, file):
    first = detain(fiscal, file)
    with pytest.raises(Rejected) as refused, unit_of_work():
        measures.extend(fiscal, file.number, first, Entry("measure", {}))
    assert problems_of(refused) == ["term_months"]
    with unit_of_work():
        measures.extend(fiscal, file.number, first, Entry("measure", {"term_months": 9}))
    with pytest.raises(Rejected), unit_of_work():
        measures.extend(fiscal, file.number, first, Entry("measure", {"term_months": 9}))


def test_a_term_of_a_measure_runs_as_a_deadline_and_moves_with_it(fiscal, file):
    key = protect(fiscal, file)
    with unit_of_work():
        events.record(fiscal, file.number, "MPR-DIS", Entry("event", {
            "occurred_on": on(date(2026, 1, 15)), "measure": key, "victims": (file.victims[0],)}))
    row = db.session.scalars(select(Deadline).where(Deadline.measure_id == key)).one()
    assert (row.rule, row.due_on) == ("MED-VEN", date(2026, 4, 15))
    with unit_of_work():
        measures.amend(fiscal, file.number, key, Entry("measure", {"term_days": 30}, 1))
    assert row.due_on == date(2026, 2, 14)


def test_lists_tell_the_part_and_those_in_force_first(fiscal, world, file):
    detain(fiscal, file, 1)
    protect(fiscal, file, term_days=10)
    assert [(line.part, line.in_force, line.state) for line in measure_pages.listed(fiscal, file.number)] == [
        ("I-2", True, "VIG"), ("A-1", False, "VEN")]
    assert [line.part for line in measure_pages.listed(fiscal, file.number, part="A-1")] == ["A-1"]
    later = world.viewer("fiscal.mdd", at=AT.replace(month=11))
    assert [line.in_force for line in measure_pages.listed(later, file.number)] == [False, False]


def test_the_place_of_protection_is_for_the_team(world, fiscal, file):
    key = protect(fiscal, file, location="Jirón de prueba 123")
    assert view_of(fiscal, file, key).view.location == "Jirón de prueba 123"
    assert view_of(world.viewer("fiscal2.mdd"), file, key).view.location is RESERVED


def test_not_known_is_an_answer_of_its_own(fiscal, file):
    key = detain(fiscal, file, ordered_on=Unknown.NOT_KNOWN, term_months=Unknown.NOT_KNOWN)
    view = view_of(fiscal, file, key).view
    assert (view.ordered_on, view.term_months, view.ends_on) == (Unknown.NOT_KNOWN, Unknown.NOT_KNOWN, None)


def test_an_assistant_registers_a_measure_and_a_supervisor_reads_it(world, fiscal, file):
    key = detain(world.viewer("asistente.mdd"), file)
    coordinator = world.viewer("coordinadora")
    assert view_of(coordinator, file, key).part == "I-1"
    with pytest.raises(Forbidden):
        detain(coordinator, file)


def test_the_measures_of_another_office_do_not_exist(world, fiscal, file):
    key = detain(fiscal, file)
    for verb in (lambda: measure_pages.listed(world.viewer("fiscal.lim"), file.number),
                 lambda: measure_pages.show(world.viewer("fiscal.lim"), file.number, key)):
        with pytest.raises(NotVisible):
            verb()


@pytest.mark.both_databases
def test_custody_and_dates_are_kept_alike_on_both_databases(fiscal, file):
    key = detain(fiscal, file)
    assert (custody(file), view_of(fiscal, file, key).view.ends_on) == (True, date(2026, 10, 15))


@pytest.mark.parametrize("name", ["accused", "victim"])
def test_a_measure_on_a_withdrawn_person_is_refused(fiscal, file, name):
    model, key = (Accused, file.accused[0]) if name == "accused" else (Victim, file.victims[0])
    with unit_of_work():
        db.session.get_one(model, key).withdrawn_at = AT
    with pytest.raises(Rejected) as refused:
        detain(fiscal, file) if name == "accused" else protect(fiscal, file)
    assert problems_of(refused) == [name]


def test_a_measure_near_its_end_or_past_it_is_told_until_it_is_ended_or_prolonged(world, fiscal, file):
    key = protect(fiscal, file)
    def told(day):
        viewer = world.viewer("fiscal.mdd", at=datetime.combine(day, time(12), LIMA))
        return [(line.view.id, line.state) for line in measure_pages.ending(viewer, file.number)]
    ends = db.session.get_one(Measure, key).ends_on
    assert told(ends - timedelta(days=16)) == []
    assert told(ends - timedelta(days=15)) == told(ends) == [(key, "VIG")]
    assert told(ends + timedelta(days=1)) == [(key, "VEN")]
    with unit_of_work():
        measures.extend(fiscal, file.number, key, Entry("measure", {"term_days": 90}))
    assert told(ends + timedelta(days=1)) == []


def test_a_measure_of_which_a_deadline_runs_is_not_told_twice(world, fiscal, file):
    key = detain(fiscal, file)
    with unit_of_work():
        made(Deadline, charge_id=file.charge_id, opened_by_id=db.session.scalars(select(Event.id)).first(),
             rule="PP-ORD", state="ABI", measure_id=key, starts_on=date(2026, 1, 15), due_on=date(2026, 10, 15))
    later = world.viewer("fiscal.mdd", at=datetime(2026, 10, 14, 12, tzinfo=LIMA))
    assert measure_pages.ending(later, file.number) == []


def test_the_state_of_a_measure_without_a_known_end_stays():
    assert state_today("VIG", Unknown.NOT_KNOWN, date(2026, 3, 16)) == "VIG"
