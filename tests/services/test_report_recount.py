"""Every report is counted twice: by the engine from facts, and by plain Python from the records. Each cell must be the same."""
from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge, RouteLeg
from sistra.models.counts import Count, Retypification
from sistra.models.court_cases import ChargeCourtCase, CourtCase
from sistra.models.events import Event
from sistra.models.facts import FACTS
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling
from sistra.models.people import Accused, Exploitation, Person, Recruitment, Victim
from sistra.rules.durations import Duration
from sistra.rules.partial_dates import PartialDate, Precision
from sistra.rules.reports import tables
from sistra.rules.reports.definitions import PERSONS, RECORDS, REPORTS
from sistra.rules.reports.dimensions import dimensions
from sistra.rules.reports.periods import Period
from sistra.services import demonstration, reports, signin
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work
from tests.factories.databases import Databases
from tests.factories.histories import VERBS, History
from tests.factories.recount import RANK, SHARE, TOTAL, Asked, Cells, Records, Recount, recount
from tests.factories.rows import AT, made
from tests.factories.world import World

CODES = ("R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R12", "R13", "R14", "R21")
MORE = 14
"""Chooses what is drawn beside the first draws, so that every report and every figure told beside it has something to count."""
TODAY = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ALL, CUT = Asked(date(2023, 1, 1), date(2026, 12, 31)), Asked(date(2024, 3, 1), date(2026, 11, 30))


def told(code: str, viewer: Viewer, asked: Asked, at: datetime | None = None, **more: Any) -> Told:
    return reports.tell(viewer, Ask(code, Period(asked.first, asked.last), asked.district, asked.border, at=at, **more))


def cells_of(found: Told) -> Cells:
    """Every cell of the tables as they are told, with totals, shares and ranks."""
    cells: Cells = {}
    for table in found.tables:
        for line in (*table.lines, table.foot):
            row = (table.name, line.category.code)
            cells |= {(*row, column.code): figure for column, figure in zip(table.columns, line.figures, strict=True)}
            if not table.measured:
                cells[*row, TOTAL] = line.total
            if table.ranked and line is not table.foot:
                cells[*row, SHARE], cells[*row, RANK] = line.share, line.rank
    return cells


def differences(found: Told, counted: Recount) -> dict[Any, Any]:
    """What the two ways tell differently: (told, counted)."""
    cells = cells_of(found)
    both_ways = {key: (cells.get(key, "none"), counted.cells.get(key, "none")) for key in cells.keys() | counted.cells.keys()}
    wrong: dict[Any, Any] = {key: both for key, both in both_ways.items() if both[0] != both[1]}
    heads = {"total": (found.total, counted.total), "before": (found.before, counted.before),
             "undated": (found.undated, counted.undated), "asides": (tuple(one for _, one in found.asides), counted.asides)}
    return wrong | {name: both for name, both in heads.items() if both[0] != both[1]}


# -- a demonstration, stirred --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built() -> dict[str, Flask]:
    return {}


@pytest.fixture
def shown(database_kind: str, databases: Databases, built: dict[str, Flask]) -> Iterator[Flask]:
    """A demonstration of two dozen charges, their records then changed at random so that every rule has something to decide."""
    if database_kind not in built:
        app = databases.app(databases.copy())
        with app.app_context():
            demonstration.build(charges=24, seed=11, today=TODAY.date())
            stir(random.Random(7), TODAY)
        built[database_kind] = app
    with built[database_kind].app_context():
        yield built[database_kind]


def viewer_of(username: str, at: datetime) -> Viewer:
    person = db.session.scalars(select(User).where(User.username == username)).one()
    return signin.as_viewer(person, db.session.get_one(Office, person.office_id), at=at, door="web")


VIEWERS = ("analista", "coordinacion", "presidencia.mdd", "fiscal.lima")


def a_date(chance: random.Random) -> PartialDate:
    year, month = chance.choice((2024, 2025, 2026)), chance.randint(1, 12)
    return chance.choice((PartialDate.of_day(date(year, month, chance.randint(1, 28))), PartialDate.of_month(year, month),
                          PartialDate.of_year(year), PartialDate(None, None, Precision.NOT_KNOWN)))


def some(chance: random.Random, model: Any, part: float) -> list[Any]:
    return [one for one in db.session.scalars(select(model).order_by(model.id)) if chance.random() < part]


