"""Reports asked with other addresses than the page makes: instants that no calendar holds, windows that nobody offers."""
from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.factories.world import World

NO_INSTANTS = ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00+14:00", "0001-01-01", "9999-12-31T23:59:59-14:00",
               "1989-12-31T00:00:00-05:00", "ayer", "\x00", "2026-13-45")
ADDRESSES = ("/reportes/R01", "/reportes/R01/csv", "/reportes/microdatos")


@pytest.mark.parametrize("at", NO_INSTANTS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_instant_that_is_none_is_refused_in_a_sentence(world: World, sign_in: Any, address: str, at: str) -> None:
    answer = sign_in("analista").get(f"{address}?al={quote(at)}")
    assert answer.status_code == 422
    assert "La fecha de los datos que trae el enlace no se puede leer." in answer.text


@pytest.mark.parametrize("at", [
    "9999-12-31T23:59:59", "2026-03-20T00:00:00+23:59", "2026-03-20T00:00:00 00:00", "2026-03-20", ""])
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_instant_that_can_be_read_is_told(world: World, sign_in: Any, address: str, at: str) -> None:
    assert sign_in("analista").get(f"{address}?al={quote(at)}").status_code == 200


def test_the_form_of_an_unreadable_link_asks_for_the_data_of_now(world: World, sign_in: Any) -> None:
    page = sign_in("analista").get("/reportes/microdatos?al=ayer").text
    assert 'name="al" value=""' in page


def test_an_agency_that_asks_for_another_window_is_told_which_it_may_have(world: World, sign_in: Any) -> None:
    client = sign_in("agencia")
    answer = client.get("/reportes/R01?desde=02/2025&hasta=11/2025")
    assert answer.status_code == 422 and "de un mes, de un año o de años completos hasta el presente" in answer.text
    assert client.get("/reportes/R01?desde=02/2025&hasta=11/2025&cifras=interna").status_code == 422
    assert client.get("/reportes/R01/csv?desde=02/2025&hasta=11/2025").status_code == 422
    assert client.get("/reportes/R01").status_code == 200
