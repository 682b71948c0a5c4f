"""Facts follow every save in its transaction, and tell what was recorded at any instant."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.charges import Charge, RouteLeg
from sistra.models.events import Event
from sistra.models.facts import FACTS
from sistra.models.people import Accused, Victim
from sistra.rules.entries import Entry
from sistra.rules.facts import UNITS
from sistra.rules.partial_dates import PartialDate
from sistra.rules.purposes import main_purpose
from sistra.services import (
    charges,
    counts,
    court_case_links,
    court_corrections,
    demonstration,
    events,
    fact_rebuilding,
    facts,
    judgments,
    people,
    person_search,
)
from sistra.services.fact_reading import RECORDS, read
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_case, a_judgment, act
from tests.factories.databases import Databases
from tests.factories.files import File, a_file, on
from tests.factories.histories import VERBS, History
from tests.factories.people import accused_in, opened, victim_in
from tests.factories.rows import AT, made
from tests.factories.world import World


@pytest.fixture
def number(fiscal: Viewer) -> str:
    return opened(fiscal)


def later(viewer: Viewer, minutes: int = 1) -> Viewer:
    return replace(viewer, at=viewer.at + timedelta(minutes=minutes))


def key_of(number: str) -> int:
    return db.session.scalars(select(Charge.id).where(Charge.number == number)).one()


def the_row(unit: str, at: datetime | None = None) -> Any:
    """The only row of a unit that stands."""
    found = facts.rows(unit, at)
    assert len(found) == 1
    return found[0]


def amend(viewer: Viewer, number: str, **values: Any) -> None:
    with unit_of_work():
        charges.amend(viewer, number, Entry("charge", values))


def due() -> dict[tuple[str, int], Any]:
    """What the records say now, worked out without the fact rows, which must say the same."""
    found = [(unit, one) for unit in UNITS for one in read(unit, list(db.session.scalars(select(RECORDS[unit].c.id))))]
    assert [(unit, one.key, one.changed) for unit, one in found if one.changed] == []
    return {(unit, one.key): dict(one.due) for unit, one in found if one.due is not None}


def held(at: datetime | None = None) -> dict[tuple[str, int], Any]:
    """The same as the fact rows tell it of an instant."""
    return {(unit, row["record_id"]): {name: row[name] for name in (*UNITS[unit].columns, "unknowns")}
            for unit in UNITS for row in facts.rows(unit, at)}


# -- each save -------------------------------------------------------------------------------------------------------


def test_a_charge_has_its_fact_in_the_transaction_that_opens_it(fiscal: Viewer, number: str) -> None:
    row = the_row("charge")
    assert (row["record_id"], row["number"], row["valid_from"], row["valid_to"]) == (key_of(number), number, fiscal.at, None)


def test_a_unit_that_is_not_kept_leaves_no_fact(fiscal: Viewer, number: str) -> None:
    with unit_of_work(keep=False):
        people.add_victim(fiscal, number, Entry("victim", {"sex": "M"}))
    assert facts.rows("victim") == []


def test_a_unit_that_fails_leaves_no_fact_for_the_next_one(fiscal: Viewer, number: str) -> None:
    with pytest.raises(RuntimeError, match="cut"), unit_of_work():
        people.add_victim(fiscal, number, Entry("victim", {"sex": "M"}))
        raise RuntimeError("cut")
    amend(fiscal, number, victims_declared=4)
    assert facts.rows("victim") == []


def test_a_change_closes_the_row_and_opens_another(fiscal: Viewer, number: str) -> None:
    after = later(fiscal)
    amend(after, number, victims_declared=7)
    table = FACTS["charge"]
    found = db.session.execute(select(table.c.victims_declared, table.c.valid_from, table.c.valid_to).order_by(table.c.id)).all()
    assert [tuple(one) for one in found] == [(None, fiscal.at, after.at), (7, after.at, None)]


def test_a_save_that_changes_no_fact_writes_none(fiscal: Viewer, number: str) -> None:
    amend(later(fiscal), number, case_nickname="Río")
    assert db.session.scalar(select(func.count()).select_from(FACTS["charge"])) == 1


def test_a_row_never_ends_before_it_began(fiscal: Viewer, number: str) -> None:
    amend(later(fiscal, -60), number, victims_declared=7)
    table = FACTS["charge"]
    assert db.session.scalars(select(table.c.valid_to).where(table.c.valid_to.is_not(None))).all() == [fiscal.at]


def test_the_fact_of_a_part_taken_back_closes(fiscal: Viewer, number: str) -> None:
    code, after = victim_in(fiscal, number, sex="M"), later(fiscal)
    with unit_of_work():
        people.withdraw(after, number, code, reason="Se ingresó por error")
    assert (facts.rows("victim"), len(facts.rows("victim", fiscal.at))) == ([], 1)


def test_an_unknown_number_a_blank_one_and_none_are_three_things(fiscal: Viewer, number: str) -> None:
    amend(fiscal, number, victims_declared=Unknown.NOT_KNOWN, accused_declared=0)
    row = the_row("charge")
    assert (row["victims_declared"], row["accused_declared"], row["minors_declared"]) == (None, 0, None)
    assert row["unknowns"] == {"victims_declared": "NSP"}


def test_an_identity_moves_no_fact_but_what_the_record_itself_shows(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, {"surname_paternal": "Zafiria", "given_names": "Canaria"}, sex="M")
    assert "Zafiria" not in str([dict(row) for unit in UNITS for row in facts.rows(unit)])


# -- what reaches others ---------------------------------------------------------------------------------------------


def test_what_the_parts_carry_of_their_charge_follows_it(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=2, counts_of=(0,))
    amend(later(fiscal), file.number, received_on=PartialDate.of_month(2025, 12))
    assert {row["received_on"] for unit in UNITS for row in facts.rows(unit)} == {"2025-12"}


def test_an_act_rewrites_no_victim(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=2, counts_of=(0,))
    before = [row["id"] for row in facts.rows("victim")]
    with unit_of_work():
        events.record(later(fiscal), file.number, "FOR-DIS", Entry("event", {"occurred_on": on(date(2026, 2, 1))}))
    assert [row["id"] for row in facts.rows("victim")] == before
    assert the_row("count")["stage"] == the_row("charge")["stage"] == "40-IPF"


def test_another_day_of_reception_within_the_month_moves_the_days_of_the_counts(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        events.record(fiscal, file.number, "FOR-DIS", Entry("event", {"occurred_on": on(date(2026, 2, 1))}))
    before = the_row("count")["days_to_prosecution"]
    amend(later(fiscal), file.number, received_on=on(date(2026, 1, 15)))
    assert (before, the_row("count")["days_to_prosecution"], the_row("charge")["days_to_prosecution"]) == (22, 17, 17)


def test_a_person_who_becomes_a_minor_does_so_in_the_count_too(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        people.amend_victim(later(fiscal), file.number, "A-1", Entry("victim", {"age_at_facts": 16}))
    assert (the_row("count")["victims"], the_row("count")["minors"], the_row("victim")["minor"]) == (1, 1, "1")


def test_a_link_between_persons_reaches_the_facts_of_both_charges(fiscal: Viewer) -> None:
    for one in (first := opened(fiscal), second := opened(fiscal)):
        victim_in(fiscal, one, sex="M")
    with unit_of_work():
        person_search.link(later(fiscal), first, "A-1", other_number=second, other_code="A-1", reason="Mismo documento")
    persons = {row["person_id"] for row in facts.rows("victim")}
    assert len(persons) == 1 and None not in persons


def test_a_leg_of_the_route_tells_the_origin_of_those_it_names(fiscal: Viewer, number: str) -> None:
    for _ in range(2):
        victim_in(fiscal, number, sex="M")
    one = db.session.scalars(select(Victim).order_by(Victim.id)).first()
    with unit_of_work():
        made(RouteLeg, charge_id=key_of(number), sequence=1, point="ORI", country="BO", victims=[one])
        made(RouteLeg, charge_id=key_of(number), sequence=2, point="DES", country="PE", place="170101", victims=[])
    assert [(row["origin_country"], row["destination_department"], row["cross_border"]) for row in facts.rows("victim")] == [
        ("BO", "17", "1"), (None, "17", "0")]


def test_a_ruling_carries_its_judgment_its_penalty_and_its_accused(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        people.amend_accused(fiscal, file.number, "I-1", Entry("accused", {"sex": "H", "age_at_facts": 40}))
    a_judgment(fiscal, a_case(fiscal, file), {file.counts[0]: "COND"}, years={file.accused[0]: 12})
    row = the_row("ruling")
    assert (row["verdict"], row["instance"], row["decided_on"], row["core"], row["sex"], row["age_unodc"]) == (
        "COND", "1", "2026-03", "1", "H", "U-ADU")
    assert (row["imprisonment"], row["imprisonment_band"], row["charge_id"]) == (144, "12-15", file.charge_id)


def test_a_retypification_reaches_count_and_ruling(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    a_judgment(fiscal, a_case(fiscal, file), {file.counts[0]: "COND"}, years={file.accused[0]: 12})
    with unit_of_work():
        counts.retypify(later(fiscal), file.number, file.counts[0], offence="PE-129C", reason="Otros hechos",
                        occurred_on=on(date(2026, 3, 3)))
    assert [(the_row(unit)["core"], the_row(unit)["retypified"]) for unit in ("count", "ruling")] == [("0", "1")] * 2


def test_each_change_of_offence_has_a_fact_of_its_own(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        counts.amend(fiscal, file.number, file.counts[0], Entry("count", {"purposes": ("LAB",)}))
    for offence in ("PE-129C", "PE-303A"):
        with unit_of_work():
            counts.retypify(later(fiscal), file.number, file.counts[0], offence=offence, reason="Otros hechos",
                            occurred_on=on(date(2026, 3, 3)))
    rows = facts.rows("retypification")
    assert [(row["from_offence"], row["to_offence"], row["from_core"], row["to_core"]) for row in rows] == [
        ("PE-129A", "PE-129C", "1", "0"), ("PE-129C", "PE-303A", "0", "0")]
    assert {(row["retypified_on"], row["decided_by"], row["approval"], row["form"]) for row in rows} == {
        ("2026-03", "FIS", "PEN", main_purpose(("LAB",)))}
    assert {(row["count_id"], row["accused_id"], row["charge_id"], row["received_on"]) for row in rows} == {
        (file.counts[0], file.accused[0], file.charge_id, "2026-01")}


def test_an_accused_who_changes_does_so_in_the_changes_of_offence(fiscal: Viewer) -> None:
    file = a_file(fiscal, accused=1, victims=1, counts_of=(0,))
    with unit_of_work():
        counts.retypify(fiscal, file.number, file.counts[0], offence="PE-129C", reason="Otros hechos",
                        occurred_on=on(date(2026, 3, 3)))
    with unit_of_work():
        people.amend_accused(later(fiscal), file.number, "I-1", Entry("accused", {"sex": "M", "age_at_facts": 17}))
    assert (the_row("retypification")["sex"], the_row("retypification")["minor"]) == ("M", "1")


def _owed(viewer: Viewer, **values: Any) -> tuple[File, int]:
    """A file whose judgment orders a reparation, and its court case."""
    file = a_file(viewer, accused=1, victims=2, counts_of=(0,))
    case = a_case(viewer, file)
    owed = {"amount_ordered": Decimal("5000"), "victims": (file.victims[0],)} | values
    a_judgment(viewer, case, {file.counts[0]: "COND"}, years={file.accused[0]: 12}, reparations=(owed,))
    return file, case


def test_a_reparation_carries_its_judgment_and_the_charge_linked_first(fiscal: Viewer) -> None:
    file, case = _owed(fiscal)
    with unit_of_work():
        court_case_links.link(later(fiscal), case, number=a_file(fiscal).number, reason="ORI")
    row = the_row("reparation")
    assert (row["charge_id"], row["court_case_id"], row["instance"], row["decided_on"]) == (file.charge_id, case, "1", "2026-03")
    assert (row["victims"], row["amount_ordered"], row["ordered_band"]) == ((str(file.victims[0]),), Decimal("5000"), "<10000")
    assert (row["amount_paid"], row["paid_band"], row["status"], row["received_on"]) == (None, None, "PEN", "2026-01")


def test_each_payment_and_its_reversal_are_told_in_the_fact_of_the_reparation(fiscal: Viewer) -> None:
    _, case = _owed(fiscal)
    first, second = later(fiscal), later(fiscal, 2)
    key = act(first, case, "EJE-PAG", reparation=the_row("reparation")["record_id"], amount=Decimal("2000"),
              occurred_on=on(date(2026, 3, 10)))
    with unit_of_work():
        court_corrections.reverse(second, case, key, reason="No se pagó")
    told = [(row["amount_paid"], row["paid_band"], row["status"])
            for row in (the_row("reparation", at) for at in (fiscal.at, first.at, None))]
    assert told == [(None, None, "PEN"), (Decimal("2000"), "<5000", "PAR"), (None, None, "PEN")]


def test_a_judgment_put_right_is_put_right_in_its_reparations(fiscal: Viewer) -> None:
    _, case = _owed(fiscal)
    with unit_of_work():
        judgments.amend(later(fiscal), case, the_row("reparation")["judgment_id"],
                        Entry("judgment", {"decided_on": PartialDate.of_month(2026, 2), "court_instance": "SPA"}))
    assert (the_row("reparation")["decided_on"], the_row("reparation")["court_instance"]) == ("2026-02", "SPA")


def test_for_whom_a_reparation_is_may_be_unknown_and_its_amount_too(fiscal: Viewer) -> None:
    _owed(fiscal, amount_ordered=Unknown.NOT_KNOWN, victims=Unknown.NOT_KNOWN)
    row = the_row("reparation")
    assert (row["victims"], row["amount_ordered"], row["ordered_band"]) == (("NSP",), None, "NSP")
    assert row["unknowns"] == {"amount_ordered": "NSP"}


def test_a_reparation_for_all_victims_names_none(fiscal: Viewer) -> None:
    _owed(fiscal, victims=())
    assert the_row("reparation")["victims"] is None


def test_an_act_of_the_prosecutor_reads_neither_changes_of_offence_nor_reparations(fiscal: Viewer) -> None:
    file, _ = _owed(fiscal)
    found = _said(lambda: events.record(fiscal, file.number, "DEC-TES", Entry("event", {"occurred_on": on(date(2026, 2, 1))})))
    assert found and not [one for one in found if "fact_retypification" in one or "fact_reparation" in one]


def test_a_court_act_belongs_to_the_charge_linked_first(fiscal: Viewer) -> None:
    file, other = a_file(fiscal), a_file(fiscal)
    case = a_case(fiscal, file)
    key = act(fiscal, case, "JUI-INS")
    with unit_of_work():
        court_case_links.link(later(fiscal), case, number=other.number, reason="ORI")
    row = next(row for row in facts.rows("event") if row["record_id"] == key)
    assert (row["charge_id"], row["court_case_id"], row["fiscal_district"]) == (file.charge_id, case, "MDD")


def test_a_reversal_is_told_in_the_fact_of_what_it_reversed(fiscal: Viewer, number: str) -> None:
    with unit_of_work():
        key = events.record(fiscal, number, "DIP-INI", Entry("event", {"occurred_on": on(date(2026, 3, 21)), "term_days": 60}))
    after = later(fiscal)
    with unit_of_work():
        events.reverse(after, number, key, reason="Se registró por error")
    told = [next(row["reversed_by"] for row in facts.rows("event", at) if row["record_id"] == key) for at in (fiscal.at, None)]
    assert told == ["0", "1"]


def test_entries_in_bulk_have_their_facts(fiscal: Viewer, number: str) -> None:
    with unit_of_work(), charges.settled_together():
        for _ in range(3):
            people.add_victim(fiscal, number, Entry("victim", {"sex": "M"}))
    assert (len(facts.rows("victim")), the_row("charge")["victims"]) == (3, 3)


def test_a_charge_joined_to_another_is_not_counted_any_more(fiscal: Viewer, number: str) -> None:
    victim_in(fiscal, number, sex="M")
    with unit_of_work():
        db.session.scalars(select(Charge)).one().status = "ACU"
    assert (the_row("charge")["counted"], the_row("victim")["counted"]) == ("0", "0")


# -- cost ------------------------------------------------------------------------------------------------------------


def _said(verb: Callable[[], object]) -> list[str]:
    """The statements about facts of a verb."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "fact_" in statement:
            found.append(statement)
    event.listen(db.engine, "before_cursor_execute", note)
    with unit_of_work():
        verb()
    event.remove(db.engine, "before_cursor_execute", note)
    return found


