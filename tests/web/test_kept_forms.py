"""A form that comes when it cannot be taken is kept for who typed it, and its page shows it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from sistra.db import db
from sistra.models.accounts import SignInSession, User
from sistra.models.charges import RouteLeg, SavedForm
from sistra.rules.entries import Entry
from sistra.services import kept_forms, signin
from sistra.services import people as people_desk
from sistra.services.unit import Busy, Stale, unit_of_work
from tests.conftest import Clock, Visitor, signed_in, visitor
from tests.factories.charges import open_charge
from tests.factories.rows import AT
from tests.factories.world import World

TYPED = "Camino de la Zarza, tramo de prueba"
NOTICE = "lo que escribió sigue aquí. Revise y envíe de nuevo."


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        return open_charge(world.viewer("fiscal.mdd"))


@pytest.fixture
def people(app: Flask, world: World, number: str) -> str:
    """A charge with one of each."""
    with app.app_context():
        who = world.viewer("fiscal.mdd")
        with unit_of_work():
            people_desk.add_victim(who, number, Entry("victim", {"sex": "M"}))
            people_desk.add_accused(who, number, Entry("accused", {"identified": False}))
    return number


@pytest.fixture
def leg(number: str) -> str:
    return f"/denuncias/{number}/ruta/nuevo"


def token_of(client: Visitor) -> str:
    cookie = client.get_cookie("sistra")
    assert cookie is not None
    return str(cookie.value)


def entered_again(app: Flask, client: Visitor, username: str, ahead: timedelta) -> Visitor:
    """The same browser with a new session, begun at the door's hour."""
    client.set_cookie(*signed_in(app, username))
    with app.app_context(), unit_of_work():
        db.session.execute(
            update(SignInSession)
            .where(SignInSession.token_hash == db.keyring.token_hash(token_of(client)))
            .values(
                created_at=datetime.now(tz=AT.tzinfo) + ahead,
                seen_at=datetime.now(tz=AT.tzinfo) + ahead,
                stepped_up_at=datetime.now(tz=AT.tzinfo) + ahead,
            )
        )
    return client


def rows(app: Flask) -> list[SavedForm]:
    with app.app_context():
        return list(db.session.scalars(select(SavedForm)))


def shown(page: str, box: str) -> bool:
    """Whether the box of that name holds what was typed."""
    return bool(
        re.search(
            f'name="{box}"[^>]*value="{TYPED}"|value="{TYPED}"[^>]*name="{box}"|name="{box}"[^>]*>\\s*{TYPED}</textarea>', page
        )
    )


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


@pytest.fixture
def lapse(app: Flask, sign_in: Callable[[str], Visitor], clock: type[Clock]) -> Callable[..., Any]:
    """`lapse(path, data)`: fiscal.mdd posts after time has ended the session. Gives the visitor and the answer."""

    def posted(path: str, data: dict[str, Any], idle: timedelta = timedelta(minutes=31)) -> tuple[Visitor, Any]:
        client = sign_in("fiscal.mdd")
        clock.ahead = idle
        return client, client.post(path, data=data)

    return posted


# -- a session that time has ended -------------------------------------------------------------------------------------


def test_the_page_shows_again_what_was_typed_before_the_session_ended(
    app: Flask, leg: str, lapse: Callable[..., Any], clock: type[Clock]
) -> None:
    client, answer = lapse(leg, {"locality": TYPED, "act": "guardar"})
    assert answer.location == f"/entrar?next={leg}"
    assert "lo que escribió se conserva" in text_of(client.get(answer.location))
    page = text_of(entered_again(app, client, "fiscal.mdd", clock.ahead).get(leg))
    assert f"Su sesión terminó; {NOTICE}" in page and TYPED in page


def test_it_is_there_until_the_form_is_taken(
    app: Flask, number: str, leg: str, lapse: Callable[..., Any], clock: type[Clock]
) -> None:
    client, _answer = lapse(leg, {"locality": TYPED})
    client = entered_again(app, client, "fiscal.mdd", clock.ahead)
    assert TYPED in text_of(client.get(leg)) and TYPED in text_of(client.get(leg))
    refused = client.post(leg, data={"locality": TYPED, "arrived_on": "31/2/2026"})
    assert refused.status_code == 422 and len(rows(app)) == 1
    assert client.post(leg, data={"locality": TYPED, "country": "PE", "point": "TRA"}).status_code == 302
    assert rows(app) == [] and NOTICE not in text_of(client.get(leg))


def test_nobody_else_is_shown_it(app: Flask, leg: str, lapse: Callable[..., Any], clock: type[Clock]) -> None:
    client, _answer = lapse(leg, {"locality": TYPED})
    assert TYPED not in text_of(entered_again(app, client, "fiscal2.mdd", clock.ahead).get(leg))


