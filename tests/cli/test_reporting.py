"""`flask report`: which figures it writes, to whom it refuses them, and what it says."""
from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import func, select

from sistra.db import db
from sistra.models.audit import TrailEntry
from tests.factories.charges import open_charge
from tests.factories.world import World

Run = Callable[..., Result]
WHOLE = ("--from", "2026-01-01", "--to", "2026-12-31")


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["report", *map(str, words)])


@pytest.fixture
def opened(app: Flask, world: World) -> None:
    """Three charges received in March 2026: two of Madre de Dios, one of Lima."""
    with app.app_context():
        for username in ("fiscal.mdd", "fiscal.mdd", "fiscal.lim"):
            open_charge(world.viewer(username))


def _entries(app: Flask) -> list[TrailEntry]:
    with app.app_context():
        return list(db.session.scalars(
            select(TrailEntry).where(TrailEntry.action == "report.exported").order_by(TrailEntry.number)))


def test_a_workbook_holds_the_figures_and_the_command_says_rows_and_digest(app: Flask, opened: None, run: Run,
                                                                           tmp_path: Path) -> None:
    done = run("R02", "--as", "analista", *WHOLE, "--format", "xlsx", "--out", tmp_path / "r02.xlsx")
    assert done.exit_code == 0, done.output
    sheet = load_workbook(tmp_path / "r02.xlsx")["datos"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert {row[1]: row[5] for row in rows if row[5]} == {"MDD": 2, "LIM": 1, "TOTAL": 3}
    assert f"datos: {len(rows)} filas, cifras exactas, SHA-256 " in done.output
    assert _entries(app)[-1].detail["digest"] in done.output


def test_the_trail_names_the_user_the_system_user_and_what_was_asked(app: Flask, opened: None, run: Run, tmp_path: Path,
                                                                     world: World) -> None:
    run("R01", "--as", "coordinadora", *WHOLE, "--format", "csv", "--out", tmp_path / "r.zip", "--district", "MDD",
        "--border", "BO")
    (entry,) = _entries(app)
    assert (entry.actor_id, entry.door) == (world.users["coordinadora"], "cli") and entry.system_user
    asked = {"report": "R01", "since": "2026-01", "until": "2026-12", "district": "MDD", "border": "BO", "audience": "interna",
             "format": "csv"}
    assert asked.items() <= entry.detail.items()


def test_days_within_a_month_are_widened_to_whole_months_and_the_command_says_so(opened: None, run: Run, tmp_path: Path) -> None:
    done = run("R01", "--as", "analista", "--from", "15/03/2026", "--to", "2026-04-02", "--format", "csv",
               "--out", tmp_path / "a.zip")
    assert "El periodo se amplió a meses completos: del 01/03/2026 al 30/04/2026." in done.output
    again = run("R01", "--as", "analista", "--from", "2026-03-01", "--to", "2026-04-30", "--format", "csv",
                "--out", tmp_path / "b.zip")
    assert "se amplió" not in again.output
    assert _of_zip(tmp_path / "a.zip") == _of_zip(tmp_path / "b.zip")


def _of_zip(path: Path) -> bytes:
    with zipfile.ZipFile(path) as held:
        return held.read("datos.csv")


def test_an_agency_is_told_rounded_figures_whatever_it_asks(opened: None, run: Run, tmp_path: Path) -> None:
    done = run("R01", "--as", "agencia", *WHOLE, "--format", "csv", "--out", tmp_path / "a.zip")
    assert done.exit_code == 0 and "cifras redondeadas" in done.output
    refused = run("R01", "--as", "agencia", *WHOLE, "--format", "csv", "--out", tmp_path / "b.zip", "--audience", "interna")
    assert refused.exit_code != 0 and "entidades" in refused.output and not (tmp_path / "b.zip").exists()


def test_as_of_an_instant_before_there_was_anything_everything_is_none(opened: None, run: Run, tmp_path: Path) -> None:
    run("R02", "--as", "analista", *WHOLE, "--format", "xlsx", "--out", tmp_path / "r.xlsx", "--at", "2020-01-01T09:00")
    rows = load_workbook(tmp_path / "r.xlsx")["datos"].iter_rows(min_row=2, values_only=True)
    assert {row[5] for row in rows} == {0}


def test_a_printed_report_is_a_file_of_pages(opened: None, run: Run, tmp_path: Path) -> None:
    run("R04", "--as", "fiscal.mdd", *WHOLE, "--format", "pdf", "--out", tmp_path / "r.pdf")
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "r.pdf").pages)
    assert "R04" in text and "Su despacho" in text


@pytest.mark.parametrize(("words", "sentence"), [
    (("R01", "--as", "admin"), "El rol de ese usuario no permite hacer esto."),
    (("R01", "--as", "auditora"), "El rol de ese usuario no permite hacer esto."),
    (("R01", "--as", "asistente.mdd"), "El rol de ese usuario no permite hacer esto."),
    (("R01", "--as", "nadie"), "No hay un usuario activo"),
    (("R99", "--as", "analista"), "R99"),
    (("R01", "--as", "analista", "--district", "XXX"), "Elija un distrito fiscal de la lista"),
    (("R01", "--as", "analista", "--border", "XX"), "Elija una región fronteriza de la lista"),
    (("R01", "--as", "analista", "--at", "ayer"), "no es un instante"),
    (("R01", "--as", "analista", "--to", "2020-01-01"), "El periodo termina antes de empezar"),
])
def test_what_may_not_be_told_is_refused_in_a_sentence_and_nothing_is_written(
        app: Flask, opened: None, run: Run, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    given = (*WHOLE[:2], *words[1:]) if "--to" in words else (*WHOLE, *words[1:])
    done = run(words[0], *given, "--format", "csv", "--out", tmp_path / "x.zip")
    assert done.exit_code != 0 and sentence in done.output
    assert not list(tmp_path.iterdir()) and not _entries(app)


def test_a_file_that_exists_is_not_written_over(app: Flask, opened: None, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"mine")
    done = run("R01", "--as", "analista", *WHOLE, "--format", "csv", "--out", tmp_path / "x.zip")
    assert done.exit_code == 1 and "no se sobrescribe" in done.output and (tmp_path / "x.zip").read_bytes() == b"mine"
    with app.app_context():
        assert not db.session.scalar(select(func.count()).select_from(TrailEntry).where(TrailEntry.action == "report.exported"))


def test_the_first_day_of_the_calendar_is_no_instant(opened: None, run: Run, tmp_path: Path) -> None:
    for text in ("0001-01-01T00:00+00:00", "0001-01-01T00:00+14:00"):
        refused = run("R01", "--as", "analista", *WHOLE, "--format", "csv", "--out", tmp_path / "a.zip", "--at", text)
        assert refused.exit_code == 2 and "no es un instante" in refused.output