def stir(chance: random.Random, at: datetime) -> None:
    """Changes records as entries and acts may leave them, at that instant."""
    with unit_of_work():
        for one in (*_charges(chance), *_people(chance), *_judged(chance), *_retypified(chance)):
            one.updated_at = at


def _charges(chance: random.Random) -> Iterator[Any]:
    more = random.Random(f"_charges {MORE}")
    for one in some(chance, Charge, 0.5):
        one.received_on = a_date(chance) if chance.random() < 0.5 else one.received_on
        one.victims_declared = chance.choice((None, 0, 2, 7, one.victims_declared))
        one.victims_total = max(one.victims_declared or 0, one.victims_total)
        one.notice_place = chance.choice(("170101", "16", "230101", one.notice_place))
        one.reported_offence = chance.choice(("PE-129A", "PE-129B-2", "PE-303A", one.reported_offence, one.reported_offence))
        one.confidentiality = chance.choice(("RES", "RES", "RES", "SEL", "COL"))
        one.status = chance.choice((*[one.status] * 4, "ACU", "DER", "RES", "CER"))
        one.duplicate_of_id = chance.choice((None, 1))
        one.status = more.choice((*[one.status] * 6, "ACU", "DER"))
        yield one
        yield made(RouteLeg, charge_id=one.id, sequence=chance.randint(1, 90), point="ORI", country="BO", place=None)
        yield made(RouteLeg, charge_id=one.id, sequence=95, point="TRA", country="PE", place=("08", "0801", "NSP")[one.id % 3])
    for one in some(chance, RouteLeg, 0.5):
        one.point, one.place = chance.choice(("ORI", "DES")), chance.choice(("21", None))
        one.country = chance.choice(("PE", "BO", "NSP"))
        yield one


_AGES = ((None, None), (None, "L-U18"), (None, "L-18"), (None, "I-30-59"), (12, None), (16, "L-U18"), (17, None), (18, None),
         (64, None))


def _people(chance: random.Random) -> Iterator[Any]:
    more = random.Random(f"_people {MORE}")
    linked = [made(Person).id for _ in range(3)]
    for model in (Victim, Accused):
        for one in some(chance, model, 0.6):
            one.sex = chance.choice(("M", "H", "I", "NSP", None))
            one.age_at_facts, one.age_group = chance.choice(_AGES)
            one.citizenships = chance.choice((("PE",), ("BO",), ("BO", "PE"), ("VE", "CO"), ("NSP",), None))
            one.person_id = chance.choice((None, None, *linked))
            one.withdrawn_at = TODAY if model is Victim and chance.random() < 0.1 else None
            if model is Accused:
                one.roles = chance.choice((("CAP",), ("ACO", "REC"), ("NSP",), None))
                one.kind = "JUR" if one.id % 4 == 0 else more.choice(("NAT", None))
                one.identified = chance.random() < 0.7 or one.kind == "JUR"
            yield one
    for one in some(chance, Exploitation, 0.5):
        one.purpose = chance.choice(("SEX-PRO", "SEX", "LAB-MIN", "NSP", "BEG"))
        yield one
    for one in some(chance, Victim, 0.4):
        yield made(Exploitation, victim_id=one.id, purpose=chance.choice(("SEX", "LAB", "CRI")))
    for one in some(chance, Recruitment, 0.5):
        one.methods = chance.choice((("OFE-FAL", "OFE"), ("RED", "CON-FAM"), ("NSP",), None))
        yield one


_PENALTIES = (("PPL-EFE", "INH"), ("PPL-SUS", "RC"), ("CAD",), ("MUL",), ("NSP",), None)
_TERMS = (None, Duration(7, 11, 29), Duration(8), Duration(12, 6), Duration(20), Duration(24, 11, 0), Duration(35))


