"""Numbers that are links: each is the total of the list of charges that its query opens, counted as that list counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from sqlalchemy import Date, case, func, literal, select

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
    began = _began(viewer)
    days = _medians(viewer.today, ((key, day) for key, _responsible, day in began))
    names = {key: name for key, name, *_ in rows}
    offices = [
        Load(key, None, name, *_summed(row[4:] for row in rows if row[0] == key), days.get(key)) for key, name in names.items()
    ]
    chosen = office if office in names else next(iter(names)) if len(names) == 1 else None
    people: list[Load] = []
    if chosen is not None:
        of_people = _medians(viewer.today, ((person, day) for key, person, day in began if key == chosen))
        people = [
            Load(key, person, name, int(opened), int(overdue), of_people.get(person))
            for key, _office, person, name, opened, overdue in rows
            if key == chosen
        ]
    return Loads(_ordered(offices), _ordered(people), names.get(chosen or 0, ""))


def _summed(rows: Iterable[Any]) -> tuple[int, int]:
    pairs = list(rows)
    return sum(int(opened) for opened, _ in pairs), sum(int(overdue) for _, overdue in pairs)


def _ordered(found: Sequence[Load]) -> list[Load]:
    return sorted((one for one in found if one.open or one.overdue), key=lambda one: (-one.overdue, -one.open, one.name))


def _began(viewer: Viewer) -> list[tuple[int, int, date]]:
    """Of each open charge in sight: its office, its responsible, and the day on which it entered the stage shown.

    That of the last act that brought it there, its own or one of a court case of its, else of its reception; a charge of which
    that day is not known is left out.
    """
    received: Any = Charge.__table__.c.received_on_latest
    of_cases = Event.court_case_id == ChargeCourtCase.court_case_id
    own, court = _entered(Event.charge_id == Charge.id), _entered(of_cases, ChargeCourtCase.charge_id == Charge.id)
    rows = db.session.execute(
        select(Charge.office_id, Charge.responsible_id, received, own, court).where(
            in_sight(viewer), *conditions(viewer, Query(chosen=OPEN_ONES))
        )
    )
    found = []
    for office, responsible, reception, *entries in rows:
        day = max(filter(None, entries), default=reception)
        if day is not None and day != _UNKNOWN:
            found.append((office, responsible, day))
    return found


_UNKNOWN = date.min
"""In place of the day of an act of which none is known: before every other."""
_GROUPS = {stage: group_of(stage) for stage in codelist("procedural_stage")}


def _entered(*about: Any) -> Any:
    """The last day of the acts by which a charge entered the stage shown; None where there is none.

    The coalescing keeps a database from looking through all acts that stand, which are nearly all that there are.
    """
    occurred: Any = Event.__table__.c.occurred_on_latest
    return (
        select(func.max(func.coalesce(occurred, literal(_UNKNOWN, Date))))
        .where(
            *about,
            func.coalesce(Event.reversed_by_id, 0) == 0,
            _shown_as(Event.stage_after) == _shown_as(Charge.stage),
            _shown_as(Event.stage_before) != _shown_as(Event.stage_after),
        )
        .correlate(Charge)
        .scalar_subquery()
    )


def _shown_as(stage: Any) -> Any:
    """The stage group in which a stage is shown."""
    return case(_GROUPS, value=stage)


def _medians(today: date, began: Iterable[tuple[Any, date]]) -> dict[Any, int]:
    """Key -> the median of the days since."""
    days: dict[Any, list[int]] = {}
    for key, day in began:
        days.setdefault(key, []).append((today - day).days)
    return {key: round(median(found)) for key, found in days.items()}
