"""The list of charges: filtered, sorted, counted and paged within what the viewer sees.

A page is one statement, of each principal of the viewer the first rows in the order of an index; totals and facets share one
grouping of what matches. Filters on what a sealed charge does not show its supervisors leave its outline out.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select, true, tuple_, union_all
from sqlalchemy.orm import aliased

from sistra.access import figures
from sistra.access.may import require
from sistra.access.scope import access_rows, among, in_time, principals, recipients, sees, supervising
from sistra.access.viewer import Viewer
from sistra.codebook.terms import Unknown, codelist
from sistra.db import db
from sistra.models.accounts import Office, User
from sistra.models.charges import Charge, ChargeAccess, ChargePurpose
from sistra.rules import facets
from sistra.rules.reports import cells
from sistra.rules.reports.cells import Cell
from sistra.rules.sharing import HEADER
from sistra.rules.stages import group_of
from sistra.services import audit
from sistra.services.counted_facts import counted_in, in_cell
from sistra.services.whereabouts import joined_into

COUNTED_TO = 1000
JOINED = "ACU"
RESPONSIBLE, OFFICE = "responsable", "despacho"
"""The filters by key, by their name in addresses."""
CELL = "celda"
"""The filter by what a cell of a report counted."""
SORTS: Mapping[str, Any] = {
    "actualizado": Charge.updated_at, "denuncia": Charge.number, "agraviadas": Charge.victims_total,
    "imputados": Charge.accused_total, "anio": Charge.year,
}
"""What the list can be sorted by: columns that are never empty. A leading "-" turns the order."""
_SUMMED = ("plazo", "calidad")
"""Filters whose choices overlap: a group of charges tells of each how many it holds."""

_OPEN_TO_OUTLINES = frozenset({"etapa", "df", "anio"})
_VALUES = frozenset({"agraviadas", "imputados"})
"""Orders that would tell what an outline does not show: it is left out of them."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list: facet -> chosen codes, sort, page size, and the key after or before which to go on.

    `responsible` and `office` are keys: the charges of one person, of one office. `cell` leaves those that it counted.
    """

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mine: bool = False
    responsible: int | None = None
    office: int | None = None
    cell: Cell | None = None
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
    """A line of the list. An outline shows number, office's district, stage and responsible only.

    `joined_into` is the number of the charge that took this one in, where the viewer sees that one.
    """

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
    joined_into: str | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many charges match and what those seen in full hold."""

    charges: int
    victims: int
    minors: int
    accused: int


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
    others = joined_into(viewer, [row.id for row in rows if row.status == JOINED])
    rows = [replace(row, joined_into=others.get(row.id)) if others else row for row in rows]
    groups = _groups(viewer, query)
    audit.note(viewer, "charges.listed", audit.Subject("charge"), detail=described(query) | {"rows": len(rows)})
    return Page(rows, totals(groups), counted(viewer), _facets(viewer, query, groups), has_previous, has_next)


def asked(texts: Mapping[str, Sequence[str]]) -> Query:
    """The query that the texts of an address or of a command say. What no filter has is left out."""
    return Query(chosen=facets.chosen(facets.CHARGES, texts), mine="1" in texts.get("mias", ()),
                 responsible=_key(texts.get(RESPONSIBLE, ())), office=_key(texts.get(OFFICE, ())),
                 cell=next(filter(None, map(cells.of, texts.get(CELL, ()))), None))


def _key(texts: Sequence[str]) -> int | None:
    return next((int(text) for text in texts if facets.is_key(text)), None)


def address(query: Query) -> dict[str, Any]:
    """The filters as the arguments of an address: `asked` reads them again."""
    found: dict[str, Any] = {name: list(codes) for name, codes in query.chosen.items() if codes}
    keys = {"mias": "1" if query.mine else None, RESPONSIBLE: query.responsible, OFFICE: query.office,
            CELL: query.cell.text() if query.cell is not None else None}
    return found | {name: value for name, value in keys.items() if value is not None}


