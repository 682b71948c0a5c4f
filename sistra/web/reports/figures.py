"""The pages of reports: each as tables with their charts, and as a file with the same figures."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask_babel import gettext as _

from sistra.access.may import may
from sistra.formats.media import MEDIA_TYPES
from sistra.formats.table import printed
from sistra.rules.problems import Rejected
from sistra.rules.reports.definitions import REPORTS
from sistra.rules.reports.tables import Crosstab
from sistra.services import monthly, report_files, reports
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work
from sistra.web.downloads import read_only, sent
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.reports.forms import ReportForm, instant_in, period_in
from sistra.web.reports.room import bp, shown


@bp.get("/reportes/")
@can("figures.read")
def index() -> str:
    who = viewer()
    listed = [(one.code, one.term.label(language()), _(one.counted)) for one in reports.offered(who)]
    return render_template("reports/index.html", heading=_("Reportes"), listed=listed, workbook=may(who, "facts.export"),
                           monthly=monthly.offered(who), month=monthly.latest(who))


@bp.get("/reportes/<code>")
@can("figures.read")
def show(code: str) -> Any:
    form, told = _asked(code)
    if told is None:
        return _page(code, form, None), 422
    report_files.note_reading(viewer(), told)
    return _page(code, form, told)


@bp.get("/reportes/<code>/<kind>")
@can("figures.export")
def download(code: str, kind: str) -> Any:
    if kind not in MEDIA_TYPES:
        abort(404)
    form, told = _asked(code)
    if told is None:
        return _page(code, form, None), 422
    made = report_files.make(viewer(), told, kind, _permanent(told))
    read_only()
    with unit_of_work():
        report_files.note(viewer(), told, kind)
    return sent(made.content, made.name, made.media_type)


def _asked(code: str) -> tuple[ReportForm, Told | None]:
    if code not in REPORTS:
        abort(404)
    form = ReportForm(viewer(), request.args, language=language())
    try:
        period = period_in(form.desde.data or "", form.hasta.data or "", reports.default_period(viewer()))
        ask = Ask(code, period, form.distrito.data or "", form.frontera.data or "", form.cifras.data or reports.INTERNAL,
                  instant_in(request.args.get("al", "")))
        told = reports.tell(viewer(), ask)
    except Rejected as refused:
        form.land(refused.problems)
        return form, None
    form.desde.data, form.hasta.data = f"{period.first:%m/%Y}", f"{period.last:%m/%Y}"
    form.cifras.data = told.ask.audience
    return form, told


def _arguments(told: Told) -> dict[str, Any]:
    ask = told.ask
    kept = {"desde": ask.period.since, "hasta": ask.period.until, "distrito": ask.district, "frontera": ask.border,
            "cifras": ask.audience, "al": told.at.isoformat()}
    return {name: value for name, value in kept.items() if value}


def _permanent(told: Told) -> str:
    path = url_for("reports.show", code=told.report.code, **_arguments(told))
    return str(current_app.config["BASE_URL"]).rstrip("/") + path


def _page(code: str, form: ReportForm, told: Told | None) -> str:
    report = REPORTS[code]
    context: dict[str, Any] = {}
    if told is not None:
        context = {
            "headline": [(_(label), text) for label, text in report_files.headline(told)],
            "method": _grouped(report_files.method(told, language(), _)),
            "tables": [shown(one, _linked(told, one)) for one in told.tables],
            "permanent": _permanent(told), "at": printed(told.at),
            "repeats": _(report_files.repeats(told)),
            "rounded": _(report_files.ROUNDED) if told.rounded else "",
            "files": [(name, url_for("reports.download", code=code, kind=name, **_arguments(told)))
                      for name in ("pdf", "xlsx", "csv")] if may(viewer(), "figures.export") else [],
        }
    return render_template("reports/show.html", heading=report.term.label(language()), form=form, told=told, code=code,
                           back=(_("Reportes"), url_for("reports.index")), here=url_for("reports.show", code=code), **context)


def _linked(told: Told, table: Crosstab) -> Callable[[str, str], str | None]:
    """The way from a cell to the list of the charges that it counts, for who sees them."""
    who = viewer()

    def linked(row: str, column: str) -> str | None:
        cell = reports.cell_of(who, told, table, row, column)
        return url_for("charges.index", celda=cell.text()) if cell is not None else None
    return linked


def _grouped(method: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Each label once with its texts, in the language of the page; dates, numbers and digests are the same in both."""
    found: dict[str, list[str]] = {}
    for label, text in method:
        found.setdefault(_(label), []).append(_(text) if text else "")
    return list(found.items())
