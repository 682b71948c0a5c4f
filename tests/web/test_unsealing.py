"""Unsealing on the pages: asked where a charge is sealed, decided by another person."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.models.charges import Charge
from sistra.services import charges
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import open_charge
from tests.factories.world import World

WHY = "El operativo ya se realizó <b>hoy</b>"


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
        with unit_of_work():
            charges.seal(world.viewer("fiscal.mdd"), number, confidentiality="SEL", reason="Riesgo", version=1)
    return number


def level(app: Flask, number: str) -> str:
    with app.app_context():
        return db.session.scalars(select(Charge.confidentiality).where(Charge.number == number)).one()


def ask(sign_in: Callable[[str], Visitor], number: str, wanted: str = "RES") -> Any:
    data = {"confidentiality": wanted, "reason": WHY, "version": "2"}
    return sign_in("fiscal.mdd").post(f"/denuncias/{number}/reserva", data=data, follow_redirects=True)


def test_choosing_a_lower_level_asks_and_changes_nothing(app: Flask, sign_in: Callable[[str], Visitor], number: str) -> None:
    page = ask(sign_in, number).get_data(as_text=True)
    assert "hasta que otra persona la apruebe" in page and level(app, number) == "SEL"


def test_a_supervisor_is_led_from_the_outline_to_the_request_and_approves(app: Flask, sign_in: Callable[[str], Visitor],
                                                                         number: str) -> None:
    ask(sign_in, number)
    client = sign_in("coordinadora")
    assert f"/denuncias/{number}/reserva/peticion" in client.get(f"/denuncias/{number}").get_data(as_text=True)
    page = client.get(f"/denuncias/{number}/reserva/peticion").get_data(as_text=True)
    assert "El operativo ya se realizó &lt;b&gt;hoy&lt;/b&gt;" in page and "Persona fiscal.mdd" in page
    answer = client.post(f"/denuncias/{number}/reserva/peticion", data={"act": "aprobar", "reason": "Conforme"})
    assert answer.status_code == 302 and level(app, number) == "RES"


@pytest.mark.parametrize(("data", "said"), [
    ({"act": "aprobar", "reason": " "}, "Escriba el motivo"), ({"act": "otra", "reason": "x"}, "Elija aprobar o denegar"),
    ({"reason": "x"}, "Elija aprobar o denegar")])
def test_a_decision_without_what_it_needs_is_refused_in_words(app: Flask, sign_in: Callable[[str], Visitor], number: str,
                                                              data: dict[str, str], said: str) -> None:
    ask(sign_in, number)
    answer = sign_in("coordinadora").post(f"/denuncias/{number}/reserva/peticion", data=data)
    assert answer.status_code == 422 and said in answer.get_data(as_text=True)
    assert level(app, number) == "SEL"


def test_who_asked_sees_no_buttons_to_decide_and_takes_it_back(app: Flask, sign_in: Callable[[str], Visitor],
                                                               number: str) -> None:
    ask(sign_in, number)
    client = sign_in("fiscal.mdd")
    page = client.get(f"/denuncias/{number}/reserva/peticion").get_data(as_text=True)
    assert "La petición la decide otra persona" in page and 'value="aprobar"' not in page
    refused = client.post(f"/denuncias/{number}/reserva/peticion", data={"act": "aprobar", "reason": "x"})
    assert refused.status_code == 422 and level(app, number) == "SEL"
    done = client.post(f"/denuncias/{number}/reserva/retirar", follow_redirects=True).get_data(as_text=True)
    assert "La petición fue retirada" in done and "Petición sin decidir" not in done


@pytest.mark.parametrize(("user", "path"), [("coordinadora", "/reserva/peticion"), ("fiscal.mdd", "/reserva/retirar")])
def test_the_password_is_asked_again(app: Flask, sign_in: Callable[[str], Visitor], number: str, user: str, path: str) -> None:
    ask(sign_in, number)
    client = sign_in(user)
    with app.app_context(), unit_of_work():
        db.session.execute(update(SignInSession).values(stepped_up_at=None))
    answer = client.post(f"/denuncias/{number}{path}", data={"act": "aprobar", "reason": "x"})
    assert answer.status_code == 302 and "/confirmar-contrasena" in answer.location
    assert level(app, number) == "SEL"


def test_raising_the_seal_takes_one_person(app: Flask, sign_in: Callable[[str], Visitor], number: str) -> None:
    ask(sign_in, number, "COL")
    assert level(app, number) == "COL"
