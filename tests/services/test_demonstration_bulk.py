"""Charges made in bulk of finished folders: nothing tells them from those carried out, and they share no key."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, select

from sistra.access import vault
from sistra.access.fields import record_of, value_of
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge, NumberSequence
from sistra.models.events import Event
from sistra.models.keys import DataKey, IdentityToken
from sistra.models.people import Accused, Identity, Victim
from sistra.models.sharing import Grant
from sistra.rules.ages import is_minor
from sistra.rules.charge_checks import check_charge
from sistra.rules.demonstration.planning import plan
from sistra.rules.entries import LIMA, Entry
from sistra.rules.numbering import folded_number
from sistra.rules.partial_dates import PartialDate
from sistra.services import audit, charges, course, demonstration, fact_rebuilding, identities, oversight, signin, text_index
from sistra.services.demonstration import Built
from sistra.services.demonstration_bulk import folders
from sistra.services.unit import unit_of_work
from tests.factories.databases import Databases, OwnDatabase
from tests.factories.trail import changes_of
from tests.services.test_demonstration import _SECRET_COLUMNS, _SECRET_TABLES

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 15, tzinfo=UTC)
CORE, MORE = 20, 60


@dataclass(frozen=True, slots=True)
class Made:
    built: Built
    app: Any


def _made(folder: Path) -> Made:
    databases = Databases(folder, None)
    app = databases.app(databases.copy())
    with app.app_context():
        return Made(demonstration.build(charges=CORE + MORE, seed=3, today=TODAY, carried_out=CORE), app)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return _made(tmp_path_factory.mktemp("bulk"))


@pytest.fixture
def inside(first: Made) -> Iterator[Made]:
    with first.app.app_context():
        yield first


def _copies() -> list[Charge]:
    return list(db.session.scalars(select(Charge).where(Charge.id > CORE).order_by(Charge.id)))


def _rows(one: Made) -> dict[str, list[tuple[Any, ...]]]:
    with one.app.app_context():
        found = {}
        for table in db.metadata.sorted_tables:
            plain = [one for one in table.columns if not isinstance(one.type, LargeBinary) and one.name not in _SECRET_COLUMNS]
            if table.name not in _SECRET_TABLES:
                found[table.name] = sorted((tuple(row) for row in db.session.execute(select(*plain))), key=repr)
        return found


def test_every_table_is_copied_or_left_for_a_reason() -> None:
    assert set(db.metadata.tables) == folders.COPIED | set(folders.LEFT)
    assert not folders.COPIED & set(folders.LEFT)


def test_as_many_charges_are_made_as_were_asked_for(inside: Made) -> None:
    assert db.session.scalar(select(func.count(Charge.id))) == CORE + MORE == len(set(inside.built.numbers))


def test_the_same_arguments_give_the_same_rows(first: Made, tmp_path: Path) -> None:
    once, again = _rows(first), _rows(_made(tmp_path))
    assert {name for name, rows in once.items() if rows != again[name]} == set()


def test_what_the_commands_verify_is_clean(inside: Made) -> None:
    assert audit.verify().intact
    assert list(oversight.wrong_access(AT)) == []
    assert list(fact_rebuilding.differences()) == []
    assert [one for keys in text_index.chunks() for one in text_index.differences(keys)] == [] and text_index.orphans() == []
    assert oversight.stored_files(AT).lost == ()
    assert db.session.connection().exec_driver_sql("PRAGMA foreign_key_check").all() == []


def test_no_two_records_share_key_material(inside: Made) -> None:
    keys = list(db.session.scalars(select(DataKey)))
    opened = [vault.data_key((one.owner_kind, one.owner_id)) for one in keys]
    assert len(set(opened)) == len(opened) and len({one.wrapped for one in keys}) == len(keys)


def test_no_ciphertext_stands_twice(inside: Made) -> None:
    """In two rows, that is: the trail keeps the ciphertext of its row."""
    found: Counter[bytes] = Counter()
    for mapper in db.Model.registry.mappers:
        if (table := mapper.local_table).name in ("identity_token", "data_key"):
            continue
        for column in table.columns:
            if isinstance(column.type, LargeBinary):
                found.update(db.session.scalars(select(column).where(column.is_not(None))))
    assert len(found) > 300 and max(found.values()) == 1


def test_everything_sealed_opens_at_its_place(inside: Made) -> None:
    opened = 0
    for mapper in db.Model.registry.mappers:
        if mapper.local_table.name not in folders.COPIED - {"charge_access", "charge_purpose", "unsealing"}:
            continue
        for row in db.session.scalars(select(mapper.class_)):
            for field in record_of(row).fields.values():
                if field.encrypted and hasattr(row, field.name):
                    opened += value_of(row, field) is not None
    assert opened > 300


def test_what_the_trail_kept_sealed_opens_too(inside: Made) -> None:
    """The last entry of an identity holds what its row holds."""
    for entry in db.session.scalars(select(TrailEntry).where(TrailEntry.action == "identity.entered")):
        row = db.session.get_one(Identity, entry.thing_id)
        kept = {change["field"]: change["after"] for change in entry.changes or ()}
        assert kept.keys() == {name for name in record_of(row).fields if getattr(row, name, None) is not None and name in kept}


def test_copies_name_other_people(inside: Made) -> None:
    fields = record_of(db.session.scalars(select(Identity)).first()).fields  # type: ignore[arg-type]
    said = [tuple(value_of(row, fields[name]) for name in ("surname_paternal", "surname_maternal", "given_names", "legal_name"))
            for row in db.session.scalars(select(Identity))]
    assert Counter(said).most_common(1)[0][1] <= 3
    assert db.session.scalar(select(func.count(IdentityToken.id)).where(IdentityToken.identity_id.is_(None))) == 0


def test_an_identity_is_found_by_its_own_tokens(inside: Made) -> None:
    row = db.session.scalars(select(Identity).order_by(Identity.id.desc())).first()
    assert row is not None
    fields = record_of(row).fields
    due = identities.index_rows({name: value_of(row, fields[name]) for name in identities.INDEXED})
    held = db.session.execute(select(IdentityToken.kind, IdentityToken.token).where(IdentityToken.identity_id == row.id))
    assert {(one["kind"], one["token"]) for one in due} == {tuple(one) for one in held} != set()


def test_numbers_run_on_by_year_and_district(inside: Made) -> None:
    given: dict[tuple[str, str], list[int]] = {}
    for number in db.session.scalars(select(Charge.number)):
        _, year, district, sequence = number.split("-")
        given.setdefault((year, district), []).append(int(sequence))
    last = {(str(row.year), row.fiscal_district): row.last for row in db.session.scalars(select(NumberSequence))}
    assert {key: sorted(numbers) for key, numbers in given.items()} == {key: list(range(1, last[key] + 1)) for key in given}


def test_a_carpeta_stands_once_in_an_office_and_year(inside: Made) -> None:
    numbered = select(Charge).where(Charge.carpeta_folded.is_not(None))
    given = Counter((one.office_id, one.carpeta_number) for one in db.session.scalars(numbered))
    assert max(given.values()) == 1
    assert all(one.carpeta_folded == folded_number(one.carpeta_number or "") for one in _copies() if one.carpeta_folded)


def test_no_copy_tells_of_the_charge_it_was_made_of(inside: Made) -> None:
    core = set(db.session.scalars(select(Charge.number).where(Charge.id <= CORE)))
    for charge in _copies():
        told = " ".join(repr((entry.changes, entry.detail)) for entry in audit.of_charge(charge.id, limit=999))
        assert not core & set(re.findall(r"SIS-\d{4}-[A-Z]{3}-\d{5}", told)) and charge.number in told


def test_the_trail_of_a_copy_tells_what_its_rows_say(inside: Made) -> None:
    for charge in _copies():
        opened, *_ = changes_of("charge", charge.id)
        after = {change["field"]: change["after"] for change in opened.changes or ()}
        assert (opened.thing_id, after["summary"], after["notice_place"]) == (charge.id, charge.summary, charge.notice_place)


def test_a_trail_tells_of_nothing_but_its_own_folder(inside: Made) -> None:
    """References kept in the trail lead to rows of the same charge."""
    victims = {one.id: one.charge_id for one in db.session.scalars(select(Victim))}
    for entry in db.session.scalars(select(TrailEntry).where(TrailEntry.charge_id.is_not(None))):
        for change in entry.changes or ():
            if change["field"] == "victims" and entry.thing in ("count", "event") and isinstance(change["after"], list):
                assert {victims[key] for key in change["after"]} <= {entry.charge_id}


def test_nothing_is_older_than_the_users_and_nothing_was_entered_today(inside: Made) -> None:
    begun = db.session.scalars(select(TrailEntry.at).where(TrailEntry.number == 1)).one()
    times = db.session.execute(select(func.min(TrailEntry.at), func.max(TrailEntry.at))).one()
    assert times[0] == begun and times[1].astimezone(LIMA).date() < TODAY


def test_copies_lie_on_other_days(inside: Made) -> None:
    received = [one.received_on for one in db.session.scalars(select(Charge))]
    assert len(set(received)) > CORE * 2


def test_facts_hold_together_in_every_copy(inside: Made) -> None:
    for charge in _copies():
        names = ("victims_declared", "minors_declared", "facts_from", "facts_to", "means", "acts")
        assert check_charge({name: getattr(charge, name) for name in names}) == []
        victims = list(db.session.scalars(select(Victim).where(Victim.charge_id == charge.id)))
        assert charge.minors_total >= sum(map(is_minor, victims))


def test_no_accused_is_told_as_a_minor(inside: Made) -> None:
    youngest = db.session.scalar(select(func.min(Accused.age_at_facts)).where(Accused.charge_id > CORE))
    assert youngest is not None and youngest >= 18


def test_nothing_recorded_lies_ahead(inside: Made) -> None:
    for event in db.session.scalars(select(Event)):
        latest = event.occurred_on.latest if isinstance(event.occurred_on, PartialDate) else None
        assert latest is None or latest < TODAY


def test_grants_of_copies_stand_or_have_ended_as_those_of_the_folder(inside: Made) -> None:
    found: dict[bool, set[tuple[str | None, bool]]] = {True: set(), False: set()}
    for one in db.session.scalars(select(Grant)):
        found[one.charge_id > CORE].add((one.state, one.valid_until >= TODAY))
    assert found[True] == found[False] != set()


def test_a_copy_stands_where_its_events_put_it(inside: Made) -> None:
    with unit_of_work(keep=False):
        for one in _copies():
            kept = (one.stage, one.status, one.next_due_on)
            course.rederive(one)
            assert (one.stage, one.status, one.next_due_on) == kept


def test_whoever_works_there_works_on_with_a_copy(inside: Made) -> None:
    viewer = signin.command_viewer("fiscal.mdd", at=AT, system_user="tests")
    office = [one for one in _copies() if one.office_id == viewer.office_id and one.confidentiality == "RES"]
    with unit_of_work(keep=False):
        assert charges.amend(viewer, office[0].number, Entry("charge", {"case_nickname": "Otro"}))


def test_dates_of_a_shift_keep_their_weekday(inside: Made) -> None:
    """Nothing is entered on a weekend, in copies as little as in what they are made of."""
    days: dict[bool, set[int]] = {True: set(), False: set()}
    for key, at in db.session.execute(select(Charge.id, Charge.created_at)):
        days[key > CORE].add(at.astimezone(LIMA).weekday())
    assert days[True] <= days[False]


@pytest.mark.both_databases
def test_both_databases_number_on_after_a_bulk(own_database: OwnDatabase) -> None:
    with own_database.app.app_context():
        numbers = demonstration.build(charges=9, seed=3, today=TODAY, carried_out=3).numbers
        assert list(oversight.wrong_access(AT)) == [] and list(fact_rebuilding.differences()) == []
        viewer = signin.command_viewer("fiscal.mdd", at=AT, system_user="tests")
        with unit_of_work():
            opening = {**plan(1, 1, TODAY).charges[0].opening, "responsible": viewer.user_id}
            number = charges.open_charge(viewer, Entry("charge", opening))
        assert number not in numbers and audit.verify().intact


def test_nothing_is_made_of_nothing(own_database: OwnDatabase) -> None:
    with own_database.app.app_context(), pytest.raises(ValueError, match="no folder"):
        demonstration.build(charges=1, seed=1, today=TODAY, carried_out=0)
