"""Workbooks: one tidy sheet per unit, written row by row straight into the file."""
from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any, BinaryIO, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as NamedTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.writer.excel import ExcelWriter

from sistra.formats.table import (
    Column,
    Provenance,
    Table,
    Written,
    cleaned,
    consulted,
    counted,
    dictionary_of,
    lima,
    settled,
)
from sistra.rules.problems import said

MOST_ROWS: Final = 1_048_575
LONGEST_TEXT: Final = 32_000
_LONGEST_KEY = 200
NOTICE: Final = said(" […] [texto completo en la hoja textos_largos]")

_FORMATS = {"integer": "0", "decimal": "General", "money": "#,##0.00", "date": "dd/mm/yyyy",
            "datetime": "dd/mm/yyyy hh:mm"}
LETTER: Final = {"name": "Calibri", "size": 11}
"""The typeface of cells that have a look of their own: one without a name is set in whatever the reader's program has first."""
_READ: Final = ("Leame", "Consulta", "Diccionario", "Listas")
"""Sheets that people read and print: long texts go on below, and a page is as wide as the sheet."""
_WIDTHS = {"text": 24, "code": 14, "integer": 11, "decimal": 12, "money": 15, "date": 12, "datetime": 17, "boolean": 11}
_ESCAPED_LOOK = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_RISKY = ("=", "+", "-", "@", "\t", "\n")
_LONG_TEXTS = (
    Column("hoja", said("Hoja")), Column("fila", said("Fila"), "integer"), Column("columna", said("Columna")),
    Column("clave", said("Primera columna de la fila")), Column("parte", said("Parte"), "integer"),
    Column("partes", said("Partes"), "integer"), Column("texto", said("Texto"), width=100),
)


class TooManyRows(ValueError):
    """A sheet cannot hold that many rows. The file is unfinished and must be thrown away."""


def cell_text(text: str) -> str:
    """`text` as the sheet's XML holds it: cleaned, and with `_x0041_` written `_x005F_x0041_`, since a spreadsheet
    program would otherwise read it as an escaped A."""
    return _ESCAPED_LOOK.sub("_x005F_", cleaned(text))


def parts(text: str) -> list[str]:
    """`text` in pieces that fit a cell, whose limit of 32,767 counts a character beyond U+FFFF as two."""
    doubled = not text.isascii() and max(text) > "\uffff" or _ESCAPED_LOOK.search(text)
    size = LONGEST_TEXT // 2 if doubled else LONGEST_TEXT
    return [text[start:start + size] for start in range(0, len(text), size)]


def write_workbook(stream: BinaryIO, tables: Iterable[Table], provenance: Provenance, dictionary: Table | None = None,
                   lists: Table | None = None, readme: Sequence[str] = ()) -> Written:
    """Writes the sheets Leame, Consulta, one per table, Diccionario, Listas, textos_largos if a text was too long.

    A text too long for a cell is cut there, says so, and stands complete, in parts, in `textos_largos`. Numbers beyond
    15 digits and dates before March 1900, which a sheet would change, are written as text. Nothing is kept but such
    texts, and no temporary file is made. Raises TooManyRows, and ValueError for sheets of the same name.
    """
    tables = list(tables)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        return _fill(_Book(archive, [table.name for table in tables], lists is not None), tables, provenance,
                     dictionary or dictionary_of(tables), lists, readme)


def _fill(book: _Book, tables: Sequence[Table], provenance: Provenance, dictionary: Table, lists: Table | None,
          readme: Sequence[str]) -> Written:
    """The query's sheet stands second and is written after the others, when rows and digests are known."""
    for table in tables:
        book.write(table.name, table)
    written, book.written = book.written, Written()
    book.write("Diccionario", dictionary)
    if lists:
        book.write("Listas", lists)
    lines = Table("leame", said("Léame"), (Column("leame", said("Léame"), width=110),), [[line] for line in readme])
    book.write("Leame", lines)
    written.cleaned += book.written.cleaned
    written.split += book.written.split
    book.write("Consulta", consulted(provenance, written))
    if book.long_texts:
        book.write("textos_largos", Table("textos_largos", said("Textos largos"), _LONG_TEXTS, book.long_texts))
    book.close(said("Exportación de SISTRA"))
    return written


class _Archive(ExcelWriter):  # type: ignore[misc]
    """The library's writer, for sheets that already stand in the archive instead of in temporary files."""

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._rels = ws._writer._rels
        self.manifest.append(ws)


