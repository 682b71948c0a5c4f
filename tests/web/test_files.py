"""The pages from which files leave."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import select

from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_charge, a_victim, an_accused, an_identity
from tests.factories.world import World

NAME, OTHER_NAME, STORY = "Zafiria Canaria", "Topacio Canario", "Relato canario que nadie exporta"


@pytest.fixture
def charge(app: Flask, world: World) -> str:
    """The number of a charge of the office of Madre de Dios with a named minor and a named accused."""
    from sistra.access import fields

    with app.app_context(), unit_of_work():
        row = a_charge(world.offices["mdd"], world.users["fiscal.mdd"], victims_declared=1, case_nickname="=1+1")
        fields.put(row, fields.record_of(row).fields["narrative"], STORY)
        an_identity(a_victim(row, sex="F", age_at_facts=15, age_group=Unknown.NOT_KNOWN.value), given_names=NAME)
        an_identity(an_accused(row, identified=True, sex="M"), given_names=OTHER_NAME)
        return row.number


def _trail(app: Flask, action: str) -> list[TrailEntry]:
    with app.app_context():
        return list(db.session.scalars(select(TrailEntry).where(TrailEntry.action == action)))


def _exported(client: Any, address: str = "/denuncias/exportar", **answers: Any) -> Any:
    return client.post(address, data={"units": ["charges", "victims"], "format": "xlsx", "reason_code": "ACT"} | answers)


def test_the_export_page_says_how_many_rows_and_which_filter_leave(sign_in: Callable[[str], Any], charge: str) -> None:
    page = sign_in("fiscal.mdd").get("/denuncias/exportar?df=MDD").get_data(as_text=True)
    assert "denuncias (1 fila)" in page and "agraviadas (1 fila)" in page and "Madre de Dios" in page


def test_only_the_sheet_of_charges_is_ticked_before_anybody_chooses(sign_in: Callable[[str], Any], charge: str) -> None:
    page = sign_in("fiscal.mdd").get("/denuncias/exportar").get_data(as_text=True)
    ticked = [mark for mark in re.findall(r"<input[^>]*name=\"units\"[^>]*>", page) if " checked" in mark]
    assert len(ticked) == 1 and 'value="charges"' in ticked[0]


def test_a_download_is_a_workbook_of_the_chosen_units(sign_in: Callable[[str], Any], charge: str) -> None:
    answer = _exported(sign_in("fiscal.mdd"))
    book = load_workbook(BytesIO(answer.data))
    assert [sheet for sheet in book.sheetnames if sheet in ("denuncias", "agraviadas", "imputados")] == [
        "denuncias",
        "agraviadas",
    ]
    assert book["agraviadas"]["A2"].value == charge and book["agraviadas"]["B2"].value == "A-1"


def test_a_download_as_csv_is_a_zip_of_one_file_per_unit(sign_in: Callable[[str], Any], charge: str) -> None:
    archive = zipfile.ZipFile(BytesIO(_exported(sign_in("fiscal.mdd"), format="csv").data))
    rows = list(csv.DictReader(StringIO(archive.read("agraviadas.csv").decode("utf-8-sig"))))
    assert [(row["denuncia"], row["agraviada"], row["sex"], row["age_group"], row["age_group_label"]) for row in rows] == [
        (charge, "A-1", "F", "NSP", "No se sabe")
    ]


def test_a_file_is_named_by_date_and_never_by_people(sign_in: Callable[[str], Any], charge: str) -> None:
    disposition = _exported(sign_in("fiscal.mdd")).headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="sistra-denuncias-') and disposition.endswith('.xlsx"')


def test_an_export_leaves_its_filter_rows_digest_and_reason_on_the_trail(
    app: Flask, sign_in: Callable[[str], Any], charge: str
) -> None:
    _exported(sign_in("fiscal.mdd"), "/denuncias/exportar?df=MDD", reason_code="OTH", reason_text="Pedido del coordinador")
    (entry,) = _trail(app, "list.exported")
    assert entry.reason == "OTH: Pedido del coordinador"
    assert entry.detail is not None and entry.detail["filters"] == {"df": ["MDD"]}
    assert entry.detail["rows"] == {"denuncias": 1, "agraviadas": 1} and len(entry.detail["digests"]["denuncias"]) == 64


def test_the_filter_of_the_address_is_the_filter_of_the_file(sign_in: Callable[[str], Any], charge: str) -> None:
    book = load_workbook(BytesIO(_exported(sign_in("fiscal.mdd"), "/denuncias/exportar?df=LIM").data))
    assert book["denuncias"].max_row == 1


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"reason_code": ""}, "Elija el motivo"),
        ({"reason_code": "OTH"}, "Explique el motivo"),
        ({"units": []}, "Elija al menos una hoja"),
    ],
)
def test_an_export_without_what_it_needs_says_so_and_leaves_nothing(
    app: Flask, sign_in: Callable[[str], Any], charge: str, answers: dict[str, Any], sentence: str
) -> None:
    answer = _exported(sign_in("fiscal.mdd"), **answers)
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    assert _trail(app, "list.exported") == []


def test_an_assistant_may_not_export(sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("asistente.mdd")
    assert client.get("/denuncias/exportar").status_code == 403
    assert _exported(client).status_code == 403
    assert client.get(f"/denuncias/{charge}/pdf").status_code == 403


def test_somebody_elses_export_holds_no_row_of_the_charge(sign_in: Callable[[str], Any], charge: str) -> None:
    book = load_workbook(BytesIO(_exported(sign_in("fiscal.lim")).data))
    assert book["denuncias"].max_row == book["agraviadas"].max_row == 1


def _text(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def _printed(client: Any, number: str, **answers: Any) -> Any:
    return client.post(
        f"/denuncias/{number}/pdf", data={"sections": ["hechos", "agraviadas", "imputados"], "reason_code": "ACT"} | answers
    )


def test_a_case_file_has_the_chosen_sections_and_no_name(sign_in: Callable[[str], Any], charge: str) -> None:
    text = _text(_printed(sign_in("fiscal.mdd"), charge, sections=["hechos", "agraviadas"]).data)
    assert "Agraviada A-1" in text and "Imputado I-1" not in text
    assert NAME not in text and "Reservado" in text


def test_a_case_file_names_whom_its_reader_revealed_and_nobody_else(
    app: Flask, sign_in: Callable[[str], Any], charge: str
) -> None:
    text = _text(_printed(sign_in("fiscal.mdd"), charge, codes=["A-1"], reveal_code="DIL").data)
    assert NAME in text and OTHER_NAME not in text
    assert [entry.reason for entry in _trail(app, "identity.revealed")] == ["DIL"]
    (entry,) = _trail(app, "charge.exported")
    assert entry.detail is not None and entry.detail["revealed"] == ["A-1"]


def test_an_identity_is_not_revealed_without_its_own_reason(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    answer = _printed(sign_in("fiscal.mdd"), charge, codes=["A-1"])
    assert answer.status_code == 422 and NAME not in answer.get_data(as_text=True)
    assert _trail(app, "identity.revealed") == [] == _trail(app, "charge.exported")


def test_a_minor_is_not_revealed_to_who_is_not_on_the_team(app: Flask, sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal2.mdd")
    assert 'value="A-1"' not in client.get(f"/denuncias/{charge}/pdf").get_data(as_text=True)
    assert _printed(client, charge, codes=["A-1"], reveal_code="DIL").status_code == 403
    assert _trail(app, "identity.revealed") == []


def test_a_case_file_of_a_charge_not_in_sight_does_not_exist(sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.lim")
    assert client.get(f"/denuncias/{charge}/pdf").status_code == _printed(client, charge).status_code == 404


def test_the_list_and_the_folder_lead_to_their_files(sign_in: Callable[[str], Any], charge: str) -> None:
    client = sign_in("fiscal.mdd")
    assert "/denuncias/exportar" in client.get("/denuncias/").get_data(as_text=True)
    assert f"/denuncias/{charge}/pdf" in client.get(f"/denuncias/{charge}").get_data(as_text=True)
