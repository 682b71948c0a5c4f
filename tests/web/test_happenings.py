"""How a history tells its entries: reasons in words, whose identity was opened, like readings on one line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Flask

from sistra.rules.entries import Entry
from sistra.services import identities, people
from sistra.services.history import Happening
from sistra.services.unit import unit_of_work
from sistra.web.happenings import told
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.world import World

NOON = datetime(2026, 3, 27, 17, tzinfo=UTC)


def reading(number: int, *, at: datetime = NOON, actor: str = "Fiscal Prueba", action: str = "charge.read") -> Happening:
    return Happening(number, at, actor, action, "charge", 1, None, ())


def times(app: Flask, *happened: Happening) -> list[int]:
    with app.test_request_context("/"):
        return [line.times for line in told(happened)]


def test_readings_in_a_row_by_one_person_on_one_day_are_one_line_with_their_number(app: Flask) -> None:
    assert times(app, reading(3), reading(2, at=NOON - timedelta(hours=2)), reading(1)) == [3]


def test_another_person_day_or_act_begins_a_line(app: Flask) -> None:
    assert times(
        app,
        reading(5),
        reading(4, actor="Otra"),
        reading(3, actor="Otra", at=NOON - timedelta(days=1)),
        reading(2, actor="Otra", at=NOON - timedelta(days=1), action="history.read"),
    ) == [1, 1, 1, 1]


def test_the_day_is_that_of_lima(app: Flask) -> None:
    midnight = datetime(2026, 3, 28, 5, tzinfo=UTC)
    assert times(app, reading(2, at=midnight), reading(1, at=midnight - timedelta(minutes=1))) == [1, 1]


def test_an_entry_with_a_reason_stands_alone(app: Flask) -> None:
    opened = [Happening(key, NOON, "Fiscal", "identity.revealed", "victim", 1, "NOT", (), "A-1") for key in (2, 1)]
    assert times(app, *opened) == [1, 1]


def test_the_page_says_whose_identity_was_opened_and_why_in_words(
    app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        who = world.viewer("fiscal.mdd")
        number = open_charge(who)
        with unit_of_work():
            people.add_accused(who, number, Entry("accused", {"identified": False}))
            people.add_victim(who, number, Entry("victim", {"age_at_facts": 30}))
        with unit_of_work():
            identities.reveal(who, number, ["A-1"], reason_code="NOT", reason_text="audiencia")
            identities.reveal(who, number, [identities.FILE], reason_code="DIL")
    page = sign_in("fiscal.mdd").get(f"/denuncias/{number}/historial?consultas=1").get_data(as_text=True)
    assert 'Identidad revelada: <span class="s-nowrap">A-1</span>' in page and "Citar o notificar: audiencia" in page
    assert "Identidad revelada: datos reservados de la denuncia" in page and "Practicar una diligencia" in page
    assert "Motivo: NOT" not in page
