"""`demo`: makes an instance from nothing, says how to enter, and never takes the place of other data."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from sistra import create_app
from sistra.cli import demo
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import Charge
from sistra.services.unit import unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.world import build_world


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def empty(folder: Path) -> Flask:
    """An application whose folders, keys and tables do not exist yet."""
    instance = folder / "instance"
    return create_app(
        {
            "TESTING": True,
            "INSTANCE": str(instance),
            "FILES": str(instance / "files"),
            "KEYRING": str(folder / "keys" / "keyring.json"),
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{instance / 'sistra.db'}",
        }
    )


def _run(app: Flask, *words: object) -> Result:
    return app.test_cli_runner().invoke(args=["demo", "--no-serve", "--today", "2026-11-21", *map(str, words)])


def _numbers(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(Charge.number).order_by(Charge.number)))


def test_a_demonstration_is_made_from_nothing_and_says_how_to_enter(empty: Flask, folder: Path) -> None:
    done = _run(empty, "--charges", 2, "--credentials", folder / "who.json")
    assert done.exit_code == 0, done.output
    who = json.loads((folder / "who.json").read_text())
    assert len(_numbers(empty)) == 2
    assert set(who) == {
        "admin",
        "auditor",
        "analista",
        "coordinacion",
        "presidencia.mdd",
        "fiscal.mdd",
        "asistente.mdd",
        "fiscal.lima",
        "mimp",
        "pnp",
        "victimas",
    }
    assert all(set(one) == {"password", "totp"} and one["password"] in done.output for one in who.values())
    assert "ficticios" in done.output


def test_only_their_owner_reads_database_keys_and_credentials(empty: Flask, folder: Path) -> None:
    _run(empty, "--charges", 1, "--credentials", folder / "who.json")
    for path in (folder / "who.json", folder / "instance" / "sistra.db", folder / "keys" / "keyring.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_secret_of_the_second_factor_is_printed_only_where_it_is_asked(empty: Flask, folder: Path) -> None:
    done = _run(empty, "--charges", 0, "--credentials", folder / "who.json")
    assert not [one for one in json.loads((folder / "who.json").read_text()).values() if one["totp"] in done.output]
    done = _run(empty, "--charges", 0, "--credentials", folder / "who.json", "--fresh", "--second-factor")
    assert [one for one in json.loads((folder / "who.json").read_text()).values() if one["totp"] in done.output]


def test_a_second_demonstration_is_refused_and_told_how(empty: Flask) -> None:
    _run(empty, "--charges", 1)
    before = _numbers(empty)
    done = _run(empty, "--charges", 2)
    assert done.exit_code != 0
    assert "--fresh" in done.output and "--keep" in done.output
    assert _numbers(empty) == before


def test_fresh_makes_another_in_the_place_of_a_demonstration(empty: Flask) -> None:
    _run(empty, "--charges", 1)
    done = _run(empty, "--charges", 2, "--fresh")
    assert done.exit_code == 0, done.output
    assert len(_numbers(empty)) == 2


def test_fresh_removes_no_other_data(own_database: OwnDatabase) -> None:
    app = own_database.app
    with app.app_context(), unit_of_work():
        build_world()
    done = _run(app, "--charges", 1, "--fresh")
    assert done.exit_code != 0
    assert "no se toca" in done.output
    with app.app_context():
        assert db.session.scalar(db.select(User.id).where(User.username == "fiscal.mdd"))


def test_an_existing_credentials_file_is_not_overwritten(empty: Flask, folder: Path) -> None:
    (folder / "who.json").write_text("mine")
    done = _run(empty, "--charges", 1, "--credentials", folder / "who.json")
    assert done.exit_code != 0
    assert (folder / "who.json").read_text() == "mine"


def test_keep_without_a_demonstration_says_what_to_do(empty: Flask) -> None:
    done = _run(empty, "--keep")
    assert done.exit_code != 0
    assert "no hay ninguna demostración" in done.output


def test_a_busy_port_is_told_before_anything_is_made(empty: Flask, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        done = empty.test_cli_runner().invoke(args=["demo", "--charges", "1", "--port", str(held.getsockname()[1])])
    assert done.exit_code != 0
    assert "ocupado" in done.output
    assert not (folder / "keys").exists()


def test_the_served_application_wears_the_banner_and_asks_no_second_factor(empty: Flask) -> None:
    _run(empty, "--charges", 0)
    with empty.app_context():
        app = demo.served(False, "http://127.0.0.1:5000")
    assert (app.config["DEMONSTRATION"], app.config["ASK_SECOND_FACTOR"], app.config["SECURE_COOKIES"]) == (True, False, False)
    assert "demostración" in app.test_client().get("/entrar", follow_redirects=True).text.lower()
