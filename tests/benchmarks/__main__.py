"""Times the list, the charge page and a save at two sizes in one run: `python -m tests.benchmarks [SMALL LARGE]`.

CPU medians of interleaved runs over the test client, signed in, with real access rows, trail and layout; the yardstick is a bare
Flask page of the same bytes. Figures of two sizes in one run are comparable, figures of two runs are not.
"""
from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask, render_template_string
from flask_migrate import upgrade
from sqlalchemy import event, insert, text

from sistra import create_app
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.charges import Charge, ChargeAccess, ChargePurpose
from sistra.models.events import Event
from sistra.models.people import Accused, Victim
from sistra.rules.sealing import KeyRing
from sistra.services.unit import unit_of_work
from tests.conftest import signed_in
from tests.factories.charges import posted
from tests.factories.rows import AT
from tests.factories.world import World, build_world

ROUNDS = 15
MIGRATIONS = str(Path(__file__).parents[2] / "migrations")


def built(size: int) -> tuple[Flask, World]:
    """An application over a database of its own with `size` charges, one in ten of the prosecutor's office."""
    folder = Path(tempfile.mkdtemp(prefix="sistra-bench-"))
    KeyRing.create(folder / "keyring.json")
    app = create_app({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/bench.db", "KEYRING": str(folder / "keyring.json"),
                      "SECURE_COOKIES": False, "WTF_CSRF_ENABLED": False, "TESTING": True})
    with app.app_context():
        upgrade(MIGRATIONS)
        with unit_of_work():
            world = build_world()
            _fill(world, size)
        db.session.execute(text("ANALYZE"))
        db.session.commit()
    return app, world


def _fill(world: World, size: int) -> None:
    chance = random.Random(1)
    districts = list(codelist("fiscal_district"))
    offices = {code: db.session.get_one(Office, world.offices["mdd"]).id for code in ("MDD",)}
    stages, purposes = ["10-NOT", "30-DIP", "40-IPF", "50-INT", "60-JUI", "70-SEN"], ["SEX", "LAB", "LAB-MIN", "BEG", "NNA"]
    common = {"version": 1, "unknowns": None, "origin": "FOR", "created_by_id": world.users["fiscal.mdd"], "created_at": AT}
    charges, access, marks, victims, accused, events = [], [], [], [], [], []
    for key in range(1, size + 1):
        own = key % 10 == 0
        district = "MDD" if own else chance.choice(districts)
        updated = AT - timedelta(minutes=key)
        charges.append(common | {
            "id": key, "number": f"SIS-2025-{district}-{key:05d}", "year": 2025, "received_on_earliest": date(2025, 1, 1),
            "received_on_latest": date(2025, 1, 1), "received_on_precision": "day", "notice_source": "PNP",
            "reported_offence": "PE-129A", "notice_place": "170102", "summary": "Resumen de los hechos de la denuncia.",
            "purpose_known": (purposes[key % 5],), "status": "TRA" if key % 3 else "ARC", "stage": stages[key % 6],
            "fiscal_district": district, "completeness": 50, "office_id": world.offices["mdd" if own else "lim"],
            "responsible_id": world.users["fiscal.mdd" if own else "fiscal.lim"], "confidentiality": "RES", "updated_at": updated,
            "victims_total": 2, "minors_total": 1, "accused_total": 1,
            "next_due_on": date(2026, 1, 1) + timedelta(days=key % 300)})
        access += [{"principal": principal, "charge_id": key, "updated_at": updated, "outline": False, "valid_until": None}
                   for principal in (f"office:{world.offices['mdd' if own else 'lim']}", f"district:{district}", "subsystem")]
        marks.append({"charge_id": key, "code": purposes[key % 5]})
        victims += [common | {"charge_id": key, "code": f"A-{n}", "sex": "M", "age_at_facts": 16 + n, "updated_at": updated} for n in (1, 2)]
        accused.append(common | {"charge_id": key, "code": "I-1", "identified": True, "updated_at": updated})
        events += [common | {"charge_id": key, "number": n, "event_type": "DIP-INI", "occurred_on_earliest": date(2025, 2, n),
                             "occurred_on_latest": date(2025, 2, n), "occurred_on_precision": "day", "updated_at": updated} for n in (1, 2, 3)]
    assert offices
    for table, rows in ((Charge, charges), (ChargeAccess, access), (ChargePurpose, marks), (Victim, victims), (Accused, accused), (Event, events)):
        for start in range(0, len(rows), 5000):
            db.session.execute(insert(table.__table__), rows[start:start + 5000])


def cpu(act: Callable[[], Any]) -> float:
    """CPU milliseconds of one call."""
    started = time.process_time()
    act()
    return (time.process_time() - started) * 1000


def jobs(app: Flask) -> dict[str, Callable[[], Any]]:
    """What is timed, by name, as a prosecutor (an office) and as the coordination (everything)."""
    prosecutor, coordination = app.test_client(), app.test_client()
    for client, name in ((prosecutor, "fiscal.mdd"), (coordination, "coordinadora")):
        client.set_cookie(*signed_in(app, name))

    def get(client: Any, path: str) -> Callable[[], Any]:
        def act() -> Any:
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.status_code)
            return answer.data
        return act

    def save() -> Any:
        answer = prosecutor.post("/denuncias/nueva", data=posted())
        assert answer.status_code == 302
    with app.app_context():
        number, = db.session.execute(text("SELECT number FROM charge WHERE number LIKE '%MDD%' ORDER BY id LIMIT 1")).one()
    return {"list, office": get(prosecutor, "/denuncias/"), "list, whole country": get(coordination, "/denuncias/"),
            "list, filtered": get(coordination, "/denuncias/?finalidad=LAB&etapa=IPF"),
            "charge page": get(prosecutor, f"/denuncias/{number}"), "new charge saved": save}


def queries(app: Flask, act: Callable[[], Any]) -> int:
    """Statements of one call, the session and the trail included."""
    found: list[str] = []

    def count(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", count)
        act_result = act
    act_result()
    with app.app_context():
        event.remove(db.engine, "before_cursor_execute", count)
    return len(found)


def yardstick(page: bytes) -> Callable[[], Any]:
    """A bare Flask page of the same bytes."""
    bare = Flask("bare")
    body = page.decode()

    @bare.get("/")
    def index() -> str:
        return render_template_string("{{ body | safe }}", body=body)
    client = bare.test_client()
    return lambda: client.get("/")


def main(small: int, large: int) -> None:
    apps = [built(size)[0] for size in (small, large)]
    sets = [jobs(app) for app in apps]
    bare = yardstick(sets[0]["list, office"]())
    print(f"{'job':24}{'queries':>9}{f'{small} ms':>12}{f'{large} ms':>12}{'ratio':>8}{'x bare':>8}")
    for name in sets[0]:
        for one in (*sets, {name: bare}):
            one[name]()
        times: list[list[float]] = [[], [], []]
        for _ in range(ROUNDS):
            for place, act in enumerate((sets[0][name], sets[1][name], bare)):
                times[place].append(cpu(act))
        low, high, floor = (statistics.median(one) for one in times)
        counted = {queries(app, one[name]) for app, one in zip(apps, sets, strict=True)}
        print(f"{name:24}{'/'.join(map(str, sorted(counted))):>9}{low:12.1f}{high:12.1f}{high / low:8.2f}{low / floor:8.1f}")


if __name__ == "__main__":
    sizes = [int(one) for one in sys.argv[1:3]] or [1000, 50_000]
    main(*(sizes if len(sizes) == 2 else [1000, 50_000]))