def test_it_is_kept_encrypted_and_without_tokens_or_buttons(
    app: Flask, world: World, leg: str, lapse: Callable[..., Any]
) -> None:
    lapse(leg, {"locality": TYPED, "csrf_token": "t", "once": "o", "act": "guardar"})
    [row] = rows(app)
    assert TYPED.encode() not in row.payload and leg not in row.form
    with app.app_context():
        found = kept_forms.find(world.users["fiscal.mdd"], leg, at=row.saved_at)
    assert found is not None and found.texts == {"locality": [TYPED]}


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("agraviadas/nueva", "surname_paternal"),
        ("imputados/nuevo", "surname_paternal"),
        ("editar/hechos", "narrative"),
        ("agraviadas/A-1/captaciones/nueva", "description"),
        ("agraviadas/A-1/retirar", "reason"),
        ("imputaciones/nueva", "description"),
        ("medidas/nueva?clase=COE", "note"),
        ("actuaciones/nueva/DIP-URG", "occurred_on"),
        ("expedientes/nuevo", "docket_number"),
        ("documentos/nuevo", "title"),
        ("pdf", "reason_text"),
        ("identidades", "reason_text"),
        ("reserva", "reason"),
        ("ruta/nuevo", "description"),
    ],
)
def test_forms_of_every_kind_are_shown_again(
    app: Flask, people: str, lapse: Callable[..., Any], clock: type[Clock], address: str, box: str
) -> None:
    path = f"/denuncias/{people}/{address}"
    client, answer = lapse(path, {box: TYPED})
    assert answer.location.startswith("/entrar?next=")
    client = entered_again(app, client, "fiscal.mdd", clock.ahead)
    page = text_of(client.get(path))
    assert NOTICE in page and shown(page, box)


@pytest.mark.parametrize(
    ("user", "path", "box"),
    [
        ("fiscal.mdd", "/denuncias/nueva", "summary"),
        ("fiscal.mdd", "/expedientes/nuevo", "docket_number"),
        ("fiscal.mdd", "/buscar/personas/", "names"),
        ("admin", "/admin/usuarios/nuevo", "full_name"),
        ("admin", "/admin/usuarios/fiscal.mdd/suspender", "reason"),
        ("admin", "/admin/despachos/agregar", "name"),
    ],
)
def test_forms_of_no_charge_are_shown_again(
    app: Flask, sign_in: Callable[[str], Visitor], clock: type[Clock], user: str, path: str, box: str
) -> None:
    client = sign_in(user)
    clock.ahead = timedelta(minutes=31)
    client.post(path, data={box: TYPED})
    page = text_of(entered_again(app, client, user, clock.ahead).get(path))
    assert NOTICE in page and shown(page, box)


def test_the_version_it_was_about_comes_back_with_it(
    app: Flask, number: str, lapse: Callable[..., Any], clock: type[Clock]
) -> None:
    path = f"/denuncias/{number}/editar/hechos"
    client, _answer = lapse(path, {"version": "77", "narrative": TYPED})
    page = text_of(entered_again(app, client, "fiscal.mdd", clock.ahead).get(path))
    assert re.search(r'name="version" value="77"', page)


def test_twelve_hours_of_use_end_a_session_whose_form_is_kept(app: Flask, leg: str, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    with app.app_context(), unit_of_work():
        now = datetime.now(tz=AT.tzinfo)
        db.session.execute(update(SignInSession).values(created_at=now - timedelta(hours=13), seen_at=now))
    client.post(leg, data={"locality": TYPED})
    assert len(rows(app)) == 1


@pytest.mark.parametrize("ended", ["signed out", "suspended", "factor", "week"])
def test_a_session_that_time_did_not_end_keeps_nothing(
    app: Flask, leg: str, sign_in: Callable[[str], Visitor], clock: type[Clock], ended: str
) -> None:
    client = sign_in("fiscal.mdd")
    with app.app_context(), unit_of_work():
        now = datetime.now(tz=AT.tzinfo)
        match ended:
            case "signed out":
                db.session.execute(update(SignInSession).values(ended_at=now))
            case "suspended":
                db.session.execute(update(User).where(User.username == "fiscal.mdd").values(valid_to=datetime(2020, 1, 1)))
            case "factor":
                db.session.execute(update(SignInSession).values(passed_second_factor=False))
    clock.ahead = timedelta(days=8) if ended == "week" else timedelta(minutes=31)
    assert client.post(leg, data={"locality": TYPED}).location == f"/entrar?next={leg}"
    assert rows(app) == []


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/perfil/contrasena", {"present": "secreta", "password": "otra"}),
        ("/confirmar-contrasena", {"password": "secreta"}),
        ("/buscar/", {"q": "x"}),
        ("/salir", {"x": "y"}),
        ("/borradores/descartar", {"form": "charges.create"}),
    ],
)
def test_passwords_and_what_has_no_page_are_never_kept(
    app: Flask, lapse: Callable[..., Any], path: str, data: dict[str, str]
) -> None:
    lapse(path, data)
    assert rows(app) == []


