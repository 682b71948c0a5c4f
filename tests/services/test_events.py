from datetime import date, timedelta

import pytest
from sqlalchemy import select

from sistra.access.standing import Forbidden, NotVisible
from sistra.codebook.event_types import event_type, event_types, reversal_types
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, ChargeMember
from sistra.models.counts import Count
from sistra.models.events import Deadline, Event
from sistra.models.measures import Measure
from sistra.models.people import Accused, Victim
from sistra.rules.acts import asked
from sistra.rules.charge_course import charge_course
from sistra.rules.entries import Entry
from sistra.rules.problems import Rejected
from sistra.rules.stages import Act, CountRef
from sistra.services import (
    charges,
    count_pages,
    counts,
    course,
    deadline_pages,
    event_pages,
    events,
    history,
    signin,
    unsealing,
)
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.files import a_file, an_opened_charge, on
from tests.factories.rows import AT, a_charge, made

DAY = date(2026, 2, 2)
CHARGE_ACTS = sorted(code for code, kind in event_types().items() if kind.applies_to in ("charge", "both"))
# The shortest way by which each stage is reached with acts that a charge takes; a court's acts are put in as rows.
WAY_TO = {
    "10-NOT": (),
    "20-CAL": ("CAL-INI",),
    "30-DIP": ("DIP-INI",),
    "40-IPF": ("FOR-DIS",),
    "50-INT": ("FOR-DIS", "ACU-REQ"),
    "60-JUI": ("FOR-DIS", "ACU-REQ", "ENJ-AUT"),
    "70-SEN": ("FOR-DIS", "SEN-CON"),
    "80-APE": ("SEN-CON", "APE-INT"),
    "90-EJE": ("SEN-CON", "FIR-CON"),
    "99-CER": ("DIP-INI", "DIP-ARC"),
    "X-PES-CE": ("COE-INI",),
    "X-PES-PI": ("PIN-REQ",),
    "X-ANT": ("ANT-FOR",),
    "X-ANT-INS": ("ANT-FOR", "ANT-INS"),
    "*": ("DIP-INI",),
}
WAY_BEFORE = {
    "RES-LEV": ("DIP-INI", "DIP-RES"), "DER-ACE": ("DIP-INI", "DER-DIS"), "DER-REC": ("DIP-INI", "DER-DIS"),
    "ACM-REV": ("DIP-INI", "ACM-DIS"), "CIE-CAS": ("DIP-INI", "DIP-ARC"), "REA-CIE": ("DIP-INI", "DIP-ARC", "CIE-CAS"),
    "SEL-LEV": ("DIP-INI", "SEL-PON")}


def record(viewer, file, code, **values):
    values = {"occurred_on": on(DAY)} | values
    with unit_of_work():
        return events.record(viewer, file.number, code, Entry("event", values))


def court(file, code, **values):
    """A court's act, as a row on the charge."""
    made(Event, charge_id=file.charge_id, number=90, event_type=code, occurred_on=on(DAY), **values)
    charge = db.session.get_one(Charge, file.charge_id)
    course.rederive(charge)
    db.session.commit()


def charge_of(file):
    return db.session.get_one(Charge, file.charge_id)


def count_of(file, place=0):
    return db.session.get_one(Count, file.counts[place])


def deadlines_of(file):
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id))
    return {row.rule: row for row in rows}


def a_measure(file):
    with unit_of_work():
        return made(Measure, charge_id=file.charge_id, kind="PRO", state="VIG", victim_id=file.victims[0]).id


def answers(viewer, file, code):
    """An answer to everything that the act cannot do without."""
    values = {"occurred_on": on(DAY)}
    for field in asked(event_type(code)):
        if field.name == "reason":
            values["reason"] = "Así lo dispone la fiscalía superior"
        elif field.name in ("accused", "victims", "counts"):
            values[field.name] = (getattr(file, field.name)[0],)
        elif field.name == "offence":
            values["offence"] = "PE-129B-1"
        elif field.name == "closing_reason":
            values["closing_reason"] = "ARC"
        elif field.name == "scheduled_for" and field.need == "R":
            values["scheduled_for"] = AT + timedelta(days=3)
        elif field.name == "measure":
            values["measure"] = a_measure(file)
        elif field.name == "target_office":
            values["target_office"] = viewer.office_id
        elif field.name == "target_charge":
            values["target_charge"] = an_opened_charge(viewer).id
        elif field.name == "responsible":
            values["responsible"] = viewer.user_id
        elif field.name == "regress_reason":
            values["regress_reason"] = "El juzgado devolvió la carpeta"
    return values


