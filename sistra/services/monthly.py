"""The monthly report of an agency: the charges offered to it in the month, then the country's figures, rounded.

A month in which nothing was shared has a report too: that nothing was is what it says.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Final

from sistra.access import figures
from sistra.access.figures import Reach
from sistra.access.may import may, require
from sistra.access.standing import Forbidden
from sistra.access.viewer import Viewer
from sistra.codebook.terms import codelist
from sistra.formats.figures import FigureReport, FigureTable
from sistra.formats.media import MEDIA_TYPES
from sistra.formats.report_pdf import write_reports
from sistra.formats.table import Column, Table, digest
from sistra.formats.table import printed as printed_value
from sistra.rules.entries import LIMA
from sistra.rules.problems import Problem, Rejected, said
from sistra.rules.reports.periods import Period, month_named
from sistra.services import audit, report_files, reports
from sistra.services.report_files import ReportFile
from sistra.services.reports import AGENCIES, Ask, Told
from sistra.services.sharing import shares
from sistra.services.sharing.shares import Share

PARTS: Final = ("R01", "R04", "R06")
_OFFERED_BACK = 12
"""Months that the page offers to go back to."""


@dataclass(frozen=True, slots=True)
class Monthly:
    """The report of one month. `received` are the grants offered in it, by the state in which they stand now.

    The country's figures are of the month too or, while it is not closed, of the last one that is (`closed`).
    """

    period: Period
    closed: Period
    at: datetime
    agency: str
    received: tuple[Share, ...]
    reports: tuple[Told, ...]


def offered(viewer: Viewer) -> bool:
    """Whether the viewer has a monthly report: charges are shared with agencies, and they are told rounded figures."""
    return may(viewer, "figures.read") and figures.reach(viewer) is Reach.AGENCY


def latest(viewer: Viewer) -> Period:
    """The present month."""
    return Period.months_of(viewer.today, viewer.today)


def months(viewer: Viewer) -> list[date]:
    """The first days of the months that may be chosen, the present one first."""
    index = viewer.today.year * 12 + viewer.today.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(index, index - _OFFERED_BACK, -1)]


def of(viewer: Viewer, first: date) -> Monthly:
    """The report of the month that begins on that day. Raises Forbidden, and Rejected for a month that has not begun."""
    require(viewer, "grant.inbox")
    if not offered(viewer):
        raise Forbidden("figures.read")
    if first > viewer.today:
        raise Rejected(Problem("mes", said("Ese mes aún no empieza")))
    period = Period.months_of(first, first)
    closed = min(period, _last_closed(viewer), key=lambda one: one.first)
    told = tuple(reports.tell(viewer, Ask(code, closed, audience=AGENCIES)) for code in PARTS)
    received = tuple(one for one in shares.received(viewer) if period.first <= one.offered_on <= period.last)
    return Monthly(period, closed, viewer.at, viewer.office_name, received, told)


def _last_closed(viewer: Viewer) -> Period:
    day = reports.settled(viewer).astimezone(LIMA).date() - timedelta(days=1)
    return Period.months_of(day, day)


def by_state(found: Monthly, language: str) -> list[tuple[str, int]]:
    """How many of the month's offers stand in each state: every state, be it none."""
    counted = Counter(one.state for one in found.received)
    return [(term.label(language), counted[code]) for code, term in codelist("grant_state").items()]


def printed(viewer: Viewer, found: Monthly) -> ReportFile:
    """The report as a printed file. Nothing is on the trail yet: `note` it before the bytes leave. Raises Forbidden."""
    require(viewer, "figures.export")
    stream = BytesIO()
    parts = [_shared(viewer, found), *(report_files.document(one, viewer, "") for one in found.reports)]
    title = said("Reporte mensual %(month)s") % {"month": f"{found.period.first:%m/%Y}"}
    write_reports(stream, title, found.agency, parts)
    return ReportFile(stream.getvalue(), f"sistra-reporte-mensual-{found.period.since}.pdf", MEDIA_TYPES["pdf"], parts[0].digest)


def _shared(viewer: Viewer, found: Monthly) -> FigureReport:
    states = Table("estados", said("Denuncias compartidas en el mes, por estado"), (
        Column("estado", said("Estado"), width=40), Column("denuncias", said("Denuncias"), "integer")),
        [*by_state(found, "es"), (said("Total"), len(found.received))])
    listed = Table("recibidas", said("Denuncias compartidas en el mes"), (
        Column("denuncia", said("Denuncia"), "code", width=24), Column("despacho", said("Despacho que comparte"), width=40),
        Column("estado", said("Estado"), width=18), Column("ofrecida", said("Ofrecida"), "date"),
        Column("hasta", said("Vigente hasta"), "date")), list(_rows(found.received)))
    tables = [FigureTable(states)] + ([FigureTable(listed, total=False)] if found.received else [])
    headline = [(said("Entidad"), found.agency), (said("Mes"), month_named(found.period.first, "es")),
                (said("Denuncias compartidas en el mes"), str(len(found.received)))]
    method = [(said("Datos al"), printed_value(found.at)),
              (said("Definición"), said("Denuncias que se ofrecieron a su entidad en el mes, por el estado en que están hoy. "
                                        "Son cifras propias de su entidad y no se redondean; las del país, sí."))]
    footer = said("Datos al %(at)s. Generado por %(by)s") % {"at": printed_value(found.at), "by": viewer.full_name}
    return FigureReport("", said("Denuncias compartidas con su entidad"), found.agency, headline, tables, method,
                        states, digest(states), footer, said("RESERVADO"))


def _rows(received: Sequence[Share]) -> list[tuple[object, ...]]:
    states = codelist("grant_state")
    return [(one.number, one.office, states[one.state].label_es, one.offered_on, one.view.valid_until) for one in received]


def _detail(found: Monthly) -> dict[str, object]:
    digests = {one.report.code: one.digest for one in found.reports}
    return {"month": found.period.since, "received": len(found.received), "digests": digests}


def note_reading(viewer: Viewer, found: Monthly) -> None:
    """The entry of a monthly report that was looked at."""
    audit.note(viewer, "report.read", audit.Subject("report"), detail=_detail(found))


def note(viewer: Viewer, found: Monthly) -> None:
    """The entry of one that leaves as a file. Run inside a unit of work, before the bytes leave."""
    audit.note(viewer, "report.exported", audit.Subject("report"), detail=_detail(found) | {"format": "pdf"})

