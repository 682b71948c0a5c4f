"""From a figure to the charges that it counts: the list has the number of the cell, and is closed to who sees no rows."""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules.partial_dates import PartialDate
from sistra.rules.reports import cells
from sistra.rules.reports.cells import Cell
from sistra.rules.reports.periods import Period
from sistra.rules.reports.tables import TOTAL
from sistra.services import charge_list, charges, reports
from sistra.services.charge_list import Query
from sistra.services.hand_over import answers
from sistra.services.reports import AGENCIES, Ask, Told
from sistra.services.unit import unit_of_work
from tests.factories import hand_over
from tests.factories.charges import open_charge
from tests.factories.rows import AT
from tests.factories.world import World

pytestmark = pytest.mark.both_databases
YEAR = Period(date(2025, 1, 1), date(2026, 12, 31))
LATER = AT + timedelta(hours=2)
ROWS = ("fiscal.mdd", "asistente.mdd", "fiscal.lim", "coordinadora", "presidencia.mdd")


@pytest.fixture
def six(session: Any, world: World) -> list[str]:
    """Charges of two offices, of several months, stages and statuses; one sealed and one of another offence."""
    found = [open_charge(world.viewer(name)) for name in ("fiscal.mdd",) * 5 + ("fiscal.lim",)]
    rows = [db.session.scalars(select(Charge).where(Charge.number == number)).one() for number in found]
    with unit_of_work():
        rows[1].received_on, rows[2].received_on = PartialDate.of_month(2025, 11), PartialDate.of_year(2025)
        rows[1].stage, rows[1].status = "40-IPF", "TRA"
        rows[2].stage, rows[2].status = "99-CER", "ARC"
        rows[3].reported_offence = "PE-303A"
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), found[4], confidentiality="SEL", reason="Riesgo",
                     version=db.session.get_one(Charge, rows[4].id).version)
    return found


def told(who: Viewer, code: str, **more: Any) -> Told:
    return reports.tell(who, Ask(code, YEAR, **more))


def every_cell(who: Viewer, found: Told) -> Iterator[tuple[Cell, int]]:
    for table in found.tables:
        for line in (*table.lines, table.foot):
            figures = [*zip((one.code for one in table.columns), line.figures, strict=True), (TOTAL.code, line.total)]
            for column, figure in figures:
                cell = reports.cell_of(who, found, table, line.category.code, column)
                if figure is not None:
                    assert cell is not None
                    yield cell, figure


def listed(who: Viewer, cell: Cell | None) -> int:
    return charge_list.page(who, Query(cell=cell)).totals.charges


@pytest.mark.parametrize("code", ["R01", "R02", "R03"])
@pytest.mark.parametrize("username", ROWS)
def test_the_list_behind_a_cell_has_the_number_of_the_cell(world: World, six: list[str], username: str, code: str) -> None:
    who = world.viewer(username, at=LATER)
    found = told(who, code)
    assert found.total > 0
    for cell, figure in every_cell(who, found):
        assert cells.of(cell.text()) == cell
        if figure:
            assert listed(who, cell) == charge_list.counted_then(who, Query(cell=cell)) == figure, cell
    assert all(listed(who, cell) == 0 for cell, figure in list(every_cell(who, found))[:40:7] if not figure)


def test_a_cell_lists_the_charges_that_it_counted_whatever_they_are_now(world: World, six: list[str]) -> None:
    who = world.viewer("coordinadora", at=LATER)
    cell = next(one for one, figure in every_cell(who, told(who, "R03")) if (one.row, one.column) == ("IPF", "TRA"))
    with unit_of_work():
        row = db.session.scalars(select(Charge).where(Charge.number == six[1])).one()
        row.stage, row.status, row.updated_at = "60-JUI", "RES", LATER + timedelta(hours=1)
    after = world.viewer("coordinadora", at=LATER + timedelta(hours=2))
    assert [one.number for one in charge_list.page(after, Query(cell=cell)).rows] == [six[1]]