def walk_to(viewer, file, code):
    """Takes every count to where the act belongs."""
    kind = event_type(code)
    for before in WAY_BEFORE.get(code) or WAY_TO[kind.stage_from[0]]:
        if event_type(before).applies_to == "court_case":
            court(file, before)
        else:
            values = answers(viewer, file, before)
            for name in ("counts", "accused"):
                values.pop(name, None)
            record(viewer, file, before, **values)
    if code == "SEL-LEV":
        opened_by_two(viewer, file)


def opened_by_two(viewer, file):
    """What the act tells of: the seal was lifted on a request that a second person approved."""
    with unit_of_work():
        unsealing.request(viewer, file.number, confidentiality="RES", reason="Cesó el motivo")
        office = db.session.get_one(Office, viewer.office_id)
        supervisor = db.session.scalars(select(User).where(User.username == "coordinadora")).one()
        unsealing.decide(signin.as_viewer(supervisor, office, at=viewer.at, door="web"), file.number, approve=True,
                         reason="Conforme")


def test_a_seal_is_not_lifted_by_recording_that_it_was(fiscal, file):
    for code in ("DIP-INI", "SEL-PON"):
        record(fiscal, file, code, **answers(fiscal, file, code))
    with pytest.raises(Rejected):
        record(fiscal, file, "SEL-LEV", **answers(fiscal, file, "SEL-LEV"))
    assert charge_of(file).confidentiality == "SEL"


def test_whoever_is_recorded_as_the_new_responsible_becomes_it_and_the_team_follows(fiscal, file, world):
    values = {"occurred_on": on(DAY), "reason": "Licencia", "responsible": world.users["fiscal2.mdd"]}
    with pytest.raises(Rejected) as refused:
        record(world.viewer("fiscal2.mdd"), file, "REA-RES", **values)
    assert [problem.field for problem in refused.value.problems] == ["responsible"]
    record(fiscal, file, "REA-RES", **values)
    assert charge_of(file).responsible_id == world.users["fiscal2.mdd"]
    parts = {member.user_id: member.part for member in db.session.scalars(select(ChargeMember))}
    assert parts == {world.users["fiscal.mdd"]: "ADJ", world.users["fiscal2.mdd"]: "RESP"}


@pytest.mark.parametrize("code", [code for code in CHARGE_ACTS if code not in reversal_types()])
def test_every_act_of_a_charge_is_recorded_with_the_stage_and_outcome_that_the_rules_give(fiscal, file, code):
    walk_to(fiscal, file, code)
    before = course.course_of(file.charge_id)
    key = record(fiscal, file, code, **answers(fiscal, file, code))
    event = db.session.get_one(Event, key)
    kind = event_type(code)
    after = course.course_of(file.charge_id)
    assert event.stage_before == before.stage
    assert event.stage_after == after.stage == charge_of(file).stage
    assert charge_of(file).status == after.status
    for place, count_id in enumerate(file.counts):
        assert count_of(file, place).outcome == after.counts[count_id].outcome
        assert count_of(file, place).stage == after.counts[count_id].stage
    if kind.outcome and kind.scope != "charge":
        assert event.outcome == kind.outcome
        assert {one.id for one in event.counts}


def test_the_stored_course_is_that_of_the_rules_on_the_same_acts(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "FOR-DIS", occurred_on=on(date(2026, 2, 2)), counts=tuple(file.counts[:2]))
    refs = [
        CountRef(file.counts[0], file.accused[0]),
        CountRef(file.counts[1], file.accused[0]),
        CountRef(file.counts[2], file.accused[1]),
    ]
    expected = charge_course(
        refs,
        [
            Act(1, "DIP-INI", (date(2026, 1, 12),) * 2, 1),
            Act(2, "FOR-DIS", (date(2026, 2, 2),) * 2, 2, frozenset(file.counts[:2])),
        ],
    )
    assert charge_of(file).stage == expected.stage == "40-IPF"
    assert [count_of(file, place).stage for place in range(3)] == [expected.counts[key].stage for key in file.counts]
    assert [count_of(file, place).outcome for place in range(3)] == ["PRE-FOR", "PRE-FOR", "TRA"]


def test_an_act_that_names_no_count_keeps_those_it_reached(fiscal, file):
    key = record(fiscal, file, "FOR-DIS")
    assert sorted(one.id for one in db.session.get_one(Event, key).counts) == list(file.counts)


def test_a_count_entered_later_is_not_formalised_by_an_earlier_act(fiscal, file):
    record(fiscal, file, "FOR-DIS")
    with unit_of_work():
        later = counts.add(fiscal, file.number, Entry("count", {"accused": file.accused[1], "offence": "PE-129I"}))
    assert db.session.get_one(Count, later).outcome == "TRA"
    assert count_of(file).outcome == "PRE-FOR"


