"""What figures may not tell: sealed charges by asking of the past, small cells by the rows of a table, records by differences."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules.entries import LIMA, Entry
from sistra.rules.partial_dates import PartialDate
from sistra.rules.problems import Rejected
from sistra.rules.reports.definitions import REPORTS
from sistra.rules.reports.periods import Period
from sistra.services import charges, fact_book, people, report_files, reports
from sistra.services.hand_over import answers, joining
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work
from tests.factories import hand_over
from tests.factories.charges import open_charge
from tests.factories.rows import AT
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))
BEFORE, AFTER = AT + timedelta(minutes=10), AT + timedelta(minutes=30)


def told(who: Viewer, code: str = "R01", period: Period = YEAR, **more: Any) -> Told:
    return reports.tell(who, Ask(code, period, **more))


def seal(viewer: Viewer, number: str, level: str = "SEL") -> None:
    version = db.session.scalars(select(Charge.version).where(Charge.number == number)).one()
    with unit_of_work():
        charges.seal(viewer, number, confidentiality=level, reason="Riesgo", version=version)


# -- sealed charges ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["SEL", "COL"])
@pytest.mark.parametrize("username", ["fiscal2.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd"])
def test_asking_as_of_before_the_seal_tells_nothing_of_a_charge_sealed_since(
        world: World, fiscal: Viewer, username: str, level: str) -> None:
    open_charge(fiscal)
    sealed = open_charge(fiscal)
    with unit_of_work():
        people.add_victim(fiscal, sealed, Entry("victim", {"sex": "M", "age_at_facts": 15}))
    seal(world.viewer("fiscal.mdd", at=AT + timedelta(minutes=20)), sealed, level)
    reader = world.viewer(username, at=AT + timedelta(hours=1))
    assert [(told(reader, at=at).total, told(reader, "R04", at=at).total) for at in (None, AFTER, BEFORE)] == [(1, 3)] * 3


def test_figures_that_reach_no_row_keep_what_was_sealed_since(world: World, fiscal: Viewer) -> None:
    seal(world.viewer("fiscal.mdd", at=AT + timedelta(minutes=20)), open_charge(fiscal))
    analyst = world.viewer("analista", at=AT + timedelta(hours=1))
    assert [told(analyst, at=at).total for at in (AFTER, BEFORE)] == [1, 1]


@pytest.mark.parametrize("other", ["FISCAL", "COORD", "PRESID", "AGENCIA", "VICTIMAS"])
def test_an_analyst_who_sees_rows_too_is_told_nothing_of_what_is_sealed(world: World, fiscal: Viewer, other: str) -> None:
    open_charge(fiscal)
    seal(world.viewer("fiscal.mdd", at=AT + timedelta(minutes=20)), open_charge(fiscal))
    both = replace(world.viewer("analista", at=AT + timedelta(hours=1)), roles=frozenset({"ANALISTA", other}))
    found = told(both)
    assert (found.total, found.closed_left_out) == (1, True)
    ask = fact_book.FactAsk(("charge",), YEAR, reason_code="EST")
    assert fact_book.count_rows(both, ask)["charge"] == 1


# -- rows and columns ----------------------------------------------------------------------------------------------------


def test_a_rounded_table_has_no_row_or_column_of_what_it_tells_as_none(world: World, fiscal: Viewer) -> None:
    """A row that stands only where somebody is counted would tell by its zero that there is one."""
    number = open_charge(fiscal)
    countries = ("BO", "BR", "EC", "CO", "VE", "CL", "AR", "PY", "UY", "HT", "CU", "DO")
    for country in countries:
        with unit_of_work():
            people.add_victim(fiscal, number, Entry("victim", {"sex": "M", "citizenships": (country,), "main_purpose": "SEX"}))
    table = told(world.viewer("agencia", at=BEFORE + timedelta(days=40)), "R05").tables[2]
    kept = [line.category.code for line in table.lines if line.category.code != "NSP"]
    assert all(line.total for line in table.lines if line.category.code != "NSP")
    assert len(kept) < len(countries)
    whole = told(world.viewer("analista", at=BEFORE), "R05").tables[2]
    assert {line.category.code for line in whole.lines} == {*countries, "NSP"}


# -- differences between periods -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["agencia", "victimas"])
@pytest.mark.parametrize("period", [
    Period(date(2026, 1, 1), date(2026, 2, 28)), Period(date(2025, 3, 1), date(2026, 3, 31)),
    Period(date(2024, 1, 1), date(2025, 12, 31)), Period(date(2025, 12, 1), date(2026, 1, 31))])
def test_an_agency_may_not_slide_a_window_over_the_months(world: World, fiscal: Viewer, username: str, period: Period) -> None:
    """Totals of many windows that differ by one month, each drawn anew, would give that month back on average."""
    with pytest.raises(Rejected, match="un mes, de un año o de años completos hasta el presente"):
        told(world.viewer(username, at=BEFORE), period=period)


@pytest.mark.parametrize("period", [
    Period(date(2026, 3, 1), date(2026, 3, 31)), Period(date(2024, 1, 1), date(2024, 12, 31)),
    Period(date(2025, 1, 1), date(2026, 3, 31)), Period(date(2025, 1, 1), date(2026, 12, 31)),
    Period(date(2026, 1, 1), date(2026, 3, 31))])
def test_an_agency_is_told_of_a_month_of_a_year_and_of_years_until_now(world: World, fiscal: Viewer, period: Period) -> None:
    assert told(world.viewer("agencia", at=BEFORE), period=period).rounded


def test_the_link_of_an_agency_to_its_present_still_opens_when_that_is_past(world: World, fiscal: Viewer) -> None:
    open_charge(fiscal)
    until_march = Period(date(2025, 1, 1), date(2026, 3, 31))
    first = told(world.viewer("agencia", at=BEFORE), period=until_march)
    again = told(world.viewer("agencia", at=AT + timedelta(days=200)), period=until_march, at=first.at)
    assert again.digest == first.digest


def test_an_agency_is_told_the_figures_of_closings_alone(world: World, fiscal: Viewer) -> None:
    """Tables compared from one instant to the next would tell when a single charge was entered, and what it holds."""
    open_charge(fiscal)
    agency, analyst = (world.viewer(name, at=BEFORE + timedelta(days=40)) for name in ("agencia", "analista"))
    entered = fiscal.at
    told_at = {told(agency, at=entered + timedelta(hours=hours)).at for hours in range(-4, 24 * 3, 3)}
    assert all(at.astimezone(LIMA).strftime("%d %H:%M:%S") == "01 00:00:00" for at in told_at)
    assert len({told(agency, at=entered + timedelta(minutes=minutes)).digest for minutes in (-5, 0, 2, 60)}) == 1
    assert told(analyst, at=entered + timedelta(minutes=2)).total == 1


def test_an_agency_is_told_nothing_of_a_former_period_that_it_could_not_ask_for(world: World, fiscal: Viewer) -> None:
    agency, analyst = (world.viewer(name, at=BEFORE) for name in ("agencia", "analista"))
    cut, whole = Period(date(2025, 1, 1), date(2026, 3, 31)), Period(date(2025, 1, 1), date(2025, 12, 31))
    assert (told(agency, period=cut).before, told(agency, period=whole).before, told(analyst, period=cut).before) == (None, 0, 0)
    assert "Periodo anterior de igual duración" not in dict(report_files.headline(told(agency, period=cut)))


def test_the_period_that_a_page_begins_with_is_open_to_agencies(world: World, fiscal: Viewer) -> None:
    agency = world.viewer("agencia", at=BEFORE)
    assert told(agency, period=reports.default_period(agency)).rounded


@pytest.mark.parametrize("code", [code for code, one in REPORTS.items() if any(aside.name == "distinct" for aside in one.asides)])
def test_whoever_tells_distinct_persons_says_that_they_are_so_within_a_year(code: str) -> None:
    assert any("Personas distintas" in one and "dentro de cada año" in one for one in REPORTS[code].definition)


# -- links that repeat themselves ----------------------------------------------------------------------------------------

_READERS = ("analista", "coordinadora", "presidencia.mdd", "fiscal.mdd", "fiscal.lim")
_TOLD = ("R01", "R02", "R03", "R04", "R09")


def _moved(world: World, first: str, second: str) -> Iterator[timedelta]:
    """Refers the first charge, has it accepted, joins the second into a third, ends that, corrects; each an hour later."""
    def at(hours: int, name: str = "fiscal.mdd") -> Viewer:
        return world.viewer(name, at=AT + timedelta(hours=hours))
    third = open_charge(at(0))
    offered = hand_over.offered(world, first, by=at(1))
    yield timedelta(hours=1)
    with unit_of_work():
        answers.accept(at(2, "fiscal.lim"), offered, responsible_id=world.users["fiscal.lim"])
    yield timedelta(hours=2)
    with unit_of_work():
        joining.join(at(3), second, third, hand_over.joinder_entry())
    yield timedelta(hours=3)
    with unit_of_work():
        joining.separate(at(4), second, hand_over.joinder_entry())
    yield timedelta(hours=4)
    with unit_of_work():
        charges.amend(at(5), third, Entry("charge", {"notice_place": "150101", "victims_declared": 7}))
    yield timedelta(hours=5)


def test_a_link_gives_a_reader_the_same_figures_after_a_charge_was_referred_joined_parted_and_corrected(
        world: World, fiscal: Viewer) -> None:
    first, second = open_charge(fiscal), open_charge(fiscal)
    with unit_of_work():
        people.add_accused(fiscal, second, Entry("accused", {"identified": True, "sex": "H"}))
    seen: list[tuple[str, Told]] = []
    for passed in _moved(world, first, second):
        readers = [world.viewer(name, at=AT + passed + timedelta(minutes=30)) for name in _READERS]
        seen += [(one.username, told(one, code)) for one in readers for code in _TOLD]
    moved = {one.digest for name, one in seen if name == "analista" and one.report.code == "R02"}
    assert len(moved) > 2, "figures moved meanwhile"
    last = {name: world.viewer(name, at=AT + timedelta(days=1)) for name in _READERS}
    for name, former in seen:
        again = told(last[name], former.report.code, at=former.at)
        assert (again.digest, again.total, again.asides) == (former.digest, former.total, former.asides), (
            name, former.report.code)


def test_a_seal_takes_a_charge_out_of_old_links_and_its_lifting_brings_it_back(world: World, fiscal: Viewer) -> None:
    number = open_charge(fiscal)
    readers = {name: world.viewer(name, at=AT + timedelta(hours=1)) for name in ("coordinadora", "analista")}
    before = {name: told(one) for name, one in readers.items()}
    assert report_files.repeats(before["coordinadora"]) == report_files.REPEATS_UNLESS, "who sees rows hears when a link changes"
    assert report_files.repeats(before["analista"]) == report_files.REPEATS
    seal(world.viewer("fiscal.mdd", at=AT + timedelta(hours=2)), number)

    def again(name: str, hours: int) -> Told:
        return told(world.viewer(name, at=AT + timedelta(hours=hours)), at=before[name].at)
    assert (again("coordinadora", 3).total, again("analista", 3).digest) == (0, before["analista"].digest)
    with unit_of_work():
        row = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        row.confidentiality, row.updated_at = "RES", AT + timedelta(hours=4)
    assert {name: again(name, 5).digest for name in before} == {name: one.digest for name, one in before.items()}


def test_the_workbook_of_facts_says_that_a_span_over_two_years_is_told_as_not_known(world: World, fiscal: Viewer) -> None:
    number = open_charge(fiscal)
    with unit_of_work():
        charges.amend(fiscal, number, Entry("charge", {
            "facts_from": PartialDate.of_range(date(2024, 11, 1), date(2025, 2, 28)), "exploitation_place": "170101"}))
    ask = fact_book.FactAsk(("charge",), YEAR, reason_code="EST")
    book = load_workbook(BytesIO(fact_book.make(world.viewer("analista", at=AT + timedelta(hours=1)), ask).content))
    head, row = list(book["denuncias"].iter_rows(values_only=True))
    told_of = dict(zip(head, row, strict=True))
    assert (told_of["facts_from"], told_of["exploitation_place"]) == ("NSP", "17"), "the place is told whatever the span"
    stated = " ".join(str(one) for line in book["Consulta"].iter_rows(values_only=True) for one in line)
    assert "el que cae en dos años o más va como NSP" in stated
