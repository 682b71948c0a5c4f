from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, func, select, update
from sqlalchemy.exc import IntegrityError

from sistra.access import vault
from sistra.db import db, writing
from sistra.models.accounts import Agency, Office
from sistra.models.keys import DataKey
from sistra.services.unit import Busy, Stale, end_reading, unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.rows import made
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


def _agency(code: str = "A") -> Agency:
    return made(Agency, code=code, name=f"Entidad {code}", agency_type="FIS")


def _codes() -> list[str]:
    return sorted(db.session.scalars(select(Agency.code)))


def test_what_a_unit_did_stays_when_a_later_one_fails(session: Any) -> None:
    with unit_of_work():
        _agency("A")
    with pytest.raises(LookupError), unit_of_work():
        _agency("B")
        raise LookupError
    assert _codes() == ["A"]


def test_a_dry_run_keeps_nothing(session: Any) -> None:
    with unit_of_work(keep=False):
        _agency("A")
        assert _codes() == ["A"]
    assert _codes() == []


def test_a_unit_that_a_constraint_refuses_leaves_the_session_usable(session: Any) -> None:
    with unit_of_work():
        _agency("A")
    with pytest.raises(IntegrityError), unit_of_work():
        _agency("A")
    with unit_of_work():
        _agency("B")
    assert _codes() == ["A", "B"]


def test_ending_a_reading_loses_nothing_that_was_kept(session: Any) -> None:
    with unit_of_work():
        _agency("A")
    assert _codes() == ["A"]
    end_reading()
    assert _codes() == ["A"]


def test_a_row_that_another_changed_meanwhile_makes_the_unit_stale(session: Any, world: World) -> None:
    with pytest.raises(Stale), unit_of_work():
        office = db.session.get_one(Office, world.offices["mdd"])
        db.session.execute(update(Office).where(Office.id == office.id).values(version=7), execution_options={
            "synchronize_session": False})
        office.name, office.version = "Otro nombre", office.version + 1
    assert db.session.get_one(Office, world.offices["mdd"]).name == "Despacho mdd"


def test_the_mark_of_writing_ends_with_the_unit(session: Any) -> None:
    with unit_of_work():
        assert writing.get()
    assert not writing.get()


def test_one_test_does_not_see_the_rows_of_another_first_half(session: Any) -> None:
    assert _codes() == []
    with unit_of_work():
        _agency("UNA SOLA VEZ")


def test_one_test_does_not_see_the_rows_of_another_second_half(session: Any) -> None:
    assert _codes() == []
    with unit_of_work():
        _agency("UNA SOLA VEZ")


def test_many_writers_that_read_first_lose_nothing(own_database: OwnDatabase) -> None:
    with own_database.app.app_context(), unit_of_work():
        _agency("A")

    def add_one() -> None:
        with own_database.app.app_context():
            for _ in range(5):
                with unit_of_work():
                    row = db.session.scalars(select(Agency).with_for_update()).one()
                    row.phone, row.version = str(int(row.phone or 0) + 1), row.version + 1
    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with own_database.app.app_context():
        assert db.session.scalar(select(Agency.phone)) == "40"
        assert db.session.scalar(select(func.count(Agency.id))) == 1


def test_two_that_wait_for_each_other_are_told_to_try_again(own_database: OwnDatabase) -> None:
    with own_database.app.app_context(), unit_of_work():
        _agency("A")
        _agency("B")
    meeting = threading.Barrier(2)
    errors: list[Exception] = []

    def write(first: str, then: str) -> None:
        with own_database.app.app_context():
            try:
                with unit_of_work():
                    for code in (first, then):
                        db.session.execute(update(Agency).where(Agency.code == code).values(phone=first))
                        with suppress(threading.BrokenBarrierError):
                            meeting.wait(0.5)
            except Exception as error:
                errors.append(error)
    threads = [threading.Thread(target=write, args=pair) for pair in (("A", "B"), ("B", "A"))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert all(isinstance(one, Busy) for one in errors), errors


def test_who_makes_the_key_of_an_owner_at_once_with_another_is_told_to_try_again(session: Any) -> None:
    with unit_of_work():
        vault.data_key(("user", 1), create=True)
    with pytest.raises(Busy), unit_of_work():
        db.session.add(DataKey(owner_kind="user", owner_id=1, wrapped_by="x", wrapped=b"x"))


def test_what_is_committed_is_on_the_disk_wherever_no_test_says_otherwise(tmp_path: Path) -> None:
    with create_engine(f"sqlite:///{tmp_path / 'durable.db'}").connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


_IMPATIENT = {"sqlite": "PRAGMA busy_timeout=10", "postgresql": "SET lock_timeout=10"}
_HOLD = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "LOCK TABLE agency"}


def test_a_database_locked_for_too_long_is_busy(own_database: OwnDatabase, database_kind: str) -> None:
    with own_database.app.app_context():
        @event.listens_for(db.engine, "checkout")
        def _lose_patience(driver: Any, record: Any, proxy: Any) -> None:
            driver.execute(_IMPATIENT[database_kind])
        with db.engine.connect() as other:
            holder: Any = other.connection.driver_connection
            holder.execute(_HOLD[database_kind])
            with pytest.raises(Busy), unit_of_work():
                _agency("A")
            holder.execute("ROLLBACK")
        assert _codes() == []