def _statements(viewer: Viewer, file: File) -> list[str]:
    """What the facts of an act that names every accused cost."""
    entry = Entry("event", {"occurred_on": on(date(2026, 2, 1))})
    return [one.split("\n")[0][:30] for one in _said(lambda: events.record(viewer, file.number, "FOR-DIS", entry))]


def test_the_facts_of_an_act_cost_the_same_for_one_count_and_for_many(fiscal: Viewer) -> None:
    costs = [len(_statements(fiscal, a_file(fiscal, accused=1, victims=1, counts_of=(0,) * many))) for many in (1, 12)]
    assert costs[0] == costs[1] <= 11, costs


# -- the check -------------------------------------------------------------------------------------------------------

_ACTS = st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.integers(0, 999)), min_size=5, max_size=14)
_BEGINNING = (("add_victim", 1), ("add_victim", 2), ("add_accused", 1), ("add_count", 1), ("case", 1), ("leg", 3), ("measure", 1),
              ("retypify", 4), ("judge", 20), ("pay", 1))


def test_the_beginning_of_a_history_writes_every_unit_but_services(session: Any, world: World) -> None:
    history = History(world.viewer("fiscal.mdd"))
    done = {verb: history.act(verb, choice) for verb, choice in _BEGINNING}
    assert all(done.values()), done
    assert {unit for unit in UNITS if not facts.rows(unit)} == {"service"}


