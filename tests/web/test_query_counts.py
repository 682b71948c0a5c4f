"""What a page costs in statements does not grow with what it shows: session, viewer and trail included."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from sistra.db import db
from sistra.models.events import Event
from sistra.models.people import Victim
from sistra.rules.partial_dates import PartialDate
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import open_charge, posted
from tests.factories.rows import AT, made
from tests.factories.world import World


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements issued inside, transaction marks left out."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            found.append(statement)
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def with_children(app: Flask, world: World, many: int) -> str:
    """A charge with that many victims and events."""
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
        from sqlalchemy import select

        from sistra.models.charges import Charge
        key = db.session.scalars(select(Charge.id).where(Charge.number == number)).one()
        with unit_of_work():
            for one in range(many):
                made(Victim, charge_id=key, code=f"A-{one + 1}", created_at=AT, updated_at=AT)
                made(Event, charge_id=key, number=one + 2, event_type="DEC-TES", occurred_on=PartialDate.of_day(AT.date()),
                     created_at=AT, updated_at=AT)
    return number


@pytest.mark.parametrize(("path", "most"), [
    ("", 13), ("/hechos", 11), ("/agraviadas", 11), ("/actuaciones", 14), ("/completar", 10), ("/historial", 17)])
def test_a_page_of_a_charge_costs_the_same_for_one_and_for_fifty_children(app: Flask, world: World,
                                                                          sign_in: Callable[[str], Visitor],
                                                                          path: str, most: int) -> None:
    client, costs = sign_in("fiscal.mdd"), []
    for number in (with_children(app, world, 1), with_children(app, world, 50)):
        client.get(f"/denuncias/{number}{path}")
        with counted(app) as found:
            assert client.get(f"/denuncias/{number}{path}").status_code == 200
        costs.append(len(found))
    assert costs[0] == costs[1] <= most, costs


def test_the_list_costs_six_statements_and_its_facets(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    costs = []
    for many in (1, 30):
        with app.app_context():
            for _ in range(many):
                open_charge(world.viewer("fiscal.mdd"))
        with counted(app) as found:
            client.get("/denuncias/?filas=100")
        costs.append(len(found))
    assert costs[0] == costs[1] <= 9, costs


def test_opening_a_charge_costs_the_same_whatever_the_office_holds(app: Flask, world: World,
                                                                   sign_in: Callable[[str], Visitor]) -> None:
    """Of the 20 one writes the words of the summary, and who may read them, into the index of the search."""
    client, costs = sign_in("fiscal.mdd"), []
    client.post("/denuncias/nueva", data=posted())
    for many in (1, 30):
        with app.app_context():
            for _ in range(many):
                open_charge(world.viewer("fiscal.mdd"))
        with counted(app) as found:
            assert client.post("/denuncias/nueva", data=posted()).status_code == 302
        costs.append(len(found))
    assert costs[0] == costs[1] <= 20, costs
