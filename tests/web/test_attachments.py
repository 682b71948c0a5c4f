"""The pages of documents."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_charge, a_victim
from tests.factories.world import World

PDF = b"%PDF-1.7\n" + b"contenido " * 1000


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path / "files"))


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context(), unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        a_victim(charge)
        return charge.number


def _facts(**more: Any) -> dict[str, Any]:
    return {"kind": "DIS", "title": "Disposición de apertura", "contains_identity": "0", "dated": "03/2026"} | more


def _post(client: Any, number: str, content: bytes | None = PDF, name: str = "acta.pdf", query: str = "", **more: Any) -> Any:
    file = {"file": (BytesIO(content), name)} if content is not None else {}
    address = f"/denuncias/{number}/documentos/nuevo{query}"
    return client.post(address, data=_facts(**more) | file, content_type="multipart/form-data")


def _trail(app: Flask, action: str) -> list[TrailEntry]:
    with app.app_context():
        return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action == action)))


def test_an_uploaded_file_is_downloaded_byte_by_byte_as_an_attachment(
    app: Flask, sign_in: Callable[[str], Any], number: str
) -> None:
    client = sign_in("fiscal.mdd")
    page = client.get(_post(client, number).location)
    assert "Disposición de apertura" in page.get_data(as_text=True) and "03/2026" in page.get_data(as_text=True)
    answer = client.get(f"{page.request.path}/archivo")
    assert sha256(answer.data).digest() == sha256(PDF).digest() and answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{number}-documento-')
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Cache-Control"]) == ("nosniff", "no-store")
    assert answer.headers["Content-Length"] == str(len(PDF))
    assert [entry.detail["sha256"] for entry in _trail(app, "attachment.read") if entry.detail] == [sha256(PDF).hexdigest()]


def test_the_list_shows_a_document_once_with_its_former_versions(sign_in: Callable[[str], Any], number: str) -> None:
    client = sign_in("fiscal.mdd")
    key = _post(client, number).location.rpartition("/")[2]
    _post(client, number, PDF + b"\n", query=f"?reemplaza={key}", title="Disposición corregida")
    page = client.get(f"/denuncias/{number}/documentos").get_data(as_text=True)
    assert "Disposición corregida" in page and "Disposición de apertura" not in page and "1 versión anterior" in page


def test_the_form_of_a_new_version_starts_from_the_former(sign_in: Callable[[str], Any], number: str) -> None:
    client = sign_in("fiscal.mdd")
    key = _post(client, number).location.rpartition("/")[2]
    page = client.get(f"/denuncias/{number}/documentos/nuevo?reemplaza={key}").get_data(as_text=True)
    assert 'value="Disposición de apertura"' in page


def test_a_file_up_to_20_mb_passes_and_a_larger_one_is_refused_in_a_sentence(
    app: Flask, sign_in: Callable[[str], Any], number: str
) -> None:
    client, most = sign_in("fiscal.mdd"), app.config["UPLOAD_LENGTH"]
    assert _post(client, number, b"%PDF-" + bytes(most - 5)).status_code == 302
    slightly, far = (_post(client, number, b"%PDF-" + bytes(size)) for size in (most, most + 2_000_000))
    assert slightly.status_code == 422 and "supera los 20 MB" in slightly.get_data(as_text=True)
    assert far.status_code == 413 and "hasta 20 MB" in far.get_data(as_text=True)
    with app.app_context():
        assert db.session.scalar(select(func.count(Attachment.id))) == 1


def test_without_a_session_nobody_sends_more_than_a_form(
    app: Flask, client: Any, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert _post(client, number, b"%PDF-" + bytes(2_000_000)).status_code == 413


def test_other_forms_keep_their_own_limit(sign_in: Callable[[str], Any], number: str) -> None:
    answer = sign_in("fiscal.mdd").post(
        "/denuncias/nueva", data={"file": (BytesIO(bytes(2_000_000)), "a.pdf")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 413


def test_an_upload_never_lies_readable_on_disk(
    app: Flask, sign_in: Callable[[str], Any], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a temporary file was made")

    client = sign_in("fiscal.mdd")
    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(f"tempfile.{name}", refused)
        monkeypatch.setattr(f"werkzeug.formparser.{name}", refused, raising=False)
    assert _post(client, number, PDF * 300).status_code == 302


def test_a_disguised_file_is_refused_and_what_was_typed_stays(app: Flask, sign_in: Callable[[str], Any], number: str) -> None:
    answer = _post(sign_in("fiscal.mdd"), number, b"MZ\x90\0", title="Pericia de audio")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "no es del formato" in page and 'value="Pericia de audio"' in page
    assert not [path for path in Path(app.config["FILES"]).rglob("*") if path.is_file()]


def test_a_form_sent_twice_adds_one_document(app: Flask, sign_in: Callable[[str], Any], number: str) -> None:
    client = sign_in("fiscal.mdd")
    first, again = (_post(client, number, once="una-sola-vez") for _turn in range(2))
    assert first.location == again.location
    with app.app_context():
        assert db.session.scalar(select(func.count(Attachment.id))) == 1


def test_a_document_without_file_needs_its_source(sign_in: Callable[[str], Any], number: str) -> None:
    client = sign_in("fiscal.mdd")
    assert "Elija un archivo, o indique" in _post(client, number, None).get_data(as_text=True)
    assert _post(client, number, None, source_reference="Diario oficial, 3 de marzo").status_code == 302
    assert "fuente citada" in client.get(f"/denuncias/{number}/documentos").get_data(as_text=True)


@pytest.mark.parametrize("answer", ["1", "NSP"])
def test_a_document_of_identity_is_opened_with_a_reason_and_not_by_address(
    app: Flask, sign_in: Callable[[str], Any], number: str, answer: str
) -> None:
    client = sign_in("fiscal.mdd")
    facts = {"contains_identity": answer} if answer == "1" else {"contains_identity": "", "contains_identity-unknown": "NSP"}
    where = _post(client, number, **facts).location
    assert client.get(f"{where}/archivo").location == where
    assert client.post(f"{where}/archivo", data={"reason_code": ""}).status_code == 422
    assert client.post(f"{where}/archivo", data={"reason_code": "DIL"}).data == PDF
    assert [entry.reason for entry in _trail(app, "attachment.read")] == ["DIL"]


def test_outside_the_team_a_document_of_identity_is_listed_and_not_opened(sign_in: Callable[[str], Any], number: str) -> None:
    where = _post(sign_in("fiscal.mdd"), number, contains_identity="1").location
    other = sign_in("fiscal2.mdd")
    assert "solo lo abre el equipo del caso" in other.get(where).get_data(as_text=True)
    assert other.post(f"{where}/archivo", data={"reason_code": "DIL"}).status_code == 403


def test_a_document_of_a_charge_not_in_sight_does_not_exist(sign_in: Callable[[str], Any], number: str) -> None:
    where = _post(sign_in("fiscal.mdd"), number).location
    other = sign_in("fiscal.lim")
    answers = [other.get(address).status_code for address in (f"/denuncias/{number}/documentos", where, f"{where}/archivo")]
    assert answers == [404, 404, 404] and _post(other, number).status_code == 404


def test_a_damaged_file_is_said_to_be_damaged_and_noted(app: Flask, sign_in: Callable[[str], Any], number: str) -> None:
    client = sign_in("fiscal.mdd")
    where = _post(client, number).location
    for path in [path for path in Path(app.config["FILES"]).rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes()[:-1])
    answer = client.get(f"{where}/archivo")
    assert answer.status_code == 500 and "está dañado o falta" in answer.get_data(as_text=True)
    assert len(_trail(app, "attachment.damaged")) == 1 and _trail(app, "attachment.read") == []
