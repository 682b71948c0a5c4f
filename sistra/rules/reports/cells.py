"""A cell of a report as one text, so that a list of charges can be asked for what the cell counts."""
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from sistra.codebook.terms import codelist
from sistra.rules.reports.definitions import RECORDS, REPORTS, Report, Spec
from sistra.rules.reports.dimensions import dimensions
from sistra.rules.reports.periods import Period
from sistra.rules.reports.tables import TOTAL

_SEPARATOR: Final = "~"
_CODE = re.compile(r"[A-Za-z0-9_-]{1,30}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_INSTANT: Final = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: of which table of which report, under which filters and as of when. `row` and `column` may be TOTAL."""

    code: str
    table: str
    row: str
    column: str
    since: str
    until: str
    district: str
    border: str
    at: datetime

    @property
    def period(self) -> Period:
        first, last = (date.fromisoformat(f"{month}-01") for month in (self.since, self.until))
        return Period.months_of(first, last)

    @property
    def report(self) -> Report:
        return REPORTS[self.code]

    @property
    def spec(self) -> Spec:
        return next(one for one in self.report.specs if one.name == self.table)

    def label(self, language: str) -> str:
        """In words: report, row and column, months, places."""
        across = [_category(self.spec.columns, self.column, self.period, language)] if self.spec.columns else []
        places = [codelist("fiscal_district")[self.district].label(language)] if self.district else []
        places += [next(term.label(language) for term in codelist("border_region").values() if term.parent == self.border)
                   ] if self.border else []
        return " · ".join((self.code, _category(self.spec.rows, self.row, self.period, language), *across,
                           f"{self.period.first:%m/%Y} – {self.period.last:%m/%Y}", *places))

    def text(self) -> str:
        """As it stands in an address: `of` reads it again."""
        return _SEPARATOR.join((self.code, self.table, self.row, self.column, self.since, self.until, self.district, self.border,
                                self.at.astimezone(UTC).strftime(_INSTANT)))


def _category(dimension: str, code: str, period: Period, language: str) -> str:
    found = [TOTAL, *dimensions()[dimension].categories([code], period)]
    return next((one.label(language) for one in found if one.code == code), code)


def counts_charges(report: Report) -> bool:
    """Whether each unit that the cells of a report count is one charge, so that a list of charges has their number."""
    return report.source.unit == "charge" and report.source.once == RECORDS


def of(text: str) -> Cell | None:
    """The cell that a text names; None where it names none of which charges can be listed."""
    parts = text.split(_SEPARATOR)
    if len(parts) != 9 or not all(part == "" or _CODE.fullmatch(part) for part in parts):
        return None
    code, table, row, column, since, until, district, border, instant = parts
    try:
        at = datetime.strptime(instant, _INSTANT).replace(tzinfo=UTC)
    except ValueError:
        return None
    cell = Cell(code, table, row, column, since, until, district, border, at)
    return cell if _is(cell) else None


def _is(cell: Cell) -> bool:
    report = REPORTS.get(cell.code)
    if report is None or not counts_charges(report) or cell.table not in {one.name for one in report.specs if not one.measures}:
        return False
    if not (_MONTH.fullmatch(cell.since) and _MONTH.fullmatch(cell.until) and "1990" <= cell.since <= cell.until < "2101"):
        return False
    if cell.district and cell.district not in codelist("fiscal_district"):
        return False
    borders = {term.parent for term in codelist("border_region").values()}
    return bool(cell.row) and bool(cell.column) and cell.border in ("", *borders) and (
        cell.column == TOTAL.code or bool(cell.spec.columns))
