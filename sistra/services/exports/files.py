"""An export from what was asked to the bytes of a file, and its entry on the trail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import count
from typing import Any

from sistra.access.viewer import Viewer
from sistra.db import db
from sistra.formats.csv import write_csv_zip
from sistra.formats.media import ENDINGS, MEDIA_TYPES, lists_of
from sistra.formats.pdf import write_table
from sistra.formats.table import Provenance, Table, Written, lima, printed
from sistra.formats.xlsx import write_workbook
from sistra.rules.export_reasons import reason_of, reason_words
from sistra.rules.facets import CHARGES
from sistra.rules.problems import Problem, Rejected, said
from sistra.services import audit
from sistra.services.charge_list import OFFICE, RESPONSIBLE, Query, described, named
from sistra.services.exports.tables import Selection, count_rows, printed_table, select_charges, unit_tables
from sistra.services.exports.units import UNITS, fields_of

Progress = Callable[[int], None]
"""Is told how many rows have been written; raises where the file is no longer wanted."""


def unwatched(done: int) -> None:
    """The progress of a file for which somebody waits."""


_UNLISTED = frozenset({"", "ubigeo_district", "ISO-3166", "ISO-639"})


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: which charges, which units of theirs, in which format, why. `link` leads to the same question."""

    query: Query
    units: tuple[str, ...]
    format: str
    reason_code: str
    reason_text: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """A finished file and what its entry on the trail tells of it."""

    content: bytes
    name: str
    media_type: str
    written: Written
    selection: Selection
    reason: str


def at_once(rows: int) -> bool:
    """Whether a file of so many rows is made while the person waits (setting `EXPORT_AT_ONCE`)."""
    return rows <= most_at_once()


def most_at_once() -> int:
    """The most rows that a file made while the person waits may hold."""
    return int(db.settings["EXPORT_AT_ONCE"])


