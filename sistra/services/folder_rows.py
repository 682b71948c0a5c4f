"""The rows of a charge that several verbs of one page ask for: read once per reading. They never leave the services."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from sqlalchemy import Table, literal, select, union_all
from sqlalchemy.orm import lazyload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.base import instance_state
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.base import ExecutableOption

from sistra.db import Base, db, remembered
from sistra.models.counts import Count
from sistra.models.events import Event, event_accused_link, event_counts_link, event_victims_link
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
    """The victims of a charge in the order of their codes, those withdrawn left out."""
    return parts_of(Victim, charge_id)


def accused_of(charge_id: int) -> Sequence[Accused]:
    """The accused of a charge, likewise."""
    return parts_of(Accused, charge_id)


@remembered
def counts_of(charge_id: int) -> Sequence[Count]:
    """The counts of a charge in order of entry."""
    return list(db.session.scalars(select(Count).where(Count.charge_id == charge_id).order_by(Count.id)))


_NAMED: Mapping[str, tuple[type[Any], Table, str]] = MappingProxyType({
    "counts": (Count, event_counts_link, "count_id"), "accused": (Accused, event_accused_link, "accused_id"),
    "victims": (Victim, event_victims_link, "victim_id")})
WITHOUT_PARTS = (lazyload(Event.counts), lazyload(Event.accused), lazyload(Event.victims))
"""Options of a select of acts whose parts `with_parts` adds."""


def with_parts(acts: Iterable[Event]) -> list[Event]:
    """The acts, each with the lists of the parts that it names, by key.

    One statement for all three lists, and one more for each kind of part of which the session does not hold all.
    """
    rows = list(acts)
    bare = {row.id: row for row in rows if not instance_state(row).unloaded.isdisjoint(_NAMED)}
    if not bare:
        return rows
    named: dict[tuple[str, int], list[int]] = {}
    for name, act, key in db.session.execute(union_all(*(
            select(literal(name), link.c.event_id, link.c[column]).where(link.c.event_id.in_(bare))
            for name, (_, link, column) in _NAMED.items()))):
        named.setdefault((name, act), []).append(key)
    for name, (model, _, _) in _NAMED.items():
        parts = {one.id: one for one in rows_of(model, sorted({key for act in bare for key in named.get((name, act), ())}))}
        for act, row in bare.items():
            set_committed_value(row, name, [parts[key] for key in sorted(named.get((name, act), ()))])
    return rows


def rows_of(model: type[Row], keys: Iterable[int], *options: ExecutableOption) -> list[Row]:
    """The rows with these keys, in the order of the keys. Those that the session holds, lists and all, are not read again."""
    wanted, found = list(keys), dict[int, Row]()
    for key in wanted:
        held = db.session.identity_map.get(identity_key(model, key))
        if held is not None and not instance_state(held).expired:
            found[key] = held
    if missing := [key for key in wanted if key not in found]:
        query = select(model).where(model.id.in_(missing)).options(*options)  # type: ignore[attr-defined]
        found |= {row.id: row for row in db.session.scalars(query)}  # type: ignore[attr-defined]
    return [found[key] for key in wanted]
