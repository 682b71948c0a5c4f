"""Agencies and offices: their lists, one of them, and the forms that add, amend and end them."""
from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.services import accounts
from sistra.services import institutions as kept
from sistra.services.institutions import Institution, Kind
from sistra.services.records import Conflict
from sistra.web.accounts.room import REASON, answer, bp, done, paged, tabs
from sistra.web.acts import carried_out, entry_of
from sistra.web.folders import field_text
from sistra.web.guards import can, viewer
from sistra.web.pages import language
from sistra.web.ui.forms import DictionaryForm, dictionary_form

KINDS: dict[str, Kind] = {"entidades": "agency", "despachos": "office"}
"""Word of the address -> record."""
_LIST = "/<any(entidades, despachos):kind>"


def _words(kind: str) -> dict[str, str]:
    if kind == "entidades":
        return {"list": _("Entidades"), "new": _("Agregar una entidad"), "units": _("Despachos"),
                "above": _("Entidad superior")}
    return {"list": _("Despachos"), "new": _("Agregar un despacho"), "units": _("Personas"), "above": _("Entidad")}


def _form(kind: str, *, added: bool) -> DictionaryForm:
    agencies = [(one.id, one.name) for one in accounts.agencies()]
    offices = [(one.id, one.name) for one in accounts.offices()]
    form: DictionaryForm = dictionary_form(
        kept.fields_of(KINDS[kind], added=added), language=language(),
        choices={"agency": agencies, "parent": agencies, "superior": offices})()
    return form


@bp.get(_LIST)
@can("accounts.manage")
def institutions(kind: str) -> str:
    text, ended = request.args.get("q", "").strip()[:100], "terminadas" in request.args
    page = paged(partial(kept.listed, viewer(), KINDS[kind], text=text, ended=ended), lambda row: row.code)
    words = _words(kind)
    return render_template("accounts/institutions.html", heading=words["list"], tabs=tabs(KINDS[kind]), page=page,
                           kind=kind,
                           words=words, text=text, ended=ended)


@bp.route(f"{_LIST}/agregar", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def add_institution(kind: str) -> Response:
    form = _form(kind, added=True)
    fields = kept.fields_of(KINDS[kind], added=True)
    if not form.wants_places and (entry := entry_of(form, fields, KINDS[kind])) is not None:
        code = carried_out(form, kept.add, KINDS[kind], entry)
        if code is not None:
            flash(_("Se agregó %(code)s.", code=code), "success")
            return redirect(url_for("accounts.institution", kind=kind, code=code), 303)
    return answer("accounts/institution_form.html", form, heading=_words(kind)["new"],
                  cancel=url_for("accounts.institutions", kind=kind))


@bp.get(f"{_LIST}/<code>")
@can("accounts.manage")
def institution(kind: str, code: str) -> str:
    found = kept.one(viewer(), KINDS[kind], code)
    return render_template("accounts/institution.html", heading=found.name, found=found, kind=kind, words=_words(kind),
                           rows=_rows(kind, found))


def _rows(kind: str, found: Institution) -> list[dict[str, Any]]:
    """The definition list of one of them; references by their names."""
    names = accounts.office_names([found.values.get("superior") or 0])
    rows = []
    for field in kept.fields_of(KINDS[kind], added=True):
        value = found.values[field.name]
        if field.type == "ref":
            value = names.get(value) if field.name == "superior" else found.belongs_to
        text = field_text(field, value) if field.type != "ref" and value not in (None, ()) else value
        rows.append({"label": field.label(language()), "value": text, "state": "value" if text else "blank",
                     "url": None})
    return rows


@bp.route(f"{_LIST}/<code>/cambiar", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def amend_institution(kind: str, code: str) -> Response:
    found, form = kept.one(viewer(), KINDS[kind], code), _form(kind, added=False)
    form.fill(found.values)
    form.version.data = form.version.data or str(found.version)
    fields = kept.fields_of(KINDS[kind], added=False)
    conflict = False
    if not form.wants_places and (entry := entry_of(form, fields, KINDS[kind])) is not None:
        try:
            if carried_out(form, done, kept.amend, KINDS[kind], code, entry):
                flash(_("Cambios guardados."), "success")
                return redirect(url_for("accounts.institution", kind=kind, code=code), 303)
        except Conflict as met:
            conflict = True
            _show_conflict(form, met)
    return answer("accounts/institution_form.html", form, conflict=conflict, heading=found.name,
                  cancel=url_for("accounts.institution", kind=kind, code=code))


def _show_conflict(form: DictionaryForm, met: Conflict) -> None:
    """What was typed stays; each field that both changed says what the other saved, and the next send decides."""
    form.version.data = str(met.version)
    for clash in met.clashes:
        answer_field = form.answers[clash.field.name]
        saved = field_text(clash.field, clash.theirs) if clash.theirs not in (None, "", ()) else _("en blanco")
        answer_field.errors = [*answer_field.errors, _(
            "Otra persona guardó «%(value)s» mientras usted escribía. Si envía otra vez, queda lo suyo", value=saved)]


@bp.route(f"{_LIST}/<code>/terminar", methods=["GET", "POST"])
@can("accounts.manage", step_up=True)
def end_institution(kind: str, code: str) -> Response:
    found = kept.one(viewer(), KINDS[kind], code)
    if found.valid_to is not None and request.method == "GET":
        abort(404)
    form = dictionary_form([REASON], language=language())()
    if form.validate_on_submit() and carried_out(
            form, done, kept.end, KINDS[kind], code, str(form["reason"].text)):
        flash(_("La vigencia terminó. Los registros anteriores conservan su nombre."), "success")
        return redirect(url_for("accounts.institution", kind=kind, code=code), 303)
    return answer("accounts/end.html", form, heading=_("Terminar la vigencia de %(name)s", name=found.name),
                  back=(found.name, url_for("accounts.institution", kind=kind, code=code)), consequences=[
                      _("Deja de ofrecerse en los formularios desde hoy."),
                      _("Nada se borra: los registros anteriores conservan su nombre.")])