@pytest.mark.both_databases
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
def test_after_any_history_the_check_finds_nothing_and_every_instant_reads_as_it_was(
        acts: list[tuple[str, int]], session: Any, world: World) -> None:
    seen: dict[datetime, Any] = {}
    begun = max(filter(None, (db.session.scalar(select(func.max(table.c.valid_from))) for table in FACTS.values())), default=AT)
    history = History(later(world.viewer("fiscal.mdd", at=begun)))
    for verb, choice in (*_BEGINNING, *acts):
        history.act(verb, choice)
        seen[history.viewer.at] = due()
    assert list(fact_rebuilding.differences()) == []
    for at, told in seen.items():
        assert held(at) == told


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A demonstration of thirty charges."""
    databases = Databases(tmp_path_factory.mktemp("facts"), None)
    app = databases.app(databases.copy())
    with app.app_context():
        demonstration.build(charges=30, seed=2, today=date(2026, 11, 21))
    yield app


def test_the_demonstration_passes_the_check(shown: Flask) -> None:
    with shown.app_context():
        assert fact_rebuilding.held()["charge"] == 30
        assert list(fact_rebuilding.differences()) == []


def test_every_unit_of_the_demonstration_has_rows(shown: Flask) -> None:
    with shown.app_context():
        assert all(fact_rebuilding.held().values())


@pytest.mark.both_databases
def test_a_defect_is_found_and_put_right(fiscal: Viewer, number: str, world: World) -> None:
    victim_in(fiscal, number, sex="M")
    table = FACTS["victim"]
    db.session.execute(update(table).values(sex="H"))
    assert [(one.unit, one.columns) for one in fact_rebuilding.differences()] == [("victim", ("sex",))]
    _rebuild(world)
    assert (list(fact_rebuilding.differences()), the_row("victim")["sex"]) == ([], "M")


@pytest.mark.both_databases
def test_rows_written_past_the_session_are_found(fiscal: Viewer, number: str) -> None:
    db.session.execute(update(Charge).where(Charge.number == number).values(victims_declared=9),
                       execution_options={"synchronize_session": False})
    assert [one.columns for one in fact_rebuilding.differences()] == [("victims_declared",)]


def test_a_fact_of_nothing_is_found_and_closed(fiscal: Viewer, number: str, world: World) -> None:
    db.session.execute(insert(FACTS["measure"]).values(record_id=999, valid_from=fiscal.at))
    assert [(one.unit, one.key) for one in fact_rebuilding.differences()] == [("measure", 999)]
    _rebuild(world)
    assert facts.rows("measure") == []


def test_facts_are_built_for_records_that_have_none_yet(fiscal: Viewer, world: World) -> None:
    a_file(fiscal)
    for table in FACTS.values():
        db.session.execute(table.delete())
    _rebuild(world)
    assert fact_rebuilding.held() | {"event": 1} == {
        "charge": 1, "victim": 2, "accused": 2, "count": 3, "ruling": 0, "retypification": 0, "reparation": 0, "measure": 0,
        "service": 0, "event": 1}


def _rebuild(world: World) -> None:
    admin = world.viewer("admin")
    for unit, keys in list(fact_rebuilding.chunks()):
        fact_rebuilding.rebuild(admin, unit, keys)
    fact_rebuilding.finish(admin, 0)
    db.session.flush()


def test_every_record_has_one_open_row_at_most(fiscal: Viewer, number: str) -> None:
    with pytest.raises(IntegrityError):
        db.session.execute(insert(FACTS["charge"]).values(record_id=key_of(number), valid_from=fiscal.at))


def test_the_parts_of_a_charge_are_those_that_facts_name(fiscal: Viewer, number: str) -> None:
    accused_in(fiscal, number, sex="H", kind="NAT")
    one = db.session.scalars(select(Accused)).one()
    assert (the_row("accused")["record_id"], the_row("accused")["code"]) == (one.id, "I-1")
    assert {row["record_id"] for row in facts.rows("event")} == set(db.session.scalars(select(Event.id)))
