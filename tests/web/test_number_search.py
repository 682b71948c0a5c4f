"""The masthead's search: fragments of numbers and words of summaries find what is in sight; typed text stands in no address."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from sistra.services.charge_list import Totals
from sistra.web.charges.list_view import counted
from tests.factories.people import opened
from tests.factories.world import World

SignIn = Callable[[str], Any]


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return opened(world.viewer("fiscal.mdd", at=datetime.now(UTC)), carpeta_number="2706014501-2026-417-0")


@pytest.mark.parametrize("fragment", ["417", "2026-417", "0001", "2706014501"])
def test_a_fragment_of_a_number_finds_the_charge(sign_in: SignIn, number: str, fragment: str) -> None:
    answer = sign_in("fiscal.mdd").get("/buscar/", query_string={"q": fragment})
    assert (answer.status_code, answer.location) == (302, f"/denuncias/{number}")


def test_a_fragment_finds_nothing_out_of_sight(sign_in: SignIn, number: str) -> None:
    answer = sign_in("fiscal.lim").get("/buscar/", query_string={"q": "417"})
    assert answer.status_code == 200 and number not in answer.text


def test_letters_in_an_address_are_not_searched_and_not_repeated(sign_in: SignIn, number: str) -> None:
    visitor = sign_in("fiscal.mdd")
    turned = visitor.get("/buscar/", query_string={"q": "Zquimera Zoraidax"})
    answer = visitor.get(turned.location)
    assert "Zquimera" not in turned.location
    assert "no en la dirección de la página" in answer.text and "Zquimera" not in answer.text


def test_words_find_the_summary_and_are_marked_in_it(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        number = opened(world.viewer("fiscal.mdd", at=datetime.now(UTC)), summary="Captación <b>con oferta</b> en un bar")
    text = sign_in("fiscal.mdd").post("/buscar/", data={"q": "OFERTA captacion"}).text
    assert f'href="/denuncias/{number}"' in text and "Noticia criminal" in text
    assert "<mark>Captación</mark> &lt;b&gt;con <mark>oferta</mark>&lt;/b&gt; en un bar" in text


def test_words_find_nothing_out_of_sight(sign_in: SignIn, number: str) -> None:
    answer = sign_in("fiscal.lim").post("/buscar/", data={"q": "oferta"})
    assert answer.status_code == 200 and number not in answer.text
    assert "Ningún resumen entre los que usted puede leer contiene esas palabras." in answer.text
    assert "Buscar personas" in answer.text


def test_words_in_an_address_find_nothing(sign_in: SignIn, number: str) -> None:
    answer = sign_in("fiscal.mdd").get("/buscar/", query_string={"q": "oferta 2"})
    assert answer.status_code == 200 and number not in answer.text


def test_numbers_come_before_summaries(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        for n in (1, 2):
            opened(world.viewer("fiscal.mdd", at=datetime.now(UTC)), carpeta_number=f"2706014501-2026-777-{n}",
                   summary="Son 777 soles")
    text = sign_in("fiscal.mdd").post("/buscar/", data={"q": "777"}).text
    assert 0 < text.index("Por número") < text.index("En los resúmenes") < text.index("<mark>777</mark>")


@pytest.fixture
def many(app: Flask, world: World) -> list[str]:
    """Two pages of charges with one word in common, and one of court cases."""
    with app.app_context():
        viewer = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        return [opened(viewer, carpeta_number=f"2706014501-2026-{100 + n}-0", summary="Traslado en bus") for n in range(26)]


def shown(text: str) -> list[str]:
    return re.findall(r'class="s-code" href="/denuncias/([^"]+)"', text)


def test_a_search_of_words_is_turned_by_buttons_that_post_the_words_again(sign_in: SignIn, many: list[str]) -> None:
    visitor = sign_in("fiscal.mdd")
    first = visitor.post("/buscar/", data={"q": "traslado"}).text
    edge = re.findall(r'name="tras" value="([^"]+)"', first)
    assert shown(first) == many[:0:-1] and "25 denuncias en esta página" in first and 'name="antes"' not in first
    second = visitor.post("/buscar/", data={"q": "traslado", "tras": edge}).text
    back = re.findall(r'name="antes" value="([^"]+)"', second)
    assert shown(second) == many[:1] and "1 denuncia en esta página" in second and 'name="tras"' not in second
    assert shown(visitor.post("/buscar/", data={"q": "traslado", "antes": back}).text) == many[:0:-1]


def test_a_search_by_number_is_turned_too_and_its_last_page_does_not_lead_away(sign_in: SignIn, many: list[str]) -> None:
    visitor = sign_in("fiscal.mdd")
    first = visitor.get("/buscar/", query_string={"q": "2706014501"}).text
    (edge,) = re.findall(r'name="tras" value="([^"]+)"', first)
    assert shown(first) == many[:0:-1] and "25 resultados en esta página" in first
    last = visitor.post("/buscar/", data={"q": "2706014501", "tras": edge})
    (back,) = re.findall(r'name="antes" value="([^"]+)"', last.text)
    assert last.status_code == 200 and shown(last.text) == many[:1]
    assert shown(visitor.post("/buscar/", data={"q": "2706014501", "antes": back}).text) == many[:0:-1]


def test_the_very_carpeta_comes_first_whatever_was_registered_later(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        viewer = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        numbers = [opened(viewer, carpeta_number=f"2706014501-2026-777-{part}") for part in ("0", "01", "02")]
    answer = sign_in("fiscal.mdd").post("/buscar/", data={"q": "2706014501-2026-777-0"})
    assert shown(answer.text) == [numbers[0], numbers[2], numbers[1]]


def test_turning_one_list_leaves_the_other_out(app: Flask, world: World, sign_in: SignIn) -> None:
    with app.app_context():
        for n in (1, 2):
            opened(world.viewer("fiscal.mdd", at=datetime.now(UTC)), carpeta_number=f"2706014501-2026-777-{n}", summary="Son 777")
    visitor = sign_in("fiscal.mdd")
    summaries = visitor.post("/buscar/", data={"q": "777", "tras": "0~999999"}).text
    numbers = visitor.post("/buscar/", data={"q": "777", "tras": "2~999999"}).text
    assert "En los resúmenes" in summaries and "Por número" not in summaries
    assert "En los resúmenes" not in numbers and "Por número" in numbers


@pytest.mark.parametrize("edge", ["", "~", "0~", "4~1", "x~1", "0~-1", "0~1~2", "9" * 40, "0~" + "9" * 15])
def test_no_edge_of_a_search_is_refused(sign_in: SignIn, number: str, edge: str) -> None:
    visitor = sign_in("fiscal.mdd")
    assert {visitor.post("/buscar/", data={"q": "oferta", way: edge}).status_code for way in ("tras", "antes")} == {200}


@pytest.mark.parametrize("typed", ["Zquimera Zoraidax", "45678901", "Zquimera 45678901"])
def test_what_is_typed_into_the_box_stands_in_no_address(sign_in: SignIn, number: str, typed: str) -> None:
    visitor = sign_in("fiscal.mdd")
    assert 'action="/buscar/" method="post"' in visitor.get("/denuncias/").text
    answer = visitor.post("/buscar/", data={"q": typed}, follow_redirects=True)
    assert answer.status_code == 200
    assert not any(typed[-8:] in one.request.url for one in (*answer.history, answer))


def test_a_posted_fragment_finds_the_charge(sign_in: SignIn, number: str) -> None:
    assert sign_in("fiscal.mdd").post("/buscar/", data={"q": "417"}).location == f"/denuncias/{number}"


def test_one_of_a_kind_is_counted_in_the_singular(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        assert counted(Totals(charges=1, victims=1, minors=1, accused=1), 9) == (
            "1 denuncia", " de 9 · 1 agraviada (1 menor de edad) · 1 imputado")
