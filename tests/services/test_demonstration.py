"""A small demonstration, built twice: the same rows, a trail that holds, and nothing for who has no business there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select

from sistra.access import scope
from sistra.db import db
from sistra.models.accounts import Office
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.models.counts import Count
from sistra.models.events import Event
from sistra.models.sharing import Grant
from sistra.rules.demonstration.planning import plan
from sistra.services import audit, course, demonstration, signin
from sistra.services.demonstration import Built
from sistra.services.unit import unit_of_work
from tests.factories.databases import Databases
from tests.factories.rows import a_charge
from tests.factories.world import World

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 15, tzinfo=UTC)
NUMBER, SEED = 30, 1
_SECRET_TABLES = (
    "data_key",
    "identity_token",
    "recovery_code",
    "invitation",
    "signin_session",
    "trail_head",
    "alembic_version",
    "throttle",
)
_SECRET_COLUMNS = frozenset({"password_hash", "totp_last", "hash", "previous_hash", "changes"})


@dataclass(frozen=True, slots=True)
class Demonstration:
    built: Built
    app: Any
    path: Path


def _demonstration(folder: Path) -> Demonstration:
    databases = Databases(folder, None)
    url = databases.copy()
    app = databases.app(url)
    with app.app_context():
        return Demonstration(
            demonstration.build(charges=NUMBER, seed=SEED, today=TODAY), app, Path(url.removeprefix("sqlite:///"))
        )


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return _demonstration(tmp_path_factory.mktemp("first"))


@pytest.fixture
def inside(first: Demonstration) -> Iterator[Demonstration]:
    """The first demonstration with its context open."""
    with first.app.app_context():
        yield first


def _rows(one: Demonstration) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, without keys, ciphertext, hashes and what else is drawn anew each time."""
    with one.app.app_context():
        found = {}
        for table in db.metadata.sorted_tables:
            if table.name in _SECRET_TABLES:
                continue
            columns = [
                column
                for column in table.columns
                if not isinstance(column.type, LargeBinary) and column.name not in _SECRET_COLUMNS
            ]
            found[table.name] = sorted((tuple(row) for row in db.session.execute(select(*columns))), key=repr)
        return found


def test_the_same_seed_and_day_give_the_same_rows(first: Demonstration, tmp_path: Path) -> None:
    once, again = _rows(first), _rows(_demonstration(tmp_path))
    assert {name for name, rows in once.items() if rows != again[name]} == set()
    assert len(once["charge"]) == NUMBER


def test_the_trail_holds(inside: Demonstration) -> None:
    assert audit.verify().intact


def test_the_first_entry_of_the_trail_marks_the_demonstration(inside: Demonstration) -> None:
    assert demonstration.holds() == demonstration.DEMONSTRATION


def test_a_demonstration_is_not_built_over_another(inside: Demonstration) -> None:
    with pytest.raises(ValueError, match="empty"):
        demonstration.build(charges=1, seed=1, today=TODAY)


def test_other_data_is_no_demonstration(session: Any, world: World) -> None:
    with unit_of_work():
        a_charge(world.offices["mdd"], world.users["fiscal.mdd"])
    assert demonstration.holds() == demonstration.DATA


def test_a_database_without_rows_is_empty(session: Any) -> None:
    assert demonstration.holds() == demonstration.EMPTY


@pytest.mark.parametrize("username", ["mimp", "pnp", "victimas"])
def test_an_agency_sees_what_it_accepted_and_what_stands(inside: Demonstration, username: str) -> None:
    viewer = signin.command_viewer(username, at=AT, system_user="tests")
    standing = select(Grant.charge_id).where(
        Grant.target == f"agency:{viewer.agency_id}", Grant.state == "ACE", Grant.valid_until >= TODAY)
    assert {one.id for one in db.session.scalars(scope.charges_for(viewer))} == set(db.session.scalars(standing))


@pytest.mark.parametrize("username", ["admin", "auditor", "analista"])
def test_who_has_no_business_in_a_charge_sees_none(inside: Demonstration, username: str) -> None:
    viewer = signin.command_viewer(username, at=AT, system_user="tests")
    assert list(db.session.scalars(scope.charges_for(viewer))) == []