def _judged(chance: random.Random) -> Iterator[Any]:
    more = random.Random(f"_judged {MORE}")
    links = db.session.scalars(select(ChargeCourtCase).order_by(ChargeCourtCase.id.desc()))
    cases = {one.charge_id: one.court_case_id for one in links}
    for count in [one for one in db.session.scalars(select(Count).order_by(Count.id)) for _ in range(chance.randint(2, 5))]:
        if count.charge_id not in cases:
            cases[count.charge_id] = made(CourtCase, court_case_kind="PRI").id
            yield made(ChargeCourtCase, charge_id=count.charge_id, court_case_id=cases[count.charge_id], link="ORI")
        if more.random() < 0.3:
            yield made(ChargeCourtCase, charge_id=count.charge_id, court_case_id=more.choice(sorted(cases.values())), link="ORI",
                       unlinked_on=more.choice((None, None, TODAY.date())))
        count.offence, count.first_offence = more.choice((
            ("PE-129A", "PE-129A"), ("PE-129A", "PE-303A"), ("PE-179", "PE-129A"), ("PE-179", "PE-179"), ("PE-129C", None)))
        count.purposes = chance.choice((("SEX",), ("SEX", "LAB-FOR"), ("NSP",), None))
        yield count
        case = cases[count.charge_id]
        judgment = made(Judgment, court_case_id=case, decision_kind="SEN", instance=chance.choice(("1", "1", "1", "2")),
                        decided_on=a_date(chance))
        yield judgment
        if count.id % 3 == 0:
            again = made(Judgment, court_case_id=case, decision_kind="SEN", instance="1", decided_on=judgment.decided_on)
            yield again
            yield made(Ruling, court_case_id=case, judgment_id=again.id, count_id=count.id, verdict="COND",
                       convicted_offence="PE-129A")
        if more.random() < 0.3:
            yield _written(judgment, undone=more.random() < 0.5)
        verdict = chance.choice(("COND", "COND", "COND", "REC", "ABS", "NSP"))
        yield made(Ruling, court_case_id=case, judgment_id=judgment.id, count_id=count.id, verdict=verdict, convicted_offence=(
            "PE-179" if verdict == "REC" else chance.choice((None, "N/C", "PE-129A", "PE-129A", "PE-129C"))))
        if verdict in ("COND", "REC") and chance.random() < 0.8:
            yield made(Penalty, court_case_id=case, judgment_id=judgment.id, accused_id=count.accused_id,
                       sentence_types=chance.choice(_PENALTIES), imprisonment=chance.choice(_TERMS))
        yield made(Reparation, court_case_id=case, judgment_id=judgment.id, status=chance.choice(("PEN", "PAR", None)),
                   amount_ordered=chance.choice((None, Decimal("1000.50"), Decimal("333.33"))),
                   amount_paid=chance.choice((None, Decimal("0.49"))))


def _written(judgment: Judgment, *, undone: bool) -> Event:
    """The act of a judgment, left without effect or not."""
    act = made(Event, court_case_id=judgment.court_case_id, number=9000 + judgment.id, event_type="SEN-CON",
               judgment_id=judgment.id, occurred_on=judgment.decided_on, confidentiality="RES")
    if undone:
        by = made(Event, court_case_id=judgment.court_case_id, number=19000 + judgment.id, event_type="COR-ACT",
                  reversed_event_id=act.id, occurred_on=PartialDate.of_day(TODAY.date()), confidentiality="RES")
        act.reversed_by_id = by.id
    return act


def _retypified(chance: random.Random) -> Iterator[Any]:
    more = random.Random(f"_retypified {MORE}")
    for count in some(chance, Count, 0.8):
        acts = list(db.session.scalars(select(Event).where(Event.charge_id == count.charge_id).order_by(Event.id)))
        act, by = chance.choice(acts), acts[-1]
        yield made(Retypification, charge_id=count.charge_id, count_id=count.id,
                   from_offence=more.choice(("PE-129A", "PE-129A", "PE-179")),
                   event_id=act.id, to_offence=chance.choice(("PE-129C", "PE-303A")),
                   approval=(None, "NOR", "PEN", "PEN", "APR")[count.id % 5], retypified_on=date(2026, chance.randint(1, 12), 3),
                   stage=chance.choice(("30-DIP", "60-JUI", None)), decided_by=chance.choice(("FIS", "JUZ", "SUP")))
        yield made(Retypification, charge_id=count.charge_id, count_id=count.id, from_offence="PE-129A", event_id=by.id,
                   to_offence="PE-303A", approval="DEN", retypified_on=date(2026, 5, 3), decided_by="FIS")
        if chance.random() < 0.5 and act is not by:
            act.reversed_by_id = by.id
            yield act


def asked_at_random(chance: random.Random) -> Asked:
    """A period of some months, a district and a border region, each now and then."""
    start = chance.randint(2022 * 12, 2026 * 12 + 8)
    end = start + chance.choice((0, 2, 11, 12, 23, 40))
    period = Period.months_of(date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1))
    districts, borders = list(codelist("fiscal_district")), ["BO", "BR", "CO", "EC", "CL"]
    held = db.session.scalars(select(Charge.fiscal_district).distinct()).all()
    return Asked(period.first, period.last, chance.choice(("", "", chance.choice(list(held)), chance.choice(districts))),
                 chance.choice(("", "", chance.choice(borders))))


