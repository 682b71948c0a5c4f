"""The queue of background work: a file beside the database, or Redis where several machines share one database.

A task holds the key of a run and nothing else: what is asked lies encrypted on the row, and whether a task still counts is
asked of the row. Tasks are signed with a key of the key ring, so that nobody without it can leave one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from huey import Huey, RedisHuey, SqliteHuey
from huey.serializer import SignedSerializer

from sistra.db import db
from sistra.services import export_runs

NAME, FILE = "sistra", "jobs.db"
Clock = Callable[[], datetime]
_log = logging.getLogger("sistra")


class Unavailable(RuntimeError):
    """The queue cannot be reached with these settings. Carries a Spanish sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """The queue, and what leaves a task in it."""

    queue: Huey
    leave: Callable[[int], Any]

    def refill(self) -> None:
        """Leaves a task for each export in line, where the queue is empty: tasks were lost, or runs were put back into line.

        A task too many does no harm: an export is taken once.
        """
        if not self.queue.pending_count():
            for run_id in export_runs.waiting():
                self.leave(run_id)


def line(clock: Clock, *, worker: str = "", around: Callable[[], AbstractContextManager[Any]] = nullcontext) -> Line:
    """The queue, ready to take tasks and to carry them out as `worker`, each inside `around()` (the application's context).

    Raises Unavailable.
    """
    queue = _queue(str(db.settings["JOBS"]))

    def export(run_id: int) -> None:
        with around():
            export_runs.carry_out(run_id, clock, worker=worker)

    return Line(queue, queue.task()(export))


def _queue(address: str) -> Huey:
    shared: dict[str, Any] = {"results": False, "serializer": SignedSerializer(db.keyring.token_hash("jobs"), salt=NAME)}
    if not address:
        return SqliteHuey(NAME, filename=str(_file()), fsync=True, **shared)
    if not address.startswith(("redis://", "rediss://", "unix://")):
        raise Unavailable("SISTRA_JOBS es una dirección de Redis (redis://...), o queda vacía para usar un archivo.")
    if find_spec("redis") is None:
        raise Unavailable(
            "SISTRA_JOBS indica Redis y falta su paquete: instale «redis» (pip install redis), o deje SISTRA_JOBS vacía."
        )
    return RedisHuey(NAME, url=address, **shared)


def _file() -> Path:
    """The file of the queue, which only its owner reads."""
    path = Path(str(db.settings["INSTANCE"])) / FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return path


def enqueue(run_id: int, clock: Clock) -> bool:
    """Leaves a task for a run whose row is kept already.

    False where the queue does not take it: the worker finds the row later.
    """
    try:
        waits = line(clock)
        waits.leave(run_id)
        waits.queue.storage.close()
    except Exception as error:
        _log.error("export run %s waits without a task: %s", run_id, type(error).__name__)
        return False
    return True
