"""The analyst's workbook: which facts, of which months, and why."""
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from sistra.codebook.dictionary import record
from sistra.formats.table import printed
from sistra.rules.problems import Rejected
from sistra.services import export_runs, exports, fact_book, jobs, reports
from sistra.services.fact_book import FactAsk
from sistra.services.unit import unit_of_work
from sistra.web.downloads import read_only, sent
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.reports.forms import MicrodataForm, instant_in, period_in
from sistra.web.reports.room import bp

_USUAL = ["charge", "victim", "accused"]


@bp.get("/reportes/microdatos")
@can("facts.export", step_up=True)
def microdata() -> Any:
    form = MicrodataForm(request.args, language=language(), meta={"csrf": True})
    if not form.units.data:
        form.units.data = list(_USUAL)
    ask = _asked(form)
    return (_page(form, ask), 422) if ask is None else _page(form, ask)


@bp.post("/reportes/microdatos")
@can("facts.export", step_up=True)
def download_microdata() -> Any:
    form = MicrodataForm(language=language())
    ask = _asked(form) if form.validate_on_submit() else None
    if ask is None:
        return _page(form, None), 422
    read_only()
    ask = replace(ask, at=reports.settled(viewer(), ask.at))
    ask = replace(ask, link=_permanent(ask))
    try:
        counts = fact_book.count_rows(viewer(), ask)
        rows = sum(counts[unit] for unit in ask.units if unit in counts)
        if not exports.at_once(rows):
            return _in_background(ask, rows)
        made = fact_book.make(viewer(), ask)
    except Rejected as refused:
        form.land(refused.problems)
        return _page(form, ask), 422
    with unit_of_work():
        fact_book.note(viewer(), ask, made)
    return sent(made.content, made.name, made.media_type)


def _in_background(ask: FactAsk, rows: int) -> Any:
    """Leaves a long workbook to the worker; its task is left once its row is kept. Raises Rejected."""
    with unit_of_work():
        slug, key = export_runs.queue(viewer(), "facts", ask, rows)
    jobs.enqueue(key, lambda: datetime.now(UTC))
    return redirect(url_for("exports.show", run_id=slug), 303)


def _asked(form: MicrodataForm) -> FactAsk | None:
    """What the form asks, or None after its problems were put on their fields. An instant that is none is not asked again."""
    given, form.al.data = form.al.data or "", ""
    try:
        at = instant_in(given)
        form.al.data = given
        period = period_in(form.desde.data or "", form.hasta.data or "", reports.default_period(viewer()))
    except Rejected as refused:
        form.land(refused.problems)
        return None
    form.desde.data, form.hasta.data = f"{period.first:%m/%Y}", f"{period.last:%m/%Y}"
    texts = {name: form[name].data or "" for name in ("reason_code", "reason_text")}
    return FactAsk(
        tuple(form.units.data or ()), period, form.distrito.data or "", form.frontera.data or "", bool(form.solo_trata.data),
        form.format.data or "xlsx", at=at, **texts)


def _permanent(ask: FactAsk) -> str:
    return str(current_app.config["BASE_URL"]).rstrip("/") + _address(ask)


def _address(ask: FactAsk) -> str:
    asked: dict[str, Any] = fact_book.address(ask)
    return url_for("reports.microdata", **asked)


def _page(form: MicrodataForm, ask: FactAsk | None) -> str:
    counts = fact_book.count_rows(viewer(), ask) if ask is not None else {}
    form.units.choices = [SelectChoice(unit, _unit_label(unit, counts)) for unit in fact_book.SHEETS]
    return render_template(
        "reports/microdata.html", heading=_("Microdatos"), form=form, back=(_("Reportes"), url_for("reports.index")),
        at=printed(ask.at) if ask is not None and ask.at else "", here=url_for("reports.microdata"),
        of_now=_address(replace(ask, at=None)) if ask is not None else "")


def _unit_label(unit: str, counts: dict[str, int]) -> str:
    label = record(unit).label(language())
    if unit not in counts:
        return label
    return f"{label} ({ngettext('%(num)d fila', '%(num)d filas', counts[unit])})"
