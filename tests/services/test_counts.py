from datetime import date

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.counts import Count, CountVictim, Retypification
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.people import Accused, Victim, VictimAccusedRelation
from sistra.rules.aggravations import Aggrieved, proposed
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.services import count_pages, counts, events
from sistra.services.unit import unit_of_work
from tests.factories.files import a_file, an_opened_charge, on
from tests.factories.rows import a_victim, an_accused, made

DAY = on(date(2026, 2, 2))


def add(viewer, file, *, victims=(), **values):
    with unit_of_work():
        return counts.add(
            viewer,
            file.number,
            Entry("count", {"accused": file.accused[0], "offence": "PE-129C"} | values),
            victims=victims,
        )


def retypify(viewer, file, place=0, **more):
    with unit_of_work():
        return counts.retypify(viewer, file.number, file.counts[place],
                               **({"offence": "PE-129C", "reason": "La pericia lo muestra", "occurred_on": DAY} | more))


def problems_of(refused):
    return [problem.field for problem in refused.value.problems]


def test_a_count_names_its_accused_its_victims_and_its_first_offence(fiscal, file):
    key = add(fiscal, file, victims=file.victims[:1], participation="COA", means=("ENG",))
    line = count_pages.show(fiscal, file.number, key).line
    assert (line.accused, line.victims, line.view.participation, line.view.degree) == ("I-1", ("A-1",), "COA", "CON")
    assert line.view.first_offence == line.view.offence == "PE-129C"


def test_a_new_count_makes_the_record_less_incomplete(fiscal, session):
    charge = an_opened_charge(fiscal)
    with unit_of_work():
        accused = an_accused(charge, identified=True).id
    before = charge.completeness
    with unit_of_work():
        counts.add(fiscal, charge.number, Entry("count", {"accused": accused, "offence": "PE-129A"}))
    assert db.session.get_one(Charge, charge.id).completeness > before


def test_the_accused_and_the_offence_are_needed(fiscal, file):
    with pytest.raises(Rejected) as refused:
        add(fiscal, file, accused=None, offence=None)
    assert problems_of(refused) == ["accused", "offence"]


def test_an_offence_that_is_not_in_the_list_is_written_out(fiscal, file):
    with pytest.raises(Rejected) as refused:
        add(fiscal, file, offence="OTRO")
    assert problems_of(refused) == ["offence_other"]
    assert add(fiscal, file, offence="OTRO", offence_other="Art. 427 CP")


@pytest.mark.parametrize("name", ["accused", "victims"])
def test_parts_of_another_charge_are_refused(fiscal, file, name):
    other = a_file(fiscal)
    with pytest.raises(Rejected) as refused:
        add(fiscal, file, **({"accused": other.accused[0]} if name == "accused" else {"victims": other.victims}))
    assert problems_of(refused) == [name]


def test_an_offence_out_of_force_is_kept_with_a_warning(fiscal, file):
    key = add(fiscal, file, victims=file.victims, offence="PE-153-2007")
    assert [problem.field for problem in count_pages.show(fiscal, file.number, key).warnings] == ["offence"]


def test_offences_in_force_at_the_facts_are_offered_first(fiscal, file):
    form = count_pages.form(fiscal, file.number)
    offered, others = {one.code for one in form.offered}, {one.code for one in form.others}
    assert "PE-129A" in offered and "PE-153-2007" in others and not offered & others


def test_the_form_proposes_the_offence_reported_and_what_the_records_bear_out(fiscal, file):
    with unit_of_work():
        db.session.get_one(Victim, file.victims[0]).age_at_facts = 15
    form = count_pages.form(fiscal, file.number, accused_id=file.accused[0])
    assert (form.values["offence"], form.values["accused"]) == ("PE-129A", file.accused[0])
    assert form.proposed == ("PLU", "A14", "DOS")
    assert not {"aggravating", "victims", "degree"} & set(form.values)


@pytest.mark.parametrize(("given", "kept"), [(None, "CON"), ("TEN", "TEN")])
def test_a_degree_left_blank_is_that_of_a_completed_offence(fiscal, file, given, kept):
    key = add(fiscal, file, degree=given)
    assert db.session.get_one(Count, key).degree == kept


