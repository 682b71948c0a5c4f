"""The unit of work: where a door's acts become permanent, or do not."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from sistra.db import about_to_write, db, writing

_followers: list[Callable[[], None]] = []
_closers: list[Callable[[], None]] = []
TRAIL = "trail"
"""Where a session keeps the entries collected for the trail and not yet written."""


_WAITED_IN_VAIN = frozenset({"55P03", "40P01", "40001"})
"""PostgreSQL's codes, whatever language its messages are in: no lock in time, two that waited for each other, no order found."""


class Busy(RuntimeError):
    """The database is locked by somebody else for longer than we wait. Nothing was written; try again (503)."""


class Stale(RuntimeError):
    """Somebody else changed the record between our reading and our writing (409). Nothing was written."""


class Repeated(RuntimeError):
    """The same form was carried out by another request at the same time. Nothing was written by this one."""


def before_trail(follower: Callable[[], None]) -> Callable[[], None]:
    """Registers what follows the changes of every unit, inside its transaction and before the head of the trail is locked."""
    _followers.append(follower)
    return follower


def at_commit(closer: Callable[[], None]) -> Callable[[], None]:
    """Registers what every unit does last, inside its transaction (the trail appends its entries)."""
    _closers.append(closer)
    return closer


@contextmanager
def unit_of_work(*, keep: bool = True) -> Iterator[None]:
    """Runs the verbs inside as one transaction; the door wraps its act in it. `keep=False` is a dry run: all is undone.

    A reading transaction that is open is ended first, so that SQLite takes its write lock at the start.
    Raises Busy, Stale, or what the verbs raise; nothing is kept then.
    """
    if not writing.get():
        db.session.rollback()
    entries = db.session().info.setdefault(TRAIL, [])
    noted = len(entries)
    with about_to_write():
        try:
            yield
            db.session.flush()
            for closer in (*_followers, *_closers):
                closer()
            if keep:
                db.session.commit()
            else:
                db.session.rollback()
        except StaleDataError:
            db.session.rollback()
            raise Stale from None
        except IntegrityError as error:
            db.session.rollback()
            if "accepted_form" in str(error.orig):
                raise Repeated from None
            if "data_key" in str(error.orig):  # two first texts of one owner at once: the second finds the key next time
                raise Busy from None
            raise
        except OperationalError as error:
            db.session.rollback()
            if "locked" in str(error.orig) or getattr(error.orig, "sqlstate", None) in _WAITED_IN_VAIN:
                raise Busy from None
            raise
        except BaseException:
            db.session.rollback()
            raise
        else:
            noted = len(entries)
        finally:
            del entries[noted:]


def expect_writing(yes: bool) -> None:
    """Says at a request's start whether the transactions to come are meant to write."""
    writing.set(yes)


def end_reading() -> None:
    """Ends the open transaction without keeping anything."""
    db.session.rollback()