@pytest.mark.parametrize("username", ["fiscal.mdd", "asistente.mdd", "fiscal.lima"])
def test_an_office_sees_its_own_charges_only(inside: Demonstration, username: str) -> None:
    viewer = signin.command_viewer(username, at=AT, system_user="tests")
    seen = list(db.session.scalars(scope.charges_for(viewer)))
    assert seen and {one.office_id for one in seen} == {viewer.office_id}


def test_the_coordination_sees_the_specialised_offices(inside: Demonstration) -> None:
    viewer = signin.command_viewer("coordinacion", at=AT, system_user="tests")
    seen = {one.office_id for one in db.session.scalars(scope.charges_for(viewer))}
    specialised = set(db.session.scalars(select(Office.id).where(Office.specialised)))
    assert seen and seen <= specialised


def test_each_planned_charge_was_opened_in_its_office(inside: Demonstration) -> None:
    planned = plan(NUMBER, SEED, TODAY).charges
    opened = select(Charge.number, Office.code).join(TrailEntry, TrailEntry.thing_id == Charge.id).join(
        Office, TrailEntry.office_id == Office.id).where(TrailEntry.action == "charge.opened")
    offices = {row.number: row.code for row in db.session.execute(opened)}
    assert [offices[number] for number in inside.built.numbers] == [one.office for one in planned]


def test_six_in_ten_charges_are_archived(inside: Demonstration) -> None:
    assert db.session.scalar(select(func.count(Charge.id)).where(Charge.status == "ARC")) == 18


def test_charges_stand_at_many_stages(inside: Demonstration) -> None:
    assert len(set(db.session.scalars(select(Charge.stage)))) >= 5


def test_no_count_stands_elsewhere_than_its_events_say(inside: Demonstration) -> None:
    """What was settled together is what each act alone would have left."""
    before = {row.id: (row.stage, row.state, row.outcome) for row in db.session.scalars(select(Count))}
    with unit_of_work(keep=False):
        for one in db.session.scalars(select(Charge)):
            kept = (one.stage, one.status, one.next_due_on)
            course.rederive(one)
            assert (one.stage, one.status, one.next_due_on) == kept
        assert {row.id: (row.stage, row.state, row.outcome) for row in db.session.scalars(select(Count))} == before


def test_nothing_was_entered_on_the_day_itself_or_later(inside: Demonstration) -> None:
    last = db.session.scalar(select(func.max(TrailEntry.at)))
    assert last is not None and last < datetime(2026, 11, 21, 5, tzinfo=UTC)


def test_every_act_has_an_author_and_the_command_line_as_its_door(inside: Demonstration) -> None:
    assert db.session.scalar(select(func.count(Event.id)).where(Event.created_by_id.is_(None))) == 0
    entries = db.session.scalars(select(TrailEntry.door).where(TrailEntry.charge_id.is_not(None)).distinct())
    assert set(entries) == {"cli"}


def test_everybody_signs_in_with_what_was_printed(first: Demonstration) -> None:
    for one in first.built.credentials:
        with first.app.app_context():
            begun = signin.sign_in(one.username, one.password, at=AT, address="127.0.0.1", device=None, agent="tests")
            assert begun.second_factor, one.username


def test_no_name_and_no_document_stands_plain_in_the_database(inside: Demonstration) -> None:
    planned = plan(NUMBER, SEED, TODAY)
    said = " ".join(one.full_name for one in planned.staff)
    canaries = set()
    for charge in planned.charges:
        for step in charge.steps:
            if step.verb == "identity":
                values = (
                    step.values.get(name) for name in ("surname_paternal", "given_names", "id_document_number", "mobile_phone")
                )
                canaries |= {value for value in values if value and value.split()[0] not in said and len(value) > 5}
    kept = b"".join(path.read_bytes() for path in inside.path.parent.glob(f"{inside.path.name}*"))
    assert len(canaries) > 50
    assert {one for one in canaries if one.encode() in kept} == set()