def test_a_relative_among_the_accused_is_proposed_only_for_that_accused(fiscal, file):
    with unit_of_work():
        made(VictimAccusedRelation, victim_id=file.victims[0], accused_id=file.accused[0], relation="FAM-OTR")
    assert "FAM" in count_pages.proposed_aggravating(file.charge_id, file.accused[0], file.victims)
    assert "FAM" not in count_pages.proposed_aggravating(file.charge_id, file.accused[1], file.victims)


@pytest.mark.parametrize(
    ("victim", "code"),
    [
        (Aggrieved(age=13), "U14"),
        (Aggrieved(age_group="L-U14"), "U14"),
        (Aggrieved(disabled=True), "U14"),
        (Aggrieved(age=14), "A14"),
        (Aggrieved(age=17), "A14"),
        (Aggrieved(age_group="L-14-17"), "A14"),
        (Aggrieved(pregnant=True), "GES"),
        (Aggrieved(relations=("FAM-PAR",)), "FAM"),
        (Aggrieved(same_household=True), "FAM"),
    ],
)
def test_a_circumstance_of_the_victim_aggravates(victim, code):
    assert proposed([victim], accused=1, public_official=False, organised=False) == (code,)


def test_an_adult_alone_aggravates_nothing():
    assert proposed([Aggrieved(age=18)], accused=1, public_official=False, organised=False) == ()


def test_the_state_and_the_group_aggravate():
    assert set(proposed([], accused=2, public_official=True, organised=True)) == {"DOS", "FUN", "OCR"}


def test_an_amendment_changes_victims_and_leaves_accused_and_offence(fiscal, file):
    with unit_of_work():
        counts.amend(fiscal, file.number, file.counts[0], Entry("count", {
            "participation": "INS", "accused": file.accused[1], "first_offence": "OTRO"}, 1), victims=file.victims[1:])
    line = count_pages.show(fiscal, file.number, file.counts[0]).line
    assert (line.view.participation, line.accused, line.victims, line.view.first_offence) == (
        "INS",
        "I-1",
        ("A-2",),
        "PE-129A",
    )


def test_the_offence_is_not_amended(fiscal, file):
    with pytest.raises(Rejected) as refused, unit_of_work():
        counts.amend(fiscal, file.number, file.counts[0], Entry("count", {"offence": "PE-129C"}, 1))
    assert problems_of(refused) == ["offence"]


def test_saving_the_same_victims_writes_nothing(fiscal, file):
    before = [row.id for row in db.session.scalars(select(CountVictim).where(CountVictim.count_id == file.counts[0]))]
    with unit_of_work():
        counts.amend(fiscal, file.number, file.counts[0], Entry("count", {}, 1), victims=file.victims)
    assert [
        row.id for row in db.session.scalars(select(CountVictim).where(CountVictim.count_id == file.counts[0]))
    ] == before
    assert db.session.get_one(Count, file.counts[0]).version == 1


def test_a_period_that_ends_before_it_begins_is_refused(fiscal, file):
    with pytest.raises(Rejected) as refused:
        add(fiscal, file, facts_from=PartialDate.of_year(2025), facts_to=PartialDate.of_year(2024))
    assert problems_of(refused) == ["facts_to"]


# --- re-typification -----------------------------------------------------------------------------------------------

def test_a_retypification_records_an_act_and_keeps_the_first_offence(fiscal, file):
    key = retypify(fiscal, file)
    count = db.session.get_one(Count, file.counts[0])
    assert (count.offence, count.first_offence) == ("PE-129C", "PE-129A")
    assert db.session.get_one(Event, key).event_type == "TIP-FIS"
    page = count_pages.show(fiscal, file.number, count.id)
    assert [
        (
            one.view.from_offence,
            one.view.to_offence,
            one.view.decided_by,
            one.view.approval,
            one.view.reason,
            one.author,
        )
        for one in page.history
    ] == [("PE-129A", "PE-129C", "FIS", "PEN", "La pericia lo muestra", "Persona fiscal.mdd")]
    assert page.line.retypified


def test_retypified_counts_alone_change(fiscal, file):
    retypify(fiscal, file)
    assert [db.session.get_one(Count, key).offence for key in file.counts] == ["PE-129C", "PE-129A", "PE-129A"]


def test_the_act_of_retypifying_entered_as_an_act_writes_the_same_history(fiscal, file):
    with unit_of_work():
        events.record(fiscal, file.number, "TIP-FIS", Entry("event", {
            "occurred_on": DAY, "counts": (file.counts[2],), "offence": "PE-129C", "reason": "Así consta"}))
    assert [one.view.to_offence for one in count_pages.show(fiscal, file.number, file.counts[2]).history] == ["PE-129C"]


