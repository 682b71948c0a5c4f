"""Pages of services for victims, of contributed acts and of tasks, as prosecutors, agencies and the victims' unit use them."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from sistra.db import db
from sistra.models.events import Event
from sistra.models.people import Victim
from sistra.models.services import Service
from sistra.models.tasks import Task
from tests.conftest import Visitor
from tests.factories.assistance import a_service
from tests.factories.charges import open_charge
from tests.factories.people import victim_in
from tests.factories.sharing import shared
from tests.factories.world import World
from tests.web.test_query_counts import counted

SignIn = Callable[[str], Visitor]


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context():
        fiscal = world.viewer("fiscal.mdd", at=datetime.now(UTC))
        made = open_charge(fiscal, received_on="ayer")
        for _ in range(2):
            victim_in(fiscal, made, {"given_names": "Canaria"}, sex="M", age_at_facts=24)
    return made


def grant(app: Flask, world: World, number: str, to: str = "pnp", by: str = "agencia", **values: Any) -> None:
    with app.app_context():
        now = datetime.now(UTC)
        shared(world, number, to, accepted_by=by, by=world.viewer("fiscal.mdd", at=now), at=now,
               **{"valid_until": date(now.year + 1, 1, 1)} | values)


def service(app: Flask, world: World, number: str, code: str = "A-1", name: str = "fiscal.mdd", **values: Any) -> int:
    with app.app_context():
        return a_service(world.viewer(name, at=datetime.now(UTC)), number, code, **values)


def scalars(app: Flask, query: Any) -> list[Any]:
    with app.app_context():
        return list(db.session.scalars(query))


def menu(page: Any) -> list[str]:
    return re.findall(r'<a href="([^"]+)"', page.text[page.text.index("<header"):page.text.index("</header>")])


# -- services of a charge -----------------------------------------------------------------------------------------------

def test_a_service_is_added_from_the_page_of_its_victim(app: Flask, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    assert f'href="/denuncias/{number}/atenciones/nueva?persona=A-2"' in client.get(f"/denuncias/{number}/agraviadas/A-2").text
    form = client.get(f"/denuncias/{number}/atenciones/nueva?persona=A-2").text
    (key,) = scalars(app, select(Victim.id).where(Victim.code == "A-2"))
    assert re.search(rf'value="{key}" (checked|selected)', form) and 'value="REH"' in form
    assert not re.search(r'name="service_type"[^>]*value="REH"|<option value="REH">Rechazada por la víctima', form)
    answer = client.post(f"/denuncias/{number}/atenciones/nueva", data={
        "victim": str(key), "service_type": "ALO", "status": "DER", "referred_on": "hoy",
        "location": "Jirón Secreto 1", "once": "x"})
    (row,) = scalars(app, select(Service))
    assert answer.location == f"/denuncias/{number}/atenciones/{row.id}"
    page = client.get(f"/denuncias/{number}/agraviadas/A-2").text
    assert "Alojamiento temporal" in page and "Derivada al prestador" in page and "Jirón Secreto 1" not in page
    assert "Jirón Secreto 1" in client.get(answer.location).text
    assert "Jirón Secreto 1" not in sign_in("fiscal2.mdd").get(answer.location).text


def test_a_refused_service_says_where_and_keeps_what_was_typed(app: Flask, number: str, sign_in: SignIn) -> None:
    (key, *_) = scalars(app, select(Victim.id))
    answer = sign_in("fiscal.mdd").post(f"/denuncias/{number}/atenciones/nueva", data={
        "victim": str(key), "service_type": "ALO", "status": "REH", "result": "No quiso ir", "once": "x"})
    assert answer.status_code == 422 and "Indique por qué la rechazó" in answer.text and "No quiso ir" in answer.text
    assert sign_in("fiscal.mdd").post(f"/denuncias/{number}/atenciones/nueva", data={
        "service_type": "ALO", "status": "SOL", "once": "y"}).status_code == 422
    assert scalars(app, select(Service)) == []


def test_a_service_is_changed_and_withdrawn_with_a_reason(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    key, client = service(app, world, number), sign_in("fiscal.mdd")
    page = f"/denuncias/{number}/atenciones/{key}"
    assert client.post(f"{page}/editar", data={"status": "DER", "version": "1"}).location == page
    assert client.post(f"{page}/editar", data={"status": "ACE", "version": "2"}).status_code == 302
    refused = client.post(f"{page}/retirar", data={"end_reason": ""})
    assert refused.status_code == 422 and "Escriba el motivo" in refused.text
    assert client.post(f"{page}/retirar", data={"end_reason": "Duplicada"}).location == f"/denuncias/{number}/atenciones"
    assert client.get(page).status_code == 404


def test_two_edits_of_one_answer_meet_on_a_page_with_both(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    key = service(app, world, number)
    page = f"/denuncias/{number}/atenciones/{key}/editar"
    assert sign_in("fiscal.mdd").post(page, data={"status": "DER", "version": "1"}).status_code == 302
    met = sign_in("fiscal2.mdd").post(page, data={"status": "ACE", "version": "1"})
    assert met.status_code == 409 and "Derivada al prestador" in met.text and "Aceptada por la persona" in met.text


def test_the_folder_counts_services_for_who_may_read_them(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    service(app, world, number)
    assert "Atenciones <span>(1)</span>" in sign_in("fiscal.mdd").get(f"/denuncias/{number}").text
    grant(app, world, number, sections=("AGR",))
    page = sign_in("agencia").get(f"/denuncias/{number}").text
    assert f"/denuncias/{number}/atenciones" not in page
    assert sign_in("agencia").get(f"/denuncias/{number}/atenciones").status_code == 403


def test_an_agency_opens_only_its_own_services_for_change(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    theirs = service(app, world, number, provider=world.agencies["mimp"])
    grant(app, world, number, sections=("AGR", "ATE"), permission="APO")
    own = service(app, world, number, name="agencia", service_type="TRA")
    client = sign_in("agencia")
    assert [client.get(f"/denuncias/{number}/atenciones/{key}").status_code for key in (theirs, own)] == [200, 200]
    for path, data in (("editar", {"status": "CUR"}), ("retirar", {"end_reason": "Error"})):
        assert [client.get(f"/denuncias/{number}/atenciones/{key}/{path}").status_code for key in (theirs, own)] == [404, 200]
        assert client.post(f"/denuncias/{number}/atenciones/{theirs}/{path}", data=data).status_code == 404
    assert "Aportada por Policía Nacional" in sign_in("fiscal.mdd").get(f"/denuncias/{number}/atenciones").text
    assert "Agregar atención" in client.get(f"/denuncias/{number}/agraviadas/A-1").text


def test_services_cost_the_same_for_one_and_for_many(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    costs: dict[str, list[int]] = {}
    client = sign_in("fiscal.mdd")
    for many in (1, 12):
        for _ in range(many):
            service(app, world, number, provider=world.agencies["mimp"])
        for path in (f"/denuncias/{number}/atenciones", "/atenciones/"):
            client.get(path)
            with counted(app) as found:
                assert client.get(path).status_code == 200
            costs.setdefault(path, []).append(len(found))
    assert all(first == second <= 19 for first, second in costs.values()), costs


# -- the list over all charges ------------------------------------------------------------------------------------------

def test_the_unit_for_victims_has_its_list_and_filters_it(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    service(app, world, number, status="CUR", provider=world.agencies["mimp"], planned_end_on=date(2020, 1, 1))
    client = sign_in("victimas")
    empty = client.get("/atenciones/")
    assert "Aquí aparecerán, por código" in empty.text and "/atenciones/" in menu(empty)
    grant(app, world, number, "user:victimas", "victimas", sections=("AGR", "ATE"))
    page = client.get("/atenciones/").text
    assert f"{number}/A-1" in page and f"{number}/A-2" in page and "Sin ninguna atención" in page and "Vencido" in page
    assert "Canaria" not in page
    late = client.get("/atenciones/?situacion=vencida").text
    assert f"{number}/A-1" in late and f"{number}/A-2" not in late
    none = client.get("/atenciones/?estado=CON").text
    assert "Ninguna atención reúne todos los filtros elegidos" in none
    assert client.get(f"/denuncias/{number}/atenciones/nueva?persona=A-2").status_code == 200


@pytest.mark.parametrize("path", ["/atenciones/?tras=x", "/atenciones/?antes=1~2", "/atenciones/?tras=9~9~" + "9" * 40,
                                  "/atenciones/?estado=NADA&situacion=%00", "/atenciones/?tras=1~1~1&antes=2~2~2"])
def test_a_strange_address_of_the_list_is_a_page(number: str, sign_in: SignIn, path: str) -> None:
    assert sign_in("victimas").get(path).status_code == 200


def test_an_agency_has_the_list_in_its_menu_once_some_services_are_open_to_it(
        app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    assert "/atenciones/" not in menu(sign_in("agencia").get("/denuncias/"))
    grant(app, world, number, sections=("AGR",))
    assert "/atenciones/" not in menu(sign_in("agencia").get("/denuncias/"))
    grant(app, world, number, "user:agencia", sections=("ATE",))
    assert "/atenciones/" in menu(sign_in("agencia").get("/denuncias/"))
    assert "/atenciones/" not in menu(sign_in("fiscal.mdd").get("/denuncias/"))


# -- contributed acts ---------------------------------------------------------------------------------------------------

def test_a_recipient_contributes_an_act_from_its_page(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    grant(app, world, number, sections=("AGR", "ACT"), permission="APO")
    client, base = sign_in("agencia"), f"/denuncias/{number}/actuaciones"
    assert "Aportar actuación" in client.get(f"/denuncias/{number}").text
    choosing = client.get(f"{base}/nueva").text
    assert f"{base}/nueva/NOT-IPO" in choosing and f"{base}/nueva/DIP-INI" not in choosing
    form = client.get(f"{base}/nueva/OPE-RES").text
    assert 'name="attachment"' not in form and "A-1" in form
    assert client.get(f"{base}/nueva/DIP-INI").status_code == 403
    assert client.post(f"{base}/nueva/DIP-INI", data={"occurred_on": "hoy"}).status_code == 403
    answer = client.post(f"{base}/nueva/NOT-IPO", data={"occurred_on": "hoy", "note": "Parte 12", "once": "x"})
    (event,) = scalars(app, select(Event).where(Event.event_type == "NOT-IPO"))
    assert answer.location == f"{base}/{event.id}" and event.origin == "APO"
    assert "Corregir" in client.get(answer.location).text and "Dejar sin efecto" not in client.get(answer.location).text
    assert client.post(f"{base}/{event.id}/corregir", data={"note": "Parte 13", "version": "1"}).location == answer.location
    assert client.get(f"{base}/{event.id}/dejar-sin-efecto").status_code == 403
    assert "Aportada por Policía Nacional" in sign_in("fiscal.mdd").get(base).text
    first = next(one for one in scalars(app, select(Event).where(Event.event_type == "NOT-REC")))
    assert client.get(f"{base}/{first.id}/corregir").status_code == 404


def test_who_only_reads_is_not_offered_to_contribute(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    grant(app, world, number, sections=("ACT",))
    client = sign_in("agencia")
    assert "Aportar actuación" not in client.get(f"/denuncias/{number}").text
    assert client.get(f"/denuncias/{number}/actuaciones/nueva").status_code == 403


# -- tasks --------------------------------------------------------------------------------------------------------------

def test_a_task_is_added_from_a_charge_and_done_from_ones_own_list(
        app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    fiscal, assistant = sign_in("fiscal.mdd"), sign_in("asistente.mdd")
    assert "Ninguna tarea pendiente" in fiscal.get(f"/denuncias/{number}").text
    answer = fiscal.post(f"/denuncias/{number}/tareas/nueva", data={
        "title": "Pedir el parte", "assignee": str(world.users["asistente.mdd"]), "due_on": "hoy",
        "priority": "URG", "note": "Oficio 3", "once": "x"})
    assert answer.location == f"/denuncias/{number}/tareas"
    assert "1 tarea pendiente." in fiscal.get(f"/denuncias/{number}").text
    (key,) = scalars(app, select(Task.id))
    assert "Pedir el parte" in assistant.get("/tareas/").text and "Pedir el parte" not in fiscal.get("/tareas/").text
    assert "Oficio 3" in assistant.get(f"/denuncias/{number}/tareas/{key}").text
    assert "Oficio 3" not in assistant.get("/tareas/").text
    assert assistant.post(f"/denuncias/{number}/tareas/{key}/hecha", data={"de": "mias"}).location == "/tareas/"
    assert "Pedir el parte" in assistant.get("/tareas/?pestana=hechas").text
    assert "ya no está pendiente" in fiscal.post(f"/denuncias/{number}/tareas/{key}/hecha", follow_redirects=True).text


def test_a_task_starts_from_what_an_act_leaves_to_be_done(app: Flask, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    page = client.post(f"/denuncias/{number}/actuaciones/nueva/OFI-SOL", data={"occurred_on": "hoy", "once": "x"}).location
    link = re.search(r'href="([^"]+/tareas/nueva\?actuacion=\d+)"', client.get(page).text)
    assert link
    form = client.get(link[1]).text
    assert 'value="Verificar la respuesta"' in form
    act = link[1].rpartition("=")[2]
    assert f'name="from_event" value="{act}"' in form
    (own,) = re.findall(r'name="assignee" type="radio" value="(\d+)" checked', form)
    client.post(f"/denuncias/{number}/tareas/nueva", data={
        "title": "Verificar la respuesta", "assignee": own, "from_event": act, "once": "y"})
    (task,) = scalars(app, select(Task))
    assert task.from_event_id == int(act)
    assert client.get(f"/denuncias/{number}/tareas/nueva?actuacion=999999").status_code == 404


def test_a_task_is_changed_and_a_refused_one_says_why(app: Flask, world: World, number: str, sign_in: SignIn) -> None:
    client = sign_in("fiscal.mdd")
    who = str(world.users["fiscal.mdd"])
    refused = client.post(f"/denuncias/{number}/tareas/nueva", data={"title": "", "assignee": who, "once": "x"})
    assert refused.status_code == 422 and "Responda «Tarea»" in refused.text
    client.post(f"/denuncias/{number}/tareas/nueva", data={"title": "Revisar", "assignee": who, "once": "y"})
    (key,) = scalars(app, select(Task.id))
    page = f"/denuncias/{number}/tareas/{key}/editar"
    answer = client.post(page, data={"title": "Revisar todo", "status": "CUR", "version": "1"})
    assert answer.location == f"/denuncias/{number}/tareas"
    assert "Revisar todo" in client.get(answer.location).text
    assert client.get(page).status_code == 200
    assert sign_in("fiscal2.mdd").post(page, data={"title": "Otra", "version": "1"}).status_code == 409


def test_a_supervisor_reads_the_tasks_of_a_charge_and_changes_none(world: World, number: str, sign_in: SignIn) -> None:
    sign_in("fiscal.mdd").post(f"/denuncias/{number}/tareas/nueva", data={
        "title": "Revisar", "assignee": str(world.users["fiscal.mdd"]), "once": "y"})
    client = sign_in("coordinadora")
    page = client.get(f"/denuncias/{number}/tareas")
    assert "Revisar" in page.text and "Hecha" not in page.text and "Agregar tarea" not in page.text
    assert client.get("/tareas/").status_code == 403 and "/tareas/" not in menu(page)


def test_a_service_of_nobody_says_at_once_all_that_is_missing(number: str, sign_in: SignIn) -> None:
    answer = sign_in("fiscal.mdd").post(f"/denuncias/{number}/atenciones/nueva", data={
        "victim": "", "service_type": "", "status": "", "once": "z"})
    assert answer.status_code == 422
    for words in ("Elija a la persona agraviada", "Responda «Atención»", "Responda «Estado»"):
        assert words in answer.text