def filter_words(query: Query, language: str, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The filters in words: (facet, choices). `names`: what the person and the office of the query are called."""
    words = []
    for name, codes in query.chosen.items():
        facet = CHARGES[name]
        words.append((facet.label, "; ".join(facet.text(code, language) for code in codes)))
    if query.mine:
        words.append((said("A cargo de"), said("quien exporta")))
    if query.responsible is not None:
        words.append((said("Responsable"), names.get(RESPONSIBLE, "–")))
    if query.office is not None:
        words.append((said("Despacho"), names.get(OFFICE, "–")))
    if query.cell is not None:
        words.append((said("Contadas en el reporte"), f"{query.cell.label(language)} ({printed(query.cell.at)})"))
    return words


def checked(ask: Ask) -> str:
    """The reason of what is asked, as the trail keeps it. Raises Rejected for an unknown unit, format or reason."""
    reason = reason_of(ask.reason_code, ask.reason_text)
    units = units_of(ask)
    problems = [] if units else [Problem("units", said("Elija al menos una hoja"))]
    if ask.format not in MEDIA_TYPES:
        problems.append(Problem("format", said("Elija el formato")))
    elif ask.format == "pdf" and len(units) > 1:
        problems.append(Problem("units", said("Un PDF lleva una sola unidad: elija una, o use el libro de Excel")))
    if problems:
        raise Rejected(problems)
    return reason


def units_of(ask: Ask) -> tuple[str, ...]:
    """The units that are asked, in the order of the sheets."""
    return tuple(unit for unit in UNITS if unit in ask.units)


def make(viewer: Viewer, ask: Ask, *, progress: Progress = unwatched) -> Exported:
    """Reads the rows and writes the file. Nothing is on the trail yet: `note` it before the bytes leave.

    `progress` is called with each row as it is written, and may raise to stop. Raises Forbidden, and Rejected as `checked`.
    """
    reason, units = checked(ask), units_of(ask)
    selection = select_charges(viewer, ask.query)
    stream = BytesIO()
    provenance = _provenance(viewer, ask, units, selection, reason)
    written = _write(stream, viewer, ask.format, units, selection, provenance, progress)
    return Exported(stream.getvalue(), _name(viewer, units, ask.format), MEDIA_TYPES[ask.format], written, selection, reason)


def _name(viewer: Viewer, units: Sequence[str], of_format: str) -> str:
    sheet = UNITS[units[0]].sheet if len(units) == 1 else "denuncias"
    return f"sistra-{sheet}-{lima(viewer.at):%Y%m%d-%H%M}.{ENDINGS[of_format]}"


def _write(
    stream: BytesIO,
    viewer: Viewer,
    of_format: str,
    units: Sequence[str],
    selection: Selection,
    provenance: Provenance,
    progress: Progress,
) -> Written:
    done = count(1)
    if of_format == "pdf":
        return write_table(stream, _watched(printed_table(viewer, units[0], selection), done, progress), provenance)
    tables = [_watched(table, done, progress) for table in unit_tables(viewer, units, selection)]
    lists = lists_table(units)
    if of_format == "csv":
        return write_csv_zip(stream, tables, provenance, lists=lists)
    return write_workbook(stream, tables, provenance, lists=lists, readme=_readme())


def _watched(table: Table, done: Iterator[int], progress: Progress) -> Table:
    """The table, telling of each row as it is taken; `done` counts on from table to table."""

    def rows() -> Iterator[Sequence[object]]:
        for row in table.rows:
            progress(next(done))
            yield row

    return replace(table, rows=rows())


def _readme() -> list[str]:
    return [
        said("Exportación de SISTRA. Información reservada: úsela solo para el motivo declarado y no la reenvíe."),
        said("Cada hoja lleva una fila por registro; las claves (denuncia, agraviada, imputado...) se repiten y unen las hojas."),
        said(
            "Una celda vacía es una pregunta aún sin respuesta; NSP es «No se sabe»; N/C es «No corresponde»; "
            "«Reservado» es un dato que existe y no está a su alcance."
        ),
        said(
            "Nombres, documentos de identidad, relatos y resúmenes no se exportan: las personas figuran por su código (A-1, I-1)."
        ),
        said(
            "El encabezado de cada columna es el nombre del dato en el diccionario y no cambia con el idioma; junto a cada "
            "código va su etiqueta (columna terminada en _label)."
        ),
        said(
            "La hoja Consulta dice qué se pidió, quién, cuándo y por qué, con la huella de cada hoja; "
            "Diccionario explica las columnas y Listas, los códigos."
        ),
    ]


def _provenance(viewer: Viewer, ask: Ask, units: Sequence[str], selection: Selection, reason: str) -> Provenance:
    notes = [said("Las identidades, los relatos y los resúmenes no se exportan; las personas figuran por su código.")]
    if selection.outlines:
        notes.append(
            said("%(count)s denuncias selladas que usted solo ve en resumen no se incluyen.") % {"count": selection.outlines}
        )
    counts = count_rows(viewer, ask.query, units)
    return Provenance(
        title=said("Exportación de denuncias"),
        filters=filter_words(ask.query, viewer.language, named(viewer, ask.query)),
        as_of=viewer.at,
        rows={UNITS[unit].sheet: number for unit, number in counts.items()},
        user=f"{viewer.full_name} ({viewer.office_name})",
        reason=reason_words(reason, viewer.language),
        link=ask.link,
        notes=notes,
    )


def lists_table(units: Sequence[str]) -> Table:
    """The code lists that the columns of the units use, but places and the standards of countries and languages."""
    return lists_of(field.list_name for unit in units for field in fields_of(unit) if field.list_name not in _UNLISTED)


def note(viewer: Viewer, ask: Ask, exported: Exported) -> None:
    """The entry of an export, with the keys of the charges that left. Run inside a unit of work, before the bytes leave."""
    audit.note(viewer, "list.exported", audit.Subject("charge"), reason=exported.reason, detail=told(ask, exported))


def told(ask: Ask, exported: Exported) -> dict[str, Any]:
    """What the trail tells of a finished file: the question in codes, rows and digest of each sheet, the keys of the charges."""
    return described(exported.selection.query) | {
        "units": list(units_of(ask)),
        "format": ask.format,
        "rows": dict(exported.written.rows),
        "digests": dict(exported.written.digests),
        "outlines": exported.selection.outlines,
        "charges": [charge.id for charge in exported.selection.charges],
    }
