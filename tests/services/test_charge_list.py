"""The list of charges: what it shows, counts, filters and pages, and for whom."""
from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from sistra.access.standing import Forbidden
from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules import facets
from sistra.rules.partial_dates import PartialDate
from sistra.services import charge_list, charges
from sistra.services.charge_list import Query
from sistra.services.unit import unit_of_work
from tests.factories.charges import amend_charge, open_charge
from tests.factories.rows import AT
from tests.factories.sharing import shared
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def numbers(session: Any, world: World) -> list[str]:
    """Seven charges of Madre de Dios, a minute apart, and two of Lima."""
    mine = [open_charge(world.viewer("fiscal.mdd", at=AT + timedelta(minutes=minute)),
                        purpose_known=["SEX"] if minute % 2 else ["LAB", "LAB-MIN"]) for minute in range(7)]
    for minute in (10, 11):
        open_charge(world.viewer("fiscal.lim", at=AT + timedelta(minutes=minute)), purpose_known=["BEG"])
    return mine


def shown(page: charge_list.Page) -> list[str]:
    return [line.number for line in page.rows]


def test_the_newest_change_stands_first(session: Any, world: World, numbers: list[str]) -> None:
    assert shown(charge_list.page(world.viewer("fiscal.mdd"), Query())) == numbers[::-1]


def test_pages_go_forth_and_back_without_gap_or_repeat(session: Any, world: World, numbers: list[str]) -> None:
    viewer, seen, query = world.viewer("fiscal.mdd"), [], Query(size=3)
    while True:
        page = charge_list.page(viewer, query)
        seen += shown(page)
        if not page.has_next:
            break
        query = Query(size=3, after=(page.rows[-1].sort_key, page.rows[-1].id))
    assert seen == numbers[::-1]
    back = charge_list.page(viewer, Query(size=3, before=(page.rows[0].sort_key, page.rows[0].id)))
    assert shown(back) == numbers[::-1][3:6] and back.has_previous and back.has_next


@pytest.mark.parametrize("sort", ["denuncia", "-denuncia", "agraviadas", "-imputados", "anio", "actualizado"])
def test_every_order_pages_through_all(session: Any, world: World, numbers: list[str], sort: str) -> None:
    seen, query = [], Query(size=2, sort=sort)
    for _ in range(5):
        page = charge_list.page(world.viewer("fiscal.mdd"), query)
        seen += shown(page)
        if page.rows:
            query = Query(size=2, sort=sort, after=(page.rows[-1].sort_key, page.rows[-1].id))
    assert sorted(seen) == sorted(numbers)


@pytest.mark.parametrize(("name", "count"), [
    ("fiscal.mdd", 7), ("fiscal.lim", 2), ("coordinadora", 9), ("presidencia.mdd", 7), ("fiscal.ordinaria", 0), ("agencia", 0)])
def test_everybody_counts_what_they_see(session: Any, world: World, numbers: list[str], name: str, count: int) -> None:
    page = charge_list.page(world.viewer(name), Query())
    assert (len(page.rows), page.totals.charges, page.all_charges) == (count, count, count)
    assert sum(page.facets["etapa"].values()) == count


@pytest.mark.parametrize("name", ["analista", "auditora", "admin"])
def test_roles_without_cases_have_no_list(session: Any, world: World, name: str) -> None:
    with pytest.raises(Forbidden):
        charge_list.page(world.viewer(name), Query())


def test_totals_add_the_larger_of_declared_and_recorded(session: Any, world: World, numbers: list[str]) -> None:
    totals = charge_list.page(world.viewer("fiscal.mdd"), Query()).totals
    assert (totals.victims, totals.minors, totals.accused) == (21, 7, 14)


def test_facets_count_with_the_other_filters_applied(session: Any, world: World, numbers: list[str]) -> None:
    page = charge_list.page(world.viewer("coordinadora"), Query(chosen={"df": ("MDD",), "finalidad": ("LAB",)}))
    assert page.facets["finalidad"] == {"LAB": 4, "SEX": 3}
    assert page.facets["df"] == {"MDD": 4}
    assert page.totals.charges == 4


def test_a_purpose_below_its_head_is_found_by_the_head(session: Any, world: World, numbers: list[str]) -> None:
    open_charge(world.viewer("fiscal.mdd"), purpose_known=["LAB-MIN"])
    assert charge_list.page(world.viewer("fiscal.mdd"), Query(chosen={"finalidad": ("LAB",)})).totals.charges == 5


def test_due_dates_are_counted_by_the_clock_of_the_request(session: Any, world: World, numbers: list[str]) -> None:
    for days, number in zip((-1, 0, 15, 16, 61), numbers, strict=False):
        db.session.scalars(select(Charge).where(Charge.number == number)).one().next_due_on = (AT + timedelta(days=days)).date()
    db.session.commit()
    page = charge_list.page(world.viewer("fiscal.mdd"), Query())
    assert page.facets["plazo"] == {"vencido": 1, "15": 2, "60": 3, "sin": 2}
    assert shown(charge_list.page(world.viewer("fiscal.mdd"), Query(chosen={"plazo": ("vencido",)}))) == [numbers[0]]


def seal(world: World, number: str) -> None:
    with unit_of_work():
        charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)


