"""The worker's side: an export is taken once, made as its owner is today, and published whole or not at all.

Nothing here runs inside another unit of work: each step is one of its own, so that a long reading locks nobody out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sistra.access.may import require
from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.db import about_to_write, db
from sistra.models.exports import ExportRun
from sistra.services import file_store, signin
from sistra.services.export_runs.built import Built
from sistra.services.export_runs.fetching import refuse, why_not
from sistra.services.export_runs.keeping import DONE, FAILED, QUEUED, REFUSED, RUNNING, ask_of, end, maker_of, note, sealed
from sistra.services.unit import end_reading, unit_of_work

STEP: Final = 500
"""Rows after which the row of an export is brought up to date, and asked whether it was cancelled."""
LOST_AFTER: Final = timedelta(seconds=90)
"""Silence of a worker after which what it had in hand is taken from it."""
ATTEMPTS: Final = 2
"""How often an export is begun: once, and once more where the worker was stopped."""

Clock = Callable[[], datetime]
_log = logging.getLogger("sistra")


class Cancelled(Exception):
    """The export is no longer this worker's: its owner cancelled it, or it was given to another worker."""


class Closed(Exception):
    """Something of which the file was to tell is no longer open to its owner as it was at the asking."""


class Gone(Exception):
    """The account of the owner is suspended."""


def carry_out(run_id: int, clock: Clock, *, worker: str = "") -> None:
    """Makes the export of that key, if it waits still; of any other, nothing happens. What goes wrong ends on its row.

    `clock` gives the present instant, for rights that end while the file is made. Raises Busy where not even that could be kept.
    """
    if not _taken(run_id, clock(), worker):
        return
    try:
        built = _made(run_id, clock, worker)
        _publish(run_id, clock(), worker, built)
    except Cancelled:
        end_reading()
    except Gone:
        _ended(run_id, clock(), worker, REFUSED, "account")
    except Closed:
        _ended(run_id, clock(), worker, REFUSED, "changed")
    except Forbidden:
        _ended(run_id, clock(), worker, REFUSED, "capability")
    except Exception as error:
        _log.error("export run %s: %s at %s", run_id, type(error).__name__, _where(error))
        _ended(run_id, clock(), worker, FAILED, "error")


def _where(error: Exception) -> str:
    """File and line, never what was in the values."""
    trail, frames = error.__traceback__, []
    while trail is not None:
        frames.append(f"{trail.tb_frame.f_code.co_filename}:{trail.tb_lineno}")
        trail = trail.tb_next
    return " < ".join(reversed(frames[-6:]))


def _taken(run_id: int, at: datetime, worker: str) -> bool:
    """Takes an export that waits; of several who try, one does."""
    with unit_of_work():
        taken = db.session.execute(
            update(ExportRun).where(ExportRun.id == run_id, ExportRun.state == QUEUED)
            .values(state=RUNNING, started_at=at, beaten_at=at, worker=worker, rows_done=0, attempts=ExportRun.attempts + 1),
            execution_options={"synchronize_session": False})
        return bool(taken.rowcount)  # type: ignore[attr-defined]


def _viewer(run: ExportRun, at: datetime) -> Viewer:
    try:
        viewer = signin.job_viewer(run.owner_id, at=at)
    except LookupError:
        raise Gone from None
    require(viewer, maker_of(run).capability)
    return viewer


def _made(run_id: int, clock: Clock, worker: str) -> Built:
    run = db.session.get_one(ExportRun, run_id, populate_existing=True)
    viewer, maker, ask = _viewer(run, clock()), maker_of(run), ask_of(run)
    if why_not(viewer, run) is not None:
        raise Closed
    return maker.make(viewer, ask, _progress(run_id, clock, worker))


def _progress(run_id: int, clock: Clock, worker: str) -> Callable[[int], None]:
    def told(done: int) -> None:
        if done % STEP == 0 and not _beat(run_id, clock(), worker, done):
            raise Cancelled

    return told


