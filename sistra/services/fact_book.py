"""The analyst's workbook: facts of chosen units as tidy sheets, as of any instant, with codes, labels, dictionary and digest.

What is asked and the instant make the rows: the same link gives the same rows and digests again.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select

from sistra.access import figures
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.countries import countries, languages
from sistra.codebook.dictionary import record
from sistra.codebook.edition import edition
from sistra.codebook.terms import codelist
from sistra.db import db
from sistra.formats.csv import write_csv_zip
from sistra.formats.media import ENDINGS, MEDIA_TYPES, lists_of
from sistra.formats.table import Cell, Column, Provenance, Table, Written, dictionary_of
from sistra.formats.table import Kind as CellKind
from sistra.formats.xlsx import write_workbook
from sistra.models.facts import FACTS
from sistra.rules import facts
from sistra.rules.coarsening import NO, NOT_APPLICABLE, NOT_KNOWN, YES, Kind
from sistra.rules.export_reasons import reason_of, reason_words
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.reports.periods import Period
from sistra.services import audit
from sistra.services.counted_facts import border_countries, in_places, within
from sistra.services.facts import standing
from sistra.services.report_files import CLOSED_LEFT_OUT
from sistra.services.reports import settled

SHEETS: Final[Mapping[str, str]] = MappingProxyType({unit: record(unit).export_sheet for unit in facts.UNITS})
"""Unit of facts -> the sheet that holds it."""
FORMATS: Final = ("xlsx", "csv")

_BATCH = 1000
_NUMBER = "number"
"""The number of a charge leads back to its file, sealed ones too: the sheets are joined by `charge_id`, which leads nowhere."""
_DATED = "received_on"
_YES_NO = {YES: said("Sí"), NO: said("No")}
_UNKNOWN = {NOT_KNOWN: said("No se sabe"), NOT_APPLICABLE: said("No corresponde")}
_LISTS: Final[Mapping[str, str]] = MappingProxyType({
    "form": "exploitation_purpose", "reached": "stage_group", "purposes": "exploitation_purpose",
    "recruitment_methods": "recruitment_method", "recruitment_channels": "contact_channel",
    "place_types": "place_of_exploitation",
    "relations": "victim_perpetrator_relation", "exploitation_departments": "ubigeo_department",
    "origin_department": "ubigeo_department", "transit_departments": "ubigeo_department",
    "destination_department": "ubigeo_department", "origin_country": "ISO-3166", "destination_country": "ISO-3166"})
"""Derived column -> the list of its codes; a column that comes from a field has its field's."""
_AGES = frozenset({"age_observatory", "age_legal", "age_inei", "age_unodc", "age_group"})
_KINDS: Final[Mapping[Kind, CellKind]] = MappingProxyType({
    Kind.NUMBER: "integer", Kind.AMOUNT: "money", Kind.TERM: "decimal", Kind.KEY: "integer"})


@dataclass(frozen=True, slots=True)
class FactAsk:
    """What is asked: units, months of reception, district, border region, trafficking alone or all, format, why, as of when.

    `link` leads to the same question as of the same instant.
    """

    units: tuple[str, ...]
    period: Period
    district: str = ""
    border: str = ""
    core: bool = False
    format: str = "xlsx"
    reason_code: str = ""
    reason_text: str = ""
    at: datetime | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class FactFile:
    """A finished file and what its entry on the trail tells of it."""

    content: bytes
    name: str
    media_type: str
    written: Written
    at: datetime
    reason: str


def checked(ask: FactAsk) -> str:
    """The reason as the trail keeps it. Raises Rejected for an ask that cannot be made."""
    reason = reason_of(ask.reason_code, ask.reason_text)
    problems = [] if _units(ask) else [Problem("units", said("Elija al menos una hoja"))]
    if ask.format not in FORMATS:
        problems.append(Problem("format", said("Elija el formato")))
    if ask.district and ask.district not in codelist("fiscal_district"):
        problems.append(Problem("distrito", said("Elija un distrito fiscal de la lista")))
    if ask.border and ask.border not in border_countries():
        problems.append(Problem("frontera", said("Elija una región fronteriza de la lista")))
    if problems:
        raise Rejected(problems)
    return reason


def _units(ask: FactAsk) -> tuple[str, ...]:
    return tuple(unit for unit in SHEETS if unit in ask.units)


def count_rows(viewer: Viewer, ask: FactAsk) -> dict[str, int]:
    """How many rows each unit has under the filters, whether it is asked for or not. Raises Forbidden."""
    require(viewer, "facts.export")
    at = settled(viewer, ask.at)
    return {unit: db.session.scalar(select(func.count()).select_from(FACTS[unit]).where(_asked(viewer, unit, ask, at))) or 0
            for unit in SHEETS}


