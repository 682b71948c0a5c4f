"""What is encrypted stands nowhere in plain: not in the database, its log, a backup or a file; and what is typed in no log."""
from __future__ import annotations

import logging
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from sistra.access.fields import put, record_of
from sistra.codebook.dictionary import records
from sistra.db import Duration, about_to_write, db
from sistra.rules.partial_dates import PartialDate
from sistra.services import charges, export_runs
from sistra.services.unit import unit_of_work
from tests.conftest import Visitor
from tests.factories.charges import posted
from tests.factories.databases import OwnDatabase
from tests.factories.folder import full_folder
from tests.factories.world import World, build_world

CANARY = "Canarioqzx"
_OTHER = {"partial_date": PartialDate.of_year(1999), "duration_ymd": Duration(1, 2, 3), "bool": True, "integer": 7, "decimal": 1,
          "codes": ("DNI",)}


FILLED = ("identity", "measure", "service", "task")
"""Records of which the folder surely has a row, so that each of their encrypted fields is tried."""


def encrypted_texts(record: str) -> list[str]:
    return [f"{record}.{field.name}" for field in records()[record].fields.values()
            if field.encrypted and field.type not in _OTHER]


def canary_in_every_row(app: Flask) -> list[str]:
    """Puts the canary into every encrypted text of every row there is; tells into which fields."""
    written: list[str] = []
    for mapper in db.Model.registry.mappers:
        table = mapper.class_.__tablename__
        if table not in records() and table != "user_account":
            continue
        for row in db.session.query(mapper.class_):
            for field in record_of(row).fields.values():
                if field.encrypted and hasattr(row, field.name) and field.type not in _OTHER:
                    put(row, field, f"{CANARY} {field.record} {field.name}")
                    written.append(f"{field.record}.{field.name}")
            row.version += 1
    return written


@pytest.fixture
def filled(own_database: OwnDatabase) -> OwnDatabase:
    with own_database.app.app_context():
        with unit_of_work():
            world = build_world()
        number, _ = full_folder(world, canary=CANARY)
        with unit_of_work():
            charges.seal(world.viewer("fiscal.mdd", at=datetime.now(UTC)), number, confidentiality="SEL",
                         reason=f"{CANARY} motivo", version=1)
        with about_to_write():
            written = canary_in_every_row(own_database.app)
            assert len(written) > 40 and {name for record in FILLED for name in encrypted_texts(record)} <= set(written)
            db.session.commit()
        db.session.remove()
    return own_database


def test_no_encrypted_text_stands_in_the_bytes_of_the_database(filled: OwnDatabase) -> None:
    kept = [path for path in Path(filled.path).parent.glob(f"{Path(filled.path).name}*") if path.is_file()]
    assert kept
    for path in kept:
        data = path.read_bytes().lower()
        assert CANARY.lower().encode() not in data and CANARY.lower().encode("utf-16-le") not in data, path


def test_a_canary_in_a_plain_field_would_be_found(filled: OwnDatabase) -> None:
    with filled.app.app_context():
        with about_to_write():
            db.session.execute(text("UPDATE charge SET summary = :canary"), {"canary": CANARY})
            db.session.commit()
        db.session.remove()
    found = any(CANARY.encode() in path.read_bytes() for path in Path(filled.path).parent.glob(f"{Path(filled.path).name}*"))
    assert found


def test_a_backup_holds_no_encrypted_text_in_plain(filled: OwnDatabase, tmp_path: Path) -> None:
    from sistra.services import backup
    target = tmp_path / "backup.tar"
    with filled.app.app_context():
        backup.create(target, at=datetime.now(UTC))
    assert CANARY.encode() not in target.read_bytes()


def test_nothing_typed_stands_in_a_log(app: Flask, sign_in: Callable[[str], Visitor], caplog: pytest.LogCaptureFixture,
                                       monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("FILES", "INSTANCE"):
        monkeypatch.setitem(app.config, name, str(tmp_path / name))
    client = sign_in("fiscal.mdd")
    texts = posted(summary=f"{CANARY} resumen", carpeta_number=CANARY)
    client.post("/denuncias/nueva", data=texts)
    client.post("/denuncias/nueva", data=posted(summary="x", notice_place=CANARY))
    client.post("/denuncias/nueva", data=texts | {"act": "borrador"})
    client.post("/buscar/personas", data={"names": CANARY, "document": CANARY})
    client.post("/buscar/", data={"q": CANARY})
    because = {"format": "csv", "reason_code": "OTH", "reason_text": f"{CANARY} motivo"}
    for at_once, status in ((1000, 200), (-1, 303)):
        monkeypatch.setitem(app.config, "EXPORT_AT_ONCE", at_once)
        assert client.post("/denuncias/exportar", data={"units": ["charges"], **because}).status_code == status
        assert sign_in("analista").post("/reportes/microdatos", data={"units": ["charge"], **because}).status_code == status
    with app.app_context():
        for key in export_runs.waiting():
            export_runs.carry_out(key, lambda: datetime.now(UTC))

    def broken(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(CANARY)
    monkeypatch.setattr(charges, "open_charge", broken)
    assert client.post("/denuncias/nueva", data=texts).status_code == 500
    assert "RuntimeError" in caplog.text
    assert CANARY not in caplog.text


def test_a_failing_statement_writes_no_value_into_the_log(app: Flask, world: World, caplog: pytest.LogCaptureFixture,
                                                          sign_in: Callable[[str], Visitor]) -> None:
    from sqlalchemy import event
    caplog.set_level(logging.DEBUG)
    client = sign_in("fiscal.mdd")

    def fail(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO charge "):
            cursor.execute("SELECT no_such_column")
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = client.post("/denuncias/nueva", data=posted(summary=CANARY))
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    # What was typed comes back to who typed it, in the button that sends it again, and stands nowhere else on the page.
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500 and CANARY not in re.sub(r'<input type="hidden"[^>]*>', "", page)
    assert CANARY not in caplog.text
