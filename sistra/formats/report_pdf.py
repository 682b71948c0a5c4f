"""A report as a printed file: headline, tables each with its drawing, and how the figures were made."""
from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from reportlab.lib.pagesizes import A4, landscape
from reportlab.platypus import Flowable, KeepTogether, Spacer

from sistra.formats.chart import drawing, fitted
from sistra.formats.dossier import Grid
from sistra.formats.figures import FigureReport
from sistra.formats.flow import HEAD, OFFICE, SMALL, SUBTITLE, TITLE, Printer
from sistra.formats.grid import narrowest
from sistra.formats.pdf import BOTTOM, SIDE, TOP, Furniture, build
from sistra.rules.problems import said

_SMALLER = 1.45
"""How much larger a chart is drawn than printed, so that its letters are those of the table."""
_ACCESSIBLE = said("La versión accesible de este reporte es su página en pantalla: este PDF no lleva etiquetas de estructura.")


def write_reports(stream: BinaryIO, title: str, scope: str, reports: Sequence[FigureReport]) -> None:
    """Writes one file of one report or several, each then under a heading of its own."""
    wide = any(narrowest(one.table.columns, HEAD.fontName, HEAD.fontSize) > A4[0] - 2 * SIDE
               for report in reports for one in report.tables)
    size = landscape(A4) if wide else A4
    printer = Printer(size[0] - 2 * SIDE)
    story: list[Flowable] = [printer.paragraph("SISTRA", OFFICE), printer.paragraph(title, TITLE), Spacer(0, 2),
                             printer.paragraph(scope, SUBTITLE), Spacer(0, 6)]
    for report in reports:
        story += _report(printer, report, size[1] - TOP - BOTTOM - 40, alone=len(reports) == 1)
    story.append(printer.paragraph(_ACCESSIBLE, SMALL))
    first = reports[0]
    build(stream, story, printer.face, Furniture(first.banner, first.number if len(reports) == 1 else title, first.footer,
                                                 first.digest, size))


def _report(printer: Printer, report: FigureReport, room: float, *, alone: bool) -> list[Flowable]:
    story: list[Flowable] = [] if alone else printer.heading(" · ".join(filter(None, (report.number, report.title))))
    story += [printer.box([*report.headline]), Spacer(0, 6)]
    for one in report.tables:
        rows = list(one.table.rows)
        story += printer.heading(one.table.title)
        story += printer.grid(Grid(type(one.table)(one.table.name, one.table.title, one.table.columns, rows), total=one.total))
        if one.note:
            story.append(printer.paragraph(one.note, SMALL))
        if one.bars and not one.bars.empty:
            story.append(KeepTogether([Spacer(0, 6), fitted(drawing(one.bars, printer.width * _SMALLER), printer.width, room)]))
    story += [*printer.heading(said("Cómo se hizo")), printer.box(_once(report.method)), Spacer(0, 8)]
    return story


def _once(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The rows with each label said once, before the first of the texts that it stands for."""
    return [("" if place and rows[place - 1][0] == label else label, text) for place, (label, text) in enumerate(rows)]
