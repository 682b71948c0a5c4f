"""Commands from the shell: what they write, what they refuse, and with which code they end."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy import delete, select, text, update

from sistra import create_app
from sistra.db import db
from sistra.models.accounts import Throttle
from sistra.models.attachments import Attachment
from sistra.models.audit import TrailEntry
from sistra.models.charges import ChargeAccess, ChargeMember
from sistra.services import audit, charge_access
from sistra.services.unit import unit_of_work
from tests.factories.cases import a_sealed_file
from tests.factories.databases import OwnDatabase
from tests.factories.people import opened
from tests.factories.rows import AT, a_charge, a_victim, an_identity, made
from tests.factories.sharing import shared
from tests.factories.world import World

NAME = "Zafiria Canaria"
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=[str(word) for word in words])


@pytest.fixture
def number(app: Flask, world: World) -> str:
    with app.app_context(), unit_of_work():
        charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
        an_identity(a_victim(charge, sex="F", age_at_facts=15), given_names=NAME)
        charge_access.refresh(world.viewer("fiscal.mdd"), charge)
        return charge.number


def _last(app: Flask) -> TrailEntry:
    with app.app_context():
        return db.session.scalars(select(TrailEntry).order_by(TrailEntry.number.desc()).limit(1)).one()


# -- init --------------------------------------------------------------------------------------------------------------------


def _fresh(folder: Path) -> Flask:
    return create_app(
        {
            "TESTING": True,
            "INSTANCE": str(folder / "instance"),
            "FILES": str(folder / "instance" / "files"),
            "KEYRING": str(folder / "keys" / "keyring.json"),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'instance' / 'sistra.db'}",
            "BASE_URL": "https://sistra.example.test",
        }
    )


def test_init_makes_what_is_missing_and_prints_the_link_of_the_first_administrator(tmp_path: Path) -> None:
    done = _fresh(tmp_path).test_cli_runner().invoke(args=["init", "--admin", "admin", "--email", "admin@example.test"])
    assert done.exit_code == 0, done.output
    link = done.output.strip().splitlines()[-1]
    assert link.startswith("https://sistra.example.test/invitacion/")
    answer = _fresh(tmp_path).test_client().get(link.removeprefix("https://sistra.example.test"))
    assert answer.status_code == 200
    assert (tmp_path / "keys" / "keyring.json").stat().st_mode & 0o077 == (tmp_path / "instance").stat().st_mode & 0o077 == 0
    assert (tmp_path / "instance" / "sistra.db").stat().st_mode & 0o077 == 0


def test_init_again_changes_nothing_and_makes_no_second_administrator(tmp_path: Path) -> None:
    _fresh(tmp_path).test_cli_runner().invoke(args=["init", "--admin", "admin", "--email", "admin@example.test"])
    ring = (tmp_path / "keys" / "keyring.json").read_bytes()
    again = _fresh(tmp_path).test_cli_runner().invoke(args=["init"])
    assert again.exit_code == 0 and "agregadas: 0" in again.output
    assert (tmp_path / "keys" / "keyring.json").read_bytes() == ring
    second = _fresh(tmp_path).test_cli_runner().invoke(args=["init", "--admin", "otra", "--email", "otra@example.test"])
    assert second.exit_code == 1 and "Ya existe una persona que administra" in second.output


@pytest.mark.parametrize(
    "words",
    [
        ("audit", "verify"),
        ("audit", "head"),
        ("export", "charges", "--as", "x", "--format", "csv", "--out", "x.zip"),
        ("show", "SIS-2026-MDD-00001", "--as", "x", "--format", "json", "--out", "x.json"),
        ("backup", "create", "x.tar"),
        ("access", "rebuild", "--check"),
    ],
    ids=" ".join,
)
def test_a_command_run_before_init_says_what_to_do(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = _fresh(tmp_path).test_cli_runner().invoke(args=list(words))
    assert done.exit_code == 1 and "flask --app wsgi init" in done.output


def test_a_command_run_without_tables_says_what_to_do(empty_database: OwnDatabase) -> None:
    done = empty_database.app.test_cli_runner().invoke(args=["audit", "verify"])
    assert done.exit_code == 1 and "flask --app wsgi init" in done.output


# -- export and show -----------------------------------------------------------------------------------------------------------


def test_export_writes_what_the_user_sees(run: Run, number: str, tmp_path: Path) -> None:
    for username, rows in (("fiscal.mdd", 1), ("fiscal.lim", 0)):
        done = run("export", "victims", "--as", username, "--format", "xlsx", "--out", tmp_path / f"{username}.xlsx")
        assert done.exit_code == 0, done.output
        assert load_workbook(tmp_path / f"{username}.xlsx")["agraviadas"].max_row == 1 + rows


def test_export_notes_the_user_and_the_operating_system_user(
    app: Flask, run: Run, world: World, number: str, tmp_path: Path
) -> None:
    run(
        "export",
        "all",
        "--as",
        "fiscal.mdd",
        "--format",
        "csv",
        "--out",
        tmp_path / "todo.zip",
        "--filter",
        "df=MDD",
        "--reason",
        "EST",
    )
    entry = _last(app)
    assert (entry.action, entry.door, entry.actor_id) == ("list.exported", "cli", world.users["fiscal.mdd"])
    assert entry.system_user and entry.reason and entry.reason.startswith("EST")
    assert entry.detail is not None and entry.detail["filters"] == {"df": ["MDD"]}


def test_export_as_pdf_prints_one_unit(run: Run, number: str, tmp_path: Path) -> None:
    done = run("export", "charges", "--as", "fiscal.mdd", "--format", "pdf", "--out", tmp_path / "lista.pdf")
    assert done.exit_code == 0, done.output
    assert number in PdfReader(tmp_path / "lista.pdf").pages[0].extract_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--as", "nadie"), "No hay un usuario activo"),
        (("--as", "asistente.mdd"), "no permite"),
        (("--as", "admin"), "no permite"),
        (("--as", "fiscal.mdd", "--filter", "nombre=x"), "no es un filtro"),
        (("--as", "fiscal.mdd", "--filter", "df=ZZZ"), "no es un valor"),
    ],
)
def test_export_refuses_in_a_sentence_and_writes_nothing(
    run: Run, number: str, tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = run("export", "charges", "--format", "csv", "--out", tmp_path / "x.zip", *words)
    assert done.exit_code != 0 and sentence in done.output
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_overwritten(run: Run, number: str, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("mío")
    done = run("export", "charges", "--as", "fiscal.mdd", "--format", "csv", "--out", tmp_path / "x.zip")
    assert done.exit_code == 1 and "Ya existe" in done.output
    assert (tmp_path / "x.zip").read_text() == "mío"


def test_show_writes_a_charge_with_identities_reserved(run: Run, number: str, tmp_path: Path) -> None:
    done = run("show", number, "--as", "fiscal.mdd", "--format", "json", "--out", tmp_path / "d.json")
    assert done.exit_code == 0, done.output
    written = (tmp_path / "d.json").read_text()
    assert json.loads(written)["agraviadas"][0]["sex"] == "F" and NAME not in written
    assert (tmp_path / "d.json").stat().st_mode & 0o077 == 0
    run("show", number, "--as", "fiscal.mdd", "--format", "pdf", "--out", tmp_path / "d.pdf")
    assert NAME not in "".join(page.extract_text() for page in PdfReader(tmp_path / "d.pdf").pages)


def test_show_of_a_charge_that_the_user_does_not_see_is_as_of_none(run: Run, number: str, tmp_path: Path) -> None:
    unseen = run("show", number, "--as", "fiscal.lim", "--format", "json", "--out", tmp_path / "d.json")
    absent = run("show", "SIS-2026-MDD-99999", "--as", "fiscal.lim", "--format", "json", "--out", tmp_path / "d.json")
    assert unseen.exit_code == absent.exit_code == 1 and unseen.output == absent.output


def test_no_command_reveals_an_identity(app: Flask) -> None:
    options = {option for command in app.cli.commands.values() for param in command.params for option in param.opts}
    assert not {option for option in options if "reveal" in option or "identit" in option}


# -- audit ---------------------------------------------------------------------------------------------------------------------


def test_verify_ends_with_0_for_a_whole_trail_and_with_1_for_a_forged_one(own_database: OwnDatabase) -> None:
    app = own_database.app
    with app.app_context():
        for _turn in range(3):
            with unit_of_work():
                audit.note(None, "signin.failed", audit.Subject("user_account"), at=AT)
    runner = app.test_cli_runner()
    whole = runner.invoke(args=["audit", "verify"])
    assert (whole.exit_code, "3 entradas" in whole.output) == (0, True)
    with app.app_context():
        db.session.execute(text("DROP TRIGGER trail_entry_no_update"))
        db.session.execute(text("UPDATE trail_entry SET action = 'otra' WHERE number = 2"))
        db.session.commit()
    forged = runner.invoke(args=["audit", "verify"])
    assert forged.exit_code == 1 and "la entrada 2" in forged.output


def test_a_head_kept_outside_finds_a_trail_that_was_cut_and_mended(own_database: OwnDatabase, tmp_path: Path) -> None:
    app, runner = own_database.app, own_database.app.test_cli_runner()
    with app.app_context():
        for _turn in range(2):
            with unit_of_work():
                audit.note(None, "signin.failed", audit.Subject("user_account"), at=AT)
    kept = tmp_path / "cabeza.json"
    kept.write_text(runner.invoke(args=["audit", "head"]).output)
    assert runner.invoke(args=["audit", "verify", "--head", str(kept)]).exit_code == 0
    with app.app_context():
        db.session.execute(text("DROP TRIGGER trail_entry_no_delete"))
        db.session.execute(text("DELETE FROM trail_entry WHERE number = 2"))
        db.session.execute(text("UPDATE trail_head SET number = 1, hash = (SELECT hash FROM trail_entry WHERE number = 1)"))
        db.session.commit()
    assert runner.invoke(args=["audit", "verify"]).exit_code == 0
    assert runner.invoke(args=["audit", "verify", "--head", str(kept)]).exit_code == 1


def test_a_head_that_was_altered_does_not_pass(run: Run, number: str, tmp_path: Path) -> None:
    run("export", "charges", "--as", "fiscal.mdd", "--format", "csv", "--out", tmp_path / "a.zip")
    stated = json.loads(run("audit", "head").output)
    for altered in ({"number": 0}, {"hash": "0" * 64}, {"at": "2020-01-01"}, {"signature": "00" * 64}, {"public_key": "00" * 32}):
        (tmp_path / "cabeza.json").write_text(json.dumps(stated | altered))
        assert run("audit", "verify", "--head", tmp_path / "cabeza.json").exit_code == 1


def test_who_tells_readings_and_exports_of_a_charge_and_nobody_elses(
    app: Flask, run: Run, world: World, number: str, tmp_path: Path
) -> None:
    run("export", "charges", "--as", "fiscal.mdd", "--format", "csv", "--out", tmp_path / "a.zip")
    run("export", "charges", "--as", "fiscal.lim", "--format", "csv", "--out", tmp_path / "b.zip")
    run("show", number, "--as", "fiscal.mdd", "--format", "json", "--out", tmp_path / "d.json")
    day = _last(app).at
    days = ("--from", f"{day - timedelta(days=1):%Y-%m-%d}", "--to", f"{day + timedelta(days=1):%Y-%m-%d}")
    done = run("audit", "who", "--charge", number, *days, "--as", "auditora")
    assert done.exit_code == 0, done.output
    assert "list.exported" in done.output and "charge.exported" in done.output and "fiscal.lim" not in done.output
    assert _last(app).action == "trail.read"
    refused: Any = run("audit", "who", "--charge", number, *days, "--as", "fiscal.mdd")
    assert refused.exit_code == 1 and "no permite" in refused.output


def test_who_refuses_days_that_are_none(run: Run, number: str) -> None:
    assert run("audit", "who", "--charge", number, "--from", "ayer", "--to", "2026-01-01", "--as", "auditora").exit_code == 2


# -- access --------------------------------------------------------------------------------------------------------------------


def test_access_rows_that_do_not_follow_are_found_and_mended(app: Flask, run: Run, number: str) -> None:
    assert run("access", "rebuild", "--check").exit_code == 0
    with app.app_context(), unit_of_work():
        db.session.execute(delete(ChargeAccess).where(ChargeAccess.principal.like("office:%")))
        db.session.add(ChargeAccess(principal="agency:2", charge_id=1, updated_at=AT, outline=False))
    found = run("access", "rebuild", "--check")
    assert found.exit_code == 1 and number in found.output
    assert run("access", "rebuild").exit_code == 2
    assert run("access", "rebuild", "--as", "fiscal.mdd").exit_code == 1
    assert run("access", "rebuild", "--as", "admin").exit_code == 0
    assert run("access", "rebuild", "--check").exit_code == 0


def _checked(run: Run) -> str:
    found = run("access", "rebuild", "--check")
    assert found.exit_code == 1
    return found.output


def test_the_check_of_access_holds_the_rows_against_the_accepted_grants_too(app: Flask, run: Run, world: World) -> None:
    with app.app_context():
        number = opened(world.viewer("fiscal.mdd"))
        grant = shared(world, number)
    assert "accesos compartidos" in run("access", "rebuild", "--check").output
    row = {"principal": f"agency:{world.agencies['pnp']}", "grant_id": grant}
    with app.app_context(), unit_of_work():
        db.session.execute(update(ChargeAccess).filter_by(**row).values(sections=("RES", "DOC")))
    told = f"agency:{world.agencies['pnp']} por el acceso compartido {grant}"
    assert f"{number}: {told}: abre lo que no corresponde\n" in _checked(run)
    with app.app_context(), unit_of_work():
        db.session.execute(delete(ChargeAccess).filter_by(**row))
    assert f"{number}: {told}: falta\n" in _checked(run)
    assert run("access", "rebuild", "--as", "admin").exit_code == 0
    assert run("access", "rebuild", "--check").exit_code == 0


def test_who_left_the_office_of_a_sealed_charge_is_no_row_of_its_team(app: Flask, run: Run, world: World) -> None:
    with app.app_context():
        file = a_sealed_file(world.viewer("fiscal.mdd"))
        with unit_of_work():
            made(ChargeMember, charge_id=file.charge_id, user_id=world.users["fiscal.lim"], part="ADJ", from_on=AT.date())
    assert run("access", "rebuild", "--check").exit_code == 0


# -- backup --------------------------------------------------------------------------------------------------------------------


def test_a_backup_is_made_and_restored_from_the_shell(
    own_database: OwnDatabase, empty_database: OwnDatabase, tmp_path: Path
) -> None:
    file = tmp_path / "respaldo.tar"
    made = own_database.app.test_cli_runner().invoke(args=["backup", "create", str(file)])
    assert made.exit_code == 0, made.output
    again = own_database.app.test_cli_runner().invoke(args=["backup", "create", str(file)])
    assert again.exit_code == 1 and "Ya existe" in again.output
    runner = empty_database.app.test_cli_runner()
    assert runner.invoke(args=["backup", "restore", str(file)]).exit_code == 0
    assert "bitácora está íntegra" in runner.invoke(args=["audit", "verify"]).output
    file.write_bytes(file.read_bytes()[:-5] + b"00000")
    damaged = runner.invoke(args=["backup", "restore", str(file), "--force"])
    assert damaged.exit_code == 1 and "dañado" in damaged.output


# -- files -------------------------------------------------------------------------------------------------------------


def test_files_without_a_document_are_found_and_removed_when_they_have_settled(
    app: Flask, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path))
    old, new = (tmp_path / name for name in ("a" * 32, "b" * 32))
    for path in (old, new):
        path.write_bytes(b"x")
    os.utime(old, (1, 1))
    assert "1 archivos sueltos." in run("files", "check").output and old.exists()
    assert run("files", "check", "--remove").exit_code == 0
    assert not old.exists() and new.exists()


def test_a_document_without_its_file_is_reported(
    app: Flask, run: Run, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "FILES", str(tmp_path))
    with app.app_context(), unit_of_work():
        made(Attachment, charge_id=1, storage_key="c" * 32, kind="DIS", title="Disposición")
    done = run("files", "check")
    assert done.exit_code == 1 and "Faltan los archivos de 1 documentos" in done.output


# -- prune -------------------------------------------------------------------------------------------------------------


def test_prune_counts_when_asked_to_check_and_deletes_otherwise(app: Flask, run: Run, world: World) -> None:
    with app.app_context(), unit_of_work():
        made(Throttle, key="address:203.0.113.9", failures=3, window_from=AT - timedelta(days=9000))
    assert "1 intentos" in run("prune", "--check").output and "1 intentos" in run("prune").output
    assert "0 intentos" in run("prune", "--check").output
    assert _last(app).action == "house.pruned"
