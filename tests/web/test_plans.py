"""No page reads a big table whole to find a few of its rows."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.events import Deadline
from sistra.services.unit import unit_of_work
from tests.benchmarks import plans
from tests.benchmarks.filling import fill
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.world import ONE_OF_EACH_ROLE, World


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context(), unit_of_work():
        return open_charge(world.viewer("fiscal.mdd"))


@pytest.mark.parametrize("path", ["/denuncias/", "/denuncias/%s", "/denuncias/%s/actuaciones", "/denuncias/%s/agraviadas"])
def test_no_big_table_is_read_whole(app: Flask, number: str, sign_in: Callable[[str], Visitor], path: str) -> None:
    client = sign_in("fiscal.mdd")
    with plans.noted(app) as statements:
        assert client.get(path % number if "%" in path else path).status_code == 200
    found = plans.findings(app, statements)
    assert statements and not [one for one in found if one.startswith("scan")], found


@pytest.mark.parametrize("without", [(), (Deadline, TrailEntry)], ids=["many deadlines and entries", "none of either"])
@pytest.mark.parametrize("username", ONE_OF_EACH_ROLE)
def test_no_desk_reads_a_big_table_whole_whatever_the_statistics_say(
        app: Flask, world: World, sign_in: Callable[[str], Visitor], username: str, without: tuple[Any, ...]) -> None:
    with app.app_context(), unit_of_work():
        fill(world, 300, without=without)
        db.session.execute(db.text("ANALYZE"))
    client = sign_in(username)
    with plans.noted(app) as statements:
        assert client.get("/mesa").status_code == 200
    found = plans.findings(app, statements)
    assert statements and not [one for one in found if one.startswith("scan")], found


def test_a_scan_is_found(app: Flask, world: World) -> None:
    with app.app_context(), plans.noted(app) as statements:
        db.session.execute(db.text("SELECT summary FROM charge WHERE summary LIKE '%mina%'"))
    assert plans.findings(app, statements) == {"scan of charge"}
