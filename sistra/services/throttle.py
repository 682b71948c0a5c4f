"""The brake on guessing: attempts counted per door, in rows that outlive a restart.

A door is a text such as `account:<hash>` or `address:<text>`. What is counted is attempts,
not failures: they are counted
before the secret is looked at, so that attempts made side by side do not outrun the count.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from sistra.db import db
from sistra.models.accounts import Throttle
from sistra.services.unit import end_reading, unit_of_work

WINDOW, BLOCK = timedelta(minutes=10), timedelta(minutes=10)


class Throttled(Exception):
    """Too many attempts. `until` is when the next attempt is heard."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(until.isoformat())


def _blocked(key: str, at: datetime) -> datetime | None:
    counted = db.session.get(Throttle, key)
    return counted.blocked_until if counted and counted.blocked_until and counted.blocked_until > at else None


def attempt(doors: Mapping[str, int], at: datetime) -> None:
    """Counts one attempt at each door (key -> attempts allowed), in an own transaction.

    Raises Throttled where one is shut.
    """
    shut = [until for key in doors if (until := _blocked(key, at))]
    end_reading()
    if shut:
        raise Throttled(max(shut))
    with unit_of_work():
        for key, allowed in doors.items():
            _count(key, at, allowed)


def _count(key: str, at: datetime, allowed: int) -> None:
    """One more attempt at a door; the last one allowed shuts it. Raises Throttled where it was shut meanwhile."""
    counted = db.session.get(Throttle, key, with_for_update=True) or _first(key, at)
    if counted.blocked_until is not None and counted.blocked_until > at:
        raise Throttled(counted.blocked_until)
    if counted.window_from + WINDOW < at or counted.blocked_until is not None:
        counted.failures, counted.window_from, counted.blocked_until = 0, at, None
    counted.failures += 1
    if counted.failures >= allowed:
        counted.blocked_until = at + BLOCK
    db.session.flush()


def _first(key: str, at: datetime) -> Throttle:
    """The row of a door that had none; of two who come first at once, the second finds the row of the other."""
    try:
        with db.session.begin_nested():
            db.session.add(Throttle(key=key, failures=0, window_from=at))
            db.session.flush()
    except IntegrityError:
        pass
    return db.session.get_one(Throttle, key, with_for_update=True)


def take_back(key: str, allowed: int) -> None:
    """An attempt that turned out to be right does not count at its door."""
    counted = db.session.get(Throttle, key, with_for_update=True)
    if counted is not None and counted.failures > 0:
        counted.failures -= 1
        if counted.failures < allowed:
            counted.blocked_until = None
        db.session.flush()
