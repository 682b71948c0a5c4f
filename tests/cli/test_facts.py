"""`flask facts rebuild`: what it says, what it puts right, and with which code it ends."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, update

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.facts import FACTS
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.world import World

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["facts", "rebuild", *words])


@pytest.fixture
def spoilt(app: Flask, world: World) -> None:
    """A charge whose fact row says something else."""
    with app.app_context():
        open_charge(world.viewer("fiscal.mdd"))
        with unit_of_work():
            db.session.execute(update(FACTS["charge"]).values(status="ARC"))


def test_the_check_ends_well_where_nothing_differs(app: Flask, world: World, run: Run) -> None:
    with app.app_context():
        open_charge(world.viewer("fiscal.mdd"))
    done = run("--check")
    assert (done.exit_code, done.output) == (0, "Las 2 filas estadísticas corresponden a los registros.\n")


def test_the_check_tells_what_differs_and_ends_with_one(spoilt: None, run: Run) -> None:
    done = run("--check")
    assert done.exit_code == 1
    assert "charge" in done.output and "status" in done.output and "(charge 1)" in done.output


def test_rebuilding_puts_it_right_and_stands_on_the_trail(app: Flask, spoilt: None, run: Run) -> None:
    done = run("--as", "admin")
    assert (done.exit_code, done.output) == (0, "Filas estadísticas corregidas: 1.\n")
    assert run("--check").exit_code == 0
    with app.app_context():
        noted = db.session.scalars(select(TrailEntry.detail).where(TrailEntry.action == "facts.rebuilt")).all()
    assert noted == [{"corrected": 1}]


@pytest.mark.parametrize("words", [(), ("--as", "fiscal.mdd"), ("--as", "nadie")])
def test_only_an_administrator_rebuilds(spoilt: None, run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code != 0
    assert run("--check").exit_code == 1
