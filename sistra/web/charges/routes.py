"""The pages of charges. Every view has one silhouette: form, check, act, redirect, else render."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from sistra.codebook.dictionary import Field, record
from sistra.codebook.terms import codelist
from sistra.rules.ages import is_minor
from sistra.rules.entries import Entry, read
from sistra.rules.person_checks import counts_as_minor
from sistra.rules.problems import said
from sistra.services import accounts, charge_list, charges, drafts, people, routes
from sistra.services import history as histories
from sistra.services.records import Conflict
from sistra.services.unit import unit_of_work
from sistra.web import conflicts, offence_choices
from sistra.web.acts import accept, carried_out, entry_of, once, texts_posted, whole_number
from sistra.web.charges import list_view
from sistra.web.folders import charge_folder, field_text, lines
from sistra.web.guards import NotVisible, can, viewer
from sistra.web.pages import day, language, moment, term
from sistra.web.ui.forms import DictionaryForm, dictionary_form

bp = Blueprint("charges", __name__)

SECTIONS = {"denuncia": "denuncia", "registro": "registro", "procedencia": "procedencia", "hechos": "hechos",
            "procedimiento": "procedimiento"}
"""Sections of the dictionary that have a form of their own below `/editar/`."""


def section_fields(section: str) -> list[Field]:
    """The fields that a person enters in a section of a charge."""
    return [field for field in record("charge").of_section(section) if field.entered and (field.type != "ref" or section == "denuncia")]


@bp.get("/")
@can("charge.list")
def index() -> str:
    query = list_view.asked(request)
    page = charge_list.page(viewer(), query)
    previous, following = list_view.edges(page, query)
    return render_template(
        "charges/index.html", heading=_("Denuncias"), query=query, views=list_view.views(viewer(), page, query),
        groups=list_view.groups(page, query), chips=list_view.chips(query), heads=list_view.heads(query),
        lines=[list_view.line(row, viewer().today) for row in page.rows], counted=list_view.counted(page.totals, page.all_charges),
        previous=previous, following=following, hidden=list(_kept(query)), arguments=list_view.arguments(query), total=page.all_charges)


def _kept(query: charge_list.Query) -> Any:
    for name, value in list_view.arguments(query).items():
        if name in ("orden", "filas", "mias"):
            yield name, value


# -- a new charge ---------------------------------------------------------------------------------------------------------------

OPENING = record("charge").of_section(charges.OPENING)
DRAFT = "charges.create"


def _opening_form() -> DictionaryForm:
    who = viewer()
    form = dictionary_form(OPENING, language=language(), choices={
        "office": [(who.office_id, who.office_name)], "responsible": accounts.prosecutors(who.office_id, who.at),
        "reported_offence": offence_choices.by_weight(), "immediate_risk": _yes_no_risk(), "purpose_known": _purposes()})()
    if not request.form:
        form.fill(charges.opening_values(who))
    return form


def _yes_no_risk() -> list[tuple[str, str]]:
    return [("INM", _("Sí")), ("NIN", _("No")), ("NSP", _("No se sabe"))]


FREQUENT_PURPOSES = ("SEX", "LAB", "LAB-DOM", "LAB-MIN", "BEG", "NNA")
"""What offices record most: the rest is chosen when the charge is edited, so that opening one stays short by keyboard."""


def _purposes() -> list[tuple[str, str]]:
    purposes = codelist("exploitation_purpose")
    offered = [(code, purposes[code].label(language())) for code in FREQUENT_PURPOSES]
    return [*offered, ("OTH", _("Otra (se precisa después)")), ("NSP", _("Aún no se sabe"))]


@bp.get("/nueva")
@can("charge.open")
def create() -> str:
    return _new(_opening_form())


@bp.post("/nueva")
@can("charge.open")
def open_charge() -> Any:
    form = _opening_form()
    if request.form.get("act") == "borrador":
        return _keep_draft(form)
    if form.wants_places:
        return _new(form)
    return once(form, lambda: _opened(form)) or (_new(form), 422)


def _opened(form: DictionaryForm) -> str | None:
    entry = entry_of(form, OPENING, "charge")
    number = carried_out(form, _open_and_accept, entry, form.once.data) if entry else None
    if number is None:
        return None
    flash(_("Se abrió la denuncia %(number)s. Ahora agregue a las personas agraviadas o complete lo demás en cualquier orden.", number=number),
          "success")
    return url_for("charges.tasks", number=number)


def _open_and_accept(who: Any, entry: Entry, token: str) -> str:
    number = charges.open_charge(who, entry)
    accept(token, url_for("charges.tasks", number=number))
    drafts.discard(who, DRAFT)
    return number


def _keep_draft(form: DictionaryForm) -> Any:
    if not form.validate_on_submit():
        return _new(form), 422
    carried_out(form, drafts.keep, DRAFT, texts_posted())
    if form.errors:
        return _new(form), 422
    flash(_("Borrador guardado. Puede cerrar la página y continuar después, desde aquí o desde «Borradores»."), "success")
    return redirect(url_for("charges.create"))


def _new(form: DictionaryForm) -> str:
    draft = drafts.resume(viewer(), DRAFT)
    if draft is not None and request.method == "GET":
        form.restore(draft.texts)
    values, _problems = read(OPENING, form.posted(), viewer().today)
    return render_template("charges/new.html", heading=_("Nueva denuncia"), form=form, draft=draft,
                           saved_at=moment(draft.saved_at)[-5:] if draft else None, folded=("office", "responsible"),
                           office=viewer().office_name, duplicates=charges.likely_duplicates(viewer(), values))


# -- the folder -----------------------------------------------------------------------------------------------------------------

VICTIM_COLUMNS = (("sex", said("Sexo")), ("age_at_facts", said("Edad")), ("citizenships", said("Nacionalidad")),
                  ("main_purpose", said("Forma de explotación")))
"""What the first page of a charge shows of each victim, beside the code."""


@bp.get("/<number>")
@can("charge.read")
def show(number: str) -> str:
    found = charges.folder(viewer(), number)
    if found.standing.outline:
        return render_template("charges/outline.html", folder=charge_folder(found, "charges.show"), found=found)
    fields = record("charge").fields
    names = ("reported_offence", "purpose_known", "received_on", "notice_source", "notice_place", "facts_from", "facts_to",
             "means", "recruitment_place", "exploitation_place", "economic_benefit")
    return render_template(
        "charges/show.html", folder=charge_folder(found, "charges.show"), found=found, summary=found.charge.summary,
        rows=lines(found.charge, [fields[name] for name in names], url=None), missing=missing_links(found, number),
        people=_people_rows(number), timeline=[_timeline(item) for item in charges.timeline(viewer(), number)],
        warnings=charges.warnings(viewer(), number), team=charges.team(viewer(), number))


def _people_rows(number: str) -> list[dict[str, Any]]:
    """The victims as the first page lists them: by code, never by name."""
    fields = record("victim").fields
    named, rows = people.named(viewer(), number), []
    for one in people.victims(viewer(), number):
        rows.append({"code": one.code, "named": one.code in named, "minor": is_minor(one),
                     "guarded": counts_as_minor(one.age_at_facts, one.age_group), "cells": [
                         (_(label), field_text(fields[name], getattr(one, name))) for name, label in VICTIM_COLUMNS]})
    return rows


def _timeline(item: charges.TimelineItem) -> dict[str, Any]:
    when = day(item.occurred_on) or _("fecha no conocida")
    title = term(item.event_type, "event_type")
    return {"title": _("%(title)s (dejada sin efecto)", title=title) if item.reversed else title, "url": None,
            "text": _("%(when)s, por %(author)s", when=when, author=item.author) if item.author else when}


def missing_links(found: charges.Folder, number: str) -> list[dict[str, str]]:
    """What a complete record lacks, each as a link that lands on its field."""
    state = found.completeness
    if state is None:
        return []
    links = []
    for one in state.missing:
        label = one.field.label(language()) + (f", {one.code}" if one.code else "")
        section = record(one.field.record).sections[one.field.section].label(language())
        links.append({"label": label, "url": _field_address(number, one.field, one.code), "text": section})
    if state.victims_to_enter and "people.add_victim" in current_app.view_functions:
        links.append({"label": _("Agraviadas por registrar: %(count)s", count=state.victims_to_enter),
                      "url": url_for("people.add_victim", number=number), "text": _("Agraviadas")})
    if state.without_counts and "counts.create" in current_app.view_functions:
        links.append({"label": _("Al menos una imputación"), "url": url_for("counts.create", number=number), "text": _("Imputaciones")})
    return links


def _field_address(number: str, field: Field, code: str) -> str:
    anchor = field.name
    if field.record == "charge":
        return url_for("charges.edit", number=number, section=field.section, _anchor=anchor)
    endpoint = "people.edit_victim" if field.record == "victim" else "people.edit_accused"
    if endpoint not in current_app.view_functions:
        return url_for("charges.show", number=number)
    return url_for(endpoint, number=number, code=code, section=field.section, _anchor=anchor)


@bp.get("/<number>/hechos")
@can("charge.read_in_full")
def facts(number: str) -> str:
    found = charges.folder(viewer(), number)
    cards = [(section, record("charge").sections[section].label(language()),
              lines(found.charge, [field for field in record("charge").of_section(section) if field.entered and field.type != "ref"]))
             for section in ("hechos", "denuncia", "procedencia", "registro", "procedimiento")]
    return render_template("charges/facts.html", folder=charge_folder(found, "charges.facts"), cards=cards, found=found,
                           route=routes.legs(viewer(), number))


@bp.get("/<number>/completar")
@can("charge.amend")
def tasks(number: str) -> str:
    found = charges.folder(viewer(), number)
    return render_template("charges/tasks.html", folder=charge_folder(found, "charges.tasks"), found=found,
                           tasks=_tasks(found, number), missing=missing_links(found, number))


def _tasks(found: charges.Folder, number: str) -> list[dict[str, Any]]:
    lacking = {one.field.section for one in (found.completeness.missing if found.completeness else ()) if one.field.record == "charge"}
    entries: list[dict[str, Any]] = []

    def add(label: str, url: str, done: bool, hint: str | None = None, begun: bool = True) -> None:
        status, colour = (_("Completo"), "green") if done else (_("En curso"), "amber") if begun else (_("Sin iniciar"), "grey")
        entries.append({"label": label, "url": url, "hint": hint, "status": status, "colour": colour})

    for section in ("denuncia", "hechos", "procedencia", "registro"):
        begun = any(getattr(found.charge, field.name) not in (None, "", ()) for field in section_fields(section))
        add(record("charge").sections[section].label(language()), url_for("charges.edit", number=number, section=section),
            begun and section not in lacking, begun=begun)
    for endpoint, label, kind, declared in (("people.victims", _("Agraviadas"), "victims", found.victims),
                                            ("people.accused", _("Imputados"), "accused", found.accused),
                                            ("counts.index", _("Imputaciones"), "counts", None),
                                            ("attachments.index", _("Documentos"), "attachments", None)):
        if endpoint in current_app.view_functions:
            held = found.counted.get(kind, 0)
            lacks = any(one.field.record == kind.rstrip("s") for one in (found.completeness.missing if found.completeness else ()))
            add(label, url_for(endpoint, number=number), held > 0 and not lacks and held >= (declared or 0),
                hint=_("%(held)s de %(declared)s", held=held, declared=declared) if declared else None, begun=held > 0)
    return entries


@bp.post("/<number>/completar")
@can("charge.complete")
def complete(number: str) -> Any:
    found = charges.folder(viewer(), number)
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        version = whole_number(request.form.get("version")) or 0
        carried_out(form, charges.complete, number, version=version)
        if not form.errors:
            flash(_("El registro de %(number)s está completo.", number=number), "success")
            return redirect(url_for("charges.show", number=number))
    return render_template("charges/tasks.html", folder=charge_folder(found, "charges.tasks"), found=found, form=form,
                           tasks=_tasks(found, number), missing=missing_links(found, number)), 422


# -- editing --------------------------------------------------------------------------------------------------------------------

def _section_form(number: str, section: str) -> tuple[DictionaryForm, list[Field], charges.Folder]:
    if section not in SECTIONS:
        raise NotVisible
    found = charges.folder(viewer(), number)
    fields = section_fields(section)
    choices: dict[str, Any] = {"reported_offence": offence_choices.by_weight()}
    if section == "denuncia":
        choices |= {"office": [(found.charge.office, found.office)], "immediate_risk": None, "responsible": _responsibles(found)}
        del choices["immediate_risk"]
    reserved = {field.name for field in fields if field.sensitivity != "case" and getattr(found.charge, field.name) is not None}
    form = dictionary_form(fields, language=language(), choices=choices, reserved=reserved)()
    if not request.form:
        form.fill({field.name: getattr(found.charge, field.name) for field in fields})
        form.version.data = str(found.charge.version)
    return form, fields, found


def _responsibles(found: charges.Folder) -> list[tuple[Any, str]]:
    offered: list[tuple[Any, str]] = list(accounts.prosecutors(int(str(found.charge.office)), viewer().at))
    if found.charge.responsible not in {key for key, _name in offered}:
        offered.append((found.charge.responsible, found.responsible))
    return offered


@bp.get("/<number>/editar/<section>")
@can("charge.amend")
def edit(number: str, section: str) -> str:
    form, _fields, found = _section_form(number, section)
    draft = drafts.resume(viewer(), f"charges.edit.{section}", number=number)
    if draft is not None:
        form.restore(draft.texts)
    return _editing(form, found, number, section, draft)


@bp.post("/<number>/editar/<section>")
@can("charge.amend")
def amend(number: str, section: str) -> Any:
    form, fields, found = _section_form(number, section)
    if request.form.get("act") == "borrador":
        return _keep_section(form, number, section)
    if form.wants_places:
        return _editing(form, found, number, section)
    entry = entry_of(form, fields, "charge")
    if entry is None:
        return _editing(form, found, number, section), 422
    entry = conflicts.decided(entry, request.form)
    try:
        changed = carried_out(form, _amend_and_discard, number, section, entry)
    except Conflict as conflict:
        return conflicts.page(conflict, charge_folder(found, "charges.edit"), url_for("charges.edit", number=number, section=section)), 409
    if changed is None:
        return _editing(form, found, number, section), 422
    flash(_("Guardado: %(fields)s.", fields=", ".join(changed)) if changed else _("No había cambios que guardar."), "success")
    return redirect(url_for("charges.facts" if section != "denuncia" else "charges.show", number=number))


def _amend_and_discard(who: Any, number: str, section: str, entry: Entry) -> list[str]:
    changed = charges.amend(who, number, entry)
    drafts.discard(who, f"charges.edit.{section}", number=number)
    return changed


def _keep_section(form: DictionaryForm, number: str, section: str) -> Response:
    if form.validate_on_submit():
        with unit_of_work():
            drafts.keep(viewer(), f"charges.edit.{section}", texts_posted(), number=number)
        flash(_("Borrador guardado."), "success")
    return redirect(url_for("charges.edit", number=number, section=section))


def _editing(form: DictionaryForm, found: charges.Folder, number: str, section: str, draft: Any = None) -> str:
    named = record("charge").sections[section].label(language())
    return render_template("charges/edit.html", folder=charge_folder(found, "charges.edit"), form=form, section=section, named=named,
                           draft=draft, number=number)


# -- route ----------------------------------------------------------------------------------------------------------------------

LEG_FIELDS = [field for field in record("route_leg").fields.values()
              if field.entered and field.name not in ("charge", "victims", "sequence", "latitude", "longitude", "postal_code")]


def _leg_form(number: str, leg_id: int | None) -> tuple[DictionaryForm, charges.Folder]:
    found = charges.folder(viewer(), number)
    leg = routes.leg(viewer(), number, leg_id) if leg_id is not None else None
    reserved = {field.name for field in LEG_FIELDS if leg is not None and field.sensitivity != "case" and getattr(leg, field.name) is not None}
    form = dictionary_form(LEG_FIELDS, language=language(), reserved=reserved)()
    if not request.form:
        form.fill({field.name: getattr(leg, field.name) for field in LEG_FIELDS} if leg is not None else {"country": "PE"})
        form.version.data = str(leg.version) if leg is not None else ""
    return form, found


@bp.get("/<number>/ruta/nuevo")
@can("charge.amend")
def new_leg(number: str) -> str:
    form, found = _leg_form(number, None)
    return render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)


@bp.post("/<number>/ruta/nuevo")
@can("charge.amend")
def add_leg(number: str) -> Any:
    form, found = _leg_form(number, None)
    entry = None if form.wants_places else entry_of(form, LEG_FIELDS, "route_leg")
    if entry is not None and carried_out(form, routes.add_leg, number, entry) is not None:
        flash(_("Se agregó el tramo."), "success")
        return redirect(url_for("charges.facts", number=number))
    page = render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)
    return page if form.wants_places else (page, 422)


@bp.get("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def edit_leg(number: str, leg_id: int) -> str:
    form, found = _leg_form(number, leg_id)
    return render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)


@bp.post("/<number>/ruta/<int:leg_id>")
@can("charge.amend")
def amend_leg(number: str, leg_id: int) -> Any:
    form, found = _leg_form(number, leg_id)
    entry = None if form.wants_places else entry_of(form, LEG_FIELDS, "route_leg")
    if entry is not None:
        try:
            changed = carried_out(form, routes.amend_leg, number, leg_id, conflicts.decided(entry, request.form))
        except Conflict as conflict:
            return conflicts.page(conflict, charge_folder(found, "charges.facts"), url_for("charges.edit_leg", number=number, leg_id=leg_id)), 409
        if changed is not None:
            flash(_("Guardado."), "success")
            return redirect(url_for("charges.facts", number=number))
    page = render_template("charges/leg.html", folder=charge_folder(found, "charges.facts"), form=form, number=number)
    return page if form.wants_places else (page, 422)


# -- history and team -----------------------------------------------------------------------------------------------------------

@bp.get("/<number>/historial")
@can("charge.history")
def history(number: str) -> str:
    before = request.args.get("antes", "")
    changes_only = request.args.get("consultas") != "1"
    found = charges.folder(viewer(), number, act="history.read")
    happened = histories.of_charge(viewer(), number, before=whole_number(before),
                                   changes_only=changes_only)
    return render_template("charges/history.html", folder=charge_folder(found, "charges.history"), happened=happened, number=number,
                           changes_only=changes_only, text=field_text, last=happened[-1].number if len(happened) == 30 else None)


@bp.get("/<number>/equipo")
@can("charge.read_in_full")
def team(number: str) -> str:
    return _team(number, dictionary_form((), language=language())())


def _team(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number)
    return render_template(
        "charges/team.html", folder=charge_folder(found, "charges.team"), found=found, team=charges.team(viewer(), number), form=form,
        members=accounts.office_members(int(str(found.charge.office)), viewer().at), number=number)


@bp.post("/<number>/equipo")
@can("charge.team")
def change_team(number: str) -> Any:
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        user_id = whole_number(request.form.get("user")) or 0
        if request.form.get("act") == "quitar":
            carried_out(form, charges.remove_member, number, user_id=user_id)
        else:
            carried_out(form, charges.add_member, number, user_id=user_id, part=request.form.get("part", ""))
        if not form.errors:
            flash(_("El equipo del caso fue actualizado."), "success")
            return redirect(url_for("charges.team", number=number))
    return _team(number, form), 422


@bp.get("/<number>/reserva")
@can("charge.seal", step_up=True)
def confidentiality(number: str) -> str:
    return _confidentiality(number, dictionary_form((), language=language())())


def _confidentiality(number: str, form: DictionaryForm) -> str:
    found = charges.folder(viewer(), number)
    return render_template("charges/seal.html", folder=charge_folder(found, "charges.team"), found=found, form=form, number=number,
                           chosen=request.form.get("confidentiality") or found.charge.confidentiality,
                           reason=request.form.get("reason", ""))


@bp.post("/<number>/reserva")
@can("charge.seal", step_up=True)
def seal(number: str) -> Any:
    form = dictionary_form((), language=language())()
    if form.validate_on_submit():
        try:
            carried_out(form, charges.seal, number, confidentiality=request.form.get("confidentiality", ""),
                        reason=request.form.get("reason", ""), version=whole_number(request.form.get("version")) or 0)
        except Conflict:
            form.form_errors.append(_("Otra persona cambió la reserva mientras tanto. Revise el estado actual."))
        if not form.errors:
            flash(_("La reserva de la denuncia fue cambiada."), "success")
            return redirect(url_for("charges.team", number=number))
    return _confidentiality(number, form), 422
