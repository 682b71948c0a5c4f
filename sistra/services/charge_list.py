"""The list of charges: filtered, sorted, counted and paged within what the viewer sees.

Each page costs one query per principal of the viewer (joined into one statement), read in the order of an index; totals
stop at a thousand. Filters on what a sealed charge does not show its supervisors leave its outline out.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_

from sistra.access.may import require
from sistra.access.scope import access_rows
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.accounts import User
from sistra.models.charges import Charge, ChargeAccess, ChargePurpose
from sistra.rules.stages import group_of
from sistra.services import audit

COUNTED_TO = 1000
SORTS: Mapping[str, Any] = {
    "actualizado": Charge.updated_at, "denuncia": Charge.number, "agraviadas": Charge.victims_total, "imputados": Charge.accused_total,
    "anio": Charge.year,
}
"""What the list can be sorted by: columns that are never empty. A leading "-" turns the order."""
DUE = ("vencido", "15", "60", "sin")
FACETS = ("etapa", "estado", "df", "finalidad", "anio", "plazo")
_OPEN_TO_OUTLINES = frozenset({"etapa", "df", "anio"})


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list: facet -> chosen codes, sort, page size, and the key after or before which to go on."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mine: bool = False
    sort: str = "-actualizado"
    size: int = 25
    after: tuple[str, int] | None = None
    before: tuple[str, int] | None = None

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")

    @property
    def column(self) -> str:
        return self.sort.lstrip("-")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list. An outline shows number, office's district, stage and responsible only."""

    id: int
    number: str
    outline: bool
    reported_offence: Any
    purposes: tuple[str, ...] | None
    notice_place: Any
    stage: str
    status: Any
    fiscal_district: str
    victims: int | None
    minors: int | None
    accused: int | None
    next_due_on: date | None
    completeness: int | None
    updated_at: datetime | None
    responsible: str
    confidentiality: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Totals:
    """How many charges match and what they hold. `capped` says that there are more than were counted."""

    charges: int
    victims: int
    minors: int
    accused: int
    capped: bool


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    totals: Totals
    all_charges: int
    facets: Mapping[str, Mapping[str, int]]
    has_previous: bool
    has_next: bool


def page(viewer: Viewer, query: Query) -> Page:
    """One page of the list with its totals and facet counts. A reading, on the trail. Raises Forbidden."""
    require(viewer, "charge.list")
    rows, has_previous, has_next = _rows(viewer, query)
    counts = {facet: facet_counts(viewer, query, facet) for facet in FACETS}
    audit.note(viewer, "charges.listed", audit.Subject("charge"), detail=described(query) | {"rows": len(rows)})
    return Page(rows, totals(viewer, query), counted(viewer), counts, has_previous, has_next)


def described(query: Query) -> dict[str, Any]:
    """The query in codes, as the trail and a workbook keep it."""
    return {"filters": {name: list(codes) for name, codes in query.chosen.items() if codes}, "mine": query.mine, "sort": query.sort}


def conditions(viewer: Viewer, query: Query, *, without: str = "") -> list[ColumnElement[bool]]:
    """The filters as conditions on `charge` (joined with its access row), except those of the facet `without`."""
    wanted = {name: codes for name, codes in query.chosen.items() if codes and name != without}
    found = [_CONDITIONS[name](viewer, codes) for name, codes in wanted.items()]
    if query.mine:
        found.append(Charge.responsible_id == viewer.user_id)
    if set(wanted) - _OPEN_TO_OUTLINES:
        found.append(ChargeAccess.outline.is_(False))
    return found


