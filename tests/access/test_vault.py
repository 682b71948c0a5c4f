from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, select, update

from sistra.access import vault
from sistra.access.fields import record_of, value_of
from sistra.db import Base, db
from sistra.models.charges import Charge
from sistra.models.keys import DataKey
from sistra.models.people import Identity
from sistra.rules.sealing import Unsealable
from sistra.services.unit import unit_of_work
from tests.factories.rows import a_charge, a_victim, an_accused, an_identity
from tests.factories.world import World

pytestmark = pytest.mark.both_databases


def _read(row: Base, name: str) -> Any:
    return value_of(row, record_of(row).fields[name])


@pytest.fixture
def charge(session: Any, world: World) -> Charge:
    return a_charge(world.offices["mdd"], world.users["fiscal.mdd"])


@pytest.fixture
def identity(charge: Charge) -> Identity:
    return an_identity(a_victim(charge), given_names="Nombre Inventado", mobile_phone="+51900000001")


def test_a_value_moved_to_another_row_does_not_open(charge: Charge, identity: Identity) -> None:
    another = an_identity(a_victim(charge, "A-2"), given_names="Otro Nombre")
    another.given_names = identity.given_names
    with pytest.raises(Unsealable):
        _read(another, "given_names")


def test_a_value_moved_to_another_row_of_the_same_key_does_not_open(charge: Charge, identity: Identity) -> None:
    """Swapping the owner too does not help: the place names the row."""
    moved = an_identity(an_accused(charge), given_names="Otro Nombre")
    sealed, victim_id = identity.given_names, identity.victim_id
    identity.victim_id = None
    db.session.flush()
    moved.accused_id, moved.victim_id, moved.given_names = None, victim_id, sealed
    with pytest.raises(Unsealable):
        _read(moved, "given_names")


def test_a_value_moved_to_another_column_does_not_open(identity: Identity) -> None:
    identity.surname_paternal = identity.given_names
    with pytest.raises(Unsealable):
        _read(identity, "surname_paternal")


def test_one_changed_bit_keeps_a_value_from_opening(identity: Identity) -> None:
    sealed = bytearray(identity.given_names or b"")
    sealed[-1] ^= 1
    identity.given_names = bytes(sealed)
    with pytest.raises(Unsealable):
        _read(identity, "given_names")


def test_destroying_its_key_disposes_of_what_was_encrypted_under_it(identity: Identity) -> None:
    db.session.execute(delete(DataKey).where(DataKey.owner_kind == "victim", DataKey.owner_id == identity.victim_id))
    db.session().info.pop("data_keys")
    with pytest.raises(Unsealable):
        _read(identity, "given_names")


def test_each_part_has_a_key_of_its_own(charge: Charge) -> None:
    first, second = a_victim(charge), a_victim(charge, "A-2")
    keys = {vault.data_key(("victim", one.id), create=True) for one in (first, second)}
    assert len(keys) == 2


def test_a_key_is_never_stored_as_it_is(identity: Identity) -> None:
    key = vault.data_key(("victim", identity.victim_id or 0))
    stored = db.session.scalars(select(DataKey.wrapped)).all()
    assert stored and all(key not in wrapped for wrapped in stored)


def test_a_wrapped_key_does_not_open_for_another_owner(charge: Charge, identity: Identity) -> None:
    other = a_victim(charge, "A-2")
    vault.data_key(("victim", other.id), create=True)
    mine = db.session.scalar(
        select(DataKey.wrapped).where(DataKey.owner_kind == "victim", DataKey.owner_id == identity.victim_id)
    )
    db.session.execute(
        update(DataKey).where(DataKey.owner_kind == "victim", DataKey.owner_id == other.id).values(wrapped=mine)
    )
    db.session().info.pop("data_keys", None)
    with pytest.raises(Unsealable):
        vault.data_key(("victim", other.id))


def test_a_key_made_in_a_unit_that_failed_is_not_used_again(session: Any) -> None:
    with pytest.raises(LookupError), unit_of_work():
        vault.data_key(("victim", 7), create=True)
        raise LookupError
    with pytest.raises(Unsealable):
        vault.data_key(("victim", 7))


def test_a_part_without_a_key_does_not_open(session: Any) -> None:
    with pytest.raises(Unsealable):
        vault.data_key(("victim", 7))


def test_fetching_keys_of_several_owners_opens_the_same_keys(charge: Charge) -> None:
    owners = [("victim", a_victim(charge, f"A-{number}").id) for number in (1, 2, 3)]
    made = [vault.data_key(owner, create=True) for owner in owners]
    db.session().info.pop("data_keys", None)
    vault.fetch_keys(owners)
    assert [db.session().info["data_keys"][owner] for owner in owners] == made


@pytest.mark.parametrize(
    ("table", "sensitivity", "kind"),
    [
        ("charge", "case", "charge"),
        ("charge", "sealed", "charge"),
        ("victim", "case", "charge"),
        ("victim", "sealed", "victim"),
        ("accused", "identity", "accused"),
        ("identity", "identity", "victim"),
    ],
)
def test_the_owner_of_a_key_is_the_part_for_what_is_most_sensitive(
        charge: Charge, identity: Identity, table: str, sensitivity: str, kind: str) -> None:
    rows: dict[str, Base] = {"charge": charge, "identity": identity, "victim": a_victim(charge, "A-8"),
                             "accused": an_accused(charge)}
    assert vault.owner_of(rows[table], sensitivity)[0] == kind
