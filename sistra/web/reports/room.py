"""The room's blueprint, and a table of figures as its pages show it."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import starmap, zip_longest
from typing import NamedTuple

from flask import Blueprint
from flask_babel import gettext as _
from markupsafe import Markup

from sistra.formats import chart
from sistra.formats.table import printed
from sistra.rules.reports.tables import TOTAL, Crosstab, Line
from sistra.services import report_files
from sistra.web.pages import language

bp = Blueprint("reports", __name__)


class Cell(NamedTuple):
    """A cell, and the list of what it counts where the viewer may see that."""

    text: str
    url: str | None = None


Linked = Callable[[str, str], str | None]
"""Codes of row and column -> the address of what that cell counts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page shows it: heads (label, is a number), rows of cells, the row of totals, its chart."""

    title: str
    heads: list[tuple[str, bool]]
    rows: list[list[Cell]]
    foot: list[Cell]
    chart: Markup | None
    note: str


def shown(table: Crosstab, linked: Linked | None = None) -> Shown:
    told = language()
    columns = report_files.columns_of(table, told)
    heads = [(_(column.label), place > 0) for place, column in enumerate(columns)]
    bars = report_files.bars(table, told)
    painted = None
    if bars is not None and not bars.empty:
        if table.measured:
            bars = replace(bars, series=tuple(_(label) for label in bars.series))
        painted = Markup("").join(
            Markup(chart.svg(chart.drawing(bars, width), _(bars.title))) for width in (chart.WIDTH, chart.NARROW))
    rows = [_cells(table, line, linked) for line in table.lines]
    note = _(report_files.SEVERAL) if table.several else ""
    return Shown(_(table.title), heads, rows, _cells(table, table.foot, linked), painted, note)


def _cells(table: Crosstab, line: Line, linked: Linked | None) -> list[Cell]:
    label, *figures = report_files.row_of(table, line, language())
    shown = [f"{one:.1f}" if isinstance(one, float) else printed(one, "integer") for one in figures]
    codes = [*(column.code for column in table.columns), *([] if table.measured else [TOTAL.code])]
    urls = [linked(line.category.code, code) if linked and figure else None for code, figure in zip(codes, figures, strict=False)]
    return [Cell(_(label) if language() == "es" else str(label)), *starmap(Cell, zip_longest(shown, urls))]