def test_a_charge_that_moved_away_or_was_sealed_since_is_not_listed(world: World, six: list[str]) -> None:
    who = world.viewer("fiscal.mdd", at=LATER)
    found = told(who, "R01")
    cell = reports.cell_of(who, found, found.tables[0], TOTAL.code, TOTAL.code)
    assert (found.total, listed(who, cell)) == (3, 3)
    offered = hand_over.offered(world, six[0], by=world.viewer("fiscal.mdd", at=LATER + timedelta(minutes=5)))
    with unit_of_work():
        answers.accept(
            world.viewer("fiscal.lim", at=LATER + timedelta(minutes=6)), offered, responsible_id=world.users["fiscal.lim"])
    assert (listed(who, cell), charge_list.counted_then(who, Query(cell=cell))) == (2, 3)
    assert told(who, "R01", at=found.at).digest == found.digest, "the figure stays, the row is another office's"


@pytest.mark.parametrize("username", ["analista", "agencia", "victimas"])
def test_who_is_told_figures_beyond_the_rows_that_they_see_has_no_way_to_rows(
        world: World, six: list[str], username: str) -> None:
    who = world.viewer(username, at=AT + timedelta(days=40))
    found = told(who, "R01", audience="interna")
    assert reports.cell_of(who, found, found.tables[0], TOTAL.code, TOTAL.code) is None
    fiscal = world.viewer("fiscal.mdd", at=LATER)
    theirs = told(fiscal, "R01")
    forged = reports.cell_of(fiscal, theirs, theirs.tables[0], TOTAL.code, TOTAL.code)
    if username != "analista":
        assert (listed(who, forged), charge_list.counted_then(who, Query(cell=forged))) == (0, None)


def test_a_rounded_figure_leads_to_no_list(world: World, six: list[str]) -> None:
    who = world.viewer("fiscal.mdd", at=LATER)
    found = told(who, "R01", audience=AGENCIES)
    assert found.rounded and reports.cell_of(who, found, found.tables[0], TOTAL.code, TOTAL.code) is None


def test_a_cell_of_another_reach_lists_nothing_beyond_ones_own(world: World, six: list[str]) -> None:
    wide, narrow = world.viewer("coordinadora", at=LATER), world.viewer("fiscal.lim", at=LATER)
    found = told(wide, "R01")
    cell = reports.cell_of(wide, found, found.tables[0], TOTAL.code, TOTAL.code)
    assert (listed(wide, cell), listed(narrow, cell)) == (4, 1)


CELL = Cell("R03", "by_stage", "IPF", "TRA", "2026-01", "2026-12", "", "", datetime(2026, 3, 27, 15, 0, tzinfo=UTC))


@pytest.mark.parametrize("wrong", [
    {"code": "R99"}, {"code": "R04", "table": "by_age"}, {"table": "no"}, {"since": "2026-13"}, {"since": "2027-01"},
    {"until": "9999-12"}, {"district": "NADA"}, {"border": "ZZ"}, {"row": ""}, {"column": ""}, {"row": "a~b"}, {"row": "x" * 40},
    {"code": "R02", "table": "by_district", "column": "TRA"}])
def test_a_text_that_is_no_cell_is_none(wrong: dict[str, Any]) -> None:
    assert cells.of(CELL.text()) == CELL
    assert cells.of(replace(CELL, **wrong).text()) is None


@pytest.mark.parametrize("text", ["", "~" * 8, "R03", CELL.text()[:-3], CELL.text() + "~", CELL.text().replace("Z", "")])
def test_no_text_of_an_address_breaks_the_reading_of_a_cell(text: str) -> None:
    assert cells.of(text) is None


def test_a_cell_is_told_in_words() -> None:
    assert replace(CELL, border="EC").label("es") == (
        "R03 · Investigación preparatoria · En trámite · 01/2026 – 12/2026 · Frontera con Ecuador")
