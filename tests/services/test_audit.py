from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import Connection, delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from sistra.db import about_to_write, db
from sistra.models.audit import TrailEntry, TrailHead
from sistra.rules.entries import Entry
from sistra.services import audit, records
from sistra.services.unit import end_reading, unit_of_work
from tests.factories.databases import OwnDatabase
from tests.factories.rows import AT, a_charge, a_victim, an_identity
from tests.factories.world import build_world

pytestmark = pytest.mark.both_databases

_TRIGGERS = {"sqlite": ("DROP TRIGGER trail_entry_no_update", "DROP TRIGGER trail_entry_no_delete"),
             "postgresql": ("ALTER TABLE trail_entry DISABLE TRIGGER USER",)}


def _note(action: str, **more: Any) -> None:
    audit.note(None, action, audit.Subject("charge", 1, charge_id=1), at=AT, **more)


def _keep(*actions: str) -> None:
    with unit_of_work():
        for action in actions:
            _note(action, changes=[{"field": "summary", "before": None, "after": "áéí"}], detail={"b": 1, "a": [1, 2]})


def _actions() -> list[str]:
    return list(db.session.scalars(select(TrailEntry.action).order_by(TrailEntry.number)))


def test_entries_of_several_units_are_numbered_without_a_gap(session: Any) -> None:
    _keep("one", "two")
    _keep("three")
    assert list(db.session.execute(select(TrailEntry.number, TrailEntry.action).order_by(TrailEntry.number))) == [
        (1, "one"), (2, "two"), (3, "three")]


def test_an_untouched_trail_is_intact_up_to_its_head(session: Any) -> None:
    _keep("one", "two")
    _keep("three")
    verdict = audit.verify()
    assert verdict.intact and verdict.count == 3
    assert verdict.head == db.session.get_one(TrailHead, 1).hash


def test_an_empty_trail_is_intact(session: Any) -> None:
    assert audit.verify().intact


def test_a_unit_that_fails_leaves_no_entry(session: Any) -> None:
    with pytest.raises(LookupError), unit_of_work():
        _note("never happened")
        raise LookupError
    assert _actions() == []


def test_a_number_lost_in_a_failed_unit_is_given_to_the_next(session: Any) -> None:
    _keep("one")
    with pytest.raises(LookupError), unit_of_work():
        _note("never happened")
        db.session.flush()
        audit.append()
        raise LookupError
    _keep("two")
    assert audit.verify().intact and audit.verify().count == 2


def test_what_a_failed_unit_collected_does_not_go_out_with_the_next_one(session: Any) -> None:
    with pytest.raises(LookupError), unit_of_work():
        _note("never happened")
        raise LookupError
    _keep("happened")
    assert _actions() == ["happened"]


def test_a_dry_run_leaves_no_entry_and_no_number(session: Any) -> None:
    with unit_of_work(keep=False):
        _note("dry")
    _keep("kept")
    assert _actions() == ["kept"]
    assert audit.verify().intact


def test_a_unit_without_an_act_makes_no_entry(session: Any) -> None:
    with unit_of_work():
        db.session.execute(select(TrailEntry))
    assert _actions() == []


def test_readings_are_written_after_the_read_has_ended(session: Any) -> None:
    _note("charge.read")
    end_reading()
    audit.record_readings()
    assert _actions() == ["charge.read"]
    assert not audit.pending()


def test_readings_are_written_once(session: Any) -> None:
    _note("charge.read")
    audit.record_readings()
    audit.record_readings()
    assert _actions() == ["charge.read"]


@pytest.mark.parametrize("act", [update(TrailEntry).values(action="x"), delete(TrailEntry)], ids=["update", "delete"])
def test_the_database_refuses_to_change_an_entry(session: Any, act: Any) -> None:
    _keep("one")
    with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
        db.session.execute(act)
    assert _actions() == ["one"]


_REPLACED = {
    "sqlite": "INSERT OR REPLACE INTO trail_entry (number, at, door, action, thing, previous_hash, hash) "
    "SELECT number, at, door, 'x', thing, previous_hash, hash FROM trail_entry",
    "postgresql": "TRUNCATE trail_entry",
}


def test_the_database_refuses_to_put_another_entry_in_the_place_of_one(session: Any, database_kind: str) -> None:
    _keep("one")
    with pytest.raises(DatabaseError, match="append-only"), unit_of_work():
        db.session.execute(text(_REPLACED[database_kind]))
    assert _actions() == ["one"]


