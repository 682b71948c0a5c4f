"""A told report on its way out: as workbook, csv or printed file, always in Spanish, with how its figures were made."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

from sistra.access.figures import Reach
from sistra.access.may import require
from sistra.access.viewer import Viewer
from sistra.codebook.edition import edition
from sistra.codebook.offences import offences
from sistra.codebook.terms import codelist
from sistra.formats.chart import Bars
from sistra.formats.csv import write_csv_zip
from sistra.formats.figures import FigureReport, FigureTable
from sistra.formats.media import ENDINGS, MEDIA_TYPES
from sistra.formats.report_book import write_report_book
from sistra.formats.report_pdf import write_reports
from sistra.formats.table import Column, Provenance, Table, printed
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.reports.dimensions import NO_DATA
from sistra.rules.reports.periods import Period
from sistra.rules.reports.tables import Crosstab, Line
from sistra.services import audit
from sistra.services.reports import Told, tidy

_MONTHS_DRAWN = 24

ROUNDED: Final = said("Cifras redondeadas a múltiplos de 5 por una regla fija y reservada, cada una por su cuenta: por eso las "
                      "filas pueden no sumar el total, una parte puede superar al todo y los porcentajes pueden no sumar 100. "
                      "Protege a las personas detrás de cifras pequeñas.")
SEVERAL: Final = said("Una misma persona puede estar en varias filas: la suma de filas puede superar el total.")
REPEATS: Final = said("El enlace vuelve a dar las mismas cifras y la misma huella, aunque después se registren cambios, a toda "
                      "persona que pueda ver las mismas cifras.")
REPEATS_UNLESS: Final = said("El enlace vuelve a darle las mismas cifras y la misma huella, aunque después se registren, "
                             "deriven, acumulen o corrijan denuncias. Solo cambian si se sella una denuncia que estaba contada, "
                             "o si cambia lo que usted puede ver: su despacho, su distrito o las fiscalías especializadas.")
CLOSED_LEFT_OUT: Final = said("No se cuentan las denuncias selladas. Desde que se sella, una denuncia tampoco se cuenta en las "
                              "cifras de fechas anteriores.")
_REACH_WORDS: Final = {
    Reach.COUNTRY: said("Todo el país"), Reach.AGENCY: said("Todo el país"), Reach.SUBSYSTEM: said("Fiscalías especializadas"),
    Reach.DISTRICT: said("Su distrito fiscal"), Reach.OFFICE: said("Su despacho")}
_BANNER: Final = {True: said("CIFRAS REDONDEADAS"), False: said("USO INTERNO")}


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A finished file. `digest` is of the figures in it."""

    content: bytes
    name: str
    media_type: str
    digest: str


def reach_words(told: Told) -> str:
    """Whose figures they are; a sentence of the interface."""
    return _REACH_WORDS[told.reach]


Saying = Callable[[str], str]
"""Gives a sentence of the interface in the reader's language; files are in Spanish and leave it as it is."""


def _spanish(sentence: str) -> str:
    return sentence


def period_words(period: Period, say: Saying = _spanish) -> str:
    """01/2026 a 11/2026."""
    return say(said("%(since)s a %(until)s")) % {"since": f"{period.first:%m/%Y}", "until": f"{period.last:%m/%Y}"}


def filters(told: Told, language: str, say: Saying = _spanish) -> list[tuple[str, str]]:
    """What was asked, in words: label and value. Labels are sentences of the interface."""
    ask = told.ask
    found = [(said("Periodo (meses completos)"), period_words(ask.period, say)), (said("Alcance"), reach_words(told))]
    if ask.district:
        found.append((said("Distrito fiscal"), codelist("fiscal_district")[ask.district].label(language)))
    if ask.border:
        found.append((said("Región fronteriza"), next(term.label(language) for term in codelist("border_region").values()
                                                      if term.parent == ask.border)))
    return found


def articles(period: Period, say: Saying = _spanish) -> list[str]:
    """The articles of trafficking that what is counted may be of, with their validity, and which are still to be confirmed.

    All that were in force until the end of the period: facts are of the law of their day, and may be years older than it.
    Paragraphs of one article that hold from the same day are one.
    """
    found = []
    for one in offences().values():
        if one.core and one.in_force(None, period.last):
            until = f"{one.valid_to:%d/%m/%Y}" if one.valid_to else say(said("vigente"))
            since = f"{one.valid_from:%d/%m/%Y}" if one.valid_from else "?"
            doubt = "" if one.verified else say(said(" (por confirmar en el texto oficial)"))
            found.append(f"art. {one.article} ({since} – {until}){doubt}")
    return list(dict.fromkeys(found))


