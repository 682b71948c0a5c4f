"""Which facts a report counts, as conditions on a table of facts: of its source, of its months and places, as of an instant."""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, case, false, func, not_, or_, select

from sistra.access import figures
from sistra.access.viewer import Viewer
from sistra.codebook.event_types import reversal_types
from sistra.codebook.terms import codelist
from sistra.db import db, remembered
from sistra.models.charges import Charge
from sistra.models.facts import FACTS
from sistra.rules.acts import DECIDED_BY_FORM
from sistra.rules.coarsening import NO, YES
from sistra.rules.reports.cells import Cell
from sistra.rules.reports.definitions import Source
from sistra.rules.reports.dimensions import Dimension, dimensions
from sistra.rules.reports.periods import Period
from sistra.rules.reports.tables import TOTAL
from sistra.services.facts import standing


def of_source(viewer: Viewer, source: Source, table: Table, at: datetime) -> ColumnElement[bool]:
    """The facts of a source that stood at the instant, wherever and whenever they are of.

    Of the facts that these must belong to, those of sealed charges count only for whom they may: what a shared judgment decided
    on a sealed charge is not told by what it ordered.
    `table` is that of its unit, or that of charges for what is known of a victim as soon as its charge is.
    """
    unit = source.unit if table is FACTS[source.unit] else "charge"
    return and_(standing(unit, at), *_based(source, table), *_left_out(viewer, source, table, at))


def _based(source: Source, table: Table) -> Iterator[ColumnElement[bool]]:
    for name, values in source.base.items():
        yield table.c[name].in_(values)
    for name, values in source.without.items():
        yield or_(table.c[name].is_(None), table.c[name].not_in(values))


def _left_out(viewer: Viewer, source: Source, table: Table, at: datetime) -> Iterator[ColumnElement[bool]]:
    if source.act:
        yield table.c[source.act].in_(_acts(at))
    if source.judged:
        yield table.c[source.judged].not_in(_judgments_undone(at))
    if source.about:
        named = or_(*(table.c[name].in_(values) for name, values in source.about.items()))
        yield case((named, YES), else_=NO) == (NO if source.elsewhere else YES)
    if source.of is not None:
        other = FACTS[source.of.unit]
        among = table.c.judgment_id.in_(select(other.c.judgment_id).where(
            of_source(viewer, source.of, other, at), figures.open_ones(viewer, other)))
        yield not_(among) if source.elsewhere else among


def _acts(at: datetime) -> Select[Any]:
    """The acts that stood: neither left without effect nor one that leaves another so."""
    act = FACTS["event"]
    return select(act.c.record_id).where(
        standing("event", at), act.c.reversed_by == NO, act.c.event_type.not_in(reversal_types()))


@remembered
def _judgments_undone(at: datetime) -> tuple[int, ...]:
    """The judgments whose act was left without effect: few, and asked for once, since every act has to be looked at."""
    act = FACTS["event"]
    return tuple(db.session.scalars(select(act.c.judgment_id).where(
        standing("event", at), act.c.judgment_id.is_not(None), act.c.reversed_by == YES,
        act.c.event_type.in_(DECIDED_BY_FORM)).distinct()))


def in_places(table: Table, district: str, border: str) -> Iterator[ColumnElement[bool]]:
    """The filters by fiscal district and by border region; one left blank is none."""
    if district:
        yield table.c.fiscal_district == district
    if border:
        yield table.c.notice_place.in_(border_countries()[border])


def border_countries() -> Mapping[str, tuple[str, ...]]:
    """Neighbour country -> the departments of Peru that border on it."""
    found: dict[str, tuple[str, ...]] = {}
    for term in codelist("border_region").values():
        found[term.parent] = (*found.get(term.parent, ()), term.extra["department"])
    return found


def within(dated: ColumnElement[Any], period: Period) -> ColumnElement[bool]:
    """`Period.holds` as a condition: months compare as text, and a year alone is shorter than a month."""
    months = and_(func.length(dated) == 7, dated.between(period.since, period.until))
    return or_(months, dated.in_(period.whole_years)) if period.whole_years else months


# -- the charges under a cell --------------------------------------------------------------------------------------------


def in_cell(viewer: Viewer, cell: Cell) -> ColumnElement[bool]:
    """The condition on charges: those that a cell of a report counted, as the viewer was told it.

    Only who sees the rows behind their figures is told which they are: for others no charge meets it.
    """
    if not figures.sees_rows(viewer):
        return false()
    return Charge.id.in_(select(_CHARGES.c.record_id).where(_of_cell(viewer, cell)))


def counted_in(viewer: Viewer, cell: Cell) -> int:
    """How many charges the cell counted as of its instant."""
    if not figures.sees_rows(viewer):
        return 0
    return db.session.scalar(select(func.count()).select_from(_CHARGES).where(_of_cell(viewer, cell))) or 0


_CHARGES: Table = FACTS["charge"]


@remembered
def _of_cell(viewer: Viewer, cell: Cell) -> ColumnElement[bool]:
    asked = and_(of_source(viewer, cell.report.source, _CHARGES, cell.at), figures.told(viewer, _CHARGES),
                 within(_CHARGES.c[cell.report.source.period], cell.period), *in_places(_CHARGES, cell.district, cell.border))
    across = [(cell.spec.columns, cell.column)] if cell.spec.columns else []
    found = [asked]
    for name, code in ((cell.spec.rows, cell.row), *across):
        if code != TOTAL.code:
            found.append(_falls(dimensions()[name], code, asked))
    return and_(*found)


def _falls(dimension: Dimension, code: str, asked: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition under which a fact falls into a category: that its columns hold values of which the dimension makes it."""
    columns = [_CHARGES.c[name] for name in dimension.columns]
    held = [tuple(row) for row in db.session.execute(select(*columns).where(asked).distinct())]
    return or_(false(), *(and_(*(column.is_not_distinct_from(value) for column, value in zip(columns, values, strict=True)))
                          for values in held if code in dimension.codes(values)))
