from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from sistra.access.fields import value_of
from sistra.access.viewer import Viewer
from sistra.codebook.dictionary import record
from sistra.codebook.terms import Unknown
from sistra.db import db
from sistra.models.audit import TrailEntry
from sistra.models.charges import Charge
from sistra.rules.entries import Entry
from sistra.rules.partial_dates import PartialDate
from sistra.services import records
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_charge
from tests.factories.trail import changes_of
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


@pytest.fixture
def mine(session: Any, world: World) -> Viewer:
    return world.viewer("fiscal.mdd")


@pytest.fixture
def other(session: Any, world: World) -> Viewer:
    return world.viewer("asistente.mdd")


@pytest.fixture
def key(mine: Viewer, world: World) -> int:
    with unit_of_work():
        return a_charge(world.offices["mdd"], mine.user_id, case_nickname="Uno", victims_declared=2).id


def _amend(viewer: Viewer, key: int, version: int | None, **values: Any) -> list[str]:
    with unit_of_work():
        charge = db.session.get_one(Charge, key)
        return [
            field.name for field in records.amend(viewer, charge, Entry("charge", values, version), "charge.amended")
        ]


def _value(key: int, name: str) -> Any:
    return value_of(db.session.get_one(Charge, key), record("charge").fields[name])


def _entries() -> int:
    return db.session.scalar(select(func.count(TrailEntry.number))) or 0


def test_a_field_that_only_another_changed_is_kept(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="De la otra persona")
    assert _amend(mine, key, 1, case_nickname="Uno", police_report_number="77") == ["police_report_number"]
    assert _value(key, "case_nickname") == "De la otra persona"
    assert _value(key, "police_report_number") == "77"


def test_a_field_that_both_changed_is_a_conflict_with_all_three_values(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    with pytest.raises(Conflict) as found:
        _amend(mine, key, 1, case_nickname="Tres", police_report_number="77")
    (clash,) = found.value.clashes
    assert (clash.field.name, clash.original, clash.theirs, clash.mine) == ("case_nickname", "Uno", "Dos", "Tres")
    assert (found.value.version, found.value.editor_id) == (2, other.user_id)


def test_a_conflict_writes_nothing_and_makes_no_entry(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    before = _entries()
    with pytest.raises(Conflict):
        _amend(mine, key, 1, case_nickname="Tres", police_report_number="77")
    assert _value(key, "police_report_number") is None
    assert _entries() == before


def test_two_who_typed_the_same_agree(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    assert _amend(mine, key, 1, case_nickname="Dos") == []


def test_the_original_is_that_of_the_version_loaded_whatever_happened_since(
    mine: Viewer, other: Viewer, key: int
) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    _amend(other, key, 2, case_nickname="Tres")
    _amend(other, key, 3, case_nickname="Cuatro")
    with pytest.raises(Conflict) as found:
        _amend(mine, key, 2, case_nickname="Mío")
    assert found.value.clashes[0].original == "Dos"


def test_an_entry_that_carries_the_present_version_is_taken_as_decided(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    assert _amend(mine, key, 2, case_nickname="Tres") == ["case_nickname"]


def test_a_conflict_over_an_encrypted_text_tells_the_texts(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(mine, key, 1, narrative="Primero")
    _amend(other, key, 2, narrative="Segundo")
    with pytest.raises(Conflict) as found:
        _amend(mine, key, 2, narrative="Tercero")
    (clash,) = found.value.clashes
    assert (clash.original, clash.theirs, clash.mine) == ("Primero", "Segundo", "Tercero")


@pytest.mark.parametrize(("name", "first", "second", "third"), [
    ("received_on", PartialDate.of_day(date(2026, 3, 20)), PartialDate.of_month(2026, 3), Unknown.NOT_KNOWN),
    ("victims_declared", 2, Unknown.NOT_KNOWN, 3),
    ("purpose_known", None, ("SEX",), Unknown.NOT_KNOWN),
    ("case_nickname", "Uno", None, "Dos"),
])
def test_conflicts_are_told_in_values_of_the_field(
        mine: Viewer, other: Viewer, key: int, name: str, first: Any, second: Any, third: Any) -> None:
    _amend(other, key, 1, **{name: second})
    with pytest.raises(Conflict) as found:
        _amend(mine, key, 1, **{name: third})
    (clash,) = found.value.clashes
    assert (clash.original, clash.theirs, clash.mine) == (first, second, third)


def test_an_entry_without_a_change_writes_nothing(mine: Viewer, key: int) -> None:
    before = _entries()
    assert _amend(mine, key, 1, case_nickname="Uno", police_report_number=None) == []
    assert db.session.get_one(Charge, key).version == 1
    assert _entries() == before


def test_a_blank_is_a_change_of_a_value(mine: Viewer, key: int) -> None:
    assert _amend(mine, key, 1, case_nickname=None) == ["case_nickname"]
    assert _value(key, "case_nickname") is None


def test_a_key_that_is_absent_changes_nothing(mine: Viewer, key: int) -> None:
    _amend(mine, key, 1, police_report_number="77")
    assert _value(key, "case_nickname") == "Uno"


def test_a_change_says_who_and_when_and_moves_the_version(mine: Viewer, other: Viewer, key: int) -> None:
    _amend(other, key, 1, case_nickname="Dos")
    charge = db.session.get_one(Charge, key)
    assert (charge.version, charge.updated_by_id, charge.updated_at) == (2, other.user_id, other.at)


def test_the_trail_tells_before_and_after_of_each_change(mine: Viewer, key: int) -> None:
    _amend(mine, key, 1, case_nickname="Dos", victims_declared=Unknown.NOT_KNOWN)
    (entry,) = changes_of("charge", key)
    assert entry.changes == [{"field": "case_nickname", "before": "Uno", "after": "Dos"},
                             {"field": "victims_declared", "before": 2, "after": {"unknown": "NSP"}}]
    assert entry.detail == {"version": 2} and entry.charge_id == key


def test_the_trail_keeps_an_encrypted_text_as_ciphertext(mine: Viewer, key: int) -> None:
    _amend(mine, key, 1, narrative="Un relato")
    (entry,) = changes_of("charge", key)
    assert entry.changes is not None
    assert list(entry.changes[0]["after"]) == ["sealed"]
