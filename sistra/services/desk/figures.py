"""Numbers that are links: each is the total of the list of charges that its query opens, counted as that list counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean
from typing import Any

from sqlalchemy import case, func, select

from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.roles import Role
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge
from sistra.models.court_cases import ChargeCourtCase
from sistra.models.events import Event
from sistra.rules.facets import OPEN
from sistra.rules.stages import group_of
from sistra.services.charge_list import Query, conditions, counting, in_sight, numbers

OPEN_ONES: Mapping[str, tuple[str, ...]] = {"estado": OPEN}
OVERDUE: Mapping[str, tuple[str, ...]] = {"plazo": ("vencido",)}
DUE_SOON: Mapping[str, tuple[str, ...]] = {"plazo": ("15",)}
INCOMPLETE: Mapping[str, tuple[str, ...]] = {"estado": OPEN, "calidad": ("incompleto",)}
UNDETERMINED: Mapping[str, tuple[str, ...]] = {"estado": OPEN, "calidad": ("finalidad",)}
_OF_DESK = {"abiertas": OPEN_ONES, "vencidas": OVERDUE, "por-vencer": DUE_SOON, "incompletas": INCOMPLETE}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it counts (a name for the page to put in words), and the query of the list that it opens."""

    name: str
    number: int
    query: Query


@dataclass(frozen=True, slots=True)
class Load:
    """The work of an office, or of one of its people (`responsible`): charges open and overdue, and how long the open ones run.

    `median_days` is the median number of days since the open charges entered the stage in which they are; None where there is
    none of which it is known.
    """

    office: int
    responsible: int | None
    name: str
    open: int
    overdue: int
    median_days: int | None

    def query(self, chosen: Mapping[str, tuple[str, ...]]) -> Query:
        """The list of these charges."""
        return Query(chosen=chosen, office=self.office, responsible=self.responsible)


def of_prosecution(viewer: Viewer) -> list[Figure]:
    """The charges of a prosecutor (of whom they are the responsible) or of an assistant's office. Raises Forbidden."""
    mine, office = (True, None) if viewer.has(Role.PROSECUTOR) else (False, viewer.office_id)
    queries = {name: Query(chosen=chosen, mine=mine, office=office) for name, chosen in _OF_DESK.items()}
    if mine:
        queries |= {
            "despacho": Query(chosen=OPEN_ONES, office=viewer.office_id),
            "despacho-vencidas": Query(chosen=OVERDUE, office=viewer.office_id),
        }
    return _figures(viewer, queries)


def of_supervision(viewer: Viewer) -> list[Figure]:
    """The charges that a supervisor sees: open, overdue, due soon. Of sealed ones nothing is counted. Raises Forbidden."""
    return _figures(viewer, {name: Query(chosen=_OF_DESK[name]) for name in ("abiertas", "vencidas", "por-vencer")})


def of_quality(viewer: Viewer) -> list[Figure]:
    """The open charges whose record lacks something, and those whose purpose is undetermined for long. Raises Forbidden."""
    return _figures(viewer, {"incompletas": Query(chosen=INCOMPLETE), "sin-finalidad": Query(chosen=UNDETERMINED)})


def of_recipient(viewer: Viewer) -> list[Figure]:
    """The charges that are open to the viewer's side. Raises Forbidden."""
    return _figures(viewer, {"compartidas": Query()})


def _figures(viewer: Viewer, queries: Mapping[str, Query]) -> list[Figure]:
    counted = numbers(viewer, list(queries.values()))
    return [Figure(name, number, query) for (name, query), number in zip(queries.items(), counted, strict=True)]


@dataclass(frozen=True, slots=True)
class Loads:
    """Every office in sight, and the people of one of them (or of the only one)."""

    offices: Sequence[Load]
    people: Sequence[Load]
    chosen: str


