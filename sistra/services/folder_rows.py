"""The rows of a charge that several verbs of one page ask for: read once per reading. They never leave the services."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm.base import instance_state
from sqlalchemy.orm.util import identity_key

from sistra.db import Base, db, remembered
from sistra.models.counts import Count
from sistra.models.people import Accused, Identity, Victim

Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Known:
    """A victim or an accused, and what is entered of that person's identity: anything at all, a birth date."""

    part: Any
    named: bool
    birth: bool


@remembered
def known_of(model: type[Any], charge_id: int) -> Sequence[Known]:
    """The victims, or the accused, of a charge in the order of their codes, those withdrawn left out; no identity is opened."""
    belongs = Identity.victim_id if model is Victim else Identity.accused_id
    rows = db.session.execute(
        select(model, Identity.id, Identity.birth_date.is_not(None)).outerjoin(Identity, belongs == model.id)
        .where(model.charge_id == charge_id, model.withdrawn_at.is_(None)).order_by(model.id))
    return [Known(part, identity is not None, identity is not None and bool(birth)) for part, identity, birth in rows]


def parts_of(model: type[Any], charge_id: int) -> Sequence[Any]:
    """The same, as rows."""
    return [one.part for one in known_of(model, charge_id)]


def victims_of(charge_id: int) -> Sequence[Victim]:
    return parts_of(Victim, charge_id)


def accused_of(charge_id: int) -> Sequence[Accused]:
    return parts_of(Accused, charge_id)


@remembered
def counts_of(charge_id: int) -> Sequence[Count]:
    """The counts of a charge in order of entry."""
    return list(db.session.scalars(select(Count).where(Count.charge_id == charge_id).order_by(Count.id)))


def rows_of(model: type[Row], keys: Iterable[int]) -> list[Row]:
    """The rows with these keys, in the order of the keys. Those that the session holds, lists and all, are not read again."""
    wanted, found = list(keys), dict[int, Row]()
    for key in wanted:
        held = db.session.identity_map.get(identity_key(model, key))
        if held is not None and not instance_state(held).expired:
            found[key] = held
    if missing := [key for key in wanted if key not in found]:
        found |= {row.id: row for row in db.session.scalars(select(model).where(model.id.in_(missing)))}  # type: ignore[attr-defined]
    return [found[key] for key in wanted]
