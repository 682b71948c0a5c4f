"""From counted facts to tables: rows, columns, totals, shares, each figure told exactly or by a rule."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sistra.rules.problems import said
from sistra.rules.reports.definitions import Measure, Source, Spec
from sistra.rules.reports.dimensions import NO_DATA, Category, Dimension, dimensions
from sistra.rules.reports.periods import Period
from sistra.rules.reports.rounding import NONE, Counted, together

Grouped = Sequence[tuple[Sequence[Any], Counted]]
"""Values of the columns asked for, and what was counted under them; the same values may come more than once."""
Figure = Callable[[Counted, str], int]

TOTAL = Category("TOTAL", said("Total"), "Total")


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its figures, one per column, its total, and where the table is ranked its share in tenths of a percent and rank."""

    category: Category
    figures: tuple[int | None, ...]
    total: int | None
    share: int | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Crosstab:
    """A finished table. `foot` is its row of totals; without columns the totals are all there is.

    `row_label` and `column_label` are sentences of the interface; `several` says that rows may add up to more than the total,
    `measured` that the columns are figures of their own, which have no sum.
    """

    name: str
    title: str
    row_label: str
    column_label: str
    columns: tuple[Category, ...]
    lines: tuple[Line, ...]
    foot: Line
    several: bool = False
    measured: bool = False
    ranked: bool = False
    drawn: bool = False


def columns_read(spec: Spec) -> tuple[str, ...]:
    """The columns of facts that a table needs, those of its rows first."""
    names = dimensions()
    return (*names[spec.rows].columns, *(names[spec.columns].columns if spec.columns else ()))


def crosstab(spec: Spec, source: Source, grouped: Grouped, period: Period, figure: Figure, last: str = "9999-12") -> Crosstab:
    """A table by one dimension, or by two. `last` is the latest month of which anything is known, as facts write it."""
    rows = dimensions()[spec.rows]
    across = dimensions()[spec.columns] if spec.columns else None
    width, what = len(rows.columns), source.what
    cells: dict[tuple[str, str], Counted] = {}
    downs: dict[str, Counted] = {}
    heads: dict[str, Counted] = {}
    for values, counted in grouped:
        down = rows.codes(values[:width])
        wide = across.codes(values[width:]) if across else ()
        _add(downs, down, counted)
        _add(heads, wide, counted)
        _add(cells, [(one, other) for one in down for other in wide], counted)
    seen = [key for key, counted in cells.items() if figure(counted, what)]
    columns = across.categories({*_told(heads, what, figure), *(wide for _, wide in seen)}, period) if across else []
    told = [one.code for one in columns]
    met = {*_told(downs, what, figure), *(down for down, _ in seen)}
    outside = _outside(rows.name, across.name if across else "", period, last)

    def tell(down: str, wide: str, counted: Counted) -> int | None:
        return None if (down, wide) in outside else figure(counted, what)

    whole = figure(together(counted for _, counted in grouped), what)
    lines = [Line(one, tuple(tell(one.code, code, cells.get((one.code, code), NONE)) for code in told),
                  figure(downs.get(one.code, NONE), what)) for one in rows.categories(met, period)]
    foot = Line(TOTAL, tuple(tell(TOTAL.code, code, heads.get(code, NONE)) for code in told), whole)
    return Crosstab(spec.name, spec.title, rows.label, across.label if across else "", tuple(columns),
                    tuple(_ranked(lines, whole) if spec.ranked else lines), foot, rows.several or bool(across and across.several),
                    ranked=spec.ranked, drawn=spec.drawn)


def measured(spec: Spec, told: Sequence[tuple[Measure, Grouped]], period: Period, figure: Figure) -> Crosstab:
    """A table whose columns are figures of their own."""
    rows = dimensions()[spec.rows]
    sums = [_by_row(rows, grouped) for _, grouped in told]
    tell = [_teller(measure, figure) for measure, _ in told]
    met = {code for one, held in zip(tell, sums, strict=True) for code, counted in held.items() if one(counted)}
    lines = [Line(category, tuple(one(held.get(category.code, NONE)) for one, held in zip(tell, sums, strict=True)), None)
             for category in rows.categories(met, period)]
    wholes = [together(counted for _, counted in grouped) for _, grouped in told]
    foot = Line(TOTAL, tuple(one(whole) for one, whole in zip(tell, wholes, strict=True)), None)
    columns = tuple(Category(measure.name, measure.label, measure.label) for measure, _ in told)
    return Crosstab(spec.name, spec.title, rows.label, "", columns, tuple(lines), foot, rows.several, measured=True,
                    drawn=spec.drawn)


def _told(held: Mapping[str, Counted], what: str, figure: Figure) -> list[str]:
    """The categories of which a figure other than none is told.

    One that stands in a table only because it was met would say by its very place that its zero is a rounded one.
    """
    return [code for code, counted in held.items() if figure(counted, what)]


def _outside(down: str, wide: str, period: Period, last: str) -> frozenset[tuple[str, str]]:
    """The cells of a calendar of which nothing is told, which is not none: months outside the period, to come, or of no year."""
    if (down, wide) != ("year", "month"):
        return frozenset()
    inside = {month for month in period.months() if month <= last}
    months = [f"{number:02}" for number in range(1, 13)]
    never = [month for month in months if not any(f"{year}-{month}" in inside for year in period.years)]
    return frozenset([*((str(year), month) for year in period.years for month in months if f"{year}-{month}" not in inside),
                      *((NO_DATA, month) for month in months), *((TOTAL.code, month) for month in never)])


def _teller(measure: Measure, figure: Figure) -> Callable[[Counted], int]:
    if measure.amount:
        return lambda counted: (counted.amount + 50) // 100
    return lambda counted: figure(counted, measure.source.what)


def _by_row(rows: Dimension, grouped: Grouped) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for values, counted in grouped:
        _add(found, rows.codes(values), counted)
    return found


def _add(held: dict[Any, Counted], codes: Iterable[Any], counted: Counted) -> None:
    for code in codes:
        held[code] = held.get(code, NONE) + counted


def _ranked(lines: Sequence[Line], whole: int) -> list[Line]:
    """With shares of the total and ranks: the largest first, those equal with the same rank, "no data" last and without one."""
    told = sorted((line for line in lines if line.category.code != NO_DATA), key=lambda line: -(line.total or 0))
    rank_of = {line.total: place for place, line in reversed(list(enumerate(told, 1)))}
    return [Line(line.category, line.figures, line.total, share(line.total, whole),
                 rank_of[line.total] if line.category.code != NO_DATA and line.total else None)
            for line in (*told, *(line for line in lines if line.category.code == NO_DATA))]


def share(part: int | None, whole: int | None) -> int | None:
    """Tenths of a percent, rounded half up; None of nothing."""
    return (part * 2000 + whole) // (whole * 2) if whole and part is not None else None


