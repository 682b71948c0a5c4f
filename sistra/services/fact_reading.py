"""What facts are made of: for each unit one statement that reads its records, their charge and the open fact row beside them.

Only the columns that a fact is made of are read: no identity, no ciphertext.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, String, Table, and_, bindparam, case, cast, func, literal, or_, select

from sistra.codebook.dictionary import Field
from sistra.db import db
from sistra.models.charges import Charge, RouteLeg, route_leg_victims_link
from sistra.models.counts import Count, CountVictim, Retypification
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Event, event_accused_link, event_counts_link, event_victims_link
from sistra.models.facts import FACTS
from sistra.models.judgments import Judgment, Penalty, Reparation, Ruling, reparation_victims_link
from sistra.models.measures import Measure
from sistra.models.people import Accused, Exploitation, Recruitment, Victim, VictimAccusedRelation
from sistra.models.services import Service
from sistra.rules.fact_answers import Told, stored_in
from sistra.rules.fact_dimensions import NOT_COUNTED
from sistra.rules.facts import UNITS, row_of


def _of(model: Any) -> Table:
    table: Table = model.__table__
    return table


CHARGE, VICTIM, ACCUSED, COUNT = _of(Charge), _of(Victim), _of(Accused), _of(Count)
EVENT, RULING, MEASURE, SERVICE = _of(Event), _of(Ruling), _of(Measure), _of(Service)
RETYPIFICATION, REPARATION = _of(Retypification), _of(Reparation)
RECORDS: Mapping[str, Table] = MappingProxyType({
    "charge": CHARGE, "accused": ACCUSED, "victim": VICTIM, "count": COUNT, "ruling": RULING, "measure": MEASURE, "event": EVENT,
    "service": SERVICE, "retypification": RETYPIFICATION, "reparation": REPARATION})
"""The table of the record that each unit is about."""
_JUDGMENT, _PENALTY, _LINK = _of(Judgment), _of(Penalty), _of(ChargeCourtCase)
_ALSO_READ = {"charge": ("status", "victims_total", "minors_total", "accused_total")}


@dataclass(frozen=True, slots=True)
class Held:
    """One record: the fact row due for it (None: withdrawn, or gone) and the open one (None: there is none).

    `current` holds, besides the columns of the row, its `id` and `valid_from`.
    """

    key: int
    due: Mapping[str, Any] | None
    current: Mapping[str, Any] | None

    @property
    def changed(self) -> frozenset[str]:
        """The columns in which they differ; all of them where either is missing and the other is not."""
        if self.due is None or self.current is None:
            there = self.due or self.current
            return frozenset() if there is None else frozenset(there) - {"id", "valid_from"}
        return frozenset(name for name, value in self.due.items() if value != self.current[name])


def read(unit: str, keys: Sequence[int]) -> list[Held]:
    """The records of those keys as they stand in the database now, in one statement."""
    names = (*UNITS[unit].columns, "unknowns")
    found = []
    result = db.session.execute(_statement(unit), {"keys": list(keys)})
    labels = tuple(result.keys())
    for row in (dict(zip(labels, one, strict=True)) for one in result):
        current = None
        if row["fact__id"] is not None:
            current = {name: row[f"fact__{name}"] for name in (*names, "id", "valid_from")}
        gone = row.get("withdrawn_at") is not None
        found.append(Held(row["key"], None if gone else row_of(UNITS[unit], Told(row)), current))
    return found


@cache
def _statement(unit: str) -> Select[Any]:
    table, fact = RECORDS[unit], FACTS[unit]
    joined, sources = _JOINED[unit]()
    columns: dict[str, ColumnElement[Any]] = {"key": table.c.id}
    for name, fields in UNITS[unit].sources.items():
        columns |= {f"{name}__{column}": found for column, found in _columns(sources[name], fields)}
    columns |= {f"charge__{name}": CHARGE.c[name] for name in ("id", *_ALSO_READ["charge"])} | _beside(unit)
    if "withdrawn_at" in table.c:
        columns["withdrawn_at"] = table.c.withdrawn_at
    wanted = [found.label(name) for name, found in columns.items()]
    wanted += [fact.c[name].label(f"fact__{name}") for name in (*UNITS[unit].columns, "unknowns", "id", "valid_from")]
    open_row = and_(fact.c.record_id == table.c.id, fact.c.valid_to.is_(None))
    return select(*wanted).select_from(joined.outerjoin(fact, open_row)).where(
        table.c.id.in_(bindparam("keys", expanding=True))).order_by(table.c.id)


Source = Callable[[str], ColumnElement[Any]]
"""Gives the column of that name."""


def _columns(source: Source, fields: tuple[Field, ...]) -> Iterator[tuple[str, ColumnElement[Any]]]:
    for field in fields:
        for name in stored_in(field):
            yield name, source(name)
    yield "unknowns", source("unknowns")


def _plain(table: FromClause) -> Source:
    return lambda name: table.c[name]


# -- where each unit reads ----------------------------------------------------------------------------------------------

_Joined = tuple[Any, Mapping[str, Source]]


def _charge() -> _Joined:
    return CHARGE, {"charge": _plain(CHARGE)}


def _part(name: str) -> Callable[[], _Joined]:
    """A victim or an accused, with its charge."""
    def joined() -> _Joined:
        table = RECORDS[name]
        return table.join(CHARGE, CHARGE.c.id == table.c.charge_id), {name: _plain(table), "charge": _plain(CHARGE)}
    return joined


def _count() -> _Joined:
    joined = COUNT.join(CHARGE, CHARGE.c.id == COUNT.c.charge_id).join(ACCUSED, ACCUSED.c.id == COUNT.c.accused_id)
    return joined, {"count": _plain(COUNT), "charge": _plain(CHARGE), "accused": _plain(ACCUSED)}


def _first_charge(table: Table) -> ColumnElement[Any]:
    """The charge that was linked first to the court case of a row: of those still linked, and of these of one that counts.

    Else what a joined charge brought into a case would be counted nowhere, and an erroneous link would never be undone.
    """
    linked = CHARGE.alias("linked")
    first = (select(_LINK.c.charge_id).join(linked, linked.c.id == _LINK.c.charge_id)
             .where(_LINK.c.court_case_id == table.c.court_case_id)
             .order_by(_LINK.c.unlinked_on.is_not(None), func.coalesce(linked.c.status, "").in_(NOT_COUNTED), _LINK.c.id)
             .limit(1))
    return first.correlate(table).scalar_subquery()


def _event() -> _Joined:
    """A court act belongs to one charge of its court case: see `_first_charge`."""
    charge_id = func.coalesce(EVENT.c.charge_id, _first_charge(EVENT))
    return EVENT.outerjoin(CHARGE, CHARGE.c.id == charge_id), {"event": _plain(EVENT), "charge": _plain(CHARGE)}


def _ruling() -> _Joined:
    joined = (
        RULING.join(COUNT, COUNT.c.id == RULING.c.count_id).join(CHARGE, CHARGE.c.id == COUNT.c.charge_id)
        .join(ACCUSED, ACCUSED.c.id == COUNT.c.accused_id).join(_JUDGMENT, _JUDGMENT.c.id == RULING.c.judgment_id)
        .outerjoin(_PENALTY, _PENALTY.c.id == select(func.max(_PENALTY.c.id)).where(
            _PENALTY.c.judgment_id == RULING.c.judgment_id, _PENALTY.c.accused_id == COUNT.c.accused_id)
            .correlate(RULING, COUNT).scalar_subquery()))
    return joined, {"ruling": _plain(RULING), "count": _plain(COUNT), "charge": _plain(CHARGE), "accused": _plain(ACCUSED),
                    "judgment": _plain(_JUDGMENT), "penalty": _plain(_PENALTY)}


def _retypification() -> _Joined:
    joined = (RETYPIFICATION.join(COUNT, COUNT.c.id == RETYPIFICATION.c.count_id).join(CHARGE, CHARGE.c.id == COUNT.c.charge_id)
              .join(ACCUSED, ACCUSED.c.id == COUNT.c.accused_id))
    return joined, {"retypification": _plain(RETYPIFICATION), "count": _plain(COUNT), "charge": _plain(CHARGE),
                    "accused": _plain(ACCUSED)}


def _reparation() -> _Joined:
    """A reparation belongs, like a court act, to one charge of its court case."""
    joined = REPARATION.join(_JUDGMENT, _JUDGMENT.c.id == REPARATION.c.judgment_id).outerjoin(
        CHARGE, CHARGE.c.id == _first_charge(REPARATION))
    return joined, {"reparation": _plain(REPARATION), "judgment": _plain(_JUDGMENT), "charge": _plain(CHARGE)}


def _measure() -> _Joined:
    joined = (MEASURE.join(CHARGE, CHARGE.c.id == MEASURE.c.charge_id)
              .outerjoin(VICTIM, VICTIM.c.id == MEASURE.c.victim_id).outerjoin(ACCUSED, ACCUSED.c.id == MEASURE.c.accused_id))
    return joined, {"measure": _plain(MEASURE), "charge": _plain(CHARGE),
                    "person": lambda name: case((MEASURE.c.victim_id.is_not(None), VICTIM.c[name]), else_=ACCUSED.c[name])}


def _service() -> _Joined:
    joined = SERVICE.join(CHARGE, CHARGE.c.id == SERVICE.c.charge_id).join(VICTIM, VICTIM.c.id == SERVICE.c.victim_id)
    return joined, {"service": _plain(SERVICE), "charge": _plain(CHARGE), "person": _plain(VICTIM)}


_JOINED: Mapping[str, Callable[[], _Joined]] = MappingProxyType({
    "charge": _charge, "victim": _part("victim"), "accused": _part("accused"), "count": _count, "event": _event,
    "ruling": _ruling, "retypification": _retypification, "reparation": _reparation, "measure": _measure, "service": _service})


# -- lists that a row sums up --------------------------------------------------------------------------------------------


def _beside(unit: str) -> dict[str, ColumnElement[Any]]:
    """What a unit reads of rows below its record, each list as one text."""
    return {"charge": _below_charge, "victim": _below_victim, "count": _below_count, "event": _below_event,
            "reparation": _below_reparation}.get(unit, dict)()


def _texts(piece: ColumnElement[Any], *conditions: ColumnElement[bool], about: Table) -> ColumnElement[Any]:
    return select(func.aggregate_strings(piece, ";")).where(*conditions).correlate(about).scalar_subquery()


def _pieces(*parts: ColumnElement[Any]) -> ColumnElement[Any]:
    """`a,b,c`, a blank where there is nothing."""
    found: ColumnElement[Any] = func.coalesce(cast(parts[0], String), "")
    for part in parts[1:]:
        found = found + literal(",") + func.coalesce(cast(part, String), "")
    return found


def _exact(name: str) -> ColumnElement[Any]:
    """A date of a count: the day, `?` where it is not exact, blank where it did not happen."""
    precision = COUNT.c[f"{name}_precision"]
    return case((precision == "day", cast(COUNT.c[f"{name}_earliest"], String)),
                (and_(precision.is_not(None), precision != "n/c"), "?"), else_="")


def _below_charge() -> dict[str, ColumnElement[Any]]:
    dates = (_exact(name) for name in ("prosecuted_on", "accusation_on", "first_instance_on", "final_on"))
    return {"counts": _texts(_pieces(COUNT.c.stage, COUNT.c.state, *dates), COUNT.c.charge_id == CHARGE.c.id, about=CHARGE)}


def _below_victim() -> dict[str, ColumnElement[Any]]:
    def listed(model: Any, name: str) -> ColumnElement[Any]:
        table = _of(model)
        return _texts(cast(table.c[name], String), table.c.victim_id == VICTIM.c.id, table.c.withdrawn_at.is_(None), about=VICTIM)
    return {"purposes": listed(Exploitation, "purpose"), "exploitation_places": listed(Exploitation, "place"),
            "place_types": listed(Exploitation, "place_types"), "recruitment_methods": listed(Recruitment, "methods"),
            "recruitment_channels": listed(Recruitment, "contact_channel"),
            "relations": listed(VictimAccusedRelation, "relation"), "legs": _legs()}


def _legs() -> ColumnElement[Any]:
    """The legs of the route that name the victim, or nobody."""
    leg, named = _of(RouteLeg), route_leg_victims_link
    of_leg = select(named.c.victim_id).where(named.c.route_leg_id == leg.c.id).correlate(leg)
    names = of_leg.where(named.c.victim_id == VICTIM.c.id).correlate(leg, VICTIM).exists()
    return _texts(_pieces(leg.c.sequence, leg.c.point, leg.c.country, leg.c.place), leg.c.charge_id == VICTIM.c.charge_id,
                  or_(names, ~of_leg.exists()), about=VICTIM)


def _below_count() -> dict[str, ColumnElement[Any]]:
    link = _of(CountVictim)
    return {"persons": _texts(_pieces(VICTIM.c.age_at_facts, VICTIM.c.age_group), link.c.count_id == COUNT.c.id,
                              VICTIM.c.id == link.c.victim_id, VICTIM.c.withdrawn_at.is_(None), about=COUNT)}


def _below_event() -> dict[str, ColumnElement[Any]]:
    links = {"counts": (event_counts_link, "count_id"), "accused": (event_accused_link, "accused_id"),
             "victims": (event_victims_link, "victim_id")}
    return {f"event__{name}": _texts(cast(link.c[column], String), link.c.event_id == EVENT.c.id, about=EVENT)
            for name, (link, column) in links.items()}


def _below_reparation() -> dict[str, ColumnElement[Any]]:
    named = reparation_victims_link.c
    ours = named.reparation_id == REPARATION.c.id
    return {"reparation__victims": _texts(cast(named.victim_id, String), ours, about=REPARATION)}
