"""A backup is whole or refused, and what it gives back is what stood there."""

from __future__ import annotations

import random
import sqlite3
import tarfile
import threading
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import MetaData, select, update

from sistra.db import db
from sistra.models.charges import Charge
from sistra.rules.entries import Entry
from sistra.services import attachments, audit, backup
from sistra.services.attachments import Upload
from sistra.services.unit import unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.rows import a_charge, a_victim, an_identity
from tests.factories.world import World, build_world

NOW = datetime(2026, 3, 27, 16, 0, tzinfo=UTC)
CANARY = b"canaria que canta en el respaldo"


def _filled(app: Flask) -> tuple[World, str, int]:
    with app.app_context():
        with unit_of_work():
            world = build_world()
            charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
            an_identity(a_victim(charge), given_names=CANARY.decode())
            number = charge.number
        with unit_of_work():
            key = attachments.add(
                world.viewer("fiscal.mdd"),
                number,
                Entry("attachment", {"kind": "DIS", "title": "Disposición", "contains_identity": False}),
                Upload("a.txt", BytesIO(CANARY), len(CANARY)),
            )
        return world, number, key


def _rows(app: Flask) -> dict[str, list[Any]]:
    with app.app_context(), db.engine.connect() as connection:
        reflected = MetaData()
        reflected.reflect(connection)
        return {name: sorted(map(repr, connection.execute(select(table)))) for name, table in reflected.tables.items()}


@pytest.fixture
def full(own_database: OwnDatabase) -> tuple[Flask, World, str, int]:
    return own_database.app, *_filled(own_database.app)


@pytest.fixture
def made(full: tuple[Flask, World, str, int], tmp_path: Path) -> Path:
    with full[0].app_context():
        return backup.create(tmp_path / "respaldo.tar", at=NOW).path


@pytest.mark.both_databases
def test_what_was_backed_up_is_given_back_row_by_row(
    full: tuple[Flask, World, str, int], made: Path, empty_database: OwnDatabase
) -> None:
    app, world, number, key = full
    with empty_database.app.app_context():
        restored = backup.restore(made, at=NOW)
        with unit_of_work():
            opened = attachments.open_file(world.viewer("fiscal.mdd"), number, key)
        assert b"".join(opened.pieces) == CANARY
    assert restored.verdict.intact and restored.keys_fit
    assert {name: rows for name, rows in _rows(empty_database.app).items() if name not in ("trail_entry", "trail_head")} == {
        name: rows for name, rows in _rows(app).items() if name not in ("trail_entry", "trail_head")
    }


def test_neither_keys_nor_plain_texts_are_in_a_backup(own_database: OwnDatabase, made: Path) -> None:
    content = made.read_bytes()
    assert CANARY not in content
    ring = own_database.keyring.read_text()
    assert all(bytes.fromhex(text) not in content and text.encode() not in content for text in ring.split('"') if len(text) == 64)


def test_a_backup_is_a_tar_archive_that_lists_its_digests(made: Path) -> None:
    manifest = backup.verify(made)
    with tarfile.open(made) as archive:
        for name, digest in manifest.entries.items():
            stream = archive.extractfile(name)
            assert stream is not None and sha256(stream.read()).hexdigest() == digest
    assert made.stat().st_mode & 0o077 == 0


def test_a_backup_with_one_changed_byte_is_refused_wherever_it_is(made: Path, empty_database: OwnDatabase) -> None:
    content, random_places = made.read_bytes(), random.Random(20260327)
    places = [0, 100, 512, len(content) - 1, len(content) - 70, *random_places.sample(range(len(content)), 45)]
    before = _folder(empty_database)
    for place in places:
        made.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with empty_database.app.app_context(), pytest.raises(backup.Unusable):
            backup.restore(made, at=NOW)
    assert len(places) == 50 and _folder(empty_database) == before


def test_a_backup_cut_short_is_refused(made: Path) -> None:
    content = made.read_bytes()
    for length in (0, 10, len(content) // 2, len(content) - 1):
        made.write_bytes(content[:length])
        with pytest.raises(backup.Unusable):
            backup.verify(made)


def _folder(database: OwnDatabase) -> list[str]:
    return sorted(str(path) for path in Path(database.app.config["FILES"]).rglob("*"))


@pytest.mark.both_databases
def test_a_place_with_data_is_not_overwritten_unless_forced(full: tuple[Flask, World, str, int], made: Path) -> None:
    app, _world, number, _key = full
    with app.app_context():
        with unit_of_work():
            db.session.execute(update(Charge).values(summary="Después del respaldo"))
        with pytest.raises(backup.Unusable, match="ya hay datos"):
            backup.restore(made, at=NOW)
        assert db.session.scalar(select(Charge.summary)) == "Después del respaldo"
        db.session.rollback()
        restored = backup.restore(made, at=NOW, force=True)
        assert db.session.scalar(select(Charge.summary).where(Charge.number == number)) == "Operativo conjunto en un local"
    assert all(path.exists() for path in restored.kept) and restored.kept


def test_a_backup_made_while_others_write_is_of_one_moment(full: tuple[Flask, World, str, int], tmp_path: Path) -> None:
    app, world, _number, _key = full
    stop, written = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                with unit_of_work():
                    charge = a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
                    audit.note(world.viewer("fiscal.mdd"), "charge.opened", audit.subject_of(charge))
                written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with app.app_context():
            paths = [backup.create(tmp_path / f"{turn}.tar", at=NOW).path for turn in range(5)]
    finally:
        stop.set()
        writer.join()
    assert written
    for path in paths:
        with tarfile.open(path) as archive:
            archive.extract("database", tmp_path, filter="data")
        with sqlite3.connect(tmp_path / "database") as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (charges,) = copy.execute("SELECT count(*) FROM charge").fetchone()
            (opened,) = copy.execute("SELECT count(*) FROM trail_entry WHERE action = 'charge.opened'").fetchone()
            assert charges == opened + 1


def test_a_missing_file_stops_the_backup(full: tuple[Flask, World, str, int], tmp_path: Path) -> None:
    for path in [path for path in Path(full[0].config["FILES"]).rglob("*") if path.is_file()]:
        path.unlink()
    with full[0].app_context(), pytest.raises(backup.Unusable, match="Faltan 1"):
        backup.create(tmp_path / "r.tar", at=NOW)
    assert not (tmp_path / "r.tar").exists()


def test_an_existing_file_is_not_overwritten(full: tuple[Flask, World, str, int], made: Path) -> None:
    content = made.read_bytes()
    with full[0].app_context(), pytest.raises(FileExistsError):
        backup.create(made, at=NOW)
    assert made.read_bytes() == content