def test_a_count_entered_later_still_stands_where_an_act_without_outcome_took_the_charge(fiscal, file):
    record(fiscal, file, "DIP-INI")
    with unit_of_work():
        later = counts.add(fiscal, file.number, Entry("count", {"accused": file.accused[1], "offence": "PE-129I"}))
    assert db.session.get_one(Count, later).stage == "30-DIP"


def test_events_are_numbered_within_their_charge(fiscal, file):
    other = a_file(fiscal)
    keys = [record(fiscal, file, "CST-NOT", note="Se recibió el oficio"), record(fiscal, other, "CST-NOT", note="Otro")]
    assert [db.session.get_one(Event, key).number for key in keys] == [2, 2]


def test_an_act_in_the_future_is_refused(fiscal, file):
    with pytest.raises(Rejected) as refused:
        record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 5, 1)))
    assert [problem.field for problem in refused.value.problems] == ["occurred_on"]


@pytest.mark.parametrize(
    ("day", "problems"), [(None, ["scheduled_for"]), (-1, ["scheduled_for"]), (0, []), (3, []), (Unknown.NOT_KNOWN, [])])
def test_scheduling_needs_a_date_that_has_not_gone_by(fiscal, file, day, problems):
    when = AT + timedelta(days=day) if isinstance(day, int) else day
    refused = []
    try:
        record(fiscal, file, "EUN-PRG", scheduled_for=when)
    except Rejected as rejected:
        refused = [problem.field for problem in rejected.problems]
    assert refused == problems


def test_only_the_date_is_obligatory_and_not_known_is_an_answer(fiscal, file):
    assert record(fiscal, file, "DIP-INI", occurred_on=Unknown.NOT_KNOWN)
    with pytest.raises(Rejected) as refused:
        record(fiscal, file, "DIP-ARC", occurred_on=None)
    assert [problem.field for problem in refused.value.problems] == ["occurred_on"]


@pytest.mark.parametrize("name", ["counts", "accused", "victims"])
def test_parts_of_another_charge_are_refused(fiscal, file, name):
    other = a_file(fiscal)
    code = {"counts": "FOR-DIS", "accused": "DEC-IMP", "victims": "DEC-AGR"}[name]
    with pytest.raises(Rejected) as refused:
        record(fiscal, file, code, **{name: (getattr(other, name)[0],)})
    assert [problem.field for problem in refused.value.problems] == [name]


def test_a_measure_of_another_charge_is_refused(fiscal, file):
    other = a_file(fiscal)
    foreign = a_measure(other)
    with pytest.raises(Rejected):
        record(fiscal, file, "MPR-CES", measure=foreign, victims=(file.victims[0],))


def test_an_act_of_the_court_is_refused_on_a_charge(fiscal, file):
    with pytest.raises(Rejected):
        record(fiscal, file, "SEN-CON")


def test_an_act_of_the_old_code_is_kept_and_warned_of(fiscal, file):
    key = record(fiscal, file, "ANT-FOR")
    warned = event_pages.show(fiscal, file.number, key).warnings
    assert [problem.field for problem in warned] == ["event_type"]


def test_going_back_a_stage_asks_for_a_reason(fiscal, file):
    record(fiscal, file, "FOR-DIS", occurred_on=on(date(2026, 2, 1)))
    assert "regress_reason" in {field.name for field in events.form_fields(fiscal, file.number, "DIP-INI")}
    with pytest.raises(Rejected) as refused:
        record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 2, 3)))
    assert [problem.field for problem in refused.value.problems] == ["regress_reason"]
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 2, 3)), regress_reason="Se anuló la formalización")
    assert charge_of(file).stage == "30-DIP"


def test_an_act_entered_late_asks_for_no_reason_where_it_takes_nothing_back(fiscal, file):
    record(fiscal, file, "FOR-DIS", occurred_on=on(date(2026, 2, 1)))
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    assert charge_of(file).stage == "40-IPF"


def test_the_form_asks_the_notification_where_a_term_runs_from_it(fiscal, file):
    assert [field.name for field in events.form_fields(fiscal, file.number, "FOR-DIS")] == [
        "occurred_on", "notified_on", "counts", "resolution_number", "attachment"]
    assert [field.name for field in events.form_fields(fiscal, file.number, "FOR-DIS") if field.need == "R"] == [
        "occurred_on"
    ]


def test_a_charge_does_not_close_while_a_count_is_open(fiscal, file):
    with pytest.raises(Rejected):
        record(fiscal, file, "CIE-CAS", closing_reason="OTH")


# --- regime --------------------------------------------------------------------------------------------------------

