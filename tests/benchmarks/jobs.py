"""What is measured: a line per job. A job is made ready for an application once and then called as often as wanted."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from sistra.db import db
from sistra.services import signin
from sistra.services.charge_list import Query
from sistra.services.exports import files
from tests.conftest import signed_in
from tests.factories.charges import posted

Act = Callable[[], Any]
OFFICE, COUNTRY, ANALYST = "fiscal.mdd", "coordinadora", "analista"


@dataclass(frozen=True, slots=True)
class Job:
    """`ready` gives what is timed. A `page` is held against a bare page of its bytes; a file costs by its rows."""

    name: str
    ready: Callable[[Flask], Act]
    page: bool = True
    rounds: int = 15


def _client(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(*signed_in(app, username))
    return client


def _answered(answer: Any, status: int) -> bytes:
    assert answer.status_code == status, (answer.request.path, answer.status_code)
    content: bytes = answer.data
    return content


def got(username: str, path: str) -> Callable[[Flask], Act]:
    """A page read by that user."""
    def ready(app: Flask) -> Act:
        client = _client(app, username)
        return lambda: _answered(client.get(path), 200)
    return ready


def deep(username: str, principal: str) -> Callable[[Flask], Act]:
    """The page in the middle of what that user's principal sees."""
    def ready(app: Flask) -> Act:
        with app.app_context():
            keys = "FROM charge_access WHERE principal LIKE :principal"
            half = db.session.execute(text(f"SELECT count(*) / 2 {keys}"), {"principal": principal}).scalar_one()
            at, key = db.session.execute(text(f"SELECT updated_at, charge_id {keys} ORDER BY updated_at DESC, charge_id DESC "
                                              "LIMIT 1 OFFSET :half"), {"principal": principal, "half": half}).one()
        edge = datetime.fromisoformat(at).replace(tzinfo=UTC).isoformat()
        return got(username, f"/denuncias/?tras={quote(f'{edge}~{key}')}")(app)
    return ready


def folder(app: Flask) -> Act:
    return got(OFFICE, f"/denuncias/{_number(app)}")(app)


def saved(app: Flask) -> Act:
    client = _client(app, OFFICE)
    return lambda: _answered(client.post("/denuncias/nueva", data=posted()), 302)


def found(app: Flask) -> Act:
    """The search by number, which leads to the charge."""
    client, number = _client(app, COUNTRY), _number(app)
    return lambda: _answered(client.post("/buscar/", data={"q": number}), 302)


def told(app: Flask) -> Act:
    """The search of words that stand in every summary: the newest of the office."""
    client = _client(app, OFFICE)
    return lambda: _answered(client.post("/buscar/", data={"q": "resumen denuncia"}), 200)


def exported(of_format: str) -> Callable[[Flask], Act]:
    """The charges of an office as a file; gives how many rows it has."""
    def ready(app: Flask) -> Act:
        ask = files.Ask(Query(), ("charges",), of_format, "ACT")

        def act() -> int:
            with app.app_context():
                viewer = signin.command_viewer(OFFICE, at=datetime.now(UTC), system_user="benchmarks")
                return len(files.make(viewer, ask).selection.charges)
        return act
    return ready


def _number(app: Flask) -> str:
    with app.app_context():
        first = "SELECT number FROM charge WHERE number LIKE '%MDD%' ORDER BY id LIMIT 1"
        number: str = db.session.execute(text(first)).scalar_one()
    return number


JOBS = (
    Job("list, office", got(OFFICE, "/denuncias/")),
    Job("list, office, in the middle", deep(OFFICE, "office:%")),
    Job("list, whole country", got(COUNTRY, "/denuncias/")),
    Job("list, whole country, in the middle", deep(COUNTRY, "subsystem")),
    Job("list, filtered", got(COUNTRY, "/denuncias/?finalidad=LAB&etapa=IPF")),
    Job("charge page", folder),
    Job("new charge saved", saved),
    Job("search by number", found),
    Job("search of summaries, office", told),
    Job("desk", got(OFFICE, "/mesa")),
    Job("report R01, country", got(ANALYST, "/reportes/R01?desde=2025-01&hasta=2025-12")),
    Job("report R04, country", got(ANALYST, "/reportes/R04?desde=2025-01&hasta=2025-12")),
    Job("export xlsx, office", exported("xlsx"), page=False, rounds=3),
    Job("export csv, office", exported("csv"), page=False, rounds=3),
)
"""Every job, in the order of the table."""