# -- as of now -----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize("username", VIEWERS)
def test_every_cell_is_what_the_records_give_when_they_are_counted_by_hand(shown: Flask, username: str) -> None:
    chance, viewer, records = random.Random(username), viewer_of(username, TODAY + timedelta(hours=1)), Records()
    for asked in (ALL, CUT, *(asked_at_random(chance) for _ in range(2))):
        for code in CODES:
            assert differences(told(code, viewer, asked), recount(code, viewer, asked, records)) == {}, (code, asked)


def test_the_stirred_demonstration_gives_every_report_something_to_count(shown: Flask) -> None:
    viewer, records = viewer_of("analista", TODAY + timedelta(hours=1)), Records()
    counted = {code: recount(code, viewer, CUT, records) for code in CODES}
    assert {code for code, one in counted.items() if one.total < 5} == set()
    assert {code for code, one in counted.items() if not one.undated} == {"R21"}, "the day of a change of offence is always known"
    assert {code for code, one in counted.items() if not all(one.asides)} == set()


@pytest.mark.parametrize("code", CODES)
def test_in_a_table_without_several_a_column_adds_up_to_its_total(shown: Flask, code: str) -> None:
    for table in told(code, viewer_of("analista", TODAY + timedelta(hours=1)), ALL).tables:
        if table.several:
            assert sum(line.total or 0 for line in table.lines) >= (table.foot.total or 0)
            continue
        for place, whole in enumerate(table.foot.figures):
            parts = sum(line.figures[place] or 0 for line in table.lines)
            assert parts == whole or (table.columns[place].code in ("ordered", "paid") and abs(parts - whole) <= len(table.lines))
        assert table.measured or sum(line.total or 0 for line in table.lines) == table.foot.total


def test_every_table_has_a_row_of_no_data_last(shown: Flask) -> None:
    viewer = viewer_of("analista", TODAY + timedelta(hours=1))
    for code in CODES:
        for table in told(code, viewer, ALL).tables:
            assert table.lines[-1].category.code == "NSP"
            assert table.measured or not table.columns or table.columns[-1].code == "NSP"


# -- as of another instant -----------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_was_told_is_told_again_as_of_its_instant_whatever_changed_since(databases: Databases) -> None:
    app = databases.app(databases.copy())
    with app.app_context():
        demonstration.build(charges=12, seed=4, today=TODAY.date())
        chance = random.Random(8)
        seen: list[tuple[str, Asked, Told]] = []
        for hour in range(3):
            at = TODAY + timedelta(hours=hour)
            stir(chance, at)
            viewer, records = viewer_of("analista", at + timedelta(minutes=5)), Records()
            for code in CODES:
                for asked in (ALL, asked_at_random(chance)) if hour == 1 else (ALL,):
                    found = told(code, viewer, asked)
                    assert differences(found, recount(code, viewer, asked, records)) == {}, (hour, code, asked)
                    seen.append((code, asked, found))
        last = viewer_of("analista", TODAY + timedelta(days=2))
        for code, asked, former in seen:
            again = told(code, last, asked, former.at)
            assert (again.digest, again.tables) == (former.digest, former.tables)
            assert (again.total, again.before, again.undated, again.asides) == (
                former.total, former.before, former.undated, former.asides)
        assert len({one.digest for code, asked, one in seen if code == "R04" and asked == ALL}) == 3


_ACTS = st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.integers(0, 999)), min_size=6, max_size=14)
_BEGINNING = (("add_victim", 1), ("add_victim", 2), ("add_accused", 1), ("add_count", 1), ("case", 1), ("leg", 3),
              ("retypify", 4), ("judge", 20), ("pay", 1))


@pytest.mark.both_databases
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
def test_after_any_history_of_acts_both_ways_agree_now_and_as_of_then(
        acts: list[tuple[str, int]], session: Any, world: World) -> None:
    begun = max(filter(None, (db.session.scalar(select(func.max(table.c.valid_from))) for table in FACTS.values())), default=AT)
    history = History(world.viewer("fiscal.mdd", at=begun + timedelta(minutes=1)))
    seen: list[tuple[str, datetime, Recount]] = []
    for place, (verb, choice) in enumerate((*_BEGINNING, *acts)):
        history.act(verb, choice)
        if place % 5 == 4:
            records = Records()
            seen += [(code, history.viewer.at, recount(code, history.viewer, ALL, records)) for code in CODES]
    after, records = replace(history.viewer, at=history.viewer.at + timedelta(minutes=3)), Records()
    for code in CODES:
        assert differences(told(code, after, ALL), recount(code, after, ALL, records)) == {}, code
    for code, at, counted in seen:
        assert differences(told(code, after, ALL, at), counted) == {}, (code, at)


