"""What the door refuses before it looks: bodies that are too large, addresses that a client made up."""
from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import IntegerConverter

from sistra.db import db
from sistra.models.accounts import Throttle
from sistra.models.audit import TrailEntry
from sistra.services import audit
from sistra.services.unit import Busy, unit_of_work
from tests.conftest import Visitor, visitor
from tests.factories.charges import POSTED, open_charge
from tests.factories.databases import Databases, OwnDatabase
from tests.factories.world import PASSWORD, World, build_world
from tests.web.test_matrix import address, rules
from tests.web.test_query_counts import counted

UPLOAD = "/denuncias/SIS-2026-MDD-00001/documentos/nuevo"


def file_of(size: int) -> dict[str, Any]:
    return {"data": {"file": (BytesIO(bytes(size)), "a.pdf")}, "content_type": "multipart/form-data"}


@pytest.mark.parametrize("path", [UPLOAD, "/denuncias/nueva", "/entrar", "/no-existe"])
@pytest.mark.parametrize("cookie", ["", "hecha a mano"])
def test_a_body_of_21_mb_is_refused_before_any_statement(app: Flask, world: World, path: str, cookie: str) -> None:
    client = visitor(app)
    if cookie:
        client.set_cookie("sistra", cookie)
    with counted(app) as statements:
        answer = client.post(path, **file_of(21 * 1024 * 1024))
    assert answer.status_code == 413 and not statements
    assert "hasta 20 MB" in answer.get_data(as_text=True)


def test_a_body_of_21_mb_is_refused_before_any_statement_to_who_is_signed_in(app: Flask, world: World,
                                                                            sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    with counted(app) as statements:
        assert client.post("/denuncias/nueva", **file_of(21 * 1024 * 1024)).status_code == 413
    assert not statements


def test_a_cookie_that_is_worth_nothing_carries_no_document(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, read = visitor(app), []
    client.set_cookie("sistra", "hecha a mano")
    monkeypatch.setattr(app.request_class, "_load_form_data", lambda request: read.append(request))
    assert client.post(UPLOAD, **file_of(5_000_000)).status_code == 413
    assert not read


def test_a_document_without_declared_length_is_held_to_the_size_of_a_form(app: Flask, world: World,
                                                                         sign_in: Callable[[str], Visitor]) -> None:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
    body = (b"--x\r\nContent-Disposition: form-data; name=file; filename=a.pdf\r\n\r\n" + bytes(2_000_000) + b"\r\n--x--\r\n")
    answer = sign_in("fiscal.mdd").post(
        f"/denuncias/{number}/documentos/nuevo", input_stream=BytesIO(body), content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"})
    assert answer.status_code == 413


# -- addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [2**63])
def test_a_key_that_no_database_holds_names_nothing(app: Flask, world: World, sign_in: Callable[[str], Visitor],
                                                    key: int) -> None:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
    client, wrong = sign_in("fiscal.mdd"), []
    for rule in rules(app):
        keyed = [name for name in rule.arguments if isinstance(rule._converters[name], IntegerConverter)]
        path = address(rule, number).replace("/999", f"/{key}")
        for method in {"GET", "POST"} & (rule.methods or set()) if keyed else ():
            if (status := client.open(path, method=method).status_code) not in (404, 405):
                wrong.append((method, path, status))
    assert not wrong


ASKED = ("antes", "imputado", "reemplaza", "filas", "desde", "registro", "recurso", "orden", "anio", "etapa", "denuncia",
         "consultas", "plazo", "q", "next", "pagina", "rol", "texto")


@pytest.mark.parametrize("text", ["9" * 4400, "\x00\u0663"])
def test_a_strange_question_in_an_address_is_no_error_of_ours(app: Flask, world: World, sign_in: Callable[[str], Visitor],
                                                             text: str) -> None:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))
    client, wrong = sign_in("fiscal.mdd"), []
    for rule in rules(app):
        if "GET" in (rule.methods or ()):
            status = client.get(address(rule, number), query_string=dict.fromkeys(ASKED, text)).status_code
            if status >= 500:
                wrong.append((rule.endpoint, status))
    assert not wrong


# -- the trail ----------------------------------------------------------------------------------------------------------


def test_a_page_whose_entry_cannot_be_written_now_is_not_shown_and_says_so(
        app: Flask, world: World, sign_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        number = open_charge(world.viewer("fiscal.mdd"))

    def busy() -> None:
        raise Busy
    monkeypatch.setattr(audit, "record_readings", busy)
    answer = sign_in("fiscal.mdd").get(f"/denuncias/{number}")
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (503, "10", "no-store")
    assert POSTED["summary"] not in answer.get_data(as_text=True)
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


# -- proxies ------------------------------------------------------------------------------------------------------------


def behind(databases: Databases, own: OwnDatabase, hops: str) -> Flask:
    made = databases.app(own.url, {"TRUSTED_PROXIES": hops})
    with own.app.app_context(), unit_of_work():
        build_world()
    return made


def seen(app: Flask, headers: dict[str, str]) -> tuple[set[str], set[str | None]]:
    """The addresses at the doors of the throttle and on the trail after an attempt to sign in."""
    visitor(app).post("/entrar", data={"username": "fiscal.mdd", "password": "x"}, headers=headers)
    visitor(app).post("/entrar", data={"username": "fiscal.mdd", "password": PASSWORD}, headers=headers)
    with app.app_context():
        doors = {key.partition(":")[2] for key in db.session.scalars(select(Throttle.key)) if key.startswith("address:")}
        trail = set(db.session.scalars(select(TrailEntry.address).where(TrailEntry.action.startswith("signin."))))
    return doors, trail


@pytest.mark.parametrize(("hops", "forwarded", "address"), [
    ("0", "203.0.113.9", "127.0.0.1"), ("1", "203.0.113.9", "203.0.113.9"),
    ("1", "198.51.100.1, 203.0.113.9", "203.0.113.9"), ("2", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9")])
def test_throttle_and_trail_see_the_address_that_the_trusted_proxies_say(
        databases: Databases, own_database: OwnDatabase, hops: str, forwarded: str, address: str) -> None:
    app = behind(databases, own_database, hops)
    assert seen(app, {"X-Forwarded-For": forwarded}) == ({address}, {address})


def test_a_host_that_a_client_made_up_is_not_looked_at(databases: Databases, own_database: OwnDatabase) -> None:
    forged = {"X-Forwarded-Host": "evil.example"}
    assert visitor(behind(databases, own_database, "0")).get("/estado", headers=forged).status_code == 200


def test_a_host_that_the_proxy_says_must_be_a_trusted_one(databases: Databases, own_database: OwnDatabase) -> None:
    said = {"X-Forwarded-Host": "evil.example"}
    assert visitor(behind(databases, own_database, "1")).get("/estado", headers=said).status_code == 400


@pytest.mark.parametrize("hops", ["-1", "uno", "1.5", ""])
def test_a_number_of_proxies_that_is_none_stops_the_start(databases: Databases, own_database: OwnDatabase, hops: str) -> None:
    with pytest.raises(ValueError, match="SISTRA_TRUSTED_PROXIES"):
        databases.app(own_database.url, {"TRUSTED_PROXIES": hops})
