"""A report as a workbook: how it was made, each table as it is read with its native chart, and every figure in tidy rows."""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from textwrap import wrap
from typing import Any, BinaryIO, Final

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table as NamedTable
from openpyxl.worksheet.table import TableStyleInfo

from sistra.formats.chart import COLOURS
from sistra.formats.figures import FigureReport, FigureTable
from sistra.formats.table import Column, Provenance, Table, Written, consulted, counted, lima, settled
from sistra.formats.xlsx import LETTER, cell_text, height_of, on_paper

_BOLD, _HEAD = Font(bold=True, **LETTER), Font(bold=True, color="FFFFFF", **LETTER)
_FILL = PatternFill("solid", fgColor="0E4A5A")
_RULE = Border(top=Side(style="thin"))
_GREY = Font(color="4A5A61", **LETTER)
_TOP: Final = 5
"""The row of a table's header, below its title, its scope and its instant."""
_READ_ME: Final = (Column("dato", "", width=34), Column("valor", "", width=110))
_NOTE_WIDTH: Final = 110
"""Characters of a line of the notes below a table: a longer one would make the sheet wider and its print smaller."""
_PICTURES = {"integer": "#,##0", "decimal": "0.0", "money": "#,##0.00"}


def write_report_book(stream: BinaryIO, report: FigureReport, provenance: Provenance) -> Written:
    """Writes the sheets Leame, Consulta, cuadro_1..., datos. Returns count and digest of the tidy rows."""
    book, written = Workbook(), Written()
    rows = list(counted(report.data, written))
    _read_me(book.active, report)
    _plain(book.create_sheet("Consulta"), consulted(provenance, written), wraps=True)
    for number, table in enumerate(report.tables, 1):
        _read(book.create_sheet(f"cuadro_{number}"), report, table)
    _plain(book.create_sheet("datos"), Table("datos", report.data.title, report.data.columns, rows), named=True)
    properties = book.properties
    properties.title, properties.language = report.number, "es-PE"
    properties.creator = properties.lastModifiedBy = "SISTRA"
    book.save(stream)
    return written


def _put(sheet: Any, row: int, column: int, value: object, *, font: Font | None = None, picture: str = "") -> Any:
    """A cell; text is typed as text whatever it looks like."""
    cell = sheet.cell(row, column)
    held = settled(value)
    if isinstance(held, str):
        cell.value = cell_text(held)
        cell.data_type = "s"
        cell.quotePrefix = held.startswith(("=", "+", "-", "@"))
    elif isinstance(held, datetime):
        cell.value, picture = lima(held).replace(tzinfo=None), "dd/mm/yyyy hh:mm"
    elif held is not None:
        cell.value = held
    if font:
        cell.font = font
    if picture:
        cell.number_format = picture
    return cell


def _read_me(sheet: Any, report: FigureReport) -> None:
    sheet.title = "Leame"
    for letter, column in zip("AB", _READ_ME, strict=True):
        sheet.column_dimensions[letter].width = column.width
    lines: list[tuple[str, str]] = [(report.title, ""), (report.scope, ""), ("", ""), *report.headline, ("", ""), *report.method]
    for row, (label, text) in enumerate(lines, 1):
        _put(sheet, row, 1, label, font=_BOLD if row == 1 or text else None).alignment = Alignment(vertical="top")
        _put(sheet, row, 2, _number(text)).alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        sheet.row_dimensions[row].height = height_of(_READ_ME, ("", text))
    on_paper(sheet)


def _number(text: str) -> int | str:
    """A figure of the headline as a number that a spreadsheet can count with."""
    plain = text.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 15 else text


def _plain(sheet: Any, table: Table, *, named: bool = False, wraps: bool = False) -> None:
    """A sheet of rows under one header, as machines read them; `wraps` where people read long texts in it too."""
    for place, column in enumerate(table.columns, 1):
        cell = _put(sheet, 1, place, column.key, font=_HEAD)
        cell.fill = _FILL
        sheet.column_dimensions[get_column_letter(place)].width = column.width or 24
    last = 1
    for last, row in enumerate(table.rows, 2):
        for place, (column, value) in enumerate(zip(table.columns, row, strict=True), 1):
            cell = _put(sheet, last, place, value, picture=_PICTURES.get(column.kind, ""))
            if wraps:
                cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
        if wraps:
            sheet.row_dimensions[last].height = height_of(table.columns, row)
    sheet.freeze_panes = "A2"
    on_paper(sheet)
    if named and last > 1:
        reference = f"A1:{get_column_letter(len(table.columns))}{last}"
        held = NamedTable(displayName=f"t_{table.name}", ref=reference)
        held.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        sheet.add_table(held)


def _read(sheet: Any, report: FigureReport, of: FigureTable) -> None:
    _put(sheet, 1, 1, of.table.title, font=Font(bold=True, name=_BOLD.name, size=13))
    _put(sheet, 2, 1, report.scope, font=_GREY)
    _put(sheet, 3, 1, report.footer, font=_GREY)
    rows = list(of.table.rows)
    for place, column in enumerate(of.table.columns, 1):
        cell = _put(sheet, _TOP, place, column.label, font=_HEAD)
        cell.fill = _FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="left" if place == 1 else "right")
        sheet.column_dimensions[get_column_letter(place)].width = 42 if place == 1 else 14
    for number, row in enumerate(rows, _TOP + 1):
        total = number == _TOP + len(rows)
        for place, (column, value) in enumerate(zip(of.table.columns, row, strict=True), 1):
            cell = _put(sheet, number, place, value, font=_BOLD if total else None, picture=_PICTURES.get(column.kind, ""))
            cell.border = _RULE if total else Border()
    end = _TOP + len(rows)
    notes = [of.note, *(f"{label}: {text}" if text else label for label, text in report.method)]
    for offset, line in enumerate((line for note in notes for line in wrap(note, _NOTE_WIDTH) or [""]), 2):
        _put(sheet, end + offset, 1, line, font=_GREY)
    sheet.freeze_panes = sheet.cell(_TOP + 1, 2)
    if of.bars and not of.bars.empty:
        sheet.add_chart(_chart(sheet, of, end - 1), f"{get_column_letter(len(of.table.columns) + 2)}{_TOP}")
    on_paper(sheet)


def _chart(sheet: Any, of: FigureTable, last: int) -> BarChart:
    """A native chart over the cells of the table, without its row of totals."""
    chart = BarChart()
    chart.type, chart.style, chart.title = "bar", 10, of.table.title
    first, count = _drawn(of.table.columns, len(of.bars.series) if of.bars else 0)
    chart.add_data(Reference(sheet, min_col=first, max_col=first + count - 1, min_row=_TOP, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=_TOP + 1, max_row=last))
    if count > 1:
        chart.grouping, chart.overlap = "stacked", 100
    else:
        chart.legend = None
    for number, series in enumerate(chart.series):
        series.graphicalProperties.solidFill = COLOURS[number % len(COLOURS)].hexval()[2:].upper()
    chart.gapWidth = 50
    if chart.legend:
        chart.legend.position = "b"
    chart.y_axis.numFmt, chart.y_axis.delete, chart.x_axis.delete = "0", False, False
    chart.x_axis.scaling.orientation = "maxMin"
    chart.height, chart.width = max(7.5, 0.7 * (last - _TOP) + 3), 20
    return chart


def _drawn(columns: Sequence[Column], series: int) -> tuple[int, int]:
    """The first column that the chart draws, and how many: the parts of a bar, or its total."""
    if series:
        return 2, series
    totals = [place for place, column in enumerate(columns, 1) if column.key == "total"]
    return (totals or [2])[0], 1
