"""The page of the desk: for each role its blocks, each number leading to a list of as many, each block failing alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sistra.codebook.dictionary import record
from sistra.db import db
from sistra.models.charges import Charge
from sistra.models.events import Deadline, Event
from sistra.rules.entries import LIMA, Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import drafts, kept_forms, tasks
from sistra.services.desk import changes, duties, received
from sistra.services.sharing import requests
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories import hand_over
from tests.factories.charges import amend_charge, open_charge
from tests.factories.rows import made
from tests.factories.sharing import offered, shared
from tests.factories.world import ONE_OF_EACH_ROLE, World
from tests.web.test_query_counts import counted

BLOCKS = {
    "fiscal.mdd": ["cifras", "plazos", "borradores", "derivaciones", "cambios", "tareas"],
    "asistente.mdd": ["cifras", "plazos", "borradores", "derivaciones", "cambios", "tareas"],
    "coordinadora": ["supervision", "derivaciones", "carga", "calidad"],
    "presidencia.mdd": ["supervision", "derivaciones", "carga", "calidad"],
    "agencia": ["compartidas", "reportes", "derivaciones", "cambios-compartidos", "por-vencer"],
    "victimas": ["compartidas", "atenciones", "reportes", "derivaciones", "cambios-compartidos", "por-vencer"],
    "analista": ["reportes", "descargas"],
    "auditora": ["bitacora"],
    "admin": ["usuarios"],
}
"""The blocks of each role, by hand, in the order of the page."""


def now(world: World, name: str, **more: Any) -> Any:
    return world.viewer(name, at=datetime.now(UTC) - timedelta(minutes=1), **more)


def text_of(client: Visitor, path: str = "/mesa") -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def blocks_of(text: str) -> list[str]:
    return re.findall(r'<h2 id="mesa-([a-z-]+)"', text)


def busy(app: Flask, world: World, many: int) -> str:
    """A charge with that many deadlines, drafts, kept forms, tasks, offers, referrals, requests and changes by others."""
    with app.app_context():
        viewer = now(world, "fiscal.mdd")
        number = open_charge(viewer)
        row = db.session.scalars(select(Charge).where(Charge.number == number)).one()
        for one in range(many):
            opener = made(
                Event, charge_id=row.id, number=one + 2, event_type="DEC-TES", occurred_on=PartialDate.of_day(viewer.today)
            )
            made(
                Deadline,
                charge_id=row.id,
                rule="DIP-ORD",
                opened_by_id=opener.id,
                due_on=viewer.today - timedelta(days=3),
                state="ABI",
            )
        row.next_due_on = viewer.today - timedelta(days=3)
        db.session.commit()
        with unit_of_work():
            drafts.keep(viewer, "charges.create", {"summary": ["x"]})
            for one in range(many):
                drafts.keep(viewer, "people.victim", {"sex": ["M"]}, number=number, thing_id=one)
                kept_forms.keep(
                    viewer.user_id, f"/denuncias/{number}/tareas/{one}/editar", {"a": ["b"]}, why="session", at=viewer.at
                )
                tasks.add(
                    viewer,
                    number,
                    Entry(
                        "task",
                        {
                            "title": f"Pedir informe {one}",
                            "assignee": viewer.user_id,
                            "due_on": viewer.today,
                            "priority": "URG",
                            "note": None,
                        },
                    ),
                )
        for one in range(min(many, 8)):
            other = open_charge(now(world, "fiscal.lim"))
            offered(world, other, "user:fiscal.mdd", by=now(world, "fiscal.lim"))
            hand_over.offered(world, other, "mdd", by=now(world, "fiscal.lim"))
            amend_charge(
                now(world, "fiscal2.mdd"),
                number,
                db.session.scalars(select(Charge.version).where(Charge.number == number)).one(),
                case_nickname=f"Caso {many} {one}",
            )
        shared(world, number, by=viewer, at=viewer.at)
        with unit_of_work():
            requests.ask(
                now(world, "agencia"),
                number,
                Entry(
                    "access_request",
                    {
                        "sections": ("DOC",),
                        "profile": "SID",
                        "purpose": "INV",
                        "legal_basis": None,
                        "until": None,
                        "reason": "Para ubicar",
                    },
                ),
            )
    return number


@pytest.mark.parametrize("name", ONE_OF_EACH_ROLE)
def test_each_role_finds_its_blocks_and_each_says_what_will_stand_there(
    world: World, sign_in: Callable[[str], Visitor], name: str
) -> None:
    text = text_of(sign_in(name))
    assert blocks_of(text) == BLOCKS[name]
    assert "No se pudo cargar" not in text
    assert text.count('class="s-empty"') == sum(
        block
        in (
            "plazos",
            "borradores",
            "derivaciones",
            "cambios",
            "tareas",
            "cambios-compartidos",
            "por-vencer",
            "descargas",
            "carga",
        )
        for block in BLOCKS[name]
    )


@pytest.mark.parametrize(
    "name", ["fiscal.mdd", "asistente.mdd", "coordinadora", "presidencia.mdd", "agencia", "victimas", "admin"]
)
def test_every_number_leads_to_a_list_of_as_many(app: Flask, world: World, sign_in: Callable[[str], Visitor], name: str) -> None:
    busy(app, world, 2)
    client = sign_in(name)
    with app.app_context():
        office = world.offices["mdd"]
    text = text_of(client, f"/mesa?despacho={office}")
    found = re.findall(r'href="([^"]+)"(?: class="[^"]*")?>(?:<b>)?(\d+)<', text) + re.findall(
        r'class="s-late" href="([^"]+)">(\d+)<', text
    )
    assert len(found) >= 2
    for url, number in found:
        listed = text_of(client, url)
        assert int(number) == how_many(listed, url), url


def how_many(text: str, url: str) -> int:
    """How many the list at an address says that it has."""
    if url.startswith("/derivaciones/"):
        return int(re.findall(r'aria-current="page">Recibidas <span>\((\d+)\)', text)[0])
    if url.startswith("/admin/"):
        return len(re.findall(r'<td class="s-table__key"', text))
    if "No hay denuncias" in text or "Ninguna denuncia" in text or "No hay agraviadas" in text:
        return 0
    counted_words = re.findall(r"<b>(\d+) (?:denuncia|fila)", text)
    return int(counted_words[0]) if counted_words else 0


def test_the_desk_of_a_prosecutor_costs_at_most_sixteen_statements_whatever_stands_on_it(
    app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    client, costs = sign_in("fiscal.mdd"), []
    for many in (1, 50):
        busy(app, world, many)
        client.get("/mesa")
        with counted(app) as found:
            assert "No se pudo cargar" not in text_of(client)
        costs.append(len(found))
    assert costs[0] == costs[1] <= 16, (costs, found)


@pytest.mark.parametrize(("name", "most"), [("coordinadora", 14), ("agencia", 14), ("victimas", 15)])
def test_the_desks_of_others_cost_the_same_whatever_stands_on_them(
    app: Flask, world: World, sign_in: Callable[[str], Visitor], name: str, most: int
) -> None:
    client, costs = sign_in(name), []
    for many in (1, 20):
        busy(app, world, many)
        client.get("/mesa")
        with counted(app) as found:
            text_of(client)
        costs.append(len(found))
    assert costs[0] == costs[1] <= most, (costs, found)


@pytest.mark.parametrize(
    ("module", "question", "block"),
    [
        (duties, "deadlines", "plazos"),
        (changes, "of_own", "cambios"),
        (received, "referrals", "derivaciones"),
        (duties, "tasks", "tareas"),
    ],
)
def test_a_block_fails_alone(
    app: Flask,
    world: World,
    sign_in: Callable[[str], Visitor],
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    question: str,
    block: str,
) -> None:
    busy(app, world, 1)

    def broken(viewer: Any) -> None:
        db.session.execute(select(db.text("no_such_column")).select_from(Charge))

    monkeypatch.setattr(module, question, broken)
    text = text_of(sign_in("fiscal.mdd"))
    assert blocks_of(text) == BLOCKS["fiscal.mdd"]
    failed = re.findall(
        r'<h2 id="mesa-([a-z-]+)"[^>]*>[^<]*</h2>\s*'
        r'<p class="s-failed" role="alert">No se pudo cargar. <a href="/mesa">Reintentar',
        text,
    )
    assert failed == [block]


def test_what_fails_on_the_desk_writes_no_value_into_the_log(
    app: Flask, sign_in: Callable[[str], Visitor], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(viewer: Any) -> None:
        raise ValueError("Canarioqzx")

    monkeypatch.setattr(duties, "tasks", broken)
    text_of(sign_in("fiscal.mdd"))
    assert "ValueError" in caplog.text and "Canarioqzx" not in caplog.text


def test_overdue_is_said_in_words(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    number = busy(app, world, 1)
    text = text_of(sign_in("fiscal.mdd"))
    assert "venció hace 3 días" in text and f'href="/denuncias/{number}"' in text


@pytest.mark.parametrize(("action", "fields"), [("grant.accepted", ""), ("measure.amended", "Estado")])
def test_an_act_that_says_which_state_began_does_not_name_the_field(app: Flask, action: str, fields: str) -> None:
    from sistra.web.home.words import changed

    state, at = record("grant").fields["state"], datetime(2026, 3, 27, tzinfo=UTC)
    one = changes.Changed(1, "SIS-2026-MDD-00001", action, [state], "", at)
    with app.test_request_context("/mesa", headers={"Accept-Language": "es"}):
        assert changed(one)["fields"] == fields


@pytest.mark.parametrize(
    ("days", "words"),
    [(-1, "venció hace 1 día"), (-3, "venció hace 3 días"), (0, "vence hoy"), (1, "vence en 1 día"), (5, "vence en 5 días")],
)
def test_a_day_is_told_by_how_far_off_it_is(app: Flask, days: int, words: str) -> None:
    from sistra.web.home.words import when_due

    today = datetime(2026, 3, 27, tzinfo=LIMA).date()
    with app.test_request_context("/mesa", headers={"Accept-Language": "es"}):
        assert when_due(today + timedelta(days=days), today) == words


def test_an_offer_is_accepted_from_the_desk(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    with app.app_context():
        number = open_charge(now(world, "fiscal.mdd"))
        offered(world, number, by=now(world, "fiscal.mdd"))
    client = sign_in("agencia")
    accept = re.findall(r'action="(/derivaciones/\d+/aceptar)"', text_of(client))
    assert len(accept) == 1
    assert client.post(accept[0]).location == f"/denuncias/{number}"


def test_who_has_no_drafts_finds_only_what_is_kept_for_them(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    client = sign_in("admin")
    assert "sin-enviar" not in blocks_of(text_of(client))
    with app.app_context(), unit_of_work():
        kept_forms.keep(world.users["admin"], "/admin/usuarios/nuevo", {"username": ["x"]}, why="session", at=datetime.now(UTC))
    text = text_of(client)
    assert blocks_of(text) == ["sin-enviar", "usuarios"] and 'href="/admin/usuarios/nuevo">Formulario sin enviar' in text


def test_reading_a_desk_is_on_the_trail(app: Flask, world: World, sign_in: Callable[[str], Visitor]) -> None:
    from sistra.models.audit import TrailEntry

    busy(app, world, 1)
    text_of(sign_in("fiscal.mdd"))
    with app.app_context():
        (detail,) = db.session.scalars(select(TrailEntry.detail).where(TrailEntry.action == "desk.read"))
        numbers = set(db.session.scalars(select(Charge.number).where(Charge.id.in_(detail["charges"]))))
    assert len(numbers) == 2


def test_a_desk_tells_of_changes_what_who_and_when_and_no_value(
    app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    number = busy(app, world, 2)
    text = text_of(sign_in("fiscal.mdd"))
    cell = text[text.index('id="mesa-cambios"') : text.index('id="mesa-tareas"')]
    assert number in cell and "Denuncia modificada" in cell and "Persona fiscal2.mdd" in cell and "Caso 2" not in text


def test_the_list_of_a_person_and_of_an_office_names_them_and_lets_go_of_them(
    app: Flask, world: World, sign_in: Callable[[str], Visitor]
) -> None:
    with app.app_context():
        open_charge(now(world, "fiscal.mdd"))
    address = f"/denuncias/?responsable={world.users['fiscal.mdd']}&despacho={world.offices['mdd']}"
    text = text_of(sign_in("coordinadora"), address)
    assert "Responsable: Persona fiscal.mdd" in text and "Despacho: Despacho mdd" in text
    assert f'href="/denuncias/?despacho={world.offices["mdd"]}"' in text
    unseen = text_of(sign_in("fiscal.lim"), address)
    assert "Responsable: –" in unseen and "Persona fiscal.mdd" not in unseen
    exported = text_of(sign_in("coordinadora"), address.replace("/denuncias/", "/denuncias/exportar"))
    assert "Persona fiscal.mdd" in exported