def repeats(told: Told) -> str:
    """What its permanent link gives again, and when it cannot; a sentence of the interface."""
    return REPEATS_UNLESS if told.closed_left_out or told.reach not in (Reach.COUNTRY, Reach.AGENCY) else REPEATS


def method(told: Told, language: str, say: Saying = _spanish) -> list[tuple[str, str]]:
    """How the figures were made: labels and sentences of the interface, except the values, put together by `say`."""
    report = told.report
    found = [
        (said("Unidad"), report.counted), *filters(told, language, say), (said("Datos al"), printed(told.at)),
        *((said("Definición"), one) for one in report.definition), *((said("Exclusiones"), one) for one in report.exclusions),
    ]
    if told.closed_left_out:
        found.append((said("Exclusiones"), CLOSED_LEFT_OUT))
    if told.rounded:
        found.append((said("Redondeo"), ROUNDED))
    return [*found, (said("Artículos"), "; ".join(articles(told.ask.period, say))), (said("Edición de las listas"), edition()),
            (said("Fuente"), said("SISTRA: registro de denuncias y procesos por trata del Ministerio Público")),
            (said("Huella SHA-256"), told.digest)]


def headline(told: Told) -> list[tuple[str, str]]:
    """The figures to read first: label (a sentence of the interface) and text."""
    found = [(said("Total"), f"{told.total:,}")]
    if told.before is not None:
        found.append((said("Periodo anterior de igual duración"), f"{told.before:,}"))
    if told.before:
        change = (told.total - told.before) * 100 / told.before
        found.append((said("Variación"), f"{change:+.1f} %"))
    found += [(label, f"{number:,}") for label, number in told.asides]
    return [*found, (said("Sin mes conocido, no contadas"), f"{told.undated:,}")]


# -- tables and charts ---------------------------------------------------------------------------------------------------


def _wide(label: str) -> int:
    """Characters that a column of figures needs: its longest word, a figure of six digits."""
    return max(7, *(len(word) + 1 for word in label.split()))


def columns_of(table: Crosstab, language: str) -> list[Column]:
    """The columns of a table as it is read: the row's label, its figures, its total, share and rank."""
    labels = [line.category.label(language) for line in table.lines]
    found = [Column("fila", table.row_label, width=min(34, max(map(len, labels), default=0) + 4))]
    found += [Column(f"columna_{place}", column.label(language), "integer", width=_wide(column.label(language)))
              for place, column in enumerate(table.columns, 1)]
    if not table.measured:
        found.append(Column("total", said("Total"), "integer", width=8))
    if table.ranked:
        found += [Column("porcentaje", "%", "decimal"), Column("puesto", said("Puesto"), "integer")]
    return found


def row_of(table: Crosstab, line: Line, language: str) -> list[Any]:
    """The cells of a row under `columns_of`."""
    cells: list[Any] = [line.category.label(language), *line.figures]
    if not table.measured:
        cells.append(line.total)
    if table.ranked:
        cells += [None if line.share is None else line.share / 10, line.rank]
    return cells


def bars(table: Crosstab, language: str) -> Bars | None:
    """The chart of a table that asks for one: its rows, in parts by its columns where there are few, months in a line.

    Rounded parts need not add up to their total: then the bar is the total, so that it says what the table says.
    """
    if not table.drawn:
        return None
    if table.name == "by_month":
        return _of_months(table, language)
    lines = [line for line in table.lines if line.category.code != NO_DATA or line.total or any(line.figures)]
    if table.measured:
        return Bars(table.title, (table.columns[0].label(language),), tuple(
            (line.category.label(language), (line.figures[0] or 0,)) for line in lines if any(line.figures)))
    if table.columns and not table.several and len(table.columns) <= 5:
        if any(sum(one or 0 for one in line.figures) != line.total for line in lines):
            return Bars(table.title, (), tuple((line.category.label(language), (line.total or 0,)) for line in lines))
        series = tuple(column.label(language) for column in table.columns)
        return Bars(table.title, series, tuple(
            (line.category.label(language), tuple(one or 0 for one in line.figures)) for line in lines))
    return Bars(table.title, (), tuple((line.category.label(language), (line.total or 0,)) for line in lines if line.total))


