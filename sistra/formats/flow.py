"""The blocks of a printed file as flowing elements of the PDF writer. Lengths are points."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, zip_longest
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from sistra.formats import dossier, typeface
from sistra.formats.dossier import Fields, Grid, Paragraphs, State, Timeline
from sistra.formats.grid import Panel, panels
from sistra.formats.table import Column, printed
from sistra.formats.typeface import BOLD, REGULAR, SEMIBOLD, TABULAR, Typeface, spelled
from sistra.rules.problems import said

INK: Final = HexColor("#14262E")
INK_2: Final = HexColor("#4A5A61")
PETROL: Final = HexColor("#0E4A5A")
MANILA: Final = HexColor("#F6EFDF")
MANILA_EDGE: Final = HexColor("#8A7440")
GREY: Final = HexColor("#E9EDEE")
HAIRLINE: Final = HexColor("#C9D1D4")

STATE_WORDS: Final[dict[State, str]] = {
    "value": "", "reserved": said("Reservado"), "blank": said("Sin dato"), "not_known": said("No se sabe"),
    "not_applicable": said("No corresponde"),
}

_NUMBERS = ("integer", "decimal", "money")
_DATES = ("date", "datetime")
_ROWS_AT_ONCE = 3000
_LINES_IN_A_CELL = 28


# The styles below name the fonts, which must be known before a paragraph is made.
typeface.glyphs()


def _style(name: str, font: str, size: float, leading: float, **more: Any) -> ParagraphStyle:
    settings = {"textColor": INK, "splitLongWords": 1, **more}
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=leading, **settings)


TITLE: Final = _style("title", BOLD, 19, 23)
SUBTITLE: Final = _style("subtitle", REGULAR, 10, 14, textColor=INK_2)
OFFICE: Final = _style("office", SEMIBOLD, 8.5, 11, textColor=PETROL)
HEADING: Final = _style("heading", SEMIBOLD, 12, 15, textColor=PETROL, spaceBefore=13, spaceAfter=4)
BODY: Final = _style("body", REGULAR, 9.5, 13.5, spaceAfter=5)
LABEL: Final = _style("label", REGULAR, 8, 11, textColor=INK_2)
VALUE: Final = _style("value", REGULAR, 9, 11.5)
STATED: Final = _style("stated", SEMIBOLD, 8, 11.5, textColor=INK_2)
SMALL: Final = _style("small", REGULAR, 7.5, 10, textColor=INK_2)
CODE: Final = _style("code", REGULAR, 7.5, 10)
CELL: Final = _style("cell", REGULAR, 7.5, 9.5)
CELL_DATE: Final = _style("cell-date", TABULAR, 7.5, 9.5)
CELL_NUMBER: Final = _style("cell-number", TABULAR, 7.5, 9.5, alignment=TA_RIGHT)
HEAD: Final = _style("head", SEMIBOLD, 7.5, 9.5)
HEAD_NUMBER: Final = _style("head-number", SEMIBOLD, 7.5, 9.5, alignment=TA_RIGHT)
EVENT: Final = _style("event", SEMIBOLD, 9, 11.5)

_BASE = [("LEFTPADDING", (0, 0), (-1, -1), 4), ("RIGHTPADDING", (0, 0), (-1, -1), 4),
         ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
         ("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTNAME", (0, 0), (-1, -1), REGULAR)]
_RULED = [*_BASE, ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE)]


class Entry(Flowable):  # type: ignore[misc]
    """Takes no room; tells the document that an entry of the outline begins here."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title

    def wrap(self, *_: float) -> tuple[float, float]:
        return 0, 0

    def draw(self) -> None:
        """Nothing is seen of it."""


def pieces(text: str, width: float, style: ParagraphStyle) -> list[str]:
    """`text` in pieces of at most about 28 lines, since a cell taller than the page cannot be printed."""
    done: list[list[str]] = [[]]
    lines = 0.0
    fit = max(1, int(width * _LINES_IN_A_CELL / (style.fontSize * 0.62)))
    for part in (part for line in text.split("\n") for part in _cut(line, fit)):
        cost = 1 + stringWidth(part, style.fontName, style.fontSize) / width
        if done[-1] and lines + cost > _LINES_IN_A_CELL:
            done.append([])
            lines = 0
        done[-1].append(part)
        lines += cost
    return ["\n".join(part) for part in done]


