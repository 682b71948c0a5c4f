"""`worker`: a process of its own carries out what was left in the queue, and what a former one left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from sistra.cli.worker import working_beside
from sistra.db import db
from sistra.models.exports import ExportRun
from sistra.services import charge_list, export_runs, exports, jobs
from sistra.services.unit import unit_of_work
from tests.factories.charges import open_charge
from tests.factories.databases import ROOT, OwnDatabase
from tests.factories.world import World, build_world

PATIENCE = 60.0
"""Seconds after which a worker that has done nothing is given up: far more than it needs."""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def installed(own_database: OwnDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application with the small world, and an instance folder of its own."""
    app = own_database.app
    monkeypatch.setitem(app.config, "INSTANCE", str(tmp_path / "instance"))
    with app.app_context():
        with unit_of_work():
            world = build_world()
        open_charge(world.viewer("fiscal.mdd", at=now()), received_on="ayer")
    app.extensions["tests.world"] = world
    return app


def queued(app: Flask, *, task: bool = True) -> int:
    """Asks for an export, and leaves its task."""
    world: World = app.extensions["tests.world"]
    with app.app_context():
        ask = exports.Ask(charge_list.asked({}), ("charges",), "xlsx", "ACT")
        with unit_of_work():
            _slug, key = export_runs.queue(world.viewer("fiscal.mdd", at=now()), "charges", ask, 1)
        if task:
            assert jobs.enqueue(key, now)
        db.session.remove()
    return key


def state(app: Flask, key: int) -> str:
    with app.app_context():
        return db.session.scalars(select(ExportRun.state).where(ExportRun.id == key)).one()


def becomes(app: Flask, key: int, wanted: str) -> bool:
    """Waits until a run is in that state, or patience ends."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if state(app, key) == wanted:
            return True
        time.sleep(0.1)
    return False


@contextmanager
def worker(app: Flask, **environment: str) -> Iterator[subprocess.Popen[str]]:
    settings = {
        "SISTRA_INSTANCE": app.config["INSTANCE"], "SISTRA_DATABASE": app.config["SQLALCHEMY_DATABASE_URI"],
        "SISTRA_KEYRING": app.config["KEYRING"], "SISTRA_FILES": app.config["FILES"],
    }  # fmt: skip
    command, settings = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"], {**os.environ, **settings, **environment}
    process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_worker_of_its_own_makes_the_file_of_the_queue_and_stops_when_told(installed: Flask) -> None:
    key = queued(installed)
    with worker(installed) as process:
        assert becomes(installed, key, "done")
        later = queued(installed)
        assert becomes(installed, later, "done")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0 and said.strip().endswith("Detenido.")
    with installed.app_context():
        run = db.session.get_one(ExportRun, key)
        assert run.storage_key and run.worker is None and run.attempts == 1


def test_a_worker_takes_up_what_a_killed_one_left_and_what_has_no_task(installed: Flask) -> None:
    lost, left = queued(installed, task=False), queued(installed)
    with installed.app_context(), unit_of_work():
        long_ago = now() - timedelta(minutes=5)
        db.session.execute(
            update(ExportRun).where(ExportRun.id == left).values(state="running", worker="killed", attempts=1, beaten_at=long_ago)
        )
    with worker(installed):
        assert becomes(installed, lost, "done") and becomes(installed, left, "done")
    with installed.app_context():
        assert db.session.get_one(ExportRun, left).attempts == 2


def test_a_worker_without_the_package_of_redis_says_what_to_install(installed: Flask) -> None:
    from importlib.util import find_spec

    if find_spec("redis") is not None:
        pytest.skip("the package of Redis is installed")
    with worker(installed, SISTRA_JOBS="redis://127.0.0.1:6379/0") as process:
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1 and "instale «redis»" in said and "Traceback" not in said


@pytest.mark.parametrize("address", ["postgresql://x", "jobs.db"])
def test_an_address_that_is_no_redis_is_refused(installed: Flask, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setitem(installed.config, "JOBS", address)
    done = installed.test_cli_runner().invoke(args=["worker"])
    assert done.exit_code == 1 and "SISTRA_JOBS es una dirección de Redis" in done.output


def test_the_worker_of_a_demonstration_works_beside_it_and_ends_with_it(installed: Flask) -> None:
    before = signal.getsignal(signal.SIGINT)
    with working_beside(installed):
        assert signal.getsignal(signal.SIGINT) is before
        assert becomes(installed, queued(installed), "done")
    key = queued(installed)
    time.sleep(2.5)
    assert state(installed, key) == "queued"


def test_a_task_that_nobody_of_this_house_signed_is_not_carried_out(installed: Flask) -> None:
    from huey.serializer import SignedSerializer

    key = queued(installed, task=False)
    with installed.app_context():
        line = jobs.line(now)
        line.leave(key)
        ours = line.queue.storage.dequeue()
        line.queue.storage.enqueue(ours)
        assert line.queue.dequeue().data == ((key,), {})
        stranger = SignedSerializer("another key", salt=jobs.NAME)
        line.queue.storage.enqueue(stranger.serialize(line.queue.serializer.deserialize(ours)))
        with pytest.raises(ValueError, match="Signature"):
            line.queue.dequeue()
        line.queue.storage.close()
    assert state(installed, key) == "queued"


def test_only_its_owner_reads_the_queue(installed: Flask) -> None:
    queued(installed)
    for path in Path(installed.config["INSTANCE"]).glob("jobs.db*"):
        assert path.stat().st_mode & 0o077 == 0
