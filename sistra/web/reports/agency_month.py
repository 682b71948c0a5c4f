"""The monthly report of an agency, on screen and as a printed file."""
from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from sistra.formats.table import printed
from sistra.rules.problems import Rejected
from sistra.rules.reports.periods import month_named
from sistra.services import monthly, report_files
from sistra.services.unit import unit_of_work
from sistra.web.downloads import read_only, sent
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.reports.forms import month_in
from sistra.web.reports.room import bp, shown


@bp.get("/reportes/mensual")
@can("figures.read")
def agency_month() -> str:
    found = _month()
    monthly.note_reading(viewer(), found)
    return render_template(
        "reports/monthly.html", heading=_("Reporte mensual"), back=(_("Reportes"), url_for("reports.index")), found=found,
        at=printed(found.at), closed=month_named(found.closed.first, language()),
        months=[(month_named(one, language()), url_for("reports.agency_month", mes=f"{one:%Y-%m}"), one == found.period.first)
                for one in monthly.months(viewer())],
        states=[(_(label), count) for label, count in monthly.by_state(found, language())],
        parts=[(one.report.code, one.report.term.label(language()), shown(one.tables[0])) for one in found.reports],
        rounded=_(report_files.ROUNDED), pdf=url_for("reports.agency_month_file", mes=found.period.since))


@bp.get("/reportes/mensual/pdf")
@can("figures.export")
def agency_month_file() -> Any:
    found = _month()
    made = monthly.printed(viewer(), found)
    read_only()
    with unit_of_work():
        monthly.note(viewer(), found)
    return sent(made.content, made.name, made.media_type)


def _month() -> monthly.Monthly:
    text = request.args.get("mes", "")
    try:
        first = month_in(text, "mes") if text else monthly.latest(viewer()).first
        return monthly.of(viewer(), first)
    except Rejected:
        abort(404)
