"""`flask search rebuild`: what it says, what it puts right, and with which code it ends."""
from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, text, update

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.full_text import CHARGE_TEXT
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.world import World

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["search", "rebuild", *words])


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return open_charge(world.viewer("fiscal.mdd"))


@pytest.fixture
def spoilt(app: Flask, number: str) -> None:
    """A charge whose words are not those of its summary."""
    with app.app_context(), unit_of_work():
        db.session.execute(update(CHARGE_TEXT).values(words="otra"))


def test_the_check_ends_well_where_nothing_differs(number: str, run: Run) -> None:
    done = run("--check")
    assert (done.exit_code, done.output) == (0, "El índice de búsqueda corresponde a las 1 denuncias.\n")


def test_the_check_tells_what_differs_and_ends_with_one(spoilt: None, number: str, run: Run) -> None:
    done = run("--check")
    assert done.exit_code == 1 and f"{number}: words" in done.output


def test_the_check_tells_of_a_damaged_index(app: Flask, number: str, run: Run) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE charge_text_data SET block = x'00' WHERE id > 100"))
    assert run("--check").exit_code == 1
    assert run("--as", "admin").exit_code == 0
    assert run("--check").exit_code == 0


def test_rebuilding_puts_it_right_and_stands_on_the_trail(app: Flask, spoilt: None, run: Run) -> None:
    done = run("--as", "admin")
    assert (done.exit_code, done.output) == (0, "Índice de búsqueda corregido en 1 denuncias.\n")
    assert run("--check").exit_code == 0
    with app.app_context():
        noted = db.session.scalars(select(TrailEntry.detail).where(TrailEntry.action == "search.rebuilt")).all()
    assert noted == [{"corrected": 1}]


@pytest.mark.parametrize("words", [(), ("--as", "fiscal.mdd"), ("--as", "nadie")])
def test_only_an_administrator_rebuilds(spoilt: None, run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code != 0
    assert run("--check").exit_code == 1
