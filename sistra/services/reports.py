"""Reports told from facts: one engine for every report of `rules.reports`, as of any instant, exactly or rounded.

Each table is one GROUP BY over a table of facts; no statement here reaches a record, let alone a name.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, and_, case, func, or_, select

from sistra.access import figures
from sistra.access.figures import Reach
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.formats.table import Column, digest
from sistra.formats.table import Table as Rows
from sistra.models.facts import FACTS
from sistra.rules.coarsening import NOT_KNOWN
from sistra.rules.entries import LIMA
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.reports.cells import Cell, counts_charges
from sistra.rules.reports.definitions import PERSONS, RECORDS, REPORTS, Measure, Report, Source, Spec
from sistra.rules.reports.periods import Period
from sistra.rules.reports.rounding import Counted, exact, rounded, together
from sistra.rules.reports.tables import Crosstab, Figure, Grouped, columns_read, crosstab, measured
from sistra.services.counted_facts import border_countries, in_places, of_source, within
from sistra.services.facts import standing

INTERNAL, AGENCIES = "interna", "entidades"
"""Audiences: exact figures for the prosecution service, rounded ones for whoever is outside."""

SETTLING: Final = timedelta(minutes=1)
"""How old a figure is at least: what was saved under the clock of an earlier request has been kept by then, so that asking
again as of the same instant always finds the same rows."""

_OF_CHARGE: Final = ("fiscal_district", "received_on")
"""By what a report breaks down that is known of a victim as soon as its charge is."""
_FACTOR = 65521
"""A prime below 2**16: the second sum by which the records under a figure are known again stays small."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of a report. `at` is the instant whose data is told; None: the latest that is settled."""

    code: str
    period: Period
    district: str = ""
    border: str = ""
    audience: str = INTERNAL
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A report as one viewer is told it. `total` counts what the report is about; `before` the same of as many months earlier,
    None where that is no period of which the viewer is told figures.

    `undated` counts what is left out since its month is not known; `digest` is of all figures.
    """

    ask: Ask
    report: Report
    at: datetime
    reach: Reach
    rounded: bool
    closed_left_out: bool
    tables: tuple[Crosstab, ...]
    total: int
    before: int | None
    undated: int
    asides: tuple[tuple[str, int], ...]
    digest: str


def offered(viewer: Viewer) -> list[Report]:
    """The reports that the viewer may ask for. Raises Forbidden."""
    require(viewer, "figures.read")
    return list(REPORTS.values())


def audiences(viewer: Viewer) -> tuple[str, ...]:
    """For whom the viewer may have figures told: who is outside gets rounded ones alone."""
    return (AGENCIES,) if figures.reach(viewer) is Reach.AGENCY else (INTERNAL, AGENCIES)


def settled(viewer: Viewer, at: datetime | None = None) -> datetime:
    """The latest instant up to `at` whose data will not change any more, to the second; for agencies the last closing before it.

    Tables compared from one minute to the next would tell an agency when a single charge was entered, and what it holds.
    """
    latest = (viewer.at - SETTLING).replace(microsecond=0)
    found = latest if at is None else min(at, latest)
    return closing(found) if figures.reach(viewer) is Reach.AGENCY else found


def closing(at: datetime) -> datetime:
    """The last closing up to an instant: in Lima, midnight of the first day of its month."""
    return at.astimezone(LIMA).replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def default_period(viewer: Viewer) -> Period:
    """From January of last year to the present month."""
    return Period.months_of(date(viewer.today.year - 1, 1, 1), viewer.today)


def tell(viewer: Viewer, ask: Ask) -> Told:
    """The report. Raises Forbidden, and Rejected for a report, district or border region that does not exist.

    Who is told rounded figures alone chooses among fewer periods (`Period.plain`): for others Rejected too.
    """
    require(viewer, "figures.read")
    report, at = _checked(ask), settled(viewer, ask.at)
    outside, today = figures.reach(viewer) is Reach.AGENCY, at.astimezone(LIMA).date()
    if outside and not ask.period.plain(today):
        raise Rejected(Problem("desde", said("Las cifras redondeadas se dan de un mes, de un año o de años completos hasta el "
                                             "presente: elija uno de esos periodos")))
    audience = ask.audience if ask.audience in audiences(viewer) else AGENCIES
    inner = audience == INTERNAL
    teller = _Teller(viewer, replace(ask, audience=audience), at, exact if inner else rounded(_keyed), inner)
    tables = tuple(teller.table(spec, spec.source or report.source) for spec in report.specs)
    earlier = ask.period.before()
    return Told(
        ask=teller.ask, report=report, at=teller.at, reach=figures.reach(viewer), rounded=not inner,
        closed_left_out=figures.hides_closed(viewer), tables=tables, total=teller.figure_of(report.source),
        before=teller.figure_of(report.source, earlier) if earlier.plain(today) or not outside else None,
        undated=teller.undated(report.source),
        asides=tuple((one.label, teller.figure_of(one.source)) for one in report.asides), digest=digest(tidy(tables)))


def cell_of(viewer: Viewer, told: Told, table: Crosstab, row: str, column: str) -> Cell | None:
    """A cell as the list of charges asks for it; None where what it counts is no charge, or the viewer sees no row of it."""
    if told.rounded or table.measured or not counts_charges(told.report) or not figures.sees_rows(viewer):
        return None
    ask = told.ask
    return Cell(ask.code, table.name, row, column, ask.period.since, ask.period.until, ask.district, ask.border, told.at)


def tidy(tables: Sequence[Crosstab], language: str = "es") -> Rows:
    """Every figure of the tables, one to a row, with codes and labels. The digest is of the Spanish form."""
    columns = (
        Column("cuadro", said("Cuadro")), Column("fila", said("Código de la fila"), "code"), Column("fila_label", said("Fila")),
        Column("columna", said("Código de la columna"), "code"), Column("columna_label", said("Columna")),
        Column("valor", said("Valor"), "integer"))
    return Rows("datos", said("Datos"), columns, list(_tidy(tables, language)))


def _tidy(tables: Sequence[Crosstab], language: str) -> Iterator[tuple[object, ...]]:
    for table in tables:
        for line in (*table.lines, table.foot):
            row = (table.name, line.category.code, line.category.label(language))
            for column, value in zip(table.columns, line.figures, strict=True):
                if value is None:
                    continue
                yield *row, column.code, column.label(language), value
            if line.total is not None:
                yield *row, "TOTAL", "Total", line.total


def _checked(ask: Ask) -> Report:
    if ask.code not in REPORTS:
        raise Rejected(Problem("reporte", said("Ese reporte no existe")))
    if ask.district and ask.district not in codelist("fiscal_district"):
        raise Rejected(Problem("distrito", said("Elija un distrito fiscal de la lista")))
    if ask.border and ask.border not in border_countries():
        raise Rejected(Problem("frontera", said("Elija una región fronteriza de la lista")))
    return REPORTS[ask.code]


def _keyed(text: str) -> bytes:
    return db.keyring.blind("figure", text)


# -- one asking ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells figures of facts within one viewer's reach, as of one instant, by one rule."""

    viewer: Viewer
    ask: Ask
    at: datetime
    figure: Figure
    amounts: bool
    declared: dict[_Dated, Grouped] = field(default_factory=dict)
    broken_down: list[tuple[Source, _Dated, Grouped]] = field(default_factory=list)

    def table(self, spec: Spec, source: Source) -> Crosstab:
        if spec.measures:
            found = [(one, self.grouped(one.source, columns_read(spec), self.ask.period, one)) for one in spec.measures
                     if self.amounts or not one.amount]
            return measured(spec, found, self.ask.period, self.figure)
        return crosstab(spec, source, self.grouped(source, columns_read(spec), self.ask.period), self.ask.period, self.figure,
                        self.last_month())

    def last_month(self) -> str:
        """The last month of which the viewer is told anything: for agencies the one that the closing closes."""
        if figures.reach(self.viewer) is not Reach.AGENCY:
            return "9999-12"
        return f"{(self.at - SETTLING).astimezone(LIMA):%Y-%m}"

    def figure_of(self, source: Source, period: Period | None = None) -> int:
        return self._figure(source, self.grouped(source, (), period or self.ask.period))

    def _figure(self, source: Source, found: Grouped) -> int:
        return self.figure(together(counted for _, counted in found), source.what)

    def undated(self, source: Source) -> int:
        """What would be counted if its month were known: of a year that the period cuts, or of no year at all."""
        return self._figure(source, self._found(source, (), _Dated(self.ask.period, known=False)))

    def grouped(self, source: Source, columns: Sequence[str], period: Period, measure: Measure | None = None) -> Grouped:
        return self._found(source, columns, _Dated(period), measure)

    def _found(self, source: Source, columns: Sequence[str], when: _Dated, measure: Measure | None = None) -> Grouped:
        amount = measure.amount if measure is not None else ""
        found = self._recorded(replace(source, declared=False), columns, when, amount)
        return [*found, *self._declared(columns, source, when)] if source.declared else found

    def _recorded(self, source: Source, columns: Sequence[str], when: _Dated, amount: str) -> Grouped:
        """What was broken down for a table already is not asked again for its whole."""
        held = next((rows for one, dated, rows in self.broken_down if (one, dated) == (source, when)), None)
        if held is not None and not columns and not amount:
            return [((), together(counted for _, counted in held))]
        table = FACTS[source.unit]
        where = and_(self._facts(table, source), when.holds(table.c[source.period]))
        if source.once != RECORDS:
            statement = _once(table, source, columns, where)
        else:
            statement = _sums(table, columns, table.c[amount] if amount else None).where(where)
        rows = [(tuple(row[:len(columns)]), _counted(row[len(columns):])) for row in db.session.execute(statement)]
        if not amount:
            self.broken_down.append((source, when, rows))
        return rows

    def _declared(self, columns: Sequence[str], source: Source, when: _Dated) -> Grouped:
        """Victims that charges declare beyond those entered: nothing is known of them but their charge. Asked once."""
        if when not in self.declared:
            self.declared[when] = self._beyond(source, when)
        places = [_OF_CHARGE.index(name) if name in _OF_CHARGE else None for name in columns]
        return [(tuple(None if place is None else values[place] for place in places), counted)
                for values, counted in self.declared[when]]

    def _beyond(self, source: Source, when: _Dated) -> Grouped:
        table, victim = FACTS["charge"], FACTS["victim"]
        entered = select(victim.c.charge_id, func.count().label("number")).where(
            standing("victim", self.at)).group_by(victim.c.charge_id).subquery()
        more = table.c.victims_declared - func.coalesce(entered.c.number, 0)
        selected = _sums(table, _OF_CHARGE, number=func.sum(more)).where(
            self._facts(table, source), when.holds(table.c[source.period]), more > 0)
        rows = db.session.execute(selected.select_from(
            table.outerjoin(entered, entered.c.charge_id == table.c.record_id))).all()
        return [(tuple(row[:len(_OF_CHARGE)]), _counted(row[len(_OF_CHARGE):])) for row in rows]

    def _facts(self, table: Table, source: Source) -> ColumnElement[bool]:
        """The rows that stood at the instant, within reach, of the base and under the filters of the asking."""
        return and_(of_source(self.viewer, source, table, self.at), figures.told(self.viewer, table),
                    *in_places(table, self.ask.district, self.ask.border))


