"""My downloads: asked from the list, followed without script, fetched by their owner alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select, update

from sistra.db import db
from sistra.models.accounts import SignInSession
from sistra.models.audit import TrailEntry
from sistra.models.exports import ExportRun
from sistra.services import export_runs, jobs
from sistra.services.sharing import offers
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.people import victim_in
from tests.factories.sharing import shared
from tests.factories.world import World

ASKED = {"units": ["charges", "victims"], "format": "xlsx", "reason_code": "ACT"}
REFRESH = re.compile(r'<meta http-equiv="refresh" content="(\d+); url=([^"]+)">')


@pytest.fixture(autouse=True)
def few_at_once(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Already one charge is too many to wait for; store and queue are the test's own."""
    for name, value in {"EXPORT_AT_ONCE": 0, "FILES": str(tmp_path / "files"), "INSTANCE": str(tmp_path / "instance")}.items():
        monkeypatch.setitem(app.config, name, value)


@pytest.fixture
def charge(app: Flask, world: World) -> str:
    with app.app_context():
        return open_charge(world.viewer("fiscal.mdd", at=datetime.now(UTC)), received_on="ayer")


def asked(client: Any, query: str = "", **answers: Any) -> str:
    """Asks on the page of exports and gives the address of the run."""
    answer = client.post(f"/denuncias/exportar{query}", data=ASKED | answers)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def carried(app: Flask) -> None:
    with app.app_context():
        for key in export_runs.waiting():
            export_runs.carry_out(key, lambda: datetime.now(UTC))


def page(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def trail(app: Flask, action: str) -> list[TrailEntry]:
    with app.app_context():
        return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action == action)))


# -- asking ---------------------------------------------------------------------------------------------------------------


def test_a_long_list_says_before_that_its_file_comes_later(sign_in: Callable[[str], Any], charge: str) -> None:
    found = page(sign_in("fiscal.mdd"), "/denuncias/exportar")
    assert "Un archivo de más de 0 filas se prepara en segundo plano" in found
    assert "data-downloads" not in found


def test_a_short_list_is_downloaded_at_once(
    app: Flask, sign_in: Callable[[str], Any], charge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "EXPORT_AT_ONCE", 50)
    client = sign_in("fiscal.mdd")
    assert "segundo plano" not in page(client, "/denuncias/exportar")
    assert load_workbook(BytesIO(client.post("/denuncias/exportar", data=ASKED).data))["denuncias"]["A2"].value == charge
    assert trail(app, "export.queued") == []


def test_rows_of_every_sheet_asked_for_are_counted_not_charges(
    app: Flask, sign_in: Callable[[str], Any], charge: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "EXPORT_AT_ONCE", 1)
    with app.app_context():
        victim_in(world.viewer("fiscal.mdd", at=datetime.now(UTC)), charge, sex="M")
    client = sign_in("fiscal.mdd")
    assert client.post("/denuncias/exportar", data={**ASKED, "units": ["charges"]}).status_code == 200
    assert client.post("/denuncias/exportar", data={**ASKED, "units": ["charges", "victims"]}).status_code == 303


