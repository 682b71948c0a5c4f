"""Pages of signing in and of one's own, as their user and as somebody who wants to get past them."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import update

from sistra.db import db
from sistra.models.accounts import User
from sistra.services import accounts, signin
from sistra.services.unit import unit_of_work
from sistra.web.session.devices import in_words
from tests.conftest import Clock, Visitor, visitor
from tests.factories.world import ONE_OF_EACH_ROLE, PASSWORD, World

NEW = "siete canoas amarradas en el puerto"
SIGNED_OUT = ("/entrar", "/ayuda", "/accesibilidad", "/estado", "/invitacion/no-existe")
OWN = ("/perfil", "/perfil/contrasena", "/confirmar-contrasena")


def enter(client: Visitor, username: str = "fiscal.mdd", password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/entrar", data={"username": username, "password": password}, **more)


def token_of(client: Visitor) -> str:
    cookie = client.get_cookie("sistra")
    assert cookie is not None
    return str(cookie.value)


def with_token(app: Flask, token: str) -> Visitor:
    other = visitor(app)
    other.set_cookie("sistra", token)
    return other


def lets_in(client: Visitor) -> bool:
    return bool(client.get("/perfil").status_code == 200)


def bare(page: str, typed: str) -> str:
    """A page without what was typed, its instant and its form tokens."""
    return re.sub(r'Datos al [\d/, :]+|name="csrf_token" value="[^"]*"', "", page.replace(typed, ""))


def errors_of(page: str) -> tuple[list[str], list[str]]:
    """Messages in the summary above and at the fields."""
    summary = page[page.index("govuk-error-summary__list"):].split("</ul>")[0] if "error-summary" in page else ""
    return (re.findall(r'<a href="#[^"]+">([^<]+)</a>', summary),
            re.findall(r'Error:</span> ([^<]+)</p>', page))


def link_for(app: Flask, world: World, username: str = "nueva.persona") -> str:
    with app.app_context(), unit_of_work():
        return accounts.invite(world.viewer("admin", at=datetime.now(UTC)), username=username,
                               full_name="Persona Nueva",
                               email="nueva@example.test", office_id=world.offices["mdd"], roles=["FISCAL"])


@pytest.fixture
def factor(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """The TOTP secret of `nueva.persona`, enrolled an hour ago, where second factors are asked."""
    monkeypatch.setitem(app.config, "ASK_SECOND_FACTOR", True)
    token, secret, before = link_for(app, world), signin.new_secret(), datetime.now(UTC) - timedelta(hours=1)
    with app.app_context():
        signin.accept_invitation(token, NEW, NEW, secret, pyotp.TOTP(secret).at(before), at=before, address=None)
    return secret


# -- signing in ------------------------------------------------------------------------------------------------------

def test_a_person_signs_in_and_comes_to_where_they_were_going(client: Visitor, world: World) -> None:
    assert client.get("/perfil").location == "/entrar?next=/perfil"
    answer = client.post("/entrar?next=/perfil", data={"username": "fiscal.mdd", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/perfil")
    assert lets_in(client)


def test_an_empty_form_says_what_is_missing_above_and_at_the_fields(client: Visitor, world: World) -> None:
    answer = enter(client, "", "")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.index("govuk-error-summary") < page.index("<h1")
    assert "<title>Error:" in page
    above, below = errors_of(page)
    assert above == below == ["Escriba su usuario", "Escriba su contraseña"]


def test_what_was_typed_stays_except_the_password(client: Visitor, world: World) -> None:
    page = enter(client, "fiscal.mdd", "una-clave-equivocada").get_data(as_text=True)
    assert 'value="fiscal.mdd"' in page
    assert "una-clave-equivocada" not in page


def test_known_and_unknown_users_get_the_same_page(client: Visitor, world: World) -> None:
    pages = []
    for username in ("fiscal.mdd", "persona.que.no.existe"):
        answer = enter(visitor(client.application), username, "no es")
        pages.append((answer.status_code, bare(answer.get_data(as_text=True), username), sorted(answer.headers.keys())))
    assert pages[0] == pages[1]
    assert pages[0][0] == 422


def test_a_sixth_attempt_says_until_when_and_whom_to_call(client: Visitor, world: World) -> None:
    for _ in range(5):
        assert enter(client, "fiscal.mdd", "no es").status_code == 422
    answer = enter(client)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 429
    assert 590 <= int(answer.headers["Retry-After"]) <= 600
    assert re.search(r"desde el \d\d/\d\d/\d{4}, \d\d:\d\d \(hora de Lima\)", page)
    assert "llame a quien administra" in page
    assert not lets_in(client)


def test_the_throttle_speaks_of_unknown_users_too(client: Visitor, world: World) -> None:
    for _ in range(5):
        enter(client, "nadie", "no es")
    assert enter(client, "nadie", "no es").status_code == 429


def test_the_cookie_is_for_this_host_and_out_of_reach_of_scripts(client: Visitor, world: World, app: Flask,
                                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "SECURE_COOKIES", True)
    given = {one.split("=")[0]: one for one in enter(client).headers.getlist("Set-Cookie")}
    for name in ("__Host-sistra", "__Host-sistra-device"):
        parts = {part.strip().lower() for part in given[name].split(";")[1:]}
        assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert "expires" not in given["__Host-sistra"].lower()
    assert "max-age=15552000" in given["__Host-sistra-device"].lower()


def test_a_token_chosen_by_somebody_else_is_not_taken_over(client: Visitor, world: World) -> None:
    client.set_cookie("sistra", "elegido-por-otro")
    enter(client)
    assert token_of(client) != "elegido-por-otro"
    assert not lets_in(with_token(client.application, "elegido-por-otro"))


def test_signing_in_again_ends_the_session_before(client: Visitor, world: World) -> None:
    enter(client)
    before = token_of(client)
    enter(client, "fiscal.lim")
    assert not lets_in(with_token(client.application, before))


def test_who_is_signed_in_is_not_asked_again(sign_in: Callable[[str], Visitor]) -> None:
    assert sign_in("fiscal.mdd").get("/entrar?next=/ayuda").location == "/ayuda"


BYPASSES = (
    "https://evil.example", "http://evil.example", "//evil.example", "///evil.example", "////evil.example",
    "/\\evil.example",
    "\\/evil.example", "\\\\evil.example", "/\\/evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r/evil.example",
    "\t//evil.example", " //evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x",
    "evil.example",
    "evil.example/entrar", "@evil.example", "https:evil.example", "https:/evil.example", "https:///evil.example",
    "//evil.example\\@127.0.0.1", "//127.0.0.1@evil.example", "http://127.0.0.1:5000@evil.example", "/ /evil.example",
    "/\x00/evil.example", "ftp://evil.example", "?next=//evil.example", "./..//evil.example", "//[::1]/",
    "/\x0b/evil.example",
    "/\u00a0\\evil.example", "%2F%2Fevil.example")


@pytest.mark.parametrize("target", BYPASSES)
def test_signing_in_leads_to_no_other_place(client: Visitor, world: World, target: str) -> None:
    answer = client.post("/entrar", query_string={"next": target}, data={"username": "fiscal.mdd",
                                                                         "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/mesa")


@pytest.mark.parametrize("target", BYPASSES)
def test_choosing_a_language_leads_to_no_other_place(client: Visitor, world: World, target: str) -> None:
    assert client.post("/idioma", data={"language": "en", "next": target}).location == "/"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:443",
                                  "127.0.0.1.evil.example",
                                  "evil.example#localhost", "[::1]"])
def test_an_unknown_host_is_refused(client: Visitor, world: World, host: str) -> None:
    answer = client.get("/entrar", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil.example" not in answer.get_data(as_text=True)


def test_without_its_form_token_nothing_posted_is_heard(app: Flask, world: World, sign_in: Callable[[str], Visitor],
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in("fiscal.mdd")
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    for path in ("/entrar", "/entrar/codigo", "/salir", "/idioma", "/perfil", "/perfil/contrasena",
                 "/confirmar-contrasena",
                 "/invitacion/x"):
        for data in ({"language": "en"}, {"language": "en", "csrf_token": "ajeno"}):
            assert client.post(path, data=data).status_code == 400, path
    assert lets_in(client)


def test_the_form_token_does_not_outlive_signing_in(app: Flask, client: Visitor, world: World,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/entrar").get_data(as_text=True))
    assert found is not None
    data = {"username": "fiscal.mdd", "password": PASSWORD, "csrf_token": found[1]}
    assert client.post("/entrar", data=data).status_code == 303
    assert client.post("/perfil", data={"language": "en", "csrf_token": found[1]}).status_code == 400


# -- second factor ---------------------------------------------------------------------------------------------------

def test_the_code_is_asked_after_the_password(client: Visitor, factor: str) -> None:
    answer = client.post("/entrar?next=/perfil", data={"username": "nueva.persona", "password": NEW})
    assert answer.location == "/entrar/codigo?next=/perfil"
    assert not lets_in(client)
    answer = client.post(answer.location, data={"code": pyotp.TOTP(factor).now()})
    assert (answer.status_code, answer.location) == (303, "/perfil")
    assert lets_in(client)


def test_half_way_the_device_is_not_known_yet(client: Visitor, factor: str) -> None:
    enter(client, "nueva.persona", NEW)
    assert client.get_cookie("sistra-device") is None
    client.post("/entrar/codigo", data={"code": pyotp.TOTP(factor).now()})
    assert client.get_cookie("sistra-device") is not None


@pytest.mark.parametrize("path", ["/", *OWN])
def test_half_way_every_other_page_leads_back_to_signing_in(client: Visitor, factor: str, path: str) -> None:
    enter(client, "nueva.persona", NEW)
    answer = client.get(path)
    assert answer.status_code == 302 and answer.location.startswith("/entrar?next=")


def test_the_cookie_of_half_way_is_worth_nothing_afterwards(client: Visitor, factor: str) -> None:
    enter(client, "nueva.persona", NEW)
    half_way = token_of(client)
    client.post("/entrar/codigo", data={"code": pyotp.TOTP(factor).now()})
    assert token_of(client) != half_way
    assert not lets_in(with_token(client.application, half_way))


def test_a_code_serves_one_session(client: Visitor, factor: str) -> None:
    code, other = pyotp.TOTP(factor).now(), visitor(client.application)
    for one in (client, other):
        enter(one, "nueva.persona", NEW)
        one.post("/entrar/codigo", data={"code": code})
    assert (lets_in(client), lets_in(other)) == (True, False)


def test_a_wrong_code_is_said_at_its_field_and_kept(client: Visitor, factor: str) -> None:
    enter(client, "nueva.persona", NEW)
    answer = client.post("/entrar/codigo", data={"code": "abcdef"})
    page = answer.get_data(as_text=True)
    above, below = errors_of(page)
    assert answer.status_code == 422 and above == below and len(above) == 1
    assert 'value="abcdef"' in page


def test_the_sixth_code_is_not_heard(client: Visitor, factor: str) -> None:
    enter(client, "nueva.persona", NEW)
    for _ in range(5):
        assert client.post("/entrar/codigo", data={"code": "000000"}).status_code == 422
    assert client.post("/entrar/codigo", data={"code": pyotp.TOTP(factor).now()}).status_code == 429


def test_without_a_session_half_way_there_is_no_code_to_give(client: Visitor, world: World) -> None:
    assert client.get("/entrar/codigo?next=//evil.example").location == "/entrar"
    assert client.post("/entrar/codigo", data={"code": "000000"}).location == "/entrar"


def test_an_account_without_second_factor_is_refused_where_one_is_asked(client: Visitor, factor: str) -> None:
    assert enter(client, "fiscal.mdd").status_code == 422
    assert not lets_in(client)


# -- old cookies -----------------------------------------------------------------------------------------------------

def test_the_cookie_is_refused_after_signing_out(client: Visitor, world: World) -> None:
    enter(client)
    token = token_of(client)
    answer = client.post("/salir")
    assert answer.location == "/entrar" and client.get_cookie("sistra") is None
    assert not lets_in(with_token(client.application, token))


def test_signing_out_without_a_session_does_no_harm(client: Visitor, world: World) -> None:
    assert client.post("/salir").status_code == 303


def test_signing_out_is_not_done_by_a_link(client: Visitor, world: World) -> None:
    enter(client)
    assert client.get("/salir").status_code == 405
    assert lets_in(client)


def test_other_cookies_are_refused_after_a_change_of_password(client: Visitor, world: World) -> None:
    other = visitor(client.application)
    enter(client)
    enter(other)
    answer = client.post("/perfil/contrasena", data={"present": PASSWORD, "password": NEW, "repeated": NEW})
    assert (answer.status_code, answer.location) == (303, "/perfil")
    assert (lets_in(client), lets_in(other)) == (True, False)
    assert enter(other).status_code == 422
    assert enter(other, password=NEW).status_code == 303


@pytest.mark.parametrize("change", ["suspend", "roles", "link"])
def test_the_cookie_is_refused_after_what_an_administrator_changed(
        client: Visitor, world: World, sign_in: Callable[[str], Visitor], change: str) -> None:
    enter(client)
    admin = sign_in("admin")
    forms: dict[str, tuple[str, dict[str, Any]]] = {
        "suspend": ("suspender", {"reason": "Cese"}),
        "roles": ("roles", {"roles": ["ASISTENTE"], "office": str(world.offices["mdd"]), "reason": "Cambio de cargo"}),
        "link": ("enlace", {})}
    path, data = forms[change]
    assert admin.post(f"/admin/usuarios/fiscal.mdd/{path}", data=data).status_code < 400
    assert not lets_in(client)


def test_half_an_hour_without_use_ends_the_session(client: Visitor, world: World, clock: type[Clock]) -> None:
    enter(client)
    clock.ahead = timedelta(minutes=29)
    assert lets_in(client)
    clock.ahead += timedelta(minutes=31)
    assert not lets_in(client)


def test_twelve_hours_end_it_however_much_it_is_used(client: Visitor, world: World, clock: type[Clock]) -> None:
    enter(client)
    while clock.ahead < timedelta(hours=11, minutes=50):
        clock.ahead += timedelta(minutes=25)
        assert lets_in(client) or clock.ahead > timedelta(hours=12)
    clock.ahead = timedelta(hours=12, minutes=1)
    assert not lets_in(client)


def test_the_password_is_asked_again_for_grave_acts_after_ten_minutes(
        sign_in: Callable[[str], Visitor], clock: type[Clock]) -> None:
    admin, path = sign_in("admin"), "/admin/usuarios/fiscal.mdd/suspender"
    clock.ahead = timedelta(minutes=11)
    assert admin.get(path).location == f"/confirmar-contrasena?next={path}"
    assert admin.post("/confirmar-contrasena", data={"password": "no es"}).status_code == 422
    answer = admin.post(f"/confirmar-contrasena?next={path}", data={"password": PASSWORD})
    assert answer.location == path
    assert admin.get(path).status_code == 200


# -- links -----------------------------------------------------------------------------------------------------------

def test_a_new_person_sets_password_and_second_factor(app: Flask, client: Visitor, world: World) -> None:
    address = f"/invitacion/{link_for(app, world)}"
    page = client.get(address).get_data(as_text=True)
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert found is not None and 'src="data:image/svg+xml' in page
    code = pyotp.TOTP(found[1].replace(" ", "")).now()
    answer = client.post(address, data={"password": NEW, "repeated": NEW, "code": code})
    codes = re.findall(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>", answer.get_data(as_text=True))
    assert answer.status_code == 200 and len(set(codes)) == 10
    assert client.get(address).status_code == 404
    assert enter(client, "nueva.persona", NEW).status_code == 303


def test_a_refused_form_keeps_the_key_that_the_telephone_has_read(app: Flask, client: Visitor, world: World) -> None:
    address = f"/invitacion/{link_for(app, world)}"
    first = re.search(r"<code>([A-Z2-7 ]+)</code>", client.get(address).get_data(as_text=True))
    answer = client.post(address, data={"password": "corta", "repeated": "corta", "code": "000000"})
    page = answer.get_data(as_text=True)
    above, below = errors_of(page)
    assert answer.status_code == 422 and above == below and len(above) == 2
    assert first is not None and first[1] in page
    assert "corta" not in page


def test_another_browser_is_offered_another_key(app: Flask, client: Visitor, world: World) -> None:
    address = f"/invitacion/{link_for(app, world)}"
    keys = {re.findall(r"<code>([A-Z2-7 ]+)</code>", one.get(address).get_data(as_text=True))[0]
            for one in (client, visitor(app))}
    assert len(keys) == 2


def test_unknown_used_and_past_links_get_the_same_answer(
        app: Flask, client: Visitor, world: World, clock: type[Clock]) -> None:
    past = link_for(app, world)
    clock.ahead = timedelta(hours=49)
    pages = set()
    for token in ("no-existe", past, "x" * 3000, "..", "%00"):
        answer = client.get(f"/invitacion/{token}")
        assert answer.status_code == 404
        if token in ("no-existe", past):
            pages.add(bare(answer.get_data(as_text=True), token))
    assert len(pages) == 1


# -- one's own -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("username", ONE_OF_EACH_ROLE)
def test_everybody_starts_at_their_desk(sign_in: Callable[[str], Visitor], username: str) -> None:
    client = sign_in(username)
    assert client.get("/").location == "/mesa" and client.get("/mesa").status_code == 200


def test_the_language_is_kept_for_visitors_and_for_who_signs_in(client: Visitor, world: World) -> None:
    client.post("/idioma", data={"language": "en"})
    assert '<html lang="en">' in client.get("/entrar").get_data(as_text=True)
    enter(client)
    assert '<html lang="en">' in client.get("/perfil").get_data(as_text=True)
    client.post("/idioma", data={"language": "es"})
    with client.application.app_context():
        assert db.session.get_one(User, world.users["fiscal.mdd"]).interface_language == "spa"


@pytest.mark.parametrize("chosen", ["", "fr", "es\n", "EN", "../en"])
def test_no_other_language_is_taken(client: Visitor, world: World, chosen: str) -> None:
    assert client.post("/idioma", data={"language": chosen}).status_code == 400


def test_preferences_are_kept(sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    assert client.post("/perfil", data={"language": "es", "shortcuts_off": "y"}).status_code == 303
    assert re.search(r'name="shortcuts_off"[^>]*checked', client.get("/perfil").get_data(as_text=True))
    assert client.post("/perfil", data={"language": "xx"}).status_code == 422


def test_nothing_but_preferences_is_taken_from_the_profile(sign_in: Callable[[str], Visitor], world: World) -> None:
    client, forbidden = sign_in("fiscal.mdd"), {
        "roles": "ADMIN", "username": "otro", "full_name": "Otro", "office_id": "2", "office": "2", "email": "x@x.pe",
        "password_hash": "x", "password": "x", "totp_secret": "x", "totp_last": "0", "valid_to": "2020-01-01",
        "id": "1",
        "user_id": "1", "version": "99", "origin": "x", "created_by": "1", "agency_id": "1",
        "stepped_up_at": "2030-01-01"}
    with client.application.app_context():
        before = _columns(world)
    client.post("/perfil", data={"language": "es", **forbidden})
    with client.application.app_context():
        assert _columns(world) == before


def _columns(world: World) -> dict[str, Any]:
    person = db.session.get_one(User, world.users["fiscal.mdd"])
    left_out = ("interface_language", "shortcuts_off")
    return {column.key: getattr(person, column.key) for column in User.__table__.columns if column.key not in left_out}


def test_own_sessions_are_listed_and_ended(client: Visitor, world: World, sign_in: Callable[[str], Visitor]) -> None:
    enter(client)
    other = sign_in("fiscal.mdd")
    found = re.findall(r'name="end" value="(\d+)"', client.get("/perfil").get_data(as_text=True))
    assert len(found) == 1
    client.post("/perfil", data={"end": found[0]})
    assert (lets_in(client), lets_in(other)) == (True, False)


def test_a_session_of_somebody_else_is_not_ended(client: Visitor, world: World, sign_in: Callable[[str],
                                                                                                  Visitor]) -> None:
    other = sign_in("fiscal.lim")
    enter(client)
    for key in range(1, 6):
        client.post("/perfil", data={"end": str(key)})
    client.post("/perfil", data={"end": "others"})
    assert lets_in(other) and lets_in(client)


@pytest.mark.parametrize(("data", "field"), [
    ({"present": "no es", "password": NEW, "repeated": NEW}, "present"),
    ({"present": PASSWORD, "password": "corta", "repeated": "corta"}, "password"),
    ({"present": PASSWORD, "password": NEW, "repeated": "otra"}, "repeated"),
    ({"present": "", "password": NEW, "repeated": NEW}, "present")])
def test_a_refused_change_of_password_is_said_at_its_field(
        sign_in: Callable[[str], Visitor], data: dict[str, str], field: str) -> None:
    answer = sign_in("fiscal.mdd").post("/perfil/contrasena", data=data)
    page = answer.get_data(as_text=True)
    above, below = errors_of(page)
    assert answer.status_code == 422 and above == below and len(above) == 1
    assert f'href="#{field}"' in page
    assert NEW not in page and PASSWORD not in page


# -- everywhere ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("path", SIGNED_OUT)
def test_public_pages_are_reached_by_anybody(client: Visitor, world: World, path: str) -> None:
    assert client.get(path).status_code in (200, 404)


@pytest.mark.parametrize("path", ["/", *OWN])
def test_own_pages_are_reached_by_nobody_else(client: Visitor, world: World, path: str) -> None:
    assert client.get(path).location.startswith("/entrar")
    if path != "/":
        assert client.post(path).location.startswith("/entrar")


def test_the_state_tells_nothing_but_that_it_answers(client: Visitor, world: World) -> None:
    answer = client.get("/estado")
    assert answer.mimetype == "text/plain"
    assert re.fullmatch(r"ok \d+\.\d+\.\d+\n", answer.get_data(as_text=True))


@pytest.mark.parametrize("path", [*SIGNED_OUT, "/", *OWN, "/salir", "/no-existe"])
def test_every_answer_carries_its_headers(sign_in: Callable[[str], Visitor], client: Visitor, path: str) -> None:
    for answer in (client.get(path), client.post(path), sign_in("analista").get(path)):
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_no_page_writes_scripts_or_styles_into_itself(sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("analista")
    for path in ("/", *OWN, *SIGNED_OUT):
        page = client.get(path).get_data(as_text=True)
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page), path


def test_what_is_typed_is_shown_as_text(client: Visitor, world: World) -> None:
    page = enter(client, '"><script>alert(1)</script>', "x").get_data(as_text=True)
    assert "<script>alert" not in page


def test_a_suspended_person_cannot_tell_that_they_are(client: Visitor, world: World) -> None:
    with client.application.app_context(), unit_of_work():
        db.session.execute(update(User).where(User.username == "fiscal.mdd").values(valid_to=datetime(2020, 1, 1)))
    suspended = enter(client).get_data(as_text=True)
    unknown = enter(client, "nadie").get_data(as_text=True)
    assert errors_of(suspended) == errors_of(unknown)


WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(("agent", "words"), [
    (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36", "Chrome en Windows"),
    (f"Mozilla/5.0 (Windows NT 10.0) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0", "Edge en Windows"),
    (f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} Chrome/130.0 Mobile Safari/537.36", "Chrome en Android"),
    (f"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) {WEBKIT} Version/17.0 Safari/604.1", "Safari en iPhone"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox en Linux"),
    ("curl/8.0", "curl/8.0"), (None, "")])
def test_an_open_session_is_told_by_its_browser_in_words(app: Flask, agent: str | None, words: str) -> None:
    with app.test_request_context("/perfil", headers={"Accept-Language": "es"}):
        assert in_words(agent) == words
