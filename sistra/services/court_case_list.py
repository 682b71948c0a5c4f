"""The list of court cases: filtered, paged by key and counted within what the viewer sees, totals up to a thousand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from sistra.access import lens, scope
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.models.court_cases import CourtCase, Remedy
from sistra.models.events import Event
from sistra.rules import facets
from sistra.rules.masking import Reserved
from sistra.rules.stages import FIRST_STAGE, group_of
from sistra.services import audit, case_sight, court_cases
from sistra.services.folder_rows import WITHOUT_PARTS, with_parts

COUNTED_TO = 1000
_COLUMNS: Mapping[str, Any] = {
    "clase": CourtCase.court_case_kind,
    "organo": CourtCase.court_instance,
    "etapa": CourtCase.stage,
    "estado": CourtCase.state,
    "df": CourtCase.fiscal_district,
}


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of the list: facet -> chosen codes, page size, the key (instant, id) after or before which to go on."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 25
    after: tuple[datetime, int] | None = None
    before: tuple[datetime, int] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list, as far as the viewer sees the charges of each case."""

    id: int
    label: str | None
    kind: str
    court_instance: str | None
    court_name: str | None
    stage: str | None
    state: str | None
    charges: tuple[str, ...]
    accused: int
    next_hearing: court_cases.Hearing | None
    open_remedies: int
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    total: int
    all_cases: int
    facets: Mapping[str, Mapping[str, int]]
    has_previous: bool
    has_next: bool


def page(viewer: Viewer, query: Query) -> Page:
    """One page of the list, the last changed first. A reading, on the trail. Raises Forbidden."""
    require(viewer, "court_case.list")
    cases, has_previous, has_next = _cases(viewer, query)
    rows = _rows(viewer, cases)
    counts = {facet: _facet_counts(viewer, query, facet) for facet in facets.COURT_CASES}
    audit.note(
        viewer,
        "court_cases.listed",
        audit.Subject("court_case"),
        detail={"filters": {name: list(codes) for name, codes in query.chosen.items() if codes}, "rows": len(rows)},
    )
    return Page(rows, _counted(_matching(viewer, query)), _counted(scope.court_cases_for(viewer)), counts, has_previous, has_next)


def _conditions(query: Query, without: str = "") -> list[ColumnElement[bool]]:
    found = []
    for name, codes in query.chosen.items():
        if codes and name != without:
            wanted = [one for one in codelist("procedural_stage") if group_of(one) in codes] if name == "etapa" else list(codes)
            found.append(_COLUMNS[name].in_(wanted))
    return found


def _matching(viewer: Viewer, query: Query, without: str = "") -> Select[Any]:
    return scope.court_cases_for(viewer).where(*_conditions(query, without))


def _counted(statement: Select[Any]) -> int:
    some = statement.with_only_columns(CourtCase.id).limit(COUNTED_TO + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def _cases(viewer: Viewer, query: Query) -> tuple[list[CourtCase], bool, bool]:
    forward = query.before is None
    key = tuple_(CourtCase.updated_at, CourtCase.id)
    statement = _matching(viewer, query)
    if (edge := query.after if forward else query.before) is not None:
        statement = statement.where(key < tuple_(*edge) if forward else key > tuple_(*edge))
    order = (CourtCase.updated_at.desc(), CourtCase.id.desc()) if forward else (CourtCase.updated_at.asc(), CourtCase.id.asc())
    found = list(db.session.scalars(statement.order_by(*order).limit(query.size + 1)))
    more, found = len(found) > query.size, found[: query.size]
    if not forward:
        found.reverse()
        return found, more, True
    return found, query.after is not None, more


def _rows(viewer: Viewer, cases: Sequence[CourtCase]) -> list[Row]:
    """The lines of a page, with as many queries for one case as for all."""
    keys = [case.id for case in cases]
    sights = case_sight.many(viewer, cases)
    dated = select(Event).where(Event.court_case_id.in_(keys), Event.scheduled_for.is_not(None)).order_by(Event.id)
    events = with_parts(db.session.scalars(dated.options(*WITHOUT_PARTS)))
    pending = list(db.session.scalars(select(Remedy).where(Remedy.court_case_id.in_(keys), Remedy.outcome.is_(None))))
    return [
        _row(
            viewer,
            sight,
            [one for one in events if one.court_case_id == sight.case.id],
            [one for one in pending if one.court_case_id == sight.case.id],
        )
        for sight in sights
    ]


def _row(viewer: Viewer, sight: case_sight.Sight, events: Sequence[Event], pending: Sequence[Remedy]) -> Row:
    case = sight.case
    hearings = court_cases.hearings_of(sight, viewer.at, [one for one in events if sight.sees_event(one)])
    open_remedies = [one for one in pending if sight.sees_remedy(one)]
    view = lens.see(case, sight.reach, only=court_cases.NUMBERS | {"court_name"})
    return Row(
        case.id,
        court_cases.label_of(view),
        case.court_case_kind,
        case.court_instance,
        None if isinstance(view.court_name, Reserved) else view.court_name,
        case.stage,
        case.state,
        tuple(sight.numbers.values()),
        len(sight.shown_accused),
        hearings[0] if hearings else None,
        len(open_remedies),
        case.updated_at or viewer.at,
    )


def _facet_counts(viewer: Viewer, query: Query, facet: str) -> dict[str, int]:
    """How many court cases each choice would leave, all other filters applied."""
    some = _matching(viewer, query, facet).with_only_columns(_COLUMNS[facet].label("code")).subquery()
    found: dict[str, int] = {}
    for code, number in db.session.execute(select(some.c.code, func.count()).group_by(some.c.code)):
        key = group_of(code or FIRST_STAGE) if facet == "etapa" else code
        if key is not None:
            found[key] = found.get(key, 0) + number
    return found