def _beat(run_id: int, at: datetime, worker: str, done: int) -> bool:
    """Notes how far an export has come, beside the reading that is open; False where it is not this worker's any more."""
    try:
        with about_to_write(), Session(db.engine, join_transaction_mode="create_savepoint") as beside, beside.begin():
            beaten = beside.execute(
                update(ExportRun).where(*_mine(run_id, worker)).values(rows_done=done, beaten_at=at),
                execution_options={"synchronize_session": False})
            return bool(beaten.rowcount)  # type: ignore[attr-defined]
    except OperationalError as error:
        if "lock" in str(error.orig):  # somebody writes at length: the next step tells
            return True
        raise


def _mine(run_id: int, worker: str) -> tuple[Any, ...]:
    return ExportRun.id == run_id, ExportRun.state == RUNNING, ExportRun.worker == worker


def _held(run_id: int, worker: str) -> ExportRun:
    """The row, locked, where it is this worker's still. Raises Cancelled."""
    query = select(ExportRun).where(*_mine(run_id, worker)).with_for_update()
    run = db.session.scalar(query.execution_options(populate_existing=True))
    if run is None:
        raise Cancelled
    return run


def _publish(run_id: int, at: datetime, worker: str, built: Built) -> None:
    """Keeps the file, encrypted, and its row in one transaction, unless what is in it was closed to its owner meanwhile."""
    with unit_of_work():
        run = _held(run_id, worker)
        viewer = _viewer(run, at)
        run.seen = sealed(run.owner_id, run.slug, "seen", built.seen)
        if (why := why_not(viewer, run)) is not None:
            refuse(viewer, run, why)
            return
        run.storage_key, run.sha256, run.size_bytes = file_store.store(("user", run.owner_id), BytesIO(built.content))
        run.state, run.finished_at, run.worker = DONE, at, None
        run.expires_at = at + timedelta(days=int(db.settings["EXPORTS_LAST"]))
        run.file_name, run.media_type, run.digests = built.name, built.media_type, dict(built.digests)
        run.rows_done = run.rows_total = sum(built.rows.values())
        db.session.flush()
        note(viewer, "export.built", run, sha256=run.sha256, **built.told)


def _ended(run_id: int, at: datetime, worker: str, state: str, why: str) -> None:
    end_reading()
    try:
        with unit_of_work():
            run = _held(run_id, worker)
            end(run, state, at, why)
            note(None, "export.refused" if state == REFUSED else "export.failed", run, at=at, why=why)
    except Cancelled:
        end_reading()


# -- workers that come and go ---------------------------------------------------------------------------------------------


def keep_alive(worker: str, at: datetime) -> None:
    """Notes that a worker is at work on what it has in hand. Its own unit of work."""
    held = select(ExportRun.id).where(ExportRun.state == RUNNING, ExportRun.worker == worker).limit(1)
    busy = db.session.scalar(held)
    end_reading()
    if busy is not None:
        with unit_of_work():
            _of_worker(worker, at)


def abandon(worker: str) -> None:
    """Lets go of what a worker that stops had in hand: the next `recover` finds it at once. Its own unit of work."""
    with unit_of_work():
        _of_worker(worker, None)


def _of_worker(worker: str, beaten_at: datetime | None) -> None:
    db.session.execute(
        update(ExportRun).where(ExportRun.state == RUNNING, ExportRun.worker == worker).values(beaten_at=beaten_at),
        execution_options={"synchronize_session": False})


def recover(at: datetime) -> None:
    """Puts back into line what a worker left unfinished, once; the second time it fails with a sentence. Its own unit of work."""
    lost = [ExportRun.state == RUNNING, or_(ExportRun.beaten_at.is_(None), ExportRun.beaten_at < at - LOST_AFTER)]
    found = db.session.scalar(select(ExportRun.id).where(*lost).limit(1))
    end_reading()
    if found is None:
        return
    with unit_of_work():
        for run in db.session.scalars(select(ExportRun).where(*lost).with_for_update()):
            if run.attempts < ATTEMPTS:
                run.state, run.worker, run.rows_done = QUEUED, None, 0
            else:
                end(run, FAILED, at, "restart")
                note(None, "export.failed", run, at=at, why="restart")


def waiting() -> list[int]:
    """The keys of the exports in line, oldest first: whose task the queue may have lost."""
    keys = list(db.session.scalars(select(ExportRun.id).where(ExportRun.state == QUEUED).order_by(ExportRun.id)))
    end_reading()
    return keys