# -- a wrong figure would be found ---------------------------------------------------------------------------------------


def _folding(name: str, fold: Callable[..., Any]) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(patch: pytest.MonkeyPatch) -> None:
        wrong: Mapping[str, Any] = MappingProxyType({**dimensions(), name: replace(dimensions()[name], fold=fold)})
        patch.setattr(tables, "dimensions", lambda: wrong)
    return plant


def _counting(code: str, **source: Any) -> Callable[[pytest.MonkeyPatch], None]:
    def plant(patch: pytest.MonkeyPatch) -> None:
        report = REPORTS[code]
        patch.setattr(reports, "REPORTS", {**REPORTS, code: replace(report, source=replace(report.source, **source))})
    return plant


def _speccing(code: str, table: str, **source: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """What one table counts of its measures, otherwise."""
    def plant(patch: pytest.MonkeyPatch) -> None:
        report = REPORTS[code]
        specs = tuple(replace(spec, measures=tuple(
            replace(one, source=replace(one.source, **source)) for one in spec.measures)) if spec.name == table else spec
            for spec in report.specs)
        patch.setattr(reports, "REPORTS", {**REPORTS, code: replace(report, specs=specs)})
    return plant


def _based(code: str, **values: tuple[str, ...]) -> Callable[[pytest.MonkeyPatch], None]:
    return _counting(code, base={**REPORTS[code].source.base, **values})


_PLANTS: Mapping[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "referred charges counted": ("R01", _based("R01", counted=("0", "1"))),
    "every offence counted": ("R02", _based("R02", reported_core=("0", "1"))),
    "reserve taken for archive": ("R03", _folding("outcome_group", lambda status: ["ARC"] if status == "RES" else [status])),
    "declared victims left out": ("R04", _counting("R04", declared=False)),
    "two ages exchanged": ("R04", _folding("age_unodc", lambda band: ["U-ADU"] if band == "U-NIN" else [band] if band else [])),
    "two nationalities told as foreign": (
        "R05", _folding("nationality", lambda codes: ["EXT"] if codes and codes != ("PE",) else ["NAC"])),
    "mixed forms told as one": ("R06", _folding("form", lambda form: ["SEX"] if form == "MIX" else [form] if form else [])),
    "methods not put under their head": ("R07", _folding("recruitment", lambda codes: codes or [])),
    "abroad told as unknown": ("R08", _folding("origin", lambda country, department: [department] if department else [])),
    "transit told as unknown": ("R08", _folding("transit", lambda codes: [])),
    "unidentified accused counted": ("R09", _based("R09", identified=("0", "1"))),
    "each ruling counted": ("R12", _counting("R12", once=RECORDS)),
    "convictions of other offences counted": ("R12", _based("R12", core=("0", "1"))),
    "persons counted for judgments": ("R13", _counting("R13", once=PERSONS)),
    "appeals counted": ("R13", _based("R13", instance=("1", "2"))),
    "every term told as the longest": (
        "R14", _folding("prison_term", lambda band, types: ["25+"] if band else [])),
    "what was undone counted": ("R21", _counting("R21", act="")),
    "changes between other offences counted": ("R21", _counting("R21", about={})),
    "changes that were refused counted": ("R21", _counting("R21", without={})),
    "judgments undone counted": ("R13", _counting("R13", judged="")),
    "judgments of other offences counted": ("R13", _counting("R13", about={})),
    "legal entities counted": ("R09", _counting("R09", without={})),
    "reparations of other offences counted": ("R14", _speccing("R14", "reparations", of=None)),
}


@pytest.mark.parametrize("plant", _PLANTS)
def test_a_planted_defect_is_found(shown: Flask, plant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, planted = _PLANTS[plant]
    viewer = viewer_of("analista", TODAY + timedelta(hours=1))
    counted = recount(code, viewer, ALL)
    assert differences(told(code, viewer, ALL), counted) == {}
    planted(monkeypatch)
    assert differences(told(code, viewer, ALL), counted) != {}