def loads(viewer: Viewer, office: int | None = None) -> Loads:
    """The work of the offices that a supervisor sees and, of the `office` chosen, of each of its people; most overdue first.

    Raises Forbidden.
    """
    require(viewer, "charge.reassign_many")
    rows = db.session.execute(
        select(
            Office.id,
            Office.name,
            User.id,
            User.full_name,
            counting(viewer, Query(chosen=OPEN_ONES)),
            counting(viewer, Query(chosen=OVERDUE)),
        )
        .select_from(Charge)
        .join(Office, Charge.office_id == Office.id)
        .join(User, Charge.responsible_id == User.id)
        .where(in_sight(viewer))
        .group_by(Office.id, Office.name, User.id, User.full_name)
    ).all()
    days = _medians(viewer, Charge.office_id)
    names = {key: name for key, name, *_ in rows}
    offices = [
        Load(key, None, name, *_summed(row[4:] for row in rows if row[0] == key), days.get((key,))) for key, name in names.items()
    ]
    chosen = office if office in names else next(iter(names)) if len(names) == 1 else None
    people: list[Load] = []
    if chosen is not None:
        of_people = _medians(viewer, Charge.office_id, Charge.responsible_id)
        people = [
            Load(key, person, name, int(opened), int(overdue), of_people.get((key, person)))
            for key, _office, person, name, opened, overdue in rows
            if key == chosen
        ]
    return Loads(_ordered(offices), _ordered(people), names.get(chosen or 0, ""))


def _summed(rows: Iterable[Any]) -> tuple[int, int]:
    pairs = list(rows)
    return sum(int(opened) for opened, _ in pairs), sum(int(overdue) for _, overdue in pairs)


def _ordered(found: Sequence[Load]) -> list[Load]:
    return sorted((one for one in found if one.open or one.overdue), key=lambda one: (-one.overdue, -one.open, one.name))


def _medians(viewer: Viewer, *heads: Any) -> dict[tuple[int, ...], int]:
    """Of the open charges in sight under each of the heads, the median of the days since they entered their stage."""
    rows = select(*heads, Charge.id.label("charge_id"), *_entries()).where(
        in_sight(viewer), *conditions(viewer, Query(chosen=OPEN_ONES))).subquery()
    keys = list(rows.c)[: len(heads)]
    began = _began(rows).label("began")
    dated = select(*keys, rows.c.charge_id, began).where(began.is_not(None)).subquery()
    keys = list(dated.c)[: len(heads)]
    ranked = select(
        *keys,
        dated.c.began,
        func.count().over(partition_by=keys).label("many"),
        func.row_number().over(partition_by=keys, order_by=(dated.c.began, dated.c.charge_id)).label("place"),
    ).subquery()
    middle: dict[tuple[int, ...], list[date]] = {}
    for *key, day in db.session.execute(
        select(*list(ranked.c)[: len(heads)], ranked.c.began).where(
            (2 * ranked.c.place).in_((ranked.c.many, ranked.c.many + 1, ranked.c.many + 2))
        )
    ):
        middle.setdefault(tuple(key), []).append(day)
    return {key: round(mean((viewer.today - day).days for day in found)) for key, found in middle.items()}


def _entries() -> list[Any]:
    """Of a charge: the day of its reception, and of the acts by which it entered the stage shown, own or of a court case of its,
    the last day and how many there are.
    """
    received: Any = Charge.__table__.c.received_on_latest
    linked = select(ChargeCourtCase.court_case_id).where(ChargeCourtCase.charge_id == Charge.id).correlate(Charge)
    own, of_cases = Event.charge_id == Charge.id, Event.court_case_id.in_(linked)
    return [received.label("received"), *(one.label(name) for about, which in ((own, "own"), (of_cases, "court")) for name, one in (
        (f"{which}_day", _of_entries(func.max(_OCCURRED), about)), (f"{which}_many", _of_entries(func.count(), about))))]


_OCCURRED: Any = Event.__table__.c.occurred_on_latest
_GROUPS = {stage: group_of(stage) for stage in codelist("procedural_stage")}


def _shown_as(stage: Any) -> Any:
    """The stage group in which a stage is shown."""
    return case(_GROUPS, value=stage)


def _of_entries(found: Any, about: Any) -> Any:
    return (
        select(found)
        .where(about, Event.reversed_by_id.is_(None), _shown_as(Event.stage_after) == _shown_as(Charge.stage),
               _shown_as(Event.stage_before) != _shown_as(Event.stage_after))
        .correlate(Charge)
        .scalar_subquery()
    )


def _began(rows: Any) -> Any:
    """The day on which a charge entered its stage: that of the last act that brought it there, else of its reception.

    None where such an act is of no known day.
    """
    told = rows.c
    return case(
        (told.own_many + told.court_many == 0, told.received),
        (told.court_day.is_(None), told.own_day),
        (told.own_day.is_(None), told.court_day),
        (told.own_day > told.court_day, told.own_day),
        else_=told.court_day,
    )