def named(viewer: Viewer, query: Query) -> dict[str, str]:
    """What the person and the office are called that the query names; nothing of those who have no charge in sight."""
    found = {}
    if query.responsible is not None:
        found[RESPONSIBLE] = db.session.scalar(select(User.full_name).where(User.id == query.responsible, exists().where(
            Charge.responsible_id == User.id, sees(viewer))))
    if query.office is not None:
        found[OFFICE] = db.session.scalar(select(Office.name).where(Office.id == query.office, exists().where(
            Charge.office_id == Office.id, sees(viewer))))
    return {name: text for name, text in found.items() if text is not None}


def counted_then(viewer: Viewer, query: Query) -> int | None:
    """How many charges the cell of the query counted as of its instant; None without a cell whose rows the viewer sees."""
    return counted_in(viewer, query.cell) if query.cell is not None and figures.sees_rows(viewer) else None


def described(query: Query) -> dict[str, Any]:
    """The query in codes, as the trail and a workbook keep it."""
    keys = {name: key for name, key in ((RESPONSIBLE, query.responsible), (OFFICE, query.office)) if key is not None}
    chosen = {name: list(codes) for name, codes in query.chosen.items() if codes}
    cell = {CELL: query.cell.text()} if query.cell is not None else {}
    return {"filters": chosen | keys | cell, "mine": query.mine, "sort": query.sort}


def conditions(viewer: Viewer, query: Query, *, without: str = "") -> list[ColumnElement[bool]]:
    """The filters as conditions on `charge`, except those of the facet `without`."""
    wanted = {name: codes for name, codes in query.chosen.items() if codes and name != without}
    found = [_CONDITIONS[name](viewer, codes) for name, codes in wanted.items()]
    if query.mine:
        found.append(Charge.responsible_id == viewer.user_id)
    if query.responsible is not None:
        found.append(Charge.responsible_id == query.responsible)
    if query.office is not None:
        found.append(Charge.office_id == query.office)
    if query.cell is not None:
        found.append(in_cell(viewer, query.cell))
    return found


def _leaves_outlines(query: Query, without: str = "") -> bool:
    """Whether the filters ask only what an outline shows."""
    asked = {name for name, codes in query.chosen.items() if codes and name != without}
    return query.cell is None and not asked - _OPEN_TO_OUTLINES