def test_asking_leaves_a_row_and_a_task_that_names_the_run_alone(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    asked(sign_in("fiscal.mdd"), "?df=MDD", reason_code="OTH", reason_text="Informe Canarioqzx")
    with app.app_context():
        (key,) = export_runs.waiting()
        line = jobs.line(lambda: datetime.now(UTC))
        (task,) = line.queue.pending()
        assert task.data == ((key,), {})
        assert b"Canarioqzx" not in (Path(app.config["INSTANCE"]) / "jobs.db").read_bytes()
        line.queue.storage.close()


def test_a_queue_out_of_reach_loses_nothing(
    app: Flask, sign_in: Callable[[str], Any], charge: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "JOBS", "redis://127.0.0.1:1/0")
    client = sign_in("fiscal.mdd")
    address = asked(client)
    assert "En espera" in page(client, address)
    with app.app_context():
        assert len(export_runs.waiting()) == 1


@pytest.mark.parametrize(("answers", "sentence"), [
    ({"reason_code": ""}, "Elija el motivo"), ({"units": []}, "Elija al menos una hoja")])
def test_an_order_without_what_it_needs_says_so(
    sign_in: Callable[[str], Any], charge: str, answers: dict[str, Any], sentence: str
) -> None:
    client = sign_in("fiscal.mdd")
    answer = client.post("/denuncias/exportar", data=ASKED | answers)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert "Aún no tiene descargas" in page(client, "/descargas")


def test_a_sixth_order_is_refused_with_a_sentence(sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    for _ in range(5):
        asked(client)
    answer = client.post("/denuncias/exportar", data=ASKED)
    assert answer.status_code == 422 and "Ya tiene 5 descargas en preparación" in answer.get_data(as_text=True)


def test_an_assistant_asks_for_nothing(sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("asistente.mdd")
    assert client.post("/denuncias/exportar", data=ASKED).status_code == 403
    assert "Mis descargas" not in page(client, "/perfil") and "Mis descargas" in page(sign_in("agencia"), "/perfil")


# -- following ------------------------------------------------------------------------------------------------------------


def test_the_page_asks_for_itself_again_only_where_it_was_asked_to_and_while_it_waits(
    app: Flask, sign_in: Callable[[str], Any], charge: str
) -> None:
    client = sign_in("fiscal.mdd")
    address = asked(client)
    by_itself = f"{address}?refresco=auto"
    standing, waiting = page(client, address), page(client, by_itself)
    assert not REFRESH.search(standing) and f'href="{by_itself}"' in standing
    found = REFRESH.search(waiting)
    assert found is not None and found[2] == by_itself and f'href="{address}"' in waiting
    assert "Cancelar la descarga" in standing and "/archivo" not in standing
    carried(app)
    for ready in (page(client, address), page(client, by_itself)):
        assert not REFRESH.search(ready) and f'action="{address}/archivo"' in ready and "La descarga está lista" in ready


def test_how_far_it_has_come_is_shown(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    address = asked(client)
    with app.app_context(), unit_of_work():
        db.session.execute(update(ExportRun).values(state="running", rows_done=3500, rows_total=14_000))
    found = page(client, address)
    assert "25 %" in found and "3,500 de 14,000 filas" in found and 'value="25"' in found
    assert "En preparación 25 %" in page(client, "/descargas")


def test_a_page_that_asks_by_itself_keeps_no_session_alive(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    address = asked(client)
    before = datetime.now(UTC) - timedelta(minutes=10)

    def seen(of: str) -> bool:
        with app.app_context(), unit_of_work():
            db.session.execute(update(SignInSession).values(seen_at=before))
        page(client, of)
        with app.app_context():
            return set(db.session.scalars(select(SignInSession.seen_at))) != {before}

    assert not seen(f"{address}?refresco=auto")
    assert seen(address)


def test_the_list_shows_ones_own_alone(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    address = asked(sign_in("fiscal.mdd"))
    carried(app)
    assert address in page(sign_in("fiscal.mdd"), "/descargas")
    other = sign_in("fiscal2.mdd")
    assert address not in page(other, "/descargas")
    answers = (other.get(address), other.post(address), other.post(f"{address}/archivo"))
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert page(sign_in("fiscal.mdd"), address)


# -- fetching -------------------------------------------------------------------------------------------------------------


def test_the_file_is_fetched_and_its_download_counted(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    address = asked(client)
    carried(app)
    answer = client.post(f"{address}/archivo")
    assert load_workbook(BytesIO(answer.data))["denuncias"]["A2"].value == charge
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="sistra-denuncias-')
    assert answer.headers["Cache-Control"] == "no-store" and int(answer.headers["Content-Length"]) == len(answer.data)
    assert re.search(r"Veces descargada</dt><dd>1<", page(client, address))
    assert client.get(f"{address}/archivo").status_code == 405
    assert len(trail(app, "export.downloaded")) == 1


def test_the_password_is_asked_again_before_the_file_leaves(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    address = asked(client)
    carried(app)
    with app.app_context(), unit_of_work():
        db.session.execute(update(SignInSession).values(stepped_up_at=datetime.now(UTC) - timedelta(minutes=11)))
    answer = client.post(f"{address}/archivo", headers={"Referer": f"http://localhost{address}"})
    assert answer.status_code == 302 and "/confirmar" in answer.location and address in answer.location
    assert trail(app, "export.downloaded") == []


def test_a_file_whose_access_was_revoked_is_refused_with_a_sentence_and_asked_again(
    app: Flask, world: World, sign_in: Callable[[str], Any], charge: str
) -> None:
    now = datetime.now(UTC)
    with app.app_context():
        sender = world.viewer("fiscal.mdd", at=now)
        grant = shared(world, charge, by=sender, at=now, valid_until=sender.today + timedelta(days=9))
    client = sign_in("agencia")
    address = asked(client, "?df=MDD")
    carried(app)
    with app.app_context(), unit_of_work():
        offers.revoke(world.viewer("fiscal.mdd", at=now), charge, grant, "Se cumplió la finalidad")
    answer = client.post(f"{address}/archivo")
    assert (answer.status_code, answer.location) == (303, address)
    told = page(client, address)
    assert "La descarga no se entrega" in told and "El archivo no se entrega y se destruyó" in told
    assert 'href="/denuncias/exportar?df=MDD"' in told and "/archivo" not in told
    assert not [path for path in Path(app.config["FILES"]).rglob("*") if path.is_file()]
    assert len(trail(app, "export.refused")) == 1 and trail(app, "export.downloaded") == []


def test_a_run_is_cancelled_and_a_file_removed_with_the_button(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    waiting = asked(client)
    assert "Se canceló la descarga" in client.post(waiting, follow_redirects=True).get_data(as_text=True)
    ready = asked(client)
    carried(app)
    assert "Se eliminó el archivo" in client.post(ready, follow_redirects=True).get_data(as_text=True)
    for address in (waiting, ready):
        assert "Descarga cancelada" in page(client, address)
        assert client.post(f"{address}/archivo").status_code == 303
    assert len(trail(app, "export.cancelled")) == 2


def test_nothing_of_the_order_or_the_file_stands_in_plain(
    own_database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sistra.services import charge_list, exports
    from tests.factories.charges import open_charge as opened
    from tests.factories.world import build_world

    app = own_database.app
    monkeypatch.setitem(app.config, "INSTANCE", str(tmp_path / "instance"))
    with app.app_context():
        with unit_of_work():
            world = build_world()
        number = opened(world.viewer("fiscal.mdd"))
        viewer = world.viewer("fiscal.mdd")
        ask = exports.Ask(charge_list.asked({}), ("charges",), "csv", "ACT", link="https://canarioqzx.example/")
        with unit_of_work():
            slug, key = export_runs.queue(viewer, "charges", ask, 1)
        assert jobs.enqueue(key, lambda: viewer.at)
        export_runs.carry_out(key, lambda: viewer.at)
        content = b"".join(getattr(export_runs.fetch(viewer, slug), "pieces", ()))
        assert number.encode() not in content and content[:2] == b"PK"
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()
    kept = [path for folder in (Path(app.config["FILES"]), tmp_path) for path in folder.rglob("*") if path.is_file()]
    kept += list(own_database.path.parent.glob(f"{own_database.path.name}*"))
    assert len(kept) >= 3
    for path in kept:
        held = path.read_bytes()
        assert b"canarioqzx" not in held and b"PK\x03\x04" not in held and content not in held


def test_each_kind_of_export_has_the_page_on_which_it_is_asked_again(app: Flask) -> None:
    from sistra.web.exports import routes

    assert set(routes._AGAIN) == set(export_runs.MAKERS) and set(routes._AGAIN.values()) <= set(app.view_functions)
