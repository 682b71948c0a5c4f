"""The pages of reports: each as tables with their charts, and as a file with the same figures."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from sistra.access.may import may
from sistra.formats import chart
from sistra.formats.table import printed
from sistra.rules.problems import Rejected
from sistra.rules.reports.definitions import REPORTS
from sistra.rules.reports.tables import Crosstab, Line
from sistra.services import monthly, report_files, reports
from sistra.services.reports import Ask, Told
from sistra.services.unit import unit_of_work
from sistra.web.downloads import read_only, sent
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.reports.forms import ReportForm, month_in, period_in

bp = Blueprint("reports", __name__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as the page shows it: heads (label, is a number), rows of cells, the row of totals, its chart."""

    title: str
    heads: list[tuple[str, bool]]
    rows: list[list[str]]
    foot: list[str]
    chart: Markup | None
    note: str


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
    if kind not in report_files.FORMATS:
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
                  _instant(request.args.get("al", "")))
        told = reports.tell(viewer(), ask)
    except Rejected as refused:
        form.land(refused.problems)
        return form, None
    form.desde.data, form.hasta.data = f"{period.first:%m/%Y}", f"{period.last:%m/%Y}"
    form.cifras.data = told.ask.audience
    return form, told


def _instant(text: str) -> datetime | None:
    """An instant of a permanent link; whatever else stands there is no instant."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


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
            "headline": [(_(label), text) for label, text in report_files.headline(told, language())],
            "method": _grouped(report_files.method(told, language())),
            "tables": [_shown(one) for one in told.tables], "permanent": _permanent(told), "at": printed(told.at),
            "rounded": _(report_files.ROUNDED) if told.rounded else "",
            "files": [(name, url_for("reports.download", code=code, kind=name, **_arguments(told)))
                      for name in ("pdf", "xlsx", "csv")] if may(viewer(), "figures.export") else [],
        }
    return render_template("reports/show.html", heading=report.term.label(language()), form=form, told=told, code=code,
                           back=(_("Reportes"), url_for("reports.index")), here=url_for("reports.show", code=code), **context)


def _grouped(method: list[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Each label once with its texts, in the language of the page; dates, numbers and digests are the same in both."""
    found: dict[str, list[str]] = {}
    for label, text in method:
        found.setdefault(_(label), []).append(_(text) if text else "")
    return list(found.items())


def _shown(table: Crosstab) -> Shown:
    told = language()
    columns = report_files.columns_of(table, told)
    heads = [(_(column.label), place > 0) for place, column in enumerate(columns)]
    bars = report_files.bars(table, told)
    painted = Markup(chart.svg(chart.drawing(bars), _(bars.title))) if bars is not None and not bars.empty else None
    rows = [_cells(table, line, columns) for line in table.lines]
    note = _(report_files.SEVERAL) if table.several else ""
    return Shown(_(table.title), heads, rows, _cells(table, table.foot, columns), painted, note)


def _cells(table: Crosstab, line: Line, columns: list[Any]) -> list[str]:
    label, *figures = report_files.row_of(table, line, language())
    shown = [f"{one:.1f}" if isinstance(one, float) else printed(one, "integer") for one in figures]
    return [_(label) if language() == "es" else str(label), *shown]


# -- the monthly report of an agency -------------------------------------------------------------------------------------


@bp.get("/reportes/mensual")
@can("figures.read")
def agency_month() -> str:
    found = _month()
    monthly.note_reading(viewer(), found)
    return render_template(
        "reports/monthly.html", heading=_("Reporte mensual"), back=(_("Reportes"), url_for("reports.index")), found=found,
        at=printed(found.at), months=[(one, url_for("reports.agency_month", mes=one)) for one in monthly.months(viewer())],
        states=[(_(label), count) for label, count in monthly.by_state(found, language())],
        parts=[(one.report.code, one.report.term.label(language()), _shown(one.tables[0])) for one in found.reports],
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