def test_the_regime_follows_the_last_standing_declaration(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "REG-COM", occurred_on=on(date(2026, 1, 20)), reason="Pluralidad de imputados")
    assert charge_of(file).regime == "complex"
    assert deadlines_of(file)["DIP-ORD"].state == "CUM"
    assert deadlines_of(file)["DIP-COM"].due_on == date(2026, 9, 20)
    with unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Se declaró por error")
    assert charge_of(file).regime == "ordinary"
    assert deadlines_of(file)["DIP-ORD"].closed_on is None


# --- deadlines -----------------------------------------------------------------------------------------------------

def test_an_act_opens_its_term_and_a_later_one_closes_it(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    assert deadlines_of(file)["DIP-ORD"].due_on == charge_of(file).next_due_on == date(2026, 3, 13)
    record(fiscal, file, "FOR-DIS", occurred_on=on(date(2026, 2, 2)))
    assert (deadlines_of(file)["DIP-ORD"].state, deadlines_of(file)["DIP-ORD"].closed_on) == ("CUM", date(2026, 2, 2))
    assert charge_of(file).next_due_on is None


def test_a_term_that_runs_from_the_notification_opens_when_it_is_registered(fiscal, file):
    key = record(fiscal, file, "FOR-DIS")
    assert "IPF-ORD" not in deadlines_of(file)
    with unit_of_work():
        events.register_notification(fiscal, file.number, key, date(2026, 2, 10))
    assert deadlines_of(file)["IPF-ORD"].due_on == charge_of(file).next_due_on == date(2026, 6, 10)


def test_the_notification_is_not_before_the_act(fiscal, file):
    key = record(fiscal, file, "FOR-DIS")
    with pytest.raises(Rejected), unit_of_work():
        events.register_notification(fiscal, file.number, key, date(2026, 1, 31))


def test_a_term_in_working_days_has_no_day_yet(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DIP-ARC", notified_on=date(2026, 2, 5), reason="No hay elementos")
    line = next(one for one in deadline_pages.listed(fiscal, file.number) if one.view.rule == "ELE-ARC")
    assert (line.view.due_on, line.state) == (None, "ABI")
    assert line.pending % {"days": line.amount} == "Por determinar (5 días hábiles). Fije la fecha."


def test_an_extension_replaces_the_term_from_its_end(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DIP-AMP", occurred_on=on(date(2026, 3, 10)), term_days=30, reason="Falta la pericia")
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id)).all()
    assert [(row.state, row.due_on) for row in rows] == [("PRR", date(2026, 3, 13)), ("ABI", date(2026, 4, 12))]
    assert rows[1].extends_id == rows[0].id


def test_an_act_on_some_counts_leaves_the_term_of_the_others_running(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DIP-ARC", counts=(file.counts[0],), reason="No hay elementos")
    assert deadlines_of(file)["DIP-ORD"].closed_on is None
    assert charge_of(file).stage == "30-DIP"


def terms(file, *codes):
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id))
    return [(row.rule, row.state) for row in rows if row.rule in codes]


def reversed_by(viewer, file, key):
    with unit_of_work():
        events.reverse(viewer, file.number, key, reason="Se registró por error")


def test_the_order_to_continue_ends_the_term_to_contest_the_archive(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DIP-ARC", notified_on=date(2026, 2, 5), reason="No hay elementos")
    assert terms(file, "DIP-ORD", "ELE-ARC") == [("DIP-ORD", "CUM"), ("ELE-ARC", "ABI")]
    key = record(fiscal, file, "ARC-REV", occurred_on=on(date(2026, 2, 20)))
    assert terms(file, "DIP-ORD", "ELE-ARC") == [("DIP-ORD", "CUM"), ("ELE-ARC", "CUM"), ("DIP-ORD", "ABI")]
    reversed_by(fiscal, file, key)
    assert terms(file, "DIP-ORD", "ELE-ARC") == [("DIP-ORD", "CUM"), ("ELE-ARC", "ABI"), ("DIP-ORD", "ANU")]


def test_the_order_to_continue_one_count_ends_its_term_and_replaces_that_of_the_inquiries(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DIP-ARC", counts=(file.counts[0],), notified_on=date(2026, 2, 5), reason="No hay elementos")
    key = record(fiscal, file, "ARC-REV", counts=(file.counts[0],), occurred_on=on(date(2026, 2, 20)))
    assert terms(file, "DIP-ORD", "ELE-ARC") == [("DIP-ORD", "PRR"), ("ELE-ARC", "CUM"), ("DIP-ORD", "ABI")]
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id)).all()
    assert (rows[2].starts_on, rows[2].due_on) == (date(2026, 2, 20), date(2026, 4, 21))
    reversed_by(fiscal, file, key)
    assert terms(file, "DIP-ORD") == [("DIP-ORD", "ABI"), ("DIP-ORD", "ANU")]
    correction = db.session.scalars(select(Event.id).where(Event.reversed_event_id == key)).one()
    reversed_by(fiscal, file, correction)
    assert terms(file, "DIP-ORD", "ELE-ARC") == [("DIP-ORD", "PRR"), ("ELE-ARC", "CUM"), ("DIP-ORD", "ABI")]


