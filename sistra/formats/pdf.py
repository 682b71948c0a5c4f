"""Printed files: a charge or court case with chosen sections, or one table.

The PDF writer makes untagged files, so the accessible form of each is the page on the screen, and the file says so.
"""
from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Spacer

from sistra.formats.dossier import Dossier, Grid
from sistra.formats.flow import (
    HAIRLINE,
    HEAD,
    INK,
    INK_2,
    MANILA_EDGE,
    OFFICE,
    PETROL,
    SMALL,
    SUBTITLE,
    TITLE,
    Entry,
    Printer,
)
from sistra.formats.grid import narrowest
from sistra.formats.table import Provenance, Table, Written, counted, printed
from sistra.formats.typeface import NO_GLYPH, REGULAR, SEMIBOLD, Typeface, spelled
from sistra.rules.problems import said

SIDE: Final = 48.0
TOP: Final = 62.0
BOTTOM: Final = 58.0
_TOTAL = "total"
_ACCESSIBLE = said("La versión accesible de este documento es la página del registro en pantalla: este PDF no lleva "
                   "etiquetas de estructura.")
_MISSING = said("Algunos caracteres no existen en las letras de este documento y se imprimen como %(sign)s (%(count)s "
                "en total). El texto exacto se lee en pantalla.")


def write_dossier(stream: BinaryIO, dossier: Dossier) -> None:
    """Writes the file: box of who, when and why, the sections with an outline entry each, and a signature block."""
    of = dossier.printed
    at = printed(of.at)
    printer = Printer(A4[0] - 2 * SIDE)
    story: list[Flowable] = [
        printer.paragraph(of.office, OFFICE), printer.paragraph(dossier.title, TITLE), Spacer(0, 2),
        printer.paragraph(dossier.subtitle, SUBTITLE), Spacer(0, 8),
        printer.box([(said("Número"), dossier.number), (said("Nivel"), of.level), (said("Generado por"), of.by),
                     (said("Despacho"), of.office), (said("Fecha y hora"), at), (said("Motivo"), of.reason),
                     (said("Huella SHA-256"), of.digest)]),
        Spacer(0, 4), printer.paragraph(_ACCESSIBLE, SMALL),
    ]
    for section in dossier.sections:
        story += printer.section(section)
    if dossier.signed:
        story.append(printer.signature())
    footer = said("Generado por %(by)s el %(at)s. Motivo: %(reason)s") % {"by": of.by, "at": at, "reason": of.reason}
    build(stream, story, printer.face, Furniture(dossier.banner, dossier.number, footer, of.digest, A4))


def write_table(stream: BinaryIO, table: Table, provenance: Provenance, banner: str = said("RESERVADO")) -> Written:
    """Writes one table with its query; lies down when upright is too narrow, and goes on in panels when both are.

    All rows are held in memory. Returns the count and digest of the rows.
    """
    written = Written()
    rows = list(counted(table, written))
    upright = narrowest(table.columns, HEAD.fontName, HEAD.fontSize) <= A4[0] - 2 * SIDE
    size = A4 if upright else landscape(A4)
    printer = Printer(size[0] - 2 * SIDE)
    digest = written.digests[table.name]
    story: list[Flowable] = [
        printer.paragraph("SISTRA", OFFICE), printer.paragraph(provenance.title, TITLE), Spacer(0, 8),
        printer.box(_facts(provenance, len(rows), digest)), Spacer(0, 4),
        printer.paragraph(_ACCESSIBLE, SMALL), *printer.heading(table.title),
        *printer.grid(Grid(Table(table.name, table.title, table.columns, rows), said("0 filas."))),
        *(printer.paragraph(note, SMALL) for note in provenance.notes),
    ]
    footer = said("Exportado por %(by)s. Datos al %(at)s. Motivo: %(reason)s") % {
        "by": provenance.user, "at": printed(provenance.as_of), "reason": provenance.reason}
    build(stream, story, printer.face, Furniture(banner, table.title, footer, digest, size))
    return written


def _facts(provenance: Provenance, rows: int, digest: str) -> Sequence[tuple[str, str]]:
    counts = " · ".join(f"{count:,} {provenance.unit(unit)}" for unit, count in provenance.rows.items())
    facts = [
        (said("Datos al"), printed(provenance.as_of)), *provenance.filters, (said("Filas"), f"{rows:,}"),
        (said("Unidades"), counts), (said("Exportado por"), provenance.user), (said("Motivo"), provenance.reason),
        (said("Enlace permanente"), provenance.link), (said("Huella SHA-256"), digest),
    ]
    return [(label, text) for label, text in facts if text]