def _stages(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    return Charge.stage.in_([stage for stage in codelist("procedural_stage") if group_of(stage) in codes])


def _purposes(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    listed = [code for code in codelist("exploitation_purpose") if codelist("exploitation_purpose").top(code) in codes]
    return exists().where(ChargePurpose.charge_id == Charge.id, ChargePurpose.code.in_(listed))


def _due(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    today = viewer.today
    spans: dict[str, ColumnElement[bool]] = {
        "vencido": Charge.next_due_on < today,
        "15": and_(Charge.next_due_on >= today, Charge.next_due_on <= today + timedelta(days=15)),
        "60": and_(Charge.next_due_on >= today, Charge.next_due_on <= today + timedelta(days=60)),
        "sin": Charge.next_due_on.is_(None),
    }
    return or_(*(spans[code] for code in codes if code in spans))


def _years(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    return Charge.year.in_([int(code) for code in codes if code.isascii() and code.isdigit() and len(code) == 4])


_CONDITIONS: Mapping[str, Any] = {
    "etapa": _stages, "estado": lambda viewer, codes: Charge.status.in_(codes),
    "df": lambda viewer, codes: Charge.fiscal_district.in_(codes), "finalidad": _purposes, "anio": _years, "plazo": _due,
}


def _branches(viewer: Viewer, query: Query) -> tuple[Any, int]:
    """One statement of charge keys in page order: the first rows of each principal, merged. And how many rows are asked."""
    column = SORTS[query.column]
    forward = query.before is None
    descending = query.descending if forward else not query.descending
    wanted = query.size + 1
    order = (column.desc(), Charge.id.desc()) if descending else (column.asc(), Charge.id.asc())
    statement = (select(Charge.id, column.label("sort_value"), ChargeAccess.outline.label("outline"))
                 .join(ChargeAccess, ChargeAccess.charge_id == Charge.id)
                 .where(access_rows(viewer), *conditions(viewer, query)))
    edge = query.after if forward else query.before
    if edge is not None:
        bound = _typed(query.column, edge[0])
        statement = statement.where(tuple_(column, Charge.id) < tuple_(bound, edge[1]) if descending
                                    else tuple_(column, Charge.id) > tuple_(bound, edge[1]))
    return statement.order_by(*order).limit(wanted * max(1, _most_rows(viewer))), wanted


def _most_rows(viewer: Viewer) -> int:
    """How many access rows one charge may have for this viewer: a charge in sight twice must not shorten the page."""
    return len(viewer.roles) + 2 if len(viewer.roles) > 1 else 2


def _typed(column: str, text: str) -> Any:
    if column == "actualizado":
        return datetime.fromisoformat(text)
    return text if column == "denuncia" else int(text)


def _rows(viewer: Viewer, query: Query) -> tuple[list[Row], bool, bool]:
    statement, wanted = _branches(viewer, query)
    found: dict[int, bool] = {}
    for key, _, outline in db.session.execute(statement):
        found[key] = found.get(key, True) and outline
    keys = list(found)[:wanted]
    more = len(keys) > query.size
    keys = keys[:query.size]
    if query.before is not None:
        keys.reverse()
    rows = _load(keys, found, query)
    if query.before is not None:
        return rows, more, True
    return rows, query.after is not None, more


def _load(keys: Sequence[int], outlines: Mapping[int, bool], query: Query) -> list[Row]:
    loaded = db.session.execute(
        select(Charge.id, Charge.number, Charge.reported_offence, Charge.purpose_known, Charge.notice_place, Charge.stage,
               Charge.status, Charge.fiscal_district, Charge.victims_total, Charge.minors_total, Charge.accused_total,
               Charge.next_due_on, Charge.completeness, Charge.updated_at, User.full_name, Charge.confidentiality, Charge.year)
        .join(User, Charge.responsible_id == User.id).where(Charge.id.in_(keys)))
    by_key = {row.id: row for row in loaded}
    return [_row(by_key[key], outlines[key], query) for key in keys]


def _row(row: Any, outline: bool, query: Query) -> Row:
    sort_key = {"actualizado": row.updated_at.isoformat(), "denuncia": row.number, "anio": str(row.year),
                "agraviadas": str(row.victims_total), "imputados": str(row.accused_total)}[query.column]
    common = {"id": row.id, "number": row.number, "stage": row.stage, "fiscal_district": row.fiscal_district,
              "responsible": row.full_name, "confidentiality": row.confidentiality, "sort_key": sort_key}
    if outline:
        return Row(**common, outline=True, reported_offence=None, purposes=None, notice_place=None, status=None, victims=None,
                   minors=None, accused=None, next_due_on=None, completeness=None, updated_at=None)
    return Row(**common, outline=False, reported_offence=row.reported_offence, purposes=row.purpose_known,
               notice_place=row.notice_place, status=row.status, victims=row.victims_total, minors=row.minors_total,
               accused=row.accused_total, next_due_on=row.next_due_on, completeness=row.completeness, updated_at=row.updated_at)


def _matching(viewer: Viewer, query: Query, *, without: str = "") -> Select[Any]:
    """Each matching charge once, by key, with whether it is seen as an outline only."""
    return (select(Charge.id.label("charge_id"), func.min(ChargeAccess.outline.cast(db.Integer)).label("outline"))
            .join(ChargeAccess, ChargeAccess.charge_id == Charge.id)
            .where(access_rows(viewer), *conditions(viewer, query, without=without)).group_by(Charge.id))


def totals(viewer: Viewer, query: Query) -> Totals:
    """Totals of all units over the matching charges, of the first thousand where there are more."""
    some = _matching(viewer, query).limit(COUNTED_TO + 1).subquery()
    row = db.session.execute(
        select(func.count(), func.sum(Charge.victims_total), func.sum(Charge.minors_total), func.sum(Charge.accused_total))
        .select_from(some).outerjoin(Charge, and_(Charge.id == some.c.charge_id, some.c.outline == 0))).one()
    charges, victims, minors, accused = (int(value or 0) for value in row)
    return Totals(min(charges, COUNTED_TO), victims, minors, accused, charges > COUNTED_TO)


def counted(viewer: Viewer) -> int:
    """How many charges the viewer sees at all, counted to a thousand and one."""
    some = select(ChargeAccess.charge_id).where(access_rows(viewer)).distinct().limit(COUNTED_TO + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def facet_counts(viewer: Viewer, query: Query, facet: str) -> dict[str, int]:
    """How many charges each choice of a facet would leave, all other filters applied."""
    some = _matching(viewer, query, without=facet).subquery()
    shown = [] if facet in _OPEN_TO_OUTLINES else [some.c.outline == 0]
    if facet == "plazo":
        return _due_counts(viewer, some, shown)
    column = {"etapa": Charge.stage, "estado": Charge.status, "df": Charge.fiscal_district, "anio": Charge.year,
              "finalidad": ChargePurpose.code}[facet]
    counted_rows = select(column, func.count(Charge.id.distinct())).select_from(some).join(Charge, Charge.id == some.c.charge_id)
    if facet == "finalidad":
        return _purpose_counts(some, shown)
    return _grouped(facet, db.session.execute(counted_rows.where(*shown).group_by(column)))


def _grouped(facet: str, rows: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for code, number in rows:
        key = group_of(code) if facet == "etapa" else str(code)
        found[key] = found.get(key, 0) + number
    return found


def _purpose_counts(some: Any, shown: list[ColumnElement[bool]]) -> dict[str, int]:
    """A charge counts once in each head of the purposes it has, however many below it."""
    purposes = codelist("exploitation_purpose")
    head = func.substr(ChargePurpose.code, 1, 3)
    rows = db.session.execute(select(head, func.count(ChargePurpose.charge_id.distinct())).select_from(some)
                              .join(ChargePurpose, ChargePurpose.charge_id == some.c.charge_id).where(*shown).group_by(head))
    return {code: number for code, number in rows if code in purposes}


def _due_counts(viewer: Viewer, some: Any, shown: list[ColumnElement[bool]]) -> dict[str, int]:
    sums = [func.sum(_due(viewer, (code,)).cast(db.Integer)) for code in DUE]
    row = db.session.execute(select(*sums).select_from(some).join(Charge, Charge.id == some.c.charge_id).where(*shown)).one()
    return {code: int(number or 0) for code, number in zip(DUE, row, strict=True)}
