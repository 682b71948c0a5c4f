"""Bar charts: one drawing, painted as SVG on a page and as vectors in a printed file. It stands beside its table, never alone."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase.pdfmetrics import stringWidth

from sistra.formats import typeface
from sistra.formats.flow import HAIRLINE, INK, INK_2, PETROL
from sistra.formats.typeface import REGULAR, TABULAR

WIDTH: Final = 560.0
NARROW: Final = 280.0
"""The width of a chart on a narrow telephone, so that its letters are never made smaller; labels are cut where they must be."""
_SIZE, _BAR, _GAP = 12.0, 15.0, 8.0
_KEY_LINE = 18.0
COLOURS: Final = (PETROL, HexColor("#C77B0A"), HexColor("#7FA6B3"), HexColor("#8A7440"), HexColor("#9AA5A9"))
"""Told apart by lightness too, for who does not tell colours; the last is that of what is not known."""

typeface.glyphs()


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal bars. `series` names the parts of a bar, in order; without names a bar is one part.

    Each row has its label and one figure per part.
    """

    title: str
    series: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def empty(self) -> bool:
        return not any(any(parts) for _, parts in self.rows)


def drawing(bars: Bars, width: float = WIDTH) -> Drawing:
    """The chart, with the figure at the end of each bar. Lengths are points; the height follows from the rows."""
    margin = min(width * 0.42, max((_wide(label) for label, _ in bars.rows), default=0) + 10)
    room = width - margin - 54
    most = max((sum(parts) for _, parts in bars.rows), default=0) or 1
    key = _key_places(bars.series, width)
    top = (key[-1][1] + 1) * _KEY_LINE + 4 if key else 4
    height = top + len(bars.rows) * (_BAR + _GAP)
    made = Drawing(width, height)
    for number, (label, (left, line)) in enumerate(zip(bars.series, key, strict=True)):
        base = height - 13 - line * _KEY_LINE
        made.add(Rect(left, base, 11, 11, fillColor=COLOURS[number % len(COLOURS)], strokeColor=None))
        made.add(String(left + 16, base + 1, label, fontName=REGULAR, fontSize=_SIZE, fillColor=INK_2))
    for place, (label, parts) in enumerate(bars.rows):
        base = height - top - (place + 1) * (_BAR + _GAP) + _GAP
        made.add(String(margin - 8, base + 4, _cut(label, margin - 10), fontName=REGULAR, fontSize=_SIZE, fillColor=INK,
                        textAnchor="end"))
        start = margin
        for number, part in enumerate(parts):
            wide = room * part / most
            if part:
                made.add(Rect(start, base, wide, _BAR, fillColor=COLOURS[number % len(COLOURS)], strokeColor=None))
            start += wide
        made.add(String(start + 5, base + 4, f"{sum(parts):,}", fontName=TABULAR, fontSize=_SIZE, fillColor=INK))
    made.add(Line(margin, 2, margin, height - top + 2, strokeColor=HAIRLINE, strokeWidth=1))
    return made


def fitted(made: Drawing, width: float, height: float) -> Drawing:
    """The same drawing, smaller where it is larger than the room that a page has."""
    factor = min(1.0, width / made.width, height / made.height)
    made.scale(factor, factor)
    made.width, made.height = made.width * factor, made.height * factor
    return made


def _key_places(series: Sequence[str], width: float) -> list[tuple[float, int]]:
    """Where each part's name stands: from the left, and on which line, as many as the width asks for."""
    places: list[tuple[float, int]] = []
    left, line = 0.0, 0
    for label in series:
        wide = 16 + _wide(label)
        if left and left + wide > width:
            left, line = 0.0, line + 1
        places.append((left, line))
        left += wide + 18
    return places


def _wide(text: str) -> float:
    """The room that a text takes, with some to spare: a browser sets it a little wider than a printed page."""
    return float(stringWidth(text, REGULAR, _SIZE)) * 1.06


def _cut(label: str, room: float) -> str:
    """A label that fits: the table beside the chart has it whole."""
    if _wide(label) <= room + 1:
        return label
    while label and _wide(label + "…") > room:
        label = label[:-1]
    return label.rstrip() + "…"


def svg(made: Drawing, title: str) -> str:
    """The drawing as SVG, without style attributes or script. Text is escaped. A narrow one has a class of its own."""
    narrow = " s-chart--narrow" if made.width <= NARROW else ""
    shapes = "".join(_painted(shape, made.height) for shape in made.contents)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label={quoteattr(title)} class="s-chart{narrow}" '
            f'viewBox="0 0 {made.width:g} {made.height:g}">{shapes}</svg>')


def _painted(shape: object, height: float) -> str:
    match shape:
        case Rect():
            return (f'<rect x="{shape.x:.1f}" y="{height - shape.y - shape.height:.1f}" width="{shape.width:.1f}" '
                    f'height="{shape.height:.1f}" fill="{_hex(shape.fillColor)}"/>')
        case String():
            anchor = ' text-anchor="end"' if shape.textAnchor == "end" else ""
            return (f'<text x="{shape.x:.1f}" y="{height - shape.y:.1f}" font-size="{shape.fontSize:g}" '
                    f'fill="{_hex(shape.fillColor)}"{anchor}>{escape(shape.text)}</text>')
        case Line():
            return (f'<line x1="{shape.x1:.1f}" y1="{height - shape.y1:.1f}" x2="{shape.x2:.1f}" y2="{height - shape.y2:.1f}" '
                    f'stroke="{_hex(shape.strokeColor)}"/>')
    raise TypeError(f"no painter for {type(shape).__name__}")


def _hex(colour: Color) -> str:
    return f"#{colour.hexval()[2:]}"