def test_the_way_back_from_an_address_that_only_takes_is_the_page_it_came_from(
    app: Flask, lapse: Callable[..., Any], sign_in: Callable[[str], Visitor], clock: type[Clock], leg: str
) -> None:
    client = sign_in("fiscal.mdd")
    clock.ahead = timedelta(minutes=31)
    path = "/borradores/guardar/charges.create"
    here = client.post(path, data={"summary": "x"}, headers={"Referer": "http://localhost/denuncias/nueva"})
    away = client.post(path, data={"summary": "x"}, headers={"Referer": "http://otro.pe/denuncias/nueva"})
    assert (here.location, away.location) == ("/entrar?next=/denuncias/nueva", "/entrar")
    assert len(rows(app)) == 1


def test_a_draft_saved_afterwards_takes_its_place(app: Flask, lapse: Callable[..., Any], clock: type[Clock]) -> None:
    client, _answer = lapse("/denuncias/nueva", {"summary": "uno"})
    client = entered_again(app, client, "fiscal.mdd", clock.ahead)
    client.post(
        "/borradores/guardar/charges.create", data={"summary": "dos"}, headers={"Referer": "http://localhost/denuncias/nueva"}
    )
    page = text_of(client.get("/denuncias/nueva"))
    assert "dos</textarea>" in page and NOTICE not in page


def test_it_is_let_go_at_its_author_s_word(app: Flask, leg: str, lapse: Callable[..., Any], clock: type[Clock]) -> None:
    client, _answer = lapse(leg, {"locality": TYPED})
    client = entered_again(app, client, "fiscal.mdd", clock.ahead)
    answer = client.post("/borradores/pagina/descartar", data={"pagina": leg})
    assert answer.location == leg and rows(app) == [] and TYPED not in text_of(client.get(leg))


@pytest.mark.parametrize(
    "page", ["//otro.pe/", "https://otro.pe/denuncias/nueva", "/entrar", "/perfil/contrasena", "/denuncias/", "", "x"]
)
def test_letting_go_leads_nowhere_else(sign_in: Callable[[str], Visitor], page: str) -> None:
    assert sign_in("fiscal.mdd").post("/borradores/pagina/descartar", data={"pagina": page}).location == "/"


def test_a_kept_form_is_not_among_the_drafts(
    sign_in: Callable[[str], Visitor], app: Flask, leg: str, lapse: Callable[..., Any], clock: type[Clock]
) -> None:
    client, _answer = lapse(leg, {"locality": TYPED})
    assert (
        "No tiene borradores" in (page := text_of(entered_again(app, client, "fiscal.mdd", clock.ahead).get("/borradores/")))
        or leg not in page
    )


# -- the password asked again, another session, Ctrl+S -----------------------------------------------------------------


def test_the_password_asked_again_loses_nothing(
    app: Flask, number: str, sign_in: Callable[[str], Visitor], clock: type[Clock]
) -> None:
    path, client = f"/denuncias/{number}/reserva", sign_in("fiscal.mdd")
    clock.ahead = timedelta(minutes=11)
    assert client.post(path, data={"reason": TYPED}).location == f"/confirmar-contrasena?next={path}"
    with app.app_context(), unit_of_work():
        db.session.execute(update(SignInSession).values(stepped_up_at=datetime.now(tz=AT.tzinfo) + clock.ahead))
    page = text_of(client.get(path))
    assert TYPED in page and f"L{NOTICE[1:]}" in page