def make(viewer: Viewer, ask: FactAsk, progress: Callable[[int], None] | None = None) -> FactFile:
    """Reads the rows and writes the file.

    Nothing is on the trail yet: `note` it before the bytes leave. Raises Forbidden, Rejected, and what `progress` raises.
    """
    require(viewer, "facts.export")
    reason, at, counts = checked(ask), settled(viewer, ask.at), count_rows(viewer, ask)
    tables = list(_tables(viewer, ask, at, progress))
    provenance = Provenance(
        title=said("Microdatos sin identidades"), filters=filter_words(ask), as_of=at,
        rows={SHEETS[unit]: counts[unit] for unit in _units(ask)}, user=f"{viewer.full_name} ({viewer.office_name})",
        reason=reason_words(reason, "es"), link=ask.link,
        notes=[*_README[1:], *([CLOSED_LEFT_OUT] if figures.hides_closed(viewer) else []),
               f"{said('Edición de las listas')}: {edition()}"])
    stream, lists = BytesIO(), _lists(ask)
    if ask.format == "csv":
        written = write_csv_zip(stream, tables, provenance, dictionary_of(tables), lists)
    else:
        written = write_workbook(stream, tables, provenance, dictionary_of(tables), lists, _README)
    name = f"sistra-microdatos-{ask.period.since}-{ask.period.until}.{ENDINGS[ask.format]}"
    return FactFile(stream.getvalue(), name, MEDIA_TYPES[ask.format], written, at, reason)


_README: Final = [
    said("Microdatos de SISTRA sin identidades. Úselos solo para el motivo declarado; no intente reconocer a nadie."),
    said("Cada hoja lleva una fila por registro, como estaba en el instante que dice la hoja Consulta; charge_id une las hojas."),
    said("El periodo es el de recepción de la denuncia. Las filas de las que solo se conoce el año de recepción están si el "
         "periodo lo abarca entero; las demás sin mes conocido, no."),
    said("Las fechas van por mes o por trimestre. Un lapso de varios va por su año; el que cae en dos años o más va como NSP, "
         "aunque se conozcan sus extremos. Los lugares van por departamento."),
    said("Junto a cada código va su etiqueta. La celda vacía es una pregunta sin respuesta; NSP, «No se sabe»; N/C, "
         "«No corresponde»."),
    said("La columna unknowns nombra las cantidades y fechas que se respondieron con NSP o N/C."),
    said("Las filas con counted = 0 son de denuncias derivadas o acumuladas: los reportes no las cuentan."),
]


def filter_words(ask: FactAsk) -> list[tuple[str, str]]:
    """The filters in words, in Spanish."""
    found = [(said("Periodo (meses completos)"), f"{ask.period.first:%m/%Y} a {ask.period.last:%m/%Y}"),
             (said("Delito denunciado"), said("Solo trata") if ask.core else said("Todos"))]
    if ask.district:
        found.append((said("Distrito fiscal"), codelist("fiscal_district")[ask.district].label_es))
    if ask.border:
        found.append((said("Región fronteriza"), countries("es")[ask.border]))
    return found


def address(ask: FactAsk) -> dict[str, list[str]]:
    """The texts of the address at which the same is asked, as of the same instant."""
    asked = {"units": list(ask.units), "desde": [ask.period.since], "hasta": [ask.period.until], "distrito": [ask.district],
             "frontera": [ask.border], "solo_trata": ["1"] if ask.core else [], "format": [ask.format],
             "al": [ask.at.isoformat()] if ask.at else []}
    return {name: texts for name, texts in asked.items() if any(texts)}


def described(ask: FactAsk) -> dict[str, Any]:
    """What an entry of the trail says of an asking."""
    return {"units": list(_units(ask)), "since": ask.period.since, "until": ask.period.until, "district": ask.district,
            "border": ask.border, "core": ask.core, "format": ask.format}


def told(ask: FactAsk, made: FactFile) -> dict[str, Any]:
    """What an entry of the trail says of a file."""
    return described(ask) | {"at": made.at.isoformat(), "rows": dict(made.written.rows), "digests": dict(made.written.digests)}


def note(viewer: Viewer, ask: FactAsk, made: FactFile) -> None:
    """The entry of a file. Run inside a unit of work, before the bytes leave."""
    audit.note(viewer, "facts.exported", audit.Subject("facts"), reason=made.reason, detail=told(ask, made))