@dataclass
class _Book:
    """A workbook being written: one sheet at a time, in any order, each straight into its entry of the zip."""

    archive: zipfile.ZipFile
    names: Sequence[str]
    with_lists: bool
    written: Written = field(default_factory=Written)
    long_texts: list[tuple[object, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        titles = ["Leame", "Consulta", *self.names, "Diccionario", *(["Listas"] * self.with_lists), "textos_largos"]
        if len({title.casefold() for title in titles}) != len(titles):
            raise ValueError("two sheets have the same name")
        self._workbook = Workbook(write_only=True)
        self._sheets: dict[str, Any] = {}
        for number, title in enumerate(titles, 1):
            self._sheets[title] = self._workbook.create_sheet(title)
            self._sheets[title]._id = number

    def write(self, title: str, table: Table) -> None:
        sheet = self._sheets[title]
        sheet.freeze_panes = "A2"
        if title in _READ:
            on_paper(sheet)
        for position, column in enumerate(table.columns, 1):
            width = column.width or max(_WIDTHS[column.kind], len(column.key) + 4)
            sheet.column_dimensions[get_column_letter(position)].width = min(width, 110)
        # The library names no other way to say where a sheet's bytes go than its writer's second argument.
        with self.archive.open(sheet.path[1:], "w", force_zip64=True) as entry:
            sheet._writer = WorksheetWriter(sheet, entry)
            sheet._writer.write_top()
            try:
                sheet.tables.add(self._named(title, table, max(self._rows(sheet, table), 2)))
            finally:
                sheet.close()

    def _rows(self, sheet: Any, table: Table) -> int:
        """Writes header and rows and returns the number of the last row."""
        sheet.append([self._header(sheet, column) for column in table.columns])
        last = 1
        for last, row in enumerate(counted(table, self.written), 2):
            if last > MOST_ROWS + 1:
                raise TooManyRows(table.name)
            if sheet.title in _READ:
                sheet.row_dimensions[last].height = height_of(table.columns, row)
            sheet.append([self._cell(sheet, last, column, value, row[0])
                          for column, value in zip(table.columns, row, strict=True)])
        return last

    def close(self, title: str) -> None:
        if not self.long_texts:
            self._workbook.remove(self._sheets["textos_largos"])
        properties = self._workbook.properties
        properties.title, properties.creator, properties.lastModifiedBy = title, "SISTRA", "SISTRA"
        properties.language = "es-PE"
        _Archive(self._workbook, self.archive).save()

    def _header(self, sheet: Any, column: Column) -> Any:
        cell = WriteOnlyCell(sheet, column.key)
        cell.font = Font(bold=True, color="FFFFFF", **LETTER)
        cell.fill = PatternFill("solid", fgColor="0E4A5A")
        cell.alignment = Alignment(vertical="center")
        return cell

    def _named(self, title: str, table: Table, last: int) -> NamedTable:
        reference = f"A1:{get_column_letter(len(table.columns))}{last}"
        named = NamedTable(displayName=f"t_{title.lower()}", ref=reference)
        named.tableColumns = [TableColumn(id=number, name=column.key) for number, column in enumerate(table.columns, 1)]
        named.autoFilter = AutoFilter(ref=reference)
        named.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
        return named

    def _cell(self, sheet: Any, row: int, column: Column, value: object, key: object) -> Any:
        cell = settled(value)
        match cell:
            case None | bool():
                return cell
            case datetime() if cell.year >= 1901:
                return _formatted(sheet, lima(cell).replace(tzinfo=None), _FORMATS["datetime"])
            case datetime():
                return lima(cell).isoformat()
            case date() if cell >= date(1900, 3, 1):
                return _formatted(sheet, cell, _FORMATS["date"])
            case date():
                return cell.isoformat()
            case int() | Decimal():
                return self._number(sheet, cell, column)
        return self._text(sheet, row, column, cell, key)

    def _number(self, sheet: Any, number: int | Decimal, column: Column) -> Any:
        exact = Decimal(number)
        digits = "".join(map(str, exact.as_tuple().digits)).strip("0")
        if len(digits) > 15 or exact and abs(exact.adjusted()) > 300:
            return _typed(sheet, str(number))
        picture = _FORMATS.get(column.kind, "General")
        return number if picture == "General" else _formatted(sheet, number, picture)

    def _text(self, sheet: Any, row: int, column: Column, text: str, key: object) -> Any:
        pieces = parts(self.written.clean(text))
        if len(pieces) > 1:
            self.written.split += 1
            named = None if isinstance(key, str) and len(key) > _LONGEST_KEY else settled(key)
            self.long_texts += [(sheet.title, row, column.key, named, number, len(pieces), piece)
                                for number, piece in enumerate(pieces, 1)]
            return _typed(sheet, cell_text(pieces[0]) + NOTICE)
        return _typed(sheet, cell_text("".join(pieces)))


def _formatted(sheet: Any, value: object, picture: str) -> Any:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = picture
    if sheet.title in _READ:
        cell.alignment = Alignment(horizontal="left", vertical="top")
    return cell


def height_of(columns: Sequence[Column], row: Sequence[object]) -> float | None:
    """Points that a row needs where its long texts go on below: programs do not agree on measuring it. None: one line."""
    lines = max((ceil(len(str(value)) * 1.1 / (column.width or _WIDTHS[column.kind]))
                 for column, value in zip(columns, row, strict=True) if isinstance(value, str)), default=1)
    return 15.0 * min(lines, 27) if lines > 1 else None


def on_paper(sheet: Any) -> None:
    """Prints the sheet as wide as a page that lies, its header on every page."""
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.page_setup.fitToHeight = 0


def _typed(sheet: Any, text: str) -> Any:
    """A cell whose type is text whatever it looks like; the prefix keeps it so when somebody edits the cell."""
    wraps = sheet.title in _READ
    if not wraps and not text.startswith((*_RISKY, "#")):
        return text
    cell = WriteOnlyCell(sheet, text)
    if wraps:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if not text.startswith((*_RISKY, "#")):
        return cell
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell
