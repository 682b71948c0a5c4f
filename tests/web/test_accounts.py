"""Pages of administration: for who administers, and for everybody who would like to."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from sistra.access.may import POLICY
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Agency, Office, User
from sistra.services import institutions, signin
from sistra.services.unit import unit_of_work
from sistra.web.accounts.roles import capability_words, reach
from tests.conftest import Visitor
from tests.factories.rows import made
from tests.factories.world import ONE_OF_EACH_ROLE, World

Begin = Callable[[str], Visitor]
READ = ("/admin/usuarios", "/admin/usuarios/fiscal.mdd", "/admin/entidades", "/admin/entidades/MP", "/admin/despachos",
        "/admin/despachos/MDD", "/admin/roles")
ACTS = ("/admin/usuarios/nuevo", "/admin/usuarios/fiscal.mdd/suspender", "/admin/usuarios/fiscal.mdd/reincorporar",
        "/admin/usuarios/fiscal.mdd/roles", "/admin/usuarios/fiscal.mdd/enlace", "/admin/entidades/agregar",
        "/admin/entidades/MP/cambiar", "/admin/entidades/MP/terminar", "/admin/despachos/agregar",
        "/admin/despachos/MDD/cambiar", "/admin/despachos/MDD/terminar")
NEW = {"username": "nueva.persona", "full_name": "Persona Nueva", "email": "nueva@example.test", "roles": ["FISCAL"],
       "roles-offered": "1"}
FORBIDDEN = {
    "password_hash": "x", "totp_secret": "x", "totp_last": "0", "last_signed_in_at": "2030-01-01",
    "valid_to": "2020-01-01",
    "valid_from": "2000-01-01", "id": "1", "version": "99", "created_by": "1", "created_by_id": "1", "origin": "IMP",
    "import_run": "x", "unknowns": "{}", "shortcuts_off": "1", "interface_language": "eng", "phone": "999999999"}


@pytest.fixture
def admin(sign_in: Begin) -> Visitor:
    return sign_in("admin")


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


def row(app: Flask, model: Any, **wanted: Any) -> dict[str, Any]:
    with app.app_context():
        found = db.session.query(model).filter_by(**wanted).one()
        return {column.key: getattr(found, column.key) for column in model.__table__.columns}


def snapshot(app: Flask) -> list[tuple[Any, ...]]:
    """Every row of users, offices and agencies."""
    with app.app_context():
        return [tuple(found) for model in (User, Office, Agency)
                for found in db.session.execute(model.__table__.select().order_by(model.__table__.c.id))]


def posts(world: World) -> dict[str, dict[str, Any]]:
    """What would carry out each act."""
    office = str(world.offices["lim"])
    reason = {"reason": "Motivo"}
    return dict(zip(ACTS, (
        {**NEW, "office": office}, reason, reason, {"roles": ["ASISTENTE"], "office": office, **reason}, {},
        {"code": "X1", "name": "X", "agency_type": "GCE"}, {"name": "X", "agency_type": "GCE"}, reason,
        {"code": "X1", "name": "X", "agency": str(world.agencies["mp"]), "office_kind": "FPP"}, {"name": "X"},
        reason), strict=True))


# -- guards ----------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("username", [name for name in ONE_OF_EACH_ROLE if name != "admin"])
def test_no_other_role_reaches_any_page_of_administration(sign_in: Begin, world: World, app: Flask,
                                                          username: str) -> None:
    client, before = sign_in(username), snapshot(app)
    for path in (*READ, *ACTS):
        assert client.get(path).status_code == 403, path
    for path, data in posts(world).items():
        assert client.post(path, data=data).status_code == 403, path
    assert [one for one in snapshot(app) if one not in before] == []


def test_who_is_not_signed_in_is_sent_to_sign_in(client: Visitor, world: World, app: Flask) -> None:
    before = snapshot(app)
    for path in (*READ, *ACTS):
        assert client.get(path).location == f"/entrar?next={path}"
    for path, data in posts(world).items():
        assert client.post(path, data=data).location == f"/entrar?next={path}"
    assert snapshot(app) == before


@pytest.mark.parametrize("path", ACTS)
def test_each_act_asks_the_password_again(admin: Visitor, world: World, app: Flask, path: str,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signin, "STEP_UP_LASTS", -signin.STEP_UP_LASTS)
    before = snapshot(app)
    assert admin.get(path).location == f"/confirmar-contrasena?next={path}"
    assert admin.post(path, data=posts(world)[path]).location == f"/confirmar-contrasena?next={path}"
    assert snapshot(app) == before


@pytest.mark.parametrize("path", [*READ, *ACTS])
def test_who_administers_reaches_every_page(admin: Visitor, path: str) -> None:
    answer = admin.get(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", text_of(answer))


@pytest.mark.parametrize("path", ACTS)
def test_without_its_form_token_no_act_happens(admin: Visitor, world: World, app: Flask, path: str,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    before = snapshot(app)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert admin.post(path, data=posts(world)[path]).status_code == 400
    assert admin.post(path, data={**posts(world)[path], "csrf_token": "ajeno"}).status_code == 400
    assert snapshot(app) == before


@pytest.mark.parametrize("path", ACTS)
def test_no_act_is_done_by_a_link(admin: Visitor, world: World, app: Flask, path: str) -> None:
    before = snapshot(app)
    admin.get(path, query_string=posts(world)[path])
    assert snapshot(app) == before


@pytest.mark.parametrize("path", ["/admin/usuarios/nadie", "/admin/despachos/NADA", "/admin/entidades/NADA",
                                  "/admin/otras",
                                  "/admin/usuarios/nadie/suspender", "/admin/despachos/NADA/cambiar",
                                  "/admin/despachos/mdd"])
def test_what_is_not_there_is_not_found(admin: Visitor, path: str) -> None:
    assert admin.get(path).status_code == 404


# -- invitations and links -------------------------------------------------------------------------------------------

def test_an_invitation_shows_its_link_once_with_the_host_of_the_configuration(
        admin: Visitor, world: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "BASE_URL", "https://sistra.example.pe/")
    answer = admin.post("/admin/usuarios/nuevo", data={**NEW, "office": str(world.offices["mdd"])}, headers={
        "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"})
    found = re.search(r"https://sistra\.example\.pe/invitacion/([\w-]{43})<", text_of(answer))
    assert answer.status_code == 200 and found is not None and "evil" not in text_of(answer)
    with app.app_context():
        assert signin.invited(found[1], at=datetime.now(UTC)) == "nueva.persona"
    assert found[1] not in text_of(admin.get("/admin/usuarios/nueva.persona"))


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80",
                                  "localhost@evil.example"])
def test_a_link_is_not_made_for_another_host(admin: Visitor, world: World, app: Flask, host: str) -> None:
    before = snapshot(app)
    answer = admin.post("/admin/usuarios/fiscal.mdd/enlace", headers={"Host": host})
    assert answer.status_code in (302, 400) and "/invitacion/" not in text_of(answer)
    assert snapshot(app) == before


def test_a_refused_invitation_keeps_what_was_typed_and_says_it_twice(admin: Visitor, world: World) -> None:
    answer = admin.post("/admin/usuarios/nuevo", data={
        **NEW, "username": "Fiscal.MDD", "roles": ["ADMIN", "AUDITOR"], "job_title": "Cargo <b>",
        "office": str(world.offices["lim"])})
    page = text_of(answer)
    assert answer.status_code == 422
    assert page.index("govuk-error-summary") < page.index("<h1")
    summary = re.findall(r'<li><a href="#[^"]+">([^<]+)</a>', page)
    assert len(summary) == 2 and all(page.count(message) >= 2 for message in summary)
    assert 'value="Fiscal.MDD"' in page and 'value="Cargo &lt;b&gt;"' in page
    assert re.search(r'value="AUDITOR" checked', page)
    assert re.search(rf'<option value="{world.offices["lim"]}" selected', page)


@pytest.mark.parametrize("data", [{}, {"office": "x"}, {"office": "-1"}, {"office": "9" * 30}, {"username": ["a", "b"]},
                                  {"roles": "ADMIN;FISCAL", "roles-offered": "1"}, {"email": "x" * 300 + "@x.pe"},
                                  {"full_name": "\x00\x08"}, {"username": "x" * 5000}])
def test_strange_forms_are_refused_and_never_break(admin: Visitor, world: World, app: Flask, data: dict[str,
                                                                                                        Any]) -> None:
    before = snapshot(app)
    assert admin.post("/admin/usuarios/nuevo", data=data).status_code == 422
    assert snapshot(app) == before


def test_an_invitation_takes_its_own_fields_and_no_other(admin: Visitor, world: World, app: Flask) -> None:
    admin.post("/admin/usuarios/nuevo", data={**NEW, "office": str(world.offices["mdd"]), **FORBIDDEN})
    made_row = row(app, User, username="nueva.persona")
    assert {name: made_row[name] for name in ("password_hash", "totp_secret", "totp_last", "last_signed_in_at",
                                              "valid_to",
                                              "import_run", "phone", "interface_language")} == dict.fromkeys(
        ("password_hash", "totp_secret", "totp_last", "last_signed_in_at", "valid_to", "import_run", "phone",
         "interface_language"))
    assert (made_row["version"], made_row["created_by_id"], made_row["origin"]) == (1, world.users["admin"], "FOR")


def test_a_new_link_ends_the_old_password(admin: Visitor, app: Flask, world: World) -> None:
    page = text_of(admin.post("/admin/usuarios/fiscal.mdd/enlace"))
    assert "/invitacion/" in page
    assert row(app, User, username="fiscal.mdd")["password_hash"] is None


# -- acts on users ---------------------------------------------------------------------------------------------------

def test_a_person_is_suspended_and_taken_back(admin: Visitor, app: Flask) -> None:
    assert admin.post("/admin/usuarios/fiscal.mdd/suspender", data={"reason": "Cese"}).status_code == 303
    assert "Suspendida" in text_of(admin.get("/admin/usuarios/fiscal.mdd"))
    assert admin.post("/admin/usuarios/fiscal.mdd/reincorporar", data={"reason": "Retorno"}).status_code == 303
    assert row(app, User, username="fiscal.mdd")["valid_to"] is None


@pytest.mark.parametrize("act", ["suspender", "reincorporar", "roles"])
def test_without_a_reason_nothing_is_done_and_the_rest_stays(admin: Visitor, world: World, app: Flask,
                                                             act: str) -> None:
    before = snapshot(app)
    answer = admin.post(f"/admin/usuarios/fiscal.mdd/{act}", data={
        "reason": " ", "roles": ["COORD"], "roles-offered": "1", "office": str(world.offices["lim"])})
    assert answer.status_code == 422 and "Escriba el motivo" in text_of(answer)
    if act == "roles":
        assert 'value="COORD" checked' in text_of(answer)
    assert snapshot(app) == before


def test_an_act_changes_what_it_says_and_nothing_else(admin: Visitor, world: World, app: Flask) -> None:
    before = row(app, User, username="fiscal.mdd")
    data = {"roles": ["COORD"], "office": str(world.offices["lim"]), "reason": "Encargo", "username": "otro",
            "full_name": "Otro",
            "email": "otro@example.test", **FORBIDDEN}
    assert admin.post("/admin/usuarios/fiscal.mdd/roles", data=data).status_code == 303
    after = row(app, User, username="fiscal.mdd")
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"roles", "office_id", "version", "updated_at", "updated_by_id"}
    assert after["version"] == before["version"] + 1


def test_one_does_not_act_on_oneself(admin: Visitor, world: World, app: Flask) -> None:
    before = snapshot(app)
    assert admin.post("/admin/usuarios/admin/suspender", data={"reason": "x"}).status_code == 422
    data = {"roles": ["FISCAL"], "office": str(world.offices["mdd"]), "reason": "x"}
    assert admin.post("/admin/usuarios/admin/roles", data=data).status_code == 422
    assert snapshot(app) == before
    assert "/admin/usuarios/admin/suspender" not in text_of(admin.get("/admin/usuarios/admin"))


# -- lists -----------------------------------------------------------------------------------------------------------

def test_the_list_is_filtered_by_address(admin: Visitor) -> None:
    page = text_of(admin.get("/admin/usuarios?q=despacho+lim&rol=FISCAL"))
    assert re.findall(r'href="/admin/usuarios/([\w.]+)"', page)[-1:] == ["fiscal.lim"]
    assert "asistente.lim" not in page
    assert "Ninguna persona coincide" in text_of(admin.get("/admin/usuarios?q=%27+or+1%3D1+--"))


def test_pages_go_on_and_back_with_the_filter(admin: Visitor, app: Flask, world: World) -> None:
    with app.app_context(), unit_of_work():
        for number in range(60):
            made(User, username=f"zona.{number:02}", full_name="Zona", email="z@example.test",
                 office_id=world.offices["mdd"],
                 roles=("FISCAL",))
    seen: list[str] = []
    address = "/admin/usuarios?q=zona"
    while address:
        page = text_of(admin.get(address))
        seen += re.findall(r'<a href="/admin/usuarios/(zona\.\d\d)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"zona.{number:02}" for number in range(60)]
    back = re.search(r'href="([^"]+)" rel="prev"', page)
    assert back is not None and "q=zona" in back[1]
    assert re.findall(r'<a href="/admin/usuarios/(zona\.\d\d)"',
                      text_of(admin.get(back[1].replace("&amp;", "&")))) == seen[25:50]


@pytest.mark.parametrize("query", ["despues=%00", "antes=" + "x" * 3000, "rol=NADA", "q=" + "%25" * 200, "despues[]=1"])
def test_strange_addresses_of_a_list_do_no_harm(admin: Visitor, query: str) -> None:
    assert admin.get(f"/admin/usuarios?{query}").status_code == 200
    assert admin.get(f"/admin/despachos?{query}").status_code == 200


# -- agencies and offices --------------------------------------------------------------------------------------------

def test_an_office_is_added_changed_and_ended(admin: Visitor, world: World, app: Flask) -> None:
    data = {"code": "fpp-tum", "name": "Fiscalía de Tumbes", "agency": str(world.agencies["mp"]), "office_kind": "FPP"}
    assert admin.post("/admin/despachos/agregar", data=data).location == "/admin/despachos/FPP-TUM"
    answer = admin.post("/admin/despachos/FPP-TUM/cambiar", data={"name": "Otra", "specialised": "1", "version": "1"})
    assert answer.status_code == 303
    assert admin.post("/admin/despachos/FPP-TUM/terminar", data={"reason": "Desactivada"}).status_code == 303
    found = row(app, Office, code="FPP-TUM")
    assert (found["name"], found["specialised"], found["office_kind"]) == ("Otra", True, "FPP") and found["valid_to"]


@pytest.mark.parametrize(("kind", "model"), [("entidades", Agency), ("despachos", Office)])
def test_code_validity_and_system_columns_are_not_taken_from_the_form(
        admin: Visitor, app: Flask, kind: str, model: Any) -> None:
    code = "PNP"
    before = row(app, model, code=code)
    data = {**FORBIDDEN, "valid_from": "", "phone": "", "name": "Nombre nuevo", "code": "OTRO", "street": "Calle",
            "postal_code": "1", "latitude": "1", "longitude": "1", "version": "1"}
    assert admin.post(f"/admin/{kind}/{code}/cambiar", data=data).status_code == 303
    after = row(app, model, code=code)
    assert {name for name in after if after[name] != before[name]} == {"name", "version", "updated_at", "updated_by_id"}


def test_who_saved_before_is_told_and_what_was_typed_stays(admin: Visitor, world: World, app: Flask) -> None:
    admin.post("/admin/despachos/MDD/cambiar", data={"name": "Primera", "version": "1"})
    answer = admin.post("/admin/despachos/MDD/cambiar", data={"name": "Segunda", "version": "1"})
    page = text_of(answer)
    assert answer.status_code == 409 and "«Primera»" in page and 'value="Segunda"' in page
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert admin.post("/admin/despachos/MDD/cambiar", data={"name": "Segunda",
                                                            "version": version[1]}).status_code == 303
    assert row(app, Office, code="MDD")["name"] == "Segunda"


@pytest.mark.parametrize("data", [
    {"code": "../x", "name": "X"}, {"code": "", "name": ""}, {"code": "MDD", "name": "X"}, {"code": "X" * 300,
                                                                                            "name": "X"},
    {"code": "X1", "name": "X", "office_kind": "ZZZ"}, {"code": "X1", "name": "X", "agency": "999",
                                                        "office_kind": "FPP"}])
def test_a_refused_office_is_not_added(admin: Visitor, app: Flask, data: dict[str, str]) -> None:
    before = snapshot(app)
    answer = admin.post("/admin/despachos/agregar", data={"agency": "", "office_kind": "", **data})
    assert answer.status_code == 422 and "govuk-error-summary" in text_of(answer)
    assert snapshot(app) == before


def test_the_address_of_a_shelter_is_on_no_page(admin: Visitor, app: Flask, world: World) -> None:
    with app.app_context(), unit_of_work():
        agency = db.session.get_one(Agency, world.agencies["mimp"])
        agency.street = b"CANARIO-CALLE"
    for path in ("/admin/entidades", "/admin/entidades/MIMP", "/admin/entidades/MIMP/cambiar"):
        page = text_of(admin.get(path))
        assert "CANARIO" not in page and 'name="street"' not in page


def test_what_ended_is_listed_only_when_asked(admin: Visitor, world: World, app: Flask) -> None:
    with app.app_context(), unit_of_work():
        institutions.end(world.viewer("admin"), "office", "MIMP", "Fusión")
    assert "/admin/despachos/MIMP" not in text_of(admin.get("/admin/despachos"))
    assert "/admin/despachos/MIMP" in text_of(admin.get("/admin/despachos?terminadas=1"))
    assert "/terminar" not in text_of(admin.get("/admin/despachos/MIMP"))
    assert admin.get("/admin/despachos/MIMP/terminar").status_code == 404


# -- roles -----------------------------------------------------------------------------------------------------------

def test_every_capability_of_the_policy_has_its_words(app: Flask) -> None:
    with app.test_request_context():
        assert set(capability_words()) == set(POLICY)


@pytest.mark.parametrize(("capability", "role", "how_far"), [
    ("charge.open", "FISCAL", "all"), ("charge.amend", "ASISTENTE", "office"), ("charge.complete", "ASISTENTE", "no"),
    ("identity.reveal_adult", "FISCAL", "office"), ("identity.reveal_minor", "FISCAL", "team"), ("charge.list",
                                                                                                 "ADMIN", "no"),
    ("accounts.manage", "ADMIN", "all"), ("accounts.manage", "FISCAL", "no"), ("trail.read", "AUDITOR", "all"),
    ("charge.read", "ANALISTA", "no")])
def test_the_table_of_roles_says_what_the_policy_does(capability: str, role: str, how_far: str) -> None:
    assert reach(capability, role) == how_far


@pytest.mark.parametrize(("role", "held"), [
    ("ADMIN", {"session.own", "accounts.manage"}), ("AUDITOR", {"session.own", "trail.read"}),
    ("ANALISTA", {"session.own", "figures.read", "figures.export", "facts.export"})])
def test_a_role_that_sees_no_charge_is_told_of_nothing_that_is_done_to_one(role: str, held: set[str]) -> None:
    assert {name for name in POLICY if reach(name, role) != "no"} == held


def test_the_table_of_roles_has_all_roles(admin: Visitor) -> None:
    page = text_of(admin.get("/admin/roles"))
    assert all(term.label_es in page for term in codelist("user_role").values())