def _forge(own: OwnDatabase, *statements: str) -> None:
    """What somebody with the database in hand can do: switch the triggers off and write."""
    with own.app.app_context(), about_to_write(), db.engine.begin() as connection:
        _execute(connection, *_TRIGGERS[connection.dialect.name], *statements)


def _execute(connection: Connection, *statements: str) -> None:
    for one in statements:
        connection.execute(text(one))


_SWAP = ("UPDATE trail_entry SET action = CASE action WHEN 'a2' THEN 'a3' ELSE 'a2' END WHERE action IN ('a2', 'a3')",)


@pytest.mark.parametrize(("forgery", "first_bad"), [
    (("UPDATE trail_entry SET reason = 'x' WHERE number = 3",), 3),
    (("UPDATE trail_entry SET changes = replace(changes, 'áéí', 'áéi') WHERE number = 2",), 2),
    (("UPDATE trail_entry SET actor_id = 5 WHERE number = 1",), 1),
    (("DELETE FROM trail_entry WHERE number = 2",), 2),
    (_SWAP, 2),
    (("UPDATE trail_entry SET number = -2 WHERE number = 2", "UPDATE trail_entry SET number = 2 WHERE number = 3",
      "UPDATE trail_entry SET number = 3 WHERE number = -2"), 2),
    (("DELETE FROM trail_entry WHERE number >= 4",), 4),
    (("DELETE FROM trail_entry",), 1),
], ids=["a text added", "one byte changed", "another actor", "one deleted", "two contents swapped", "two rows swapped",
        "the end cut off", "all deleted"])
def test_a_forged_trail_is_found_and_where(own_database: OwnDatabase, forgery: tuple[str, ...], first_bad: int) -> None:
    with own_database.app.app_context():
        _keep("a1", "a2", "a3", "a4", "a5")
        assert audit.verify().intact
    _forge(own_database, *forgery)
    with own_database.app.app_context():
        assert audit.verify().first_bad == first_bad


def test_a_trail_without_its_head_row_is_not_intact(own_database: OwnDatabase) -> None:
    with own_database.app.app_context():
        _keep("a1", "a2")
    _forge(own_database, "DELETE FROM trail_entry WHERE number = 2", "DELETE FROM trail_head")
    with own_database.app.app_context():
        assert not audit.verify().intact


def test_eight_writers_at_once_keep_the_chain_whole(own_database: OwnDatabase) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with own_database.app.app_context():
                for turn in range(6):
                    with unit_of_work():
                        db.session.execute(select(func.count()).select_from(TrailEntry))
                        _note(f"{name}.{turn}")
                        _note(f"{name}.{turn}.more")
        except BaseException as error:
            failures.append(error)
    threads = [threading.Thread(target=write, args=(str(number),)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    with own_database.app.app_context():
        verdict = audit.verify()
        assert verdict.intact and verdict.count == 8 * 6 * 2


def test_encrypted_answers_stand_nowhere_in_plain(own_database: OwnDatabase, database_kind: str) -> None:
    secret, other = "Xilófono Quispeampuero", "relato que nadie debe leer"
    with own_database.app.app_context():
        with unit_of_work():
            world = build_world()
        viewer = world.viewer("fiscal.mdd")
        with unit_of_work():
            charge = a_charge(world.offices["mdd"], viewer.user_id)
            identity = an_identity(a_victim(charge))
            records.amend(
                viewer,
                identity,
                Entry("identity", {"given_names": secret, "birth_date": None}, 1),
                "identity.amended",
            )
            records.amend(viewer, charge, Entry("charge", {"narrative": other}, 1), "charge.amended")
        with db.engine.connect() as connection:
            kept = "".join(str(row) for table in db.metadata.sorted_tables for row in connection.execute(
                select(*(column for column in table.columns))))
        assert "identity.amended" in kept
    written = kept.encode()
    if database_kind == "sqlite":
        written += b"".join(one.read_bytes() for one in own_database.path.parent.glob(f"{own_database.path.name}*"))
        assert b"identity.amended" in written
    for plain in (secret, other):
        assert plain.encode() not in written and repr(plain.encode()).encode() not in written
        assert plain.encode("utf-16-le") not in written


def test_the_history_of_a_charge_is_read_newest_first_and_paged(session: Any) -> None:
    _keep("charge.opened", "charge.amended")
    with unit_of_work():
        _note("charge.read")
    assert [entry.number for entry in audit.of_charge(1)] == [3, 2, 1]
    assert [entry.number for entry in audit.of_charge(1, changes_only=True)] == [2, 1]
    assert [entry.number for entry in audit.of_charge(1, before=3, limit=1)] == [2]