# -- rows ------------------------------------------------------------------------------------------------------------------


def _asked(viewer: Viewer, unit: str, ask: FactAsk, at: datetime) -> ColumnElement[bool]:
    table = FACTS[unit]
    conditions = [standing(unit, at), figures.told(viewer, table), within(table.c[_DATED], ask.period)]
    if ask.core:
        conditions.append(table.c.reported_core == YES)
    return and_(*conditions, *in_places(table, ask.district, ask.border))


def _tables(viewer: Viewer, ask: FactAsk, at: datetime, progress: Callable[[int], None] | None) -> Iterator[Table]:
    done = iter(range(1, 10**12))
    for unit in _units(ask):
        makers = [_Maker(column) for column in facts.UNITS[unit].columns.values() if column.name != _NUMBER]
        columns = [Column("record_id", said("Clave del registro"), "integer"), *(head for one in makers for head in one.heads()),
                   Column("unknowns", said("Respondidas con NSP o N/C"))]
        yield Table(SHEETS[unit], SHEETS[unit].capitalize(), columns, _rows(viewer, unit, ask, at, makers, done, progress))


def _rows(viewer: Viewer, unit: str, ask: FactAsk, at: datetime, makers: Sequence[_Maker], done: Iterator[int],
          progress: Callable[[int], None] | None) -> Iterator[list[Cell]]:
    table = FACTS[unit]
    wanted = select(table.c.record_id, *(table.c[one.column.name] for one in makers), table.c.unknowns).where(
        _asked(viewer, unit, ask, at)).order_by(table.c.record_id)
    for record_id, *values, unknowns in db.session.execute(wanted, execution_options={"yield_per": _BATCH}):
        row: list[Cell] = [record_id]
        for maker, value in zip(makers, values, strict=True):
            row += maker.cells(value)
        row.append("; ".join(f"{name}: {word}" for name, word in sorted((unknowns or {}).items())))
        if progress is not None:
            progress(next(done))
        yield row


class _Maker:
    """The cells of one column: the answer, and where it is a code its Spanish label beside it, whoever asks.

    Were the label in the language of the viewer, so would the digest be.
    """

    def __init__(self, column: facts.Column) -> None:
        self.column = column
        self.list_name = _list_of(column)
        self._labelled = bool(self.list_name) or column.kind is Kind.YES_NO or column.name == "minor"
        self._labels: dict[str, str] = {}

    def heads(self) -> list[Column]:
        field, name = self.column.field, self.column.name
        label = field.label_es if field else name
        kind: CellKind = _KINDS.get(self.column.kind, "code")
        head = Column(name, label, kind, definition=field.help_es if field else "", values=self.list_name)
        return [head, Column(f"{name}_label", f"{label} ({said('etiqueta')})")] if self._labelled else [head]

    def cells(self, value: Any) -> list[Cell]:
        if value is None:
            return [None, None] if self._labelled else [None]
        codes = value if isinstance(value, tuple) else (value,)
        if self.column.kind is Kind.DAY:
            return [_month(value)]
        cell: Cell = "; ".join(codes) if isinstance(value, tuple) else value
        return [cell, "; ".join(self._label(code) for code in codes)] if self._labelled else [cell]

    def _label(self, code: str) -> str:
        if code not in self._labels:
            self._labels[code] = _labelled(self.list_name, code)
        return self._labels[code]


def _month(day: date) -> str:
    """A day of a procedural act is told as its month."""
    return f"{day:%Y-%m}"


def _list_of(column: facts.Column) -> str:
    if column.name in _AGES:
        return "age_group"
    if column.field is None:
        return _LISTS.get(column.name, "")
    if column.field.fact == "1:department":
        return "ubigeo_department"
    return "" if column.kind not in (Kind.CODE, Kind.CODES) else column.field.list_name


def _labelled(list_name: str, code: str) -> str:
    if list_name == "ISO-3166" and code in countries("es"):
        return countries("es")[code]
    if list_name == "ISO-639" and code in languages("es"):
        return languages("es")[code]
    if list_name and not list_name.startswith("ISO") and code in codelist(list_name):
        return codelist(list_name)[code].label_es
    return _UNKNOWN.get(code) or (_YES_NO.get(code, code) if not list_name else code)


def _lists(ask: FactAsk) -> Table:
    """The code lists that the columns of the sheets use."""
    return lists_of(name for unit in _units(ask) for column in facts.UNITS[unit].columns.values()
                    if (name := _list_of(column)) and not name.startswith("ISO"))