def _cut(line: str, longest: int) -> Iterator[str]:
    while len(line) > longest:
        end = line.rfind(" ", longest // 2, longest) + 1 or longest
        yield line[:end]
        line = line[end:]
    yield line


@dataclass(slots=True)
class Printer:
    """Turns blocks into flowing elements `width` wide; `face` remembers what could not be printed."""

    width: float
    face: Typeface = field(default_factory=Typeface)

    def paragraph(self, text: str, style: ParagraphStyle = BODY) -> Paragraph:
        return Paragraph(self.face.markup(text), style)

    def heading(self, title: str) -> list[Flowable]:
        """The heading, on a page where something can follow it."""
        return [CondPageBreak(90), Entry(spelled(title)), self.paragraph(title, HEADING)]

    def section(self, section: dossier.Section) -> Iterator[Flowable]:
        yield from self.heading(section.title)
        for block in section.blocks:
            match block:
                case Fields():
                    yield from self.fields(block)
                case Grid():
                    yield from self.grid(block)
                case Paragraphs():
                    yield from (self.paragraph(text) for text in block.texts)
                case Timeline():
                    yield from self.timeline(block)
            yield Spacer(0, 5)

    def fields(self, block: Fields) -> Iterator[Flowable]:
        """Short fields two to a line, long ones alone; labels stay in one column."""
        worded: list[tuple[str, str, State]] = [(label, text or STATE_WORDS[state], state)
                                                for label, text, state in block.rows]
        for short, group in groupby(worded, _is_short):
            rows = list(group)
            label = self.width * 0.19
            if not short:
                lines = [line for row in rows for line in self._long_field(row, self.width - label)]
                yield Table(lines, [label, self.width - label], style=TableStyle(_RULED))
                continue
            cells = [self._short_field(row) for row in rows]
            pairs = [cells[start] + (cells[start + 1] if start + 1 < len(cells) else ["", ""])
                     for start in range(0, len(cells), 2)]
            yield Table(pairs, [label, self.width / 2 - label] * 2, style=TableStyle(_RULED))

    def _short_field(self, row: tuple[str, str, State]) -> list[Any]:
        label, text, state = row
        return [self.paragraph(label, LABEL), self.paragraph(text, _state_style(state))]

    def _long_field(self, row: tuple[str, str, State], width: float) -> Iterator[list[Any]]:
        label, text, state = row
        style = _state_style(state)
        for name, value in zip_longest(pieces(label, self.width * 0.19 - 8, LABEL), pieces(text, width - 8, style)):
            yield [self.paragraph(name or "", LABEL), self.paragraph(value or "", style)]

    def timeline(self, block: Timeline) -> Iterator[Flowable]:
        left = self.width * 0.19
        rows: list[list[Any]] = []
        style = [*_BASE, ("LINEAFTER", (0, 0), (0, -1), 1.2, MANILA_EDGE)]
        for when, title, detail in block.rows:
            style += [("TOPPADDING", (0, len(rows)), (-1, len(rows)), 6)]
            dates, heads = pieces(when, left - 8, LABEL), pieces(title, self.width - left - 8, EVENT)
            rows += [[self.paragraph(at or "", LABEL), self.paragraph(head or "", EVENT)]
                     for at, head in zip_longest(dates, heads)]
            rows += [["", self.paragraph(piece, VALUE)] for piece in pieces(detail, self.width - left - 8, VALUE)
                     if piece]
        if rows:
            yield Table(rows, [left, self.width - left], style=TableStyle(style))

    def grid(self, block: Grid) -> Iterator[Flowable]:
        rows = list(block.table.rows)
        if not rows:
            yield self.paragraph(block.empty or said("Sin registros."), SMALL)
            return
        shares = panels(block.table.columns, self.width, HEAD.fontName, HEAD.fontSize)
        for number, panel in enumerate(shares, 1):
            if len(shares) > 1:
                yield self.paragraph(said("Columnas, parte %(number)s de %(total)s")
                                     % {"number": number, "total": len(shares)}, SMALL)
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                yield self._table(block, panel, rows[start:start + _ROWS_AT_ONCE], last=start + _ROWS_AT_ONCE >= len(rows))
            yield Spacer(0, 5)

    def _table(self, block: Grid, panel: Panel, rows: Sequence[Sequence[object]], *, last: bool) -> Table:
        columns = [block.table.columns[position] for position in panel.positions]
        lines: list[list[Any]] = [[self._head(column) for column in columns]]
        for row in rows:
            texts = [printed(row[position], column.kind)
                     for position, column in zip(panel.positions, columns, strict=True)]
            lines += self._lines(texts, panel, [_cell_style(column) for column in columns])
        heights = [13 if all(isinstance(cell, str) for cell in line) else None for line in lines]
        style = [*_RULED, ("BACKGROUND", (0, 0), (-1, 0), GREY), ("LINEBELOW", (0, 0), (-1, 0), 0.8, PETROL),
                 ("FONT", (0, 1), (-1, -1), CELL.fontName, CELL.fontSize, CELL.leading),
                 ("TEXTCOLOR", (0, 1), (-1, -1), INK)]
        for at, column in enumerate(columns):
            style.append(("FONTNAME", (at, 1), (at, -1), _cell_style(column).fontName))
            if column.kind in _NUMBERS:
                style.append(("ALIGN", (at, 1), (at, -1), "RIGHT"))
        if block.total and last:
            style += [("LINEABOVE", (0, -1), (-1, -1), 0.8, PETROL), ("FONTNAME", (0, -1), (-1, -1), SEMIBOLD),
                      ("NOSPLIT", (0, max(-3, -len(lines))), (-1, -1))]
        return Table(lines, panel.widths, heights, TableStyle(style), repeatRows=1)

    def _head(self, column: Column) -> Paragraph:
        return self.paragraph(spelled(column.label), HEAD_NUMBER if column.kind in _NUMBERS else HEAD)

    def _lines(self, texts: Sequence[str], panel: Panel, styles: Sequence[ParagraphStyle]) -> Iterable[list[Any]]:
        """One line of cells; more when a text is too tall for one. A cell that fits as it stands needs no paragraph."""
        split = [[text] if len(text) < 60 and "\n" not in text else pieces(text, width - 8, style)
                 for text, width, style in zip(texts, panel.widths, styles, strict=True)]
        for parts in zip_longest(*split, fillvalue=""):
            yield [self._cell(*cell) for cell in zip(parts, panel.widths, styles, strict=True)]

    def _cell(self, text: str, width: float, style: ParagraphStyle) -> str | Paragraph:
        fits = len(text) < width and stringWidth(text, style.fontName, style.fontSize) <= width - 8
        return text if fits and self.face.is_plain(text) else self.paragraph(text, style)

    def box(self, rows: Sequence[tuple[str, str]]) -> Table:
        """The box of who, when and why: label and value, on manila."""
        widest = max((stringWidth(name, LABEL.fontName, LABEL.fontSize) for name, _ in rows), default=0) + 9
        label = min(max(self.width * 0.19, widest), self.width * 0.4)
        lines = [[self.paragraph(name or "", LABEL), self.paragraph(text or "", CODE)]
                 for row in rows for name, text in zip_longest(
                     pieces(row[0], label - 8, LABEL), pieces(row[1], self.width - label - 8, CODE))]
        style = [*_BASE, ("BACKGROUND", (0, 0), (-1, -1), MANILA), ("BOX", (0, 0), (-1, -1), 0.6, MANILA_EDGE),
                 ("TOPPADDING", (0, 0), (-1, -1), 1.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)]
        return Table(lines, [label, self.width - label], style=TableStyle(style))

    def signature(self) -> Flowable:
        half = self.width / 2
        lines = [[self.paragraph(said("Firma"), LABEL), "", self.paragraph(said("Sello del despacho"), LABEL)],
                 [self.paragraph(said("Nombre y cargo:"), LABEL), "", self.paragraph(said("Lugar y fecha:"), LABEL)]]
        style = [*_BASE, ("LINEABOVE", (0, 0), (0, 0), 0.6, INK), ("LINEABOVE", (2, 0), (2, 0), 0.6, INK)]
        return KeepTogether([Spacer(0, 62), Table(lines, [half - 14, 28, half - 14], style=TableStyle(style))])


def _state_style(state: State) -> ParagraphStyle:
    return VALUE if state == "value" else STATED


def _cell_style(column: Column) -> ParagraphStyle:
    return CELL_NUMBER if column.kind in _NUMBERS else CELL_DATE if column.kind in _DATES else CELL


def _is_short(row: tuple[str, str, State]) -> bool:
    label, text, _ = row
    return len(label) <= 34 and len(text) <= 44 and "\n" not in label + text