def test_a_reversed_retypification_gives_the_offence_back_and_keeps_both_changes(fiscal, file):
    key = retypify(fiscal, file)
    with unit_of_work():
        correction = events.reverse(fiscal, file.number, key, reason="Se registró por error")
    count = db.session.get_one(Count, file.counts[0])
    assert count.offence == "PE-129A"
    rows = db.session.scalars(
        select(Retypification).where(Retypification.count_id == count.id).order_by(Retypification.id)
    ).all()
    assert [(row.to_offence, row.event_id) for row in rows] == [("PE-129C", key), ("PE-129A", correction)]
    with unit_of_work():
        events.reverse(fiscal, file.number, correction, reason="No era error")
    assert db.session.get_one(Count, file.counts[0]).offence == "PE-129C"


def test_a_retypification_needs_another_offence_and_a_reason(fiscal, file):
    with pytest.raises(Rejected) as refused:
        retypify(fiscal, file, offence="PE-129A", reason=" ")
    assert problems_of(refused) == ["offence", "reason"]


def test_the_court_retypifies_in_a_court_case_of_the_charge(fiscal, file):
    with pytest.raises(Rejected) as refused:
        retypify(fiscal, file, event_type="TIP-JUD")
    assert problems_of(refused) == ["court_case"]
    with unit_of_work():
        case = made(CourtCase, court_case_kind="PRI").id
        made(ChargeCourtCase, charge_id=file.charge_id, court_case_id=case, link="PRI")
    key = retypify(fiscal, file, event_type="TIP-JUD")
    event = db.session.get_one(Event, key)
    assert (event.court_case_id, event.charge_id, event.number) == (case, None, 1)
    assert [one.view.decided_by for one in count_pages.show(fiscal, file.number, file.counts[0]).history] == ["JUZ"]


def test_the_typification_history_begins_with_the_offence_reported(fiscal, file):
    retypify(fiscal, file)
    history = count_pages.typification(fiscal, file.number)
    assert (history.reported, history.received_on) == ("PE-129A", on(date(2026, 1, 10)))
    assert [line.view.first_offence for line in history.counts] == ["PE-129A"] * 3
    assert [(one.count, one.view.to_offence) for one in history.changes] == [(file.counts[0], "PE-129C")]


# --- who -----------------------------------------------------------------------------------------------------------

def test_an_assistant_adds_a_count_and_does_not_retypify(world, fiscal, file):
    assistant = world.viewer("asistente.mdd")
    assert add(assistant, file)
    with pytest.raises(Forbidden):
        retypify(assistant, file)


def test_the_counts_of_another_office_do_not_exist(world, fiscal, file):
    other = world.viewer("fiscal.lim")
    for verb in (lambda: count_pages.listed(other, file.number), lambda: count_pages.show(other, file.number, file.counts[0]),
                 lambda: add(other, file)):
        with pytest.raises(NotVisible):
            verb()


def test_a_count_of_another_charge_does_not_exist_here(fiscal, file):
    other = a_file(fiscal)
    with pytest.raises(NotVisible):
        count_pages.show(fiscal, file.number, other.counts[0])


def test_a_supervisor_reads_and_does_not_add(world, fiscal, file):
    assert len(count_pages.listed(world.viewer("coordinadora"), file.number)) == 3
    with pytest.raises(Forbidden):
        add(world.viewer("coordinadora"), file)


@pytest.mark.both_databases
def test_a_count_is_kept_alike_on_both_databases(fiscal, file):
    retypify(fiscal, file)
    assert [line.view.offence for line in count_pages.listed(fiscal, file.number)] == ["PE-129C", "PE-129A", "PE-129A"]
    assert db.session.get_one(Accused, file.accused[0]).status == "DEN"


def test_a_withdrawn_part_is_not_offered(fiscal, file):
    with unit_of_work():
        charge = db.session.get_one(Charge, file.charge_id)
        gone = a_victim(charge, "A-3", withdrawn_at=fiscal.at).id
    assert gone not in {key for key, _ in count_pages.form(fiscal, file.number).victims}
    with pytest.raises(Rejected):
        add(fiscal, file, victims=(gone,))
