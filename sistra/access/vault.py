"""Data keys: made, wrapped and opened here, and kept for one session of the database at most."""
from __future__ import annotations

from sqlalchemy import and_, event, or_, select
from sqlalchemy.orm import Session

from sistra.db import Base, db
from sistra.models.keys import DataKey
from sistra.rules.sealing import Unsealable, new_key, seal, unseal

Owner = tuple[str, int]
"""Whose key it is: ("charge", 17), ("victim", 4), ("accused", 9), ("court_case", 2), ("user", 3), ("agency", 1)."""

_PART_RECORDS = {"recruitment", "exploitation", "victim_accused_relation", "service"}


def owner_of(row: Base, sensitivity: str) -> Owner:
    """Whose data key encrypts a field of `row`: the part for identity and sealed fields, else the charge or court case."""
    table = row.__tablename__
    if table == "identity":
        return ("victim", row.victim_id) if row.victim_id is not None else ("accused", row.accused_id)  # type: ignore[attr-defined]
    if table in ("victim", "accused") and sensitivity != "case":
        return table, row.id  # type: ignore[attr-defined]
    if table in _PART_RECORDS:
        return "victim", row.victim_id  # type: ignore[attr-defined]
    if table == "measure" and sensitivity != "case" and row.victim_id is not None:  # type: ignore[attr-defined]
        return "victim", row.victim_id  # type: ignore[attr-defined]
    for kind in ("charge", "court_case"):
        if (key := getattr(row, f"{kind}_id", None)) is not None:
            return kind, key
    return ("user" if table == "user_account" else table), row.id  # type: ignore[attr-defined]


def data_key(owner: Owner, *, create: bool = False) -> bytes:
    """The data key of `owner`. Raises Unsealable where it has none (never made, or destroyed) and `create` is false."""
    known: dict[Owner, bytes] = db.session().info.setdefault("data_keys", {})
    if owner not in known:
        kind, key = owner
        stored = db.session.scalar(select(DataKey).where(DataKey.owner_kind == kind, DataKey.owner_id == key))
        if stored is not None:
            known[owner] = db.keyring.unwrap(stored.wrapped_by, stored.wrapped, f"{kind}:{key}")
        elif create:
            known[owner] = new_key()
            name, wrapped = db.keyring.wrap(known[owner], f"{kind}:{key}")
            db.session.add(DataKey(owner_kind=kind, owner_id=key, wrapped_by=name, wrapped=wrapped))
            db.session.flush()
        else:
            raise Unsealable(f"{kind}:{key}")
    return known[owner]


def fresh_key(owner: Owner) -> tuple[bytes, dict[str, object]]:
    """A new data key for an owner that has none, and the row of `data_key` that is to hold it: for many rows at once."""
    kind, key = owner
    made = new_key()
    name, wrapped = db.keyring.wrap(made, f"{kind}:{key}")
    return made, {"owner_kind": kind, "owner_id": key, "wrapped_by": name, "wrapped": wrapped}


def fetch_keys(owners: list[Owner]) -> None:
    """Opens the data keys of several owners in one query, before many values are read."""
    known: dict[Owner, bytes] = db.session().info.setdefault("data_keys", {})
    wanted: dict[str, list[int]] = {}
    for kind, key in sorted(owner for owner in owners if owner not in known):
        wanted.setdefault(kind, []).append(key)
    if not wanted:
        return
    theirs = or_(*(and_(DataKey.owner_kind == kind, DataKey.owner_id.in_(keys)) for kind, keys in wanted.items()))
    for stored in db.session.scalars(select(DataKey).where(theirs)):
        place = f"{stored.owner_kind}:{stored.owner_id}"
        known[stored.owner_kind, stored.owner_id] = db.keyring.unwrap(stored.wrapped_by, stored.wrapped, place)


def seal_for(owner: Owner, plain: bytes, place: str) -> bytes:
    """Encrypts under the owner's key, which is made when it does not exist."""
    return seal(data_key(owner, create=True), plain, place)


def open_for(owner: Owner, sealed: bytes, place: str) -> bytes:
    """Decrypts. Raises Unsealable."""
    return unseal(data_key(owner), sealed, place)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: object) -> None:
    """A key made in a transaction that was rolled back must not be used again."""
    session.info.pop("data_keys", None)