def _stages(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    return Charge.stage.in_([stage for stage in codelist("procedural_stage") if group_of(stage) in codes])


def _purposes(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    listed = [code for code in codelist("exploitation_purpose") if codelist("exploitation_purpose").top(code) in codes]
    return exists().where(ChargePurpose.charge_id == Charge.id, ChargePurpose.code.in_(listed))


def _due(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    today = viewer.today
    known = Charge.id.not_in(_due_unknown(viewer))
    spans: dict[str, ColumnElement[bool]] = {
        "vencido": Charge.next_due_on < today,
        "15": and_(Charge.next_due_on >= today, Charge.next_due_on <= today + timedelta(days=15)),
        "60": and_(Charge.next_due_on >= today, Charge.next_due_on <= today + timedelta(days=60)),
        "sin": Charge.next_due_on.is_(None),
    }
    return and_(known, or_(*(spans[code] for code in codes if code in spans)))


def _due_unknown(viewer: Viewer) -> Select[int]:
    """The charges whose deadlines are not open to the viewer: shared without that section, and seen by no right."""
    other = aliased(ChargeAccess)
    opens = and_(other.principal.in_(principals(viewer)), or_(other.valid_until.is_(None), other.valid_until > viewer.at),
                 or_(other.grant_id == 0, other.sections.like("%;PLA;%")))
    return select(ChargeAccess.charge_id).where(
        ChargeAccess.principal.in_(recipients(viewer)), ChargeAccess.grant_id != 0, in_time(viewer),
        ~ChargeAccess.sections.like("%;PLA;%"), ~exists().where(other.charge_id == ChargeAccess.charge_id, opens))


def _wanting(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    """What the record of a charge lacks: see the words of the facet."""
    long_ago = viewer.today - timedelta(days=facets.UNDETERMINED_DAYS)
    received: Any = Charge.__table__.c.received_on_latest
    purpose = or_(Charge.purpose_known.is_(None), Charge.purpose_known.like(f"%;{Unknown.NOT_KNOWN.value};%"))
    wanted: dict[str, ColumnElement[bool]] = {
        "incompleto": Charge.completeness < 100, "finalidad": and_(purpose, received < long_ago)}
    return or_(*(wanted[code] for code in codes))


def _years(viewer: Viewer, codes: Sequence[str]) -> ColumnElement[bool]:
    return Charge.year.in_([int(code) for code in codes if code.isascii() and code.isdigit() and len(code) == 4])


_CONDITIONS: Mapping[str, Any] = {
    "etapa": _stages, "estado": lambda viewer, codes: Charge.status.in_(codes),
    "df": lambda viewer, codes: Charge.fiscal_district.in_(codes), "finalidad": _purposes, "anio": _years, "plazo": _due,
    "calidad": _wanting,
}


def _rows(viewer: Viewer, query: Query) -> tuple[list[Row], bool, bool]:
    """The page's rows, and whether there is a page before and after it."""
    forward = query.before is None
    found: dict[int, tuple[Any, bool, bool]] = {}
    for *row, sort_value, outline, due in db.session.execute(_page_statement(viewer, query)):
        _row_before, outlined, dues = found.get(row[0], (None, True, False))
        found[row[0]] = ([*row, sort_value], outline and outlined, due or dues)
    rows = [_row(row, outline, due) for row, outline, due in list(found.values())[:query.size]]
    more = len(found) > query.size
    if forward:
        return rows, query.after is not None, more
    rows.reverse()
    return rows, more, True


def _page_statement(viewer: Viewer, query: Query) -> Select[*tuple[Any, ...]]:
    """One statement for a page: of each principal its first rows in page order, merged.

    A charge may come once for each principal, and twice for one whose grants differ in what they tell of deadlines.
    """
    forward = query.before is None
    descending = query.descending if forward else not query.descending
    names = principals(viewer)
    wanted = (query.size + 1) * (len(names) + len(recipients(viewer)))
    branches = [_branch(viewer, query, principal, descending, wanted).subquery().select() for principal in names]
    merged = union_all(*branches).subquery()
    order = merged.c.sort_value.desc() if descending else merged.c.sort_value.asc()
    last = merged.c.charge_id.desc() if descending else merged.c.charge_id.asc()
    return (select(*_SHOWN, merged.c.sort_value, merged.c.outline, merged.c.due)
            .select_from(merged).join(Charge, Charge.id == merged.c.charge_id)
            .join(User, Charge.responsible_id == User.id).order_by(order, last).limit(wanted))


def _branch(viewer: Viewer, query: Query, principal: str, descending: bool, wanted: int) -> Select[*tuple[Any, ...]]:
    """The first rows that one principal sees, in page order; by last change they come straight out of an index."""
    column = ChargeAccess.updated_at if query.column == "actualizado" else SORTS[query.column]
    key = ChargeAccess.charge_id
    due = or_(ChargeAccess.grant_id == 0, ChargeAccess.sections.like("%;PLA;%")).label("due")
    statement = select(key, column.label("sort_value"), ChargeAccess.outline, due).where(
        ChargeAccess.principal == principal, in_time(viewer))
    if principal in recipients(viewer):
        statement = statement.distinct()
    filters = conditions(viewer, query)
    if not _leaves_outlines(query) or query.column in _VALUES:
        statement = statement.where(ChargeAccess.outline.is_(False))
    if filters or query.column != "actualizado":
        statement = statement.join(Charge, Charge.id == key).where(*filters)
    edge = query.after or query.before
    if edge is not None:
        bound = tuple_(literal(_typed(query.column, edge[0]), column.type), literal(edge[1]))
        statement = statement.where(tuple_(column, key) < bound if descending else tuple_(column, key) > bound)
    order = (column.desc(), key.desc()) if descending else (column.asc(), key.asc())
    return statement.order_by(*order).limit(wanted)


_SHOWN = (Charge.id, Charge.number, Charge.reported_offence, Charge.purpose_known, Charge.notice_place, Charge.stage,
          Charge.status, Charge.fiscal_district, Charge.victims_total, Charge.minors_total, Charge.accused_total,
          Charge.next_due_on, Charge.completeness, Charge.updated_at, User.full_name, Charge.confidentiality, Charge.year)


def _typed(column: str, text: str) -> Any:
    if column == "actualizado":
        return datetime.fromisoformat(text)
    return text if column == "denuncia" else int(text)


def _row(row: Sequence[Any], outline: bool, due_open: bool) -> Row:
    (key, number, offence, purposes, place, stage, status, district, victims, minors, accused, due, completeness, updated,
     responsible, confidentiality, _, sort_value) = row
    sort_key = sort_value.isoformat() if isinstance(sort_value, datetime) else str(sort_value)
    common = {"id": key, "number": number, "stage": stage, "fiscal_district": district, "responsible": responsible,
              "confidentiality": confidentiality, "sort_key": sort_key}
    if outline:
        return Row(**common, outline=True, reported_offence=None, purposes=None, notice_place=None, status=None, victims=None,
                   minors=None, accused=None, next_due_on=None, completeness=None, updated_at=None)
    return Row(**common, outline=False, reported_offence=offence, purposes=purposes, notice_place=place, status=status,
               victims=victims, minors=minors, accused=accused, next_due_on=due if due_open else None, completeness=completeness,
               updated_at=updated)


@dataclass(frozen=True, slots=True)
class Group:
    """The charges that share stage, status, district and year: how many, what they hold, how many are due when and lack what.

    `summed` is (filter, choice) -> how many. An outline knows no status, holds nothing, is due never and lacks nothing.
    """

    stage: str
    status: str | None
    fiscal_district: str
    year: int
    charges: int
    victims: int = 0
    minors: int = 0
    accused: int = 0
    summed: Mapping[tuple[str, str], int] = field(default_factory=dict)


def _groups(viewer: Viewer, query: Query, without: str = "") -> list[Group]:
    """The matching charges by group: one statement for those seen in full, one for outlines where the filters let them stand."""
    filters = conditions(viewer, query, without=without)
    heads = (Charge.stage, Charge.status, Charge.fiscal_district, Charge.year)
    choices = [(name, code) for name in _SUMMED for code in facets.CHARGES[name].words]
    sums = [func.sum(case((_CONDITIONS[name](viewer, (code,)), 1), else_=0)) for name, code in choices]
    full = exists().where(ChargeAccess.charge_id == Charge.id, access_rows(viewer, section=HEADER)).correlate(Charge)
    rows = db.session.execute(
        select(*heads, func.count(), func.sum(Charge.victims_total), func.sum(Charge.minors_total),
               func.sum(Charge.accused_total), *sums)
        .where(in_sight(viewer), *filters).group_by(*heads))
    groups = [Group(stage, status, district, year, int(count), int(victims or 0), int(minors or 0), int(accused or 0),
                    dict(zip(choices, (int(one or 0) for one in found), strict=True)))
              for stage, status, district, year, count, victims, minors, accused, *found in rows]
    if _leaves_outlines(query, without):
        outlines = db.session.execute(
            select(Charge.stage, Charge.fiscal_district, Charge.year, func.count()).where(
                Charge.id.in_(select(ChargeAccess.charge_id).where(access_rows(viewer), ChargeAccess.outline.is_(True))),
                ~full, *filters)
            .group_by(Charge.stage, Charge.fiscal_district, Charge.year))
        groups += [Group(stage, None, district, year, count) for stage, district, year, count in outlines]
    return groups


def numbers(viewer: Viewer, queries: Sequence[Query]) -> list[int]:
    """How many charges the list shows under each of the queries, all in one statement: two where outlines may stand among them.

    Raises Forbidden.
    """
    require(viewer, "charge.list")
    found = _numbers(viewer, queries, in_sight(viewer))
    with_outlines = [_leaves_outlines(query) for query in queries]
    if not any(with_outlines) or not supervising(viewer):
        return found
    outlined = Charge.id.in_(select(ChargeAccess.charge_id).where(access_rows(viewer), ChargeAccess.outline.is_(True)))
    more = _numbers(viewer, queries, and_(outlined, ~in_sight(viewer)))
    return [number + (outlines if stands else 0) for number, outlines, stands in zip(found, more, with_outlines, strict=True)]


def _numbers(viewer: Viewer, queries: Sequence[Query], among: ColumnElement[bool]) -> list[int]:
    row = db.session.execute(select(*(counting(viewer, query) for query in queries)).where(among)).one()
    return [int(number or 0) for number in row]


def counting(viewer: Viewer, query: Query) -> ColumnElement[Any]:
    """The sum that counts, among the charges of a statement, those that the query leaves."""
    return func.sum(case((and_(true(), *conditions(viewer, query)), 1), else_=0))


def in_sight(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on charges as a set of keys, outlines left out: each charge once, however many rows let the viewer in."""
    return among(viewer, section=HEADER)


def totals(groups: Sequence[Group]) -> Totals:
    """What the matching charges hold together."""
    return Totals(*(sum(getattr(group, name) for group in groups) for name in ("charges", "victims", "minors", "accused")))


def counted(viewer: Viewer) -> int:
    """How many charges the viewer sees at all, counted to a thousand and one."""
    some = select(ChargeAccess.charge_id).where(access_rows(viewer)).distinct().limit(COUNTED_TO + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _facets(viewer: Viewer, query: Query, groups: Sequence[Group]) -> dict[str, dict[str, int]]:
    """How many charges each choice of each facet would leave, all other filters applied.

    Facets without a choice share the groups of the page; each facet with one asks its own statement without it.
    """
    found = {}
    for facet in facets.CHARGES:
        if facet == "finalidad":
            found[facet] = _purpose_counts(viewer, query)
            continue
        own = _groups(viewer, query, without=facet) if query.chosen.get(facet) else groups
        found[facet] = _counts(facet, own)
    return found


def _counts(facet: str, groups: Sequence[Group]) -> dict[str, int]:
    found: dict[str, int] = {}
    for group in groups:
        if facet in _SUMMED:
            for (name, code), number in group.summed.items():
                if name == facet:
                    found[code] = found.get(code, 0) + number
            continue
        key = {"etapa": group_of(group.stage), "estado": group.status, "df": group.fiscal_district,
               "anio": str(group.year)}[facet]
        if key is not None:
            found[key] = found.get(key, 0) + group.charges
    return found


def _purpose_counts(viewer: Viewer, query: Query) -> dict[str, int]:
    """A charge counts once in each head of the purposes it has, however many below it."""
    purposes = codelist("exploitation_purpose")
    head = func.substr(ChargePurpose.code, 1, 3)
    counts = select(head, func.count(ChargePurpose.charge_id.distinct())).where(
        ChargePurpose.charge_id.in_(select(ChargeAccess.charge_id).where(access_rows(viewer, section=HEADER)))).group_by(head)
    if filters := conditions(viewer, query, without="finalidad"):
        counts = counts.join(Charge, Charge.id == ChargePurpose.charge_id).where(*filters)
    rows = db.session.execute(counts)
    return {code: number for code, number in rows if code in purposes}