def with_tokens(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


@pytest.mark.parametrize(("headers", "kept"), [({"Origin": "http://localhost"}, 1), ({"Origin": "http://otro.pe"}, 0), ({}, 0)])
def test_a_form_of_another_session_is_not_carried_out_and_kept_only_when_our_own_page_sent_it(
    app: Flask, leg: str, sign_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch, headers: dict[str, str], kept: int
) -> None:
    client = sign_in("fiscal.mdd")
    with_tokens(app, monkeypatch)
    answer = client.post(leg, data={"locality": TYPED, "country": "PE", "point": "TRA", "csrf_token": "de otra"}, headers=headers)
    assert answer.status_code == 400 and len(rows(app)) == kept
    assert ("Lo que escribió se conserva" in text_of(answer)) == bool(kept) == (f'href="{leg}"' in text_of(answer))
    with app.app_context():
        assert db.session.scalars(select(RouteLeg)).all() == []
    assert (TYPED in text_of(client.get(leg))) == bool(kept)


def test_a_form_without_draft_is_kept_on_request(app: Flask, leg: str, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("fiscal.mdd")
    answer = client.post("/borradores/pagina", query_string={"pagina": leg}, data={"locality": TYPED})
    assert re.fullmatch(r"\d\d:\d\d", answer.json["saved_at"])
    page = text_of(client.get(leg))
    assert TYPED in page and "Continúa lo que guardó el" in page


@pytest.mark.parametrize(
    ("page", "data", "status"),
    [
        ("/perfil/contrasena", {"present": "x"}, 400),
        ("//otro.pe/", {"a": "x"}, 400),
        ("/denuncias/nueva", {"csrf_token": "x"}, 400),
        ("/denuncias/nueva", {"summary": "x" * 450_000}, 413),
    ],
)
def test_what_cannot_be_kept_is_refused(
    app: Flask, sign_in: Callable[[str], Visitor], page: str, data: dict[str, str], status: int
) -> None:
    assert sign_in("fiscal.mdd").post("/borradores/pagina", query_string={"pagina": page}, data=data).status_code == status
    assert rows(app) == []


# -- what fails by chance ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "status"), [(Busy, 503), (Stale, 409), (ZeroDivisionError, 500)])
def test_a_form_that_failed_by_chance_can_be_sent_again_from_the_page_of_the_error(
    app: Flask, leg: str, sign_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int
) -> None:
    from sistra.services import routes

    client, real = sign_in("fiscal.mdd"), routes.add_leg

    def fails(*args: Any) -> None:
        raise error

    monkeypatch.setattr(routes, "add_leg", fails)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.post(leg, data={"locality": 'a "b" <c>', "country": "PE", "point": "TRA", "act": "guardar"})
    page = text_of(answer)
    assert answer.status_code == status and "Enviar otra vez" in page and "Vuelva atrás" not in page
    monkeypatch.setattr(routes, "add_leg", real)
    fields = dict(re.findall(r'name="(locality|country|point|act)" value="([^"]*)"', page))
    assert f'action="{leg}"' in page and fields == {
        "locality": "a &#34;b&#34; &lt;c&gt;",
        "country": "PE",
        "point": "TRA",
        "act": "guardar",
    }


def test_an_error_of_a_password_form_carries_nothing(
    sign_in: Callable[[str], Visitor], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any) -> None:
        raise Busy

    monkeypatch.setattr(signin, "change_password", fails)
    data = {"present": "s3creta", "password": "n", "repeated": "n"}
    page = text_of(sign_in("fiscal.mdd").post("/perfil/contrasena", data=data))
    assert "s3creta" not in page and "Enviar otra vez" not in page


# -- the desk ----------------------------------------------------------------------------------------------------------


def test_a_person_s_oldest_gives_way_to_the_newest(session: Any, world: World) -> None:
    who = world.users["fiscal.mdd"]
    with unit_of_work():
        for one in range(kept_forms.MOST + 3):
            kept_forms.keep(who, f"/denuncias/{one}", {"a": ["b"]}, why="session", at=AT + timedelta(minutes=one))
    held = [one for one in range(kept_forms.MOST + 3) if kept_forms.holds(who, f"/denuncias/{one}")]
    assert held == list(range(3, kept_forms.MOST + 3))


def test_after_a_week_it_is_not_shown(session: Any, world: World) -> None:
    who = world.users["fiscal.mdd"]
    with unit_of_work():
        kept_forms.keep(who, "/x", {"a": ["b"]}, why="session", at=AT)
    assert kept_forms.find(who, "/x", at=AT + kept_forms.LASTS) is not None
    assert kept_forms.find(who, "/x", at=AT + kept_forms.LASTS + timedelta(seconds=1)) is None


def test_a_new_browser_without_the_session_s_cookie_keeps_nothing(app: Flask, leg: str) -> None:
    visitor(app).post(leg, data={"locality": TYPED})
    assert rows(app) == []


@pytest.mark.parametrize("page", [
    "/denuncias/a%0d%0aSet-Cookie:x=1/ruta/nuevo", "//evil.example/denuncias/nueva", "/%2fevil.example/denuncias/nueva"])
def test_what_is_no_page_of_the_site_leads_home(sign_in: Callable[[str], Visitor], page: str) -> None:
    answer = sign_in("fiscal.mdd").post("/borradores/pagina/descartar", data={"pagina": page})
    assert (answer.status_code, answer.location) == (302, "/")