def test_a_notification_entered_after_the_order_to_continue_leaves_no_term_to_contest_the_archive(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "DIP-ARC", reason="No hay elementos")
    record(fiscal, file, "ARC-REV")
    with unit_of_work():
        events.register_notification(fiscal, file.number, key, date(2026, 2, 5))
    assert terms(file, "ELE-ARC") == [("ELE-ARC", "CUM")]


def test_a_stage_that_is_passed_ends_its_term_until_the_act_is_reversed(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "PIN-REQ")
    assert terms(file, "DIP-ORD") == [("DIP-ORD", "CUM")] and charge_of(file).stage == "X-PES-PI"
    reversed_by(fiscal, file, key)
    assert terms(file, "DIP-ORD") == [("DIP-ORD", "ABI")]


def test_of_two_acts_that_open_the_same_term_the_later_one_counts_whichever_is_entered_first(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 20)))
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id)).all()
    assert [(row.state, row.starts_on.day) for row in rows] == [("ABI", 20), ("PRR", 12)]


def test_formalisation_then_judgment_leave_no_term_of_a_former_stage(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    first = record(fiscal, file, "FOR-DIS", counts=file.counts[:2], notified_on=date(2026, 2, 3))
    assert terms(file, "DIP-ORD", "IPF-ORD") == [("DIP-ORD", "ABI"), ("IPF-ORD", "ABI")]
    record(fiscal, file, "FOR-DIS", counts=file.counts[2:], notified_on=date(2026, 2, 5))
    assert terms(file, "DIP-ORD", "IPF-ORD") == [("DIP-ORD", "CUM"), ("IPF-ORD", "PRR"), ("IPF-ORD", "ABI")]
    record(fiscal, file, "ACU-REQ", occurred_on=on(date(2026, 2, 9)))
    assert all(state != "ABI" for _rule, state in terms(file, "DIP-ORD", "IPF-ORD"))
    reversed_by(fiscal, file, first)
    assert terms(file, "DIP-ORD") == [("DIP-ORD", "CUM")]


def test_an_act_entered_late_opens_no_term_of_a_stage_already_passed(fiscal, file):
    record(fiscal, file, "PIN-REQ")
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    assert terms(file, "DIP-ORD") == [("DIP-ORD", "CUM")]
    assert deadlines_of(file)["DIP-ORD"].closed_on == DAY


def test_an_act_entered_late_opens_no_term_that_a_later_act_had_ended(fiscal, file):
    record(fiscal, file, "FOR-DIS", occurred_on=on(date(2026, 2, 2)))
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    assert deadlines_of(file)["DIP-ORD"].state == "CUM"


def test_the_answer_of_one_agency_leaves_the_request_to_another_running(fiscal, world, file):
    for agency in ("pnp", "mimp"):
        record(fiscal, file, "OFI-SOL", authority=world.agencies[agency], term_days=10)
    record(fiscal, file, "OFI-RES", authority=world.agencies["pnp"])
    rows = db.session.scalars(select(Deadline).where(Deadline.charge_id == file.charge_id).order_by(Deadline.id)).all()
    assert [row.closed_on is None for row in rows] == [False, True]


def test_detention_runs_for_each_accused_in_hours_from_the_hour_known(fiscal, file):
    key = record(fiscal, file, "DET-FLA", accused=tuple(file.accused))
    rows = db.session.scalars(select(Deadline).where(Deadline.opened_by_id == key).order_by(Deadline.id)).all()
    assert [row.accused_id for row in rows] == list(file.accused)
    with unit_of_work():
        events.amend(fiscal, file.number, key, Entry("event", {"occurred_at": "08:30"}, 1))
    assert rows[0].due_at.isoformat() == "2026-02-04T13:30:00+00:00"
    record(
        fiscal,
        file,
        "DET-LIB",
        accused=(file.accused[0],),
        reason="Control de identidad",
        occurred_on=on(date(2026, 2, 3)),
    )
    assert [row.closed_on is None for row in rows] == [False, True]


def test_a_due_date_set_by_hand_needs_a_reason_and_wins(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = deadlines_of(file)["DIP-ORD"].id
    with pytest.raises(Rejected), unit_of_work():
        deadline_pages.set_due(fiscal, file.number, key, due_on=date(2026, 4, 30), reason=" ", version=1)
    with unit_of_work():
        deadline_pages.set_due(fiscal, file.number, key, due_on=date(2026, 4, 30), reason="Disposición 3", version=1)
    line = deadline_pages.show(fiscal, file.number, key)
    assert (line.view.due_on, line.by_hand, line.view.set_by_hand_reason) == (date(2026, 4, 30), True, "Disposición 3")
    assert charge_of(file).next_due_on == date(2026, 4, 30)


def test_the_state_of_a_term_is_that_of_the_day_of_the_request(fiscal, world, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    states = [deadline_pages.listed(world.viewer("fiscal.mdd", at=AT.replace(month=month, day=day)), file.number)[0].state
              for month, day in ((2, 1), (3, 1), (3, 14))]
    assert states == ["ABI", "PRX", "VEN"]


# --- corrections ---------------------------------------------------------------------------------------------------

def test_a_correction_undoes_stage_outcome_and_terms_and_keeps_the_act(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "FOR-DIS", notified_on=date(2026, 2, 5))
    with unit_of_work():
        correction = events.reverse(fiscal, file.number, key, reason="Se registró en la carpeta equivocada")
    assert charge_of(file).stage == "30-DIP"
    assert count_of(file).outcome == "TRA"
    assert deadlines_of(file)["DIP-ORD"].closed_on is None
    assert deadlines_of(file)["IPF-ORD"].state == "ANU"
    assert db.session.get_one(Event, key).reversed_by_id == correction
    assert charge_of(file).next_due_on == date(2026, 3, 13)


def test_a_correction_can_be_corrected(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "FOR-DIS", notified_on=date(2026, 2, 5))
    with unit_of_work():
        correction = events.reverse(fiscal, file.number, key, reason="Error")
    with unit_of_work():
        events.reverse(fiscal, file.number, correction, reason="No era error")
    assert charge_of(file).stage == "40-IPF"
    assert count_of(file).outcome == "PRE-FOR"
    assert deadlines_of(file)["DIP-ORD"].state == "CUM"
    assert (deadlines_of(file)["IPF-ORD"].state, deadlines_of(file)["IPF-ORD"].closed_on) == ("ABI", None)
    assert db.session.get_one(Event, key).reversed_by_id is None


def test_an_act_is_reversed_once_and_with_a_reason(fiscal, file):
    key = record(fiscal, file, "DIP-INI")
    with pytest.raises(Rejected), unit_of_work():
        events.reverse(fiscal, file.number, key, reason="  ")
    with unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Error")
    with pytest.raises(Rejected), unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Error")


def test_the_act_that_opened_the_charge_stays(fiscal, file):
    first = db.session.scalars(select(Event).where(Event.charge_id == file.charge_id, Event.number == 1)).one()
    with pytest.raises(Rejected), unit_of_work():
        events.reverse(fiscal, file.number, first.id, reason="Error")


def test_a_referred_charge_takes_nothing_but_what_brings_it_back(fiscal, file):
    record(fiscal, file, "DER-DIS", target_office=fiscal.office_id, reason="Competencia")
    assert charge_of(file).status == "DER"
    with pytest.raises(Forbidden):
        record(fiscal, file, "CST-NOT")
    record(fiscal, file, "DER-REC", reason="No procede", occurred_on=on(date(2026, 2, 10)))
    assert charge_of(file).status == "TRA"


def test_the_page_of_a_referral_offers_to_take_it_back(world, fiscal, file):
    key = record(fiscal, file, "DER-DIS", target_office=fiscal.office_id, reason="Competencia")
    assert event_pages.show(fiscal, file.number, key).may_reverse
    assert not event_pages.show(world.viewer("asistente.mdd"), file.number, key).may_reverse


def test_the_opening_act_follows_the_day_of_reception(fiscal, file):
    with unit_of_work():
        charges.amend(fiscal, file.number, Entry("charge", {"received_on": on(date(2026, 1, 8))}, 1))
    first = db.session.scalars(select(Event).where(Event.charge_id == file.charge_id, Event.number == 1)).one()
    assert first.occurred_on == on(date(2026, 1, 8))
    page = event_pages.show(fiscal, file.number, first.id)
    assert (page.may_amend, page.may_reverse) == (True, False)


def test_a_joined_charge_points_to_the_other_until_the_joinder_is_undone(fiscal, file):
    other = an_opened_charge(fiscal)
    key = record(fiscal, file, "ACM-DIS", target_charge=other.id, reason="Conexidad")
    assert (charge_of(file).joined_into_id, charge_of(file).status) == (other.id, "ACU")
    with unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Error")
    assert (charge_of(file).joined_into_id, charge_of(file).status) == (None, "TRA")


# --- slips ---------------------------------------------------------------------------------------------------------

def test_a_date_put_right_moves_the_term(fiscal, file):
    key = record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    with unit_of_work():
        events.amend(
            fiscal,
            file.number,
            key,
            Entry("event", {"occurred_on": on(date(2026, 1, 14)), "note": "Fecha corregida"}, 1),
        )
    assert deadlines_of(file)["DIP-ORD"].due_on == date(2026, 3, 15)
    assert event_pages.show(fiscal, file.number, key).line.view.note == "Fecha corregida"


def test_what_an_act_decided_is_not_amended(fiscal, file):
    key = record(fiscal, file, "FOR-DIS", counts=(file.counts[0],))
    with unit_of_work():
        events.amend(fiscal, file.number, key, Entry("event", {"counts": tuple(file.counts)}, 1))
    assert [one.id for one in db.session.get_one(Event, key).counts] == [file.counts[0]]


def test_two_people_amending_the_same_field_are_told(fiscal, file):
    key = record(fiscal, file, "CST-NOT", note="Uno")
    version = db.session.get_one(Event, key).version
    with unit_of_work():
        events.amend(fiscal, file.number, key, Entry("event", {"note": "Dos"}, version))
    with pytest.raises(Conflict), unit_of_work():
        events.amend(fiscal, file.number, key, Entry("event", {"note": "Tres"}, version))


# --- who -----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("code", ["DIP-ARC", "FOR-DIS", "REG-COM", "CIE-CAS", "EXT-PRE"])
def test_an_assistant_does_not_decide(world, fiscal, file, code):
    with pytest.raises(Forbidden):
        record(world.viewer("asistente.mdd"), file, code)


def test_an_assistant_records_an_ordinary_act(world, fiscal, file):
    assert record(world.viewer("asistente.mdd"), file, "DEC-TES")


def test_a_charge_of_another_office_does_not_exist(world, fiscal, file):
    with pytest.raises(NotVisible):
        record(world.viewer("fiscal.lim"), file, "CST-NOT")
    with pytest.raises(NotVisible):
        event_pages.listed(world.viewer("fiscal.lim"), file.number)


def test_a_supervisor_reads_and_does_not_record(world, fiscal, file):
    coordinator = world.viewer("coordinadora")
    assert event_pages.listed(coordinator, file.number)
    with pytest.raises(Forbidden):
        record(coordinator, file, "CST-NOT")


def test_a_sealed_act_exists_only_for_the_team(world, fiscal, file):
    key = record(fiscal, file, "AGE-ENC")
    outsider = world.viewer("fiscal2.mdd")
    assert key in {line.view.id for line in event_pages.listed(fiscal, file.number)}
    assert key not in {line.view.id for line in event_pages.listed(outsider, file.number)}
    with pytest.raises(NotVisible):
        event_pages.show(outsider, file.number, key)
    with pytest.raises(Rejected):
        record(outsider, file, "VID-VIG")


def test_the_history_of_a_charge_leaves_a_sealed_act_to_the_team(world, fiscal, file):
    key = record(fiscal, file, "AGE-ENC")
    def things(viewer):
        return {(one.thing, one.thing_id) for one in history.of_charge(viewer, file.number)}
    assert ("event", key) in things(fiscal)
    assert ("event", key) not in things(world.viewer("fiscal2.mdd"))


def test_collaboration_reads_as_the_investigation_outside_the_team(world, fiscal, file):
    record(fiscal, file, "COE-INI")
    key = record(fiscal, file, "CST-NOT", note="Nota", occurred_on=on(date(2026, 2, 3)))
    outsider = world.viewer("fiscal2.mdd")
    assert charges.folder(fiscal, file.number).charge.stage == "X-PES-CE"
    seen = charges.folder(outsider, file.number)
    assert (seen.charge.stage, seen.course.stage) == ("40-IPF", "40-IPF")
    assert event_pages.show(outsider, file.number, key).line.view.stage_after == "40-IPF"
    assert {line.view.stage for line in count_pages.listed(outsider, file.number)} == {"40-IPF"}
    assert "COE-INI" not in {item.event_type for item in charges.timeline(outsider, file.number)}


# --- lists and the trail -------------------------------------------------------------------------------------------

def test_the_list_is_newest_first_with_its_author(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    record(fiscal, file, "DEC-IMP", occurred_on=on(date(2026, 1, 11)), accused=(file.accused[1],))
    lines = event_pages.listed(fiscal, file.number)
    assert [line.view.event_type for line in lines] == ["DIP-INI", "DEC-IMP", "NOT-REC"]
    assert lines[1].accused == ("I-2",)
    assert {line.author for line in lines} == {"Persona fiscal.mdd"}


def test_the_offer_leaves_out_what_has_a_page_of_its_own_and_what_the_viewer_may_not_enter(world, fiscal, file):
    offered = {one.event_type.code for one in event_pages.offered(fiscal, file.number)}
    assert "DIP-INI" in offered and not offered & {"COR-ACT", "SEL-PON", "SEN-CON", "ANT-FOR"}
    assistant = {one.event_type.code for one in event_pages.offered(world.viewer("asistente.mdd"), file.number)}
    assert "DEC-TES" in assistant and not assistant & {"FOR-DIS", "DIP-ARC", "COE-INI"}


def test_search_finds_a_type_by_three_letters(fiscal, file):
    assert event_pages.offered(fiscal, file.number, text="form")[0].event_type.code.startswith("FOR")


def test_recording_correcting_and_reading_are_on_the_trail(fiscal, file):
    key = record(fiscal, file, "FOR-DIS")
    with unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Error")
        event_pages.show(fiscal, file.number, key)
    actions = db.session.scalars(select(TrailEntry.action).where(TrailEntry.charge_id == file.charge_id)).all()
    assert {"event.recorded", "event.reversed", "event.read"} <= set(actions)


def test_an_identified_victim_keeps_that_status(fiscal, file):
    record(fiscal, file, "VIC-IDE", victims=(file.victims[0],))
    assert [db.session.get_one(Victim, key).status for key in file.victims] == ["IDE", None]


def test_an_absence_ends_when_the_accused_is_brought_before_the_court(fiscal, file):
    court(file, "REO-CON", accused=[db.session.get_one(Accused, file.accused[0])])
    assert db.session.get_one(Accused, file.accused[0]).status == "RCO"
    record(fiscal, file, "REO-PUE", accused=(file.accused[0],), occurred_on=on(date(2026, 2, 20)))
    assert db.session.get_one(Accused, file.accused[0]).status != "RCO"


@pytest.mark.both_databases
def test_a_course_is_kept_alike_on_both_databases(fiscal, file):
    record(fiscal, file, "DIP-INI", occurred_on=on(date(2026, 1, 12)))
    key = record(fiscal, file, "FOR-DIS", notified_on=date(2026, 2, 5))
    with unit_of_work():
        events.reverse(fiscal, file.number, key, reason="Error")
    assert (charge_of(file).stage, count_of(file).outcome, charge_of(file).next_due_on) == (
        "30-DIP",
        "TRA",
        date(2026, 3, 13),
    )


# --- what an act refers to out of sight ----------------------------------------------------------------------------

def a_document(file, **values):
    with unit_of_work():
        return made(Attachment, charge_id=file.charge_id, storage_key="x", kind="OTR", title="Plan del agente", **values).id


@pytest.mark.parametrize("level", ["SEL", "COL"])
def test_a_sealed_document_is_offered_accepted_and_named_only_for_the_team(world, fiscal, file, level):
    sealed, outsider = a_document(file, confidentiality=level), world.viewer("fiscal2.mdd")
    with pytest.raises(Rejected) as refused:
        record(outsider, file, "DIP-INI", attachment=sealed)
    assert [problem.field for problem in refused.value.problems] == ["attachment"]
    key = record(fiscal, file, "DIP-INI", attachment=sealed)
    assert event_pages.show(fiscal, file.number, key).named["attachment"] == "Plan del agente"
    seen = event_pages.show(outsider, file.number, key)
    assert "attachment" not in seen.named and seen.hidden == {"attachment"}
    with pytest.raises(Rejected), unit_of_work():
        events.amend(outsider, file.number, key, Entry("event", {"attachment": sealed}))
    with unit_of_work():
        events.amend(outsider, file.number, key, Entry("event", {"attachment": None, "note": "Sin novedad"}))
    assert db.session.get_one(Event, key).attachment_id == sealed


def test_the_number_of_a_joined_charge_is_named_only_to_who_sees_that_charge(world, fiscal, file):
    other = an_opened_charge(fiscal)
    key = record(fiscal, file, "ACM-DIS", target_charge=other.id, reason="Los mismos hechos")
    assert event_pages.show(fiscal, file.number, key).named["target_charge"] == other.number
    with unit_of_work():
        db.session.get_one(Event, key).target_charge_id = a_charge(
            world.offices["lim"], world.users["fiscal.lim"]).id
    seen = event_pages.show(fiscal, file.number, key)
    assert "target_charge" not in seen.named and seen.hidden == {"target_charge"}
