"""Exports of the list on screen, and case files as PDF. What leaves is on the trail before its bytes do."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from sistra.access.may import require
from sistra.codebook.dictionary import record
from sistra.formats.dossier import Dossier
from sistra.formats.pdf import write_dossier
from sistra.formats.table import lima
from sistra.rules import file_names
from sistra.rules.ages import is_minor
from sistra.rules.problems import Rejected
from sistra.services import charge_list, charges, court_cases, export_runs, exports, identities, jobs, people
from sistra.services.unit import unit_of_work
from sistra.web.downloads import read_only, sent
from sistra.web.files.forms import ChargeDossierForm, DossierForm, ExportForm
from sistra.web.folders import charge_folder
from sistra.web.guards import can, standing, to_step_up, viewer
from sistra.web.pages import language

bp = Blueprint("files", __name__)


# -- the list as a workbook -------------------------------------------------------------------------------------------------


@bp.get("/denuncias/exportar")
@can("charge.export", step_up=True)
def export_charges() -> str:
    return _export_page(_export_form())


@bp.post("/denuncias/exportar")
@can("charge.export", step_up=True)
def download_charges() -> Any:
    form = _export_form()
    if not form.validate_on_submit():
        return _export_page(form), 422
    read_only()
    ask = exports.Ask(
        _query(),
        tuple(form.units.data or ()),
        "csv" if form.format.data == "csv" else "xlsx",
        form.reason_code.data or "",
        form.reason_text.data or "",
        _permanent_link(),
    )
    try:
        rows = sum(exports.count_rows(viewer(), ask.query, exports.units_of(ask)).values())
        if not exports.at_once(rows):
            return _in_background(ask, rows)
        exported = exports.make(viewer(), ask)
    except Rejected as refused:
        form.land(refused.problems)
        return _export_page(form), 422
    with unit_of_work():
        exports.note(viewer(), ask, exported)
    return sent(exported.content, exported.name, exported.media_type)


def _in_background(ask: exports.Ask, rows: int) -> Any:
    """Leaves a long export to the worker; its task is left once its row is kept. Raises Rejected."""
    with unit_of_work():
        slug, key = export_runs.queue(viewer(), "charges", ask, rows)
    jobs.enqueue(key, lambda: datetime.now(UTC))
    return redirect(url_for("exports.show", run_id=slug), 303)


def _query() -> Any:
    return charge_list.asked(request.args.to_dict(flat=False))


def _arguments() -> dict[str, Any]:
    return charge_list.address(_query())


def _permanent_link() -> str:
    return str(current_app.config["BASE_URL"]).rstrip("/") + url_for("files.export_charges", **_arguments())


def _export_form() -> ExportForm:
    form = ExportForm(language=language())
    if not form.is_submitted():
        form.units.data = ["charges"]
    return form


def _export_page(form: ExportForm) -> str:
    counts = exports.count_rows(viewer(), _query(), tuple(exports.UNITS))
    form.units.choices = [
        SelectChoice(
            unit, f"{record(exports.UNITS[unit].record).export_sheet} ({ngettext('%(num)d fila', '%(num)d filas', counts[unit])})"
        )
        for unit in exports.UNITS
    ]
    return render_template(
        "files/export.html",
        heading=_("Exportar denuncias"),
        form=form,
        back=(_("Denuncias"), url_for("charges.index", **_arguments())),
        filters=[
            (_(label), "; ".join(_(one) for one in value.split("; ")))
            for label, value in exports.filter_words(_query(), language(), charge_list.named(viewer(), _query()))
        ],
        counts=counts,
        at_once=exports.at_once(sum(counts.values())),
        most=exports.most_at_once(),
        action=url_for("files.download_charges", **_arguments()),
        columns=[
            (record(unit.record).export_sheet, [(field.name, field.label(language())) for field in exports.fields_of(name)])
            for name, unit in exports.UNITS.items()
        ],
    )


# -- a charge as PDF --------------------------------------------------------------------------------------------------------


@bp.get("/denuncias/<number>/pdf")
@can("charge.export")
def charge_dossier(number: str) -> str:
    require(viewer(), "charge.print", standing())
    return _charge_page(number, _charge_form(number))


@bp.post("/denuncias/<number>/pdf")
@can("charge.export")
def download_charge(number: str) -> Any:
    require(viewer(), "charge.print", standing())
    form = _charge_form(number)
    codes = tuple(form.codes.data or ())
    if codes and not viewer().stepped_up:
        return to_step_up(viewer())
    if not form.validate_on_submit():
        return _charge_page(number, form), 422
    reveal = exports.Reveal(codes, form.reveal_code.data or "", form.reveal_text.data or "")
    try:
        with unit_of_work():
            dossier = exports.of_charge(
                viewer(),
                number,
                form.sections.data or (),
                reason_code=form.reason_code.data or "",
                reason_text=form.reason_text.data or "",
                reveal=reveal,
            )
    except Rejected as refused:
        form.land(refused.problems)
        return _charge_page(number, form), 422
    return _printed(dossier, number)


def _printed(dossier: Dossier, number: str) -> Any:
    stream = BytesIO()
    write_dossier(stream, dossier)
    return sent(stream.getvalue(), f"sistra-{number}-{lima(viewer().at):%Y%m%d-%H%M}.pdf", "application/pdf")


def _charge_form(number: str) -> ChargeDossierForm:
    form = ChargeDossierForm(language=language())
    read = [listed for listed, section in ((people.victims, "AGR"), (people.accused, "IMP")) if standing().reads(section)]
    minors = {str(one.code) for listed in read for one in listed(viewer(), number) if is_minor(one)}
    offered = exports.offered(standing())
    form.sections.choices = [SelectChoice(name, _(exports.CHARGE_SECTIONS[name])) for name in offered]
    form.codes.choices = [
        SelectChoice(code, _labelled(code, guarded, minors))
        for code, guarded, allowed in identities.revealable(viewer(), number)
        if allowed
    ]
    if not form.is_submitted():
        form.sections.data = offered
    return form


def _labelled(code: str, guarded: bool, minors: set[str]) -> str:
    if not guarded:
        return code
    return f"{code} ({_('menor de edad') if code in minors else _('edad por confirmar')})"


def _charge_page(number: str, form: ChargeDossierForm) -> str:
    found = charges.folder(viewer(), number)
    return render_template("files/charge.html", folder=charge_folder(found, "files.charge_dossier"), form=form, number=number)


# -- a court case as PDF ----------------------------------------------------------------------------------------------


@bp.get("/expedientes/<int:key>/pdf")
@can("court_case.read")
def court_case_dossier(key: int) -> str:
    require(viewer(), "charge.export")
    return _court_case_page(key, _court_case_form())


@bp.post("/expedientes/<int:key>/pdf")
@can("court_case.read")
def download_court_case(key: int) -> Any:
    require(viewer(), "charge.export")
    form = _court_case_form()
    if not form.validate_on_submit():
        return _court_case_page(key, form), 422
    try:
        with unit_of_work():
            dossier = exports.of_court_case(
                viewer(),
                key,
                form.sections.data or (),
                reason_code=form.reason_code.data or "",
                reason_text=form.reason_text.data or "",
            )
    except Rejected as refused:
        form.land(refused.problems)
        return _court_case_page(key, form), 422
    case = court_cases.folder(viewer(), key).case
    return _printed(dossier, file_names.of_court_case((case.docket_number, case.other_number), key))


def _court_case_form() -> DossierForm:
    form = DossierForm(language=language())
    form.sections.choices = [SelectChoice(name, _(label)) for name, label in exports.COURT_SECTIONS.items()]
    if not form.is_submitted():
        form.sections.data = list(exports.COURT_SECTIONS)
    return form


def _court_case_page(key: int, form: DossierForm) -> str:
    found = court_cases.folder(viewer(), key)
    number = court_cases.label_of(found.case) or _("Expediente sin número")
    return render_template(
        "files/court_case.html",
        heading=_("PDF del expediente"),
        lead=number,
        form=form,
        key=key,
        back=(number, url_for("court_cases.show", key=key)),
    )