@dataclass(frozen=True, slots=True)
class _Dated:
    """Facts of a period, or (not `known`) those of which nobody knows whether they are of it."""

    period: Period
    known: bool = True

    def holds(self, dated: ColumnElement[Any]) -> ColumnElement[bool]:
        """The condition on the column that dates a fact."""
        if self.known:
            return within(dated, self.period)
        return or_(dated.is_(None), dated == NOT_KNOWN, dated.in_(self.period.cut_years))


def _sums(table: Table, columns: Sequence[str], amount: ColumnElement[Any] | None = None,
          number: ColumnElement[Any] | None = None) -> Select[Any]:
    key = table.c.record_id
    rest = key % _FACTOR
    sums = (number if number is not None else func.count(), func.sum(key), func.sum(rest * rest))
    asked = [table.c[name] for name in columns]
    chosen = select(*asked, *sums, *([func.sum(amount)] if amount is not None else []))
    return chosen.group_by(*asked) if asked else chosen


def _counted(row: Sequence[Any]) -> Counted:
    """Count, sums of keys and, where it was asked, a sum of money, which is held in hundredths."""
    number, keys, squares, *money = (0 if one is None else one for one in row)
    return Counted(int(number), int(keys), int(squares), int(Decimal(str(money[0])) * 100) if money else 0)


def _once(table: Table, source: Source, columns: Sequence[str], where: ColumnElement[bool]) -> Select[Any]:
    """Each person once a year, or each judgment once, by the first fact of it: by its month, then in the order of entry.

    Where nothing is broken down it does not matter which fact was first.
    """
    dated, key = table.c[source.period], table.c.record_id
    year = case((dated.is_(None), NOT_KNOWN), else_=func.substr(dated, 1, 4)).label("year")
    if source.once == PERSONS:
        whom = case((table.c.person_id.is_not(None), 2 * table.c.person_id),
                    else_=2 * (table.c.accused_id if "accused_id" in table.c else key) + 1).label("mark")
    else:
        whom = (2 * table.c.judgment_id).label("mark")
    if columns:
        first = func.row_number().over(partition_by=(year, whom), order_by=(dated, key)).label("place")
        facts = select(whom, first, *(table.c[name] for name in columns)).where(where).subquery()
    else:
        facts = select(year, whom).where(where).distinct().subquery()
    asked, rest = [facts.c[name] for name in columns], facts.c.mark % _FACTOR
    chosen = select(*asked, func.count(), func.sum(facts.c.mark), func.sum(rest * rest))
    return chosen.where(facts.c.place == 1).group_by(*asked) if columns else chosen