def test_an_outline_shows_no_value_and_counts_in_no_value(session: Any, world: World, numbers: list[str]) -> None:
    seal(world, numbers[0])
    page = charge_list.page(world.viewer("presidencia.mdd"), Query())
    line = next(one for one in page.rows if one.number == numbers[0])
    assert line.outline and (line.victims, line.purposes, line.updated_at, line.status) == (None, None, None, None)
    assert (page.totals.charges, page.totals.victims) == (7, 18)
    assert page.facets["finalidad"] == {"LAB": 3, "SEX": 3}
    assert sum(page.facets["estado"].values()) == 6


def test_a_filter_on_what_is_sealed_does_not_find_the_outline(session: Any, world: World, numbers: list[str]) -> None:
    seal(world, numbers[0])
    viewer = world.viewer("presidencia.mdd")
    assert numbers[0] not in shown(charge_list.page(viewer, Query(chosen={"finalidad": ("LAB",)})))
    assert numbers[0] in shown(charge_list.page(viewer, Query(chosen={"df": ("MDD",)})))


@pytest.mark.parametrize("many", [1, 60])
def test_a_page_costs_the_same_queries_whatever_its_length(session: Any, world: World, many: int) -> None:
    for _ in range(many):
        open_charge(world.viewer("fiscal.mdd"))
    statements: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)
    viewer = world.viewer("fiscal.mdd")
    event.listen(db.engine, "before_cursor_execute", count)
    charge_list.page(viewer, Query(size=100))
    event.remove(db.engine, "before_cursor_execute", count)
    assert len(statements) <= 6


@pytest.mark.parametrize("sort", ["agraviadas", "-imputados"])
def test_an_order_by_what_is_sealed_leaves_the_outline_out(session: Any, world: World, numbers: list[str], sort: str) -> None:
    seal(world, numbers[0])
    assert numbers[0] not in shown(charge_list.page(world.viewer("presidencia.mdd"), Query(sort=sort)))


def test_an_outline_keeps_the_instant_of_its_sealing(session: Any, world: World, numbers: list[str]) -> None:
    seal(world, numbers[0])

    def key() -> str:
        page = charge_list.page(world.viewer("presidencia.mdd"), Query())
        return next(one.sort_key for one in page.rows if one.number == numbers[0])
    before = key()
    amend_charge(world.viewer("fiscal.mdd", at=AT + timedelta(days=9)), numbers[0], 2, victims_declared=5)
    assert key() == before


def test_filters_by_person_and_by_office_find_what_is_theirs(session: Any, world: World, numbers: list[str]) -> None:
    viewer, users, offices = world.viewer("coordinadora"), world.users, world.offices
    for query, count in ((Query(responsible=users["fiscal.mdd"]), 7), (Query(office=offices["lim"]), 2),
                         (Query(responsible=users["fiscal.mdd"], office=offices["lim"]), 0),
                         (Query(responsible=users["agencia"]), 0)):
        assert charge_list.page(viewer, query).totals.charges == count
        assert charge_list.asked({name: [str(value)] for name, value in charge_list.address(query).items()}) == query


def test_who_has_no_charge_in_sight_is_not_named(session: Any, world: World, numbers: list[str]) -> None:
    query = Query(responsible=world.users["fiscal.lim"], office=world.offices["lim"])
    assert charge_list.named(world.viewer("coordinadora"), query) == {
        "responsable": "Persona fiscal.lim", "despacho": "Despacho lim"}
    assert charge_list.named(world.viewer("fiscal.mdd"), query) == {}


def _put(numbers: list[str], **values: Any) -> None:
    for number in numbers:
        row = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        for name, value in values.items():
            setattr(row, name, value)
    db.session.commit()


def test_quality_finds_incomplete_records_and_purposes_long_undetermined(session: Any, world: World, numbers: list[str]) -> None:
    old, late = PartialDate.of_day((AT - timedelta(days=91)).date()), PartialDate.of_day((AT - timedelta(days=90)).date())
    _put(numbers, completeness=100)
    _put(numbers[:1], completeness=99)
    _put(numbers[1:2], purpose_known=("NSP",), received_on=old)
    _put(numbers[2:3], purpose_known=None, received_on=old)
    _put(numbers[3:4], purpose_known=("NSP",), received_on=late)
    _put(numbers[4:5], purpose_known=("LAB",), received_on=old)
    page = charge_list.page(world.viewer("fiscal.mdd"), Query())
    assert page.facets["calidad"] == {"incompleto": 1, "finalidad": 2}
    narrowed = charge_list.page(world.viewer("fiscal.mdd"), Query(chosen={"calidad": ("finalidad",)}))
    assert set(shown(narrowed)) == set(numbers[1:3])


QUERIES = (Query(), Query(mine=True), Query(chosen={"plazo": ("vencido",)}), Query(chosen={"calidad": ("incompleto",)}),
           Query(chosen={"estado": facets.OPEN}), Query(chosen={"etapa": ("DIP",)}),
           Query(chosen={"finalidad": ("LAB",), "df": ("MDD",)}))


@pytest.mark.parametrize("name", ["fiscal.mdd", "asistente.mdd", "fiscal.lim", "coordinadora", "presidencia.mdd", "agencia"])
def test_each_number_is_the_total_of_its_list(session: Any, world: World, numbers: list[str], name: str) -> None:
    seal(world, numbers[0])
    _put(numbers[1:3], next_due_on=(AT - timedelta(days=1)).date())
    shared(world, numbers[1])
    viewer = world.viewer(name)
    queries = (*QUERIES, Query(office=world.offices["mdd"]), Query(responsible=world.users["fiscal.mdd"]))
    assert charge_list.numbers(viewer, queries) == [charge_list.page(viewer, query).totals.charges for query in queries]