def build(stream: BinaryIO, story: list[Flowable], face: Typeface, furniture: Furniture) -> None:
    """Writes a file of those elements, with banner, number and footer on every page."""
    if face.missing:
        story.append(Printer(0, face).paragraph(_MISSING % {"sign": NO_GLYPH, "count": face.missing}, SMALL))
    _Document(stream, furniture).build(story, canvasmaker=_Pages)


@dataclass(frozen=True, slots=True)
class Furniture:
    """What stands on every page."""

    banner: str
    number: str
    footer: str
    digest: str
    size: tuple[float, float]


class _Pages(Canvas):  # type: ignore[misc]
    """Counts the pages; the total is drawn once, at the end, where every page refers to it."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "initialFontName": REGULAR})

    def save(self) -> None:
        total = self.getPageNumber() - 1
        self.beginForm(_TOTAL, 0, -3, 40, 10)
        self.setFont(REGULAR, 8)
        self.setFillColor(INK_2)
        self.drawString(0, 0, str(total))
        self.endForm()
        super().save()


class _Document(BaseDocTemplate):  # type: ignore[misc]
    """Pages with banner, number, footer; outline entries for headings. Metadata holds no person's name."""

    def __init__(self, stream: BinaryIO, furniture: Furniture) -> None:
        width, height = furniture.size
        room = (width - 2 * SIDE) / 2
        self.banner = _fitted(furniture.banner, SEMIBOLD, 8, room + 74)
        self.number = _fitted(furniture.number, SEMIBOLD, 8.5, room - 106)
        self.footer = _fitted(furniture.footer, REGULAR, 7, 2 * room - 90)
        self.digest = _fitted(f"SHA-256 {furniture.digest}", REGULAR, 7, 2 * room - 90)
        super().__init__(stream, pagesize=furniture.size, lang="es-PE", author="SISTRA", creator="SISTRA",
                         title=f"SISTRA {spelled(furniture.number)}", displayDocTitle=1)
        frame = Frame(SIDE, BOTTOM, width - 2 * SIDE, height - TOP - BOTTOM, 0, 0, 0, 0)
        self.addPageTemplates(PageTemplate("page", [frame], onPage=self.furnish))
        self.entries = 0

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        if isinstance(flowable, Entry):
            self.entries += 1
            key = f"section-{self.entries}"
            self.canv.bookmarkPage(key, fit="XYZ", top=self.frame._y + 4)
            self.canv.addOutlineEntry(flowable.title, key)

    def furnish(self, canvas: Canvas, document: Any) -> None:
        width, height = document.pagesize
        canvas.saveState()
        self._header(canvas, width, height - 34)
        self._footer(canvas, width, 40)
        canvas.restoreState()

    def _header(self, canvas: Canvas, width: float, y: float) -> None:
        if self.banner:
            canvas.setFillColor(PETROL)
            canvas.rect(SIDE, y - 5, stringWidth(self.banner, SEMIBOLD, 8) + 14, 16, stroke=0, fill=1)
            canvas.setFillColor("#FFFFFF")
            canvas.setFont(SEMIBOLD, 8)
            canvas.drawString(SIDE + 7, y, self.banner)
        canvas.setFillColor(INK)
        canvas.setFont(SEMIBOLD, 8.5)
        canvas.drawRightString(width - SIDE, y, self.number)
        canvas.setStrokeColor(MANILA_EDGE)
        canvas.setLineWidth(0.8)
        canvas.line(SIDE, y - 9, width - SIDE, y - 9)

    def _footer(self, canvas: Canvas, width: float, y: float) -> None:
        canvas.setStrokeColor(HAIRLINE)
        canvas.setLineWidth(0.5)
        canvas.line(SIDE, y + 9, width - SIDE, y + 9)
        canvas.setFillColor(INK_2)
        canvas.setFont(REGULAR, 7)
        canvas.drawString(SIDE, y, self.footer)
        canvas.drawString(SIDE, y - 9, self.digest)
        canvas.setFont(REGULAR, 8)
        canvas.drawRightString(width - SIDE - 16, y, said("Página %(page)s de ") % {"page": canvas.getPageNumber()})
        canvas.translate(width - SIDE - 15, y)
        canvas.doForm(_TOTAL)


def _fitted(text: str, font: str, size: float, room: float) -> str:
    """`text` cut to `room`, which loses nothing: all of it stands in the box on page 1."""
    text = Typeface().plain(text)
    if stringWidth(text, font, size) <= room:
        return text
    fits = bisect_left(range(len(text)), True, key=lambda end: stringWidth(text[:end + 1] + "…", font, size) > room)
    return text[:fits] + "…"
