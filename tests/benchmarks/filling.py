"""A database of so many charges with their access rows, parts, acts, deadlines and trail.

One in ten is of the prosecutor's office. The entries of the trail are not chained: nobody verifies them here.
"""
from __future__ import annotations

import random
import tempfile
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, text, update

from sistra import create_app
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.audit import TrailEntry, TrailHead
from sistra.models.charges import Charge, ChargeAccess, ChargePurpose
from sistra.models.events import Deadline, Event
from sistra.models.people import Accused, Victim
from sistra.rules.sealing import KeyRing
from sistra.services import fact_rebuilding, text_index
from sistra.services.unit import unit_of_work
from tests.factories.rows import AT
from tests.factories.world import World, build_world

MIGRATIONS = str(Path(__file__).parents[2] / "migrations")
STAGES, PURPOSES = ("10-NOT", "30-DIP", "40-IPF", "50-INT", "60-JUI", "70-SEN"), ("SEX", "LAB", "LAB-MIN", "BEG", "NNA")
_CHUNK, _ENTRIES, _UNCHAINED = 5000, 4, "0" * 64
Rows = list[dict[str, Any]]


def built(size: int) -> Flask:
    """An application over a database of its own in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="sistra-bench-"))
    KeyRing.create(folder / "keyring.json")
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/bench.db", "KEYRING": str(folder / "keyring.json"),
                      "SECURE_COOKIES": False, "WTF_CSRF_ENABLED": False, "TESTING": True})
    with app.app_context():
        upgrade(MIGRATIONS)
        with unit_of_work():
            fill(build_world(), size)
        _follow()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    return app


def fill(world: World, size: int, *, without: Collection[Any] = ()) -> None:
    """Writes the rows of so many charges, those of the tables `without` left out; the caller commits."""
    chance, districts = random.Random(1), list(codelist("fiscal_district"))
    tables = (Charge, ChargeAccess, ChargePurpose, Victim, Accused, Event, Deadline, TrailEntry)
    rows: dict[Any, Rows] = {table: [] for table in tables}
    for key in range(1, size + 1):
        own = key % 10 == 0
        district = "MDD" if own else chance.choice(districts)
        for table, row in _of_charge(world, key, "mdd" if own else "lim", district):
            rows[table].append(row)
        if key % _CHUNK == 0 or key == size:
            for table in (one for one in tables if one not in without):
                db.session.execute(insert(table.__table__), rows[table])
                rows[table].clear()
    db.session.execute(update(TrailHead).values(number=size * _ENTRIES, hash=_UNCHAINED))


def _follow() -> None:
    """Facts and the index of summaries, as every save leaves them."""
    since = dict.fromkeys(db.session.scalars(select(Charge.id)), AT)
    for table in (Charge, Victim, Accused, Event):
        keys = list(db.session.scalars(select(table.id)))
        with unit_of_work():
            fact_rebuilding.fill({table.__tablename__: keys}, since)
    for keys in text_index.chunks():
        with unit_of_work():
            text_index.fill(keys)


def _of_charge(world: World, key: int, office: str, district: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    updated, owner = AT - timedelta(minutes=key), world.offices[office]
    common = {"version": 1, "unknowns": None, "origin": "FOR", "created_by_id": world.users["fiscal.mdd"], "created_at": AT}
    part = common | {"charge_id": key, "updated_at": updated}
    yield Charge, common | {
        "id": key, "number": f"SIS-2025-{district}-{key:05d}", "year": 2025, "received_on_earliest": date(2025, 1, 1),
        "received_on_latest": date(2025, 1, 1), "received_on_precision": "day", "notice_source": "PNP",
        "reported_offence": "PE-129A", "notice_place": "170102", "summary": "Resumen de los hechos de la denuncia.",
        "purpose_known": (PURPOSES[key % 5],), "status": "TRA" if key % 3 else "ARC", "stage": STAGES[key % 6],
        "fiscal_district": district, "completeness": 50, "office_id": owner, "responsible_id": world.users[f"fiscal.{office}"],
        "confidentiality": "RES", "updated_at": updated, "victims_total": 2, "minors_total": 1, "accused_total": 1,
        "next_due_on": date(2026, 1, 1) + timedelta(days=key % 300)}
    for principal in (f"office:{owner}", f"district:{district}", "subsystem"):
        yield ChargeAccess, {"principal": principal, "charge_id": key, "updated_at": updated, "outline": False}
    yield ChargePurpose, {"charge_id": key, "code": PURPOSES[key % 5]}
    for place in (1, 2):
        yield Victim, part | {"code": f"A-{place}", "sex": "M", "age_at_facts": 16 + place}
    yield Accused, part | {"code": "I-1", "identified": True}
    for place in (1, 2, 3):
        yield Event, part | {"id": 3 * key + place, "number": place, "event_type": "DIP-INI",
                             "occurred_on_earliest": date(2025, 2, place), "occurred_on_latest": date(2025, 2, place),
                             "occurred_on_precision": "day"}
    yield Deadline, part | {"rule": "DIP-ORD", "opened_by_id": 3 * key + 1, "starts_on": date(2025, 2, 1),
                            "due_on": date(2026, 1, 1) + timedelta(days=key % 300)}
    for place in range(_ENTRIES):
        yield TrailEntry, {
            "number": _ENTRIES * (key - 1) + place + 1, "at": AT, "actor_id": world.users["fiscal2.mdd"], "office_id": owner,
            "door": "web", "action": "charge.amended", "thing": "charge", "thing_id": key, "charge_id": key,
            "changes": [{"field": "summary", "before": "", "after": ""}], "detail": {"version": place + 1},
            "previous_hash": _UNCHAINED, "hash": _UNCHAINED}
