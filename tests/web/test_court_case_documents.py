"""The pages of the documents of a court case: those of a charge, in the other folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sistra.services.unit import unit_of_work
from tests.factories.cases import DOCKET, a_case
from tests.factories.files import File, a_file
from tests.factories.rows import a_charge
from tests.factories.world import World

PDF = b"%PDF-1.7\n" + b"contenido " * 1000


@pytest.fixture(autouse=True)
def own_folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path / "files"))


@pytest.fixture
def file(app: Flask, world: World) -> File:
    with app.app_context():
        return a_file(world.viewer("fiscal.mdd"))


@pytest.fixture
def base(app: Flask, world: World, file: File) -> str:
    with app.app_context():
        return f"/expedientes/{a_case(world.viewer('fiscal.mdd'), file)}"


def _post(client: Any, base: str, content: bytes | None = PDF, query: str = "", **more: Any) -> Any:
    facts = {"kind": "RES", "title": "Auto de enjuiciamiento", "contains_identity": "0", "pages": "12", "dated": "03/2026"} | more
    sent = {"file": (BytesIO(content), "auto.pdf")} if content is not None else {}
    return client.post(f"{base}/documentos/nuevo{query}", data=facts | sent, content_type="multipart/form-data")


def test_a_document_is_added_listed_shown_and_downloaded(sign_in: Callable[[str], Any], base: str) -> None:
    client = sign_in("fiscal.mdd")
    where = _post(client, base).location
    assert re.fullmatch(rf"{base}/documentos/\d+", where)
    listed, shown = (client.get(address).get_data(as_text=True) for address in (f"{base}/documentos", where))
    assert "Auto de enjuiciamiento" in listed and "03/2026" in listed and "Persona fiscal.mdd" in shown
    answer = client.get(f"{where}/archivo")
    assert answer.data == PDF and f"expediente-{DOCKET}-documento-" in answer.headers["Content-Disposition"]


def test_the_folder_of_the_court_case_counts_its_documents_and_leads_to_them(sign_in: Callable[[str], Any], base: str) -> None:
    client = sign_in("fiscal.mdd")
    _post(client, base)
    link = re.search(rf'href="{base}/documentos"[^>]*>(.*?)</a>', client.get(base).get_data(as_text=True))
    assert link is not None and "Documentos" in link[1] and "1" in link[1]


def test_the_list_leads_to_the_documents_of_each_charge(sign_in: Callable[[str], Any], base: str, file: File) -> None:
    assert f'href="/denuncias/{file.number}/documentos"' in sign_in("fiscal.mdd").get(f"{base}/documentos").get_data(as_text=True)


def test_a_form_sent_twice_adds_one_document(sign_in: Callable[[str], Any], base: str) -> None:
    client = sign_in("fiscal.mdd")
    first, again = (_post(client, base, once="una-sola-vez") for _turn in range(2))
    assert first.location == again.location


def test_a_file_larger_than_a_form_is_taken(sign_in: Callable[[str], Any], base: str) -> None:
    assert _post(sign_in("fiscal.mdd"), base, b"%PDF-" + bytes(3_000_000)).status_code == 302


def test_a_document_of_identity_is_opened_with_a_reason(sign_in: Callable[[str], Any], base: str) -> None:
    client = sign_in("fiscal.mdd")
    where = _post(client, base, contains_identity="1").location
    assert client.get(f"{where}/archivo").location == where
    assert client.post(f"{where}/archivo", data={"reason_code": ""}).status_code == 422
    assert client.post(f"{where}/archivo", data={"reason_code": "DIL"}).data == PDF
    other = sign_in("fiscal2.mdd")
    assert "solo lo abre el equipo del caso" in other.get(where).get_data(as_text=True)
    assert other.post(f"{where}/archivo", data={"reason_code": "DIL"}).status_code == 403


def test_a_new_version_replaces_the_former_in_the_list(sign_in: Callable[[str], Any], base: str) -> None:
    client = sign_in("fiscal.mdd")
    key = _post(client, base).location.rpartition("/")[2]
    _post(client, base, query=f"?reemplaza={key}", title="Auto corregido")
    page = client.get(f"{base}/documentos").get_data(as_text=True)
    assert "Auto corregido" in page and "Auto de enjuiciamiento" not in page and "1 versión anterior" in page


@pytest.mark.parametrize("folder", ["case", "charge"])
def test_a_document_is_withdrawn_with_a_reason(
    sign_in: Callable[[str], Any], base: str, file: File, folder: str
) -> None:
    client, place = sign_in("fiscal.mdd"), base if folder == "case" else f"/denuncias/{file.number}"
    where = _post(client, place).location
    assert f'href="{where}/retirar"' in client.get(where).get_data(as_text=True)
    assert "Dejará de figurar" in client.get(f"{where}/retirar").get_data(as_text=True)
    assert client.post(f"{where}/retirar", data={"reason": ""}).status_code == 422
    assert client.post(f"{where}/retirar", data={"reason": "Se agregó por error"}).location == f"{place}/documentos"
    assert "Auto de enjuiciamiento" not in client.get(f"{place}/documentos").get_data(as_text=True)
    assert client.get(where).status_code == 404
    assert "Documento retirado" in client.get(f"{place}/historial").get_data(as_text=True)


def test_a_supervisor_reads_the_documents_and_is_offered_nothing(sign_in: Callable[[str], Any], base: str) -> None:
    where = _post(sign_in("fiscal.mdd"), base).location
    client = sign_in("coordinadora")
    listed, shown = (client.get(address).get_data(as_text=True) for address in (f"{base}/documentos", where))
    assert "Agregar documento" not in listed and "Retirar" not in shown and "Agregar versión nueva" not in shown
    assert _post(client, base).status_code == client.get(f"{where}/retirar").status_code == 403


def test_out_of_sight_there_are_no_documents(sign_in: Callable[[str], Any], base: str) -> None:
    where = _post(sign_in("fiscal.mdd"), base).location
    other = sign_in("fiscal.lim")
    addresses = (f"{base}/documentos", f"{base}/documentos/nuevo", where, f"{where}/archivo", f"{where}/retirar")
    assert [other.get(address).status_code for address in addresses] == [404] * 5


def test_the_court_case_is_printed_under_its_docket_number(
    sign_in: Callable[[str], Any], app: Flask, world: World, base: str
) -> None:
    client = sign_in("fiscal.mdd")
    answer = client.post(f"{base}/pdf", data={"sections": ["documentos"], "reason_code": "ACT"})
    assert answer.status_code == 200
    assert f'filename="sistra-expediente-{DOCKET}-' in answer.headers["Content-Disposition"]


def test_a_document_of_a_charge_has_no_address_in_a_court_case(
    sign_in: Callable[[str], Any], app: Flask, world: World, base: str
) -> None:
    with app.app_context(), unit_of_work():
        number = a_charge(world.offices["mdd"], world.users["fiscal.mdd"]).number
    client = sign_in("fiscal.mdd")
    key = _post(client, f"/denuncias/{number}").location.rpartition("/")[2]
    assert client.get(f"{base}/documentos/{key}").status_code == 404