def _of_months(table: Crosstab, language: str) -> Bars:
    years = [line for line in table.lines if line.category.code != NO_DATA]
    if len(years) * 12 > _MONTHS_DRAWN:
        return Bars(table.title, (), tuple((line.category.code, (line.total or 0,)) for line in years))
    return Bars(table.title, (), tuple(
        (f"{column.label(language)} {line.category.code}", (figure or 0,)) for line in years
        for column, figure in zip(table.columns, line.figures, strict=True)
        if figure is not None and (column.code != NO_DATA or figure)))


def _read(number: int, table: Crosstab) -> Table:
    rows = [row_of(table, line, "es") for line in (*table.lines, table.foot)]
    return Table(f"cuadro_{number}", table.title, columns_of(table, "es"), rows)


def document(told: Told, viewer: Viewer, link: str) -> FigureReport:
    """The report as its files hold it."""
    term = told.report.term
    made = [(said("Enlace permanente"), link), (said("Qué repite el enlace"), repeats(told))] if link else []
    tables = [FigureTable(_read(number, one), bars(one, "es"), SEVERAL if one.several else "")
              for number, one in enumerate(told.tables, 1)]
    scope = " · ".join(value for _, value in filters(told, "es"))
    footer = said("Datos al %(at)s. Generado por %(by)s") % {"at": printed(told.at), "by": viewer.full_name}
    return FigureReport(told.report.code, f"{term.label_es}", scope, headline(told), tables, [*method(told, "es"), *made],
                        tidy(told.tables), told.digest, footer, _BANNER[told.rounded])


def make(viewer: Viewer, told: Told, of_format: str, link: str = "") -> ReportFile:
    """The file of a report. Nothing is on the trail yet: `note` it before the bytes leave. Raises Forbidden, Rejected."""
    require(viewer, "figures.export")
    if of_format not in MEDIA_TYPES:
        raise Rejected(Problem("format", said("Elija el formato")))
    stream, doc = BytesIO(), document(told, viewer, link)
    if of_format == "pdf":
        write_reports(stream, f"{doc.number} · {doc.title}", doc.scope, [doc])
    elif of_format == "csv":
        write_csv_zip(stream, [doc.data], _provenance(viewer, told, doc, link))
    else:
        write_report_book(stream, doc, _provenance(viewer, told, doc, link))
    name = f"sistra-{told.report.code.lower()}-{told.ask.period.since}-{told.ask.period.until}.{ENDINGS[of_format]}"
    return ReportFile(stream.getvalue(), name, MEDIA_TYPES[of_format], told.digest)


def _provenance(viewer: Viewer, told: Told, doc: FigureReport, link: str) -> Provenance:
    kept = (said("Unidad"), said("Definición"), said("Exclusiones"), said("Redondeo"), said("Artículos"),
            said("Edición de las listas"), said("Fuente"), said("Qué repite el enlace"))
    return Provenance(
        title=f"{doc.number} · {doc.title}", filters=filters(told, "es"), as_of=told.at, rows={},
        user=f"{viewer.full_name} ({viewer.office_name})", reason=said("Reporte"), link=link,
        notes=[f"{label}: {text}" for label, text in doc.method if label in kept])


def described(told: Told) -> dict[str, Any]:
    """What an entry of the trail says of a report: what was asked, as of when, and the digest of the figures."""
    ask = told.ask
    return {"report": ask.code, "since": ask.period.since, "until": ask.period.until, "district": ask.district,
            "border": ask.border, "audience": ask.audience, "at": told.at.isoformat(), "reach": str(told.reach),
            "digest": told.digest}


def note_reading(viewer: Viewer, told: Told) -> None:
    """The entry of a report that was looked at."""
    audit.note(viewer, "report.read", audit.Subject("report"), detail=described(told))


def note(viewer: Viewer, told: Told, of_format: str) -> None:
    """The entry of a report that leaves as a file. Run inside a unit of work, before the bytes leave."""
    audit.note(viewer, "report.exported", audit.Subject("report"), detail=described(told) | {"format": of_format})

