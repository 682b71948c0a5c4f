"""A judgment is told in plain words before it is registered, and kept as a draft while it is typed."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import SavedForm
from sistra.models.events import Event
from sistra.models.judgments import Judgment, Penalty
from tests.factories.cases import a_case, a_judgment, a_remedy, act
from tests.factories.files import File, a_file
from tests.factories.world import World
from tests.web.checking import carried, registered

TRICKY = "Juzgado «Mixto» <b>&amp;\"'</b>\r\nsegunda línea  "


@pytest.fixture
def file(app: Flask, world: World) -> File:
    with app.app_context():
        return a_file(world.viewer("fiscal.mdd"))


@pytest.fixture
def case(app: Flask, world: World, file: File) -> int:
    with app.app_context():
        key = a_case(world.viewer("fiscal.mdd"), file)
        act(world.viewer("fiscal.mdd"), key, "AUD-REA", hearing_type="JUI")
        return key


def _address(case: int) -> str:
    return f"/expedientes/{case}/sentencias/nueva"


def _typed(file: File, **more: Any) -> dict[str, Any]:
    accused = file.accused[0]
    return {
        "decision_kind": "SEN",
        "decided_on": "2/3/2026",
        f"r{file.counts[0]}-verdict": "COND",
        f"p{accused}-sentence_types": ["PPL-EFE", "MUL"],
        f"p{accused}-imprisonment-years": "13",
        f"p{accused}-imprisonment-months": "6",
        f"p{accused}-imprisonment-days": "",
        "d0-amount_ordered": "5000",
        "d0-victims": [str(file.victims[0])],
    } | more


def _plain(page: str) -> str:
    main = page[page.index("<main") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def _count(app: Flask, model: Any) -> int:
    with app.app_context():
        return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_the_page_says_what_will_be_registered(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    answer = sign_in("fiscal.mdd").post(_address(case), data=_typed(file))
    told = _plain(answer.text)
    assert answer.status_code == 200 and "Aún no se ha registrado nada" in told
    for sentence in ("13 años, 6 meses", "S/ 5,000.00", "Pena", "A-1", "Condena", "02/03/2026"):
        assert sentence in told, sentence


def test_the_page_says_what_it_does_to_counts_and_stage(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    told = _plain(sign_in("fiscal.mdd").post(_address(case), data=_typed(file)).text)
    assert "«Sentencia condenatoria»" in told
    assert "I-1, Trata de personas: el estado pasa de «Abierta» a «Con condena»." in told
    assert "a «Sentencia de primera instancia»." in told and "Se abre el plazo «Lectura integral de la sentencia»" in told
    assert f"Denuncia {file.number}: no cambia de etapa ni de estado." in told
    assert re.search(r"Sin pronunciamiento en esta decisión: I-1: [^;]+; I-2: ", told)


def test_the_page_says_what_it_does_to_the_charge_where_all_is_judged(
    sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    acquitted = {f"r{count}-verdict": "ABS" for count in file.counts[1:]}
    told = _plain(sign_in("fiscal.mdd").post(_address(case), data=_typed(file, **acquitted)).text)
    assert f"Denuncia {file.number}: la etapa pasa de «" in told and "«Sentencia (mixta)»" in told
    assert "Expediente: la etapa pasa de «" in told and "Sin pronunciamiento" not in told


def test_nothing_is_registered_by_looking(app: Flask, sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    before = [_count(app, model) for model in (Judgment, Penalty, Event)]
    for _turn in range(2):
        assert client.post(_address(case), data=_typed(file)).status_code == 200
    assert [_count(app, model) for model in (Judgment, Penalty, Event)] == before
    with app.app_context():
        assert not db.session.scalars(select(TrailEntry).where(TrailEntry.action == "judgment.recorded")).all()


def test_nothing_typed_is_lost_on_the_way(app: Flask, sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    data = _typed(file, court_name=TRICKY, once="una-sola-vez", version="3")
    on = carried(client.post(_address(case), data=data).text)
    sent = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    del on["seen"], on["csrf_token"]
    assert {name: [text.replace("\r\n", "\n") for text in texts] for name, texts in on.items()} == {
        name: [text.replace("\r\n", "\n") for text in texts] for name, texts in sent.items()
    }


def test_registering_gives_what_was_checked(app: Flask, sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    answer = registered(client, _address(case), _typed(file))
    assert answer.status_code == 302 and "13 años, 6 meses" in client.get(answer.location).text
    assert _count(app, Judgment) == 1


def test_registering_twice_gives_one_judgment(app: Flask, sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    on = carried(client.post(_address(case), data=_typed(file, once="una-sola-vez")).text)
    first, again = (client.post(_address(case), data=on | {"act": "registrar"}) for _turn in range(2))
    assert first.location == again.location and _count(app, Judgment) == 1


def test_going_back_shows_the_grid_as_it_was_typed(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    on = carried(client.post(_address(case), data=_typed(file)).text)
    page = client.post(_address(case), data=on | {"act": "corregir"})
    assert page.status_code == 200 and "govuk-error-summary" not in page.text
    assert re.search(rf'name="r{file.counts[0]}-verdict" type="radio" value="COND" checked', page.text)
    assert 'name="d0-amount_ordered" type="text" value="5000"' in page.text


def test_what_nobody_checked_is_not_registered(app: Flask, sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    assert "Revise antes de registrar" in client.post(_address(case), data=_typed(file, act="registrar")).text
    on = carried(client.post(_address(case), data=_typed(file)).text)
    other = client.post(_address(case), data=on | {"act": "registrar", "d0-amount_ordered": ["6000"]})
    assert other.status_code == 409 and "S/ 6,000.00" in _plain(other.text)
    assert _count(app, Judgment) == 0


def test_what_changed_meanwhile_is_shown_again(
    app: Flask, world: World, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    client = sign_in("fiscal.mdd")
    on = carried(client.post(_address(case), data=_typed(file)).text)
    with app.app_context():
        a_judgment(world.viewer("fiscal2.mdd"), case, {file.counts[0]: "ABS"})
    answer = client.post(_address(case), data=on | {"act": "registrar"})
    assert answer.status_code == 409 and "cambió desde que lo revisó" in answer.text and _count(app, Judgment) == 1
    again = client.post(_address(case), data=carried(answer.text) | {"act": "registrar"})
    assert again.status_code == 302 and _count(app, Judgment) == 2


def test_a_grid_that_is_refused_is_not_checked(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    answer = sign_in("fiscal.mdd").post(_address(case), data=_typed(file, decided_on="31/2/2026", act="registrar"))
    assert answer.status_code == 422 and "Revise antes" not in answer.text


def test_doubts_are_said_and_stop_nothing(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    bare = {"decision_kind": "SEN", "decided_on": "2/3/2026", f"r{file.counts[0]}-verdict": "COND"}
    told = _plain(sign_in("fiscal.mdd").post(_address(case), data=bare).text)
    assert "I-1 fue condenado y no se registró su pena" in told and "no se registró ninguna reparación" in told


def test_the_decision_of_a_remedy_says_what_becomes_of_it(
    app: Flask, world: World, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    with app.app_context():
        who = world.viewer("fiscal.mdd")
        a_judgment(who, case, {file.counts[0]: "COND"}, years={file.accused[0]: 13})
        remedy = a_remedy(who, case)
    address = f"{_address(case)}?recurso={remedy}"
    decided = {"decision_kind": "SVI", "instance": "2", "decided_on": "20/3/2026", f"r{file.counts[0]}-remedy_outcome": "NUL"}
    client = sign_in("fiscal.mdd")
    page = client.post(address, data=decided).text
    assert f'action="{address}"' in page
    assert "Se da por resuelto el recurso (Apelación" in _plain(page) and "Queda anulada la decisión impugnada" in _plain(page)
    assert registered(client, address, decided).status_code == 302


# -- drafts -----------------------------------------------------------------------------------------------------------


def _kept(client: Any, case: int, data: dict[str, Any], query: str = "") -> Any:
    return client.post(f"/borradores/guardar/court_cases.judgment?expediente={case}{query}", data=data)


def test_what_is_typed_is_kept_encrypted_and_resumed(
    app: Flask, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    client = sign_in("fiscal.mdd")
    where = re.search(r'data-autosave="([^"]+)"', client.get(_address(case)).text)
    assert where is not None
    assert client.post(html.unescape(where[1]), data=_typed(file, court_name="Juzgado canario")).status_code == 200
    with app.app_context():
        row = db.session.scalars(select(SavedForm)).one()
        assert row.court_case_id == case and b"canario" not in row.payload
    page = client.get(_address(case)).text
    assert 'value="Juzgado canario"' in page and "Continúa el borrador" in page
    assert re.search(rf'name="p{file.accused[0]}-imprisonment-years"[^>]*value="13"', page)


def test_the_button_keeps_even_what_is_not_valid(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    client = sign_in("fiscal.mdd")
    assert client.post(_address(case), data=_typed(file, decided_on="31/2/2026", act="borrador")).location == _address(case)
    assert 'value="31/2/2026"' in client.get(_address(case)).text


def test_a_draft_is_resumed_and_discarded_from_the_list_of_drafts(
    app: Flask, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    client = sign_in("fiscal.mdd")
    _kept(client, case, _typed(file))
    page = client.get("/borradores/").text
    assert f'href="{_address(case)}"' in page and "Sentencia, 00231-2026-0-2701-JR-PE-01" in page
    client.post("/borradores/descartar", data={"form": "court_cases.judgment", "case": str(case), "thing": "0"})
    assert _count(app, SavedForm) == 0


def test_the_draft_of_a_remedys_decision_is_its_own(
    app: Flask, world: World, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    with app.app_context():
        a_judgment(world.viewer("fiscal.mdd"), case, {file.counts[0]: "COND"}, years={file.accused[0]: 13})
        remedy = a_remedy(world.viewer("fiscal.mdd"), case)
    client = sign_in("fiscal.mdd")
    _kept(client, case, {"court_name": "Sala de apelaciones canaria"}, f"&registro={remedy}")
    assert "canaria" not in client.get(_address(case)).text
    assert "canaria" in client.get(f"{_address(case)}?recurso={remedy}").text
    assert f'href="{_address(case)}?recurso={remedy}"' in client.get("/borradores/").text


def test_a_checked_judgment_is_a_draft_until_it_is_registered(
    app: Flask, sign_in: Callable[[str], Any], case: int, file: File
) -> None:
    client = sign_in("fiscal.mdd")
    page = client.post(_address(case), data=_typed(file)).text
    assert 'name="d0-amount_ordered" type="text" value="5000"' in client.get(_address(case)).text
    assert client.post(_address(case), data=carried(page) | {"act": "registrar"}).status_code == 302
    assert _count(app, SavedForm) == 0


def test_nobody_keeps_a_draft_in_a_case_out_of_sight(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    assert _kept(sign_in("fiscal.lim"), case, _typed(file)).status_code == 404


def test_a_draft_is_its_authors_alone(sign_in: Callable[[str], Any], case: int, file: File) -> None:
    _kept(sign_in("fiscal.mdd"), case, _typed(file, court_name="Juzgado canario"))
    other = sign_in("fiscal2.mdd")
    assert "canario" not in other.get(_address(case)).text and _address(case) not in other.get("/borradores/").text
